"""The whole catalogue into the formats of others: how long it takes."""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING

import modeldex

if TYPE_CHECKING:
    from collections.abc import Iterator

    Row = tuple[str, float, float, str, bool]

# format -> seconds that all models may take
SECONDS = {"litellm": 2.0, "models.dev": 2.0, "exllm": 2.0, "sqlite": 4.0}


def exports(*, small: bool) -> Iterator[Row]:
    """Every model of the catalogue in each format; a small run takes one provider."""
    registry = modeldex.open()
    terms = "provider:openai" if small else "status:any"
    for name, most in SECONDS.items():
        taken = []
        for _ in range(3):
            start = time.perf_counter()
            made = registry.export(name, terms)
            taken.append(time.perf_counter() - start)
        count = made.losses.models - len(made.losses.left_out)
        row = f"export of {count:,} models: {name}"
        yield row, median(taken), most, "s", True
