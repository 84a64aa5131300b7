"""Readers that type one scalar by the schema.

A reader gets the field's row, the raw value (text, list or mapping) and where it
stands; it returns the typed value, or None after noting why there is none.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from modeldex.catalog.authoring.notes import show
from modeldex.catalog.authoring.parse import Quoted
from modeldex.catalog.authoring.schema import (
    FALSE_WORDS,
    MAX_COUNT,
    MAX_DIGITS,
    MAX_EXPONENT,
    NULL_WORDS,
    TRUE_WORDS,
)
from modeldex.domain.ref import is_model_id, is_provider_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from modeldex.catalog.authoring.notes import Notes, Where
    from modeldex.catalog.authoring.schema import Field

    T = TypeVar("T")
    Reader = Callable[[Field, Any, Where, Notes], Any]

NUMBER = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,3}))?")
WORD = re.compile(r"[a-z0-9][a-z0-9_]{0,63}")
_COUNT = re.compile("0|[1-9][0-9]{0,11}")
_DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?")
_STAMP = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ][0-9:.]{5,20}(?:Z|[+-][0-9:]+)?)?"
)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_URL = re.compile(r"https?://[^\s<>\"'\\]{1,2000}")
_CANONICAL = re.compile(r"[A-Za-z0-9@~][^\s/]*(?:/[^\s/]+)+")
LONGEST_NUMBER = 64
FLAGS = dict.fromkeys(TRUE_WORDS, True) | dict.fromkeys(FALSE_WORDS, False)


def is_null(value: Any) -> bool:
    """Tell whether a raw value is YAML's null, written plainly."""
    return value.__class__ is str and value in NULL_WORDS


def kind_of(value: Any) -> str:
    """Name the shape of a raw value for a message."""
    return {"dict": "a mapping", "list": "a list"}.get(type(value).__name__, "text")


def is_text(value: Any, where: Where, notes: Notes, wanted: str = "text") -> bool:
    """Tell whether a raw value is a scalar; notes `bad_shape` where it is not."""
    if isinstance(value, str):
        return True
    notes.add(where, "bad_shape", f"write {wanted}, not {kind_of(value)}")
    return False


def is_mapping(value: Any, where: Where, notes: Notes) -> bool:
    """Tell whether a raw value is a mapping; notes `bad_shape` where it is not."""
    if value.__class__ is dict:
        return True
    notes.add(where, "bad_shape", f"write a mapping, not {kind_of(value)}")
    return False


def read_table(  # noqa: PLR0913, PLR0917 - a reader's, and what is read
    field: Field,
    value: Any,
    where: Where,
    notes: Notes,
    names: tuple[str, ...],
    read: Callable[[Field, Any, Where, Notes], T | None],
) -> dict[str, T] | None:
    """Read a mapping that has some of these names, each value by one reader."""
    if not is_mapping(value, where, notes):
        return None
    kept = {}
    for name, raw in value.items():
        at = (*where, name)
        if name not in names:
            message = f"{show(name)} is not one of {', '.join(names)}"
            notes.add(at, "unknown_key", message)
        elif not is_null(raw):
            found = read(field, raw, at, notes)
            if found is not None:
                kept[name] = found
    return kept if kept or not value else None


@lru_cache(maxsize=8192)
def decimal_of(text: str) -> Decimal:
    """Return the exact number that text spells, without trailing zeros.

    Digits, one point and an exponent are allowed. Raises ValueError with what is
    wrong: signs, underscores, other bases, leading zeros, too many digits.
    """
    match = NUMBER.fullmatch(text) if len(text) <= LONGEST_NUMBER else None
    if not match:
        message = f"{show(text)} is not a number"
        raise ValueError(message)
    mantissa, exponent = match.groups()
    if len(mantissa) > 1 and mantissa[0] == "0" and mantissa[1] != ".":
        message = f"{show(text)} has a leading zero"
        raise ValueError(message)
    digits = mantissa.replace(".", "").lstrip("0")
    digits = digits.rstrip("0") if "." in mantissa else digits
    value = Decimal(text)
    too_long = len(digits) > MAX_DIGITS or abs(int(exponent or 0)) > MAX_EXPONENT
    if too_long or (value and abs(value.adjusted()) > MAX_EXPONENT):
        message = f"{show(text)} has too many digits"
        raise ValueError(message)
    plain = format(value, "f")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return Decimal(plain)


def read_text(field: Field, value: Any, where: Where, notes: Notes) -> str | None:
    """Read text of one line."""
    if value.__class__ is str and value.isprintable() and len(value) <= field.limit:
        return value  # plain text is never blank
    if not is_text(value, where, notes):
        return None
    if "\n" in value or "\t" in value:
        notes.add(where, "bad_text", f"{field.name} may not hold tabs or line breaks")
        return None
    return read_prose(field, value, where, notes)


def read_prose(field: Field, value: Any, where: Where, notes: Notes) -> str | None:
    """Read text that may have several lines."""
    if not is_text(value, where, notes):
        return None
    if not value.strip() or len(value) > field.limit:
        size = f"has {len(value)} characters; at most {field.limit} are allowed"
        message = size if value.strip() else "is empty; leave it out"
        notes.add(where, "bad_text", f"{field.name} {message}")
        return None
    return str(value)


