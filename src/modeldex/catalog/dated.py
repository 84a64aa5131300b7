"""Standard prices that are others today than when the snapshot was compiled.

A snapshot is ordered and indexed by the prices in force on its sources' days. Rates
that begin or end later are kept beside it; the few rows whose price they change are
answered one by one.

The block `dated` is text: a line with the days, in pairs, from and to which nothing
has moved, then a line per row with its rates.
"""

from __future__ import annotations

from bisect import insort
from decimal import Decimal
from itertools import pairwise
from operator import eq, ge, gt, le, lt

from modeldex.domain.model import ITEM_SEPARATOR
from modeldex.domain.pricing import (
    Rate,
    in_force,
    is_dated,
    meter_of,
    read_items,
    split_key,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from typing import Any

    from modeldex.catalog.index import Index

BLOCK = "dated"
_METERS = ("input", "output")
_BEGINNING, _END = "0000-00-00", "9999-99-99"
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
        dated = _read(index.snapshot.part(BLOCK, bytes.decode))
        for meter in _METERS:
            column = index.column(meter)
            found = self.prices[meter] = {}
            for row, rates in dated.items():
                price = _price_on(rates, meter, day)
                if price is not None:
                    price = column.scaled(price)
                if price != column.value(row):
                    found[row] = price
                    self.mask |= 1 << row

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


def _read(text: str) -> dict[int, dict[str, str]]:
    """Read the rates of each row, by their keys."""
    dated = {}
    for line in text.split("\n")[1:]:
        row, _, items = line.partition(ITEM_SEPARATOR)
        dated[int(row)] = dict(read_items(items))
    return dated


def dated_block(rows: Sequence[tuple[str, str]]) -> bytes:
    """Return the block of rows given by their `pricing` and `rates` columns."""
    dated = {row: rates for row, texts in enumerate(rows) if (rates := _dated(*texts))}
    if not dated:
        return b""
    lines = [" ".join(_still(dated.values()))]
    for row, rates in dated.items():
        items = [f"{key}={amount}" for key, amount in sorted(rates.items())]
        lines.append(ITEM_SEPARATOR.join([str(row), *items]))
    return "\n".join(lines).encode()


def _dated(pricing: str, rates: str) -> dict[str, str]:
    """Return the rates of input and output of a model that has dated ones, as text."""
    if "@valid_" not in rates:
        return {}
    dated = [item for item in read_items(rates) if is_dated(item[0])]
    found = dict(item for item in dated if meter_of(item[0]) in _METERS)
    if not found:
        return {}
    pairs = (item.partition("=") for item in pricing.split())
    return {m: text for m, _, text in pairs if m in _METERS} | found


def _still(dated: Collection[Mapping[str, str]]) -> Iterator[str]:
    """Yield the first and the next day of each time in which nothing has moved."""
    steps = {
        value
        for rates in dated
        for key in rates
        for value in split_key(key)[1].values()
    }
    days = sorted(steps | {_BEGINNING, _END})
    for first, following in pairwise(days):
        prices = ((r, m, _price_on(r, m, first)) for r in dated for m in _METERS)
        if all(
            price == (Decimal(rates[meter]) if meter in rates else None)
            for rates, meter, price in prices
        ):
            yield first
            yield following
