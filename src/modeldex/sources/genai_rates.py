"""The prices of a row of genai-prices: tiers, effective dates and daily windows.

A row's prices are one table, or a list of tables of which each may hold from a day
on or within daily hours; of the tables that hold the last one is in force.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from modeldex.domain.tariff import STAND_INS
from modeldex.sources.claim import amount, full_date, token_count
from modeldex.sources.rate_claims import NO_AMOUNT, NO_UNIT, PriceReading, split_hours

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from modeldex.sources.claim import Json

# upstream key -> our meter and how many of its units the amount is the price of;
# tokens and characters by the million, as ours
_MILLION, _THOUSAND, _HOUR = "m", "k", "h"
UNITS = {
    "input_mtok": ("input", _MILLION),
    "output_mtok": ("output", _MILLION),
    "cache_read_mtok": ("cache_read", _MILLION),
    "cache_write_mtok": ("cache_write", _MILLION),
    "cache_write_1h_mtok": ("cache_write_1h", _MILLION),
    "output_reasoning_mtok": ("reasoning", _MILLION),
    "input_audio_mtok": ("input_audio", _MILLION),
    "output_audio_mtok": ("output_audio", _MILLION),
    "input_image_mtok": ("input_image", _MILLION),
    "output_image_mtok": ("output_image", _MILLION),
    "input_video_mtok": ("input_video", _MILLION),
    "output_video_mtok": ("output_video", _MILLION),
    "cache_audio_read_mtok": ("cache_read_audio", _MILLION),
    "cache_image_read_mtok": ("cache_read_image", _MILLION),
    "cache_video_read_mtok": ("cache_read_video", _MILLION),
    "cache_audio_write_mtok": ("cache_write_audio", _MILLION),
    "output_citation_mtok": ("citation", _MILLION),
    "input_mchars": ("input_characters", _MILLION),
    "output_mchars": ("output_characters", _MILLION),
    "web_searches_kcount": ("searches", _THOUSAND),
    "storage_searches_kcount": ("file_searches", _THOUSAND),
    "requests_kcount": ("requests", _THOUSAND),
    "input_text_messages_kcount": ("messages", _THOUSAND),
    "input_document_kpages": ("pages", _THOUSAND),
    "input_annotated_document_kpages": ("annotated_pages", _THOUSAND),
    "input_audio_hours": ("input_audio_seconds", _HOUR),
    "audio_hours": ("input_audio_seconds", _HOUR),
    "output_audio_hours": ("output_audio_seconds", _HOUR),
    "input_video_hours": ("input_video_seconds", _HOUR),
    "output_video_hours": ("output_video_seconds", _HOUR),
}
_DAY = 24 * 60
_TIME = re.compile(r"(\d\d):(\d\d)(?::\d\d)?(?:([+-])(\d\d):?(\d\d)|Z)?")

# (meter, smallest prompt of the tier or 0, units of the price or 0) -> amount
Slot = tuple[str, int, int]
Table = dict[Slot, Decimal]


@dataclass(frozen=True, slots=True)
class _Window:
    start: int  # minutes of the UTC day
    end: int
    table: Table


def read_prices(listed: Json, day: str) -> PriceReading:
    """Read a row's prices as they are on an ISO day, before it and after it."""
    reading = PriceReading()
    periods, windows = _tables(reading, listed)
    begun = [place for place, (first, _) in enumerate(periods) if first <= day]
    if not begun:
        return reading
    now = begun[-1]
    current = periods[now][1]
    standard = {slot: _dearest(slot, current, windows) for slot in current}
    for window in windows:
        for slot in window.table.keys() - current.keys():
            standard[slot] = _dearest(slot, current, windows)
    for slot, price in standard.items():
        began = _beginning(slot, periods[: now + 1])
        _put(reading, slot, price, {"valid_from": began} if began else {})
    _read_hours(reading, current, windows, standard)
    _read_steps(reading, periods, now, current)
    return reading


def _tables(
    reading: PriceReading, listed: Json
) -> tuple[list[tuple[str, Table]], list[_Window]]:
    """Return the tables with their first days, and those of daily windows."""
    periods: list[tuple[str, Table]] = []
    windows: list[_Window] = []
    entries = listed if isinstance(listed, list) else [{"prices": listed}]
    for entry in entries:
        constraint = entry.get("constraint") or {}
        prices = entry.get("prices") or {}
        start, end = (_minutes(constraint.get(k)) for k in ("start_time", "end_time"))
        first = full_date(constraint.get("start_date"))
        if set(constraint) == {"start_time", "end_time"} and None not in (start, end):
            windows.append(_Window(start or 0, end or 0, _table(reading, prices)))
        elif not constraint or (first and set(constraint) == {"start_date"}):
            periods.append((first or "", _table(reading, prices)))
        else:
            for key in prices:
                reading.count(key, "an unknown constraint")
    return sorted(periods, key=lambda period: period[0]), windows


def _minutes(text: object) -> int | None:
    """Return the minutes of the UTC day of `HH:MM[:SS][+HH:MM]`."""
    found = _TIME.fullmatch(text) if isinstance(text, str) else None
    if not found:
        return None
    hour, minute, sign, hours, minutes = found.groups()
    offset = int(hours or 0) * 60 + int(minutes or 0)
    return (int(hour) * 60 + int(minute) - (-offset if sign == "-" else offset)) % _DAY


