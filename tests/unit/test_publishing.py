"""What others follow: formats of a snapshot, manifests, and who follows whom."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest

from catalogs import compiled, random_entries
from format_one import COLUMNS as OLD_COLUMNS
from format_one import OldSnapshot
from modeldex.catalog.formats import COLUMNS_OF, WRITERS, in_formats
from modeldex.catalog.snapshot import FORMAT_VERSION, memory_snapshot
from modeldex.domain.model import COLUMNS
from modeldex.errors import FederationLoopError
from modeldex.usecases.chain import Followed, read_followed, refuse_loop
from modeldex.usecases.publishing import (
    Manifest,
    chosen,
    opened,
    published,
    read_manifest,
    refuse_older,
)
from stored import ENTRIES, GPT, WHY, Memory

ORIGIN = {"id": "abc123", "chain": "d1 e2", "epoch": "e", "revision": "7", "at": "now"}
# the columns of each format: one more, or another order, is another format
FROZEN = {
    1: "1fef3b80797ecb83",
    2: "143a3b9eff2f485f",
}


def digest(columns: Any) -> str:
    """Return a short digest of columns."""
    return sha256(" ".join(columns).encode()).hexdigest()[:16]


def test_columns_belong_to_a_format() -> None:
    """Who adds a column gives the format a number and a writer of the one before."""
    assert max(FROZEN) == FORMAT_VERSION
    assert {v: digest(columns) for v, columns in COLUMNS_OF.items()} == FROZEN
    assert COLUMNS_OF[FORMAT_VERSION] == COLUMNS
    assert set(WRITERS) == {FORMAT_VERSION, FORMAT_VERSION - 1}


@pytest.mark.parametrize("seed", range(4))
def test_the_previous_format_is_read_by_its_reader(seed: int) -> None:
    """Each model is found by its ref and by its row, with the facts that it had."""
    data = compiled(random_entries(seed, 300))
    made = in_formats(data)
    assert made[FORMAT_VERSION] == data
    old, new = OldSnapshot(made[1]), memory_snapshot(data)
    assert old.meta() == new.meta
    places = [COLUMNS.index(name) for name in OLD_COLUMNS]
    for row in range(new.size):
        columns = new.row_columns(row)
        expected = [columns[place] for place in places]
        assert old.row(row) == expected
        assert old.columns(columns[0], columns[1]) == expected
    assert old.columns("p0", "missing") is None
    for name in ("bits", "columns", "refs", "text", "providers"):
        assert old.block(name) == new.block(name)


def publication(**changed: str) -> Any:
    """Publish a small catalogue."""
    return published(compiled(ENTRIES), ORIGIN | changed, version="0.1")


def test_a_manifest_says_who_and_where() -> None:
    """It names each snapshot by hash and size, and reads back as it was."""
    made = publication()
    said = json.loads(made.manifest.as_bytes())
    assert (said["id"], said["chain"], said["revision"]) == ("abc123", ["d1", "e2"], 7)
    assert list(said["snapshots"]) == ["2", "1"]
    for version, row in said["snapshots"].items():
        data = made.files[row["path"]]
        assert row["path"] == f"snapshot/v{version}/{row['sha256']}.snapshot"
        assert row["sha256"] == sha256(data).hexdigest()
        assert row["size"] == len(data)
    manifest = read_manifest(made.manifest.as_bytes())
    assert manifest == made.manifest
    offered = chosen(manifest)
    assert opened(made.files[offered.path], offered, manifest).digest == said["digest"]
    assert publication().etag == made.etag
    assert publication(revision="8").etag != made.etag


def test_publishing_is_deterministic() -> None:
    """The same catalogue gives the same bytes."""
    one, other = (Memory(ENTRIES).registry() for _ in range(2))
    assert one.publication() == other.publication()
    one.edits.disable(GPT, **WHY)
    first = one.publication()
    assert first == one.publication()
    assert first.manifest.revision == 2
    assert first.manifest.id != other.publication().manifest.id
    assert first.manifest.updated_at == "2026-06-15T12:00:00.000+00:00"


def test_the_id_of_a_store_outlives_a_restore() -> None:
    """It is that of the first revision, whatever the epoch is."""
    around = Memory(ENTRIES)
    registry = around.registry()
    registry.edits.disable(GPT, **WHY)
    before = registry.publication().manifest
    assert around.made is not None
    around.made._epoch = "another"
    registry.edits.enable(GPT, **WHY)
    after = registry.publication().manifest
    assert (after.id, after.epoch) == (before.id, "another")


@pytest.mark.parametrize(
    "changed",
    [
        *({"snapshots": value} for value in (None, 5, {"x": {}}, {"2": []})),
        *({"id": value} for value in (None, "", "a b", "x" * 65, 5, "é")),
        *({"chain": value} for value in ("abc", [5], ["a/b"], ["a"] * 65)),
        *({"revision": value} for value in (None, -1, 1.5, True, "7", 2**54)),
        *(
            {"events": value}
            for value in ("", "/x", "a//b", "..", "a?b", "http://x", 5)
        ),
        *({name: 5} for name in ("epoch", "digest", "updated_at", "modeldex")),
        {"epoch": "x\n"},
        {"updated_at": "x" * 201},
    ],
)
def test_a_manifest_from_outside_is_read_strictly(changed: dict[str, Any]) -> None:
    """What is not as it must be is a ValueError, never a crash."""
    said = publication().manifest.as_dict() | changed
    with pytest.raises(ValueError, match=r"\w"):
        read_manifest(json.dumps(said).encode())


@pytest.mark.parametrize(
    "row",
    [
        *({"path": path} for path in ("../x", "/x", "https://x/y", "", "a/./b", "a b")),
        *({"sha256": value} for value in ("", "0" * 63, "G" * 64, 5)),
        *({"size": value} for value in (0, -1, 2**40, "5", True)),
    ],
)
def test_a_snapshot_is_below_the_base(row: dict[str, Any]) -> None:
    """Its path leads nowhere else, its hash is one, its size is bounded."""
    said = publication().manifest.as_dict()
    said["snapshots"]["2"] |= row
    with pytest.raises(ValueError, match=r"\w"):
        read_manifest(json.dumps(said).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"{" * 70_000, b"\xff", b"null"])
def test_what_is_no_manifest(data: bytes) -> None:
    """Bytes of anything else."""
    with pytest.raises(ValueError, match=r"\w"):
        read_manifest(data)


def test_what_is_new_in_a_manifest_is_not_minded() -> None:
    """A later version may say more, and serve formats that are not known here."""
    said = publication().manifest.as_dict() | {"more": {"a": 1}}
    said["snapshots"]["3"] = said["snapshots"]["2"]
    manifest = read_manifest(json.dumps(said).encode())
    assert chosen(manifest) == manifest.snapshots[FORMAT_VERSION]
    later = Manifest(**{name: getattr(manifest, name) for name in manifest.__slots__})
    assert later == manifest


@pytest.mark.parametrize(
    ("epoch", "revision", "refused"),
    [("e", 7, False), ("e", 6, False), ("e", 8, True), ("f", 8, False)],
)
def test_a_revision_goes_down_only_with_another_epoch(
    epoch: str, revision: int, *, refused: bool
) -> None:
    """Within one epoch an earlier revision is somebody's old file."""
    manifest = publication().manifest
    if refused:
        with pytest.raises(ValueError, match="goes back"):
            refuse_older(manifest, epoch, revision)
    else:
        refuse_older(manifest, epoch, revision)


def test_where_a_followed_registry_was_is_remembered() -> None:
    """As one text; anything else is nothing."""
    place = Followed("abc", ("d", "e"), "epoch", 7, '"tag"')
    assert read_followed(place.as_text()) == place
    for text in ("", '"tag"', "[]", "{}", "null", '["a"]', '["a",5,"",1,""]'):
        assert read_followed(text) is None


def test_a_loop_is_named() -> None:
    """By the steps that lead back, each by the beginning of its id."""
    own = {"me000000000"}
    refuse_loop(own, "modeldex:up", "you", ["they", "others"])
    with pytest.raises(FederationLoopError, match="me000000… → you… → they… → me0"):
        refuse_loop(own, "modeldex:up", "you", ["they", "me000000000", "others"])
