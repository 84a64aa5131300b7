"""litellm's cost map: one flat table of rows, keyed by routing name."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from modeldex.catalog.merging.merge import LABEL, PRESENCE
from modeldex.domain.capability import MODES
from modeldex.domain.capability_details import SOURCE_NAMES
from modeldex.domain.pricing import conditions_text
from modeldex.domain.provider import provider_id
from modeldex.errors import SourceFormatError
from modeldex.sources.claim import (
    Claims,
    Json,
    ability_claims,
    add_model,
    flag_claims,
    full_date,
    modality_lists,
    rejected_id,
    token_count,
)
from modeldex.sources.litellm_prices import is_price_key, read_prices
from modeldex.sources.litellm_rows import (
    GLOBAL,
    REGIONAL,
    SIZED,
    regional_row,
    sized_row,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modeldex.catalog.merging.claims import Key
    from modeldex.sources.rate_claims import PriceReading

SOURCE = "litellm"

# our parameter -> key of a list of words upstream
_WORDS = {
    "efforts": "reasoning_effort_levels",
    "modes": "reasoning_modes",
    "contexts": "reasoning_contexts",
}
# a price for writing with this key says that an entry can live so long; the price
# without a lifetime is that of the shortest
_TTLS = {
    "cache_creation_input_token_cost_above_1hr": ("5m", "1h"),
    "cache_creation_input_token_cost_above_12hr": ("12h",),
}
_BATCH_ENDPOINT = "/v1/batch"
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
# key -> why it is no model
_PSEUDO = (
    (re.compile(r"sample_spec|fallback_generalizations"), "documentation"),
    (re.compile(r".*/\d+-month-commitment/.*"), "a commitment, no model"),
    (SIZED, "an image size, no model"),
    (REGIONAL, "a regional price, no model"),
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


def served_at(key: str, upstream: str) -> list[tuple[str, str]]:
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


def _capabilities(row: Mapping[str, Any]) -> dict[str, Any]:
    said, parameters = flag_claims(row, SOURCE_NAMES[SOURCE])
    _add_reasoning(row, parameters.setdefault("reasoning", {}))
    _add_caching(row, parameters.setdefault("prompt_caching", {}))
    listed = row.get("supported_endpoints")
    if isinstance(listed, list) and _BATCH_ENDPOINT in listed:
        said["capabilities.batch"] = True
    return ability_claims(said, parameters)


def _add_reasoning(row: Mapping[str, Any], known: dict[str, Any]) -> None:
    """Add effort values, modes and contexts; flags go into a list that is known."""
    for name, key in _WORDS.items():
        listed = row.get(key)
        words = [w for w in listed if isinstance(w, str)] if listed else []
        if words:
            known[name] = words
    if isinstance(row.get("default_reasoning_effort"), str):
        known["default"] = row["default_reasoning_effort"]
    if "efforts" in known:
        flags = known.pop("effort_flags", {})
        kept = [word for word in known["efforts"] if flags.get(word) is not False]
        more = [word for word, can in flags.items() if can and word not in kept]
        known["efforts"] = kept + more


def _add_caching(row: Mapping[str, Any], known: dict[str, Any]) -> None:
    ttls = [ttl for key, ttls in _TTLS.items() if key in row for ttl in ttls]
    if ttls:
        known["ttls"] = ttls
    least = token_count(row.get("prompt_cache_min_tokens"))
    if least:
        known["min_tokens"] = least


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


def _mode(row: Mapping[str, Any]) -> str | None:
    """Return what a row is for, where that is a kind of work that we know."""
    mode = str(row.get("mode"))
    mode = _MODES.get(mode, mode)
    return mode if mode in MODES else None


def _model_facts(row: Mapping[str, Any]) -> dict[str, Any]:
    limits = {name: token_count(row.get(name)) for name in ("rpm", "tpm")}
    return {
        "mode": _mode(row),
        "max_input_tokens": token_count(row.get("max_input_tokens")),
        "max_output_tokens": token_count(row.get("max_output_tokens")),
        "embedding_dimensions": token_count(row.get("output_vector_size")),
        **_capabilities(row),
        "modalities": _modalities(row),
        "deprecation_date": full_date(row.get("deprecation_date")),
        "rate_limits": {name: count for name, count in limits.items() if count} or None,
        "supported_endpoints": _endpoints(row),
    }


@dataclass(slots=True)
class _Read:
    """What has been read so far; `marked` are models that only conditions name."""

    models: dict[Key, dict[str, Any]] = field(default_factory=dict)
    marked: dict[Key, dict[str, Any]] = field(default_factory=dict)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    carried: Counter[str] = field(default_factory=Counter)
    not_carried: Counter[str] = field(default_factory=Counter)
    conditioned: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def count(self, reading: PriceReading) -> None:
        """Count what became of a row's price keys."""
        self.carried.update(reading.carried)
        self.not_carried.update(reading.not_carried)

    def leave(self, row: Mapping[str, Any], reason: str) -> None:
        """Count the price keys of a row that is not read."""
        self.not_carried.update(f"{k}: {reason}" for k in row if is_price_key(k))


