"""Rolling aliases: the price of a pointer is the price of what it points to."""

from __future__ import annotations

from modeldex.catalog.encode import encode_sources
from modeldex.domain.model import COLUMNS, ITEM_SEPARATOR
from modeldex.domain.pricing import read_items
from modeldex.domain.record import read_sources
from modeldex.domain.source_name import is_followed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Key = tuple[str, str]

# who is named for the price of a pointer
ALIAS_OF = "alias_of"
# who is believed before the target: people, here and of a registry that is followed
_PERSONS = ("curated", "user")
_MAX_CHAIN = 4
_ALIAS = COLUMNS.index("alias_of")
_PRICING, _RATES = COLUMNS.index("pricing"), COLUMNS.index("rates")
_SOURCES = COLUMNS.index("sources")
_PRICES = ("pricing", "rates")


def price_pointers(models: Mapping[Key, list[str]]) -> dict[Key, list[str]]:
    """Return models with the whole pricing of its target given to every pointer.

    A model is its columns. A price that a person wrote stays, and rates of a person
    (as of a contract) stay on top; so does a price that has all of the target's
    standard price already, with the sources that say so; a target without a known
    price gives none.
    """
    priced = dict(models)
    for key, columns in models.items():
        target = _target(models, key) if columns[_ALIAS] else None
        if target is None or _has(columns, target):
            continue
        own = _rates_of_persons(columns)
        if own is not None:
            priced[key] = _given(columns, target[_PRICING], target[_RATES], own)
    return priced


def without_price_of_target(columns: list[str]) -> list[str]:
    """Return a model without the pricing that `price_pointers` gave it, if any."""
    if not columns[_ALIAS]:
        return columns
    own = _rates_of_persons(columns)
    if own is None or read_sources(columns[_SOURCES]).get("pricing") != ALIAS_OF:
        return columns
    return _given(columns, "", "", own)


def _given(
    columns: list[str], pricing: str, rates: str, own: Mapping[str, tuple[str, Any]]
) -> list[str]:
    """Return a model with a target's pricing, and a person's own rates over it."""
    amounts = dict(read_items(rates)) | {
        key: amount for key, (amount, _) in own.items()
    }
    items = [f"{key}={amount}" for key, amount in sorted(amounts.items())]
    sources = read_sources(columns[_SOURCES])
    kept = {n: by for n, by in sources.items() if n.partition(".")[0] not in _PRICES}
    kept |= dict.fromkeys(_PRICES, ALIAS_OF) if pricing else {}
    kept |= {f"rates.{key}": source for key, (_, source) in own.items()}
    found = list(columns)
    found[_PRICING], found[_RATES] = pricing, ITEM_SEPARATOR.join(items)
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


def _rates_of_persons(columns: list[str]) -> dict[str, tuple[str, Any]] | None:
    """Return the rates that persons wrote with their sources, by their keys.

    None where a person wrote the price itself.
    """
    sources = read_sources(columns[_SOURCES])
    stated = [by for n, by in sources.items() if n.partition(".")[0] == "pricing"]
    everything = sources.get("*")
    if any(map(_is_persons, stated)):
        return None
    has_own = bool(columns[_PRICING]) or not is_followed(everything)
    if "pricing" not in sources and has_own and _is_persons(everything):
        return None
    found = {}
    for key, amount in read_items(columns[_RATES]):
        source = sources.get(f"rates.{key}") or sources.get("rates") or everything
        if _is_persons(source):
            found[key] = (amount, source)
    return found


def _is_persons(source: object) -> bool:
    if isinstance(source, str):
        return source in _PERSONS or is_followed(source)
    return source is not None
