"""Revisions of a store: what they changed, between two of them, and back again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.domain.change import LAYERS, Fact, apply, diff, invert
from modeldex.errors import DoesNotApplyError, UnknownRevisionError

if TYPE_CHECKING:
    from modeldex.domain.change import Change, Facts, Key
    from modeldex.ports import Revision, Store


def changes_of(store: Store, number: int) -> list[Change]:
    """Return the changes of one revision; raise UnknownRevisionError."""
    store.revision(number)
    return [change for _, change in store.changes(number - 1, number)]


def between(store: Store, old: int, new: int, observed_at: str = "") -> list[Change]:
    """Return the changes that lead from one revision's state to another's.

    0 is the state before the first revision; `old` may be the later one. Raises
    UnknownRevisionError.
    """
    last = store.head().revision
    for number in (old, new):
        if not 0 <= number <= last:
            raise UnknownRevisionError(f"there is no revision {number}")
    if old == new:
        return []
    after = list(store.changes(min(old, new)))
    refs = {change.key[1:] for _, change in after}
    known = store.facts([(layer, *ref) for layer in LAYERS for ref in refs])
    was, will = (_back(known, after, number) for number in (old, new))
    return list(diff(was, will, observed_at))


def _back(
    state: dict[Key, Facts], after: list[tuple[int, Change]], number: int
) -> dict[Key, Facts]:
    """Return the state at a revision, from the head's and what came since."""
    since = (change for n, change in after if n > number)
    return apply(state, invert(since))


def rolled_back(store: Store, number: int, observed_at: str) -> list[Change]:
    """Return the changes that restore the state at a revision.

    Raises UnknownRevisionError, and DoesNotApplyError where nothing would change.
    """
    if number < 1:
        message = "revision 1 holds the shipped catalogue; nothing is before it"
        raise DoesNotApplyError(message)
    last = store.head().revision
    found = between(store, last, number, observed_at)
    if not found:
        raise DoesNotApplyError(f"the catalogue is as it was at revision {number}")
    return found


def change_record(change: Change) -> dict[str, Any]:
    """Return the JSON form of a change; of a whole model, with its facts."""
    return {
        "layer": change.layer,
        "ref": change.ref,
        "field": change.field,
        "kind": change.kind,
        "old": _fact(change.old),
        "new": _fact(change.new),
        "observed_at": change.observed_at or None,
        "effective_at": change.effective_at,
    }


def _fact(fact: Fact | None) -> Any:
    if fact is None:
        return None
    if isinstance(fact.value, dict) and all(map(_is_fact, fact.value.values())):
        return {field: _fact(item) for field, item in fact.value.items()}
    return {"value": fact.value, "source": fact.source}


def _is_fact(value: Any) -> bool:
    return isinstance(value, Fact)


def revision_record(revision: Revision) -> dict[str, Any]:
    """Return the JSON form of a revision, without its changes."""
    return {
        "revision": revision.number,
        "at": revision.at,
        "author": revision.author,
        "source": revision.source,
        "changes": revision.count,
        "reason": revision.reason,
        "url": revision.url or None,
        "hash": revision.hash,
        "parent_hash": revision.parent_hash or None,
    }
