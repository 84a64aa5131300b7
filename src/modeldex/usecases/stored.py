"""The catalogue whose truth is a store: what it becomes by a commit.

Readers never ask the database: after a commit this process swaps to its catalogue plus
the changed models, and writes the whole as a file that other processes open, at most
once a second, or 500 changes apart, and at a clean exit.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from modeldex.catalog.delta import delta_catalog
from modeldex.catalog.facts import nested_facts, restacked, stacked_facts
from modeldex.catalog.later import BLOCK as LATER_BLOCK
from modeldex.catalog.later import LaterPack
from modeldex.catalog.snapshot import memory_snapshot
from modeldex.domain.change import CATALOG, OWN
from modeldex.errors import RevisionConflictError, StoreError
from modeldex.ports import Head
from modeldex.usecases.baseline import commit_baseline, shipped_in
from modeldex.usecases.build import layered
from modeldex.usecases.catalog_file import (
    BELOW_BLOCK,
    Beyond,
    compiled,
    nested_in,
    of_state,
    read_origin,
    read_own,
)
from modeldex.usecases.chain import id_of, identity_in
from modeldex.usecases.kept import Kept, beside
from modeldex.usecases.pulling import pull

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from modeldex.catalog import Catalog, Lookup, Snapshot
    from modeldex.domain.change import Facts, Key
    from modeldex.ports import Draft, Revision, Store
    from modeldex.usecases.surroundings import Surroundings

    Ref = tuple[str, str]  # provider, model id


def _nothing() -> None:
    """Hear it, and do nothing."""


class StoredCatalog(Kept):
    """A registry's catalogue, written to through a store."""

    def __init__(self, lookup: Lookup, around: Surroundings) -> None:
        super().__init__()
        self._lookup = lookup
        self.around = around
        self._store: Store | None = None
        self._shipped = around.shipped()
        self._origin = {"revision": "0", "epoch": "", "shipped": self._shipped.digest}
        # hashes of what this process has committed and not yet read
        self._written: dict[int, str] = {}
        # told where the store is: after each commit of this process, after each swap
        self.on_commit: list[Callable[[Head], None]] = []
        self.on_swap: list[Callable[[Head], None]] = []
        self._own: dict[Ref, Facts] = {}
        self._below: dict[Ref, Facts] = {}  # of those models, what sources say
        # what the store knows after the shipped catalogue; None: to be read from it
        self._later: LaterPack | None = LaterPack()
        self._beyond: tuple[int, Beyond | None] = (0, None)
        base = around.compiled()
        if base is not None:
            self._open_file(base)
        self._rebase(base or self._shipped)
        self.has_file = base is not None
        self.served = self.known

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

    @property
    def known(self) -> Head:
        """Where the store was when it was read last."""
        found = self._origin
        return Head(int(found["revision"]), found.get("hash", ""), found["epoch"])

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

    def adopt(self) -> None:
        """Serve the catalogue file as it was read here, which asks no store.

        The lookup may have opened an earlier one, or one of another name.
        """
        with self._lock:
            of_today = self._origin["shipped"] == self._shipped.digest
            if self.known.revision and of_today and not self.around.overlays():
                self._serve()

    def refresh(
        self,
        on_ask: Callable[[], object] = _nothing,
        on_answer: Callable[[], object] = _nothing,
    ) -> None:
        """Serve what others have committed since.

        `on_ask` is called when it is this call's turn to ask the store, `on_answer`
        when that has said where it is; what is new may take long after that.
        """
        with self._lock:
            on_ask()
            store = self.store()
            if store is not None:
                self._catch_up(store, on_answer)

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
            self._catch_up(store)
            draft = make()
            try:
                revision = store.commit(draft, expected=expected)
            except RevisionConflictError:
                if expected is not None:
                    raise
                revision = self._commit_in_turn(store, make)
            self._note(revision)
            if draft.memory is not None:  # whom we follow may have answered
                self._origin |= identity_in(store)
            self._catch_up(store)
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
        self._catch_up(store)  # most of it before others wait for us
        with store.turn():
            self._catch_up(store)
            return store.commit(make())

    def _note(self, revision: Revision) -> None:
        """Keep the hash of what was committed, and tell of it."""
        self._written[revision.number] = revision.hash
        head = Head(revision.number, revision.hash, self._origin["epoch"])
        for hear in self.on_commit:
            hear(head)

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

    def _catch_up(self, store: Store, hear: Callable[[], object] = _nothing) -> None:
        """Make the catalogue what the store holds, and serve it.

        Raises StoreDamagedError, and keeps the catalogue, where that is not sound.
        """
        pulled = pull(store, self.known, self._later, self._written, hear)
        self._written.clear()
        if pulled is None:
            if self.served != self.known:  # what was known could not be served
                self._serve()
            return
        self._later = pulled.later
        place = _place(pulled.head)
        if pulled.refs is not None:
            self._take(pulled.facts, pulled.refs, place)
        elif pulled.head.revision:
            state = pulled.facts
            self._own = {k[1:]: facts for k, facts in state.items() if k[0] == OWN}
            layer = {k: state.get((CATALOG, *k)) for k in self._own}
            self._below = {k: facts for k, facts in layer.items() if facts}
            meta = {**self._base.snapshot.meta, **place}
            data = of_state(state, self._shipped, meta)
            self._rebase(memory_snapshot(data))
        else:
            self._forget()
        self._origin |= {**place, "at": pulled.at}
        if "id" not in self._origin:
            self._origin |= identity_in(store)
        self._serve()

    def _take(
        self, facts: Mapping[Key, Facts], keys: Iterable[Ref], place: dict[str, str]
    ) -> None:
        """Put changed models over the base."""
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
            self._name()
            self._lookup._use(self._plain)  # noqa: SLF001
        self.served = self.known
        for hear in self.on_swap:
            hear(self.served)

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
            self._catch_up(store)
            self.flush(anew=True)
            return known, head.revision

    # what others follow

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
            found = beside(origin, self._own, self._below, self._later)
            return self.catalog, origin, found


def _place(head: Head) -> dict[str, str]:
    return {"revision": str(head.revision), "epoch": head.epoch, "hash": head.hash}


def _hold(expected: int | None, head: Head) -> None:
    if expected is not None and expected != head.revision:
        message = f"the store is at revision {head.revision}, not {expected}"
        raise RevisionConflictError(message, head.revision)
