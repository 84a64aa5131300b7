"""The bars of stores: nothing lost, everything found, commits not slow."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from drafts import claim, draft, step, whole
from modeldex.stores import open_store
from postgres import new_store_url
from store_storm import kill, storm, tamper
from stores import ratios

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Row = tuple[str, float, float, str, bool]

ROOT = Path(__file__).parents[1]
WRITERS, SEED = 8, 20261125
_WRONG = ("lost", "missing revisions", "writers short", "errors", "faults")


def stores(*, small: bool) -> Iterator[Row]:
    """Measure both databases."""
    with tempfile.TemporaryDirectory() as folder:
        numbers = iter(range(1 << 20))

        def new_file() -> str:
            return f"sqlite:///{Path(folder) / f'{next(numbers)}.db'}"

        for name, new_url in (("SQLite", new_file), ("PostgreSQL", new_store_url)):
            yield from _storms(name, new_url, 25 if small else 1_000)
            yield from _kills(name, new_url, 3 if small else 100, Path(folder) / name)
            yield from _tampering(name, new_url, 40 if small else 200)
            yield from _properties(name, 50 if small else 500)
            yield from _commits(name, new_url, 500 if small else 5_000)


def _storms(name: str, new_url: Callable[[], str], edits: int) -> Iterator[Row]:
    for models in (1, 100):
        found = storm(new_url(), WRITERS, edits, models)
        wrong = sum(abs(found[key]) for key in _WRONG)
        what = f"{name}: {WRITERS} x {edits:,} edits on {models}, lost"
        yield what, wrong, 0, "", False


def _properties(name: str, runs: int) -> Iterator[Row]:
    """Any states: a difference leads there, a rollback back, history only grows."""
    tests = ["tests/integration/test_store_properties.py", "-k", name.lower()]
    failed = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *tests],
        cwd=ROOT,
        env=os.environ | {"MODELDEX_STORE_RUNS": str(runs)},
        check=False,
    ).returncode
    yield f"{name}: failures in {runs} random histories", failed, 0, "", False


def _kills(
    name: str, new_url: Callable[[], str], kills: int, folder: Path
) -> Iterator[Row]:
    folder.mkdir()
    found = kill(new_url(), folder, kills, SEED)
    acknowledged = found.pop("acknowledged")
    what = f"{name}: {kills} kills, lost of {acknowledged:,}"
    yield what, sum(found.values()), 0, "", False


def _tampering(name: str, new_url: Callable[[], str], rows: int) -> Iterator[Row]:
    store = open_store(new_url())
    for number in range(rows):
        ref = f"m{number}"
        steps = [step(n or None, n + 1, ref) for n in range(3)]
        store.commit(draft(whole(ref), *steps, claims=[claim(), claim(number)]))
    _, unlocated = tamper(store, rows, SEED)
    store.close()
    yield f"{name}: not located of {rows} tampered", len(unlocated), 0, "", False


def _commits(name: str, new_url: Callable[[], str], models: int) -> Iterator[Row]:
    appeared, changed = ratios(new_url, models, 5)
    what = f"{name}: {models:,} models / bulk insert"
    yield f"{what}, new", appeared, 5.0, "x", False
    yield f"{what}, changed", changed, 5.0, "x", False
