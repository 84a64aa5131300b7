"""The relay: what was committed is told to other instances, whoever committed it.

A commit of this process is told at once. The outbox of the store, written with each
commit, is emptied every few seconds by any instance, so that nothing stays untold when
a process dies between its commit and its message. Only the newest revision is told:
whoever hears of it asks the store for all that it lacks.
"""

from __future__ import annotations

import logging
import random
import time
from threading import Condition, Thread
from typing import TYPE_CHECKING

from modeldex.errors import EventsError, ModeldexError

if TYPE_CHECKING:
    from modeldex.ports import EventBus, Head
    from modeldex.usecases.stored import StoredCatalog

EVERY_SECONDS = 2.0  # between two looks into the outbox
JITTER = 0.3

_LOG = logging.getLogger("modeldex.relay")


class Relay:
    """Publishes what a stored catalogue commits, and what is left in its outbox."""

    def __init__(self, stored: StoredCatalog, bus: EventBus) -> None:
        self._stored = stored
        self._bus = bus
        self._wake = Condition()
        self._head: Head | None = None  # committed here, to be told
        self._told = ("", 0)
        self._stopped = False
        self._thread: Thread | None = None
        self._said = ""

    def start(self) -> None:
        """Relay from now on, in a thread of its own."""
        self._stored.on_commit.append(self._committed)
        self._thread = Thread(target=self._run, name="modeldex-relay", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """End it; the last commit is told before."""
        if self._committed in self._stored.on_commit:
            self._stored.on_commit.remove(self._committed)
        with self._wake:
            self._stopped = True
            self._wake.notify_all()
        if self._thread is not None:
            self._thread.join(timeout)

    def _committed(self, head: Head) -> None:
        with self._wake:
            self._head = head
            self._wake.notify_all()

    def _run(self) -> None:
        due = 0.0
        while True:
            with self._wake:
                self._wake.wait_for(
                    lambda: self._stopped or self._head is not None,
                    max(0.0, due - time.monotonic()),
                )
                head, self._head = self._head, None
                stopped = self._stopped
            try:
                if head is not None:
                    self._tell(head)
                if time.monotonic() >= due and not stopped:
                    due = time.monotonic() + EVERY_SECONDS * random.uniform(  # noqa: S311
                        1 - JITTER, 1 + JITTER
                    )
                    self.drain()
            except (ModeldexError, OSError) as error:
                self._note(error)
            except Exception:  # noqa: BLE001  the thread is to stay
                _LOG.exception("the relay failed")
            if stopped:
                return

    def _tell(self, head: Head) -> None:
        self._bus.publish(head)
        self._told, self._said = (head.epoch, head.revision), ""

    def drain(self) -> None:
        """Tell what waits in the outbox, and take it out.

        Raises EventsError, and leaves it there, where it cannot be told.
        """
        store = self._stored.store()
        head = None if store is None else store.outbox()
        if store is None or head is None:
            return
        if self._told != (head.epoch, head.revision):
            self._tell(head)
        store.published(head.revision)

    def _note(self, error: Exception) -> None:
        """Log what went wrong, once; the outbox is tried again."""
        if str(error) != self._said:
            what = "events" if isinstance(error, EventsError) else "the outbox"
            _LOG.warning("%s: %s", what, error)
        self._said = str(error)
