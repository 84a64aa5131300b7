"""What ExLLM's tests assert of Ollama and of its loader: 64 to 71, 89 and 90.

Where ours differs, docs/from-exllm.md says why. The catalogue is a file in ExLLM's
form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import modeldex
from local_servers import PS, SHOW, TAGS, Desk, Ollama, shown
from modeldex.errors import SourceUnavailableError
from upstream import Upstream, answer, status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

YAML = """
provider: ollama
default_model: llama3.2:1b
models:
  llama3.2:1b:
    context_window: 131072
    max_output_tokens: 8192
    pricing: {input: 0.0, output: 0.0}
    capabilities: [streaming, function_calling]
  ollama/codegemma:
    context_window: 8192
    max_output_tokens: 8192
    mode: completion
  ollama/llama2:
    context_window: 4096
    max_output_tokens: 4096
    capabilities: [streaming]
"""


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """Run a server that is no Ollama: it answers 404."""
    with Upstream() as running:
        for path in (TAGS, PS, SHOW):
            running.on(path, status(404))
        yield running


@pytest.fixture
def desk(upstream: Upstream, tmp_path: Path) -> Desk:
    """Return what asks it, over the YAML."""
    (tmp_path / "ollama.yml").write_text(YAML)
    catalog = modeldex.open(tmp_path).catalog
    return Desk(catalog, tmp_path / "kept", upstream.url)


@pytest.mark.parametrize(
    ("name", "window", "output", "capability"),
    [
        ("llama3.2:1b", 131_072, 8_192, "streaming"),  # 64
        ("llama2:latest", 4_096, 4_096, "streaming"),  # 67: no 2048, from the YAML
        ("codegemma", 8_192, 8_192, None),  # 69: the key has the provider before it
    ],
)
def test_the_yaml_answers_without_a_server(
    desk: Desk, name: str, window: int, output: int, capability: str | None
) -> None:
    """64, 67, 69: by name, whatever is before or behind it, and marked as YAML's."""
    found = desk.models.get_model_details(name)
    limits = (found.context_window, found.model.max_output_tokens)
    assert (found.tier, limits) == ("catalogue", (window, output))
    assert capability is None or capability in found.capabilities
    assert "chat" not in found.capabilities  # the kind of work is the mode


def test_the_yaml_is_below_what_the_server_says(upstream: Upstream, desk: Desk) -> None:
    """64, 69: the live server comes first, because it knows."""
    Ollama(upstream, {"codegemma:latest": shown(16_384, "completion")})
    found = desk.models.get_model_details("codegemma")
    assert (found.tier, found.context_window) == ("api", 16_384)
    assert found.model.max_output_tokens == 8_192  # of this the server says nothing


def test_an_unknown_model_is_an_error_and_no_4096(
    upstream: Upstream, desk: Desk
) -> None:
    """65, 68: typed without a server; with one, what it does not say is unknown."""
    with pytest.raises(SourceUnavailableError) as caught:
        desk.models.get_model_details("unknown-model:v1")
    assert caught.value.code == "source_unavailable"
    desk.later = 10
    Ollama(upstream, {"unknown-model:v1": shown(None)})
    found = desk.models.get_model_details("unknown-model:v1")
    assert (found.context_window, found.model.max_output_tokens) == (None, None)
    assert (found.capabilities, found.model.mode) == ([], "chat")


def test_two_answers_are_equal_and_clearing_asks_anew(
    upstream: Upstream, desk: Desk
) -> None:
    """66: the same twice, out of memory; after clear_cache it works again."""
    Ollama(upstream, {"llama3.2:1b": shown(8_192, "completion")})
    first, second = (desk.models.get_model_details("llama3.2:1b") for _ in range(2))
    assert (first.model, second.tier) == (second.model, "cache")
    desk.models.clear_cache()
    third = desk.models.get_model_details("llama3.2:1b")
    assert (third.model, third.tier) == (first.model, "api")
    assert upstream.count(TAGS) == 2


def test_an_embedding_model_by_the_servers_word(upstream: Upstream, desk: Desk) -> None:
    """70: it embeds and does not chat, whatever its name is."""
    models = {
        "nomic-embed-text:latest": shown(2_048, "embedding"),
        "embed-in-name-only": shown(2_048, "completion"),
    }
    Ollama(upstream, models)
    found = {one.name: one for one in desk.models.details()}
    embeds = found["nomic-embed-text:latest"]
    assert (embeds.model.mode, embeds.capabilities) == ("embedding", ["embeddings"])
    assert found["embed-in-name-only"].model.mode == "chat"


def test_a_404_is_no_ollama(desk: Desk) -> None:
    """71: unavailable, in the same words."""
    with pytest.raises(SourceUnavailableError, match="Ollama service not running"):
        desk.models.ask_now()


def test_a_fallback_is_told_and_not_kept_as_live(
    upstream: Upstream, desk: Desk
) -> None:
    """89: YAML after an error of the API; but it does not serve for the next hour."""
    listed = desk.models.list()
    assert (listed.tier, listed.age, listed.is_live) == ("catalogue", None, False)
    assert "Ollama service not running" in listed.error
    Ollama(upstream, {"new:1b": shown(1_024)})
    desk.later = 10
    again = desk.models.list()
    assert (again.tier, [m.id for m in again]) == ("api", ["new:1b"])


def test_force_refresh_skips_the_cache(upstream: Upstream, desk: Desk) -> None:
    """90: what is fresh enough is asked for anew."""
    ollama = Ollama(upstream, {"one:1b": shown(1_024)})
    desk.models.list()
    ollama.models["two:1b"] = shown(2_048)
    assert len(desk.models.list()) == 1
    found: Any = desk.models.list(force_refresh=True)
    assert (found.tier, len(found)) == ("api", 2)
    assert upstream.count(TAGS) == 2
    upstream.on(TAGS, answer({}, 503))
    kept = desk.models.list(force_refresh=True)  # it fails: what is fresh still is so
    assert (kept.tier, len(kept)) == ("cache", 2)
    assert kept.error
