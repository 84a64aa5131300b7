"""Facts in, bytes of a snapshot out: a pure function of its arguments.

Rows are ordered by input price (then output price, then ref; models without a
price come last), so that a price bound is a prefix of rows and cheapest first is
free. Every other ordered fact is a column: its distinct values, the rank of each
row, and the ranks bit by bit (a bit-sliced index: a bound is then a dozen
operations on whole bitsets, whatever the number of rows).
"""

from __future__ import annotations

import json
import sys
from array import array
from collections import defaultdict
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from zlib import crc32

from modeldex.catalog import PAGE_SLOTS, slot_of
from modeldex.catalog.dated import dated_block
from modeldex.catalog.encode import amount_of, decimal_text
from modeldex.catalog.snapshot import (
    BODY_HEADER_SIZE,
    FORMAT_VERSION,
    HEADER_SIZE,
    MAGIC,
)
from modeldex.domain.lifecycle import first_day
from modeldex.domain.model import COLUMNS, SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Facts = Mapping[str, Any]
    Columns = Sequence[str]

ORDERED = (
    "ref",
    "input",
    "output",
    "context",
    "max_input_tokens",
    "max_output_tokens",
    "released",
    "deprecated",
)
_BODIES_MARK = b"bodies\n\0"
_PAGE_LOAD = 40  # slots of a page that are used, at most, on average
# for each bit, what makes of a byte its digit there
_DIGITS = [
    bytes(ord("0") + (byte >> bit & 1) for byte in range(256)) for bit in range(8)
]
_PLACE = {column: place for place, column in enumerate(COLUMNS)}


class Blocks:
    """Named blocks of bytes, and the directory that says where they are."""

    def __init__(self) -> None:
        self.data: list[tuple[str, bytes]] = []

    def add(self, name: str, data: bytes) -> None:
        """Put a block behind the others."""
        self.data.append((name, data))

    def add_items(self, name: str, items: Mapping[str, bytes]) -> None:
        """Put a block of named parts, and their directory."""
        lines = []
        offset = 0
        for item, data in items.items():
            lines.append(f"{item} {offset} {len(data)} {crc32(data)}\n")
            offset += len(data)
        self.add(name, b"".join(items.values()))
        self.add(f"{name}.items", "".join(lines).encode())

    def assemble(self, version: int = FORMAT_VERSION) -> bytes:
        """Lay a header, the blocks and their directory out."""
        lines = []
        offset = HEADER_SIZE
        for name, data in self.data:
            lines.append(f"{name} {offset} {len(data)} {crc32(data)}\n")
            offset += len(data)
        directory = "".join(lines).encode()
        content = b"".join(data for _, data in self.data) + directory
        header = MAGIC + _u32(version)
        header += (HEADER_SIZE + len(content)).to_bytes(8, "little")
        header += _u32(len(directory)) + _u32(crc32(directory))
        header += sha256(content).digest()
        return header + _u32(crc32(header)) + content


def _u32(number: int) -> bytes:
    return number.to_bytes(4, "little")


def ordered_fact(columns: Columns, name: str) -> Any:
    """Return a fact of one model that has an order, by its column's name, or None."""
    if name == "ref":
        return f"{columns[0]}/{columns[1]}"
    if name in ("input", "output"):
        return amount_of(columns[_PLACE["pricing"]], name)
    if name == "released":
        text = columns[_PLACE["release_date"]]
        return first_day(text) if text else None
    if name == "deprecated":
        return columns[_PLACE["deprecation_date"]] or None
    text = columns[_PLACE["context_window" if name == "context" else name]]
    return int(text) if text else None


def _ordered_facts(columns: Columns) -> dict[str, Any]:
    """Return the facts of one model that have an order, by column name."""
    return {name: ordered_fact(columns, name) for name in ORDERED}


