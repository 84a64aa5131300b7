"""Local servers: what they hold, what a request gets, what is served without them."""

from __future__ import annotations

import json
import threading
import time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from catalogs import catalog_of as catalog
from local_servers import PS, SHOW, TAGS, Desk, Ollama, shown
from modeldex.errors import SourceUnavailableError, UnknownModelError
from upstream import Upstream, answer, html, silent, status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from upstream import Exchange

CATALOGUE: dict[tuple[str, str], dict[str, Any]] = {
    ("ollama", "oak"): {
        "canonical": "acme/oak",
        "context_window": 8_192,
        "max_output_tokens": 8_192,
        "limits_basis": {"context_window": "inferred"},
        "pricing": {"state": "free"},
        "capabilities": {"function_calling": True, "streaming": True},
        "sources": {"*": "litellm"},
    },
    ("ollama", "pinned"): {
        "context_window": 1_000,
        "sources": {"*": {"source": "curated", "by": "me", "because": "so"}},
    },
    ("ollama", "elm:1b"): {"context_window": 4_000, "sources": {"*": "litellm"}},
}
MODELS = {
    "oak:latest": shown(65_536, "completion", "tools", "vision", "thinking"),
    "oak:70b": shown(131_072, "completion", parameters="num_ctx     16384\nstop  x"),
    "leaf:latest": shown(2_048, "embedding"),
    "old:1b": shown(None),
}


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """Run a server."""
    with Upstream() as running:
        yield running


@pytest.fixture
def ollama(upstream: Upstream) -> Ollama:
    """Return an Ollama server with four models."""
    return Ollama(upstream, MODELS)


@pytest.fixture
def desk(upstream: Upstream, tmp_path: Path) -> Desk:
    """Return what asks it."""
    return Desk(catalog(CATALOGUE), tmp_path / "kept", upstream.url)


def test_one_call_lists_and_each_model_is_shown_once(
    ollama: Ollama, desk: Desk
) -> None:
    """Tags and running models are one call each, details one per model, then none."""
    listed = desk.models.list()
    assert [model.id for model in listed] == list(MODELS)
    assert (listed.tier, listed.error) == ("api", "")
    counts = {path: ollama.upstream.count(path) for path in (TAGS, PS, SHOW)}
    assert counts == {TAGS: 1, PS: 1, SHOW: len(MODELS)}
    assert desk.models.list().tier == "cache"
    assert ollama.upstream.count() == len(MODELS) + 2


def test_maximum_and_effective_context_are_apart(ollama: Ollama, desk: Desk) -> None:
    """The maximum is the architecture's; what is loaded or set is what requests get."""
    ollama.loaded = {"oak:latest": 4_096}
    found = {d.name: d for d in desk.models.details()}
    figures = {
        name: (d.context_window, d.effective_context, d.max_context_window)
        for name, d in found.items()
    }
    assert figures == {
        "oak:latest": (4_096, 4_096, 65_536),
        "oak:70b": (16_384, 16_384, 131_072),
        "leaf:latest": (2_048, None, 2_048),
        "old:1b": (None, None, None),  # no 4096, nor any other guess
    }
    assert found["oak:latest"].found.loaded is True  # type: ignore[union-attr]
    assert found["oak:70b"].found.loaded is False  # type: ignore[union-attr]
    limits = found["oak:latest"].model.limits
    assert limits
    assert limits["context_window"]["basis"] == "configured"
    assert found["oak:latest"].model.metadata["max_context_window"] == 65_536


def test_capabilities_are_the_servers_own_list(ollama: Ollama, desk: Desk) -> None:
    """What it names is yes; tools and vision that it does not name, it refuses."""
    del ollama
    found = {d.name: d.model for d in desk.models.details()}
    yes = found["oak:latest"].capabilities.yes
    assert {"function_calling", "vision", "reasoning", "streaming"} <= set(yes)
    assert set(found["oak:70b"].capabilities.no) >= {"function_calling", "vision"}
    assert found["leaf:latest"].mode == "embedding"
    assert not found["old:1b"].capabilities.no  # it has no such list


