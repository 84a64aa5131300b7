"""Translating each source's rows into claims."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from modeldex.bootstrap.syncing import translated
from modeldex.errors import SourceFormatError
from modeldex.sources import genai_prices, litellm, models_dev, pi_ai

DAY = "2026-11-12"


def _litellm(key: str, provider: str, **row: Any) -> dict[str, Any]:
    return {key: {"litellm_provider": provider, "mode": "chat", **row}}


PLACES = [
    ("mistral/mistral-large", "mistral", ("mistral", "mistral-large")),
    ("gemini/gemini-2.5-pro", "gemini", ("google", "gemini-2.5-pro")),
    ("gpt-4o", "openai", ("openai", "gpt-4o")),
    ("openai/sora-2", "openai", ("openai", "sora-2")),
    ("azure/gpt-35-turbo-instruct", "azure_text", ("azure", "gpt-35-turbo-instruct")),
    ("azure_ai/grok-4", "azure_ai", ("azure", "grok-4")),
    ("vertex_ai/jamba-1.5", "vertex_ai-ai21_models", ("google-vertex", "jamba-1.5")),
    ("us.meta.llama4:0", "bedrock_converse", ("amazon-bedrock", "us.meta.llama4:0")),
    ("bedrock/moonshotai.k2", "bedrock", ("amazon-bedrock", "moonshotai.k2")),
    ("groq/openai/gpt-oss-20b", "groq", ("groq", "openai/gpt-oss-20b")),
    ("perplexity/openai/gpt-5", "perplexity", ("perplexity-agent", "openai/gpt-5")),
    ("perplexity/sonar", "perplexity", ("perplexity", "sonar")),
    ("fireworks_ai/glm-5p3", "fireworks_ai", ("fireworks-ai", "glm-5p3")),
    ("nvidia_nim/ranking/nvidia/r", "nvidia_nim", ("nvidia", "nvidia/r")),
]


@pytest.mark.parametrize(("key", "provider", "expected"), PLACES)
def test_routing_prefix_is_no_part_of_the_id(
    key: str, provider: str, expected: tuple[str, str]
) -> None:
    """A key of litellm loses the prefix of its own provider and nothing else."""
    claims = litellm.translate(_litellm(key, provider), DAY)
    assert list(claims.models) == [expected]


def test_claude_on_vertex_is_at_both_vertex_providers() -> None:
    """models.dev lists Claude on Vertex twice, so claims about it go to both."""
    key, provider = "vertex_ai/claude-opus-5@default", "vertex_ai-anthropic_models"
    claims = litellm.translate(_litellm(key, provider), DAY)
    assert sorted(claims.models) == [
        ("google-vertex", "claude-opus-5@default"),
        ("google-vertex-anthropic", "claude-opus-5@default"),
    ]


PSEUDO = [
    ("sample_spec", "x", {}),
    ("1024-x-1024/gpt-4o", "openai", {}),
    ("bedrock/us-east-1/meta.llama3", "bedrock", {}),
    ("bedrock/us-gov-west-1/amazon.nova", "bedrock", {}),
    ("bedrock/*/1-month-commitment/cohere.command", "bedrock", {}),
    ("azure/eu/gpt-4o", "azure", {}),
    ("azure/global-standard/gpt-4o", "azure", {}),
    ("together-ai-4.1b-8b", "together_ai", {}),
    ("fireworks-ai-moe-up-to-56b", "fireworks_ai", {}),
    ("fireworks-ai-default", "fireworks_ai", {}),
    ("tavily/search", "tavily", {"mode": "search"}),
    ("bedrock/guardrails", "bedrock", {"mode": "guardrail"}),
    ("openai/container", "openai", {}),
    ("mistral/bad id", "mistral", {}),
    ("deepgram/streaming/diarize", "deepgram", {}),
    ("transcribe/StartTranscriptionJob", "transcribe", {}),
    ("databricks/ai_decide", "databricks", {"mode": "evaluation"}),
    ("claude-sonnet-4-5-20250929-v1:0", "bedrock", {}),
    ("anthropic.claude-haiku-4-5@20251001", "bedrock_converse", {}),
]


@pytest.mark.parametrize(("key", "provider", "row"), PSEUDO)
def test_pseudo_models_are_skipped_with_a_reason(
    key: str, provider: str, row: dict[str, Any]
) -> None:
    """Regions, commitments, image sizes, size classes and searches are no models."""
    payload = {**_litellm("gpt-4o", "openai"), **_litellm(key, provider, **row)}
    claims = litellm.translate(payload, DAY)
    assert list(claims.models) == [("openai", "gpt-4o")]
    ((skipped, reason),) = claims.skipped
    assert (skipped, bool(reason)) == (key, True)


SIZES = [
    ("azure/hd/1024-x-1024/dall-e-3", "azure", ("azure", "dall-e-3")),
    ("max-x-max/50-steps/stability.x", "bedrock", ("amazon-bedrock", "stability.x")),
    ("512-x-512/max-steps/bedrock/a.x", "bedrock", ("amazon-bedrock", "a.x")),
]


@pytest.mark.parametrize(("key", "provider", "expected"), SIZES)
def test_an_image_size_says_that_its_model_exists(
    key: str, provider: str, expected: tuple[str, str]
) -> None:
    """A model that only has rows for image sizes is listed, without a price."""
    row = {"mode": "image_generation", "output_cost_per_token": Decimal(0)}
    payload = {**_litellm("gpt-4o", "openai"), **_litellm(key, provider, **row)}
    claims = litellm.translate(payload, DAY)
    assert claims.models[expected] == {"mode": "image_generation"}
    assert [skipped for skipped, _ in claims.skipped] == [key]


@pytest.mark.parametrize(
    "mode", ["a\nb", "\x1b[31mchat", "Chat", "poetry", 7, [], None]
)
def test_a_mode_is_one_that_we_know(mode: Any) -> None:
    """What is no kind of work of ours is unknown, also where it is an escape code."""
    sized = _litellm("hd/1024-x-1024/dall-e-3", "openai", mode=mode)
    payload = {**_litellm("gpt-4o", "openai", mode=mode), **sized}
    models = litellm.translate(payload, DAY).models
    assert set(models) == {("openai", "gpt-4o"), ("openai", "dall-e-3")}
    assert not any("mode" in facts for facts in models.values())


def test_a_row_of_the_model_itself_goes_before_its_sizes() -> None:
    """Where a model has a bare row, rows for image sizes add nothing."""
    bare = _litellm("azure/dall-e-3", "azure", input_cost_per_token=Decimal("1e-6"))
    payload = {**_litellm("azure/hd/1-x-1/dall-e-3", "azure"), **bare}
    claims = litellm.translate(payload, DAY)
    assert claims.models == {
        ("azure", "dall-e-3"): {"mode": "chat", "pricing.input": 1}
    }


PDF = [
    ({"supports_pdf_input": True}, ["text", "pdf"]),
    ({"supports_pdf_input": False}, ["text"]),
    ({}, ["text"]),
]


@pytest.mark.parametrize(("flag", "expected"), PDF)
def test_the_pdf_flag_completes_the_list_of_inputs(
    flag: dict[str, bool], expected: list[str]
) -> None:
    """A stated list of inputs holds pdf when the flag says so."""
    lists = {"supported_modalities": ["text"], "supported_output_modalities": ["text"]}
    claims = litellm.translate(_litellm("m", "openai", **lists, **flag), DAY)
    facts = claims.models["openai", "m"]
    assert facts["modalities"] == {"input": expected, "output": ["text"]}


def test_the_pdf_flag_makes_no_list() -> None:
    """A flag alone states no modalities."""
    claims = litellm.translate(_litellm("m", "openai", supports_pdf_input=True), DAY)
    assert "modalities" not in claims.models["openai", "m"]


def test_litellm_a_pointer_says_what_its_target_says() -> None:
    """A row that only names another one is that model by another id."""
    row = {"input_cost_per_token": Decimal("2e-6"), "max_input_tokens": 9}
    payload = {
        **_litellm("azure/gpt-9", "azure", **row),
        "azure/gpt-latest": {"alias_of": "azure/gpt-9"},
        "azure/gpt-lost": {"alias_of": "azure/gpt-8"},
        "azure/gpt-bare": {"max_tokens": 5},
    }
    claims = litellm.translate(payload, DAY)
    said = claims.models["azure", "gpt-9"]
    assert claims.models["azure", "gpt-latest"] == {**said, "alias_of": "gpt-9"}
    assert dict(claims.skipped) == {
        "azure/gpt-lost": "names no row",
        "azure/gpt-bare": "names no provider",
    }


def test_the_rows_of_a_payload_are_counted_not_its_models() -> None:
    """Two rows of litellm may be one model."""
    rows = {**_litellm("azure/m", "azure"), **_litellm("azure_ai/m", "azure_ai")}
    found = translated("litellm", rows, f"{DAY}T00:00:00+00:00")
    assert (found.rows, len(found.models)) == (2, 1)


def test_litellm_facts() -> None:
    """Prices, limits, flags, dates and endpoints of a row keep their meaning."""
    row = {
        "mode": "responses",
        "input_cost_per_token": Decimal("2.5e-6"),
        "cache_creation_input_token_cost_above_1hr": Decimal("0.00001"),
        "input_cost_per_token_above_200k_tokens": Decimal("5e-6"),
        "max_input_tokens": 272000,
        "supports_vision": True,
        "supports_pdf_input": False,
        "supports_reasoning": True,
        "reasoning_effort_levels": ["low", "high"],
        "deprecation_date": "2027-01-01",
        "rpm": 10,
        "supported_modalities": ["text", "image"],
        "supported_output_modalities": ["text"],
    }
    claims = litellm.translate(_litellm("gpt-x", "openai", **row), DAY)
    assert claims.models["openai", "gpt-x"] == {
        "mode": "chat",
        "pricing.input": Decimal("2.5"),
        "pricing.cache_write_1h": Decimal(10),
        "rates.input@above=200000": Decimal(5),
        "max_input_tokens": 272000,
        "capabilities.vision": True,
        "capabilities.pdf_input": False,
        "capabilities.reasoning": {"efforts": ["low", "high"]},
        "deprecation_date": "2027-01-01",
        "rate_limits": {"rpm": 10},
        "modalities": {"input": ["text", "image"], "output": ["text"]},
        "supported_endpoints": ["/v1/responses"],
    }
    assert sum(claims.carried.values()) == 3
    assert not claims.not_carried


def test_the_main_route_of_a_provider_goes_first() -> None:
    """Of two rows for one model the provider's own wins, in any order of the file."""
    first = _litellm("azure/m", "azure", input_cost_per_token=Decimal("1e-6"))
    second = _litellm("azure_ai/m", "azure_ai", input_cost_per_token=Decimal("2e-6"))
    for payload in ({**first, **second}, {**second, **first}):
        claims = litellm.translate(payload, DAY)
        assert claims.models["azure", "m"]["pricing.input"] == 1


