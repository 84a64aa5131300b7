"""Rules on amounts: jumps, units, zeros, and prices far from those beside them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from modeldex.catalog.merging.bounds import has_other_unit
from modeldex.catalog.merging.prices import FREE_ANSWER_MODES
from modeldex.catalog.merging.rate_guards import ENUMERATIONS
from modeldex.domain.pricing import METER_UNITS, MULTIPLIER, PERCENT_OFF, STATES
from modeldex.domain.syncing import Doubt
from modeldex.usecases.guard.case import PRICING, RATES, per_usual, priced
from modeldex.usecases.guard.doubt import apart, shown, times

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modeldex.usecases.guard.case import Case
    from modeldex.usecases.guard.market import Siblings

# 2 in 100 of the price changes served since 2023 are larger (docs/guards.md)
JUMP, REFUSED = 10.0, 1000.0
SIBLING, MEDIAN = 30.0, 100.0
# number of siblings -> how far off them is far; one or two may themselves be odd
SIBLING_FEW = {1: 150.0, 2: 60.0}
# the same for what is no price of text in and out: caches and tools differ more
SIBLING_WIDE, SIBLING_WIDEST, MEDIAN_WIDE = 150.0, 300.0, 300.0
# how near a ratio must be to one of these to be a slip of units: per token, per
# thousand or per million, cents or dollars
UNIT_RATIOS, NEAR = (100.0, 1e3, 1e6), 0.03
# USD per 1,000,000 text tokens; the dearest on record is o1-pro at 150 and 600
LARGEST, SMALLEST = 1000.0, 0.0005
# what was accepted far from its place may move on, but not much farther
FARTHER = 2.0
_PAIR = ("input", "output")
_TEXT_METERS = frozenset(("input", "output", "reasoning")) | {
    meter for meter in METER_UNITS if meter.startswith("cache_")
}
# kinds of work that are billed by text tokens
_TEXT_MODES = ("", "embedding", "rerank", "moderation", "evaluation", "decisions")
# meter -> the meter beside it, smallest and largest ratio to it
_BESIDE = {
    "output": ("input", 1 / 20, 150),
    "cache_read": ("input", 1 / 500, 3),
    "cache_write": ("input", 1 / 400, 12),
    "cache_write_1h": ("input", 1 / 10, 12),
    "cache_write_12h": ("input", 1 / 10, 12),
    "reasoning": ("output", 1 / 10, 20),
    "input_audio": ("input", 1 / 10, 150),
    "input_image": ("input", 1 / 10, 30),
    "input_video": ("input", 1 / 10, 150),
    "output_audio": ("output", 1 / 5, 1500),
    "output_image": ("output", 1 / 5, 100),
    "cache_read_audio": ("input_audio", 1 / 300, 3),
    "cache_read_image": ("input_image", 1 / 300, 3),
    "cache_read_video": ("input_video", 1 / 300, 3),
    "cache_write_audio": ("input_audio", 1 / 400, 12),
}
# a rate under conditions against the standard one; a size, a quality or the price of
# a time gone by spreads wider
_RATE, _WIDE_RATE = 15.0, 100.0
_WIDE = ENUMERATIONS | {"per", "valid_to"}
_FACTOR, _PERCENT = 10.0, 100
_SAYS_FREE = re.compile(r"(?:^|[:/_-])free$")


def price_jump(case: Case, field: str, old: Any, new: Any) -> Doubt | None:
    """Doubt more than ten times the last accepted amount, or less than a tenth."""
    if priced(field) is None or not old or not new or min(old, new) < 0:
        return None
    ratio = float(new / old)
    far = apart(ratio, 1)
    if far <= JUMP:
        return None
    evidence = _against(case, field, old, new) | {"ratio": times(ratio)}
    return Doubt("price_jump", evidence, refuse=far >= REFUSED)


def unit_suspect(case: Case, field: str, old: Any, new: Any) -> Doubt | None:
    """Doubt 100, 1,000 or 1,000,000 times the old amount or the siblings' median."""
    place = priced(field)
    if place is None or not new or new < 0:
        return None
    beside = {"old": float(old) if old and old > 0 else None}
    if not place[1]:
        siblings = case.market.siblings(case.entry, place[0])
        beside["siblings"] = siblings.median if siblings else None
        if old and siblings and apart(float(old), siblings.median) >= SIBLING:
            del beside["siblings"]  # it was accepted far from them
    for name, reference in beside.items():
        if reference is None:
            continue
        far = apart(float(new), reference)
        if any(abs(far / unit - 1) <= NEAR for unit in UNIT_RATIOS):
            ratio = times(float(new) / reference)
            evidence = _against(case, field, old, new) | {"ratio": ratio, "to": name}
            return Doubt("unit_suspect", evidence)
    return None


