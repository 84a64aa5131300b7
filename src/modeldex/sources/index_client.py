"""Outgoing HTTP: what is asked is bounded, and only named hosts are followed to.

An answer goes into a file that the caller gives, up to a size. A redirect is followed
to where a request began and to https on the hosts that were allowed, credentials go
only where they belong, and what a server says it cannot do just now is asked again a
few times. httpx2 is loaded with the first request.
"""

from __future__ import annotations

import time
from typing import IO, TYPE_CHECKING, Any, NamedTuple, NoReturn
from urllib.parse import urljoin, urlsplit, urlunsplit

from modeldex.errors import SourceError, SourceFormatError
from modeldex.sources.client import retry_after

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx2

MAX_REDIRECTS = 5
TRIES = 4
MAX_WAIT_S = 30.0
_WAIT_S = 0.5
_TIMEOUT_S = 60.0
_BUSY = frozenset((408, 425, 429, 500, 502, 503, 504))
_MOVED = frozenset((301, 302, 303, 307, 308))
_PART = 206


class Answer(NamedTuple):
    """What a server said: the status, its headers, and from where it came at last."""

    status: int
    headers: Mapping[str, str]
    url: str


class Access(NamedTuple):
    """How a registry is reached: certificates, proxy, credentials by origin."""

    ca_file: str = ""
    proxy: str = ""
    credentials: Mapping[str, str] = {}  # origin -> value of the header Authorization


def origin(url: str) -> str:
    """Return scheme, host and port of a URL in lower case, "" of what is none."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError:
        return ""
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


def without_credentials(url: str) -> str:
    """Return a URL as it may be shown: without user, password and query."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, place, parts.path, "", ""))


class Client:
    """Asks servers; safe to use from several threads at once."""

    def __init__(
        self, access: Access, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        self._access = access
        self._sleep = sleep
        self._http: httpx2.Client | None = None
        self._hosts: set[str] = set()

    def allow(self, url: str) -> None:
        """Let redirects lead to the host of a URL, by https."""
        self._hosts.add((urlsplit(url).hostname or "").lower())

    def fetch(
        self,
        url: str,
        into: IO[bytes],
        limit: int,
        headers: Mapping[str, str] | None = None,
        *,
        part: int = 0,
    ) -> Answer:
        """Write what is at a URL into a file, and return the answer's head.

        With `part`, the most bytes of an answer to a request for a range (206); a
        server that answers with the whole is held to `limit`. A status that is no
        success is returned, with no body. Raises SourceError when there is no
        answer, SourceFormatError when it is too large or leads elsewhere.
        """
        for attempt in range(1, TRIES + 1):
            into.seek(0)
            into.truncate()
            last = attempt == TRIES
            answer = self._once(url, into, limit, headers or {}, part, last=last)
            if answer is not None and (last or answer.status not in _BUSY):
                return answer
            self._sleep(_pause(attempt, answer))
        raise AssertionError  # the last attempt returns or raises

    def _once(  # noqa: PLR0913
        self,
        url: str,
        into: IO[bytes],
        limit: int,
        headers: Mapping[str, str],
        part: int,
        *,
        last: bool,
    ) -> Answer | None:
        """Ask once, redirects followed; None where the connection failed."""
        import httpx2

        at = url
        try:
            for _ in range(MAX_REDIRECTS + 1):
                head = self._head(at, headers)
                with self._open().stream("GET", at, headers=head) as answer:
                    if answer.status_code in _MOVED:
                        at = self._next(url, at, answer.headers.get("location", ""))
                        continue
                    if answer.is_success:
                        partial = part and answer.status_code == _PART
                        _copy(answer, into, part if partial else limit, at)
                    return Answer(answer.status_code, answer.headers, at)
        except (httpx2.TransportError, httpx2.DecodingError) as error:
            if not last:
                return None
            message = f"{without_credentials(at)}: {error or type(error).__name__}"
            raise SourceError(message) from error
        return _refuse(f"{without_credentials(url)}: too many redirects")

    def _head(self, url: str, headers: Mapping[str, str]) -> dict[str, str]:
        key = self._access.credentials.get(origin(url))
        return {**headers, "Authorization": key} if key else dict(headers)

    def _next(self, first: str, at: str, location: str) -> str:
        """Return where a redirect leads, if it may."""
        try:
            to = urljoin(at, location)
            parts = urlsplit(to)
            known = parts.scheme == "https" and parts.hostname in self._hosts
            if location and (known or origin(to) == origin(first)):
                return to
            shown = without_credentials(to)
        except ValueError:
            shown = repr(location[:80])
        return _refuse(f"{without_credentials(at)}: leads to {shown}, not followed")

    def _open(self) -> httpx2.Client:
        if self._http is None:
            import ssl

            import httpx2

            context = ssl.create_default_context(cafile=self._access.ca_file or None)
            options: dict[str, Any] = {}
            if self._access.proxy:
                options["proxy"] = self._access.proxy
            self._http = httpx2.Client(
                verify=context,
                timeout=_TIMEOUT_S,
                follow_redirects=False,
                headers={"User-Agent": "modeldex", "Accept-Encoding": "identity"},
                **options,
            )
        return self._http

    def close(self) -> None:
        """Close what connections are open."""
        if self._http is not None:
            self._http.close()
            self._http = None


def _copy(answer: httpx2.Response, into: IO[bytes], limit: int, url: str) -> None:
    size = 0
    for piece in answer.iter_bytes():
        size += len(piece)
        if size > limit:
            _refuse(f"{without_credentials(url)}: larger than {limit} bytes")
        into.write(piece)


def _pause(attempt: int, answer: Answer | None) -> float:
    """Return how long to wait: what the server asks for, within bounds."""
    wanted = retry_after(answer.headers.get("retry-after")) if answer else None
    return min(max(wanted or 0.0, _WAIT_S * (1 << attempt - 1)), MAX_WAIT_S)


def _refuse(message: str) -> NoReturn:
    raise SourceFormatError(message)
