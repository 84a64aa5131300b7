"""Revisions as they come: told of by a bus, or found by asking."""

from __future__ import annotations

import random
import time
from threading import Condition
from typing import TYPE_CHECKING, Any

from modeldex.errors import StoreUnavailableError
from modeldex.usecases.following import GAP_SECONDS, JITTER

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from modeldex.ports import EventBus, Revision, Store

AT_ONCE = 500  # revisions read at a time
_MOST_SECONDS = 1e9


def tail(  # noqa: PLR0913
    open_store: Callable[[], Store | None],
    bus: EventBus | None,
    *,
    since: int | None = None,
    timeout: float | None = None,
    every: float = 1.0,
    note: Callable[[str], object] = lambda _text: None,
) -> Generator[Revision, None, None]:
    """Yield revisions from now on, or those after `since`, as they come.

    `timeout` is after how many seconds it ends; None for never. `note` is told when the
    store goes away or is another one: then it goes on from that one's last revision.
    """
    heard = _Heard()
    end = bus.subscribe(heard) if bus is not None else lambda: None
    until = time.monotonic() + (_MOST_SECONDS if timeout is None else timeout)
    place = _Place(since, note)
    try:
        while True:
            try:
                store = open_store()
                yield from () if store is None else place.advance(store)
                place.say("")
            except StoreUnavailableError as error:
                place.say(str(error))
            left = until - time.monotonic()
            if left <= 0:
                return
            apart = every * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311
            heard.wait(min(left, apart))
    finally:
        end()


class _Place:
    """Up to where revisions were told."""

    def __init__(self, since: int | None, note: Callable[[str], object]) -> None:
        self._after = since
        self._epoch: str | None = None
        self._note = note
        self._said = ""

    def advance(self, store: Store) -> Iterator[Revision]:
        """Yield what is new."""
        head = store.head()
        if self._after is None:
            self._after = head.revision
        if self._epoch not in (None, "", head.epoch):
            self._note("the store is another one by now, or a restored one")
            self._after = max(0, head.revision - 1)
        self._epoch = head.epoch
        while self._after < head.revision:
            for revision in store.revisions(after=self._after, limit=AT_ONCE):
                self._after = revision.number
                yield revision

    def say(self, trouble: str) -> None:
        """Tell of a trouble once, and when it is over."""
        if trouble != self._said:
            self._note(trouble or "the store answers again")
        self._said = trouble


class _Heard:
    """Wakes who waits, at each event; not more often than apart."""

    def __init__(self) -> None:
        self._condition = Condition()
        self._is_set = False
        self._last = 0.0

    def __call__(self, _head: Any) -> None:
        with self._condition:
            self._is_set = True
            self._condition.notify_all()

    def wait(self, seconds: float) -> None:
        """Wait for an event, or so long."""
        with self._condition:
            self._condition.wait_for(lambda: self._is_set, seconds)
            self._is_set = False
        time.sleep(max(0.0, self._last + GAP_SECONDS - time.monotonic()))
        self._last = time.monotonic()
