"""The reader of snapshot format 1 as it was, to hold against what is written today.

It is what every modeldex reads that knows no later format: nothing of it may change.
"""

from __future__ import annotations

import json
from array import array
from hashlib import sha256
from typing import Any
from zlib import crc32

COLUMNS = (  # noqa: SIM905
    "provider id name description canonical family mode context_window "
    "max_input_tokens max_output_tokens embedding_dimensions pricing capabilities "
    "capabilities_no capability_parameters input_modalities output_modalities status "
    "release_date knowledge_cutoff deprecation_date open_weights license rate_limits "
    "supported_endpoints updated_at metadata sources"
).split()
HEADER, BODY = 64, 12


class OldSnapshot:
    """A snapshot of format 1."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        header = data[:HEADER]
        assert header[:8] == b"modeldex"
        assert crc32(header[:60]) == number(header, 60)
        assert number(header, 8) == 1
        assert len(data) == int.from_bytes(header[12:20], "little")
        length = number(header, 20)
        directory = data[-length:]
        assert crc32(directory) == number(header, 24)
        assert sha256(data[HEADER:]).digest() == header[28:60]
        self.blocks: dict[str, tuple[int, int, int]] = {}
        for line in directory.decode().splitlines():
            name, *place = line.split(" ")
            start, size, checksum = map(int, place)
            self.blocks[name] = start, size, checksum
        self._bodies = self.blocks["bodies"][0]

    def block(self, name: str) -> bytes:
        """Return a block, checked."""
        start, size, checksum = self.blocks[name]
        found = self._data[start : start + size]
        assert crc32(found) == checksum
        return found

    def meta(self) -> Any:
        """Return the facts of the whole."""
        return json.loads(self.block("meta"))

    def columns(self, provider: str, model_id: str) -> list[str] | None:
        """Return a model's columns; None where it is not here."""
        slots = array("I", self.block("slots"))
        wrap = len(slots) - 1
        place = crc32(f"{provider}/{model_id}".encode()) & wrap
        while offset := slots[place]:
            columns = self._body(offset)
            if columns[:2] == [provider, model_id]:
                return columns
            place = place + 1 & wrap
        return None

    def row(self, row: int) -> list[str]:
        """Return the columns of a row."""
        return self._body(array("I", self.block("offsets"))[row])

    def _body(self, offset: int) -> list[str]:
        data = self._data[offset + self._bodies :]
        end = BODY + number(data, 8)
        assert crc32(data[4:end]) == number(data, 0)
        return data[BODY:end].decode().split("\x1f")


def number(data: bytes, offset: int) -> int:
    """Return an unsigned number of 32 bits."""
    return int.from_bytes(data[offset : offset + 4], "little")
