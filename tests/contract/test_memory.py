"""What every store remembers of a sync: in memory, in SQLite, in PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from drafts import AT, claim, draft, step, whole
from modeldex.domain.change import Fact
from modeldex.domain.syncing import (
    ACCEPTED,
    OPEN,
    Doubt,
    Listing,
    Memory,
    Review,
    SourceState,
)
from modeldex.errors import InvalidInputError, RevisionConflictError

if TYPE_CHECKING:
    from modeldex.ports import Store

STATE = SourceState("litellm", AT, AT, AT, "d", '"e"', "Wed", 7, True, "timed out")
LISTED = Listing("litellm", "acme", "one", "d1")
SEEN = {"new": "250", "naïve": "\U0001f600 ' \" \\"}
HELD = Review(
    "acme",
    "one",
    "pricing.input",
    "litellm",
    Fact(Decimal("2.50"), "models.dev"),
    Fact(Decimal("0.0000000000375"), "litellm"),
    (Doubt("price_jump", SEEN), Doubt("unit_suspect")),
    AT,
)


def test_a_new_store_remembers_nothing(store: Store) -> None:
    """It answers with nothing, and is not made by being asked."""
    assert store.sources() == {}
    assert store.listings() == []
    assert store.reviews() == []
    assert list(store.claims()) == []


def test_a_memory_comes_back_and_makes_no_revision(store: Store) -> None:
    """Where a sync is, what its source lists, what waits."""
    store.remember(Memory((STATE,), (LISTED,), (HELD,)))
    assert store.head().revision == 0
    assert store.sources() == {"litellm": STATE}
    assert store.listings() == store.listings("litellm") == [LISTED]
    assert store.listings("other") == store.listings(missing=True) == []
    assert store.reviews() == store.reviews(OPEN) == [replace(HELD, number=1)]
    assert store.reviews(ACCEPTED) == []


def test_what_is_remembered_is_replaced(store: Store) -> None:
    """By source, by listing, by number; a listing without a digest is forgotten."""
    many = [Listing("litellm", "acme", f"m{n}", "d") for n in range(1200)]
    store.remember(Memory((STATE,), (LISTED, *many), (HELD, HELD)))
    later = replace(STATE, error="", rows=8)
    gone = replace(LISTED, missing_since=AT)
    forgotten = [replace(item, digest="") for item in many]
    decided = replace(HELD, number=2, state="rejected", by="ann", because="no")
    store.remember(Memory((later,), (gone, *forgotten), (decided,)))
    assert store.sources() == {"litellm": later}
    assert store.listings() == [gone]
    store.remember(Memory((later,), (replace(LISTED, model_id="there"),)))
    assert store.listings("litellm", missing=True) == [gone]
    assert store.reviews() == [replace(HELD, number=1), decided]


def test_a_revision_and_its_memory_are_one(store: Store) -> None:
    """Both or neither; an accepted review gets the revision's number."""
    memory = Memory((STATE,), (LISTED,), (HELD,))
    store.commit(draft(whole(), memory=memory))
    accepted = replace(HELD, number=1, state=ACCEPTED)
    store.commit(draft(step(None, 5), memory=Memory(reviews=(accepted,))))
    assert store.reviews() == [replace(accepted, revision=2)]
    moved = Memory((replace(STATE, rows=99),))
    with pytest.raises(RevisionConflictError):
        store.commit(draft(step(4, 6), memory=moved))
    with pytest.raises(RevisionConflictError):
        store.commit(draft(step(5, 6), memory=moved), expected=1)
    assert store.sources()["litellm"].rows == STATE.rows
    assert store.verify() == []


def test_claims_alone_are_a_revision(store: Store) -> None:
    """The last claim to a field counts; one taken back is None."""
    store.commit(draft(whole()))
    store.commit(draft(claims=[claim(Decimal("2.5"))]))
    store.commit(draft(claims=[claim(Decimal("0.0000000000375"))]))
    (found,) = store.claims()
    assert found == claim(Decimal("0.0000000000375"))
    assert list(store.claims("other")) == []
    store.commit(draft(claims=[claim(None)]))
    (found,) = store.claims("litellm")
    assert found.value is None
    assert store.head().revision == 4
    assert store.verify() == []
    with pytest.raises(InvalidInputError):
        store.commit(draft())


def test_one_instance_leads(store: Store) -> None:
    """The second gets nothing, until the first lets go: then it leads at once."""
    for _ in range(3):
        first = store.lead()
        assert first is not None
        assert first.holds()
        assert store.lead() is None
        first.release()
