"""Why our cost of a call differs from a peer's: classes that are checked, not said."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from calculators import Pair


def class_of(pair: Pair) -> str | None:
    """Return the class of a difference, or None where no class holds for it."""
    return next((name for name, holds in CLASSES.items() if holds(pair)), None)


CLASSES: dict[str, Any] = {}
_ZERO = Decimal(0)
