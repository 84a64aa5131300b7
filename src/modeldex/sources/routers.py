"""Routers with shapes of their own: Hugging Face, Vercel, Venice, Zenmux, Fireworks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.sources.answers import PRIVATE
from modeldex.sources.claim import rejected_id, token_count
from modeldex.sources.rate_claims import NO_UNIT
from modeldex.sources.row_facts import Shape, at_path, named_abilities, reader
from modeldex.sources.row_prices import number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modeldex.sources.answers import Row, Rows
    from modeldex.sources.claim import Json
    from modeldex.sources.row_prices import RowPrices

_ARCHITECTURE = ("architecture.input_modalities", "architecture.output_modalities")
_SIDES = ("input_modalities", "output_modalities")

# --- Hugging Face ---------------------------------------------------------------------

_HF_FLAGS = ("supports_tools", "supports_structured_output")


def _huggingface(row: Row, rows: Rows, prices: RowPrices) -> dict[str, Any]:
    """Read what the live providers of a model say alike, and what one of them can."""
    offers = [o for o in row.get("providers") or () if isinstance(o, dict)]
    live = [offer for offer in offers if offer.get("status", "live") == "live"]
    alike: dict[str, Any] = {}
    for path in ("context_length", "pricing.input", "pricing.output"):
        values = [at_path(offer, path) for offer in live]
        if values and values[0] is not None and all(v == values[0] for v in values):
            alike[path] = values[0]
        elif any(value is not None for value in values):
            rows.leave(f"providers.{path}", "providers say otherwise")
    for meter in ("input", "output"):
        prices.read(f"providers.pricing.{meter}", meter, alike.get(f"pricing.{meter}"))
    can = {name: True for name in _HF_FLAGS if any(o.get(name) is True for o in live)}
    window = token_count(alike.get("context_length"))
    return {"context_window": window, **named_abilities("huggingface", can, rows)}


# --- Vercel ---------------------------------------------------------------------------

_VERCEL_PRICES = {
    "input": "input",
    "output": "output",
    "input_cache_read": "cache_read",
    "input_cache_write": "cache_write",
    "image": "output_images",
}
_TIERS = "_tiers"
_VERCEL_MODES = {
    "embedding": "embedding",
    "image": "image_generation",
    "language": "chat",
    "reranking": "rerank",
    "speech": "audio_speech",
    "transcription": "audio_transcription",
    "video": "video_generation",
}


def _vercel(row: Row, rows: Rows, prices: RowPrices) -> dict[str, Any]:
    """Read prices by size of the prompt: a tier holds from its `min` on."""
    for key, value in (row.get("pricing") or {}).items():
        meter = _VERCEL_PRICES.get(key.removesuffix(_TIERS))
        if meter is None:
            rows.leave(f"pricing.{key}", NO_UNIT)
        elif not key.endswith(_TIERS):
            if _first_tier(row, key) is None:
                prices.read(f"pricing.{key}", meter, value)
        else:
            for tier in value:
                above = _boundary(tier.get("min"))
                prices.read(f"pricing.{key}", meter, tier.get("cost"), above)
    return {}


def _first_tier(row: Row, key: str) -> Json:
    """Return the price of small prompts out of a price's tiers, or None."""
    tiers = at_path(row, f"pricing.{key}{_TIERS}") or ()
    return next((t.get("cost") for t in tiers if not number(t.get("min"))), None)


def _boundary(least: Json) -> dict[str, object]:
    """Return the condition of a tier; a `min` of 200,001 is above 200,000."""
    count = token_count(least)
    if count is None:
        return {}
    return {"above": count - 1 if count % 1000 == 1 else count}


# --- Venice ---------------------------------------------------------------------------

_VENICE_PRICES = {
    "input": "input",
    "output": "output",
    "cache_input": "cache_read",
    "cache_write": "cache_write",
    "generation": "output_images",
}
_VENICE_MODES = {
    "asr": "audio_transcription",
    "embedding": "embedding",
    "image": "image_generation",
    "text": "chat",
    "tts": "audio_speech",
    "video": "video_generation",
}


def _venice(row: Row, rows: Rows, prices: RowPrices) -> dict[str, Any]:
    """Read the prices in USD, and those of long prompts; text is per 1M tokens."""
    table = at_path(row, "model_spec.pricing") or {}
    text = row.get("type") in ("text", "embedding")
    _venice_table(table, "pricing", (rows, prices), {}, text=text)
    extended = table.get("extended")
    if isinstance(extended, dict):
        above = token_count(extended.get("context_token_threshold"))
        if above is None:
            rows.leave("pricing.extended", "no threshold")
        else:
            found = (rows, prices)
            _venice_table(
                extended, "pricing.extended", found, {"above": above}, text=text
            )
    return {}


def _venice_table(
    table: Row,
    path: str,
    into: tuple[Rows, RowPrices],
    conditions: Mapping[str, object],
    *,
    text: bool,
) -> None:
    rows, prices = into
    for key, value in table.items():
        meter = _VENICE_PRICES.get(key)
        if key in ("extended", "context_token_threshold"):
            continue
        if meter is None or text == (meter == "output_images"):
            rows.leave(f"{path}.{key}", NO_UNIT)
        else:
            prices.read(f"{path}.{key}", meter, at_path(value, "usd"), conditions)


