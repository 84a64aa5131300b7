"""`find` answers what a naive filter over all models answers."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from catalogs import DAY, random_entries, registry_of
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


def test_keywords_and_text_are_one_grammar() -> None:
    """Python keywords mean what the text spells."""
    registry = REGISTRIES[0]
    text = registry.query(
        "vision no:audio_input maybe:reasoning provider:p0,p1 mode:chat"
        " modality:in:image family:alpha canonical:acme/alpha status:active"
        " min_context:100k min_output:8192 max_input:5 max_output:15.5"
        " released_after:2024-05 open_weights:no text:m-"
        " sort:-context limit:3 offset:1"
    )
    keywords = registry.query(
        capabilities=["vision"],
        without="audio_input",
        maybe=["reasoning"],
        provider=["p0", "p1"],
        mode="chat",
        modalities="in:image",
        family="alpha",
        canonical="acme/alpha",
        status="active",
        min_context=100_000,
        min_output="8192",
        max_input_price=5,
        max_output_price=Decimal("15.5"),
        released_after="2024-05",
        open_weights=False,
        text="m-",
        sort="-context",
        limit=3,
        offset=1,
    )
    assert text == keywords


def test_a_day_passing_retires_a_model() -> None:
    """Status follows the day of the question, not the day of compilation."""
    entries = {("p0", "m"): {"deprecation_date": DAY}}
    assert registry_of(entries, day="2026-06-14").find_refs() == ["p0/m"]
    assert registry_of(entries, day=DAY).find_refs() == []
    assert registry_of(entries, day=DAY).find_refs("status:retired") == ["p0/m"]
    assert registry_of(entries, day=DAY).get_info("p0/m").status == "retired"


def test_a_bound_is_exact_in_any_decimal_context() -> None:
    """A program's own decimal precision does not move a price bound."""
    entries = {("p", "m"): {"pricing": {"input": Decimal("5.0001")}}}
    registry = registry_of(entries)
    with localcontext() as context:
        context.prec = 3
        assert registry.find_refs(max_input_price="5.00009") == []
        assert registry.find_refs(max_input_price="5.0001") == ["p/m"]
