"""What a store knows beyond the packed history: its changes, packed in chunks.

They stand in the catalogue file, so that one rename publishes both. A chunk holds up
to CHUNK changes of a stretch of revisions, sorted by ref; the block `later` lists the
chunks with the refs, revisions and times between which they lie. One model's changes
take the chunks of its name, a span of days those of its days. FAN small segments are
joined into a large one, so that there are few of them however much was written.

A chunk is text, deflated: a line per change with ref, number of the revision, layer,
time, and the rest as JSON.
"""

from __future__ import annotations

import json
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple
from zlib import compress, decompress

from modeldex.catalog.history import moment_text
from modeldex.domain.change import (
    OWN,
    Change,
    dump_fact,
    dump_plain,
    read_fact,
)
from modeldex.domain.moment import read_moment
from modeldex.domain.ref import split_ref

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    Row = tuple[int, Change]  # number of the revision
    Line = tuple[str, int, str]  # ref, number of the revision, the line

BLOCK = "later"
CHUNK = 512  # changes
SEGMENT = 2_048  # changes from which on a small segment is closed
FAN = 16  # closed small segments that become a large one
_KEPT = 64  # chunks kept unpacked
_OPEN, _SMALL, _LARGE = "open", "small", "large"


class Chunk(NamedTuple):
    """Where changes are: of which refs, revisions and times."""

    name: str
    level: str
    rows: int
    own: int  # of them written by hand
    first_revision: int
    last_revision: int
    since: str
    until: str
    first: str
    last: str


def exact_text(at: object) -> str:
    """Write a day or a time so that texts sort by time: `2025-06-11T05:46:00.5…Z`."""
    moment = read_moment(at)
    if moment.time is None:
        return moment.day
    return moment.time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Later:
    """Changes of a store after the shipped catalogue, as of a revision.

    `baseline` is the last revision that held a shipped catalogue.
    """

    def __init__(
        self,
        chunks: Sequence[Chunk] = (),
        read: Callable[[str], bytes] | None = None,
        *,
        baseline: int = 0,
        until: int | None = None,
    ) -> None:
        self.baseline = baseline
        self._chunks = chunks
        self._read = read
        self._until = until
        self._texts: dict[str, str] = {}

    def _text(self, chunk: Chunk) -> str:
        found = self._texts.get(chunk.name)
        if found is None:
            assert self._read is not None  # noqa: S101  # where there are chunks
            found = decompress(self._read(chunk.name)).decode()
            if len(self._texts) >= _KEPT:
                del self._texts[next(iter(self._texts))]
            self._texts[chunk.name] = found
        return found

    def as_of(self, revision: int) -> Later:
        """Return what was known at a revision."""
        found = Later(self._chunks, self._read, baseline=self.baseline, until=revision)
        found._texts = self._texts
        return found

    def of(self, ref: str) -> list[Row]:
        """Return the changes of a model, in their order."""
        found = []
        for chunk in self._chunks:
            if not chunk.first <= ref <= chunk.last:
                continue
            text, start = self._text(chunk), f"{ref}\t"
            place = 0 if text.startswith(start) else text.find(f"\n{start}") + 1
            while text.startswith(start, place):
                end = text.find("\n", place)
                found.append(_read_line(text[place:end]))
                place = end + 1
        return self._known(found)

    def between(
        self, since: str, until: str = "~", *, own: bool = False
    ) -> Iterator[Row]:
        """Yield what was seen from one time to another, `own`: by hand, by revision.

        Times are as `moment_text` writes them, and those of a day after it.
        """
        found = []
        for chunk in self._chunks:
            if chunk.until < since or chunk.since > until or (own and not chunk.own):
                continue
            for line in self._text(chunk).splitlines():
                _, _, layer, seen, _ = line.split("\t", 4)
                if since <= seen <= until and (not own or layer == OWN):
                    found.append(_read_line(line))
        yield from self._known(found)

    def _known(self, rows: list[Row]) -> list[Row]:
        rows.sort(key=itemgetter(0))
        if self._until is None:
            return rows
        return [row for row in rows if row[0] <= self._until]


def read_later(block: Callable[[str], bytes]) -> Later:
    """Open what a catalogue file holds; raises KeyError where it holds nothing."""
    head, *lines = block(BLOCK).decode().splitlines()
    chunks = [_read_chunk(line) for line in lines]
    return Later(chunks, block, baseline=int(head))


def _read_chunk(line: str) -> Chunk:
    name, level, rows, own, first, last, *rest = line.split("\t")
    return Chunk(name, level, int(rows), int(own), int(first), int(last), *rest)


