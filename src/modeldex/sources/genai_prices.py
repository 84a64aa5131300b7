"""genai-prices: prices with effective dates, tiers and daily windows."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from modeldex.catalog.merging.merge import LABEL, PRESENCE, STAND_IN
from modeldex.domain.provider import provider_id, provider_kind
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
    from collections.abc import Iterator, Mapping

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
_SELLERS = ("first_party", "cloud")  # kinds of providers that offer nothing `:free`
_CLASS = "a class of regional prices, no model"
# conditions of a match that state a whole id
_EXACT = ("equals", "ends_with")
# ids that only a prefix or a part of theirs matches, and that are callable all the
# same: pointers and dated ids by their form, the rest one by one
_CALLABLE = re.compile(r".+-(?:latest|preview|20\d{6}|20\d\d-\d\d-\d\d)")
_CALLABLE_IDS = frozenset(
    [
        "MiniMax-M2.1-highspeed",
        "amazon.nova-sonic-v1:0",
        "claude-2",
        "claude-opus-4-0",
        "claude-opus-4-1",
        "claude-sonnet-4-0",
        "command-light",
        "gemini-1.5-flash",
        "gemini-1.5-pro",
        "gemini-2.0-flash-lite",
        "gemini-live-2.5-flash",
    ]
)
# `us.anthropic.claude-x`: an id of Bedrock with its vendor
_BEDROCK = re.compile(r"[a-z-]+\.[a-z].*")


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


def _no_model(provider: str, model: str) -> str | None:
    if provider == "openai-decisions":
        return "a price of one endpoint, no model"
    if provider == "aws" and model.startswith("regional."):
        return _CLASS
    if provider == "openrouter" and "/" not in model:
        return "a label, no model"
    if model.endswith(":free") and provider_kind(provider_id(provider)) in _SELLERS:
        return "a router's free offer, no model"
    return None


def _places(provider: str, model: str) -> list[tuple[str, str]] | str:
    """Return where a row's model is served, or the reason to skip the row."""
    reason = _no_model(provider, model)
    if reason:
        return reason
    if provider.startswith(_ROUTE):  # what a caller of the router writes
        return [("huggingface", f"{model}:{provider.removeprefix(_ROUTE)}")]
    if provider == "google" and model.startswith("claude-"):
        return [(vertex, model) for vertex in _VERTEX_CLAUDE]
    if provider == "perplexity" and "/" in model:
        return [("perplexity-agent", model)]
    return [(provider_id(provider), model)]


def _stated(match: Json) -> Iterator[str]:
    """Yield the ids that a match clause states whole."""
    for name, value in match.items():
        if name in _EXACT:
            yield value
        elif isinstance(value, list):
            for part in value:
                yield from _stated(part)


def _is_label(model: str, match: Json) -> bool:
    """Tell whether an id only names a match clause that it is no id of."""
    if not match or model in _CALLABLE_IDS or _CALLABLE.fullmatch(model):
        return False
    stated = {whole.rpartition("/")[2].lower() for whole in _stated(match)}
    return model.rpartition("/")[2].lower() not in stated


def _provider_facts(row: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    places = _places(row["id"], "")
    provider = provider_id(row["id"]) if isinstance(places, str) else places[0][0]
    name = plain_text(row.get("name"))
    return provider, {"name": name} if name and provider != "huggingface" else {}


@dataclass(slots=True)
class _Read:
    """What has been read so far; `marked` are the labels and the stand-ins."""

    models: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    marked: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    providers: dict[str, dict[str, Any]] = field(default_factory=dict)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    not_carried: Counter[str] = field(default_factory=Counter)


def _read_class(read: _Read, row: Mapping[str, Any], day: str) -> None:
    """Let a class of regional prices stand in for the ids that it states."""
    facts = _model_facts(row, day, Counter())
    for model in _stated(row.get("match") or {}):
        if _BEDROCK.fullmatch(model) and not rejected_id(model):
            place = (provider_id("aws"), model)
            add_model(read.marked, *place, {**facts, PRESENCE: STAND_IN})


def _read_model(read: _Read, provider: str, row: Mapping[str, Any], day: str) -> bool:
    """Read a row and tell whether it holds a model."""
    model = row["id"]
    places = _places(provider, model)
    if not isinstance(places, str) and rejected_id(model):
        places = "id is malformed"
    if isinstance(places, str):
        read.skipped.append((f"{provider}/{model}", places))
        if places == _CLASS:
            _read_class(read, row, day)
        return False
    facts = _model_facts(row, day, read.not_carried)
    label = _is_label(model, row.get("match"))
    for place in places:
        if label:
            add_model(read.marked, *place, {**facts, PRESENCE: LABEL})
        else:
            add_model(read.models, *place, facts)
    return True


def translate(payload: Json, source_date: str) -> Claims:
    """Translate the decoded list of providers into claims.

    A price is the one in force on the source's date. Ids that may be none are
    marked: see LABEL and STAND_IN of the merge. Raises SourceFormatError when the
    payload has another shape.
    """
    read = _Read()
    try:
        for row in payload:
            provider, facts = _provider_facts(row)
            for listed in row["models"]:
                if _read_model(read, row["id"], listed, source_date):
                    read.providers.setdefault(provider, facts)
    except (AttributeError, KeyError, TypeError) as error:
        message = f"{SOURCE}: unknown shape: {error!r}"
        raise SourceFormatError(message) from error
    if not read.models:
        message = f"{SOURCE}: the payload holds no model"
        raise SourceFormatError(message)
    models = {**read.marked, **read.models}
    skipped = tuple(read.skipped)
    return Claims(
        SOURCE, source_date, models, read.providers, skipped, read.not_carried
    )