def test_the_server_comes_before_the_catalogue(ollama: Ollama, desk: Desk) -> None:
    """Its facts are over the entry of that name; what it does not say stays."""
    del ollama
    model = desk.models.get_model_details("oak").model
    assert (model.id, model.canonical) == ("oak:latest", "acme/oak")
    assert model.context_window == 65_536
    assert model.source_of("context_window") == "ollama"
    assert model.max_output_tokens == 8_192
    assert desk.models.get_model_details("oak:70b").model.canonical is None


def test_what_a_person_pinned_is_on_top(ollama: Ollama, desk: Desk) -> None:
    """A curated field is served, the server's word beside it."""
    ollama.models["pinned:latest"] = shown(32_768, "completion")
    found = desk.models.get_model_details("pinned")
    assert found.model.context_window == 1_000
    assert found.max_context_window == 32_768


def test_a_price_and_a_window_of_ones_own_are_on_top(
    ollama: Ollama, upstream: Upstream, tmp_path: Path
) -> None:
    """The user's YAML: a price takes the place of `free`, it is not beside it."""
    del ollama
    own = {
        "context_window": 5_000,
        "pricing": {"input": Decimal(3)},
        "sources": {"*": "user"},
    }
    over = Desk(catalog({("ollama", "oak"): own}), tmp_path, upstream.url)
    model = over.models.get_model_details("oak").model
    assert (model.pricing.state, model.pricing.input) == ("listed", 3)
    assert (model.context_window, model.source_of("context_window")) == (5_000, "user")


def test_details_of_a_model(ollama: Ollama, desk: Desk) -> None:
    """A name implies its tag; a tag is exact; a digest names a model as well."""
    found = desk.models.get_model_details("oak")
    assert found.name == "oak:latest"
    assert found.capabilities
    assert found.ref == "ollama/oak:latest"
    record = found.as_dict()
    digest = ollama.digests["oak:latest"]
    assert record["digest"] == digest
    assert record["size"] == 2_019_393_189
    said = ("quantization", "parameter_size", "family", "format")
    assert [record[name] for name in said] == ["Q4_K_M", "3.2B", "oak", "gguf"]
    by_digest = desk.models.get_model_details(f"sha256:{digest}")
    assert by_digest.name == "oak:latest"
    assert json.loads(json.dumps(record, default=str))["name"] == "oak:latest"
    with pytest.raises(UnknownModelError, match="holds no model 'oak:7'"):
        desk.models.get_model_details("oak:7")


def test_two_answers_are_equal_and_clearing_asks_anew(
    ollama: Ollama, desk: Desk
) -> None:
    """ExLLM 66: the same twice; after clear_cache the look-up works again."""
    first = desk.models.get_model_details("oak")
    second = desk.models.get_model_details("oak")
    assert (first.model, first.found) == (second.model, second.found)
    asked = ollama.upstream.count(TAGS)
    desk.models.clear_cache()
    assert desk.models.get_model_details("oak").model == first.model
    assert ollama.upstream.count(TAGS) == asked + 1


def test_only_a_changed_digest_is_shown_again(ollama: Ollama, desk: Desk) -> None:
    """A model that was pulled anew is asked about, the others are not."""
    desk.models.list()
    ollama.digests["oak:70b"] = "e" * 64
    ollama.models["oak:70b"] = shown(262_144, "completion")
    before = len(ollama.asked())
    desk.models.list(force_refresh=True)
    assert ollama.asked()[before:] == ["oak:70b"]
    assert desk.models.get_model_details("oak:70b").max_context_window == 262_144


def test_a_model_that_came_since_is_found(ollama: Ollama, desk: Desk) -> None:
    """A name that memory does not hold is asked for once more, not at every call."""
    desk.models.list()
    ollama.models["new:latest"] = shown(1_024)
    desk.later = 5
    assert desk.models.get_model_details("new").max_context_window == 1_024
    asked = ollama.upstream.count(TAGS)
    for _ in range(5):
        with pytest.raises(UnknownModelError):
            desk.models.get_model_details("never")
    assert ollama.upstream.count(TAGS) == asked


