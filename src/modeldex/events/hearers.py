"""Who hears the events of a bus."""

from __future__ import annotations

import logging
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from modeldex.ports import Head

_LOG = logging.getLogger("modeldex.events")


class Hearers:
    """Those who hear, until each ends it; one that fails keeps no other from it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._hear: dict[object, Callable[[Head], None]] = {}

    def add(self, hear: Callable[[Head], None]) -> Callable[[], None]:
        """Let one more hear; return an end."""
        key = object()
        with self._lock:
            self._hear[key] = hear

        def end() -> None:
            with self._lock:
                self._hear.pop(key, None)

        return end

    def tell(self, head: Head) -> None:
        """Give an event to all."""
        with self._lock:
            every = list(self._hear.values())
        for hear in every:
            try:
                hear(head)
            except Exception:  # noqa: BLE001
                _LOG.exception("who heard of revision %s failed", head.revision)
