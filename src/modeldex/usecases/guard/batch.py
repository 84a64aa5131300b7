"""Rules on all that changes of a provider at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from modeldex.usecases.guard.case import PRICING, priced
from modeldex.usecases.guard.doubt import Doubt
from modeldex.usecases.guard.judge import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from modeldex.usecases.guard.case import Changed
    from modeldex.usecases.guard.doubt import Ref
    from modeldex.usecases.guard.market import Market

    Doubts = Mapping[Ref, Mapping[str, Sequence[Doubt]]]
    Place = tuple[Ref, str]  # model, field

# share of changed prices that are suspect, and their least number
SHARE, FEWEST = 0.05, 3
# models that may lose a price at once, and the share of a provider's priced ones
FEW_LOST, SHARE_LOST = 3, 0.1


class Batch(NamedTuple):
    """A provider's prices that change in one sync, and what was said of each."""

    provider: str
    prices: Mapping[Place, tuple[object, object]]
    doubts: Doubts
    market: Market


def suspect_batch(batch: Batch) -> Iterator[tuple[Place, Doubt]]:
    """Doubt every changed price where 3, and 5 in 100, are in another unit."""
    suspect = sum(_is_suspect(batch.doubts, *place) for place in batch.prices)
    if suspect < FEWEST or suspect < SHARE * len(batch.prices):
        return
    share = f"{suspect:,} of {len(batch.prices):,} changed prices"
    for place in batch.prices:
        yield place, Doubt("batch", {"suspect": share})


def _is_suspect(doubts: Doubts, ref: Ref, name: str) -> bool:
    said = doubts.get(ref, {}).get(name, ())
    return any(doubt.rule in RULES and RULES[doubt.rule].suspect for doubt in said)


def price_loss(batch: Batch) -> Iterator[tuple[Place, Doubt]]:
    """Doubt it when more than 3, and than 10 in 100, of a provider lose a price."""
    lost = {
        (ref, name)
        for (ref, name), (old, new) in batch.prices.items()
        if old and new is None and name.startswith(PRICING)
    }
    count = len({ref for ref, _ in lost})
    had = batch.market.priced_models(batch.provider)
    if count <= max(FEW_LOST, SHARE_LOST * had):
        return
    for place in sorted(lost):
        yield place, Doubt("price_loss", {"lost": f"{count:,} of {had:,} models"})


BATCH_RULES: Mapping[str, Callable[[Batch], Iterator[tuple[Place, Doubt]]]] = {
    "batch": suspect_batch,
    "price_loss": price_loss,
}


def judge_batch(
    changed: Mapping[Ref, Changed],
    doubts: Doubts,
    market: Market,
    *,
    rules: Mapping[str, Callable[[Batch], Iterator[tuple[Place, Doubt]]]] = BATCH_RULES,
) -> dict[Ref, dict[str, list[Doubt]]]:
    """Return the further doubts about prices, by model and field, of a whole sync.

    `changed` is `changed_fields` of each model that changes, `doubts` what `judge`
    said of it.
    """
    prices: dict[str, dict[Place, tuple[object, object]]] = {}
    for ref, fields in changed.items():
        listed = prices.setdefault(ref[0], {})
        listed |= {(ref, n): pair for n, pair in fields.items() if priced(n)}
    found: dict[Ref, dict[str, list[Doubt]]] = {}
    for provider, listed in prices.items():
        batch = Batch(provider, listed, doubts, market)
        for rule in rules.values():
            for (ref, name), doubt in rule(batch):
                found.setdefault(ref, {}).setdefault(name, []).append(doubt)
    return found
