"""What all routes share: the registry, who may what, and how the catalogue stands."""

from __future__ import annotations

import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any

from modeldex.errors import RevisionBehindError, StoreUnavailableError
from modeldex.server.hub import Hub, revision_event
from modeldex.server.metrics import Metrics
from modeldex.server.syncs import Syncs

if TYPE_CHECKING:
    from modeldex.catalog.merging.claims import ClaimLines, Packed
    from modeldex.domain.change import Change
    from modeldex.domain.model import Model
    from modeldex.registry import Registry
    from modeldex.server.access import Access
    from modeldex.usecases.following import Follower
    from modeldex.usecases.publishing import Publication

_DAYS = 8  # catalogues of past days that are kept
_SPANS = 4  # spans of changes that are kept
_STANDS_FOR = 0.05  # seconds
_READING, _STORING = 4, 16  # threads
_LOOK = 0.1  # seconds between two looks at what is served
LONGEST_WAIT = 2.0  # seconds for a revision that is to come


@dataclass
class Service:
    """One process that serves a registry.

    `following` is None for a catalogue that no store is behind: a directory, a file.
    """

    registry: Registry
    access: Access
    following: Follower | None = None
    version: str = ""
    hosts: frozenset[str] = frozenset()
    """Names by which it may be asked; "*" stands for any address, not name."""
    limited: bool = True
    """Whether callers from other hosts are held to so many requests a second."""
    path: str | None = None
    """Directory or snapshot that is served instead of the store."""
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self._days: OrderedDict[tuple[str, str], Registry] = OrderedDict()
        self._lock = Lock()
        self._claims: list[ClaimLines | None] = []
        self._spans: OrderedDict[tuple[object, ...], list[Change]] = OrderedDict()
        self._reading, self._working = Lock(), Lock()
        self._publishing = Lock()
        self._published: tuple[str, Publication] | None = None
        # apart, so that nobody who reads waits for those who wait for the store
        self.reading = ThreadPoolExecutor(_READING, "modeldex-reading")
        self.storing = ThreadPoolExecutor(_STORING, "modeldex-storing")
        self.metrics = Metrics(self)
        self.hub = Hub()
        self.syncs = Syncs(self.registry, self.hub)
        self._stands: tuple[float, list[tuple[bytes, bytes]]] = (-1.0, [])

    @property
    def revision(self) -> int:
        """The revision that is served; 0 for the shipped catalogue."""
        return int(self.registry.catalog.snapshot.meta.get("revision", 0))

    def publication(self) -> Publication:
        """Return what others follow; made once for a catalogue."""
        digest = self.registry.digest  # swaps that change nothing keep it
        with self._publishing:
            if self._published is None or self._published[0] != digest:
                made = self.registry.publication("api/v1/events")
                self._published = (digest, made)
            return self._published[1]

    def place(self) -> dict[str, Any]:
        """Return where the catalogue is: epoch, revision and digest."""
        snapshot = self.registry.catalog.snapshot
        meta = snapshot.meta
        return {
            "epoch": meta.get("epoch", ""),
            "revision": int(meta.get("revision", 0)),
            "digest": self.registry.digest,
        }

    def tell_revision(self) -> None:
        """Tell whoever listens that another revision is served."""
        self.hub.tell(revision_event(self.place()))

    @property
    def tag(self) -> str:
        """What answers of the catalogue are named by: its digest, and the day."""
        catalog = self.registry.catalog
        return f"{self.registry.digest[:40]}-{catalog.today().replace('-', '')}"

    def standing(self) -> list[tuple[bytes, bytes]]:
        """Return the headers that tell how old what is served is."""
        now = time.monotonic()
        if now - self._stands[0] < _STANDS_FOR:
            return self._stands[1]
        said = []
        if self.following is not None:
            status = self.following.status()
            said.append((b"x-modeldex-state", status.state.encode()))
            if status.state != "fresh":
                said.append((b"x-modeldex-age", f"{status.age:.0f}".encode()))
        self._stands = (now, said)
        return said

    def as_of(self, day: str) -> Registry:
        """Return the registry of a day gone by; a few are kept."""
        key = (self.registry.digest, day)
        with self._lock:
            found = self._days.get(key)
            if found is None:
                found = self._days[key] = self.registry.as_of(day)
                if len(self._days) > _DAYS:
                    self._days.popitem(last=False)
            self._days.move_to_end(key)
        return found

    def claims_of(self, model: Model) -> Packed:
        """Return what sources claim of a model; the file is read once, by the first."""
        with self._reading:
            if not self._claims:
                from modeldex.bootstrap.importing import read_claim_lines

                self._claims.append(read_claim_lines(self.path))
        lines = self._claims[0]
        if lines is None:
            from modeldex.catalog.merging.claims import Packed

            return Packed({}, {})
        return lines.packed((model.provider, model.id))

    def changes(
        self, since: str, until: str, provider: str | None, kind: str | None
    ) -> list[Change]:
        """Return what became known in a span, the newest first; a few are kept.

        One at a time is worked out, so that many who ask the same wait for one.
        """
        key = (self.registry.digest, since, until, provider, kind)
        with self._working:
            found = self._spans.get(key)
            if found is None:
                found = self.registry.changes(since, until, provider, kind)[::-1]
                self._spans[key] = found
                while len(self._spans) > _SPANS:
                    self._spans.popitem(last=False)
            self._spans.move_to_end(key)
        return found

    async def wait_for(self, revision: int) -> None:
        """Wait a moment until a revision is served; raise RevisionBehindError.

        No thread waits: there are few, and many may ask.
        """
        if self.revision >= revision:
            return
        end = time.monotonic() + LONGEST_WAIT
        if self.following is not None:
            self.following.wait_for(revision, 0.0)  # has it look now
            while self.revision < revision and time.monotonic() < end:
                await self.hub.moved(_LOOK)
        if self.revision < revision:
            message = f"revision {revision} is not served here yet; {self.revision} is"
            raise RevisionBehindError(message)

    def refuse_without_store(self) -> None:
        """Raise StoreUnavailableError at once while the store is known to be away."""
        if self.following is not None:
            status = self.following.status()
            if status.trouble and not status.store_up:
                raise StoreUnavailableError("the store does not answer")
