"""Readers of capabilities, of request parameters, and of what limits rest on."""

from __future__ import annotations

from functools import lru_cache

from modeldex.catalog.authoring.notes import show
from modeldex.catalog.authoring.plain import plain
from modeldex.catalog.authoring.scalars import (
    FLAGS,
    LONGEST_NUMBER,
    NUMBER,
    WORD,
    decimal_of,
    flag_of,
    is_mapping,
    is_null,
    is_text,
    read_amount,
    read_choice,
    read_flag,
    read_table,
)
from modeldex.catalog.authoring.schema import MAX_COUNT
from modeldex.domain.capability import (
    ALIASES,
    CAPABILITIES,
    canonical_capability,
    spelled,
    why_dropped,
)
from modeldex.domain.capability_details import PARAMETERS, REQUEST_PARAMETERS
from modeldex.domain.record import LIMIT_NAMES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from modeldex.catalog.authoring.notes import Notes, Where
    from modeldex.catalog.authoring.schema import Field

    Row = Mapping[str, str | tuple[str, ...]]


@lru_cache(maxsize=1024)
def capability_name(name: str) -> tuple[str, bool] | None:
    """Return the name that is kept for a spelling and whether it is known.

    None for what cannot be a capability's name at all.
    """
    known = canonical_capability(name)
    if known:
        return known, True
    kept = spelled(name)
    return (kept, False) if WORD.fullmatch(kept) else None


def _capability(name: Any, where: Where, notes: Notes) -> str | None:
    if not is_text(name, where, notes, "a capability"):
        return None
    found = capability_name(str(name))
    if found is None:
        notes.add(where, "bad_name", f"{show(name)} is no lower_snake_case word")
        return None
    kept, is_known = found
    if not is_known:
        why = why_dropped(kept)
        message = f"{show(kept)} is outside the vocabulary"
        message += f": {why}" if why else notes.hint(kept, (*CAPABILITIES, *ALIASES))
        notes.warn(where, "unknown_capability", message)
    return kept


def read_capabilities(
    field: Field, value: Any, where: Where, notes: Notes
) -> dict[str, Any] | None:
    """Read a list of what a model can, or a mapping with yes, no or parameters."""
    known: dict[str, Any] = {}
    if value.__class__ is dict and _read_flags(value, known):
        return known
    known.clear()
    if value.__class__ is list:
        pairs: list[tuple[Any, Any, Any]] = [
            (index, name, "yes") for index, name in enumerate(value)
        ]
    elif is_mapping(value, where, notes):
        pairs = [(name, name, raw) for name, raw in value.items()]
    else:
        return None
    for key, name, raw in pairs:
        at = (*where, key)
        kept = _capability(name, at, notes)
        if kept is None or is_null(raw):
            continue
        ability = _read_ability(field, kept, raw, at, notes)
        if kept in known:
            _note_repeated(kept, known[kept] == ability, at, notes)
        elif ability is not None:
            known[kept] = ability
    return known if known or not value else None


def _read_flags(value: dict[str, Any], known: dict[str, Any]) -> bool:
    """Read a mapping that holds only words for known names; False for any other."""
    for name, raw in value.items():
        flag = FLAGS.get(raw) if raw.__class__ is str else None
        if flag is None or name not in CAPABILITIES:
            return False
        known[name] = flag
    return True


def _read_ability(field: Field, name: str, raw: Any, where: Where, notes: Notes) -> Any:
    if raw.__class__ is not dict:
        return read_flag(field, raw, where, notes)
    known = PARAMETERS.get(name, {})
    kept = {}
    for parameter, value in raw.items():
        at = (*where, parameter)
        row = known.get(parameter)
        kept[parameter] = plain(field, value, at, notes)
        if row is not None:
            kept[parameter] = _read_parameter(row, value, kept[parameter], at, notes)
        elif name in CAPABILITIES:
            message = f"{show(parameter)} is no parameter of {name}"
            hint = notes.hint(parameter, known)
            notes.warn(at, "unknown_parameter", message + hint)
    return kept


