"""Write a site into a folder that is read while it is written.

Each file is replaced whole, and only where it changes. The manifest comes last, when
the snapshot that it names is there; snapshots of the manifests before stay for those
who have just read one of them.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modeldex.catalog.snapshot import write_snapshot
from modeldex.errors import InvalidInputError
from modeldex.usecases.publishing import MANIFEST
from modeldex.usecases.site import TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from modeldex.usecases.publishing import Publication

KEPT = 3  # snapshots of a format
# what a site consists of; nothing else in the folder is touched
_PARTS = ("export", "feeds", "history", "models", "providers", "snapshot")
_ALLOWED = 0o644  # of a file that was made for its owner alone


@dataclass(frozen=True, slots=True)
class SiteReport:
    """What writing a site came to: files written, as they were, and removed."""

    directory: str
    written: int
    same: int
    removed: int
    revision: int
    digest: str

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


def write_site(
    directory: str, publication: Publication, files: Iterable[tuple[str, bytes]]
) -> SiteReport:
    """Write files and then the manifest; remove what is no more part of the site.

    Raises InvalidInputError for a folder that holds something else, OSError.
    """
    root = Path(directory)
    _refuse_foreign(root)
    counts = {True: 0, False: 0}
    wanted: set[str] = set()
    folders: set[Path] = set()
    for path, data in files:
        wanted.add(path)
        counts[_put(root / path, data, folders)] += 1
    counts[_put(root / MANIFEST, publication.manifest.as_bytes(), folders)] += 1
    removed = _let_go(root, wanted)
    manifest = publication.manifest
    return SiteReport(
        directory,
        counts[True],
        counts[False],
        removed,
        manifest.revision,
        manifest.digest,
    )


def _refuse_foreign(root: Path) -> None:
    """Refuse a folder that is not empty and no site: files of it would be removed."""
    marks = (root / MANIFEST, root / TYPES)
    if root.is_dir() and not any(mark.exists() for mark in marks):
        there = [part for part in _PARTS if (root / part).exists()]
        if there:
            raise InvalidInputError(
                f"{root} has a {there[0]} and no {MANIFEST}: it is no site of modeldex"
            )
    elif root.exists() and not root.is_dir():
        raise InvalidInputError(f"{root} is no folder")


def _put(path: Path, data: bytes, folders: set[Path]) -> bool:
    """Write a file whole, unless it is there as it is; tell whether it was written."""
    folder = path.parent
    if folder not in folders:
        folder.mkdir(parents=True, exist_ok=True)
        folders.add(folder)
    with contextlib.suppress(OSError):
        if path.stat().st_size == len(data) and path.read_bytes() == data:
            return False
    if path.name == MANIFEST or path.suffix == ".snapshot":
        write_snapshot(data, str(path))  # and be sure that it is on the disk
        path.chmod(_ALLOWED)
        return True
    fresh = path.with_name(f".{path.name}.tmp")
    fresh.write_bytes(data)
    fresh.replace(path)
    return True


def _let_go(root: Path, wanted: set[str]) -> int:
    """Remove files of models that are gone, and snapshots but for the last ones."""
    removed = 0
    for part in _PARTS:
        for folder, _, names in os.walk(root / part, topdown=False):
            place = Path(folder)
            paths = [place / name for name in names]
            gone = [p for p in paths if p.relative_to(root).as_posix() not in wanted]
            if part == "snapshot":
                gone = sorted(gone, key=_age, reverse=True)[KEPT - 1 :]
            for path in gone:
                path.unlink(missing_ok=True)
                removed += 1
            if gone:
                with contextlib.suppress(OSError):  # not empty
                    place.rmdir()
    return removed


def _age(path: Path) -> float:
    return path.stat().st_mtime
