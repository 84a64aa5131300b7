"""Read the values of a query's terms; raise InvalidQueryError where they are bad."""

from __future__ import annotations

from modeldex.domain.lifecycle import first_day

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, NoReturn

    from modeldex.errors import InvalidQueryError

TOKENS, PRICE, DATE = "tokens", "price", "date"
# what the fields that have an order hold
ORDERED_FIELDS = {
    "context": TOKENS,
    "max_input_tokens": TOKENS,
    "max_output_tokens": TOKENS,
    "input": PRICE,
    "output": PRICE,
    "released": DATE,
    "deprecated": DATE,
}
FIELD_ALIASES = {
    "context_window": "context",
    "input_price": "input",
    "output_price": "output",
    "release_date": "released",
    "deprecation_date": "deprecated",
}
SORTS = ("ref", *ORDERED_FIELDS)
_DIGITS = 20  # of a number that anyone means
_MULTIPLES = {"k": 1_000, "m": 1_000_000}


def refused(message: str, position: int | None = None) -> InvalidQueryError:
    """Return the error of a bad query; errors are loaded when there is one."""
    from modeldex.errors import InvalidQueryError

    return InvalidQueryError(message, position)


def read_bound(field: str, value: Any, position: int | None) -> Any:
    """Read a bound: tokens as int, a price as int or Decimal, a date as text."""
    kind = ORDERED_FIELDS[field]
    if type(value) is int and kind is not DATE and value >= 0:
        return value
    text = str(value).strip()
    if kind is TOKENS:
        return _read_tokens(text, position)
    if kind is PRICE:
        return _read_price(text, position)
    return _read_date(text, position)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < _DIGITS


def _read_tokens(text: str, position: int | None) -> int:
    multiple = _MULTIPLES.get(text[-1:].lower(), 1)
    digits = text[:-1] if multiple > 1 else text
    whole, _, fraction = digits.replace("_", "").partition(".")
    number = whole + fraction
    if _is_count(number):
        tokens, rest = divmod(int(number) * multiple, int("1" + "0" * len(fraction)))
        if not rest:
            return tokens
    message = f"{text!r} is not a number of tokens; write 100000, 100k or 1m"
    raise refused(message, position)


def _read_price(text: str, position: int | None) -> Any:
    if _is_count(text):
        return int(text)
    from decimal import Decimal, InvalidOperation

    try:
        price = Decimal(text)
    except InvalidOperation:
        price = Decimal("NaN")
    if price.is_finite() and price >= 0 and abs(price.adjusted()) < _DIGITS:
        return int(price) if price == price.to_integral_value() else price
    message = f"{text!r} is not a price; write USD per million tokens, as 5 or 0.25"
    raise refused(message, position)


def _read_date(text: str, position: int | None) -> str:
    parts = text.split("-")
    widths = [len(part) for part in parts]
    if all(part.isascii() and part.isdigit() for part in parts) and widths in (
        [4],
        [4, 2],
        [4, 2, 2],
    ):
        from datetime import date

        try:
            return date.fromisoformat(first_day(text)).isoformat()
        except ValueError:
            pass
    message = f"{text!r} is not a date; write 2026-03-31, 2026-03 or 2026"
    raise refused(message, position)


def read_sort(value: Any, position: int | None) -> str:
    """Read an order: a field, with `-` in front for descending."""
    text = str(value)
    sign = "-" if text.startswith("-") else ""
    name = text[len(sign) :]
    name = FIELD_ALIASES.get(name, name)
    if name not in SORTS:
        refuse_unknown("order", name, (*SORTS, *FIELD_ALIASES), position)
    return sign + name


def read_count(value: Any, position: int | None) -> int:
    """Read a whole number of at least 0."""
    if type(value) is int and value >= 0:
        return value
    text = str(value)
    if _is_count(text):
        return int(text)
    message = f"{text!r} is not a count; write 0, 1, 2…"
    raise refused(message, position)


def read_flag(value: Any, position: int | None) -> bool:
    """Read yes or no."""
    text = str(value).lower()
    if text in ("yes", "true", "no", "false"):
        return text in ("yes", "true")
    message = f"{text!r} is neither yes nor no"
    raise refused(message, position)


def refuse_unknown(
    what: str, word: str, known: Iterable[str], position: int | None
) -> NoReturn:
    """Refuse a word, with near or known ones."""
    from difflib import get_close_matches

    from modeldex.domain.capability import why_dropped

    near = get_close_matches(word, list(known), 3, 0.6)
    message = f"unknown {what} {word[:80]!r}"
    why = why_dropped(word) if what == "capability" else None
    if why:
        message = f"{word[:80]!r} is no capability here: {why}"
    elif near:
        message += f"; did you mean {', '.join(near)}?"
    elif what in ("term", "capability"):
        message += "; write a capability, key:value, or text:word to search names"
    else:
        message += f"; known are {', '.join(known)}"
    raise refused(message, position)
