"""What each source says of abilities, requests, protocols and limits."""

from __future__ import annotations

from typing import Any

import pytest

from modeldex.catalog.merging.claims import Claims
from modeldex.catalog.merging.merge import merge
from modeldex.domain.record import source_of
from modeldex.sources import litellm, models_dev, pi_ai

DAYS = {"litellm": "2026-11-12", "models.dev": "2026-09-30"}


def _litellm(**row: Any) -> dict[str, Any]:
    payload = {"m": {"litellm_provider": "openai", "mode": "chat", **row}}
    return dict(litellm.translate(payload, DAYS["litellm"]).models["openai", "m"])


def _models_dev(npm: str = "", **row: Any) -> dict[str, Any]:
    payload = {"openai": {"models": {"m": row}, "npm": npm}}
    return dict(models_dev.translate(payload, DAYS["models.dev"]).models["openai", "m"])


LITELLM: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {"supports_sampling_params": False},
        {"temperature": False, "top_p": False, "top_k": False},
    ),
    (
        {"supports_reasoning": True, "supports_xhigh_reasoning_effort": False},
        {"reasoning": {"effort_flags": {"xhigh": False}}},
    ),
    (
        {
            "supports_reasoning": True,
            "supports_none_reasoning_effort": True,
            "supports_minimal_reasoning_effort": False,
            "reasoning_effort_levels": ["minimal", "low"],
        },
        {"reasoning": {"efforts": ["low", "none"]}},
    ),
    (
        {
            "supports_reasoning": True,
            "thinking_always_on": True,
            "supports_adaptive_thinking": True,
            "default_reasoning_effort": "none",
            "reasoning_modes": ["standard", "pro"],
            "reasoning_contexts": ["auto"],
        },
        {
            "reasoning": {
                "adaptive": True,
                "always_on": True,
                "default": "none",
                "modes": ["standard", "pro"],
                "contexts": ["auto"],
            }
        },
    ),
    ({"supports_adaptive_thinking": True}, {"reasoning": {"adaptive": True}}),
    ({"thinking_always_on": False}, {}),
    (
        {"supports_reasoning": False, "supports_adaptive_thinking": True},
        {"reasoning": False},
    ),
    ({"reasoning_effort_levels": ["low"]}, {}),
    (
        {
            "supports_prompt_caching": True,
            "cache_creation_input_token_cost_above_1hr": 1,
            "prompt_cache_min_tokens": 1024,
            "supports_prompt_cache_breakpoint": True,
        },
        {
            "prompt_caching": {
                "kinds": ["explicit"],
                "ttls": ["5m", "1h"],
                "min_tokens": 1024,
            }
        },
    ),
    (
        {
            "supports_prompt_caching": True,
            "cache_creation_input_token_cost_above_12hr": 1,
        },
        {"prompt_caching": {"ttls": ["12h"]}},
    ),
    ({"cache_creation_input_token_cost_above_1hr": 1}, {}),
    ({"input_cost_per_token_batches": 1}, {}),
    ({"supported_endpoints": ["/v1/batch", "/v1/responses"]}, {"batch": True}),
    (
        {"supports_response_schema": True, "supports_native_structured_output": False},
        {"structured_output": {"native": False}},
    ),
    ({"supports_native_structured_output": False}, {}),
    (
        {"supports_tool_choice": True, "supports_forced_tool_use": False},
        {"tool_choice": {"forced": False}},
    ),
    (
        {"supports_vision": False, "supports_image_input": True},
        {"vision": False},
    ),
    (
        {
            "supports_function_calling": True,
            "bedrock_converse_supports_strict_tools": False,
        },
        {"function_calling": {"strict": False}},
    ),
]


@pytest.mark.parametrize(("row", "abilities"), LITELLM)
def test_litellm_flags_and_lists(
    row: dict[str, Any], abilities: dict[str, Any]
) -> None:
    """Flags are yes or no; parameters stand only by an ability; prices say nothing."""
    said = _litellm(**row)
    found = {n.partition(".")[2]: v for n, v in said.items() if n.startswith("capa")}
    assert found == abilities


def test_litellm_request_parameters() -> None:
    """What a request may hold beside the abilities is yes or no by its name."""
    said = _litellm(
        supports_output_config=True, supports_image_size=False, supports_speed=True
    )
    requests = {n: v for n, v in said.items() if n.startswith("request")}
    assert requests == {
        "request_parameters.output_config": True,
        "request_parameters.image_size": False,
        "request_parameters.speed": True,
    }


MODELS_DEV: list[tuple[dict[str, Any], dict[str, Any] | bool]] = [
    (
        {"reasoning": True, "reasoning_options": [{"type": "toggle"}]},
        {"toggle": True},
    ),
    (
        {
            "reasoning": True,
            "reasoning_options": [
                {"type": "effort", "values": [None, "low", "high"]},
                {"type": "budget_tokens", "min": 1024},
            ],
        },
        {"efforts": ["low", "high"], "budget": {"min": 1024}},
    ),
    (
        {"reasoning": True, "interleaved": {"field": "reasoning_content"}},
        {"interleaved": True, "interleaved_field": "reasoning_content"},
    ),
    ({"reasoning": True, "interleaved": True}, {"interleaved": True}),
    ({"reasoning": True, "reasoning_options": []}, True),
    ({"reasoning": False, "interleaved": True}, False),
]


