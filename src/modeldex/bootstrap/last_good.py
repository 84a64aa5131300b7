"""The last good answers of APIs and local servers, in the cache directory.

A file is one line (its form, the digest and the time of the rest) and the rest. It is
replaced whole, is its owner's alone, and is not read where it is damaged or anybody
else could have written it.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from errno import EFBIG
from hashlib import sha256
from tempfile import NamedTemporaryFile

FORM = "modeldex-last-good-1"
MAX_BYTES = 64 * 2**20
_OTHERS = stat.S_IWGRP | stat.S_IWOTH


class LastGood:
    """What is kept in a directory, by name; `place` tells servers of a name apart."""

    def __init__(self, directory: str) -> None:
        self._directory = directory

    def save(self, name: str, place: str, payload: str) -> None:
        """Keep an answer with the time; where that cannot be written, nothing is."""
        data = payload.encode()
        head = f"{FORM} {sha256(data).hexdigest()} {time.time():.3f}\n"
        with contextlib.suppress(OSError):
            os.makedirs(self._directory, mode=0o700, exist_ok=True)
            with NamedTemporaryFile(
                dir=self._directory, prefix=".", suffix=".tmp", delete=False
            ) as file:  # made for its owner alone
                temporary = file.name
                try:
                    file.write(head.encode() + data)
                    file.flush()
                    os.fsync(file.fileno())
                    os.replace(temporary, self._path(name, place))
                except BaseException:
                    with contextlib.suppress(OSError):
                        os.unlink(temporary)
                    raise

    def load(self, name: str, place: str) -> tuple[str, float] | None:
        """Return an answer and its age in seconds; None for none that is sound."""
        try:
            data = read_own(self._path(name, place), MAX_BYTES)
        except OSError:
            return None
        first, _, rest = data.partition(b"\n")
        words = first.decode("ascii", "replace").split(" ")
        if len(words) != 3 or words[0] != FORM:  # noqa: PLR2004
            return None
        if sha256(rest).hexdigest() != words[1]:
            return None
        try:
            return rest.decode(), max(time.time() - float(words[2]), 0.0)
        except ValueError:
            return None

    def _path(self, name: str, place: str) -> str:
        mark = sha256(f"{name}\n{place}".encode()).hexdigest()[:12]
        return os.path.join(self._directory, f"{name}-{mark}.answer")


def read_own(path: str, most: int) -> bytes:
    """Return a file's bytes; raise OSError where another one could have written it.

    So too where it is longer than `most` bytes.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if os.name == "posix" and (
            found.st_uid != os.getuid() or found.st_mode & _OTHERS
        ):
            raise PermissionError(path)
        if found.st_size > most:
            raise OSError(EFBIG, "the file is too large", path)
        return file.read()
