"""The registry as plain files: whole, typed, the same bytes, never half."""

from __future__ import annotations

import hashlib
import json
import threading
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

import modeldex
from modeldex.cli.export_site import site_command
from modeldex.domain.provider import FACTS
from modeldex.domain.record import RECORD_KEYS
from modeldex.errors import InvalidInputError
from modeldex.usecases import site_folder
from modeldex.usecases.exports import FORMATS
from modeldex.usecases.publishing import read_manifest
from modeldex.usecases.timeline import Timeline
from modeldex.usecases.typescript import (
    SHAPES,
    By,
    Many,
    Maybe,
    OneOf,
    Words,
    type_definitions,
)
from sites import Site
from stored import ENTRIES, GPT, WHY, Memory

if TYPE_CHECKING:
    from modeldex.registry import Registry

D = Decimal
ODD = {
    ("acme", "@cf/org/model:free"): {"context_window": 5_000},
    ("acme", "a.json/b"): {"context_window": 6_000},
    ("acme", "x*y"): {"pricing": {"input": D("0.00000005"), "output": D("1E+1")}},
}


class NoPast:
    """No packed history: what the store knows is all."""

    def timeline(self) -> Timeline:
        """Return nothing."""
        return Timeline(None)

    def beyond(self, snapshot: Any) -> None:
        """Return nothing beside the store's own."""

    def over(self, key: Any, facts: Any) -> Any:
        """Lay nothing over facts."""
        del key
        return facts


@pytest.fixture
def registry() -> Registry:
    """Return a registry with odd ids and an edit."""
    found = Memory({**ENTRIES, **ODD}).registry()
    found._past = NoPast
    found.edits.set(GPT, {"pricing.input": D(2)}, **WHY)
    return found


def files_of(folder: Path) -> dict[str, bytes]:
    """Return all files of a folder, by their paths in it."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def read(folder: Path, path: str) -> Any:
    """Read a JSON file, with amounts as they are written."""
    return json.loads((folder / path).read_text(), parse_float=D)


def test_a_site_holds_everything(registry: Registry, tmp_path: Path) -> None:
    """Whole, by provider, by model; history, feeds, types and digests."""
    report = registry.site(str(tmp_path))
    files = files_of(tmp_path)
    assert (report.written, report.same, report.removed) == (len(files), 0, 0)
    models = registry.find(status="any")
    whole = read(tmp_path, "catalog.json")
    assert [record["ref"] for record in whole["models"]] == [m.ref for m in models]
    assert whole["digest"] == report.digest
    record = read(tmp_path, "models/openai/gpt-4o.json")
    assert record == next(r for r in whole["models"] if r["ref"] == GPT)
    assert record["pricing"]["input"] == 2
    of_openai = read(tmp_path, "providers/openai.json")
    assert record in of_openai["models"]
    assert of_openai["provider"] in read(tmp_path, "providers.json")
    history = read(tmp_path, "history/openai/gpt-4o.json")
    assert history["changes"][-1]["field"] == "pricing.input"
    assert history["changes"][-1]["new"] == 2
    assert {"feeds/changes.atom", "feeds/openai.atom", "modeldex.d.ts"} < set(files)
    assert ET.fromstring(files["feeds/openai.atom"]).tag.endswith("feed")
    assert files["export/models.dev/api.json"] == files["export/models.dev.json"]


def test_odd_ids_are_paths(registry: Registry, tmp_path: Path) -> None:
    """As they are, but for what no path may hold; amounts in plain digits."""
    registry.site(str(tmp_path))
    for provider, model in ODD:
        place = model.replace("*", "%2A")
        path = f"models/{provider}/{place}.json"
        assert read(tmp_path, path)["id"] == model
    text = (tmp_path / "models/acme/x%2Ay.json").read_text()
    assert '"input":0.00000005,"output":10,' in text


def test_digests_are_of_all_files(registry: Registry, tmp_path: Path) -> None:
    """SHA256SUMS names each file but itself, the manifest and what is named by hash."""
    registry.site(str(tmp_path))
    files = files_of(tmp_path)
    lines = files.pop("SHA256SUMS").decode().splitlines()
    named = dict(line.split("  ")[::-1] for line in lines)
    for path, digest in named.items():
        assert hashlib.sha256(files.pop(path)).hexdigest() == digest
    assert {path.partition("/")[0] for path in files} == {"snapshot", "modeldex.json"}
    for path in files:
        if path != "modeldex.json":
            assert hashlib.sha256(files[path]).hexdigest() == Path(path).stem


def test_a_site_is_deterministic(registry: Registry, tmp_path: Path) -> None:
    """The same catalogue gives the same bytes; what is the same is not written."""
    registry.site(str(tmp_path / "one"))
    registry.site(str(tmp_path / "other"))
    assert files_of(tmp_path / "one") == files_of(tmp_path / "other")
    again = registry.site(str(tmp_path / "one"))
    assert (again.written, again.removed) == (0, 0)
    registry.edits.set(GPT, {"pricing.input": D(3)}, **WHY)
    third = registry.site(str(tmp_path / "one"))
    # snapshots, manifest, digests, catalog, provider, model, history, and feeds
    assert 8 <= third.written <= 13 + len(FORMATS)


def test_a_site_is_followed(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`modeldex.open(URL)` reads it like a service."""
    monkeypatch.setenv("MODELDEX_CACHE_DIR", str(tmp_path / "cache"))
    registry.site(str(tmp_path / "site"))
    with Site() as served:
        served.files = files_of(tmp_path / "site")
        with modeldex.open(served.url, every=30) as mirror:
            assert mirror.get_info(GPT).as_dict() == registry.get_info(GPT).as_dict()
            mirror.site(str(tmp_path / "again"))
    for name in ("modeldex.json", "models/openai/gpt-4o.json"):
        one, other = tmp_path / "site" / name, tmp_path / "again" / name
        assert one.read_bytes() == other.read_bytes()


