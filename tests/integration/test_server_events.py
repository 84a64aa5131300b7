"""What happens, told as it does: streams that resume, end, and take no room."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from modeldex.errors import TooManyRequestsError
from modeldex.server import hub
from modeldex.server.hub import Event, Hub, revision_event
from modeldex.server.routes.syncs import missed_events
from services import serving
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EDIT = "/api/v1/edits/openai/gpt-4o"


def _made(answer: httpx.Response) -> Any:
    """Return the JSON of an answer that is good; else tell what it says."""
    assert answer.status_code == 200, answer.text
    return answer.json()


def _place(revision: int, epoch: str = "e") -> dict[str, Any]:
    return {"epoch": epoch, "revision": revision, "digest": "d"}


def _heard(
    told: Hub, missed: Callable[[], list[Event]], then: list[Event]
) -> list[str]:
    """Return the ids that a listener hears, who is told of some once all is told."""

    async def run() -> list[str]:
        found = b""
        first = True
        async for part in told.listen(missed, 0.2):
            found += part
            if first and b"id: e:5" in part:
                for event in then:
                    told.tell(event)
                first = False
        return [
            line[4:] for line in found.decode().splitlines() if line.startswith("id: ")
        ]

    return asyncio.run(run())


def test_nothing_falls_between_what_was_missed_and_what_happens() -> None:
    """A revision that is swapped in meanwhile is told once, and none goes down."""
    told = Hub()

    def missed() -> list[Event]:
        # these happen while it is worked out what was missed
        for number in (4, 5):
            told.tell(revision_event(_place(number)))
        return missed_events("e:2", _place(5))

    then = [revision_event(_place(6)), revision_event(_place(1, "f"))]
    assert _heard(told, missed, []) == ["e:3", "e:4", "e:5"]
    assert _heard(told, missed, then)[-2:] == ["e:6", "f:1"]
    late = [revision_event(_place(6)), revision_event(_place(3))]
    assert _heard(told, lambda: missed_events("e:4", _place(5)), late) == ["e:5", "e:6"]
    assert len(told) == 0


def test_a_slow_listener_keeps_the_newest_alone(monkeypatch: Any) -> None:
    monkeypatch.setattr(hub, "_WAITING", 10)
    told = Hub()

    async def run() -> bytes:
        stream = told.listen(list, 1)
        assert await anext(stream)
        for number in range(100):
            told.tell(Event("sync", number))
        await asyncio.sleep(0.05)
        found = [await anext(stream) for _ in range(10)]
        await stream.aclose()  # type: ignore[attr-defined]
        return b"".join(found)

    found = asyncio.run(run())
    assert found.count(b"event: sync") == 10
    assert b"data: 99\n" in found
    assert len(told) == 0


def test_listeners_are_bounded(monkeypatch: Any) -> None:
    monkeypatch.setattr(hub, "MOST_LISTENERS", 0)
    with pytest.raises(TooManyRequestsError):
        Hub().admit()


class Listener:
    """A client that reads a stream in a thread."""

    def __init__(self, url: str, **headers: str) -> None:
        self.lines: list[str] = []
        self.ended = threading.Event()
        self._asked = (f"{url}/api/v1/events", headers)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        until(lambda: self.lines or self.ended.is_set())

    def _run(self) -> None:
        url, headers = self._asked
        try:
            with httpx.stream("GET", url, headers=headers, timeout=30) as found:
                for line in found.iter_lines():
                    self.lines.append(line)
        except httpx.HTTPError as error:
            self.lines.append(f"broken: {error!r}")
        self.ended.set()

    def revisions(self) -> list[int]:
        """Return the revisions that were told."""
        return [
            json.loads(line[6:])["revision"]
            for line in [*self.lines]
            if line.startswith("data: ")
        ]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Serve with two workers, and a store that has an edit."""
    with pytest.MonkeyPatch.context() as patch:
        data = tmp_path_factory.mktemp("two")
        patch.setenv("MODELDEX_DATA_DIR", str(data))
        from modeldex.bootstrap import open as open_registry

        registry = open_registry()
        secret = registry.tokens.create("one", "admin").secret
        give = {"authorization": f"Bearer {secret}"}
        started: list[subprocess.Popen[bytes]] = []
        make = subprocess.Popen

        def noted(*given: Any, **more: Any) -> Any:
            started.append(make(*given, **more))
            return started[-1]

        patch.setattr(subprocess, "Popen", noted)
        with serving(data, "--workers", "2") as url:
            patch.setattr(subprocess, "Popen", make)
            edit = {"fields": {"context_window": 1}, "because": "a test"}
            first = httpx.patch(url + EDIT, json=edit, headers=give, timeout=60)
            assert first.status_code == 200, first.text
            number = first.json()["revision"]
            served = f"/v1/models/openai/gpt-4o?min_revision={number}"
            # the other one takes over the whole catalogue first
            until(lambda: _everywhere(url, lambda c: c.get(served).is_success), 60)
            yield {
                "url": url,
                "give": give,
                "registry": registry,
                "process": started[0],
                "revision": number,
            }


