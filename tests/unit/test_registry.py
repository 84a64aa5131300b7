"""What the module and Registry answer: ExLLM's functions, repaired."""

from __future__ import annotations

import inspect
import subprocess
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

import modeldex
from catalogs import DAY, catalog_of, compiled, random_entries, registry_of
from modeldex.catalog import Catalog, Lookup
from modeldex.catalog.finder import Finder
from modeldex.catalog.snapshot import memory_snapshot
from modeldex.errors import (
    AuthoringError,
    InvalidInputError,
    InvalidQueryError,
    InvalidRefError,
    ModeldexError,
    SnapshotDamagedError,
    UnknownModelError,
    UnknownProviderError,
)
from modeldex.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from modeldex.domain.model import Model


def listed(given: str, taken: str | None = None) -> dict[str, Decimal]:
    """Return a price of input and output."""
    prices = {"input": Decimal(given)}
    return prices if taken is None else prices | {"output": Decimal(taken)}


ENTRIES: dict[tuple[str, str], dict[str, Any]] = {
    ("acme", "large"): {
        "name": "Acme Large One",
        "canonical": "acme/large",
        "context_window": 200_000,
        "max_output_tokens": 8_192,
        "pricing": listed("3", "15"),
        "capabilities": {"vision": True, "streaming": True, "audio_input": False},
        "release_date": "2026-02",
        "sources": {"*": "litellm", "pricing": "genai-prices"},
    },
    ("acme", "small"): {"context_window": 8_000, "pricing": listed("0.1", "0.4")},
    ("acme", "edge"): {"context_window": 100_000, "pricing": listed("5", "20")},
    ("acme", "over"): {"context_window": 99_999, "pricing": listed("5.0001", "20")},
    ("acme", "free"): {"pricing": {"state": "free"}, "capabilities": {"vision": True}},
    ("acme", "plan"): {"pricing": {"state": "included"}, "context_window": 128_000},
    ("acme", "router"): {"pricing": {"state": "variable"}},
    ("acme", "bare"): {},
    ("acme", "old"): {
        "status": "retired",
        "context_window": 2_000_000,
        "pricing": listed("0.01", "0.02"),
        "capabilities": {"vision": True, "streaming": True},
    },
    ("acme", "ending"): {"deprecation_date": "2026-06-16", "pricing": listed("1")},
    ("acme", "embed"): {"mode": "embedding", "pricing": listed("0.02")},
    ("beta", "lab/large"): {
        "canonical": "acme/large",
        "context_window": 200_000,
        "pricing": listed("2.5", "15"),
        "capabilities": {"vision": True, "streaming": False},
    },
}
# what only a provider is asked of, and what a model is asked of
PROVIDER_QUESTIONS = (
    "get_all_context_windows",
    "get_all_models",
    "get_all_pricing",
    "get_auth_methods",
    "get_default",
    "get_default_model",
    "get_endpoints",
    "get_limitations",
    "is_configured",
    "is_local",
    "list_for_provider",
    "provider_info",
    "requires_auth",
)
MODEL_QUESTIONS = (
    "get_capabilities",
    "get_context_window",
    "get_info",
    "get_max_output_tokens",
    "get_model_config",
    "get_pricing",
)
# public on Registry alone: what it stands on
GROUPS = {"edits", "ollama", "reviews", "revisions"}
OWN = {
    "catalog",
    "close",
    "digest",
    "findings",
    "keep_fresh",
    "known",
    "linter",
    "mirror",
    "publication",
    "query",
    "site",
    "sources",
    "tokens",
}


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide the settings of whoever runs the tests."""
    for name in ("CATALOG_PATH", "CONFIG"):
        monkeypatch.delenv(f"MODELDEX_{name}", raising=False)
    monkeypatch.setenv("MODELDEX_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture(scope="module")
def registry() -> Registry:
    """Return a small catalogue on a fixed day."""
    return registry_of(ENTRIES)


@pytest.fixture(scope="module")
def shipped() -> Registry:
    """Return the shipped catalogue, whatever the user's settings."""
    return modeldex.open(overlays=[])


