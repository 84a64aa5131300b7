"""Exports as files: one file, an archive, or a directory that holds nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from modeldex.catalog.snapshot import write_snapshot
from modeldex.errors import InvalidInputError
from modeldex.usecases.exports.export import ARCHIVES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from modeldex.usecases.exports.export import Export

# says that a directory is an export, of which format, and which files are its own
MARK = ".modeldex-export.json"


def write_export(export: Export, out: Path) -> list[Path]:
    """Write an export to a path; return the paths of the files.

    A format that is a directory is written as an archive where the path ends in `.zip`
    or `.tar.gz`. Raises InvalidInputError for a directory that holds something else.
    """
    if export.files is not None:
        suffix = next((end for end in ARCHIVES if out.name.endswith(end)), None)
        if suffix is None:
            return _write_folder(export.name, export.files, out)
        write_snapshot(export.archive(suffix), str(out))
    else:
        if out.is_dir():
            message = f"{out} is a directory; {export.name} is one file"
            raise InvalidInputError(message)
        write_snapshot(export.content, str(out))
    return [out]


def _write_folder(name: str, files: Mapping[str, bytes], folder: Path) -> list[Path]:
    former = _former_files(name, folder)
    folder.mkdir(parents=True, exist_ok=True)
    mark = {"format": name, "files": sorted({*former, *files})}
    _write_mark(folder, mark)
    written = []
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        write_snapshot(data, str(target))
        written.append(target)
    for path in former - files.keys():
        (folder / path).unlink(missing_ok=True)
    mark["files"] = sorted(files)
    _write_mark(folder, mark)
    return written


def _former_files(name: str, folder: Path) -> set[str]:
    """Return what a former export left in a directory; refuse any other content."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return set()
    if not folder.is_dir():
        message = f"{folder} is a file; {name} is a directory of files"
        raise InvalidInputError(message)
    try:
        mark = json.loads((folder / MARK).read_text("utf-8"))
        of, listed = mark["format"], [str(path) for path in mark["files"]]
    except (OSError, ValueError, KeyError, TypeError):
        message = f"{folder} holds other files: name an empty directory, or a new one"
        raise InvalidInputError(message) from None
    if of != name:
        message = f"{folder} is an export of {of}; name another directory"
        raise InvalidInputError(message)
    root = folder.resolve()
    outside = [p for p in listed if root not in (root / p).resolve().parents]
    if outside:
        message = f"{folder / MARK} names a file outside: {outside[0]!r:.80}"
        raise InvalidInputError(message)
    return set(listed)


def _write_mark(folder: Path, mark: Mapping[str, object]) -> None:
    data = f"{json.dumps(mark, indent=1)}\n".encode()
    write_snapshot(data, str(folder / MARK))
