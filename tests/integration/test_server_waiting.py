"""Nobody who reads waits for those who wait: for the store, or for a revision."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from modeldex.errors import StoreUnavailableError
from modeldex.server.app import create_app
from modeldex.server.route import Policy, Said
from modeldex.server.routes import ROUTES
from services import BASE, App

if TYPE_CHECKING:
    from pathlib import Path

EDIT = "/api/v1/edits/openai/gpt-4o"
MANY = 40


class Store:
    """What follows a store that is away, or goes on."""

    def __init__(self) -> None:
        self.store_up, self.trouble = True, ""

    def status(self) -> Any:
        """As of a follower."""
        up = self.store_up
        return SimpleNamespace(
            state="fresh" if up else "stale",
            tier="store",
            revision=0,
            epoch="",
            age=0.0,
            store_up=up,
            events_up=None,
            trouble=self.trouble,
        )

    def wait_for(self, revision: int, timeout: float) -> bool:
        """As of a follower: it does not come."""
        assert revision
        time.sleep(timeout)
        return False


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> App:
    monkeypatch.setenv("MODELDEX_DATA_DIR", str(tmp_path))
    found = App(stored=True)
    found.service.following = Store()  # type: ignore[assignment]
    return found


def _beside(app: App, many: list[Any], path: str) -> tuple[float, list[Any]]:
    """Ask many, then one more; return how long that took, and what the many got."""

    async def run() -> tuple[float, list[Any]]:
        transport = httpx.ASGITransport(app.front, client=("127.0.0.1", 1))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            asking = [asyncio.create_task(client.request(**one)) for one in many]
            await asyncio.sleep(0.1)
            begun = time.monotonic()
            assert (await client.get(path)).status_code == 200
            took = time.monotonic() - begun
            return took, [
                answer.status_code for answer in await asyncio.gather(*asking)
            ]

    return asyncio.run(run())


def test_a_wait_for_a_revision_holds_no_thread(app: App) -> None:
    """Each is over after two seconds, and others read meanwhile."""
    many = [
        {"method": "GET", "url": f"/v1/models/openai/gpt-4o?min_revision={9 + number}"}
        for number in range(MANY)
    ]
    begun = time.monotonic()
    took, statuses = _beside(app, many, "/v1/models/openai/gpt-4o-mini")
    assert took < 1
    assert set(statuses) == {503}
    assert 1.5 < time.monotonic() - begun < 4


def test_who_writes_does_not_hold_up_who_reads(app: App) -> None:
    """However long the store takes for as many as there are."""
    rows = [
        dataclasses.replace(
            route,
            answer=lambda _: time.sleep(0.5) or Said({}, cached=False),
            body=None,
        )
        if route.name == "edits.set"
        else route
        for route in ROUTES
    ]
    assert [row for row in rows if row.body is None and row.method == "PATCH"]
    app.front = create_app(app.service, rows)
    headers = app.token("reviewer")
    many = [{"method": "PATCH", "url": EDIT, "headers": headers} for _ in range(MANY)]
    took, statuses = _beside(app, many, "/v1/models/openai/gpt-4o-mini")
    assert took < 0.4
    assert set(statuses) == {200}


def test_a_store_that_is_away_is_not_waited_for(app: App) -> None:
    """What needs it is refused at once, what does not is answered; and marked."""
    headers = app.token("reviewer")
    away: Any = app.service.following
    away.store_up, away.trouble = False, "postgresql://somebody@secret.example/db: gone"
    body = {"fields": {"context_window": 5}, "because": "a test"}
    needing = [route for route in ROUTES if route.asks_store]
    assert {route.name for route in needing if route.policy is Policy.READ} >= {
        *("revisions.log", "reviews.list", "sources")
    }
    for method, path in (("PATCH", EDIT), ("GET", "/api/v1/revisions")):
        given = {"json": body} if method == "PATCH" else {}
        found = app.ask(method, path, headers=headers, **given)
        assert (found.status_code, found.headers["retry-after"]) == (503, "2"), path
    read = app.get("/v1/models/openai/gpt-4o")
    assert (read.status_code, read.headers["x-modeldex-state"]) == (200, "stale")
    assert "secret.example" not in app.get("/api/health").text
    assert "secret.example" in app.get("/api/health", headers=headers).text
    away.trouble = ""  # it was not asked yet, as just after the start
    assert app.ask("PATCH", EDIT, headers=headers, json=body).status_code == 200


def test_where_the_store_is_is_not_told(app: App) -> None:
    """Not by the error of a store that went away just now either."""

    def fail(_: Any) -> Any:
        raise StoreUnavailableError("postgresql://somebody@secret.example/db: gone")

    rows = [
        dataclasses.replace(route, answer=fail) if route.stores else route
        for route in ROUTES
    ]
    app.front = create_app(app.service, rows)
    found = app.get("/api/v1/revisions")
    assert (found.status_code, found.headers["retry-after"]) == (503, "2")
    assert found.json()["code"] == "store_unavailable"
    assert "secret.example" not in found.text


def test_a_write_is_made_once(app: App) -> None:
    """Also where it changes the catalogue that it answers over."""
    made = []

    def write(asked: Any) -> Said:
        made.append(1)
        asked.registry.edits.set(
            "openai/gpt-4o", {"context_window": len(made)}, because="a test", by="t"
        )
        return Said({})  # cached, by mistake

    rows = [
        dataclasses.replace(route, answer=write, body=None)
        for route in ROUTES
        if route.name == "edits.set"
    ]
    app.front = create_app(app.service, rows)
    found = app.ask("PATCH", EDIT, headers=app.token("reviewer"))
    assert (found.status_code, len(made)) == (200, 1)
    assert "etag" not in found.headers