def _models_dev(**model: Any) -> dict[str, Any]:
    return {
        "acme": {
            "name": "Acme",
            "env": ["ACME_KEY", "9bad", "lower"],
            "api": "https://user:secret@acme.test/v1",
            "doc": "https://acme.test/docs",
            "models": {"m": {"name": "M", **model}},
        }
    }


def test_models_dev_facts() -> None:
    """Limits, prices, reasoning options, dates and status come along."""
    model = {
        "tool_call": True,
        "reasoning": True,
        "temperature": False,
        "attachment": True,
        "reasoning_options": [
            {"type": "effort", "values": ["low", "high", None]},
            {"type": "budget_tokens", "min": 1024, "max": 32000},
            {"type": "toggle"},
        ],
        "limit": {"context": 0, "input": 5, "output": 8},
        "cost": {"input": 3, "output": Decimal("15.0"), "tiers": []},
        "modalities": {"input": ["text", "pdf"], "output": ["text"]},
        "status": "beta",
        "knowledge": "2025-06",
        "open_weights": False,
        "last_updated": "2026-05",
        "canonical_model_id": "acme/m",
    }
    claims = models_dev.translate(_models_dev(**model), DAY)
    facts = claims.models["acme", "m"]
    assert facts["capabilities.function_calling"] is True
    assert facts["capabilities.temperature"] is False
    assert facts["capabilities.vision"] is False
    assert facts["capabilities.pdf_input"] is True
    assert facts["capabilities.reasoning"] == {
        "efforts": ["low", "high"],
        "budget": {"min": 1024, "max": 32000},
        "toggle": True,
    }
    assert "context_window" not in facts
    assert (facts["max_input_tokens"], facts["max_output_tokens"]) == (5, 8)
    assert str(facts["pricing.output"]) == "15"
    assert facts["status"] == "preview"
    assert "updated_at" not in facts
    assert facts["canonical"] == "acme/m"
    assert claims.carried == {"cost.input": 1, "cost.output": 1}