def _read_row(read: _Read, key: str, row: Mapping[str, Any]) -> None:
    reason = _pseudo(key, row)
    places = [] if reason else served_at(key, row["litellm_provider"])
    if not reason and any(rejected_id(model) for _, model in places):
        reason = "id is malformed"
    if reason:
        read.skipped.append((key, reason))
        if SIZED.fullmatch(key) or REGIONAL.fullmatch(key):
            read.conditioned.append((key, row))
        else:
            read.leave(row, reason)
        return
    reading = read_prices(key, row)
    prices = reading.claims
    if all(_same_price(prices, read.models.get(place)) for place in places):
        read.count(reading)
    else:
        read.leave(row, "another route to the same model")
        prices = {n: v for n, v in prices.items() if n.startswith("pricing.")}
    for place in places:
        add_model(read.models, *place, {**_model_facts(row), **prices})


def _read_any(
    read: _Read, key: str, row: Mapping[str, Any], payload: Mapping[str, Any]
) -> None:
    """Read a row, or the row that a pointer names; of another kind nothing is known."""
    if "litellm_provider" in row or _pseudo(key, row):
        _read_row(read, key, row)
        return
    target = row.get("alias_of")
    named = payload.get(target) if isinstance(target, str) else None
    if not named or "litellm_provider" not in named:
        reason = "names no row" if target else "names no provider"
        read.skipped.append((key, reason))
        read.leave(row, reason)
        return
    _read_row(read, key, named)
    upstream = named["litellm_provider"]
    models = served_at(str(target), upstream)
    for place, (_, model) in zip(served_at(key, upstream), models, strict=True):
        if place in read.models:
            read.models[place]["alias_of"] = model


def _same_price(prices: Mapping[str, Any], known: Mapping[str, Any] | None) -> bool:
    """Tell whether a second row of a model prices it as the first one did.

    The conditional prices of another route would not fit the first one's.
    """
    if known is None:
        return True
    halves = ("pricing.input", "pricing.output")
    return all(prices.get(half) == known.get(half) for half in halves)


def _read_conditioned(read: _Read, key: str, row: Mapping[str, Any]) -> None:
    """Claim what a row for one image size or region says of the model it names."""
    sized = sized_row(key, row)
    found = sized or regional_row(key)
    model, conditions = found or ("", {})
    reason = _pseudo(model, row)
    places = [] if reason else served_at(model, row["litellm_provider"])
    if reason or any(rejected_id(model) for _, model in places):
        read.leave(row, reason or "id is malformed")
        return
    reading = read_prices(model, row, conditions)
    claims = reading.claims
    if _is_standard(claims, read.models.get(places[0]), conditions):
        read.leave(row, "the standard price")
        return
    read.count(reading)
    for place in places:
        if place in read.models:
            add_model(read.models, *place, claims)
        elif sized:
            add_model(read.marked, *place, {"mode": _mode(row), **claims})
        elif claims:
            add_model(read.marked, *place, {**claims, PRESENCE: LABEL})


def _is_standard(
    claims: Mapping[str, Any],
    known: Mapping[str, Any] | None,
    conditions: Mapping[str, str],
) -> bool:
    """Tell whether the prices of a global region are the model's standard ones."""
    if known is None or conditions.get("region") not in GLOBAL:
        return False
    ending = f"@{conditions_text(conditions)}"
    prices = [(n, value) for n, value in claims.items() if n.endswith(ending)]
    return all(
        known.get(name.removesuffix(ending).replace("rates.", "pricing.")) == value
        for name, value in prices
    )


def translate(payload: Json, source_date: str) -> Claims:
    """Translate the decoded cost map into claims.

    Upstream amounts are USD per one, ours as `domain.pricing` has them. Raises
    SourceFormatError when the payload has another shape.
    """
    read = _Read()
    try:
        for key, row in _own_rows_first(payload):
            _read_any(read, key, row, payload)
        for key, row in read.conditioned:
            _read_conditioned(read, key, row)
    except (AttributeError, KeyError, TypeError) as error:
        message = f"{SOURCE}: unknown shape: {error!r}"
        raise SourceFormatError(message) from error
    if not read.models:
        message = f"{SOURCE}: the payload holds no model"
        raise SourceFormatError(message)
    return Claims(
        SOURCE,
        source_date,
        {**read.marked, **read.models},
        {},
        tuple(read.skipped),
        read.not_carried,
        read.carried,
    )


def _own_rows_first(payload: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the rows so that of two for one model the provider's own comes first.

    `azure/gpt-5` goes before `azure_ai/gpt-5`, `deepseek/x` before a bare `x`; the
    order of the file does not matter.
    """

    def order(item: tuple[str, Any]) -> tuple[bool, bool, str]:
        key, upstream = item[0], str(item[1].get("litellm_provider"))
        return key.startswith(_SECOND), not key.startswith(f"{upstream}/"), key

    return sorted(payload.items(), key=order)
