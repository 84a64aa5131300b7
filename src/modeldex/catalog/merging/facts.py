"""A model's limits, abilities, mode and other facts, out of several sources' claims."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from modeldex.catalog.merging.agreement import (
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
    from collections.abc import Callable

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
    ("realtime", re.compile(r"(?:^|[^a-z])realtime(?:$|[^a-z])")),
    ("moderation", re.compile(r"(?:^|[^a-z])moderation")),
    ("ocr", re.compile(r"mistral-ocr")),
)
# of these a name is believed against a source that only says chat
_CERTAIN = ("rerank", "embedding")
# sole output -> mode
_OUTPUT_MODES = {
    "image": "image_generation",
    "video": "video_generation",
    "audio": "audio_speech",
}
# a mode says one ability
_MODE_ABILITIES = {
    "audio_speech": "audio_output",
    "audio_transcription": "audio_input",
    "embedding": "embeddings",
    "image_edit": "image_output",
    "image_generation": "image_output",
    "video_generation": "video_output",
}
_PLAIN = (
    "name",
    "canonical",
    "family",
    "embedding_dimensions",
    "modalities",
    "release_date",
    "knowledge_cutoff",
    "deprecation_date",
    "open_weights",
    "license",
    "rate_limits",
    "supported_endpoints",
)


def merge_mode(case: Case) -> None:
    """Serve the mode, first putting aside a mode that the other sources deny."""
    _hold_flip(case)
    outputs = case.claims("modalities", FACT_RANK)
    named = _named_mode(case.model)
    for source, mode in case.claims("mode", FACT_RANK):
        if mode == "chat" and named in _CERTAIN and not _calls_tools(case):
            break
        if mode != "chat":
            case.serve("mode", mode, source)
        return
    made = outputs[0][1]["output"] if outputs else ["text"]
    mode = _mode_of(made, None if _calls_tools(case) else named)
    if mode:
        first = outputs or [(s, 0) for v in case.said.values() for s in v]
        case.serve("mode", mode, first[0][0])


def _named_mode(model: str) -> str | None:
    low = model.lower()
    return next((mode for mode, rule in _NAMED_MODES if rule.search(low)), None)


def _mode_of(outputs: list[str], named: str | None) -> str | None:
    if "text" in outputs:
        return named
    return next((_OUTPUT_MODES[o] for o in outputs if o in _OUTPUT_MODES), named)


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


def merge_limits(case: Case) -> None:
    """Serve window, largest prompt and largest answer, each for what it is."""
    window = choose(case, case.claims("context_window", LIMIT_RANK), _SAME_LIMIT)
    if window:
        case.serve("context_window", window[1], window[0])
    _merge_input(case, window[1] if window else None)
    if case.facts.get("mode") in _NO_ANSWER_LENGTH:
        return
    _hold_longer(case)
    largest = choose(case, case.claims("max_output_tokens", LIMIT_RANK), _SAME_LIMIT)
    if largest:
        case.serve("max_output_tokens", largest[1], largest[0])


def _hold_longer(case: Case) -> None:
    """Quarantine answers that are longer than the window they must fit into."""
    name = "max_output_tokens"
    window = case.facts.get("context_window")
    longer = [
        source
        for source, value in case.claims(name, LIMIT_RANK)
        if window and value > window and not _SAME_LIMIT(value, window)
    ]
    if longer:
        case.hold(name, longer, "beyond_window")


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
        return
    stated = [claim for claim in claims if claim[0] != MODE_SOURCE]
    if not stated:
        answer = case.said.get("max_output_tokens", {}).get(MODE_SOURCE, 0)
        stated = [(s, v) for s, v in claims if _SAME_LIMIT(v + answer, window)]
    if stated and stated[0][1] < window and not _SAME_LIMIT(stated[0][1], window):
        case.serve("max_input_tokens", stated[0][1], stated[0][0])


def merge_capabilities(case: Case) -> None:
    """Serve yes and no per ability, a yes with the best-ranked parameters."""
    for name in sorted(case.said):
        if not name.startswith("capabilities."):
            continue
        claims = case.claims(name, FACT_RANK)
        votes = [(source, value is not False) for source, value in claims]
        chosen = choose(case, votes, equal)
        if not chosen:
            continue
        source, has = chosen
        rich = [c for c in claims if isinstance(c[1], dict)] if has else []
        case.serve(name, rich[0][1] if rich else has, rich[0][0] if rich else source)
    ability = _MODE_ABILITIES.get(case.facts.get("mode", ""))
    if ability and ability not in case.facts.get("capabilities", {}):
        case.serve(f"capabilities.{ability}", value=True, source=case.origin["mode"])


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
    if name.startswith("pricing."):
        return _SAME_PRICE
    return _SAME_LIMIT if name in _LIMITS else equal
