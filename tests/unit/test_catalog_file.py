"""The catalogue file of a store: kept whole, never set back, sound when opened."""

from __future__ import annotations

import os
from decimal import Decimal
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

import modeldex
from catalogs import DAY, compiled
from modeldex.bootstrap.compiled import keep_compiled, older, open_compiled
from modeldex.catalog.compile import compile_snapshot
from modeldex.catalog.encode import encode
from modeldex.catalog.snapshot import memory_snapshot
from modeldex.domain.change import Fact
from modeldex.usecases.catalog_file import (
    ORIGIN_BLOCK,
    OWN_BLOCK,
    origin_block,
    own_block,
    read_origin,
    read_own,
)
from stored import Memory

if TYPE_CHECKING:
    from pathlib import Path

D = Decimal
KEY = ("openai", "gpt-4o")
SHIPPED = compiled({KEY: {"pricing": {"input": D("2.5")}, "name": "Shipped"}})
OWN = {KEY: {"pricing.input": Fact(D("1.5"), {"source": "curated", "by": "me"})}}


def file_of(
    revision: int, *, epoch: str = "one", shipped: bytes = SHIPPED, price: str = "1.5"
) -> bytes:
    """Return a catalogue file of a revision."""
    facts = {"pricing": {"input": D(price)}, "sources": {"*": "curated"}}
    origin = {
        "revision": str(revision),
        "epoch": epoch,
        "shipped": memory_snapshot(shipped).digest,
    }
    beside = {OWN_BLOCK: own_block(OWN), ORIGIN_BLOCK: origin_block(origin)}
    return compile_snapshot([encode(*KEY, facts)], {"openai": {}}, origin, beside)


def revision_in(path: Path) -> int | None:
    """Return the revision of the file that is opened."""
    found = open_compiled(str(path))
    return None if found is None else int(read_origin(found)["revision"])


def test_what_people_wrote_is_kept_beside() -> None:
    """The file gives back what it was made of, amounts exactly."""
    found = memory_snapshot(file_of(3))
    assert read_own(found) == OWN
    assert read_origin(found)["revision"] == "3"


def test_the_file_is_never_set_back(tmp_path: Path) -> None:
    """A slower process does not replace a later revision; another epoch does."""
    path = tmp_path / "catalog" / "current.snapshot"
    for revision, wanted in ((2, 2), (5, 5), (4, 5), (6, 6)):
        keep_compiled(file_of(revision), str(path))
        assert revision_in(path) == wanted
    keep_compiled(file_of(1, epoch="two"), str(path))
    assert revision_in(path) == 1
    assert len(older(str(path))) == 3
    assert sorted(n for n in os.listdir(path.parent) if "part" in n or "tmp" in n) == []


@pytest.mark.parametrize("damage", [b"", b"nothing", None])
def test_the_one_before_answers_when_it_is_damaged(
    tmp_path: Path, damage: bytes | None
) -> None:
    """A file that is cut short, foreign or gone is passed over."""
    path = tmp_path / "current.snapshot"
    for revision in (2, 3):
        keep_compiled(file_of(revision), str(path))
    newest = older(str(path))[0]
    for place in (newest, str(path)):
        os.unlink(place)
        if damage is not None:
            with open(place, "wb") as file:
                file.write(damage)
    assert revision_in(path) == 2
    for place in older(str(path)):
        os.unlink(place)
    assert revision_in(path) is None


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a data directory with a catalogue file over a small shipped one."""
    monkeypatch.setenv("MODELDEX_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("MODELDEX_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("MODELDEX_CONFIG", "")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "shipped.snapshot").write_bytes(SHIPPED)
    monkeypatch.setattr(
        "modeldex.bootstrap.PACKAGED", str(tmp_path / "shipped.snapshot")
    )
    path = tmp_path / "data" / "catalog" / "current.snapshot"
    keep_compiled(file_of(2), str(path))
    return tmp_path


def test_the_file_is_what_is_opened(home: Path) -> None:
    """The catalogue file answers in place of the shipped one."""
    registry = modeldex.open()
    assert registry.catalog.snapshot.meta["revision"] == "2"
    assert registry.get_info(*KEY).pricing.input == D("1.5")
    keep_compiled(
        file_of(3, price="1.25"),
        str(home / "data" / "catalog" / "current.snapshot"),
    )
    assert registry.get_info(*KEY).pricing.input == D("1.5")


def test_own_facts_lie_over_a_newer_shipped_catalogue(home: Path) -> None:
    """After an upgrade the shipped facts are today's, with what people wrote on top."""
    newer = compiled({KEY: {"pricing": {"input": D(9), "output": D(8)}, "name": "New"}})
    (home / "shipped.snapshot").write_bytes(newer)
    for _ in range(2):  # compiled, then out of the cache
        found = modeldex.open().get_info(*KEY)
        assert (found.name, found.pricing.input, found.pricing.output) == (
            *("New", D("1.5")),
            D(8),
        )


def test_own_facts_lie_over_yaml(home: Path) -> None:
    """The user's YAML is over the shipped catalogue, what people wrote over both."""
    folder = home / "yaml"
    folder.mkdir()
    text = "provider: openai\nmodels: {gpt-4o: {name: Mine, pricing: {input: 7}}}\n"
    (folder / "openai.yaml").write_text(text)
    for _ in range(2):
        found = modeldex.open(overlays=[folder]).get_info(*KEY)
        assert (found.name, found.pricing.input) == ("Mine", D("1.5"))


def test_a_damaged_file_leaves_the_shipped_catalogue(home: Path) -> None:
    """When no file is sound, what is shipped answers."""
    path = home / "data" / "catalog" / "current.snapshot"
    for place in (str(path), *older(str(path))):
        with open(place, "wb") as file:
            file.write(b"damaged")
    assert modeldex.open().get_info(*KEY).name == "Shipped"


def test_damage_found_later_is_no_wrong_answer(home: Path) -> None:
    """A body that is damaged on the disk is found when it is read."""
    path = home / "data" / "catalog" / "current.snapshot"
    registry = modeldex.open()
    data = bytearray(path.read_bytes())
    place = data.index(b"curated")
    data[place] ^= 1
    with open(path, "r+b") as file:  # the kept one is the same file
        file.write(bytes(data))
    assert registry.get_info(*KEY).pricing.input in (D("1.5"), D("2.5"))
    assert registry.get_info(*KEY).name in ("gpt-4o", "Shipped")


def test_threads_write_and_nothing_is_lost() -> None:
    """Registries that write to one store at once plan again over one another."""
    around = Memory({("p", f"m-{n}"): {"mode": "chat"} for n in range(4)})
    around.registry().edits.set("p/m-0", {"name": "first"}, because="x")
    failed: list[Any] = []

    def write(number: int) -> None:
        registry = around.registry()
        for turn in range(10):
            fields = {f"metadata.t{number}": f"{turn}"}
            try:
                registry.edits.set(f"p/m-{turn % 2}", fields, because="x")
            except Exception as error:  # noqa: BLE001
                failed.append(error)

    threads = [Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    registry = around.registry()
    assert len(registry.revisions.log()) == 2 + 40
    assert registry.revisions.verify() == []
    registry.edits.set("p/m-3", {"name": "last"}, because="x")
    found = registry.get_info("p/m-1").metadata
    assert found == {f"t{number}": 9 for number in range(4)}
    assert registry.catalog.today() == DAY
