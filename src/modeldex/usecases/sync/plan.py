"""What an answer would change: planned, not written.

Of each model of which a source says something else than before, the claims are merged
as they were and as they are. Where that makes a difference, and the difference is not
what is served already, it is a change; it passes the guards, or waits for a person.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from modeldex.catalog.facts import CURATED
from modeldex.domain.change import OWN, Change, Fact, dump, kind_of
from modeldex.domain.source_name import is_followed
from modeldex.domain.syncing import Answer, Doubt, Listing, Review
from modeldex.ports import Claim
from modeldex.usecases.sync.conflicts import lapsed
from modeldex.usecases.sync.doubting import doubts_about, held
from modeldex.usecases.sync.following import whole_claim
from modeldex.usecases.sync.presence import absences, came_back

if TYPE_CHECKING:
    from collections.abc import (
        Callable,
        Collection,
        Iterable,
        Iterator,
        Mapping,
        Sequence,
    )

    from modeldex.catalog.merging.claims import Key, Quarantined
    from modeldex.domain.change import Facts
    from modeldex.usecases.sync.doubting import Guards
    from modeldex.usecases.sync.known import Known, Said
    from modeldex.usecases.sync.waiting import Waiting


# facts that follow others and are never in doubt
_FOLLOWS = "updated_at"


@dataclass(slots=True)
class Plan:
    """What an answer comes to: changes, claims, listings, reviews, and counts."""

    changes: list[Change] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    listings: list[Listing] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    held: set[Key] = field(default_factory=set)
    """Models of which something is held back."""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was said that was not known."""
        return not (self.changes or self.claims or self.reviews or self.listings)


def digest_of(said: Said) -> str:
    """Return the digest of all that a source says of a model."""
    return blake2b(dump(dict(said)).encode(), digest_size=12).hexdigest()


def plan(  # noqa: PLR0913, PLR0917  all that it is held against
    answered: Answer,
    known: Known,
    listed: Mapping[Key, Listing],
    state: Mapping[Key, Facts],
    waiting: Waiting,
    guards: Guards,
    own: Callable[[str, str], Facts] = lambda _provider, _model: {},
) -> Plan:
    """Plan what an answer changes.

    Its models are by the ids by which they are served. `listed` is what the source
    listed before, `state` the facts of sources that are served of each model that
    either names, or that its provider has; `own` gives what people wrote of a model.
    """
    made = Plan()
    touched = _touched(answered, listed, known, waiting.stale(state), made)
    merged = _Merging(answered, known)
    changed: dict[Key, list[Change]] = {}
    for key in touched:
        made.claims += _claims(answered, known, key)
        over = list(_lapsed(answered, key, own(*key)))
        made.counts["lapsed"] += bool(over)
        made.changes += over
        pending = waiting.pending(key, answered.models[key])
        found = _changes(key, merged, state.get(key), answered, pending)
        if found or key not in state or key in waiting.places:
            changed[key] = found
    doubts = doubts_about(changed, state, guards, merged.doubts)
    for key, changes in changed.items():
        about = doubts.get(key, {})
        if key not in state and "" in about:
            _hold_whole(key, changes, about[""], waiting, made)
            continue
        passed = _pass(key, changes, about, waiting, merged, guards, made)
        _count(made, passed, known=key in state)
        made.changes += _dated(key, passed, merged, state.get(key))
    made.changes += came_back(answered, known, listed, state, made)
    made.changes += absences(answered, known, listed, state, waiting, guards, made)
    moved = {key for key in changed if key in made.held}
    moved |= {change.key[1:] for change in made.changes if change.key[1:] in changed}
    made.counts["unchanged"] = len(answered.models) - len(moved)
    return made


