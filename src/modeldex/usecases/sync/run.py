"""A sync with one source: its answer is planned, guarded, committed and reported."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from modeldex.domain.syncing import ALL_MODELS, OPEN, Answer, Memory, SourceState
from modeldex.ports import Draft
from modeldex.usecases.sync.known import Known
from modeldex.usecases.sync.plan import Plan, plan
from modeldex.usecases.sync.waiting import Waiting, is_stale

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from modeldex.catalog import Catalog
    from modeldex.catalog.merging.claims import Key, Packed
    from modeldex.usecases.stored import StoredCatalog
    from modeldex.usecases.sync.doubting import Guards
    from modeldex.usecases.sync.known import Authority, Said

AUTHOR = "modeldex"
# how a sync with a source ended
OK, PARTIAL, SKIPPED, FAILED = "ok", "partial", "skipped", "failed"
_COUNTS = (
    "added",
    "changed",
    "missing",
    "returned",
    "retired",
    "quarantined",
    "rejected",
    "unchanged",
)


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What a sync with one source came to.

    `fetched` is the number of entries in the answer. `outcome` is ok; partial, where
    the answer was not whole; skipped, where nothing was asked; or failed. `why` says
    what was wrong. `revision` is None where nothing changed.
    """

    source: str
    outcome: str = OK
    fetched: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)
    why: str = ""
    revision: int | None = None
    plan: Plan | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "source": self.source,
            "fetched": self.fetched,
            **{name: self.counts.get(name, 0) for name in _COUNTS},
            "skipped": dict(self.skipped),
            "outcome": self.outcome,
            "why": self.why or None,
            "revision": self.revision,
        }


class Desk:
    """What a sync works with; `packed` and `guards` are made when they are needed.

    `authority` says of what each source is believed before all others.
    """

    def __init__(
        self,
        stored: StoredCatalog,
        packed: Callable[[], Packed],
        guards: Callable[[Catalog], Guards],
        authority: Authority,
    ) -> None:
        self.stored = stored
        self._read_packed = packed
        self._make_guards = guards
        self.authority = authority
        self._packed: Packed | None = None
        self._guards: tuple[str, Guards] | None = None

    @property
    def packed(self) -> Packed:
        """The claims that are shipped."""
        if self._packed is None:
            self._packed = self._read_packed()
        return self._packed

    def guards(self) -> Guards:
        """Return the guards over the catalogue as it is."""
        catalog = self.stored.catalog
        digest = catalog.snapshot.digest
        if self._guards is None or self._guards[0] != digest:
            self._guards = (digest, self._make_guards(catalog))
        return self._guards[1]

    def known(self) -> Known:
        """Return what all sources say."""
        store = self.stored.store()
        if store is None:
            return Known(self.packed, authority=self.authority)
        claims, states = store.claims(), store.sources()
        return Known(self.packed, claims, states, self.authority)

    def states(self, names: Iterable[str]) -> dict[str, SourceState]:
        """Return where the sync with each of some sources is."""
        store = self.stored.store()
        known = {} if store is None else store.sources()
        return {name: known.get(name) or SourceState(name) for name in names}

    def state(self, source: str) -> SourceState:
        """Return where the sync with a source is."""
        return self.states([source])[source]


def take(answer: Answer, desk: Desk, *, dry_run: bool = False) -> SourceReport:
    """Take an answer into the catalogue; return what it came to.

    An answer without a model changes nothing. Raises StoreError.
    """
    before = desk.state(answer.source)
    if before.synced_at and answer.at < before.synced_at:
        why = f"it is of {answer.at[:10]}, older than what is known"
        return SourceReport(answer.source, SKIPPED, answer.rows, why=why)
    if before.digest and answer.digest == before.digest:
        answer = replace(answer, same=True, complete=before.complete)
    if not (answer.models or answer.same):
        why = "the answer is empty; nothing was changed"
        if answer.rows:
            why = f"none of the {answer.rows} entries is a model; nothing was changed"
        return failed(answer.source, why, desk, answer.at, dry_run=dry_run)
    outcome = OK if answer.complete else PARTIAL
    why = "" if answer.complete else "the answer is not whole; absence proves nothing"
    report = SourceReport(
        answer.source, outcome, answer.rows, skipped=answer.skipped, why=why
    )
    after = _after(answer, before, desk.stored.around.now())
    if answer.same and not _is_waiting(answer.source, desk):
        if not dry_run:
            desk.stored.synced(lambda: _only(after))
        return replace(report, counts={"unchanged": answer.rows})
    plans: list[Plan] = []

    def make() -> Draft:
        plans.append(planned(answer, desk))
        return _draft(answer, plans[-1], after)

    if dry_run:
        plans.append(planned(answer, desk))
        return replace(report, counts=plans[-1].counts, plan=plans[-1])
    revision = desk.stored.synced(make)
    number = None if revision is None else revision.number
    made = plans[-1]
    return replace(report, counts=made.counts, revision=number, plan=made)


