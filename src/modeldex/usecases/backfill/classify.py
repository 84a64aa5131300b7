"""Changes out of a series: what each one is, and from when it is true."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from modeldex.domain.change import Change, Fact
from modeldex.usecases.backfill.doubt import FLICKER, JUMP, Doubt, cleaned, moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from modeldex.usecases.backfill.doubt import Timeline
    from modeldex.usecases.backfill.series import Key, Series, Step

    Fields = dict[str, Timeline]
    Spot = tuple[int, str, str]  # index of the snapshot, field, provider

# a model that is absent for this long is retired, as far as its source goes
RETIRED = timedelta(days=30)
# what a source repairs so soon after a model appeared was wrong from the first
REPAIR = timedelta(days=7)
ROUNDING = Decimal("0.02")
# so many models, or so many of one provider, do not gain or lose an ability at once,
# nor this part of them another size: the source has changed what it writes
MASS_COUNT, MASS_AT_ONE, MASS_PART = 20, 8, 0.05
_KILO = Decimal(1024) / Decimal(1000)
_ABILITY = "capabilities."
_PRICES = ("pricing.", "rates.")
_SIZES = ("context_window", "max_input_tokens", "max_output_tokens")


class Classified(NamedTuple):
    """A source's changes in the order of time, and what is not among them."""

    changes: list[Change]
    doubts: list[Doubt]
    schema: list[tuple[str, str, int]]  # when, (provider and) field, how many models


def classify(series: Series) -> Classified:
    """Return the changes of a source's series."""
    doubts: list[Doubt] = []
    models: dict[Key, Fields] = {}
    for key in sorted(series.values):
        models[key], found = cleaned(key, series.values[key], series.ats)
        doubts += found
    mass = _mass(models, len(series.ats))
    steps: dict[Key, list[tuple[Step, int]]] = {}
    for step, index in series.steps.items():
        steps.setdefault(step.key, []).append((step, index))
    times = [moment(at) for at in series.ats]
    changes = [
        change
        for key, fields in models.items()
        for change in _Model(series, times, mass, key, fields, steps.get(key, ()))
    ]
    changes.sort(key=lambda change: change.observed_at)  # stable: by model within
    told = [
        (series.ats[index], f"{provider}/{field}" if provider else field, count)
        for (index, field, provider), count in sorted(mass.items())
    ]
    return Classified(changes, doubts, told)


def _mass(models: Mapping[Key, Fields], size: int) -> dict[Spot, int]:
    """Return what a source changed for many models in one snapshot: how many.

    Of a provider, or of "" for all of them.
    """
    moved: Counter[Spot] = Counter()
    known: dict[str, list[int]] = {}
    for (provider, _), fields in models.items():
        for field, line in fields.items():
            is_ability = field.startswith(_ABILITY)
            if not line or not (is_ability or field in _SIZES):
                continue
            known.setdefault(field, [0] * size)[line[0][0]] += 1
            for (_, old), (index, new) in pairwise(line):
                if flips(old, new) if is_ability else old and new:
                    moved[index, field, ""] += 1
                    moved[index, field, provider] += is_ability
    return {
        spot: count
        for spot, count in moved.items()
        if count >= (MASS_AT_ONE if spot[2] else MASS_COUNT)
        and (
            spot[1] not in _SIZES or count >= MASS_PART * sum(known[spot[1]][: spot[0]])
        )
    }


def flips(old: object, new: object) -> bool:
    """Tell whether a capability that was known turned into the other."""
    return old is not None and new is not None and bool(old) != bool(new)


