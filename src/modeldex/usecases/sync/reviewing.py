"""Decisions of a person about what waits: let it in, or keep it out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from modeldex.domain.change import Change, kind_of
from modeldex.domain.syncing import (
    ACCEPTED,
    ALL_MODELS,
    OPEN,
    REJECTED,
    REVIEW_STATES,
    Memory,
)
from modeldex.errors import (
    DoesNotApplyError,
    InvalidInputError,
    NotFoundError,
    RevisionConflictError,
)
from modeldex.ports import Draft

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from modeldex.domain.change import Facts
    from modeldex.domain.syncing import Review
    from modeldex.usecases.edits import Signature
    from modeldex.usecases.stored import StoredCatalog

_PRICES = ("pricing", "rates")
NAMED = "mass_removal_half"  # the rule whose doubt goes by naming the number alone


def reviews(
    stored: StoredCatalog, state: str | None = OPEN, source: str | None = None
) -> list[Review]:
    """Return the reviews in a state, or all, the oldest first, of a source or all.

    Raises InvalidInputError for a word that is no state.
    """
    if state is not None and state not in REVIEW_STATES:
        message = f"{state!r:.40} is no state; known are {', '.join(REVIEW_STATES)}"
        raise InvalidInputError(message)
    store = stored.store()
    found = [] if store is None else store.reviews(state)
    return [review for review in found if source in (None, review.source)]


def find_review(stored: StoredCatalog, number: int) -> Review:
    """Return a review; raise NotFoundError."""
    return _of({review.number: review for review in reviews(stored, None)}, number)


def _of(known: Mapping[int, Review], number: int) -> Review:
    if number not in known:
        message = f"there is no review {number}; `modeldex review list` has them"
        raise NotFoundError(message)
    return known[number]


def together(stored: StoredCatalog, numbers: Iterable[int]) -> list[Review]:
    """Return the open reviews that are decided with these.

    A model's prices by one source go together: half of them would be nobody's price.
    Raises NotFoundError, DoesNotApplyError for one that is decided already.
    """
    known = {review.number: review for review in reviews(stored, None)}
    waiting = [review for review in known.values() if review.state == OPEN]
    chosen: dict[int, Review] = {}
    for number in numbers:
        review = _of(known, number)
        if review.state != OPEN:
            message = f"review {number} is {review.state} already"
            raise DoesNotApplyError(message)
        chosen[number] = review
        if _is_price(review):
            same = (review.source, review.ref)
            for other in waiting:
                if _is_price(other) and (other.source, other.ref) == same:
                    chosen[other.number] = other
    return [chosen[number] for number in sorted(chosen)]


def _is_price(review: Review) -> bool:
    return review.field.partition(".")[0] in _PRICES


def accept(
    stored: StoredCatalog,
    numbers: Iterable[int],
    signed: Signature,
    gone: int | None = None,
) -> list[Review]:
    """Let changes in, each with what is decided with it, as one revision.

    `gone` names how many models go, where that is more than half of a provider's.
    Return the reviews as they are then. Raises NotFoundError, DoesNotApplyError, and
    RevisionConflictError where something else is served by now than a review says.
    """
    chosen = together(stored, numbers)
    for review in chosen:
        _need_number(review, gone)

    def make() -> Draft:
        changes = _changes(stored, chosen, signed)
        decided = [_decided(review, ACCEPTED, signed) for review in chosen]
        listed = ", ".join(str(review.number) for review in chosen)
        return Draft(
            changes,
            author=signed.by,
            source=" ".join(sorted({review.source for review in chosen})),
            at=signed.at,
            reason=f"review {listed} accepted: {signed.because}".removesuffix(": "),
            url=signed.url,
            memory=Memory(reviews=tuple(decided)),
        )

    stored.synced(make)
    known = {review.number: review for review in reviews(stored, None)}
    return [known[review.number] for review in chosen]


def _need_number(review: Review, gone: int | None) -> None:
    """Raise InvalidInputError where a person must name how many models go."""
    rules = [doubt.rule for doubt in review.doubts]
    if NAMED in rules and review.new is not None and review.new.value != gone:
        message = (
            f"review {review.number}: more than half of {review.provider}'s models "
            f"would go; name how many (`modeldex review show {review.number}`): "
            "--gone N"
        )
        raise InvalidInputError(message)


def _changes(
    stored: StoredCatalog, chosen: Iterable[Review], signed: Signature
) -> list[Change]:
    """Return the changes that reviews are about, over what is served now."""
    told = [review for review in chosen if review.model_id != ALL_MODELS]
    keys = {(review.provider, review.model_id) for review in told}
    state = stored.told(keys)
    changes = []
    for review in told:
        if not review.field:
            changes.append(_appeared(review, state, signed))
            continue
        now = state.get((review.provider, review.model_id), {}).get(review.field)
        if now == review.new:
            continue
        if now != review.old:
            message = (
                f"review {review.number}: {review.ref} has another {review.field} by "
                f"now; `modeldex sync {review.source}` judges it anew"
            )
            raise RevisionConflictError(message, 0)
        place = (review.provider, review.model_id, review.field)
        kind = kind_of(now, review.new)
        sides = (now, review.new)
        changes.append(Change(*place, *sides, kind=kind, observed_at=signed.at))
    return changes


def _appeared(
    review: Review, state: Mapping[tuple[str, str], Facts], signed: Signature
) -> Change:
    """Return the change by which a held model appears."""
    if (review.provider, review.model_id) in state:
        message = f"review {review.number}: {review.ref} is known by now"
        raise RevisionConflictError(message, 0)
    place = (review.provider, review.model_id, "")
    return Change(*place, None, review.new, kind="appeared", observed_at=signed.at)


def reject(
    stored: StoredCatalog, numbers: Iterable[int], signed: Signature
) -> list[Review]:
    """Keep changes out, each with what is decided with it; nothing served changes.

    They stay out until their source says something else. Return the reviews as they
    are then. Raises NotFoundError, DoesNotApplyError.
    """
    chosen = together(stored, numbers)
    decided = [_decided(review, REJECTED, signed) for review in chosen]
    draft = Draft(
        (),
        author=signed.by,
        source="review",
        at=signed.at,
        memory=Memory(reviews=tuple(decided)),
    )
    stored.synced(lambda: draft)
    return decided


def _decided(review: Review, state: str, signed: Signature) -> Review:
    return replace(
        review,
        state=state,
        decided_at=signed.at,
        by=signed.by,
        because=signed.because,
    )
