"""A fake upstream on 127.0.0.1 that does, path by path, what a list says.

    with Upstream() as upstream:
        upstream.on("/v1/models", status(500), answer({"data": []}))
        client = open_client(upstream)
        client.get(upstream.url + "/v1/models")
        assert upstream.count("/v1/models") == 2

Each request of a path takes the next behaviour of its list; the last one repeats.
"""

from __future__ import annotations

import json
import socket
import threading
import time
import zlib
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, urlsplit

from modeldex.sources.addresses import Gate, Target, parse_url
from modeldex.sources.client import Client

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Mapping, Sequence

JSON_TYPE = "application/json"


@dataclass(slots=True)
class Exchange:
    """One request, and the ways to answer it."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    handler: BaseHTTPRequestHandler = field(repr=False)
    gone: bool = False

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the query."""
        found = parse_qs(urlsplit(self.target).query, keep_blank_values=True)
        return {name: values[-1] for name, values in found.items()}

    def write(self, data: bytes) -> None:
        """Send bytes as they are; a client that went away is no failure of the test."""
        try:
            self.handler.wfile.write(data)
            self.handler.wfile.flush()
        except OSError:
            self.gone = True

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        """Send the status and the headers."""
        lines = [f"HTTP/1.1 {status} Said so"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    def hang_up(self) -> None:
        """Close the connection, whatever was promised."""
        self.handler.close_connection = True


if TYPE_CHECKING:
    Behaviour = Callable[[Exchange], None]


# --- behaviours -------------------------------------------------------------------


def encoded(payload: Any) -> bytes:
    """Return the bytes of a payload: JSON unless it is bytes already."""
    return payload if isinstance(payload, bytes) else json.dumps(payload).encode()


def answer(
    payload: Any,
    code: int = 200,
    *,
    etag: str | None = None,
    modified: str | None = None,
    **headers: str,
) -> Behaviour:
    """Answer with a payload; 304 where the request has its ETag or date already.

    `headers` are named with `_` for `-`: `content_type="text/html"`.
    """

    def behave(exchange: Exchange) -> None:
        said = {"Content-Type": JSON_TYPE}
        said |= {name.replace("_", "-").title(): text for name, text in headers.items()}
        known = {"ETag": etag, "Last-Modified": modified}
        said |= {name: text for name, text in known.items() if text}
        asked = {"if-none-match": etag, "if-modified-since": modified}
        sent = {name.lower(): text for name, text in exchange.headers.items()}
        if any(text and sent.get(name) == text for name, text in asked.items()):
            exchange.head(304, said)
            return
        body = encoded(payload)
        exchange.head(code, said | {"Content-Length": str(len(body))})
        exchange.write(body)

    return behave


def status(code: int, retry_after: str | None = None, body: Any = None) -> Behaviour:
    """Answer with a failure, as JSON."""
    headers = {} if retry_after is None else {"retry_after": retry_after}
    return answer(body or {"error": {"message": "no"}}, code, **headers)


def empty_list(key: str = "data") -> Behaviour:
    """Answer with a list that holds nothing."""
    return answer({"object": "list", key: []})


def html(code: int = 200) -> Behaviour:
    """Answer with a page, as a proxy or a login does."""
    page = b"<!doctype html><html><body>Please log in</body></html>"
    return answer(page, code, content_type="text/html; charset=utf-8")


def redirect(to: str, code: int = 302) -> Behaviour:
    """Answer that the list is elsewhere."""
    return answer({}, code, location=to)


def rows_of(payload: Any) -> list[Any]:
    """Return the list of models in a payload."""
    if isinstance(payload, list):
        return payload
    return next(value for value in payload.values() if isinstance(value, list))


def with_rows(payload: Any, rows: Sequence[Any]) -> Any:
    """Return the payload with another list of models."""
    if isinstance(payload, list):
        return list(rows)
    name = next(key for key, value in payload.items() if isinstance(value, list))
    return {**payload, name: list(rows)}


def half(payload: Any) -> Behaviour:
    """Answer with the first half of the list."""
    rows = rows_of(payload)
    return answer(with_rows(payload, rows[: len(rows) // 2]))


def drop(payload: Any, count: int) -> Behaviour:
    """Answer without the last rows of the list."""
    rows = rows_of(payload)
    return answer(with_rows(payload, rows[: len(rows) - count]))


def pages(
    answers: Sequence[Any],
    key: str = "page",
    failing: Mapping[int, Behaviour] | None = None,
) -> Behaviour:
    """Answer page by page, from 1, by a parameter of the query.

    A page that fails does what `failing` says for its number: "page 3 fails".
    """

    def behave(exchange: Exchange) -> None:
        number = int(exchange.query.get(key, "1"))
        if failing and number in failing:
            failing[number](exchange)
        elif 1 <= number <= len(answers):
            answer(answers[number - 1])(exchange)
        else:
            status(404)(exchange)

    return behave


def cut_at(payload: Any, count: int) -> Behaviour:
    """Promise the whole body, send so many bytes of it, and hang up."""

    def behave(exchange: Exchange) -> None:
        body = encoded(payload)
        promised = {"Content-Type": JSON_TYPE, "Content-Length": str(len(body))}
        exchange.head(200, promised)
        exchange.write(body[:count])
        exchange.hang_up()

    return behave


def stall_at(payload: Any, count: int, seconds: float = 5) -> Behaviour:
    """Promise the whole body, send so many bytes of it, and say nothing more."""

    def behave(exchange: Exchange) -> None:
        body = encoded(payload)
        promised = {"Content-Type": JSON_TYPE, "Content-Length": str(len(body))}
        exchange.head(200, promised)
        exchange.write(body[:count])
        _wait(exchange, seconds)
        exchange.hang_up()

    return behave


def silent(seconds: float = 5) -> Behaviour:
    """Take the request and say nothing."""

    def behave(exchange: Exchange) -> None:
        _wait(exchange, seconds)
        exchange.hang_up()

    return behave


def drip(payload: Any, pause: float = 0.05, *, headers: bool = False) -> Behaviour:
    """Send one byte at a time: of the body, or of endless headers."""

    def behave(exchange: Exchange) -> None:
        body = encoded(payload)
        promised = {"Content-Type": JSON_TYPE, "Content-Length": str(len(body))}
        if headers:
            exchange.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            body *= 1000
        else:
            exchange.head(200, promised)
        for position in range(len(body)):
            if exchange.gone or _wait(exchange, pause):
                break
            exchange.write(body[position : position + 1])
        exchange.hang_up()

    return behave


def gzip_bomb(unpacked: int = 2**30) -> Behaviour:
    """Answer with a small body that unpacks to very much."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    begin = packer.compress(b'{"data": [')
    begin += packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * 2**20) + packer.flush(zlib.Z_FULL_FLUSH)
    start = b"\x1f\x8b\x08\0\0\0\0\0\0\x03"

    def behave(exchange: Exchange) -> None:
        body = start + begin + block * (unpacked // 2**20)
        said = {"Content-Type": JSON_TYPE, "Content-Encoding": "gzip"}
        exchange.head(200, said | {"Content-Length": str(len(body))})
        exchange.write(body)

    return behave


def huge_headers(size: int = 2**20) -> Behaviour:
    """Answer with headers that do not end."""

    def behave(exchange: Exchange) -> None:
        exchange.write(b"HTTP/1.1 200 OK\r\nX-Huge: " + b"a" * size + b"\r\n\r\n{}")
        exchange.hang_up()

    return behave


def raw(data: bytes) -> Behaviour:
    """Send bytes as they are, and hang up."""

    def behave(exchange: Exchange) -> None:
        exchange.write(data)
        exchange.hang_up()

    return behave


def _wait(exchange: Exchange, seconds: float) -> bool:
    """Wait, but no longer than the test; tell whether the server stops."""
    stopping: threading.Event = exchange.handler.server.stopping  # type: ignore[attr-defined]
    return stopping.wait(seconds)


# --- servers ----------------------------------------------------------------------


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _take(self) -> None:
        upstream: Upstream = self.server.upstream  # type: ignore[attr-defined]
        length = int(self.headers.get("Content-Length") or 0)
        exchange = Exchange(
            self.command,
            self.path,
            {name.lower(): text for name, text in self.headers.items()},
            self.rfile.read(length),
            self,
        )
        upstream.next_for(exchange)(exchange)

    do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = _take  # noqa: N815

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, *_arguments: object) -> None:
        """Say nothing: clients that go away are what many tests are about."""


class Upstream:
    """A threaded HTTP server whose answers are a script; it keeps every request.

    With `tls`, a context of a server, it speaks HTTPS.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.upstream = self  # type: ignore[attr-defined]
        self._server.stopping = threading.Event()  # type: ignore[attr-defined]
        if tls:
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.scheme = "https" if tls else "http"
        self.port: int = self._server.server_address[1]
        self.url = f"{self.scheme}://127.0.0.1:{self.port}"
        self.requests: list[Exchange] = []
        self._scripts: dict[str, list[Behaviour]] = {}
        self._lock = threading.Lock()

    def on(self, path: str, *behaviours: Behaviour) -> str:
        """Set what a path does, request by request; return its URL."""
        self._scripts[path] = list(behaviours)
        return self.url + path

    def next_for(self, exchange: Exchange) -> Behaviour:
        """Keep a request, and return what is done with it."""
        with self._lock:
            self.requests.append(exchange)
            script = self._scripts.get(exchange.path)
            if not script:
                return status(404)
            return script.pop(0) if len(script) > 1 else script[0]

    def count(self, path: str | None = None) -> int:
        """Return how many requests there were, of one path or of all."""
        return sum(path in (None, seen.path) for seen in self.requests)

    def __enter__(self) -> Self:
        threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        ).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.stopping.set()  # type: ignore[attr-defined]
        self._server.shutdown()
        self._server.server_close()


class Tripwire:
    """A listener that nobody may connect to: it fails the test if somebody did."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.bind((host, 0))
        self._socket.listen()
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]
        self.touched = 0
        self.heard = b""

    def look(self) -> int:
        """Return how many have connected so far."""
        while True:
            try:
                visitor, _ = self._socket.accept()
            except OSError:
                return self.touched
            self.touched += 1
            visitor.settimeout(0.2)
            try:
                self.heard += visitor.recv(65536)
            except OSError:
                time.sleep(0)
            visitor.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        touched = self.look()
        self._socket.close()
        assert touched == 0, f"{touched} forbidden connections: {self.heard[:200]!r}"


# --- clients ----------------------------------------------------------------------


class OpenGate(Gate):
    """A gate to which some ports of loopback are public, without TLS too.

    All else of loopback stays what it is. `names` are hosts with their addresses: none
    of them is looked up outside.
    """

    def __init__(
        self,
        ports: Iterable[int] = (),
        names: Mapping[str, Sequence[str]] | None = None,
        local_hosts: Iterable[str] = (),
    ) -> None:
        self.names = {name: list(found) for name, found in (names or {}).items()}
        self.asked: list[str] = []
        super().__init__(local_hosts, resolve=self._known)
        self._ports = set(ports)

    def _known(self, host: str, _port: int) -> list[str]:
        self.asked.append(host)
        if host == "localhost":
            return ["127.0.0.1"]
        if host not in self.names:
            raise OSError("no such name")
        return self.names[host]

    def admit(self, url: str, *, local: bool = False) -> Target:
        """Let the open ports in."""
        if not local and parse_url(url).port in self._ports:
            return parse_url(url)
        return super().admit(url, local=local)

    def _check(self, target: Target, address: str, *, local: bool) -> None:
        if target.port in self._ports and address == "127.0.0.1" and not local:
            return
        super()._check(target, address, local=local)


def open_client(*upstreams: Upstream, **options: Any) -> Client:
    """Return a client to which upstreams are servers of the internet.

    It does not sleep between tries; `bounds` are short.
    """
    from modeldex.sources.wire import Bounds

    gate = OpenGate([upstream.port for upstream in upstreams])
    bounds = Bounds(connect=2, read=2, total=5)
    calm = {"sleep": lambda _seconds: None, "bounds": bounds, "gate": gate}
    return Client(**(calm | options))
