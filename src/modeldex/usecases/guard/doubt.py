"""A doubt: the rule that holds a change back, and what a reviewer needs to judge it."""

from __future__ import annotations

from decimal import Decimal
from math import inf, isinf
from typing import TYPE_CHECKING, Any, NamedTuple

from modeldex.domain.change import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    Evidence = Mapping[str, str]
    Ref = tuple[str, str]  # provider, model id


class Doubt(NamedTuple):
    """Why a change waits for a person.

    `refuse` marks what is surely damage: it is kept for review as the rest is, but
    no agreement of sources releases it.
    """

    rule: str
    evidence: Evidence
    refuse: bool = False


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
