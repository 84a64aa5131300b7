"""ExLLM's asserted behaviours of providers, on the shipped catalogue.

Numbers are those of the list that docs/from-exllm.md answers. Where ours differs on
purpose, the test holds what ours does and the page says why.
"""

from __future__ import annotations

import pytest

import modeldex
from modeldex.errors import UnknownProviderError

LOCAL = ("ollama", "bumblebee", "lmstudio", "vllm")
# ExLLM's providers (gemini and bedrock by its own names) and what each is here
EXLLM = {
    "openai": "openai",
    "anthropic": "anthropic",
    "gemini": "google",
    "ollama": "ollama",
    "bedrock": "amazon-bedrock",
    "openrouter": "openrouter",
    "groq": "groq",
    "xai": "xai",
    "bumblebee": "bumblebee",
    "mock": "mock",
    "github_models": "github-models",
}


@pytest.fixture(scope="module")
def shipped():
    """Return the shipped catalogue alone."""
    return modeldex.open(overlays=[])


def test_17_there_are_providers(shipped):
    """The list of providers holds all of ExLLM's."""
    assert set(EXLLM.values()) <= set(shipped.providers())


def test_18_configured_is_a_boolean(shipped):
    """`is_configured` is True or False for each of ExLLM's; unknown ones raise."""
    for name in EXLLM:
        assert shipped.is_configured(name, {}) in (True, False)
    assert shipped.is_configured("openai", {"OPENAI_API_KEY": "k"}) is True
    with pytest.raises(UnknownProviderError):
        shipped.is_configured("nobody", {})


def test_36_openai(shipped):
    """Openai has its id, name, endpoints and features."""
    facts = shipped.get_provider("openai")
    assert (facts.id, facts.name) == ("openai", "OpenAI")
    assert {"chat", "embeddings"} <= set(facts.endpoints)
    assert facts.features["streaming"] is True


ASKED = (
    "get_auth_methods",
    "get_endpoints",
    "get_limitations",
    "is_local",
    "provider_info",
    "requires_auth",
)


@pytest.mark.parametrize("question", ASKED)
def test_37_43_46_53_an_unknown_provider_raises(shipped, question):
    """ExLLM answers an unknown provider with [], {} or false; ours raises."""
    with pytest.raises(UnknownProviderError):
        getattr(shipped, question)("nobody")


def test_38_limitations(shipped):
    """Ollama tracks no cost; the largest file of openai is a number with a unit."""
    assert shipped.get_limitations("ollama")["no_cost_tracking"]["value"] is True
    size = shipped.get_limitations("openai")["max_file_size"]
    assert isinstance(size["value"], int)
    assert size["unit"] == "megabytes"


def test_39_xai(shipped):
    """Xai has chat, its features, and takes a key alone; its name is written xAI."""
    facts = shipped.get_provider("xai")
    assert facts.name == "xAI"
    assert "chat" in facts.endpoints
    assert facts.authentication == ["api_key"]
    for name in ("streaming", "function_calling", "vision", "web_search"):
        assert shipped.provider_supports("xai", name) is True


SUPPORTS = [
    ("openai", "embeddings", True),
    ("anthropic", "embeddings", False),
    ("ollama", "chat", True),
    ("ollama", "cost_tracking", False),
]


@pytest.mark.parametrize(("provider", "name", "answer"), SUPPORTS)
def test_40_supports(shipped, provider, name, answer):
    """Endpoints and features answer alike."""
    assert shipped.provider_supports(provider, name) is answer


def test_40_an_unknown_provider_supports_nothing(shipped):
    """ExLLM answers false for an unknown provider; ours raises."""
    with pytest.raises(UnknownProviderError):
        shipped.provider_supports("nobody", "chat")


def test_41_find(shipped):
    """Providers are found by one feature and by several."""
    streaming = shipped.find_providers(["streaming"])
    assert {"openai", "anthropic", "ollama"} <= set(streaming)
    both = shipped.find_providers(["embeddings", "streaming"])
    assert {"openai", "ollama"} <= set(both)
    assert "anthropic" not in both


def test_42_impossible_and_images(shipped):
    """Nobody has what nobody can; of three only openai makes images."""
    assert shipped.find_providers(["impossible_feature"]) == []
    found = set(shipped.find_providers(["images"]))
    assert found & {"openai", "anthropic", "ollama"} == {"openai"}


def test_43_auth_methods(shipped):
    """Two take a key or a token, the local ones nothing."""
    for name in ("openai", "anthropic"):
        assert shipped.get_auth_methods(name) == ["api_key", "bearer_token"]
    for name in ("ollama", "bumblebee"):
        assert shipped.get_auth_methods(name) == []


def test_44_endpoints_of_anthropic(shipped):
    """ExLLM's two come first; what Anthropic has added since follows."""
    endpoints = shipped.get_endpoints("anthropic")
    assert endpoints[:2] == ["chat", "messages"]
    assert {"count_tokens", "batches", "files"} <= set(endpoints)


