"""Public fakes for the tests of programs that use modeldex."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from dataclasses import replace
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any

from modeldex.domain.change import apply, revision_hash
from modeldex.domain.syncing import ACCEPTED
from modeldex.errors import (
    EventsUnavailableError,
    InvalidInputError,
    RevisionConflictError,
    UnknownRevisionError,
)
from modeldex.ports import Draft, Fault, Head, Revision

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from modeldex.domain.access import Token
    from modeldex.domain.change import Change, Facts, Key
    from modeldex.domain.syncing import Listing, Memory, Review, SourceState
    from modeldex.ports import Claim

__all__ = ["MemoryBus", "MemoryStore"]


class MemoryStore:
    """A store in memory; it forgets everything with the process."""

    name = "memory"

    def __init__(self) -> None:
        self._lock = RLock()
        self._leading = Lock()
        self._epoch = uuid.uuid4().hex
        self._revisions: list[tuple[Revision, Draft]] = []
        self._state: dict[Key, Facts] = {}
        self._sources: dict[str, SourceState] = {}
        self._listings: dict[tuple[str, str, str], Listing] = {}
        self._reviews: dict[int, Review] = {}
        self.tokens = _MemoryTokens()
        self._waiting: list[Head] = []

    def head(self) -> Head:
        """Return where the store is."""
        last = self._revisions[-1][0].hash if self._revisions else ""
        return Head(len(self._revisions), last, self._epoch)

    def commit(self, draft: Draft, *, expected: int | None = None) -> Revision:
        """Make a draft the next revision."""
        if not draft.changes and not draft.claims:
            raise InvalidInputError("a revision needs a change or a claim")
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
            self._waiting.append(self.head())
            if draft.memory is not None:
                self._remember(draft.memory, revision.number)
        return revision

    def remember(self, memory: Memory) -> None:
        """Remember of a sync what makes no revision."""
        with self._lock:
            self._remember(memory, 0)

    def _remember(self, memory: Memory, revision: int) -> None:
        self._sources |= {state.source: state for state in memory.states}
        for item in memory.listings:
            key = (item.source, item.provider, item.model_id)
            self._listings.pop(key, None)
            if item.digest:
                self._listings[key] = item
        for review in memory.reviews:
            number = review.number or len(self._reviews) + 1
            made = review.revision
            if review.state == ACCEPTED and not made:
                made = revision
            self._reviews[number] = replace(review, number=number, revision=made)

    def lead(self) -> _MemoryLease | None:
        """Become the one instance that syncs; None where another one is."""
        taken = self._leading.acquire(blocking=False)
        return _MemoryLease(self._leading) if taken else None

    def sources(self) -> dict[str, SourceState]:
        """Return where the sync with each source is."""
        return dict(sorted(self._sources.items()))

    def listings(
        self, source: str | None = None, *, missing: bool = False
    ) -> list[Listing]:
        """Return what a source lists, or all of them; what is missing alone."""
        found = [self._listings[key] for key in sorted(self._listings)]
        of = [item for item in found if source in (None, item.source)]
        return [item for item in of if item.missing_since or not missing]

    def claims(self, source: str | None = None) -> Iterator[Claim]:
        """Yield the last claim to each field by each source, or by one."""
        last: dict[tuple[str, ...], Claim] = {}
        for _, draft in self._revisions:
            for claim in draft.claims:
                if source in (None, claim.source):
                    place = (claim.provider, claim.model, claim.field, claim.source)
                    last[place] = claim
        yield from last.values()

    def reviews(self, state: str | None = None) -> list[Review]:
        """Return the reviews in a state, or all, the oldest first."""
        found = self._reviews.values()
        return [review for review in found if state in (None, review.state)]

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
                self._waiting = [h for h in self._waiting if h.revision <= count]
                raise

    @contextmanager
    def moment(self) -> Iterator[None]:
        """See one moment: nobody writes within."""
        with self._lock:
            yield

    def outbox(self) -> Head | None:
        """Return the newest revision that nobody has published yet."""
        with self._lock:
            return self._waiting[-1] if self._waiting else None

    def published(self, until: int) -> None:
        """Take out of the outbox what was published."""
        with self._lock:
            self._waiting = [h for h in self._waiting if h.revision > until]

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

    def claims_of(
        self, after: int, until: int | None = None
    ) -> Iterator[tuple[int, Claim]]:
        """Yield the claims of revisions after < n <= until."""
        for revision, draft in self._revisions[max(after, 0) : until]:
            yield from ((revision.number, claim) for claim in draft.claims)

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


class _MemoryTokens:
    """Tokens in memory."""

    def __init__(self) -> None:
        self._rows: dict[int, Token] = {}

    def list(self) -> list[Token]:
        """Return all, revoked ones too, the oldest first."""
        return list(self._rows.values())

    def put(self, token: Token) -> Token:
        """Write one: without a number it is a new one and gets the next."""
        made = replace(token, number=token.number or len(self._rows) + 1)
        self._rows[made.number] = made
        return made

    def serial(self) -> int:
        """Return a number that grows with each token made or revoked."""
        rows = self._rows.values()
        return len(rows) + sum(bool(token.revoked_at) for token in rows)


class MemoryBus:
    """Events in memory, for those who hold the same one; `up` says whether it works.

    Whoever publishes tells those who hear, in its own thread; `told` is what was told.
    """

    name = "memory"

    def __init__(self) -> None:
        self.up = True
        self.told: list[Head] = []
        self._lock = Lock()
        self._hear: dict[object, Callable[[Head], None]] = {}

    def publish(self, head: Head) -> None:
        """Tell that the store is there; raise EventsUnavailableError."""
        if not self.up:
            raise EventsUnavailableError("the bus in memory is down")
        with self._lock:
            self.told.append(head)
            every = list(self._hear.values())
        for hear in every:
            hear(head)

    def subscribe(self, hear: Callable[[Head], None]) -> Callable[[], None]:
        """Have every event given to `hear`; return an end."""
        key = object()
        with self._lock:
            self._hear[key] = hear
        return lambda: self._hear.pop(key, None) and None

    def is_up(self) -> bool:
        """Tell whether events go through now."""
        return self.up

    def close(self) -> None:
        """Tell nobody any more."""
        self.up = False


class _MemoryLease:
    """Holds a lock of this process."""

    def __init__(self, lock: Lock) -> None:
        self._lock: Lock | None = lock

    def holds(self) -> bool:
        """Tell that it does, until it is released."""
        return self._lock is not None

    def release(self) -> None:
        """Let another instance be the one."""
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.release()


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
