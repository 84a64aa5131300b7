"""Files to scan: paths in, readable text files out."""

from __future__ import annotations

import os
import stat
from fnmatch import fnmatch
from typing import TYPE_CHECKING, NamedTuple

from modeldex.usecases.lint.kinds import PROSE, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MAX_BYTES = 2_000_000
# what others wrote or programs made
SKIPPED = frozenset(
    (
        *(".bzr", ".cache", ".direnv", ".eggs", ".git", ".gradle", ".hg", ".idea"),
        *(".mypy_cache", ".next", ".nox", ".nuxt", ".pytest_cache", ".ruff_cache"),
        *(".svn", ".terraform", ".tox", ".venv", ".yarn", "__pycache__", "venv"),
        *("bower_components", "coverage", "dist", "node_modules", "site-packages"),
        *("target", "vendor"),
    )
)
_NUL_WITHIN = 8192


class File(NamedTuple):
    """A file to scan, and how to read it."""

    path: str
    kind: str


def find_files(paths: Iterable[str], excluded: Sequence[str] = ()) -> Iterator[File]:
    """Yield the files of paths, each once, sorted within a directory.

    A directory yields what has a known suffix, no prose, and leaves out the
    directories of SKIPPED and what a pattern of `excluded` matches (the name, or
    the path as walked). Links are not followed in a directory, so no walk goes
    round. A file that is named is scanned whatever its suffix is.
    """
    seen: set[str] = set()
    for path in paths:
        if os.path.isdir(path):
            files = _walk(path, excluded)
        else:
            files = iter([File(path, kind_of(path) or PROSE)])
        for file in files:
            real = os.path.realpath(file.path)
            if real not in seen and not _matches(file.path, excluded):
                seen.add(real)
                yield file


def _walk(root: str, excluded: Sequence[str]) -> Iterator[File]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(
            name
            for name in folders
            if name not in SKIPPED
            and not _matches(os.path.join(folder, name), excluded)
        )
        for name in sorted(names):
            kind = kind_of(name)
            path = os.path.join(folder, name)
            if kind not in (None, PROSE) and not os.path.islink(path):
                yield File(path, str(kind))


def _matches(path: str, patterns: Sequence[str]) -> bool:
    walked = os.path.normpath(path).replace(os.sep, "/")
    name = os.path.basename(walked)
    return any(
        fnmatch(name, pattern)
        or fnmatch(walked, pattern.rstrip("/"))
        or fnmatch(walked, f"*/{pattern.rstrip('/')}")
        for pattern in patterns
    )


def read_text(path: str) -> tuple[str, str]:
    """Return a file's text, or "" and why it is not scanned.

    What is no UTF-8 is replaced. Raises OSError.
    """
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode):
        return "", "no regular file"
    if status.st_size > MAX_BYTES:
        return "", f"larger than {MAX_BYTES // 1_000_000} MB"
    with open(path, "rb") as file:
        data = file.read(MAX_BYTES + 1)
    if b"\0" in data[:_NUL_WITHIN]:
        return "", "binary"
    return data.decode("utf-8-sig", "replace"), ""
