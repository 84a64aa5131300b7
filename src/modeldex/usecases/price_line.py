"""A model's prices in time where people, a store or a pointer have a say in them."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from modeldex.catalog.history import moment_text
from modeldex.catalog.later import exact_text
from modeldex.catalog.line import EFFECTIVE, PRESENCE
from modeldex.domain.dated_pricing import DatedPricing
from modeldex.domain.lifecycle import first_day
from modeldex.domain.model import COLUMNS, Model
from modeldex.domain.pricing import read_items, split_key
from modeldex.usecases.standing import Limit, starts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modeldex.domain.change import Change
    from modeldex.usecases.standing import Standing

_RATES, _ALIAS = COLUMNS.index("rates"), "alias_of"
_BEGINNING = "0001-01-01"
_DATES = ("valid_from", "valid_to")


class PriceLine:
    """Every price of a model: from each time on at which it changed, as known then."""

    __slots__ = ("_columns", "_starts", "earliest", "prices", "ref")

    def __init__(
        self, standing: Standing, ref: str, known: Limit | None = None
    ) -> None:
        self.ref = ref
        told = _Times(standing, ref)
        found: dict[str, tuple[Any, list[str] | None]] = {}
        waiting = set(told.times)
        while waiting:  # rates begin and end on days of their own
            at = waiting.pop()
            day = at[:10]
            columns = standing.columns(ref, Limit(day, moment_text(at), at), known)
            found[at] = _price(columns, day), columns
            days = set() if columns is None else set(_days(columns[_RATES]))
            told.stated |= days
            waiting |= days - found.keys()
        priced = [at for at in sorted(found) if found[at][0]]
        self.earliest = None if not priced else _since(priced[0])
        self._starts: list[str] = []
        self.prices: list[DatedPricing] = []
        self._columns: list[list[str] | None] = []
        self._index(found, told.stated)

    def _index(self, found: dict[str, Any], stated: set[str]) -> None:
        """Keep the times at which the price became another one."""
        steps: list[tuple[str, Any, list[str] | None]] = []
        for at in sorted(found):
            price, columns = found[at]
            if _told(price) != (_told(steps[-1][1]) if steps else None):
                steps.append((at, price, columns))
        for place, (at, price, columns) in enumerate(steps):
            later = steps[place + 1][0] if place + 1 < len(steps) else None
            dates: dict[str, Any] = {
                "since": _since(at),
                "until": _since(later) if later else None,
                "effective": at in stated,
                "earliest": self.earliest,
            }
            if price is None:
                dated = DatedPricing(self.ref, {}, {}, "", **dates)
            else:
                dated = DatedPricing.of(self.ref, price, **dates)
            self._starts.append(at)
            self.prices.append(dated)
            self._columns.append(columns)

    def price(self, limit: str) -> DatedPricing:
        """Return the price in force at a time (`Limit.exact`)."""
        return self.at(limit)[0]

    def at(self, limit: str) -> tuple[DatedPricing, list[str] | None]:
        """Return the price in force at a time, and the model as it was since then."""
        place = bisect_right(self._starts, limit)
        if place:
            return self.prices[place - 1], self._columns[place - 1]
        dates: dict[str, Any] = {"until": self.earliest, "earliest": self.earliest}
        return DatedPricing(self.ref, {}, {}, "", **dates), None


class _Times:
    """The times at which a price may become another one; those that a source states."""

    def __init__(self, standing: Standing, ref: str) -> None:
        self._standing = standing
        self.times = {_BEGINNING, standing.dated[:10] or _BEGINNING}
        self.stated: set[str] = set()
        provider, _, model_id = ref.partition("/")
        waiting, done = {model_id}, set()
        while waiting:
            model_id = waiting.pop()
            done.add(model_id)
            waiting |= set(self._of(provider, model_id)) - done

    def _of(self, provider: str, model_id: str) -> Iterator[str]:
        """Take the times of one model; yield what it ever pointed to."""
        standing, ref = self._standing, f"{provider}/{model_id}"
        now = standing.below((provider, model_id)) or {}
        if now.get("release_date"):
            self._take(first_day(str(now["release_date"])), stated=False)
        if now.get(_ALIAS):
            yield now[_ALIAS]
        line = standing.timeline.line(ref)
        for step in () if line is None else line.steps:
            if step.name == _ALIAS and step.text:
                yield step.text
            if step.name.startswith(("pricing.", "rates", PRESENCE, _ALIAS)):
                self._take(step.start, stated=bool(step.flags & EFFECTIVE))
        for _, change in standing.rows(ref):
            self._take(starts(change), stated=change.effective_at is not None)
            yield from _pointed(change)

    def _take(self, at: str, *, stated: bool) -> None:
        at = exact_text(at)
        self.times.add(at)
        if stated:
            self.stated.add(at)


def _pointed(change: Change) -> Iterator[str]:
    """Yield what a change says that a model points to, before and after."""
    for fact in (change.old, change.new):
        if fact is None or change.field not in ("", _ALIAS):
            continue
        value = fact.value
        if not change.field:
            value = value[_ALIAS].value if value and _ALIAS in value else None
        if value:
            yield value


def _price(columns: list[str] | None, day: str) -> Any:
    return None if columns is None else Model(columns, lambda: day).pricing_on(day)


def _told(price: Any) -> Any:
    """Return what makes a price another one."""
    if not price:
        return None
    amounts = tuple(price.amounts.items())
    return price.state, price.currency, amounts, price._rates  # noqa: SLF001


def _days(rates: str) -> Iterator[str]:
    """Yield the days on which rates begin and end."""
    if "@" not in rates:
        return
    for key, _ in read_items(rates):
        conditions = split_key(key)[1]
        for name in _DATES:
            if name in conditions:
                yield conditions[name]


def _since(at: str) -> str | None:
    return None if at == _BEGINNING else moment_text(at)
