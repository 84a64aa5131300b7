"""models.dev's `api.json`: providers, their models, limits, prices, modalities."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from modeldex.domain.capability_details import REQUEST_PARAMETERS, SOURCE_NAMES
from modeldex.domain.provider import provider_id
from modeldex.errors import SourceFormatError
from modeldex.sources.claim import (
    Claims,
    Json,
    ability_claims,
    add_model,
    flag_claims,
    full_date,
    iso_date,
    modality_claims,
    plain_text,
    rejected_id,
    token_count,
    web_address,
)
from modeldex.sources.models_dev_prices import read_prices

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE = "models.dev"

# npm package that speaks to a provider -> wire protocol
_PROTOCOLS = {
    "@ai-sdk/amazon-bedrock": "bedrock-converse",
    "@ai-sdk/anthropic": "anthropic-messages",
    "@ai-sdk/azure": "openai",
    "@ai-sdk/cerebras": "openai-chat",
    "@ai-sdk/cohere": "cohere-chat",
    "@ai-sdk/deepinfra": "openai-chat",
    "@ai-sdk/google": "google-generate-content",
    "@ai-sdk/google-vertex": "google-generate-content",
    "@ai-sdk/google-vertex/anthropic": "anthropic-messages",
    "@ai-sdk/groq": "openai-chat",
    "@ai-sdk/mistral": "mistral-chat",
    "@ai-sdk/openai": "openai",
    "@ai-sdk/openai-compatible": "openai-chat",
    "@ai-sdk/perplexity": "openai-chat",
    "@ai-sdk/togetherai": "openai-chat",
    "@openrouter/ai-sdk-provider": "openai-chat",
}
_SHAPES = {"responses": "openai-responses", "completions": "openai-chat"}
_STATUSES = {"deprecated": "deprecated", "beta": "preview", "alpha": "preview"}
_ENV = re.compile(r"[A-Z][A-Z0-9_]*")
_CANONICAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._:-]*")


def _reasoning(options: object) -> dict[str, Any]:
    """Return the parameters of reasoning: efforts, token budget, switch."""
    parameters: dict[str, Any] = {}
    for option in options if isinstance(options, list) else ():
        kind = option.get("type")
        if kind == "effort":
            efforts = [v for v in option.get("values", ()) if isinstance(v, str)]
            if efforts:
                parameters["efforts"] = efforts
        elif kind == "budget_tokens":
            bounds = {end: option.get(end) for end in ("min", "max")}
            parameters["budget"] = {
                end: count
                for end, count in bounds.items()
                if isinstance(count, int) and not isinstance(count, bool) and count >= 0
            }
        elif kind == "toggle":
            parameters["toggle"] = True
    return parameters


def _capabilities(row: Mapping[str, Any]) -> dict[str, Any]:
    said, parameters = flag_claims(row, SOURCE_NAMES[SOURCE])
    reasoning = _reasoning(row.get("reasoning_options"))
    interleaved = row.get("interleaved")
    if isinstance(interleaved, dict):
        reasoning["interleaved"] = True
        if isinstance(interleaved.get("field"), str):
            reasoning["interleaved_field"] = interleaved["field"]
    reasoning |= parameters.get("reasoning", {})
    if said.get("capabilities.reasoning") is not True:
        reasoning = {}
    return ability_claims(said, {**parameters, "reasoning": reasoning})


def _requests(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that the modes of a model put into its requests."""
    values: dict[str, list[str]] = {}
    modes = (row.get("experimental") or {}).get("modes") or {}
    for mode in modes.values():
        body = (mode.get("provider") or {}).get("body") or {}
        for name, value in body.items():
            inner = value if isinstance(value, dict) else {"": value}
            for key, word in inner.items():
                if isinstance(word, str):
                    known = values.setdefault(f"{name}_{key}".rstrip("_"), [])
                    known.extend([word] if word not in known else [])
    known_names = (name for name in values if name in REQUEST_PARAMETERS)
    return {f"request_parameters.{n}": {"values": values[n]} for n in known_names}


def _place(row: Mapping[str, Any], npm: object) -> dict[str, Any]:
    """Return how a model is spoken to, where its row or its provider says so."""
    own = row.get("provider") or {}
    protocol = _PROTOCOLS.get(str(own.get("npm") or npm))
    if protocol is None or protocol.startswith("openai"):
        protocol = _SHAPES.get(str(own.get("shape")), protocol)
    return {"protocol": protocol, "base_url": web_address(own.get("api"))}


def _model_facts(row: Mapping[str, Any], npm: object) -> dict[str, Any]:
    modalities = row.get("modalities") or {}
    limit = row.get("limit") or {}
    canonical = row.get("canonical_model_id")
    weights = row.get("open_weights")
    return {
        "name": plain_text(row.get("name")),
        "canonical": canonical
        if isinstance(canonical, str) and _CANONICAL.fullmatch(canonical)
        else None,
        "family": plain_text(row.get("family")),
        "context_window": token_count(limit.get("context")),
        "max_input_tokens": token_count(limit.get("input")),
        "max_output_tokens": token_count(limit.get("output")),
        **_capabilities(row),
        **_requests(row),
        **_place(row, npm),
        **modality_claims(modalities.get("input"), modalities.get("output")),
        "status": _STATUSES.get(row.get("status", "")),
        "release_date": iso_date(row.get("release_date")),
        "knowledge_cutoff": iso_date(row.get("knowledge")),
        "open_weights": weights if isinstance(weights, bool) else None,
        "license": plain_text(row.get("license")),
        "updated_at": full_date(row.get("last_updated")),
    }


def _provider_facts(row: Mapping[str, Any]) -> dict[str, Any]:
    env = row.get("env")
    names = [n for n in env if isinstance(n, str)] if isinstance(env, list) else []
    facts = {
        "name": plain_text(row.get("name")),
        "env": [name for name in names if _ENV.fullmatch(name)],
        "api": web_address(row.get("api")),
        "docs": web_address(row.get("doc")),
    }
    return {key: value for key, value in facts.items() if value}


def translate(payload: Json, source_date: str) -> Claims:
    """Translate a decoded `api.json` into claims.

    Amounts are USD per 1,000,000 tokens upstream. Raises SourceFormatError when
    the payload has another shape.
    """
    models: dict[tuple[str, str], dict[str, Any]] = {}
    providers: dict[str, dict[str, Any]] = {}
    skipped: list[tuple[str, str]] = []
    not_carried: Counter[str] = Counter()
    carried: Counter[str] = Counter()
    try:
        for name, row in payload.items():
            provider = provider_id(name)
            providers[provider] = _provider_facts(row)
            for model, facts in row["models"].items():
                if rejected_id(model):
                    skipped.append((f"{name}/{model}", "id is malformed"))
                    continue
                prices = read_prices(facts)
                carried.update(prices.carried)
                not_carried.update(prices.not_carried)
                known = {**_model_facts(facts, row.get("npm")), **prices.claims}
                add_model(models, provider, model, known)
    except (AttributeError, KeyError, TypeError) as error:
        message = f"{SOURCE}: unknown shape: {error!r}"
        raise SourceFormatError(message) from error
    if not models:
        message = f"{SOURCE}: the payload holds no model"
        raise SourceFormatError(message)
    return Claims(
        SOURCE, source_date, models, providers, tuple(skipped), not_carried, carried
    )
