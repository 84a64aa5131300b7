"""Resolution: rules over a small catalogue, refusals with candidates, hostile text."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from catalogs import registry_of
from modeldex.catalog.identity.names import model_key, name_key
from modeldex.catalog.identity.spellings import versions_dashed
from modeldex.errors import (
    AmbiguousModelError,
    InvalidRefError,
    ModeldexError,
    UnknownModelError,
    UnknownProviderError,
)

if TYPE_CHECKING:
    from modeldex.registry import Registry

REFS = (
    "openai/gpt-4o",
    "openai/gpt-4o-2024-08-06",
    "openai/gpt-4.1",
    "openai/ft:gpt-4.1",
    "openai/o9",
    "openai/gpt-9-mini",
    "openai/gpt-9-nano",
    "openai/gpt-9-micro",
    "openai/gpt-9-pro:batch",
    "openai/gpt-8-2026-03-01",
    "anthropic/claude-opus-9-1",
    "anthropic/claude-opus-4-0",
    "anthropic/claude-sonnet-4-5",
    "anthropic/claude-sonnet-4-5-20250929",
    "google-vertex/claude-opus-9-1@20260801",
    "google-vertex/gemini-9",
    "google-vertex/gemini-9@001",
    "google/gemini-9",
    "amazon-bedrock/anthropic.claude-opus-9-v1:0",
    "amazon-bedrock/us.anthropic.claude-x-v1:0",
    "amazon-bedrock/openai.gpt-z",
    "oci/openai.gpt-z",
    "oci/meta.llama-z",
    "openrouter/openai/gpt-4o",
    "openrouter/acme/solo",
    "openrouter/acme/duo",
    "kilo/acme/duo",
    "huggingface/Org/Model",
    "huggingface/Org/Model:groq",
    "ollama/llama3",
    "ollama/llama3:8b",
    "azure/gpt-4o",
    "azure/gpt-4.1",
    "deepinfra/openai/GPT-4O",
    "azure/gpt-35-turbo",
    "azure/gpt-3.5-turbo-0125",
    "zai/glm-9",
    "zhipuai/glm-9",
    "xai/grok-9",
    "xai/grok-9-beta-0309",
    "xai/grok-8-latest",
    "alibaba/qwen-max",
    "alibaba/qwen9-5-72b-instruct",
    "deepinfra/Qwen/Qwen9.5-72B-Instruct",
    "mistral/open-mistral-7b",
    "mistral/Two",
    "mistral/TWO",
    "fireworks-ai/accounts/fireworks/models/glm-9p1",
    "cloudflare-workers-ai/@cf/meta/l-1",
    "perplexity/sonar",
    "perplexity-agent/openai/gpt-4o",
)


@pytest.fixture(scope="module")
def registry() -> Registry:
    """Return a registry of REFS, without facts."""
    entries: dict[tuple[str, str], dict[str, Any]] = {}
    for ref in REFS:
        provider, _, model_id = ref.partition("/")
        entries[provider, model_id] = {"pricing": {"input": Decimal(1)}}
    for name in ("gpt-9-mini", "gpt-9-pro:batch", "gpt-8-2026-03-01"):
        entries["openai", name]["release_date"] = "2026-03-01"
    entries["openai", "gpt-9-nano"]["release_date"] = "2026-03"
    entries["openai", "o9"]["alias_of"] = "gpt-4o"
    return registry_of(entries)


@pytest.mark.parametrize(
    ("text", "provider", "ref", "rule"),
    [
        ("openai/gpt-4o", None, "openai/gpt-4o", "exact"),
        ("gpt-4o", "openai", "openai/gpt-4o", "exact"),
        ("openai/gpt-4o", "openai", "openai/gpt-4o", "exact"),
        ("OpenAI/gpt-4o", None, "openai/gpt-4o", "provider_alias"),
        ("gpt-4o", None, "openai/gpt-4o", "first_party"),
        ("acme/solo", None, "openrouter/acme/solo", "sole_candidate"),
        ("gpt-4o-20240806", None, "openai/gpt-4o-2024-08-06", "date_suffix"),
        ("gpt-9-mini-2026-02-20", None, "openai/gpt-9-mini", "date_suffix"),
        ("gpt-9-nano-2026-03-31", None, "openai/gpt-9-nano", "date_suffix"),
        ("claude-opus-4-20250514", None, "anthropic/claude-opus-4-0", "rolling_alias"),
        ("grok-9-latest", None, "xai/grok-9", "rolling_alias"),
        (
            "eu.anthropic.claude-opus-9-v1:0",
            None,
            "amazon-bedrock/anthropic.claude-opus-9-v1:0",
            "region_prefix",
        ),
        (
            "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-x-v1:0",
            None,
            "amazon-bedrock/us.anthropic.claude-x-v1:0",
            "inference_profile",
        ),
        ("gemini-9@default", None, "google-vertex/gemini-9", "vertex_date"),
        (
            "claude-opus-9-1-20260801",
            "vertex_ai",
            "google-vertex/claude-opus-9-1@20260801",
            "vertex_date",
        ),
        (
            "projects/p/locations/l/publishers/google/models/gemini-9",
            None,
            "google-vertex/gemini-9",
            "vertex_path",
        ),
        ("openai/gpt-4o:online", None, "openrouter/openai/gpt-4o", "router_variant"),
        ("models/gemini-9", None, "google/gemini-9", "gemini_path"),
        (
            "azure/gpt-35-turbo-0125",
            None,
            "azure/gpt-3.5-turbo-0125",
            "azure_deployment",
        ),
        ("ft:gpt-4o:acme::1", None, "openai/gpt-4o", "fine_tune"),
        ("ft:open-mistral-7b:a:b:c", None, "mistral/open-mistral-7b", "fine_tune"),
        ("Org/Model:nebius", None, "huggingface/Org/Model", "serving_route"),
        ("llama3:latest", None, "ollama/llama3", "default_tag"),
        (
            "fireworks/glm-9p1",
            None,
            "fireworks-ai/accounts/fireworks/models/glm-9p1",
            "account_path",
        ),
        ("GPT-4o", None, "openai/gpt-4o", "case"),
        ("claude-opus-9.1", None, "anthropic/claude-opus-9-1", "version_punctuation"),
        ("oci/meta.llama-z", None, "oci/meta.llama-z", "exact"),
        ("meta.llama-z", None, "oci/meta.llama-z", "own_spelling"),
        (
            "perplexity/openai/gpt-4o",
            None,
            "perplexity-agent/openai/gpt-4o",
            "provider_alias",
        ),
    ],
)
def test_a_rule_leads_to_a_model(
    registry: Registry, text: str, provider: str | None, ref: str, rule: str
) -> None:
    """Each rule, once: the ref, its word, and the step in words unless exact."""
    found = registry.resolve(text, provider)
    assert (found.ref, found.rule, found.model.ref) == (ref, rule, ref)
    assert found.text == text
    whole = ("exact", "first_party", "own_spelling", "sole_candidate")
    assert bool(found.steps) == (rule not in whole)


@pytest.mark.parametrize(
    ("text", "provider"),
    [
        ("gpt-4o-2024-08-07", None),  # another date is listed
        ("gpt-9-mini-2025-01-01", None),  # a year before its release
        ("gpt-9-mini-2026-02-14", None),  # two weeks and a day before it
        ("gpt-9-nano-2026-04-01", None),  # released in March
        ("gpt-9-micro-2026-03-01", None),  # nobody knows when it was released
        ("gpt-9-pro:batch-2026-03-01", None),  # no date stands behind a variant
        ("gpt-8-2026-03-01-2026-03-02", None),  # nor behind another date
        ("grok-9-beta-0309-latest", None),  # a version has no latest
        ("grok-8-latest-latest", None),
        ("google-vertex/gemini-9@001@default", None),
        ("claude-opus-9-1-20260802", None),  # Vertex lists another date
        ("qwen-max-2025-01-25", None),  # qwen-max moves
        ("qwen-max-latest", None),
        ("gpt-4o-latest", None),
        ("gpt-4o-mni", None),
        ("gpt-4-1o", None),
        ("azure/gpt-4-1", None),  # at Azure a name is a user's
        ("azure/gpt-4o-2024-09-09", None),
        ("gpt-4o", "anthropic"),
        ("openai/claude-opus-9-1", None),
        ("ft:gpt-4o:a:b:c:d", None),
        ("ft:none:a::b", None),
        ("arn:aws:bedrock:us-east-1:1:provisioned-model/abc", None),
        ("arn:aws:s3:::bucket", None),
        ("tunedModels/x", None),
        ("projects/p/locations/l/endpoints/1", None),
        ("llama3:70b", None),
        ("llama3", None),
        ("nobody/nothing", None),
        ("openai/", None),
    ],
)
def test_the_rest_is_refused(
    registry: Registry, text: str, provider: str | None
) -> None:
    """No rule, no model: the error says where was looked."""
    with pytest.raises(UnknownModelError) as caught:
        registry.resolve(text, provider)
    assert caught.value.code == "unknown_model"
    assert text[:40] in str(caught.value)


@pytest.mark.parametrize(
    ("text", "provider", "candidates"),
    [
        (
            "Qwen/Qwen9.5-72B-Instruct",  # a hub's letters, not those of Alibaba
            None,
            ["alibaba/qwen9-5-72b-instruct", "deepinfra/Qwen/Qwen9.5-72B-Instruct"],
        ),
        ("glm-9", None, ["zai/glm-9", "zhipuai/glm-9"]),
        ("openai.gpt-z", None, ["amazon-bedrock/openai.gpt-z", "oci/openai.gpt-z"]),
        ("acme/duo", None, ["kilo/acme/duo", "openrouter/acme/duo"]),
        ("two", "mistral", ["mistral/TWO", "mistral/Two"]),
    ],
)
def test_several_are_refused_by_name(
    registry: Registry, text: str, provider: str | None, candidates: list[str]
) -> None:
    """Each candidate is named with its reason."""
    with pytest.raises(AmbiguousModelError) as caught:
        registry.resolve(text, provider)
    assert [ref for ref, _ in caught.value.candidates] == candidates
    assert all(reason for _, reason in caught.value.candidates)
    assert caught.value.code == "ambiguous_model"


def test_an_unknown_id_names_those_that_have_it(registry: Registry) -> None:
    """The id is elsewhere: that is a candidate, never an answer."""
    with pytest.raises(UnknownModelError) as caught:
        registry.resolve("gpt-4o", "xai")
    refs = [ref for ref, _ in caught.value.candidates]
    assert {"openai/gpt-4o", "azure/gpt-4o"} <= set(refs)
    assert "openrouter/openai/gpt-4o" not in refs


def test_a_hubs_spelling_is_not_the_authors(registry: Registry) -> None:
    """`author/Slug` that others list just so is theirs, not the author's."""
    assert registry.resolve("openai/Gpt-4o").ref == "openai/gpt-4o"
    with pytest.raises(AmbiguousModelError, match="deepinfra/openai/GPT-4O"):
        registry.resolve("openai/GPT-4O")


