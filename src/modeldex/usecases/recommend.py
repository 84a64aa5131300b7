"""Rank models for a need, with the reason of every point.

ExLLM's score, repaired: it sees prices per million tokens and deprecation, which
ExLLM's did not, and it only ever adds for what is known, so that a documented
limitation costs nothing and an unknown fact earns nothing.
"""

from __future__ import annotations

from math import log2
from typing import TYPE_CHECKING, Any

from modeldex.domain import Value, set_slot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from modeldex.domain.model import Model

_SMALL_CONTEXT = 4096
_DEAR = 100.0  # USD per 1M tokens, from which on price earns nothing
_STATUS_POINTS = {
    "preview": -10.0,
    "deprecated": -50.0,
    "retired": -100.0,
    "disabled": -100.0,
}
_LOCAL_POINTS = 50.0


class Recommendation(Value):
    """A model, its score, and the reasons: (what, points) that add up to it."""

    __slots__ = ("model", "reasons", "score")
    model: Model
    score: float
    reasons: tuple[tuple[str, float], ...]

    def __init__(self, model: Model, reasons: tuple[tuple[str, float], ...]) -> None:
        set_slot(self, "model", model)
        set_slot(self, "reasons", reasons)
        set_slot(self, "score", round(sum(points for _, points in reasons), 2))

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        reasons = [{"reason": what, "points": points} for what, points in self.reasons]
        return {"ref": self.model.ref, "score": self.score, "reasons": reasons}


def _reasons(model: Model, *, local: bool) -> Iterable[tuple[str, float]]:
    if local:
        yield "runs locally, as preferred", _LOCAL_POINTS
    window = model.context_window
    if window and window > _SMALL_CONTEXT:
        points = round(4 * log2(window / _SMALL_CONTEXT), 2)
        yield f"context of {window:,} tokens", points
    yes = model.capabilities.yes
    if yes:
        known = "capability" if len(yes) == 1 else "capabilities"
        yield f"{len(yes)} known {known}", 2.0 * len(yes)
    price = model.pricing.input
    if price is not None:
        # halving the price is worth the same everywhere above one cent
        points = round(3 * log2(_DEAR / max(float(price), 0.01)), 2)
        yield f"input at ${price:f} per million tokens", points
    if model.status in _STATUS_POINTS:
        yield f"status {model.status}", _STATUS_POINTS[model.status]


def recommend(
    models: Iterable[Model],
    kinds: Mapping[str, str | None],
    *,
    prefer_local: bool = False,
    limit: int = 5,
) -> list[Recommendation]:
    """Rank models, best first; ties are in order of ref.

    `kinds` tells each provider's kind; `prefer_local` favours the local ones.
    """
    ranked = []
    for model in models:
        local = prefer_local and kinds.get(model.provider) == "local"
        ranked.append(Recommendation(model, tuple(_reasons(model, local=local))))
    ranked.sort(key=lambda found: (-found.score, found.model.ref))
    return ranked[:limit]
