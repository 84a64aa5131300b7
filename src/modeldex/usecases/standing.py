"""What stood at a time: the packed history, then the store, and people on top.

One rule for prices, costs and whole catalogues:

- Until the day of the shipped catalogue the packed history tells what sources said;
  from then on the catalogue does, without what the store came to know later.
- What people wrote into the store holds from the day that they named, else from when
  they wrote it, on whatever the sources said. It makes no model appear that was not
  there, but one of their own.
- A file of YAML names no day: what it says holds on every day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from modeldex.catalog import Catalog
from modeldex.catalog.by_hand import rows_by_hand, said_by_hand
from modeldex.catalog.encode import decode, encode
from modeldex.catalog.facts import (
    CURATED,
    flat_facts,
    nested_facts,
    restacked,
    stacked_facts,
    stored_facts,
)
from modeldex.catalog.held import HeldSnapshot, changed_catalog, on_day
from modeldex.catalog.later import exact_text
from modeldex.catalog.line import day_of
from modeldex.catalog.pointers import price_pointers
from modeldex.catalog.stack import stack
from modeldex.domain.change import CATALOG, OWN
from modeldex.domain.model import COLUMNS
from modeldex.domain.moment import read_moment
from modeldex.usecases.catalog_file import Beyond
from modeldex.usecases.timeline import exact_until, providers_in, read_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from modeldex.catalog import Snapshot
    from modeldex.catalog.later import Row
    from modeldex.domain.change import Change, Facts
    from modeldex.usecases.timeline import Timeline

    Ref = tuple[str, str]  # provider, model id
    Nested = dict[str, Any]


class Past(Protocol):
    """Where what is known of the past is."""

    def timeline(self) -> Timeline:
        """Open the packed history; raises SnapshotDamagedError."""

    def beyond(self, snapshot: Snapshot) -> Beyond | None:
        """Return what a store knows beyond it, for a catalogue made of the store."""

    def over(self, key: Ref, facts: Nested | None) -> Nested | None:
        """Lay the user's YAML over a model's nested facts."""


_ALIAS = COLUMNS.index("alias_of")
_CHAIN = 4
_KEPT = 1024


class Limit(NamedTuple):
    """The end of what counts: as the packed history and as the store sort times."""

    day: str
    text: str
    exact: str


def limit_of(at: object) -> Limit:
    """Read a time; a bare day means its end, in UTC. Raises InvalidInputError."""
    moment = read_moment(at)
    return Limit(moment.day, read_until(moment), exact_until(moment))


class Standing:
    """The catalogues of days gone by, seen from one of now."""

    def __init__(
        self,
        timeline: Timeline,
        now: Catalog,
        beyond: Beyond | None = None,
        over: Callable[[Ref, Nested | None], Nested | None] | None = None,
    ) -> None:
        self.timeline = timeline
        self.now = now
        self.beyond = beyond or Beyond()
        timeline.later = self.beyond.later
        self._over = over
        self._rows: dict[str, list[Row]] = {}
        self.dated: str = now.snapshot.meta.get("date") or now.today()

    # one model

    def rows(self, ref: str) -> list[Row]:
        """Return what the store knows beyond the packed history of a model."""
        found = self._rows.get(ref)
        if found is None:
            if len(self._rows) > _KEPT:
                self._rows.clear()
            found = [r for r in self.beyond.later.of(ref) if self._counts(*r)]
            self._rows[ref] = found
        return found

    def _counts(self, number: int, change: Change) -> bool:
        """Tell whether a change is not in the shipped catalogue already."""
        if change.layer == OWN:
            return True
        new = (
            number > self.beyond.later.baseline or change.observed_at[:10] > self.dated
        )
        return self.beyond.is_whole and new

    def is_packed(self, limit: Limit, known: Limit | None) -> bool:
        """Tell whether the packed history is asked for what sources said."""
        history = self.timeline.history
        days = [limit.day, *([known.day] if known else [])]
        return history is not None and min(days) < self.dated

    def below(self, key: Ref) -> Nested | None:
        """Return what sources and YAML say of a model now, nested."""
        if key not in self.beyond.own:
            columns = self.now.snapshot.columns(*key)
            return None if columns is None else nested_facts(stored_facts(columns))
        told = self.beyond.below.get(key)
        found = None if told is None else nested_facts(told)
        return self._over(key, found) if self._over else found

    def facts(
        self,
        ref: str,
        limit: Limit,
        known: Limit | None = None,
        told: Callable[[], list[str] | None] | None = None,
    ) -> Nested | None:
        """Return a model's nested facts at a time, as known now or then.

        None where it was not listed. The price of a pointer's target is not in it.
        `told` returns what sources said on a day of the packed history.
        """
        provider, _, model_id = ref.partition("/")
        key = (provider, model_id)
        rows, own = self.rows(ref), self.beyond.own.get(key)
        now = self.below(key)
        if self.is_packed(limit, known):
            said = self._said(ref, limit, known) if told is None else told()
            base = self._packed(ref, now, said, limit, known)
        else:
            base = self._now_then(now, rows, limit, known)
        written = [row for row in rows if row[1].layer == OWN]
        if written:
            own = replayed(own, written, limit, known, alone=base is None)
        return stacked_facts(base, own or {})

    def _now_then(
        self, now: Nested | None, rows: list[Row], limit: Limit, known: Limit | None
    ) -> Nested | None:
        """Return what sources say now without what the store came to know later."""
        rows = [row for row in rows if row[1].layer == CATALOG]
        if not rows:
            return now
        flat = None if now is None else flat_facts(now)
        found = replayed(flat, rows, limit, known)
        return None if found is None else nested_facts(found)

    def _said(self, ref: str, limit: Limit, known: Limit | None) -> list[str] | None:
        """Return what sources said of a model on a day of the packed history."""
        line = self.timeline.line(ref)
        if line is None:
            return None
        return line.columns(limit.text, known.text if known else None)

    def _packed(
        self,
        ref: str,
        now: Nested | None,
        columns: list[str] | None,
        limit: Limit,
        known: Limit | None,
    ) -> Nested | None:
        """Return what sources said on a day, with what YAML says on top."""
        history = self.timeline.history
        hand = said_by_hand(now, known.day if known else None) if now else None
        if columns is not None:
            found = nested_facts(stored_facts(columns))
            return stack(found, hand, CURATED) if hand else found
        if history is not None and history.place(ref) is not None:
            return None
        released = str((now or {}).get("release_date") or "")
        is_there = now is not None and _is_all(hand, now)
        return now if is_there and released <= limit.day else None

    def columns(
        self, ref: str, limit: Limit, known: Limit | None = None
    ) -> list[str] | None:
        """Return a model's text form at a time; None where it was not listed."""
        provider, _, model_id = ref.partition("/")
        chain: dict[Ref, list[str]] = {}
        for _ in range(_CHAIN + 1):
            facts = self.facts(f"{provider}/{model_id}", limit, known)
            if facts is None:
                break
            columns = chain[provider, model_id] = encode(provider, model_id, facts)
            model_id = columns[_ALIAS]
            if not model_id or (provider, model_id) in chain:
                break
        key = (provider, ref.partition("/")[2])
        return price_pointers(chain)[key] if key in chain else None

    def is_plain(self, ref: str) -> bool:
        """Tell whether only sources ever told of a model, and it points to no other."""
        key = ref.partition("/")[::2]
        if self.rows(ref) or key in self.beyond.own:
            return False
        columns = self.now.snapshot.columns(*key)
        if columns is not None and (columns[_ALIAS] or said_by_hand(decode(columns))):
            return False
        line = self.timeline.line(ref)
        return line is None or not any(
            step.name == "alias_of" and step.text for step in line.steps
        )

    # all models

    def catalog(self, limit: Limit, known: Limit | None = None) -> Catalog:
        """Return the catalogue of a time, as known now or at another time."""
        if self.is_packed(limit, known):
            return self._packed_catalog(limit, known)
        cut = min(limit.text, known.text) if known else limit.text
        changed = {change.ref for _, change in self.beyond.later.between(cut)}
        same = limit.day == self.now.today()
        catalog = self.now if same else on_day(self.now, limit.day)
        new = {
            _key(ref): self.facts(ref, limit, known)
            for ref in changed
            if self.rows(ref)
        }
        found = restacked(self.now, new) if new else {}
        if not found:
            return catalog
        kept = {key: columns for key, columns in found.items() if columns is not None}
        if len(kept) == len(found):
            return changed_catalog(catalog, kept, limit.day)
        snapshot = self.now.snapshot
        rows = snapshot.rows_columns(list(range(snapshot.meta["models"])))
        models = {(c[0], c[1]): c for c in rows if (c[0], c[1]) not in found} | kept
        return self._held(models, snapshot.digest, limit, known)

    def _packed_catalog(self, limit: Limit, known: Limit | None) -> Catalog:
        history = self.timeline.history
        assert history is not None  # noqa: S101  # it is packed
        told = day_of(history, limit.text, known.text if known else None)
        models = {(c[0], c[1]): c for c in told}
        hand = {f"{c[0]}/{c[1]}" for c in rows_by_hand(self.now.snapshot)}
        hand.update(map("/".join, self.beyond.own))
        hand.update(change.ref for _, change in self.beyond.later.between("", own=True))
        for ref in hand:
            key = _key(ref)
            columns = models.pop(key, None)
            facts = self.facts(ref, limit, known, lambda found=columns: found)  # type: ignore[misc]
            if facts is not None:
                models[key] = encode(*key, facts)
        return self._held(price_pointers(models), history.digest[:32], limit, known)

    def _held(
        self,
        models: Mapping[Ref, list[str]],
        digest: str,
        limit: Limit,
        known: Limit | None,
    ) -> Catalog:
        day = limit.day
        name = f"{digest}@{limit.text}" + (f"@{known.text}" if known else "")
        held = HeldSnapshot(
            list(models.values()),
            providers_in(self.now.snapshot.providers, models),
            {"date": day, "as_of": day},
            digest=name,
        )
        return Catalog(held, lambda: day)  # type: ignore[arg-type]  # it answers the same