def test_what_is_gone_is_removed(registry: Registry, tmp_path: Path) -> None:
    """A model that is no more has no file; other files of the folder stay."""
    (tmp_path / "index.html").write_text("ours")
    (tmp_path / ".nojekyll").write_text("")
    registry.edits.add("acme/ours", {"context_window": 5}, **WHY)
    registry.site(str(tmp_path))
    registry.edits.remove("acme/ours", **WHY)
    gone = tmp_path / "export" / "models.xml"  # of a format that is no more made
    gone.write_text("")
    report = registry.site(str(tmp_path))
    assert report.removed == 3
    assert not (tmp_path / "models/acme/ours.json").exists()
    assert not gone.exists()
    assert (tmp_path / "index.html").read_text() == "ours"


def test_the_last_snapshots_stay(registry: Registry, tmp_path: Path) -> None:
    """Who has read an earlier manifest still finds what it names, for a while."""
    named = []
    for price in range(1, 7):
        registry.edits.set(GPT, {"pricing.input": D(price)}, **WHY)
        registry.site(str(tmp_path), history=False)
        manifest = read_manifest((tmp_path / "modeldex.json").read_bytes())
        named.append([offered.path for offered in manifest.snapshots.values()])
        there = {path for path in files_of(tmp_path) if path.startswith("snapshot/")}
        assert there == {path for paths in named[-3:] for path in paths}


def test_a_folder_of_something_else_is_refused(
    registry: Registry, tmp_path: Path
) -> None:
    """Nothing of it is removed."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "thesis.txt").write_text("mine")
    with pytest.raises(InvalidInputError, match="no site of modeldex"):
        registry.site(str(tmp_path))
    assert (tmp_path / "models" / "thesis.txt").read_text() == "mine"
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInputError, match="no folder"):
        registry.site(str(tmp_path / "file"))


def test_a_reader_never_sees_a_manifest_without_its_snapshot(
    registry: Registry, tmp_path: Path
) -> None:
    """Through many updates each manifest that is read names files that are whole."""
    registry.site(str(tmp_path), history=False)
    stop = threading.Event()
    seen: list[str] = []
    wrong: list[str] = []

    def look() -> None:
        while not stop.is_set():
            manifest = read_manifest((tmp_path / "modeldex.json").read_bytes())
            for offered in manifest.snapshots.values():
                data = (tmp_path / offered.path).read_bytes()
                if hashlib.sha256(data).hexdigest() != offered.sha256:
                    wrong.append(offered.path)
            seen.append(manifest.digest)

    readers = [threading.Thread(target=look) for _ in range(3)]
    for reader in readers:
        reader.start()
    for price in range(1, 15):
        registry.edits.set(GPT, {"pricing.input": D(price)}, **WHY)
        registry.site(str(tmp_path), history=False)
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert len(set(seen)) > 3


def test_an_update_that_ends_early_leaves_the_site_as_it_was(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever the writing stops, the manifest is the old one, and what it names."""
    registry.site(str(tmp_path))
    before = (tmp_path / "modeldex.json").read_bytes()
    kept = read_manifest(before)
    registry.edits.set(GPT, {"pricing.input": D(3)}, **WHY)
    really, count = site_folder._put, len(files_of(tmp_path)) + 2
    for stop in range(count):
        left = [stop]

        def put(path: Path, data: bytes, folders: set[Path], left: Any = left) -> bool:
            if not left[0]:
                raise OSError(28, "No space left on device", str(path))
            left[0] -= 1
            return really(path, data, folders)

        monkeypatch.setattr(site_folder, "_put", put)
        try:
            registry.site(str(tmp_path))
        except OSError:
            assert (tmp_path / "modeldex.json").read_bytes() == before
            for offered in kept.snapshots.values():
                assert (tmp_path / offered.path).stat().st_size == offered.size
        else:
            assert stop > 10
            break
    assert (tmp_path / "modeldex.json").read_bytes() != before


