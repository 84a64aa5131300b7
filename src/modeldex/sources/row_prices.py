"""The prices of a row of an API, in the unit that the API declares."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from modeldex.catalog.authoring.schema import MAX_PRICE
from modeldex.domain.pricing import METER_UNITS, MILLION
from modeldex.domain.pricing import UNITS as METER_AMOUNTS
from modeldex.sources.claim import amount
from modeldex.sources.rate_claims import PriceReading

if TYPE_CHECKING:
    from collections.abc import Mapping

# unit -> powers of ten to our amounts: of tokens, per 1,000,000; of all else, per 1
UNITS = {
    "none": (0, 0),
    "USD per 1M tokens": (0, 0),
    "USD per token": (6, 0),
    "1e-10 USD per token": (-4, -10),
}
PER_MILLION, PER_TOKEN, XAI = tuple(UNITS)[1:]
_NUMBER = re.compile(r"-?\d{1,20}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,2})?")
_PAIR = ("input", "output")
NEGATIVE, TOO_LARGE, ZERO = "negative", "beyond bounds", "0 is no price"


def number(value: object) -> Decimal | None:
    """Return a number, also one that is written as text, or None."""
    if isinstance(value, str):
        return Decimal(value) if _NUMBER.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    return Decimal(value) if Decimal(value).is_finite() else None


def price_of(meter: str, value: object, unit: str) -> Decimal | None:
    """Return a meter's amount out of a number in a unit, exactly."""
    given = number(value)
    tokens, others = UNITS[unit]
    if given is None:
        return None
    per_million = METER_AMOUNTS[METER_UNITS[meter]] == MILLION
    return amount(given.scaleb(tokens if per_million else others))


class RowPrices(PriceReading):
    """The price claims of one row; `free_zero` is whether a price of 0 means free."""

    __slots__ = ("free_zero", "unit")

    def __init__(self, unit: str, *, free_zero: bool = False) -> None:
        super().__init__()
        self.unit = unit
        self.free_zero = free_zero

    def read(
        self,
        key: str,
        meter: str,
        value: object,
        conditions: Mapping[str, object] | None = None,
    ) -> None:
        """Claim one of the source's prices; null says nothing, else it is counted."""
        if value is None:
            return
        price = price_of(meter, value, self.unit)
        reason = self._refused(meter, price)
        if reason:
            self.count(key, reason)
        else:
            self.state(key, meter, price, conditions or {})

    def _refused(self, meter: str, price: Decimal | None) -> str:
        if price is None:
            return ""
        if price < 0:
            return NEGATIVE
        if price > MAX_PRICE:
            return TOO_LARGE
        return ZERO if price == 0 and not (self.free_zero and meter in _PAIR) else ""
