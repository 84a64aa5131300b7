"""What every store promises: in memory, in SQLite, in PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from drafts import AT, KEY, claim, draft, facts, state_at, step, whole
from modeldex.domain.change import OWN, Change, Fact, canonical, revision_hash
from modeldex.errors import (
    InvalidInputError,
    RevisionConflictError,
    UnknownRevisionError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from modeldex.ports import Store

CURATED = {"source": "curated", "at": AT, "because": "naïve, wrong", "url": None}
# values that must come back as they went in
VALUES: dict[str, Any] = {
    "name": "Modèle 模型 \U0001f600 \\ \" ' \n \x1f",
    "pricing__input": Decimal("0.0000000000375"),
    "pricing__output": Decimal("123456789012.000000000001"),
    "pricing__state": "free",
    "rates__input@context>200000": Decimal("1E+2"),
    "capabilities__vision": False,
    "capabilities__reasoning": {"efforts": ["low", "high"]},
    "metadata": {"b": [1, 2.5, None, True], "a": {"nested": "\u00e9"}},
    "context_window": 1_048_576,
    "open_weights": True,
    "modalities": {"input": ["text", "image"], "output": []},
    "release_date": "2026-11",
}


def test_a_new_store_is_empty(store: Store) -> None:
    """It stands at 0 and answers every question with nothing."""
    assert (store.head().revision, store.head().hash) == (0, "")
    assert store.revisions() == []
    assert list(store.changes(0)) == []
    assert store.changes_of("acme", "one") == []
    assert store.state() == {}
    assert store.facts([KEY]) == {}
    assert store.verify() == []
    with pytest.raises(UnknownRevisionError):
        store.revision(1)


def test_what_is_committed_comes_back(store: Store) -> None:
    """A revision, its changes and the state hold what the draft said, exactly."""
    given = whole(**VALUES)
    made = draft(given, claims=[claim()], url="https://example.com/a?b=c#d")
    revision = store.commit(made)
    assert revision == store.revision(1)
    assert (revision.number, revision.count, revision.parent_hash) == (1, 1, "")
    assert (revision.author, revision.source, revision.reason) == ("ada", "edit", "why")
    assert (revision.at, revision.url) == (AT, "https://example.com/a?b=c#d")
    assert revision.hash == revision_hash("", made.changes, made.meta)
    head = store.head()
    assert (head.revision, head.hash) == (1, revision.hash)
    assert head.epoch
    assert list(store.changes(0)) == [(1, given)]
    assert given.new is not None
    assert store.state() == {KEY: given.new.value}
    amount = store.state()[KEY]["pricing.input"].value
    assert amount == Decimal("0.0000000000375")
    assert isinstance(amount, Decimal)


def test_both_times_and_the_source_are_kept(store: Store) -> None:
    """A change has its kind, when it is true, when it was seen, and who says so."""
    store.commit(draft(whole()))
    change = Change(
        *KEY[1:],
        "pricing.input",
        Fact(Decimal("2.5"), "models.dev"),
        Fact(Decimal(3), CURATED),
        kind="correction",
        observed_at=AT,
        effective_at="2027-01-01",
    )
    store.commit(draft(change))
    assert store.changes_of("acme", "one")[-1] == (2, change)
    assert store.state()[KEY]["pricing.input"] == Fact(Decimal(3), CURATED)


def test_revisions_are_numbered_and_chained(store: Store) -> None:
    """Numbers have no gaps, every revision names its parent's hash."""
    store.commit(draft(whole()))
    for number in range(4):
        store.commit(draft(step(number or None, number + 1)))
    found = store.revisions()
    assert [r.number for r in found] == [1, 2, 3, 4, 5]
    assert [r.parent_hash for r in found] == ["", *(r.hash for r in found[:-1])]
    assert [r.number for r in store.revisions(after=2)] == [3, 4, 5]
    assert [r.number for r in store.revisions(limit=2)] == [1, 2]
    assert [r.number for r in store.revisions(limit=2, newest=True)] == [5, 4]
    assert [r.number for r in store.revisions(after=3, newest=True)] == [5, 4]
    assert store.revisions(after=5) == []


@pytest.mark.parametrize("number", [-1, 0, 3])
def test_a_revision_that_is_not_there(store: Store, number: int) -> None:
    """It is told by a typed error."""
    store.commit(draft(whole()))
    store.commit(draft(step(None, 1)))
    with pytest.raises(UnknownRevisionError):
        store.revision(number)


