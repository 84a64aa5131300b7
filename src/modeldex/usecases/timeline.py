"""Questions about time: a price on a day, what changed, the catalogue of a day."""

from __future__ import annotations

from bisect import bisect_left
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from modeldex.catalog.history import GROUP, moment_text
from modeldex.catalog.later import Later, exact_text
from modeldex.catalog.line import (
    Line,
    steps_in,
    steps_of,
    until_end,
)
from modeldex.domain.billing import Priced
from modeldex.domain.change import KINDS, Change
from modeldex.domain.dated_pricing import DatedPricing
from modeldex.domain.model import Model
from modeldex.domain.provider import provider_kind
from modeldex.domain.provider_name import provider_name
from modeldex.domain.tariff import Tariff
from modeldex.errors import BeforeHistoryError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from modeldex.catalog.history import History

    Tick = Callable[[int, int], None]

_KEPT = 4096
_SPANS = {"d": 1, "w": 7}


class Timeline:
    """The packed history, and what a store knows beyond it."""

    def __init__(self, history: History | None) -> None:
        self.history = history
        self.later = Later()
        self._lines: dict[str, Line | None] = {}

    @property
    def first(self) -> str | None:
        """The first time at which anything is known."""
        return None if self.history is None else self.history.meta["first"]

    @property
    def last(self) -> str | None:
        """The last time at which something was seen."""
        return None if self.history is None else self.history.meta["last"]

    def line(self, ref: str) -> Line | None:
        """Return a model's line, or None where nothing is known of it."""
        if ref not in self._lines:
            if len(self._lines) > _KEPT:
                self._lines.clear()
            steps = [] if self.history is None else steps_of(self.history, ref)
            self._lines[ref] = Line(ref, steps) if steps else None
        return self._lines[ref]

    def changes_of(
        self, ref: str, field: str | None = None, source: str | None = None
    ) -> list[Change]:
        """Return what changed of a model, in the order in which it became known.

        Of a source, what it said itself; else what was served. `field` is a whole one,
        or a group: `pricing` is `pricing.input` and all the others.
        """
        if source is None:
            line = self.line(ref)
            found = [] if line is None else list(line.changes())
            found += [change for _, change in self.later.of(ref)]
        elif self.history is None:
            found = []
        else:
            found = [
                change
                for change in self.history.changes(ref)
                if source == "any" or _source(change) == source
            ]
            found.sort(key=lambda change: change.observed_at)
        return [change for change in found if _is_of(change, field)]

    def changes(
        self,
        since: str,
        until: str,
        wanted: Callable[[str], bool],
        kind: str | None,
        tick: Tick | None = None,
    ) -> Iterator[Change]:
        """Yield what became known between two times of the models that are wanted.

        Both ends are included, and are as `until_end` makes them. `tick` is told how
        many groups of models of how many are read.
        """
        for line in self._lines_between(since, until, wanted, tick):
            for change in line.changes(since):
                if change.observed_at <= until and kind in (None, change.kind):
                    yield change
        for _, change in self.later.between(since, until):
            if kind in (None, change.kind) and wanted(change.ref):
                yield change

    def _lines_between(
        self,
        since: str,
        until: str,
        wanted: Callable[[str], bool],
        tick: Tick | None,
    ) -> Iterator[Line]:
        """Yield the lines that have a step between two times."""
        history = self.history
        if history is None:
            return
        low, high = bisect_left(history.moments, since), history.limit(until)
        for group in range(history.groups):
            if tick is not None:
                tick(group + 1, history.groups)
            if not any(map(wanted, history.refs[group * GROUP : (group + 1) * GROUP])):
                continue
            served = history.served(group)
            begin = 0
            for row, ref in enumerate(served.refs):
                end = begin + served.counts[row]
                told = (*served.seen[begin:end], *served.starts[begin:end])
                begin = end
                if any(low <= n < high for n in told) and wanted(ref):
                    yield Line(ref, list(steps_in(history, served, row)))


def _source(change: Change) -> Any:
    fact = change.new or change.old
    return None if fact is None else fact.source


