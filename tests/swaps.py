"""Readers while the catalogue is swapped: each sees one state, and every model."""

from __future__ import annotations

import time
from threading import Barrier, Event, Thread
from typing import TYPE_CHECKING, Any

from instances import FIELDS, values_of
from modeldex.errors import ModeldexError
from modeldex.testing import MemoryStore
from stored import ENTRIES, Memory

if TYPE_CHECKING:
    from modeldex.registry import Registry

REFS = ["openai/gpt-4o", "openai/mini", "acme/m"]
PAUSE_SECONDS = 0.002
WHOLE = 25  # each so many reloads the catalogue is compiled anew


class Reader(Thread):
    """Reads until it is told to stop; counts what must not be."""

    def __init__(self, registry: Registry, states: dict[int, Any], go: Barrier) -> None:
        super().__init__(daemon=True)
        self._registry, self._states, self._go = registry, states, go
        self.stopped = Event()
        self.reads = self.mixed = self.missing = self.back = 0

    def run(self) -> None:
        """Read."""
        self._go.wait()
        last = 0
        while not self.stopped.is_set():
            revision, values = values_of(self._registry.catalog, REFS)
            self.mixed += self._states.get(revision) != values
            self.back += revision < last
            last = revision
            try:
                for ref in REFS:
                    self._registry.get_info(ref)
                found = self._registry.find(status="any")
                self.missing += len(found) != len(ENTRIES)
            except ModeldexError:
                self.missing += 1
            self.reads += 1
            time.sleep(PAUSE_SECONDS)  # else the reloads hardly get a turn


def swap(readers: int, reloads: int) -> dict[str, int]:
    """Reload a catalogue while others read; return what they counted."""
    store = MemoryStore()
    around = [Memory(ENTRIES) for _ in range(2)]
    for one in around:
        one.made = store
    writer, served = (one.registry() for one in around)
    stored = served._written()[0]
    states: dict[int, Any] = {0: values_of(served.catalog, REFS)[1]}
    states[1] = values = states[0]
    go = Barrier(readers + 1)
    threads = [Reader(served, states, go) for _ in range(readers)]
    for thread in threads:
        thread.start()
    go.wait()
    for number in range(reloads):
        where = number % len(REFS)
        values = [*values]
        values[where] = [1_000 + number] * len(FIELDS)
        given = dict.fromkeys(FIELDS, 1_000 + number)
        states[number + 2] = values  # before anybody can see it
        writer.edits.set(REFS[where], given, because="a test")
        stored.refresh()
        if number % WHOLE == 0:
            stored.keep_soon()
            stored._flush_aside()
    for thread in threads:
        thread.stopped.set()
    for thread in threads:
        thread.join()
    names = ("reads", "mixed", "missing", "back")
    counted = {name: sum(getattr(t, name) for t in threads) for name in names}
    return counted | {"short": store.head().revision != reloads + 1}
