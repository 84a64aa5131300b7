"""What the translators share of prices: amounts, each under its conditions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modeldex.domain.pricing import METER_UNITS, MILLION, UNITS, conditions_text
from modeldex.sources.claim import amount, per_million

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

__all__ = ["PriceReading", "claim_name", "is_price", "priced", "split_hours"]

TWICE, OTHERWISE = "stated twice", "stated otherwise"
NO_AMOUNT, NO_UNIT = "no amount", "no meter of ours"
HOUR = 3600
_PRICES = ("pricing.", "rates.")


def claim_name(meter: str, conditions: Mapping[str, object]) -> str:
    """Return the field that a price is claimed for: `pricing.…`, or `rates.…`."""
    text = conditions_text(conditions) if conditions else ""
    return f"rates.{meter}@{text}" if text else f"pricing.{meter}"


def is_price(name: str) -> bool:
    """Tell whether a field is an amount, standard or under conditions."""
    return name.startswith(_PRICES)


def priced(meter: str, value: object) -> Decimal | None:
    """Return the amount of a meter out of the price of one unit, exactly."""
    if UNITS[METER_UNITS[meter]] == MILLION:
        return per_million(value)
    return amount(value)


def split_hours(meter: str, per_hour: Decimal) -> tuple[Decimal, dict[str, int]]:
    """Return the price of a second where it is an exact decimal, else of 3,600.

    The second value is the condition that says so: `per=3600`.
    """
    digits = per_hour.as_tuple().digits
    if METER_UNITS[meter] != "second" or sum(digits) % 9:
        return per_hour, {"per": HOUR}
    exact = per_hour / HOUR
    return (exact, {}) if exact * HOUR == per_hour else (per_hour, {"per": HOUR})


@dataclass(slots=True)
class PriceReading:
    """The price claims of one row, and what became of each of its price keys.

    `carried` counts the source's own keys; `not_carried` counts `key: reason`.
    """

    claims: dict[str, Decimal] = field(default_factory=dict)
    carried: Counter[str] = field(default_factory=Counter)
    not_carried: Counter[str] = field(default_factory=Counter)

    def put(
        self, meter: str, price: Decimal | None, conditions: Mapping[str, object]
    ) -> str:
        """Claim an amount; return why it is not taken, or an empty text."""
        if price is None:
            return NO_AMOUNT
        name = claim_name(meter, conditions)
        if name in self.claims:
            return TWICE if self.claims[name] == price else OTHERWISE
        self.claims[name] = price
        return ""

    def state(
        self,
        key: str,
        meter: str,
        price: Decimal | None,
        conditions: Mapping[str, object],
    ) -> None:
        """Claim the amount of one of the source's keys, and count the key."""
        self.count(key, self.put(meter, price, conditions))

    def count(self, key: str, reason: str) -> None:
        """Count a key as carried, or as not carried for a reason."""
        if reason:
            self.not_carried[f"{key}: {reason}"] += 1
        else:
            self.carried[key] += 1