@pytest.fixture(scope="module")
def everything(shipped: Registry) -> list[Model]:
    """Return every shipped model, retired ones too."""
    return shipped.find(status="any")


@pytest.fixture
def own(tmp_path: Path) -> Registry:
    """Return the catalogue of a directory with facts of its providers."""
    (tmp_path / "acme.yaml").write_text(
        "provider: acme\nname: Acme\nkind: cloud\ndefault_model: m\n"
        "models: {m: {context_window: 128000}, n: {context_window: 128000}}\n"
    )
    (tmp_path / "home.yaml").write_text(
        "provider: home\nkind: local\nmodels: {m: {context_window: 8192}}\n"
    )
    return modeldex.open(tmp_path)


def names(models: list[Model]) -> list[str]:
    """Return the ids of models."""
    return [model.id for model in models]


# --- the module


def test_public_names_are_those_of_all() -> None:
    """`__all__`, `dir()` and a star import name the same things, and each exists."""
    exported: dict[str, Any] = {}
    exec("from modeldex import *", exported)
    del exported["__builtins__"]
    assert modeldex.__all__ == sorted(exported) == dir(modeldex)
    assert all(value is not None for value in exported.values())


def test_an_unknown_attribute_is_an_attribute_error() -> None:
    """A name that the module has not is refused as Python does it."""
    with pytest.raises(AttributeError, match="no attribute 'get_inof'"):
        _ = modeldex.get_inof


def test_registry_has_the_functions_of_the_module() -> None:
    """Every function of the module is a method of Registry, and the other way."""
    functions = {
        name
        for name in modeldex.__all__
        if inspect.isroutine(getattr(modeldex, name)) and name not in modeldex._HOMES
    }
    methods = {name for name in dir(Registry) if not name.startswith("_")}
    assert functions | GROUPS == methods - OWN
    assert set(modeldex.__all__) >= GROUPS
    assert set(PROVIDER_QUESTIONS) | set(MODEL_QUESTIONS) < functions


@pytest.mark.parametrize("name", ["find", "find_refs", "get_info"])
def test_functions_of_the_module_ask_as_methods_do(name: str) -> None:
    """What does not wait for the registry has its signature."""
    method = list(inspect.signature(getattr(Registry, name)).parameters.values())[1:]
    function = list(inspect.signature(getattr(modeldex, name)).parameters.values())
    assert [(p.name, p.kind, p.default) for p in function] == [
        (p.name, p.kind, p.default) for p in method
    ]


def test_the_module_asks_one_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions of the module answer from one default registry, opened once."""
    opened = []

    def open_small() -> Registry:
        opened.append(1)
        return registry_of(ENTRIES)

    monkeypatch.setattr(modeldex, "_opened", None)
    monkeypatch.setattr(modeldex, "_known", {})
    monkeypatch.setattr(
        "modeldex.bootstrap.open_default", lambda _kind, _swapped: open_small()
    )
    assert modeldex.get_info("acme", "large") is modeldex.get_info("acme", "large")
    assert modeldex.get_pricing("acme/large").input == 3
    assert modeldex.providers() == ["acme", "beta"]
    assert modeldex.default_registry().find_refs("vision") == modeldex.find_refs(
        capabilities=["vision"]
    )
    assert opened == [1]


def test_the_first_answer_may_come_before_the_registry(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`get_info` and `find` open less than a registry; it then takes over."""
    monkeypatch.setattr(modeldex, "_opened", None)
    monkeypatch.setattr(modeldex, "_known", {})
    first = modeldex.get_info("openai", "gpt-4o")
    assert type(modeldex._opened) is Lookup
    refs = modeldex.find_refs("provider:openai", text="gpt-4o", limit=1)
    assert [m.ref for m in modeldex.find("provider:openai text:gpt-4o limit:1")] == refs
    assert type(modeldex._opened) is Finder
    catalog = modeldex._opened.catalog
    assert modeldex.price("openai/gpt-4o") == first.pricing
    assert isinstance(modeldex._opened, Registry)
    assert modeldex._opened.catalog is catalog  # not read again
    assert modeldex.find_refs("provider:openai", text="gpt-4o", limit=1) == refs
    assert modeldex.get_info("openai", "gpt-4o") is first