class _Model:
    """The changes of one model, by time."""

    def __init__(  # noqa: PLR0913, PLR0917
        self,
        series: Series,
        times: Sequence[datetime],
        mass: Mapping[Spot, int],
        key: Key,
        fields: Fields,
        steps: Sequence[tuple[Step, int]],
    ) -> None:
        self.series, self.times, self.mass = series, times, mass
        self.key, self.fields = key, fields
        self.steps: dict[str, list[tuple[Step, int]]] = {}
        for step, index in sorted(steps, key=lambda s: (s[0].day, s[1])):
            self.steps.setdefault(step.field, []).append((step, index))
        self.born = min((i for i, _ in series.presence.get(key, ())), default=0)

    def __iter__(self) -> Iterator[Change]:
        appeared: dict[str, Fact] = {}
        later: list[tuple[int, str, Change]] = []
        for field, line in self.fields.items():
            for number, (index, made) in enumerate(self._changes(field, line)):
                if index == self.born and number == 0 and made.old is None:
                    appeared[field] = made.new  # type: ignore[assignment]
                else:
                    later.append((index, field, made))
        facts = Fact(dict(sorted(appeared.items())), self.series.source)
        yield self._change(self.born, "", None, facts, "appeared")
        later += [(index, "", change) for index, change in self._presence()]
        for _, _, made in sorted(later, key=lambda item: item[:2]):
            yield made

    def _change(  # noqa: PLR0913, PLR0917
        self,
        index: int,
        field: str,
        old: Fact | None,
        new: Fact | None,
        kind: str,
        day: str | None = None,
    ) -> Change:
        at = self.series.ats[index]
        return Change(
            *self.key, field, old, new, kind=kind, observed_at=at, effective_at=day
        )

    def _fact(self, value: Any) -> Fact | None:
        return None if value is None else Fact(value, self.series.source)

    def _changes(self, field: str, line: Timeline) -> Iterator[tuple[int, Change]]:
        """Yield a field's changes: those with a stated day take a plain one's place."""
        steps = list(self.steps.get(field, ()))
        known: Any = None
        for index, value in line:
            today = self.series.ats[index][:10]
            due = [s for s in steps if s[1] <= index]
            steps = [s for s in steps if s[1] > index]
            if known is None and due and due[0][0].old is not None:
                known = due[0][0].old
                yield index, self._field(index, field, None, known)
            for step, seen in due:
                if step.old == known and step.new != known:
                    at = max(seen, self.born)
                    yield at, self._field(at, field, known, step.new, step.day)
                    if step.day <= today:
                        known = step.new
            if value != known:
                yield index, self._field(index, field, known, value)
                known = value
        for step, seen in steps:
            if step.old == known:
                yield seen, self._field(seen, field, known, step.new, step.day)
                known = step.new

    def _field(
        self, index: int, field: str, old: Any, new: Any, day: str | None = None
    ) -> Change:
        kind = "change" if day else self._kind(index, field, old, new)
        return self._change(index, field, self._fact(old), self._fact(new), kind, day)

    def _kind(self, index: int, field: str, old: Any, new: Any) -> str:
        if old is None:
            return "first_known"
        of_an_ability = field.startswith(_ABILITY) and not flips(old, new)
        for provider in () if of_an_ability else ("", self.key[0]):
            if (index, field, provider) in self.mass:
                return "correction"
        numbers = [Decimal(v) for v in (old, new) if _is_number(v)]
        if len(numbers) == 2 and _is_repair(field, *numbers):  # noqa: PLR2004
            return "correction"
        soon = self.times[index] - self.times[self.born] <= REPAIR
        repaired = soon and index != self.born and field.startswith(_PRICES)
        return "correction" if repaired and new is not None else "change"

    def _presence(self) -> Iterator[tuple[int, Change]]:
        """Yield when the model went missing, was back, and is taken for retired."""
        line = self._without_gaps(self.series.presence.get(self.key, []))
        sign = Fact(None, self.series.source)
        for place, (index, there) in enumerate(line[1:], 1):
            if there:
                yield index, self._change(index, "", None, sign, "returned")
                continue
            yield index, self._change(index, "", None, sign, "missing")
            back = line[place + 1][0] if place + 1 < len(line) else len(self.times)
            for later in range(index + 1, back):
                if self.times[later] - self.times[index] >= RETIRED:
                    yield later, self._change(later, "", None, sign, "retired")
                    break

    def _without_gaps(self, line: Sequence[tuple[int, bool]]) -> list[tuple[int, bool]]:
        """Return when the model was listed, but for absences too short to be any."""
        kept: list[tuple[int, bool]] = []
        for index, there in line:
            gone = kept[-1][0] if there and kept else index
            if gone != index and self.times[index] - self.times[gone] <= FLICKER:
                kept.pop()
            else:
                kept.append((index, there))
        return kept


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _is_repair(field: str, old: Decimal, new: Decimal) -> bool:
    """Tell whether a number was written better, or was wrong by a unit."""
    if not old or not new:
        return False
    larger, smaller = max(old, new), min(old, new)
    if larger / smaller <= 1 + ROUNDING:
        return True
    if field in _SIZES:
        return larger / smaller in (_KILO, _KILO * _KILO)
    return field.startswith(_PRICES) and larger >= smaller * JUMP