def _everywhere(url: str, ask: Callable[[httpx.Client], bool], times: int = 8) -> bool:
    """Ask by new connections, which either worker takes."""
    found = []
    for _ in range(times):
        with httpx.Client(base_url=url, timeout=10) as client:
            found.append(ask(client))
    return all(found)


def test_workers_are_instances(two: dict[str, Any]) -> None:
    """What one commits both serve; a revoked token neither takes, soon."""
    url, give, last = two["url"], two["give"], two["revision"]
    edit = {"fields": {"context_window": 4321}, "because": "a test"}
    made = _made(httpx.patch(url + EDIT, json=edit, headers=give, timeout=30))
    asked = f"/api/v1/models/openai/gpt-4o?min_revision={made['revision']}"

    def is_there(client: httpx.Client) -> bool:
        return bool(_made(client.get(asked))["context_window"] == 4321)

    assert made["revision"] > last
    assert _everywhere(url, is_there)
    other = two["registry"].tokens.create("other", "admin")
    bearer = {"authorization": f"Bearer {other.secret}"}

    def is_let_in(client: httpx.Client) -> bool:
        return client.post("/api/v1/rollback", headers=bearer).status_code != 401

    until(lambda: _everywhere(url, is_let_in), 5)
    two["registry"].tokens.revoke("other")
    took = until(lambda: _everywhere(url, lambda c: not is_let_in(c)), 5)
    assert took < 3


def test_a_listener_goes_on_where_it_was(two: dict[str, Any]) -> None:
    """By a client over sockets: nothing twice, nothing left out, whichever worker."""
    url, give = two["url"], two["give"]
    first = Listener(url)
    until(first.revisions)
    seen = first.revisions()[-1]
    epoch = httpx.get(f"{url}/api/health", timeout=10).json()["epoch"]
    for value in (11, 12, 13):
        edit = {"fields": {"context_window": value}, "because": "a test"}
        last = _made(httpx.patch(url + EDIT, json=edit, headers=give, timeout=30))
    until(lambda: first.revisions()[-1] == last["revision"], 5)
    assert first.revisions() == sorted(set(first.revisions()))
    again = Listener(url, **{"last-event-id": f"{epoch}:{seen}"})
    until(lambda: again.revisions()[-1:] == [last["revision"]], 5)
    assert again.revisions() == list(range(seen + 1, last["revision"] + 1))


def test_open_streams_do_not_hold_up_the_end(two: dict[str, Any]) -> None:
    """They end cleanly, within a moment; the last test of this service."""
    listeners = [Listener(two["url"]) for _ in range(20)]
    began = time.monotonic()
    two["process"].send_signal(signal.SIGTERM)
    two["process"].wait(10)
    assert time.monotonic() - began < 4
    for listener in listeners:
        assert listener.ended.wait(5)
        assert not [line for line in listener.lines if line.startswith("broken")]
