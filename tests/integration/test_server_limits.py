"""What the service bounds: bodies, heads, time, how often somebody asks."""

from __future__ import annotations

import asyncio
import random
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn

from modeldex import bootstrap
from modeldex.server import protocol
from modeldex.server.app import MOST_BODY, create_app
from modeldex.server.front import BAD_TOKEN_COST, BURST, WRITE_COST
from modeldex.server.protocol import MOST_HEAD
from services import App, free_port, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATH = "/api/v1/edits/openai/gpt-4o"
JSON = "application/json"


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> App:
    monkeypatch.setenv("MODELDEX_DATA_DIR", str(tmp_path))
    return App(stored=True)


def ask(front: Any, headers: dict[str, str], parts: Any, **scope: Any) -> list[Any]:
    """Send a request by ASGI, its body part by part; return what is said."""
    said: list[Any] = []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "PATCH",
        "scheme": "http",
        "path": PATH,
        "raw_path": scope.get("path", PATH).encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(n.encode(), v.encode()) for n, v in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        **scope,
    }

    async def run() -> None:
        left = iter(parts)

        async def receive() -> Any:
            part = next(left, None)
            if part is None:
                await asyncio.sleep(3_600)
            return {"type": "http.request", "body": part, "more_body": True}

        async def send(message: Any) -> None:
            said.append(message)

        await front(scope, receive, send)

    asyncio.run(asyncio.wait_for(run(), 20))
    return said


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_over_a_mebibyte_is_413(app: App, declared: bool) -> None:
    """Whether its length is told or not: it is not read on."""
    headers = {"host": "127.0.0.1", "content-type": JSON, **app.token("reviewer")}
    if declared:
        headers["content-length"] = str(MOST_BODY + 1)
    read = []

    def parts() -> Iterator[bytes]:
        for _ in range(1_000):
            read.append(1)
            yield b" " * 65_536

    said = ask(app.front, headers, parts())
    assert said[0]["status"] == 413
    assert len(read) <= MOST_BODY / 65_536 + 2


def test_a_body_that_does_not_come_is_408(app: App) -> None:
    """The bound is 30 seconds; here a fifth of one."""
    front = create_app(app.service, longest=0.2)
    headers = {"host": "127.0.0.1", "content-type": JSON, **app.token("reviewer")}
    begun = time.monotonic()
    said = ask(front, headers, [b'{"fields": '])
    assert said[0]["status"] == 408
    assert time.monotonic() - begun < 5


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with serving(tmp_path_factory.mktemp("data")) as url:
        yield int(url.rpartition(":")[2])


def _told(port: int, parts: Any) -> bytes:
    """Send bytes until the service hangs up; return what it said."""
    found = b""
    with socket.create_connection(("127.0.0.1", port), 10) as to:
        try:
            for part in parts:
                to.sendall(part)
            while data := to.recv(65_536):
                found += data
        except OSError:
            pass
    return found


def _sent(parts: Any, sent: list[int]) -> Iterator[bytes]:
    for part in parts:
        sent.append(len(part))
        yield part


@pytest.mark.parametrize("kind", ["one header", "many headers", "a path"])
def test_a_flood_of_headers_ends_the_connection(port: int, kind: str) -> None:
    """Not one byte more than the bound and what was on its way is taken."""
    start = b"GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    floods = {
        "one header": [start, b"X: ", *([b"a" * 16_384] * 1_000)],
        "many headers": [start, *([b"X: " + b"a" * 1_000 + b"\r\n"] * 20_000)],
        "a path": [b"GET /", *([b"a" * 16_384] * 1_000)],
    }
    sent: list[int] = []
    said = _told(port, _sent(floods[kind], sent))
    assert said == b"" or said.startswith(b"HTTP/1.1 431 ")
    # the kernel's buffers take some that nobody reads
    assert MOST_HEAD < sum(sent) < 8 * 2**20
    ok = _told(port, [start + b"Connection: close\r\n\r\n"])
    assert ok.startswith(b"HTTP/1.1 200 ")


