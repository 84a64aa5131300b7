"""Snapshots in the format before this one, for readers that are not upgraded yet.

A service and a site hand out their catalogue in today's format and in the previous
one. `WRITERS` says how the bytes of each are made of today's. Who changes what a
reader must know (the layout, the columns of a model, what a column's text means) adds
one to `FORMAT_VERSION`, and a writer of what was; the oldest one may then go.

format 1   28 columns of a model; one flat hash table of refs
format 2   35 columns; the table of refs is in pages with a checksum each
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING
from zlib import crc32

from modeldex.catalog.compile import Blocks, add_rows
from modeldex.catalog.snapshot import FORMAT_VERSION, memory_snapshot
from modeldex.domain.model import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# what a model consists of, in its order, by format
COLUMNS_OF: Mapping[int, Sequence[str]] = {
    1: (  # noqa: SIM905
        "provider id name description canonical family mode context_window "
        "max_input_tokens max_output_tokens embedding_dimensions pricing capabilities "
        "capabilities_no capability_parameters input_modalities output_modalities "
        "status release_date knowledge_cutoff deprecation_date open_weights license "
        "rate_limits supported_endpoints updated_at metadata sources"
    ).split(),
    2: COLUMNS,
}
# blocks that are laid out anew, behind all others
_ROWS = ("bodies", "offsets", "slots")


def _as_it_is(data: bytes) -> bytes:
    return data


def _in_format_1(data: bytes) -> bytes:
    """Leave out the columns that format 1 has not, and lay the table of refs flat.

    Blocks beside the catalogue stay: a reader does not look at those it does not know.
    """
    snapshot = memory_snapshot(data)
    places = [COLUMNS.index(column) for column in COLUMNS_OF[1]]
    rows = snapshot.rows_columns(list(range(snapshot.size)))
    models = [[columns[place] for place in places] for columns in rows]
    blocks = Blocks()
    for name in snapshot.names:
        if name not in _ROWS:
            blocks.add(name, snapshot.block(name))
    offsets = add_rows(blocks, models)
    size = 1 << (len(models) * 5 // 4).bit_length()
    slots = array("I", bytes(4 * size))
    for columns, offset in zip(models, offsets, strict=True):
        place = crc32(f"{columns[0]}/{columns[1]}".encode()) & size - 1
        while slots[place]:
            place = place + 1 & size - 1
        slots[place] = offset
    blocks.add("slots", b"".join(slot.to_bytes(4, "little") for slot in slots))
    return blocks.assemble(1)


# format -> what makes its bytes of those of today's format
WRITERS: Mapping[int, Callable[[bytes], bytes]] = {
    FORMAT_VERSION: _as_it_is,
    1: _in_format_1,
}


def in_formats(data: bytes) -> dict[int, bytes]:
    """Return a snapshot in today's format and in the previous one, by the format."""
    return {version: write(data) for version, write in WRITERS.items()}