def _read_parameter(
    row: Row, raw: Any, otherwise: Any, where: Where, notes: Notes
) -> Any:
    """Return a parameter as its type has it; as it is written after a warning."""
    kind = str(row["type"])
    value = _TYPES[kind](raw, otherwise)
    if value is None:
        message = f"write {_WRITTEN[kind]}, not {show(otherwise)}"
        notes.warn(where, "bad_parameter", message)
        return otherwise
    allowed = tuple(row.get("values", ()))
    words = (value,) if isinstance(value, str) else value
    for word in words if allowed else ():
        if word not in allowed:
            message = f"{show(word)} is not one of {', '.join(allowed)}"
            hint = notes.hint(word, allowed)
            notes.warn(where, "bad_parameter", message + hint)
    return value


def _as_flag(raw: Any, _: Any) -> bool | None:
    return flag_of(raw) if isinstance(raw, str) else None


def _as_count(_: Any, value: Any) -> int | None:
    return value if type(value) is int and 0 <= value <= MAX_COUNT else None


def _as_word(_: Any, value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _as_words(_: Any, value: Any) -> list[str] | None:
    if value.__class__ is not list or not all(isinstance(item, str) for item in value):
        return None
    return list(value)


def _as_flags(raw: Any, _: Any) -> dict[str, bool] | None:
    if raw.__class__ is not dict:
        return None
    flags = {word: _as_flag(value, value) for word, value in raw.items()}
    known = {word: flag for word, flag in flags.items() if flag is not None}
    return known if len(known) == len(flags) else None


def _as_range(_: Any, value: Any) -> dict[str, int] | None:
    if value.__class__ is not dict or not value.keys() <= {"min", "max"}:
        return None
    ends = {end: _as_count(count, count) for end, count in value.items()}
    known = {end: count for end, count in ends.items() if count is not None}
    is_ordered = known.get("min", 0) <= known.get("max", MAX_COUNT)
    return known if len(known) == len(ends) and is_ordered else None


# type -> reader of a parameter, given as it is written and as it is plainly typed
_TYPES: dict[str, Callable[[Any, Any], Any]] = {
    "flag": _as_flag,
    "count": _as_count,
    "word": _as_word,
    "words": _as_words,
    "flags": _as_flags,
    "range": _as_range,
}
_WRITTEN = {
    "flag": "yes or no",
    "count": "a whole number",
    "word": "a word",
    "words": "a list of words",
    "flags": "a mapping of words to yes or no",
    "range": "{min: …, max: …} in whole numbers",
}


def read_requests(
    field: Field, value: Any, where: Where, notes: Notes
) -> dict[str, Any] | None:
    """Read request parameters: yes, no, or values, bounds and default of each."""
    if not is_mapping(value, where, notes):
        return None
    kept: dict[str, Any] = {}
    for name, raw in value.items():
        at = (*where, name)
        if not WORD.fullmatch(name):
            notes.add(at, "bad_name", f"{show(name)} is no lower_snake_case word")
            continue
        if name not in REQUEST_PARAMETERS:
            hint = notes.hint(name, REQUEST_PARAMETERS)
            message = f"{show(name)} is no known request parameter{hint}"
            notes.warn(at, "unknown_parameter", message)
        if raw.__class__ is dict:
            kept[name] = _read_request(raw, at, notes)
        elif not is_null(raw):
            flag = read_flag(field, raw, at, notes)
            if flag is not None:
                kept[name] = flag
    return kept if kept or not value else None


def _read_request(raw: dict[str, Any], where: Where, notes: Notes) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, value in raw.items():
        at = (*where, key)
        words = _as_words(value, value)
        if key == "values" and words is not None:
            kept[key] = [str(word) for word in words]
        elif key in ("min", "max") and isinstance(value, str):
            amount = read_amount(value, at, notes, "a number", "0.5")
            if amount is not None:
                kept[key] = amount
        elif key == "default" and isinstance(value, str):
            is_number = NUMBER.fullmatch(value[:LONGEST_NUMBER])
            kept[key] = decimal_of(value) if is_number else str(value)
        else:
            message = "write {values: […]} or {min, max, default}, not "
            notes.add(at, "bad_shape", message + show(key))
    return kept


def read_basis(
    field: Field, value: Any, where: Where, notes: Notes
) -> dict[str, str] | None:
    """Read what limits rest on: limit to published, measured, configured, inferred."""
    return read_table(field, value, where, notes, LIMIT_NAMES, read_choice)


def _note_repeated(name: str, agrees: bool, where: Where, notes: Notes) -> None:  # noqa: FBT001
    if agrees:
        notes.warn(where, "duplicate_capability", f"{name} is named twice")
    else:
        notes.add(where, "conflict", f"{name} is given twice with another value")
