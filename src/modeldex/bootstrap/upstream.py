"""Another registry of modeldex, asked over HTTP: a service, or files of a site."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from modeldex.config import load_settings
from modeldex.errors import (
    ForbiddenAddressError,
    InvalidInputError,
    SourceFormatError,
)
from modeldex.sources.addresses import Gate, parse_url
from modeldex.sources.auth import HeaderKey
from modeldex.sources.client import Client, Validators, need_extra
from modeldex.sources.event_stream import EventReader
from modeldex.sources.secret import Secret, find_secret
from modeldex.usecases.mirror_parts import Heard, Said
from modeldex.usecases.publishing import MANIFEST, MAX_SNAPSHOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

TOKEN = "MODELDEX_TOKEN"  # noqa: S105
_MARGIN = 15.0  # seconds that a stream of events may be silent beyond its end


def base_url(url: str) -> str:
    """Return the base of a registry's URL, with a slash at its end.

    Raises InvalidInputError.
    """
    base = url.removesuffix(MANIFEST).rstrip("/") + "/"
    try:
        parse_url(base)
    except ForbiddenAddressError as error:
        raise InvalidInputError(f"a registry's URL: {error}") from None
    if "?" in base:
        raise InvalidInputError("a registry's URL has no query; a token goes apart")
    return base


def token_for(url: str, token: str | None, keys: Iterable[str] = ()) -> Secret | None:
    """Return the token for a registry, bound to its host; None for none.

    `keys` are references of where it is, by default MODELDEX_TOKEN.
    """
    host = parse_url(url).host
    if token is None:
        return find_secret(tuple(keys) or (TOKEN,), host)
    return find_secret((TOKEN,), host, {TOKEN: token})


class HttpUpstream:
    """Asks below one base URL only; a token is sent to its host alone.

    Private addresses are those of this host and of the setting local_hosts, and only
    there is plain http enough. Raises MissingExtraError.
    """

    def __init__(self, url: str, token: Secret | None = None) -> None:
        need_extra()
        from modeldex.sources.wire import Bounds

        self.url = base_url(url)
        gate = Gate(load_settings().local_hosts)
        target = gate.admit(self.url, local=True)
        if target.literal:
            gate.addresses(target, local=True)
        elif target.scheme != "https" and not gate.is_near(target):
            raise ForbiddenAddressError(
                f"{target.host} is asked over https; http is for this host, and for "
                "those of the setting local_hosts"
            )
        whole = Bounds(connect=5, read=30, total=300, max_bytes=MAX_SNAPSHOT)
        self._client = Client(gate, bounds=whole, tries=1)
        self._gate = gate
        self._key = None if token is None else HeaderKey(token)
        self._lock = Lock()
        self._end: Callable[[], None] | None = None
        self._is_over = False

    def manifest(self, known: Said | None) -> Said | None:
        """Ask for the manifest; None where it is the one that is known."""
        asked = None
        if known is not None:
            asked = Validators(known.etag or None, known.last_modified or None)
        answer = self._client.get(
            self.url + MANIFEST, known=asked, secret=self._key, local=True
        )
        if answer.not_modified:
            return None
        return Said(answer.body, answer.etag or "", answer.last_modified or "")

    def fetch(self, path: str) -> bytes:
        """Fetch a file below the base."""
        url = self.url + path
        return self._client.get(url, secret=self._key, local=True, binary=True).body

    def listen(
        self, path: str, seconds: float, last: str, hear: Callable[[Heard], bool]
    ) -> None:
        """Give events to `hear` until it returns False, or the seconds are over."""
        from modeldex.sources.wire import Bounds

        reader = EventReader()

        def take(data: bytes) -> bool:
            return all(hear(Heard(*event)) for event in reader.feed(data))

        bounds = Bounds(connect=5, read=seconds + _MARGIN, total=seconds + _MARGIN)
        client = Client(self._gate, bounds=bounds, tries=1)
        try:
            client.listen(
                f"{self.url}{path}?timeout={max(int(seconds), 1)}",
                take,
                self._opened,
                seconds=seconds,
                headers={"Last-Event-ID": last} if last else {},
                secret=self._key,
                local=True,
            )
        except ValueError as error:
            raise SourceFormatError(f"{self.url}{path}: {error}") from None
        finally:
            with self._lock:
                self._end = None

    def _opened(self, end: Callable[[], None]) -> None:
        with self._lock:
            self._end = end
            is_over = self._is_over
        if is_over:  # it was hung up while this one connected
            end()

    def hang_up(self) -> None:
        """End a `listen` of another thread, now and for good."""
        with self._lock:
            self._is_over = True
            end = self._end
        if end is not None:
            end()
