"""The shipped catalogue in a store: newer facts stay, older ones give way to it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from drafts import draft, whole
from modeldex.catalog.compile import compile_snapshot
from modeldex.catalog.encode import encode
from modeldex.catalog.snapshot import memory_snapshot
from modeldex.domain.change import CATALOG, Change, Fact
from modeldex.stores import open_store
from modeldex.testing import MemoryStore
from modeldex.usecases.baseline import commit_baseline, shipped_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from modeldex.catalog import Snapshot
    from modeldex.ports import Store

KEY = (CATALOG, "acme", "one")
NOW = "2026-11-25T12:00:00.000+00:00"
FIRST, LATER, NEWEST = "2026-11-01", "2026-11-10", "2026-11-24"
BETWEEN, BEFORE = "2026-11-20T08:00:00.000+00:00", "2026-11-05T08:00:00.000+00:00"


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Return a new store."""
    is_file = request.param == "sqlite"
    made = (
        open_store(f"sqlite:///{tmp_path / 'store.db'}") if is_file else MemoryStore()
    )
    yield made
    assert made.verify() == []
    made.close()


def shipped(day: str, models: dict[str, dict[str, str]]) -> Snapshot:
    """Return a shipped catalogue of a day: model -> meter -> amount."""
    rows = [
        encode("acme", name, {"pricing": _amounts(said), "sources": {"*": "x"}})
        for name, said in models.items()
    ]
    return memory_snapshot(compile_snapshot(rows, {"acme": {}}, {"date": day}))


def _amounts(said: dict[str, str]) -> dict[str, Decimal]:
    return {meter: Decimal(text) for meter, text in said.items()}


def ship(store: Store, day: str, **models: dict[str, str]) -> Any:
    """Upgrade to a modeldex with a catalogue of a day."""
    return commit_baseline(store, shipped(day, models), day, NOW)


def sync(store: Store, field: str, value: Any, at: str) -> None:
    """Commit what a source says, as it was observed at a time."""
    old = store.facts([KEY])[KEY].get(field)
    new = Fact(value, "litellm")
    change = Change(*KEY[1:], field, old, new, observed_at=at)
    store.commit(draft(change, author="sync", source="litellm"))


def price(store: Store, field: str = "pricing.input") -> Any:
    """Return the value of a fact at the head, None for none."""
    fact = store.facts([KEY]).get(KEY, {}).get(field)
    return None if fact is None else fact.value


@pytest.mark.parametrize(
    ("observed", "kept"), [(BETWEEN, Decimal(3)), (BEFORE, Decimal("2.75"))]
)
def test_the_newer_one_stays(store: Store, observed: str, kept: Decimal) -> None:
    """A synced fact survives a shipped catalogue that is older, not a newer one."""
    ship(store, FIRST, one={"input": "2.5", "output": "10"})
    sync(store, "pricing.input", Decimal(3), observed)
    upgraded = ship(store, LATER, one={"input": "2.75", "output": "9"})
    assert price(store) == kept
    assert price(store, "pricing.output") == Decimal(9)  # nobody said otherwise
    assert upgraded is not None
    assert upgraded.author == "modeldex"
    ship(store, NEWEST, one={"input": "2", "output": "9"})
    assert price(store) == Decimal(2)


def test_an_older_catalogue_adds_and_takes_nothing_back(store: Store) -> None:
    """A fact that a source took back, or first told, is as the source has it."""
    ship(store, FIRST, one={"input": "2.5", "output": "10"})
    sync(store, "pricing.cache_read", Decimal("0.5"), BETWEEN)
    old = store.facts([KEY])[KEY]["pricing.output"]
    gone = Change(*KEY[1:], "pricing.output", old, None, observed_at=BETWEEN)
    store.commit(draft(gone, author="sync"))
    assert ship(store, LATER, one={"input": "2.5", "output": "10"}) is None
    assert price(store, "pricing.cache_read") == Decimal("0.5")
    assert price(store, "pricing.output") is None


def test_a_model_that_a_source_told_of_later(store: Store) -> None:
    """All of its facts are newer than an older catalogue's, which may add others."""
    ship(store, FIRST, other={"input": "1"})
    appeared = whole(pricing__input=Decimal(3)).seen(BETWEEN)
    store.commit(draft(appeared, author="sync"))
    ship(store, LATER, other={"input": "1"}, one={"input": "2.75", "output": "9"})
    assert price(store) == Decimal(3)
    assert price(store, "pricing.output") == Decimal(9)
    ship(store, NEWEST, other={"input": "1"}, one={"input": "2", "output": "9"})
    assert price(store) == Decimal(2)


def test_a_model_that_is_shipped_no_more(store: Store) -> None:
    """It is marked missing once, and returned; its facts stay."""
    both = {"one": {"input": "2.5"}, "other": {"input": "1"}}
    ship(store, FIRST, **both)
    for day in (LATER, NEWEST):
        ship(store, day, other={"input": "1"})
    assert price(store) == Decimal("2.5")
    ship(store, "2026-11-25", **both)
    kinds = [c.kind for _, c in store.changes_of("acme", "one")]
    assert kinds == ["appeared", "missing", "returned"]


def test_a_model_that_a_source_told_of_since_is_not_missing(store: Store) -> None:
    """An older catalogue without it says nothing about it."""
    ship(store, FIRST, one={"input": "2.5"}, other={"input": "1"})
    sync(store, "pricing.input", Decimal(3), BETWEEN)
    ship(store, LATER, other={"input": "1"})
    kinds = [c.kind for _, c in store.changes_of("acme", "one")]
    assert kinds == ["appeared", "change"]


def test_the_same_catalogue_again(store: Store) -> None:
    """It makes no revision, and the store knows which one it holds."""
    catalogue = shipped(FIRST, {"one": {"input": "2.5"}})
    assert shipped_in(store) is None
    assert commit_baseline(store, catalogue, "1", NOW) is not None
    assert commit_baseline(store, catalogue, "1", NOW) is None
    assert shipped_in(store) == catalogue.digest
