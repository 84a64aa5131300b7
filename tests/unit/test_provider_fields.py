"""What a provider file may say of endpoints, authentication, features and limits."""

from __future__ import annotations

import pytest

from modeldex.catalog.authoring.edit import format_text, rewrite
from modeldex.catalog.authoring.load import load_text
from modeldex.catalog.authoring.validate import validate
from modeldex.domain.capability import CAPABILITIES, canonical_capability
from modeldex.domain.feature import (
    ALIASES,
    FEATURE_MODES,
    FEATURES,
    feature_name,
    is_feature,
)
from modeldex.domain.provider import FACTS, Provider

# the names of ExLLM's matrix, but for two of one provider that name no ability
EXLLM_FEATURES = (  # noqa: SIM905  a list of words reads better whole
    "agents assistants_api audio_input batch_inference batch_operations "
    "batch_processing citation_metadata code_execution code_interpretation "
    "code_interpreter computer_use context_caching context_window_override "
    "cost_tracking custom_templates document_understanding dynamic_model_listing "
    "embeddings file_uploads fine_tuning fine_tuning_api function_calling grounding "
    "guardrails image_generation json_mode keep_alive knowledge_bases logprobs "
    "long_context mirostat model_distribution model_evaluation model_management "
    "moderation multi_provider_models multi_turn_conversations multiple_images "
    "numa_control parallel_function_calling prompt_caching provisioned_throughput "
    "rate_limiting_headers raw_mode reasoning response_format retrieval "
    "safety_settings seed_control speech_recognition speech_synthesis "
    "stateful_conversations stop_sequences streaming structured_outputs "
    "system_messages temperature_control tool_choice tool_use usage_tracking "
    "video_understanding vision web_search"
).split()


def read(line):
    """Read a provider file of one more line."""
    return load_text(f"provider: x\n{line}\nmodels: {{}}\n".encode(), "x.yaml")


READ = [
    ("endpoints: [chat, embeddings]", {"endpoints": ["chat", "embeddings"]}),
    ("endpoints: [chat, ~, chat]", {"endpoints": ["chat"]}),
    ("authentication: []", {"authentication": []}),
    (
        "authentication: [api_key, iam_role]",
        {"authentication": ["api_key", "iam_role"]},
    ),
    (
        "features: [streaming, tool_use]",
        {"features": {"streaming": True, "tool_use": True}},
    ),
    (
        "features: {vision: yes, embeddings: no}",
        {"features": {"vision": True, "embeddings": False}},
    ),
    ("limitations: {no_x: yes}", {"limitations": {"no_x": {"value": True}}}),
    ('limitations: {a: "yes"}', {"limitations": {"a": {"value": "yes"}}}),
    ('limitations: {a: "512"}', {"limitations": {"a": {"value": "512"}}}),
    ("limitations: {sizes: [a, b]}", {"limitations": {"sizes": {"value": ["a", "b"]}}}),
    (
        "limitations: {max: {value: 512, unit: bytes, note: each}}",
        {"limitations": {"max": {"value": 512, "unit": "bytes", "note": "each"}}},
    ),
    ("credentials: [[A_KEY], [B, C]]", {"credentials": [["A_KEY"], ["B", "C"]]}),
    ("status_page: https://x.example", {"status_page": "https://x.example"}),
    ("deprecation_date: 2026-07-30", {"deprecation_date": "2026-07-30"}),
    (
        'sources: {"*": {source: curated, by: me}, features: docs}',
        {"sources": {"*": {"source": "curated", "by": "me"}, "features": "docs"}},
    ),
]


@pytest.mark.parametrize(("line", "facts"), READ)
def test_provider_facts_are_read_and_written(line, facts):
    """What is read is written back so that it reads the same, and stays put."""
    found = read(line)
    assert found.provider == {"provider": "x", **facts}
    assert found.findings == []
    done = format_text(found.text)
    assert load_text(done.encode(), "x.yaml").provider == found.provider
    assert format_text(done) == done
    assert rewrite("", found.provider, {}) == done
    assert rewrite(found.text, found.provider, {}) == found.text


