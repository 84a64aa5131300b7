"""Small catalogues for tests: random facts, compiled in memory."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from modeldex.catalog import Catalog
from modeldex.catalog.compile import compile_snapshot
from modeldex.catalog.encode import encode
from modeldex.catalog.snapshot import memory_snapshot
from modeldex.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    Entries = Mapping[tuple[str, str], Mapping[str, Any]]

DAY = "2026-06-15"
CAPABILITIES = ("vision", "function_calling", "audio_input", "reasoning")
MODES = ("chat", "embedding", "rerank")
WINDOWS = (None, 512, 8_192, 100_000, 128_000, 1_000_000)
PRICES = (None, "0", "0.075", "2.5", "5", "5.0001", "15")
DATES = (
    None,
    "2024",
    "2025-03",
    "2026-01-31",
    "2026-06-15",
    "2026-06-16",
    "2027-01-01",
)


def _pricing(draw: random.Random) -> dict[str, Any] | None:
    state = draw.choice((None, None, None, "free", "included", "variable"))
    if state:
        return {"state": state}
    amounts = {meter: draw.choice(PRICES) for meter in ("input", "output")}
    return {meter: Decimal(text) for meter, text in amounts.items() if text}


def _rates(draw: random.Random, pricing: Any) -> dict[str, Decimal] | None:
    """Return rates of other days, tiers and sizes, of models that have a price."""
    if not pricing or "state" in pricing or draw.random() < 0.6:
        return None
    day = draw.choice([date for date in DATES if date and len(date) == 10])
    text = draw.choice(
        (
            f"valid_from={day}",
            f"valid_to={day}",
            f"valid_from=2026-06-01 valid_to={day}",
            "service_tier=batch",
            "above=200000",
        )
    )
    amounts = {meter: draw.choice(PRICES) for meter in ("input", "output")}
    return {f"{m}@{text}": Decimal(amount) for m, amount in amounts.items() if amount}


def random_facts(draw: random.Random) -> dict[str, Any]:
    """Return facts of one model, each of them sometimes unknown."""
    facts: dict[str, Any] = {
        "name": draw.choice((None, "Alpha One", "Beta")),
        "canonical": draw.choice((None, "acme/alpha", "acme/beta")),
        "family": draw.choice((None, "alpha", "beta")),
        "mode": draw.choice((None, *MODES)),
        "context_window": draw.choice(WINDOWS),
        "max_output_tokens": draw.choice(WINDOWS),
        "pricing": (pricing := _pricing(draw)),
        "rates": _rates(draw, pricing),
        "capabilities": {
            name: value
            for name in CAPABILITIES
            if (value := draw.choice((None, True, False))) is not None
        },
        "modalities": draw.choice(
            (
                None,
                {"input": ["text", "image"], "output": ["text"]},
                {"input": ["audio"]},
            )
        ),
        "status": draw.choice(
            (None, None, "deprecated", "preview", "retired", "disabled")
        ),
        "release_date": draw.choice(DATES),
        "deprecation_date": draw.choice((None, None, *DATES[3:])),
        "open_weights": draw.choice((None, True, False)),
    }
    return {name: fact for name, fact in facts.items() if fact}


def random_entries(seed: int, count: int = 60) -> dict[tuple[str, str], dict[str, Any]]:
    """Return `count` models at three providers."""
    draw = random.Random(seed)
    return {
        (f"p{number % 3}", f"acme/m-{number}"): random_facts(draw)
        for number in range(count)
    }


def compiled(
    entries: Entries,
    facts: Mapping[str, Mapping[str, Any]] | None = None,
    **meta: Any,
) -> bytes:
    """Return the snapshot of models given as facts by (provider, id).

    `facts` are those of providers, by their ids.
    """
    models = [
        encode(provider, name, facts) for (provider, name), facts in entries.items()
    ]
    providers: dict[str, Any] = {p: {"name": p.upper()} for p, _ in entries}
    providers |= facts or {}
    return compile_snapshot(models, providers, {"date": DAY, **meta})


def catalog_of(
    entries: Entries,
    *,
    facts: Mapping[str, Mapping[str, Any]] | None = None,
    day: str = DAY,
    default_filter: bool = True,
) -> Catalog:
    """Return a catalog in memory on a fixed day."""
    snapshot = memory_snapshot(compiled(entries, facts))
    return Catalog(snapshot, lambda: day, default_filter=default_filter)


def registry_of(entries: Entries, **options: Any) -> Registry:
    """Return a registry over a catalog in memory."""
    return Registry(lambda _why: catalog_of(entries, **options))
