"""The follower: what a hint does, what a store may say, what is served meanwhile."""

from __future__ import annotations

import sys
import time
from threading import Thread, current_thread
from typing import TYPE_CHECKING, Any

import pytest

from modeldex.domain.change import Change, Fact
from modeldex.errors import (
    StoreDamagedError,
    StoreUnavailableError,
    StoreVersionError,
)
from modeldex.ports import Claim, Draft, Head
from modeldex.testing import MemoryBus, MemoryStore
from modeldex.usecases import following
from modeldex.usecases.following import GAP_SECONDS, Follower
from modeldex.usecases.kept import SWITCH_SECONDS, _giving_way
from modeldex.usecases.relay import Relay
from stored import ENTRIES, GPT, NOW, Memory
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modeldex.registry import Registry

NEVER = 3_600.0  # seconds between looks: only hints count


class Pair:
    """Two registries over one store in memory: one writes, the other follows."""

    def __init__(self) -> None:
        self.store = Fickle()
        around = [Memory(ENTRIES) for _ in range(2)]
        for one in around:
            one.made = self.store
        self.around = around[1]
        self.writer, self.reader = (one.registry() for one in around)
        self.bus = MemoryBus()
        self.stored = self.reader._written()[0]
        self.followers: list[Follower] = []

    def edit(self, value: int) -> int:
        """Write a context window; return the revision."""
        return edit(self.writer, value)

    def follow(self, every: float = NEVER, bus: Any = "") -> Follower:
        """Let the other follow."""
        made = Follower(self.stored, self.bus if bus == "" else bus, every=every)
        self.followers.append(made.start())
        until(lambda: made.looks)
        return made

    @property
    def served(self) -> int | None:
        """The context window that the other serves."""
        return self.reader.get_info(GPT).context_window


def edit(registry: Registry, value: int) -> int:
    """Write a context window."""
    made = registry.edits.set(GPT, {"context_window": value}, because="a reason")
    assert made.revision is not None
    return int(made.revision.number)


class Fickle(MemoryStore):
    """A store that can be away, and count who asks."""

    away = False
    asked = 0
    trouble: Exception | None = None

    def head(self) -> Head:
        """Return where it is, or fail."""
        self.asked += 1
        if self.away:
            raise StoreUnavailableError("it is away")
        if self.trouble is not None:
            raise self.trouble
        return super().head()

    def go_back(self, count: int) -> None:
        """Lose revisions, as a database does that is restored behind one's back."""
        del self._revisions[-count:]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Return a writer and a follower."""
    made = Pair()
    yield made
    for follower in made.followers:
        follower.stop()


def test_the_poll_is_enough(pair: Pair) -> None:
    """Without any event."""
    pair.edit(1)
    follower = pair.follow(every=0.02, bus=None)
    until(lambda: pair.served == 1)
    last = pair.edit(2)
    until(lambda: pair.served == 2)
    status = follower.status()
    assert (status.state, status.tier, status.revision) == ("fresh", "store", last)
    assert (status.store_up, status.events_up, status.trouble) == (True, None, "")
    assert status.age < 2
    assert status.epoch == pair.store.head().epoch


def test_a_hint_is_enough(pair: Pair) -> None:
    """The relay of who commits tells at once; the outbox is emptied."""
    pair.follow()
    writer = pair.writer._written()[0]
    relay = Relay(writer, pair.bus)
    relay.start()
    for value in (1, 2, 3):
        pair.edit(value)
        assert until(lambda v=value: pair.served == v) < 0.5
    relay.drain()
    assert pair.store.outbox() is None
    relay.stop()
    assert pair.bus.told[-1] == pair.store.head()


def test_what_a_dead_process_left_untold_is_told(pair: Pair) -> None:
    """By any other, once it looks into the outbox; while the bus is down it stays."""
    pair.edit(1)
    pair.bus.up = False
    relay = Relay(pair.stored, pair.bus)
    relay.start()
    time.sleep(0.05)
    assert pair.store.outbox() == pair.store.head()
    relay.stop()
    pair.bus.up = True
    relay.drain()
    assert pair.store.outbox() is None
    assert pair.bus.told == [pair.store.head()]


def test_a_look_that_nobody_wanted_holds_up_no_hint(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time between two looks counts from hint to hint."""
    monkeypatch.setattr(following, "GAP_SECONDS", 30)
    pair.follow()
    pair.edit(1)
    pair.bus.publish(pair.store.head())
    until(lambda: pair.served == 1)