def test_provider_facts_are_checked() -> None:
    """Odd variable names and addresses with a password are left out."""
    claims = models_dev.translate(_models_dev(), DAY)
    assert claims.providers["acme"] == {
        "name": "Acme",
        "env": ["ACME_KEY"],
        "docs": "https://acme.test/docs",
    }


def _genai(prices: Any, provider: str = "acme", model: str = "m") -> dict[str, Any]:
    claims = genai_prices.translate(
        [{"id": provider, "name": "A", "models": [{"id": model, "prices": prices}]}],
        DAY,
    )
    ((_, facts),) = claims.models.items()
    return dict(facts)


DATED = [
    ("2026-01-01", 1),
    ("2026-11-12", 2),
    ("2026-11-13", 0),
]


@pytest.mark.parametrize(("start", "expected"), DATED)
def test_genai_price_in_force_on_the_source_date(start: str, expected: int) -> None:
    """The last price that has begun on the source's own date holds."""
    listed = [
        {"prices": {"input_mtok": Decimal(0)}},
        {"constraint": {"start_date": start}, "prices": {"input_mtok": expected}},
    ]
    assert _genai(listed)["pricing.input"] == expected


def test_genai_future_price_alone_is_not_carried() -> None:
    """A price that only begins later is no price yet."""
    listed = [{"constraint": {"start_date": "2030-01-01"}, "prices": {"input_mtok": 1}}]
    assert _genai(listed) == {}


