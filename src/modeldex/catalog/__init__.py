"""Layers in, snapshot out; snapshot in, answers out.

What a program's first answer needs is here, so that it loads little else: the reader
of a snapshot (its layout: `catalog.snapshot`), the catalog, the lookup of a model.
"""

import os
import sys
from zlib import crc32

from modeldex.domain.model import SEPARATOR, Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeVar

    from modeldex.catalog.index import Index
    from modeldex.catalog.query import Query, Vocabulary
    from modeldex.catalog.snapshot import Bytes
    from modeldex.errors import SnapshotDamagedError

    T = TypeVar("T")

MAGIC = b"modeldex"
FORMAT_VERSION = 2
HEADER_SIZE = 64
BODY_HEADER_SIZE = 12
PAGE_SLOTS = 64
PAGE_SIZE = 4 + 4 * PAGE_SLOTS
_FIRST_READ = 1024  # most bodies are shorter, so that one read fetches them
_CHUNK = 8192
_MEMO_LIMIT = 4096
_U32 = 0xFFFFFFFF


class _File:
    """Bytes of a file, read where asked; the file is kept by its descriptor."""

    __slots__ = ("descriptor", "path", "size")

    def __init__(self, path: str) -> None:
        self.descriptor = -1
        self.path = path
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        self.descriptor = os.open(path, flags)
        self.size = os.fstat(self.descriptor).st_size

    def read(self, offset: int, length: int) -> bytes:
        return os.pread(self.descriptor, length, offset)

    def __del__(self, close: "Callable[[int], None]" = os.close) -> None:
        if self.descriptor >= 0:
            close(self.descriptor)


class Snapshot:
    """An opened snapshot; immutable, safe for concurrent reads.

    Raises SnapshotDamagedError or SnapshotVersionError, when opened and when a
    damaged part is read.
    """

    __slots__ = ("_blocks", "_bodies", "_cache", "_file", "_pages", "digest")

    def __init__(self, file: "Bytes") -> None:
        self._file = file
        self._cache: dict[str | int, Any] = {}
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
        self._pages = self._blocks["slots"][1] // PAGE_SIZE

    @property
    def path(self) -> str:
        """Where the snapshot was read from; `<memory>` when it is in no file."""
        return self._file.path

    @property
    def names(self) -> "list[str]":
        """Names of its blocks, in their order."""
        return list(self._blocks)

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
        found = self.part(f"{block}.items", _read_items).get(name)
        if found is None:
            return None
        start, length, checksum = map(int, found.split(" "))
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

    @property
    def size(self) -> int:
        """How many models there are."""
        return self._blocks["offsets"][1] // 4

    def columns(self, provider: str, model_id: str) -> "list[str] | None":
        """Return the columns of a model's text form, or None when it is not here."""
        page, place = slot_of(f"{provider}/{model_id}", self._pages)
        slots = self._cache.get(page) or self._page(page)
        while offset := slots[place]:
            columns = self._body(offset)
            if columns[1] == model_id and columns[0] == provider:
                return columns
            place = (place + 1) % PAGE_SLOTS
        return None

    def _page(self, page: int) -> "Sequence[int]":
        """Read and check a page of slots; its number is part of what is checked."""
        offset = self._blocks["slots"][0] + page * PAGE_SIZE
        data = self._file.read(offset, PAGE_SIZE)
        if len(data) < PAGE_SIZE or crc32(data[4:], page) != _u32(data, 0):
            raise self._damaged(f"page {page} of the slots is damaged")
        slots = self._cache[page] = read_numbers(data[4:])
        return slots

    def row_columns(self, row: int) -> "list[str]":
        """Return the columns of the model in a row."""
        return self.rows_columns([row])[0]

    def rows_columns(self, rows: "list[int]") -> "list[list[str]]":
        """Return the columns of the models in rows; neighbours are read at once."""
        offsets = self._cache.get("offsets") or self.part("offsets", read_numbers)
        found = []
        chunk, start = b"", 0
        for row in rows:
            offset = offsets[row]
            place = offset - start
            if not 0 <= place <= len(chunk) - _FIRST_READ:
                start, place = offset, 0
                chunk = self._file.read(offset + self._bodies, _CHUNK)
            data = chunk[place : place + _FIRST_READ]
            found.append(self._body(offset, row, data))
        return found

    def _body(
        self, offset: int, row: "int | None" = None, data: bytes = b""
    ) -> "list[str]":
        """Read and check a body: of the row, if one is given; of `data`, if any."""
        file = self._file
        place = offset + self._bodies
        data = data or file.read(place, _FIRST_READ)
        head = int.from_bytes(data[:BODY_HEADER_SIZE], "little")
        end = BODY_HEADER_SIZE + (head >> 64)
        if end > len(data) and end <= file.size:
            data = file.read(place, end)
        if (
            len(data) < end
            or crc32(data[4:end]) != head & _U32
            or (row is not None and head >> 32 & _U32 != row)
        ):
            raise self._damaged(f"the model at byte {offset} is damaged")
        return data[BODY_HEADER_SIZE:end].decode().split(SEPARATOR)

    def verify(self) -> None:
        """Check the digest of the whole file; raise SnapshotDamagedError."""
        from modeldex.catalog.snapshot import digest_of

        content = self._file.read(HEADER_SIZE, self._file.size - HEADER_SIZE)
        if digest_of(content) != self.digest:
            raise self._damaged("the digest is not that of the content")


