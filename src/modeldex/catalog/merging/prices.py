"""What a model costs, out of what several sources say that it costs."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from modeldex.catalog.merging.agreement import (
    MAJORITY_OF,
    PRICE_RANK,
    PRICE_TOLERANCE,
    Case,
    choose,
    within,
)
from modeldex.domain.pricing import METERS
from modeldex.domain.provider import METERED_PLANS

if TYPE_CHECKING:
    from modeldex.catalog.merging.agreement import Said

# USD per 1,000,000 tokens outside of which a number is in another unit: the dearest
# chat model on record is o1-pro at 150 and 600, embeddings cost below 1
LARGEST, SMALLEST = Decimal(2000), Decimal("0.0001")
_LARGEST_CHAT = {"input": Decimal(200), "output": Decimal(1000)}
_LARGEST_EMBEDDING = Decimal(10)
OUTLIER = 10
# kinds of work that bill what goes in, and give their answer for nothing
FREE_ANSWER_MODES = frozenset(
    (
        "audio_transcription",
        "decisions",
        "embedding",
        "evaluation",
        "extraction",
        "moderation",
        "rerank",
    )
)
# meters whose price follows another one's
_BASE_METERS = {
    "cache_read": "input",
    "cache_write": "input",
    "cache_write_1h": "input",
    "reasoning": "output",
}
_SAYS_FREE = re.compile(r"(?:^|[:/_-])free$")
_ROUTER = re.compile(r"(?:^|/)auto(?:-[a-z]+)?$|^openrouter/")
_AGREE = within(PRICE_TOLERANCE)


def merge_prices(case: Case) -> None:
    """Serve a model's prices or its price state; what is in doubt is quarantined."""
    named = {meter: f"pricing.{meter}" for meter in METERS}
    said = {
        meter: claims
        for meter, name in named.items()
        if name in case.said and (claims := case.claims(name, PRICE_RANK))
    }
    state = _state(case, said)
    if state:
        name, source = state
        case.facts["pricing"] = {"state": name}
        case.origin["pricing"] = source
        return
    for meter, claims in said.items():
        _hold_zeros(case, meter, claims)
        _hold_units(case, meter)
        _hold_outliers(case, meter)
    for meter in sorted(said, key=METERS.index):
        _serve(case, meter)
    _serve_free_answers(case, said)


def _serve(case: Case, meter: str) -> None:
    """Serve a meter's price; one beside a base price that lost does not count.

    A cache or reasoning price belongs to the input or output price of its own
    source. Where that one is not served, it is the price of another hour, region
    or year.
    """
    claims = [c for c in case.claims(f"pricing.{meter}", PRICE_RANK) if c[1] > 0]
    base = _BASE_METERS.get(meter, "")
    served = case.facts.get("pricing", {}).get(base)
    if served is not None:
        bases = case.said[f"pricing.{base}"]
        kept = [c for c in claims if _AGREE(bases.get(c[0], served), served)]
        if not kept and claims:
            case.hold(
                f"pricing.{meter}", [source for source, _ in claims], "other_base"
            )
        claims = kept
    chosen = choose(case, claims, _AGREE)
    if chosen:
        case.serve(f"pricing.{meter}", chosen[1], chosen[0])


def _state(case: Case, said: dict[str, Said]) -> tuple[str, str] | None:
    """Return the price state that needs no amounts, and who says so."""
    claims = [claim for meter in said.values() for claim in meter]
    zeros = [source for source, value in claims if value == 0]
    listed = any(value > 0 for _, value in claims)
    first = zeros or [source for source, _ in claims]
    if any(value < 0 for _, value in claims):
        return "variable", next(source for source, value in claims if value < 0)
    if case.kind == "plan":
        billed = listed and case.provider in METERED_PLANS
        return ("included", first[0]) if claims and not billed else None
    if zeros and (_SAYS_FREE.search(case.model) or (_runs_here(case) and not listed)):
        return "free", zeros[0]
    if not listed and _ROUTER.search(case.model):
        known = sorted({s for values in case.said.values() for s in values})
        return "variable", (first or known)[0]
    return None


def _runs_here(case: Case) -> bool:
    """Tell whether the user's own machine does the work; `:cloud` ids are hosted."""
    return case.kind == "local" and not case.model.endswith("cloud")


def _hold_zeros(case: Case, meter: str, claims: Said) -> None:
    zeros = [source for source, value in claims if value == 0]
    if zeros and len(zeros) < len(claims):
        case.hold(f"pricing.{meter}", zeros, "zero_against_price")


def _hold_units(case: Case, meter: str) -> None:
    mode = case.facts.get("mode")
    chat_text = meter in ("input", "output") and mode is None
    largest = _LARGEST_CHAT.get(meter, LARGEST) if chat_text else LARGEST
    if mode == "embedding":
        largest = _LARGEST_EMBEDDING
    odd = [
        source
        for source, value in case.claims(f"pricing.{meter}", PRICE_RANK)
        if value > largest or (chat_text and 0 < value < SMALLEST)
    ]
    if odd:
        case.hold(f"pricing.{meter}", odd, "unit")


def _hold_outliers(case: Case, meter: str) -> None:
    """Quarantine what is ten times apart: the odd ones, or all without a majority."""
    claims = [c for c in case.claims(f"pricing.{meter}", PRICE_RANK) if c[1] > 0]
    if not _far(claims):
        return
    mixed = _mixed_up(case, meter, claims)
    if mixed:
        case.hold(f"pricing.{meter}", mixed, "unit")
        claims = [claim for claim in claims if claim[0] not in mixed]
    if _far(claims):
        near = _near_majority(claims)
        odd = [source for source, value in claims if value not in near]
        case.hold(f"pricing.{meter}", odd, "10x")


def _far(claims: Said) -> bool:
    values = [value for _, value in claims]
    return bool(values) and max(values) >= OUTLIER * min(values)


def _mixed_up(case: Case, meter: str, claims: Said) -> list[str]:
    """Return the sources that give the price of image or audio tokens as text's."""
    others = [
        (source, value)
        for kind in ("image", "audio")
        for source, value in case.said.get(f"pricing.{meter}_{kind}", {}).items()
        if value > 0
    ]
    return [
        source
        for source, value in claims
        if any(s != source and _AGREE(v, value) for s, v in others)
    ]


def _near_majority(claims: Said) -> set[Any]:
    """Return the values of the one majority of which none is ten times another."""
    if len(claims) < MAJORITY_OF:
        return set()
    values = sorted(value for _, value in claims)
    groups = [[v for v in values if low <= v < OUTLIER * low] for low in values]
    largest = max(map(len, groups))
    best = {tuple(group) for group in groups if len(group) == largest}
    return set(best.pop()) if len(best) == 1 and largest * 2 > len(claims) else set()


def _serve_free_answers(case: Case, said: dict[str, Said]) -> None:
    """Keep an output price of 0 where only the input is billed; drop other zeros."""
    served = case.facts.get("pricing", {})
    for meter, claims in said.items():
        zeros = [source for source, value in claims if value == 0]
        if not zeros or meter in served or len(zeros) < len(claims):
            continue
        mode = case.facts.get("mode")
        if meter == "output" and "input" in served and mode in FREE_ANSWER_MODES:
            case.serve("pricing.output", Decimal(0), zeros[0])
        else:
            case.zeros_dropped += len(zeros)
