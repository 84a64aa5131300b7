"""The data of genai-prices: providers with their models and prices, tiers included.

Its calculator takes what has no price for free, so a model without a price is left
out. It also refuses some sets of prices: a price of cached tokens wants that of plain
ones, and where audio and cache are priced, cached audio must be. Where ours has no
such price, what cached audio is billed as here is written.
"""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from modeldex.domain.pricing import split_key
from modeldex.domain.provider import provider_kind
from modeldex.usecases.exports.losses import Losses
from modeldex.usecases.exports.writing import Out, json_bytes, number, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modeldex.usecases.exports.view import Row, View

# our provider -> its id there; the others have the same at both
NAMES = {
    "amazon-bedrock": "aws",
    "cloudflare-workers-ai": "cloudflare",
    "fireworks-ai": "fireworks",
    "novita-ai": "novita",
    "togetherai": "together",
    "voyage": "voyageai",
    "xai": "x-ai",
}
_MILLION, _THOUSAND, _HOUR = Decimal(1), Decimal(1000), Decimal(3600)
# meter -> key, how many of our units its amount is of, and the meters it needs; those
# that may be dropped for another's sake come last
KEYS: Mapping[str, tuple[str, Decimal, tuple[str, ...]]] = {
    "input": ("input_mtok", _MILLION, ()),
    "output": ("output_mtok", _MILLION, ()),
    "input_audio": ("input_audio_mtok", _MILLION, ("input",)),
    "output_audio": ("output_audio_mtok", _MILLION, ("output",)),
    "input_image": ("input_image_mtok", _MILLION, ("input",)),
    "output_image": ("output_image_mtok", _MILLION, ("output",)),
    "input_video": ("input_video_mtok", _MILLION, ("input",)),
    "output_video": ("output_video_mtok", _MILLION, ("output",)),
    "cache_read": ("cache_read_mtok", _MILLION, ("input",)),
    "cache_read_audio": (
        "cache_audio_read_mtok",
        _MILLION,
        ("input_audio", "cache_read"),
    ),
    "cache_read_image": (
        "cache_image_read_mtok",
        _MILLION,
        ("input_image", "cache_read"),
    ),
    "cache_read_video": (
        "cache_video_read_mtok",
        _MILLION,
        ("input_video", "cache_read"),
    ),
    "cache_write": ("cache_write_mtok", _MILLION, ("input",)),
    "cache_write_audio": (
        "cache_audio_write_mtok",
        _MILLION,
        ("input_audio", "cache_write"),
    ),
    "cache_write_1h": ("cache_write_1h_mtok", _MILLION, ("cache_write",)),
    "reasoning": ("output_reasoning_mtok", _MILLION, ("output",)),
    "citation": ("output_citation_mtok", _MILLION, ("output",)),
    "input_characters": ("input_mchars", _MILLION, ()),
    "searches": ("web_searches_kcount", _THOUSAND, ()),
    "file_searches": ("storage_searches_kcount", _THOUSAND, ()),
    "requests": ("requests_kcount", _THOUSAND, ()),
    "messages": ("input_text_messages_kcount", _THOUSAND, ()),
    "pages": ("input_document_kpages", _THOUSAND, ()),
    "annotated_pages": ("input_annotated_document_kpages", _THOUSAND, ("pages",)),
    "input_audio_seconds": ("audio_hours", _HOUR, ()),
}
# two meters of which both are priced -> the meter that then must be; "" has none here
_JOINS = {
    ("cache_read", "input_audio"): "cache_read_audio",
    ("cache_read", "input_image"): "cache_read_image",
    ("cache_read", "input_video"): "cache_read_video",
    ("cache_write", "input_audio"): "cache_write_audio",
    ("cache_write", "input_image"): "",
    ("cache_write", "input_video"): "",
    ("cache_write_1h", "input_audio"): "",
    ("cache_write_1h", "input_image"): "",
    ("cache_write_1h", "input_video"): "",
    ("reasoning", "output_audio"): "",
    ("reasoning", "output_image"): "",
    ("reasoning", "output_video"): "",
    ("citation", "output_audio"): "",
    ("citation", "output_image"): "",
    ("citation", "output_video"): "",
}
# meter that must be priced -> as what it is billed here where it has no price
_BILLED_AS = {
    "cache_read_audio": "input_audio",
    "cache_read_image": "input_image",
    "cache_read_video": "input_video",
}
_SELLERS = ("first_party", "cloud")
_NEVER = "(?!)"
_NOISY_DIGITS = 15  # from which on readers may take a number for a rounded one
NO_PRICE = "its price is not known, which would be taken for free"
_TIMED = re.compile(r"valid_|hours=|other-days")
_NOT_YET = "prices of other days and hours are not written"
_JOIN = "it may not stand beside the other prices"
_OTHER = "there it would be another model, or none"


