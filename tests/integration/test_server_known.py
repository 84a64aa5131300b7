"""Answers that are known already: what they may be told apart by, and their bounds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from modeldex.server import answers
from modeldex.server.answers import Answer, Answers
from services import BASE, App

if TYPE_CHECKING:
    from pathlib import Path

PATH = "/api/v1/models?limit=2"
CSV, JSON = "text/csv", "application/json"


@pytest.fixture(scope="module")
def app() -> App:
    return App()


def _many(app: App, count: int, path: str, **headers: str) -> list[httpx.Response]:
    """Ask the same at once."""

    async def run() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app.front, client=("127.0.0.1", 1))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            asking = (client.get(path, headers=headers) for _ in range(count))
            return list(await asyncio.gather(*asking))

    return asyncio.run(run())


def test_two_headers_of_a_name_do_not_poison_what_is_known(app: App) -> None:
    """What a route reads is what its answer is kept under."""
    both = [("accept", CSV), ("accept", JSON)]
    for sent in (both, both[::-1]):
        app.ask("GET", PATH, headers=sent)
    for accept in (JSON, CSV, f"{CSV}, {JSON}"):
        for _ in range(2):
            found = app.get(PATH, headers={"accept": accept})
            wanted = CSV if CSV in accept else JSON
            assert found.headers["content-type"].partition(";")[0] == wanted, accept


def test_two_hosts_are_none(app: App) -> None:
    sent = [("host", "evil.example"), ("host", "127.0.0.1")]
    for headers in (sent, sent[::-1]):
        assert app.ask("GET", PATH, headers=headers).status_code == 400


def test_an_answer_keeps_its_headers(app: App) -> None:
    """The first time and once it is known; its revision is that of its catalogue."""
    path = "/export/litellm.json?provider=openai"
    first, again = app.get(path), app.get(path)
    assert first.headers == again.headers
    assert "filename" in first.headers["content-disposition"]
    assert first.headers["x-modeldex-revision"] == "0"
    tag = {"if-none-match": first.headers["etag"]}
    known = app.get(path, headers=tag)
    assert (known.status_code, known.headers["x-modeldex-revision"]) == (304, "0")


def test_an_answer_says_the_revision_it_is_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also right after an edit, and where only the edit's answer was seen."""
    monkeypatch.setenv("MODELDEX_DATA_DIR", str(tmp_path))
    app = App(stored=True)
    writer = app.token("reviewer")
    for turn in (1, 2):
        body = {"fields": {"context_window": turn}, "because": "a test"}
        edit = "/api/v1/edits/openai/gpt-4o"
        made = app.ask("PATCH", edit, headers=writer, json=body)
        told = app.get(PATH)
        assert told.headers["x-modeldex-revision"] == str(told.json()["revision"])
        assert made.json()["revision"] == told.json()["revision"]


def test_many_who_ask_the_same_wait_for_one(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is made once and packed once, whoever asks while that is done."""
    made, packed = [], []
    find, pack = app.registry.find, answers.packed

    def counted(_: Any, *given: Any, **more: Any) -> Any:
        made.append(1)
        return find(*given, **more)

    def noted(body: bytes, how: bytes) -> bytes:
        packed.append(how)
        return pack(body, how)

    monkeypatch.setattr(type(app.registry), "find", counted)
    monkeypatch.setattr(answers, "packed", noted)
    app.front.answers.clear()
    found = _many(app, 20, "/v1/models", **{"accept-encoding": "br"})
    assert {answer.status_code for answer in found} == {200}
    assert len({answer.content for answer in found}) == 1
    assert (len(made), packed) == (1, [b"br"])
    assert not app.front._making


def test_what_is_not_kept_is_answered_to_all(app: App) -> None:
    """Who waited for an answer that only one may have asks on."""
    for path, status in (("/api/v1/models/a/b", 404), ("/api/health", 200)):
        found = _many(app, 10, path)
        assert {answer.status_code for answer in found} == {status}
    assert not app.front._making


def test_a_head_of_a_stream_ends(app: App) -> None:
    found = asyncio.run(asyncio.wait_for(_head(app, "/api/v1/events"), 5))
    assert found.status_code == 200
    assert found.headers["content-type"].startswith("text/event-stream")


async def _head(app: App, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app.front, client=("127.0.0.1", 1))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        return await client.head(path)


def test_what_is_kept_is_bounded_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packed bytes and keys count; the longest not asked for goes first."""
    monkeypatch.setattr(answers, "MOST_BYTES", 40_000)
    kept = Answers()

    def size() -> int:
        found = kept._known.items()
        return sum(
            sum(map(len, key)) + sum(map(len, answer.bodies.values()))
            for key, answer in found
        )

    async def run() -> None:
        for turn in range(300):
            key = (b"/%d" % (turn % 70), b"q", b"a" * 50)
            answer = Answer(b'W/"x"', [], b"%d" % turn * 1_000)
            if turn % 3:  # what is not kept is packed too
                kept.keep(key, answer)
            await kept.packed(answer, b"gzip" if turn % 2 else b"br")
            if turn % 7 == 0:
                kept.get((b"/1", b"q", b"a" * 50))
            if turn % 90 == 0:
                kept.clear()
            assert kept.bytes == size() <= 40_000

    asyncio.run(run())
    assert 3 < len(kept) < 40
    kept.clear()
    assert (kept.bytes, len(kept)) == (0, 0)
    for turn in range(4):
        kept.keep((b"%d" % turn, b"", b""), Answer(b"", [], b"x" * 9_990))
        kept.get((b"0", b"", b""))
    kept.keep((b"4", b"", b""), Answer(b"", [], b"x" * 9_990))
    assert kept.get((b"0", b"", b"")) is not None
    assert kept.get((b"1", b"", b"")) is None
