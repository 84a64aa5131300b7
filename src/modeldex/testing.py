"""Public fakes for the tests of programs that use modeldex."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING, Any

from modeldex.domain.change import apply, revision_hash
from modeldex.errors import (
    InvalidInputError,
    RevisionConflictError,
    UnknownRevisionError,
)
from modeldex.ports import Draft, Fault, Head, Revision

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from modeldex.domain.change import Change, Facts, Key

__all__ = ["MemoryStore"]


class MemoryStore:
    """A store in memory; it forgets everything with the process."""

    name = "memory"

    def __init__(self) -> None:
        self._lock = RLock()
        self._epoch = uuid.uuid4().hex
        self._revisions: list[tuple[Revision, Draft]] = []
        self._state: dict[Key, Facts] = {}

    def head(self) -> Head:
        """Return where the store is."""
        last = self._revisions[-1][0].hash if self._revisions else ""
        return Head(len(self._revisions), last, self._epoch)

    def commit(self, draft: Draft, *, expected: int | None = None) -> Revision:
        """Make a draft the next revision."""
        if not draft.changes:
            raise InvalidInputError("a revision needs a change")
        with self._lock:
            head = self.head()
            if expected is not None and expected != head.revision:
                message = f"the store is at revision {head.revision}, not {expected}"
                raise RevisionConflictError(message, head.revision)
            try:
                state = apply(self._state, draft.changes)
            except InvalidInputError as error:
                raise RevisionConflictError(str(error), head.revision) from error
            revision = _revision(head, draft)
            self._revisions.append((revision, draft))
            self._state = state
        return revision

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Be the only writer; what is committed within goes if an error ends it."""
        with self._lock:
            count, state = len(self._revisions), self._state
            try:
                yield
            except BaseException:
                del self._revisions[count:]
                self._state = state
                raise

    def revision(self, number: int) -> Revision:
        """Return a revision."""
        if not 1 <= number <= len(self._revisions):
            raise UnknownRevisionError(f"there is no revision {number}")
        return self._revisions[number - 1][0]

    def revisions(
        self, *, after: int = 0, limit: int | None = None, newest: bool = False
    ) -> list[Revision]:
        """Return revisions beyond a number, in their order or the newest first."""
        found = [revision for revision, _ in self._revisions[max(after, 0) :]]
        return (found[::-1] if newest else found)[:limit]

    def changes(
        self, after: int, until: int | None = None
    ) -> Iterator[tuple[int, Change]]:
        """Yield the changes of revisions after < n <= until with their numbers."""
        for revision, draft in self._revisions[max(after, 0) : until]:
            yield from ((revision.number, change) for change in draft.changes)

    def changes_of(self, provider: str, model: str) -> list[tuple[int, Change]]:
        """Return all changes of one model."""
        wanted = (provider, model)
        found = self.changes(0)
        return [(n, change) for n, change in found if change.key[1:] == wanted]

    def state(self) -> dict[Key, Facts]:
        """Return the state at the head."""
        return dict(self._state)

    def facts(self, keys: Iterable[Key]) -> dict[Key, Facts]:
        """Return the facts at the head of those keys that are there."""
        state = self._state
        return {key: state[key] for key in keys if key in state}

    def verify(self) -> list[Fault]:
        """Replay everything; return what is not as it must be."""
        parent = ""
        state: dict[Key, Facts] = {}
        faults: list[Fault] = []
        for revision, draft in self._revisions:
            if revision_hash(parent, draft.changes, draft.meta) != revision.hash:
                where = f"revision {revision.number}"
                faults.append(Fault(revision.number, where, "its hash is another one"))
            state = apply(state, draft.changes)
            parent = revision.hash
        if state != self._state:
            faults.append(Fault(None, "model", "the state is not what changes make"))
        return faults

    def close(self) -> None:
        """Do nothing: there is no connection."""


def _revision(head: Head, draft: Draft) -> Revision:
    parts: dict[str, Any] = {
        name: getattr(draft, name) for name in ("author", "source", "reason", "at")
    }
    return Revision(
        number=head.revision + 1,
        parent_hash=head.hash,
        hash=revision_hash(head.hash, draft.changes, draft.meta),
        url=draft.url,
        count=len(draft.changes),
        **parts,
    )
