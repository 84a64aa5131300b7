"""Stores under fire, on a small scale; `make bars` does it at full scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from drafts import claim, draft, step, whole
from modeldex.stores import open_store
from postgres import new_store_url
from store_storm import first_writers, kill, storm, tamper

if TYPE_CHECKING:
    from pathlib import Path

KINDS = ("sqlite", "postgresql")
WRITERS, EDITS, KILLS, ROWS = 8, 50, 10, 40
NONE = ("lost", "missing revisions", "writers short", "errors", "faults")


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a new store."""
    is_file = request.param == "sqlite"
    return f"sqlite:///{tmp_path / 'storm.db'}" if is_file else new_store_url()


@pytest.mark.parametrize("models", [1, 100])
def test_writers_at_once(url: str, models: int) -> None:
    """No edit of eight processes is lost, no lock is shown to anybody."""
    found = storm(url, WRITERS, EDITS, models)
    assert {name: found[name] for name in NONE} == dict.fromkeys(NONE, 0)


def test_a_store_made_by_many_at_once(url: str) -> None:
    """One of them makes the tables, all of them write."""
    assert first_writers(url, WRITERS) == []


def test_killed_writers(url: str, tmp_path: Path) -> None:
    """What was acknowledged is there, nothing is half there."""
    found = kill(url, tmp_path, KILLS, seed=20261125)
    assert found.pop("acknowledged") >= KILLS
    assert found == {"lost": 0, "half-applied": 0, "broken": 0}


def test_tampering_is_located(url: str) -> None:
    """A byte changed in any row of the history is found, and the row is named."""
    store = open_store(url)
    for number in range(40):
        name = f"m{number}"
        steps = [step(n or None, n + 1, name) for n in range(3)]
        store.commit(draft(whole(name), *steps, claims=[claim(), claim(number)]))
    assert store.verify() == []
    tampered, unlocated = tamper(store, ROWS, seed=20261125)
    store.close()
    assert (tampered, unlocated) == (ROWS, [])