def _touched(
    answered: Answer,
    listed: Mapping[Key, Listing],
    known: Known,
    stale: Collection[Key],
    made: Plan,
) -> list[Key]:
    """Return the models of which a source says something else than before.

    And those of which something `stale` waits: it is to be judged anew.
    """
    touched = []
    for key, said in sorted(answered.models.items()):
        before = listed.get(key)
        digest = before.digest if before and answered.same else digest_of(said)
        if before is None or before.digest != digest or before.missing_since:
            made.listings.append(Listing(answered.source, *key, digest))
        if key in stale:
            touched.append(key)
        elif before is not None and before.digest == digest:
            continue
        elif dict(said) != known.said_by(answered.source, key):
            touched.append(key)
    return touched


def _claims(answered: Answer, known: Known, key: Key) -> Iterator[Claim]:
    """Yield what a source says otherwise of a model; None for what no more."""
    before, after = known.said_by(answered.source, key), answered.models[key]
    if is_followed(answered.source):
        yield whole_claim(answered.source, key, after, answered.at)
        return
    for name in sorted({*before, *after}):
        if name not in before or before[name] != after.get(name):
            yield Claim(
                *key,
                name,
                answered.source,
                value=after.get(name),
                observed_at=answered.at,
            )


def _lapsed(answered: Answer, key: Key, own: Facts) -> Iterator[Change]:
    """Yield the end of each verdict for a source that says something else now."""
    gone = lapsed(own, answered.source, answered.models[key])
    for name, fact in sorted(gone.items()):
        yield Change(*key, name, fact, None, layer=OWN, observed_at=answered.at)


class _Merging:
    """Facts of models as merged before an answer, and after it."""

    def __init__(self, answered: Answer, known: Known) -> None:
        self._answered = answered
        self.known = known
        day = answered.at[:10]
        first = known.dates.get(answered.source, day)
        self._before = {**known.dates, answered.source: first}
        self._after = {**known.dates, answered.source: day}
        self._known_after: dict[Key, tuple[Facts, Sequence[Quarantined]]] = {}

    def said(self, key: Key) -> Any:
        """Return all claims to a model, with those of the answer."""
        said = self._answered.models[key]
        return self.known.with_said(self._answered.source, key, said)

    def before(self, key: Key) -> Facts:
        """Return a model's facts as they were merged."""
        values = self.known.models.get(key, {})
        return self.known.merged(key, values, self._before)[0]

    def after(self, key: Key) -> Facts:
        """Return a model's facts as the answer makes them."""
        return self._merged(key)[0]

    def is_of(self, fact: Fact | None) -> bool:
        """Tell whether a fact is the source's that answers."""
        return fact is not None and fact.source == self._answered.source

    def put_aside(self, key: Key) -> dict[str, Doubt]:
        """Return why claims of the answer are not weighed, by field."""
        return {
            item.field: Doubt(item.reason, {"new": item.value, **dict(item.others)})
            for item in self._merged(key)[1]
            if item.source == self._answered.source
        }

    def doubts(self, key: Key, changes: Sequence[Change]) -> dict[str, Doubt]:
        """Return why claims that are changes are not weighed, by field."""
        news = {change.field: change.new for change in changes}
        put_aside = self.put_aside(key).items()
        return {name: doubt for name, doubt in put_aside if self.is_of(news.get(name))}

    def _merged(self, key: Key) -> tuple[Facts, Sequence[Quarantined]]:
        if key not in self._known_after:
            found = self.known.merged(key, self.said(key), self._after)
            self._known_after[key] = found
        return self._known_after[key]


def _changes(
    key: Key,
    merged: _Merging,
    now: Facts | None,
    answered: Answer,
    pending: Collection[str],
) -> list[Change]:
    """Return what a model's claims make different from what is served.

    What came to nothing before comes to nothing again: it was rolled back, or served
    otherwise for another reason. What is `pending` is told once more.
    """
    at = answered.at
    after = {**merged.after(key), **_odd(key, merged, now, answered)}
    if now is None:
        return [
            Change(*key, name, None, fact, kind="first_known", observed_at=at)
            for name, fact in after.items()
            if name != _FOLLOWS
        ]
    before = merged.before(key)
    found = []
    for name in sorted({*before, *after} - {_FOLLOWS}):
        old, new = before.get(name), after.get(name)
        served = now.get(name)
        if new == served or _keeps(served, new, answered.source):
            continue
        if new == old and name not in pending and "" not in pending:
            continue
        found.append(
            Change(*key, name, served, new, kind=kind_of(served, new), observed_at=at)
        )
    return found


