"""`modeldex ollama` and `modeldex local`, and live lists of the public functions."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

import modeldex
from local_servers import Ollama, shown
from modeldex.errors import InvalidInputError, UnknownProviderError
from shells import Shell
from upstream import Upstream, answer, status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from upstream import Exchange

MODELS = {
    "oak:latest": shown(65_536, "completion", "tools", parameters="num_ctx 8192"),
    "leaf:1b": shown(2_048, "embedding"),
}


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """Run a server."""
    with Upstream() as running:
        yield running


@pytest.fixture
def ollama(upstream: Upstream) -> Ollama:
    """Return an Ollama server with two models."""
    return Ollama(upstream, MODELS)


@pytest.fixture
def shell(tmp_path: Path, upstream: Upstream) -> Shell:
    """Return a shell whose OLLAMA_HOST lacks a scheme, as people write it."""
    (tmp_path / "home").mkdir()
    found = Shell(tmp_path / "home")
    found.environ["OLLAMA_HOST"] = upstream.url.removeprefix("http://")
    found.environ["LMSTUDIO_BASE_URL"] = "http://127.0.0.1:9"
    found.environ["VLLM_BASE_URL"] = "http://127.0.0.1:9/v1"
    return found


def test_list_and_show(shell: Shell, ollama: Ollama) -> None:
    """What the server holds; what a request gets apart from what the model takes."""
    rows = {row["name"]: row for row in shell.json("ollama", "list")}
    oak = rows["oak:latest"]
    assert (oak["context_window"], oak["max_context_window"]) == (8_192, 65_536)
    assert oak["tier"] == "api"
    assert oak["pricing"]["state"] == "free"
    assert "Q4_K_M" in shell("ollama", "show", "ollama/oak:latest")[1]
    assert "function_calling" in oak["capabilities"]
    assert rows["leaf:1b"]["mode"] == "embedding"
    assert shell.json("ollama", "show", "oak")["digest"] == ollama.digests["oak:latest"]
    code, out, _ = shell("ollama", "list", "-q")
    assert (code, out.split()) == (0, list(MODELS))
    code, _, said = shell("ollama", "show", "never")
    assert (code, "holds no model" in said) == (3, True)


def test_without_a_server(shell: Shell, ollama: Ollama) -> None:
    """The last known models with their age; what nobody knows is an error, exit 1."""
    assert len(shell.json("ollama", "list")) == 2
    for path in ("/api/tags", "/api/ps", "/api/show"):
        ollama.upstream.on(path, status(500))
    rows = shell.json("ollama", "list")
    assert [row["tier"] for row in rows] == ["last_good", "last_good"]
    _, _, said = shell("ollama", "list")
    assert "Ollama service not running at http://127.0.0.1" in said
    code, _, said = shell("ollama", "show", "never")
    assert code == 1
    assert "ollama serve" in said


def test_a_slow_server_is_waited_for_by_a_command(shell: Shell, ollama: Ollama) -> None:
    """A process that asks once has nothing to read meanwhile: two seconds are few."""

    def slow(exchange: Exchange) -> None:
        time.sleep(2.2)
        ollama._tags(exchange)

    ollama.upstream.on("/api/tags", slow)
    assert shell.json("ollama", "show", "oak")["tier"] == "api"


def test_a_live_list_tells_its_tier_and_age(shell: Shell, upstream: Upstream) -> None:
    """What the server has now; without it what it last said, and why; all exit with 0.

    A key that is not set is a word, as in a sync.
    """
    page = {"data": [{"id": "acme/oak", "max_model_len": 4_096}]}
    upstream.on("/v1/models", answer(page))
    shell.environ["VLLM_BASE_URL"] = f"{upstream.url}/v1"
    found = shell.json("list", "vllm", "--live")
    said = (found["tier"], found["error"], found["source"], found["models"][0]["ref"])
    assert said == ("api", None, "vllm", "vllm/acme/oak")
    assert 0 <= found["age"] < 5
    code, out, told = shell("list", "vllm", "--live", "--format", "tsv")
    head, row = (line.split("\t") for line in out.splitlines())
    assert (code, head[-2:], row[-2]) == (0, ["tier", "age"], "api")
    assert "1 models; tier api" in told
    assert shell("list", "vllm", "--live", "-q")[1] == "vllm/acme/oak\n"
    assert "vllm/acme/oak" in shell("list", "vllm", "--live", "--csv")[1]
    assert "tier api" in shell("list", "vllm", "--live", "--format", "table")[2]
    upstream.on("/v1/models", status(503))
    code, out, told = shell("list", "vllm", "--live")
    assert (code, "last_good" in out, "not running" in told) == (0, True, True)
    code, out, told = shell("list", "openai", "--live")
    assert (code, "catalogue" in out, "OPENAI_API_KEY" in told) == (0, True, True)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--live",), 2),
        (("openai", "--live", "--as-of", "2026-01-01"), 2),
        (("openai", "--live", "--all"), 2),
        (("no-such-provider", "--live"), 3),
    ],
)
def test_what_is_no_question_to_a_provider(
    shell: Shell, words: tuple[str, ...], code: int
) -> None:
    """It is refused, and nothing is asked."""
    assert shell("list", *words)[:2] == (code, "")


def test_local_lists_all_that_answer(shell: Shell, ollama: Ollama) -> None:
    """Servers that are not there are left out; one that is named is told of."""
    del ollama
    rows = shell.json("local", "list")
    assert {row["server"] for row in rows} == {"ollama"}
    assert len(shell.json("local", "list", "--server", "ollama")) == 2
    code, _, said = shell("local", "list", "--server", "lmstudio", "--json")
    assert code == 1
    assert "LM Studio server not running at http://127.0.0.1:9" in said
    assert shell("local", "list", "--server", "nobody")[0] == 2
    shell.environ["OLLAMA_HOST"] = "127.0.0.1:9"
    code, _, said = shell("local", "list")
    assert (code, "no local server answers" in said) == (0, True)


def test_what_stands_in_the_way_is_told(
    shell: Shell, ollama: Ollama, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That no server answers is said only where they were asked."""
    assert shell("local", "list")[2] == ""
    ollama.upstream.on("/api/tags", status(500))
    assert "Ollama service not running" in shell("local", "list")[2]  # it was there
    shell.environ["OLLAMA_HOST"] = "127.0.0.1:99999"
    assert "OLLAMA_HOST: the address has no such port" in shell("local", "list")[2]
    monkeypatch.setitem(sys.modules, "httpx2", None)
    code, _, said = shell("local", "list")
    assert (code, "pip install 'modeldex[sync]'" in said) == (1, True)


