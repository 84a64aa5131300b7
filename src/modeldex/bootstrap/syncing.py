"""What a sync asks: provider APIs, public catalogues, servers of this host."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modeldex.bootstrap.asking import all_apis, lazy_client
from modeldex.bootstrap.federating import followed_sources
from modeldex.bootstrap.importing import SOURCES, read_claims
from modeldex.catalog.merging.claims import Claims
from modeldex.config import load_settings
from modeldex.domain.source_name import FOLLOWED
from modeldex.domain.syncing import Answer
from modeldex.errors import (
    InvalidInputError,
    InvalidSettingsError,
    SourceDeniedError,
    SourceError,
)
from modeldex.sources.api import Reading
from modeldex.sources.apis import find_api, read_recorded
from modeldex.sources.client import Validators
from modeldex.sources.fetching import (
    account_of,
    credential_of,
    fetch,
    fill,
    fill_parameters,
)
from modeldex.sources.packages import read_payload
from modeldex.sources.strict_json import read_json
from modeldex.usecases.sync.guarding import Guarding
from modeldex.usecases.sync.run import Desk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from modeldex.domain.syncing import SourceState
    from modeldex.ports import Source
    from modeldex.sources.api import Api
    from modeldex.sources.client import Client
    from modeldex.usecases.stored import StoredCatalog

API, CATALOGUE, LOCAL = "api", "catalogue", "local"
# public catalogues of many providers' models, as they are now
CATALOGUES = {
    "models.dev": "https://models.dev/api.json",
    "litellm": "https://raw.githubusercontent.com/BerriAI/litellm/main/"
    "model_prices_and_context_window.json",
    "genai-prices": "https://raw.githubusercontent.com/pydantic/genai-prices/main/"
    "prices/data.json",
}
# the rows of payloads of which several may be one model, or one several
_ROWS: Mapping[str, Callable[[Any], int]] = {
    "litellm": len,
    "genai-prices": lambda providers: sum(len(p["models"]) for p in providers),
}
_PRESENCE = "presence"


class ApiSource:
    """A provider's own list of models."""

    def __init__(
        self,
        api: Api,
        client: Callable[[], Client],
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.api = api
        self.name = api.name
        self.provider = api.provider
        self.needs = api.keys
        self.authority = api.authority
        self.kind = LOCAL if api.local else API
        self._client = client
        self._environ = environ

    @property
    def place(self) -> str:
        """The URL of the list; "" where it cannot be told."""
        try:
            filled = fill_parameters(self.api, {}, self._environ)
        except (SourceDeniedError, InvalidSettingsError):
            return ""
        return fill(self.api.url, filled)

    def lacks(self) -> str:
        """Return which variable must be set; "" for none."""
        try:
            filled = fill_parameters(self.api, {}, self._environ)
            url = fill(self.api.url, filled)
            credential_of(self.api, url, filled, self._environ)
        except SourceDeniedError as error:
            return str(error)
        return ""

    def account(self) -> str | None:
        """Return a mark of the key; "" where it needs none, None where it lacks it."""
        return account_of(self.api, self._environ)

    def ask(self, state: SourceState, at: str) -> Answer:
        """Ask for the list, to its last page."""
        known = Validators(state.etag or None, state.last_modified or None)
        asked = known if state.digest else None
        fetched = fetch(self.api, self._client(), environ=self._environ, known=asked)
        if fetched.not_modified:
            return again(self._empty(at), state)
        if fetched.error is not None:
            raise fetched.error
        digest = sha256()
        for body in fetched.bodies:
            digest.update(body)
        if digest.hexdigest() == state.digest:
            return again(self._empty(at), state)
        reading = self.api.read(fetched.pages, at, self.api)
        found = answer_of(self.api, reading, at)
        said = fetched.validators or Validators()
        return replace(
            found,
            digest=digest.hexdigest(),
            etag=said.etag or "",
            last_modified=said.last_modified or "",
        )

    def _empty(self, at: str) -> Answer:
        nothing = Claims(self.name, at[:10], {})
        return answer_of(self.api, Reading(nothing, 0), at)


def again(answer: Answer, state: SourceState) -> Answer:
    """Return that a source says what it said before."""
    return replace(
        answer,
        rows=state.rows,
        complete=state.complete,
        digest=state.digest,
        etag=state.etag,
        last_modified=state.last_modified,
        same=True,
    )


def answer_of(api: Api, reading: Reading, at: str) -> Answer:
    """Return an API's reading as the answer of its source."""
    claims = reading.claims
    return Answer(
        api.name,
        at,
        claims.models,
        reading.rows,
        api.provider,
        reading.complete,
        api.scoped,
        is_list=_PRESENCE in api.authority,
        skipped=_skipped(claims),
        pointers=reading.aliases,
    )


def _skipped(claims: Claims) -> dict[str, int]:
    return dict(Counter(reason for _, reason in claims.skipped))


class CatalogueSource:
    """A public catalogue of many providers' models."""

    kind = CATALOGUE
    provider = ""
    needs: tuple[str, ...] = ()
    authority: frozenset[str] = frozenset()

    def __init__(self, name: str, url: str, client: Callable[[], Client]) -> None:
        self.name = name
        self._url = self.place = url
        self._client = client

    def lacks(self) -> str:
        """Return nothing: it needs no key."""
        return ""

    def account(self) -> str | None:
        """Return that it is asked by anybody."""
        return ""

    def ask(self, state: SourceState, at: str) -> Answer:
        """Fetch the catalogue, unless it is the one that is known."""
        known = Validators(state.etag or None, state.last_modified or None)
        asked = known if state.digest else None
        got = self._client().get(self._url, known=asked)
        digest = state.digest if got.not_modified else sha256(got.body).hexdigest()
        if digest == state.digest:
            return again(Answer(self.name, at, {}, 0), state)
        found = translated(self.name, read_json(got.body), at)
        etag, day = got.etag or "", got.last_modified or ""
        return replace(found, digest=digest, etag=etag, last_modified=day)


def translated(name: str, payload: Any, at: str) -> Answer:
    """Return a public catalogue's payload as the answer of its source."""
    claims: Claims = import_module(SOURCES[name]).translate(payload, at[:10])
    counted = _ROWS.get(name)
    rows = counted(payload) if counted else len(claims.models) + len(claims.skipped)
    return Answer(name, at, claims.models, rows, skipped=_skipped(claims))


def recorded(name: str, file: str, at: str) -> Answer:
    """Return what a file holds that a source once answered, as if it did now.

    Raises InvalidInputError for an unknown source, SourceError, SourceFormatError.
    """
    low = name.lower()
    path = Path(file)
    if low in SOURCES:
        return translated(low, read_payload(low, path), at)
    api = find_api(low)
    if api is None:
        own = (row for row in all_apis() if low in (row.name, row.provider))
        api = next(own, None)
    if api is None:
        known = ", ".join(sorted([*SOURCES, *(row.name for row in all_apis())]))
        raise InvalidInputError(f"unknown source {name!r:.60}; known are {known}")
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"{api.name}: cannot read {file}: {error.strerror or error}"
        raise SourceError(message) from error
    found = answer_of(api, read_recorded(api, data, at), at)
    return replace(found, digest=sha256(data).hexdigest())


def source_names() -> list[str]:
    """Return the names of all sources that can be asked."""
    followed = [FOLLOWED + own.name for own in load_settings().sources if own.follows]
    return sorted([*CATALOGUES, *followed, *(api.name for api in all_apis())])


def open_desk(stored: StoredCatalog) -> tuple[Desk, Sequence[Source]]:
    """Return what a sync works with, and the sources that can be asked."""
    client = lazy_client()
    sources: list[Source] = [ApiSource(api, client) for api in all_apis()]
    sources += [CatalogueSource(*item, client) for item in CATALOGUES.items()]
    sources += followed_sources(stored)
    authority = {source.name: source.authority for source in sources}
    return Desk(stored, read_claims, Guarding, authority), sources
