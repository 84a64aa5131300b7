"""litellm's cost map: one flat table of rows, keyed as litellm's callers name models.

Amounts are USD per one, as exact decimals. A price that is not known has no key, a
free model's is 0; what a subscription includes, or a router decides, has no key.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from modeldex.domain.capability_details import SOURCE_NAMES
from modeldex.usecases.exports.litellm_names import key_of, upstream_name
from modeldex.usecases.exports.litellm_prices import write_prices
from modeldex.usecases.exports.losses import Losses
from modeldex.usecases.exports.writing import Out, json_bytes

if TYPE_CHECKING:
    from modeldex.usecases.exports.view import View

    Rows = dict[str, dict[str, Any]]

NAME = "litellm"
_MODALITIES = ("text", "image", "audio", "video", "pdf")
_ENDPOINT = re.compile(r"/[A-Za-z0-9/_.:{}-]+")
_BATCH = "/v1/batch"
# modes that litellm has for what is no model
_NO_MODES = ("search", "guardrail", "vector_store")
_WORDS = {
    "efforts": "reasoning_effort_levels",
    "modes": "reasoning_modes",
    "contexts": "reasoning_contexts",
}
_WRITES_1H, _WRITES_12H = (
    f"cache_creation_input_token_cost_above_{hours}hr" for hours in (1, 12)
)


def _flags() -> tuple[dict[str, str], dict[str, str]]:
    """Return our capability -> litellm's flag, and the same of parameters.

    Of several flags for one thing the first is written. A flag that says several
    things at once says none of them alone.
    """
    abilities: dict[str, str] = {}
    parameters: dict[str, str] = {}
    for flag, target in SOURCE_NAMES[NAME].items():
        if " " in target or target.startswith("request."):
            continue
        (parameters if "." in target else abilities).setdefault(target, flag)
    return abilities, parameters


_ABILITIES, _PARAMETERS = _flags()
_SAMPLING = ("temperature", "top_p", "top_k")
_SAMPLING_FLAG = "supports_sampling_params"
_KINDS = {"explicit": "supports_prompt_cache_breakpoint"}
_REQUESTS = {
    "output_config": "supports_output_config",
    "image_size": "supports_image_size",
    "speed": "supports_speed",
}


def make(view: View) -> tuple[bytes, Losses]:
    """Return the cost map as JSON, and what it does not carry."""
    losses = Losses(keep=view.keep)
    losses.carry_of_providers(view.providers)
    table: Rows = {}
    extra: Rows = {}
    for model in view.rows():
        key = key_of(model, table)
        if key is None:
            losses.leave_out(model.ref, "its key is another model's, or means none")
        elif model.facts.get("mode") in _NO_MODES:
            losses.leave_out(model.ref, "litellm takes this mode for no model")
        else:
            out = Out(model)
            _write(out)
            for name, row in write_prices(out).items():
                extra.setdefault(name, _head(out) | row)
            _say_of_prices(out)
            table[key] = out.row
            losses.compare(model.ref, model.facts, out.said, out.reasons)
    for name, row in extra.items():
        table.setdefault(name, row)
    return json_bytes(table), losses


def _head(out: Out) -> dict[str, Any]:
    mode = out.facts.get("mode", "chat")
    return {"litellm_provider": upstream_name(out.model), "mode": mode}


def _write(out: Out) -> None:
    facts = out.facts
    out.row |= _head(out)
    out.say("mode", out.row["mode"])
    if out.row["mode"] == "chat":
        del out.said["mode"]  # what has no mode is for chat
    _write_limits(out)
    out.copy("output_vector_size", "embedding_dimensions")
    out.copy("deprecation_date", "deprecation_date")
    for name, count in (facts.get("rate_limits") or {}).items():
        if name in ("rpm", "tpm"):
            out.put(name, count, f"rate_limits.{name}", count)
    _write_abilities(out)
    _write_reasoning(out)
    _write_requests(out)
    _write_modalities(out)
    _write_endpoints(out)


def _write_limits(out: Out) -> None:
    """Write the prompt's limit: litellm has the context as one where it is none."""
    window = out.facts.get("context_window")
    prompt = out.facts.get("max_input_tokens", window)
    if prompt is not None:
        out.put("max_input_tokens", prompt, "max_input_tokens", prompt)
        if window == prompt:
            out.reasons["context_window"] = "written as max_input_tokens"
    answer = out.facts.get("max_output_tokens")
    if answer is not None:
        out.row["max_tokens"] = answer
        out.copy("max_output_tokens", "max_output_tokens")


