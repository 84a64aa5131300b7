"""What was synced and accepted, as edits of the authored files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modeldex.catalog.authoring.load import load_directory
from modeldex.catalog.merging.claims import decode, encode
from modeldex.usecases.catalog_import import import_claims
from syncs import LITELLM, Claims, Office, Wary, model, shipped

if TYPE_CHECKING:
    from pathlib import Path

COMMENT = "# two is dear\n"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Return a directory with the shipped catalogue as files, one with a comment."""
    packed, _ = shipped()
    said: dict[str, dict[tuple[str, str], dict[str, object]]] = {}
    for key, values in packed.models.items():
        for name, by in values.items():
            for source, value in by.items():
                said.setdefault(source, {}).setdefault(key, {})[name] = value
    claims = [Claims(s, packed.dates[s], models) for s, models in said.items()]
    path = tmp_path / "claims.jsonl.xz"
    import_claims(claims, str(tmp_path), str(path))
    assert decode(path.read_bytes()) == packed
    acme = tmp_path / "acme.yaml"
    acme.write_text(acme.read_text().replace("  two:\n", f"  {COMMENT}  two:\n"))
    path.write_bytes(encode(packed))
    return tmp_path


def test_accepted_changes_become_edits(files: Path) -> None:
    """Comments and untouched models stay; what is held or by hand is not written."""
    office = Office(Wary())
    office.litellm(
        {
            ("acme", "two"): model("2.5"),
            ("beta", "b"): model("2000"),
            ("gamma", "g"): model("6"),
        }
    )
    office.registry.edits.set("acme/one", {"pricing.input": 9}, because="ours")
    before = (files / "beta.yaml").read_text()
    sources = office.sources()
    claims = str(files / "claims.jsonl.xz")
    told = sources.write_back(str(files), claims, dry_run=True)
    assert (files / "beta.yaml").read_text() == before
    made = sources.write_back(str(files), claims)
    assert sorted(made.models) == sorted(told.models) == ["acme/two", "gamma/g"]
    assert (files / "beta.yaml").read_text() == before
    assert COMMENT in (files / "acme.yaml").read_text()
    layers = {layer.provider["provider"]: layer for layer in load_directory(str(files))}
    assert not any(layer.errors for layer in layers.values())
    two = layers["acme"].models["two"]
    assert str(two["pricing"]["input"]) == "2.5"
    assert two["sources"]["*"] == "litellm"
    assert str(layers["acme"].models["one"]["pricing"]["input"]) == "1"
    assert layers["gamma"].provider["name"]


def facts_in(files: Path) -> dict[str, object]:
    """Return the facts of all models, but for their days."""
    return {
        f"{layer.provider['provider']}/{name}": {
            key: value for key, value in facts.items() if key != "updated_at"
        }
        for layer in load_directory(str(files))
        for name, facts in layer.models.items()
    }


def test_an_import_afterwards_finds_nobodys_edits(files: Path) -> None:
    """The claims say what was written, and nothing that waits."""
    office = Office(Wary())
    changed = {
        **LITELLM,
        ("acme", "two"): model("2.5"),
        ("beta", "b"): model("2000", 90_000),
    }
    office.take("litellm", changed)
    claims = files / "claims.jsonl.xz"
    office.sources().write_back(str(files), str(claims))
    packed = decode(claims.read_bytes())
    assert str(packed.models["acme", "two"]["pricing.input"]["litellm"]) == "2.5"
    assert str(packed.models["beta", "b"]["pricing.input"]["litellm"]) == "3"
    assert packed.models["beta", "b"]["context_window"]["litellm"] == 90_000
    accepted = {**changed, ("beta", "b"): model("3", 90_000)}
    before = facts_in(files)
    report = import_claims(
        [Claims("litellm", "2026-11-02", accepted)], str(files), str(claims)
    )
    assert report.kept == []
    assert facts_in(files) == before


def test_nothing_synced_is_nothing_written(files: Path) -> None:
    """Not even the claims."""
    office = Office()
    claims = files / "claims.jsonl.xz"
    before = claims.stat().st_mtime_ns
    made = office.sources().write_back(str(files), str(claims))
    assert (made.models, made.texts) == ([], {})
    assert claims.stat().st_mtime_ns == before
