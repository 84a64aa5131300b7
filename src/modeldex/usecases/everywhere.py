"""Who serves a model, and what differs between them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from modeldex.domain import Value, set_slot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from modeldex.domain.model import Model

FIELDS = ("input", "output", "context_window", "max_output_tokens")
ABILITIES = ("function_calling", "reasoning", "structured_output", "vision")


class Serving(Value):
    """One provider's entry, and where it is not like most or like its maker's."""

    __slots__ = ("differs", "model")
    model: Model
    differs: tuple[str, ...]

    def __init__(self, model: Model, differs: Sequence[str]) -> None:
        set_slot(self, "model", model)
        set_slot(self, "differs", tuple(differs))

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form: ref, what is compared, and what differs."""
        facts = _facts(self.model)
        return {
            "ref": self.model.ref,
            **{field: facts[field] for field in FIELDS},
            "status": self.model.status,
            "differs": list(self.differs),
        }


class Everywhere(Value):
    """A model at all providers; `reference` is its maker's entry, if that is here.

    Iterates over its servings, cheapest first, unpriced ones last.
    """

    __slots__ = ("canonical", "reference", "servings")
    canonical: str | None
    reference: str | None
    servings: tuple[Serving, ...]

    def __init__(
        self,
        canonical: str | None,
        reference: str | None,
        servings: Sequence[Serving],
    ) -> None:
        set_slot(self, "canonical", canonical)
        set_slot(self, "reference", reference)
        set_slot(self, "servings", tuple(servings))

    def __iter__(self) -> Any:
        return iter(self.servings)

    def __len__(self) -> int:
        return len(self.servings)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "canonical": self.canonical,
            "reference": self.reference,
            "servings": [serving.as_dict() for serving in self.servings],
        }


def everywhere(models: Sequence[Model], kinds: Mapping[str, str | None]) -> Everywhere:
    """Put the entries of one model side by side; `kinds` are those of providers."""
    canonicals = Counter(model.canonical for model in models if model.canonical)
    canonical = max(sorted(canonicals), key=canonicals.__getitem__, default=None)
    reference = _reference(models, kinds, canonical)
    facts = {model.ref: _facts(model) for model in models}
    usual = {field: _usual(facts, field) for field in (*FIELDS, *ABILITIES)}
    if reference is not None:
        own = facts[reference].items()
        usual |= {name: fact for name, fact in own if fact is not None}
    servings = [Serving(model, _differs(facts[model.ref], usual)) for model in models]
    return Everywhere(canonical, reference, sorted(servings, key=_order))


def _reference(
    models: Sequence[Model], kinds: Mapping[str, str | None], canonical: str | None
) -> str | None:
    """Return the ref of the maker's own entry: the author's, else a first party's."""
    author = (canonical or "").partition("/")[0]
    named = [model.ref for model in models if model.provider == author]
    own = [model.ref for model in models if kinds.get(model.provider) == "first_party"]
    return min(named or own, key=lambda ref: (len(ref), ref), default=None)


def _facts(model: Model) -> dict[str, Any]:
    pricing = model.pricing
    listed = pricing.state == "listed"
    facts: dict[str, Any] = {
        "input": pricing.input if listed else pricing.state if pricing else None,
        "output": pricing.output if listed else pricing.state if pricing else None,
        "context_window": model.context_window,
        "max_output_tokens": model.max_output_tokens,
    }
    known = model.capabilities
    for name in ABILITIES:
        facts[name] = True if name in known.yes else False if name in known.no else None
    return facts


def _usual(facts: Mapping[str, Mapping[str, Any]], field: str) -> Any:
    """Return what most entries say of a field."""
    said = Counter(str(f[field]) for f in facts.values() if f[field] is not None)
    if not said:
        return None
    most = min(said, key=lambda text: (-said[text], text))
    return next(f[field] for f in facts.values() if str(f[field]) == most)


def _differs(facts: Mapping[str, Any], usual: Mapping[str, Any]) -> list[str]:
    """Name what is known of an entry and is not as usual; unknown is no difference."""
    found = []
    for name, fact in facts.items():
        if fact is None or usual[name] is None or fact == usual[name]:
            continue
        if name in ABILITIES:
            found.append(name if fact else f"no {name}")
        else:
            found.append(name)
    return found


def _order(serving: Serving) -> tuple[Any, ...]:
    pricing = serving.model.pricing
    price, output = pricing.input, pricing.output
    return price is None, price or 0, output or 0, serving.model.ref
