"""What a model costs, out of what several sources say that it costs."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from modeldex.catalog.merging.agreement import (
    DERIVED,
    PRICE_RANK,
    PRICE_TOLERANCE,
    ROUTER_PRICE_RANK,
    Case,
    choose,
    equal,
    majority,
    within,
)
from modeldex.catalog.merging.bounds import SMALLEST, has_other_unit
from modeldex.catalog.merging.claims import STATE_FIELD
from modeldex.domain.pricing import METER_UNITS, METERS
from modeldex.domain.provider import METERED_PLANS

if TYPE_CHECKING:
    from modeldex.catalog.merging.agreement import Said

# USD per 1,000,000 tokens outside of which a chat model's price is in another unit
_LARGEST_CHAT = {"input": Decimal(200), "output": Decimal(1000)}
_LARGEST_EMBEDDING = Decimal(10)
OUTLIER = 10
# a chat model's answer costs more than its prompt, or about as much; an input price
# this many times the output price is of another unit
INVERTED = 20
# reasons for which half a price is held together with its other half
_WHOLE_REASONS = ("10x", "unit")
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
_PAIR = ("input", "output")
# meters whose price follows another one's
_BASE_METERS = {
    "cache_read": "input",
    "cache_write": "input",
    "cache_write_1h": "input",
    "cache_write_12h": "input",
    "cache_read_audio": "input_audio",
    "cache_read_image": "input_image",
    "cache_read_video": "input_video",
    "cache_write_audio": "input_audio",
    "reasoning": "output",
}
# units of tools beside a model: their price says nothing of whether the model has one
_TOOL_UNITS = ("search", "session", "gb_day")
_SAYS_FREE = re.compile(r"(?:^|[:/_-])free$")
_ROUTER = re.compile(r"(?:^|/)auto(?:-[a-z]+)?$|^openrouter/")
_AGREE = within(PRICE_TOLERANCE)


def merge_prices(case: Case) -> None:
    """Serve a model's prices or its price state; what is in doubt is quarantined."""
    said = {meter: claims for meter in METERS if (claims := _claims(case, meter))}
    state = _stated(case, said) or _state(case, said)
    if state:
        name, source = state
        case.facts["pricing"] = {"state": name}
        case.cite("pricing", source)
        return
    for meter, claims in said.items():
        _hold_zeros(case, meter, claims)
        _hold_units(case, meter)
        _hold_outliers(case, meter)
    _hold_inverted(case)
    _hold_partners(case)
    _serve_pair(case)
    for meter in said:
        if meter not in _PAIR:
            _serve(case, meter)
    _serve_free_answers(case, said)


def _claims(case: Case, meter: str) -> Said:
    rank = ROUTER_PRICE_RANK if case.kind == "aggregator" else PRICE_RANK
    return case.claims(f"pricing.{meter}", rank)


def _amounts(case: Case, meter: str) -> Said:
    return [claim for claim in _claims(case, meter) if claim[1] > 0]


def _serve_pair(case: Case) -> None:
    """Serve input and output price of one source, where one source states both.

    The input price decides: of the sources that agree with it and state an output
    price too, the output price is chosen, and its source gives both.
    """
    inputs, outputs = (_amounts(case, meter) for meter in _PAIR)
    both = {source for source, _ in inputs} & {source for source, _ in outputs}
    chosen = choose(case, inputs, _AGREE)
    paired = _agreeing(inputs, both, chosen)
    if both and not paired:
        chosen = choose(case, [c for c in inputs if c[0] in both], _AGREE)
        paired = _agreeing(inputs, both, chosen)
    given = choose(case, [c for c in outputs if c[0] in paired or not paired], _AGREE)
    if paired and given:
        chosen = (given[0], dict(inputs)[given[0]])
    for meter, claim in zip(_PAIR, (chosen, given), strict=True):
        if claim:
            case.serve(f"pricing.{meter}", claim[1], claim[0])


def _agreeing(
    inputs: Said, both: set[str], chosen: tuple[str, Decimal] | None
) -> set[str]:
    """Return those of `both` whose input price is the chosen one."""
    if not chosen:
        return set()
    return {s for s, value in inputs if s in both and _AGREE(value, chosen[1])}


def _serve(case: Case, meter: str) -> None:
    """Serve another meter's price; the source of the served pair has the first rank.

    A cache or reasoning price belongs to the input or output price of its own
    source. Where that one is not served, it is the price of another hour, region
    or year.
    """
    claims = _amounts(case, meter)
    base = _BASE_METERS.get(meter, "")
    if base:
        kept = [claim for claim in claims if _base_is_served(case, base, claim[0])]
        if not kept and claims:
            held = [source for source, _ in claims]
            case.hold(f"pricing.{meter}", held, "other_base")
        claims = kept
    pair = [case.origin.get(f"pricing.{half}") for half in _PAIR]
    claims.sort(key=lambda claim: claim[0] not in pair)
    chosen = choose(case, claims, _AGREE)
    if chosen:
        case.serve(f"pricing.{meter}", chosen[1], chosen[0])