def test_45_the_list_is_sorted(shipped):
    """Providers are sorted."""
    found = shipped.list_providers()
    assert found == sorted(found)
    assert {"anthropic", "openai", "ollama", "xai"} <= set(found)


def test_47_compare(shipped):
    """A comparison has names, unions and details; unknown ones raise or are dropped."""
    found = shipped.compare_providers(["openai", "nobody", "ollama"], missing="drop")
    assert found.providers == ("openai", "ollama")
    assert {"streaming", "embeddings", "keep_alive"} <= set(found.features)
    assert {"chat", "pull", "responses"} <= set(found.endpoints)
    assert found.comparison["ollama"]["authentication"] == []
    with pytest.raises(UnknownProviderError):
        shipped.compare_providers(["openai", "nobody"])


def test_48_49_51_recommend(shipped):
    """All required are matched, the excluded are absent, scores descend within 0..1."""
    needs = ["streaming", "function_calling"]
    found = shipped.recommend_providers(
        needs, ["vision", "cost_tracking"], exclude=["groq"], limit=400
    )
    assert all(set(needs) <= set(one.matched) for one in found)
    names = [one.provider for one in found]
    assert {"groq", "mock", "github-models"}.isdisjoint(names)
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)
    assert 0 <= scores[-1] <= scores[0] <= 1
    # the best described are not punished for being well described
    assert {"openai", "anthropic", "google"} <= set(names[:20])


def test_50_prefer_local(shipped):
    """Local providers come before all others, those that are described first."""
    found = shipped.recommend_providers(["chat"], prefer_local=True, limit=400)
    names = [one.provider for one in found]
    assert set(names[:4]) == set(LOCAL)
    local = [shipped.is_local(name) for name in names]
    assert local == sorted(local, reverse=True)


def test_52_53_local_and_auth(shipped):
    """Three of ExLLM's run locally and ask nobody's name."""
    for name in ("bumblebee", "ollama", "mock"):
        assert shipped.is_local(name) is True
        assert shipped.requires_auth(name) is False
    for name in ("openai", "anthropic", "gemini"):
        assert shipped.is_local(name) is False
        assert shipped.requires_auth(name) is True


def test_78_79_the_matrix(shipped):
    """Cells say yes, no or unknown and why; a missing key is told beside them."""
    columns = "chat,streaming,models,functions,vision,tools"
    matrix = shipped.provider_matrix(["openai", "groq"], columns, {})
    assert matrix.features == (
        "chat",
        "streaming",
        "model_listing",
        "function_calling",
        "vision",
    )
    for name in ("chat", "streaming", "vision"):
        support = matrix.cells["openai", name]
        assert (support.answer, bool(support.why)) == (True, True)
    assert matrix.configured == {"openai": False, "groq": False}


def test_80_exports(shipped):
    """Both exports have title, table and provider names; HTML has classes."""
    matrix = shipped.provider_matrix(["openai", "anthropic"], None, {})
    text, page = matrix.markdown(), matrix.html()
    for export in (text, page):
        assert "Provider capability matrix" in export
        assert "Legend" in export
        assert "openai" in export
        assert "anthropic" in export
    assert "| provider |" in text
    assert 'class="yes"' in page
    assert 'class="no"' in page


# --- the shipped provider-level facts


def described(shipped):
    """Return the providers whose entry says more than the sources do."""
    return [n for n in shipped.providers() if shipped.get_provider(n).sources]


def test_at_least_25_providers_are_described(shipped):
    """There are 25 and more, ExLLM's all in full."""
    names = described(shipped)
    assert len(names) >= 25
    assert set(EXLLM.values()) <= set(names)
    full = ("endpoints", "authentication", "features", "limitations")
    for name in EXLLM:
        facts = shipped.get_provider(name)
        assert [key for key in full if getattr(facts, key) is None] == []


def test_every_description_says_where_it_is_from(shipped):
    """Who, when, and the page; only the mock has none."""
    for name in described(shipped):
        source = shipped.get_provider(name).sources["*"]
        assert (source["source"], source["at"]) == ("curated", "2026-11-25")
        assert source.get("url", "").startswith("https://") or name == "mock"


def test_no_stated_no_is_contradicted_by_a_model(shipped):
    """Where an entry says no, no model there says yes."""
    wrong = [
        (provider, name)
        for provider in described(shipped)
        for name, has in (shipped.get_provider(provider).features or {}).items()
        if not has
        and name in shipped.catalog.vocabulary.capabilities
        and shipped.find_refs(provider=provider, capabilities=[name], limit=1)
    ]
    assert wrong == []


def test_numbers_have_units_and_credentials_are_known(shipped):
    """A number counts something; the sets of credentials are of the variables named."""
    for name in described(shipped):
        facts = shipped.get_provider(name)
        for limit in shipped.get_limitations(name).values():
            assert (
                limit["unit"]
                or not isinstance(limit["value"], int)
                or (isinstance(limit["value"], bool))
            )
        for names in facts.credentials or ():
            assert set(names) <= set(facts.env)
        if facts.authentication:
            assert facts.env, name
