"""Provider ids, their other spellings and their kinds."""

from __future__ import annotations

import pytest

from modeldex.domain.provider import (
    ALIASES,
    KIND_NAMES,
    KINDS,
    METERED_PLANS,
    provider_id,
    provider_kind,
)
from modeldex.domain.provider_name import provider_name
from modeldex.domain.ref import is_provider_id

SPELLINGS = {
    "gemini": "google",
    "bedrock": "amazon-bedrock",
    "bedrock_converse": "amazon-bedrock",
    "AWS": "amazon-bedrock",
    "vertex_ai": "google-vertex",
    "vertex_ai-language-models": "google-vertex",
    "vertex_ai-anthropic_models": "google-vertex-anthropic",
    "x-ai": "xai",
    "together_ai": "togetherai",
    "fireworks_ai-embedding-models": "fireworks-ai",
    "Moonshot AI": "moonshotai",
    "azure_text": "azure",
    "text-completion-openai": "openai",
    "openai-codex": "chatgpt",
    "meta_llama": "llama",
    "jina_ai": "jina-ai",
    "nlp_cloud": "nlp-cloud",
    "openai": "openai",
}


@pytest.mark.parametrize(("spelling", "expected"), SPELLINGS.items())
def test_spellings_of_one_provider(spelling: str, expected: str) -> None:
    """Every spelling that sources and people use leads to the one id."""
    assert provider_id(spelling) == expected


def test_alias_table_is_sound() -> None:
    """An alias is written as it is looked up and never leads to another alias."""
    for alias, target in ALIASES.items():
        assert is_provider_id(alias), alias
        assert alias == alias.lower().replace("_", "-")
        assert target not in ALIASES
        assert provider_id(alias) == target


def test_kinds_are_known_words() -> None:
    """Each provider has one kind out of the closed list, and no alias has one."""
    assert set(KINDS.values()) == set(KIND_NAMES)
    assert not set(KINDS) & set(ALIASES)
    assert {KINDS[name] for name in METERED_PLANS} == {"plan"}


def test_kind_of_unknown_providers() -> None:
    """A plan is told by its name, and any other unknown provider is a router."""
    assert provider_kind("acme-coding-plan") == "plan"
    assert provider_kind("acme-token-plan-eu") == "plan"
    assert provider_kind("acme") == "aggregator"
    assert provider_kind("ollama") == "local"


def test_names_of_providers_without_one() -> None:
    """A provider that no source names gets its proper or a readable name."""
    assert provider_name("voyage") == "Voyage AI"
    assert provider_name("acme-ai-gateway") == "Acme AI Gateway"
