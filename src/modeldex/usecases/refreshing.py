"""A value that is asked for by one thread at a time, and never by its readers.

Readers take what is there. Who finds it too old has one refresh begin, in a thread of
its own; all others go on. A failure is remembered for a while, so that what does not
answer is not asked by each reader. Time never goes back, and goes on while the machine
sleeps.
"""

from __future__ import annotations

import logging
import os
import time
from dataclasses import dataclass
from random import random
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Generic, TypeVar

from modeldex.errors import ModeldexError, SourceUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

JITTER = 0.2  # part of the time a value lasts, by which it may last less
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0  # seconds after failures, doubled each time

_LOG = logging.getLogger("modeldex.live")


def elapsed() -> float:
    """Return seconds that only grow, those of a sleeping machine among them.

    `time.monotonic` leaves these out on Linux: an answer would be younger than it is.
    """
    boot: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


def told(name: str, error: Exception) -> str:
    """Return what an error says, with the name of who was asked in front."""
    said = str(error)
    return said if said.startswith((f"{name}: ", f"{name} ")) else f"{name}: {said}"


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """A value, when it was got, and until when it is fresh."""

    value: T
    at: float
    until: float


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Why the last try failed; when to try again, and when at the earliest."""

    error: Exception
    count: int
    again: float
    barred: float


class _Flight:
    """A refresh that is under way, in a thread of this process."""

    __slots__ = ("began", "done", "process")

    def __init__(self, began: float) -> None:
        self.began = began
        self.process = os.getpid()
        self.done = Event()


class Refreshing(Generic[T]):
    """A value that lasts so many seconds.

    `ask` gets it, given the one that is kept, and whether that is to be asked for anew
    although it is fresh.
    """

    def __init__(
        self,
        ask: Callable[[Kept[T] | None, bool], Kept[T]],
        lasts: float,
        *,
        clock: Callable[[], float] = elapsed,
        chance: Callable[[], float] = random,
    ) -> None:
        self._ask = ask
        self._lasts = lasts
        self.clock = clock
        self._chance = chance
        self._lock = Lock()
        self._flight: _Flight | None = None
        self._trouble: _Trouble | None = None
        self._whom: object = None
        self.kept: Kept[T] | None = None

    def new(self, value: T, at: float | None = None) -> Kept[T]:
        """Return a value as it is kept when it was got at a time, by default now."""
        now = self.clock() if at is None else at
        return Kept(value, now, now + self._lasts * (1 - JITTER * self._chance()))

    def seed(self, value: T, age: float) -> None:
        """Keep a value of before this process, which is too old, if there is none."""
        now = self.clock()
        with self._lock:
            if self.kept is None:
                self.kept = Kept(value, now - max(age, 0.0), now)

    def is_fresh(self, kept: Kept[T] | None) -> bool:
        """Tell whether a value is not too old."""
        return kept is not None and self.clock() < kept.until

    def age(self, kept: Kept[T]) -> float:
        """Return the seconds since a value was got."""
        return max(self.clock() - kept.at, 0.0)

    @property
    def error(self) -> Exception | None:
        """Why the last try failed; None where it did not."""
        trouble = self._trouble
        return None if trouble is None else trouble.error

    def start(self, *, force: bool = False) -> _Flight | None:
        """Have a refresh begin, or return the one that is under way.

        None where one has failed a while ago; `force` asks even so, unless the source
        itself said when to ask again.
        """
        flight = self._under_way()
        if flight is not None or self._pauses(force=force):
            return flight
        with self._lock:
            flight = self._under_way()
            if flight is not None or self._pauses(force=force):
                return flight
            flight = self._flight = _Flight(self.clock())
        try:
            Thread(
                target=self._run,
                args=(flight, force),
                name="modeldex-live",
                daemon=True,
            ).start()
        except RuntimeError as error:  # there can be no more threads
            self._end(flight, error)
        return flight

    def _under_way(self) -> _Flight | None:
        """Return the refresh that runs; a forked process has none of its parent's."""
        flight = self._flight
        return flight if flight and flight.process == os.getpid() else None

    def _pauses(self, *, force: bool) -> bool:
        trouble = self._trouble
        if trouble is None:
            return False
        return self.clock() < (trouble.barred if force else trouble.again)

    def wait(self, flight: _Flight | None, seconds: float) -> bool:
        """Wait for a refresh, at most until so long after it began; tell if it ended.

        So a slow source is waited for once, not by each reader.
        """
        if flight is None:
            return True
        left = flight.began + seconds - self.clock()
        return flight.done.wait(max(left, 0.0))

    def clear(self) -> None:
        """Forget everything; what is under way is no longer waited for."""
        with self._lock:
            self._flight = self._trouble = self.kept = None

    def follow(self, whom: object) -> bool:
        """Forget everything where another is asked than before; tell if it is so.

        What one has answered, or refused, is nothing that the other has.
        """
        if whom == self._whom:
            return False
        with self._lock:
            before, self._whom = self._whom, whom
            changed = before is not None and before != whom
            if changed:
                self._flight = self._trouble = self.kept = None
        return changed

    def _run(self, flight: _Flight, force: bool) -> None:  # noqa: FBT001
        try:
            got = self._ask(self.kept, force)
        except (ModeldexError, OSError) as error:
            self._end(flight, error)
        except Exception as error:  # noqa: BLE001  a flight must end, whatever it is
            _LOG.exception("live: unexpected")
            self._end(flight, error)
        else:
            self._end(flight, None, got)

    def _end(
        self, flight: _Flight, error: Exception | None, got: Kept[T] | None = None
    ) -> None:
        with self._lock:
            if self._flight is flight:
                self._flight = None
                if error is None:
                    self.kept, self._trouble = got, None
                else:
                    self._trouble = self._failed(error)
        flight.done.set()

    def _failed(self, error: Exception) -> _Trouble:
        count = 1 if self._trouble is None else self._trouble.count + 1
        pause = min(FIRST_PAUSE * 2 ** min(count - 1, 16), LONGEST_PAUSE)
        now = self.clock()
        asked = error.retry_after if isinstance(error, SourceUnavailableError) else None
        barred = now + (asked or 0.0)
        again = max(now + pause * (1 - self._chance() / 2), barred)
        return _Trouble(error.with_traceback(None), count, again, barred)
