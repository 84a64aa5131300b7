"""A user's own YAML over the shipped catalogue: what it changes, when it is read."""

from __future__ import annotations

import os
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

import modeldex
from modeldex import bootstrap
from modeldex.bootstrap import authored
from modeldex.errors import AuthoringError, InvalidInputError
from modeldex.usecases.build import build_shipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from modeldex.registry import Registry

OPENAI = """\
provider: openai
models:
  gpt-4o:
    pricing: {input: 2.25}
    capabilities: {vision: no, batch: yes}
    metadata: {team: blue}
  my-tuned-gpt:
    context_window: 64000
"""
OTHERS = """\
provider: house
name: House
kind: local
default_model: house/one
models:
  house/one: {context_window: 4096, pricing: free}
"""
STATES = """\
provider: anthropic
models:
  claude-sonnet-4-5: {pricing: included}
"""


SHIPPED = {
    "google": "gemini-2.5-pro",
    "google-vertex": "gemini-2.5-pro",
    "openai": "gpt-4o",
    "xai": "grok-4.3",
}


@pytest.fixture(scope="module")
def shipped() -> Registry:
    """Return the shipped catalogue alone."""
    return modeldex.open(overlays=[])


@pytest.fixture(scope="module")
def laid_over(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Registry]:
    """Return the shipped catalogue with a user's directory over it."""
    own = tmp_path_factory.mktemp("own")
    for name, text in (("openai", OPENAI), ("house", OTHERS), ("anthropic", STATES)):
        (own / f"{name}.yaml").write_text(text)
    (own / "notes.txt").write_text("not YAML: [")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MODELDEX_CACHE_DIR", str(own / "cache"))
        yield modeldex.open(overlays=[own])


def test_a_contract_lowers_what_a_call_costs(tmp_path: Path, shipped: Registry) -> None:
    """Rows of a directory hold for shipped models; dated amounts begin on their day."""
    (tmp_path / "openai.yaml").write_text(
        "provider: openai\ncontract:\n  - {percent_off: 20}\n"
        "  - {models: gpt-4o, input: 1, valid_from: 2026-06-01}\nmodels: {}\n"
    )
    registry = modeldex.open(overlays=[tmp_path])
    used = {"input": 1_000_000}
    for day, total in (("2026-05-31", "2"), ("2026-06-01", "1")):
        cost = registry.cost("openai/gpt-4o", used, at=day)
        assert cost.total == Decimal(total)
        listed = registry.cost("openai/gpt-4o", used, at=day, contract=False)
        assert listed.total == shipped.cost("openai/gpt-4o", used, at=day).total
    other = registry.cost("openai/gpt-4o-mini", used, at="2026-06-01").total
    assert other == Decimal("0.8") * Decimal("0.15")
    assert registry.get_pricing("openai", "gpt-4o").input == Decimal("2.5")


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide the settings of whoever runs the tests."""
    for name in ("CATALOG_PATH", "CONFIG"):
        monkeypatch.delenv(f"MODELDEX_{name}", raising=False)
    monkeypatch.setenv("MODELDEX_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a small catalogue in the place of the shipped one; return its files."""
    providers = tmp_path / "shipped"
    providers.mkdir()
    for name, model_id in SHIPPED.items():
        (providers / f"{name}.yaml").write_text(
            f"provider: {name}\nname: The {name}\nmodels:\n"
            f"  {model_id}: {{pricing: {{input: 1, output: 2}}, sources: {{'*': s}}}}\n"
            "  other: {family: f, sources: {'*': s}}\n"
        )
    packaged = tmp_path / "shipped.snapshot"
    packaged.write_bytes(build_shipped(str(providers)).data)
    for module in (bootstrap, authored):
        monkeypatch.setattr(module, "PACKAGED", str(packaged))
    monkeypatch.setattr(authored, "PROVIDERS", str(providers))
    return providers


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Return a user's directory with one small file."""
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "acme.yaml").write_text("provider: acme\nmodels: {m: {family: a}}\n")
    return folder


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows with every compilation of YAML."""
    calls: list[int] = []
    build = authored.build_overlay

    def counted(*arguments: object) -> object:
        calls.append(1)
        return build(*arguments)

    monkeypatch.setattr(authored, "build_overlay", counted)
    return calls


def family(registry: Registry) -> str | None:
    """Return the fact that the tests below change."""
    return registry.get_info("acme", "m").family


# --- field by field


def test_facts_are_replaced_field_by_field(
    laid_over: Registry, shipped: Registry
) -> None:
    """A price, a flag and metadata of the user's change; everything else stays."""
    before = shipped.get_info("openai", "gpt-4o")
    after = laid_over.get_info("openai", "gpt-4o")
    assert before.pricing.input == Decimal("2.5")
    assert after.pricing.input == Decimal("2.25")
    assert after.pricing.output == before.pricing.output
    assert after.pricing.cache_read == before.pricing.cache_read is not None
    assert after.capabilities.get("vision") is False
    assert after.capabilities.get("batch") is True
    assert after.capabilities.get("function_calling") is True
    assert after.metadata == {"team": "blue"}
    for name in ("name", "context_window", "release_date", "modalities", "canonical"):
        assert getattr(after, name) == getattr(before, name)


