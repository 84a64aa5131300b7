"""Abilities that follow from others: a yes of one says yes to those it implies.

It is said in the snapshot only, with `derived` as its source, so that the files
hold what sources state; it is never said over a stated no.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.domain.capability import implied_by

if TYPE_CHECKING:
    from collections.abc import Mapping

    Facts = Mapping[str, Any]

DERIVED = "derived"


def _implied(abilities: Facts) -> dict[str, str]:
    return implied_by(name for name, value in abilities.items() if value is not False)


def with_implied(facts: Facts) -> Facts:
    """Return the facts with what their abilities imply."""
    stated = facts.get("capabilities") or {}
    implied = _implied(stated)
    new = [name for name in implied if name not in stated]
    if not new:
        return facts
    sources = dict(facts.get("sources") or {})
    sources.update((f"capabilities.{name}", DERIVED) for name in new)
    abilities = {**stated, **dict.fromkeys(new, True)}
    return {**facts, "capabilities": abilities, "sources": sources}


def without_implied(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts that `with_implied` was given."""
    abilities, sources = facts.get("capabilities"), facts.get("sources")
    if not abilities or not sources:
        return facts
    for name in _implied(abilities):
        if sources.get(f"capabilities.{name}") == DERIVED:
            del abilities[name], sources[f"capabilities.{name}"]
    if not sources:
        del facts["sources"]
    return facts


def contradicted(abilities: Facts) -> dict[str, str]:
    """Return what is stated not to be there though it is implied: name -> by what."""
    implied = _implied(abilities).items()
    return {name: why for name, why in implied if abilities.get(name) is False}
