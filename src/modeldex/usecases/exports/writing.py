"""What the writers share: a row with what it says, exact numbers, JSON, CSV cells."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from modeldex.domain.pricing import METER_UNITS, MILLION, UNITS

if TYPE_CHECKING:
    from modeldex.usecases.exports.view import Row

_PER_MILLION = frozenset(m for m, unit in METER_UNITS.items() if UNITS[unit] == MILLION)


class Out:
    """A model's row in a format, and what a reader of it will find: `said`."""

    __slots__ = ("facts", "model", "reasons", "row", "said")

    def __init__(self, model: Row) -> None:
        self.model = model
        self.facts = model.facts
        self.row: dict[str, Any] = {}
        self.said: dict[str, Any] = {}
        self.reasons: dict[str, str] = {}

    def copy(self, key: str, field: str) -> None:
        """Write a fact as it is, where it is known."""
        value = self.facts.get(field)
        if value is not None:
            self.row[key] = self.said[field] = value

    def put(self, key: str, value: Any, field: str, read: Any) -> None:
        """Write a value out of which a reader makes this fact."""
        self.row[key] = value
        self.said[field] = read

    def say(self, field: str, value: Any) -> None:
        """Say what a reader will make of the row besides."""
        self.said[field] = value


@lru_cache(maxsize=16384)
def plain(amount: Decimal, places: int = 0) -> str:
    """Write an amount times ten to the power of `places` in digits, exactly."""
    sign, digits, exponent = amount.as_tuple()
    text = format(Decimal((sign, digits, int(exponent) + places)), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def per_unit(meter: str, amount: Decimal) -> str:
    """Write the price of one unit of a meter in digits, exactly."""
    return plain(amount, -6 if meter in _PER_MILLION else 0)


def number(text: str) -> msgspec.Raw:
    """Return digits as a number of JSON."""
    return msgspec.Raw(text.encode())


def exact(value: Any) -> Any:
    """Return a value whose Decimals are numbers of JSON, in their own digits."""
    if isinstance(value, Decimal):
        return number(plain(value))
    if isinstance(value, dict):
        return {str(key): exact(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [exact(item) for item in value]
    return value


def json_bytes(value: Any) -> bytes:
    """Write JSON, indented; Decimals must be numbers already."""
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


def json_text(value: Any) -> str:
    """Write a value as JSON on one line, keys in order, numbers exactly."""
    return msgspec.json.encode(exact(value), order="sorted").decode()
