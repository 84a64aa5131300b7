"""Why our cost of a call differs from a peer's: classes that are checked, not said."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calculators import Pair

_FLOAT_ERROR = Decimal("1e-9")  # litellm adds binary floating point numbers
_MILLION = 1_000_000


def same(one: Decimal, other: Decimal) -> bool:
    """Tell whether two totals are the same but for binary noise."""
    return abs(one - other) <= _FLOAT_ERROR * max(abs(one), abs(other))


def _amounts(pair: Pair) -> set[Decimal]:
    """Return every amount per token that the model's rates hold, and zero."""
    found = {r.amount / r.per for r in pair.rates if r.per == _MILLION}
    return {Decimal(0), *found}


def _totals(pair: Pair, meters: set[str]) -> Iterator[Decimal]:
    """Yield the totals with some meters billed at any amount the model lists."""
    kept = [line for line in pair.ours.lines if line.meter not in meters]
    if any(line.amount is None for line in kept):
        return
    base = sum((line.amount for line in kept if line.amount), Decimal(0))
    others = [line for line in pair.ours.lines if line.meter in meters]
    for chosen in product(_amounts(pair), repeat=len(others)):
        yield base + sum(
            (Decimal(line.quantity) * amount)
            for line, amount in zip(others, chosen, strict=True)
        )


def _unpriced(pair: Pair) -> bool:
    """Tell whether theirs is our subtotal and the unpriced meters at other prices."""
    if pair.ours.total is not None or pair.theirs is None:
        return False
    meters = set(pair.ours.unpriced)
    return any(same(total, pair.theirs) for total in _totals(pair, meters))


def _zero(pair: Pair) -> bool:
    """Tell whether theirs is 0 for a model whose price nobody states."""
    return pair.theirs == 0 and pair.ours.total is None


def _stand_in(pair: Pair) -> bool:
    """Tell whether only meters billed as another one differ, and ours is not less."""
    total = pair.ours.total
    if total is None or pair.theirs is None or total < pair.theirs:
        return False
    meters = {n.meter for n in pair.ours.lines if n.rate and n.rate.meter != n.meter}
    return bool(meters) and any(
        same(total, pair.theirs) for total in _totals(pair, meters)
    )


def _row(pair: Pair, name: str = "own") -> set[Decimal]:
    """Return every amount per token of a row of the peer's, and zero."""
    return {Decimal(0), *map(Decimal, pair.call.get(name, ()))}


def _by_row(pair: Pair, amounts: set[Decimal]) -> bool:
    """Tell whether theirs is made of amounts of a row whose amounts are not ours."""
    if pair.theirs is None or amounts <= _amounts(pair):
        return False
    lines = [line for line in pair.ours.lines if line.meter != "requests"]
    return any(
        same(
            sum(Decimal(n.quantity) * c for n, c in zip(lines, costs, strict=True)),
            pair.theirs,
        )
        for costs in product(amounts, repeat=len(lines))
    )


def _of_shorter_key(pair: Pair) -> bool:
    """Tell whether theirs is of the row of the key without its first part."""
    return _by_row(pair, _row(pair, "shorter"))


def _of_other_row(pair: Pair) -> bool:
    return pair.ours.state != "unknown" and _by_row(pair, _row(pair))


def _held_back(pair: Pair) -> bool:
    return pair.ours.state == "unknown" and _by_row(pair, _row(pair))


def _request_fee(pair: Pair) -> bool:
    """Tell whether theirs lacks the price of the request itself, and no more."""
    fee = pair.ours.amount_of("requests")
    if not fee or pair.theirs is None:
        return False
    theirs = pair.theirs + fee
    if pair.ours.total is not None:
        return same(pair.ours.total, theirs)
    meters = set(pair.ours.unpriced)
    return any(same(total, theirs) for total in _totals(pair, meters))


def _halved(pair: Pair) -> bool:
    """Tell whether theirs bills cached tokens at half of the prompt's price."""
    cached = pair.ours.amount_of("cache_read")
    if pair.ours.total is None or pair.theirs is None or not cached:
        return False
    lines = [n for n in pair.ours.lines if n.meter == "cache_read" and n.rate]
    plain = all(line.rate and line.rate.meter == "input" for line in lines)
    rest = pair.ours.total - cached
    count = sum(line.quantity for line in lines)
    halves = (rest + count * amount / 2 for amount in _amounts(pair))
    return plain and any(same(pair.theirs, total) for total in halves)


def _flat(pair: Pair) -> bool:
    """Tell whether theirs bills the whole prompt at the standard price."""
    standard = {r.meter: r.amount / r.per for r in pair.rates if not r.conditions}
    if pair.theirs is None or not {"input", "output"} <= standard.keys():
        return False
    used = pair.call["usage"]
    prompt = sum(count for meter, count in used.items() if meter != "output")
    total = prompt * standard["input"] + used.get("output", 0) * standard["output"]
    return same(pair.theirs, total)


def _untiered(pair: Pair) -> bool:
    """Tell whether theirs is made of a row that lacks the tier that ours has."""
    used = pair.call["usage"]
    if pair.theirs is None or "service_tier" not in pair.call:
        return False
    return any(
        same(
            sum(count * c for count, c in zip(used.values(), costs, strict=True)),
            pair.theirs,
        )
        for costs in product(_row(pair), repeat=len(used))
    )


def _refused(pair: Pair) -> bool:
    """Tell whether they have no answer at all."""
    return pair.theirs is None and bool(pair.error)


CLASSES: dict[str, Callable[[Pair], bool]] = {
    "they refuse the model or the usage": _refused,
    "a price of 0 that nobody calls free: theirs 0, ours unknown": _zero,
    "no rate is listed: theirs takes another one's, ours is unpriced": _unpriced,
    "a price per request: ours adds it, theirs does not": _request_fee,
    "no cache price: theirs halves the prompt's, ours is the plain one": _halved,
    "rows of one model differ: ours is the provider's own": _of_other_row,
    "held back as damaged: ours unknown, theirs takes it": _held_back,
    "theirs bills the whole prompt at the plain price, whatever it holds": _flat,
    "their row lists no such tier; ours has it from the model's other row": _untiered,
    "theirs takes the row of the key without its first part": _of_shorter_key,
    "no cache or media price: ours is the plain one, theirs another or none": _stand_in,
}


def class_of(pair: Pair) -> str | None:
    """Return the class of a difference, or None where no class holds for it."""
    return next((name for name, holds in CLASSES.items() if holds(pair)), None)