def _keeps(served: Fact | None, new: Fact | None, source: str) -> bool:
    """Tell whether what is served stays, though a source says otherwise.

    What a person gave does. To a registry that is followed only the values count, and
    what is curated in the package is no more than its own people's word.
    """
    if served is not None and new is not None and is_followed(source):
        return bool(served.value == new.value)
    return _is_persons(served)


def _odd(
    key: Key, merged: _Merging, now: Facts | None, answered: Answer
) -> dict[str, Fact]:
    """Return claims that merging puts aside, or drops, as the changes that they are.

    Where the source that says them gave what is served, that does not go because it
    says something odd: a lone 0 is no price to merging.
    """
    said, served, after = answered.models[key], now or {}, merged.after(key)
    held = merged.put_aside(key)
    odd = [name for name in held if now is None or merged.is_of(served.get(name))]
    odd += [
        name
        for name, value in said.items()
        if isinstance(value, Decimal)
        and not value
        and name not in after
        and merged.is_of(served.get(name))
    ]
    return {name: Fact(said[name], answered.source) for name in odd}


def _is_persons(fact: Fact | None) -> bool:
    if fact is None:
        return False
    source = fact.source
    return source == CURATED or isinstance(source, dict)


def _pass(  # noqa: PLR0913, PLR0917  what a change is held against
    key: Key,
    changes: Sequence[Change],
    doubts: Mapping[str, Sequence[Doubt]],
    waiting: Waiting,
    merged: _Merging,
    guards: Guards,
    made: Plan,
) -> list[Change]:
    """Return the changes that no guard holds; the others wait for a person."""
    waits = held(changes, doubts, merged.said(key), guards) if doubts else {}
    passed = []
    for change in changes:
        if change.field not in waits:
            passed.append(change)
            continue
        outcome = waiting.hold(change, waits[change.field], made.reviews)
        made.counts[outcome] += 1
        made.held.add(key)
    waiting.let_go(key, waits, made.reviews)
    waiting.let_in(key, passed, made.reviews)
    return passed


def _hold_whole(
    key: Key,
    changes: Sequence[Change],
    about: Sequence[Doubt],
    waiting: Waiting,
    made: Plan,
) -> None:
    """Let a new model wait as a whole: its very id is in doubt."""
    new = Fact({change.field: change.new for change in changes})
    at = changes[0].observed_at if changes else ""
    change = Change(*key, "", None, new, kind="appeared", observed_at=at)
    made.counts[waiting.hold(change, tuple(about), made.reviews)] += 1
    made.held.add(key)
    waiting.let_go(key, {""}, made.reviews)


def _count(made: Plan, passed: Sequence[Change], *, known: bool) -> None:
    told = [change for change in passed if change.kind != "source"]
    if not known:
        made.counts["added"] += 1
    elif told:
        made.counts["changed"] += 1


def _dated(
    key: Key, passed: list[Change], merged: _Merging, now: Facts | None
) -> Iterable[Change]:
    """Return a model's changes as they are committed: a new one whole, with its day."""
    day = merged.after(key).get(_FOLLOWS) if passed or now is None else None
    if now is None:
        facts = {change.field: change.new for change in passed}
        if day is not None:
            facts[_FOLLOWS] = day
        at = passed[0].observed_at if passed else ""
        new = Fact(facts)
        return [Change(*key, "", None, new, kind="appeared", observed_at=at)]
    old = now.get(_FOLLOWS)
    if day is None or old == day or _is_persons(old):
        return passed
    at = passed[0].observed_at
    kind = kind_of(old, day)
    return [*passed, Change(*key, _FOLLOWS, old, day, kind=kind, observed_at=at)]
