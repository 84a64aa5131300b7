"""genai-prices: prices with effective dates, tiers and daily windows."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from modeldex.catalog.merging.merge import LABEL, PRESENCE, STAND_IN
from modeldex.domain.provider import provider_id, provider_kind
from modeldex.errors import SourceFormatError
from modeldex.sources.claim import (
    Claims,
    Json,
    add_model,
    plain_text,
    rejected_id,
    token_count,
)
from modeldex.sources.genai_rates import read_prices

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from modeldex.sources.rate_claims import PriceReading

SOURCE = "genai-prices"

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


def _model_facts(row: Mapping[str, Any], prices: PriceReading) -> dict[str, Any]:
    return {
        "name": plain_text(row.get("name")),
        "context_window": token_count(row.get("context_window")),
        "status": "deprecated" if row.get("deprecated") is True else None,
        **prices.claims,
    }


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


def served_at(provider: str, model: str) -> list[tuple[str, str]] | str:
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
    served = served_at(row["id"], "")
    provider = provider_id(row["id"]) if isinstance(served, str) else served[0][0]
    name = plain_text(row.get("name"))
    return provider, {"name": name} if name and provider != "huggingface" else {}


@dataclass(slots=True)
class _Read:
    """What has been read so far; `marked` are the labels and the stand-ins."""

    models: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    marked: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    providers: dict[str, dict[str, Any]] = field(default_factory=dict)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    carried: Counter[str] = field(default_factory=Counter)
    not_carried: Counter[str] = field(default_factory=Counter)

    def count(self, reading: PriceReading) -> None:
        """Count what became of a row's prices."""
        self.carried.update(reading.carried)
        self.not_carried.update(reading.not_carried)


def _read_class(read: _Read, row: Mapping[str, Any], day: str) -> None:
    """Let a class of regional prices stand in for the ids that it states."""
    reading = read_prices(row.get("prices"), day)
    read.count(reading)
    facts = _model_facts(row, reading)
    for model in _stated(row.get("match") or {}):
        if _BEDROCK.fullmatch(model) and not rejected_id(model):
            place = (provider_id("aws"), model)
            add_model(read.marked, *place, {**facts, PRESENCE: STAND_IN})


def _read_model(read: _Read, provider: str, row: Mapping[str, Any], day: str) -> bool:
    """Read a row and tell whether it holds a model."""
    model = row["id"]
    served = served_at(provider, model)
    if not isinstance(served, str) and rejected_id(model):
        served = "id is malformed"
    if isinstance(served, str):
        read.skipped.append((f"{provider}/{model}", served))
        if served == _CLASS:
            _read_class(read, row, day)
        else:
            _leave(read, row.get("prices"), served)
        return False
    reading = read_prices(row.get("prices"), day)
    read.count(reading)
    facts = _model_facts(row, reading)
    label = _is_label(model, row.get("match"))
    for place in served:
        if label:
            add_model(read.marked, *place, {**facts, PRESENCE: LABEL})
        else:
            add_model(read.models, *place, facts)
    return True


def _leave(read: _Read, listed: Json, reason: str) -> None:
    """Count the prices of a row that holds no model."""
    entries = listed if isinstance(listed, list) else [{"prices": listed}]
    for entry in entries:
        read.not_carried.update(f"{k}: {reason}" for k in entry.get("prices") or ())


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
        SOURCE,
        source_date,
        models,
        read.providers,
        skipped,
        read.not_carried,
        read.carried,
    )