def _base_is_served(case: Case, base: str, source: str) -> bool:
    """Tell whether a source's base price is the served one, or none is stated."""
    served = case.facts.get("pricing", {}).get(base)
    own = case.said.get(f"pricing.{base}", {}).get(source)
    if served is None:
        return not own
    return own is None or _AGREE(own, served)


def _stated(case: Case, said: dict[str, Said]) -> tuple[str, str] | None:
    """Return the price state that a source states, where nobody has a price."""
    stated = choose(case, case.claims(STATE_FIELD, PRICE_RANK), equal)
    priced = any(value > 0 for claims in said.values() for _, value in claims)
    return (stated[1], stated[0]) if stated and not priced else None


def _state(case: Case, said: dict[str, Said]) -> tuple[str, str] | None:
    """Return the price state that needs no amounts, and who says so."""
    claims = [claim for meter in said.values() for claim in meter]
    if not claims:
        return _unstated(case)
    zeros = [source for source, value in claims if value == 0]
    listed = any(
        value > 0
        for meter, given in said.items()
        for _, value in given
        if METER_UNITS[meter] not in _TOOL_UNITS
    )
    first = zeros or [source for source, _ in claims]
    if any(value < 0 for _, value in claims):
        return "variable", next(source for source, value in claims if value < 0)
    if case.kind == "plan":
        billed = listed and case.provider in METERED_PLANS
        return None if billed else ("included", first[0])
    if zeros and (_SAYS_FREE.search(case.model) or (_runs_here(case) and not listed)):
        return "free", zeros[0]
    if not listed and _ROUTER.search(case.model):
        return "variable", first[0]
    return None


def _unstated(case: Case) -> tuple[str, str] | None:
    """Return the state of a model without any price claim, told by plan or id.

    What a plan without meters serves is paid by the month; an aggregator gives
    away what it lists as `:free`, and routes to what it lists as `auto`.
    """
    if case.kind == "plan" and case.provider not in METERED_PLANS:
        return "included", DERIVED
    if case.kind == "aggregator" and _SAYS_FREE.search(case.model):
        return "free", DERIVED
    if case.kind != "plan" and _ROUTER.search(case.model):
        return "variable", DERIVED
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
    chat_text = meter in _PAIR and mode is None
    largest = _LARGEST_CHAT[meter] if chat_text else None
    if mode == "embedding" and meter in _PAIR:
        largest = _LARGEST_EMBEDDING
    odd = [
        source
        for source, value in _claims(case, meter)
        if has_other_unit(meter, value)
        or (largest is not None and value > largest)
        or (chat_text and 0 < value < SMALLEST)
    ]
    if odd:
        case.hold(f"pricing.{meter}", odd, "unit")


def _hold_outliers(case: Case, meter: str) -> None:
    """Quarantine what is ten times apart: the odd ones, or all without a majority."""
    claims = _amounts(case, meter)
    mixed = _mixed_up(case, meter, claims) if _far(claims) else []
    if mixed:
        case.hold(f"pricing.{meter}", mixed, "unit")
        claims = [claim for claim in claims if claim[0] not in mixed]
    if not _far(claims):
        return
    trusted = _trusted(case, claims)
    odd = [
        claim[0]
        for claim in claims
        if not trusted or any(_far([claim, other]) for other in trusted)
    ]
    case.hold(f"pricing.{meter}", odd, "10x")


def _trusted(case: Case, claims: Said) -> Said:
    """Return the claims from which none may be ten times away; without any, all go.

    An old source has no say against fresh ones, it can only confirm one; and who
    is in the majority must agree, not only be near.
    """
    fresh = case.fresh(claims)
    if not _far(fresh):
        return fresh
    voting = [c for c in claims if any(_AGREE(c[1], value) for _, value in fresh)]
    agreed = majority(voting, _AGREE)
    return [agreed] if agreed else []


def _hold_inverted(case: Case) -> None:
    """Quarantine a chat model's only pair when its input costs 20 times its output."""
    if case.facts.get("mode") is not None:
        return
    inputs, outputs = (dict(_amounts(case, meter)) for meter in _PAIR)
    pairs = {(inputs[s], outputs[s]) for s in inputs if s in outputs}
    if len(pairs) != 1:
        return
    taken, given = pairs.pop()
    if taken >= INVERTED * given:
        for meter in _PAIR:
            case.hold(f"pricing.{meter}", [s for s in inputs if s in outputs], "unit")


def _hold_partners(case: Case) -> None:
    """Quarantine the other half of a price of which one half is wholly in doubt."""
    for meter, other in (_PAIR, _PAIR[::-1]):
        if _amounts(case, meter):
            continue
        held = {
            q.source: q.reason
            for q in case.quarantined
            if q.field == f"pricing.{meter}" and q.reason in _WHOLE_REASONS
        }
        for source, _ in _amounts(case, other):
            if source in held:
                case.hold(f"pricing.{other}", [source], held[source])


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
