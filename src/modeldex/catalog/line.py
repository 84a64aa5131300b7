"""One model's line in time, out of its steps: what held when, and what changed.

A step is as `catalog.merging.past` makes it: (name, start, seen, text, flags). Names
are columns of the text form, `pricing.METER` and `presence`.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from modeldex.catalog.encode import decode
from modeldex.catalog.history import GROUP
from modeldex.domain.change import Change, Fact, kind_of
from modeldex.domain.dated_pricing import DatedPricing
from modeldex.domain.model import COLUMNS
from modeldex.domain.pricing import METERS, WORDS
from modeldex.domain.record import source_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from modeldex.catalog.history import History, Served

PRESENCE = "presence"
# the words of presence for a model that no source lists
GONE = ("missing", "retired", "removed")
# flags of a step: it corrects what was wrong; a source states when it began
CORRECTED, EFFECTIVE = 1, 2
_PRICE = "pricing."
_MONEY = tuple(_PRICE + name for name in (*WORDS, *METERS))
_PRICING = COLUMNS.index("pricing")
_UPDATED = COLUMNS.index("updated_at")
_ASIDE, _MONEY_ASIDE = -1, -2
_PLACE = {name: place for place, name in enumerate(COLUMNS)}
# after every time of a day
_END_OF_DAY = "T~"
_DAY_LENGTH = 10
_GROUPS = ("pricing", "rates", "capabilities", "request_parameters")


class Step(NamedTuple):
    """From `start` on a column held a text, as `seen` told.

    The name is a column of the text form, `pricing.METER` or `presence`.
    """

    name: str
    start: str
    seen: str
    text: str
    flags: int = 0


def until_end(moment: str) -> str:
    """Return a text that no time of a bare day comes after; a time stays itself."""
    return moment + _END_OF_DAY if len(moment) == _DAY_LENGTH else moment


def steps_of(history: History, ref: str) -> list[Step]:
    """Return a model's steps, none where the history does not have it."""
    place = history.place(ref)
    if place is None:
        return []
    group, row = divmod(place, GROUP)
    return list(steps_in(history, history.served(group), row))


def steps_in(history: History, served: Served, row: int) -> Iterator[Step]:
    """Yield the steps of a group's model."""
    begin = sum(served.counts[:row])
    names, moments = history.meta["columns"], history.moments
    for place in range(begin, begin + served.counts[row]):
        yield Step(
            names[served.names[place]],
            moments[served.starts[place]],
            moments[served.seen[place]],
            served.words[served.texts[place]],
            served.flags[place],
        )


