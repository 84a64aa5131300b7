"""What was served, and when: the sources' changes, merged as a catalogue of that day.

At every moment at which a source said something new of a model, all that the sources
said until then is weighed by the very rules of `merge`; what it changes in the model's
text form is a step. What is quarantined or outvoted is in no step, therefore.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from modeldex.catalog.encode import decimal_text, encode
from modeldex.catalog.line import CORRECTED, EFFECTIVE, GONE, Step
from modeldex.catalog.merging.agreement import HORIZON
from modeldex.catalog.merging.canonical import Canonicals, merge_canonical
from modeldex.catalog.merging.claims import Claims, Key, Values
from modeldex.catalog.merging.merge import (
    LABEL,
    PRESENCE,
    STAND_IN,
    facts_of,
    gather,
    source_rank,
    weigh,
)
from modeldex.domain.model import COLUMNS
from modeldex.domain.pricing import (
    Rate,
    in_force,
    is_dated,
    meter_of,
    read_items,
    split_key,
)
from modeldex.domain.provider import provider_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

_PRICE = "pricing."
_PRICING, _RATES = COLUMNS.index("pricing"), COLUMNS.index("rates")
_LEFT_OUT = frozenset(("provider", "id", "pricing", "updated_at"))
_KEPT = [(name, place) for place, name in enumerate(COLUMNS) if name not in _LEFT_OUT]


class Said(NamedTuple):
    """One change of one source; `value` is None where it takes a fact back."""

    observed: str
    source: str
    field: str
    value: Any
    kind: str
    effective: str | None


def rank_of(step: Step) -> tuple[str, str]:
    """Return what orders steps, of which the last one that has started holds.

    The later of both times, then the start: a later word on earlier days beats what
    was seen then.
    """
    return max(step.start, step.seen), step.start


def joined(models: Mapping[str, Iterable[Key]]) -> dict[tuple[str, Key], Key]:
    """Return under which key each source's model is served, by (source, key).

    A source's second spelling of one model has none.
    """
    claims = [
        Claims(source, "", {key: {PRESENCE: key} for key in keys})
        for source, keys in models.items()
    ]
    claims.sort(key=lambda c: source_rank(c.source))
    return {
        (source, key): served
        for served, values in gather(claims).items()
        for source, key in values[PRESENCE].items()
    }


def serve(
    models: Mapping[Key, Sequence[Said]],
    tick: Callable[[], None] = lambda: None,
) -> Iterator[tuple[Key, list[Step]]]:
    """Yield every model's steps; what is said of each is in the order of time.

    Of one field at one time, in the order of the days that the source states.
    """
    days: dict[str, set[str]] = {}
    last: dict[Key, Values] = {}
    for key, rows in models.items():
        values = last[key] = {}
        for row in rows:
            days.setdefault(row.source, set()).add(row.observed)
            if row.field and row.value is not None:
                values.setdefault(row.field, {})[row.source] = row.value
    known = Canonicals(last)
    seen = {source: sorted(found) for source, found in days.items()}
    kinds: dict[str, str] = {}
    for key in sorted(models):
        kind = kinds.setdefault(key[0], provider_kind(key[0]))
        line = _Line(key, kind, known, seen)
        moments: dict[str, list[Said]] = {}
        for row in models[key]:
            moments.setdefault(row.observed, []).append(row)
        for moment in sorted(moments):
            line.add(moment, moments[moment])
        yield key, line.sorted()
        tick()


class _Line:
    """A model's steps, while what is said of it is gone through."""

    def __init__(
        self,
        key: Key,
        kind: str,
        known: Canonicals,
        seen: Mapping[str, Sequence[str]],
    ) -> None:
        self.key, self.kind, self.known, self.seen = key, kind, known, seen
        self.said: Values = {}
        self.since: dict[tuple[str, str], tuple[str, str | None]] = {}
        self.here: dict[str, Any] = {}  # source -> True, or a mark
        self.steps: dict[str, list[Step]] = {}
        self.dated: dict[str, list[Rate]] = {}
        self.word = ""

    def sorted(self) -> list[Step]:
        """Return all steps: by name, each in the order of `rank_of`."""
        return [
            step
            for name in sorted(self.steps)
            for step in sorted(self.steps[name], key=rank_of)
        ]

    def add(self, moment: str, rows: Sequence[Said]) -> None:
        """Take in what the sources say at a moment."""
        for row in rows:
            if row.effective and row.effective[:10] > moment[:10]:
                self.here.setdefault(row.source, True)  # it is not in force yet
            else:
                self._take(moment, row)
        sources = self._listing()
        word = self._presence(rows, bool(sources))
        if word != self.word:
            self.word = word
            self._step(Step(PRESENCE, moment, moment, word))
        if sources:
            self._serve(moment, rows, sources)

    def _take(self, moment: str, row: Said) -> None:
        source, field = row.source, row.field
        if field in ("", PRESENCE):
            if row.kind in GONE:
                self.here.pop(source, None)
            else:
                self.here[source] = row.value if field else True
            return
        if row.kind != "missing":
            self.here.setdefault(source, True)
        values = self.said.setdefault(field, {})
        if row.value is None:
            values.pop(source, None)
            if not values:
                del self.said[field]
        else:
            values[source] = row.value
        self.since[source, field] = (moment, row.effective)

    def _listing(self) -> set[str]:
        """Return the sources that list the model; marks as `merge` takes them."""
        marks = self.here.items()
        plain = {s for s, mark in marks if mark not in (LABEL, STAND_IN)}
        counts = LABEL if plain else STAND_IN
        return plain | {s for s, mark in marks if mark == counts}

    def _presence(self, rows: Iterable[Said], here: bool) -> str:  # noqa: FBT001
        if here:
            if self.word in GONE:
                return "returned"
            return self.word or "appeared"
        if not self.word:
            return ""
        words = [row.kind for row in rows if not row.field and row.kind in GONE]
        return max(words, key=GONE.index, default=self.word)

    def _serve(self, moment: str, rows: Sequence[Said], sources: set[str]) -> None:
        said = {
            field: values if values.keys() <= sources else found
            for field, values in self.said.items()
            if (found := {s: v for s, v in values.items() if s in sources})
        }
        for source in sources:
            if not any(source in values for values in said.values()):
                said.setdefault(PRESENCE, {})[source] = True
        dates = {source: self._day(source, moment) for source in sources}
        case = weigh(self.key, self.kind, said, dates)
        merge_canonical(case, self.known)
        columns = encode(*self.key, facts_of(case, dates))
        prices, dated = _prices(columns)
        self._schedule(moment, prices, dated)
        texts = {name: columns[place] for name, place in _KEPT}
        texts |= _on(prices, dated, moment[:10])
        for name in sorted({*texts, *self.steps} - {PRESENCE}):
            text = texts.get(name, "")
            if text != self._text(name, moment):
                start, flags = self._start(moment, rows, name, said, case.origin)
                self._step(Step(name, start, moment, text, flags))
        self._date(moment, rows, case.origin)

    def _date(
        self, moment: str, rows: Sequence[Said], origin: Mapping[str, str]
    ) -> None:
        """Add the steps of prices whose days the source that is served states."""
        for row in rows:
            name, day = row.field, row.effective
            if day and name.startswith(_PRICE) and origin.get(name) == row.source:
                value = row.value
                text = decimal_text(value) if isinstance(value, Decimal) else value
                if (text or "") != self._text(name, day):
                    corrected = CORRECTED if row.kind == "correction" else 0
                    flags = corrected | EFFECTIVE
                    self._step(Step(name, day, moment, text or "", flags))

    def _day(self, source: str, moment: str) -> str:
        """Return the day on which a source is as good as asked, at a moment.

        Between two of its words it is as fresh as on the day: it came to say the same,
        or when it first said something else is not known. Else its newest word ages,
        and prices would go to and fro as sources are published by turns.
        """
        seen = self.seen[source]
        place = bisect_right(seen, moment)
        last, day = seen[place - 1][:10], moment[:10]
        if place < len(seen) and _days(last, seen[place]) <= HORIZON:
            return day
        return last

    def _text(self, name: str, at: str) -> str:
        """Return what holds at a moment by the steps until now."""
        steps = [s for s in self.steps.get(name, ()) if s.start <= at]
        return max(steps, key=rank_of).text if steps else ""

    def _step(self, step: Step) -> None:
        self.steps.setdefault(step.name, []).append(step)

    def _start(
        self,
        moment: str,
        rows: Sequence[Said],
        name: str,
        said: Values,
        origin: Mapping[str, str],
    ) -> tuple[str, int]:
        """Return from when a new text holds, and the flags of its step.

        A day that a source states beats the day on which it was seen; of several
        sources that say the same now, the one that said it first is believed, when
        the one that is served comes after it.
        """
        winner = origin.get(name, "")
        new = [row for row in rows if row.field == name and row.source == winner]
        corrected = CORRECTED if any(r.kind == "correction" for r in new) else 0
        values = said.get(name, {})
        if not new or winner not in values:
            return moment, corrected
        agree = [s for s in values if values[s] == values[winner]]
        since = [self.since[source, name] for source in agree]
        stated = [effective for _, effective in since if effective]
        if stated:
            return min(stated), corrected | EFFECTIVE
        first = min(observed for observed, _ in since)
        before = max((s.start for s in self.steps.get(name, ())), default="")
        return (first if first > before else moment), corrected

    def _schedule(
        self, moment: str, prices: Mapping[str, str], dated: dict[str, list[Rate]]
    ) -> None:
        """Add the steps of rates that begin or end on a day, where these are new."""
        for meter in sorted({*dated, *self.dated}):
            rates, before = dated.get(meter, []), self.dated.get(meter, [])
            if rates == before:
                continue
            days = {
                day
                for rate in (*rates, *before)
                for name, day in rate.conditions.items()
                if name in ("valid_from", "valid_to")
            }
            for day in sorted(days):
                text = _amount(prices.get(meter), rates, day)
                name = _PRICE + meter
                if text != self._text(name, day):
                    self._step(Step(name, day, moment, text, EFFECTIVE))
        self.dated = dated


