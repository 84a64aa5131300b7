"""Models side by side: what each is, and where they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.domain import Value, set_slot
from modeldex.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modeldex.domain.model import Model, Pricing

_COMPARED = (
    "canonical",
    "mode",
    "context_window",
    "max_input_tokens",
    "max_output_tokens",
    "status",
    "release_date",
    "knowledge_cutoff",
    "deprecation_date",
    "open_weights",
)


class Comparison(Value):
    """Models in the order asked, and their facts by ref."""

    __slots__ = ("models",)
    models: tuple[Model, ...]

    def __init__(self, models: Sequence[Model]) -> None:
        set_slot(self, "models", tuple(models))

    @property
    def capabilities(self) -> dict[str, dict[str, bool | None]]:
        """Capability -> ref -> True, False or None (unknown)."""
        found = {model.ref: model.capabilities for model in self.models}
        names = sorted({name for known in found.values() for name in known.as_dict()})
        return {name: {r: c.get(name) for r, c in found.items()} for name in names}

    @property
    def pricing(self) -> dict[str, Pricing]:
        """Ref -> standard price."""
        return {model.ref: model.pricing for model in self.models}

    @property
    def context_windows(self) -> dict[str, int | None]:
        """Ref -> context window in tokens."""
        return {model.ref: model.context_window for model in self.models}

    @property
    def facts(self) -> dict[str, dict[str, Any]]:
        """Fact -> ref -> value; prices as `pricing.input` and so on."""
        table: dict[str, dict[str, Any]] = {
            name: {model.ref: getattr(model, name) for model in self.models}
            for name in _COMPARED
        }
        prices = {ref: pricing.amounts for ref, pricing in self.pricing.items()}
        meters = ("input", "output", *sorted({m for p in prices.values() for m in p}))
        for meter in dict.fromkeys(meters):
            table[f"pricing.{meter}"] = {r: p.get(meter) for r, p in prices.items()}
        for name, support in self.capabilities.items():
            table[f"capabilities.{name}"] = support
        return table

    @property
    def differences(self) -> list[str]:
        """Names of the facts on which the models are not all alike."""
        table = self.facts
        return [n for n, row in table.items() if len(set(row.values())) > 1]

    @property
    def summary(self) -> dict[str, Any]:
        """How many models, of which providers, with how many capabilities."""
        return {
            "total_models": len(self.models),
            "providers": sorted({model.provider for model in self.models}),
            "capabilities_count": len(self.capabilities),
        }

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "models": [model.ref for model in self.models],
            "facts": self.facts,
            "differences": self.differences,
            "summary": self.summary,
        }


def compare(models: Sequence[Model]) -> Comparison:
    """Put at least one model side by side; raise InvalidInputError for none."""
    if not models:
        message = "compare needs at least one model; name them as provider/model"
        raise InvalidInputError(message)
    return Comparison(list({model.ref: model for model in models}.values()))