def row_order(facts: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what rows are ordered by: input price, output price, ref."""
    price, output = facts["input"], facts["output"]
    return (price is None, price or 0, output is None, output or 0, facts["ref"])


def column_items(name: str, values: Sequence[Any]) -> dict[str, bytes]:
    """Return a column: distinct values, ranks (0 is unknown), ranks bit by bit."""
    distinct = sorted({value for value in values if value is not None})
    rank_of: dict[Any, int] = {value: i for i, value in enumerate(distinct, 1)}
    ranks = [0 if value is None else rank_of[value] for value in values]
    texts = [decimal_text(v) if isinstance(v, Decimal) else str(v) for v in distinct]
    column = {f"{name}.ranks": _numbers(ranks)}
    if name == "ref":
        return column
    column[f"{name}.values"] = "\n".join(texts).encode()
    planes = [bytes([rank >> shift & 255 for rank in ranks]) for shift in (0, 8, 16)]
    for bit in range(len(distinct).bit_length()):
        digits = planes[bit >> 3].translate(_DIGITS[bit & 7])[::-1]
        rows = int(digits or b"0", 2)
        column[f"{name}.bit{bit}"] = rows.to_bytes((len(values) + 7) // 8, "little")
    return column


def _numbers(numbers: Iterable[int]) -> bytes:
    found = array("I", numbers)
    if sys.byteorder == "big":
        found.byteswap()
    return found.tobytes()


def bitset(rows: Iterable[int], size: int) -> bytes:
    """Return a set of rows as bytes, the first row in the lowest bit."""
    bits = bytearray((size + 7) // 8)
    for row in rows:
        bits[row >> 3] |= 1 << (row & 7)
    return bytes(bits)


# start of the sets' names -> place of the column whose words name them
SET_PLACES = {
    start: _PLACE[column]
    for start, column in (
        ("mode", "mode"),
        ("yes", "capabilities"),
        ("no", "capabilities_no"),
        ("input", "input_modalities"),
        ("output", "output_modalities"),
        ("status", "status"),
        ("open_weights", "open_weights"),
    )
}


def words_of(start: str, text: str) -> list[str]:
    """Return the words by which a column's text names sets."""
    if start == "mode":
        return [text or "chat"]
    if start == "open_weights":
        return [] if not text else ["yes" if text == "1" else "no"]
    return text.split()


def _memberships(columns: Columns) -> Iterable[str]:
    """Name every set that a model is in."""
    yield f"provider:{columns[0]}"
    for start, place in SET_PLACES.items():
        for word in words_of(start, columns[place]):
            yield f"{start}:{word}"


def _add_bodies(blocks: Blocks, models: Sequence[Columns]) -> None:
    """Add the bodies, the offset of each row, and the hash table of refs."""
    offsets = add_rows(blocks, models)
    refs = [f"{columns[0]}/{columns[1]}" for columns in models]
    blocks.add("slots", _slots(dict(zip(refs, offsets, strict=True))))


def add_rows(blocks: Blocks, models: Sequence[Columns]) -> list[int]:
    """Add the bodies and the offset of each row; return these.

    Offsets count from the beginning of the block; none is 0, an empty slot.
    """
    bodies = [_BODIES_MARK]
    offsets: list[int] = []
    offset = len(_BODIES_MARK)
    for row, columns in enumerate(models):
        text = SEPARATOR.join(columns).encode()
        rest = _u32(row) + _u32(len(text)) + text
        bodies.append(_u32(crc32(rest)) + rest)
        offsets.append(offset)
        offset += BODY_HEADER_SIZE + len(text)
    blocks.add("bodies", b"".join(bodies))
    blocks.add("offsets", b"".join(map(_u32, offsets)))
    return offsets


def _slots(offsets: Mapping[str, int]) -> bytes:
    """Return the hash table: pages of slots, each of which leaves one slot empty."""
    pages = 1 << (len(offsets) // _PAGE_LOAD).bit_length()
    while True:
        table = [[0] * PAGE_SLOTS for _ in range(pages)]
        for ref, offset in offsets.items():
            number, place = slot_of(ref, pages)
            page = table[number]
            while page[place]:
                place = (place + 1) % PAGE_SLOTS
            page[place] = offset
            if 0 not in page:
                break  # a search for what is not there would not end
        else:
            break
        pages *= 2
    checked = []
    for number, page in enumerate(table):
        data = b"".join(map(_u32, page))
        checked.append(_u32(crc32(data, number)) + data)
    return b"".join(checked)


def compile_snapshot(
    models: Iterable[Columns],
    providers: Mapping[str, Facts],
    meta: Mapping[str, Any],
    beside: Mapping[str, bytes] | None = None,
) -> bytes:
    """Compile models into the bytes of a snapshot.

    A model is its columns (`catalog.encode`); a pair of provider and id occurs
    once. Equal arguments give equal bytes. `beside` holds blocks of the caller's own.
    """
    given = list(models)
    found = [_ordered_facts(columns) for columns in given]
    order = sorted(range(len(given)), key=lambda place: row_order(found[place]))
    ordered = [given[place] for place in order]
    facts = [found[place] for place in order]
    blocks = Blocks()
    sizes = _add_index(blocks, ordered, facts)
    listed = {
        provider: {**providers[provider], "models": sizes.get(provider, 0)}
        for provider in sorted(providers)
    }
    counts = {"models": len(ordered), "providers": len(listed)}
    texts = [(c[_PLACE["pricing"]], c[_PLACE["rates"]]) for c in ordered]
    blocks.add("dated", dated_block(texts))
    blocks.add("providers", _json(listed))
    blocks.add("meta", _json({**meta, **counts}))
    for name, data in (beside or {}).items():
        blocks.add(name, data)
    _add_bodies(blocks, ordered)
    return blocks.assemble()


def _add_index(
    blocks: Blocks, ordered: Sequence[Columns], facts: Sequence[Mapping[str, Any]]
) -> dict[str, int]:
    """Add what queries are answered from; return the number of models by provider."""
    sets: dict[str, list[int]] = defaultdict(list)
    for row, columns in enumerate(ordered):
        for name in _memberships(columns):
            sets[name].append(row)
    blocks.add_items(
        "bits", {n: bitset(rows, len(ordered)) for n, rows in sorted(sets.items())}
    )
    items: dict[str, bytes] = {}
    for name in ORDERED:
        items |= column_items(name, [fact[name] for fact in facts])
    blocks.add_items("columns", items)
    blocks.add("refs", "\n".join(fact["ref"] for fact in facts).encode())
    for name in ("canonical", "family"):
        lines = (columns[_PLACE[name]] for columns in ordered)
        blocks.add(name, "\n".join(lines).encode())
    texts = (f"{c[0]}/{c[1]} {c[_PLACE['name']]}".lower() for c in ordered)
    blocks.add("text", "\n".join(texts).encode())
    start = "provider:"
    return {n[len(start) :]: len(r) for n, r in sets.items() if n.startswith(start)}


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str).encode()
