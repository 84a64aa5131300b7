"""OpenRouter's list of models: USD per one, as text.

Ids are refs; where all models are of one provider they are that provider's own ids.
A model without prices of prompt and completion is left out, since a row must have
both; a router's price is -1.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from modeldex.domain.capability_details import DROPPED, SOURCE_NAMES
from modeldex.domain.pricing import split_key
from modeldex.usecases.exports.losses import Losses
from modeldex.usecases.exports.writing import Out, json_bytes, per_unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modeldex.usecases.exports.view import View

NAME = "openrouter"
KEYS = {
    "input": "prompt",
    "output": "completion",
    "cache_read": "input_cache_read",
    "cache_write": "input_cache_write",
    "cache_write_1h": "input_cache_write_1h",
    "reasoning": "internal_reasoning",
    "input_audio": "audio",
    "output_audio": "audio_output",
    "requests": "request",
    "searches": "web_search",
}
_PAIR = ("input", "output")
_VARIABLE = "-1"
NO_PRICE = "a row must have prices of prompt and completion, which are not known"
_UNREAD = "written as canonical_slug, which is not read back"
# mode -> what comes out, where it tells the mode
_OUTPUTS = {
    "embedding": "embeddings",
    "rerank": "rerank",
    "audio_transcription": "transcription",
}
_MODALITIES = ("text", "image", "audio", "video", "pdf")
_SPELLED = {"pdf": "file"}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_REASONING = "capabilities.reasoning"


def _parameters() -> dict[str, str]:
    """Return the field of each name in a list of parameters, one name for a field."""
    found: dict[str, str] = {}
    for name, target in SOURCE_NAMES[NAME].items():
        if ":" in name:
            continue
        group, dot, rest = target.partition(".")
        field = f"request_parameters.{rest}" if dot else f"capabilities.{group}"
        if field not in found.values():
            found[name] = field
    return found


_PARAMETERS = {**_parameters(), "reasoning": _REASONING}
_PARAMETERS.pop("include_reasoning", None)
# `in:image` -> the ability that it is; those that say nothing are ""
_SIDES = {
    name: SOURCE_NAMES[NAME].get(name, "")
    for name in (*SOURCE_NAMES[NAME], *DROPPED[NAME])
    if name.startswith(("in:", "out:"))
}


def make(view: View) -> tuple[bytes, Losses]:
    """Return the list, and what it does not carry."""
    losses = Losses(keep=view.keep)
    losses.carry_of_providers(view.providers)
    rows: list[dict[str, Any]] = []
    single = len({columns[0] for columns in view.columns}) == 1
    for model in view.rows():
        out = Out(model)
        pricing = _pricing(out)
        if not {"prompt", "completion"} <= pricing.keys():
            losses.leave_out(model.ref, NO_PRICE)
            continue
        _write(out, model.id if single else model.ref, pricing)
        rows.append(out.row)
        losses.compare(model.ref, model.facts, out.said, out.reasons)
    whole = {"data": rows, "links": {"next": None}, "total_count": len(rows)}
    return json_bytes(whole), losses


def _write(out: Out, name: str, pricing: Mapping[str, Any]) -> None:
    facts = out.facts
    out.row |= {
        "id": name,
        "canonical_slug": facts.get("canonical", name),
        "name": facts.get("name", out.model.id),
        "created": _created(facts.get("release_date", "")),
        "context_length": facts.get("context_window"),
        "architecture": _architecture(out),
        "pricing": pricing,
        "top_provider": {
            "context_length": facts.get("context_window"),
            "max_completion_tokens": facts.get("max_output_tokens"),
            "is_moderated": False,
        },
        "per_request_limits": None,
        "supported_parameters": _supported(out),
        "default_parameters": None,
        "supported_voices": None,
        "links": {"details": f"/api/v1/models/{out.model.ref}"},
    }
    out.reasons["canonical"] = _UNREAD
    out.say("name", out.row["name"])
    for field in ("context_window", "max_output_tokens"):
        if field in facts:
            out.say(field, facts[field])
    for key, field in (
        ("knowledge_cutoff", "knowledge_cutoff"),
        ("expiration_date", "deprecation_date"),
    ):
        if _DAY.fullmatch(facts.get(field, "")):
            out.copy(key, field)
    if "alias_of" in facts:
        target = facts["alias_of"]
        out.put("alias_target", {"slug": target, "name": target}, "alias_of", target)
    _write_reasoning(out)


def _created(released: str) -> int:
    """Return a day as seconds since 1970; 0 where it is not known whole."""
    if not _DAY.fullmatch(released):
        return 0
    return int(datetime.fromisoformat(released).replace(tzinfo=UTC).timestamp())


def _architecture(out: Out) -> dict[str, Any]:
    """Return what goes in and comes out; what is not named is a no to a reader."""
    facts = out.facts
    inputs = facts.get("modalities.input") or []
    outputs = facts.get("modalities.output") or []
    mode = facts.get("mode")
    if mode in _OUTPUTS:
        outputs = [_OUTPUTS[mode]] if inputs else []
    if not inputs or not outputs:
        inputs = outputs = []
    written = [
        [_SPELLED.get(word, word) for word in side] for side in (inputs, outputs)
    ]
    if inputs:
        _say_sides(out, written)
    modality = "->".join("+".join(side) for side in written) if inputs else None
    return {
        "modality": modality,
        "input_modalities": written[0],
        "output_modalities": written[1],
        "tokenizer": "Other",
        "instruct_type": None,
    }


def _say_sides(out: Out, written: list[list[str]]) -> None:
    named = {f"in:{w}" for w in written[0]} | {f"out:{w}" for w in written[1]}
    for name, ability in _SIDES.items():
        if ability:
            out.say(f"capabilities.{ability}", name in named)
    known = [[word for word in _MODALITIES if word in side] for side in written]
    if all(known):
        out.say("modalities.input", known[0])
        out.say("modalities.output", known[1])
    modes = [mode for mode, word in _OUTPUTS.items() if written[1] == [word]]
    if modes:
        out.say("mode", modes[0])


def _supported(out: Out) -> list[str]:
    """Return the names of what requests may ask for; only a yes can be said."""
    found = []
    for name, field in _PARAMETERS.items():
        if out.facts.get(field) is True:
            found.append(name)
            out.say(field, True)  # noqa: FBT003
    return sorted(found)


def _write_reasoning(out: Out) -> None:
    facts = out.facts
    if facts.get(_REASONING) is not True:
        return
    efforts = facts.get(f"{_REASONING}.efforts")
    default = facts.get(f"{_REASONING}.default")
    always = facts.get(f"{_REASONING}.always_on") is True
    table: dict[str, Any] = {"mandatory": always}
    if efforts:
        table["supported_efforts"] = efforts
        out.say(f"{_REASONING}.efforts", efforts)
    if default:
        table["default_effort"] = default
        out.say(f"{_REASONING}.default", default)
    if always:
        out.say(f"{_REASONING}.always_on", True)  # noqa: FBT003
    if always or len(table) > 1:
        out.row["reasoning"] = table


def _pricing(out: Out) -> dict[str, Any]:
    facts = out.facts
    if facts.get("pricing.state") == "variable":
        out.say("pricing.state", "variable")
        return dict.fromkeys(("prompt", "completion"), _VARIABLE)
    table: dict[str, Any] = {}
    overrides: dict[int, dict[str, Any]] = {}
    for field, amount in facts.items():
        group, _, entry = field.partition(".")
        if group not in ("pricing", "rates") or not isinstance(amount, Decimal):
            continue
        meter, conditions = split_key(entry)
        if meter not in KEYS or not (amount or meter in _PAIR):
            continue
        if not conditions:
            table[KEYS[meter]] = per_unit(meter, amount)
        elif set(conditions) == {"above"}:
            size = int(conditions["above"])
            part = overrides.setdefault(size, {"min_prompt_tokens": size})
            part[KEYS[meter]] = per_unit(meter, amount)
        else:
            continue
        out.say(field, amount)
    if overrides:
        table["overrides"] = [overrides[size] for size in sorted(overrides)]
    return table