def _key(ref: str) -> Ref:
    provider, _, model_id = ref.partition("/")
    return provider, model_id


def _is_all(said: Nested | None, now: Nested) -> bool:
    """Tell whether people said all that is known of a model."""
    return said is not None and said.keys() >= now.keys()


def starts(change: Change) -> str:
    """Return from when on a change holds: as it says, at the latest when written."""
    seen = exact_text(change.observed_at)
    if change.effective_at is None:
        return seen
    return min(seen, exact_text(change.effective_at))


def replayed(
    facts: Facts | None,
    rows: Iterable[Row],
    limit: Limit,
    known: Limit | None,
    *,
    alone: bool = False,
) -> dict[str, Any] | None:
    """Return what facts were at a time, out of those of now and their changes.

    All changes are taken back, and those that held then are made again. Where nothing
    but these facts tells of the model (`alone`), it begins with its own beginning.
    """
    found = None if facts is None else dict(facts)
    changes = [change for _, change in rows]
    for change in reversed(changes):
        found = _set(found, change, change.old, change.new)
    for change in changes:
        seen = exact_text(change.observed_at)
        if starts(change) > limit.exact or (known and seen > known.exact):
            continue
        if alone and found is None and change.field:
            continue
        found = _set(found, change, change.new, change.old)
    return found


def _set(
    facts: dict[str, Any] | None, change: Change, value: Any, other: Any
) -> dict[str, Any] | None:
    if not change.field:
        if value is None and other is None:  # a mark
            return facts
        return None if value is None else dict(value.value)
    found = {} if facts is None else facts
    if value is None:
        found.pop(change.field, None)
    else:
        found[change.field] = value
    return found