# --- Zenmux ---------------------------------------------------------------------------

_ZENMUX_PRICES = {
    ("prompt", "perMTokens"): "input",
    ("completion", "perMTokens"): "output",
    ("input_cache_read", "perMTokens"): "cache_read",
    ("input_cache_write", "perMTokens"): "cache_write",
    ("input_cache_write_5_min", "perMTokens"): "cache_write",
    ("input_cache_write_1_h", "perMTokens"): "cache_write_1h",
    ("audio_input", "perMTokens"): "input_audio",
    ("audio_input", "perSecond"): "input_audio_seconds",
    ("audio_cache_read", "perMTokens"): "cache_read_audio",
    ("web_search", "perCount"): "searches",
}
_KILO = 1000


def _zenmux(row: Row, rows: Rows, prices: RowPrices) -> dict[str, Any]:
    """Read prices by size of the prompt, in thousands of tokens.

    Where a price is stated twice under one condition, none of the two is read.
    """
    for key, entries in (row.get("pricings") or {}).items():
        found: dict[tuple[str, int], list[Json]] = {}
        for entry in entries:
            meter = _ZENMUX_PRICES.get((key, str(entry.get("unit"))))
            above = _zenmux_boundary(entry.get("conditions"))
            if meter is None or entry.get("currency") != "USD":
                rows.leave(f"pricings.{key}", NO_UNIT)
            elif above is None:
                rows.leave(f"pricings.{key}", "a condition that is not ours")
            else:
                found.setdefault((meter, above), []).append(entry.get("value"))
        for (meter, above), values in found.items():
            if any(value != values[0] for value in values):
                rows.leave(f"pricings.{key}", "stated twice, otherwise")
            else:
                condition = {"above": above} if above else {}
                prices.read(f"pricings.{key}", meter, values[0], condition)
    return {}


def _zenmux_boundary(conditions: Json) -> int | None:
    """Return the tokens above which a price holds, 0 for all, None for another rule."""
    if not conditions:
        return 0
    sizes = conditions.get("prompt_tokens")
    if set(conditions) != {"prompt_tokens"} or sizes.get("unit") != "kTokens":
        return None
    least = number(sizes.get("gte", sizes.get("gt", 0)))
    return None if least is None else token_count(least * _KILO) or 0


# --- Fireworks ------------------------------------------------------------------------

_FIREWORKS = "accounts/fireworks/"
_SKUS = {
    "LLM input tokens (uncached)": "input",
    "LLM input tokens (cached)": "cache_read",
    "LLM output tokens": "output",
}
_SKU_UNIT = "1M tokens"
_FIREWORKS_IDS = ("usage_identifier", "id")


def _fireworks_id(row: Row) -> str:
    found: str = next(row[key] for key in _FIREWORKS_IDS if row.get(key) is not None)
    return found


def _fireworks(row: Row, rows: Rows, prices: RowPrices) -> dict[str, Any] | str:
    """Read prices by SKU; a row with a service tier has that tier's only.

    A row of another way to serve a model (a fast one) has the model's id and its own
    prices; it is asked for by its `usage_identifier`, which is its id here.
    """
    model = _fireworks_id(row)
    if model.startswith("accounts/") and not model.startswith(_FIREWORKS):
        return PRIVATE
    for alias in row.get("aliases") or ():
        if isinstance(alias, str) and alias != model and not rejected_id(alias):
            rows.alias(alias, model)
    tier = row.get("service_tier")
    for entry in row.get("pricing") or ():
        meter = _SKUS.get(str(entry.get("sku")))
        if meter is None or entry.get("unit") != _SKU_UNIT:
            rows.leave(f"pricing {entry.get('sku')}"[:60], NO_UNIT)
        else:
            condition = {"service_tier": tier} if isinstance(tier, str) else {}
            prices.read("pricing", meter, entry.get("amount"), condition)
    can = {n: v for n, v in row.items() if n.startswith("supports_") and v is True}
    return named_abilities("fireworks", can, rows)


read_huggingface = reader(
    Shape(modalities=_ARCHITECTURE, free_zero=True, more=_huggingface)
)
read_vercel = reader(
    Shape(
        facts={
            "name": "name",
            "context_window": "context_window",
            "max_tokens": "max_output_tokens",
            "released": "release_date",
        },
        words=("tags",),
        mode=("type", _VERCEL_MODES),
        free_zero=True,
        more=_vercel,
    )
)
read_venice = reader(
    Shape(
        facts={
            "model_spec.name": "name",
            "model_spec.availableContextTokens": "context_window",
            "model_spec.maxCompletionTokens": "max_output_tokens",
            "model_spec.deprecation.date": "deprecation_date",
        },
        flags=("model_spec.capabilities",),
        mode=("type", _VENICE_MODES),
        more=_venice,
    )
)
read_zenmux = reader(
    Shape(
        facts={
            "display_name": "name",
            "context_length": "context_window",
            "publish_time": "release_date",
        },
        flags=("capabilities",),
        modalities=_SIDES,
        free_zero=True,
        more=_zenmux,
    )
)
read_fireworks = reader(
    Shape(
        ids=_FIREWORKS_IDS,
        facts={"display_name": "name", "context_length": "context_window"},
        modalities=_SIDES,
        more=_fireworks,
    )
)
