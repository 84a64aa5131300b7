"""The four real sources, merged: well-known numbers and the shape of the whole."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from modeldex.catalog.merging.claims import decode, encode
from modeldex.catalog.merging.defaults import DEFAULTS
from modeldex.catalog.merging.merge import Merged, merge
from modeldex.domain.capability import CAPABILITIES
from modeldex.domain.provider import ALIASES, provider_id
from modeldex.domain.ref import is_model_id, is_provider_id
from modeldex.sources import genai_prices, litellm, models_dev, pi_ai
from modeldex.sources.packages import date_in_name, read_payload

SHARED = Path(__file__).parents[3] / "shared" / "data"
FILES = {
    "litellm": "litellm-1.109.1_2026-11-12.json.gz",
    "models.dev": "models.dev_2026-09-30.json.gz",
    "genai-prices": "genai-prices-0.2.3_2026-11-10.json.gz",
    "pi-ai": "pi-ai-1.5.2_2026-11-10.normalized.json.gz",
}
TRANSLATORS = {
    t.SOURCE: t.translate for t in (litellm, models_dev, genai_prices, pi_ai)
}
HAND_WRITTEN = {"aleph-alpha", "bumblebee", "mock", "palm"}
LEAST = {"providers": 200, "models": 9_000, "priced": 8_000}

pytestmark = pytest.mark.skipif(
    not (SHARED / "sources").is_dir(),
    reason="the real sources are not beside the project",
)


def _merged() -> Merged:
    claims = []
    for source, name in FILES.items():
        path = SHARED / "sources" / name
        day = date_in_name(path)
        assert day
        claims.append(TRANSLATORS[source](read_payload(source, path), day))
    return merge(claims)


@pytest.fixture(scope="module")
def merged() -> Merged:
    """Return the catalogue of the four sources."""
    return _merged()


# ref -> input and output price, USD per 1,000,000 tokens
PRICES = {
    "openai/gpt-4o": ("2.5", "10"),
    "openai/gpt-4o-mini": ("0.15", "0.6"),
    "openai/gpt-4.1": ("2", "8"),
    "openai/gpt-5": ("1.25", "10"),
    "openai/gpt-6-sol": ("2", "10"),
    "openai/o3": ("2", "8"),
    "openai/o1-pro": ("150", "600"),
    "openai/gpt-3.5-turbo": ("0.5", "1.5"),
    "openai/text-embedding-3-small": ("0.02", "0"),
    "anthropic/claude-sonnet-4-5": ("3", "15"),
    "anthropic/claude-opus-4-5": ("5", "25"),
    "anthropic/claude-haiku-4-5": ("1", "5"),
    "anthropic/claude-3-5-haiku-latest": ("0.8", "4"),
    "google/gemini-2.5-flash": ("0.3", "2.5"),
    "google/gemini-2.5-pro": ("1.25", "10"),
    "google/gemini-3-pro-image-preview": ("2", "12"),
    "google/gemini-4-argon": ("2", None),
    "mistral/mistral-large-latest": ("0.5", "1.5"),
    "mistral/mistral-large-4": ("0.7", "2.1"),
    "mistral/mistral-small": ("0.1", "0.3"),
    "deepseek/deepseek-flash": ("0.3", "1.2"),
    "xai/grok-4.3": ("1.25", "2.5"),
    "xai/grok-4.7": ("2", "6"),
    "cohere/command-a-plus-05-2026": ("2.5", "10"),
    "cohere/command-r-08-2024": ("0.15", "0.6"),
    "amazon-bedrock/anthropic.claude-opus-4-7": ("5", "25"),
    "azure/gpt-4o": ("2.5", "10"),
    "azure/gpt-4-turbo-2024-04-09": ("11", "33"),
    "groq/openai/gpt-oss-120b": ("0.15", "0.6"),
    "groq/llama-3.1-8b-instant": ("0.05", "0.08"),
    "togetherai/Qwen/Qwen3.7-Max": ("2.5", "7.5"),
    "openrouter/z-ai/glm-4.7": ("0.6", "2.2"),
    "moonshotai/kimi-k3": ("3", "15"),
    "perplexity/sonar": ("1", "1"),
    "github-copilot/grok-4.7": ("2", "6"),
    "google-vertex/claude-opus-4-5@20251101": ("5", "25"),
}


def _model(merged: Merged, ref: str) -> dict[str, Any]:
    provider, _, model = ref.partition("/")
    return merged.models[provider, model]


@pytest.mark.parametrize(("ref", "expected"), PRICES.items())
def test_known_prices(
    merged: Merged, ref: str, expected: tuple[str, str | None]
) -> None:
    """Prices that everybody can look up are what is served."""
    pricing = _model(merged, ref)["pricing"]
    for meter, text in zip(("input", "output"), expected, strict=True):
        if text is not None:
            assert str(pricing[meter]) == text


FACTS = {
    ("openai/gpt-4o", "pricing", "cache_read"): Decimal("1.25"),
    ("anthropic/claude-sonnet-4-5", "pricing", "cache_write"): Decimal("3.75"),
    ("anthropic/claude-sonnet-4-5", "pricing", "cache_write_1h"): 6,
    ("google/gemini-2.5-flash", "pricing", "cache_read"): Decimal("0.03"),
    ("google/gemini-3-pro-image-preview", "pricing", "output_image"): 120,
    ("openrouter/openrouter/auto", "pricing", "state"): "variable",
    ("openrouter/openrouter/free", "pricing", "state"): "free",
    ("ollama/codellama", "pricing", "state"): "free",
    ("zai-coding-plan/glm-5.3", "pricing", "state"): "included",
    ("chatgpt/gpt-6-sol", "pricing", "state"): "included",
    ("openai/gpt-5", "context_window", None): 400_000,
    ("openai/gpt-5", "max_input_tokens", None): 272_000,
    ("openai/gpt-6-sol", "context_window", None): 1_050_000,
    ("openai/gpt-4o", "max_output_tokens", None): 16_384,
    ("anthropic/claude-sonnet-4-5", "context_window", None): 200_000,
    ("groq/openai/gpt-oss-120b", "max_output_tokens", None): 65_536,
    ("openai/gpt-5", "deprecation_date", None): "2026-12-11",
    ("openai/text-embedding-3-small", "mode", None): "embedding",
    ("openai/text-embedding-3-small", "embedding_dimensions", None): 1_536,
    ("openai/gpt-4o", "capabilities", "vision"): True,
    ("openai/gpt-4o", "capabilities", "audio_input"): False,
}


@pytest.mark.parametrize(("where", "expected"), FACTS.items())
def test_known_facts(
    merged: Merged, where: tuple[str, str, str | None], expected: Any
) -> None:
    """Windows, caches, modes, states and dates are what is served."""
    ref, name, part = where
    value = _model(merged, ref)[name]
    assert (value[part] if part else value) == expected


def test_the_whole_is_large_enough(merged: Merged) -> None:
    """At least 200 providers and 9,000 models, most of them priced."""
    report = merged.report
    priced = sum("pricing" in facts for facts in merged.models.values())
    assert report.providers >= LEAST["providers"]
    assert report.models >= LEAST["models"]
    assert priced >= LEAST["priced"]


def test_ids_and_words_are_known(merged: Merged) -> None:
    """Ids keep the grammar, capabilities the vocabulary, models their sources."""
    for (provider, model), facts in merged.models.items():
        assert is_provider_id(provider)
        assert is_model_id(model)
        assert "*" not in model
        assert set(facts.get("capabilities", {})) <= set(CAPABILITIES)
        assert facts["sources"]["*"] in FILES
        assert facts["updated_at"] <= "2026-11-12"


def test_no_price_is_below_its_word(merged: Merged) -> None:
    """No served amount is negative, and zero only for free answers."""
    for (_, model), facts in merged.models.items():
        for meter, price in facts.get("pricing", {}).items():
            if meter != "state":
                assert price > 0 or (meter == "output" and "mode" in facts), model
                assert "E" not in str(price)


def test_aliases_lead_to_providers(merged: Merged) -> None:
    """Every alias names a provider of the catalogue and hides none."""
    providers = set(merged.providers) | HAND_WRITTEN
    assert set(ALIASES.values()) <= providers
    assert not set(ALIASES) & providers


def test_every_exllm_provider_is_there(merged: Merged) -> None:
    """The providers of ExLLM's files are found under their old names."""
    folder = SHARED / "exllm_yaml"
    stems = [path.stem for path in folder.glob("*.yml")]
    providers = set(merged.providers) | HAND_WRITTEN
    assert [s for s in stems if provider_id(s) not in providers] == []