def test_provenance_becomes_the_users(laid_over: Registry, shipped: Registry) -> None:
    """A fact of the user's says so, its neighbours keep their sources."""
    before = shipped.get_info("openai", "gpt-4o")
    after = laid_over.get_info("openai", "gpt-4o")
    assert after.source_of("pricing.input") == "user"
    assert after.source_of("capabilities.vision") == "user"
    assert after.source_of("metadata") == "user"
    for field in ("pricing.output", "capabilities.function_calling", "context_window"):
        assert after.source_of(field) == before.source_of(field) not in (None, "user")


def test_indexes_follow_the_users_facts(laid_over: Registry) -> None:
    """Queries see the catalogue as it is with the user's facts on top."""
    assert "openai/gpt-4o" not in laid_over.find_refs("vision provider:openai")
    assert "openai/gpt-4o" in laid_over.find_refs("no:vision input=2.25")


def test_new_models_and_providers_are_added(
    laid_over: Registry, shipped: Registry
) -> None:
    """What the shipped catalogue has not is added; nothing of it is lost."""
    assert laid_over.get_context_window("openai", "my-tuned-gpt") == 64_000
    assert laid_over.get_default("house") == "house/one"
    assert laid_over.get_info("house/house/one").pricing.state == "free"
    assert laid_over.get_info("house/house/one").source_of("pricing") == "user"
    assert set(laid_over.find_refs("status:any")) - set(
        shipped.find_refs("status:any")
    ) == {"openai/my-tuned-gpt", "house/house/one"}
    assert set(laid_over.providers()) - set(shipped.providers()) == {"house"}
    assert laid_over.get_default("openai") == shipped.get_default("openai")


def test_a_price_state_and_amounts_replace_each_other(
    laid_over: Registry, shipped: Registry, own: Path
) -> None:
    """A state hides the amounts below it, and amounts hide a state below them."""
    assert shipped.get_pricing("anthropic", "claude-sonnet-4-5").input == 3
    stated = laid_over.get_info("anthropic", "claude-sonnet-4-5")
    assert stated.pricing.amounts == {}
    assert stated.pricing.state == "included"
    assert stated.source_of("pricing") == "user"
    top = own.parent / "top"
    top.mkdir()
    (own / "acme.yaml").write_text("provider: acme\nmodels: {m: {pricing: free}}\n")
    (top / "acme.yaml").write_text("provider: acme\nmodels: {m: {pricing: {input: 1}}}")
    pricing = modeldex.open(own, overlays=[top]).get_pricing("acme", "m")
    assert (pricing.state, pricing.amounts) == ("listed", {"input": 1})


