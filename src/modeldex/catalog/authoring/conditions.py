"""Conditions of rates as people write them, to the one text that a rate's key has.

Any order and spelling is read (`above=200k`, `hours=9:00-24:00`); what is wrong is
told, never guessed.
"""

from __future__ import annotations

import re
from functools import lru_cache

from modeldex.catalog.authoring.notes import show
from modeldex.catalog.authoring.scalars import is_date
from modeldex.catalog.authoring.schema import MAX_COUNT, MAX_KEY
from modeldex.domain import Value, set_slot
from modeldex.domain.pricing import (
    CONDITIONS,
    PERIODS,
    RATE_NAMES,
    STANDARD_TIERS,
    conditions_text,
    rate_key,
)
from modeldex.domain.ref import is_model_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    # code, message, and the unknown name to which a near one is looked for
    Problem = tuple[str, str, str]

BAD, UNKNOWN = "bad_condition", "unknown_condition"
MAX_PARTS = 32  # of hours
_COUNT = re.compile(r"([1-9][0-9_]{0,15})([kKmM]?)")
_FACTORS = {"": 1, "k": 1_000, "m": 1_000_000}
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SIZE = re.compile(r"([1-9][0-9]{0,5})[xX]([1-9][0-9]{0,5})")
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{1,31}(?:/[A-Za-z0-9_+-]{1,31}){0,2}")
_PART = re.compile(
    r"(?:([1-7]{1,7}|[1-7]-[1-7])/)?([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})"
)
_DAY_MINUTES = 24 * 60
_CONTEXT_SIZES = ("low", "medium", "high")


class Conditions(Value):
    """Conditions by name in canonical spelling, their text, and what was wrong."""

    __slots__ = ("problems", "text", "values")
    text: str
    values: Mapping[str, str]
    problems: tuple[Problem, ...]

    def __init__(
        self, values: Mapping[str, str], problems: tuple[Problem, ...]
    ) -> None:
        set_slot(self, "text", conditions_text(values))
        set_slot(self, "values", values)
        set_slot(self, "problems", problems)


@lru_cache(maxsize=8192)
def read_conditions(text: str) -> Conditions:
    """Read `name=value name=value …`; `problems` says what is wrong, if anything."""
    values: dict[str, str] = {}
    problems: list[Problem] = []
    if len(text) > MAX_KEY:
        message = f"{show(text)} has more than {MAX_KEY} characters"
        return Conditions({}, ((BAD, message, ""),))
    for item in text.split():
        name, equals, value = item.partition("=")
        if name not in CONDITIONS:
            problems.append((UNKNOWN, f"{show(name)} is no condition", name))
        elif not equals:
            problems.append((BAD, f"{name} lacks a value: {name}=…", ""))
        elif name in values:
            problems.append((BAD, f"{name} is given twice", ""))
        else:
            try:
                values[name] = read_condition(name, value)
            except ValueError as error:
                problems.append((BAD, str(error), ""))
    if not problems:
        problems += ((BAD, message, "") for message in conflicts(values))
    return Conditions(values, tuple(problems))


def read_condition(name: str, value: str) -> str:
    """Return a known condition's value in canonical spelling.

    Raises ValueError with what is wrong.
    """
    return _READERS[name](name, value)


def conflicts(values: Mapping[str, str]) -> Iterator[str]:
    """Say what is wrong with conditions that are right one by one."""
    if not values:
        yield "there is no condition; write standard amounts under pricing"
    if "above" in values and "beyond" in values:
        yield "above (whole requests) and beyond (marginal) exclude each other"
    for name, other in _NEEDS:
        if name in values and other not in values:
            yield f"{name} says nothing without {other}"
    first, last = values.get("valid_from"), values.get("valid_to")
    if first and last and first >= last:
        yield f"valid_from {first} is not before valid_to {last}, which is excluded"


_NEEDS = (("zone", "hours"), ("weekday_zone", "hours"), ("pool", "free"))


def is_glob(text: str) -> bool:
    """Tell whether text is a model id in which `*` may stand for any characters."""
    return is_model_id(text.replace("*", "0"))


def canonical_text(text: str) -> str:
    """Return conditions in canonical order and spelling; as given where wrong."""
    found = read_conditions(text)
    return text if found.problems else found.text


def canonical_key(key: str) -> str | None:
    """Return a rate's key in canonical spelling, or None where it is none."""
    meter, _, text = key.partition("@")
    found = read_conditions(text)
    if meter not in RATE_NAMES or found.problems:
        return None
    return rate_key(meter, **found.values)


