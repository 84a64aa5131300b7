"""Any question finds what a naive look at every model finds."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from catalogs import random_entries, registry_of
from modeldex.catalog.query import Query
from modeldex.catalog.values import ORDERED_FIELDS
from modeldex.domain.lifecycle import LEFT_OUT, STATUSES, first_day
from queries import OPERATORS, PAGES, WORDS

if TYPE_CHECKING:
    from modeldex.domain.model import Model

REGISTRIES = [registry_of(random_entries(seed)) for seed in range(3)]
ATTRIBUTES = {
    "context": "context_window",
    "released": "release_date",
    "deprecated": "deprecation_date",
}


def fact(model: Model, field: str) -> Any:
    """Return the ordered fact that a field of the grammar stands for."""
    if field in ("input", "output"):
        return getattr(model.pricing, field)
    value = getattr(model, ATTRIBUTES.get(field, field))
    return first_day(value) if field == "released" and value else value


def holds(model: Model, term: tuple[str, str, Any]) -> bool:  # noqa: PLR0911
    """Tell whether a term holds for a model, from its public attributes alone."""
    field, operator, value = term
    if field in ORDERED_FIELDS:
        known = fact(model, field)
        return known is not None and OPERATORS[operator](known, value)
    if field in ("yes", "no", "maybe"):
        wanted = {"yes": (True,), "no": (False,), "maybe": (True, None)}[field]
        return model.capabilities.get(value) in wanted
    if field == "status":
        return "any" in value or model.status in value
    if field == "modalities":
        known = model.modalities or {"input": [], "output": []}
        sides = {
            f"{side}:{kind}" for side, kinds in known.items() for kind in kinds
        } | {kind for kinds in known.values() for kind in kinds}
        return sides.issuperset(value)
    if field == "open_weights":
        return model.open_weights is value
    if field == "text":
        return value in f"{model.ref} {model._columns[2]}".lower()
    return getattr(model, field) in value


def order(model: Model, name: str) -> Any:
    """Return the key of the catalogue's own order: price, output price, ref."""
    price, output = model.pricing.input, model.pricing.output
    return price is None, price or 0, output is None, output or 0, model.ref, name


def naive(models: list[Model], query: Query) -> list[str]:
    """Answer a query by looking at every model."""
    terms = list(query.terms)
    if not any(field == "status" for field, _, _ in terms):
        terms.append(("status", "in", tuple(s for s in STATUSES if s not in LEFT_OUT)))
    found = [model for model in models if all(holds(model, term) for term in terms)]
    found.sort(key=lambda model: order(model, ""))
    sort = query.sort or "ref"
    name = sort.lstrip("-")
    descending = sort.startswith("-")
    if name in ("input", "output"):
        found = [model for model in found if fact(model, name) is not None]
    if name == "ref":
        found.sort(key=lambda model: model.ref, reverse=descending)
    else:
        known = [model for model in found if fact(model, name) is not None]
        known.sort(key=lambda model: fact(model, name), reverse=descending)
        if descending:  # equal ones stay in the catalogue's order
            groups: dict[Any, list[Model]] = {}
            for model in found:
                groups.setdefault(fact(model, name), []).append(model)
            known = [
                m
                for key in dict.fromkeys(fact(k, name) for k in known)
                for m in groups[key]
            ]
        found = known + [model for model in found if fact(model, name) is None]
    end = None if query.limit is None else query.offset + query.limit
    return [model.ref for model in found[query.offset : end]]


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(REGISTRIES), st.lists(WORDS, max_size=4), PAGES)
def test_find_equals_a_naive_filter(
    registry: Any, words: list[str], page: list[str]
) -> None:
    """Any query of the grammar finds what looking at every model finds, in order."""
    text = " ".join([*words, *page])
    query = registry.query(text)
    models = registry.find(status="any")
    assert registry.find_refs(text) == naive(models, query)
    assert [model.ref for model in registry.find(query)] == naive(models, query)


@settings(max_examples=80, deadline=None)
@given(st.lists(WORDS, max_size=5), PAGES)
def test_a_query_is_read_back_as_it_was_written(
    words: list[str], page: list[str]
) -> None:
    """Writing a query in the grammar and reading it again gives an equal query."""
    query = Query.parse(" ".join([*words, *page]))
    assert Query.parse(str(query)) == query


RANDOM = registry_of(random_entries(7, 80))
PRICE = st.sampled_from(("0", "0.075", "0.1", "2.5", "5", "5.0001", "15", "16"))


@settings(max_examples=60, deadline=None)
@given(PRICE, PRICE, PRICE, PRICE)
def test_cost_ranges_equal_a_naive_filter(a: str, b: str, c: str, d: str) -> None:
    """A cost range finds what comparing the Decimals of every model finds."""
    (low, high), (least, most) = (
        sorted(map(Decimal, (a, b))),
        sorted(map(Decimal, (c, d))),
    )
    naive = [
        model
        for model in RANDOM.list_all()
        if model.pricing.input is not None
        and model.pricing.output is not None
        and low <= model.pricing.input <= high
        and least <= model.pricing.output <= most
    ]
    naive.sort(key=lambda m: (m.pricing.input, m.pricing.output, m.ref))
    found = RANDOM.find_by_cost_range(input=(low, high), output=(least, most))
    assert [model.ref for model in found] == [model.ref for model in naive]