def test_tables_of_another_version_are_an_error(pair: Pair) -> None:
    """What is served stays; the store answers, and nothing of it is to be served."""
    last = pair.edit(1)
    follower = pair.follow(every=0.02)
    until(lambda: pair.served == 1)
    pair.store.trouble = StoreVersionError("a newer one wrote it")
    until(lambda: follower.status().state == "error")
    status = follower.status()
    assert (status.store_up, status.revision) == (True, last)
    assert status.trouble == "a newer one wrote it"
    pair.store.trouble = None
    until(lambda: follower.status().state == "fresh")


def test_a_forged_event_is_only_a_question(pair: Pair) -> None:
    """What is served comes from the store alone; it is not asked more often."""
    last = pair.edit(1)
    follower = pair.follow()
    until(lambda: pair.served == 1)
    epoch = pair.store.head().epoch
    asked, looks, began = pair.store.asked, follower.looks, time.monotonic()
    for number in range(2_000):
        pair.bus.publish(Head(number, "f" * 64, epoch))
        pair.bus.publish(Head(1 << 62, "f" * 64, "another"))
    took = time.monotonic() - began
    time.sleep(GAP_SECONDS * 2)
    most = (took + GAP_SECONDS * 2) / GAP_SECONDS + 2
    assert 1 <= follower.looks - looks <= most
    assert pair.store.asked - asked <= most
    status = follower.status()
    assert (status.revision, status.epoch, pair.served) == (last, epoch, 1)
    assert status.state == "fresh"


def test_an_old_event_asks_nobody(pair: Pair) -> None:
    """Replayed and late ones are of no use."""
    last = pair.edit(1)
    follower = pair.follow()
    until(lambda: pair.served == 1)
    looks = follower.looks
    for number in range(last + 1):
        pair.bus.publish(Head(number, "a" * 64, pair.store.head().epoch))
    time.sleep(GAP_SECONDS * 2)
    assert follower.looks == looks


def test_a_store_that_is_away_leaves_what_is_served(pair: Pair) -> None:
    """It is stale, and fresh again when it is back."""
    pair.edit(1)
    follower = pair.follow(every=0.02)
    until(lambda: follower.status().state == "fresh")
    pair.store.away = True
    until(lambda: follower.status().state == "stale")
    status = follower.status()
    assert (status.store_up, status.trouble, status.tier) == (
        False,
        "it is away",
        "store",
    )
    assert pair.served == 1
    pair.store.away = False
    until(lambda: follower.status().state == "fresh")
    pair.edit(2)
    until(lambda: pair.served == 2)


def test_a_start_without_a_store(pair: Pair) -> None:
    """The shipped catalogue is served, and its age is told."""
    pair.store.away = True
    follower = pair.follow(every=0.02)
    status = follower.status()
    assert (status.state, status.tier, status.revision) == ("stale", "shipped", 0)
    assert status.age > 1_000_000
    assert pair.served == 128_000


def test_a_store_that_went_back_is_refused(pair: Pair) -> None:
    """A revision never goes down in its epoch; when it is beyond, it must follow."""
    pair.edit(1)
    last = pair.edit(2)
    follower = pair.follow(every=0.02)
    until(lambda: pair.served == 2)
    pair.store.go_back(1)
    until(lambda: follower.status().state == "error")
    status = follower.status()
    assert (status.revision, pair.served, status.store_up) == (last, 2, True)
    assert "before" in status.trouble
    with pytest.raises(StoreDamagedError):
        edit(pair.reader, 9)


def test_another_epoch_is_taken_whole(pair: Pair) -> None:
    """A restored store has another one; its revision may be lower."""
    pair.edit(1)
    pair.edit(2)
    follower = pair.follow(every=0.02)
    until(lambda: pair.served == 2)
    last = pair.store.head().revision
    pair.store.go_back(1)
    pair.store._epoch = "restored"
    pair.store._state = {}
    for _, draft in pair.store._revisions:
        from modeldex.domain.change import apply

        pair.store._state = apply(pair.store._state, draft.changes)
    until(lambda: pair.served == 1)
    status = follower.status()
    assert (status.revision, status.epoch) == (last - 1, "restored")
    assert status.state == "fresh"


def test_an_empty_store_is_refused(pair: Pair) -> None:
    """A database that was dropped takes nothing away from readers."""
    pair.edit(1)
    follower = pair.follow(every=0.02)
    until(lambda: pair.served == 1)
    pair.store.go_back(2)
    pair.store._epoch = ""
    until(lambda: follower.status().state == "error")
    assert pair.served == 1


