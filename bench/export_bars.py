"""The whole catalogue into the formats of others, and as a site: how long it takes."""

from __future__ import annotations

import tempfile
import time
from statistics import median
from typing import TYPE_CHECKING

import modeldex

if TYPE_CHECKING:
    from collections.abc import Iterator

    Row = tuple[str, float, float, str, bool]

# format -> seconds that all models may take
SECONDS = {"litellm": 2.0, "models.dev": 2.0, "exllm": 2.0, "sqlite": 4.0}
_SITE, _AGAIN = 45.0, 1.1  # seconds; of the first time, that writing it again takes


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
    if not small:
        yield from _site(registry)


def _site(registry: modeldex.Registry) -> Iterator[Row]:
    """Write the whole site into a new folder, and again where nothing has changed."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        made = registry.site(folder)
        first = time.perf_counter() - start
        yield f"site of {made.written:,} files", first, _SITE, "s", True
        start = time.perf_counter()
        again = registry.site(folder)
        ratio = (time.perf_counter() - start) / first
        yield "site written again / first", ratio, _AGAIN, "x", True
        yield "files written again", again.written, 0, "files", False