def test_few_refs_are_as_all_of_them(registry: Registry) -> None:
    """What the first questions read alone is what the others find."""
    found = [registry.find_refs("sort:input", limit=3) for _ in range(20)]
    assert found == [[model.ref for model in registry.find("sort:input limit:3")]] * 20


# --- one model


def test_get_info_by_pair_and_by_ref(registry: Registry) -> None:
    """A model is got by provider and id, or by its ref, split at the first slash."""
    pair = registry.get_info("beta", "lab/large")
    assert registry.get_info("beta/lab/large") == pair
    assert registry.get_info(provider="beta", model_id="lab/large") is pair
    assert (pair.provider, pair.id, pair.ref) == ("beta", "lab/large", "beta/lab/large")


def test_facts_of_one_model(registry: Registry) -> None:
    """The low-level functions give the facts that `get_info` holds."""
    model = registry.get_info("acme", "large")
    assert registry.get_pricing("acme", "large") == model.pricing
    assert registry.get_pricing("acme/large").output == Decimal(15)
    assert registry.get_context_window("acme", "large") == 200_000
    assert registry.get_max_output_tokens("acme/large") == 8_192
    assert registry.get_capabilities("acme/large") == model.capabilities
    assert registry.get_model_config("acme/large") == model.as_dict()


def test_unknown_facts_are_none(registry: Registry) -> None:
    """What no source says is None: never zero, never false, never a default."""
    for ask in ("pricing", "context_window", "max_output_tokens", "capabilities"):
        assert getattr(registry, f"get_{ask}")("acme", "bare") is None
    bare = registry.get_info("acme", "bare")
    assert bare.pricing.input is None
    assert bare.pricing.state == "unknown"
    assert bare.capabilities.get("vision") is None
    kept = {key for key, fact in bare.as_dict().items() if fact is not None}
    assert kept == {
        *("ref", "provider", "id", "name", "mode", "status"),
        *("pricing", "capabilities", "metadata", "sources"),
    }


def test_retired_models_answer_by_name(registry: Registry) -> None:
    """`get_info` and `get_pricing` know retired models that lists leave out."""
    assert registry.get_info("acme", "old").status == "retired"
    assert registry.get_pricing("acme", "old").input == Decimal("0.01")
    assert "old" not in names(registry.list_all())


# --- what is not there


@pytest.mark.parametrize("question", PROVIDER_QUESTIONS)
@pytest.mark.parametrize("name", ["acmee", "", "acme,beta", "acme/large"])
def test_an_unknown_provider_raises(
    registry: Registry, question: str, name: str
) -> None:
    """Every function of a provider refuses a name that is none."""
    with pytest.raises(UnknownProviderError) as caught:
        getattr(registry, question)(name)
    if name == "acmee":
        assert caught.value.suggestions == ("acme",)
        assert "did you mean acme?" in str(caught.value)


@pytest.mark.parametrize("question", MODEL_QUESTIONS)
def test_an_unknown_model_raises(registry: Registry, question: str) -> None:
    """Every function of a model refuses an unknown id, with near ones."""
    ask = getattr(registry, question)
    with pytest.raises(UnknownModelError) as caught:
        ask("acme", "smal")
    assert caught.value.suggestions[0] == "acme/small"
    assert isinstance(caught.value, LookupError)
    assert isinstance(caught.value, ModeldexError)
    with pytest.raises(UnknownProviderError):
        ask("acmee", "small")
    with pytest.raises(UnknownProviderError):
        ask("acmee/small")


def test_a_model_that_is_elsewhere_is_suggested(registry: Registry) -> None:
    """When no id is near, the provider that has the id is named."""
    with pytest.raises(UnknownModelError) as caught:
        registry.get_info("beta", "router")
    assert caught.value.suggestions == ("acme/router",)


