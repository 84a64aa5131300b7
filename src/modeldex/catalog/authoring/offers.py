"""Readers of what a provider offers: words, features, limitations.

They work as those of `scalars` do: a bad member is noted and left out, the rest kept.
"""

from __future__ import annotations

import re

from modeldex.catalog.authoring.notes import show
from modeldex.catalog.authoring.parse import Quoted
from modeldex.catalog.authoring.scalars import (
    WORD,
    flag_of,
    is_mapping,
    is_null,
    is_text,
    kind_of,
    read_flag,
    read_text,
)
from modeldex.domain.feature import FEATURES, feature_name, is_feature

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from modeldex.catalog.authoring.notes import Notes, Where
    from modeldex.catalog.authoring.schema import Field

_WHOLE = re.compile(r"0|[1-9][0-9]{0,17}")
_LIMITATION_KEYS = ("value", "unit", "note")


def _read_name(value: Any, where: Where, notes: Notes, wanted: str) -> str | None:
    if not is_text(value, where, notes, wanted):
        return None
    if not WORD.fullmatch(value):
        notes.add(where, "bad_name", f"{show(value)} is no lower_snake_case word")
        return None
    return str(value)


def read_words(
    field: Field, value: Any, where: Where, notes: Notes
) -> list[str] | None:
    """Read a list of words; one outside the field's choices is kept with a warning."""
    if value.__class__ is not list:
        notes.add(where, "bad_shape", f"write a list, not {kind_of(value)}")
        return None
    words: list[str] = []
    for index, raw in enumerate(value):
        at = (*where, index)
        word = None if is_null(raw) else _read_name(raw, at, notes, "a word")
        if word is None or word in words:
            continue
        if field.choices and word not in field.choices:
            hint = notes.hint(word, field.choices)
            notes.warn(at, f"unknown_{field.name}", f"{show(word)} is not known{hint}")
        words.append(word)
    return words if words or not value else None


def read_features(
    field: Field, value: Any, where: Where, notes: Notes
) -> dict[str, bool] | None:
    """Read a list of what a provider offers, or a mapping with yes and no.

    Two spellings of one feature must agree; words are kept as they are written.
    """
    if value.__class__ is list:
        pairs: list[tuple[Any, Any, Any]] = [(i, n, "yes") for i, n in enumerate(value)]
    elif is_mapping(value, where, notes):
        pairs = [(name, name, raw) for name, raw in value.items()]
    else:
        return None
    known: dict[str, bool] = {}
    meant: dict[str, bool] = {}
    for key, name, raw in pairs:
        at = (*where, key)
        word = None if is_null(raw) else _read_name(name, at, notes, "a feature")
        offered = None if word is None else read_flag(field, raw, at, notes)
        if word is None or offered is None:
            continue
        if not is_feature(word):
            hint = notes.hint(word, FEATURES)
            notes.warn(at, "unknown_feature", f"{show(word)} is not known{hint}")
        if meant.setdefault(feature_name(word), offered) != offered:
            message = f"{feature_name(word)} is given twice with another value"
            notes.add(at, "conflict", message)
            continue
        known[word] = offered
    return known if known or not value else None


def read_limitations(
    field: Field, value: Any, where: Where, notes: Notes
) -> dict[str, dict[str, Any]] | None:
    """Read name to limitation: {value, unit, note}, or a value alone.

    A value is yes, no, a whole number, a text or a list of texts. A number wants
    the unit it counts.
    """
    if not is_mapping(value, where, notes):
        return None
    known: dict[str, dict[str, Any]] = {}
    for name, raw in value.items():
        at = (*where, name)
        word = None if is_null(raw) else _read_name(name, at, notes, "a name")
        found = None if word is None else _read_limitation(field, raw, at, notes)
        if word is not None and found is not None:
            known[word] = found
    return known if known or not value else None


def _read_limitation(
    field: Field, raw: Any, where: Where, notes: Notes
) -> dict[str, Any] | None:
    given = raw if raw.__class__ is dict else {"value": raw}
    for key in given:
        if key not in _LIMITATION_KEYS:
            hint = notes.hint(key, _LIMITATION_KEYS)
            notes.add((*where, key), "unknown_key", f"{show(key)} is not known{hint}")
    if is_null(given.get("value", "")):
        notes.add(where, "bad_shape", "write {value: 5, unit: images} or a value alone")
        return None
    at = (*where, "value") if given is raw else where
    value = _read_limit_value(field, given["value"], at, notes)
    if value is None:
        return None
    found = {"value": value}
    if not is_null(given.get("unit", "")):
        unit = _read_name(given["unit"], (*where, "unit"), notes, "a unit")
        found |= {"unit": unit} if unit else {}
    elif value.__class__ is int:
        notes.warn(where, "missing_unit", "say what the number counts: unit: bytes")
    if not is_null(given.get("note", "")):
        note = read_text(field, given["note"], (*where, "note"), notes)
        found |= {"note": note} if note else {}
    return found


def _read_limit_value(field: Field, raw: Any, where: Where, notes: Notes) -> Any:
    if raw.__class__ is list:
        read = (read_text(field, one, (*where, i), notes) for i, one in enumerate(raw))
        return [one for one in read if one is not None] or None
    if not is_text(raw, where, notes, "a value"):
        return None
    if raw.__class__ is not Quoted:
        flag = flag_of(raw)
        if flag is not None:
            return flag
        if _WHOLE.fullmatch(raw):
            return int(raw)
    return read_text(field, raw, where, notes)
