"""Models of an Ollama server, from the registry and the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from local_servers import PS, SHOW, TAGS, shown
from modeldex.bootstrap import open as open_registry
from modeldex.cli import main
from modeldex.errors import SourceUnavailableError, UnknownModelError
from upstream import Upstream, answer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "oak:3b"
ROW = {"name": NAME, "model": NAME, "digest": "a" * 64, "size": 5}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Upstream]:
    """Run a server with one model, and have a home of one's own."""
    with Upstream() as upstream:
        upstream.on(TAGS, answer({"models": [ROW]}))
        upstream.on(PS, answer({"models": []}))
        told = shown(65_536, "completion", "tools", parameters="num_ctx 16384")
        upstream.on(SHOW, answer(told))
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("OLLAMA_HOST", upstream.url)
        monkeypatch.setenv("MODELDEX_CACHE_DIR", str(tmp_path / "cache"))
        monkeypatch.setenv("MODELDEX_DATA_DIR", str(tmp_path / "data"))
        yield upstream


def test_contexts_are_apart_and_a_digest_is_asked_once(server: Upstream) -> None:
    """What is configured, what is possible, and what the server says it can."""
    ollama = open_registry().ollama
    found = ollama.get_model_details(NAME)
    assert (found.effective_context, found.max_context_window) == (16_384, 65_536)
    assert found.context_window == 16_384
    assert (found.tier, found.capabilities) == ("api", ["function_calling"])
    assert ollama.get_model_details(NAME).tier == "cache"
    ollama.list(force_refresh=True)
    assert (server.count(TAGS), server.count(SHOW)) == (2, 1)
    with pytest.raises(UnknownModelError):
        ollama.get_model_details("none")


def test_no_window_is_assumed(server: Upstream) -> None:
    """A model of which no window is said has none."""
    server.on(SHOW, answer(shown(None, "completion")))
    assert open_registry().ollama.get_model_details(NAME).context_window is None


def test_a_dead_server_is_what_it_last_said(
    server: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is stale and says why; where it never answered, it is a typed error."""
    open_registry().ollama.list()
    server.on(TAGS, answer({}, 503))
    found = open_registry().ollama.get_model_details(NAME)
    assert (found.tier, found.is_live) == ("last_good", False)
    assert found.error
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    with pytest.raises(SourceUnavailableError):
        open_registry().ollama.get_model_details("none")


def run(*words: str) -> int:
    """Run the program."""
    found: int = main(list(words), standalone_mode=False)
    return found


def test_the_commands(server: Upstream, capsys: pytest.CaptureFixture[str]) -> None:
    """List and show ask; register writes the facts, unregister removes them."""
    assert run("ollama", "list", "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["ref"], row["context_window"]) == (f"ollama/{NAME}", 16_384)
    assert run("ollama", "show", NAME, "--json") == 0
    assert json.loads(capsys.readouterr().out)["max_context_window"] == 65_536
    assert run("ollama", "register", NAME, "--yes") == 0
    model = open_registry().get_info("ollama", NAME)
    assert (model.context_window, model.metadata["digest"]) == (16_384, "a" * 64)
    server.on(TAGS, answer({}, 503))
    assert run("ollama", "unregister", NAME, "--yes") == 0
    with pytest.raises(UnknownModelError):
        open_registry().get_info("ollama", NAME)