def test_a_suggestion_is_never_taken(shipped: Registry) -> None:
    """Case, prefixes and near spellings of a model id are not guessed."""
    for name in ("GPT-4o", "openai/gpt-4o", "gpt-4o ", "gpt4o"):
        with pytest.raises(UnknownModelError):
            shipped.get_info("openai", name)


@pytest.mark.parametrize(
    "arguments",
    [("acme",), ("",), ("acme/",), ("/large",), ("acme", ""), (None,), (["acme"],)],
)
def test_what_is_no_ref_is_refused(
    registry: Registry, arguments: tuple[Any, ...]
) -> None:
    """A ref without its parts, or of another type, is InvalidRefError."""
    with pytest.raises(InvalidRefError):
        registry.get_info(*arguments)


@pytest.mark.parametrize("model_id", [5, ["large"], b"large", 1.5])
def test_an_id_is_text(registry: Registry, model_id: object) -> None:
    """An id of another type is InvalidRefError."""
    with pytest.raises(InvalidRefError):
        registry.get_info("acme", model_id)


# --- one provider


def test_all_of_a_provider(registry: Registry) -> None:
    """The `get_all` functions see retired models too, and leave unknowns out."""
    models = registry.get_all_models("acme")
    assert len(models) == 11
    assert models["old"] == registry.get_info("acme", "old")
    prices = registry.get_all_pricing("acme")
    assert set(models) - set(prices) == {"bare"}
    assert prices["plan"].state == "included"
    windows = registry.get_all_context_windows("acme")
    assert windows["old"] == 2_000_000
    assert set(windows) == {"large", "small", "edge", "over", "plan", "old"}


def test_provider_facts(own: Registry) -> None:
    """A provider's facts come with its id and its number of models."""
    assert own.providers() == ["acme", "home"]
    facts = own.provider_info("acme")
    known = {key: facts[key] for key in ("provider", "name", "kind", "models")}
    assert known == {"provider": "acme", "name": "Acme", "kind": "cloud", "models": 2}


def test_default_is_an_id_or_none(own: Registry) -> None:
    """`get_default` returns the id, None where a provider states none."""
    assert own.get_default("acme") == own.get_default_model("acme") == "m"
    assert own.get_default("home") is None


# --- many models


def test_lists_leave_out_retired(registry: Registry) -> None:
    """`list_all` sees every provider but no retired model, in order of ref."""
    found = registry.list_all()
    refs = [model.ref for model in found]
    assert refs == sorted(refs)
    assert {model.provider for model in found} == {"acme", "beta"}
    assert set(ENTRIES) - {(m.provider, m.id) for m in found} == {("acme", "old")}
    assert names(registry.list_for_provider("beta")) == ["lab/large"]


def test_status_any_includes_retired(registry: Registry) -> None:
    """`status` takes over from the default filter."""
    assert len(registry.find(status="any")) == len(ENTRIES)
    assert registry.find_refs(status="retired") == ["acme/old"]
    assert registry.find_refs(status="deprecated") == ["acme/ending"]


def test_status_is_judged_on_the_day_of_the_question() -> None:
    """A model leaves the lists on its deprecation date, in the same snapshot."""
    snapshot = memory_snapshot(compiled(ENTRIES))
    day = ["2026-06-15"]
    registry = Registry(lambda _why: Catalog(snapshot, lambda: day[0]))
    model = registry.get_info("acme/ending")
    assert "ending" in names(registry.list_all())
    assert model.status == "deprecated"
    day[0] = "2026-06-16"
    assert "ending" not in names(registry.list_all())
    assert model.status == "retired"


