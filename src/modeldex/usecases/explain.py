"""Why a fact is what it is: which source gave it, and who says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.domain import Value, set_slot
from modeldex.domain.pricing import flat_rates, without_beginning

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modeldex.catalog.merging.claims import Packed
    from modeldex.domain.model import Model

_UNSOURCED = ("ref", "provider", "id", "sources", "metadata", "updated_at", "status")


class Explanation(Value):
    """One field: its value, the source that gave it, and what the others claim."""

    __slots__ = ("field", "others", "quarantined", "source", "value")
    field: str
    value: Any
    source: str | None
    others: dict[str, Any]
    quarantined: dict[str, str]

    def __init__(
        self,
        field: str,
        value: Any,
        source: str | None,
        others: dict[str, Any],
        quarantined: dict[str, str],
    ) -> None:
        set_slot(self, "field", field)
        set_slot(self, "value", value)
        set_slot(self, "source", source)
        set_slot(self, "others", others)
        set_slot(self, "quarantined", quarantined)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {name: getattr(self, name) for name in ("field", "value", "source")} | {
            "others": self.others,
            "quarantined": self.quarantined,
        }


def _flat(model: Model) -> dict[str, Any]:
    """Return a model's known facts, prices, rates and capabilities one by one."""
    facts = {}
    for name, value in model.as_dict().items():
        if name in _UNSOURCED or value in (None, {}, []):
            continue
        if name in ("pricing", "capabilities"):
            known = dict(value)
            rates = flat_rates(known.pop("rates", {}))
            facts.update({f"{name}.{k}": v for k, v in known.items() if v is not None})
            facts.update({f"rates.{key}": amount for key, amount in rates.items()})
        else:
            facts[name] = value
    return facts


def explain(model: Model, packed: Packed) -> list[Explanation]:
    """Explain each known fact of a model, and each that was held back.

    A claim with the served value is not repeated among the others.
    """
    key = (model.provider, model.id)
    claims: Mapping[str, Mapping[str, Any]] = packed.models.get(key, {})
    held: dict[str, dict[str, str]] = {}
    for row in packed.quarantined:
        if (row.provider, row.model) == key:
            held.setdefault(row.field, {})[row.source] = f"{row.value} ({row.reason})"
    facts = _flat(model)
    found = []
    for field in dict.fromkeys((*facts, *sorted(held))):
        value = facts.get(field)
        source = model.source_of(field) if field in facts else None
        said = claims.get(field) or claims.get(without_beginning(field), {})
        others = {
            name: claim
            for name, claim in said.items()
            if name != source and claim != value and name not in held.get(field, {})
        }
        found.append(Explanation(field, value, source, others, held.get(field, {})))
    return found
