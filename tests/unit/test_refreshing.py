"""A value that one thread at a time asks for."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

import pytest

from modeldex.errors import SourceUnavailableError
from modeldex.usecases.refreshing import LONGEST_PAUSE, Refreshing, elapsed

if TYPE_CHECKING:
    from collections.abc import Callable


class Clock:
    """Time that tests move."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def refreshing(
    ask: Callable[[], int], clock: Clock, chance: float = 0.0
) -> Refreshing[int]:
    """Return a value that lasts ten seconds."""
    made: Refreshing[int] = Refreshing(
        lambda _kept, _anew: made.new(ask()), 10, clock=clock, chance=lambda: chance
    )
    return made


def run(state: Refreshing[int], *, force: bool = False) -> None:
    """Refresh, and wait for it."""
    flight = state.start(force=force)
    if flight is not None:
        assert flight.done.wait(5)


def test_time_goes_on_while_the_machine_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else an answer of before a night would be an hour old in the morning."""
    before = elapsed()
    assert elapsed() >= before
    monkeypatch.setattr(time, "CLOCK_BOOTTIME", 7, raising=False)
    monkeypatch.setattr(time, "clock_gettime", {7: 5.0}.__getitem__, raising=False)
    assert elapsed() == 5.0
    monkeypatch.delattr(time, "CLOCK_BOOTTIME")
    assert elapsed() > 0


@pytest.mark.parametrize(("chance", "lasts"), [(0.0, 10.0), (1.0, 8.0)])
def test_a_value_lasts_up_to_a_fifth_less(chance: float, lasts: float) -> None:
    """Not all that began together end together."""
    clock = Clock()
    state = refreshing(lambda: 1, clock, chance)
    assert not state.is_fresh(state.kept)
    run(state)
    assert state.kept is not None
    assert state.kept.until == clock.now + lasts
    clock.now += lasts
    assert not state.is_fresh(state.kept)


def test_a_forked_process_does_not_wait_for_its_parents_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No thread is forked: what was under way never ends there."""
    clock, held = Clock(), threading.Event()
    asked: list[int] = []

    def ask() -> int:
        asked.append(1)
        held.wait(5)
        return len(asked)

    state = refreshing(ask, clock)
    of_parent = state.start()
    assert state.start() is of_parent
    process = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: process + 1)
    own = state.start()
    assert own is not of_parent
    held.set()
    assert own is not None
    assert own.done.wait(5)
    assert len(asked) == 2


def test_two_that_find_it_old_at_one_instant_begin_one_refresh() -> None:
    """Both have looked before either begins; one request is made all the same."""
    asked: list[int] = []
    release = threading.Event()

    def ask() -> int:
        asked.append(1)
        release.wait(5)
        return 1

    both = threading.Barrier(2)
    looked = threading.local()

    class Slow(Refreshing[int]):
        def _pauses(self, *, force: bool) -> bool:
            if not getattr(looked, "once", False):
                looked.once = True
                both.wait(5)
            return super()._pauses(force=force)

    state: Slow = Slow(lambda _kept, _anew: state.new(ask()), 10)
    flights = []
    threads = [
        threading.Thread(target=lambda: flights.append(state.start())) for _ in "ab"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    release.set()
    first, second = flights
    assert first is second
    assert first is not None
    assert first.done.wait(5)
    assert len(asked) == 1


def test_failures_are_remembered_longer_each_time() -> None:
    """Five seconds, ten, and so on, up to five minutes; success ends it."""
    clock = Clock()
    fails = [True]

    def ask() -> int:
        if fails[0]:
            raise OSError("no")
        return 1

    state = refreshing(ask, clock)
    waits = []
    for _ in range(9):
        run(state)
        began = clock.now
        while state._pauses(force=False):
            clock.now += 1
        waits.append(clock.now - began)
    assert waits[:4] == [5, 10, 20, 40]
    assert waits[-1] == LONGEST_PAUSE
    fails[0] = False
    run(state)
    assert state.error is None
    assert state.kept is not None


def test_who_forces_waits_only_for_the_source() -> None:
    """Our own pause is passed over, that of a Retry-After is not."""
    clock = Clock()
    later: list[float | None] = [None]

    def ask() -> int:
        raise SourceUnavailableError("no", later[0])

    state = refreshing(ask, clock)
    run(state)
    assert state.start() is None
    later[0] = 60.0
    run(state, force=True)
    assert state.start(force=True) is None
    clock.now += 61
    assert state.start(force=True) is not None


def test_a_bug_ends_the_refresh_too(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody waits for ever, and it is logged."""
    state = refreshing(lambda: 1 // 0, Clock())
    run(state)
    assert isinstance(state.error, ZeroDivisionError)
    assert "unexpected" in caplog.text


def test_what_was_under_way_when_it_was_cleared_is_not_kept() -> None:
    """The next who asks gets what is said after that."""
    release = threading.Event()
    values = iter((1, 2))

    def ask() -> int:
        value = next(values)
        if value == 1:
            release.wait(5)
        return value

    state = refreshing(ask, Clock())
    first = state.start()
    state.clear()
    run(state)
    release.set()
    assert first is not None
    assert first.done.wait(5)
    assert state.kept is not None
    assert state.kept.value == 2
