"""Who is asked, and by which client: the settings' own sources and hosts too."""

from __future__ import annotations

import os
from threading import Lock
from typing import TYPE_CHECKING

from modeldex.config import load_settings
from modeldex.errors import ForbiddenAddressError, ModeldexError
from modeldex.sources.addresses import Gate, parse_url
from modeldex.sources.apis import APIS
from modeldex.sources.client import Client
from modeldex.sources.fetching import (
    account_of,
    credential_of,
    fill,
    fill_parameters,
)
from modeldex.sources.local_address import is_loopback
from modeldex.sources.local_listing import Asking, base_of, models_of
from modeldex.sources.openai_compatible import compatible_api

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from modeldex.config import Settings
    from modeldex.domain.local_model import LocalFacts
    from modeldex.sources.api import Api

_TAGS = {"ollama": "latest"}
# what to do where a server does not answer: its name, how to start it
_STARTS = {
    "ollama": ("Ollama service", "`ollama serve`"),
    "lmstudio": ("LM Studio server", "`lms server start`"),
    "vllm": ("vLLM server", "`vllm serve MODEL`"),
}


def all_apis(settings: Settings | None = None) -> list[Api]:
    """Return the rows of all APIs, those of the settings behind."""
    own = (settings or load_settings()).sources
    return [
        *APIS,
        *(
            compatible_api(s.name, s.url, s.provider, s.keys, local=s.local)
            for s in own
            if not s.follows
        ),
    ]


def lazy_client(**options: float) -> Callable[[], Client]:
    """Return what returns one client, made when it is first needed.

    `options` are bounds in seconds and `tries`.
    """
    made: list[Client] = []
    lock = Lock()

    def client() -> Client:
        with lock:
            if not made:
                made.append(_open_client(**options))
            return made[0]

    return client


def _open_client(tries: float = 0, **bounds: float) -> Client:
    from modeldex.sources.client import TRIES, need_extra

    need_extra()
    from modeldex.sources.wire import Bounds

    gate = Gate(load_settings().local_hosts)
    kept = Bounds(**bounds) if bounds else None  # type: ignore[arg-type]
    return Client(gate, bounds=kept, tries=int(tries) or TRIES)


class HttpServer:
    """A local server, asked over HTTP; where it is stands in its variables."""

    def __init__(
        self,
        api: Api,
        client: Callable[[], Client],
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.api = api
        self.name = api.name
        self.provider = api.provider
        self.implies_tag = _TAGS.get(api.name, "")
        self._client = client
        self._environ = environ

    def place(self) -> str:
        """Return its URL. Raises InvalidSettingsError, SourceDeniedError."""
        return self._url()[0]

    def _url(self) -> tuple[str, dict[str, str]]:
        filled = fill_parameters(self.api, {}, self._environ)
        return base_of(self.api, fill(self.api.url, filled)), filled

    def account(self) -> str | None:
        """Return a mark of the key; "" for none, None where it cannot be asked."""
        return account_of(self.api, self._environ)

    def is_this_host(self) -> bool:
        """Tell whether its models surely run on this host, by address and kind.

        A server of one's own may pass requests on to one that charges for them.
        """
        return self.name in _STARTS and is_loopback(parse_url(self.place()).host)

    def hint(self) -> str:
        """Return that it is not there, how to start it, how to say where it is."""
        what, start = _STARTS.get(self.name, (f"{self.name} server", ""))
        try:
            text = f"{what} not running at {self.place()}"
        except ModeldexError as error:  # nobody says where it is
            return str(error)
        ways = [f"start it with {start}"] if start else []
        names = " or ".join(self.api.parameters.values())
        ways.append(f"set {names}" if names else f"see sources.{self.name}")
        return f"{text}; {' or '.join(ways)}"

    def models(self, known: Mapping[str, LocalFacts], at: str) -> list[LocalFacts]:
        """Ask for its models; raise SourceError."""
        url, filled = self._url()
        try:
            credential = credential_of(self.api, url, filled, self._environ)
        except ForbiddenAddressError as error:
            names = " or ".join(self.api.parameters.values())
            where = names or f"sources.{self.name}"
            raise ForbiddenAddressError(f"{where}: {error}") from None
        ask = Asking(self.api, self._client(), url, credential)
        return models_of(ask, known, at)
