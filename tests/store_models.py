"""Made-up models of the size that the catalogue's have, for stores to hold."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from modeldex.domain.change import Change, Fact

AT = "2026-11-25T12:00:00Z"
ABILITIES = (
    *("vision", "function_calling", "streaming", "reasoning"),
    *("structured_outputs", "audio_input", "prompt_caching"),
)


def facts_of(number: int) -> dict[str, Fact]:
    """Return the facts of a model of the size that the catalogue's have."""
    said: dict[str, Any] = {
        "name": f"Model {number}",
        "canonical": f"author/model-{number}",
        "family": f"family-{number % 50}",
        "mode": "chat" if number % 5 else "embedding",
        "context_window": 8_000 * (1 + number % 40),
        "max_output_tokens": 4_096 * (1 + number % 8),
        "modalities": {"input": ["text", "image"], "output": ["text"]},
        "release_date": f"2025-{1 + number % 12:02}-01",
        "pricing.input": Decimal(number % 997) / 100,
        "pricing.output": Decimal(number % 997) / 25,
        "pricing.cache_read": Decimal(number % 997) / 1000,
        "open_weights": bool(number % 2),
    }
    for place, name in enumerate(ABILITIES):
        if (number >> place) % 3 != 2:
            said[f"capabilities.{name}"] = (number >> place) % 3 == 0
    return {field: Fact(value, "models.dev") for field, value in said.items()}


def appearing(count: int, providers: int = 20) -> list[Change]:
    """Return the changes by which models appear."""
    return [
        Change(
            f"provider-{number % providers}",
            f"model-{number}",
            "",
            None,
            Fact(facts_of(number)),
            kind="appeared",
            observed_at=AT,
        )
        for number in range(count)
    ]
