"""What waits for a person: held changes, told once, and gone when they are moot."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from modeldex.catalog.merging.agreement import PRICE_TOLERANCE, equal, within
from modeldex.domain.syncing import (
    ACCEPTED,
    ALL_MODELS,
    OPEN,
    REJECTED,
    WITHDRAWN,
    Review,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from modeldex.catalog.merging.claims import Key
    from modeldex.domain.change import Change, Fact, Facts
    from modeldex.domain.syncing import Doubt

ALLOWED_FOR = timedelta(days=7)
_SAME_PRICE = within(PRICE_TOLERANCE)
QUARANTINED, REJECTED_BEFORE = "quarantined", "rejected"


class Waiting:
    """The reviews of one source: those that are open, and those that were rejected.

    And the open ones of others, for which it may be the second source.
    """

    def __init__(self, source: str, reviews: Iterable[Review], at: str) -> None:
        self._source = source
        self._at = at
        self._open: dict[tuple[str, str, str], Review] = {}
        self._rejected: dict[tuple[str, str, str], Review] = {}
        self._elsewhere: dict[Key, list[Review]] = {}
        self._pending: dict[Key, set[str]] = {}
        self._allowed: dict[str, tuple[int, str]] = {}
        for review in reviews:
            self._take(review)
        self.places: set[Key] = {place[:2] for place in self._open}

    def _take(self, review: Review) -> None:
        place = (review.provider, review.model_id, review.field)
        if review.source != self._source:
            if review.state == OPEN and review.model_id != ALL_MODELS:
                self._elsewhere.setdefault(place[:2], []).append(review)
        elif review.state == OPEN:
            self._open[place] = review
            self._pending.setdefault(place[:2], set()).add(review.field)
        elif review.state == REJECTED:
            self._rejected[place] = review
            if review.field:
                self._pending.setdefault(place[:2], set()).add(review.field)
        elif review.state == ACCEPTED and review.model_id == ALL_MODELS:
            self._allow(review)

    def stale(self, state: Mapping[Key, Facts]) -> set[Key]:
        """Return the models that are served otherwise than when a change was held."""
        return {place[:2] for place, r in self._open.items() if is_stale(r, state)}

    def pending(self, key: Key, said: Mapping[str, Any]) -> set[str]:
        """Return the fields of a model whose change is to be told once more.

        Those that wait or were rejected, "" for the whole model; and what waits for
        a second source, where the source says just this.
        """
        found = set(self._pending.get(key, ()))
        others = self._elsewhere.get(key, ())
        if any(_says(said, review) for review in others):
            found.update(review.field for review in others)
        return found

    def _allow(self, review: Review) -> None:
        """Let a provider lose as many models as a person has accepted, for a week."""
        decided = datetime.fromisoformat(review.decided_at)
        if datetime.fromisoformat(self._at) - decided <= ALLOWED_FOR and review.new:
            self._allowed[review.provider] = (review.new.value, review.decided_at)

    def is_allowed(self, provider: str, times: Sequence[str]) -> bool:
        """Tell whether a person has accepted that a provider loses so many models.

        `times` are when those that it lacks were first absent: what went since the
        decision counts, so that it is used once.
        """
        count, since = self._allowed.get(provider, (0, ""))
        return sum(at >= since for at in times) <= count

    def hold(
        self, change: Change, doubts: tuple[Doubt, ...], reviews: list[Review]
    ) -> str:
        """Let a change wait, unless it does or was rejected; return how it is counted.

        What was rejected stays so until the source says something else.
        """
        place = (change.provider, change.model, change.field)
        said = (change.old, change.new)
        rejected = self._rejected.get(place)
        if rejected is not None and (rejected.old, rejected.new) == said:
            return REJECTED_BEFORE
        known = self._open.get(place)
        if known is None and self._told_by_others(change):
            return QUARANTINED
        if known is None:
            reviews.append(
                Review(*place, self._source, *said, doubts, opened_at=self._at)
            )
        elif (known.old, known.new, known.doubts) != (*said, doubts):
            old, new = said
            reviews.append(replace(known, old=old, new=new, doubts=doubts))
        return QUARANTINED

    def let_go(self, key: Key, held: Iterable[str], reviews: list[Review]) -> None:
        """Withdraw the open reviews of a model whose field is not held any more."""
        for place, review in self._open.items():
            if place[:2] == key and place[2] not in held:
                because = "it is served, or said no more"
                reviews.append(self._withdrawn(review, because))

    def let_in(self, key: Key, passed: Iterable[Change], reviews: list[Review]) -> None:
        """Withdraw what waits by others' word, where a second source has let it in."""
        moved = {change.field: change.new for change in passed}
        for review in self._elsewhere.get(key, ()):
            if review.field in moved and _same(moved[review.field], review.new):
                because = f"{self._source} says so too"
                reviews.append(self._withdrawn(review, because))

    def _told_by_others(self, change: Change) -> bool:
        """Tell whether the same change waits already, by another source's word."""
        others = self._elsewhere.get((change.provider, change.model), ())
        return any(
            review.field == change.field
            and review.old == change.old
            and _same(review.new, change.new)
            for review in others
        )

    def _withdrawn(self, review: Review, because: str) -> Review:
        return replace(
            review,
            state=WITHDRAWN,
            decided_at=self._at,
            by="modeldex",
            because=because,
        )


def is_stale(review: Review, state: Mapping[Key, Facts]) -> bool:
    """Tell whether something else is served than when a change was held."""
    key = (review.provider, review.model_id)
    if review.model_id == ALL_MODELS:
        return False
    if not review.field:
        return key in state
    return state.get(key, {}).get(review.field) != review.old


def _same(one: Fact | None, other: Fact | None) -> bool:
    """Tell whether two facts say the same, whoever is named for it."""
    return one == other or (one and one.value) == (other and other.value)


def _says(said: Mapping[str, Any], review: Review) -> bool:
    """Tell whether a source says what a change by another one would serve."""
    if review.new is None or review.field not in said:
        return False
    value = said[review.field]
    agree = _SAME_PRICE if isinstance(value, Decimal) else equal
    return agree(value, review.new.value)
