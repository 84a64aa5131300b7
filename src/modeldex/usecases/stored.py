"""The catalogue whose truth is a store: what it becomes by a commit.

Readers never ask the database: after a commit this process swaps to its catalogue plus
the changed models, and writes the whole as a file that other processes open, at most
once a second, or 500 changes apart, and at a clean exit.
"""

from __future__ import annotations

import atexit
from contextlib import suppress
from itertools import groupby
from operator import itemgetter
from threading import RLock, Timer
from typing import TYPE_CHECKING, Any

from modeldex.catalog import Catalog
from modeldex.catalog.delta import delta_catalog
from modeldex.catalog.facts import nested_facts, restacked, stacked_facts
from modeldex.catalog.later import BLOCK as LATER_BLOCK
from modeldex.catalog.later import LaterPack
from modeldex.catalog.snapshot import memory_snapshot
from modeldex.domain.change import CATALOG, OWN
from modeldex.errors import RevisionConflictError, StoreError
from modeldex.usecases.baseline import SHIPPED, commit_baseline, shipped_in
from modeldex.usecases.build import layered
from modeldex.usecases.catalog_file import (
    BELOW_BLOCK,
    ORIGIN_BLOCK,
    OWN_BLOCK,
    Beyond,
    compiled,
    nested_in,
    of_state,
    origin_block,
    own_block,
    read_origin,
    read_own,
)
from modeldex.usecases.chain import id_of, identity_in
from modeldex.usecases.told import Told

if TYPE_CHECKING:
    from collections.abc import Callable

    from modeldex.catalog import Lookup, Snapshot
    from modeldex.domain.change import Facts
    from modeldex.ports import Draft, Head, Revision, Store
    from modeldex.usecases.surroundings import Surroundings

    Ref = tuple[str, str]  # provider, model id

ROWS_APART, SECONDS_APART = 500, 1.0
_MANY = 2_000  # changed models from which on the whole state is read