def test_a_model_that_goes_between_two_calls_is_left_out(
    ollama: Ollama, desk: Desk
) -> None:
    """Listed, but gone when it is asked about; one that fails is listed without."""
    ollama.rows["gone:latest"] = {}
    ollama.models["gone:latest"] = None
    assert "gone:latest" not in [m.id for m in desk.models.list()]
    ollama.upstream.on(SHOW, status(500))
    ollama.digests["oak:latest"] = "d" * 64
    found = {d.name: d for d in desk.models.details(force_refresh=True)}
    assert found["oak:latest"].max_context_window is None
    assert found["oak:latest"].as_dict()["quantization"] == "Q4_K_M"
    ollama.upstream.on(SHOW, ollama._show)  # what failed is not kept by its digest
    found = {d.name: d for d in desk.models.details(force_refresh=True)}
    assert found["oak:latest"].max_context_window == 65_536


def test_memory_then_live_then_last_known_then_catalogue(
    ollama: Ollama, desk: Desk, tmp_path: Path
) -> None:
    """A server that dies: memory for an hour, then what it last said, with its age."""
    desk.models.list()
    for path in (TAGS, PS, SHOW):
        ollama.upstream.on(path, status(503))
    assert desk.models.list().tier == "cache"
    desk.later = 4_000
    stale = desk.models.list()
    assert (stale.tier, len(stale)) == ("last_good", len(MODELS))
    assert stale.age is not None
    assert stale.age >= 4_000
    assert "Ollama service not running at http://127.0.0.1" in stale.error
    other = Desk(desk.catalog, tmp_path / "kept", ollama.upstream.url)
    known = other.models.get_model_details("oak")
    assert (known.tier, known.max_context_window) == ("last_good", 65_536)
    fresh = Desk(desk.catalog, tmp_path / "none", ollama.upstream.url)
    listed = fresh.models.list()
    assert listed.tier == "catalogue"
    assert listed.age is None
    assert [m.id for m in listed] == ["elm:1b", "oak", "pinned"]


def test_the_catalogue_answers_without_a_server(desk: Desk) -> None:
    """ExLLM 64: a model of the YAML is told of; it says that the server is silent."""
    found = desk.models.get_model_details("elm:1b")
    assert (found.tier, found.context_window) == ("catalogue", 4_000)
    assert "Ollama service not running" in found.error
    assert desk.models.get_model_details("oak:latest").capabilities
    assert "streaming" in desk.models.get_model_details("oak").capabilities


def test_an_unknown_model_without_a_server_is_an_error(tmp_path: Path) -> None:
    """ExLLM 65 and 71: typed, with how to start it; the error is not kept long."""
    desk = Desk(catalog(CATALOGUE), tmp_path, "http://127.0.0.1:9")
    with pytest.raises(SourceUnavailableError) as caught:
        desk.models.get_model_details("unknown-model:v1")
    said = str(caught.value)
    assert "Ollama service not running at http://127.0.0.1:9" in said
    assert "ollama serve" in said
    assert "OLLAMA_HOST" in said


def test_a_404_is_no_ollama(upstream: Upstream, desk: Desk) -> None:
    """ExLLM 71: another server at the port is told as one that is not running."""
    upstream.on(TAGS, status(404))
    with pytest.raises(SourceUnavailableError, match="Ollama service not running"):
        desk.models.ask_now()
    upstream.on(TAGS, answer({"error": "no"}))
    desk.later = 500
    assert desk.models.list().error == "ollama: the answer is an error"
    upstream.on(TAGS, html())
    desk.later = 1_000
    with pytest.raises(SourceUnavailableError, match="not JSON"):
        desk.models.ask_now()


def test_another_address_is_another_server(ollama: Ollama, desk: Desk) -> None:
    """OLLAMA_HOST may change in a process that runs: memory is of the old one."""
    assert len(desk.models.list()) == len(MODELS)
    with Upstream() as second:
        Ollama(second, {"fir:1b": shown(1_024)})
        desk.environ["OLLAMA_HOST"] = second.url
        assert [m.id for m in desk.models.list()] == ["fir:1b"]
    desk.environ["OLLAMA_HOST"] = ollama.upstream.url
    assert len(desk.models.list()) == len(MODELS)


def test_what_is_never_kept_is_live_all_the_same(
    ollama: Ollama, desk: Desk, tmp_path: Path
) -> None:
    """With no seconds to last, each question goes out, and its answer is of now."""
    eager = Desk(desk.catalog, tmp_path, ollama.upstream.url, lasts=0)
    for count in (1, 2, 3):
        assert eager.models.list().tier == "api"
        assert ollama.upstream.count(TAGS) == count
    eager.models.ask_now()