def _table(reading: PriceReading, prices: Mapping[str, Any]) -> Table:
    table: Table = {}
    for key, price in prices.items():
        if key not in UNITS:
            reading.count(key, NO_UNIT)
            continue
        meter, unit = UNITS[key]
        tiers: list[tuple[int | None, object]] = [(0, price)]
        if isinstance(price, dict):
            tiers = [(0, price.get("base"))]
            listed = price.get("tiers") or ()
            tiers += [(token_count(tier["start"]), tier["price"]) for tier in listed]
        reasons = {_enter(table, meter, unit, *tier) for tier in tiers}
        reading.count(key, max(reasons))
    return table


def _enter(
    table: Table, meter: str, unit: str, above: int | None, price: object
) -> str:
    """Enter an amount in our unit; return why it is not taken, or an empty text."""
    value = amount(price)
    if value is None or above is None:
        return NO_AMOUNT
    per: Mapping[str, int] = {}
    if unit == _THOUSAND:
        value = amount(value.scaleb(-3)) or Decimal(0)
    elif unit == _HOUR:
        value, per = split_hours(meter, value)
    slot = (meter, above, per.get("per", 0))
    if slot in table:
        return "stated twice" if table[slot] == value else "stated otherwise"
    table[slot] = value
    return ""


def _put(
    reading: PriceReading, slot: Slot, price: Decimal, conditions: Mapping[str, str]
) -> None:
    meter, above, per = slot
    reading.put(
        meter, price, {**conditions, "above": above or None, "per": per or None}
    )


def _dearest(slot: Slot, current: Table, windows: Sequence[_Window]) -> Decimal:
    tables = (current, *(window.table for window in windows))
    return max(table[slot] for table in tables if slot in table)


def _read_hours(
    reading: PriceReading,
    current: Table,
    windows: Sequence[_Window],
    standard: Mapping[Slot, Decimal],
) -> None:
    """Claim the cheaper prices of the day, each with all hours in which it holds."""
    for slot, dearest in standard.items():
        marks = {0, _DAY, *(m for w in windows for m in (w.start, w.end))}
        edges = sorted(marks)
        spans: dict[Decimal, list[list[int]]] = {}
        for start, end in pairwise(edges):
            price = _price_at(slot, start, current, windows)
            if price is None or price == dearest:
                continue
            listed = spans.setdefault(price, [])
            if listed and listed[-1][1] == start:
                listed[-1][1] = end
            else:
                listed.append([start, end])
        for price, listed in spans.items():
            _put(reading, slot, price, {"hours": hours_text(listed)})


def _price_at(
    slot: Slot, minute: int, current: Table, windows: Sequence[_Window]
) -> Decimal | None:
    """Return the price at a minute of the day: the last window's, else the table's."""
    for window in reversed(windows):
        start, end = window.start, window.end
        inside = start <= minute < end if start < end else not end <= minute < start
        if inside and slot in window.table:
            return window.table[slot]
    return current.get(slot)


def hours_text(spans: Iterable[Sequence[int]]) -> str:
    """Return spans of minutes as a condition; the end of the day is 00:00."""
    return "+".join(
        "-".join(f"{m % _DAY // 60:02}:{m % 60:02}" for m in span) for span in spans
    )


def _read_steps(
    reading: PriceReading,
    periods: Sequence[tuple[str, Table]],
    now: int,
    current: Table,
) -> None:
    """Claim what another period's prices are, where they differ from today's.

    A period without a tier that today's prices have states its flat price for it.
    """
    tiers: dict[str, set[int]] = {}
    for _, table in periods:
        for meter, above, _ in table:
            tiers.setdefault(meter, set()).add(above)
    for place, (first, table) in enumerate(periods):
        if place == now:
            continue
        last = periods[place + 1][0] if place + 1 < len(periods) else None
        dates = {"valid_from": first or None, "valid_to": last}
        if first == last:
            continue
        whole = _stood_in(table, current) | table
        for (meter, _, per), price in _flat(table):
            for above in tiers[meter]:
                whole.setdefault((meter, above, per), _tier(table, meter, above, price))
        for slot, price in whole.items():
            if price != current.get(slot):
                kept = {name: value for name, value in dates.items() if value}
                _put(reading, slot, price, kept)


def _beginning(slot: Slot, periods: Sequence[tuple[str, Table]]) -> str:
    """Return the day from which on a meter has a price, or an empty text.

    What it cost until then is unknown, unless it was billed as another meter.
    """
    meter, _, per = slot
    began = ""
    for first, table in reversed(periods):
        known = table | _stood_in(table, {(meter, 0, per): Decimal(0)})
        if not any(named == meter for named, _, _ in known):
            return began
        began = first
    return ""


def _stood_in(table: Table, current: Table) -> Table:
    """Return the prices of meters that began later, as they were billed until then."""
    return {
        (meter, above, per): table[base, above, per]
        for meter, above, per in current
        for base in STAND_INS.get(meter, ())[:1]
        if (base, above, per) in table
    }


def _flat(table: Table) -> list[tuple[Slot, Decimal]]:
    return [(slot, price) for slot, price in table.items() if not slot[1]]


def _tier(table: Table, meter: str, above: int, flat: Decimal) -> Decimal:
    """Return what a table prices a prompt above a size at: its last tier below it."""
    reached = [slot for slot in table if slot[0] == meter and slot[1] <= above]
    best = max(reached, key=lambda slot: slot[1], default=None)
    return table[best] if best else flat