class StoredCatalog(Told):
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
        self._below: dict[Ref, Facts] = {}  # of those models, what sources say
        # what the store knows after the shipped catalogue; None: to be read from it
        self._later: LaterPack | None = LaterPack()
        self._beyond: tuple[int, Beyond | None] = (0, None)
        base = around.compiled()
        if base is not None:
            self._open_file(base)
        self._rebase(base or self._shipped)

    def _open_file(self, base: Snapshot) -> None:
        """Take what stands beside a catalogue file."""
        self._origin |= read_origin(base)
        self._own |= read_own(base)
        try:
            base.block(LATER_BLOCK)
            self._below |= read_own(base, BELOW_BLOCK)
            self._later = LaterPack(base.block)
        except KeyError:  # of an older version
            self._later = None

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

    def beyond(self, revision: int) -> Beyond | None:
        """Return what is known of the store's past; None for another revision.

        It was made when the revision was served: who reads waits for no commit.
        """
        number, found = self._beyond
        return found if number == revision else None

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

        When somebody else is first, it is drafted again while no other may write,
        unless the revision was expected to be another one. Raises
        RevisionConflictError, StoreError, and what `make` raises.
        """
        with self._lock:
            store = self.store(create=True)
            if store is None:  # pragma: no cover  a store that is made is there
                raise RevisionConflictError("there is no store", 0)
            _hold(expected, store.head())
            if self._prepare(store) and expected is not None:
                expected = store.head().revision
            self._catch_up(store, store.head())
            draft = make()
            try:
                revision = store.commit(draft, expected=expected)
            except RevisionConflictError:
                if expected is not None:
                    raise
                revision = self._commit_in_turn(store, make)
            self._catch_up(store, store.head())
            self._schedule(revision.count)
            return revision

    def synced(self, make: Callable[[], Draft]) -> Revision | None:
        """Commit what `make` drafts, or only remember what makes no revision.

        Raises as `commit` does.
        """
        with self._lock:
            self.refresh()
            drafted = [make()]
            if drafted[0].changes or drafted[0].claims:
                return self.commit(lambda: drafted.pop() if drafted else make())
            store = self.store(create=True)
            if store is not None and drafted[0].memory is not None:
                store.remember(drafted[0].memory)
            return None

    def _commit_in_turn(self, store: Store, make: Callable[[], Draft]) -> Revision:
        """Draft over what is there while nobody else writes."""
        self._catch_up(store, store.head())  # most of it before others wait for us
        with store.turn():
            self._catch_up(store, store.head())
            return store.commit(make())

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
            self._forget().baseline = 1
            self._origin |= _place(store.head())
        self._origin["shipped"] = digest
        return revision is not None

    def _forget(self) -> LaterPack:
        """Take the shipped catalogue, with nothing written over it."""
        self._own, self._below, self._later = {}, {}, LaterPack()
        self._rebase(self._shipped)
        return self._later

    def _catch_up(self, store: Store, head: Head) -> None:
        """Make the catalogue what the store holds, and serve it."""
        known = int(self._origin["revision"])
        same = self._origin["epoch"] == head.epoch and known <= head.revision
        if same and known == head.revision and self._later is not None:
            return
        if not same or self._later is None:
            self._learn(store, LaterPack(), 0, head.revision)
            keys = None
        else:
            keys = self._learn(store, self._later, known, head.revision)
        place = _place(head)
        if keys and len(keys) <= _MANY:
            self._take(store, keys, place)
        elif head.revision:
            state = store.state()
            self._own = {k[1:]: facts for k, facts in state.items() if k[0] == OWN}
            layer = {k: state.get((CATALOG, *k)) for k in self._own}
            self._below = {k: facts for k, facts in layer.items() if facts}
            meta = {**self._base.snapshot.meta, **place}
            data = of_state(state, self._shipped, meta)
            self._rebase(memory_snapshot(data))
        else:
            self._forget()
        self._origin |= place | identity_in(store)
        self._serve()

    def _learn(
        self, store: Store, pack: LaterPack, after: int, until: int
    ) -> set[Ref] | None:
        """Keep what revisions changed, but for shipped catalogues; return of what."""
        revisions = {found.number: found for found in store.revisions(after=after)}
        keys: set[Ref] = set()
        for number, rows in groupby(store.changes(after, until), itemgetter(0)):
            revision = revisions[number]
            if revision.source.startswith(SHIPPED):
                pack.baseline = number
                keys.update(change.key[1:] for _, change in rows)
                continue
            changes = [change for _, change in rows]
            keys.update(change.key[1:] for change in changes)
            pack.add(
                number, [c if c.observed_at else c.seen(revision.at) for c in changes]
            )
        self._later = pack
        if revisions:
            self._origin["at"] = revisions[max(revisions)].at
        return keys

    def _take(self, store: Store, keys: set[Ref], place: dict[str, str]) -> None:
        """Put changed models over the base."""
        places = [(layer, *key) for key in keys for layer in (CATALOG, OWN)]
        facts = store.facts(places)
        new: dict[Ref, dict[str, Any] | None] = {}
        for key in keys:
            known, own = facts.get((CATALOG, *key)), facts.get((OWN, *key), {})
            self._own.pop(key, None)
            self._below.pop(key, None)
            if own:
                self._own[key] = own
            if own and known:
                self._below[key] = known
            below = None if known is None else nested_facts(known)
            new[key] = stacked_facts(below, own)
        changed = restacked(self._plain, new)
        kept = {key: c for key, c in changed.items() if c is not None}
        if len(kept) < len(changed):
            meta = {**self._base.snapshot.meta, **place}
            data = compiled(self._plain, changed, meta)
            self._rebase(memory_snapshot(data))
            return
        self._changed |= kept
        self._plain = delta_catalog(self._base, self._changed, meta=place)

    def _serve(self) -> None:
        pack = None if self._later is None else self._later.copied()
        read = None if pack is None else pack.read
        found = Beyond(read, dict(self._own), dict(self._below))
        self._beyond = (int(self._origin["revision"]), found)
        if self.around.overlays():
            self.flush(anew=True)
            self._lookup._use(self._lookup._load("open"))  # noqa: SLF001
        else:
            self._lookup._use(self._plain)  # noqa: SLF001

    # the catalogue file

    def mend(self) -> tuple[int, int] | None:
        """Publish what was committed when a process ended before it could.

        Return the revision of the file and that of the store; None when the file is
        not behind. Raises StoreError.
        """
        with self._lock:
            store = self.store()
            if store is None or self._pending:
                return None
            head, published = store.head(), self.around.compiled()
            origin = {} if published is None else read_origin(published)
            known = int(origin.get("revision", 0))
            if not head.revision or (
                origin.get("epoch") == head.epoch
                and known >= head.revision
                and self._later is not None
            ):
                return None
            self._catch_up(store, head)
            self.flush(anew=True)
            return known, head.revision

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
        return compiled(self._plain, {}, meta, self._beside(origin))

    def _beside(self, origin: dict[str, str]) -> dict[str, bytes]:
        """Return what stands beside the catalogue in a file."""
        beside = {
            OWN_BLOCK: own_block(self._own),
            BELOW_BLOCK: own_block(self._below),
            ORIGIN_BLOCK: origin_block(origin),
        }
        return beside if self._later is None else beside | self._later.blocks()

    def ids(self) -> set[str]:
        """Return the ids by which others know this registry."""
        store = self.store()
        known = "" if store is None else id_of(store)
        return {known, self.around.identity()} - {""}

    def published(self) -> tuple[Catalog, dict[str, str], dict[str, bytes]]:
        """Return what is served, who and where we are, and what stands beside it.

        The store is asked who we are; where it is away, the catalogue file knows.
        """
        with self._lock:
            origin = dict(self._origin)
            with suppress(StoreError):
                store = self.store()
                if store is not None:
                    origin |= identity_in(store)
            origin["id"] = origin.get("id") or self.around.identity()
            return self.catalog, origin, self._beside(origin)


def _place(head: Head) -> dict[str, str]:
    return {"revision": str(head.revision), "epoch": head.epoch}


def _hold(expected: int | None, head: Head) -> None:
    if expected is not None and expected != head.revision:
        message = f"the store is at revision {head.revision}, not {expected}"
        raise RevisionConflictError(message, head.revision)
