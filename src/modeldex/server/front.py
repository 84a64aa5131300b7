"""The thin layer before the routes: hosts, callers, limits, and answers known already.

An answer to a question about the catalogue holds until the catalogue changes or the day
does. The first one is made by the route, which decides whether it may be read; the same
question then gets the same bytes, or a 304, without the way through the routes.
"""

from __future__ import annotations

import asyncio
import time
from http import HTTPStatus
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

from modeldex.errors import InvalidInputError, ModeldexError
from modeldex.server.answers import Answer, Answers, packed
from modeldex.server.limits import Buckets
from modeldex.server.problems import problem_of
from modeldex.server.route import Policy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from modeldex.server.answers import Key, Pairs
    from modeldex.server.service import Service

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

RATE, BURST = 50.0, 500.0  # requests per second of a caller, and at once
WRITE_COST = 5.0
BAD_TOKEN_COST = 25.0  # of one that may be a guess; clients send keys of others too
OURS = b"mdx_"
_WORTH_PACKING = 1_024  # bytes
_VALID = [
    (b"vary", b"accept, accept-encoding, authorization"),
    (b"cache-control", b"no-cache"),
]
_SAFE = [(b"x-content-type-options", b"nosniff"), *_VALID]
_OWN = (b"etag", b"content-length")
_REVISION = b"x-modeldex-revision"
_HERE = ("127.0.0.1", "::1", "")
# what packing makes no smaller
_PACKED = (
    b"application/zip",
    b"application/gzip",
    b"application/vnd.apache.parquet",
)


