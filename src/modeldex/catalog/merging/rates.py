"""Prices under conditions, out of what several sources say: guarded, then chosen.

A set of tiers or of hours is one source's, a table under the same conditions is one
source's as far as it goes, and nothing is served twice, as an amount and by a factor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modeldex.catalog.merging.agreement import (
    DERIVED,
    PRICE_RANK,
    ROUTER_PRICE_RANK,
    Case,
    choose,
)
from modeldex.catalog.merging.bounds import has_other_unit
from modeldex.catalog.merging.rate_guards import (
    AGREE,
    DATES,
    ENUMERATIONS,
    PREFIX,
    hold_doubtful,
    hold_ended,
)
from modeldex.domain.pricing import (
    METER_UNITS,
    MULTIPLIER,
    TOKEN_METERS,
    meter_of,
    rate_key,
    split_key,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from modeldex.catalog.merging.agreement import Said

    Table = dict[str, Decimal]  # rate key -> amount

# a set of tiers or of hours belongs together: it is one source's
_SETS = ("above", "hours")
_PAIR = ("input", "output")


def merge_rates(case: Case) -> None:
    """Serve a model's rates under conditions; what is in doubt is quarantined.

    A model whose price is a state has none.
    """
    tables = _tables(case)
    if not tables:
        return
    if "state" in case.facts.get("pricing", {}):
        case.rates_dropped += sum(len(table) for table in tables.values())
        return
    _serve_dearest(case, tables)
    for source, table in tables.items():
        hold_doubtful(case, source, table, tables)
    tables = {source: _kept(case, source, table) for source, table in tables.items()}
    hold_ended(case, tables)
    for kind in _SETS:
        _keep_one_set(tables, kind)
    chosen = dict(_chosen(case, tables))
    for key, source in chosen.items():
        dated = _with_beginning(key, chosen)
        case.serve(PREFIX + dated, tables[source][key], source)
        _withdraw_undated(case, dated, tables[source][key], source)


def kinds_of(key: str) -> str:
    """Return the conditions of a rate's key, without what they are."""
    return " ".join(split_key(key)[1])


def _with_beginning(key: str, keys: Iterable[str]) -> str:
    """Return a rate's key with the day on which the standard price began.

    A rate that follows today's standard price does not reach back to an earlier one;
    what it was then is unknown, unless a dated rate of the same conditions says so.
    """
    meter, conditions = split_key(key)
    if conditions.keys() & DATES:
        return key
    ends = ""
    for other in keys:
        named, others = split_key(other)
        if named == meter and "valid_to" in others:
            rest = {name: v for name, v in others.items() if name not in DATES}
            if rest == conditions:
                return key
            ends = ends if rest else max(ends, others["valid_to"])
    return rate_key(meter, valid_from=ends or None, **conditions)


def _withdraw_undated(case: Case, key: str, value: Decimal, source: str) -> None:
    """Serve no undated price of a meter whose price began on a known day.

    What others say without a date is of their own day. Where it is another amount
    too, it is quarantined.
    """
    meter, conditions = split_key(key)
    prices = case.facts.get("pricing", {})
    name = f"pricing.{meter}"
    if conditions.keys() != {"valid_from"} or source in case.said.get(name, ()):
        return
    if conditions["valid_from"] > case.dates[source] or name not in case.origin:
        return
    if not AGREE(prices.pop(meter), value):
        case.hold(name, [case.origin[name]], "undated")
    del case.origin[name]


def _tables(case: Case) -> dict[str, Table]:
    """Return each source's rates by key, the best-ranked source first."""
    found: dict[str, Table] = {}
    for name, said in case.said.items():
        if name.startswith(PREFIX):
            for source, value in said.items():
                found.setdefault(source, {})[name.removeprefix(PREFIX)] = value
    rank = ROUTER_PRICE_RANK if case.kind == "aggregator" else PRICE_RANK
    order = [source for source in rank if source in found]
    order += sorted(found.keys() - set(rank))
    fresh = [source for source in order if source not in case.stale]
    order = fresh + [source for source in order if source not in fresh]
    return {source: found[source] for source in order}


