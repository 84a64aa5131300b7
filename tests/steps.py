"""Edits by chance, for properties that hold whatever is written."""

from __future__ import annotations

from hypothesis import strategies as st

from stored import GPT, LATEST, MINI

REFS = (GPT, LATEST, MINI, "acme/m", "ours/a", "acme/b")
FIELDS = {
    "pricing.input": ("0.5", "2", "7.25"),
    "pricing": ("free", "{input: 1, output: 2}", "included"),
    "rates.input@service_tier=batch": ("0.25",),
    "rates.input@contract=yes": ("0.125",),
    "capabilities.vision": ("yes", "no"),
    "name": ("One", "Two"),
    "context_window": ("1000", "200000"),
}
STEPS = st.one_of(
    *(
        st.tuples(st.sampled_from(("set", "add")), st.sampled_from(REFS)).flatmap(
            lambda verb, name=name: st.sampled_from(FIELDS[name]).map(
                lambda text: (*verb, {name: text})
            )
        )
        for name in FIELDS
    ),
    st.tuples(st.just("pin"), st.sampled_from(REFS), st.just(("pricing", "name"))),
    st.tuples(
        st.sampled_from(("remove", "unpin", "disable", "enable")),
        st.sampled_from(REFS),
    ),
    st.tuples(st.just("rollback"), st.integers(1, 8)),
)