def tampered(pair: Pair, **parts: Any) -> None:
    """Commit a revision and change what is kept of it."""
    pair.edit(7)
    revision, draft = pair.store._revisions[-1]
    changes = [
        Change(
            *(c.provider, c.model, c.field, c.old, Fact(666, c.new.source)),
            kind=c.kind,
            layer=c.layer,
            observed_at=c.observed_at,
        )
        for c in draft.changes
    ]
    made = Draft(changes, author="x", source="edit", at=NOW, **parts)
    pair.store._revisions[-1] = (revision, made)


def test_a_change_that_was_tampered_with_is_not_served(pair: Pair) -> None:
    """Its hash is another one, also when all is read anew."""
    pair.edit(1)
    follower = pair.follow(every=0.02)
    until(lambda: pair.served == 1)
    tampered(pair)
    until(lambda: follower.status().state == "error")
    assert "hash of revision 3" in follower.status().trouble
    assert pair.served == 1


def test_facts_that_no_change_made_are_not_served(pair: Pair) -> None:
    """The state must be what the changes come to."""
    pair.edit(1)
    follower = pair.follow(every=0.02)
    until(lambda: pair.served == 1)
    with pair.store._lock:
        pair.edit(2)
        key = next(key for key in pair.store._state if key[0] == "own")
        pair.store._state[key] = {"context_window": Fact(666, "nobody")}
    until(lambda: follower.status().state == "error")
    assert "is not what its changes make" in follower.status().trouble
    assert pair.served == 1


def test_another_line_of_the_same_epoch_is_read_whole(pair: Pair) -> None:
    """What does not follow is read from the beginning; there it holds."""
    pair.edit(1)
    follower = pair.follow(every=0.02)
    until(lambda: pair.served == 1)
    pair.store.away = True
    until(lambda: not follower.status().store_up)
    pair.store.away = False
    with pair.store._lock:
        before = {**pair.store._state}
        key = next(key for key in before if key[0] == "own")
        pair.store.go_back(1)
        del pair.store._state[key]
        fact = Fact(5, {"source": "curated"})
        for ref in (("acme", "m"), key[1:]):
            change = Change(*ref, "context_window", None, fact, layer="own")
            pair.store.commit(Draft([change], author="b", source="edit", at=NOW))
        last = MemoryStore.head(pair.store).revision
    until(lambda: pair.served == 5)
    assert pair.reader.get_info("acme/m").context_window == 5
    assert follower.status().revision == last


def test_a_commit_during_a_pull_waits_for_the_next_one(pair: Pair) -> None:
    """What is pulled is of one moment: the facts are those of the head."""
    pair.edit(1)
    pair.stored.refresh()
    pair.edit(2)
    reading, threads = pair.store.claims_of, []

    def commit_meanwhile(*given: Any) -> Any:
        pair.store.claims_of = reading  # type: ignore[method-assign]
        threads.append(Thread(target=pair.edit, args=(3,)))
        threads[0].start()
        threads[0].join(0.2)
        return reading(*given)

    pair.store.claims_of = commit_meanwhile  # type: ignore[method-assign]
    pair.stored.refresh()
    assert pair.served == 2
    threads[0].join()
    pair.stored.refresh()
    assert pair.served == 3


def test_who_listens_hears_of_each_swap(pair: Pair) -> None:
    """One that fails keeps no other from it; one that has ended hears nothing."""
    follower = pair.follow(every=0.02)
    heard: list[int] = []
    ended: list[Head] = []

    def fail(_head: Head) -> None:
        raise LookupError

    follower.listen(fail)
    follower.listen(lambda head: heard.append(head.revision))
    end = follower.listen(ended.append)
    end()
    last = pair.edit(1)
    until(lambda: heard and heard[-1] == last)
    assert heard == sorted(set(heard))
    assert ended == []


def test_waiting_for_a_revision(pair: Pair) -> None:
    """It is served by then, or not in time; to wait asks the store at once."""
    follower = pair.follow()
    last = pair.edit(1)
    assert follower.wait_for(last, 2)
    assert pair.served == 1
    assert follower.wait_for(0, 0)
    began = time.monotonic()
    assert not follower.wait_for(last + 1, 0.15)
    assert time.monotonic() - began < 1