class Front:
    """ASGI: answers what it knows, passes on the rest."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app, self._service = app, service
        self.answers = Answers()
        self._making: dict[Key, asyncio.Future[None]] = {}
        self._of: tuple[object, str] = (None, "")
        self._tag = ""
        self._hosts: set[bytes] = set()
        self._buckets = Buckets(RATE, BURST, time.monotonic)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        if len(headers) != len(scope["headers"]):
            headers = _joined(scope)
        try:
            caller = self._admit(scope, headers)
            answer = self._known(scope, headers, caller)
            making = None if answer else self._making.get(_key(scope, headers))
            if making is not None and b"min_revision" not in scope["query_string"]:
                # somebody asked the same just now, as many do after each revision
                await asyncio.wait([making])
                answer = self._known(scope, headers, caller)
        except ModeldexError as error:
            await self._refuse(error, scope, send)
            return
        if answer is not None:
            await self._send(answer, scope, headers, send)
            return
        await self._pass(scope, headers, receive, send)

    # who asks

    def _admit(self, scope: Scope, headers: dict[bytes, bytes]) -> Any:
        """Return who asks, or None; hold hosts and limits."""
        host = headers.get(b"host", b"")
        if host not in self._hosts:
            self._check_host(host)
        authorization = headers.get(b"authorization")
        caller = None
        if authorization is not None:
            caller = self._service.access.caller(authorization)
        state = scope.setdefault("state", {})
        state["caller"], state["given"] = caller, authorization is not None
        if self._service.limited:
            address = _address(scope, headers)
            if address not in _HERE:
                self._count(scope, _whose(address), caller, authorization)
        return caller

    def _check_host(self, host: bytes) -> None:
        """Refuse names that are not ours: another site's page may have sent it."""
        name = host.decode("latin-1").lower()
        name = name[1 : name.find("]")] if name[:1] == "[" else name.partition(":")[0]
        allowed = self._service.hosts
        if name not in allowed and not ("*" in allowed and _is_address(name)):
            message = f"host {name[:80]!r} is none of ours; see trusted_hosts"
            raise InvalidInputError(message)
        if len(self._hosts) < 100:  # noqa: PLR2004  spellings of few names
            self._hosts.add(host)

    def _count(
        self, scope: Scope, address: str, caller: Any, given: bytes | None
    ) -> None:
        cost = 1.0 if scope["method"] in ("GET", "HEAD") else WRITE_COST
        if given is not None and caller is None and OURS in given:
            cost = BAD_TOKEN_COST
        name = address if caller is None else f"token {caller.name}"
        self._buckets.take(name, cost)

    # what is known already

    def _known(
        self, scope: Scope, headers: dict[bytes, bytes], caller: Any
    ) -> Answer | None:
        catalog = self._service.registry.catalog
        day, of = catalog.today(), self._of
        if catalog is not of[0] or day != of[1]:
            self._of, before = (catalog, day), self._tag
            self._tag = self._service.tag
            if self._tag != before:  # a swap may change nothing, as when a file is kept
                self.answers.clear()
                return None
        if scope["method"] not in ("GET", "HEAD"):
            return None
        answer = self.answers.get(_key(scope, headers))
        access = self._service.access
        if answer is not None and not access.reading:
            given = b"authorization" in headers
            access.may(Policy.READ, caller, given=given)
        return answer

    async def _send(
        self, answer: Answer, scope: Scope, headers: dict[bytes, bytes], send: Send
    ) -> None:
        matched = headers.get(b"if-none-match")
        if matched is not None and _matches(matched, answer.etag):
            found = answer.headers.get(b"304")
            if found is None:
                more = [pair for pair in answer.more if pair[0] == _REVISION]
                found = [(b"etag", answer.etag), *more, *_VALID]
                answer.headers[b"304"] = found
            await self._start(send, 304, found)
            await _end(scope, b"", send)
            return
        body = answer.bodies[b""]
        how = b""
        if answer.packs:
            how = _packing(headers.get(b"accept-encoding", b""), len(body))
        if how:
            body = await self.answers.packed(answer, how)
        found = answer.headers.get(how)
        if found is None:
            found = [
                *answer.more,
                (b"content-length", str(len(body)).encode()),
                (b"etag", answer.etag),
                *_SAFE,
            ]
            if how:
                found.append((b"content-encoding", how))
            answer.headers[how] = found
        await self._start(send, 200, found)
        await _end(scope, body, send)

    async def _start(self, send: Send, status: int, headers: Pairs) -> None:
        self._service.metrics.count("known", status)
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": headers + self._service.standing(),
            }
        )

    # the way through the routes

    async def _pass(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, send: Send
    ) -> None:
        """Let a route answer; keep an answer that holds for the catalogue."""
        if scope["method"] not in ("GET", "HEAD"):
            await self._routed(scope, headers, receive, send, lambda: None)
            return
        key, made = _key(scope, headers), asyncio.get_running_loop().create_future()
        first = self._making.setdefault(key, made)

        def settle() -> None:
            if first is made and not made.done():
                del self._making[key]
                made.set_result(None)

        try:
            await self._routed(scope, headers, receive, send, settle)
        finally:
            settle()

    async def _routed(
        self,
        scope: Scope,
        headers: dict[bytes, bytes],
        receive: Receive,
        send: Send,
        settle: Callable[[], None],
    ) -> None:
        """Answer by a route; `settle` has whoever waits for the same go on."""
        of, method = self._of, scope["method"]
        scope["state"]["method"] = method
        if method == "HEAD":
            scope["method"] = "GET"
        start: dict[str, Any] = {}
        parts: list[bytes] = []

        async def hold(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            elif start.get("sent"):
                await send(message)
            elif message.get("more_body"):
                start["sent"] = True
                settle()
                await send(self._completed(start))
                await send(message)
            else:
                parts.append(message.get("body", b""))

        await self._app(scope, receive, hold)
        scope["method"] = method
        if start.get("sent") or not start:
            return  # a stream, or nobody is there any more
        body = b"".join(parts)
        found = dict(start["headers"])
        etag = found.get(b"etag")
        if start["status"] != HTTPStatus.OK or etag is None:
            settle()
            await self._send_once(start, body, scope, headers, send)
            return
        more = [pair for pair in start["headers"] if pair[0] not in _OWN]
        packs = found.get(b"content-type", b"") not in _PACKED
        answer = Answer(etag, more, body, packs=packs)
        if of == self._of and etag == f'W/"{self._service.tag}"'.encode():
            self.answers.keep(_key(scope, headers), answer)
        settle()
        await self._send(answer, scope, headers, send)

    async def _send_once(
        self,
        start: dict[str, Any],
        body: bytes,
        scope: Scope,
        headers: dict[bytes, bytes],
        send: Send,
    ) -> None:
        """Send what no other question is answered with."""
        how = _packing(headers.get(b"accept-encoding", b""), len(body))
        if how:
            body = await asyncio.to_thread(packed, body, how)
        message = self._completed(start)
        message["headers"] = [
            *(pair for pair in message["headers"] if pair[0] != b"content-length"),
            (b"content-length", str(len(body)).encode()),
            *([(b"content-encoding", how)] if how else []),
        ]
        await send(message)
        await _end(scope, body, send)

    def _completed(self, start: dict[str, Any]) -> Any:
        """Return the start of an answer with what every answer says."""
        status = start["status"]
        self._service.metrics.count("routed", status)
        named = {name for name, _ in start["headers"]}
        more = [pair for pair in _SAFE if pair[0] not in named]
        if _REVISION not in named:
            more.append((_REVISION, str(self._service.revision).encode()))
        headers = [*start["headers"], *more, *self._service.standing()]
        return {"type": start["type"], "status": status, "headers": headers}

    async def _refuse(self, error: ModeldexError, scope: Scope, send: Send) -> None:
        status, headers, body = problem_of(error)
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        start = {"type": "http.response.start", "status": status, "headers": pairs}
        await self._send_once(start, body, scope, {}, send)


async def _end(scope: Scope, body: bytes, send: Send) -> None:
    """Send the whole body; HEAD has none."""
    body = b"" if scope["method"] == "HEAD" else body
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _joined(scope: Scope) -> dict[bytes, bytes]:
    """Return the headers; those that were given twice as one, for the routes too.

    What is kept is known by what was asked: a route must not read another of two.
    """
    found: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        found[name] = found[name] + b", " + value if name in found else value
    scope["headers"] = list(found.items())
    return found


def _key(scope: Scope, headers: dict[bytes, bytes]) -> Key:
    return (scope["raw_path"], scope["query_string"], headers.get(b"accept", b""))


def _address(scope: Scope, headers: dict[bytes, bytes]) -> str:
    """Return where a caller is; a proxy on this host says of whom it asks."""
    client = scope.get("client")
    address = client[0] if client else ""
    if address in _HERE and (said := headers.get(b"x-forwarded-for")):
        # each proxy adds whom it heard from: the last is ours, the rest is hearsay
        return said.rpartition(b",")[2].strip().decode("latin-1")
    return address


def _whose(address: str) -> str:
    """Return what a caller is known by: of IPv6 one has 2^64 addresses."""
    if ":" not in address:
        return address
    try:
        return str(ip_network((address.partition("%")[0], 64), strict=False))
    except ValueError:
        return address


def _is_address(name: str) -> bool:
    """Tell whether a host is written as an address: no page can make it lead to us."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _matches(header: bytes, etag: bytes) -> bool:
    """Compare entity tags weakly."""
    if header in (etag, b"*"):
        return True
    plain = etag.removeprefix(b"W/")
    return any(part.strip().removeprefix(b"W/") == plain for part in header.split(b","))


def _packing(accepted: bytes, size: int) -> bytes:
    """Return the encoding to answer in; b"" for none."""
    if size < _WORTH_PACKING or not accepted:
        return b""
    names = {}
    for part in accepted.decode("latin-1").lower().split(","):
        name, _, weight = part.partition(";")
        names[name.strip()] = weight.replace(" ", "")
    for name in ("br", "gzip"):
        if name in names and names[name] not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            return name.encode()
    return b""
