"""Small drafts for the tests of stores."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from modeldex.domain.change import CATALOG, Change, Fact, apply, diff
from modeldex.ports import Claim, Draft

if TYPE_CHECKING:
    from modeldex.domain.change import State
    from modeldex.ports import Store

AT = "2026-11-25T12:00:00.000+00:00"
KEY = (CATALOG, "acme", "one")


def facts(source: Any = "models.dev", **values: Any) -> dict[str, Fact]:
    """Return facts; `__` in a name stands for a dot."""
    return {n.replace("__", "."): Fact(v, source) for n, v in values.items()}


def whole(model: str = "one", *, layer: str = CATALOG, **values: Any) -> Change:
    """Return the change by which a model appears."""
    said = values or {"name": "One", "pricing__input": Decimal("2.5")}
    new = Fact(facts(**said))
    options: dict[str, Any] = {"kind": "appeared", "layer": layer, "observed_at": AT}
    return Change("acme", model, "", None, new, **options)


def step(old: int | None, new: int | None, model: str = "one", **more: Any) -> Change:
    """Return a change of the context window."""
    sides = (None if n is None else Fact(n, "litellm") for n in (old, new))
    return Change("acme", model, "context_window", *sides, observed_at=AT, **more)


def draft(*changes: Change, author: str = "ada", **more: Any) -> Draft:
    """Return a draft of an edit."""
    options = {"source": "edit", "at": AT, "reason": "why"} | more
    return Draft(changes, author=author, **options)


def claim(value: Any = Decimal("2.5")) -> Claim:
    """Return what a source says of a price."""
    place = ("acme", "one", "pricing.input", "litellm")
    return Claim(*place, value=value, observed_at=AT)


def between(before: Any, after: Any) -> list[Change]:
    """Return the changes from one state to another; they are held to be right."""
    changes = list(diff(before, after, AT))
    assert apply(before, changes) == after
    return changes


def state_at(store: Store, number: int) -> State:
    """Return the state at a revision, replayed from the beginning."""
    return apply({}, (change for _, change in store.changes(0, number)))
