"""ExLLM's directory `config/models`: a YAML file per provider, in ExLLM's own keys.

Files are named as ExLLM names its providers. A list of capabilities can only say yes;
a price that is not known has no key, a free model's is 0. What a subscription
includes, or a router decides, has no price there.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from modeldex.catalog.authoring.render import json_like, text
from modeldex.domain.capability import implied_by
from modeldex.domain.pricing import METERS
from modeldex.usecases.exports.losses import Losses
from modeldex.usecases.exports.writing import Out, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from modeldex.usecases.exports.view import View

# our provider -> ExLLM's; the others have the same name, with _ for -
NAMES = {
    "amazon-bedrock": "bedrock",
    "cloudflare-workers-ai": "cloudflare",
    "friendli": "friendliai",
    "google": "gemini",
    "google-vertex": "vertex_ai",
    "google-vertex-anthropic": "vertex_ai-anthropic_models",
    "llama": "meta_llama",
    "novita-ai": "novita",
    "snowflake-cortex": "snowflake",
    "togetherai": "together_ai",
}
# key of a model -> our field, in the order in which they are written
KEYS = {
    "name": "name",
    "description": "description",
    "context_window": "context_window",
    "max_input_tokens": "max_input_tokens",
    "max_output_tokens": "max_output_tokens",
    "mode": "mode",
    "embedding_dimension": "embedding_dimensions",
    "deprecation_date": "deprecation_date",
    "supported_endpoints": "supported_endpoints",
    "supported_modalities": "modalities.input",
    "supported_output_modalities": "modalities.output",
}
_ABILITY = "capabilities."
_DEPRECATED = "deprecated"
NO_NO = "a list of capabilities says no no"


def make(view: View) -> tuple[Mapping[str, bytes], Losses]:
    """Return the files by their paths, and what they do not carry."""
    losses = Losses(keep=view.keep)
    losses.carry_of_providers(view.providers, ("default_model",))
    lines: dict[str, list[str]] = {}
    seen: dict[str, list[str]] = {}
    for model in view.rows():
        out = Out(model)
        found = lines.setdefault(model.provider, [])
        found += _model_lines(model.id, list(_keys(out)))
        seen.setdefault(model.provider, []).append(model.id)
        losses.compare(model.ref, model.facts, out.said, out.reasons)
    files: dict[str, bytes] = {}
    for provider, models in sorted(lines.items()):
        name = file_stem(provider)
        if f"{name}.yml" in files:
            name = provider
        head = [f"provider: {text(name)}"]
        default = view.providers.get(provider, {}).get("default_model")
        if default in seen[provider]:
            head.append(f"default_model: {text(default, in_flow=False)}")
        body = "\n".join([*head, "models:", *models])
        files[f"{name}.yml"] = f"{body}\n".encode()
    return files, losses


def file_stem(provider: str) -> str:
    """Return what ExLLM calls a provider, and its file."""
    return NAMES.get(provider, provider.replace("-", "_"))


def _model_lines(model_id: str, lines: list[str]) -> list[str]:
    head = f"  {text(model_id, in_flow=False)}:"
    return [head, *lines] if lines else [f"{head} {{}}"]


def _keys(out: Out) -> Iterator[str]:
    """Yield the lines of a model's keys."""
    for key, field in KEYS.items():
        value = out.facts.get(field)
        if value is not None:
            out.say(field, value)
            yield f"    {key}: {_value(value)}"
    if out.facts.get("status") == _DEPRECATED:
        out.say("status", _DEPRECATED)
        yield "    deprecated: true"
    prices = list(_prices(out))
    if prices:
        yield "    pricing:"
        yield from prices
    abilities = list(_abilities(out))
    if abilities:
        yield "    capabilities:"
        yield from abilities


def _value(value: Any) -> str:
    if isinstance(value, str):
        return text(value, in_flow=False)  # in quotes, where it is a date or number
    return json_like(value)


def _prices(out: Out) -> Iterator[str]:
    for meter in METERS:
        amount = out.facts.get(f"pricing.{meter}")
        if isinstance(amount, Decimal):
            out.say(f"pricing.{meter}", amount)
            digits = plain(amount)
            yield f"      {meter}: {digits if '.' in digits else f'{digits}.0'}"


def _abilities(out: Out) -> Iterator[str]:
    for field, value in out.facts.items():
        name = field.removeprefix(_ABILITY)
        if not field.startswith(_ABILITY) or "." in name:
            continue
        if value is True:
            out.say(field, True)  # noqa: FBT003
            yield f"    - {name}"
        else:
            out.reasons[field] = NO_NO
    yes = [f.removeprefix(_ABILITY) for f in out.said if f.startswith(_ABILITY)]
    for name in implied_by(yes):
        out.say(f"{_ABILITY}{name}", True)  # noqa: FBT003
