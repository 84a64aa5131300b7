"""Events of one host, without a broker: a small file that says where a store is.

Processes that share a directory look at it twenty times a second, which costs next to
nothing; a message is written beside it and moved into its place.
"""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING

from modeldex.errors import EventsUnavailableError
from modeldex.events.hearers import Hearers
from modeldex.events.message import LONGEST, read_message, write_message

if TYPE_CHECKING:
    from collections.abc import Callable

    from modeldex.ports import Head

LOOK_SECONDS = 0.05


class LocalBus:
    """Tells other processes of this host, by a file in a directory they share."""

    def __init__(self, directory: str, environment: str = "default") -> None:
        self._path = os.path.join(directory, f"{environment}.rev")
        self._hearers = Hearers()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """Where events go."""
        return f"file:{self._path}"

    def publish(self, head: Head) -> None:
        """Tell that the store is there; raise EventsUnavailableError."""
        fresh = f"{self._path}.{os.getpid()}.{threading.get_ident()}"
        try:
            os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
            with open(fresh, "wb") as file:
                file.write(write_message(head))
            os.replace(fresh, self._path)
        except OSError as error:
            message = f"{self.name}: {error.strerror}"
            raise EventsUnavailableError(message) from error

    def subscribe(self, hear: Callable[[Head], None]) -> Callable[[], None]:
        """Have every event given to `hear`, in a thread of the bus; return an end."""
        end = self._hearers.add(hear)
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._watch, name="modeldex-events", daemon=True
                )
                self._thread.start()
        return end

    def is_up(self) -> bool:
        """Tell whether the directory can be written to, or made."""
        folder = os.path.dirname(self._path)
        while not os.path.exists(folder) and os.path.dirname(folder) != folder:
            folder = os.path.dirname(folder)
        return not self._closed.is_set() and os.access(folder, os.W_OK)

    def close(self) -> None:
        """End the thread that looks."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join(1)

    def _watch(self) -> None:
        seen = None
        while not self._closed.is_set():
            with contextlib.suppress(OSError):
                found = os.stat(self._path)
                mark = found.st_ino, found.st_mtime_ns
                if mark != seen:
                    with open(self._path, "rb") as file:
                        head = read_message(file.read(LONGEST + 1))
                    seen = mark
                    if head is not None:
                        self._hearers.tell(head)
            self._closed.wait(LOOK_SECONDS)
