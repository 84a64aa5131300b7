"""The shipped catalogue goes into a store and comes out as it was."""

from __future__ import annotations

from modeldex.bootstrap import PACKAGED
from modeldex.catalog import open_snapshot
from modeldex.catalog.encode import decode
from modeldex.catalog.facts import flat_facts, state_of
from modeldex.catalog.snapshot import memory_snapshot
from modeldex.domain.change import dump_fact, read_fact
from modeldex.usecases.catalog_file import of_state


def test_every_fact_and_source_comes_back() -> None:
    """Each field of each model, and who gave it, survives a store's text form."""
    shipped = open_snapshot(PACKAGED)
    state = state_of(shipped)
    for facts in list(state.values())[::7]:
        for field, fact in facts.items():
            assert read_fact(field, dump_fact(fact)) == fact
    again = memory_snapshot(of_state(state, shipped, shipped.meta))
    assert again.meta == shipped.meta
    assert again.providers == shipped.providers
    for _, provider, model_id in state:
        before = shipped.columns(provider, model_id)
        after = again.columns(provider, model_id)
        assert before is not None
        assert after is not None
        assert flat_facts(decode(after)) == flat_facts(decode(before))