def test_the_command_writes_a_site(
    tmp_path: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`modeldex export site DIR`, of what the catalogue option names."""
    registry.site(str(tmp_path / "one"))
    (snapshot,) = (tmp_path / "one" / "snapshot" / "v2").iterdir()
    arguments = [str(tmp_path / "two"), "--no-history", "--json"]
    done = CliRunner().invoke(site_command, arguments, obj=str(snapshot))
    assert isinstance(done.exception, InvalidInputError)
    assert "opened at a path" in str(done.exception)
    monkeypatch.setenv("MODELDEX_CACHE_DIR", str(tmp_path / "cache"))
    with Site() as served:
        served.files = files_of(tmp_path / "one")
        done = CliRunner().invoke(site_command, arguments, obj=served.url)
    assert json.loads(done.output)[0]["revision"] == 2
    assert (tmp_path / "two" / "catalog.json").exists()
    assert not (tmp_path / "two" / "history").exists()


# types


def fits(kind: Any, value: Any) -> bool:  # noqa: PLR0911  a return per kind
    """Tell whether a value is of a type of the table."""
    if isinstance(kind, Maybe):
        return value is None or fits(kind.of, value)
    if isinstance(kind, Many):
        return isinstance(value, list) and all(fits(kind.of, item) for item in value)
    if isinstance(kind, By):
        if not isinstance(value, dict):
            return False
        return all(fits(kind.of, item) for item in value.values())
    if isinstance(kind, OneOf):
        return any(fits(one, value) for one in kind.types)
    if isinstance(kind, Words):
        return isinstance(value, str) and (kind.others or value in kind.words)
    if kind in SHAPES:
        keys = SHAPES[kind].keys
        return (
            isinstance(value, dict)
            and set(value) <= set(keys)
            and {name for name, key in keys.items() if key.always} <= set(value)
            and all(fits(keys[name].type, item) for name, item in value.items())
        )
    is_number = isinstance(value, (int, D)) and not isinstance(value, bool)
    return {
        "string": isinstance(value, str),
        "number": is_number,
        "boolean": isinstance(value, bool),
        "unknown": True,
    }[kind]


def why_not(kind: str, value: dict[str, Any]) -> list[str]:
    """Return the keys of a value that are not of their type."""
    keys = SHAPES[kind].keys
    items = value.items()
    odd = [n for n, item in items if n not in keys or not fits(keys[n].type, item)]
    return odd + [n for n, key in keys.items() if key.always and n not in value]


def test_every_shipped_model_is_of_its_type() -> None:
    """The types say what the JSON forms of all models and providers are."""
    registry = modeldex.open()
    assert list(SHAPES["Model"].keys) == RECORD_KEYS
    assert list(SHAPES["Provider"].keys) == ["provider", *FACTS]
    for model in registry.find(status="any"):
        record = model.as_dict()
        assert why_not("Model", record) == [], model.ref
    for provider in registry.providers():
        assert why_not("Provider", registry.provider_info(provider)) == [], provider


def test_every_file_is_of_its_type(registry: Registry, tmp_path: Path) -> None:
    """So are the files that are made of them."""
    registry.site(str(tmp_path))
    kinds = {
        "modeldex.json": "Manifest",
        "catalog.json": "Catalog",
        "providers/openai.json": "ProviderFile",
        "models/openai/mini.json": "Model",
    }
    for path in files_of(tmp_path):
        if path.startswith("history/"):
            kinds[path] = "History"
    for path, kind in kinds.items():
        assert why_not(kind, read(tmp_path, path)) == [], path


def test_the_types_are_typescript() -> None:
    """Braces close, and each name that is used is defined."""
    text = type_definitions()
    assert text.count("{\n") == text.count("}\n") == len(SHAPES)
    for name in SHAPES:
        assert f"export interface {name} {{" in text
    assert '  mode: "chat" | ' in text
    assert "  replacement: string[] | null;" in text
    assert "  vision?: boolean | VisionParameters;" in text
