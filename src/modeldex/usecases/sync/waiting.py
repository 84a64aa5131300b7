"""What waits for a person: held changes, told once, and gone when they are moot."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from modeldex.domain.syncing import (
    ACCEPTED,
    ALL_MODELS,
    OPEN,
    REJECTED,
    WITHDRAWN,
    Review,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from modeldex.catalog.merging.claims import Key
    from modeldex.domain.change import Change
    from modeldex.domain.syncing import Doubt

ALLOWED_FOR = timedelta(days=7)
QUARANTINED, REJECTED_BEFORE = "quarantined", "rejected"


class Waiting:
    """The reviews of one source: those that are open, and those that were rejected."""

    def __init__(self, source: str, reviews: Iterable[Review], at: str) -> None:
        self._source = source
        self._at = at
        self._open: dict[tuple[str, str, str], Review] = {}
        self._rejected: dict[tuple[str, str, str], Review] = {}
        self._allowed: dict[str, int] = {}
        for review in reviews:
            if review.source != source:
                continue
            place = (review.provider, review.model_id, review.field)
            if review.state == OPEN:
                self._open[place] = review
            elif review.state == REJECTED:
                self._rejected[place] = review
            elif review.state == ACCEPTED and review.model_id == ALL_MODELS:
                self._allow(review)
        self.places: set[Key] = {place[:2] for place in self._open}

    def _allow(self, review: Review) -> None:
        """Let a provider lose as many models as a person has accepted, for a week."""
        decided = datetime.fromisoformat(review.decided_at)
        if datetime.fromisoformat(self._at) - decided <= ALLOWED_FOR and review.new:
            self._allowed[review.provider] = review.new.value

    def is_allowed(self, provider: str, count: int) -> bool:
        """Tell whether a person has accepted that a provider loses so many models."""
        return count <= self._allowed.get(provider, 0)

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
                reviews.append(
                    replace(review, state=WITHDRAWN, decided_at=self._at, by="modeldex")
                )
