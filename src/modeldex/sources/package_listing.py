"""What registries list of a package: its files, by version, with time and hash."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from binascii import Error as NoBase64
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_FILE_NAME = re.compile(r"[A-Za-z0-9][\w.+!-]*", re.ASCII)
_VERSION = re.compile(r"\d[\w.+!-]*", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
# the best first; a hash that is none of these is not looked at
_HASHES = ("sha512", "sha384", "sha256", "sha1")


class File(NamedTuple):
    """A published file: where it is, when it was published, and its hash.

    `at` is a time as the registry writes it, "" where it tells none; `digest` is
    (algorithm, bytes).
    """

    name: str
    version: str
    url: str
    at: str
    digest: tuple[str, bytes] | None = None
    size: int = 0


def of_json(data: bytes, page: str) -> Iterator[File]:
    """Yield the files of a simple index's page in JSON; ValueError, KeyError."""
    told = json.loads(data)
    version = str((told.get("meta") or {}).get("api-version", "1.0"))
    if version.partition(".")[0] != "1":
        message = f"api-version {version} is not known"
        raise ValueError(message)
    for row in told["files"]:
        size = row.get("size")
        yield File(
            str(row["filename"]),
            "",
            urljoin(page, str(row["url"])),
            _time(row.get("upload-time")),
            _best_hash(row.get("hashes") or {}),
            size if isinstance(size, int) else 0,
        )


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.base = ""
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if tag == "base" and href:
            self.base = href
        elif tag == "a" and href:
            self.found.append(href)


def of_html(data: bytes, page: str) -> Iterator[File]:
    """Yield the files of a simple index's page in HTML, which tells no times."""
    links = _Links()
    links.feed(data.decode("utf-8", "replace"))
    for href in links.found:
        url, _, fragment = urljoin(urljoin(page, links.base), href).partition("#")
        algorithm, _, value = fragment.partition("=")
        name = unquote(urlsplit(url).path.rpartition("/")[2])
        yield File(name, "", url, "", _best_hash({algorithm: value}))


def of_npm(
    versions: Mapping[str, Any], times: Mapping[str, Any], page: str
) -> Iterator[File]:
    """Yield the tarballs of an npm registry's document."""
    for version, row in versions.items():
        dist = row["dist"]
        url = urljoin(page, str(dist["tarball"]))
        name = unquote(urlsplit(url).path.rpartition("/")[2])
        if _VERSION.fullmatch(version) and _FILE_NAME.fullmatch(name):
            at = str(times.get(version) or "")
            yield File(name, version, url, at, _npm_hash(dist))


def _npm_hash(dist: Mapping[str, Any]) -> tuple[str, bytes] | None:
    for text in str(dist.get("integrity") or "").split():
        algorithm, _, value = text.partition("-")
        if algorithm in _HASHES:
            try:
                return algorithm, b64decode(value, validate=True)
            except NoBase64:
                continue
    return _best_hash({"sha1": dist.get("shasum")})


def _best_hash(hashes: Mapping[str, Any]) -> tuple[str, bytes] | None:
    for name in _HASHES:
        try:
            return name, bytes.fromhex(hashes[name])
        except (LookupError, TypeError, ValueError):
            continue
    return None


def _time(text: object) -> str:
    return text if isinstance(text, str) and _DAY.match(text) else ""


def wheels_of(package: str, files: Iterable[File]) -> Iterator[File]:
    """Yield the wheels of a package among files, with what version each is of."""
    for file in files:
        if not (file.name.endswith(".whl") and _FILE_NAME.fullmatch(file.name)):
            continue
        name, _, rest = file.name.removesuffix(".whl").partition("-")
        version = rest.partition("-")[0]
        if normal(name) == normal(package) and _VERSION.fullmatch(version):
            yield file._replace(version=version)


def one_per_version(wheels: Iterable[File]) -> list[File]:
    """Return of each version the wheel for every platform, else the smallest."""
    found: dict[str, File] = {}
    for file in sorted(wheels, key=_preference):
        found.setdefault(file.version, file)
    return list(found.values())


def _preference(file: File) -> tuple[bool, bool, int, str]:
    away = not file.url.startswith("file:")
    return not file.name.endswith("-any.whl"), away, file.size, file.name


def normal(package: str) -> str:
    """Return a Python package's name as indexes write it."""
    return re.sub(r"[-_.]+", "-", package).lower()