FOUND = [
    ("endpoints: chat", "bad_shape", True),
    ("endpoints: [a b]", "bad_name", True),
    ("endpoints: [[chat]]", "bad_shape", True),
    ("authentication: [password]", "unknown_authentication", False),
    ("authentication: {type: key}", "legacy_key", False),
    ("features: [flying]", "unknown_feature", False),
    ("features: yes", "bad_shape", True),
    ("features: {vision: maybe}", "bad_flag", True),
    ("features: {tools: yes, function_calling: no}", "conflict", True),
    ("limitations: {max: 512}", "missing_unit", False),
    ("limitations: [a]", "bad_shape", True),
    ("limitations: {max: {unit: bytes}}", "bad_shape", True),
    ("limitations: {max: {value: 1, unit: bytes, per: day}}", "unknown_key", True),
    ("limitations: {max: {value: {a: 1}}}", "bad_shape", True),
    ("limitations: {Max: yes}", "bad_name", True),
    ("credentials: [A_KEY]", "bad_shape", True),
    ("credentials: [[A-B]]", "bad_name", True),
    ("status_page: javascript:alert(1)", "bad_url", True),
    ("sources: {pricing: docs}", "unknown_field", True),
    ("deprecation_date: soon", "bad_date", True),
]


@pytest.mark.parametrize(("line", "code", "is_error"), FOUND)
def test_what_is_wrong_is_found_in_its_line(line, code, is_error):
    """A bad value is a finding; what the shipped files may not have, a warning."""
    layer = read(line)
    found = [(f.code, f.line, f.is_error) for f in layer.findings]
    assert (code, 2, is_error) in found
    strict = {f.code for f in validate([layer], strict=True) if f.is_error}
    assert code in strict


def test_a_wrong_member_leaves_the_rest():
    """Of a list or mapping, what is right is kept."""
    assert read("endpoints: [chat, a b]").provider["endpoints"] == ["chat"]
    assert read("features: {vision: yes, x y: no}").provider["features"] == {
        "vision": True
    }
    assert read("limitations: {a: yes, b: {}}").provider["limitations"] == {
        "a": {"value": True}
    }


def test_exllms_lists_keep_their_meaning():
    """ExLLM's own lists of endpoints and features are read as they are."""
    text = "endpoints:\n- chat\n- runs\nfeatures:\n- tool_use\n- streaming\n- streaming"
    found = read(text)
    assert found.provider["endpoints"] == ["chat", "runs"]
    assert found.provider["features"] == {"tool_use": True, "streaming": True}
    assert found.findings == []
    mapping = read("authentication:\n  type: bearer\n  required: true")
    assert mapping.provider["metadata"] == {
        "authentication": {"type": "bearer", "required": True}
    }


def test_every_feature_of_exllm_is_one_here():
    """Each name of ExLLM's matrix is a capability or feature, by one name."""
    for name in EXLLM_FEATURES:
        assert is_feature(name), name
        found = feature_name(name.upper().replace("_", "-"))
        assert found == feature_name(name), name
        assert found in FEATURES or found in CAPABILITIES, name


def test_the_vocabulary_is_one():
    """An alias leads to a name that exists; a feature is no second capability."""
    for name in (*ALIASES.values(), *FEATURE_MODES):
        assert is_feature(name), name
    assert not set(ALIASES) & set(FEATURES)
    for name in FEATURES:
        assert canonical_capability(name) is None


def test_provider_has_the_facts():
    """A Provider has every fact; one that is not known is None."""
    provider = Provider("x", {"endpoints": ["chat"], "features": {"vision": False}})
    assert provider.endpoints == ["chat"]
    assert provider.features == {"vision": False}
    assert provider.authentication is provider.limitations is None
    assert set(provider.as_dict()) == {"provider", *FACTS}