class Line:
    """A model's steps, each name's in the order in which the later one holds."""

    __slots__ = ("_priced", "earliest", "ref", "steps")

    def __init__(self, ref: str, steps: Sequence[Step]) -> None:
        self.ref = ref
        self.steps = steps
        money = [s for s in steps if s.name in _MONEY or s.name == "rates"]
        self.earliest = min((s.start for s in money if s.text), default=None)
        self._priced: tuple[list[str], list[DatedPricing]] | None = None

    def state(self, limit: str, known: str | None = None) -> dict[str, Step]:
        """Return the step of each name that holds at a time, as known then or now."""
        found = {}
        for step in self.steps:
            if step.start <= limit and (known is None or step.seen <= known):
                found[step.name] = step
        return found

    def _all_prices(self) -> tuple[list[str], list[DatedPricing]]:
        """Return the times at which the price changed, and the price from then on."""
        if self._priced is not None:
            return self._priced
        named = (*_MONEY, "rates", PRESENCE)
        starts = sorted({step.start for step in self.steps if step.name in named})
        found: list[tuple[str, Any, dict[str, Step]]] = []
        for start in starts:
            state = self.state(start)
            here = _is_here(state)
            money = {n: s for n, s in state.items() if n in _MONEY or n == "rates"}
            texts = {n: s.text for n, s in money.items() if s.text} if here else {}
            if not found or found[-1][1] != texts:
                found.append((start, texts, money))
        prices = []
        for place, (start, texts, money) in enumerate(found):
            later = found[place + 1][0] if place + 1 < len(found) else None
            prices.append(self._price(start, texts, money, later))
        self._priced = [start for start, *_ in found], prices
        return self._priced

    def _price(
        self,
        start: str,
        texts: Mapping[str, str],
        money: Mapping[str, Step],
        until: str | None,
    ) -> DatedPricing:
        stated = any(s.start == start and s.flags & EFFECTIVE for s in money.values())
        return DatedPricing(
            self.ref,
            {m: texts[_PRICE + m] for m in METERS if _PRICE + m in texts},
            {w: texts[_PRICE + w] for w in WORDS if _PRICE + w in texts},
            texts.get("rates", ""),
            since=start,
            until=until,
            effective=stated,
            earliest=self.earliest,
        )

    def price(self, limit: str, known: str | None = None) -> DatedPricing:
        """Return the price in force at a time (`until_end`), as known now or then."""
        if known is not None:
            seen = [step for step in self.steps if step.seen <= known]
            return Line(self.ref, seen).price(limit)
        starts, prices = self._priced or self._all_prices()
        place = bisect_right(starts, limit)
        if not place:
            return DatedPricing(
                *(self.ref, {}, {}, ""), until=self.earliest, earliest=self.earliest
            )
        return prices[place - 1]

    @property
    def prices(self) -> list[DatedPricing]:
        """Every price, the first one first."""
        return self._all_prices()[1]

    def columns(self, limit: str, known: str | None = None) -> list[str] | None:
        """Return the model's text form at a time, or None when it was not listed."""
        state = self.state(limit, known)
        if not _is_here(state):
            return None
        return columns_of(self.ref, {n: s.text for n, s in state.items()})

    def changes(self, since: str = "") -> Iterator[Change]:
        """Yield what changed, in the order in which it became known.

        Only what was seen at `since` or later. A change is dated `effective_at` where
        a source states when it began.
        """
        order = sorted(self.steps, key=lambda s: (*_told(s), s.name))
        days = _stated_days(self.steps)
        texts: dict[str, str] = {}
        facts: dict[str, Any] | None = None
        place = 0
        while place < len(order):
            told = _told(order[place])
            event = []
            while place < len(order) and _told(order[place]) == told:
                event.append(order[place])
                place += 1
            before = texts
            texts = {**texts, **{s.name: s.text for s in event}}
            if told[0] < since:
                facts = None
                continue
            old = self._facts(before) if facts is None else facts
            facts = self._facts(texts)
            yield from self._differences(event, old, facts, days)

    def _facts(self, texts: Mapping[str, str]) -> dict[str, Any]:
        """Return facts one by one, and under "" their sources."""
        found = decode(columns_of(self.ref, texts))
        flat: dict[str, Any] = {"": found.pop("sources", {})}
        for name, value in found.items():
            if name in _GROUPS:
                flat.update({f"{name}.{entry}": v for entry, v in value.items()})
            elif name not in ("updated_at", "metadata"):
                flat[name] = value
        return flat

    def _differences(
        self,
        event: Sequence[Step],
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        days: Mapping[Step, str],
    ) -> Iterator[Change]:
        provider, _, model = self.ref.partition("/")
        start, seen = event[0].start, event[0].seen
        flags = {step.name: step.flags for step in event}
        redated = {step.name: days[step] for step in event if step in days}
        stated = start if any(f & EFFECTIVE for f in flags.values()) else None
        observed = min(start, seen) if stated is None else seen
        dates: dict[str, Any] = {"observed_at": observed, "effective_at": stated}
        for step in event:
            if step.name == PRESENCE:
                yield Change(provider, model, "", None, None, kind=step.text, **dates)
        told = {*old, *new} - {""}
        for field in sorted(f for f in told if old.get(f) != new.get(f)):
            sides = [
                Fact(facts[field], source_of(facts[""], field))
                if field in facts
                else None
                for facts in (old, new)
            ]
            corrected = flags.get(field, 0) & CORRECTED
            kind = "correction" if corrected and sides[0] else kind_of(*sides)
            day = {"effective_at": redated[field]} if field in redated else {}
            yield Change(provider, model, field, *sides, kind=kind, **{**dates, **day})


