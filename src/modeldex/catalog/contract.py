"""A contract's rows, laid out as rates of the models that they name.

Of rows that state the same, one that names a model in full goes before one that means
it by a `*`, on all days on which it holds; else the later row does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.catalog.authoring.rates import MODELS, rates_of_row
from modeldex.domain.pricing import PERCENT_OFF, conditions_text, rate_key, split_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from decimal import Decimal

    Row = Mapping[str, Any]
    Rates = dict[str, Decimal]
    Period = tuple[str, str]

_ALWAYS = ("", "~")  # before and after every ISO day
_DATES = ("valid_from", "valid_to")


def is_meant(model_id: str, glob: str) -> bool:
    """Tell whether a model's id is the glob, where `*` stands for any characters."""
    first, *rest = glob.split("*")
    if not rest:
        return model_id == glob
    *middle, last = rest
    if len(model_id) < len(first) + len(last):
        return False
    if not (model_id.startswith(first) and model_id.endswith(last)):
        return False
    place, end = len(first), len(model_id) - len(last)
    for part in middle:
        place = model_id.find(part, place, end)
        if place < 0:
            return False
        place += len(part)
    return True


class Contract:
    """Rows of one provider's contract; `unmatched` tells those that mean no model."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = [(row, rates_of_row(row)) for row in rows]
        self._matched: set[int] = set()

    @property
    def unmatched(self) -> list[int]:
        """The places of the rows that have meant none of the models asked for."""
        return [i for i in range(len(self._rows)) if i not in self._matched]

    def rates_for(self, model_id: str) -> Rates:
        """Return the rates of a model by their keys."""
        named: Rates = {}
        meant: Rates = {}
        for index, (row, rates) in enumerate(self._rows):
            globs = row.get(MODELS, ("*",))
            if model_id in globs:
                named |= rates
            elif any(is_meant(model_id, glob) for glob in globs):
                meant |= rates
            else:
                continue
            self._matched.add(index)
        return _beside(meant, named) | named


def _beside(meant: Rates, named: Rates) -> Rates:
    """Return rates for the days on which none of the more particular ones holds."""
    if not named:
        return meant
    taken: dict[str, list[tuple[str, Period]]] = {}
    for key in named:
        meter, text, period = _parts(key)
        taken.setdefault(text, []).append((meter, period))
    left: Rates = {}
    for key, amount in meant.items():
        meter, text, period = _parts(key)
        periods = [
            other for name, other in taken.get(text, ()) if name in (meter, PERCENT_OFF)
        ]
        for begin, end in _without(period, periods) if periods else (period,):
            _, conditions = split_key(key)
            dates = {"valid_from": begin or None, "valid_to": end.rstrip("~") or None}
            left[rate_key(meter, **{**conditions, **dates})] = amount
    return left


def _parts(key: str) -> tuple[str, str, Period]:
    """Split a key into its meter, its conditions without dates, and its period."""
    meter, conditions = split_key(key)
    rest = {name: conditions[name] for name in conditions if name not in _DATES}
    begin, end = (
        conditions.get(name, other) for name, other in zip(_DATES, _ALWAYS, strict=True)
    )
    return meter, conditions_text(rest), (begin, end)


def _without(period: Period, taken: Iterable[Period]) -> Iterator[Period]:
    """Yield what is left of a period without others."""
    begin, end = period
    for first, last in sorted(taken):
        if last <= begin or first >= end:
            continue
        if begin < first:
            yield begin, first
        begin = last
        if begin >= end:
            return
    yield begin, end


def lay_out(
    contract: Contract, facts: Mapping[str, Any], model_id: str, source: str
) -> dict[str, Any] | None:
    """Return a model's facts with a contract's rates, or None where there are none.

    Rates that the model states itself stay. A discount needs a price that it is
    taken off.
    """
    known = facts.get("rates") or {}
    found = contract.rates_for(model_id)
    listed = "state" not in facts.get("pricing", {"state": ""}) or known
    rates = {
        key: amount
        for key, amount in found.items()
        if key not in known and (listed or not key.startswith(PERCENT_OFF))
    }
    if not rates:
        return None
    sources = dict(facts.get("sources") or {})
    sources |= {f"rates.{key}": source for key in rates}
    return {**facts, "rates": {**known, **rates}, "sources": sources}
