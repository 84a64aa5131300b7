"""Importing files as upstream publishes them, over files that people wrote."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import zipfile
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

import modeldex
from modeldex import bootstrap
from modeldex.bootstrap import importing
from modeldex.cli import run
from modeldex.errors import InvalidInputError
from modeldex.sources.packages import MEMBERS

if TYPE_CHECKING:
    from pathlib import Path

    from modeldex.usecases.catalog_import import ImportReport

ROW = {
    "litellm_provider": "acme",
    "mode": "chat",
    "max_input_tokens": 200000,
    "input_cost_per_token": 3e-06,
    "output_cost_per_token": 1.5e-05,
    "supports_vision": True,
}
LITELLM: dict[str, Any] = {"acme/large": ROW}
MODELS_DEV: dict[str, Any] = {
    "acme": {
        "id": "acme",
        "env": ["KEY"],
        "models": {
            "large": {
                "id": "large",
                "name": "Acme Large",
                "last_updated": "2026-08-06",
                "cost": {"input": 3, "output": 15},
            },
            "later": {"id": "later", "name": "Later", "last_updated": "2999-01-01"},
        },
    }
}
GENAI = [
    {
        "id": "acme",
        "models": [
            {
                "id": "large",
                "prices": [
                    {"prices": {"input_mtok": 9}},
                    {
                        "constraint": {"start_date": "2026-06-10"},
                        "prices": {"input_mtok": 3},
                    },
                    {
                        "constraint": {"start_date": "2999-06-10"},
                        "prices": {"input_mtok": 4},
                    },
                ],
            }
        ],
    }
]
PI_ROW = {
    "id": "large",
    "api": "messages",
    "provider": "acme",
    "input": ["text"],
    "cost": {"input": 3, "output": 15, "cacheRead": 0},
    "contextWindow": 200000,
}
OLD = 499_162_500  # 1985, as npm packs


@pytest.fixture(autouse=True)
def _place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Work in an empty place, on a day of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(importing, "today", lambda: "2026-11-23")


def write(path: Path, payload: Any, mtime: int = 1_795_000_000) -> str:
    """Write a payload as JSON, last changed at a time; return its path."""
    path.write_text(json.dumps(payload))
    os.utime(path, (mtime, mtime))
    return str(path)


def bring(folder: Path, day: str = "2026-11-12", **payloads: Any) -> ImportReport:
    """Import payloads, by source, into the directory `own`."""
    given = []
    for name, payload in payloads.items():
        source = name.replace("models_dev", "models.dev")
        file = write(folder / f"{name}.json", payload)
        given.append((source, file, day))
    return importing.import_files(given, str(folder / "own"))


def model(folder: Path, ref: str = "acme/large") -> Any:
    """Return a model as the directory `own` has it."""
    return modeldex.open(folder / "own").get_info(ref)


# --- the day of a file


def _packed(path: Path, mtime: int) -> str:
    data = json.dumps({"messages": {"chat:large": PI_ROW}}).encode()
    entry = tarfile.TarInfo("package/dist/providers/data/acme.json")
    entry.size, entry.mtime = len(data), mtime
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(entry, io.BytesIO(data))
    os.utime(path, (1_795_000_000, 1_795_000_000))
    return str(path)


@pytest.mark.parametrize(
    ("source", "name", "day", "why"),
    [
        ("models.dev", "api.json", "2026-08-06", "last_updated"),
        ("genai-prices", "data.json", "2026-06-10", "start_date"),
        ("litellm", "model_prices.json", "2026-11-18", "file itself"),
        ("litellm", "l_2026-10-01.json", "2026-10-01", ""),
    ],
)
def test_published_names_need_no_date(
    source: str, name: str, day: str, why: str, tmp_path: Path
) -> None:
    """The day is in the name, else in the payload, else it is the file's own."""
    payloads = {"models.dev": MODELS_DEV, "genai-prices": GENAI, "litellm": LITELLM}
    file = write(tmp_path / name, payloads[source])
    report = importing.import_files([(source, file, None)], str(tmp_path / "own"))
    assert report.merged.claims.dates == {source: day}
    assert len(report.notes) == bool(why)
    assert all(why in note and day in note for note in report.notes)


