"""The catalogue whose truth is a store: what it becomes by a commit.

Readers never ask the database: after a commit this process swaps to its catalogue plus
the changed models, and writes the whole as a file that other processes open, at most
once a second, or 500 changes apart, and at a clean exit.
"""

from __future__ import annotations

import atexit
from random import random
from threading import RLock, Timer
from time import sleep
from typing import TYPE_CHECKING, Any, Protocol

from modeldex.catalog import Catalog
from modeldex.catalog.delta import delta_catalog
from modeldex.catalog.facts import nested_facts, restacked, stacked_facts
from modeldex.catalog.snapshot import memory_snapshot
from modeldex.domain.change import CATALOG, OWN
from modeldex.errors import RevisionConflictError
from modeldex.usecases.baseline import commit_baseline, shipped_in
from modeldex.usecases.build import layered
from modeldex.usecases.catalog_file import (
    ORIGIN_BLOCK,
    OWN_BLOCK,
    compiled,
    nested_in,
    of_state,
    origin_block,
    own_block,
    read_origin,
    read_own,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from modeldex.catalog import Lookup, Snapshot
    from modeldex.catalog.authoring.layer import Layer
    from modeldex.domain.change import Facts
    from modeldex.ports import Draft, Head, Revision, Store

    Ref = tuple[str, str]  # provider, model id

ROWS_APART, SECONDS_APART = 500, 1.0
_MANY = 2_000  # changed models from which on the whole state is read
_TRIES, _PAUSE = 200, 0.004


class Surroundings(Protocol):
    """What a stored catalogue needs of the outside."""

    @property
    def version(self) -> str:
        """The version of modeldex."""

    def open_store(self, *, create: bool) -> Store | None:
        """Open the store; None where there is none yet and none is to be made."""

    def shipped(self) -> Snapshot:
        """Open the shipped catalogue."""

    def compiled(self) -> Snapshot | None:
        """Open the catalogue file of the store, if there is a sound one."""

    def keep(self, data: bytes) -> Snapshot:
        """Write the catalogue file, unless there is a later one; return it opened.

        Raises OSError.
        """

    def overlays(self) -> Sequence[Layer]:
        """Read the user's YAML that lies over the catalogue."""

    def now(self) -> str:
        """Return the time in UTC, ISO text."""

    def today(self) -> str:
        """Return the day in UTC, ISO text."""

    def say(self, text: str) -> None:
        """Tell what takes a moment, or went wrong beside a commit."""


class StoredCatalog:
    """A registry's catalogue, written to through a store."""

    def __init__(self, lookup: Lookup, around: Surroundings) -> None:
        self._lookup = lookup
        self.around = around
        self._lock = RLock()
        self._store: Store | None = None
        self._timer: Timer | None = None
        self._pending = 0
        self.trouble = ""  # why the catalogue file is not written
        self._shipped = around.shipped()
        self._origin = {"revision": "0", "epoch": "", "shipped": self._shipped.digest}
        self._own: dict[Ref, Facts] = {}
        base = around.compiled()
        if base is not None:
            self._origin |= read_origin(base)
            self._own |= read_own(base)
        self._rebase(base or self._shipped)

    def _rebase(self, snapshot: Snapshot) -> None:
        """Take a compiled catalogue; what changes from now on lies over it."""
        self._base = self._plain = Catalog(snapshot, self.around.today)
        self._changed: dict[Ref, list[str]] = {}

    # what an edit is planned over

    @property
    def catalog(self) -> Catalog:
        """The catalogue as it is served."""
        return self._lookup.catalog

    def own(self, provider: str, model_id: str) -> Facts:
        """Return what people wrote of a model, flat."""
        return self._own.get((provider, model_id), {})

    def below(self, provider: str, model_id: str) -> dict[str, Any] | None:
        """Return what sources and YAML say of a model, nested; None for nothing."""
        key = (CATALOG, provider, model_id)
        facts: dict[str, Any] | None
        if self._store is None or self._origin["revision"] == "0":
            facts = nested_in(self._shipped, key[1:])
        else:
            found = self._store.facts([key]).get(key)
            facts = None if found is None else nested_facts(found)
        layers = self.around.overlays()
        return layered(self._shipped, layers, key[1:], facts) if layers else facts

    # reading and writing the store

    def store(self, *, create: bool = False) -> Store | None:
        """Return the store; None where nothing was ever written."""
        if self._store is None:
            self._store = self.around.open_store(create=create)
        return self._store

    def refresh(self) -> None:
        """Serve what others have committed since."""
        with self._lock:
            store = self.store()
            if store is not None:
                self._catch_up(store, store.head())

    def commit(
        self, make: Callable[[], Draft], *, expected: int | None = None
    ) -> Revision:
        """Commit what `make` drafts over the catalogue as it is, and serve it.

        When somebody else is first, it is drafted again, unless the revision was
        expected to be another one. Raises RevisionConflictError, StoreError, and what
        `make` raises.
        """
        with self._lock:
            store = self.store(create=True)
            if store is None:  # pragma: no cover  a store that is made is there
                raise RevisionConflictError("there is no store", 0)
            _hold(expected, store.head())
            if self._prepare(store) and expected is not None:
                expected = store.head().revision
            for attempt in range(_TRIES):
                self._catch_up(store, store.head())
                draft = make()
                try:
                    revision = store.commit(draft, expected=expected)
                    break
                except RevisionConflictError:
                    if expected is not None or attempt == _TRIES - 1:
                        raise
                    # whoever lost waits by chance, so that one of many gets through
                    sleep(random() * _PAUSE * min(attempt + 1, 8))  # noqa: S311
            self._catch_up(store, store.head())
            self._schedule(revision.count)
            return revision

    def _prepare(self, store: Store) -> bool:
        """Commit the shipped catalogue where the store holds another one."""
        digest, head = self._shipped.digest, store.head()
        same = self._origin["shipped"] == digest and self._origin["epoch"] == head.epoch
        if same and head.revision >= int(self._origin["revision"]) > 0:
            return False
        if shipped_in(store) == digest:
            return False
        self.around.say("the shipped catalogue goes into the store first")
        at, version = self.around.now(), self.around.version
        try:
            revision = commit_baseline(store, self._shipped, version, at)
        except RevisionConflictError:  # somebody else does the same now
            return self._prepare(store)
        if revision is not None and revision.number == 1:
            self._own = {}
            self._set_origin(store.head())
            self._rebase(self._shipped)
        self._origin["shipped"] = digest
        return revision is not None

    def _set_origin(self, head: Head) -> None:
        self._origin |= {"revision": str(head.revision), "epoch": head.epoch}

    def _catch_up(self, store: Store, head: Head) -> None:
        """Make the catalogue what the store holds, and serve it."""
        known = int(self._origin["revision"])
        same = self._origin["epoch"] == head.epoch
        if same and known == head.revision:
            return
        keys: set[Ref] = set()
        if same and known < head.revision:
            found = store.changes(known, head.revision)
            keys = {change.key[1:] for _, change in found}
        if keys and len(keys) <= _MANY:
            self._take(store, keys)
        elif head.revision:
            state = store.state()
            self._own = {k[1:]: facts for k, facts in state.items() if k[0] == OWN}
            data = of_state(state, self._shipped, self._base.snapshot.meta)
            self._rebase(memory_snapshot(data))
        else:
            self._own = {}
            self._rebase(self._shipped)
        self._set_origin(head)
        self._serve()

    def _take(self, store: Store, keys: set[Ref]) -> None:
        """Put changed models over the base."""
        places = [(layer, *key) for key in keys for layer in (CATALOG, OWN)]
        facts = store.facts(places)
        new: dict[Ref, dict[str, Any] | None] = {}
        for key in keys:
            known, own = facts.get((CATALOG, *key)), facts.get((OWN, *key), {})
            self._own.pop(key, None)
            if own:
                self._own[key] = own
            below = None if known is None else nested_facts(known)
            new[key] = stacked_facts(below, own)
        changed = restacked(self._plain, new)
        kept = {key: c for key, c in changed.items() if c is not None}
        if len(kept) < len(changed):
            data = compiled(self._plain, changed, self._base.snapshot.meta)
            self._rebase(memory_snapshot(data))
            return
        self._changed |= kept
        self._plain = delta_catalog(self._base, self._changed)

    def _serve(self) -> None:
        if self.around.overlays():
            self.flush(anew=True)
            self._lookup._use(self._lookup._load("open"))  # noqa: SLF001
        else:
            self._lookup._use(self._plain)  # noqa: SLF001

    # the catalogue file

    def _schedule(self, count: int) -> None:
        """Write the file now or soon, and at exit."""
        if not self._pending:
            atexit.register(self.flush)
        self._pending += count
        if self._pending >= ROWS_APART:
            self.flush()
        elif self._timer is None:
            self._timer = Timer(SECONDS_APART, self.flush)
            self._timer.daemon = True
            self._timer.start()

    def flush(self, *, anew: bool = False) -> None:
        """Write the catalogue file, if there is something new to write."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if not self._pending and not anew:
                return
            self._pending = 0
            atexit.unregister(self.flush)
            served = self._lookup.catalog is self._plain
            data = self._bytes()
            try:
                snapshot = self.around.keep(data)
                self.trouble = ""
            except OSError as error:
                self.trouble = f"{error.filename or 'file'}: {error.strerror}"
                snapshot = memory_snapshot(data)
            self._rebase(snapshot)
            if served:
                self._lookup._use(self._plain)  # noqa: SLF001

    def _bytes(self) -> bytes:
        store = self._store.name if self._store else ""
        origin = {**self._origin, "store": store}
        meta = {**self._plain.snapshot.meta, **origin}
        beside = {OWN_BLOCK: own_block(self._own), ORIGIN_BLOCK: origin_block(origin)}
        return compiled(self._plain, {}, meta, beside)


def _hold(expected: int | None, head: Head) -> None:
    if expected is not None and expected != head.revision:
        message = f"the store is at revision {head.revision}, not {expected}"
        raise RevisionConflictError(message, head.revision)