def read_amount(
    value: Any, where: Where, notes: Notes, wanted: str, example: str = "0.25"
) -> Decimal | None:
    """Read a number of 0 or more; `wanted` names it where it is none."""
    if not is_text(value, where, notes, wanted):
        return None
    try:
        return decimal_of(str(value))
    except ValueError as error:
        notes.add(where, "bad_number", f"{error}; write digits, as {example}")
        return None


def read_count(_field: Field, value: Any, where: Where, notes: Notes) -> int | None:
    """Read a whole number, 0 or more; `1e3` counts, `1.5` does not."""
    if value.__class__ is str and _COUNT.fullmatch(value):
        return int(value)
    amount = read_amount(value, where, notes, "a whole number", "128000")
    if amount is None:
        return None
    if amount != amount.to_integral_value() or amount > MAX_COUNT:
        message = f"{show(value)} is not a whole number up to {MAX_COUNT}"
        notes.add(where, "bad_number", message)
        return None
    if "." in value:
        notes.warn(where, "float_count", f"write {int(amount)}, not {show(value)}")
    return int(amount)


def read_flag(field: Field, value: Any, where: Where, notes: Notes) -> bool | None:
    """Read yes or no (true, false, on, off in any case; not in quotes)."""
    if not is_text(value, where, notes, "yes or no"):
        return None
    flag = flag_of(value)
    if flag is None:
        name = where[-1] if where else field.name
        notes.add(where, "bad_flag", f"write yes or no for {name}, not {show(value)}")
    return flag


def flag_of(value: str) -> bool | None:
    """Return what a plain word says: True, False, or None for neither."""
    if value.__class__ is Quoted:
        return None
    return FLAGS.get(value.lower())


@lru_cache(maxsize=8192)
def is_date(text: str) -> bool:
    """Tell whether text is YYYY-MM-DD, YYYY-MM or YYYY and exists."""
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text + "0000-01-01"[len(text) :])
    except ValueError:
        return False
    return True


def read_date(field: Field, value: Any, where: Where, notes: Notes) -> str | None:
    """Read a date that may lack its day, or its month and day."""
    if not is_text(value, where, notes, "a date"):
        return None
    if not is_date(value):
        notes.add(
            where, "bad_date", f"{field.name} {show(value)} is no YYYY-MM-DD date"
        )
        return None
    return str(value)


def read_day(field: Field, value: Any, where: Where, notes: Notes) -> str | None:
    """Read a full date."""
    text = read_date(field, value, where, notes)
    if text is not None and len(text) != len("YYYY-MM-DD"):
        notes.add(where, "bad_date", f"{field.name} needs a day: YYYY-MM-DD")
        return None
    return text


def read_stamp(field: Field, value: Any, where: Where, notes: Notes) -> str | None:
    """Read a full date, or a full date with a time."""
    if not is_text(value, where, notes, "a date"):
        return None
    match = _STAMP.fullmatch(value)
    if not match or not is_date(match[1]):
        notes.add(
            where, "bad_date", f"{field.name} {show(value)} is no YYYY-MM-DD date"
        )
        return None
    return str(value)


def read_choice(field: Field, value: Any, where: Where, notes: Notes) -> str | None:
    """Read one word of a closed list."""
    if not is_text(value, where, notes):
        return None
    if value not in field.choices:
        message = f"{show(value)} is not one of {', '.join(field.choices)}"
        notes.add(where, "bad_choice", message)
        return None
    return str(value)


def read_word(field: Field, value: Any, where: Where, notes: Notes) -> str | None:
    """Read one word of an open list; an unknown one is kept with a warning."""
    if not is_text(value, where, notes):
        return None
    if value not in field.choices:
        if not WORD.fullmatch(value):
            message = f"{show(value)} is no lower_snake_case word"
            notes.add(where, "bad_name", message)
            return None
        hint = notes.hint(value, field.choices)
        notes.warn(where, f"unknown_{field.name}", f"{show(value)} is not known{hint}")
    return str(value)


def read_matching(
    pattern: re.Pattern[str], code: str, what: str
) -> Callable[[Field, Any, Where, Notes], str | None]:
    """Return a reader of one-line text that a pattern must match whole."""

    def read(field: Field, value: Any, where: Where, notes: Notes) -> str | None:
        text = read_text(field, value, where, notes)
        if text is not None and not pattern.fullmatch(text):
            notes.add(where, code, f"{field.name} {show(text)} is not {what}")
            return None
        return text

    return read


def read_provider(_field: Field, value: Any, where: Where, notes: Notes) -> str | None:
    """Read a provider id."""
    if not is_text(value, where, notes, "a provider id"):
        return None
    if not is_provider_id(value):
        message = f"{show(value)} is no provider id; use a-z, 0-9, `.`, `_` and `-`"
        notes.add(where, "bad_provider_id", message)
        return None
    return str(value)


def read_model(_field: Field, value: Any, where: Where, notes: Notes) -> str | None:
    """Read a model id."""
    if not is_text(value, where, notes, "a model id"):
        return None
    if not is_model_id(value):
        notes.add(where, "bad_model_id", f"{show(value)} is no model id")
        return None
    return str(value)


read_canonical = read_matching(_CANONICAL, "bad_name", "author/slug")
read_url = read_matching(_URL, "bad_url", "an http or https URL")
read_variable = read_matching(_VARIABLE, "bad_name", "the name of a variable")