def _after(answer: Answer, before: SourceState, now: str) -> SourceState:
    """Return where a source is after an answer."""
    return replace(
        before,
        tried_at=max(answer.at, now),
        synced_at=answer.at,
        digest=answer.digest,
        etag=answer.etag,
        last_modified=answer.last_modified,
        rows=answer.rows,
        complete=answer.complete,
        error="",
    )


def _is_waiting(source: str, desk: Desk) -> bool:
    """Tell whether the same answer may come to something else by now.

    A model is missing that may be retired after a day, or a change waits over what is
    served no more.
    """
    store = desk.stored.store()
    if store is None:
        return False
    if store.listings(source, missing=True):
        return True
    held = [review for review in store.reviews(OPEN) if review.source == source]
    state = desk.stored.told({(r.provider, r.model_id) for r in held})
    return any(is_stale(review, state) for review in held)


def planned(answer: Answer, desk: Desk, known: Known | None = None) -> Plan:
    """Plan what an answer changes, over what is `known`; nothing is written."""
    store = desk.stored.store()
    listings = [] if store is None else store.listings(answer.source)
    reviews = [] if store is None else store.reviews()
    listed = {(item.provider, item.model_id): item for item in listings}
    known = known or desk.known()
    if answer.same:
        there = [key for key, item in listed.items() if not item.missing_since]
        models: dict[Key, Said] = {k: known.said_by(answer.source, k) for k in there}
    else:
        models = dict(known.joined(answer.source, answer.models))
    for key, target in answer.pointers.items():
        if key in known.models:
            models.setdefault(key, {"alias_of": target})
    keys = {*models, *listed, *known.listed_by(answer.source)}
    answered = replace(answer, models=models)
    state = desk.stored.told(keys, answer.provider if answer.is_list else "")
    waiting = Waiting(answer.source, reviews, answer.at)
    own = desk.stored.own
    return plan(answered, known, listed, state, waiting, desk.guards(), own)


def _draft(answer: Answer, made: Plan, state: SourceState) -> Draft:
    if not made.is_empty:
        state = replace(state, changed_at=answer.at)
    if any(model == ALL_MODELS for _, model in made.held):
        # what is gone is in the answer alone: it is read again, and not only compared
        state = replace(state, digest="", etag="", last_modified="")
    told = ("added", "changed", "missing", "returned", "retired", "lapsed")
    counts = [f"{made.counts[name]} {name}" for name in told if made.counts[name]]
    return Draft(
        made.changes,
        author=AUTHOR,
        source=answer.source,
        at=answer.at,
        reason=f"sync: {', '.join(counts) or 'claims only'}",
        claims=made.claims,
        memory=Memory((state,), tuple(made.listings), tuple(made.reviews)),
    )


def _only(state: SourceState) -> Draft:
    memory = Memory((state,))
    at = state.tried_at
    return Draft((), author=AUTHOR, source=state.source, at=at, memory=memory)


def failed(
    source: str, why: str, desk: Desk, at: str, *, dry_run: bool = False
) -> SourceReport:
    """Remember that a source could not be asked, and why; nothing else changes."""
    if not dry_run:
        after = replace(desk.state(source), tried_at=at, error=why)
        desk.stored.synced(lambda: _only(after))
    return SourceReport(source, FAILED, why=why)
