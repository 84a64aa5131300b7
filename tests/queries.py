"""Strategies for queries of the whole grammar."""

from __future__ import annotations

from hypothesis import strategies as st

from catalogs import CAPABILITIES, DATES, MODES
from modeldex.catalog.values import FIELD_ALIASES, ORDERED_FIELDS
from modeldex.domain.lifecycle import STATUSES

OPERATORS = {
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    "=": lambda a, b: a == b,
}


def comma(values: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Return one to three alternatives, separated by commas."""
    return st.lists(st.sampled_from(values), min_size=1, max_size=3).map(",".join)


COMPARISON = st.sampled_from(list(OPERATORS))
TOKENS = st.sampled_from(("0", "512", "8192", "100k", "128k", "1m", "2m"))
PRICE = st.sampled_from(("0", "0.075", "0.1", "2.5", "5", "5.0001", "4.99999", "20"))
DATE = st.sampled_from([date for date in DATES if date])
FIELDS = {"tokens": TOKENS, "price": PRICE, "date": DATE}
NAMES = {**ORDERED_FIELDS, **{a: ORDERED_FIELDS[f] for a, f in FIELD_ALIASES.items()}}


@st.composite
def comparisons(draw: st.DrawFn) -> str:
    """Return a comparison of the grammar."""
    name = draw(st.sampled_from(sorted(NAMES)))
    return name + draw(COMPARISON) + draw(FIELDS[NAMES[name]])


WORDS = st.one_of(
    st.sampled_from(CAPABILITIES),
    st.sampled_from(CAPABILITIES).map("no:{}".format),
    st.sampled_from(CAPABILITIES).map("maybe:{}".format),
    comma(("p0", "p1", "p2")).map("provider:{}".format),
    comma(MODES).map("mode:{}".format),
    comma((*STATUSES, "any")).map("status:{}".format),
    comma(("alpha", "beta")).map("family:{}".format),
    comma(("acme/alpha", "acme/beta")).map("canonical:{}".format),
    comma(("text", "image", "audio", "in:audio", "out:text")).map("modality:{}".format),
    st.sampled_from(("yes", "no")).map("open_weights:{}".format),
    st.sampled_from(("alpha", "M-1", '"alpha one"')).map("text:{}".format),
    TOKENS.map("min_context:{}".format),
    TOKENS.map("min_output:{}".format),
    PRICE.map("max_input:{}".format),
    PRICE.map("max_output:{}".format),
    DATE.map("released_after:{}".format),
    comparisons(),
)
SORTS = st.sampled_from(("ref", *ORDERED_FIELDS)).flatmap(
    lambda name: st.sampled_from((f"sort:{name}", f"sort:-{name}"))
)
PAGES = st.lists(
    st.one_of(
        st.integers(0, 70).map("limit:{}".format),
        st.integers(0, 70).map("offset:{}".format),
        SORTS,
    ),
    max_size=3,
)