def test_changes_between_revisions(store: Store) -> None:
    """The bounds are after < n <= until, in the order of the drafts."""
    store.commit(draft(whole("one"), whole("two")))
    store.commit(draft(step(None, 1, "two"), step(None, 5, "one")))
    store.commit(draft(step(1, 2, "two")))
    numbers = [n for n, _ in store.changes(0)]
    assert numbers == [1, 1, 2, 2, 3]
    assert [c.model for _, c in store.changes(1, 2)] == ["two", "one"]
    assert [n for n, _ in store.changes(2)] == [3]
    assert list(store.changes(3)) == []
    assert list(store.changes(2, 1)) == []
    assert [n for n, _ in store.changes_of("acme", "two")] == [1, 2, 3]
    assert store.changes_of("acme", "nobody") == []


def test_an_empty_draft_is_refused(store: Store) -> None:
    """A revision needs a change."""
    with pytest.raises(InvalidInputError):
        store.commit(draft())
    assert store.head().revision == 0


def test_compare_and_set(store: Store) -> None:
    """Who expects another revision than the last one writes nothing."""
    store.commit(draft(whole()), expected=0)
    for expected in (0, 2):
        with pytest.raises(RevisionConflictError) as caught:
            store.commit(draft(step(None, 1)), expected=expected)
        assert caught.value.head == 1
    assert store.commit(draft(step(None, 1)), expected=1).number == 2


WRONG_STARTS = {
    "another old value": step(7, 8),
    "no old value": step(None, 8),
    "no such model": step(None, 8, "nobody"),
    "a model that is there appears": whole(),
    "another whole model goes": Change(*KEY[1:], "", Fact(facts(name="x")), None),
}


@pytest.mark.parametrize("change", WRONG_STARTS.values(), ids=WRONG_STARTS.keys())
def test_a_change_must_start_from_what_is_there(store: Store, change: Change) -> None:
    """Else nothing of the draft is written."""
    store.commit(draft(whole(context_window=1)))
    before = (store.head(), store.state())
    with pytest.raises(RevisionConflictError):
        store.commit(draft(whole("other"), change))
    assert (store.head(), store.state()) == before
    assert store.verify() == []


def test_changes_of_one_draft_follow_each_other(store: Store) -> None:
    """A later change starts from what an earlier one made."""
    store.commit(draft(whole(), step(None, 1), step(1, 2), step(2, None)))
    assert "context_window" not in store.state()[KEY]


def test_what_people_wrote_begins_and_ends_with_its_fields(store: Store) -> None:
    """Own facts need no model before them, and leave none behind."""
    own = (OWN, "acme", "one")
    store.commit(draft(whole()))
    store.commit(draft(step(None, 9, layer=OWN)))
    assert store.facts([KEY, own]).keys() == {KEY, own}
    store.commit(draft(step(9, None, layer=OWN)))
    assert store.state().keys() == {KEY}
    assert len(store.changes_of("acme", "one")) == 3


def test_models_go_and_come_back(store: Store) -> None:
    """A mark that a model is missing changes no fact; a removed one is gone."""
    first = whole()
    store.commit(draft(first))
    store.commit(draft(Change(*KEY[1:], "", None, None, kind="missing")))
    assert store.state().keys() == {KEY}
    store.commit(draft(Change(*KEY[1:], "", first.new, None, kind="removed")))
    assert store.state() == {}
    store.commit(draft(first))
    assert first.new is not None
    assert store.state() == {KEY: first.new.value}


def test_facts_of_some_keys(store: Store) -> None:
    """Keys that are not there are left out; many are asked at once."""
    names = [f"m{n}" for n in range(1_200)]
    store.commit(draft(*map(whole, names)))
    keys = [(KEY[0], "acme", name) for name in names]
    found = store.facts([*keys, ("own", "acme", "m1"), ("catalog", "b", "m1")])
    assert found == store.state()
    assert len(found) == 1_200
    assert store.facts(keys[:3]).keys() == set(keys[:3])


def test_a_state_is_the_replay_of_its_changes(store: Store) -> None:
    """The state at a revision is what its changes make, at the head what is kept."""
    store.commit(draft(whole()))
    store.commit(draft(step(None, 1), whole("two")))
    store.commit(draft(step(1, 2)))
    assert state_at(store, 3) == store.state()
    assert state_at(store, 2)[KEY]["context_window"] == Fact(1, "litellm")
    assert state_at(store, 1).keys() == {KEY}
    assert state_at(store, 0) == {}


