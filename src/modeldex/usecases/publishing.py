"""What others follow: a manifest, and the catalogue as a file in two formats.

Below a base URL, of a service as of a static site:

    modeldex.json                   the manifest: who and where the registry is
    snapshot/v2/<sha256>.snapshot   the catalogue with its past; never changes

A manifest names the snapshot of each format that is served by its hash and size. What
is published tells neither files nor databases of the publisher.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from modeldex.catalog.formats import in_formats
from modeldex.catalog.snapshot import FORMAT_VERSION, memory_snapshot
from modeldex.domain import Value, set_slot
from modeldex.domain.model import COLUMNS
from modeldex.domain.ref import is_model_id, is_provider_id
from modeldex.errors import CatalogError
from modeldex.usecases.catalog_file import ORIGIN_BLOCK, compiled, origin_block
from modeldex.usecases.chain import read_id, read_ids

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from modeldex.catalog import Catalog, Snapshot

MANIFEST = "modeldex.json"
MAX_MANIFEST = 64 * 2**10
MAX_SNAPSHOT = 256 * 2**20
MEDIA_TYPE = "application/vnd.modeldex.snapshot"
# of the catalogue's meta, what others may know
_TOLD = ("date", "sources", "revision", "epoch", "whole")
_ORIGIN = ("revision", "epoch", "shipped")
_HEX = frozenset("0123456789abcdef")
_SHA_LENGTH = 64
_MAX_TEXT = 200
_MAX_REVISION = 2**53


class Offered(Value):
    """A snapshot that a manifest names: its path below the base, hash and size."""

    __slots__ = ("path", "sha256", "size")
    path: str
    sha256: str
    size: int

    def __init__(self, path: str, sha256: str, size: int) -> None:
        set_slot(self, "path", path)
        set_slot(self, "sha256", sha256)
        set_slot(self, "size", size)


class Manifest(Value):
    """Who a registry is, where it is, and where its catalogue can be had.

    `chain` are the ids of the registries that it follows, through whatever is between.
    `epoch` is "" and `revision` 0 without a store. `events` is the path of a stream of
    events below the base, "" for none. `snapshots` are by format.
    """

    __slots__ = (
        *("chain", "digest", "epoch", "events", "id", "revision", "snapshots"),
        *("updated_at", "version"),
    )
    version: str
    id: str
    chain: tuple[str, ...]
    epoch: str
    revision: int
    digest: str
    updated_at: str
    events: str
    snapshots: Mapping[int, Offered]

    def __init__(self, **parts: Any) -> None:
        for name in self.__slots__:
            set_slot(self, name, parts[name])

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "modeldex": self.version,
            "id": self.id,
            "chain": list(self.chain),
            "epoch": self.epoch,
            "revision": self.revision,
            "digest": self.digest,
            "updated_at": self.updated_at,
            "snapshots": {
                str(version): {
                    "path": source.path,
                    "sha256": source.sha256,
                    "size": source.size,
                }
                for version, source in sorted(self.snapshots.items(), reverse=True)
            },
            "events": self.events or None,
        }

    def as_bytes(self) -> bytes:
        """Return the file `modeldex.json`."""
        return (json.dumps(self.as_dict(), indent=2) + "\n").encode()


class Publication(Value):
    """A manifest, and the bytes of each file that it names, by its path."""

    __slots__ = ("files", "manifest")
    manifest: Manifest
    files: Mapping[str, bytes]

    def __init__(self, manifest: Manifest, files: Mapping[str, bytes]) -> None:
        set_slot(self, "manifest", manifest)
        set_slot(self, "files", files)

    @property
    def etag(self) -> str:
        """The strong ETag of the manifest."""
        return f'"{sha256(self.manifest.as_bytes()).hexdigest()[:32]}"'


def publish(
    catalog: Catalog,
    origin: Mapping[str, str],
    beside: Mapping[str, bytes],
    *,
    version: str,
    events: str = "",
) -> Publication:
    """Return what is published of a catalogue; equal arguments give equal bytes.

    `origin` says who and where the registry is (`StoredCatalog.published`), `beside`
    holds what stands beside the catalogue in its file.
    """
    if not int(origin.get("revision", 0)):  # nothing of the store is in it
        origin = {**origin, "epoch": ""}
    known = catalog.snapshot.meta
    meta = {name: known[name] for name in _TOLD if name in known}
    shown = {name: origin[name] for name in _ORIGIN if name in origin}
    blocks = {**beside, ORIGIN_BLOCK: origin_block(shown)}
    data = compiled(catalog, {}, meta, blocks)
    return published(data, origin, version=version, events=events)


def published(
    data: bytes, origin: Mapping[str, str], *, version: str, events: str = ""
) -> Publication:
    """Return a snapshot's bytes, published as they are."""
    snapshot = memory_snapshot(data)
    sources, files = {}, {}
    for number, content in in_formats(data).items():
        digest = sha256(content).hexdigest()
        path = f"snapshot/v{number}/{digest}.snapshot"
        sources[number] = Offered(path, digest, len(content))
        files[path] = content
    revision = int(origin.get("revision", 0))
    manifest = Manifest(
        version=version,
        id=origin["id"],
        chain=tuple(origin.get("chain", "").split()),
        epoch=origin.get("epoch", "") if revision else "",
        revision=revision,
        digest=snapshot.digest,
        updated_at=origin.get("at") or snapshot.meta.get("date") or "",
        events=events,
        snapshots=sources,
    )
    return Publication(manifest, files)