def _days(first: str, last: str) -> int:
    """Return how many days are between two times."""
    begin, end = (date.fromisoformat(at[:10]) for at in (first, last))
    return (end - begin).days


def _prices(columns: Sequence[str]) -> tuple[dict[str, str], dict[str, list[Rate]]]:
    """Return the undated standard amounts as text, and the dated rates by meter."""
    pairs = (item.partition("=") for item in columns[_PRICING].split())
    prices = {meter: text for meter, _, text in pairs}
    dated: dict[str, list[Rate]] = {}
    if "@valid_" in columns[_RATES]:
        for key, amount in read_items(columns[_RATES]):
            if is_dated(key) and split_key(key)[0] not in ("multiplier", "percent_off"):
                dated.setdefault(meter_of(key), []).append(Rate(key, Decimal(amount)))
    return prices, dated


def _on(
    prices: Mapping[str, str], dated: Mapping[str, list[Rate]], day: str
) -> dict[str, str]:
    """Return the text of each `pricing.METER` on a day."""
    meters = {*prices, *dated}
    return {_PRICE + m: _amount(prices.get(m), dated.get(m, ()), day) for m in meters}


def _amount(undated: str | None, dated: Sequence[Rate], day: str) -> str:
    rate = in_force(dated, day) if dated else None
    return format(rate.amount, "f") if rate else undated or ""
