"""Rules on all that is no amount: limits, kind of work, addresses, abilities, ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.domain.syncing import Doubt
from modeldex.usecases.guard.doubt import shown, times
from modeldex.usecases.guard.market import kind_of_work
from modeldex.usecases.guard.names import skeleton

if TYPE_CHECKING:
    from modeldex.usecases.guard.case import Case

LIMITS = ("context_window", "max_input_tokens", "max_output_tokens")
GROWN = 10
# where requests go and what they carry: of models, and of providers
ADDRESSES = ("base_url", "protocol", "auth", "api", "env")
_GONE = ("retired", "disabled")
_ABILITIES = "capabilities."
# abilities lost at once, and their share of all, from which on it is damage
_FEWEST_LOST, _SHARE_LOST = 3, 0.5


def context_halved(_: Case, __: str, old: Any, new: Any) -> Doubt | None:
    """Doubt a window, largest prompt or answer that falls by half or more."""
    if not old or new is None or new * 2 > old:
        return None
    return Doubt("context_halved", _sizes(old, new))


def context_grown(_: Case, __: str, old: Any, new: Any) -> Doubt | None:
    """Doubt a window, largest prompt or answer of more than ten times the old."""
    if not old or not new or new <= old * GROWN:
        return None
    return Doubt("context_grown", _sizes(old, new))


def _sizes(old: int, new: int) -> dict[str, str]:
    return {"old": shown(old), "new": shown(new), "ratio": times(new / old)}


def mode_flip(case: Case, _: str, old: Any, new: Any) -> Doubt | None:
    """Doubt another kind of work: a model that chats becomes an embedding."""
    if case.before is None or kind_of_work(old) == kind_of_work(new):
        return None
    return Doubt(
        "mode_flip", {"old": shown(old or "chat"), "new": shown(new or "chat")}
    )


def address(case: Case, field: str, old: Any, new: Any) -> Doubt | None:
    """Doubt where a request goes, its protocol or its key: always reviewed.

    Of a new model it is an address at a host that its provider did not have. A
    protocol that was not known is no change of one.
    """
    if case.before is not None:
        if field == "protocol" and old is None:
            return None  # a source learnt to say it
        return Doubt("address", {"old": shown(old), "new": shown(new)})
    entry = case.entry
    if field != "base_url" or case.market.knows_host(entry.provider, new, entry.model):
        return None
    return Doubt("address", {"new": shown(new), "provider": entry.provider})


def revived(_: Case, __: str, old: Any, new: Any) -> Doubt | None:
    """Doubt that a model that had stopped works again."""
    if old not in _GONE or new in _GONE:
        return None
    return Doubt("revived", {"old": shown(old), "new": shown(new or "active")})


def ability_loss(case: Case, _: str, old: Any, new: Any) -> Doubt | None:
    """Doubt that half of a model's abilities, and at least three, are lost at once."""
    if case.before is None or not _has(old) or _has(new):
        return None
    had = sum(
        name.startswith(_ABILITIES) and _has(fact.value)
        for name, fact in case.before.items()
    )
    lost = sum(
        name.startswith(_ABILITIES) and _has(one) and not _has(other)
        for name, (one, other) in case.changed.items()
    )
    if lost < _FEWEST_LOST or lost < had * _SHARE_LOST:
        return None
    counts = {"lost": f"{lost} of {had}"}
    return Doubt("ability_loss", {"old": shown(old), "new": shown(new)} | counts)


def _has(value: Any) -> bool:
    return value is not None and value is not False


def modality_loss(_: Case, __: str, old: Any, new: Any) -> Doubt | None:
    """Doubt that what went in or came out no longer does."""
    if not old or new is None:
        return None
    lost = [
        f"{side} {name}"
        for side, names in old.items()
        for name in names
        if name not in new.get(side, ())
    ]
    if not lost:
        return None
    return Doubt("modality_loss", {"lost": ", ".join(lost)})


def confusable(case: Case, field: str, old: Any, new: Any) -> Doubt | None:  # noqa: ARG001
    """Doubt a new id that looks like another one of its provider."""
    if case.before is not None:
        return None
    entry = case.entry
    twins = [
        other
        for other in case.market.look_alikes(entry.provider, entry.model)
        if not (entry.canonical and other.canonical == entry.canonical)
    ]
    if not twins:
        return None
    evidence = {"new": entry.model, "like": ", ".join(t.model for t in twins)}
    return Doubt("confusable", evidence | {"skeleton": skeleton(entry.model)})