@pytest.mark.parametrize(("row", "reasoning"), MODELS_DEV)
def test_models_dev_reasoning(
    row: dict[str, Any], reasoning: dict[str, Any] | bool
) -> None:
    """Options, and whether it thinks between calls; an empty list says nothing."""
    assert _models_dev(**row)["capabilities.reasoning"] == reasoning


def test_models_dev_modes_are_request_parameters() -> None:
    """What a mode puts into the request is a value that the parameter takes."""
    modes = {
        "fast": {"provider": {"body": {"service_tier": "priority"}}},
        "pro": {"provider": {"body": {"reasoning": {"mode": "pro"}, "odd": "x"}}},
        "ultrafast": {"provider": {"body": {"service_tier": "ultrafast"}}},
    }
    said = _models_dev(experimental={"modes": modes})
    assert {n: v for n, v in said.items() if n.startswith("request")} == {
        "request_parameters.service_tier": {"values": ["priority", "ultrafast"]},
        "request_parameters.reasoning_mode": {"values": ["pro"]},
    }


PROTOCOLS: list[tuple[str, dict[str, Any], str | None, str | None]] = [
    ("@ai-sdk/anthropic", {}, "anthropic-messages", None),
    ("@ai-sdk/openai", {"shape": "responses"}, "openai-responses", None),
    ("@ai-sdk/openai", {}, "openai", None),
    (
        "@ai-sdk/openai-compatible",
        {"npm": "@ai-sdk/anthropic", "api": "https://a.test/anthropic/v1"},
        "anthropic-messages",
        "https://a.test/anthropic/v1",
    ),
    ("some-provider", {"api": "https://${HOST}/v1"}, None, None),
    ("@ai-sdk/anthropic", {"shape": "responses"}, "anthropic-messages", None),
]


@pytest.mark.parametrize(("npm", "own", "protocol", "base_url"), PROTOCOLS)
def test_models_dev_protocol(
    npm: str,
    own: dict[str, Any],
    protocol: str | None,
    base_url: str | None,
) -> None:
    """A model's own package and address go before its provider's."""
    said = _models_dev(npm, provider=own)
    assert (said.get("protocol"), said.get("base_url")) == (protocol, base_url)


def test_pi_ai_protocol() -> None:
    """A raw row names the API that it is spoken to by."""
    row = {"id": "m", "api": "openai-completions", "contextWindow": 5, "cost": {}}
    said = pi_ai.translate({"acme": {"m": row}}, "2026-11-10").models["acme", "m"]
    assert said["protocol"] == "openai-chat"
    assert (
        "protocol"
        not in pi_ai.translate(
            {"acme": {"m": row | {"api": "other"}}}, "2026-11-10"
        ).models["acme", "m"]
    )


def _merged(lite: dict[str, Any], dev: dict[str, Any] | None = None) -> dict[str, Any]:
    said = {"litellm": lite, "models.dev": dev}
    claims = [
        Claims(source, DAYS[source], {("acme", "m"): facts})
        for source, facts in said.items()
        if facts is not None
    ]
    return merge(claims).models["acme", "m"]


def test_parameters_of_several_sources_are_merged_one_by_one() -> None:
    """Each parameter is of the best-ranked source that has it, and says which."""
    facts = _merged(
        {"capabilities.reasoning": {"always_on": True, "effort_flags": {"max": True}}},
        {"capabilities.reasoning": {"efforts": ["low"], "toggle": False}},
    )
    assert facts["capabilities"]["reasoning"] == {
        "efforts": ["low"],
        "toggle": False,
        "always_on": True,
    }
    sources = facts["sources"]
    assert source_of(sources, "capabilities.reasoning.toggle") == "models.dev"
    assert source_of(sources, "capabilities.reasoning.always_on") == "litellm"


def test_single_effort_flags_give_way_to_a_whole_list() -> None:
    """Where a list of efforts is known, flags of single ones are not served."""
    flags = {"effort_flags": {"max": True}}
    facts = _merged(
        {"capabilities.reasoning": {"efforts": ["low", "max"]}},
        {"capabilities.reasoning": flags},
    )
    assert facts["capabilities"]["reasoning"] == {"efforts": ["low", "max"]}
    alone = _merged({"capabilities.reasoning": flags})
    assert alone["capabilities"]["reasoning"] == flags


def test_a_window_out_of_the_largest_prompt_is_inferred() -> None:
    """The largest prompt of litellm is the window where nobody states one."""
    facts = _merged({"max_input_tokens": 1000})
    assert facts["context_window"] == 1000
    assert facts["limits_basis"] == {"context_window": "inferred"}
    stated = _merged({"max_input_tokens": 1000}, {"context_window": 4000})
    assert "limits_basis" not in stated


def test_request_parameters_are_merged_one_by_one() -> None:
    """Values go before a bare yes; each parameter has its own source."""
    facts = _merged(
        {"request_parameters.speed": True, "request_parameters.image_size": False},
        {"request_parameters.speed": {"values": ["fast"]}},
    )
    assert facts["request_parameters"] == {
        "image_size": False,
        "speed": {"values": ["fast"]},
    }
