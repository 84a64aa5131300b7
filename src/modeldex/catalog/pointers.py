"""Rolling aliases: the price of a pointer is the price of what it points to."""

from __future__ import annotations

from modeldex.catalog.encode import encode_sources
from modeldex.domain.model import COLUMNS
from modeldex.domain.record import read_sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Key = tuple[str, str]

# who is named for the price of a pointer
ALIAS_OF = "alias_of"
# who is believed before the target: people
_PERSONS = ("curated", "user")
_MAX_CHAIN = 4
_ALIAS = COLUMNS.index("alias_of")
_PRICING, _RATES = COLUMNS.index("pricing"), COLUMNS.index("rates")
_SOURCES = COLUMNS.index("sources")
_PRICES = ("pricing", "rates")


def price_pointers(models: Mapping[Key, list[str]]) -> dict[Key, list[str]]:
    """Return models with the whole pricing of its target given to every pointer.

    A model is its columns. A price that a person wrote stays, and so does one that
    has all of the target's standard price already, with the sources that say so; a
    target without a known price gives none.
    """
    priced = dict(models)
    for key, columns in models.items():
        target = _target(models, key) if columns[_ALIAS] else None
        if target is None or _has(columns, target):
            continue
        sources = _priced_by_target(read_sources(columns[_SOURCES]))
        if sources is not None:
            given = list(columns)
            given[_PRICING], given[_RATES] = target[_PRICING], target[_RATES]
            given[_SOURCES] = encode_sources(sources)
            priced[key] = given
    return priced


def without_price_of_target(columns: list[str]) -> list[str]:
    """Return a model without the pricing that `price_pointers` gave it, if any.

    One with a price that a person wrote beside it, as of a contract, stays.
    """
    if not columns[_ALIAS]:
        return columns
    sources = read_sources(columns[_SOURCES])
    if sources.get("pricing") != ALIAS_OF or _priced_by_target(sources) is None:
        return columns
    found = list(columns)
    found[_PRICING] = found[_RATES] = ""
    kept = {name: by for name, by in sources.items() if name not in _PRICES}
    found[_SOURCES] = encode_sources(kept)
    return found


def _has(columns: list[str], target: list[str]) -> bool:
    """Tell whether a model's standard price says all that its target's does."""
    return set(target[_PRICING].split()) <= set(columns[_PRICING].split())


def _target(models: Mapping[Key, list[str]], key: Key) -> list[str] | None:
    """Return the model at the end of a chain of pointers, or None in a circle."""
    provider, _ = key
    columns = models.get(key)
    for _ in range(_MAX_CHAIN):
        if columns is None or not columns[_ALIAS]:
            return columns
        columns = models.get((provider, columns[_ALIAS]))
    return None


def _priced_by_target(sources: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return sources that name the target for the price; None where people wrote it."""
    kept: dict[str, Any] = {}
    for name, source in sources.items():
        if name.partition(".")[0] not in _PRICES:
            kept[name] = source
        elif not isinstance(source, str) or source in _PERSONS:
            return None
    everything = sources.get("*")
    if "pricing" not in sources and _is_persons(everything):
        return None
    return {**kept, **dict.fromkeys(_PRICES, ALIAS_OF)}


def _is_persons(source: object) -> bool:
    return source is not None and (not isinstance(source, str) or source in _PERSONS)
