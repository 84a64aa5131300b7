"""Benches run, at a size that takes no time: for what they measure, not how fast."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

BENCH = str(Path(__file__).parents[2] / "bench")


@pytest.fixture(autouse=True)
def _bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the benches be imported, and forgotten."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(BENCH)
    yield
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(BENCH):
            del sys.modules[name]


def test_commits_are_held_against_a_bulk_insert(tmp_path: Path) -> None:
    """Of the very rows that a revision wrote, into the same tables."""
    from stores import ratios, rows_of  # type: ignore[import-not-found]

    made = iter(range(9))
    found = ratios(lambda: f"sqlite:///{tmp_path / f'{next(made)}.db'}", 20, 1)
    assert all(ratio > 0 for ratio in found)
    from modeldex.stores import open_store

    store = open_store(f"sqlite:///{tmp_path / '0.db'}")
    written = rows_of(store, 2)
    store.close()
    assert {name: len(rows) for name, rows in written.items()} == {
        "revision": 1,
        "change": 20,
        "claim": 0,
        "outbox": 0,  # one row at most: that of the last revision
        "model": 1,  # the next revision has repriced the others
    }


def test_a_sync_of_what_is_unchanged_is_measured() -> None:
    """Its rows are those of the bars."""
    from sync_bars import syncing  # type: ignore[import-not-found]

    ((name, ratio, bar, unit, absolute),) = syncing(50)
    assert name.startswith("sync of 50 unchanged")
    assert ratio > 0
    assert (bar, unit, absolute) == (2, "x", False)


def test_exports_are_timed() -> None:
    """A row for each format that has a bar, in seconds."""
    from export_bars import SECONDS, exports  # type: ignore[import-not-found]

    rows = list(exports(small=True))
    assert len(rows) == len(SECONDS)
    assert all(seconds > 0 and unit == "s" for _, seconds, _, unit, _ in rows)


def test_the_service_is_held_against_a_bare_responder() -> None:
    """A query's answer and a 304, in CPU; a short run is too coarse for bars."""
    from server_bars import answering  # type: ignore[import-not-found]

    found = list(answering(1, 200))
    assert [what.partition(" ")[0] for what, *_ in found] == ["query", "304"]
    assert all(ratio > 0 and bar for _, ratio, bar, *_ in found), found