def test_later_directories_are_on_top(own: Path) -> None:
    """Of several directories the last one has the last word, fact by fact."""
    top = own.parent / "top"
    top.mkdir()
    text = "provider: acme\nmodels: {m: {family: b}, n: {}}\n"
    (top / "acme.yaml").write_text(text)
    assert family(modeldex.open(own, overlays=[top])) == "b"
    other = modeldex.open(top, overlays=[own])
    assert family(other) == "a"
    assert other.find_refs() == ["acme/m", "acme/n"]


@pytest.mark.parametrize(
    ("alias", "provider", "model_id"),
    [
        ("gemini", "google", "gemini-2.5-pro"),
        ("vertex_ai", "google-vertex", "gemini-2.5-pro"),
        ("x-ai", "xai", "grok-4.3"),
    ],
)
@pytest.mark.usefixtures("small")
def test_a_file_may_name_its_provider_by_an_alias(
    own: Path, alias: str, provider: str, model_id: str
) -> None:
    """A file of `gemini` speaks of Google; it hides nothing of the provider."""
    text = f"provider: {alias}\nmodels: {{{model_id}: {{pricing: {{input: 99}}}}}}\n"
    (own / f"{alias}.yaml").write_text(text)
    shipped = modeldex.open(overlays=[])
    found = modeldex.open(overlays=[own])
    assert shipped.find_refs(provider=alias) == [
        f"{provider}/{name}" for name in (model_id, "other")
    ]
    assert found.get_pricing(provider, model_id).input == 99
    assert found.get_info(alias, model_id).provider == provider
    assert found.find_refs(provider=alias) == shipped.find_refs(provider=provider)
    assert found.provider_info(alias)["name"] == shipped.provider_info(alias)["name"]
    assert alias not in found.providers()


def test_a_directory_of_its_own_keeps_its_names(own: Path) -> None:
    """Opened with `path=`, a directory's names are what they are."""
    (own / "gemini.yaml").write_text("provider: gemini\nmodels: {m: {}}\n")
    (own / "old.yaml").write_text("provider: old\nmodels: {m: {status: retired}}\n")
    found = modeldex.open(own)
    assert found.providers() == ["acme", "gemini", "old"]
    assert found.get_info("gemini/m").provider == "gemini"
    assert "old/m" in found.find_refs()


# --- when it is read


