"""What differs between two catalogues, field by field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.domain import Value, set_slot
from modeldex.domain.pricing import flat_rates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modeldex.domain.model import Model
    from modeldex.registry import Registry

_LEFT_OUT = ("ref", "provider", "id")


class Difference(Value):
    """One field of one model, before and after; None where it was not known."""

    __slots__ = ("field", "new", "old", "ref")
    ref: str
    field: str
    old: Any
    new: Any

    def __init__(self, ref: str, field: str, old: Any, new: Any) -> None:
        set_slot(self, "ref", ref)
        set_slot(self, "field", field)
        set_slot(self, "old", old)
        set_slot(self, "new", new)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {name: getattr(self, name) for name in ("ref", "field", "old", "new")}


def _facts(model: Model) -> dict[str, Any]:
    facts = {}
    for name, value in model.as_dict().items():
        if name in ("pricing", "capabilities"):
            known = dict(value)
            rates = flat_rates(known.pop("rates", {}))
            facts.update({f"{name}.{entry}": item for entry, item in known.items()})
            facts.update({f"rates.{key}": amount for key, amount in rates.items()})
        elif name not in _LEFT_OUT:
            facts[name] = value
    return facts


def diff(old: Registry, new: Registry) -> list[Difference]:
    """Return every difference, sorted by ref; a model alone on one side is `model`."""
    before = {model.ref: model for model in old.find(status="any")}
    after = {model.ref: model for model in new.find(status="any")}
    found: list[Difference] = []
    for ref in sorted({*before, *after}):
        if ref not in before:
            found.append(Difference(ref, "model", None, "added"))
        elif ref not in after:
            found.append(Difference(ref, "model", "removed", None))
        else:
            found.extend(_changes(ref, _facts(before[ref]), _facts(after[ref])))
    return found


def _changes(
    ref: str, old: dict[str, Any], new: dict[str, Any]
) -> Iterator[Difference]:
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            yield Difference(ref, name, old.get(name), new.get(name))