def _read_yes(name: str, value: str) -> str:
    if value.lower() in ("yes", "true", "on"):
        return "yes"
    message = f"{name} {show(value)} is not yes; leave it out"
    raise ValueError(message)


def _read_day(name: str, value: str) -> str:
    if is_date(value) and len(value) == len("YYYY-MM-DD"):
        return value
    message = f"{name} {show(value)} is no YYYY-MM-DD date"
    raise ValueError(message)


def _read_count(name: str, value: str) -> str:
    match = _COUNT.fullmatch(value)
    if match:
        count = int(match[1].replace("_", "")) * _FACTORS[match[2].lower()]
        if count <= MAX_COUNT:
            return str(count)
    message = f"{name} {show(value)} is no whole number above 0, as 200000 or 200k"
    raise ValueError(message)


def _read_word(name: str, value: str) -> str:
    if _WORD.fullmatch(value):
        return value.lower()
    message = f"{name} {show(value)} is no word of letters, digits, `.`, `_` and `-`"
    raise ValueError(message)


def _read_tier(name: str, value: str) -> str:
    tier = _read_word(name, value)
    if tier in STANDARD_TIERS:
        message = f"{name} {show(value)} is the standard one; leave the condition out"
        raise ValueError(message)
    return tier


def _read_size(name: str, value: str) -> str:
    match = _SIZE.fullmatch(value)
    return f"{match[1]}x{match[2]}" if match else _read_word(name, value)


def _read_zone(name: str, value: str) -> str:
    if _ZONE.fullmatch(value):
        return value
    message = f"{name} {show(value)} is no time zone, as UTC or Asia/Shanghai"
    raise ValueError(message)


def _one_of(*choices: str) -> Callable[[str, str], str]:
    def read(name: str, value: str) -> str:
        if value.lower() in choices:
            return value.lower()
        message = f"{name} {show(value)} is not one of {', '.join(choices)}"
        raise ValueError(message)

    return read


def _read_hours(name: str, value: str) -> str:
    parts = value.split("+")
    if len(parts) > MAX_PARTS:
        message = f"{name} has more than {MAX_PARTS} parts"
        raise ValueError(message)
    return "+".join(sorted({_read_part(part) for part in parts}))


def _read_part(part: str) -> str:
    match = _PART.fullmatch(part)
    if not match:
        message = f"hours {show(part)} is no HH:MM-HH:MM, as 16:30-00:30"
        raise ValueError(message)
    days = _weekdays(match[1] or "")
    start, end = _minutes(match[2], match[3]), _minutes(match[4], match[5])
    if start == _DAY_MINUTES or max(start, end) > _DAY_MINUTES:
        message = f"hours {show(part)}: no such time of day"
        raise ValueError(message)
    end %= _DAY_MINUTES
    if start == end and (start or not days):
        why = "is all day; leave hours out" if not start else "ends when it begins"
        message = f"hours {show(part)} {why}"
        raise ValueError(message)
    clock = "-".join(f"{time // 60:02}:{time % 60:02}" for time in (start, end))
    return f"{days}/{clock}" if days else clock


def _minutes(hour: str, minute: str) -> int:
    if int(minute) > 59:  # noqa: PLR2004  minutes of an hour
        return _DAY_MINUTES + 1
    return int(hour) * 60 + int(minute)


def _weekdays(text: str) -> str:
    """Return ISO weekdays in order; nothing for all seven."""
    if "-" in text:
        first, last = int(text[0]), int(text[2])
        if first > last:
            message = f"weekdays {text} are not in order; write each, as 67"
            raise ValueError(message)
        text = "".join(str(day) for day in range(first, last + 1))
    days = "".join(sorted(set(text)))
    return "" if days == "1234567" else days


_READERS: dict[str, Callable[[str, str], str]] = {
    "contract": _read_yes,
    "valid_from": _read_day,
    "valid_to": _read_day,
    "service_tier": _read_tier,
    "region": _read_word,
    "above": _read_count,
    "beyond": _read_count,
    "hours": _read_hours,
    "zone": _read_zone,
    "weekday_zone": _read_zone,
    "size": _read_size,
    "quality": _read_word,
    "resolution": _read_word,
    "steps": _read_word,
    "search_context": _one_of(*_CONTEXT_SIZES),
    "free": _one_of(*PERIODS),
    "pool": _read_word,
    "per": _read_count,
}
