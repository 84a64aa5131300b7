"""Published versions of a package: which there are, since when, and what they hold.

A package is read, never installed, and nothing in it is run. What one version holds
for a source is kept in a folder by its content, so that equal contents are kept once
and work that was broken off goes on where it was.
"""

from __future__ import annotations

import json
import lzma
import re
import tempfile
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from modeldex.errors import SourceError, SourceFormatError
from modeldex.sources.packages import MAX_TEXT_BYTES, read_payload

if TYPE_CHECKING:
    from collections.abc import Iterable

    from modeldex.sources.package_index import Got, Index
    from modeldex.sources.package_listing import File

_LISTED = "versions.json"
_MICROSECONDS = re.compile(r"\.\d{6}")
_RELEASE = re.compile(r"(\d+(?:\.\d+)*)(?:[.-]?(a|b|rc|dev|alpha|beta)[.-]?(\d*))?")
_BEFORE_RELEASE = {"dev": 0, "a": 1, "alpha": 1, "b": 2, "beta": 2, "rc": 3}
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class Shelf(NamedTuple):
    """A package whose versions hold a source's payload, and which of them to read.

    `since` and `until` bound the days, `per_day` is how many versions of one day at
    most. A mirror's own time of a version is not its day (`mirrored`: times to the
    microsecond are such); without a day the payload tells it. Not every copy proves
    that a model is absent; one that is `partial` says nothing of fields it lacks.
    """

    source: str
    registry: str
    package: str
    member: str
    since: str = ""
    until: str = "9"
    per_day: int = 1
    mirrored: bool = False
    dated: bool = True
    proves_absence: bool = True
    partial: bool = False


class Release(NamedTuple):
    """One version and when it was published, in UTC; "" where that is not known."""

    version: str
    at: str


def list_releases(shelf: Shelf, index: Index) -> list[tuple[Release, File]]:
    """Return the versions of a package that are worth reading, the oldest first.

    A version that is lower than one published earlier is a patch of an old line, and
    is left out. Raises SourceError when the registry cannot be asked, or does not
    tell when a version was published where that is the only way to know.
    """
    if shelf.registry == "npm":
        files = index.tarballs(shelf.package)
    else:
        files = index.wheels(shelf.package)
    found = {
        Release(file.version, at): file
        for file in files
        if (at := _moment(shelf, file.at)) or not shelf.dated
    }
    if not found:
        message = f"{shelf.package}: the index does not tell when it was published"
        raise SourceError(message)
    if shelf.dated:
        return [(release, found[release]) for release in in_line(shelf, found)]
    known = [release for release in found if version_key(release.version)]
    known.sort(key=lambda release: version_key(release.version))
    return [(release, found[release]) for release in known]


def _moment(shelf: Shelf, at: str) -> str:
    """Return a registry's time in UTC, "" where it is a mirror's or is none."""
    if (shelf.mirrored or not shelf.dated) and _MICROSECONDS.search(at):
        return ""
    try:
        when = datetime.fromisoformat(at)
    except ValueError:
        return ""
    when = when.replace(tzinfo=when.tzinfo or UTC).astimezone(UTC)
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"


def in_line(shelf: Shelf, found: Iterable[Release]) -> list[Release]:
    """Return the releases that are higher than all before, the last ones of a day."""
    highest: tuple[Any, ...] = ()
    days: dict[str, list[Release]] = {}
    for release in sorted(set(found), key=lambda r: (r.at, version_key(r.version))):
        key, day = version_key(release.version), release.at[:10]
        if key <= highest:
            continue
        highest = key
        if shelf.since <= day <= shelf.until:
            days[day] = [*days.get(day, []), release][-shelf.per_day :]
    return [release for day in sorted(days) for release in days[day]]


def version_key(version: str) -> tuple[Any, ...]:
    """Return what versions are ordered by; () for one that is no release."""
    found = _RELEASE.fullmatch(version.partition(".post")[0])
    if not found:
        return ()
    numbers = tuple(int(part) for part in found[1].split("."))
    while numbers and not numbers[-1]:
        numbers = numbers[:-1]
    return numbers, _BEFORE_RELEASE.get(found[2] or "", 4), int(found[3] or 0)


def read_release(shelf: Shelf, file: File, index: Index) -> tuple[Any, Got]:
    """Return the payload that a file holds, None when it holds none, and how it came.

    Raises SourceError when it cannot be fetched, or is not what the registry says.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / shelf.member.rpartition("/")[2]
        member = None
        if shelf.registry == "npm":
            path, member = Path(folder) / file.name, shelf.member
            with path.open("w+b") as into:
                got = index.whole(file, into)
        else:
            got = index.member(file, shelf.member, MAX_TEXT_BYTES)
            if got.data is None:
                return None, got
            path.write_bytes(got.data)
        try:
            return read_payload(shelf.source, path, member), got._replace(data=None)
        except SourceFormatError:
            return None, got._replace(data=None)


class Kept:
    """A folder of payloads by their content, and which version holds which."""

    def __init__(self, folder: Path, shelf: Shelf) -> None:
        self.blobs = folder / "payloads"
        name = re.sub(r"[^a-z0-9.-]", "_", shelf.package.lower())
        self.index = folder / f"{shelf.registry}-{name}"
        self.blobs.mkdir(parents=True, exist_ok=True)
        self.index.mkdir(exist_ok=True)

    def digest(self, version: str) -> str | None:
        """Return the digest of a version's payload, "" when it holds none."""
        try:
            return (self.index / version).read_text("ascii")
        except FileNotFoundError:
            return None

    def keep(self, version: str, payload: Any) -> str:
        """Keep what a version holds, and return its digest."""
        digest = ""
        if payload is not None:
            data = _ENCODER.encode(payload)
            digest = sha256(data).hexdigest()
            blob = self.blobs / f"{digest}.json.xz"
            if not blob.exists():
                _replace(blob, lzma.compress(data, preset=3))
        _replace(self.index / version, digest.encode())
        return digest

    def releases(self) -> list[Release] | None:
        """Return the versions as they were listed, None when they never were."""
        try:
            rows = json.loads((self.index / _LISTED).read_bytes())
            return [Release(*row) for row in rows]
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def keep_releases(self, releases: Iterable[Release]) -> None:
        """Keep which versions there are."""
        _replace(self.index / _LISTED, json.dumps([list(r) for r in releases]).encode())


def load_payload(path: Path) -> Any:
    """Return a payload that was kept, its numbers int and Decimal."""
    from decimal import Decimal

    try:
        return json.loads(lzma.decompress(path.read_bytes()), parse_float=Decimal)
    except (OSError, ValueError, lzma.LZMAError) as error:
        message = f"{path.name}: {error}; remove it to have it fetched again"
        raise SourceFormatError(message) from error


def _replace(path: Path, data: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(data)
    Path(file.name).replace(path)