def _stated_days(steps: Sequence[Step]) -> dict[Step, str]:
    """Return the days that were stated later for steps that had been seen before."""
    found = {}
    for step, after in pairwise(steps):
        same = (after.name, after.text) == (step.name, step.text)
        if same and after.flags & EFFECTIVE and after.start < step.start:
            found[step] = after.start
    return found


def _told(step: Step) -> tuple[str, str]:
    """Return when a step became known, and from when on it held."""
    if step.flags & EFFECTIVE:
        return step.seen, step.start
    return min(step.start, step.seen), step.start


def _is_here(state: Mapping[str, Step]) -> bool:
    step = state.get(PRESENCE)
    return step is not None and step.text not in GONE


def columns_of(ref: str, texts: Mapping[str, str]) -> list[str]:
    """Return a model's text form of the texts of its names."""
    columns = [""] * len(COLUMNS)
    columns[0], _, columns[1] = ref.partition("/")
    for name, text in texts.items():
        place = _PLACE.get(name)
        if place is not None:
            columns[place] = text
    prices = [(n, texts[n]) for n in _MONEY if texts.get(n)]
    columns[_PRICING] = " ".join(
        f"{name[len(_PRICE) :]}={text}" for name, text in prices
    )
    return columns


def day_of(
    history: History, limit: str, known: str | None = None
) -> Iterable[list[str]]:
    """Yield the text form of every model that was listed at a time."""
    most = history.limit(limit)
    most_seen = history.limit(known) if known is not None else len(history.moments)
    names: list[str] = history.meta["columns"]
    known_money = [n for n, name in enumerate(names) if name in _MONEY]
    order = {n: _MONEY.index(names[n]) for n in known_money}
    labels = {n: f"{names[n][len(_PRICE) :]}=" for n in known_money}
    # place of each name; presence stands behind the columns, money is by itself
    places = [_PLACE.get(name, _ASIDE) for name in names]
    places[names.index(PRESENCE)] = len(COLUMNS)
    for number in known_money:
        places[number] = _MONEY_ASIDE
    for group in range(history.groups):
        served = history.served(group)
        for columns, prices, newest in _states(served, places, most, most_seen):
            here = columns.pop()
            if not here or here in GONE:
                continue
            priced = sorted([n for n in prices if prices[n]], key=order.__getitem__)
            columns[_PRICING] = " ".join([labels[n] + prices[n] for n in priced])
            columns[_UPDATED] = history.moments[newest][:_DAY_LENGTH]
            yield columns


def _states(
    served: Served, places: Sequence[int], most: int, most_seen: int
) -> Iterator[tuple[list[str], dict[int, str], int]]:
    """Yield each model's columns at a time, its prices, and when the last was seen."""
    words, begin = served.words, 0
    blank = [""] * (len(COLUMNS) + 1)
    sides = (served.names, served.texts, served.starts, served.seen)
    for ref, count in zip(served.refs, served.counts, strict=True):
        end = begin + count
        columns, prices, newest = blank[:], {}, 0
        for name, text, start, told in zip(
            *(side[begin:end] for side in sides), strict=True
        ):
            if start < most and told < most_seen:
                place = places[name]
                if place >= 0:
                    columns[place] = words[text]
                elif place == _MONEY_ASIDE:
                    prices[name] = words[text]
                if told > newest:  # noqa: PLR1730  # a call would take longer
                    newest = told
        begin = end
        columns[0], _, columns[1] = ref.partition("/")
        yield columns, prices, newest
