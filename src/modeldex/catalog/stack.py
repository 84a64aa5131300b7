"""Layers stacked by precedence: the upper one's facts replace, field by field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    Facts = Mapping[str, Any]

# facts that are merged entry by entry; every other fact is replaced whole
_BY_ENTRY = ("pricing", "capabilities", "metadata", "rate_limits")
_SOURCED_BY_ENTRY = ("pricing", "capabilities")


def stack(lower: Facts, upper: Facts, source: str) -> dict[str, Any]:
    """Return the lower facts with the upper ones on top.

    A price state (free, included, variable) replaces amounts, and amounts replace
    a state. The upper facts are ascribed to their own `sources`, else to `source`.
    """
    facts = dict(lower)
    sources = dict(lower.get("sources") or {})
    stated = upper.get("sources") or {}
    default = stated.get("*", source)
    for field, value in upper.items():
        if field == "sources":
            continue
        by_entry = field in _BY_ENTRY and isinstance(facts.get(field), dict)
        if field == "pricing" and by_entry:
            by_entry = not ("state" in value or "state" in facts[field])
        facts[field] = {**facts[field], **value} if by_entry else value
        if by_entry and field in _SOURCED_BY_ENTRY:
            names = [f"{field}.{entry}" for entry in value]
        else:
            names = [field]
            for name in [n for n in sources if n.startswith(f"{field}.")]:
                del sources[name]
        for name in names:
            sources[name] = stated.get(name) or stated.get(field) or default
    facts["sources"] = sources
    return facts
