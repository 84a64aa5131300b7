"""Following a store: whatever any instance commits is served by all, soon.

The store is asked where it is once a second: that is what is promised. An event is only
a hint to ask earlier; it is believed nothing else. What is new is read in one moment
and checked before it is served (`usecases.pulling`); a store that cannot be asked, or
whose hashes do not hold, leaves what is served as it is.
"""

from __future__ import annotations

import logging
import random
import time
from threading import Condition, Lock, Thread
from typing import TYPE_CHECKING, Self

from modeldex.domain import Value, set_slot
from modeldex.errors import (
    ModeldexError,
    StoreDamagedError,
    StoreError,
    StoreVersionError,
)
from modeldex.usecases.relay import Relay

if TYPE_CHECKING:
    from collections.abc import Callable

    from modeldex.ports import EventBus, Head
    from modeldex.usecases.stored import StoredCatalog

JITTER = 0.2  # part of the seconds between two looks
GAP_SECONDS = 0.1  # between two looks for what was heard, whatever is heard
SLOW_SECONDS = 2.0  # without an answer: the store is as good as away
PULL_SECONDS = 60.0  # for what an answering store holds: much may be new
LATE = 3  # looks that were missed: what is served is stale

_LOG = logging.getLogger("modeldex.follower")


class Following(Value):
    """How an instance stands to its store.

    `state` is fresh; behind, where the store is known to be further; stale, where it
    cannot be asked; or error, where what it holds must not be served. `tier` is what
    the served catalogue comes from: the store, its catalogue file (last known good), or
    the shipped one. `age` is in seconds since the store last confirmed it; `events_up`
    is None without a bus; `trouble` says what is wrong.
    """

    __slots__ = (
        *("age", "epoch", "events_up", "revision"),
        *("state", "store_up", "tier", "trouble"),
    )
    state: str
    tier: str
    revision: int
    epoch: str
    age: float
    store_up: bool
    events_up: bool | None
    trouble: str

    def __init__(  # noqa: PLR0913
        self,
        state: str,
        tier: str,
        revision: int,
        epoch: str,
        *,
        age: float,
        store_up: bool,
        events_up: bool | None,
        trouble: str,
    ) -> None:
        set_slot(self, "state", state)
        set_slot(self, "tier", tier)
        set_slot(self, "revision", revision)
        set_slot(self, "epoch", epoch)
        set_slot(self, "age", age)
        set_slot(self, "store_up", store_up)
        set_slot(self, "events_up", events_up)
        set_slot(self, "trouble", trouble)