@pytest.mark.parametrize(
    ("mtime", "day"), [(OLD, "2026-11-18"), (1_790_000_000, "2026-09-21")]
)
def test_a_package_is_of_its_newest_member_day(
    mtime: int, day: str, tmp_path: Path
) -> None:
    """A member's clock counts, unless the packer stopped it."""
    file = _packed(tmp_path / "pi-ai-1.5.2.tgz", mtime)
    report = importing.import_files([("pi-ai", file, None)], str(tmp_path / "own"))
    assert report.merged.claims.dates == {"pi-ai": day}
    assert model(tmp_path).context_window == 200_000


def test_a_pinned_package_is_of_the_pins_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it is called, a package with the pinned hash has the pinned day."""
    wheel = tmp_path / "downloaded.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(MEMBERS["litellm"], json.dumps(LITELLM))
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    pin = {"sha256": digest, "date": "2026-07-07"}
    lock = write(tmp_path / "lock.json", {"sources": {"litellm": pin}})
    monkeypatch.setattr(importing, "PINS", lock)
    given = [("litellm", str(wheel), None)]
    report = importing.import_files(given, str(tmp_path / "own"))
    assert report.merged.claims.dates == {"litellm": "2026-07-07"}
    assert report.notes == []


@pytest.mark.parametrize("day", ["2026-99-99", "2026-02-30", "20260101"])
def test_a_day_that_does_not_exist_is_named(day: str, tmp_path: Path) -> None:
    """A bad date is refused before anything is read or written."""
    with pytest.raises(InvalidInputError, match=day):
        importing.import_files([("litellm", "x.json", day)], str(tmp_path / "own"))
    assert not (tmp_path / "own").exists()
    with pytest.raises(InvalidInputError, match="2026-13-01"):
        importing.import_files([("litellm", "x_2026-13-01.json", None)])


def test_the_command_names_the_day_and_what_it_held_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Remarks go to standard error: the inferred day, and the doubtful claims."""
    cheap = {"acme/large": {**ROW, "input_cost_per_token": 3e-12}}
    write(tmp_path / "prices.json", cheap)
    write(tmp_path / "api.json", MODELS_DEV)
    words = ["catalog", "import", "--into", "own", "--from", "litellm=prices.json"]
    assert run([*words, "--from", "models.dev=api.json@2026-10-01"]) == 0
    told = capsys.readouterr().err
    assert "litellm: prices.json is taken as of 2026-11-18" in told
    assert "1 claim was held back; `--report FILE` or `--json` lists" in told
    assert run([*words[:-1], "litellm=none.json@yesterday"]) == 1
    assert "no such file" in capsys.readouterr().err
    assert run([*words[:-1], "litellm=prices.json@yesterday"]) == 2
    assert "'yesterday'" in capsys.readouterr().err


# --- where the claims are


def test_claims_are_kept_inside_their_directory(tmp_path: Path) -> None:
    """Two directories side by side do not share claims."""
    bring(tmp_path, litellm=LITELLM)
    claims = tmp_path / "own" / "claims.jsonl.xz"
    assert claims.exists()
    assert not (tmp_path / "claims.jsonl.xz").exists()
    said = importing.read_claims(str(tmp_path / "own"))
    assert said.dates == {"litellm": "2026-11-12"}
    (tmp_path / "other").mkdir()
    assert importing.read_claims(str(tmp_path / "other")).dates == {}
    claims.rename(tmp_path / "claims.jsonl.xz")
    assert importing.read_claims(str(tmp_path / "other")).dates == said.dates


def test_claims_of_the_shipped_files_are_in_data() -> None:
    """The shipped directory holds YAML alone, however its path is spelled."""
    spelled = os.path.join(bootstrap.PROVIDERS, "..", "providers")
    assert importing.claims_of(spelled) == importing.CLAIMS
    assert importing.claims_of("own") == os.path.join("own", "claims.jsonl.xz")


# --- what people wrote

HAND = """\
provider: acme
name: Acme
models:
  # ours
  large:
    name: The Large One
    context_window: 128000
    pricing: {input: 3, output: 9}
    capabilities: {vision: no}
    release_date: 2026-01-15
    sources: {capabilities: litellm}
"""


def _own(folder: Path, text: str) -> Path:
    (folder / "own").mkdir(exist_ok=True)
    path = folder / "own" / "acme.yaml"
    path.write_text(text)
    return path


