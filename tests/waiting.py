"""Waiting for what threads and processes do, not longer than they need."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def until(is_so: Callable[[], object], seconds: float = 5.0) -> float:
    """Wait until something is so; return how many seconds it took. Fails else."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"not so after {seconds:g} s")
        time.sleep(0.005)
    return time.monotonic() - began