@pytest.mark.usefixtures("small")
def test_the_environment_names_the_directory(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MODELDEX_CATALOG_PATH lays a directory over the default catalogue."""
    monkeypatch.setenv("MODELDEX_CATALOG_PATH", str(own))
    monkeypatch.setattr(modeldex, "_opened", None)
    monkeypatch.setattr(modeldex, "_known", {})
    assert modeldex.get_info("acme", "m").family == "a"
    assert modeldex.get_info("openai", "gpt-4o").provider == "openai"
    assert modeldex.get_all_models("acme").keys() == {"m"}


@pytest.mark.usefixtures("small")
def test_the_configuration_directory_is_laid_over_without_a_word(
    own: Path, tmp_path: Path
) -> None:
    """`providers` in the configuration directory needs no setting at all."""
    (tmp_path / "config" / "modeldex").mkdir(parents=True)
    own.rename(tmp_path / "config" / "modeldex" / "providers")
    assert family(modeldex.open()) == "a"


def test_a_compiled_directory_is_reused(own: Path, compiled: list[int]) -> None:
    """Opening twice compiles once; another process would find it in the cache."""
    first = modeldex.open(own)
    second = modeldex.open(own)
    assert compiled == [1]
    assert first.digest == second.digest
    cache = own.parent / "cache"
    assert [path.suffix for path in cache.iterdir()] == [".snapshot"]
    assert second.catalog.snapshot.path.startswith(str(cache))


def test_a_changed_file_is_noticed_at_the_next_open(
    own: Path, compiled: list[int]
) -> None:
    """A new size, time or name of any file compiles anew; the open one stays."""
    file = own / "acme.yaml"
    before = modeldex.open(own)
    file.write_text("provider: acme\nmodels: {m: {family: longer}}\n")
    assert family(modeldex.open(own)) == "longer"
    stamp = file.stat().st_mtime_ns
    file.write_text("provider: acme\nmodels: {m: {family: LONGER}}\n")
    os.utime(file, ns=(stamp + 1, stamp + 1))
    assert family(modeldex.open(own)) == "LONGER"
    (own / "beta.yml").write_text("provider: beta\nmodels: {m: {}}\n")
    assert modeldex.open(own).providers() == ["acme", "beta"]
    assert len(compiled) == 4
    assert family(before) == "a"


def test_a_reload_compiles_even_when_nothing_seems_to_have_changed(
    own: Path,
) -> None:
    """`reload_config` believes the bytes, not size and time."""
    file = own / "acme.yaml"
    registry = modeldex.open(own)
    stamp = file.stat().st_mtime_ns
    file.write_text("provider: acme\nmodels: {m: {family: b}}\n")
    os.utime(file, ns=(stamp, stamp))
    assert family(registry) == "a"
    registry.reload_config()
    assert family(registry) == "b"
    assert family(modeldex.open(own)) == "b"


def test_the_cache_keeps_few_catalogues(own: Path) -> None:
    """Old compiled catalogues are forgotten, other files are left alone."""
    cache = own.parent / "cache"
    cache.mkdir()
    (cache / "other.txt").write_text("kept")
    for number in range(12):
        text = f"provider: acme\nmodels: {{m: {{family: f{number:02}}}}}\n"
        (own / "acme.yaml").write_text(text)
        os.utime(own / "acme.yaml", ns=(number, number))
        assert family(modeldex.open(own)) == f"f{number:02}"
    kept = [path.name for path in cache.iterdir()]
    assert "other.txt" in kept
    assert 8 <= len(kept) - 1 <= 9


def test_a_cache_that_cannot_be_written_costs_only_time(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing can be kept, the catalogue is compiled in memory."""
    file = own.parent / "a-file"
    file.write_text("")
    monkeypatch.setenv("MODELDEX_CACHE_DIR", str(file / "cache"))
    registry = modeldex.open(own)
    assert family(registry) == "a"
    assert registry.catalog.snapshot.path == "<memory>"
    registry.reload_config()
    assert family(registry) == "a"


@pytest.mark.parametrize("damage", [b"", b"not a snapshot", None])
def test_a_damaged_cache_is_compiled_again(
    own: Path, compiled: list[int], damage: bytes | None
) -> None:
    """A cached catalogue that is cut or overwritten is made anew."""
    modeldex.open(own)
    (cached,) = (own.parent / "cache").iterdir()
    whole = cached.read_bytes()
    cached.write_bytes(whole[:-1] if damage is None else damage)
    assert family(modeldex.open(own)) == "a"
    assert len(compiled) == 2
    assert cached.read_bytes() == whole


def test_damage_found_while_reading_is_compiled_again(
    own: Path, compiled: list[int]
) -> None:
    """A body that fails its checksum sends the question to a fresh compilation."""
    modeldex.open(own)
    (cached,) = (own.parent / "cache").iterdir()
    data = cached.read_bytes()
    place = data.index(b"acme\x1fm\x1f")
    cached.write_bytes(data[:place] + b"ACME" + data[place + 4 :])
    registry = modeldex.open(own)
    assert len(compiled) == 1
    assert family(registry) == "a"
    assert len(compiled) == 2


# --- what is wrong with it


BROKEN = "provider: acme\nmodels:\n  m: {contxt_window: 5}\n"


@pytest.mark.usefixtures("small")
def test_a_broken_file_raises_at_open(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file with an error is refused by file and line, and nothing is cached."""
    (own / "acme.yaml").write_text(BROKEN)
    for ask in (
        lambda: modeldex.open(own),
        lambda: modeldex.open(overlays=[own]),
        lambda: modeldex.get_info("openai", "gpt-4o"),
    ):
        monkeypatch.setenv("MODELDEX_CATALOG_PATH", str(own))
        monkeypatch.setattr(modeldex, "_opened", None)
        monkeypatch.setattr(modeldex, "_known", {})
        with pytest.raises(AuthoringError) as caught:
            ask()
        (finding,) = caught.value.findings
        assert (finding.code, finding.line) == ("unknown_key", 3)
        assert finding.path == str(own / "acme.yaml")
        assert "context_window" in finding.message
    assert not (own.parent / "cache").exists()


def test_a_reload_takes_edits_of_the_shipped_files_too(small: Path, own: Path) -> None:
    """In a checkout an edit of the shipped YAML is served after `reload_config`."""
    for overlays in ([], [own]):
        registry = modeldex.open(overlays=overlays)
        file = small / "xai.yaml"
        before = file.read_text()
        file.write_text(before.replace("input: 1", "input: 7"))
        assert registry.get_pricing("xai", "grok-4.3").input == 1
        registry.reload_config()
        assert registry.get_pricing("xai", "grok-4.3").input == 7
        assert registry.get_pricing("openai", "gpt-4o").input == 1
        file.write_text("provider: xai\nnam: X\nmodels: {}\n")
        with pytest.raises(AuthoringError, match="nam"):
            registry.reload_config()
        assert registry.get_pricing("xai", "grok-4.3").input == 7
        file.write_text(before)
        registry.reload_config()
        assert registry.get_pricing("xai", "grok-4.3").input == 1


@pytest.mark.parametrize("over", [False, True])
@pytest.mark.usefixtures("small")
def test_a_broken_edit_keeps_the_old_catalogue(own: Path, over: bool) -> None:
    """`reload_config` says what is wrong and goes on with what was right."""
    registry = modeldex.open(overlays=[own]) if over else modeldex.open(own)
    known = registry.get_info("acme", "m")
    digest = registry.digest
    (own / "acme.yaml").write_text(BROKEN)
    with pytest.raises(AuthoringError, match=r"acme\.yaml:3: unknown_key"):
        registry.reload_config()
    assert registry.digest == digest
    assert registry.get_info("acme", "m") == known
    (own / "acme.yaml").write_text("provider: acme\nmodels: {m: {family: c}}\n")
    registry.reload_config()
    assert family(registry) == "c"


@pytest.mark.usefixtures("small")
def test_oddities_are_findings_once(own: Path) -> None:
    """What is odd but no error is served and told, one finding for each."""
    (own / "acme.yaml").write_text("provider: acme\nmodels: {m: {mode: chit}, n: }\n")
    for registry in (modeldex.open(own), modeldex.open(overlays=[own])):
        codes = sorted(finding.code for finding in registry.findings)
        assert codes == ["empty_model", "unknown_mode"]


def test_overlays_go_over_yaml_only(shipped: Registry, own: Path) -> None:
    """A snapshot file opens as it is; overlays over it are refused."""
    path = shipped.catalog.snapshot.path
    assert modeldex.open(path).digest == shipped.digest
    with pytest.raises(InvalidInputError, match="overlays go over"):
        modeldex.open(path, overlays=[own])


def test_a_providers_facts_lie_over_entry_by_entry(
    shipped: Registry, tmp_path: Path
) -> None:
    """One feature or limit of a user's leaves the others; a list takes the place."""
    (tmp_path / "anthropic.yaml").write_text(
        "provider: anthropic\nendpoints: [messages]\nfeatures: {embeddings: yes}\n"
        "limitations: {max_file_size: {value: 1, unit: megabytes}}\n"
        "sources: {features: house}\nmodels: {}\n"
    )
    found = modeldex.open(overlays=[tmp_path])
    below, above = shipped.get_provider("anthropic"), found.get_provider("anthropic")
    assert found.provider_supports("anthropic", "embeddings") is True
    assert above.features == {**below.features, "embeddings": True}
    assert above.limitations.keys() == below.limitations.keys()
    assert above.limitations["max_file_size"]["value"] == 1
    assert above.endpoints == ["messages"]
    assert above.authentication == below.authentication
    assert set(above.sources) == {"*", "features"}
