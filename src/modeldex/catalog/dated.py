"""Standard prices that are others today than when the snapshot was compiled.

A snapshot is ordered and indexed by the prices in force on its sources' days. Rates
that begin or end later are kept beside it; the few rows whose price they change are
answered one by one.
"""

from __future__ import annotations

import json
from bisect import insort
from decimal import Decimal
from operator import eq, ge, gt, le, lt

from modeldex.domain.pricing import Rate, in_force, is_dated, meter_of, read_items

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from modeldex.catalog.index import Index

_METERS = ("input", "output")
_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    ">=": ge,
    ">": gt,
    "<=": le,
    "<": lt,
    "=": eq,
}


class Moved:
    """The rows whose input or output price is another one on a day.

    `mask` is the set of them; prices are in the unit of the columns' values.
    """

    __slots__ = ("_index", "mask", "prices")

    def __init__(self, index: Index, day: str) -> None:
        self._index = index
        self.mask = 0
        self.prices: dict[str, dict[int, Decimal | None]] = {}
        dated = json.loads(index.snapshot.block("dated"))
        for meter in _METERS:
            column = index.column(meter)
            found = self.prices[meter] = {}
            for row, rates in dated.items():
                price = _price_on(rates, meter, day)
                if price is not None:
                    price = column.scaled(price)
                if price != column.value(int(row)):
                    found[int(row)] = price
                    self.mask |= 1 << int(row)

    def corrected(self, rows: int, name: str, operator: str, bound: Any) -> int:
        """Return a set of rows by a price bound with the moved rows judged anew."""
        test = _TESTS[operator]
        bound = self._index.column(name).scaled(bound)
        for row, price in self.prices[name].items():
            holds = price is not None and test(price, bound)
            rows = rows | 1 << row if holds else rows & ~(1 << row)
        return rows

    def value(self, name: str, row: int) -> Any:
        """Return the price of a row on the day, or None where it is not known."""
        prices = self.prices[name]
        return prices[row] if row in prices else self._index.column(name).value(row)

    def placed(self, rows: list[int], mask: int) -> list[int]:
        """Return ordered rows with the moved ones of a set put in where they belong."""
        refs = self._index.refs

        def key(row: int) -> tuple[Any, ...]:
            taken, given = (self.value(name, row) for name in _METERS)
            return taken is None, taken or 0, given is None, given or 0, refs[row]

        for row in {row for prices in self.prices.values() for row in prices}:
            if mask >> row & 1:
                insort(rows, row, key=key)
        return rows


def _price_on(rates: Mapping[str, str], meter: str, day: str) -> Decimal | None:
    listed = [
        Rate(key, Decimal(amount))
        for key, amount in rates.items()
        if meter_of(key) == meter
    ]
    rate = in_force(listed, day)
    return rate.amount if rate else None


def dated_rates(pricing: str, rates: str) -> dict[str, str]:
    """Return the rates of input and output of a model that has dated ones, as text.

    `pricing` and `rates` are columns of its text form.
    """
    if "@valid_" not in rates:
        return {}
    dated = [item for item in read_items(rates) if is_dated(item[0])]
    found = dict(item for item in dated if meter_of(item[0]) in _METERS)
    if not found:
        return {}
    pairs = (item.partition("=") for item in pricing.split())
    return {m: text for m, _, text in pairs if m in _METERS} | found
