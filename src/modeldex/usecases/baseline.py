"""The shipped catalogue in a store: a source like any other.

The first write, and the first one after an upgrade, commits what the shipped catalogue
says otherwise than the store as a revision of its own. What another source has said
since the shipped one was made stays; a model that is no longer shipped is marked
missing, never removed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modeldex.catalog.facts import state_of
from modeldex.domain.change import CATALOG, Change, diff
from modeldex.ports import Draft

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from modeldex.catalog import Snapshot
    from modeldex.domain.change import Facts, Key
    from modeldex.ports import Revision, Store

AUTHOR = "modeldex"
SHIPPED = "modeldex "  # how the source of such a revision begins
_DIGEST = " sha256:"
_GONE = ("missing", "retired")


def shipped_in(store: Store) -> str | None:
    """Return the digest of the shipped catalogue that a store holds; None for none."""
    for revision in store.revisions(newest=True):
        if revision.author == AUTHOR and _DIGEST in revision.reason:
            return revision.reason.rpartition(_DIGEST)[2]
    return None


def commit_baseline(
    store: Store, shipped: Snapshot, version: str, at: str
) -> Revision | None:
    """Commit what the shipped catalogue says otherwise; None where it is the same.

    Raises RevisionConflictError when somebody else commits at the same time.
    """
    head = store.head()
    day = str(shipped.meta.get("date") or "")
    after = state_of(shipped)
    before = {k: f for k, f in store.state().items() if k[0] == CATALOG}
    seen = Seen(store, day) if before else None
    changes = list(_changes(before, after, seen, day or at))
    if not changes:
        return None
    draft = Draft(
        changes,
        author=AUTHOR,
        source=f"{SHIPPED}{version}",
        at=at,
        reason=f"the shipped catalogue of {day}{_DIGEST}{shipped.digest}",
    )
    return store.commit(draft, expected=head.revision)


class Seen:
    """What the revisions of other sources tell of a store's catalogue.

    `newer` are the fields that they changed after a day, by model; `missing` the
    models that are marked so.
    """

    def __init__(self, store: Store, day: str) -> None:
        self.newer: dict[Key, set[str]] = {}
        self.missing: set[Key] = set()
        shipped = {r.number for r in store.revisions() if r.author == AUTHOR}
        for number, change in store.changes(0):
            if change.layer != CATALOG:
                continue
            if not change.field:
                mark = self.missing.add if change.kind in _GONE else None
                (mark or self.missing.discard)(change.key)
            if number not in shipped and change.observed_at[:10] > day:
                self.newer.setdefault(change.key, set()).update(_told(change))


def _told(change: Change) -> set[str]:
    """Return the fields that a change tells of: all of a model that appears."""
    appeared = change.new.value if change.new and not change.field else ()
    return {change.field, *appeared}


def _changes(
    before: Mapping[Key, Facts],
    after: Mapping[Key, Facts],
    seen: Seen | None,
    observed_at: str,
) -> Iterator[Change]:
    """Yield the changes of fields, and the marks of models that went and came back."""
    for change in diff(before, after, observed_at):
        if seen and change.field in seen.newer.get(change.key, ()):
            continue
        if change.kind != "removed":
            yield change
        elif seen and not (change.key in seen.missing or change.key in seen.newer):
            yield _mark(change.key, "missing", observed_at)
    for key in sorted(seen.missing & after.keys() if seen else ()):
        yield _mark(key, "returned", observed_at)


def _mark(key: Key, kind: str, observed_at: str) -> Change:
    return Change(*key[1:], "", None, None, kind=kind, observed_at=observed_at)