def magnitude(case: Case, field: str, old: Any, new: Any) -> Doubt | None:
    """Doubt an amount that no meter of its unit has."""
    place = priced(field)
    if place is None or not _is_beyond(case, *place, new):
        return None
    if (
        old
        and _is_beyond(case, *place, old)
        and apart(float(old), float(new)) < FARTHER
    ):
        return None
    evidence = _against(case, field, old, new) | {"unit": _unit(place[0])}
    return Doubt("magnitude", evidence)


def _is_beyond(
    case: Case, meter: str, conditions: Mapping[str, str], value: Any
) -> bool:
    """Tell whether an amount is beyond the bounds of its meter."""
    if not value or "free" in conditions:
        return False
    if value < 0:
        return True
    if meter == MULTIPLIER:
        return apart(float(value), 1) >= _FACTOR
    if meter == PERCENT_OFF:
        return bool(value > _PERCENT)
    usual = float(value) * per_usual(meter, conditions)
    if meter in _TEXT_METERS and case.entry.mode in _TEXT_MODES:
        return not SMALLEST <= usual <= LARGEST
    return has_other_unit(meter, value * type(value)(per_usual(meter, conditions)))


def sibling(case: Case, field: str, old: Any, new: Any) -> Doubt | None:
    """Doubt what is thirty times off the median of the model at other providers."""
    meter = _standard(field, new)
    found = case.market.siblings(case.entry, meter) if meter else None
    if found is None or not _is_far(found.median, _most(found, meter), old, new):
        return None
    ratio = times(float(new) / found.median)
    return Doubt("sibling", _against(case, field, old, new) | {"ratio": ratio})


def _most(found: Siblings, meter: str) -> float:
    """Return how far an amount may be off its siblings."""
    if meter in _PAIR:
        return SIBLING_FEW.get(found.providers, SIBLING)
    return SIBLING_WIDE if found.providers > 1 else SIBLING_WIDEST


def provider_median(case: Case, field: str, old: Any, new: Any) -> Doubt | None:
    """Doubt what is 100 times off the provider's median for this kind of work."""
    meter = _standard(field, new)
    found = case.market.provider_median(case.entry, meter) if meter else None
    text = meter in _PAIR and case.entry.mode in _TEXT_MODES
    if found is None or not _is_far(found, MEDIAN if text else MEDIAN_WIDE, old, new):
        return None
    siblings = case.market.siblings(case.entry, meter)
    if siblings and apart(float(new), siblings.median) < SIBLING:
        return None  # they speak for it
    if meter not in _PAIR and case.entry.prices.get(_BESIDE.get(meter, ("",))[0]):
        return None  # `relative` holds it against its own base
    median = {"provider": f"median {shown(found)}", "ratio": times(float(new) / found)}
    return Doubt("provider_median", _against(case, field, old, new) | median)


def _standard(field: str, new: Any) -> str:
    """Return the meter of a standard amount that is a price, else ""."""
    place = priced(field)
    return place[0] if place and not place[1] and new and new > 0 else ""


def _is_far(reference: float, most: float, old: Any, new: Any) -> bool:
    """Tell whether an amount is too far off; what was accepted there may stay."""
    far = apart(float(new), reference)
    if far <= most:
        return False
    was = apart(float(old), reference) if old and old > 0 else 1.0
    return was <= most or far > was * FARTHER


