"""Pulls: what a store holds beyond what is known of it, checked before it is used.

Everything is read of one moment. The hash of each revision is made again of what was
read of it, each names the one before it, and the facts must be what the changes made.
Where that fails for what is new, all of it is read once more, from the beginning.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from modeldex.catalog.later import LaterPack
from modeldex.domain import Value, set_slot
from modeldex.domain.by_revision import ByRevision
from modeldex.domain.change import CATALOG, LAYERS, revision_hash, revision_meta
from modeldex.errors import StoreDamagedError
from modeldex.usecases.baseline import SHIPPED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from modeldex.domain.change import Change, Facts, Key
    from modeldex.ports import Claim, Head, Revision, Store

    Ref = tuple[str, str]  # provider, model id
    Step = tuple[Revision, Sequence[Change]]

MANY = 2_000  # changed models from which on the whole state is read


class ChainError(Exception):
    """What was read is not what the hashes are of; says of which revision."""


class Pulled(Value):
    """What is new: up to which head, of which models, and what is known of them now.

    `at` is when the last revision was made, ISO text. `facts` are of both layers, by
    layer, provider and model id. `refs` is None where
    all was read anew: then `facts` are the whole state, and `later` is a new pack.
    """

    __slots__ = ("at", "facts", "head", "later", "refs")
    head: Head
    at: str
    facts: Mapping[Key, Facts]
    refs: frozenset[Ref] | None
    later: LaterPack

    def __init__(
        self,
        head: Head,
        facts: Mapping[Key, Facts],
        refs: Iterable[Ref] | None,
        later: LaterPack,
        at: str,
    ) -> None:
        set_slot(self, "head", head)
        set_slot(self, "at", at)
        set_slot(self, "facts", facts)
        set_slot(self, "refs", None if refs is None else frozenset(refs))
        set_slot(self, "later", later)


def pull(
    store: Store,
    known: Head,
    later: LaterPack | None,
    own: Mapping[int, str],
    hear: Callable[[], object] = lambda: None,
) -> Pulled | None:
    """Return what a store holds beyond a known head; None for nothing.

    `later` is what is known of its changes, None for nothing yet; it is added to. `own`
    are the hashes of revisions that this process has written itself: they are not made
    again. `hear` is called once the store has answered. Raises StoreError;
    StoreDamagedError where the store went back in its epoch or is empty by now, and
    where its hashes do not hold.
    """
    with store.moment():
        head = store.head()
        hear()
        same = head.epoch == known.epoch
        if later is not None and same and head.revision == known.revision:
            if known.hash in ("", head.hash):
                return None
        elif known.revision > head.revision and (same or not head.epoch):
            raise StoreDamagedError(_went_back(store, known, head))
        if later is not None and same and head.revision > known.revision:
            try:
                return _new(store, known, head, later, own)
            except ChainError:
                pass
        try:
            return _all(store, head, own)
        except ChainError as error:
            message = f"{store.name}: {error}; `modeldex verify` tells more"
            raise StoreDamagedError(message) from error


def _went_back(store: Store, known: Head, head: Head) -> str:
    return (
        f"{store.name}: it is at revision {head.revision}, and was at "
        f"{known.revision} before; `modeldex restore` brings back a backup"
    )


def _new(
    store: Store, known: Head, head: Head, later: LaterPack, own: Mapping[int, str]
) -> Pulled:
    """Read what is new, and add it to what is known."""
    steps = list(chained(store, known, head, own))
    made = Made()
    for _, changes in steps:
        made.follow(changes)
    few = len(made.refs) <= MANY
    keys = [(layer, *ref) for ref in made.refs for layer in LAYERS]
    facts = store.facts(keys) if few else store.state()
    made.check(facts)
    for revision, changes in steps:
        learn(later, revision, changes)
    return Pulled(head, facts, made.refs if few else None, later, steps[-1][0].at)


def _all(store: Store, head: Head, own: Mapping[int, str]) -> Pulled:
    """Read everything."""
    later, made, at = LaterPack(), Made(), ""
    nowhere = type(head)(0, "", head.epoch)
    for revision, changes in chained(store, nowhere, head, own):
        made.follow(changes)
        learn(later, revision, changes)
        at = revision.at
    state = store.state()
    made.check(state)
    return Pulled(head, state, None, later, at)


def learn(later: LaterPack, revision: Revision, changes: Sequence[Change]) -> None:
    """Keep what a revision changed, but that of shipped catalogues."""
    if revision.source.startswith(SHIPPED):
        later.baseline = revision.number
        return
    seen = [c if c.observed_at else c.seen(revision.at) for c in changes]
    later.add(revision.number, seen)


def chained(
    store: Store, known: Head, head: Head, own: Mapping[int, str]
) -> Iterator[Step]:
    """Yield the revisions from a known head to another; raise ChainError."""
    by_number = itemgetter(0)
    changes = ByRevision(store.changes(known.revision, head.revision), by_number)
    claims = ByRevision(store.claims_of(known.revision, head.revision), by_number)
    number, parent = known.revision, known.hash
    for revision in store.revisions(after=known.revision):
        number += 1
        rows = [change for _, change in changes.take(number)]
        said = [claim for _, claim in claims.take(number)]
        follows = revision.parent_hash == parent or (number > 1 and not parent)
        if revision.number != number or not follows:
            raise ChainError(f"revision {number} does not follow the one before it")
        if own.get(number) != revision.hash:
            if len(rows) != revision.count:
                raise ChainError(f"revision {number} lacks changes")
            if hash_of(revision, rows, said) != revision.hash:
                raise ChainError(f"the hash of revision {number} is another one")
        parent = revision.hash
        yield revision, rows
    if number != head.revision or parent != head.hash:
        raise ChainError(f"the head is not revision {number}")


def hash_of(
    revision: Revision, changes: Iterable[Change], claims: Iterable[Claim]
) -> str:
    """Make the hash of a revision again, of what it holds."""
    meta = revision_meta(revision, claims)
    return revision_hash(revision.parent_hash, changes, meta)


class Made:
    """What changes make of models, as far as they tell: the last word on each field."""

    def __init__(self) -> None:
        self.refs: set[Ref] = set()
        self._whole: dict[Key, bool] = {}  # models all of whose facts are told; is gone
        self._facts: dict[Key, dict[str, Any]] = {}

    def follow(self, changes: Iterable[Change]) -> None:
        """Take changes in."""
        for change in changes:
            key = change.key
            self.refs.add(key[1:])
            if change.field:
                self._facts.setdefault(key, {})[change.field] = change.new
                self._whole[key] = self._whole.get(key, False)
            elif change.new is not None or change.old is not None:
                self._whole[key] = True
                self._facts[key] = dict(change.new.value) if change.new else {}

    def check(self, facts: Mapping[Key, Facts]) -> None:
        """Compare with what a store says; raise ChainError."""
        for key, told in self._facts.items():
            found = facts.get(key, {})
            wanted = {name: fact for name, fact in told.items() if fact is not None}
            kept = found if self._whole[key] else {n: found.get(n) for n in told}
            if wanted != {n: fact for n, fact in kept.items() if fact is not None}:
                layer = "" if key[0] == CATALOG else f" ({key[0]})"
                message = f"{key[1]}/{key[2]}{layer} is not what its changes make"
                raise ChainError(message)
