"""A bad query says where and what to write instead."""

from __future__ import annotations

import pytest

from catalogs import random_entries, registry_of
from modeldex.catalog.query import Query
from modeldex.errors import InvalidQueryError, UnknownProviderError

CASES = {
    "visoin": (0, "did you mean vision"),
    "vision visoin": (7, "did you mean vision"),
    "min_contxt:3": (0, "min_context"),
    "min_context:many": (0, "not a number of tokens"),
    "min_context:-1": (0, "not a number of tokens"),
    "max_input:cheap": (0, "not a price"),
    "max_input:nan": (0, "not a price"),
    "max_input:1e999999": (0, "not a price"),
    "max_input:-1": (0, "not a price"),
    "sort:price": (0, "unknown order"),
    "limit:few": (0, "not a count"),
    "status:dead": (0, "unknown status"),
    "modality:up:image": (0, "unknown side"),
    "released_after:2026-13": (0, "not a date"),
    "released_after:yesterday": (0, "not a date"),
    "open_weights:perhaps": (0, "neither yes nor no"),
    "context>>5": (0, "not a number of tokens"),
    "price<5": (0, "unknown field"),
    "provider:": (0, "has no value"),
    'text:"open': (0, "is not closed"),
    "mode:chat  what:ever": (11, "unknown term"),
}


@pytest.mark.parametrize("text", CASES)
def test_a_bad_query_says_where_and_what(text: str) -> None:
    """The error holds the position of the bad term and names what is wrong."""
    position, words = CASES[text]
    with pytest.raises(InvalidQueryError) as caught:
        Query.parse(text)
    assert caught.value.position == position
    assert words in str(caught.value)
    assert f"at character {position + 1}:" in str(caught.value)


def test_bad_keywords_are_refused_too() -> None:
    """An unknown keyword or value raises the same error, without a position."""
    registry = registry_of(random_entries(1, 3))
    with pytest.raises(InvalidQueryError, match="unknown term 'capabilites'"):
        registry.find(capabilites=["vision"])
    with pytest.raises(InvalidQueryError, match="unknown mode 'chta'"):
        registry.find(mode="chta")
    with pytest.raises(UnknownProviderError, match="unknown provider 'px'"):
        registry.find(provider="px")
    for empty in ("", ",", []):
        with pytest.raises(InvalidQueryError, match="provider: has no value"):
            registry.find(provider=empty)
    with pytest.raises(InvalidQueryError, match="not a price"):
        registry.find(max_input_price=float("nan"))


def test_a_capability_outside_the_vocabulary_may_be_asked_where_it_is_known() -> None:
    """A directory of the user's own may name abilities of its own."""
    registry = registry_of({("p", "m"): {"capabilities": {"debugging": True}}})
    assert registry.find_refs("debugging") == ["p/m"]
    with pytest.raises(InvalidQueryError):
        Query.parse("debugging")
