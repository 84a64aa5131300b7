"""The packed history: what was served and what was said since 2023, model by model.

Layout, all integers little-endian and unsigned:

    header     64 bytes: magic, format version, size of the whole file, size and
               CRC-32 of the directory, SHA-256 of all that follows the header,
               CRC-32 of the header itself
    blocks     each packed by LZMA (raw, without a container)
               meta      JSON: counts, and the names of sources, kinds, columns, fields
               refs      every ref, sorted; GROUP neighbours are one group
               moments   every time that occurs, as ISO text, sorted: a day, or a time
               texts     what occurs in several groups: values and columns
               served.N  the steps of group N (`catalog.merging.past`)
               said.N    the changes of group N, by source
    directory  a line per block: name, offset, length, length unpacked, CRC-32

A model's timeline takes its group alone: some tens of models. Opening checks size,
version and header, reading a block checks that block, `verify` the whole digest.
"""

from __future__ import annotations

import json
import sys
from array import array
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

from modeldex.domain.change import Change, Fact, typed
from modeldex.errors import SnapshotDamagedError, SnapshotVersionError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from modeldex.catalog.snapshot import Bytes

MAGIC = b"mdxpast\0"
FORMAT = 1
HEADER_SIZE = 64
GROUP = 64  # models
FILTER = {"id": 0x21, "preset": 9, "dict_size": 1 << 22}  # LZMA2
MOST_UNPACKED = 64 << 20  # bytes of a block; more is damage
NONE = 0xFFFF  # in place of a moment


class Served(NamedTuple):
    """The steps of a group, side by side: place in the columns, times, texts."""

    refs: list[str]
    counts: Sequence[int]
    names: Sequence[int]
    starts: Sequence[int]
    seen: Sequence[int]
    texts: Sequence[int]
    flags: Sequence[int]
    words: list[str]


