"""models.dev's `api.json`: providers, their models, limits, prices, modalities."""

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
    iso_date,
    modality_claims,
    plain_text,
    rejected_id,
    token_count,
)
from modeldex.sources.models_dev_prices import read_prices

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE = "models.dev"

# a flag of upstream -> our capability
_FLAGS = {
    "tool_call": "function_calling",
    "reasoning": "reasoning",
    "structured_output": "structured_output",
    "temperature": "temperature",
}
_NOT_READ = ("interleaved",)
_STATUSES = {"deprecated": "deprecated", "beta": "preview", "alpha": "preview"}
_ENV = re.compile(r"[A-Z][A-Z0-9_]*")
_URL = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._~/#?=&%-]*)?")
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
    said: dict[str, Any] = {}
    for flag, name in _FLAGS.items():
        if isinstance(row.get(flag), bool):
            said[f"capabilities.{name}"] = row[flag]
    parameters = _reasoning(row.get("reasoning_options"))
    if said.get("capabilities.reasoning") and parameters:
        said["capabilities.reasoning"] = parameters
    return said


def _model_facts(row: Mapping[str, Any]) -> dict[str, Any]:
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
        "api": _url(row.get("api")),
        "docs": _url(row.get("doc")),
    }
    return {key: value for key, value in facts.items() if value}


def _url(value: object) -> str | None:
    """Return a URL without credentials and placeholders, or None."""
    return value if isinstance(value, str) and _URL.fullmatch(value) else None


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
                not_carried.update(key for key in _NOT_READ if key in facts)
                known = {**_model_facts(facts), **prices.claims}
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
