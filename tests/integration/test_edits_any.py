"""Whatever is written, in whatever order: the store, the file and memory agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from catalogs import DAY
from drafts import state_at
from modeldex.errors import ModeldexError
from modeldex.usecases.catalog_file import of_state
from steps import STEPS
from stored import ENTRIES, WHY, Memory

if TYPE_CHECKING:
    from modeldex.registry import Registry


def play(registry: Registry, steps: list[Any]) -> None:
    """Write what can be written; refusals are part of the game."""
    for verb, *words in steps:
        try:
            if verb == "rollback":
                registry.revisions.rollback(*words)
            else:
                how = WHY if verb in ("set", "pin") else {}
                getattr(registry.edits, verb)(*words, **how)
        except ModeldexError:
            continue


@settings(max_examples=500, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=8), st.integers(1, 8))
def test_any_edits_leave_what_the_store_holds(steps: list[Any], number: int) -> None:
    """The catalogue in memory, the file and the store's state say the same.

    A rollback makes the state what it was, and history only grows.
    """
    around = Memory(ENTRIES)
    registry = around.registry()
    play(registry, steps)
    store = around.made
    if store is None:
        return
    head = store.head().revision
    before = [r.hash for r in store.revisions()]
    try:
        registry.revisions.rollback(number)
    except ModeldexError:
        assert number > head or store.state() == state_at(store, number)
    else:
        assert store.state() == state_at(store, number)
    assert [r.hash for r in store.revisions()][: len(before)] == before
    assert store.verify() == []
    registry.revisions.publish()
    whole = Memory(ENTRIES)
    whole.files = [of_state(store.state(), around.shipped(), {"date": DAY})]
    for other in (whole.registry(), around.registry()):
        refs = registry.find_refs(status="any")
        assert other.find_refs(status="any") == refs
        assert other.find_refs("sort:input") == registry.find_refs("sort:input")
        for ref in refs:
            assert other.get_model_config(ref) == registry.get_model_config(ref)
