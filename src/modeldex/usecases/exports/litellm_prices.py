"""Prices as litellm's cost map has them: a key per meter and condition, USD per one."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from modeldex.domain.pricing import MULTIPLIER, PERIODS, split_key
from modeldex.usecases.exports.litellm_names import regional_key, sized_key
from modeldex.usecases.exports.writing import number, per_unit, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from modeldex.usecases.exports.writing import Out

    Conditions = Mapping[str, str]

KEYS = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cache_read": "cache_read_input_token_cost",
    "cache_write": "cache_creation_input_token_cost",
    "cache_write_1h": "cache_creation_input_token_cost_above_1hr",
    "cache_write_12h": "cache_creation_input_token_cost_above_12hr",
    "reasoning": "output_cost_per_reasoning_token",
    "input_audio": "input_cost_per_audio_token",
    "output_audio": "output_cost_per_audio_token",
    "input_image": "input_cost_per_image_token",
    "output_image": "output_cost_per_image_token",
    "input_video": "input_cost_per_video_token",
    "output_video": "output_cost_per_video_token",
    "cache_read_audio": "cache_read_input_audio_token_cost",
    "cache_read_image": "cache_read_input_image_token_cost",
    "cache_write_audio": "cache_creation_input_audio_token_cost",
    "citation": "citation_cost_per_token",
    "input_characters": "input_cost_per_character",
    "output_characters": "output_cost_per_character",
    "input_pixels": "input_cost_per_pixel",
    "output_pixels": "output_cost_per_pixel",
    "input_images": "input_cost_per_image",
    "output_images": "output_cost_per_image",
    "input_audio_seconds": "input_cost_per_audio_per_second",
    "output_audio_seconds": "output_cost_per_audio_per_second",
    "input_video_seconds": "input_cost_per_video_per_second",
    "output_video_seconds": "output_cost_per_video_per_second",
    "seconds": "input_cost_per_second",
    "pages": "ocr_cost_per_page",
    "annotated_pages": "annotation_cost_per_page",
    "requests": "input_cost_per_query",
    "messages": "input_cost_per_text_message",
    "map_searches": "google_maps_grounding_cost_per_query",
    "sessions": "code_interpreter_cost_per_session",
    "file_searches": "file_search_cost_per_1k_calls",
    "gb_days": "file_search_cost_per_gb_per_day",
}
# where litellm's key depends on the kind of work; None: it would say another meter
_BY_MODE = {
    ("input_audio_seconds", "audio_transcription"): "input_cost_per_second",
    ("input_audio_seconds", "realtime"): "input_cost_per_second",
    ("output_audio_seconds", "audio_speech"): "output_cost_per_second",
    ("seconds", "audio_transcription"): None,
    ("seconds", "realtime"): None,
    ("input_images", "image_generation"): None,
    ("input_images", "image_edit"): None,
    ("input_pixels", "image_generation"): None,
    ("input_pixels", "image_edit"): None,
    ("output_images", "audio_speech"): None,
}
_MUSIC = re.compile(r"(?:^|/)lyria")
_TIERS = {
    "balanced": "balanced",
    "batch": "batches",
    "decisions": "decisions",
    "flex": "flex",
    "priority": "priority",
    "ultrafast": "ultrafast",
}
_RESOLUTION = re.compile(r"\d+p|[\d.]+k|\d+")
_UPLIFTS = {
    "eu": "regional_processing_uplift_multiplier_eu",
    "us": "regional_processing_uplift_multiplier_us",
    "regional": "regional_endpoint_uplift_multiplier",
}
_SUFFIXED = ("above", "service_tier", "resolution")
_SIZED = {"size", "quality", "steps"}
_SIZES = ("low", "medium", "high")
_CONTEXT = "search_context_cost_per_query"
_SIZE = re.compile(r"\d+x\d+|max")
_QUALITY = re.compile(r"[a-z0-9_.-]+")
_WHOLE_KEYS = ("file_searches",)  # priced by the thousand
_MOST_HOURS = re.compile(r"(?:[1-7]*/)?\d\d:\d\d-\d\d:\d\d")

# rows that the map has besides the model's own: key -> row
Rows = dict[str, dict[str, Any]]


def price_key(meter: str, out: Out) -> str | None:
    """Return the key of a meter for a model, or None where there is none."""
    mode = out.facts.get("mode", "chat")
    if (meter, mode) in _BY_MODE:
        return _BY_MODE[meter, mode]
    if meter == "output_images" and _MUSIC.search(out.model.id):
        return None
    return KEYS.get(meter)


def suffix(conditions: Conditions) -> str | None:
    """Return what conditions add to a key; None where a key cannot say them."""
    if not conditions.keys() <= set(_SUFFIXED):
        return None
    text = ""
    if "above" in conditions:
        thousands, rest = divmod(int(conditions["above"]), 1000)
        if rest or not thousands:
            return None
        text = f"_above_{thousands}k_tokens"
    tier, resolution = conditions.get("service_tier"), conditions.get("resolution")
    if tier is not None:
        if tier not in _TIERS or resolution is not None:
            return None
        return f"{text}_{_TIERS[tier]}"
    if resolution is not None:
        return f"{text}_{resolution}" if _RESOLUTION.fullmatch(resolution) else None
    return text


def amount_text(meter: str, amount: Decimal) -> str:
    """Write the price of a meter as its key wants it: of one, or of a thousand."""
    return plain(amount, 3) if meter in _WHOLE_KEYS else per_unit(meter, amount)


def write_prices(out: Out) -> Rows:
    """Write what a model costs; return the rows for its regions and image sizes."""
    rows: Rows = {}
    hours: dict[str, list[tuple[str, str, Decimal]]] = {}
    for field, amount in out.facts.items():
        group, _, entry = field.partition(".")
        if group == "pricing" and isinstance(amount, Decimal):
            _write_standard(out, entry, field, amount)
        elif group == "rates":
            meter, conditions = split_key(entry)
            for write in _WRITERS:
                if write(out, rows, field, meter, conditions):
                    break
            if "hours" in conditions:
                text = _hours_key(conditions)
                hours.setdefault(text, []).append((field, meter, amount))
    _write_searches(out)
    if len(hours) > 1:
        names = [field for listed in hours.values() for field, _, _ in listed]
        out.reasons.update(dict.fromkeys(names, "a row has one set of hours"))
    if len(hours) == 1:
        ((text, listed),) = hours.items()
        _write_hours(out, text, listed)
    return rows


def _write_standard(out: Out, meter: str, field: str, amount: Decimal) -> None:
    key = price_key(meter, out)
    if key is not None:
        out.put(key, number(amount_text(meter, amount)), field, amount)


def _write_suffixed(
    out: Out, _rows: Rows, field: str, meter: str, conditions: Conditions
) -> bool:
    """Write a rate whose conditions a key can say."""
    end = suffix(conditions)
    key = price_key(meter, out)
    if end is None or key is None or meter in _WHOLE_KEYS:
        return False
    amount = out.facts[field]
    out.put(key + end, number(amount_text(meter, amount)), field, amount)
    return True


def _write_multiplier(
    out: Out, _rows: Rows, field: str, meter: str, conditions: Conditions
) -> bool:
    """Write what all tokens cost more in a region, or when they come faster."""
    if meter != MULTIPLIER:
        return False
    amount = out.facts[field]
    text = number(plain(amount))
    if set(conditions) == {"region"} and conditions["region"] in _UPLIFTS:
        out.put(_UPLIFTS[conditions["region"]], text, field, amount)
    elif conditions == {"service_tier": "fast"}:
        out.put("provider_specific_entry", {"fast": text}, field, amount)
    return True


def _write_free(
    out: Out, _rows: Rows, field: str, meter: str, conditions: Conditions
) -> bool:
    """Write how many searches are free of charge in a period."""
    if conditions.get("free") not in PERIODS:
        return False
    if meter == "searches" and conditions.keys() <= {"free", "pool"}:
        amount = out.facts[field]
        free = {"count": int(amount), "period": conditions["free"]}
        if "pool" in conditions:
            free["shared_group"] = conditions["pool"]
        if amount == int(amount) > 0 and "search_free_requests" not in out.row:
            out.put("search_free_requests", free, field, amount)
    return True


def _write_regional(
    out: Out, rows: Rows, field: str, meter: str, conditions: Conditions
) -> bool:
    """Write a region's price into its own row."""
    region = conditions.get("region")
    if region is None:
        return False
    rest = {name: word for name, word in conditions.items() if name != "region"}
    row_key, end = regional_key(out.model, region), suffix(rest)
    key = price_key(meter, out)
    if row_key and end is not None and key and meter not in _WHOLE_KEYS:
        amount = out.facts[field]
        row = rows.setdefault(row_key, {})
        row[key + end] = number(amount_text(meter, amount))
        out.say(field, amount)
    return True