def test_find_by_capabilities_wants_all(registry: Registry) -> None:
    """A model must have every capability: known, not merely not denied."""
    assert names(registry.find_by_capabilities(["vision"])) == [
        *("free", "large", "lab/large")
    ]
    assert names(registry.find_by_capabilities(["vision", "streaming"])) == ["large"]
    assert registry.find_by_capabilities([]) == registry.list_all()
    assert names(registry.find_by_capabilities(["image-input"])) == names(
        registry.find_by_capabilities(["vision"])
    )
    with pytest.raises(InvalidQueryError, match="did you mean vision"):
        registry.find_by_capabilities(["visoin"])


def test_without_is_known_not(registry: Registry) -> None:
    """`without` finds what is known not to have it; `maybe` what may have it."""
    assert registry.find_refs(without="audio_input") == ["acme/large"]
    assert registry.find_refs(without="streaming") == ["beta/lab/large"]
    maybe = registry.find_refs(maybe="streaming")
    assert "beta/lab/large" not in maybe
    assert {"acme/large", "acme/bare"} < set(maybe)


def test_find_by_min_context_is_inclusive_and_largest_first(registry: Registry) -> None:
    """The bound counts as enough; unknown windows are left out; cheaper ones lead."""
    found = registry.find_by_min_context(100_000)
    assert names(found) == ["lab/large", "large", "plan", "edge"]
    assert names(registry.find_by_min_context(200_001)) == []


def test_find_by_cost_range_is_inclusive_and_cheapest_first(registry: Registry) -> None:
    """Both ends count; what has no price in USD per token is left out."""
    found = registry.find_by_cost_range(input=(0, 5), output=(0, 20))
    assert names(found) == ["free", "small", "lab/large", "large", "edge"]
    exact = registry.find_by_cost_range(input=(Decimal("5.0001"), "5.0001"))
    assert names(exact) == ["over"]
    assert names(registry.find_by_cost_range(output=(15, 20.0))) == [
        *("lab/large", "large", "edge", "over")
    ]
    assert names(registry.find_by_cost_range(input=(0.02, 0.02))) == ["embed"]
    assert "free" in names(registry.find_by_cost_range(input=(0, 0)))


def test_a_cost_range_that_is_none_is_refused(registry: Registry) -> None:
    """An empty range, and a bound that is no price, are InvalidInputError."""
    with pytest.raises(InvalidInputError, match="the range from 5 to 1 is empty"):
        registry.find_by_cost_range(input=(5, 1))
    with pytest.raises(InvalidInputError, match="output: the range"):
        registry.find_by_cost_range(output=("0.30000000000000001", "0.3"))
    for bound in ("cheap", -1, float("nan")):
        with pytest.raises(InvalidInputError, match="is not a price"):
            registry.find_by_cost_range(input=(0, bound))


@pytest.mark.parametrize(
    "query",
    ["max_input:1000000", "min_input:0", "input>=0", "sort:input", "sort:-input"],
)
def test_only_listed_and_free_prices_have_an_order(
    registry: Registry, query: str
) -> None:
    """Included, variable and unknown prices match no bound and no price order."""
    found = set(names(registry.find(query)))
    assert "free" in found
    assert found.isdisjoint({"plan", "router", "bare"})
    assert {"plan", "router", "bare"} < set(names(registry.find("status:active")))


def test_free_is_zero_and_says_so(registry: Registry) -> None:
    """A stated free model costs Decimal zero and comes first by price."""
    assert names(registry.find(max_input_price=0)) == ["free"]
    pricing = registry.get_pricing("acme", "free")
    assert (pricing.state, pricing.input, pricing.output) == ("free", 0, 0)
    assert registry.find(sort="input")[0].id == "free"


def test_text_keywords_and_both(registry: Registry) -> None:
    """A query is text, keywords, a parsed Query, or text and keywords together."""
    wanted = ["acme/large", "beta/lab/large"]
    text = "vision min_context:100k"
    assert registry.find_refs(text) == wanted
    assert registry.find_refs(capabilities="vision", min_context="100k") == wanted
    assert registry.find_refs("vision", min_context=100_000) == wanted
    assert registry.find_refs(registry.query(text)) == wanted
    assert registry.find_refs(registry.query(text), provider="beta") == wanted[1:]
    assert registry.find_refs(canonical="acme/large", sort="-input", limit=1) == [
        "acme/large"
    ]
    assert registry.find_refs(capabilities=None, limit=None) == registry.find_refs()