def test_an_own_source_is_a_server(shell: Shell, upstream: Upstream) -> None:
    """An OpenAI-compatible server of one line of configuration."""
    page = {"data": [{"id": "acme/oak", "max_model_len": 4_096}]}
    upstream.on("/v1/models", answer(page))
    folder = shell.home / ".config" / "modeldex"
    folder.mkdir(parents=True)
    line = f'box = {{url = "{upstream.url}/v1", local = true}}\n'
    (folder / "config.toml").write_text(f"[sources]\n{line}")
    record = shell.json("local", "show", "acme/oak", "--server", "box")
    assert (record["ref"], record["effective_context"]) == ("box/acme/oak", 4_096)
    # it may pass requests on to somebody who charges for them
    assert record["pricing"]["state"] == "unknown"


def test_a_local_server_is_not_the_api_of_a_provider(
    shell: Shell, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks for OpenAI's models is not answered by a server that claims them."""
    monkeypatch.setenv("HOME", str(shell.home))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("MODELDEX_CACHE_DIR", str(shell.home / "cache"))
    upstream.on("/v1/models", answer({"data": [{"id": "gpt-x"}]}))
    folder = shell.home / ".config" / "modeldex"
    folder.mkdir(parents=True)
    line = f'box = {{url = "{upstream.url}/v1", local = true, provider = "openai"}}\n'
    (folder / "config.toml").write_text(f"[sources]\n{line}")
    registry = modeldex.open()
    found = registry.load_models("openai", force_refresh=True)
    assert (found.tier, found.source) == ("catalogue", "openai")
    assert [m.id for m in registry.load_models("box", force_refresh=True)] == ["gpt-x"]


def test_register_and_unregister_in_the_store(shell: Shell, ollama: Ollama) -> None:
    """A custom model with its real facts: what it is set to, not what is loaded now."""
    ollama.loaded["oak:latest"] = 1_024
    code, out, _ = shell("ollama", "register", "oak", "--dry-run")
    assert code == 0
    assert "context_window" in out
    assert shell("ollama", "register", "oak", answer="n\n")[0] == 1
    assert shell("show", "ollama/oak:latest")[0] == 3
    assert shell("ollama", "register", "oak", "--yes")[0] == 0
    model = shell.json("show", "ollama/oak:latest")
    assert model["context_window"] == 8_192
    assert model["metadata"]["max_context_window"] == 65_536
    assert model["metadata"]["quantization"] == "Q4_K_M"
    assert model["pricing"]["state"] == "free"
    assert model["sources"]["*"]["because"] == "registered from ollama"
    assert shell("verify")[0] == 0
    # the live server is before what was registered of it
    ollama.models["oak:latest"] = shown(32_768)
    ollama.digests["oak:latest"] = "a" * 64
    assert shell.json("ollama", "show", "oak")["context_window"] == 1_024
    assert shell("ollama", "unregister", "oak", "--yes")[0] == 0
    assert shell("show", "ollama/oak:latest")[0] == 3
    assert shell("ollama", "unregister", "oak", "--yes")[0] == 3


def test_a_known_model_is_registered_over_its_entry(
    shell: Shell, ollama: Ollama
) -> None:
    """What a person wrote beside it stays when it is taken back."""
    ollama.models["m"] = shown(4_096)
    fields = ("mode=embedding", "name=Mine")
    assert shell("edit", "add", "ollama/m", *fields, "--yes")[0] == 0
    assert shell("ollama", "register", "m", "--yes")[0] == 0
    assert shell.json("show", "ollama/m")["context_window"] == 4_096
    assert shell("ollama", "unregister", "m", "--yes")[0] == 0
    model = shell.json("show", "ollama/m")
    assert (model["name"], model["context_window"]) == ("Mine", None)
    code, _, said = shell("ollama", "unregister", "m", "--yes")
    assert (code, "was not registered from ollama" in said) == (2, True)


OWN = """# ours
provider: ollama
models:
  # a note
  mine: {context_window: 512}  # by hand
"""


def test_register_into_yaml_and_back(shell: Shell, ollama: Ollama) -> None:
    """Comments and lines of the file stay; taken back, it is what it was."""
    del ollama
    folder = shell.home / "own"
    folder.mkdir()
    file = folder / "mine.yml"
    file.write_text(OWN)
    words = ("oak:latest", "--into", "own", "--yes")
    code, out, _ = shell("ollama", "register", *words[:3], "--dry-run")
    assert (code, "+  oak:latest:" in out) == (0, True)
    assert file.read_text() == OWN
    assert shell("ollama", "register", *words)[0] == 0
    assert file.read_text().startswith(OWN)
    shell.environ["MODELDEX_CATALOG_PATH"] = str(folder)
    model = shell.json("show", "ollama/oak:latest")
    assert (model["context_window"], model["pricing"]["state"]) == (8_192, "free")
    assert shell("ollama", "unregister", "mine", "--into", "own", "--yes")[0] == 2
    assert shell("ollama", "unregister", *words)[0] == 0
    assert file.read_text() == OWN


def test_register_into_a_new_file_and_back(shell: Shell, ollama: Ollama) -> None:
    """A directory without a file of the provider gets one."""
    del ollama
    words = ("leaf:1b", "--into", "fresh", "--yes")
    assert shell("ollama", "register", *words)[0] == 0
    text = (shell.home / "fresh" / "ollama.yaml").read_text()
    assert "mode: embedding" in text
    assert shell("catalog", "validate", "fresh")[0] == 0
    assert shell("ollama", "unregister", *words)[0] == 0
    assert "leaf" not in (shell.home / "fresh" / "ollama.yaml").read_text()


def test_only_a_live_model_is_registered(shell: Shell, ollama: Ollama) -> None:
    """What the server does not say now is not written down."""
    assert shell("ollama", "register", "never", "--yes")[0] == 3
    ollama.upstream.on("/api/tags", status(500))
    code, _, said = shell("ollama", "register", "oak", "--yes")
    assert (code, "not running" in said) == (1, True)


# the public functions


@pytest.fixture
def home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, upstream: Upstream
) -> Iterator[Any]:
    """Return a registry at an empty home, whose Ollama is the upstream."""
    for name in ("OPENAI_API_KEY", "MODELDEX_STORE", "MODELDEX_CATALOG_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MODELDEX_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("MODELDEX_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("OLLAMA_HOST", upstream.url)
    return modeldex.open()


def test_live_lists_of_a_registry(home: Any, ollama: Ollama) -> None:
    """A missing key is a word; an unknown provider is not; a local server is asked."""
    listed = home.list_for_provider("openai", live=True)
    assert (listed.tier, "OPENAI_API_KEY" in listed.error) == ("catalogue", True)
    assert listed == home.list_for_provider("openai")
    assert "OPENAI_API_KEY" in home.load_models("openai", force_refresh=True).error
    with pytest.raises(UnknownProviderError):
        home.load_models("no-such-provider")
    assert "no source lists" in home.load_models("anyscale").error
    assert home.load_models("ollama").tier == "catalogue"  # while it is asked
    assert [m.id for m in home.load_models("ollama", force_refresh=True)] == list(
        ollama.models
    )
    assert home.ollama.get_model_details("oak").max_context_window == 65_536
    assert "lmstudio" in home.local_servers()
    with pytest.raises(InvalidInputError, match="known are"):
        home.local("openai")


def test_what_people_disabled_is_not_listed(home: Any, ollama: Ollama) -> None:
    """It is told of by its name, marked so."""
    del ollama
    home.edits.add("ollama/leaf:1b", {"mode": "embedding"}, because="so")
    home.edits.disable("ollama/leaf:1b", because="not for us")
    assert [m.id for m in home.ollama.list()] == ["oak:latest"]
    assert home.ollama.get_model_details("leaf:1b").model.status == "disabled"


def test_clearing_the_cache_has_it_asked_anew(home: Any, ollama: Ollama) -> None:
    """Of one provider, or of all; of another it costs nothing."""
    count = ollama.upstream.count
    home.load_models("ollama", force_refresh=True)
    for names, asked in (((), 1), (("openai",), 1), (("ollama",), 2), ((None,), 3)):
        for name in names:
            home.clear_cache(name)
        listed = home.ollama.list()
        assert (listed.is_live, count("/api/tags")) == (True, asked), names
    with pytest.raises(UnknownProviderError):
        home.clear_cache("no-such-provider")


def test_a_wrong_address_names_its_variable(
    home: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who reads the error knows what to put right."""
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:99999")
    assert "OLLAMA_HOST: the address has no such port" in home.ollama.list().error


def test_a_catalogue_at_a_path_says_that_it_is_not_laid_over(
    home: Any, ollama: Ollama, tmp_path: Path
) -> None:
    """Its models are asked; local servers are as everywhere."""
    del home
    (tmp_path / "own").mkdir()
    text = "provider: openai\nmodels: {m: {context_window: 5}}\n"
    (tmp_path / "own" / "openai.yaml").write_text(text)
    registry = modeldex.open(tmp_path / "own")
    listed = registry.load_models("openai")
    assert ([m.id for m in listed], listed.tier) == (["m"], "catalogue")
    assert "opened at a path" in listed.error
    assert len(registry.ollama.list()) == len(ollama.models)
