"""litellm's cost map: one flat table of rows, keyed by routing name."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from modeldex.domain.provider import provider_id
from modeldex.errors import SourceFormatError
from modeldex.sources.claim import (
    Claims,
    Json,
    add_model,
    full_date,
    modality_lists,
    per_million,
    rejected_id,
    token_count,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE = "litellm"

# upstream key (USD per token) -> our meter
_METERS = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cache_read",
    "cache_creation_input_token_cost": "cache_write",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h",
    "output_cost_per_reasoning_token": "reasoning",
    "input_cost_per_audio_token": "input_audio",
    "output_cost_per_audio_token": "output_audio",
    "input_cost_per_image_token": "input_image",
    "output_cost_per_image_token": "output_image",
}
_OLD_CACHE_READ = "input_cost_per_token_cache_hit"
# what else prices something, besides every key with `cost` in its name
_CONDITIONAL = (
    "tiered_pricing",
    "off_peak_pricing",
    "search_free_requests",
    "provider_specific_entry",
    "regional_endpoint_uplift_multiplier",
    "regional_processing_uplift_multiplier_eu",
    "regional_processing_uplift_multiplier_us",
)
# flag of upstream -> our capability; of two flags for one the first wins
_FLAGS = {
    "supports_assistant_prefill": "assistant_prefill",
    "supports_audio_input": "audio_input",
    "supports_audio_output": "audio_output",
    "supports_computer_use": "computer_use",
    "supports_function_calling": "function_calling",
    "supports_native_streaming": "streaming",
    "supports_parallel_function_calling": "parallel_function_calling",
    "supports_pdf_input": "pdf_input",
    "supports_prompt_caching": "prompt_caching",
    "supports_reasoning": "reasoning",
    "supports_response_schema": "structured_output",
    "supports_system_messages": "system_messages",
    "supports_tool_choice": "tool_choice",
    "supports_url_context": "url_context",
    "supports_video_input": "video_input",
    "supports_vision": "vision",
    "supports_image_input": "vision",
    "supports_embedding_image_input": "vision",
    "supports_web_search": "web_search",
}
_MODES = {"responses": "chat"}
_NO_MODEL_MODES = {
    "search": "a web search, no model",
    "guardrail": "a guardrail, no model",
    "vector_store": "a vector store, no model",
}
_ENDPOINT = re.compile(r"/[A-Za-z0-9/_.:{}-]+")

# litellm_provider -> routing prefixes of its keys that differ from its own name
_PREFIXES = {
    "amazon_nova": ("amazon-nova",),
    "azure_text": ("azure",),
    "bedrock_converse": ("bedrock",),
    "cohere_chat": ("cohere",),
    "fireworks_ai-embedding-models": ("fireworks_ai",),
    "nvidia_nim": ("nvidia_nim/ranking",),
}
# routes beside a provider's main one, with prices of their own
_SECOND = ("azure_ai/", "bedrock_mantle/", "text-completion-")
_REGION = r"(?:[a-z]{2}(?:-gov)?-[a-z]+-\d|us|eu|apac|us-gov|global|global-standard)"
# `quality/size/steps/model`: what an image of one size costs
_SIZE = re.compile(
    r"(?:.*/)?(?:\d+|max)-x-(?:\d+|max)/(?:(?:\d+|max)-steps/)?(?P<model>.*)"
)
# key -> why it is no model
_PSEUDO = (
    (re.compile(r"sample_spec|fallback_generalizations"), "documentation"),
    (re.compile(r".*/\d+-month-commitment/.*"), "a commitment, no model"),
    (_SIZE, "an image size, no model"),
    (
        re.compile(rf"(?:bedrock|bedrock_mantle|azure|azure_ai)/{_REGION}/.*"),
        "a regional price, no model",
    ),
    (re.compile(r"bedrock/(?:claude_platform|invoke)/.*"), "a route, no model"),
    (
        re.compile(r"(?:together|fireworks)-ai-(?!.*/).*(?:\d|default).*"),
        "a size class, no model",
    ),
    (re.compile(r"fireworks-ai-default"), "a size class, no model"),
    (re.compile(r"(?:openai|azure)/container"), "a tool container, no model"),
    (re.compile(r"perplexity/preset/.*"), "a preset of an agent, no model"),
    (
        re.compile(r"deepgram/streaming/(?:detect_entities|diarize|keyterm|redact)"),
        "an option of a request, no model",
    ),
    (re.compile(r"transcribe/\w+Job"), "a job, no model"),
    (re.compile(r"databricks/ai_decide"), "a function, no model"),
    (re.compile(r"claude-[^/.]+-v\d+:\d+"), "Bedrock's id without its vendor"),
    (re.compile(r"anthropic\.[^/]+@\d+"), "Vertex's spelling at Bedrock"),
)


def _pseudo(key: str, row: Mapping[str, Any]) -> str | None:
    for pattern, reason in _PSEUDO:
        if pattern.fullmatch(key):
            return reason
    return _NO_MODEL_MODES.get(str(row.get("mode")))


def _place(key: str, upstream: str) -> list[tuple[str, str]]:
    """Return where the row's model is served: provider ids and model id."""
    own = upstream.partition("-")[0] if upstream.startswith("vertex_ai-") else upstream
    model = key
    for prefix in (*_PREFIXES.get(upstream, ()), own):
        if key.startswith(f"{prefix}/"):
            model = key.removeprefix(f"{prefix}/")
            break
    provider = provider_id(upstream)
    if provider == "google-vertex-anthropic":
        return [("google-vertex", model), (provider, model)]
    if provider == "perplexity" and "/" in model:
        provider = "perplexity-agent"
    return [(provider, model)]


