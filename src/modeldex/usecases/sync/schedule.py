"""When each source is asked again, and who of many instances does it.

A source is asked once in its interval, a little earlier or later by chance, so that
not all are asked at one instant; sooner again where it failed. One instance at a time
leads: the others only take over what it has committed.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from hashlib import blake2b
from threading import Event, Thread
from typing import TYPE_CHECKING, Self

from modeldex.errors import ModeldexError
from modeldex.usecases.sync.session import sync

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from modeldex.domain.syncing import SourceState
    from modeldex.ports import Lease, Source
    from modeldex.usecases.sync.run import Desk, SourceReport

# seconds between two questions to a source of a kind
INTERVALS = {
    "api": 3_600.0,
    "catalogue": 86_400.0,
    "local": 300.0,
    "registry": 900.0,
}
JITTER = 0.2  # part of an interval
RETRY = 900.0  # seconds after a failure, where the interval is longer
LONGEST_WAIT = 60.0  # seconds between two looks at the store
SHORTEST_WAIT = 1.0

_LOG = logging.getLogger("modeldex.sync")


def interval_of(source: Source, every: float | None = None) -> float:
    """Return the seconds between two questions to a source."""
    return INTERVALS[source.kind] if every is None else every


def next_at(state: SourceState, every: float) -> datetime | None:
    """Return when a source is to be asked again; None for at once.

    The same state gives the same time, so that all instances agree.
    """
    if not state.tried_at:
        return None
    tried = datetime.fromisoformat(state.tried_at)
    wait = min(every, RETRY) if state.error else every
    seed = blake2b(f"{state.source} {state.tried_at}".encode(), digest_size=4).digest()
    chance = int.from_bytes(seed) / 0xFFFFFFFF * 2 - 1
    return tried + timedelta(seconds=wait * (1 + JITTER * chance))


class KeepFresh:
    """Syncs when it is time, until it is stopped.

    `names` are the sources that are asked; `every` is an interval for all of them, in
    seconds. `tell` is given the reports of each round. What goes wrong is logged as
    `modeldex.sync`, and does not end it.
    """

    def __init__(
        self,
        desk: Desk,
        sources: Sequence[Source],
        *,
        every: float | None = None,
        tell: Callable[[Sequence[SourceReport]], object] = lambda _reports: None,
    ) -> None:
        self._desk = desk
        self._sources = [source for source in sources if not source.lacks()]
        self._every = every
        self._tell = tell
        self._stop = Event()
        self._lease: Lease | None = None
        self._thread: Thread | None = None

    @property
    def leads(self) -> bool:
        """Whether this instance is the one that asks."""
        return self._lease is not None

    def start(self) -> Self:
        """Run in a thread of its own, which does not keep the process alive."""
        self._thread = Thread(target=self.run, name="modeldex-sync", daemon=True)
        self._thread.start()
        return self

    def run(self) -> None:
        """Run until it is stopped."""
        wait = 0.0
        try:
            while not self._stop.wait(wait):
                wait = self.step()
        finally:
            self._release()

    def stop(self, timeout: float | None = None) -> None:
        """End it, and wait for a sync that is under way."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def step(self) -> float:
        """Do what is due now; return the seconds until there may be something again."""
        stored = self._desk.stored
        try:
            if not self._is_leader():
                stored.refresh()
                return LONGEST_WAIT
            due, wait = self._due()
            if due:
                stored.refresh()
                self._tell(sync(self._desk, due))
                stored.flush()
                _, wait = self._due()
        except (ModeldexError, OSError) as error:
            _LOG.warning("sync: %s", error)
            self._release()
            return LONGEST_WAIT
        return wait

    def _is_leader(self) -> bool:
        if self._lease is not None and not self._lease.holds():
            self._release()
        if self._lease is None:
            store = self._desk.stored.store(create=True)
            self._lease = None if store is None else store.lead()
        return self._lease is not None

    def _release(self) -> None:
        lease, self._lease = self._lease, None
        if lease is not None:
            lease.release()

    def _due(self) -> tuple[list[Source], float]:
        """Return the sources that are due, and the seconds until the next one is."""
        now = datetime.fromisoformat(self._desk.stored.around.now())
        states = self._desk.states(source.name for source in self._sources)
        due, wait = [], LONGEST_WAIT
        for source in self._sources:
            state = states[source.name]
            at = next_at(state, interval_of(source, self._every))
            left = 0.0 if at is None else (at - now).total_seconds()
            if left <= 0:
                due.append(source)
            else:
                wait = min(wait, left)
        return due, max(wait, SHORTEST_WAIT)