def test_pages(registry: Registry) -> None:
    """`limit` and `offset` cut the ordered answer; a limit of 0 is none."""
    whole = registry.find_refs()
    assert registry.find_refs(limit=3, offset=2) == whole[2:5]
    assert registry.find_refs(offset=len(whole)) == []
    assert registry.find_refs(limit=0) == []


def test_a_mode_that_no_model_has_finds_nothing(registry: Registry) -> None:
    """A mode of the vocabulary is no error where the catalogue lacks it."""
    assert registry.find("mode:rerank") == []
    assert registry.find_refs(mode=["rerank", "embedding"]) == ["acme/embed"]
    with pytest.raises(InvalidQueryError, match=r"unknown mode 'chta'.*chat"):
        registry.find(mode="chta")


# --- compare and recommend


def test_compare_puts_models_side_by_side(registry: Registry) -> None:
    """Models are named by ref, pair or themselves; facts say where they differ."""
    small = registry.get_info("acme/small")
    found = registry.compare(["acme/large", ("beta", "lab/large"), small, "acme/large"])
    assert [m.ref for m in found.models] == ["acme/large", "beta/lab/large", small.ref]
    assert found.capabilities["streaming"] == {
        "acme/large": True,
        "beta/lab/large": False,
        "acme/small": None,
    }
    assert found.context_windows["acme/small"] == 8_000
    assert found.pricing["beta/lab/large"].input == Decimal("2.5")
    assert found.facts["pricing.input"]["acme/small"] == Decimal("0.1")
    assert {"pricing.input", "canonical"} <= set(found.differences)
    assert "mode" not in found.differences
    assert found.summary == {
        "total_models": 3,
        "providers": ["acme", "beta"],
        "capabilities_count": 3,
    }
    assert found.as_dict()["models"] == [model.ref for model in found.models]


def test_compare_refuses_what_it_cannot_name(registry: Registry) -> None:
    """Nothing to compare, an unknown model and what is no name all raise."""
    with pytest.raises(InvalidInputError, match="at least one model"):
        registry.compare([])
    with pytest.raises(UnknownModelError):
        registry.compare(["acme/large", "acme/nope"])
    with pytest.raises(InvalidRefError):
        registry.compare([5])


def test_recommend_ranks_chat_models_with_reasons(registry: Registry) -> None:
    """The best five chat models come with reasons that add up to their score."""
    found = registry.recommend()
    assert len(found) == 5
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)
    for one in found:
        assert one.model.mode == "chat"
        assert one.model.status != "retired"
        assert one.score == pytest.approx(sum(points for _, points in one.reasons))
    everything = registry.recommend(limit=100)
    assert {one.model.id for one in everything}.isdisjoint({"embed", "old"})
    last = everything[-1]
    assert last.model.id == "ending"
    assert last.reasons[-1] == ("status deprecated", -50.0)
    assert (everything[-2].score, everything[-2].reasons) == (0, ())
    assert found[0].as_dict()["reasons"][0].keys() == {"reason", "points"}


def test_recommend_keeps_to_the_query(registry: Registry) -> None:
    """Terms, mode, limit and offset of the query hold."""
    refs = [one.model.ref for one in registry.recommend("vision", min_context="1k")]
    assert sorted(refs) == ["acme/large", "beta/lab/large"]
    assert [o.model.id for o in registry.recommend("mode:embedding")] == ["embed"]
    three = registry.recommend(limit=3)
    assert registry.recommend("limit:2", offset=1) == three[1:]
    assert registry_of({("p", "e"): {"mode": "embedding"}}).recommend() == []