def read_manifest(data: bytes) -> Manifest:
    """Read a manifest that came from outside; raise ValueError for what is none."""
    if len(data) > MAX_MANIFEST:
        raise ValueError("the manifest is too large")
    said = json.loads(data)
    if not isinstance(said, dict) or "snapshots" not in said:
        raise ValueError("there is no manifest of a registry")
    revision = said.get("revision")
    if type(revision) is not int or not 0 <= revision <= _MAX_REVISION:
        raise ValueError("revision is no number")
    events = said.get("events")
    return Manifest(
        version=_text(said, "modeldex"),
        id=read_id(said.get("id")),
        chain=read_ids(said.get("chain", [])),
        epoch=_text(said, "epoch"),
        revision=revision,
        digest=_text(said, "digest"),
        updated_at=_text(said, "updated_at"),
        events="" if events is None else _path(events),
        snapshots=_sources(said["snapshots"]),
    )


def _text(said: Mapping[str, Any], name: str) -> str:
    text = said.get(name, "")
    if not isinstance(text, str) or len(text) > _MAX_TEXT or not text.isprintable():
        raise ValueError(f"{name} is no text")
    return text


def _sources(given: Any) -> dict[int, Offered]:
    if not isinstance(given, dict):
        raise ValueError("snapshots is no table")  # noqa: TRY004
    found = {}
    for version, row in given.items():
        if not (version.isascii() and version.isdigit() and isinstance(row, dict)):
            raise ValueError("snapshots is no table by format")
        digest, size = row.get("sha256"), row.get("size")
        if not isinstance(digest, str) or len(digest) != _SHA_LENGTH:
            raise ValueError("sha256 is no hash")
        if not _HEX.issuperset(digest):
            raise ValueError("sha256 is no hash")
        if type(size) is not int or not 0 < size <= MAX_SNAPSHOT:
            raise ValueError(f"a snapshot has no size up to {MAX_SNAPSHOT} bytes")
        found[int(version)] = Offered(_path(row.get("path")), digest, size)
    return found


def _path(given: Any) -> str:
    """Return a path below the base URL: it leads nowhere else."""
    parts = (
        given.split("/") if isinstance(given, str) and len(given) < _MAX_TEXT else ()
    )
    if not parts or any(not _is_step(part) for part in parts):
        raise ValueError("a path is not one below the registry's address")
    return "/".join(parts)


def _is_step(part: str) -> bool:
    plain = part.replace("-", "").replace("_", "").replace(".", "")
    return plain.isascii() and plain.isalnum()


def chosen(manifest: Manifest) -> Offered:
    """Return the snapshot that this version reads; raise ValueError for none."""
    found = manifest.snapshots.get(FORMAT_VERSION)
    if found is None:
        listed = ", ".join(map(str, sorted(manifest.snapshots))) or "none"
        raise ValueError(
            f"it serves its catalogue in format {listed}, this version reads "
            f"{FORMAT_VERSION}: upgrade the older side"
        )
    return found


def opened(data: bytes, offered: Offered, manifest: Manifest) -> Snapshot:
    """Return the snapshot of a manifest; raise ValueError for what is not it.

    All of it is checked before any of it is served: hash, digest, ids and columns.
    """
    if len(data) != offered.size or sha256(data).hexdigest() != offered.sha256:
        raise ValueError("the snapshot is not the one of the manifest")
    try:
        snapshot = memory_snapshot(data)
        snapshot.verify()
        rows = snapshot.rows_columns(list(range(snapshot.size)))
        if not rows or snapshot.meta["models"] != len(rows):
            raise ValueError("the snapshot holds no models")
        for columns in rows:
            _check(columns)
            if columns[0] not in snapshot.providers:
                raise ValueError("the snapshot holds models of unknown providers")
    except (CatalogError, LookupError, TypeError) as error:
        raise ValueError(f"the snapshot cannot be used: {error}") from error
    if snapshot.digest != manifest.digest:
        raise ValueError("the snapshot is of another catalogue than the manifest")
    return snapshot


def _check(columns: Sequence[str]) -> None:
    if len(columns) != len(COLUMNS):
        raise ValueError("a model of the snapshot has not its columns")
    if not (is_provider_id(columns[0]) and is_model_id(columns[1])):
        raise ValueError("a model of the snapshot has no ref")


def refuse_older(manifest: Manifest, epoch: str, revision: int) -> None:
    """Raise ValueError for a manifest of an earlier revision of the same epoch."""
    if manifest.epoch == epoch and manifest.revision < revision:
        raise ValueError(
            f"it goes back from revision {revision} to {manifest.revision} of the "
            "same epoch; not taken"
        )
