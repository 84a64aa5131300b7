"""The snapshot file: compiled facts that are checked when they are touched.

Layout, all integers little-endian and unsigned:

    header     64 bytes: magic, format version, size of the whole file, size and
               CRC-32 of the directory, SHA-256 of all that follows the header,
               CRC-32 of the header itself
    blocks     bodies   a body per row: CRC-32, row, length, text form of the model
               offsets  row -> offset in bodies
               slots    hash table: ref -> offset in bodies; pages of 64 slots, each
                        behind its CRC-32, which covers the page's number too
               bits, columns, refs, text…: the index (`catalog.index`)
               meta, providers: JSON
    directory  a line per block: name, offset, length, CRC-32

Opening checks size, version and header; a block and a body are checked when they
are first read; `verify` checks the whole digest. A snapshot is never unpickled or
executed: every part is text or numbers.
"""

from __future__ import annotations

import os
from hashlib import sha256

from modeldex.catalog import (
    BODY_HEADER_SIZE,
    FORMAT_VERSION,
    HEADER_SIZE,
    MAGIC,
    Snapshot,
    open_snapshot,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Bytes(Protocol):
        """What a snapshot is read from."""

        path: str
        size: int

        def read(self, offset: int, length: int) -> bytes:
            """Return the bytes there; fewer where there are no more."""


__all__ = [
    "BODY_HEADER_SIZE",
    "FORMAT_VERSION",
    "HEADER_SIZE",
    "MAGIC",
    "Memory",
    "Snapshot",
    "digest_of",
    "memory_snapshot",
    "open_snapshot",
    "read_whole",
    "whole_of",
    "write_snapshot",
]


class Memory:
    """Bytes in memory, for a catalogue compiled without a place to write."""

    __slots__ = ("_data", "path", "size")

    def __init__(self, data: bytes, path: str) -> None:
        self._data = data
        self.path = path
        self.size = len(data)

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes there."""
        return self._data[offset : offset + length]


def read_whole(path: str) -> Memory:
    """Read a snapshot file into memory, where positioned reads do not exist."""
    with open(path, "rb") as file:
        return Memory(file.read(), path)


def whole_of(snapshot: Snapshot) -> bytes:
    """Return all bytes of an opened snapshot."""
    file = snapshot._file  # noqa: SLF001  # its layout is told here
    return file.read(0, file.size)


def memory_snapshot(data: bytes) -> Snapshot:
    """Open a snapshot that is in no file."""
    return Snapshot(Memory(data, "<memory>"))


def digest_of(content: bytes) -> str:
    """Return the digest of what follows a header, as hexadecimal SHA-256."""
    return sha256(content).hexdigest()


def write_snapshot(data: bytes, path: str) -> None:
    """Write a snapshot file whole or not at all."""
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise
