"""When sources that agree let a change pass."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from modeldex.catalog.merging.agreement import (
    DERIVED_FROM,
    PRICE_TOLERANCE,
    equal,
    within,
)
from modeldex.domain.source_name import is_followed
from modeldex.usecases.guard.judge import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from modeldex.domain.syncing import Doubt

# a source -> those that it copies some of its rows from
_COPIES = {"pi-ai": ("models.dev", "openrouter", "vercel")}
_ENOUGH = 2
_SAME_PRICE = within(PRICE_TOLERANCE)


def released(doubts: Iterable[Doubt], new: Any, claims: Mapping[str, Any]) -> bool:
    """Tell whether a doubted value may pass: two independent sources state it.

    `claims` is what each source says of the field, by source. Only what could be
    true is released so: a price that moved or is unlike others', a limit. A change of
    units, of address or of the kind of work never is, and nothing that only one
    source says.
    """
    listed = list(doubts)
    if any(doubt.refuse or not _is_releasable(doubt.rule) for doubt in listed):
        return False
    if not listed:
        return True
    agree = _SAME_PRICE if isinstance(new, Decimal) else equal
    agreeing = {
        source
        for source, value in claims.items()
        if value is not None and agree(value, new)
    }
    return len(independent(agreeing)) >= _ENOUGH


def independent(sources: Iterable[str]) -> set[str]:
    """Return as whom sources speak, where what was copied is its origin's word."""
    said = set(sources)
    found = set()
    for source in said:
        if is_followed(source) and len(said) > 1:
            continue  # it may have read the very same sources
        origins = {DERIVED_FROM.get(source, source), *_COPIES.get(source, ())}
        if not origins & (said - {source}):
            found.add(DERIVED_FROM.get(source, source))
    return found


def _is_releasable(rule: str) -> bool:
    return rule == "batch" or (rule in RULES and RULES[rule].releasable)
