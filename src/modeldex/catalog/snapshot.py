"""The snapshot file: compiled facts that are checked when they are touched.

Layout, all integers little-endian and unsigned:

    header     64 bytes: magic, format version, size of the whole file, size and
               CRC-32 of the directory, SHA-256 of all that follows the header,
               CRC-32 of the header itself
    blocks     bodies   a body per row: CRC-32, row, length, text form of the model
               offsets  row -> offset in bodies
               slots    hash table: CRC-32 of a ref -> offset in bodies
               bits, columns, refs, text…: the index (`catalog.index`)
               meta, providers: JSON
    directory  a line per block: name, offset, length, CRC-32

Opening checks size, version and header; a block and a body are checked when they
are first read; `verify` checks the whole digest. A snapshot is never unpickled or
executed: every part is text or numbers.
"""

import os
import sys
from zlib import crc32

from modeldex.domain.model import SEPARATOR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from modeldex.errors import SnapshotDamagedError

MAGIC = b"modeldex"
FORMAT_VERSION = 1
HEADER_SIZE = 64
BODY_HEADER_SIZE = 12
_FIRST_READ = 1024  # most bodies are shorter, so that one read fetches them


class _File:
    """Bytes of a file, read where asked; the file is kept by its descriptor."""

    __slots__ = ("_descriptor", "path", "size")

    def __init__(self, path: str) -> None:
        self._descriptor = -1
        self.path = path
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        self._descriptor = os.open(path, flags)
        self.size = os.fstat(self._descriptor).st_size

    def read(self, offset: int, length: int) -> bytes:
        return os.pread(self._descriptor, length, offset)

    def __del__(self, close: "Callable[[int], None]" = os.close) -> None:
        if self._descriptor >= 0:
            close(self._descriptor)


class _Memory:
    """Bytes in memory, for a catalogue compiled without a place to write."""

    __slots__ = ("_data", "path", "size")

    def __init__(self, data: bytes, path: str) -> None:
        self._data = data
        self.path = path
        self.size = len(data)

    def read(self, offset: int, length: int) -> bytes:
        return self._data[offset : offset + length]