class LaterPack:
    """Changes as they come, packed; what is packed once is not packed again."""

    def __init__(self, block: Callable[[str], bytes] | None = None) -> None:
        self._chunks: list[Chunk] = []
        self._data: dict[str, bytes] = {}
        self._open: list[Line] = []
        self._number = self._last = 0
        self.baseline = 0
        if block is not None:
            self._take(read_later(block), block)

    def _take(self, later: Later, block: Callable[[str], bytes]) -> None:
        self.baseline = later.baseline
        for chunk in later._chunks:  # noqa: SLF001  # its own kind
            data = block(chunk.name)
            self._last = max(self._last, chunk.last_revision)
            self._number = max(self._number, int(chunk.name.partition(".")[2]) + 1)
            if chunk.level == _OPEN:
                self._open += _lines_in(data)
            else:
                self._chunks.append(chunk)
                self._data[chunk.name] = data
        self._open.sort(key=itemgetter(1))

    def add(self, number: int, changes: Iterable[Change]) -> None:
        """Take in the changes of a revision, in the order of revisions; once each."""
        if number <= self._last:
            return
        self._last = number
        for change in changes:
            self._open.append((change.ref, number, _line(number, change)))
        if len(self._open) >= SEGMENT:
            self._close(self._open, _SMALL)
            self._open = []
            small = [chunk for chunk in self._chunks if chunk.level == _SMALL]
            if sum(chunk.rows for chunk in small) >= SEGMENT * FAN:
                lines = [x for c in small for x in _lines_in(self._data.pop(c.name))]
                kept = [chunk for chunk in self._chunks if chunk.level != _SMALL]
                self._chunks = kept
                lines.sort(key=itemgetter(1))
                self._close(lines, _LARGE)

    def _close(self, lines: list[Line], level: str) -> None:
        for chunk, data in self._packed(lines, level):
            self._chunks.append(chunk)
            self._data[chunk.name] = data

    def _packed(self, lines: list[Line], level: str) -> Iterator[tuple[Chunk, bytes]]:
        lines = sorted(lines, key=itemgetter(0))  # stable: by revision, too
        for start in range(0, len(lines), CHUNK):
            part = lines[start : start + CHUNK]
            split = [line.split("\t", 4) for _, _, line in part]
            numbers, seen = [line[1] for line in part], [row[3] for row in split]
            chunk = Chunk(
                name=f"{BLOCK}.{self._number}",
                level=level,
                rows=len(part),
                own=sum(row[2] == OWN for row in split),
                first_revision=min(numbers),
                last_revision=max(numbers),
                since=min(seen),
                until=max(seen),
                first=part[0][0],
                last=part[-1][0],
            )
            self._number += 1
            yield chunk, compress("".join(f"{r[2]}\n" for r in part).encode(), 6)

    def blocks(self) -> dict[str, bytes]:
        """Return the blocks of a catalogue file."""
        number = self._number
        newest = dict(self._packed(self._open, _OPEN))
        self._number = number  # what is open is packed anew with the next one
        chunks = [*self._chunks, *newest]
        lines = [str(self.baseline), *("\t".join(map(str, c)) for c in chunks)]
        found = {BLOCK: "\n".join(lines).encode(), **self._data}
        return found | {chunk.name: data for chunk, data in newest.items()}

    def copied(self) -> LaterPack:
        """Return what is known so far, whatever is added from now on."""
        found = LaterPack()
        found._chunks, found._data = [*self._chunks], {**self._data}
        found._open, found._number = [*self._open], self._number
        found._last, found.baseline = self._last, self.baseline
        return found

    def read(self) -> Later:
        """Open what is known so far."""
        found: Mapping[str, bytes] = self.blocks()
        return read_later(found.__getitem__)


def _lines_in(data: bytes) -> Iterator[Line]:
    for line in decompress(data).decode().splitlines():
        ref, number, _ = line.split("\t", 2)
        yield ref, int(number), line


def _line(number: int, change: Change) -> str:
    rest = dump_plain(
        [
            change.field,
            dump_fact(change.old),
            dump_fact(change.new),
            change.kind,
            change.observed_at,
            change.effective_at,
        ]
    )
    seen = moment_text(change.observed_at)
    return f"{change.ref}\t{number}\t{change.layer}\t{seen}\t{rest}"


def _read_line(line: str) -> Row:
    ref, number, layer, _, rest = line.split("\t", 4)
    field, old, new, kind, observed, effective = json.loads(rest)
    provider, model = split_ref(ref)
    change = Change(
        *(provider, model, field, read_fact(field, old), read_fact(field, new)),
        kind=kind,
        layer=layer,
        observed_at=observed,
        effective_at=effective,
    )
    return int(number), change
