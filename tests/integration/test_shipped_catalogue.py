"""The shipped catalogue as a whole: how large it is, and what every model of it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import modeldex
from modeldex.registry import Registry

if TYPE_CHECKING:
    from pathlib import Path

    from modeldex.domain.model import Model


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide the settings of whoever runs the tests."""
    for name in ("CATALOG_PATH", "CONFIG"):
        monkeypatch.delenv(f"MODELDEX_{name}", raising=False)
    monkeypatch.setenv("MODELDEX_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture(scope="module")
def shipped() -> Registry:
    """Return the shipped catalogue, whatever the user's settings."""
    return modeldex.open(overlays=[])


@pytest.fixture(scope="module")
def everything(shipped: Registry) -> list[Model]:
    """Return every shipped model, retired ones too."""
    return shipped.find(status="any")


def test_models_asked_for_by_name_are_kept_within_bounds(shipped: Registry) -> None:
    """A model asked for twice is the same object; the memory of them is bounded."""
    lookup = Registry(lambda _why: shipped.catalog)
    refs = shipped.find_refs(status="any")[:6000]
    for ref in refs:
        lookup.get_info(ref)
    assert lookup.get_info(refs[-1]) is lookup.get_info(refs[-1])
    assert 0 < len(lookup.known) < 4200


def test_find_has_no_default_limit(shipped: Registry, everything: list[Model]) -> None:
    """`find` and `list_all` return all models; `find_refs` their refs."""
    alive = shipped.find()
    assert len(alive) == len(shipped.list_all()) > 8_500
    assert shipped.find_refs() == [model.ref for model in alive]
    assert len(everything) > len(alive)


# --- the shipped catalogue


def test_the_shipped_catalogue_is_large(
    shipped: Registry, everything: list[Model]
) -> None:
    """There are at least 200 providers and 9,000 models."""
    assert len(shipped.providers()) >= 200
    assert len(everything) >= 9_000
    without = set(shipped.providers()) - {model.provider for model in everything}
    # one serves what its user loads, the other has stopped
    assert without == {"vllm", "github-models"}


def test_every_shipped_model_has_sources(everything: list[Model]) -> None:
    """Every shipped model says where its facts come from."""
    assert [model.ref for model in everything if not model.sources] == []


def test_every_default_is_a_chat_model_of_its_provider(
    shipped: Registry, everything: list[Model]
) -> None:
    """A provider's default is in its own file, and chats where any of it does."""
    chat = {model.provider for model in everything if model.mode == "chat"}
    wrong = []
    for provider in sorted({model.provider for model in everything}):
        default = shipped.get_default(provider)
        models = shipped.get_all_models(provider)
        if default not in models or (
            provider in chat and models[default].mode != "chat"
        ):
            wrong.append((provider, default))
    assert wrong == []


# the 62 files of ExLLM, by name
EXLLM = (  # noqa: SIM905
    "ai21 aleph_alpha anthropic anyscale assemblyai azure azure_ai azure_text bedrock "
    "bedrock_converse bumblebee cerebras cloudflare codestral cohere cohere_chat "
    "databricks deepgram deepinfra deepseek featherless_ai "
    "fireworks_ai-embedding-models fireworks_ai friendliai gemini gemini_capabilities "
    "groq jina_ai lmstudio meta_llama mistral mock nlp_cloud nscale ollama openai "
    "openai_capabilities openrouter palm perplexity replicate sagemaker sambanova "
    "snowflake text-completion-codestral text-completion-openai together_ai "
    "vertex_ai-ai21_models vertex_ai-anthropic_models vertex_ai-chat-models "
    "vertex_ai-code-chat-models vertex_ai-code-text-models vertex_ai-embedding-models "
    "vertex_ai-image-models vertex_ai-language-models vertex_ai-llama_models "
    "vertex_ai-mistral_models vertex_ai-text-models vertex_ai-vision-models voyage "
    "watsonx xai"
).split()


def test_the_providers_of_exllm_are_there(shipped: Registry) -> None:
    """Every name that ExLLM has for a provider finds one, with a default model."""
    assert len(EXLLM) == 62
    found = {name: shipped.provider_info(name)["provider"] for name in EXLLM}
    assert len(set(found.values())) >= 40
    assert all(shipped.get_default(name) for name in EXLLM)
    assert found["together_ai"] == "togetherai"
    assert found["vertex_ai-anthropic_models"] == "google-vertex-anthropic"