def test_an_opaque_arn_says_that_it_is(registry: Registry) -> None:
    """The name of a provisioned model says nothing, even one that reads like an id."""
    arn = "arn:aws:bedrock:us-east-1:1:custom-model/anthropic.claude-opus-9-v1:0"
    with pytest.raises(UnknownModelError, match="does not say which model"):
        registry.resolve(arn)


def test_near_names_are_only_suggested(registry: Registry) -> None:
    """A typing error gets suggestions from the provider it was looked for at."""
    with pytest.raises(UnknownModelError) as caught:
        registry.resolve("gpt-4oo")
    assert "openai/gpt-4o" in caught.value.suggestions
    assert caught.value.candidates == ()


def test_get_info_names_what_a_rule_leads_to(registry: Registry) -> None:
    """It stays exact; its error says what resolve would answer."""
    with pytest.raises(UnknownModelError, match=r"by rule \(version_punctuation\)"):
        registry.get_info("anthropic", "claude-opus-9.1")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " gpt-4o",
        "gpt-4o\n",
        "gpt 4o",
        "gpt\u20114o",
        "gpt-4o\x00",
        "a" * 513,
        "../etc/passwd",
        "openai/../gpt-4o",
        "/openai/gpt-4o",
        "-rf",
        "gpt-4o;ls",
        "%2e%2e",
        "<b>",
        None,
        7,
        b"gpt-4o",
    ],
)
def test_hostile_text_is_no_name(registry: Registry, text: Any) -> None:
    """Control characters, spaces, paths upwards, great length, other types."""
    with pytest.raises(InvalidRefError):
        registry.resolve(text)
    with pytest.raises(ModeldexError):
        registry.everywhere(text)