def test_recommend_counts_facts_not_prose(own: Registry) -> None:
    """A local model is preferred only when asked; ties are in order of ref."""
    plain = own.recommend()
    assert [one.model.ref for one in plain] == ["acme/m", "acme/n", "home/m"]
    local = own.recommend(prefer_local=True)
    assert local[0].model.ref == "home/m"
    assert local[0].reasons[0] == ("runs locally, as preferred", 50.0)


# --- swaps


def test_reload_swaps_at_once() -> None:
    """After a reload every function answers from the new catalogue alone."""
    versions = iter((ENTRIES, {("acme", "large"): {"context_window": 5}}))
    asked: list[str] = []

    def load(why: str) -> Catalog:
        asked.append(why)
        return catalog_of(next(versions))

    registry = Registry(load)
    before = registry.get_info("acme", "large")
    registry.reload_config()
    assert asked == ["open", "reload"]
    assert registry.get_context_window("acme", "large") == 5
    assert registry.find_refs() == ["acme/large"]
    assert before.context_window == 200_000


def test_a_failed_reload_keeps_the_catalogue() -> None:
    """When loading raises, the old catalogue goes on answering."""

    def load(why: str) -> Catalog:
        if why == "reload":
            raise AuthoringError([])
        return catalog_of(ENTRIES)

    registry = Registry(load)
    digest = registry.digest
    with pytest.raises(AuthoringError):
        registry.reload_config()
    assert registry.digest == digest
    assert registry.get_context_window("acme/large") == 200_000


def test_a_damaged_catalogue_is_replaced() -> None:
    """When a part turns out damaged, the next catalogue answers, not a wrong fact."""
    sound = compiled(ENTRIES)
    damaged = sound.replace(b"Acme Large One", b"Acme Large 0ne", 1)
    assert damaged != sound

    def load(why: str) -> Catalog:
        data = damaged if why == "open" else sound
        return Catalog(memory_snapshot(data), lambda: DAY)

    assert Registry(load).get_info("acme/large").name == "Acme Large One"
    assert len(Registry(load).find()) == len(ENTRIES) - 1
    with pytest.raises(SnapshotDamagedError):
        Registry(lambda _why: load("open")).get_info("acme/large")


ALIASES = {
    "gemini": ("google", "gemini-2.5-pro"),
    "bedrock": ("amazon-bedrock", "amazon.nova-pro-v1:0"),
    "aws": ("amazon-bedrock", "amazon.nova-pro-v1:0"),
    "vertex_ai": ("google-vertex", "gemini-2.5-pro"),
    "x-ai": ("xai", "grok-4.3"),
}


@pytest.mark.parametrize("alias", ALIASES)
def test_an_alias_is_accepted_wherever_a_provider_is_named(
    shipped: Registry, alias: str
) -> None:
    """Another spelling of a provider means it in every function and query."""
    provider, model_id = ALIASES[alias]
    ask: Callable[..., Any]
    for question in PROVIDER_QUESTIONS:
        ask = getattr(shipped, question)
        assert ask(alias) == ask(provider.upper()) == ask(provider)
    for question in MODEL_QUESTIONS:
        ask = getattr(shipped, question)
        assert ask(alias, model_id) == ask(provider, model_id)
        assert ask(f"{alias}/{model_id}") == ask(provider, model_id)
    refs = shipped.find_refs(provider=provider)
    assert refs
    assert shipped.find_refs(provider=alias) == refs
    assert shipped.find_refs(f"provider:{alias}") == refs
    both = shipped.find_refs(provider=[alias, "openai"])
    assert both == shipped.find_refs(f"provider:openai,{alias}")
    assert set(refs) < set(both)
    compared = shipped.compare([(alias, model_id), f"{alias}/{model_id}"])
    assert [model.ref for model in compared.models] == [f"{provider}/{model_id}"]
    best = shipped.recommend(provider=alias, limit=1)
    assert best[0].model.provider == provider


def test_the_answer_names_the_provider_itself(shipped: Registry) -> None:
    """A model found by an alias says its provider's own id."""
    assert shipped.get_info("gemini", "gemini-2.5-pro").ref == "google/gemini-2.5-pro"


