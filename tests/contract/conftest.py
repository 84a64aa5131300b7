"""The same tests over every store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modeldex.stores import open_store
from modeldex.testing import MemoryStore
from postgres import new_store_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from modeldex.ports import Store

KINDS = ("memory", "sqlite", "postgresql")


@pytest.fixture(params=KINDS)
def make_store(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[], Store]]:
    """Return what makes new stores of a kind; they are closed at the end."""
    made: list[Store] = []

    def make() -> Store:
        url = f"sqlite:///{tmp_path / f'{len(made)}.db'}"
        if request.param == "memory":
            store: Store = MemoryStore()
        else:
            is_file = request.param == "sqlite"
            store = open_store(url if is_file else new_store_url())
        made.append(store)
        return store

    yield make
    for store in made:
        store.close()


@pytest.fixture
def store(make_store: Callable[[], Store]) -> Store:
    """Return a new store."""
    return make_store()