@pytest.mark.parametrize("text", ["x" * 512, "a/" * 200 + "b", "1-" * 250 + "1", "@@@"])
def test_long_text_is_refused_at_once(registry: Registry, text: str) -> None:
    """Whatever is written, an answer or an error of ours comes."""
    with pytest.raises(ModeldexError):
        registry.resolve(text)


def test_an_unknown_provider_is_its_own_error(registry: Registry) -> None:
    """A provider that was named must exist."""
    with pytest.raises(UnknownProviderError):
        registry.resolve("gpt-4o", "nobody")


def test_two_steps_are_both_told(registry: Registry) -> None:
    """A version and a date in one id: two steps, in words."""
    found = registry.resolve("claude-sonnet-4.5@20250929", "anthropic")
    assert found.ref == "anthropic/claude-sonnet-4-5-20250929"
    assert len(found.steps) == 2


def test_a_pointer_says_where_it_points(registry: Registry) -> None:
    """An id that is a pointer stays itself, with a note."""
    found = registry.resolve("openai/o9")
    assert found.ref == "openai/o9"
    assert found.notes == ("points to gpt-4o today",)


def test_a_resolution_is_a_value(registry: Registry) -> None:
    """It is frozen, equal to its like, and has a JSON form."""
    one, two = (registry.resolve("GPT-4o") for _ in range(2))
    assert one == two
    with pytest.raises(AttributeError):
        one.rule = "exact"  # type: ignore[misc]
    assert one.as_dict() == {
        "text": "GPT-4o",
        "ref": "openai/gpt-4o",
        "rule": "case",
        "steps": ["case changed to gpt-4o"],
        "notes": [],
        "price_applies": True,
    }


