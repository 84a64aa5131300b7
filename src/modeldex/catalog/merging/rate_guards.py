"""Rates that are in doubt: they are quarantined, each with its reason.

A rate belongs to the standard price of its own source. Where that is not the served
one, the rate is of another hour, region or year.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from modeldex.catalog.merging.agreement import PRICE_TOLERANCE, Case, within
from modeldex.catalog.merging.bounds import has_other_unit
from modeldex.domain.pricing import (
    METER_UNITS,
    MULTIPLIER,
    TOKEN_METERS,
    UNITS,
    conditions_text,
    split_key,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    Table = dict[str, Decimal]  # rate key -> amount

PREFIX = "rates."
OUTLIER = 10
# conditions that enumerate what is asked for: no amount of theirs is the usual one
ENUMERATIONS = frozenset(("size", "quality", "resolution", "steps", "search_context"))
DATES = frozenset(("valid_from", "valid_to"))
# conditions under which a rate is not held against the others of its meter
_NOT_WEIGHED = ENUMERATIONS | {"per", "valid_to"}
# largest and smallest factor that is a region's or a mode's uplift
_FACTORS = (Decimal("0.1"), Decimal(OUTLIER))
_PAIR = ("input", "output")
AGREE = within(PRICE_TOLERANCE)


def hold_doubtful(
    case: Case, source: str, table: Table, tables: Mapping[str, Table]
) -> None:
    """Quarantine what a source says of rates that do not fit what is served."""
    same_pair = all(_is_served(case, source, table, meter) for meter in _PAIR)
    for key in table:
        doubt = _doubt_of_kind(case, key, table[key])
        if doubt is None:
            doubt = _doubt_of_place(case, source, key, tables, same_pair=same_pair)
        if doubt:
            case.hold(PREFIX + key, [source], doubt)


def _doubt_of_kind(case: Case, key: str, value: Decimal) -> str | None:
    """Return what is wrong with an amount by itself; None where that is not enough."""
    meter, conditions = split_key(key)
    if meter == MULTIPLIER:
        low, high = _FACTORS
        return "" if low < value < high else "10x"
    if "free" in conditions:
        return "" if value > 0 else "unit"
    if value == 0:
        standard = case.facts.get("pricing", {}).get(meter)
        return "zero_against_price" if standard else ""
    if has_other_unit(meter, value * _factor(meter, conditions)):
        return "unit"
    return None


def _doubt_of_place(
    case: Case,
    source: str,
    key: str,
    tables: Mapping[str, Table],
    *,
    same_pair: bool,
) -> str:
    """Return what is wrong with an amount beside the served ones and its table."""
    meter, conditions = split_key(key)
    table = tables[source]
    if not _has_base(case, source, table, key, same_pair=same_pair):
        return "other_base"
    if _is_far(case, source, key, tables):
        return "10x"
    if "hours" in conditions and _is_dearer(case, meter, table[key]):
        return "dearer_window"
    return ""


def _factor(meter: str, conditions: Mapping[str, str]) -> Decimal:
    """Return by what an amount is multiplied to be the price of the usual units."""
    if "per" not in conditions:
        return Decimal(1)
    return Decimal(UNITS[METER_UNITS[meter]]) / Decimal(conditions["per"])


def _has_base(
    case: Case, source: str, table: Table, key: str, *, same_pair: bool
) -> bool:
    """Tell whether a rate's source states the served standard price, or none."""
    meter, conditions = split_key(key)
    if conditions.keys() & ENUMERATIONS or "per" in conditions:
        return _is_served(case, source, table, meter)
    if meter in TOKEN_METERS and not same_pair:
        return False
    return _is_served(case, source, table, meter)


def _is_served(case: Case, source: str, table: Table, meter: str) -> bool:
    """Tell whether a source's standard amount of a meter is the served one.

    A source that has an amount for each size and no other means the served one when
    it is among them.
    """
    served = case.facts.get("pricing", {}).get(meter)
    own = case.said.get(f"pricing.{meter}", {}).get(source)
    if served is None:
        return not own
    listed = [own] if own is not None else []
    for key, value in table.items():
        named, conditions = split_key(key)
        if named == meter and conditions.keys() <= ENUMERATIONS:
            listed.append(value)
        elif named == meter and conditions.keys() == {"per"}:
            listed.append(value * _factor(meter, conditions))
    return not listed or any(AGREE(value, served) for value in listed)


def _is_far(case: Case, source: str, key: str, tables: Mapping[str, Table]) -> bool:
    """Tell whether a rate is ten times off those beside it: it may be a slip.

    These are the ones of its meter under one condition less, of a smaller tier, and
    the standard one. What two sources state is no slip of one, and what a source has
    itself replaced since is no slip that matters.
    """
    meter, conditions = split_key(key)
    if conditions.keys() & _NOT_WEIGHED:
        return False
    table = tables[source]
    value = table[key]
    near = [
        table.get(f"{meter}@{text}")
        for name in conditions
        if (text := conditions_text({**conditions, name: None}))
    ]
    near += _smaller_tiers(table, meter, conditions)
    near.append(case.facts.get("pricing", {}).get(meter))
    known = [other for other in near if other]
    if not known or any(_is_near(value, other) for other in known):
        return False
    others = [t[key] for s, t in tables.items() if s != source and key in t]
    return not any(AGREE(value, other) for other in others)


def _smaller_tiers(
    table: Table, meter: str, conditions: Mapping[str, str]
) -> list[Decimal]:
    if "above" not in conditions:
        return []
    size = int(conditions["above"])
    rest = conditions_text({**conditions, "above": None})
    found = []
    for key, value in table.items():
        named, others = split_key(key)
        smaller = named == meter and int(others.get("above", size)) < size
        if smaller and conditions_text({**others, "above": None}) == rest:
            found.append(value)
    return found


def _is_near(one: Decimal, other: Decimal) -> bool:
    return max(one, other) < OUTLIER * min(one, other)


def _is_dearer(case: Case, meter: str, value: Decimal) -> bool:
    served = case.facts.get("pricing", {}).get(meter)
    return served is not None and value > served


def hold_ended(case: Case, tables: Mapping[str, Table]) -> None:
    """Quarantine tiers that a source with dates says have ended.

    Others' undated claims are then of the time before.
    """
    ended: set[str] = set()
    for source, table in tables.items():
        above = [split_key(key)[1] for key in table]
        above = [conditions for conditions in above if "above" in conditions]
        if above and all("valid_to" in conditions for conditions in above):
            ended.add(source)
    if not ended:
        return
    for source, table in tables.items():
        if source in ended:
            continue
        late = [
            key
            for key in table
            if "above" in (found := split_key(key)[1]) and not found.keys() & DATES
        ]
        for key in late:
            case.hold(PREFIX + key, [source], "ended")
            del table[key]