def slot_of(ref: str, pages: int) -> "tuple[int, int]":
    """Return the page of a ref in the hash table, and where in it to look first."""
    found = crc32(ref.encode())
    return found % pages, (found >> 16) % PAGE_SLOTS


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


def _read_items(data: bytes) -> "dict[str, str]":
    """Return name -> offset, length and checksum, as they are written."""
    return dict([line.split(" ", 1) for line in data.decode().splitlines()])


def open_snapshot(path: str) -> "Snapshot":
    """Open a snapshot file; raise SnapshotDamagedError when there is none."""
    try:
        if not hasattr(os, "pread"):
            from modeldex.catalog.snapshot import read_whole

            return Snapshot(read_whole(path))
        return Snapshot(_File(path))
    except OSError as error:
        from modeldex.errors import SnapshotDamagedError

        message = f"{path}: no snapshot can be read ({error.strerror})"
        raise SnapshotDamagedError(message) from error


class Catalog:
    """An immutable catalogue: get one model, find the rows of many.

    `today` returns the ISO day on which statuses are judged; `default_filter` says
    whether `rows` leaves out what is retired or disabled. `known`: models asked for.
    """

    __slots__ = ("_index", "_vocabulary", "filtered", "known", "snapshot", "today")

    def __init__(
        self,
        snapshot: "Snapshot",
        today: "Callable[[], str]",
        *,
        default_filter: bool = True,
    ) -> None:
        self.snapshot = snapshot
        self.known: dict[str, dict[str | None, Model]] = {}
        self.today = today
        self.filtered = default_filter
        self._index: Index | None = None
        self._vocabulary: Vocabulary | None = None

    def get(self, provider: str, model_id: str) -> "Model | None":
        """Return a model by its exact ids, or None."""
        columns = self.snapshot.columns(provider, model_id)
        return None if columns is None else Model(columns, self.today)

    def models(self, rows: "list[int]") -> "list[Model]":
        """Return the models in rows."""
        today = self.today
        return [Model(columns, today) for columns in self.snapshot.rows_columns(rows)]

    @property
    def index(self) -> "Index":
        """The index, loaded with the first query."""
        if self._index is None:
            from modeldex.catalog.index import Index

            kept = self.filtered
            self._index = Index(self.snapshot, self.today, default_filter=kept)
        return self._index

    @property
    def vocabulary(self) -> "Vocabulary":
        """What a query may name here."""
        if self._vocabulary is None:
            from modeldex.catalog.finder import vocabulary_of

            self._vocabulary = vocabulary_of(self)
        return self._vocabulary

    @property
    def refs(self) -> "list[str]":
        """Refs by row."""
        return self.index.refs

    def rows(self, query: "Query") -> "list[int]":
        """Return the rows that answer a query, in its order, its page only."""
        return self.index.rows(query)


class Lookup:
    """A catalog that may be swapped, and the models asked for by name.

    `load` is told "open", "reload" or "damaged" and returns the catalog to use;
    `on_swap` is told its known models; `writing`: see `registry.written`.
    """

    __slots__ = ("_load", "_on_swap", "_writing", "catalog", "known")

    def __init__(
        self,
        load: "Callable[[str], Catalog]",
        on_swap: "Callable[[dict[str, dict[str | None, Model]]], None] | None" = None,
        writing: "Any" = None,
    ) -> None:
        self._writing = writing
        self._load = load
        self._on_swap = on_swap
        self._use(load("open"))

    def _use(self, catalog: Catalog) -> None:
        """Swap to a catalog; a read in progress keeps the one it has."""
        self.catalog = catalog
        self.known = catalog.known
        if self._on_swap is not None:
            self._on_swap(catalog.known)

    def _ask(self, question: "Callable[[Catalog], T]") -> "T":
        """Ask the catalog; when it turns out damaged, ask the next one."""
        try:
            return question(self.catalog)
        except Exception as error:
            from modeldex.errors import SnapshotDamagedError

            if not isinstance(error, SnapshotDamagedError):
                raise
            self._use(self._load("damaged"))
            return question(self.catalog)

    def get_info(self, provider: str, model_id: "str | None" = None) -> Model:
        """Return a model by provider and id, or by a ref alone.

        Raises UnknownProviderError, UnknownModelError or InvalidRefError.
        """
        try:
            return self.known[provider][model_id]
        except (KeyError, TypeError):
            return self._ask(lambda catalog: _remember(catalog, provider, model_id))


def _remember(catalog: Catalog, provider: str, model_id: "str | None") -> Model:
    """Get a model and keep it for the next time it is asked for."""
    model = None
    if model_id and isinstance(provider, str) and isinstance(model_id, str):
        model = catalog.get(provider, model_id)
    if model is None:
        from modeldex.catalog.resolve import get_model

        model = get_model(catalog, provider, model_id)
    if len(catalog.known) > _MEMO_LIMIT:
        catalog.known.clear()
    of_provider = catalog.known.setdefault(provider, {})
    if len(of_provider) > _MEMO_LIMIT:
        of_provider.clear()
    of_provider[model_id] = model
    return model