class History:
    """An opened history; immutable. Raises SnapshotDamagedError where it is damaged.

    Raises SnapshotVersionError when another version of modeldex made it.
    """

    def __init__(self, file: Bytes) -> None:
        self._file = file
        header = file.read(0, HEADER_SIZE)
        if len(header) < HEADER_SIZE or not header.startswith(MAGIC):
            raise self._damaged("this is no packed history")
        if crc32(header[:60]) != _u32(header, 60):
            raise self._damaged("the header is damaged")
        if (version := _u32(header, 8)) != FORMAT:
            message = (
                f"{file.path}: history of format {version}, this version reads {FORMAT}"
            )
            raise SnapshotVersionError(message)
        if file.size != int.from_bytes(header[12:20], "little"):
            raise self._damaged("the file is cut short or has bytes too many")
        self.digest = header[28:60].hex()
        length = _u32(header, 20)
        directory = file.read(file.size - length, length)
        if crc32(directory) != _u32(header, 24):
            raise self._damaged("the directory is damaged")
        self._blocks: dict[str, tuple[int, ...]] = {}
        for line in directory.decode().splitlines():
            name, *numbers = line.split(" ")
            self._blocks[name] = tuple(map(int, numbers))
        self.meta: dict[str, Any] = json.loads(self._block("meta"))
        self._moments: list[str] = []
        self._refs: list[str] = []
        self._texts: list[str] = []

    def _damaged(self, what: str) -> SnapshotDamagedError:
        return SnapshotDamagedError(f"{self._file.path}: {what}")

    def _block(self, name: str) -> bytes:
        """Read, check and unpack a block."""
        import lzma

        offset, length, size, checksum = self._blocks[name]
        data = self._file.read(offset, length)
        if len(data) != length or crc32(data) != checksum or size > MOST_UNPACKED:
            raise self._damaged(f"block {name} is damaged")
        unpacker = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[FILTER])
        found = unpacker.decompress(data, size)
        if len(found) != size:
            raise self._damaged(f"block {name} is damaged")
        return found

    def verify(self) -> None:
        """Check the digest of the whole file; raise SnapshotDamagedError."""
        from hashlib import sha256

        content = self._file.read(HEADER_SIZE, self._file.size - HEADER_SIZE)
        if sha256(content).hexdigest() != self.digest:
            raise self._damaged("the digest is not that of the content")

    @property
    def refs(self) -> list[str]:
        """Every ref that is or was, sorted."""
        if not self._refs:
            self._refs = _lines(self._block("refs"))
        return self._refs

    @property
    def moments(self) -> list[str]:
        """Every time that occurs: a day (from its beginning on) or a time, sorted."""
        if not self._moments:
            self._moments = _lines(self._block("moments"))
        return self._moments

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return -(-len(self.refs) // GROUP)

    def place(self, ref: str) -> int | None:
        """Return the place of a ref among the refs, or None."""
        refs = self.refs
        place = bisect_left(refs, ref)
        return place if place < len(refs) and refs[place] == ref else None

    def limit(self, until: str) -> int:
        """Return how many moments are not after a time, as ISO text."""
        return bisect_right(self.moments, until)

    def _words(self, reader: _Reader) -> list[str]:
        """Read the texts of a group: of the common ones by number, then its own."""
        if not self._texts:
            self._texts = self._block("texts").decode().split("\0")
        common = self._texts
        words = [common[number] for number in reader.numbers("I", reader.count())]
        return words + reader.rest().decode().split("\0")

    def served(self, group: int) -> Served:
        """Return the steps of a group."""
        reader = _Reader(self._block(f"served.{group}"))
        refs = self.refs[group * GROUP : (group + 1) * GROUP]
        counts = reader.numbers("H", len(refs))
        many = sum(counts)
        names, flags = reader.numbers("B", many), reader.numbers("B", many)
        starts, seen = reader.numbers("H", many), reader.numbers("H", many)
        texts = reader.numbers("H", many)
        words = self._words(reader)
        return Served(refs, counts, names, starts, seen, texts, flags, words)

    def said(self, group: int) -> Iterator[Change]:
        """Yield the changes of a group's models as the sources told them.

        A change that takes a fact back has no `new`; that a model appeared, is missing
        or came back is one of field "" whose `new` holds the source and no value.
        """
        reader = _Reader(self._block(f"said.{group}"))
        refs = self.refs[group * GROUP : (group + 1) * GROUP]
        counts = reader.numbers("H", len(refs))
        many = sum(counts)
        fields, sources = reader.numbers("H", many), reader.numbers("B", many)
        kinds, observed = reader.numbers("B", many), reader.numbers("H", many)
        effective, new = reader.numbers("H", many), reader.numbers("H", many)
        odd = reader.count()
        places, olds = reader.numbers("I", odd), reader.numbers("H", odd)
        words = self._words(reader)
        stated = dict(zip(places, olds, strict=True))
        table, moments = self.meta, [*self.moments]
        row = 0
        for ref, count in zip(refs, counts, strict=True):
            provider, _, model = ref.partition("/")
            last: dict[tuple[int, int], int] = {}
            for place in range(row, row + count):
                field = table["fields"][fields[place]]
                source = table["sources"][sources[place]]
                key = (sources[place], fields[place])
                old = stated.get(place, last.get(key, 0))
                last[key] = new[place]
                when = effective[place]
                yield Change(
                    provider,
                    model,
                    field,
                    _fact(field, words[old], source) if field else None,
                    _fact(field, words[new[place]], source),
                    kind=table["kinds"][kinds[place]],
                    observed_at=moments[observed[place]],
                    effective_at=None if when == NONE else moments[when],
                )
            row += count

    def changes(self, ref: str) -> list[Change]:
        """Return what the sources said of a model, by source, field and time."""
        place = self.place(ref)
        if place is None:
            return []
        return [change for change in self.said(place // GROUP) if change.ref == ref]


def _fact(field: str, text: str, source: str) -> Fact | None:
    if field and not text:
        return None
    return Fact(typed(field, json.loads(text)) if text else None, source)


class _Reader:
    """Arrays of numbers out of bytes, one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def numbers(self, kind: str, count: int) -> array[int]:
        found = array(kind)
        end = self._place + count * found.itemsize
        found.frombytes(self._data[self._place : end])
        if sys.byteorder == "big":
            found.byteswap()
        self._place = end
        return found

    def count(self) -> int:
        return self.numbers("I", 1)[0]

    def rest(self) -> bytes:
        return self._data[self._place :]


def _lines(data: bytes) -> list[str]:
    return data.decode().split("\n") if data else []


def _u32(data: bytes, offset: int) -> int:
    return int.from_bytes(data[offset : offset + 4], "little")


def moment_text(at: Any) -> str:
    """Write an ISO day or time in the one form that moments sort by.

    A day stays a day; a time becomes UTC, whole seconds: `2025-06-11T05:46:00Z`.
    Raises InvalidInputError.
    """
    from modeldex.domain.moment import read_moment

    moment = read_moment(at)
    if moment.time is None:
        return moment.day
    return moment.time.strftime("%Y-%m-%dT%H:%M:%SZ")
