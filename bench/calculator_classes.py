"""Why our cost of a call differs from a peer's: classes that are checked, not said."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calculators import Pair

_FLOAT_ERROR = Decimal("1e-9")
_MILLION = 1_000_000


def _same(one: Decimal, other: Decimal) -> bool:
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
    return any(_same(total, pair.theirs) for total in _totals(pair, meters))


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
        _same(total, pair.theirs) for total in _totals(pair, meters)
    )


def _refused(pair: Pair) -> bool:
    """Tell whether they have no answer at all."""
    return pair.theirs is None and bool(pair.error)


CLASSES: dict[str, Callable[[Pair], bool]] = {
    "they refuse the model or the usage": _refused,
    "a price of 0 that nobody calls free: theirs 0, ours unknown": _zero,
    "no rate is listed: theirs takes another one's, ours is unpriced": _unpriced,
    "no cache or media price: ours is the plain one, theirs another or none": _stand_in,
}


def class_of(pair: Pair) -> str | None:
    """Return the class of a difference, or None where no class holds for it."""
    return next((name for name, holds in CLASSES.items() if holds(pair)), None)
