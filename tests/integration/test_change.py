"""Differences of states: exact, inverse, and of fields where that says more."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from modeldex.domain.change import CATALOG, OWN, Fact, apply, diff, invert

FACTS = st.dictionaries(
    st.sampled_from(("name", "pricing.input", "capabilities.vision")),
    st.builds(Fact, st.integers(0, 2), st.sampled_from(("a", "b", None))),
    max_size=3,
)
KEYS = st.tuples(st.sampled_from((CATALOG, OWN)), st.just("p"), st.sampled_from("mno"))
STATES = st.dictionaries(KEYS, FACTS, max_size=6)


@settings(max_examples=500, deadline=None)
@given(STATES, STATES)
def test_apply_and_diff_are_inverse(before, after):
    """apply(a, diff(a, b)) = b, and undone it is a, empty facts too."""
    changes = list(diff(before, after))
    assert apply(before, changes) == after
    assert apply(after, invert(changes)) == before


def test_what_people_write_of_a_known_model_is_of_fields():
    """The first field by hand is no model that appears; a model of one's own is."""
    told, own = (CATALOG, "p", "m"), (OWN, "p", "m")
    facts = {"name": Fact("x")}
    (change,) = diff({told: {}}, {told: {}, own: facts})
    assert (change.field, change.kind, change.layer) == ("name", "first_known", OWN)
    (change,) = diff({told: {}, own: facts}, {told: {}})
    assert (change.field, change.new) == ("name", None)
    (change,) = diff({}, {own: facts})
    assert (change.field, change.kind) == ("", "appeared")