def test_bodies_and_heads_on_one_connection_are_told_apart(port: int) -> None:
    """A body longer than a head may be is no head; the next request is answered."""
    body = b" " * (MOST_HEAD * 2)
    first = b"PATCH /api/v1/edits/a/b HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    first += b"Content-Length: %d\r\n\r\n" % len(body) + body
    last = b"GET /api/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    said = _told(port, [first, last])
    assert said.startswith(b"HTTP/1.1 401 ")
    assert b"HTTP/1.1 200 OK" in said


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Have an application that answers after a second; heads end within 0.3 s."""
    monkeypatch.setattr(protocol, "HEAD_WITHIN", 0.3)

    async def answer(_scope: Any, _receive: Any, send: Any) -> None:
        await asyncio.sleep(1)
        head = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": b"ok"})

    port = free_port()
    config = uvicorn.Config(
        answer, port=port, http=protocol.BoundedProtocol, lifespan="off", ws="none"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield port
    server.should_exit = True
    thread.join(10)


def test_a_head_that_does_not_end_is_408(slow: int) -> None:
    """A slow answer is not cut, nor a connection that waits for its next request."""
    begun = time.monotonic()
    said = _told(slow, [b"GET / HTTP/1.1\r\n", b"Host: a\r\n"])
    assert said.startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - begun < 5
    request = b"GET / HTTP/1.1\r\nHost: a\r\n"
    close = request + b"Connection: close\r\n\r\n"
    twice = _told(slow, [request + b"\r\n", close])
    assert twice.count(b"HTTP/1.1 200 OK") == 2


def test_a_connection_that_says_nothing_is_ended(slow: int) -> None:
    """None is held open for somebody who never asks."""
    begun = time.monotonic()
    assert _told(slow, []) == b""
    assert time.monotonic() - begun < 5


def _status(app: App, **more: Any) -> tuple[int, dict[bytes, bytes]]:
    headers = {"host": "127.0.0.1", **more.pop("headers", {})}
    said = ask(
        app.front, headers, [], **{"method": "GET", "path": "/v1/models", **more}
    )
    return said[0]["status"], dict(said[0]["headers"])


def test_callers_of_other_hosts_are_held_to_a_rate(app: App) -> None:
    """This host is not; a write costs more, an unknown token most; each its own."""
    app.front._buckets._clock = lambda: 0.0  # no time passes
    far = ("192.0.2.7", 9)
    for _ in range(int(BURST)):
        assert _status(app, client=far)[0] == 200
    status, headers = _status(app, client=far)
    assert status == 429
    assert int(headers[b"retry-after"]) >= 1
    assert _status(app, client=("192.0.2.8", 9))[0] == 200
    assert _status(app, client=("127.0.0.1", 9))[0] == 200
    by_proxy = {"x-forwarded-for": "127.0.0.1, 192.0.2.7"}
    assert _status(app, client=("127.0.0.1", 9), headers=by_proxy)[0] == 429
    liar = {"x-forwarded-for": "192.0.2.11"}
    assert _status(app, client=far, headers=liar)[0] == 429
    guesser, token = ("192.0.2.9", 9), {"authorization": "Bearer mdx_guess"}
    for _ in range(int(BURST / BAD_TOKEN_COST)):
        assert _status(app, client=guesser, headers=token)[0] == 200
    assert _status(app, client=guesser, headers=token)[0] == 429
    other = {"authorization": "Bearer sk-of-openai"}
    client = ("192.0.2.12", 9)
    for _ in range(int(BURST / BAD_TOKEN_COST) + 1):  # a key of others is no guess
        assert _status(app, client=client, headers=other)[0] == 200
    for number in range(int(BURST)):  # one network of IPv6 is one caller
        near = (f"2001:db8::{number:x}", 9)
        assert _status(app, client=near)[0] == 200
    assert _status(app, client=("2001:db8::ffff:1", 9))[0] == 429
    assert _status(app, client=("2001:db8:0:1::1", 9))[0] == 200
    writer = ("192.0.2.10", 9)
    for _ in range(int(BURST / WRITE_COST)):
        assert _status(app, client=writer, method="PUT")[0] == 405
    assert _status(app, client=writer, method="PUT")[0] == 429


def test_a_304_is_for_the_digest_and_the_day_alone(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1,000 questions with tags old, new, foreign and none, over edits and days."""
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    days, known = ["2026-11-25", "2026-11-26", "2026-11-27"], ['W/"x"', '"x"']
    paths = ["/api/v1/models?limit=2", "/v1/models/openai/gpt-4o", "/api/v1/models/a/b"]
    writer = {**app.token("reviewer"), "content-type": JSON}
    seen: dict[tuple[str, str], bytes] = {}
    day, counts = days[0], {200: 0, 304: 0, 404: 0}
    for turn in range(1_000):
        if turn % 50 == 49:
            body = {"fields": {"context_window": turn}, "because": "a test"}
            assert app.ask("PATCH", PATH, headers=writer, json=body).status_code == 200
        day = chance.choice(days) if turn % 20 == 0 else day
        number = time.time() // 86_400
        monkeypatch.setattr(bootstrap, "_day", (number, day))
        path, sent = chance.choice(paths), chance.sample(known, 2)
        if chance.random() < 0.3:
            sent.append(f'W/"{app.service.tag}"')
        headers = {"if-none-match": ", ".join(sent)} if chance.random() < 0.8 else {}
        found = app.get(path, headers=headers)
        now = f'W/"{app.registry.digest[:40]}-{day.replace("-", "")}"'
        tags = headers.get("if-none-match", "").replace("W/", "").split(", ")
        wanted = 304 if now.removeprefix("W/") in tags else 200
        wanted = 404 if path.endswith("a/b") else wanted
        assert found.status_code == wanted, (seed, turn, headers)
        counts[wanted] += 1
        if wanted != 404:
            assert found.headers["etag"] == now
            known = [*known[-8:], now, now.removeprefix("W/")]
        if wanted == 200:
            assert seen.setdefault((path, now), found.content) == found.content
    assert min(counts.values()) > 50, counts
