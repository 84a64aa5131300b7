"""pi-ai's model lists: raw per-provider JSON, or the flat form made of them.

Raw rows are listed as provider -> API -> `kind:id`, or as provider -> id.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from modeldex.domain.provider import provider_id
from modeldex.errors import SourceFormatError
from modeldex.sources.claim import (
    Claims,
    Json,
    add_model,
    amount,
    rejected_id,
    token_count,
)
from modeldex.sources.rate_claims import is_price

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SOURCE = "pi-ai"

# our meter -> key of the flat form, key of the raw form
_METERS = {
    "input": ("price.input", "input"),
    "output": ("price.output", "output"),
    "cache_read": ("price.cache_read", "cacheRead"),
    "cache_write": ("price.cache_write", "cacheWrite"),
}
# API of upstream -> wire protocol
_PROTOCOLS = {
    "anthropic-messages": "anthropic-messages",
    "azure-openai-responses": "openai-responses",
    "bedrock-converse-stream": "bedrock-converse",
    "google-generative-ai": "google-generate-content",
    "google-vertex": "google-generate-content",
    "openai-completions": "openai-chat",
    "openai-responses": "openai-responses",
}
_CACHE_METERS = ("cache_read", "cache_write")


def _flat_facts(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **{f"pricing.{meter}": row.get(keys[0]) for meter, keys in _METERS.items()},
        "context_window": row.get("limit.context"),
        "max_output_tokens": row.get("limit.output"),
        "capabilities.reasoning": row.get("cap.reasoning"),
        "capabilities.vision": row.get("cap.vision"),
    }


def _raw_facts(row: Mapping[str, Any]) -> dict[str, Any]:
    cost = row.get("cost") or {}
    inputs = row.get("input")
    return {
        **{f"pricing.{meter}": cost.get(keys[1]) for meter, keys in _METERS.items()},
        "context_window": row.get("contextWindow"),
        "max_output_tokens": row.get("maxTokens"),
        "capabilities.reasoning": row.get("reasoning"),
        "capabilities.vision": "image" in inputs if isinstance(inputs, list) else None,
        "protocol": _PROTOCOLS.get(str(row.get("api"))),
    }


def _typed(said: Mapping[str, Any]) -> dict[str, Any]:
    """Type the values; a cache price of 0 is pi-ai's way to say that there is none."""
    facts: dict[str, Any] = {}
    for name, value in said.items():
        if name.startswith("pricing."):
            price = amount(value)
            if price or name.partition(".")[2] not in _CACHE_METERS:
                facts[name] = price
        elif name.startswith("capabilities."):
            facts[name] = value if isinstance(value, bool) else None
        elif name == "protocol":
            facts[name] = value
        else:
            facts[name] = token_count(value)
    return facts


def _is_row(row: Json) -> bool:
    """Tell a model's row, of either form, from a table of rows."""
    keys = ("limit.context", "price.input", "contextWindow", "maxTokens", "id")
    return "cost" in row or any(
        key in row and not isinstance(row[key], dict) for key in keys
    )


def _rows(
    provider: str, models: Json
) -> Iterator[tuple[str, str, dict[str, Any] | str]]:
    """Yield each model's provider and id with its facts, or the reason to skip it."""
    if not isinstance(models, dict):
        message = f"{SOURCE}: {provider!r} is no table of models"
        raise SourceFormatError(message)
    for name, row in models.items():
        if not _is_row(row):
            for listed in row.values():
                yield _model(provider, listed["id"], listed)
        elif "limit.context" in row or "price.input" in row:
            yield provider, name, _typed(_flat_facts(row))
        else:
            yield _model(provider, row.get("id", name), row)


def _model(
    provider: str, model: str, row: Mapping[str, Any]
) -> tuple[str, str, dict[str, Any] | str]:
    """Return a raw row's provider, id and facts; the row may name its provider."""
    kind = row.get("type", "chat")
    facts = _typed(_raw_facts(row)) if kind == "chat" else f"{kind} model"
    return str(row.get("provider") or provider), model, facts


def translate(payload: Json, source_date: str) -> Claims:
    """Translate a decoded payload of either form into claims.

    Amounts are USD per 1,000,000 tokens upstream. Raises SourceFormatError when
    the payload has another shape.
    """
    if not isinstance(payload, dict) or not payload:
        message = f"{SOURCE}: the payload is no table of providers"
        raise SourceFormatError(message)
    models: dict[tuple[str, str], dict[str, Any]] = {}
    skipped: list[tuple[str, str]] = []
    carried: Counter[str] = Counter()
    try:
        for name, listed in payload.items():
            for provider, model, facts in _rows(name, listed):
                if isinstance(facts, str):
                    skipped.append((f"{provider}/{model}", facts))
                elif rejected_id(model):
                    skipped.append((f"{provider}/{model}", "id is malformed"))
                else:
                    carried.update(name for name in facts if is_price(name))
                    add_model(models, provider_id(provider), model, facts)
    except (AttributeError, KeyError, TypeError) as error:
        message = f"{SOURCE}: unknown shape: {error}"
        raise SourceFormatError(message) from error
    return Claims(SOURCE, source_date, models, skipped=tuple(skipped), carried=carried)
