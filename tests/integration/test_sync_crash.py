"""A sync that breaks off at any point has done nothing, or everything."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest
from sqlalchemy import event

from modeldex.errors import StoreError
from modeldex.stores import open_store
from postgres import new_store_url
from syncs import LITELLM, Office, model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from modeldex.stores.store import SqlStore

TESTS = Path(__file__).parents[1]
MOVED = {
    **LITELLM,
    ("acme", "two"): model("2.5"),
    ("acme", "new"): model("5"),
    ("beta", "b"): model("2000"),
}
del MOVED["acme", "one"]


class BrokenError(Exception):
    """The machine is gone."""


class Steps:
    """Counts what a store is asked to do, and breaks at one of its steps."""

    def __init__(self, store: SqlStore, at: int | None, breaks: Callable[[], Any]):
        self._engine = store.database.engine
        self._at, self._breaks = at, breaks
        self.count = 0

    def _step(self, *_: Any) -> None:
        if self.count == self._at:
            self._breaks()
        self.count += 1

    def __enter__(self) -> Self:
        for name in ("before_cursor_execute", "commit"):
            event.listen(self._engine, name, self._step)
        return self

    def __exit__(self, *_: object) -> None:
        for name in ("before_cursor_execute", "commit"):
            event.remove(self._engine, name, self._step)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a new store."""
    is_file = request.param == "sqlite"
    return f"sqlite:///{tmp_path / 'store.db'}" if is_file else new_store_url()


def office_at(url: str) -> Office:
    """Return an office over a store."""
    office = Office()
    store = open_store(url)
    office.around.open_store = lambda *, create: store  # type: ignore[assignment,misc]  # noqa: ARG005
    office.stored.store(create=True)
    return office


def told(store: SqlStore) -> dict[str, Any]:
    """Return all that a store holds."""
    return {
        "head": store.head().revision,
        "state": store.state(),
        "sources": {n: s.digest for n, s in store.sources().items()},
        "listings": store.listings(),
        "reviews": store.reviews(),
        "claims": sorted(map(repr, store.claims())),
    }


@pytest.fixture
def begun(url: str) -> Iterator[tuple[str, SqlStore]]:
    """Return a store that holds the shipped catalogue and one sync."""
    office = office_at(url)
    office.take("litellm", {**LITELLM, ("acme", "x"): model()}, digest="first")
    store: Any = office.stored.store()
    yield url, store
    store.close()


def moved(url: str) -> Office:
    """Return an office that is about to take an answer that changes much."""
    office = office_at(url)
    office.day = 5
    return office


def test_a_sync_that_fails_at_any_step_has_done_all_or_nothing(
    begun: tuple[str, SqlStore],
) -> None:
    """Nothing up to the commit, everything from it on; the chain is whole."""
    url, store = begun
    before = told(store)
    now, place = before, 0
    while now == before:
        office = moved(url)
        mine: Any = office.stored.store()

        def breaks() -> None:
            raise BrokenError

        with Steps(mine, place, breaks), suppress(BrokenError, StoreError):
            office.take("litellm", MOVED, digest="second")
        mine.close()
        assert store.verify() == []
        now = told(store)
        place += 1
    assert place > 10
    assert now["head"] == before["head"] + 1
    assert now["sources"] == {"litellm": "second"}
    assert {r.field for r in now["reviews"]} == {"pricing.input", "pricing.output"}
    assert ("catalog", "acme", "new") in now["state"]


KILLED = """
import os, sys
sys.path.insert(0, {tests!r})
sys.path.insert(0, {here!r})
import test_sync_crash as crash
office = crash.moved({url!r})
with crash.Steps(office.stored.store(), {place}, lambda: os._exit(9)):
    office.take("litellm", crash.MOVED, digest="second")
office.stored.store().close()
"""


@pytest.mark.parametrize("place", [1, 6, 11, 16, 21])
def test_a_sync_that_is_killed_has_done_all_or_nothing(
    begun: tuple[str, SqlStore], place: int
) -> None:
    """The next one comes to the same."""
    url, store = begun
    before = told(store)
    here = str(Path(__file__).parent)
    code = KILLED.format(tests=str(TESTS), here=here, url=url, place=place)
    env = {**os.environ, "MODELDEX_TEST_POSTGRES_URL": ""}
    done = subprocess.run([sys.executable, "-c", code], check=False, env=env)
    assert done.returncode in (0, 9)
    assert store.verify() == []
    now = told(store)
    if done.returncode:
        assert now == before
    office = moved(url)
    office.take("litellm", MOVED, digest="second")
    after = told(store)
    assert after["head"] == before["head"] + 1
    assert after["sources"] == {"litellm": "second"}
    mine: Any = office.stored.store()
    mine.close()
