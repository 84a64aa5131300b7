"""Published versions of a package: which there are, since when, and what they hold.

Everything goes through the registry's own client (pip, npm) as it is configured, so
that its address, certificates and accounts are nobody else's business. A package is
read, never installed, and nothing in it is run. What one version holds for a source
is kept in a folder by its content, so that equal contents are kept once and work
that was broken off goes on where it was.
"""

from __future__ import annotations

import json
import lzma
import re
import subprocess
import sys
import tempfile
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import msgspec

from modeldex.errors import SourceError, SourceFormatError
from modeldex.sources.packages import MAX_TEXT_BYTES, read_payload

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_TIMEOUT_S = 900
_LISTED = "versions.json"
# what pip tells of each file that is newer than a day long ago
_PIP_LINE = re.compile(
    r"Upload time (?P<day>\d{4}-\d\d-\d\d) (?P<time>\d\d:\d\d:\d\d)\S* not prior to"
    r".*?/(?P<name>[^/\s#]+)-(?P<version>\d[^/\s#-]*)-[^/\s#]+\.whl\b"
)
_RELEASE = re.compile(r"(\d+(?:\.\d+)*)(?:[.-]?(a|b|rc|dev|alpha|beta)[.-]?(\d*))?")
_BEFORE_RELEASE = {"dev": 0, "a": 1, "alpha": 1, "b": 2, "beta": 2, "rc": 3}
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class Shelf(NamedTuple):
    """A package whose versions hold a source's payload, and which of them to read.

    `since` and `until` bound the days, `per_day` is how many versions of one day at
    most. A mirror's own time of a version is not its day (`whole_seconds`: times with
    fractions are such); without a day the payload tells it.
    """

    source: str
    registry: str
    package: str
    member: str
    since: str = ""
    until: str = "9"
    per_day: int = 1
    whole_seconds: bool = False
    dated: bool = True
    skip: str = ""
    proves_absence: bool = True


class Release(NamedTuple):
    """One version and when it was published, in UTC; "" where that is not known."""

    version: str
    at: str


def list_releases(shelf: Shelf) -> list[Release]:
    """Return the versions of a package that are worth reading, the oldest first.

    A version that is lower than one published earlier is a patch of an old line, and
    is left out. Raises SourceError when the registry's client is absent or fails.
    """
    found = _of_pypi(shelf) if shelf.registry == "pypi" else _of_npm(shelf)
    if not shelf.dated:
        known = [release for release in found if version_key(release.version)]
        return sorted(known, key=lambda release: version_key(release.version))
    return in_line(shelf, found)


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


def _of_pypi(shelf: Shelf) -> list[Release]:
    command = [sys.executable, "-m", "pip", "-vv", "download", "--no-deps", "--pre"]
    command += ["--no-cache-dir", "--disable-pip-version-check"]
    command += ["--only-binary", ":all:", "--uploaded-prior-to", "2000-01-01"]
    with tempfile.TemporaryDirectory() as folder:
        done = _run([*command, "--dest", folder, shelf.package])
    said = done.stdout + done.stderr
    found = [
        Release(row["version"], f"{row['day']}T{row['time']}Z")
        for row in _PIP_LINE.finditer(said)
    ]
    if "no such option" in said:
        message = "pip tells no upload times; pip 26 or newer does"
        raise SourceError(message)
    if not found:
        _failed(command, said)
    return found


def _of_npm(shelf: Shelf) -> list[Release]:
    command = ["npm", "view", shelf.package, "time", "--json"]
    done = _run(command)
    try:
        times = json.loads(done.stdout)
        rows = [(str(v), str(at)) for v, at in times.items() if v[0].isdigit()]
    except (ValueError, AttributeError, LookupError):
        _failed(command, done.stderr)
    if shelf.whole_seconds:
        rows = [(version, at) for version, at in rows if "." not in at]
    elif not shelf.dated:
        rows = [(version, "" if "." in at else at) for version, at in rows]
    return [Release(version, f"{at[:19]}Z" if at else "") for version, at in rows]


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        message = f"{command[0]}: {error}; it is needed to read published packages"
        raise SourceError(message) from error


def _failed(command: Sequence[str], said: str) -> NoReturn:
    last = said.strip().splitlines()[-1:] or ["no message"]
    start = command.index("-m") + 1 if "-m" in command else 0
    message = f"{' '.join(command[start : start + 3])} failed: {last[0]}"
    raise SourceError(message)


def read_release(shelf: Shelf, version: str) -> Any:
    """Return the payload that one version holds, None when it holds none.

    Raises SourceError when it cannot be fetched.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = _fetch(shelf, version, Path(folder))
        try:
            if path.suffix == ".whl":
                path = _member(path, shelf.member)
                return read_payload(shelf.source, path)
            return read_payload(shelf.source, path, shelf.member)
        except (SourceFormatError, KeyError):
            return None


def _fetch(shelf: Shelf, version: str, folder: Path) -> Path:
    if shelf.registry == "npm":
        command = ["npm", "pack", f"{shelf.package}@{version}", "--silent"]
        command += ["--pack-destination", str(folder)]
    else:
        # the file may be another platform's: it is read, never installed
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--no-cache-dir", "--disable-pip-version-check"]
        command += ["--only-binary", ":all:", "--ignore-requires-python"]
        command += ["--platform", "manylinux_2_28_x86_64"]
        command += ["--platform", "manylinux2014_x86_64", "--python-version", "3.12"]
        command += ["--implementation", "cp", "--abi", "abi3", "--abi", "cp312"]
        command += ["--dest", str(folder), f"{shelf.package}=={version}"]
    done = _run(command)
    found = [path for path in folder.iterdir() if path.suffix in (".whl", ".tgz")]
    if done.returncode or len(found) != 1:
        _failed(command, done.stderr)
    return found[0]


def _member(path: Path, member: str) -> Path:
    """Unpack one member beside its wheel."""
    into = path.with_name(member.rpartition("/")[2])
    with zipfile.ZipFile(path) as archive, archive.open(member) as file:
        data = file.read(MAX_TEXT_BYTES + 1)
    if len(data) > MAX_TEXT_BYTES:
        message = f"{member} is larger than {MAX_TEXT_BYTES} bytes"
        raise SourceFormatError(message)
    into.write_bytes(data)
    return into


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