def test_what_cannot_be_served_is_an_error(pair: Pair) -> None:
    """The thread stays, and tries again."""
    follower = pair.follow(every=0.02)
    reading = pair.stored.refresh

    def fail(*_: object) -> None:
        raise LookupError("a mistake of ours")

    pair.stored.refresh = fail  # type: ignore[method-assign]
    pair.edit(1)
    until(lambda: follower.status().state == "error")
    assert follower.status().trouble == "a mistake of ours"
    pair.stored.refresh = reading  # type: ignore[method-assign]
    until(lambda: pair.served == 1)


def test_a_revision_without_changes_is_served_too(pair: Pair) -> None:
    """The catalogue says its number."""
    pair.edit(1)
    follower = pair.follow(every=0.02)
    place = ("openai", "gpt-4o", "context_window", "litellm")
    for value in (1, 2):
        said = Claim(*place, value=value, observed_at=NOW)
        pair.store.commit(Draft((), author="a", source="x", at=NOW, claims=[said]))
        last = pair.store.head().revision
        assert follower.wait_for(last, 2)
        assert int(pair.reader.catalog.snapshot.meta["revision"]) == last
        pair.stored.flush(anew=True)
        assert int(pair.reader.catalog.snapshot.meta["revision"]) == last
    assert pair.served == 1
    assert [m.ref for m in pair.reader.find("context=1")] == [GPT]


def test_a_file_that_others_wrote_is_taken(pair: Pair) -> None:
    """Instances of one host write the catalogue file once."""
    pair.edit(1)
    pair.stored.refresh()
    assert pair.around.files == []
    pair.stored.keep_soon()
    pair.stored._flush_aside()
    assert len(pair.around.files) == 1
    pair.stored.keep_soon()
    pair.stored._flush_aside()
    assert len(pair.around.files) == 1
    assert pair.served == 1


def test_what_changes_while_the_file_is_written_is_kept(pair: Pair) -> None:
    """The catalogue that is taken then has it on top."""
    pair.edit(1)
    pair.stored.refresh()
    keep = pair.around.keep

    def slowly(data: bytes) -> Any:
        found = keep(data)
        pair.edit(2)
        pair.stored.refresh()
        return found

    pair.around.keep = slowly  # type: ignore[method-assign]
    pair.stored.keep_soon()
    pair.stored._flush_aside()
    assert pair.served == 2
    meta = pair.reader.catalog.snapshot.meta
    assert int(meta["revision"]) == pair.store.head().revision
    pair.edit(3)
    pair.stored.refresh()
    assert pair.served == 3


def test_others_get_their_turn_while_the_file_is_written(pair: Pair) -> None:
    """Threads wait no longer for the one that compiles; after it all is as before."""
    pair.edit(1)
    pair.stored.refresh()
    keep, seen, before = pair.around.keep, [], sys.getswitchinterval()

    def watched(data: bytes) -> Any:
        with _giving_way():  # another catalogue of the process, at the same time
            seen.append(sys.getswitchinterval())
        seen.append(sys.getswitchinterval())
        return keep(data)

    pair.around.keep = watched  # type: ignore[method-assign]
    pair.stored.keep_soon()
    pair.stored._flush_aside()
    assert seen == [pytest.approx(SWITCH_SECONDS)] * 2
    assert sys.getswitchinterval() == before


def test_a_long_pull_is_not_a_store_that_is_away(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has answered; one that does not answer for as long is away."""
    monkeypatch.setattr(following, "SLOW_SECONDS", 0.05)
    pair.edit(1)
    follower = pair.follow(every=0.02, bus=None)
    until(lambda: pair.served == 1)
    state, head, seen = pair.store.facts, pair.store.head, []

    def slowly(*given: Any) -> Any:
        if current_thread().name == "modeldex-follower":
            time.sleep(0.3)
            seen.append(follower.status())
        return state(*given)

    pair.store.facts = slowly  # type: ignore[method-assign]
    pair.edit(2)
    until(lambda: pair.served == 2)
    pair.store.facts = state  # type: ignore[method-assign]
    assert seen
    assert all(status.store_up and not status.trouble for status in seen)

    def silent() -> Head:
        time.sleep(0.3)
        seen.append(follower.status())
        return head()

    pair.store.head = silent  # type: ignore[method-assign]
    until(lambda: not seen[-1].store_up)
    assert seen[-1].trouble == "the store does not answer"
    pair.store.head = head  # type: ignore[method-assign]
    until(lambda: follower.status().store_up)