def test_default_models_exist(merged: Merged) -> None:
    """Each provider's default is its own model, a chat model where it has one."""
    grouped = merged.by_provider()
    for provider, facts in merged.providers.items():
        models = grouped[provider]
        chats = any("mode" not in model for model in models.values())
        assert ("mode" not in models[facts["default_model"]]) == chats, provider


@pytest.mark.parametrize(("provider", "model"), DEFAULTS.items())
def test_the_table_of_defaults_is_up_to_date(
    merged: Merged, provider: str, model: str
) -> None:
    """A default of the table exists and works, or the table wants an edit."""
    assert merged.providers[provider]["default_model"] == model


def test_nothing_quarantined_is_served(merged: Merged) -> None:
    """A quarantined value is not what its source is named for."""
    for item in merged.report.quarantined:
        facts = merged.models[item.provider, item.model]
        group, _, part = item.field.partition(".")
        served = facts.get(group)
        if part and isinstance(served, dict):
            served = served.get(part)
        sources = facts["sources"]
        named = sources.get(item.field) or sources.get(group) or sources["*"]
        assert served is None or named != item.source or str(served) != item.value


def test_quarantine_of_the_notes(merged: Merged) -> None:
    """The known errors of the sources are found, each with its reason."""
    held = {(q.provider, q.model, q.field, q.source): q.reason for q in _held(merged)}
    image = ("google", "gemini-3-pro-image-preview", "pricing.output", "models.dev")
    trial = ("cohere", "command-a-plus-05-2026", "pricing.output", "litellm")
    unit = ("azure", "jais-30b-chat", "pricing.input", "litellm")
    assert held[image] == "unit"
    assert held[trial] == "zero_against_price"
    assert held[unit] == "unit"


def _held(merged: Merged) -> Any:
    return merged.report.quarantined


def test_a_second_run_is_equal(merged: Merged) -> None:
    """Reading and merging again gives the same."""
    assert _merged() == merged


def test_the_claims_file_holds_everything(merged: Merged) -> None:
    """All claims, losers too, survive packing, in the same bytes each time."""
    data = encode(merged.claims)
    assert decode(data) == merged.claims
    assert encode(merged.claims) == data