def _kept(case: Case, source: str, table: Table) -> Table:
    held = {q.field for q in case.quarantined if q.source == source}
    zeros = [key for key, value in table.items() if not value and _is_amount(key)]
    free = case.facts.get("pricing", {})
    dropped = {key for key in zeros if free.get(split_key(key)[0]) != 0}
    case.zeros_dropped += len([k for k in dropped if PREFIX + k not in held])
    return {
        key: value
        for key, value in table.items()
        if PREFIX + key not in held and key not in dropped
    }


def _is_amount(key: str) -> bool:
    return "free" not in split_key(key)[1]


def _serve_dearest(case: Case, tables: Mapping[str, Table]) -> None:
    """Serve a standard amount where only sizes, qualities and the like have one.

    It is the dearest of the best-ranked source, so that a cost is never too low.
    """
    for table in tables.values():
        dearest: Table = {}
        for key, value in table.items():
            meter, conditions = split_key(key)
            if conditions.keys() <= ENUMERATIONS and not has_other_unit(meter, value):
                dearest[meter] = max(value, dearest.get(meter, value))
        for meter, value in dearest.items():
            served = case.facts.get("pricing", {})
            stated = case.said.get(f"pricing.{meter}")
            if value and meter not in served and not stated:
                case.serve(f"pricing.{meter}", value, DERIVED)


def _keep_one_set(tables: Mapping[str, Table], kind: str) -> None:
    """Keep one source's tiers or hours: two sets of thresholds would not fit.

    Hours that know the days of the week go before those that cannot tell them.
    """
    sets = {source: _members(table, kind) for source, table in tables.items()}
    stated = [source for source, members in sets.items() if members]
    if not stated:
        return
    if kind == "hours":
        stated.sort(key=lambda source: not any("/" in m for m in sets[source]))
    chosen = sets[stated[0]]
    for table in tables.values():
        for key in list(table):
            value = split_key(key)[1].get(kind)
            if value is not None and value not in chosen:
                del table[key]


def _members(table: Table, kind: str) -> set[str]:
    """Return the thresholds or hours that a table has under no other condition.

    Where it has none of these, all that it has.
    """
    found = [split_key(key)[1] for key in table]
    found = [conditions for conditions in found if kind in conditions]
    alone = {c[kind] for c in found if c.keys() <= {kind, "zone", "weekday_zone"}}
    return alone or {c[kind] for c in found}


def _chosen(case: Case, tables: Mapping[str, Table]) -> Iterable[tuple[str, str]]:
    """Yield each rate's key and whose it is, a table of rates from one source.

    The source of a table is that of its first meter; what it lacks the others give.
    """
    groups: dict[str, dict[str, Said]] = {}
    for source, table in tables.items():
        for key in table:
            _, _, text = key.partition("@")
            listed = groups.setdefault(text, {}).setdefault(key, [])
            listed.append((source, table[key]))
    for keys in groups.values():
        first = _lead(keys)
        found = choose(case, keys[first], AGREE)
        leader = found[0] if found else ""
        for key, said in keys.items():
            own = [claim for claim in said if claim[0] == leader]
            chosen = own[0] if own else choose(case, said, AGREE)
            if chosen and not _is_covered(case, key, keys):
                yield key, chosen[0]


def _lead(keys: Iterable[str]) -> str:
    order = {meter: place for place, meter in enumerate((*_PAIR, *METER_UNITS))}
    return min(keys, key=lambda key: (order.get(split_key(key)[0], len(order)), key))


def _is_covered(case: Case, key: str, keys: Mapping[str, Said]) -> bool:
    """Tell whether a factor stands beside amounts, and this key is what goes.

    Amounts that the factor gives are left to it. Where they differ the factor goes,
    unless it prices a meter that has no amount.
    """
    meter, _, text = key.partition("@")
    factor = keys.get(f"{MULTIPLIER}@{text}")
    amounts = {
        m: said for k, said in keys.items() if (m := meter_of(k)) in TOKEN_METERS
    }
    if not factor or not amounts or meter not in {MULTIPLIER, *amounts}:
        return False
    prices = case.facts.get("pricing", {})
    served = {m: value for m, value in prices.items() if m in TOKEN_METERS}
    agrees = all(
        m in served and AGREE(served[m] * factor[0][1], said[0][1])
        for m, said in amounts.items()
    )
    factor_stays = agrees or not served.keys() <= amounts.keys()
    return factor_stays is not (meter == MULTIPLIER)
