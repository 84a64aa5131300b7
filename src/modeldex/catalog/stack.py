"""Layers stacked by precedence: the upper one's facts replace, field by field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.domain.pricing import USD, WORDS, dated_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    Facts = Mapping[str, Any]

# facts that are merged entry by entry; every other fact is replaced whole
_SOURCED_BY_ENTRY = ("pricing", "rates", "capabilities", "request_parameters")
_BY_ENTRY = (*_SOURCED_BY_ENTRY, "metadata", "rate_limits", "limits_basis")


def stack(lower: Facts, upper: Facts, source: str) -> dict[str, Any]:
    """Return the lower facts with the upper ones on top.

    A price state (free, included, variable) or another currency replaces amounts and
    rates, and amounts replace a state. An amount replaces the lower one of its meter
    on every day, but leaves the lower rates under other conditions than dates. The
    upper facts are ascribed to their own `sources`, else to `source`.
    """
    facts = dict(lower)
    sources = dict(lower.get("sources") or {})
    stated = upper.get("sources") or {}
    default = stated.get("*", source)
    if "pricing" in upper:
        _drop_rates(facts, sources, upper["pricing"])
    for field, value in upper.items():
        if field == "sources":
            continue
        by_entry = field in _BY_ENTRY and isinstance(facts.get(field), dict)
        if field == "pricing" and by_entry:
            by_entry = not _replaces(facts[field], value)
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


def _replaces(lower: Facts, upper: Facts) -> bool:
    """Tell whether a price takes the place of another as a whole."""
    return "state" in upper or "state" in lower or _is_other_money(lower, upper)


def _is_other_money(lower: Facts, upper: Facts) -> bool:
    known = lower.get("currency", USD)
    return bool(upper.get("currency", known) != known)


def _drop_rates(facts: dict[str, Any], sources: dict[str, Any], upper: Facts) -> None:
    """Drop the lower rates that no longer hold beside the upper layer's price."""
    rates = facts.get("rates")
    if not rates:
        return
    gone = set(rates)
    if "state" not in upper and not _is_other_money(facts.get("pricing", {}), upper):
        gone = dated_of(rates, (meter for meter in upper if meter not in WORDS))
    facts["rates"] = {key: rates[key] for key in rates if key not in gone}
    for key in gone:
        sources.pop(f"rates.{key}", None)
