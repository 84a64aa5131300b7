"""A model's limits, mode and other facts, out of several sources' claims."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from modeldex.catalog.merging.agreement import (
    DERIVED,
    FACT_RANK,
    LIMIT_RANK,
    LIMIT_TOLERANCE,
    PRICE_TOLERANCE,
    Case,
    all_agree,
    choose,
    equal,
    within,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


MODE_SOURCE = "litellm"
_FLIP_MODES = ("embedding", "rerank", "moderation")
# modes whose answer is no text, so that a length of it means nothing
_NO_ANSWER_LENGTH = ("embedding", "rerank")
_FLIP_CONTEXT = 10
_SAME_LIMIT = within(LIMIT_TOLERANCE)
_SAME_PRICE = within(PRICE_TOLERANCE)
_LIMITS = ("context_window", "max_input_tokens", "max_output_tokens")

# what an id says of its work, where no source states a mode
_NAMED_MODES = (
    ("rerank", re.compile(r"rerank")),
    (
        "embedding",
        re.compile(r"embed|(?:^|[/@-])(?:bge|e5|gte|voyage)-|mini-?lm|mpnet"),
    ),
    (
        "audio_transcription",
        re.compile(r"whisper|transcribe|(?:^|[^a-z])(?:asr|stt)(?:$|[^a-z])"),
    ),
    ("audio_speech", re.compile(r"(?:^|[^a-z])(?:tts|aura)(?:$|[^a-z])")),
    ("realtime", re.compile(r"(?:^|[^a-z])(?:realtime|live)(?:$|[^a-z])")),
    ("moderation", re.compile(r"(?:^|[^a-z])moderation")),
    ("ocr", re.compile(r"mistral-ocr")),
    (
        "image_generation",
        re.compile(
            r"(?:^|[^a-z])(?:flux|controlnet|dall-?e|imagen|gpt-image|sdxl"
            r"|stable-diffusion)(?:$|[^a-z])"
        ),
    ),
)
# names that are believed against a source that only says chat: always, unless the
# model thinks or calls tools, unless it calls tools or answers in a given structure
_CERTAIN = re.compile(r"whisper|transcribe|(?:^|[^a-z])(?:realtime|live)(?:$|[^a-z])")
_CERTAIN_WITHOUT_TOOLS = ("rerank", "embedding")
_ANSWER_ABILITIES = ("function_calling", "structured_output")
# image models by whose ids an image as sole output is believed, whatever abilities
# a source gives to all that it lists
_SAYS_IMAGE = re.compile(
    r"image|imagine|flux|controlnet|dall-?e|sdxl|stable-?diffusion|banana|ideogram"
    r"|topaz|recraft|seedream|midjourney|photon"
)
# sole output -> mode
_OUTPUT_MODES = {
    "image": "image_generation",
    "video": "video_generation",
    "audio": "audio_speech",
}
# ability -> the side and the modality that it is about
_MODALITY_ABILITIES = {
    "vision": ("input", "image"),
    "audio_input": ("input", "audio"),
    "video_input": ("input", "video"),
    "pdf_input": ("input", "pdf"),
    "image_output": ("output", "image"),
    "audio_output": ("output", "audio"),
    "video_output": ("output", "video"),
}
_MODALITY_ORDER = ("text", "image", "audio", "video", "pdf")
_PLAIN = (
    "name",
    "canonical",
    "family",
    "embedding_dimensions",
    "modalities",
    "release_date",
    "knowledge_cutoff",
    "deprecation_date",
    "replacement",
    "open_weights",
    "license",
    "rate_limits",
    "protocol",
    "base_url",
    "supported_endpoints",
)


def merge_mode(case: Case) -> None:
    """Serve the mode, first putting aside a mode that the other sources deny.

    A stated mode holds, but for chat, which is what sources write of anything.
    """
    _hold_flip(case)
    _hold_lone_embedding(case)
    stated = case.claims("mode", FACT_RANK)
    if stated and stated[0][1] != "chat":
        case.serve("mode", stated[0][1], stated[0][0])
        return
    mode = _told_mode(case, says_chat=bool(stated))
    if mode:
        case.serve("mode", mode, DERIVED)


def _told_mode(case: Case, *, says_chat: bool) -> str | None:
    """Return what the id and the outputs say of a model that may be for chat."""
    named = _named_mode(case.model)
    if named and _CERTAIN.search(case.model.lower()):
        return named
    made = _made_mode(case)
    if made:
        return made
    if named == "image_generation":
        return None if _has(case, _ANSWER_ABILITIES) else named
    believed = named in _CERTAIN_WITHOUT_TOOLS or not says_chat
    return named if believed and not _calls_tools(case) else None


def _named_mode(model: str) -> str | None:
    low = model.lower()
    return next((mode for mode, rule in _NAMED_MODES if rule.search(low)), None)


def _made_mode(case: Case) -> str | None:
    """Return the mode of outputs without text.

    Who calls tools or thinks answers in text, even where only an image is listed.
    """
    chosen = choose(case, case.claims("modalities", FACT_RANK), equal)
    outputs = chosen[1]["output"] if chosen else ["text"]
    if "text" in outputs:
        return None
    if outputs == ["image"] and not _SAYS_IMAGE.search(case.model.lower()):
        answers = _has(case, (*_ANSWER_ABILITIES, "reasoning"))
        return None if answers else "image_generation"
    return next((_OUTPUT_MODES[o] for o in outputs if o in _OUTPUT_MODES), None)


def _has(case: Case, abilities: Sequence[str]) -> bool:
    """Tell whether a source says yes to one of these abilities."""
    return any(
        value is not False
        for ability in abilities
        for value in case.said.get(f"capabilities.{ability}", {}).values()
    )


def _calls_tools(case: Case) -> bool:
    names = ("capabilities.function_calling", "capabilities.reasoning")
    return any(
        value is not False
        for name in names
        for source, value in case.said.get(name, {}).items()
        if source != MODE_SOURCE
    )


def _hold_flip(case: Case) -> None:
    """Quarantine a mode flip, and all on which its source stands alone.

    litellm once turned a chat model into an embedding: mode, window and price.
    """
    mode = case.said.get("mode", {}).get(MODE_SOURCE)
    if mode not in _FLIP_MODES or _named_mode(case.model) in _FLIP_MODES:
        return
    own = case.said.get("max_input_tokens", {}).get(MODE_SOURCE)
    windows = [v for s, v in case.said.get("context_window", {}).items()]
    wider = bool(own and windows and max(windows) >= _FLIP_CONTEXT * own)
    if not (wider or _calls_tools(case)):
        return
    for name, said in case.said.items():
        others = [value for source, value in said.items() if source != MODE_SOURCE]
        disputed = any(value != said.get(MODE_SOURCE) for value in others)
        if MODE_SOURCE in said and (disputed or name in ("mode", "max_input_tokens")):
            case.hold(name, [MODE_SOURCE], "mode_flip")


def _hold_lone_embedding(case: Case) -> None:
    """Quarantine the flip of a Gemini chat model of which nobody else says a thing.

    Google's embedding models have it in their ids, its chat models never do.
    """
    low = case.model.lower()
    said = [s for s, mode in case.claims("mode", FACT_RANK) if mode == "embedding"]
    if len(said) != 1 or "gemini" not in low or "embed" in low:
        return
    for name in ("mode", "embedding_dimensions"):
        if said[0] in case.said.get(name, {}):
            case.hold(name, said, "mode_flip")


def merge_limits(case: Case) -> None:
    """Serve window, largest prompt and largest answer, each for what it is."""
    window = choose(case, case.claims("context_window", LIMIT_RANK), _SAME_LIMIT)
    if window:
        case.serve("context_window", window[1], window[0])
    _merge_input(case, window[1] if window else None)
    if case.facts.get("mode") in _NO_ANSWER_LENGTH:
        return
    wider = _hold_longer(case)
    largest = choose(case, case.claims("max_output_tokens", LIMIT_RANK), _SAME_LIMIT)
    if not largest:
        return
    case.serve("max_output_tokens", largest[1], largest[0])
    if largest[0] in wider:
        source, value = wider[largest[0]]
        case.serve("context_window", value, source)


def _hold_longer(case: Case) -> dict[str, tuple[str, Any]]:
    """Quarantine answers that are longer than the window they must fit into.

    Where another claim of the same window, in 1,024 units, is long enough, the
    answer stays. Returns that claim by the source of such an answer.
    """
    window = case.facts.get("context_window")
    windows = case.claims("context_window", LIMIT_RANK)
    wider: dict[str, tuple[str, Any]] = {}
    longer = []
    for source, value in case.claims("max_output_tokens", LIMIT_RANK):
        if not window or value <= window:
            continue
        fitting = [c for c in windows if c[1] >= value and _SAME_LIMIT(c[1], window)]
        if fitting:
            wider[source] = fitting[0]
        else:
            longer.append(source)
    if longer:
        case.hold("max_output_tokens", longer, "beyond_window")
    return wider


def _merge_input(case: Case, window: int | None) -> None:
    """Serve the largest prompt where it is smaller than the window.

    litellm has no window, only the largest prompt: it is the window where nobody
    states one, a limit where prompt and answer add up to the window, and else an
    old or other window that is not served.
    """
    claims = case.claims("max_input_tokens", LIMIT_RANK)
    if not claims:
        return
    if window is None:
        case.serve("context_window", claims[0][1], claims[0][0])
        case.facts["limits_basis"] = {"context_window": "inferred"}
        return
    stated = [claim for claim in claims if claim[0] != MODE_SOURCE]
    if not stated:
        answer = case.said.get("max_output_tokens", {}).get(MODE_SOURCE, 0)
        stated = [(s, v) for s, v in claims if _SAME_LIMIT(v + answer, window)]
    if stated and stated[0][1] < window and not _SAME_LIMIT(stated[0][1], window):
        case.serve("max_input_tokens", stated[0][1], stated[0][0])


def merge_plain(case: Case) -> None:
    """Serve the facts of which the best-ranked source is simply believed."""
    for name in _PLAIN:
        if name not in case.said:
            continue
        chosen = choose(case, case.claims(name, FACT_RANK), equal)
        if chosen:
            case.serve(name, chosen[1], chosen[0])
    flags = case.claims("status", FACT_RANK)
    if flags:  # a deprecation outlives the preview that another source still sees
        source, flag = min(flags, key=lambda claim: claim[1] != "deprecated")
        case.serve("status", flag, source)
    _align_modalities(case)


def _align_modalities(case: Case) -> None:
    """Make the served modalities say what the served abilities say.

    The ability is the decision of all sources, the list is one source's. The one
    modality of a side stays: a model without any would take or give nothing.
    """
    listed = case.facts.get("modalities")
    if not listed:
        return
    aligned = {side: set(names) for side, names in listed.items()}
    abilities = case.facts.get("capabilities", {})
    for ability, (side, modality) in _MODALITY_ABILITIES.items():
        has = abilities.get(ability)
        if has is None:
            continue
        if has is not False:
            aligned[side].add(modality)
        elif aligned[side] == {modality}:
            case.serve(f"capabilities.{ability}", value=True, source=DERIVED)
        else:
            aligned[side].discard(modality)
    served = {
        side: [name for name in _MODALITY_ORDER if name in names]
        for side, names in aligned.items()
    }
    if served != listed:
        case.serve("modalities", served, _who_says(case, "modalities", served))


def _who_says(case: Case, name: str, value: object) -> str:
    """Return the best-ranked source that states a value, or that it is derived."""
    claims = case.claims(name, FACT_RANK)
    return next((source for source, said in claims if said == value), DERIVED)


def disagreeing(case: Case) -> list[str]:
    """Return the fields of which two or more sources do not say the same."""
    found = []
    for name, said in case.said.items():
        if len(said) > 1 and name not in ("name", "updated_at"):
            values = list(said.values())
            if name.startswith("capabilities."):
                values = [value is not False for value in values]
            if not all_agree(values, _test(name)):
                found.append(name)
    return found


def _test(name: str) -> Callable[[Any, Any], bool]:
    if name.startswith(("pricing.", "rates.")):
        return _SAME_PRICE
    return _SAME_LIMIT if name in _LIMITS else equal