@pytest.mark.parametrize(
    ("text", "dashed"),
    [
        ("claude-3.5-sonnet", "claude-3-5-sonnet"),
        ("gpt-4.1-2025-04-14", "gpt-4-1-2025-04-14"),
        ("llama-3-8b", "llama-3-8b"),
        ("llama-3.8b", "llama-3.8b"),  # a size, no version
        ("qwen2.5-72b", "qwen2-5-72b"),
        ("glm-4.5v", "glm-4.5v"),
    ],
)
def test_only_versions_are_dashed(text: str, dashed: str) -> None:
    """Two numbers of one or two digits, with nothing behind the second."""
    assert versions_dashed(text) == dashed


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("claude-4.5-sonnet", "claude-sonnet-4-5"),
        ("claude-sonnet-3.7", "claude-3-7-sonnet"),
        ("meta-llama-3.1-8b-instruct", "llama-v3p1-8b-instruct"),
        ("qwen-3-32b", "qwen3-32b"),
        ("gemma3-27b-it", "gemma-3-27b-it"),
        ("deepseek-chat-v3-0324", "deepseek-v3-0324"),
    ],
)
def test_old_spellings_have_one_key(one: str, other: str) -> None:
    """Order, prefixes and old version marks do not tell models apart."""
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("gpt-4-turbo", "gpt-4"),
        ("qwen3-32b-instruct", "qwen3-32b"),
        ("llama-3.1-8b", "llama-3.1-8b-instruct"),
        ("mixtral-8x7b-instruct", "pixtral-8x7b-instruct"),
        ("glm-4.6v", "glm-4.6"),
        ("claude-3-5-sonnet", "claude-3-7-sonnet"),
    ],
)
def test_near_names_have_two_keys(one: str, other: str) -> None:
    """What tells models apart stays."""
    assert model_key(f"a/{one}") != model_key(f"a/{other}")
