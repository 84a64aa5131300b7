"""What people say of models in a catalogue: facts that no source told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.catalog.merging.claims import GROUPS
from modeldex.domain.model import COLUMNS
from modeldex.domain.pricing import split_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Ref = tuple[str, str]  # provider, model id

PERSONS = ("user", "curated")
_SOURCES, _RATES = COLUMNS.index("sources"), COLUMNS.index("rates")
_SIGNS = (*(name.encode() for name in PERSONS), b"contract=yes")
_EVERYTHING = "*"


def is_persons(source: Any) -> bool:
    """Tell whether a source is a person: a word for one, or who, when and why."""
    return source in PERSONS if isinstance(source, str) else source is not None


def rows_by_hand(snapshot: Any) -> list[list[str]]:
    """Return the columns of models of which a person may have said something.

    A snapshot's bodies are searched as bytes, since that takes a hundredth of reading
    them.
    """
    base = getattr(snapshot, "_base", None)
    if base is not None:  # a base and changed models
        changed = snapshot.changed
        found = [c for c in rows_by_hand(base) if (c[0], c[1]) not in changed]
        return found + [c for c in changed.values() if _may_be(c)]
    if hasattr(snapshot, "_models"):
        return [c for c in snapshot._models if _may_be(c)]  # noqa: SLF001
    return snapshot.rows_columns(_rows_with(snapshot))  # type: ignore[no-any-return]


def _may_be(columns: Sequence[str]) -> bool:
    said, rates = columns[_SOURCES], columns[_RATES]
    return any(name in said for name in PERSONS) or "contract=yes" in rates


def _rows_with(snapshot: Any) -> list[int]:
    """Return the rows whose bodies hold one of the signs of a person."""
    data = snapshot.block("bodies")
    offsets = snapshot.part("offsets", _numbers)
    order = sorted(range(len(offsets)), key=offsets.__getitem__)
    found = set()
    for sign in _SIGNS:
        place = data.find(sign)
        while place >= 0:
            low, high = 0, len(order)
            while low < high:
                middle = (low + high) // 2
                if offsets[order[middle]] <= place:
                    low = middle + 1
                else:
                    high = middle
            found.add(order[low - 1])
            place = data.find(sign, place + 1)
    return sorted(found)


def _numbers(data: bytes) -> Sequence[int]:
    from modeldex.catalog import read_numbers

    return read_numbers(data)


def said_by_hand(
    nested: Mapping[str, Any], known: str | None = None
) -> dict[str, Any] | None:
    """Return the facts of a model that people gave, nested, with their sources.

    Rates of a contract are people's whoever gave them. What a person is known to have
    written after the day `known` is left out. None where there is nothing.
    """
    sources = nested.get("sources") or {}
    found: dict[str, Any] = {}
    said: dict[str, Any] = {}

    def take(source: Any) -> bool:
        at = source.get("at") if isinstance(source, dict) else None
        return is_persons(source) and not (known and at and str(at) > known)

    for field, value in nested.items():
        if field == "sources":
            continue
        whole = sources.get(field, sources.get(_EVERYTHING))
        if field not in GROUPS:
            if take(whole):
                found[field], said[field] = value, whole
            continue
        for entry, item in value.items():
            source = sources.get(f"{field}.{entry}", whole)
            if take(source) or (field == "rates" and "contract" in split_key(entry)[1]):
                found.setdefault(field, {})[entry] = item
                if source is not None:
                    said[f"{field}.{entry}"] = source
    return {**found, "sources": said} if found else None
