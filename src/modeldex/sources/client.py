"""The one outgoing client of sources: every request leaves through here.

It follows no redirect, keeps no cookie, reads no proxy from the environment, and
connects to checked addresses only (`addresses.py`, `wire.py`). What an answer holds is
in no error: only its status, its type and its size are.
"""

from __future__ import annotations

import random
import re
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from modeldex.errors import (
    MissingExtraError,
    SourceDeniedError,
    SourceError,
    SourceFormatError,
    SourceUnavailableError,
)
from modeldex.sources.addresses import Gate
from modeldex.sources.secret import mask

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping

    from modeldex.sources.auth import Credential
    from modeldex.sources.wire import Bounds, Exchange, Received, Sending

TRIES = 3
FIRST_WAIT, LONGEST_WAIT = 0.5, 8.0  # seconds, of which a random part is waited
LONGEST_AFTER = 20.0  # seconds of a Retry-After that are waited for
MAX_AFTER = 86_400.0
OK, NOT_MODIFIED = 200, 304
DENIED = (401, 403)
LATER = (429, 503)
PASSING = (408, 425, *LATER, 500, 502, 504)
_TYPE = re.compile(r"[a-z]{1,20}/[a-z0-9.+-]{1,60}")
_TAG = re.compile(r'(?:W/)?"[!#-~]{0,250}"')
_DATE = re.compile(r"[A-Za-z0-9,: +-]{1,64}")


@dataclass(frozen=True, slots=True)
class Validators:
    """What an answer said of itself, to ask later whether it has changed."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source said; `body` is empty where nothing was modified."""

    status: int
    body: bytes = field(repr=False)
    content_type: str = ""
    etag: str | None = None
    last_modified: str | None = None

    @property
    def not_modified(self) -> bool:
        """Whether the answer is still the one that is known."""
        return self.status == NOT_MODIFIED

    @property
    def validators(self) -> Validators:
        """What to ask with the next time."""
        return Validators(self.etag, self.last_modified)


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Why there is no answer yet; `after` is when the source wants to be asked."""

    error: SourceError
    again: bool
    after: float | None = None


class Client:
    """Asks sources over HTTP.

    `gate` says where connections may go, `bounds` how long they last and how much is
    read; `tls` is the trust, by default the system's. Threads may share a client.
    Raises MissingExtraError without the extra `sync`.
    """

    def __init__(  # noqa: PLR0913
        self,
        gate: Gate | None = None,
        *,
        bounds: Bounds | None = None,
        tls: ssl.SSLContext | None = None,
        tries: int = TRIES,
        sleep: Callable[[float], object] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        need_extra()
        from modeldex.sources import wire

        self.gate = gate or Gate()
        self.bounds = bounds or wire.Bounds()
        self._send = wire.send
        self._sending = wire.Sending
        self._tls = tls
        self._tries, self._sleep, self._chance = tries, sleep, chance

    def get(  # noqa: PLR0913
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        secret: Credential | None = None,
        known: Validators | None = None,
        local: bool = False,
        binary: bool = False,
    ) -> Answer:
        """Get a JSON document, or learn that it is the one that is known.

        With `binary` it may be any bytes.

        Failures that pass are tried again, with growing random waits; 429 and 503 when
        the source says (Retry-After), where that is soon. Raises
        ForbiddenAddressError, SourceDeniedError (401, 403), SourceUnavailableError
        (no answer, any other failure, a redirect) with `retry_after`, and
        SourceFormatError (no JSON by its type, too large, a 304 that was not asked
        for, or a key repeated).
        """
        accept = "*/*" if binary else "application/json"
        asked = {"Accept": accept, **(headers or {})}
        if known and known.etag:
            asked["If-None-Match"] = known.etag
        elif known and known.last_modified:
            asked["If-Modified-Since"] = known.last_modified
        target = self.gate.admit(url, local=local)
        sending = self._sending("GET", target, _own(asked), b"", secret, local, binary)
        return self._ask(sending)

    def listen(  # noqa: PLR0913
        self,
        url: str,
        take: Callable[[bytes], bool],
        opened: Callable[[Callable[[], None]], object],
        *,
        seconds: float,
        headers: Mapping[str, str] | None = None,
        secret: Credential | None = None,
        local: bool = False,
    ) -> None:
        """Give a stream of events to `take` as it comes, until that returns False.

        It ends with the stream, and after so many seconds in any case. `opened` is
        given what ends it from another thread. Raises as `get` does; it is tried once.
        """
        from modeldex.sources.wire import hearing

        asked = {"Accept": "text/event-stream", "User-Agent": "modeldex"}
        target = self.gate.admit(url, local=local)
        sending = self._sending(
            "GET", target, asked | dict(headers or {}), b"", secret, local, binary=True
        )
        deadline = time.monotonic() + seconds + self.bounds.connect
        outcome = self._once(sending, deadline, hearing(take, opened))
        if not isinstance(outcome, Answer):
            raise outcome.error

    def post(
        self,
        url: str,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        secret: Credential | None = None,
        local: bool = False,
    ) -> Answer:
        """Ask with a JSON body, of a question that changes nothing; as `get`."""
        asked = {"Accept": "application/json", "Content-Type": "application/json"}
        target = self.gate.admit(url, local=local)
        asked |= headers or {}
        sending = self._sending("POST", target, _own(asked), body, secret, local)
        return self._ask(sending)

    def _ask(self, sending: Sending) -> Answer:
        deadline = time.monotonic() + self.bounds.total
        attempt = 0
        while True:
            attempt += 1
            outcome = self._once(sending, deadline)
            if isinstance(outcome, Answer):
                return outcome
            wait = self._wait(outcome, attempt, deadline)
            if wait is None:
                raise outcome.error
            self._sleep(wait)

    def _wait(self, trouble: _Trouble, attempt: int, deadline: float) -> float | None:
        """Return how long to wait before the next try, or None for no more."""
        if not trouble.again or attempt >= self._tries:
            return None
        wait = self._chance() * min(LONGEST_WAIT, FIRST_WAIT * 2**attempt)
        if trouble.after is not None:
            if trouble.after > LONGEST_AFTER:
                return None
            wait += trouble.after
        return wait if time.monotonic() + wait < deadline else None

    def _once(
        self, sending: Sending, deadline: float, exchange: Exchange | None = None
    ) -> Answer | _Trouble:
        """Try once. Errors are made here and raised elsewhere: they carry no frame.

        So no traceback holds a request's headers, nor what the library said.
        """
        from modeldex.sources.wire import Failed, tls_context

        host = sending.target.host
        if self._tls is None and sending.target.scheme == "https":
            self._tls = tls_context()
        try:
            got = self._send(
                sending, self.gate, self.bounds, deadline, self._tls, exchange
            )
        except SourceError as error:
            passing = isinstance(error, SourceUnavailableError)
            return _Trouble(_bare(error, host), again=passing)
        if isinstance(got, Failed):
            silent = SourceUnavailableError(f"{host} {got.why}")
            return _Trouble(silent, got.again)
        return _judged(got, sending)


def need_extra() -> None:
    """Raise MissingExtraError where the HTTP library is not installed."""
    from importlib.util import find_spec

    if find_spec("httpx2") is None:
        raise MissingExtraError(
            "asking a source needs httpx2: pip install 'modeldex[sync]'"
        )


def _own(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of every request, and those of this one."""
    return {"User-Agent": "modeldex", "Accept-Encoding": "gzip", **headers}