def test_findings_and_digest(own: Registry, tmp_path: Path) -> None:
    """A registry over YAML tells what validation found, and which bytes it serves."""
    assert len(own.digest) == 64
    assert own.findings == []
    (tmp_path / "home.yaml").write_text("provider: home\nmodels: {m: {}, n*: {}}\n")
    own.reload_config()
    assert {(f.code, f.line) for f in own.findings} >= {("empty_model", 2)}
    assert len(set(own.findings)) == len(own.findings)


def test_a_cost_range_may_be_open() -> None:
    """None and infinity are open ends; only the given prices are tested."""
    entries = {
        ("p", "both"): {"pricing": {"input": Decimal(1), "output": Decimal(2)}},
        ("p", "output"): {"pricing": {"output": Decimal(1)}},
    }
    small = registry_of(entries)
    found = small.find_by_cost_range(output=(0, float("inf")))
    assert [model.id for model in found] == ["output", "both"]
    assert small.find_by_cost_range(input=(None, 5)) == small.find("input<=5")
    for wrong in (5, (1, 2, 3), "5"):
        with pytest.raises(InvalidInputError, match="a range is"):
            small.find_by_cost_range(input=wrong)


def test_what_is_no_query_is_refused() -> None:
    """A list or a number is neither text nor keywords."""
    small = registry_of(random_entries(1, 3))
    for wrong in (["vision"], 5):
        with pytest.raises(InvalidQueryError, match="a query is text"):
            small.find(wrong)
    for terms in (
        {"capabilities": 5},
        {"modalities": {"input": ["image"]}},
        {"text": ["a"]},
    ):
        with pytest.raises(InvalidQueryError, match="text"):
            small.find(**terms)
    with pytest.raises(InvalidQueryError, match="orders by its score"):
        small.recommend(sort="input")


def test_commas_and_spaces_are_one_grammar() -> None:
    """Commas split in every form, and comparisons may be written with spaces."""
    small = registry_of(random_entries(1))
    listed = small.find_refs(provider=["p0,p1"], mode="chat,embedding")
    assert listed == small.find_refs("provider:p0,p1 mode:chat,embedding")
    assert small.find("context >= 100k input<= 5") == small.find(
        "context>=100k input<=5"
    )
    assert small.find_refs("vision,reasoning") == small.find_refs("vision reasoning")
    assert small.find_refs("sort:input", sort="ref") == small.find_refs()


def test_unknown_words_are_told_where_they_stand() -> None:
    """Unknown modes and modalities are refused with position and a near word."""
    small = registry_of(random_entries(1))
    for text, near in (
        ("vision mode:chatt", "chat"),
        ("vision modality:imagee", "image"),
    ):
        with pytest.raises(InvalidQueryError, match=f"did you mean {near}") as caught:
            small.find(text)
        assert caught.value.position == len("vision ")


def test_the_errors_are_public() -> None:
    """The tree of errors, and each error by its name, come with the module."""
    code = "import modeldex; print(modeldex.errors.UnknownModelError.code)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "unknown_model\n"
    assert modeldex.UnknownModelError is modeldex.errors.UnknownModelError


def test_a_provider_is_a_value() -> None:
    """Facts of a provider are attributes, unknown ones None, and cannot be spoilt."""
    provider = modeldex.get_provider("gemini")
    assert (provider.id, provider.name, provider.metadata) == ("google", "Google", None)
    provider.env.append("X")
    assert "X" not in modeldex.get_provider("google").env
    with pytest.raises(AttributeError, match="a provider has no colour"):
        _ = provider.colour


def test_suggestions_help() -> None:
    """An id that exists elsewhere is suggested first; noise is not."""
    with pytest.raises(UnknownModelError) as caught:
        modeldex.get_info("google", "gpt-4o")
    assert caught.value.suggestions[0] == "openai/gpt-4o"
    with pytest.raises(UnknownModelError) as caught:
        modeldex.get_info("openai", "zzzzzz")
    assert caught.value.suggestions == ()