def test_genai_routes_and_classes() -> None:
    """Routes become ids of the router, Vertex Claude moves, classes are skipped."""
    rows = [
        ("huggingface_novita", "Qwen/Q"),
        ("google", "claude-opus-5"),
        ("aws", "regional.anthropic.claude"),
        ("fireworks", "glm-5p3"),
    ]
    payload = [{"id": p, "name": p, "models": [{"id": m}]} for p, m in rows]
    claims = genai_prices.translate(payload, DAY)
    assert sorted(claims.models) == [
        ("fireworks-ai", "glm-5p3"),
        ("google-vertex", "claude-opus-5"),
        ("google-vertex-anthropic", "claude-opus-5"),
        ("huggingface", "Qwen/Q:novita"),
    ]
    assert [key for key, _ in claims.skipped] == ["aws/regional.anthropic.claude"]


NO_MODELS = [
    ("openrouter", "claude-2"),
    ("openrouter", "auto"),
    ("azure", "phi-4:free"),
    ("mistral", "devstral-small:free"),
]


@pytest.mark.parametrize(("provider", "model"), NO_MODELS)
def test_genai_labels_of_routers_are_skipped(provider: str, model: str) -> None:
    """A bare name at OpenRouter, or a free offer at a seller, is no model."""
    rows = [(provider, model), ("openrouter", "a/m:free")]
    payload = [{"id": p, "models": [{"id": m}]} for p, m in rows]
    claims = genai_prices.translate(payload, DAY)
    assert list(claims.models) == [("openrouter", "a/m:free")]
    ((skipped, reason),) = claims.skipped
    assert (skipped, bool(reason)) == (f"{provider}/{model}", True)


