"""The prices of a row of models.dev: standard, by size of the prompt, by mode."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from modeldex.sources.claim import amount, token_count
from modeldex.sources.rate_claims import NO_UNIT, PriceReading

if TYPE_CHECKING:
    from collections.abc import Mapping

_METERS = (
    "input",
    "output",
    "cache_read",
    "cache_write",
    "reasoning",
    "input_audio",
    "output_audio",
)
_OLD_TIER, _OLD_SIZE = "context_over_200k", 200_000
_TIER_WORD = re.compile(r"[a-z][a-z_-]{0,40}")


def read_prices(row: Mapping[str, Any]) -> PriceReading:
    """Read the prices of a row; upstream amounts are USD per 1,000,000 tokens."""
    reading = PriceReading()
    cost = row.get("cost") or {}
    for key, value in cost.items():
        if key in _METERS:
            reading.state(f"cost.{key}", key, amount(value), {})
        elif key == "tiers":
            for tier in value:
                _read_tier(reading, tier)
        elif key == _OLD_TIER:
            if "tiers" in cost:
                reading.count(f"cost.{key}", "stated twice: tiers say more")
            else:
                _read_table(reading, f"cost.{key}", value, {"above": _OLD_SIZE})
        else:
            reading.count(f"cost.{key}", NO_UNIT)
    modes = (row.get("experimental") or {}).get("modes") or {}
    for name, mode in modes.items():
        if mode.get("cost"):
            tier = {"service_tier": _service_tier(name, mode)}
            _read_table(reading, "experimental.modes", mode["cost"], tier)
    return reading


def _read_tier(reading: PriceReading, tier: Mapping[str, Any]) -> None:
    kind = tier.get("tier") or {}
    size = token_count(kind.get("size"))
    if kind.get("type") != "context" or size is None:
        reading.count("cost.tiers", "a tier of another kind")
        return
    table = {key: value for key, value in tier.items() if key != "tier"}
    _read_table(reading, "cost.tiers", table, {"above": size})


def _service_tier(name: str, mode: Mapping[str, Any]) -> str | None:
    """Return the tier that a mode asks for: the request's own word, else its name."""
    body = (mode.get("provider") or {}).get("body") or {}
    stated = body.get("service_tier")
    word = stated if isinstance(stated, str) else name
    return word if _TIER_WORD.fullmatch(word) else None


def _read_table(
    reading: PriceReading,
    key: str,
    table: Mapping[str, Any],
    conditions: Mapping[str, object],
) -> None:
    """Read a table under conditions, which count as one key each of its meters."""
    known = None not in conditions.values()
    for meter, value in table.items():
        if meter in _METERS and known:
            reading.state(key, meter, amount(value), conditions)
        else:
            reading.count(f"{key}.{meter}", NO_UNIT)