def _sized(key: str, row: Mapping[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the model of a row that prices one image size, without a price."""
    size = _SIZE.fullmatch(key)
    if not size or rejected_id(size["model"]):
        return {}
    facts = {"mode": row["mode"]} if isinstance(row.get("mode"), str) else {}
    return dict.fromkeys(_place(size["model"], row["litellm_provider"]), facts)


def _capabilities(row: Mapping[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for flag, name in _FLAGS.items():
        if isinstance(row.get(flag), bool):
            said.setdefault(f"capabilities.{name}", row[flag])
    levels = row.get("reasoning_effort_levels")
    if said.get("capabilities.reasoning") is True and isinstance(levels, list):
        efforts = [level for level in levels if isinstance(level, str)]
        if efforts:
            said["capabilities.reasoning"] = {"efforts": efforts}
    return said


def _modalities(row: Mapping[str, Any]) -> dict[str, list[str]] | None:
    """Return both lists; upstream's never hold pdf, which only a flag states."""
    inputs = row.get("supported_modalities")
    if isinstance(inputs, list) and inputs and row.get("supports_pdf_input") is True:
        inputs = [*inputs, "pdf"]
    return modality_lists(
        {"input": inputs, "output": row.get("supported_output_modalities")}
    )


def _endpoints(row: Mapping[str, Any]) -> list[str] | None:
    listed = row.get("supported_endpoints")
    if isinstance(listed, list):
        kept = [e for e in listed if isinstance(e, str) and _ENDPOINT.fullmatch(e)]
        return list(dict.fromkeys(kept)) or None
    return ["/v1/responses"] if row.get("mode") == "responses" else None


def _model_facts(row: Mapping[str, Any]) -> dict[str, Any]:
    mode = row.get("mode")
    mode = _MODES.get(mode, mode) if isinstance(mode, str) else None
    limits = {name: token_count(row.get(name)) for name in ("rpm", "tpm")}
    prices = {
        f"pricing.{meter}": per_million(row.get(k)) for k, meter in _METERS.items()
    }
    if prices["pricing.cache_read"] is None:
        prices["pricing.cache_read"] = per_million(row.get(_OLD_CACHE_READ))
    return {
        "mode": mode,
        "max_input_tokens": token_count(row.get("max_input_tokens")),
        "max_output_tokens": token_count(row.get("max_output_tokens")),
        "embedding_dimensions": token_count(row.get("output_vector_size")),
        **prices,
        **_capabilities(row),
        "modalities": _modalities(row),
        "deprecation_date": full_date(row.get("deprecation_date")),
        "rate_limits": {name: count for name, count in limits.items() if count} or None,
        "supported_endpoints": _endpoints(row),
    }


def translate(payload: Json, source_date: str) -> Claims:
    """Translate the decoded cost map into claims.

    Upstream amounts are USD per token; ours are USD per 1,000,000 tokens. Raises
    SourceFormatError when the payload has another shape.
    """
    models: dict[tuple[str, str], dict[str, Any]] = {}
    sized: dict[tuple[str, str], dict[str, Any]] = {}
    skipped: list[tuple[str, str]] = []
    not_carried: Counter[str] = Counter()
    try:
        for key, row in _own_rows_first(payload):
            reason = _pseudo(key, row)
            places = [] if reason else _place(key, row["litellm_provider"])
            if not reason and any(rejected_id(model) for _, model in places):
                reason = "id is malformed"
            if reason:
                skipped.append((key, reason))
                sized.update(_sized(key, row))
                continue
            facts = _model_facts(row)
            not_carried.update(k for k in row if _is_conditional(k))
            for place in places:
                add_model(models, *place, facts)
    except (AttributeError, KeyError, TypeError) as error:
        message = f"{SOURCE}: unknown shape: {error!r}"
        raise SourceFormatError(message) from error
    if not models:
        message = f"{SOURCE}: the payload holds no model"
        raise SourceFormatError(message)
    models = {**sized, **models}
    return Claims(SOURCE, source_date, models, {}, tuple(skipped), not_carried)


def _own_rows_first(payload: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the rows so that of two for one model the provider's own comes first.

    `azure/gpt-5` goes before `azure_ai/gpt-5`, `deepseek/x` before a bare `x`; the
    order of the file does not matter.
    """

    def order(item: tuple[str, Any]) -> tuple[bool, bool, str]:
        key, upstream = item[0], str(item[1].get("litellm_provider"))
        return key.startswith(_SECOND), not key.startswith(f"{upstream}/"), key

    return sorted(payload.items(), key=order)


def _is_conditional(key: str) -> bool:
    if key in _METERS or key == _OLD_CACHE_READ:
        return False
    return "cost" in key or key in _CONDITIONAL
