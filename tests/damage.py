"""Damage snapshots in every way and see that no wrong fact is ever served."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

from modeldex.catalog import Catalog
from modeldex.catalog.query import Query
from modeldex.catalog.snapshot import memory_snapshot
from modeldex.errors import SnapshotDamagedError, SnapshotVersionError

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = "2026-06-15"
QUERIES = (
    "",
    "vision min_context:8k max_input:5 sort:input limit:5",
    "no:audio_input mode:chat sort:-context",
    "status:any text:m-1 released_after:2025",
)


def answers_of(data: bytes) -> list[object]:
    """Return the answers to a fixed list of questions."""
    catalog = Catalog(memory_snapshot(data), lambda: DAY)
    found: list[object] = []
    for text in QUERIES:
        rows = catalog.rows(Query.parse(text))
        found.append([catalog.refs[row] for row in rows])
        found.append([model.as_dict() for model in catalog.models(rows[:3])])
    for provider, name in (("p1", "acme/m-1"), ("p2", "acme/m-2"), ("p0", "none")):
        model = catalog.get(provider, name)
        found.append(model and model.as_dict())
    found.append(catalog.snapshot.providers)
    return found


def flip_bit(data: bytes, draw: random.Random) -> bytes:
    """Flip one bit anywhere."""
    place = draw.randrange(len(data))
    changed = bytearray(data)
    changed[place] ^= 1 << draw.randrange(8)
    return bytes(changed)


def overwrite(data: bytes, draw: random.Random) -> bytes:
    """Overwrite up to 64 bytes with noise."""
    place = draw.randrange(len(data))
    noise = draw.randbytes(draw.randint(1, 64))
    return (data[:place] + noise + data[place + len(noise) :])[: len(data)]


def truncate(data: bytes, draw: random.Random) -> bytes:
    """Cut the end off."""
    return data[: draw.randrange(len(data))]


def extend(data: bytes, draw: random.Random) -> bytes:
    """Append noise."""
    return data + draw.randbytes(draw.randint(1, 64))


def swap(data: bytes, draw: random.Random) -> bytes:
    """Exchange two ranges of equal length."""
    length = draw.randint(1, 64)
    one, two = sorted(draw.sample(range(0, len(data) - length, length), 2))
    return (
        data[:one]
        + data[two : two + length]
        + data[one + length : two]
        + data[one : one + length]
        + data[two + length :]
    )


def other_version(data: bytes, draw: random.Random) -> bytes:
    """Write another format version, with or without a matching checksum."""
    from zlib import crc32

    changed = bytearray(data)
    changed[8:12] = draw.randrange(2, 2**32).to_bytes(4, "little")
    if draw.random() < 0.5:
        changed[60:64] = crc32(changed[:60]).to_bytes(4, "little")
    return bytes(changed)


KINDS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    flip_bit,
    flip_bit,
    overwrite,
    truncate,
    extend,
    swap,
    other_version,
)


def check_damage(data: bytes, count: int, seed: int) -> Counter[str]:
    """Count right answers, typed errors and wrong answers over damaged copies."""
    draw = random.Random(seed)
    right = answers_of(data)
    found: Counter[str] = Counter(right=0, error=0, wrong=0)
    for number in range(count):
        damaged = KINDS[number % len(KINDS)](data, draw)
        try:
            given = answers_of(damaged)
        except (SnapshotDamagedError, SnapshotVersionError):
            found["error"] += 1
        else:
            found["right" if given == right else "wrong"] += 1
    return found
