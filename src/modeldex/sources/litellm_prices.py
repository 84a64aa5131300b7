"""The price keys of a row of litellm's cost map, read by one grammar.

A key is a base and what it is conditional on: `<base>[_above_1hr|_above_12hr]
[_above_<N>k_tokens][_<tier>|_<resolution>]`. Upstream amounts are USD per one.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from modeldex.domain.pricing import MULTIPLIER, PERIODS
from modeldex.sources.claim import amount, token_count
from modeldex.sources.rate_claims import NO_UNIT, PriceReading, priced

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from modeldex.sources.claim import Json

    Conditions = Mapping[str, object]
    Row = Mapping[str, Any]

# base of upstream's key -> our meter; where two say the same the first goes first
BASES = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cache_read",
    "input_cost_per_token_cache_hit": "cache_read",
    "cache_creation_input_token_cost": "cache_write",
    "output_cost_per_reasoning_token": "reasoning",
    "input_cost_per_audio_token": "input_audio",
    "output_cost_per_audio_token": "output_audio",
    "input_cost_per_image_token": "input_image",
    "output_cost_per_image_token": "output_image",
    "input_cost_per_video_token": "input_video",
    "output_cost_per_video_token": "output_video",
    "cache_read_input_audio_token_cost": "cache_read_audio",
    "cache_read_input_image_token_cost": "cache_read_image",
    "cache_creation_input_audio_token_cost": "cache_write_audio",
    "citation_cost_per_token": "citation",
    "input_cost_per_character": "input_characters",
    "output_cost_per_character": "output_characters",
    "output_cost_per_pixel": "output_pixels",
    "input_cost_per_pixel": "input_pixels",
    "output_cost_per_image": "output_images",
    "input_cost_per_image": "input_images",
    "input_cost_per_audio_per_second": "input_audio_seconds",
    "output_cost_per_audio_per_second": "output_audio_seconds",
    "input_cost_per_video_per_second": "input_video_seconds",
    "output_cost_per_video_per_second": "output_video_seconds",
    "input_cost_per_second": "seconds",
    "output_cost_per_second": "seconds",
    "ocr_cost_per_page": "pages",
    "annotation_cost_per_page": "annotated_pages",
    "input_cost_per_query": "requests",
    "input_cost_per_request": "requests",
    "input_cost_per_text_message": "messages",
    "google_maps_grounding_cost_per_query": "map_searches",
    "code_interpreter_cost_per_session": "sessions",
    "file_search_cost_per_1k_calls": "file_searches",
    "file_search_cost_per_gb_per_day": "gb_days",
    "vector_store_cost_per_gb_per_day": "gb_days",
}
_ORDER = {base: place for place, base in enumerate(BASES)}
_THOUSANDS = ("file_search_cost_per_1k_calls",)
# (base, mode) -> meter, where the mode says what is counted
_BY_MODE = {
    ("input_cost_per_second", "audio_transcription"): "input_audio_seconds",
    ("input_cost_per_second", "realtime"): "input_audio_seconds",
    # a transcription is billed once, by the length of its audio, under either key
    ("output_cost_per_second", "audio_transcription"): "input_audio_seconds",
    ("output_cost_per_second", "audio_speech"): "output_audio_seconds",
    ("output_cost_per_second", "video_generation"): "output_video_seconds",
    # a piece of music, one per request
    ("output_cost_per_image", "audio_speech"): "requests",
    ("input_cost_per_pixel", "image_generation"): "output_pixels",
    ("input_cost_per_pixel", "image_edit"): "output_pixels",
}
_IMAGE_MODES = ("image_generation", "image_edit")
_MUSIC = re.compile(r"(?:^|/)lyria")
_TIERS = {
    "balanced": "balanced",
    "batches": "batch",
    "decisions": "decisions",
    "flex": "flex",
    "priority": "priority",
    "ultrafast": "ultrafast",
}
_SUFFIX = re.compile(
    r"(?:_above_(?P<ttl>1|12)hr)?(?:_above_(?P<above>\d+)k_tokens)?"
    rf"(?:_(?P<tier>{'|'.join(_TIERS)})|_(?P<resolution>\d+p|[\d.]+[kK]|\d+))?"
)
# key of the same shape that we know and leave -> why
_LEFT = (
    (re.compile(r"(?:in|out)put_dbu_cost_per_token"), "a price in another currency"),
    (re.compile(r"explicit_cache_read_.*"), "a second kind of cache"),
    (re.compile(r"ocr_cost_per_credit"), "a price in credits"),
    (re.compile(r".*_above_\d+s_interval"), "a price by length of the clip"),
    (re.compile(r"cost_per_second"), "a commitment"),
    (re.compile(r"guardrail_cost_per_unit"), "a guardrail"),
    (re.compile(r"computer_use_.*"), "a tool without a meter of ours"),
)
_SPECIFIC = {"us": {"region": "us"}, "eu": {"region": "eu"}} | {
    "fast": {"service_tier": "fast"}
}
UPLIFTS = {
    "regional_processing_uplift_multiplier_eu": "eu",
    "regional_processing_uplift_multiplier_us": "us",
    # any endpoint of Vertex but the global one
    "regional_endpoint_uplift_multiplier": "regional",
}
_SIZES = ("low", "medium", "high")
_ALL_DAY = "00:00-00:00"
_HOURS = re.compile(r"\d\d:\d\d-\d\d:\d\d")
_WORD = re.compile(r"[A-Za-z0-9._/+-]{1,60}")
_PRICE_KEY = re.compile(
    r".*cost.*|.*uplift_multiplier.*|tiered_pricing|off_peak_pricing"
    r"|search_free_requests|provider_specific_entry"
)


def is_price_key(key: str) -> bool:
    """Tell whether a key of a row prices something."""
    return _PRICE_KEY.fullmatch(key) is not None


def read_prices(
    key: str, row: Row, given: Mapping[str, str] | None = None
) -> PriceReading:
    """Read every price of a row, the whole of it under the given conditions."""
    reading = PriceReading()
    conditions: Conditions = given or {}
    for name in sorted(filter(is_price_key, row), key=_place):
        if name in STRUCTURED:
            before = len(reading.claims)
            reason = STRUCTURED[name](reading, row, conditions)
            taken = len(reading.claims) > before
            reading.count(name, "" if taken else reason)
        elif name in UPLIFTS:
            region = {**conditions, "region": UPLIFTS[name]}
            reading.state(name, MULTIPLIER, amount(row[name]), region)
        else:
            _read_key(reading, name, (key, row), conditions)
    return reading


def _place(name: str) -> tuple[int, str]:
    split = _split(name)
    return (_ORDER[split[0]] if split else len(_ORDER), name)


def _split(name: str) -> tuple[str, dict[str, str]] | None:
    """Split a key into its base and the parts of its suffix; None without a base."""
    base = name
    while base not in BASES:
        base = base.rpartition("_")[0]
        if not base:
            return None
    found = _SUFFIX.fullmatch(name, len(base))
    return (base, {k: v for k, v in found.groupdict().items() if v}) if found else None


def _read_key(
    reading: PriceReading, name: str, source: tuple[str, Row], conditions: Conditions
) -> None:
    split = _split(name)
    left = next((why for pattern, why in _LEFT if pattern.fullmatch(name)), None)
    if left or split is None:
        reading.count(name, left or NO_UNIT)
        return
    base, parts = split
    key, row = source
    meter = _meter(base, parts.get("ttl"), key, row)
    found: dict[str, object] = dict(conditions)
    if "above" in parts:
        found["above"] = int(parts["above"]) * 1000
    if "tier" in parts:
        found["service_tier"] = _TIERS[parts["tier"]]
    if "resolution" in parts:
        found["resolution"] = parts["resolution"].lower()
    value = row[name]
    if base in _THOUSANDS and (per_thousand := amount(value)) is not None:
        value = per_thousand.scaleb(-3)
    price = priced(meter, value)
    if price == 0 and (_has_other(base, row) or "size" in conditions):
        reading.count(name, "0 beside the price of another unit")
    else:
        reading.state(name, meter, price, found)


def _meter(base: str, ttl: str | None, key: str, row: Row) -> str:
    mode = row.get("mode")
    if ttl:
        return f"{BASES[base]}_{ttl}h"
    if base == "output_cost_per_image" and _MUSIC.search(key):
        return "requests"
    if base == "input_cost_per_image" and mode in _IMAGE_MODES:
        given = row.get("output_cost_per_image")
        tokens = row.get("input_cost_per_token") or row.get("output_cost_per_token")
        billed_once = given == row[base] or (given is None and not tokens)
        return "output_images" if billed_once else "input_images"
    return _BY_MODE.get((base, str(mode)), BASES[base])


def _has_other(base: str, row: Row) -> bool:
    """Tell whether a 0 stands beside the key under which its price is given."""
    pairs = {
        "input_cost_per_second": ("output_cost_per_second", "audio_transcription"),
        "output_cost_per_second": ("input_cost_per_second", "audio_transcription"),
        "output_cost_per_pixel": ("input_cost_per_pixel", "image_generation"),
    }
    other, mode = pairs.get(base, ("", ""))
    return row.get("mode") == mode and bool(row.get(other))


def _read_searches(reading: PriceReading, row: Row, conditions: Conditions) -> str:
    """Read the price of a web search: one amount, or one for each context size.

    Perplexity bills a request by its context size, where the sizes differ.
    """
    table = row["search_context_cost_per_query"]
    prices = {size: amount(table.get(f"search_context_size_{size}")) for size in _SIZES}
    if len(set(prices.values())) == 1:
        return reading.put("searches", prices["medium"], conditions)
    own = row.get("litellm_provider") == "perplexity"
    meter = "requests" if own else "searches"
    reading.put(meter, prices["medium"], conditions)
    for size, price in prices.items():
        reading.put(meter, price, {**conditions, "search_context": size})
    return NO_UNIT


def _read_free(reading: PriceReading, row: Row, conditions: Conditions) -> str:
    free = row["search_free_requests"]
    count, period = token_count(free.get("count")), free.get("period")
    pool = free.get("shared_group")
    if count is None or period not in PERIODS:
        return NO_UNIT
    found: dict[str, object] = {**conditions, "free": period}
    if isinstance(pool, str) and _WORD.fullmatch(pool):
        found["pool"] = pool.lower()
    return reading.put("searches", Decimal(count), found)


def _read_off_peak(reading: PriceReading, row: Row, conditions: Conditions) -> str:
    table = row["off_peak_pricing"]
    hours = hours_text(table.get("windows") or [table])
    if hours is None:
        return "hours that are none"
    zone = table.get("weekday_timezone")
    found: dict[str, object] = {**conditions, "hours": hours}
    if isinstance(zone, str) and _WORD.fullmatch(zone) and "/" in hours:
        found["weekday_zone"] = zone
    _read_table(reading, table, found)
    return NO_UNIT


def hours_text(windows: Json) -> str | None:
    """Return the hours of windows as a condition: parts, each with its weekdays."""
    parts = []
    for window in windows:
        listed = window.get("hours_utc")
        days = "".join(str(day) for day in window.get("weekdays") or ())
        for hours in [listed] if isinstance(listed, str) else listed or ():
            if not _HOURS.fullmatch(hours) or (hours == _ALL_DAY and not days):
                return None
            parts.append(f"{days}/{hours}" if days else hours)
    return "+".join(sorted(set(parts))) or None


def _read_tiers(reading: PriceReading, row: Row, conditions: Conditions) -> str:
    """Read ranges of whole requests: the first one is the standard price."""
    for tier in row["tiered_pricing"]:
        bounds = tier.get("range")
        if not isinstance(bounds, list) or not bounds:
            return "a price by number of results"
        start = token_count(bounds[0])
        if start is None and amount(bounds[0]) != 0:
            return "a range that is none"
        _read_table(reading, tier, {**conditions, "above": start})
    return NO_UNIT


def _read_table(
    reading: PriceReading, table: Mapping[str, Any], conditions: Conditions
) -> None:
    for name, value in table.items():
        if name in BASES:
            reading.put(BASES[name], priced(BASES[name], value), conditions)


def _read_specific(reading: PriceReading, row: Row, conditions: Conditions) -> str:
    entry = row["provider_specific_entry"]
    for name, value in entry.items():
        if name in _SPECIFIC:
            found = {**conditions, **_SPECIFIC[name]}
            reading.put(MULTIPLIER, amount(value), found)
    free = any("free" in name for name in entry)
    return "a quantity free per request" if free else "no price"


STRUCTURED: dict[str, Callable[[PriceReading, Row, Conditions], str]] = {
    "search_context_cost_per_query": _read_searches,
    "search_free_requests": _read_free,
    "off_peak_pricing": _read_off_peak,
    "tiered_pricing": _read_tiers,
    "provider_specific_entry": _read_specific,
}