def _write_abilities(out: Out) -> None:
    facts = out.facts
    for ability, flag in _ABILITIES.items():
        out.copy(flag, f"capabilities.{ability}")
    sampling = {facts.get(f"capabilities.{name}") for name in _SAMPLING}
    if len(sampling) == 1 and None not in sampling:
        value = sampling.pop()
        out.row[_SAMPLING_FLAG] = value
        for name in _SAMPLING:
            out.say(f"capabilities.{name}", value)
    for target, flag in _PARAMETERS.items():
        ability, name, *rest = target.split(".")
        if not rest and facts.get(f"capabilities.{ability}") is True:
            out.copy(flag, f"capabilities.{target}")
    kinds = facts.get("capabilities.prompt_caching.kinds")
    if kinds == ["explicit"]:
        kind = "capabilities.prompt_caching.kinds"
        out.put(_KINDS["explicit"], True, kind, kinds)  # noqa: FBT003
    if facts.get("capabilities.prompt_caching") is True:
        least = "prompt_caching.min_tokens"
        out.copy("prompt_cache_min_tokens", f"capabilities.{least}")


def _write_reasoning(out: Out) -> None:
    """Write efforts, modes and contexts as lists, single efforts as flags."""
    about = "capabilities.reasoning."
    if out.facts.get("capabilities.reasoning") is not True:
        return
    for name, key in _WORDS.items():
        out.copy(key, about + name)
    out.copy("default_reasoning_effort", f"{about}default")
    flags = out.facts.get(f"{about}effort_flags")
    known = {
        word: f"supports_{word}_reasoning_effort"
        for word in flags or ()
        if f"reasoning.effort_flags.{word}" in _PARAMETERS
    }
    if flags and len(known) == len(flags) and f"{about}efforts" not in out.facts:
        for word, flag in known.items():
            out.row[flag] = flags[word]
        out.say(f"{about}effort_flags", flags)


def _write_requests(out: Out) -> None:
    for name, flag in _REQUESTS.items():
        field = f"request_parameters.{name}"
        if isinstance(out.facts.get(field), bool):
            out.copy(flag, field)


def _write_modalities(out: Out) -> None:
    """Write both lists; a model that takes PDF has it in the list of a reader."""
    inputs = out.facts.get("modalities.input")
    outputs = out.facts.get("modalities.output")
    if not inputs or not outputs:
        return
    out.row["supported_modalities"] = list(inputs)
    out.row["supported_output_modalities"] = list(outputs)
    if out.row.get("supports_pdf_input") is True:
        inputs = [*inputs, "pdf"]
    known = [
        [name for name in _MODALITIES if name in side] for side in (inputs, outputs)
    ]
    if all(known):
        out.say("modalities.input", known[0])
        out.say("modalities.output", known[1])


def _write_endpoints(out: Out) -> None:
    listed = out.facts.get("supported_endpoints")
    if listed is None or not all(map(_ENDPOINT.fullmatch, listed)):
        return
    out.copy("supported_endpoints", "supported_endpoints")
    if _BATCH in listed:
        out.say("capabilities.batch", True)  # noqa: FBT003


def _say_of_prices(out: Out) -> None:
    """Say what a reader takes from there being a price for long writes to the cache."""
    ttls = ["5m", "1h"] if _WRITES_1H in out.row else []
    ttls += ["12h"] if _WRITES_12H in out.row else []
    if ttls and out.facts.get("capabilities.prompt_caching") is True:
        out.say("capabilities.prompt_caching.ttls", ttls)
