"""Any states: a difference leads from one to the other, a rollback leads back."""

from __future__ import annotations

import os
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drafts import AT, between, draft, state_at
from modeldex.domain.change import CATALOG, LAYERS, Fact, apply, diff, invert
from modeldex.stores import open_store
from modeldex.testing import MemoryStore
from modeldex.usecases.revisions import rolled_back
from postgres import new_store_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modeldex.ports import Store

RUNS = int(os.environ.get("MODELDEX_PROPERTY_RUNS", "500"))
IN_DATABASES = int(os.environ.get("MODELDEX_STORE_RUNS", "50"))  # `make bars`: 500
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=4)
WORDS = TEXT.map(lambda t: __import__("unicodedata").normalize("NFC", t))
AMOUNTS = st.decimals(0, 1000, places=6).map(lambda d: d.normalize())
VALUES = {
    "name": WORDS,
    "pricing.input": AMOUNTS,
    "pricing.state": st.sampled_from(["free", "included"]),
    "rates.input@context>1000": AMOUNTS,
    "capabilities.vision": st.booleans() | st.just({"limit": 3}),
    "context_window": st.integers(0, 1 << 40),
    "metadata": st.dictionaries(WORDS, st.integers() | st.none() | WORDS, max_size=2),
}
SOURCES = st.sampled_from(["litellm", "models.dev", {"source": "curated", "at": AT}])
FACTS = st.fixed_dictionaries(
    {}, optional={n: st.builds(Fact, value, SOURCES) for n, value in VALUES.items()}
)
KEYS = st.tuples(
    st.sampled_from(LAYERS), st.sampled_from("ab"), st.sampled_from(["m", "n/x", "o:1"])
)
STATES = st.dictionaries(KEYS, FACTS, max_size=4)
AMPLE = settings(
    max_examples=RUNS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@AMPLE
@given(STATES, STATES)
def test_a_difference_leads_to_the_other_state(before: Any, after: Any) -> None:
    """apply(a, diff(a, b)) = b, and what undoes it leads back."""
    changes = list(diff(before, after, AT))
    assert apply(before, changes) == after
    assert apply(after, invert(changes)) == before
    assert bool(changes) == (before != after)


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Store]]:
    """Return a store of each kind; its history grows over all runs."""
    path = tmp_path_factory.mktemp("properties") / "store.db"
    made = {
        "sqlite": open_store(f"sqlite:///{path}"),
        "postgresql": open_store(new_store_url()),
    }
    yield made
    for store in made.values():
        store.close()


def walk(store: Store, states: list[Any], back: int) -> None:
    """Commit states one after the other, then restore one of them."""
    first = store.head().revision
    reached = {first: store.state()}
    for state in states:
        changes = between(store.state(), state)
        if changes:
            number = store.commit(draft(*changes)).number
            reached[number] = state
            assert store.state() == state
    history = [r.hash for r in store.revisions(after=first)]
    target = sorted(reached)[back % len(reached)]
    if reached[target] != store.state():
        if target:
            changes = rolled_back(store, target, AT)
        else:
            changes = between(store.state(), {})
        store.commit(draft(*changes, source="rollback"))
    assert store.state() == reached[target]
    assert [r.hash for r in store.revisions(after=first)][: len(history)] == history


@AMPLE
@given(st.lists(STATES, min_size=1, max_size=4), st.integers(0, 4))
def test_a_rollback_restores(states: list[Any], back: int) -> None:
    """rollback(r) is the state at r, history only grows, a replay gives the state."""
    store = MemoryStore()
    walk(store, states, back)
    assert state_at(store, store.head().revision) == store.state()
    assert store.verify() == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_rollback_restores_in_databases(stores: dict[str, Store], kind: str) -> None:
    """The same over one history that grows."""
    store = stores[kind]

    walks = 0

    @settings(AMPLE, max_examples=IN_DATABASES)
    @given(st.lists(STATES, min_size=1, max_size=3), st.integers(0, 3))
    def walking(states: list[Any], back: int) -> None:
        nonlocal walks
        walk(store, states, back)
        walks += 1

    walking()
    assert walks >= IN_DATABASES
    assert store.head().revision > 10
    assert state_at(store, store.head().revision) == store.state()
    assert store.verify() == []


def test_amounts_are_amounts_again() -> None:
    """A replay gives Decimals, as the state does."""
    store = MemoryStore()
    fact = Fact(Decimal("0.10"), "x")
    store.commit(draft(*between({}, {(CATALOG, "a", "m"): {"pricing.input": fact}})))
    assert store.state()[CATALOG, "a", "m"]["pricing.input"] == fact
