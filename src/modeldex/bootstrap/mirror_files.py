"""What a mirror knows, on disk: a snapshot by its hash, and the manifest naming it.

The folder is its owner's alone. A snapshot is there before the manifest that names it;
the last ones are kept, as another process may be about to open them.
"""

from __future__ import annotations

import contextlib
import json
import os
from hashlib import sha256
from typing import TYPE_CHECKING

from modeldex.bootstrap.last_good import read_own
from modeldex.catalog.snapshot import memory_snapshot, open_snapshot, write_snapshot
from modeldex.errors import CatalogError
from modeldex.usecases.mirror_parts import Kept, Said
from modeldex.usecases.publishing import (
    MAX_SNAPSHOT,
    chosen,
    opened,
    read_manifest,
)

if TYPE_CHECKING:
    from modeldex.catalog import Snapshot

_KEPT = 3
_NOTE = "manifest.json"
_LONGEST_NAME = 40


def folder_of(cache_dir: str, url: str) -> str:
    """Return where the mirror of a URL is kept."""
    host = url.partition("://")[2].partition("/")[0].replace(":", "-")
    plain = "".join(c for c in host if c.isalnum() or c in "-.")[:_LONGEST_NAME]
    mark = sha256(url.encode()).hexdigest()[:12]
    return os.path.join(cache_dir, "mirrors", f"{plain}-{mark}")


class MirrorFiles:
    """The last known good of one registry; nothing where it cannot be written."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def load(self) -> Kept | None:
        """Return what is kept; None for what is damaged, or may be another's."""
        path = self._path(_NOTE)
        try:
            found = json.loads(read_own(path, MAX_SNAPSHOT))
            said = Said(found["body"].encode(), found["etag"], found["last_modified"])
            manifest = read_manifest(said.body)
            offered = chosen(manifest)
            file = self._path(f"{offered.sha256}.snapshot")
            opened(read_own(file, MAX_SNAPSHOT), offered, manifest)
            return Kept(said, open_snapshot(file), os.stat(path).st_mtime)
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return None
        except CatalogError:
            return None

    def keep(self, sha256: str, data: bytes) -> Snapshot:
        """Keep a snapshot; return it opened, from memory where nothing can be kept."""
        path = self._path(f"{sha256}.snapshot")
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            write_snapshot(data, path)
            self._let_go(path)
            return open_snapshot(path)
        except (OSError, CatalogError):
            return memory_snapshot(data)

    def note(self, said: Said) -> None:
        """Keep the manifest, whose snapshot is kept already."""
        found = {
            "body": said.body.decode("utf-8", "replace"),
            "etag": said.etag,
            "last_modified": said.last_modified,
        }
        with contextlib.suppress(OSError):
            write_snapshot(json.dumps(found).encode(), self._path(_NOTE))

    def confirm(self) -> None:
        """Note that what is kept was confirmed now."""
        with contextlib.suppress(OSError):
            os.utime(self._path(_NOTE))

    def _path(self, name: str) -> str:
        return os.path.join(self._folder, name)

    def _let_go(self, newest: str) -> None:
        """Remove all snapshots but the last ones."""
        names = [n for n in os.listdir(self._folder) if n.endswith(".snapshot")]
        paths = [self._path(name) for name in names]
        old = sorted((p for p in paths if p != newest), key=_age, reverse=True)
        for path in old[_KEPT - 1 :]:
            with contextlib.suppress(OSError):
                os.unlink(path)


def _age(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return 0.0
