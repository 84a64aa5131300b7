"""What every store promises to who follows it: moments, claims, and the outbox."""

from __future__ import annotations

from decimal import Decimal
from threading import Thread
from typing import TYPE_CHECKING

from sqlalchemy import select

from drafts import AT, KEY, claim, draft, step, whole
from modeldex.domain.change import Change, Fact
from modeldex.ports import Claim
from modeldex.stores.store import SqlStore
from modeldex.stores.tables import outbox
from modeldex.usecases.pulling import chained, hash_of

if TYPE_CHECKING:
    from modeldex.ports import Store


def test_a_moment_is_of_one_head(store: Store) -> None:
    """What another thread commits meanwhile is not seen; after it, it is."""
    store.commit(draft(whole()))
    writer = Thread(target=lambda: store.commit(draft(step(None, 1), whole("two"))))
    with store.moment():
        head = store.head()
        writer.start()
        writer.join(0.2)  # a store in memory lets it wait
        with store.moment():  # the same one
            assert store.facts([KEY])[KEY].get("context_window") is None
        assert store.head() == head
        assert len(store.revisions()) == 1
        assert [n for n, _ in store.changes(0)] == [1]
        assert store.state().keys() == {KEY}
    writer.join()
    assert store.head().revision == 2
    assert store.facts([KEY])[KEY]["context_window"].value == 1


def test_a_moment_of_nothing(store: Store) -> None:
    """A store that was never written to can be asked too."""
    with store.moment():
        assert store.head().revision == 0
        assert list(store.claims_of(0)) == []
    assert store.outbox() is None


def test_a_moment_in_a_turn_is_the_turn(store: Store) -> None:
    """What is committed within is seen."""
    store.commit(draft(whole()))
    with store.turn():
        store.commit(draft(step(None, 1)))
        with store.moment():
            assert store.head().revision == 2
            assert store.facts([KEY])[KEY]["context_window"].value == 1
    assert store.head().revision == 2


def test_what_was_read_makes_the_same_hash(store: Store) -> None:
    """Changes and claims come back as they were hashed, of every kind."""
    first = whole(pricing__input=Decimal("2.50"), metadata={"a": [1, Decimal("0.10")]})
    store.commit(draft(first, claims=[claim(), claim(Decimal("1E-7"))]))
    curated = {"source": "curated", "at": AT, "because": "naïve", "url": None}
    known = Fact(Decimal("2.50"), "models.dev")
    price = Change("acme", "one", "pricing.input", known, Fact(Decimal(3), curated))
    store.commit(draft(price, step(None, 1)))
    flag = Claim("acme", "one", "capabilities.vision", "x", value=False, observed_at=AT)
    store.commit(draft(claims=[flag, claim(None)], url="https://example.com/a"))
    told = [(n, c.value) for n, c in store.claims_of(0)]
    assert told[0] == (1, Decimal("2.5"))
    assert told[2:] == [(3, False), (3, None)]
    assert [n for n, _ in store.claims_of(1, 2)] == []
    for revision in store.revisions():
        number = revision.number
        changes = [c for _, c in store.changes(number - 1, number)]
        claims = [c for _, c in store.claims_of(number - 1, number)]
        assert hash_of(revision, changes, claims) == revision.hash
    head = store.head()
    nowhere = type(head)(0, "", head.epoch)
    assert [r.number for r, _ in chained(store, nowhere, head, {})] == [1, 2, 3]


def test_the_outbox_does_not_grow(store: Store) -> None:
    """Where nobody empties it, the newest revision alone is in it."""
    store.commit(draft(whole()))
    for value in range(1, 5):
        store.commit(draft(step(value - 1 or None, value)))
    store.published(store.head().revision - 1)  # as if there were any before
    assert store.outbox() == store.head()
    store.published(store.head().revision)
    assert store.outbox() is None
    if isinstance(store, SqlStore):
        store.commit(draft(step(4, 5)))
        store.commit(draft(step(5, 6)))
        with store.database.reading() as connection:
            assert len(connection.execute(select(outbox)).all()) == 1


def test_the_outbox_holds_what_was_not_published(store: Store) -> None:
    """The newest revision is told; what was published goes, once and for all."""
    store.commit(draft(whole()))
    store.commit(draft(step(None, 1)))
    head = store.head()
    assert store.outbox() == head
    store.published(1)
    assert store.outbox() == head
    store.commit(draft(step(1, 2)))
    store.published(head.revision)
    assert store.outbox() == store.head()
    store.published(99)
    store.published(99)
    assert store.outbox() is None
