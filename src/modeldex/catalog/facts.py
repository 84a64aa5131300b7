"""A model's facts field by field, each with its source, as a store keeps them.

The same facts have two forms: nested, as YAML writes them, with `sources` beside;
and flat, field -> Fact. What is derived (a pointer's price, an implied ability) is in
neither.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from modeldex.catalog.authoring.schema import CURATED_KEYS
from modeldex.catalog.by_hand import said_by_hand
from modeldex.catalog.encode import decode, encode
from modeldex.catalog.merging.claims import GROUPS, nest
from modeldex.catalog.pointers import (
    ALIAS_OF,
    price_pointers,
    without_price_of_target,
)
from modeldex.catalog.query import Query
from modeldex.catalog.stack import stack
from modeldex.domain.change import CATALOG, Fact
from modeldex.domain.model import COLUMNS, ITEM_SEPARATOR
from modeldex.domain.pricing import METERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from modeldex.catalog import Catalog, Snapshot
    from modeldex.domain.change import Facts, Key

    Ref = tuple[str, str]  # provider, model id

CURATED = "curated"
_EVERYTHING = "*"
_SOURCES = COLUMNS.index("sources")
_METER_ORDER = {f"pricing.{meter}": n for n, meter in enumerate(METERS)}


def flat_facts(nested: Mapping[str, Any]) -> dict[str, Fact]:
    """Return nested facts field by field; a field's source is the nearest stated."""
    sources = nested.get("sources") or {}
    everything = sources.get(_EVERYTHING)
    found: dict[str, Fact] = {}
    for name, value in nested.items():
        if name == "sources":
            continue
        source = sources.get(name, everything)
        if name not in GROUPS:
            found[name] = Fact(value, source)
            continue
        for entry, item in value.items():
            field = f"{name}.{entry}"
            found[field] = Fact(item, sources.get(field, source))
    return found


def nested_facts(flat: Facts) -> dict[str, Any]:
    """Return flat facts nested, with as few lines of `sources` as say the same."""
    ordered = sorted(flat.items(), key=lambda item: _order(item[0]))
    facts = nest({field: fact.value for field, fact in ordered})
    sources = _shortest({field: _said(fact.source) for field, fact in ordered})
    if sources:
        facts["sources"] = sources
    return facts


def _order(field: str) -> int:
    """Return the place of a price among the meters; all else stays where it is."""
    return _METER_ORDER.get(field, -1)


def _said(source: Any) -> Any:
    """Return a source with who, when and why in the order of YAML."""
    if not isinstance(source, dict):
        return source
    return {name: source[name] for name in CURATED_KEYS if name in source}


def _shortest(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return sources by field, group and `*`, where one says it of all beneath."""
    named = {field: source for field, source in given.items() if source is not None}
    if not named:
        return {}
    texts = {field: repr(source) for field, source in named.items()}
    kinds = {repr(source): source for source in named.values()}
    counted = Counter(texts.values())
    most = min(counted, key=lambda text: (-counted[text], text))
    found: dict[str, Any] = {}
    if len(named) == len(given):  # `*` would name one for what nobody gave
        found[_EVERYTHING] = kinds[most]
        texts = {field: text for field, text in texts.items() if text != most}
    groups: dict[str, set[str]] = {}
    for field in given:
        group = field.partition(".")[0]
        if group in GROUPS:
            groups.setdefault(group, set()).add(texts.get(field, ""))
    for field, text in texts.items():
        group = field.partition(".")[0]
        name = group if len(groups.get(group, ())) == 1 else field
        found[name] = kinds[text]
    return found


def stored_facts(columns: Sequence[str]) -> dict[str, Fact]:
    """Return what a store keeps of a model of a snapshot."""
    found = flat_facts(decode(columns))
    derived = [field for field, fact in found.items() if fact.source == ALIAS_OF]
    for field in derived:
        del found[field]
    return found


def settled(columns: list[str]) -> list[str]:
    """Return a model's columns as they are when a store has kept its facts."""
    provider, model_id, *_ = columns
    sources = columns[_SOURCES]
    if ITEM_SEPARATOR not in sources and not sources.startswith("{"):
        return columns  # one source: there is one way to say it
    return encode(provider, model_id, nested_facts(stored_facts(columns)))


def state_of(snapshot: Snapshot) -> dict[Key, Facts]:
    """Return the state of a catalogue's models, of the layer of sources."""
    rows = list(range(snapshot.meta["models"]))
    return {
        (CATALOG, columns[0], columns[1]): stored_facts(columns)
        for columns in snapshot.rows_columns(rows)
    }


def stacked_facts(below: Mapping[str, Any] | None, own: Facts) -> dict[str, Any] | None:
    """Return a model's nested facts with what people wrote on top; None for neither."""
    if not own:
        return None if below is None else dict(below)
    nested = nested_facts(own)
    return nested if below is None else stack(below, nested, CURATED)


def with_hand(columns: Sequence[str], now: Sequence[str] | None) -> Sequence[str]:
    """Return a model's columns of before with what people say of it now on top.

    `now` are its columns in the catalogue, if it is there; they are the answer where
    people have taken back what they had said.
    """
    hand = said_by_hand(decode(now)) if now else None
    before = decode(columns)
    said = said_by_hand(before)
    if hand == said:
        return columns
    if hand is None or (said and not said.keys() <= hand.keys()):
        return columns if now is None else now
    return encode(columns[0], columns[1], stack(before, hand, CURATED))


def restacked(
    catalog: Catalog, new: Mapping[Ref, Mapping[str, Any] | None]
) -> dict[Ref, list[str] | None]:
    """Return the columns of the models that differ when some have these nested facts.

    A pointer to a changed model has another price too. None is a model that is gone.
    """
    found: dict[Ref, list[str] | None] = {}
    for provider in {provider for provider, _ in new}:
        known = _models_of(catalog, provider)
        changed = {key: without_price_of_target(c) for key, c in known.items()}
        for key, facts in new.items():
            if key[0] == provider and facts is not None:
                changed[key] = encode(*key, facts)
            elif key[0] == provider and changed.pop(key, None) is not None:
                found[key] = None
        priced = price_pointers(changed).items()
        found |= {key: columns for key, columns in priced if known.get(key) != columns}
    return found


def refs_at(catalog: Catalog, provider: str) -> set[Ref]:
    """Return (provider, id) of each model at a provider; of none at an unknown one."""
    return set(_models_of(catalog, provider))


def _models_of(catalog: Catalog, provider: str) -> dict[Ref, list[str]]:
    if provider not in catalog.snapshot.providers:
        return {}
    terms = [("provider", "in", (provider,)), ("status", "in", ("any",))]
    rows = catalog.rows(Query(terms))
    listed = catalog.snapshot.rows_columns(rows)
    return {(columns[0], columns[1]): columns for columns in listed}
