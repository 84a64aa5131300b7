"""What a reviewer needs to judge a change that is held back, in words."""

from __future__ import annotations

from decimal import Decimal
from math import inf, isinf
from typing import TYPE_CHECKING, Any

from modeldex.domain.change import plain

if TYPE_CHECKING:
    Ref = tuple[str, str]  # provider, model id


def shown(value: Any) -> str:
    """Write a fact's value shortly for a reviewer."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return _short(value)
    return str(plain(value))


def _short(value: float) -> str:
    return format(Decimal(f"{value:.4g}"), "f")


def times(ratio: float) -> str:
    """Write how many times larger or smaller: `1,000x`, `1/1,000x`."""
    if ratio <= 0 or isinf(ratio):
        return "beyond all measure"
    if ratio < 1:
        return f"1/{times(1 / ratio)}"
    rounded = round(ratio) if ratio >= 20 else float(f"{ratio:.3g}")  # noqa: PLR2004
    return f"{rounded:,}x"


def apart(one: float, other: float) -> float:
    """Return by which factor two positive numbers differ, at least 1."""
    small, large = sorted((one, other))
    return large / small if small else inf
