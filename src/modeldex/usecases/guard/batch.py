"""When so many of a provider's prices are suspect that none is believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modeldex.domain.syncing import Doubt
from modeldex.usecases.guard.case import priced
from modeldex.usecases.guard.judge import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from modeldex.usecases.guard.doubt import Ref

    Doubts = Mapping[Ref, Mapping[str, Sequence[Doubt]]]

BATCH = "batch"
SHARE, FEWEST = 0.05, 3


def batch_doubts(
    changed: Mapping[Ref, Iterable[str]], doubts: Doubts
) -> dict[Ref, dict[str, Doubt]]:
    """Return a doubt for each changed price of a provider whose batch is suspect.

    `changed` names the changed fields by model (`changed_fields`), `doubts` is what
    `judge` said of each. A batch is suspect from 3 prices and 5 in 100 on.
    """
    prices: dict[str, list[tuple[Ref, str]]] = {}
    for ref, names in changed.items():
        listed = prices.setdefault(ref[0], [])
        listed += [(ref, name) for name in names if priced(name) is not None]
    found: dict[Ref, dict[str, Doubt]] = {}
    for listed in prices.values():
        suspect = sum(_is_suspect(doubts, *place) for place in listed)
        if suspect < FEWEST or suspect < SHARE * len(listed):
            continue
        share = f"{suspect:,} of {len(listed):,} changed prices"
        for ref, name in listed:
            found.setdefault(ref, {})[name] = Doubt(BATCH, {"suspect": share})
    return found


def _is_suspect(doubts: Doubts, ref: Ref, name: str) -> bool:
    said = doubts.get(ref, {}).get(name, ())
    return any(doubt.rule in RULES and RULES[doubt.rule].suspect for doubt in said)