def test_a_first_import_keeps_what_people_wrote(tmp_path: Path) -> None:
    """Values without a source that is imported stay, and become curated."""
    path = _own(tmp_path, HAND)
    report = bring(tmp_path, litellm=LITELLM)
    kept = {k.field: (k.value, k.sources_say, k.pinned) for k in report.kept}
    assert kept == {
        "name": ("The Large One", "nothing", False),
        "context_window": ("128000", "200000", False),
        "pricing.output": ("9", "15", False),
        "release_date": ("2026-01-15", "nothing", False),
    }
    found = model(tmp_path)
    assert (found.context_window, found.pricing.output) == (128_000, 9)
    assert found.source_of("pricing.output") == "curated"
    assert found.source_of("pricing.input") == "litellm"
    assert found.capabilities.get("vision") is True
    assert found.source_of("capabilities.vision") == "litellm"
    text = path.read_text()
    assert "  # ours\n" in text
    again = bring(tmp_path, litellm=LITELLM)
    assert not again.changed
    assert path.read_text() == text
    assert {k.field for k in again.kept if k.pinned} == set(kept)


def test_a_model_that_a_source_brings_later_is_a_persons_still(tmp_path: Path) -> None:
    """The rule of the first import holds for models that no import has seen."""
    bring(tmp_path, litellm=LITELLM)
    path = tmp_path / "own" / "acme.yaml"
    path.write_text(path.read_text() + "  small:\n    context_window: 5000\n")
    bring(tmp_path, litellm={**LITELLM, "acme/small": ROW})
    small = model(tmp_path, "acme/small")
    assert (small.context_window, small.pricing.input) == (5000, 3)
    assert small.source_of("context_window") == "curated"


def test_a_removed_line_is_no_opinion(tmp_path: Path) -> None:
    """What a person removed is written again, and never pinned as nothing."""
    bring(tmp_path, litellm=LITELLM)
    path = tmp_path / "own" / "acme.yaml"
    before = path.read_text()
    for gone in ("    context_window: 200000\n", "input: 3, "):
        assert gone in before
        path.write_text(before.replace(gone, ""))
        report = bring(tmp_path, litellm=LITELLM)
        assert report.kept == []
        assert path.read_text() == before


def test_a_shorter_block_pins_only_what_it_says(tmp_path: Path) -> None:
    """A rewritten model keeps its new values; the rest comes from the sources."""
    bring(tmp_path, litellm=LITELLM, models_dev=MODELS_DEV)
    path = tmp_path / "own" / "acme.yaml"
    head = path.read_text().partition("  large:\n")[0]
    path.write_text(f"{head}  large:\n    pricing: {{input: 2}}\n")
    report = bring(tmp_path, litellm=LITELLM)
    assert [(k.field, k.value) for k in report.kept] == [("pricing.input", "2")]
    found = model(tmp_path)
    assert found.pricing.amounts == {"input": 2, "output": 15}
    assert (found.name, found.context_window) == ("Acme Large", 200_000)
    curated = [key for key, who in found.sources.items() if who == "curated"]
    assert curated == ["pricing.input"]


def test_a_pin_whose_value_was_removed_is_void(tmp_path: Path) -> None:
    """`sources` cannot keep a source's value for a person's."""
    _own(
        tmp_path,
        "provider: acme\nmodels:\n  large:\n    pricing: {output: 9}\n"
        "    sources: {context_window: curated, pricing: curated}\n",
    )
    report = bring(tmp_path, litellm=LITELLM)
    assert [k.field for k in report.kept] == ["pricing.output"]
    found = model(tmp_path)
    assert found.source_of("context_window") == "litellm"
    assert found.source_of("pricing.input") == "litellm"
    assert found.source_of("pricing.output") == "curated"
    assert not bring(tmp_path, litellm=LITELLM).changed


def test_a_persons_state_replaces_the_amounts(tmp_path: Path) -> None:
    """`free` stands alone, and the report says which amounts it replaces."""
    _own(tmp_path, "provider: acme\nmodels:\n  large:\n    pricing: free\n")
    (kept,) = bring(tmp_path, litellm=LITELLM).kept
    assert (kept.field, kept.sources_say) == ("pricing.state", "input 3, output 15")
    assert model(tmp_path).pricing.state == "free"
    assert not bring(tmp_path, litellm=LITELLM).changed


