"""The catalogue file of a store, as a process writes it: soon, and not too often."""

from __future__ import annotations

import atexit
import sys
import time
from contextlib import contextmanager
from hashlib import sha256
from threading import Lock, RLock, Timer
from typing import TYPE_CHECKING

from modeldex.catalog import Catalog
from modeldex.catalog.delta import delta_catalog
from modeldex.catalog.snapshot import memory_snapshot
from modeldex.usecases.catalog_file import (
    BELOW_BLOCK,
    ORIGIN_BLOCK,
    OWN_BLOCK,
    compiled,
    origin_block,
    own_block,
    read_origin,
)
from modeldex.usecases.told import Told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from modeldex.catalog import Lookup, Snapshot
    from modeldex.catalog.later import LaterPack
    from modeldex.domain.change import Facts

    Ref = tuple[str, str]  # provider, model id

ROWS_APART, SECONDS_APART = 500, 1.0
FOLLOWED_APART = 30.0  # seconds until what others have committed is in the file
REST = 30  # times as long as it took to write it, before it is written again
SWITCH_SECONDS = 0.0005  # other threads wait no longer for one that writes the file

_switching = Lock()
_before: list[float] = []  # the interval to go back to, once per thread that writes


def beside(
    origin: Mapping[str, str],
    own: Mapping[Ref, Facts],
    below: Mapping[Ref, Facts],
    later: LaterPack | None,
) -> dict[str, bytes]:
    """Return what stands beside the catalogue in a file."""
    found = {
        OWN_BLOCK: own_block(own),
        BELOW_BLOCK: own_block(below),
        ORIGIN_BLOCK: origin_block(origin),
    }
    return found if later is None else found | later.blocks()


@contextmanager
def _giving_way() -> Iterator[None]:
    """Let other threads of the process in ten times as often, meanwhile.

    To compile is half a second of Python, in which whoever waits for a database gets
    its turn after an interval per answer: a pull of twenty answers would take 100 ms.
    """
    with _switching:
        _before.append(sys.getswitchinterval())
        sys.setswitchinterval(min(SWITCH_SECONDS, _before[0]))
    try:
        yield
    finally:
        with _switching:
            first = _before.pop(0)
            if _before:
                _before[0] = first
            else:
                sys.setswitchinterval(first)


class Kept(Told):
    """A stored catalogue's file: the last known good one, and what others open."""

    _lookup: Lookup
    _base: Catalog
    _changed: dict[Ref, list[str]]
    _own: dict[Ref, Facts]
    _below: dict[Ref, Facts]
    _later: LaterPack | None

    def __init__(self) -> None:
        self._lock = RLock()
        self._timer: Timer | None = None
        self._due = 0.0
        self._pending = 0
        self._rested = 0.0  # when it may be written again
        self.trouble = ""  # why the catalogue file is not written
        self._named: tuple[Catalog | None, str] = (None, "")

    def digest_of(self, catalog: Catalog) -> str:
        """Return a catalog's digest.

        Of what is served of the store it is the same in every instance: it is made of
        the shipped catalogue and the hash of the last revision.
        """
        named, digest = self._named
        return digest if named is catalog else str(catalog.snapshot.digest)

    def _name(self) -> None:
        """Give what is served its digest."""
        names = ("shipped", "epoch", "revision", "hash")
        place = "\n".join(self._origin.get(name, "") for name in names)
        if self._origin.get("hash"):
            self._named = self._plain, sha256(place.encode()).hexdigest()

    def _rebase(self, snapshot: Snapshot) -> None:
        """Take a compiled catalogue; what changes from now on lies over it."""
        self._base = self._plain = Catalog(snapshot, self.around.today)
        self._changed = {}

    def keep_soon(self) -> None:
        """Write the file some time from now: others, who commit, write theirs."""
        with self._lock:
            self._schedule(0, FOLLOWED_APART)

    def _schedule(self, count: int, seconds: float = SECONDS_APART) -> None:
        """Write the file now or soon, and at exit."""
        if not self._pending:
            atexit.register(self.flush)
        self._pending += max(count, 1)
        seconds = max(seconds, self._rested - time.monotonic())
        due = time.monotonic() + seconds
        if self._pending >= ROWS_APART:
            self.flush()
        elif self._timer is None or due < self._due:
            self._cancel()
            self._timer, self._due = Timer(seconds, self._flush_aside), due
            self._timer.daemon = True
            self._timer.start()

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def flush(self, *, anew: bool = False) -> None:
        """Write the catalogue file, if there is something new to write."""
        with self._lock:
            self._cancel()
            if not self._pending and not anew:
                return
            self._clear()
            self._lay_over(self._keep(self._to_write()()), {})

    def _clear(self) -> None:
        self._pending = 0
        atexit.unregister(self.flush)

    def _flush_aside(self) -> None:
        """Write the file while others read and commit; take it when it is written."""
        with self._lock:
            self._cancel()
            if not self._pending:
                return
            base, before, count = self._base, dict(self._changed), self._pending
            found = self._written_by_others()
            make = self._to_write()
        began = time.monotonic()
        with _giving_way():
            snapshot = found or self._keep(make())
        now = time.monotonic()
        self._rested = now + REST * (now - began)
        with self._lock:
            self._pending -= min(count, self._pending)
            if not self._pending:
                self._clear()
            if self._base is not base:
                return
            since = self._changed.items()
            self._lay_over(snapshot, {k: c for k, c in since if before.get(k) is not c})

    def _written_by_others(self) -> Snapshot | None:
        """Return the file where it holds just what is to be written."""
        found = self.around.compiled()
        if found is None:
            return None
        origin, names = read_origin(found), ("revision", "epoch", "hash", "shipped")
        same = all(origin.get(name) == self._origin.get(name) for name in names)
        return found if same and self._later is not None else None

    def _keep(self, data: bytes) -> Snapshot:
        try:
            snapshot = self.around.keep(data)
            self.trouble = ""
        except OSError as error:
            self.trouble = f"{error.filename or 'file'}: {error.strerror}"
            snapshot = memory_snapshot(data)
        return snapshot

    def _lay_over(self, snapshot: Snapshot, changed: dict[Ref, list[str]]) -> None:
        """Serve a compiled catalogue, with what has changed since, as the same."""
        served = self._lookup.catalog is self._plain
        names = ("revision", "epoch", "hash")
        place = {name: self._origin.get(name, "") for name in names}
        self._rebase(snapshot)
        self._changed = changed
        self._plain = delta_catalog(self._base, changed, meta=place)
        if served:
            self._name()
            self._lookup._use(self._plain)  # noqa: SLF001

    def _to_write(self) -> Callable[[], bytes]:
        """Return what makes the file of what is known now."""
        store = self._store.name if self._store else ""
        origin = {**self._origin, "store": store}
        plain, own, below = self._plain, dict(self._own), dict(self._below)
        later = None if self._later is None else self._later.copied()

        def make() -> bytes:
            meta = {**plain.snapshot.meta, **origin}
            return compiled(plain, {}, meta, beside(origin, own, below, later))

        return make