LABELS = [
    ("claude-3-haiku", {"starts_with": "claude-3-haiku"}, "label"),
    ("codestral", {"or_": [{"equals": "codestral-latest"}]}, "label"),
    ("codestral", {"or_": [{"contains": "x"}, {"equals": "Codestral"}]}, None),
    ("m", {"and_": [{"or_": [{"equals": "accounts/x/m"}]}]}, None),
    ("claude-fable-5-2", {"ends_with": "claude-fable-5-2"}, None),
    ("gpt-4.5-preview", {"starts_with": "gpt-4.5-preview"}, None),
    ("claude-3-opus-latest", {"starts_with": "claude-3-opus"}, None),
    ("m-2026-01-31", {"regex": "^m-"}, None),
    ("claude-opus-4-0", {"starts_with": "claude-opus-4-0"}, None),
    ("m", None, None),
]


@pytest.mark.parametrize(("model", "match", "expected"), LABELS)
def test_genai_ids_that_no_match_states_are_marked(
    model: str, match: Any, expected: str | None
) -> None:
    """An id that its own match does not state whole is a label, pointers are not."""
    rows = [{"id": "other"}, {"id": model, "match": match}]
    payload = [{"id": "acme", "models": rows}]
    facts = genai_prices.translate(payload, DAY).models["acme", model]
    assert facts.get("presence") == expected


def test_genai_regional_class_stands_in_for_the_ids_it_states() -> None:
    """Ids with a vendor that a class of regional prices equals are stand-ins."""
    stated = ["anthropic.c-5", "us.anthropic.c-5", "c-5", "gpt-5.6"]
    match = {"or_": [{"equals": model} for model in stated]}
    row = {"id": "regional.c-5", "match": match, "prices": {"input_mtok": 8}}
    own = {"id": "us.anthropic.c-5", "prices": {"input_mtok": 7}}
    payload = [{"id": "aws", "models": [row, own]}]
    claims = genai_prices.translate(payload, DAY)
    assert claims.models == {
        ("amazon-bedrock", "anthropic.c-5"): {
            "pricing.input": 8,
            "presence": "stand-in",
        },
        ("amazon-bedrock", "us.anthropic.c-5"): {"pricing.input": 7},
    }


def test_pi_ai_raw_and_flat_say_the_same() -> None:
    """The raw form and the flat form of one list give equal claims."""
    raw = {
        "together": {
            "openai-completions": {
                "chat:m": {
                    "id": "m",
                    "type": "chat",
                    "reasoning": True,
                    "input": ["text"],
                    "cost": {"input": 1, "output": 2, "cacheRead": 0, "cacheWrite": 0},
                    "contextWindow": 1000,
                    "maxTokens": 100,
                },
                "image:i": {"id": "i", "type": "image"},
            }
        }
    }
    flat = {
        "togetherai": {
            "m": {
                "price.input": 1,
                "price.output": 2,
                "limit.context": 1000,
                "limit.output": 100,
                "cap.reasoning": True,
                "cap.vision": False,
            }
        }
    }
    one, other = pi_ai.translate(raw, DAY), pi_ai.translate(flat, DAY)
    assert one.models == other.models
    assert one.skipped == (("together/i", "image model"),)
    assert "pricing.cache_read" not in one.models["togetherai", "m"]


@pytest.mark.parametrize(
    "translate", [t.translate for t in (litellm, models_dev, pi_ai)]
)
@pytest.mark.parametrize("payload", [None, [], {}, 3, {"a": 1}, {"a": {"models": 3}}])
def test_other_shapes_are_refused(translate: Any, payload: Any) -> None:
    """A payload of another shape raises the typed error, never another one."""
    with pytest.raises(SourceFormatError):
        translate(payload, DAY)


@pytest.mark.parametrize("payload", [None, {}, 3, ["a"], [{"id": "a"}]])
def test_other_shapes_of_genai_prices_are_refused(payload: Any) -> None:
    """genai-prices is a list of providers, each with models."""
    with pytest.raises(SourceFormatError):
        genai_prices.translate(payload, DAY)
