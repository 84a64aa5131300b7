"""A catalog plus changed models answers as one that is compiled anew."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogs import DAY, catalog_of, random_entries, random_facts
from modeldex.catalog.delta import delta_catalog
from modeldex.catalog.encode import encode
from modeldex.catalog.query import Query
from modeldex.catalog.values import SORTS
from queries import PAGES, WORDS

if TYPE_CHECKING:
    from modeldex.catalog import Catalog

DAYS = (DAY, "2026-06-16", "2026-12-31", "2027-02-01")
ADDED = ("acme/new-1", "acme/new-2", "zeta")


def pair(seed: int, day: str) -> tuple[Catalog, Catalog]:
    """Return a catalog with changes over it, and the same compiled as a whole."""
    draw = random.Random(seed)
    entries: dict[tuple[str, str], dict[str, Any]] = random_entries(seed, 40)
    keys = draw.sample(sorted(entries), draw.randint(1, 12))
    keys += [(f"p{draw.randint(0, 3)}", name) for name in ADDED[: draw.randint(0, 3)]]
    changed = {key: random_facts(draw) for key in keys}
    base = catalog_of(entries, day=day)
    over = {key: encode(*key, facts) for key, facts in changed.items()}
    providers = {key[0]: {"name": key[0].upper()} for key in keys}
    delta = delta_catalog(base, over, providers)
    return delta, catalog_of({**entries, **changed}, day=day)


PAIRS = [pair(seed, DAYS[seed % len(DAYS)]) for seed in range(24)]


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(PAIRS), st.lists(WORDS, max_size=3), PAGES)
def test_a_delta_finds_what_a_whole_catalog_finds(
    found: tuple[Catalog, Catalog], words: list[str], page: list[str]
) -> None:
    """Any query gives the same models in the same order."""
    delta, whole = found
    query = Query.parse(" ".join([*words, *page]))
    refs, rows = delta.refs, delta.rows(query)
    expected = [whole.refs[row] for row in whole.rows(query)]
    assert [refs[row] for row in rows] == expected
    assert [model.ref for model in delta.models(rows)] == expected
    assert delta.index.count(query) == whole.index.count(query)


@pytest.mark.parametrize("name", SORTS)
def test_every_order_is_that_of_a_whole_catalog(name: str) -> None:
    """Each order, up and down, is the same on days when prices have moved too."""
    for sort in (f"sort:{name}", f"sort:-{name}"):
        for delta, whole in PAIRS:
            query = Query.parse(f"status:any {sort}")
            found = [delta.refs[row] for row in delta.rows(query)]
            assert found == [whole.refs[row] for row in whole.rows(query)]


@pytest.mark.parametrize("number", range(8))
def test_a_delta_says_what_a_whole_catalog_says(number: int) -> None:
    """Vocabulary, providers, counts, canonical ids and every model are the same."""
    delta, whole = PAIRS[number]
    assert delta.snapshot.providers == whole.snapshot.providers
    assert delta.snapshot.meta == whole.snapshot.meta
    for name in ("capabilities", "modes", "modalities"):
        assert getattr(delta.vocabulary, name) == getattr(whole.vocabulary, name)
    assert sorted(zip(delta.refs, delta.index.canonicals, strict=True)) == sorted(
        zip(whole.refs, whole.index.canonicals, strict=True)
    )
    for ref in whole.refs:
        assert delta.get(*ref.split("/", 1)) == whole.get(*ref.split("/", 1))
    terms = [("yes", "has", "vision")]
    assert delta.index.providers(terms) == whole.index.providers(terms)
    assert delta.snapshot.digest != whole.snapshot.digest


def test_equal_changes_have_equal_digests() -> None:
    """The digest tells contents apart, not the order in which they came."""
    first, second = pair(3, DAY)[0], pair(3, DAY)[0]
    assert first.snapshot.digest == second.snapshot.digest
    assert pair(4, DAY)[0].snapshot.digest != first.snapshot.digest