class Follower:
    """Keeps a stored catalogue at its store's head, in threads of its own.

    `every` is how many seconds apart the store is asked, a fifth more or less; events
    of a bus make it sooner, never more often than each tenth of a second. `looks`
    counts how often it was asked.
    """

    def __init__(
        self, stored: StoredCatalog, bus: EventBus | None, *, every: float = 1.0
    ) -> None:
        self._stored = stored
        self._bus = bus
        self._every = every
        self._wake, self._moved = Condition(), Condition()
        self._wanted = self._stopped = False
        self._heeded = -GAP_SECONDS  # when it looked last for what it heard
        self._looking: float | None = None  # since when
        self._patience = max(SLOW_SECONDS, every)
        self._confirmed: float | None = None
        self._seen: Head | None = None
        self._failure: ModeldexError | Exception | None = None
        self._listening: dict[object, Callable[[Head], None]] = {}
        self._listening_lock = Lock()
        self._thread: Thread | None = None
        self._relay = None if bus is None else Relay(stored, bus)
        self._end: Callable[[], None] = lambda: None
        self.looks = 0

    def start(self) -> Self:
        """Follow from now on."""
        if self._bus is not None:
            self._end = self._bus.subscribe(self.hint)
        if self._relay is not None:
            self._relay.start()
        self._stored.on_swap.append(self._swapped)
        self._thread = Thread(target=self._run, name="modeldex-follower", daemon=True)
        self._thread.start()
        return self

    def stop(self, timeout: float = 5.0) -> None:
        """End it; what is served stays."""
        with self._wake:
            self._stopped = True
            self._wake.notify_all()
        self._end()
        if self._swapped in self._stored.on_swap:
            self._stored.on_swap.remove(self._swapped)
        if self._relay is not None:
            self._relay.stop(timeout)
        if self._thread is not None:
            self._thread.join(timeout)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # what others ask of it

    def status(self) -> Following:
        """Return how this instance stands; asks nobody."""
        now, served, looking = time.monotonic(), self._stored.served, self._looking
        confirmed, failure, seen = self._confirmed, self._failure, self._seen
        if confirmed is None:
            age = max(0.0, time.time() - self._stored.around.made_at())
        else:
            age = now - confirmed
        slow = looking is not None and now - looking > self._patience
        damaged = isinstance(failure, StoreDamagedError | StoreVersionError)
        away = isinstance(failure, StoreError) and not damaged
        up = confirmed is not None and not away and not slow
        late = confirmed is None or age > max(LATE * self._every, SLOW_SECONDS)
        if failure is not None and not away:
            state = "error"
        elif late or not up:
            state = "stale"
        else:
            # who committed since is further than what was seen, and not behind
            known = seen is None or _same(seen, served) or _passed(seen, served)
            state = "fresh" if known else "behind"
        if not served.revision:
            tier = "shipped"
        else:
            tier = "file" if confirmed is None else "store"
        return Following(
            *(state, tier, served.revision, served.epoch),
            age=age,
            store_up=up or (damaged and not slow),
            events_up=None if self._bus is None else self._bus.is_up(),
            trouble=str(failure or ("the store does not answer" if slow else "")),
        )

    def listen(self, hear: Callable[[Head], None]) -> Callable[[], None]:
        """Call `hear` after each swap, in the thread that made it; return an end."""
        key = object()
        with self._listening_lock:
            self._listening[key] = hear

        def end() -> None:
            with self._listening_lock:
                self._listening.pop(key, None)

        return end

    def wait_for(self, revision: int, timeout: float) -> bool:
        """Wait until a revision is served, or a later one; False when it is not."""

        def is_there() -> bool:
            return self._stored.served.revision >= revision

        if is_there():
            return True
        self._want()
        with self._moved:
            return self._moved.wait_for(is_there, timeout)

    def hint(self, head: Head) -> None:
        """Hear that the store may be there: a reason to ask it, and nothing else."""
        served = self._stored.served
        if head.epoch != served.epoch or head.revision > served.revision:
            self._want()

    # its thread

    def _want(self) -> None:
        with self._wake:
            self._wanted = True
            self._wake.notify_all()

    def _run(self) -> None:
        while (wanted := self._await_turn()) is not None:
            self._look(wanted=wanted)

    def _await_turn(self) -> bool | None:
        """Wait until it is time to ask: at the first hint at once, then apart.

        Return whether it was wanted; None at the end. Looks that nobody wanted are a
        second apart anyway, and hold up no hint.
        """
        apart = self._every * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311
        with self._wake:
            if self.looks:
                self._wake.wait_for(lambda: self._wanted or self._stopped, apart)
            if self._wanted:
                left = self._heeded + GAP_SECONDS - time.monotonic()
                self._wake.wait_for(lambda: self._stopped, max(0.0, left))
                self._heeded = time.monotonic()
            wanted, self._wanted = self._wanted, False
            return None if self._stopped else wanted

    def _look(self, *, wanted: bool = False) -> None:
        """Ask the store where it is, and take what is new.

        A look that is wanted takes it at once: that asks where the store is as well.
        """
        began = time.monotonic()
        self.looks += 1
        failure: Exception | None = None
        try:
            if self.looks == 1:
                self._stored.adopt()
            store = self._stored.store()
            if store is not None:
                before = self._stored.served
                head = None
                if not (wanted and before.revision):
                    self._asks()
                    self._seen = head = store.head()
                    self._answered()
                if head is None or not _same(head, before):
                    self._stored.refresh(self._asks, self._answered)
                    self._seen = self._stored.known
                    if self._stored.served != before:
                        self._stored.keep_soon()
        except ModeldexError as error:
            failure = error
        except Exception as error:  # noqa: BLE001  the thread is to stay
            _LOG.exception("following the store failed")
            failure = error
        if failure is None:
            self._confirmed = began
        if str(failure or "") != str(self._failure or ""):
            _LOG.warning("%s", failure or "the store answers again")
        self._failure, self._looking = failure, None

    def _asks(self) -> None:
        """Note since when the store owes an answer; waiting for a turn is no part."""
        self._patience = max(SLOW_SECONDS, self._every)
        self._looking = time.monotonic()

    def _answered(self) -> None:
        """Give the store time for all that is new: it has answered."""
        self._patience = PULL_SECONDS

    def _swapped(self, head: Head) -> None:
        with self._moved:
            self._moved.notify_all()
        with self._listening_lock:
            every = list(self._listening.values())
        for hear in every:
            try:
                hear(head)
            except Exception:  # noqa: BLE001
                _LOG.exception("who listened for revision %s failed", head.revision)


def _passed(head: Head, served: Head) -> bool:
    return head.epoch == served.epoch and head.revision < served.revision


def _same(head: Head, served: Head) -> bool:
    place = head.epoch == served.epoch and head.revision == served.revision
    return place and served.hash in ("", head.hash)