class Snapshot:
    """An opened snapshot; immutable, safe for concurrent reads.

    Raises SnapshotDamagedError or SnapshotVersionError, when opened and when a
    damaged part is read.
    """

    __slots__ = ("_blocks", "_bodies", "_cache", "_file", "digest")

    def __init__(self, file: "_File | _Memory") -> None:
        self._file = file
        self._cache: dict[str, Any] = {}
        header = file.read(0, HEADER_SIZE)
        if len(header) < HEADER_SIZE or not header.startswith(MAGIC):
            raise self._damaged("this is not a snapshot")
        if crc32(header[:60]) != _u32(header, 60):
            raise self._damaged("the header is damaged")
        if (version := _u32(header, 8)) != FORMAT_VERSION:
            from modeldex.errors import SnapshotVersionError

            message = (
                f"{file.path}: snapshot format {version}, this version reads "
                f"{FORMAT_VERSION}; run `modeldex catalog build`"
            )
            raise SnapshotVersionError(message)
        if file.size != int.from_bytes(header[12:20], "little"):
            raise self._damaged("the file is cut short or has bytes too many")
        length = _u32(header, 20)
        directory = file.read(file.size - length, length)
        if crc32(directory) != _u32(header, 24):
            raise self._damaged("the directory is damaged")
        self.digest = header[28:60].hex()
        self._blocks: dict[str, tuple[int, int, int]] = {}
        for line in directory.decode().splitlines():
            name, start, size, checksum = line.split(" ")
            self._blocks[name] = (int(start), int(size), int(checksum))
        self._bodies = self._blocks["bodies"][0]

    @property
    def path(self) -> str:
        """Where the snapshot was read from; `<memory>` when it is in no file."""
        return self._file.path

    def _damaged(self, what: str) -> "SnapshotDamagedError":
        from modeldex.errors import SnapshotDamagedError

        message = f"{self._file.path}: {what}; run `modeldex catalog build`"
        return SnapshotDamagedError(message)

    def _checked(self, offset: int, length: int, checksum: int, name: str) -> bytes:
        data = self._file.read(offset, length)
        if len(data) != length or crc32(data) != checksum:
            raise self._damaged(f"block {name} is damaged")
        return data

    def block(self, name: str) -> bytes:
        """Read and check a block; nothing is kept."""
        return self._checked(*self._blocks[name], name)

    def part(self, name: str, make: "Callable[[bytes], Any]") -> "Any":
        """Return what `make` made of a block, made once per snapshot."""
        found = self._cache.get(name)
        if found is None:
            found = self._cache[name] = make(self.block(name))
        return found

    def item(self, block: str, name: str) -> "bytes | None":
        """Read and check an item of a block that has a directory `<block>.items`."""
        items = self.part(f"{block}.items", _read_items)
        if name not in items:
            return None
        start, length, checksum = items[name]
        base = self._blocks[block][0]
        return self._checked(base + start, length, checksum, f"{block}/{name}")

    def items(self, block: str) -> "list[str]":
        """Return the names in a block's directory."""
        return list(self.part(f"{block}.items", _read_items))

    @property
    def meta(self) -> "dict[str, Any]":
        """Facts of the whole: counts, date, date of each source."""
        found: dict[str, Any] = self.part("meta", _read_json)
        return found

    @property
    def providers(self) -> "dict[str, dict[str, Any]]":
        """Facts of each provider, by its id."""
        found: dict[str, dict[str, Any]] = self.part("providers", _read_json)
        return found

    def columns(self, provider: str, model_id: str) -> "list[str] | None":
        """Return the columns of a model's text form, or None when it is not here."""
        slots = self.part("slots", read_numbers)
        wrap = len(slots) - 1
        place = crc32(f"{provider}/{model_id}".encode()) & wrap
        while offset := slots[place]:
            columns = self._body(offset)[1]
            if columns[1] == model_id and columns[0] == provider:
                return columns
            place = place + 1 & wrap
        return None

    def row_columns(self, row: int) -> "list[str]":
        """Return the columns of the model in a row."""
        offsets = self._cache.get("offsets") or self.part("offsets", read_numbers)
        found, columns = self._body(offsets[row])
        if found != row:
            raise self._damaged(f"row {row} is damaged")
        return columns

    def _body(self, offset: int) -> "tuple[int, list[str]]":
        file = self._file
        offset += self._bodies
        data = file.read(offset, _FIRST_READ)
        head = int.from_bytes(data[:BODY_HEADER_SIZE], "little")
        end = BODY_HEADER_SIZE + (head >> 64)
        if end > len(data):
            if end > file.size:
                raise self._damaged(f"the model at byte {offset} is damaged")
            data = file.read(offset, end)
        if crc32(data[4:end]) != head & 0xFFFFFFFF or len(data) < BODY_HEADER_SIZE:
            raise self._damaged(f"the model at byte {offset} is damaged")
        columns = data[BODY_HEADER_SIZE:end].decode().split(SEPARATOR)
        return head >> 32 & 0xFFFFFFFF, columns

    def verify(self) -> None:
        """Check the digest of the whole file; raise SnapshotDamagedError."""
        from hashlib import sha256

        data = self._file.read(HEADER_SIZE, self._file.size - HEADER_SIZE)
        if sha256(data).hexdigest() != self.digest:
            raise self._damaged("the digest is not that of the content")


def _u32(data: bytes, offset: int) -> int:
    return int.from_bytes(data[offset : offset + 4], "little")


def read_numbers(data: bytes) -> "Sequence[int]":
    """Read unsigned 32-bit little-endian integers."""
    if sys.byteorder == "little":
        return memoryview(data).cast("I")
    from array import array

    numbers = array("I", data)
    numbers.byteswap()
    return numbers


def _read_json(data: bytes) -> "Any":
    import json

    return json.loads(data)


def _read_items(data: bytes) -> "dict[str, tuple[int, int, int]]":
    items = {}
    for line in data.decode().splitlines():
        name, offset, length, checksum = line.split(" ")
        items[name] = (int(offset), int(length), int(checksum))
    return items


def open_snapshot(path: str) -> "Snapshot":
    """Open a snapshot file; raise SnapshotDamagedError when there is none."""
    try:
        file = _File(path) if hasattr(os, "pread") else read_whole(path)
    except OSError as error:
        from modeldex.errors import SnapshotDamagedError

        message = f"{path}: no snapshot can be read ({error.strerror})"
        raise SnapshotDamagedError(message) from error
    return Snapshot(file)


def read_whole(path: str) -> "_Memory":
    """Read a snapshot file into memory, where positioned reads do not exist."""
    with open(path, "rb") as file:
        return _Memory(file.read(), path)


def memory_snapshot(data: bytes) -> "Snapshot":
    """Open a snapshot that is in no file."""
    return Snapshot(_Memory(data, "<memory>"))


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