def _bare(error: SourceError, host: str) -> SourceError:
    """Return an error without the frames and causes that it came by."""
    message = str(error)
    if host not in message:
        message = f"{host}: {message}"
    return type(error)(message)


def _judged(got: Received, sending: Sending) -> Answer | _Trouble:
    """Return the answer where it is one, else the trouble with it."""
    host, status = sending.target.host, got.status
    if status in (OK, NOT_MODIFIED):
        try:
            return _answer(got, sending)
        except SourceFormatError as error:
            return _Trouble(_bare(error, host), again=False)
    said = f"{host} answered {status}"
    if status in DENIED:
        denied = SourceDeniedError(f"{said}: it refuses the key, or asks for one")
        return _Trouble(denied, again=False)
    if 300 <= status < 400:  # noqa: PLR2004
        said += ", a redirect, which is not followed"
    after = retry_after(got.headers.get("retry-after"))
    silent = SourceUnavailableError(said, after, status)
    return _Trouble(silent, status in PASSING, after)


def _answer(got: Received, sending: Sending) -> Answer:
    asked = {"If-None-Match", "If-Modified-Since"}
    if got.status == NOT_MODIFIED and asked.isdisjoint(sending.headers):
        raise SourceFormatError("answered 304, which was not asked for")
    kind = got.headers.get("content-type", "").partition(";")[0].strip().lower()
    if got.status == OK and not (sending.binary or _may_be_json(kind, got.body)):
        told = mask(kind) if _TYPE.fullmatch(kind) else "no JSON"
        raise SourceFormatError(f"answered {told}, {len(got.body)} bytes, not JSON")
    for secret in sending.credential.secrets if sending.credential else ():
        if secret.is_in(got.body):
            raise SourceFormatError("the answer repeats the key")
    etag, modified = got.headers.get("etag", ""), got.headers.get("last-modified", "")
    return Answer(
        got.status,
        got.body,
        kind,
        etag if _TAG.fullmatch(etag) and mask(etag) == etag else None,
        modified if _DATE.fullmatch(modified) and mask(modified) == modified else None,
    )


def _may_be_json(kind: str, body: bytes) -> bool:
    """Tell whether a body may be JSON: by its type, and by how it begins."""
    named = kind.endswith(("/json", "+json")) or kind in (
        *("", "text/plain", "application/octet-stream"),
    )
    return named and body.lstrip(b" \t\r\n\xef\xbb\xbf")[:1] in (b"{", b"[")


def retry_after(text: str | None) -> float | None:
    """Return the seconds of a Retry-After: a number, or a date that is to come."""
    if not text or len(text) > 64:  # noqa: PLR2004
        return None
    if text.strip().isascii() and text.strip().isdigit():
        return min(float(text), MAX_AFTER)
    try:
        seconds = parsedate_to_datetime(text).timestamp() - time.time()
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), MAX_AFTER)