def _is_of(change: Change, field: str | None) -> bool:
    name = change.field
    return field is None or name == field or name.startswith(f"{field}.")


def read_until(at: Any) -> str:
    """Read a time that is asked for; a bare day means its end, in UTC.

    Raises InvalidInputError.
    """
    return until_end(moment_text(at))


def exact_until(at: Any) -> str:
    """Read a time as exactly as a store knows it; a bare day means its end."""
    return until_end(exact_text(at))


def read_since(text: Any, today: str) -> str:
    """Read where a span begins: a day or a time, or `30d` or `4w` before today.

    Raises InvalidInputError.
    """
    if isinstance(text, str) and text[-1:] in _SPANS and text[:-1].isdigit():
        days = int(text[:-1]) * _SPANS[text[-1]]
        try:
            return (date.fromisoformat(today) - timedelta(days)).isoformat()
        except OverflowError:
            return date.min.isoformat()
    return moment_text(text)


def checked_kind(kind: str | None) -> str | None:
    """Return a kind of change; raise InvalidInputError for another word."""
    if kind is not None and kind not in KINDS:
        raise InvalidInputError(
            f"{kind!r:.60} is no kind; known are {', '.join(KINDS)}"
        )
    return kind


def no_line(model: Model, day: str) -> Line:
    """Return the line of a model that is new in the catalogue of a day."""
    line = Line(model.ref, ())
    line.earliest = day if model.pricing_on(day) else None
    return line


def price_of_none(line: Line) -> DatedPricing:
    """Return the price of a model that the catalogue of now does not have."""
    return DatedPricing(line.ref, {}, {}, "", earliest=line.earliest)


def price_now(model: Model, day: str, line: Line | None) -> DatedPricing:
    """Return the price of a model of today's catalogue, with its dates if known."""
    pricing = model.pricing_on(day)
    last = line.prices[-1] if line and line.prices else None
    same = last is not None and last.amounts == pricing.amounts
    return DatedPricing.of(
        model.ref,
        pricing,
        since=last.since if last and same else None,
        effective=bool(last and same and last.effective),
        earliest=line.earliest if line else None,
    )


def providers_in(
    now: Mapping[str, Mapping[str, Any]],
    models: Mapping[tuple[str, str], Sequence[str]],
) -> dict[str, dict[str, Any]]:
    """Return the providers that listed a model; their facts are today's."""
    counts: dict[str, int] = {}
    for provider, _ in models:
        counts[provider] = counts.get(provider, 0) + 1
    found = {}
    for provider in sorted(counts):
        facts = dict(now.get(provider) or _unlisted(provider))
        if (provider, facts.get("default_model")) not in models:
            facts.pop("default_model", None)
        found[provider] = {**facts, "models": counts[provider]}
    return found


def _unlisted(provider: str) -> dict[str, Any]:
    return {"name": provider_name(provider), "kind": provider_kind(provider)}


def priced_on(
    ref: str, columns: list[str] | None, price: DatedPricing, day: str, digest: str
) -> Priced:
    """Make the rates of a time gone by ready to price calls."""
    if columns is None or not price:
        tariff = Tariff("unknown", price.currency, ())
        known = f"known before {price.earliest[:10]}" if price.earliest else "known"
        why = f"no price of {ref} is {known}"
        if price.earliest and price.earliest[:10] <= day:
            why = f"no price of {ref} is known on {day}"
        return Priced(ref, tariff, lambda _field: None, digest, (why,))
    then = Model(columns, lambda: day)
    tariff = Tariff(price.state, price.currency, then.pricing.rates)
    since = f", in force since {price.since}" if price.since else ""
    return Priced(ref, tariff, then.source_of, digest, (f"prices of {day}{since}",))


def check_known(timeline: Timeline, at: str) -> None:
    """Raise BeforeHistoryError where nothing is known of a time."""
    if timeline.history is None or timeline.first is None or at < timeline.first:
        first = timeline.first[:10] if timeline.first else None
        message = f"nothing is known of {at[:10]}: "
        message += f"the history begins on {first}" if first else "no history is here"
        raise BeforeHistoryError(message)
