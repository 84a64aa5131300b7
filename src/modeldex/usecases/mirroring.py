"""A registry that follows another one, of a service or of a static site.

A thread asks for the manifest again and again, and hears events where the manifest
names a stream of them. What is new is fetched whole, checked, kept on disk, and then
served in one swap. Reads stay in memory: where the other side is away, what was last
known answers, and where nothing is known, the shipped catalogue.
"""

from __future__ import annotations

import json
import logging
import os
import random
import time
from dataclasses import replace
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING
from weakref import WeakSet, ref

from modeldex.catalog import Catalog
from modeldex.catalog.snapshot import whole_of
from modeldex.errors import ModeldexError, SourceFormatError, SourceUnavailableError
from modeldex.usecases.mirror_parts import Heard, MirrorStatus, Said
from modeldex.usecases.publishing import (
    chosen,
    opened,
    published,
    read_manifest,
    refuse_older,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from modeldex.catalog import Lookup, Snapshot
    from modeldex.usecases.mirror_parts import Keeping, Upstream
    from modeldex.usecases.publishing import Manifest, Publication

LIVE, LAST_KNOWN, SHIPPED = "live", "last known", "shipped"
EVERY, JITTER = 60.0, 0.2  # seconds between two questions, and the part that varies
# seconds that opening waits where something is known, and where nothing is
PATIENCE, LONGEST_PATIENCE = 2.0, 60.0
FIRST_RETRY, APART = 1.0, 0.5  # seconds after a failure; between two pulls by events
SETTLED = 10.0  # seconds that a stream lasts which is not of those that break at once
_REVISION = "revision"  # the event that tells of one

_LOG = logging.getLogger("modeldex.mirror")


class Mirror:
    """Follows a registry for a Lookup, from `start` until `close`.

    `shipped` opens what answers where nothing was ever known of the other side.
    """

    def __init__(  # noqa: PLR0913
        self,
        upstream: Upstream,
        keeping: Keeping,
        shipped: Callable[[], Snapshot],
        today: Callable[[], str],
        *,
        every: float = EVERY,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._upstream, self._keeping, self._shipped = upstream, keeping, shipped
        self._today, self._every, self._chance = today, every, chance
        self._make_locks()
        self._lookup: Callable[[], Lookup | None] = lambda: None
        self._bound = False
        self._said: Said | None = None
        self._sha256 = ""
        self.manifest: Manifest | None = None
        self._confirmed: float | None = None
        self._status = MirrorStatus(upstream.url, SHIPPED)
        self._failures, self._after, self._breaks = 0, 0.0, 0
        self._last_event = ""
        self._thread: Thread | None = None
        self.error: ModeldexError | None = None
        self.catalog = self._take_kept() or Catalog(shipped(), today)

    @property
    def url(self) -> str:
        """The base URL of the registry that is followed."""
        return self._upstream.url

    def status(self) -> MirrorStatus:
        """Return how it stands now."""
        found = self._status
        if self._confirmed is None:
            return found
        return replace(found, age=max(time.time() - self._confirmed, 0.0))

    def _make_locks(self) -> None:
        self._stop, self._asked = Event(), Event()
        self._pulling, self._swapping = Lock(), Lock()

    # opening and closing

    def start(self) -> None:
        """Ask from now on, in a thread; wait for the first answer.

        It waits a moment where something is known, else as long as an answer may take.
        """
        self._begin()
        known = self._status.tier != SHIPPED
        if not self._asked.wait(PATIENCE if known else LONGEST_PATIENCE):
            _LOG.warning(
                "%s does not answer yet: %s answers", self.url, self._described()
            )

    def _begin(self) -> None:
        name = "modeldex-mirror"
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self._thread.start()
        _RUNNING.add(self)

    def go_on(self) -> None:
        """Ask in this process too, which was forked: no thread came along."""
        if not self._stop.is_set():
            self._make_locks()
            self._begin()

    def bind(self, lookup: Lookup) -> None:
        """Swap what is new into a Lookup; who drops it ends the mirror."""
        with self._swapping:
            self._lookup, self._bound = ref(lookup), True
            if lookup.catalog is not self.catalog:
                lookup._use(self.catalog)  # noqa: SLF001

    def load(self, why: str) -> Catalog:
        """Return what a Lookup serves; "reload" asks at once, or raises SourceError."""
        if why == "reload":
            self.pull()
        elif why == "damaged":
            self._forget()
        return self.catalog

    def close(self) -> None:
        """End the thread; what is served goes on being served."""
        self._stop.set()
        self._upstream.hang_up()
        if self._thread is not None:
            self._thread.join(5)

    def publication(self, events: str = "") -> Publication:
        """Return what is followed, to be published as it is: the same registry.

        Raises SourceUnavailableError where nothing is known of it.
        """
        manifest, catalog = self.manifest, self.catalog
        if manifest is None:
            raise SourceUnavailableError(f"nothing is known of {self.url} to publish")
        origin = {
            "id": manifest.id,
            "chain": " ".join(manifest.chain),
            "epoch": manifest.epoch,
            "revision": str(manifest.revision),
            "at": manifest.updated_at,
        }
        data = whole_of(catalog.snapshot)
        return published(data, origin, version=manifest.version, events=events)

    # asking

    def pull(self) -> bool:
        """Ask once; return whether something new is served. Raises SourceError."""
        with self._pulling:
            said = self._upstream.manifest(self._said)
            new = said is not None and self._take(said)
            self._confirmed = time.time()
            self._keeping.confirm()
        self._settle()
        return new

    def _take(self, said: Said) -> bool:
        """Serve what a manifest names; raise SourceFormatError for what is unsound."""
        try:
            manifest = read_manifest(said.body)
            known = self.manifest
            if known:
                refuse_older(manifest, known.epoch, known.revision)
            offered = chosen(manifest)
            if known and self._sha256 == offered.sha256:
                data = b""
            else:
                data = self._upstream.fetch(offered.path)
                snapshot = opened(data, offered, manifest)
        except (ValueError, RecursionError) as error:
            raise SourceFormatError(f"{self.url}: {error}") from None
        if data:
            snapshot = self._keeping.keep(offered.sha256, data)
            self._swap(Catalog(snapshot, self._today))
            _LOG.info("%s: revision %s is served", self.url, manifest.revision)
        self._keeping.note(said)
        self._said, self._sha256, self.manifest = said, offered.sha256, manifest
        return bool(data)

    def _swap(self, catalog: Catalog) -> None:
        with self._swapping:
            self.catalog = catalog
            lookup = self._lookup()
            if lookup is not None:
                lookup._use(catalog)  # noqa: SLF001

    def _take_kept(self) -> Catalog | None:
        kept = self._keeping.load()
        if kept is None:
            return None
        self.manifest = read_manifest(kept.said.body)
        self._said, self._confirmed = kept.said, kept.confirmed
        self._sha256 = chosen(self.manifest).sha256
        self._tell(LAST_KNOWN)
        return Catalog(kept.snapshot, self._today)

    def _forget(self) -> None:
        """Let the shipped catalogue answer until all is fetched anew."""
        with self._swapping:
            self.catalog = Catalog(self._shipped(), self._today)
            self._said, self._sha256, self.manifest = None, "", None
        self._confirmed = None
        self._tell(SHIPPED, "what was kept is damaged")
        _LOG.warning(
            "%s: what was kept is damaged: the shipped catalogue answers", self.url
        )

    def _tell(
        self, tier: str, trouble: str = "", *, events: bool | None = None
    ) -> None:
        manifest = self.manifest
        if manifest is None:
            self._status = MirrorStatus(self.url, tier, trouble=trouble)
            return
        self._status = MirrorStatus(
            self.url,
            tier,
            manifest.id,
            manifest.epoch,
            manifest.revision,
            manifest.digest,
            manifest.updated_at,
            events=events,
            trouble=trouble,
        )

    def _settle(self) -> None:
        """Note that the other side answered."""
        if self._failures:
            _LOG.info("%s answers again", self.url)
        self._failures, self._after, self.error = 0, 0.0, None
        has_events = bool(self.manifest and self.manifest.events)
        heard = bool(self._status.events) if has_events else None
        self._tell(LIVE, events=heard)

    def _fail(self, error: ModeldexError) -> None:
        """Note that it did not; the first time, say so."""
        self.error = error
        self._after = getattr(error, "retry_after", None) or 0.0
        tier = SHIPPED if self.manifest is None else LAST_KNOWN
        self._tell(tier, str(error))
        self._failures += 1
        if self._failures == 1:
            _LOG.warning("%s: %s: %s answers", self.url, error, self._described())

    def _described(self) -> str:
        found = self.status()
        if found.age is None:
            return (
                f"the SHIPPED catalogue, of {self.catalog.snapshot.meta.get('date')},"
            )
        return f"the last known one, revision {found.revision}, {found.age:.0f} s old,"

    # the thread

    def _run(self) -> None:
        while not self._is_over():
            try:
                self.pull()
            except ModeldexError as error:
                self._fail(error)
            except Exception as error:  # noqa: BLE001  # the thread goes on, whatever it meets
                _LOG.exception("%s: asking failed", self.url)
                self._fail(SourceUnavailableError(f"asking failed: {error}"))
            self._asked.set()
            self._rest()

    def _is_over(self) -> bool:
        return self._stop.is_set() or (self._bound and self._lookup() is None)

    def _rest(self) -> None:
        """Wait for the next time to ask, or for an event that tells of a revision."""
        wait = self._every * (1 + JITTER * (2 * self._chance() - 1))
        if self._failures:
            soon = FIRST_RETRY * 2 ** min(self._failures - 1, 10) * self._chance()
            self._stop.wait(max(min(wait, soon), self._after, 0.1))
            return
        end = time.monotonic() + wait
        events = self.manifest.events if self.manifest else ""
        while events and not self._is_over() and time.monotonic() + APART < end:
            began = time.monotonic()
            try:
                if self._hear(events, end - began):
                    self._stop.wait(max(APART - (time.monotonic() - began), 0))
                    return
            except ModeldexError as error:
                self._broken_off(error, time.monotonic() - began, end)
                return
            self._stop.wait(max(2 * APART - (time.monotonic() - began), 0))
        self._stop.wait(max(end - time.monotonic(), 0))

    def _broken_off(self, error: ModeldexError, lasted: float, end: float) -> None:
        """Wait to ask whether the other side is there still, whose events broke off.

        Soon, as it may have gone or started anew; later each time that it happens.
        """
        _LOG.info("%s: no events: %s", self.url, error)
        self._status = replace(self._status, events=False)
        self._breaks = 0 if lasted > SETTLED else min(self._breaks + 1, 10)
        soon = FIRST_RETRY * 2 ** max(self._breaks - 1, 0) * self._chance()
        self._stop.wait(max(min(end - time.monotonic(), max(soon, 0.1)), 0))

    def _hear(self, path: str, seconds: float) -> bool:
        """Hear events; return whether one tells of a revision that is not served."""
        news: list[Heard] = []

        def hear(event: Heard) -> bool:
            if self._is_over():
                return False
            self._last_event = event.id or self._last_event
            if event.kind == _REVISION and self._is_news(event.data):
                news.append(event)
            return not news

        self._status = replace(self._status, events=True)
        self._upstream.listen(path, seconds, self._last_event, hear)
        return bool(news)

    def _is_news(self, text: str) -> bool:
        known = self.manifest
        try:
            said = json.loads(text)
            epoch, revision = str(said["epoch"]), int(said[_REVISION])
        except (ValueError, LookupError, TypeError):
            return False
        return known is None or epoch != known.epoch or revision > known.revision


_RUNNING: WeakSet[Mirror] = WeakSet()


def _go_on() -> None:
    for mirror in list(_RUNNING):
        mirror.go_on()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_go_on)
