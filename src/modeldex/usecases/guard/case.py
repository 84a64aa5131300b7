"""One model while its changes are judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modeldex.domain.pricing import METER_UNITS, UNITS, split_key
from modeldex.usecases.guard.market import Entry, entry_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from modeldex.domain.change import Change, Facts
    from modeldex.usecases.guard.market import Market

    Changed = dict[str, tuple[Any, Any]]  # field -> value before and after

PRICING, RATES = "pricing.", "rates."


@dataclass(slots=True)
class Case:
    """A model's facts before and after, its changed fields, and the market.

    `entry` is the model as it would be; `was` as it is, None for a new one.
    """

    before: Facts | None
    after: Facts
    changed: Changed
    market: Market
    entry: Entry
    was: Entry | None

    def state(self, facts: Facts | None) -> str:
        """Return the price state of facts: listed where there is an amount."""
        if facts is None:
            return ""
        stated = facts.get("pricing.state")
        if stated is not None and stated.value:
            return str(stated.value)
        entry = self.entry if facts is self.after else self.was
        return "listed" if entry and any(entry.prices.values()) else ""


def case_of(
    provider: str,
    model: str,
    changes: Iterable[Change],
    facts: tuple[Facts | None, Facts],
    market: Market,
) -> Case:
    """Make the case of one model; `facts` are those before and after."""
    before, after = facts
    changed = changed_fields(changes)
    was = None if before is None else entry_of(provider, model, before)
    entry = entry_of(provider, model, after)
    return Case(before, after, changed, market, entry, was)


def changed_fields(changes: Iterable[Change]) -> Changed:
    """Return the values before and after of every field that some changes change.

    A model that appears is field "", and each of its facts. A value that only
    another source gives is no change.
    """
    found: Changed = {}
    for change in changes:
        old = change.old.value if change.old else None
        new = change.new.value if change.new else None
        if change.field:
            if old != new:
                found[change.field] = (old, new)
            continue
        if new is not None and old is None:
            found[""] = (None, None)
            found |= {name: (None, fact.value) for name, fact in new.items()}
    return found


def priced(field_name: str) -> tuple[str, Mapping[str, str]] | None:
    """Return the meter and the conditions of a field that is an amount, else None."""
    if field_name.startswith(PRICING):
        meter = field_name.removeprefix(PRICING)
        return (meter, {}) if meter in METER_UNITS else None
    if field_name.startswith(RATES):
        return split_key(field_name.removeprefix(RATES))
    return None


def per_usual(meter: str, conditions: Mapping[str, str]) -> float:
    """Return by what a rate's amount is multiplied to be for the usual units."""
    if "per" not in conditions:
        return 1.0
    return UNITS[METER_UNITS[meter]] / float(conditions["per"])