def relative(case: Case, field: str, old: Any, new: Any) -> Doubt | None:
    """Doubt what does not fit the model's own others: answer to prompt, cache."""
    place = priced(field)
    if place is None or not new or new < 0:
        return None
    meter, conditions = place
    for base, low, high in _pairs(*place, case):
        beside = case.entry.prices.get(base)
        if not beside:
            continue
        ratio = float(new) * per_usual(meter, conditions) / beside
        if low <= ratio <= high or _was_so(case, place, base, old, (low, high)):
            continue
        evidence = {base: shown(beside), "ratio": times(ratio)}
        return Doubt("relative", _against(case, field, old, new) | evidence)
    return None


def _pairs(
    meter: str, conditions: Mapping[str, str], case: Case
) -> list[tuple[str, float, float]]:
    """Return the meters beside an amount, with smallest and largest ratio to them."""
    if meter not in METER_UNITS or "free" in conditions:
        return []
    if conditions:
        far = _WIDE_RATE if _WIDE & conditions.keys() else _RATE
        return [(meter, 1 / far, far)]
    own = _BESIDE.get(meter)
    found: list[tuple[str, float, float]] = [own] if own else []
    others = case.entry.prices
    for other, (base, low, high) in _BESIDE.items():
        if base == meter and others.get(other):
            found.append((other, 1 / high, 1 / low))
    return found


def _was_so(
    case: Case,
    place: tuple[str, Mapping[str, str]],
    base: str,
    old: Any,
    bounds: tuple[float, float],
) -> bool:
    """Tell whether the accepted amounts had as odd a ratio."""
    beside = case.was.prices.get(base) if case.was else None
    if not beside or not old or old < 0:
        return False
    ratio = float(old) * per_usual(*place) / beside
    return not bounds[0] <= ratio <= bounds[1]


def zero_against_price(case: Case, field: str, old: Any, new: Any) -> Doubt | None:
    """Doubt a price that becomes 0 or free, and the first price of what was free."""
    states = case.state(case.before), case.state(case.after)
    if set(states) == {"free", "listed"}:
        evidence = {"old": shown(old), "new": shown(new), "state": " → ".join(states)}
        return Doubt("zero_against_price", evidence)
    if priced(field) is None or "free=" in field or new is None:
        return None
    fell = bool(old) and new == 0
    rose = old == 0 and new > 0
    if fell or rose or (old is None and new == 0 and _is_unsaid(case, field)):
        return Doubt("zero_against_price", _against(case, field, old, new))
    return None


def _is_unsaid(case: Case, field: str) -> bool:
    """Tell whether nothing explains a first amount of 0."""
    if _SAYS_FREE.search(case.entry.model) or case.state(case.after) == "free":
        return False
    if field.startswith(RATES):
        meter = (priced(field) or ("", {}))[0]
        return bool(case.entry.prices.get(meter))
    if field == PRICING + "output":
        return case.entry.mode not in FREE_ANSWER_MODES
    return True


def price_state(case: Case, _: str, old: Any, new: Any) -> Doubt | None:
    """Doubt that what was paid by the token is included or variable, and reverse."""
    if case.before is None:
        return None
    states = case.state(case.before), case.state(case.after)
    unpaid = set(STATES) - {"free"}
    if states[0] == states[1] or "" in states or not unpaid & set(states):
        return None
    evidence = {"old": shown(old), "new": shown(new), "state": " → ".join(states)}
    return Doubt("price_state", evidence)


def currency(case: Case, field: str, old: Any, new: Any) -> Doubt | None:
    """Doubt another currency of amounts that were known."""
    if field != PRICING + "currency" or case.state(case.before) != "listed":
        return None
    return Doubt("currency", {"old": shown(old or "USD"), "new": shown(new or "USD")})


def _unit(meter: str) -> str:
    unit = METER_UNITS.get(meter, "factor")
    million = unit in ("token", "character", "pixel")
    return f"USD per 1M {unit}s" if million else unit


def _against(case: Case, field: str, old: Any, new: Any) -> dict[str, str]:
    """Return the amounts, and what others ask for the same."""
    found = {"old": shown(old), "new": shown(new)}
    meter, conditions = priced(field) or ("", {})
    siblings = case.market.siblings(case.entry, meter) if not conditions else None
    if siblings:
        many = "providers" if siblings.providers > 1 else "provider"
        middle = shown(siblings.median)
        found["siblings"] = f"{siblings.providers} {many}, median {middle}"
    return found