def test_the_hash_covers_all_that_is_said(store: Store) -> None:
    """Each part of a draft, and each claim, makes another hash."""
    given = draft(whole(), claims=[claim()])
    made = store.commit(given).hash
    others = (
        draft(whole(), claims=[claim(Decimal(3))]),
        draft(whole(), author="eve", claims=[claim()]),
        draft(whole(), claims=[claim()], reason="another"),
        draft(whole("two"), claims=[claim()]),
    )
    hashes = {revision_hash("", other.changes, other.meta) for other in others}
    assert len(hashes | {made}) == 5
    assert revision_hash("", given.changes, given.meta) == made


# the same commits must make the same hashes in every store and release; see `FORM`
FROZEN = (
    "8073405e39cf06128448a5374ecff801f1668db57b54d6686167f2f8d9c1a3a3",
    "97c4d4a90a0468fb1a2027c269244ae0954f248d5e4c33f1826c8735f4223700",
)
BYTES = (
    '{"changes":[["catalog","acme","one","context_window",null,"[1,\\"litellm\\"]",'
    '"change","2026-11-25T12:00:00.000+00:00",null]],"form":1,"meta":{"at":"2026-11-25T12:00:00.000+00:00","author":"ada",'
    '"claims":[],"reason":"why","source":"edit","url":""}}'
)


def test_the_canonical_form_is_frozen(store: Store) -> None:
    """The same drafts make the same hashes in every store, and in every release."""
    store.commit(draft(whole(**VALUES), claims=[claim()]))
    store.commit(draft(step(None, 1, layer=OWN)))
    assert tuple(r.hash for r in store.revisions()) == FROZEN
    plain = draft(step(None, 1))
    assert canonical(plain.changes, plain.meta).decode() == BYTES


def test_writers_at_once_lose_nothing(store: Store) -> None:
    """Threads that count one model up all arrive, in some order."""
    store.commit(draft(whole(context_window=0)))

    def count(writer: int) -> None:
        for _ in range(5):
            while True:
                old = store.facts([KEY])[KEY]["context_window"]
                new = Fact(old.value + 1, f"writer {writer}")
                change = Change(*KEY[1:], "context_window", old, new)
                try:
                    store.commit(draft(change, author=str(writer)))
                except RevisionConflictError:
                    continue
                break

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(4)))
    assert store.state()[KEY]["context_window"].value == 20
    assert store.head().revision == 21
    assert store.verify() == []


def test_a_turn_meets_no_conflict(store: Store) -> None:
    """Threads that ask and commit within a turn all arrive at once, in some order."""
    store.commit(draft(whole(context_window=0)))

    def count(writer: int) -> None:
        for _ in range(5):
            with store.turn():
                old = store.facts([KEY])[KEY]["context_window"]
                new = Fact(old.value + 1, f"writer {writer}")
                change = Change(*KEY[1:], "context_window", old, new)
                at = store.head().revision
                store.commit(draft(change, author=str(writer)), expected=at)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(4)))
    assert store.state()[KEY]["context_window"].value == 20
    assert store.head().revision == 21
    assert store.verify() == []


def test_a_turn_is_all_or_nothing(store: Store) -> None:
    """What is committed within is there at its end, and gone when it fails."""
    store.commit(draft(whole(), whole("two")))
    before = (store.head(), store.state())

    def fail_half_way() -> None:
        with store.turn():
            store.commit(draft(step(None, 1)))
            store.commit(draft(whole("three")))
            raise LookupError

    with pytest.raises(LookupError):
        fail_half_way()
    assert (store.head(), store.state()) == before
    with store.turn():
        store.commit(draft(step(None, 1)))
        assert store.facts([KEY])[KEY]["context_window"].value == 1
        with pytest.raises(RevisionConflictError):  # half of it would fit
            store.commit(draft(step(1, 2), step(None, 2, "three")))
        with store.turn():  # the same one
            store.commit(draft(step(1, 3), step(None, 5, "two")))
        assert [n for n, _ in store.changes(1)] == [2, 3, 3]
        assert len(store.revisions()) == 3
    assert store.state()[KEY]["context_window"].value == 3
    assert store.head().revision == 3
    assert store.verify() == []


def test_stores_have_epochs_of_their_own(make_store: Callable[[], Store]) -> None:
    """The same history in two stores is told apart."""
    stores = [make_store(), make_store()]
    for one in stores:
        one.commit(draft(whole()))
    first, second = (one.head() for one in stores)
    assert first.hash == second.hash
    assert first.epoch != second.epoch


def test_a_closed_store_can_be_asked_again(store: Store) -> None:
    """Closing lets go of connections, no more."""
    store.commit(draft(whole()))
    store.close()
    store.close()
    assert store.head().revision == 1
    assert store.name
