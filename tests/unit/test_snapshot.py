"""Snapshots: what goes in comes out, equal input gives equal bytes, damage is seen."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest

from catalogs import compiled, random_entries
from damage import check_damage
from modeldex import bootstrap
from modeldex.catalog.encode import encode
from modeldex.catalog.snapshot import (
    FORMAT_VERSION,
    memory_snapshot,
    open_snapshot,
    write_snapshot,
)
from modeldex.errors import SnapshotDamagedError, SnapshotVersionError

if TYPE_CHECKING:
    from pathlib import Path


def test_every_model_is_found_by_name_and_by_row() -> None:
    """The hash table and the rows lead to the same models, and to no other."""
    entries = random_entries(7, 300)
    snapshot = memory_snapshot(compiled(entries))
    snapshot.verify()
    for (provider, name), facts in entries.items():
        columns = snapshot.columns(provider, name)
        assert columns == encode(provider, name, facts)
    rows = {tuple(snapshot.row_columns(row)[:2]) for row in range(300)}
    assert rows == set(entries)
    assert snapshot.columns("p0", "nothing") is None


def test_a_full_page_makes_the_table_larger(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where refs crowd a page of the hash table, more pages are taken."""
    monkeypatch.setattr("modeldex.catalog.compile._PAGE_LOAD", 1_000)
    entries = random_entries(8, 400)
    snapshot = memory_snapshot(compiled(entries))
    assert all(snapshot.columns(*key) for key in entries)
    assert snapshot.columns("p0", "nothing") is None


def test_equal_input_gives_equal_bytes() -> None:
    """The order in which models are given does not matter."""
    entries = random_entries(3)
    shuffled = list(entries.items())
    random.Random(1).shuffle(shuffled)
    assert compiled(entries) == compiled(dict(shuffled))


def test_an_empty_catalogue_is_a_catalogue() -> None:
    """No models at all compile, open and answer."""
    snapshot = memory_snapshot(compiled({}))
    assert snapshot.columns("p", "m") is None
    assert snapshot.meta["models"] == 0


def test_another_format_version_is_refused(tmp_path: Path) -> None:
    """A snapshot of another format is told apart from a damaged one."""
    from zlib import crc32

    data = bytearray(compiled(random_entries(1, 5)))
    data[8:12] = (FORMAT_VERSION + 1).to_bytes(4, "little")
    data[60:64] = crc32(data[:60]).to_bytes(4, "little")
    path = str(tmp_path / "other.snapshot")
    write_snapshot(bytes(data), path)
    with pytest.raises(SnapshotVersionError, match="catalog build"):
        open_snapshot(path)


def test_damage_never_becomes_a_fact() -> None:
    """Flipped bits and cut files give the right answer or the typed error."""
    count = int(os.environ.get("MODELDEX_DAMAGED_SNAPSHOTS", "300"))
    answers = check_damage(compiled(random_entries(5, 40)), count, seed=11)
    assert sum(answers.values()) == count
    assert answers["wrong"] == 0
    assert answers["error"] > 0
    assert answers["right"] > 0


def test_a_file_cut_while_open_is_noticed(tmp_path: Path) -> None:
    """A snapshot that is cut short under an open registry raises, not lies."""
    path = str(tmp_path / "cut.snapshot")
    write_snapshot(compiled(random_entries(2)), path)
    snapshot = open_snapshot(path)
    assert snapshot.columns("p1", "acme/m-1")
    os.truncate(path, 100)
    with pytest.raises(SnapshotDamagedError):
        snapshot.columns("p2", "acme/m-2")


def test_a_damaged_snapshot_gives_way_to_the_packaged_one(tmp_path: Path) -> None:
    """A registry whose file turns out damaged answers from the packaged file."""
    data = bytearray(compiled({("openai", "gpt-4o"): {"context_window": 1}}))
    data[data.index(b"openai\x1fgpt-4o") + 8] ^= 1
    path = tmp_path / "damaged.snapshot"
    path.write_bytes(data)
    registry = bootstrap.open(path)
    packaged = bootstrap.open(overlays=())
    assert registry.get_info("openai/gpt-4o") == packaged.get_info("openai/gpt-4o")


def test_writing_leaves_the_old_file_when_it_fails(tmp_path: Path) -> None:
    """A write that cannot finish leaves no half file behind."""
    folder = tmp_path / "none"
    with pytest.raises(OSError, match="No such file"):
        write_snapshot(b"x", str(folder / "a.snapshot"))
    assert list(tmp_path.iterdir()) == []