def make(view: View) -> tuple[bytes, Losses]:
    """Return the list of providers, and what it does not carry."""
    losses = Losses(keep=view.keep)
    losses.carry_of_providers(view.providers, ("name",))
    by_provider: dict[str, list[dict[str, Any]]] = {}
    for model in view.rows():
        out = Out(model)
        prices = _prices(out)
        if _is_other(model):
            losses.leave_out(model.ref, _OTHER)
        elif not prices:
            losses.leave_out(model.ref, NO_PRICE)
        else:
            _write(out, prices)
            for field in out.facts:
                if field not in out.said and _TIMED.search(field):
                    out.reasons[field] = _NOT_YET
            by_provider.setdefault(model.provider, []).append(out.row)
            losses.compare(model.ref, model.facts, out.said, out.reasons)
    rows = []
    patterns = _patterns(view)
    for provider, models in sorted(by_provider.items()):
        rows.append(
            {
                "id": NAMES.get(provider, provider),
                "name": view.providers.get(provider, {}).get("name") or provider,
                "api_pattern": patterns.get(provider, _NEVER),
                "models": models,
            }
        )
    return json_bytes(rows), losses


def _patterns(view: View) -> dict[str, str]:
    """Return what the addresses of providers begin with: the host, if it is one's."""
    apis = {name: row["api"] for name, row in view.providers.items() if row.get("api")}
    hosts = {name: "/".join(api.split("/")[:3]) for name, api in apis.items()}
    shared = [host for host, count in Counter(hosts.values()).items() if count > 1]
    return {
        name: re.escape(apis[name] if host in shared else host)
        for name, host in hosts.items()
    }


def _is_other(model: Row) -> bool:
    """Tell whether an id means something else there: a label, a router's offer."""
    provider, name = model.provider, model.id
    return (
        (provider == "openrouter" and "/" not in name)
        or (name.endswith(":free") and provider_kind(provider) in _SELLERS)
        or (provider == "google" and name.startswith("claude-"))
        or (provider == "amazon-bedrock" and name.startswith("regional."))
        or (provider == "perplexity" and "/" in name)
    )


def _write(out: Out, prices: Mapping[str, Any]) -> None:
    out.row["id"] = out.model.id
    out.copy("name", "name")
    out.row["match"] = {"equals": out.model.id.lower()}
    out.copy("context_window", "context_window")
    if out.facts.get("status") == "deprecated":
        out.put("deprecated", True, "status", "deprecated")  # noqa: FBT003
    out.row["prices"] = prices


def _prices(out: Out) -> dict[str, Any]:
    """Return a model's prices by key, each one amount or tiers."""
    facts = out.facts
    kept: dict[str, Decimal] = {}
    for meter, (_, _, needed) in KEYS.items():
        amount = facts.get(f"pricing.{meter}")
        if isinstance(amount, Decimal) and all(name in kept for name in needed):
            if _is_fraction(amount, KEYS[meter][1]):
                out.reasons[f"pricing.{meter}"] = "its digits are those of a fraction"
            elif _fits(meter, kept, facts):
                kept[meter] = amount
            else:
                out.reasons[f"pricing.{meter}"] = _JOIN
    for meter, stand_in in _BILLED_AS.items():
        if {stand_in, "cache_read"} <= kept.keys() and meter not in kept:
            kept[meter] = kept[stand_in]
    tiers = _tiers(out, kept)
    table: dict[str, Any] = {}
    for meter, amount in kept.items():
        key, unit, _ = KEYS[meter]
        base = number(plain(amount * unit))
        out.say(f"pricing.{meter}", amount)
        found = tiers.get(meter)
        table[key] = {"base": base, "tiers": found} if found else base
    if "audio_hours" not in table:
        _write_hours(out, table)
    return table


def _is_fraction(amount: Decimal, unit: Decimal) -> bool:
    """Tell whether a price is a rounded fraction, which its multiple would not be."""
    return unit != _MILLION and len((amount * unit).as_tuple().digits) >= _NOISY_DIGITS


def _fits(meter: str, kept: Mapping[str, Decimal], facts: Mapping[str, Any]) -> bool:
    """Tell whether a meter may be priced beside the others: what joins them must be."""
    for other in kept:
        pair = (meter, other) if (meter, other) in _JOINS else (other, meter)
        join = _JOINS.get(pair)
        if join is None or join in _BILLED_AS:
            continue
        if not join or f"pricing.{join}" not in facts:
            return False
    return True


def _tiers(out: Out, kept: Mapping[str, Decimal]) -> dict[str, list[dict[str, Any]]]:
    """Return the prices of prompts above a size, by meter."""
    found: dict[str, dict[int, Any]] = {}
    for field, amount in out.facts.items():
        group, _, entry = field.partition(".")
        if group != "rates":
            continue
        meter, conditions = split_key(entry)
        if meter in kept and set(conditions) == {"above"}:
            size, unit = int(conditions["above"]), KEYS[meter][1]
            tier = {"start": size, "price": number(plain(amount * unit))}
            found.setdefault(meter, {})[size] = tier
            out.say(field, amount)
    return {
        meter: [tiers[size] for size in sorted(tiers)] for meter, tiers in found.items()
    }


def _write_hours(out: Out, table: dict[str, Any]) -> None:
    """Write the price of an hour of audio that no second has an exact share of."""
    field = "rates.input_audio_seconds@per=3600"
    amount = out.facts.get(field)
    if amount is not None and sum(amount.as_tuple().digits) % 9:
        table["audio_hours"] = number(plain(amount))
        out.say(field, amount)