def _write_sized(
    out: Out, rows: Rows, field: str, meter: str, conditions: Conditions
) -> bool:
    """Write the price of images of one size into a row of its own."""
    if "size" not in conditions or not conditions.keys() <= _SIZED:
        return False
    key, amount = price_key(meter, out), out.facts[field]
    quality = conditions.get("quality")
    fits = _SIZE.fullmatch(conditions["size"]) and (
        quality is None or _QUALITY.fullmatch(quality)
    )
    if key and fits and amount and meter in ("output_images", "output_pixels"):
        steps = conditions.get("steps")
        row_key = sized_key(out.model, conditions["size"], quality, steps)
        row = rows.setdefault(row_key, {})
        row[key] = number(amount_text(meter, amount))
        out.say(field, amount)
    return True


_WRITERS: tuple[Callable[[Out, Rows, str, str, Conditions], bool], ...] = (
    _write_multiplier,
    _write_suffixed,
    _write_free,
    _write_sized,
    _write_regional,
)


def _write_searches(out: Out) -> None:
    """Write the price of a web search, by context size where the sizes differ."""
    own = out.model.provider == "perplexity"
    meter = "requests" if own else "searches"
    prices = {
        size: out.facts.get(f"rates.{meter}@search_context={size}") for size in _SIZES
    }
    standard = out.facts.get(f"pricing.{meter}")
    single = out.facts.get("pricing.searches")
    told = own or prices["medium"] == standard  # requests have a key of their own
    if None not in prices.values() and len(set(prices.values())) > 1 and told:
        for size in _SIZES:
            out.say(f"rates.{meter}@search_context={size}", prices[size])
        out.say(f"pricing.{meter}", prices["medium"] if standard is None else standard)
    elif single is not None:
        prices = dict.fromkeys(_SIZES, single)
        out.say("pricing.searches", single)
    else:
        return
    out.row[_CONTEXT] = {
        f"search_context_size_{size}": number(plain(price))
        for size, price in prices.items()
        if price is not None
    }


def _hours_key(conditions: Conditions) -> str:
    known = {"hours", "weekday_zone"}
    if not conditions.keys() <= known:
        return ""
    return " ".join(conditions.get(name, "") for name in ("hours", "weekday_zone"))


def _write_hours(out: Out, text: str, listed: list[tuple[str, str, Decimal]]) -> None:
    """Write the cheaper prices of some hours, where one set of hours has them all."""
    hours, _, zone = text.partition(" ")
    parts = hours.split("+")
    if not hours or not all(map(_MOST_HOURS.fullmatch, parts)):
        return
    windows = []
    for part in sorted(parts):
        days, slash, span = part.rpartition("/")
        window: dict[str, Any] = {"hours_utc": span}
        if slash:
            window["weekdays"] = [int(day) for day in days]
        windows.append(window)
    table: dict[str, Any] = {"windows": windows}
    if zone:
        table["weekday_timezone"] = zone
    for field, meter, amount in listed:
        if meter in KEYS and meter not in (*_WHOLE_KEYS, "cache_write_1h"):
            table[KEYS[meter]] = number(per_unit(meter, amount))
            out.say(field, amount)
    out.row["off_peak_pricing"] = table
