"""A package's published files: which there are, since when, and what one holds.

Python packages are listed by a simple index (JSON, else HTML), those of npm by the
registry's document. A wheel's member is read by itself where the server answers
requests for ranges; other files are fetched whole, and are what the registry's hash
says or are refused. A package is read, never installed, and nothing in it is run.
"""

from __future__ import annotations

import json
import re
import tempfile
import zipfile
import zlib
from contextlib import suppress
from hashlib import new as new_hash
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple, NoReturn
from urllib.parse import quote, unquote, urlsplit

from modeldex.errors import SourceError, SourceFormatError
from modeldex.sources.index_client import Client, origin, without_credentials
from modeldex.sources.package_listing import (
    File,
    normal,
    of_html,
    of_json,
    of_npm,
    one_per_version,
    wheels_of,
)
from modeldex.sources.zip_range import TAIL, read_member

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from modeldex.sources.package_settings import Registry

MAX_LISTING_BYTES = 96_000_000
MAX_FILE_BYTES = 400_000_000
# a file that is no larger is fetched whole: one request, and its hash is checked
SMALL_BYTES = 262_144
_JSON = "application/vnd.pypi.simple.v1+json"
_ACCEPT = f"{_JSON}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
_WHOLE = 200
_PART = 206
_ABSENT = (404, 410)
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_ODD = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
_DAMAGE = (
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


class Got(NamedTuple):
    """What was read, how (`range`, `whole`, `local`) and how much came over the net.

    `data` is None where the file holds no such member.
    """

    data: bytes | None
    way: str
    fetched: int


class Index:
    """A registry of packages, asked as pip or npm are configured."""

    def __init__(self, registry: Registry, client: Client | None = None) -> None:
        self._registry = registry
        self._client = client or Client(registry.access)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def wheels(self, package: str) -> list[File]:
        """Return the wheels of a Python package, the one to read of each version.

        Raises SourceError when no index knows the package, or cannot be asked.
        """
        listed: list[File] = []
        for url in self._registry.urls:
            page = f"{url.rstrip('/')}/{normal(package)}/"
            listed += self._simple(page)
        local = {path.name: path for path in self._local(package)}
        found = [_here(file, local) for file in listed]
        there = {file.name for file in listed}
        found += [
            File(path.name, "", path.as_uri(), "")
            for name, path in local.items()
            if name not in there
        ]
        wheels = list(wheels_of(package, found))
        if not wheels:
            raise SourceError(f"no index has a wheel of {package}")
        return one_per_version(wheels)

    def _simple(self, page: str) -> list[File]:
        body = BytesIO()
        answer = self._client.fetch(page, body, MAX_LISTING_BYTES, {"Accept": _ACCEPT})
        if answer.status in _ABSENT:
            return []
        if answer.status != _WHOLE:
            _failed(page, answer.status)
        is_json = "json" in answer.headers.get("content-type", "")
        read = of_json if is_json else of_html
        try:
            rows = list(read(body.getvalue(), answer.url))
        except _ODD as error:
            message = f"{without_credentials(page)}: {error}"
            raise SourceFormatError(message) from error
        return [file for file in rows if self._may_ask(file.url, page)]

    def _may_ask(self, url: str, page: str) -> bool:
        """Tell whether a file may be fetched from where an index says, and let it."""
        if urlsplit(url).scheme != "https" and origin(url) != origin(page):
            return False
        self._client.allow(url)
        return True

    def _local(self, package: str) -> Iterator[Path]:
        """Yield the wheels in the folders that pip looks at, and of file: indexes."""
        for folder in self._registry.folders:
            yield from folder.glob("*.whl")
            page = folder / normal(package) / "index.html"
            if page.is_file() and page.stat().st_size <= MAX_LISTING_BYTES:
                for file in of_html(page.read_bytes(), page.as_uri()):
                    path = Path(unquote(urlsplit(file.url).path))
                    if file.url.startswith("file:") and path.is_file():
                        yield path

    def tarballs(self, package: str) -> list[File]:
        """Return the versions of an npm package; raises SourceError, ~FormatError."""
        (url,) = self._registry.urls
        page = f"{url.rstrip('/')}/{quote(package, safe='@')}"
        body = BytesIO()
        wanted = {"Accept": "application/json"}
        answer = self._client.fetch(page, body, MAX_LISTING_BYTES, wanted)
        if answer.status != _WHOLE:
            _failed(page, answer.status)
        try:
            told = json.loads(body.getvalue())
            rows = list(of_npm(told["versions"], told.get("time") or {}, page))
        except _ODD as error:
            message = f"{without_credentials(page)}: {error}"
            raise SourceFormatError(message) from error
        return [file for file in rows if self._may_ask(file.url, page)]

    def member(self, file: File, name: str, limit: int) -> Got:
        """Read a wheel's member: by ranges where the server can, else out of all.

        Raises SourceError when it cannot be had, SourceFormatError when the file is
        damaged or the member too large.
        """
        if file.url.startswith("file:"):
            path = Path(unquote(urlsplit(file.url).path))
            return Got(_out_of(path, file, name, limit), "local", 0)
        with tempfile.NamedTemporaryFile(suffix=".whl") as into:
            parts = _Parts(self._client, file.url, into)
            held = False  # whether the server has sent the whole already
            if not 0 < file.size <= SMALL_BYTES:
                # what is damaged, or of a sort that is read as a whole only, is read
                # once more below: its hash tells
                with suppress(SourceFormatError):
                    tail = parts.tail()
                    held = tail is None
                    if tail is not None:
                        data = read_member(parts.read, tail, parts.size, name, limit)
                        return Got(data, "range", parts.fetched)
            if not held:
                self._whole(file, into)
                parts.fetched += into.tell()
            into.flush()
            found = _out_of(Path(into.name), file, name, limit)
            return Got(found, "whole", parts.fetched)

    def whole(self, file: File, into: IO[bytes]) -> Got:
        """Write a whole file that is what its hash says; raises as `member` does."""
        self._whole(file, into)
        size = into.tell()
        into.flush()
        _check(file, into)
        return Got(None, "whole", size)

    def _whole(self, file: File, into: IO[bytes]) -> None:
        answer = self._client.fetch(file.url, into, MAX_FILE_BYTES)
        if answer.status != _WHOLE:
            _failed(file.url, answer.status)


class _Parts:
    """Reads a file at a URL piece by piece."""

    def __init__(self, client: Client, url: str, whole: IO[bytes]) -> None:
        self._client, self._url, self._into = client, url, whole
        self.size = self.fetched = 0

    def tail(self) -> bytes | None:
        """Return a file's end, None when the server sent the whole instead."""
        answer = self._ask(f"-{TAIL}", TAIL)
        if answer == _WHOLE:
            return None
        self._into.seek(0)
        return self._into.read()

    def read(self, start: int, length: int) -> bytes:
        """Return so many bytes from an offset on."""
        status = self._ask(f"{start}-{start + length - 1}", length)
        self._into.seek(0)
        data = self._into.read()
        if status != _PART or len(data) != length:
            raise SourceFormatError("the server sends other bytes than it was asked")
        return data

    def _ask(self, span: str, most: int) -> int:
        """Ask for a range; the first answer tells the whole file's size."""
        headers = {"Range": f"bytes={span}"}
        answer = self._client.fetch(
            self._url, self._into, MAX_FILE_BYTES, headers, part=most
        )
        self.fetched += self._into.tell()
        if answer.status == _WHOLE:
            return _WHOLE
        said = _RANGE.fullmatch(answer.headers.get("content-range", ""))
        if answer.status in _ABSENT:
            _failed(self._url, answer.status)
        if answer.status != _PART or not said:
            raise SourceFormatError(f"the server answers {answer.status} to a range")
        first, last, size = map(int, said.groups())
        start = (
            max(size - most, 0) if span.startswith("-") else int(span.partition("-")[0])
        )
        right = first == start and last - first + 1 == self._into.tell()
        if not right or self.size not in (0, size):
            raise SourceFormatError("the server sends other bytes than it was asked")
        self.size = size
        return _PART


def _out_of(path: Path, file: File, name: str, limit: int) -> bytes | None:
    """Return a member of a whole wheel that is what its hash says."""
    with path.open("rb") as whole:
        _check(file, whole)
        try:
            with zipfile.ZipFile(whole) as archive, archive.open(name) as member:
                data = member.read(limit + 1)
        except KeyError:
            return None
        except _DAMAGE as error:
            message = f"{file.name}: {error or type(error).__name__}"
            raise SourceFormatError(message) from error
    if len(data) > limit:
        message = f"{file.name}: {name} is larger than {limit} bytes"
        raise SourceFormatError(message)
    return data


def _check(file: File, whole: IO[bytes]) -> None:
    if file.digest is None:
        return
    algorithm, wanted = file.digest
    found = new_hash(algorithm, usedforsecurity=False)
    whole.seek(0)
    while piece := whole.read(1 << 20):
        found.update(piece)
    if found.digest() != wanted:
        raise SourceFormatError(f"{file.name} is not what its hash says")


def _failed(url: str, status: int) -> NoReturn:
    raise SourceError(f"{without_credentials(url)}: the server answers {status}")


def _here(file: File, local: Mapping[str, Path]) -> File:
    """Return a file that is listed, at hand if a folder has one of its name."""
    path = local.get(file.name)
    return file._replace(url=path.as_uri()) if path else file
