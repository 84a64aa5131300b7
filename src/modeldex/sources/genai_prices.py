"""genai-prices: prices with effective dates, tiers and daily windows."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from modeldex.domain.provider import provider_id
from modeldex.errors import SourceFormatError
from modeldex.sources.claim import (
    Claims,
    Json,
    add_model,
    amount,
    plain_text,
    rejected_id,
    token_count,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE = "genai-prices"

# upstream key (USD per 1,000,000 tokens) -> our meter
_METERS = {
    "input_mtok": "input",
    "output_mtok": "output",
    "cache_read_mtok": "cache_read",
    "cache_write_mtok": "cache_write",
    "cache_write_1h_mtok": "cache_write_1h",
    "output_reasoning_mtok": "reasoning",
    "input_audio_mtok": "input_audio",
    "output_audio_mtok": "output_audio",
    "input_image_mtok": "input_image",
    "output_image_mtok": "output_image",
}
_ROUTE = "huggingface_"
_VERTEX_CLAUDE = ("google-vertex", "google-vertex-anthropic")


def _prices(listed: Json, day: str, not_carried: Counter[str]) -> Mapping[str, Any]:
    """Return the prices in force on a day, and the dearer of daily windows.

    Of several dated entries the last that has begun holds; a price that only
    begins later is not carried.
    """
    if not isinstance(listed, list):
        return listed or {}
    begun: list[Mapping[str, Any]] = []
    windows: list[Mapping[str, Any]] = []
    for entry in listed:
        constraint = entry.get("constraint") or {}
        prices = entry.get("prices") or {}
        if set(constraint) == {"start_date"}:
            if str(constraint["start_date"]) <= day:
                begun.append(prices)
            else:
                not_carried["future start_date"] += 1
        elif set(constraint) == {"start_time", "end_time"}:
            windows.append(prices)
        elif constraint:
            not_carried["unknown constraint"] += 1
        else:
            begun.append(prices)
    chosen = begun[-1:] + windows
    if windows:
        not_carried["time of day"] += 1
    return max(chosen, key=_dearness) if chosen else {}


def _dearness(prices: Mapping[str, Any]) -> tuple[Decimal, Decimal]:
    sides = (_base(prices.get(key)) for key in ("input_mtok", "output_mtok"))
    first, second = (amount(side) or Decimal(0) for side in sides)
    return first, second


def _base(price: Json) -> Json:
    return price.get("base") if isinstance(price, dict) else price


def _model_facts(
    row: Mapping[str, Any], day: str, not_carried: Counter[str]
) -> dict[str, Any]:
    prices = _prices(row.get("prices"), day, not_carried)
    facts: dict[str, Any] = {
        "name": plain_text(row.get("name")),
        "context_window": token_count(row.get("context_window")),
        "status": "deprecated" if row.get("deprecated") is True else None,
    }
    for key, price in prices.items():
        if key not in _METERS:
            not_carried[key] += 1
            continue
        if isinstance(price, dict):
            not_carried["tiers"] += 1
        facts[f"pricing.{_METERS[key]}"] = amount(_base(price))
    return facts


def _places(provider: str, model: str) -> list[tuple[str, str]] | str:
    """Return where a row's model is served, or the reason to skip the row."""
    if provider.startswith(_ROUTE):  # what a caller of the router writes
        return [("huggingface", f"{model}:{provider.removeprefix(_ROUTE)}")]
    if provider == "openai-decisions":
        return "a price of one endpoint, no model"
    if provider == "aws" and model.startswith("regional."):
        return "a class of regional prices, no model"
    if provider == "google" and model.startswith("claude-"):
        return [(vertex, model) for vertex in _VERTEX_CLAUDE]
    if provider == "perplexity" and "/" in model:
        return [("perplexity-agent", model)]
    if provider == "fireworks" and "/" not in model:
        model = f"accounts/fireworks/models/{model}"
    return [(provider_id(provider), model)]


def _provider_facts(row: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    places = _places(row["id"], "")
    provider = provider_id(row["id"]) if isinstance(places, str) else places[0][0]
    name = plain_text(row.get("name"))
    return provider, {"name": name} if name and provider != "huggingface" else {}


def translate(payload: Json, source_date: str) -> Claims:
    """Translate the decoded list of providers into claims.

    A price is the one in force on the source's date. Raises SourceFormatError
    when the payload has another shape.
    """
    models: dict[tuple[str, str], dict[str, Any]] = {}
    providers: dict[str, dict[str, Any]] = {}
    skipped: list[tuple[str, str]] = []
    not_carried: Counter[str] = Counter()
    try:
        for row in payload:
            provider, facts = _provider_facts(row)
            for listed in row["models"]:
                model = listed["id"]
                places = _places(row["id"], model)
                if not isinstance(places, str) and rejected_id(model):
                    places = "id is malformed"
                if isinstance(places, str):
                    skipped.append((f"{row['id']}/{model}", places))
                    continue
                said = _model_facts(listed, source_date, not_carried)
                for place in places:
                    add_model(models, *place, said)
                    providers.setdefault(provider, facts)
    except (AttributeError, KeyError, TypeError) as error:
        message = f"{SOURCE}: unknown shape: {error!r}"
        raise SourceFormatError(message) from error
    if not models:
        message = f"{SOURCE}: the payload holds no model"
        raise SourceFormatError(message)
    return Claims(SOURCE, source_date, models, providers, tuple(skipped), not_carried)