def test_a_persons_amounts_replace_the_state(tmp_path: Path) -> None:
    """A price that people wrote is not made `free` by a source."""
    free = {**ROW, "input_cost_per_token": 0, "output_cost_per_token": 0}
    payload = {"ollama/large": {**free, "litellm_provider": "ollama"}}
    folder = tmp_path / "own"
    folder.mkdir()
    head = "provider: ollama\nmodels:\n  large:\n    pricing: "
    (folder / "ollama.yaml").write_text(head + "{input: 1}\n")
    (kept,) = bring(tmp_path, litellm=payload).kept
    assert (kept.field, kept.sources_say) == ("pricing.input", "free")
    pricing = model(tmp_path, "ollama/large").pricing
    assert (pricing.state, pricing.amounts) == ("listed", {"input": 1})
    assert not bring(tmp_path, litellm=payload).changed


def test_one_curated_star_covers_no_fact_of_the_sources(tmp_path: Path) -> None:
    """A pin of everything holds for what stands there, and is left as written."""
    pin = '"*": {source: curated, by: ann, at: 2026-11-02, because: seen}'
    path = _own(
        tmp_path,
        "provider: acme\nmodels:\n  large:\n    context_window: 5\n"
        f"    sources: {{{pin}}}\n",
    )
    bring(tmp_path, litellm=LITELLM)
    found = model(tmp_path)
    assert found.context_window == 5
    assert found.source_of("pricing.input") == "litellm"
    assert pin in path.read_text()
    assert not bring(tmp_path, litellm=LITELLM).changed


# --- the shapes of pi-ai


@pytest.mark.parametrize(
    "payload",
    [
        {"messages": {"chat:large": PI_ROW}},
        {"messages": {"large": PI_ROW}},
        {"acme": {"large": PI_ROW}},
        {"acme": {"large": {"cost": PI_ROW["cost"], "contextWindow": 200000}}},
        {"acme": {"messages": {"chat:large": PI_ROW}}},
    ],
)
def test_shapes_of_pi_ai(payload: Any, tmp_path: Path) -> None:
    """One provider's member file and tables of providers say the same."""
    file = write(tmp_path / "acme.json", payload)
    given = [("pi-ai", file, "2026-11-10")]
    importing.import_files(given, str(tmp_path / "own"))
    found = model(tmp_path)
    assert found.pricing.input == Decimal(3)
    assert found.context_window == 200_000


def test_a_provider_cannot_name_a_file_elsewhere(tmp_path: Path) -> None:
    """An id with a path in it is refused before anything is written."""
    file = write(tmp_path / "p.json", {"../../up": {"large": {"contextWindow": 5}}})
    given = [("pi-ai", file, "2026-11-10")]
    with pytest.raises(modeldex.ModeldexError, match="no provider id"):
        importing.import_files(given, str(tmp_path / "own"))
    assert not list((tmp_path / "own").iterdir())


DESCRIBED = """\
provider: acme
name: Acme, as people say
kind: cloud
env: [MINE]  # ours
credentials: [[MINE], [ID, SECRET]]
status_page: https://status.acme.example
# what it takes
endpoints: [chat, batches]
authentication: [api_key]
features: {streaming: yes, embeddings: no}
limitations: {max_file: {value: 5, unit: bytes}, no_refunds: yes}
deprecation_date: 2030-01-01
default_model: large
updated_at: 2026-11-20
sources: {"*": {source: curated, by: me, at: "2026-11-20", url: https://acme.example}}
models:
"""


def test_what_a_person_says_of_a_provider_stays(tmp_path: Path) -> None:
    """An import keeps every byte above `models`, again and again."""
    file = tmp_path / "own" / "acme.yaml"
    file.parent.mkdir()
    file.write_text(DESCRIBED + '  large: {name: L, sources: {"*": litellm}}\n')
    acme = MODELS_DEV["acme"]
    today = {"acme": {**acme, "models": {"large": acme["models"]["large"]}}}
    for _ in range(2):
        bring(tmp_path, litellm=LITELLM, models_dev=today)
        assert file.read_text().partition("models:\n")[0] + "models:\n" == DESCRIBED
    assert model(tmp_path).pricing.input == 3
    found = modeldex.open(tmp_path / "own")
    assert found.provider_supports("acme", "embeddings") is False
    assert found.get_limitations("acme")["max_file"]["value"] == 5