def test_an_error_is_not_kept(ollama: Ollama, desk: Desk) -> None:
    """When the server is back, the next who asks after a moment gets its answer."""
    ollama.upstream.on(TAGS, status(500))
    assert desk.models.list().tier == "catalogue"
    asked = ollama.upstream.count()
    for _ in range(20):  # a dead server is not asked by each reader
        desk.models.list()
    assert ollama.upstream.count() == asked
    ollama.upstream.on(TAGS, ollama._tags)
    desk.later = 6
    assert desk.models.list().tier == "api"


def test_a_slow_server_blocks_nobody(ollama: Ollama, desk: Desk) -> None:
    """Readers wait a moment once, in parallel, and get what is known, marked so."""
    desk.models.list()
    desk.later = 5_000
    ollama.upstream.on(TAGS, silent(3))
    began = time.perf_counter()
    tiers: list[str] = []

    def read() -> None:
        tiers.append(desk.models.list(wait=0.3).tier)

    threads = [threading.Thread(target=read) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tiers == ["last_good"] * 50
    assert time.perf_counter() - began < 2
    again = time.perf_counter()
    assert desk.models.list(wait=0.3).tier == "last_good"
    assert time.perf_counter() - again < 0.2  # it was waited for already
    assert ollama.upstream.count(TAGS) == 2


def test_200_readers_with_the_same_expiry_ask_once(ollama: Ollama, desk: Desk) -> None:
    """Single flight: one list, one call per model."""
    results: list[Any] = []
    gate = threading.Barrier(200)

    def read() -> None:
        gate.wait()
        results.append(desk.models.get_model_details("oak").max_context_window)

    threads = [threading.Thread(target=read) for _ in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [65_536] * 200
    assert ollama.upstream.count(TAGS) == 1


@pytest.mark.parametrize("tag", ["leaf", "leaf:latest"])
def test_an_embedding_model_is_no_chat_model(
    ollama: Ollama, desk: Desk, tag: str
) -> None:
    """ExLLM 70: it embeds; that comes from the server, not from its name."""
    del ollama
    model = desk.models.get_model_details(tag).model
    assert (model.mode, model.embedding_dimensions) == ("embedding", 768)


def test_what_is_loaded_is_known_for_a_minute(ollama: Ollama, desk: Desk) -> None:
    """Servers load and unload as they like: an older word of it is unknown, not no."""
    ollama.loaded = {"oak:latest": 4_096}
    for later, expected in ((0, True), (59, True), (61, None), (4_000, None)):
        desk.later = later
        if later == 4_000:
            ollama.upstream.on(TAGS, status(500))
        found = desk.models.get_model_details("oak")
        assert found.as_dict()["loaded"] is expected, later
        assert found.effective_context == 4_096  # as it was then: see its age
        assert found.age is not None
        assert found.age >= later
        states = {d.name: d.as_dict()["loaded"] for d in desk.models.details()}
        assert states["oak:70b"] is (None if expected is None else False)


def test_only_what_runs_here_is_free(
    ollama: Ollama, desk: Desk, tmp_path: Path
) -> None:
    """On loopback it costs nothing; passed on to a cloud, or elsewhere, is unknown."""
    ollama.rows["oak:70b"] = {"remote_host": "https://ollama.com:443"}
    states = {d.name: d.model.pricing.state for d in desk.models.details()}
    assert states["oak:latest"] == "free"
    assert states["oak:70b"] == "unknown"
    url = ollama.upstream.url.replace("127.0.0.1", "gpu-box")
    far = Desk(desk.catalog, tmp_path, url)
    assert far.models.server.is_this_host() is False
    assert desk.models.server.is_this_host() is True


LM_V1 = {
    "models": [
        {
            "type": "llm",
            "key": "acme/oak-4b",
            "display_name": "Oak 4B",
            "architecture": "oak",
            "quantization": {"name": "Q4_K_M", "bits_per_weight": 4},
            "size_bytes": 2_500_000_000,
            "params_string": "4B",
            "loaded_instances": [{"id": "x", "config": {"context_length": 4_096}}],
            "max_context_length": 262_144,
            "format": "gguf",
            "capabilities": {"vision": True, "trained_for_tool_use": True},
        }
    ]
}
LM_V0 = {
    "object": "list",
    "data": [
        {
            "id": "acme-oak-4b",
            "object": "model",
            "type": "vlm",
            "arch": "oak",
            "compatibility_type": "gguf",
            "quantization": "Q4_K_M",
            "state": "loaded",
            "max_context_length": 32_768,
            "loaded_context_length": 8_192,
        }
    ],
}
OPENAI = {"object": "list", "data": [{"id": "acme/oak", "object": "model"}]}


@pytest.mark.parametrize(
    ("path", "page", "expected"),
    [
        ("/api/v1/models", LM_V1, ("acme/oak-4b", 4_096, 262_144, "Q4_K_M", True)),
        ("/api/v0/models", LM_V0, ("acme-oak-4b", 8_192, 32_768, "Q4_K_M", True)),
        ("/v1/models", OPENAI, ("acme/oak", None, None, None, None)),
    ],
)
def test_lm_studio_has_three_lists(
    upstream: Upstream, tmp_path: Path, path: str, page: Any, expected: tuple[Any, ...]
) -> None:
    """The richest there is is read; an older server has the others only."""
    upstream.on(path, answer(page))
    desk = Desk(catalog({}), tmp_path, upstream.url, "lmstudio")
    (found,) = [one.as_dict() for one in desk.models.details()]
    names = ("name", "effective_context", "max_context_window", "quantization")
    assert tuple(found[name] for name in (*names, "loaded")) == expected
    assert found["tier"] == "api"


def test_vllm_gives_what_it_was_started_with(
    upstream: Upstream, tmp_path: Path
) -> None:
    """`max_model_len` is what a request gets."""
    page = {"data": [{"id": "acme/oak", "max_model_len": 2_048}, {"id": "b"}]}
    upstream.on("/v1/models", answer(page))
    desk = Desk(catalog({}), tmp_path, upstream.url, "vllm")
    found = [(d.name, d.effective_context) for d in desk.models.details()]
    assert found == [("acme/oak", 2_048), ("b", None)]
    with pytest.raises(UnknownModelError):
        desk.models.get_model_details("acme/oak:latest")


def test_hostile_names_are_left_out(upstream: Upstream, tmp_path: Path) -> None:
    """A name that is no model id is no model."""
    rows = [{"id": "../x y"}, {"id": "a\n"}, {"id": 7}, "x", {"id": "good"}]
    upstream.on("/v1/models", answer({"data": rows}))
    desk = Desk(catalog({}), tmp_path, upstream.url, "vllm")
    assert [model.id for model in desk.models.list()] == ["good"]


RECORDED = Path(__file__).parents[3] / "shared" / "data" / "upstream"


@pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded answers here")
def test_recorded_answers_are_read(upstream: Upstream, tmp_path: Path) -> None:
    """What real servers have answered: each model, no window that was not said."""

    def page(name: str) -> Any:
        return json.loads((RECORDED / name).read_text("utf-8"))

    def show(exchange: Exchange) -> None:
        name = json.loads(exchange.body)["model"]
        found = page("ollama/api_show.json").get(name)
        (answer(found) if found else status(500))(exchange)

    named = page("ollama/api_show.json")
    rows = page("ollama/api_tags.json")["models"]
    rows += [{"name": name, "model": name} for name in named]
    upstream.on(TAGS, answer({"models": rows}))
    upstream.on(PS, answer(page("ollama/api_ps.json")))
    upstream.on(SHOW, show)
    desk = Desk(catalog({}), tmp_path, upstream.url)
    found = {one.name: one for one in desk.models.details()}
    assert len(found) == len(rows)
    for name, one in found.items():
        info = named.get(name, {}).get("model_info", {})
        length = info.get(f"{info.get('general.architecture')}.context_length")
        assert one.max_context_window == length, name
    upstream.on("/api/v1/models", answer(page("lmstudio/api_v1_models.json")))
    studio = Desk(catalog({}), tmp_path, upstream.url, "lmstudio")
    listed = page("lmstudio/api_v1_models.json")["models"]
    assert len(studio.models.list()) == len(listed)
    upstream.on("/v1/models", answer(page("vllm/v1_models.example.json")))
    vllm = Desk(catalog({}), tmp_path, upstream.url, "vllm")
    assert [m.context_window for m in vllm.models.list()] == [2_048]
