"""The vocabulary of capabilities: its tables, its spellings, what follows from what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from capability_names import EXLLM, SOURCES
from modeldex.bootstrap.vocabulary import AUTHORED, made
from modeldex.catalog.authoring.json_schema import json_schema
from modeldex.catalog.authoring.load import load_text
from modeldex.catalog.authoring.validate import validate
from modeldex.catalog.encode import decode, encode
from modeldex.domain.capability import (
    ALIASES,
    CAPABILITIES,
    IMPLIES,
    canonical_capability,
    implied_by,
    why_dropped,
)
from modeldex.domain.capability_details import DROPPED, PARAMETERS, SOURCE_NAMES
from modeldex.errors import InvalidInputError
from modeldex.usecases.vocabulary import read_vocabulary

TEXT = Path(AUTHORED).read_text("utf-8")


@pytest.mark.parametrize("path", made())
def test_tables_are_what_the_yaml_makes(path: str) -> None:
    """The committed tables are made of the YAML; `make vocabulary` writes them."""
    assert Path(path).read_text("utf-8") == made()[path], "run `make vocabulary`"


PDF = "aliases: [document_understanding, pdf]"
FAULTS = [
    ("implies: [vision]", "implies: [sight]", "implies sight"),
    ("group: sampling", "group: taste", "no group taste"),
    ("{type: flag,", "{type: bit,", "no type bit"),
    (
        PDF,
        "aliases: [pdf, prefill]",
        "prefill has another meaning",
    ),
    (
        PDF,
        "aliases: [vision]",
        "vision has another meaning",
    ),
    (
        PDF,
        "aliases: [guardrails]",
        "guardrails has another meaning",
    ),
    ("supports_speed: request.speed", "supports_speed: request.haste", "no request"),
    ("supports_vision: vision", "supports_vision: sight", "no sight"),
    ("reasoning.adaptive", "reasoning.adapted", "no reasoning.adapted"),
    ("title: Vision", "name: Vision", "unknown key name"),
    ("\ncapabilities:", "\nrequests: {}\ncapabilities:", "requests is no section"),
]


@pytest.mark.parametrize(("old", "new", "told"), FAULTS)
def test_a_vocabulary_that_names_what_is_not_there_is_refused(
    old: str, new: str, told: str
) -> None:
    """Implied ones, groups, types, spellings and targets must exist, once each."""
    assert old in TEXT
    with pytest.raises(InvalidInputError, match=told):
        read_vocabulary(TEXT.replace(old, new, 1))


def test_every_name_of_exllm_is_ours_or_dropped_with_a_reason() -> None:
    """Its aliases, canonical names, YAML names, matrix and features: all of them."""
    for name in EXLLM:
        assert (canonical_capability(name) is None) == bool(why_dropped(name)), name


@pytest.mark.parametrize("source", SOURCES)
def test_every_name_of_a_source_is_ours_or_dropped_with_a_reason(source: str) -> None:
    """No name of a source is forgotten, and none is both mapped and dropped."""
    mapped, dropped = set(SOURCE_NAMES[source]), set(DROPPED.get(source, ()))
    assert set(SOURCES[source]) - mapped - dropped == set()
    assert mapped & dropped == set()


SPELLINGS = {
    "Tool-Use": "function_calling",
    "image generation": "image_output",
    "multimodal": "vision",
    "whisper": "speech_recognition",
    "tts": "speech_synthesis",
    "rag": "file_search",
    "grounding": "web_search",
    "structured_outputs": "structured_output",
    "response_format": "json_mode",
    "context_caching": "prompt_caching",
    "long_context": None,
    "attachment": None,
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_spellings_mean_what_they_say(spelling: str) -> None:
    """Of the names that ExLLM normalised, each keeps its meaning or is dropped."""
    assert canonical_capability(spelling) == SPELLINGS[spelling]


def test_the_tables_agree_with_each_other() -> None:
    """Every table names capabilities that there are; no spelling is one itself."""
    names = set(CAPABILITIES)
    implied = {name for many in IMPLIES.values() for name in many}
    assert set(ALIASES.values()) | set(IMPLIES) | implied | set(PARAMETERS) <= names
    assert not set(ALIASES) & names
    assert not set(DROPPED["any"]) & (names | set(ALIASES))
    assert len(ALIASES) >= 61


def test_a_yes_says_yes_to_what_it_implies() -> None:
    """Where nothing else is known the parent is yes, derived; a child never is."""
    facts = {
        "capabilities": {"parallel_function_calling": True, "pdf_input": True},
        "sources": {"*": "litellm"},
    }
    shown = dict(zip(("yes", "no"), _abilities(facts), strict=True))
    expected = "file_input function_calling parallel_function_calling pdf_input"
    assert shown == {"yes": expected, "no": ""}
    assert implied_by(["parallel_function_calling"]) == {
        "function_calling": "parallel_function_calling"
    }
    assert _abilities({"capabilities": {"function_calling": True}}) == (
        "function_calling",
        "",
    )


def _abilities(facts: dict[str, Any]) -> tuple[str, str]:
    from modeldex.domain.model import COLUMNS

    columns = dict(zip(COLUMNS, encode("acme", "m", facts), strict=True))
    return columns["capabilities"], columns["capabilities_no"]


def test_what_is_implied_names_derived_as_its_source_and_is_no_fact_of_a_layer() -> (
    None
):
    """A layer above sees what was stated, not what followed from it."""
    from modeldex.domain.model import Model

    facts = {"capabilities": {"tool_choice": True}, "sources": {"*": "litellm"}}
    columns = encode("acme", "m", facts)
    model = Model(columns, lambda: "2026-06-15")
    assert model.source_of("capabilities.function_calling") == "derived"
    assert model.source_of("capabilities.tool_choice") == "litellm"
    assert decode(columns) == facts
    bare = {"capabilities": {"tool_choice": True}}
    assert decode(encode("acme", "m", bare)) == bare


def test_what_is_implied_never_overrules_a_stated_no() -> None:
    """The no stays, and validation finds the contradiction with its line."""
    facts = {"capabilities": {"tool_choice": True, "function_calling": False}}
    assert _abilities(facts) == ("tool_choice", "function_calling")
    text = (
        "provider: acme\nmodels:\n  m:\n    capabilities:\n"
        "      tool_choice: yes\n      function_calling: no\n"
    )
    found = validate([load_text(text.encode(), "acme.yaml")])
    assert [(f.code, f.line, f.severity) for f in found] == [
        ("implied_conflict", 6, "warning")
    ]


PARAMETER_FINDINGS = [
    ("reasoning: {effort: [low]}", "unknown_parameter", "did you mean efforts"),
    ("reasoning: {efforts: low}", "bad_parameter", "a list of words"),
    ("reasoning: {efforts: [lw]}", "bad_parameter", "did you mean low"),
    ("reasoning: {toggle: maybe}", "bad_parameter", "yes or no"),
    ("reasoning: {budget: 5}", "bad_parameter", "whole numbers"),
    ("reasoning: {budget: {min: 9, max: 5}}", "bad_parameter", "whole numbers"),
    ("reasoning: {effort_flags: {max: often}}", "bad_parameter", "yes or no"),
    ("reasoning: {default: 5}", "bad_parameter", "a word"),
    ("prompt_caching: {min_tokens: few}", "bad_parameter", "a whole number"),
    ("prompt_caching: {ttls: [5m, 2h]}", "bad_parameter", "'2h' is not one of"),
    ("streaming: {speed: 5}", "unknown_parameter", "no parameter of streaming"),
    ("long_context: yes", "unknown_capability", "min_context:100k"),
    ("visoin: yes", "unknown_capability", "did you mean vision"),
]


@pytest.mark.parametrize(("line", "code", "told"), PARAMETER_FINDINGS)
def test_parameters_are_held_against_the_vocabulary(
    line: str, code: str, told: str
) -> None:
    """What does not belong is a warning with line and suggestion, and is kept."""
    text = f"provider: acme\nmodels:\n  m:\n    capabilities:\n      {line}\n"
    layer = load_text(text.encode(), "acme.yaml")
    (finding,) = layer.findings
    assert (finding.code, finding.line, finding.severity) == (code, 5, "warning")
    assert told in finding.message
    assert layer.models["m"]["capabilities"]


REQUEST_FINDINGS = [
    ("request_parameters: {top_pp: yes}", "unknown_parameter"),
    ("request_parameters: {Top-P: yes}", "bad_name"),
    ("request_parameters: {top_p: {most: 1}}", "bad_shape"),
    ("request_parameters: {top_p: {max: lots}}", "bad_number"),
    ("request_parameters: {top_p: perhaps}", "bad_flag"),
    ("request_parameters: [top_p]", "bad_shape"),
    ("limits_basis: {context_window: guessed}", "bad_choice"),
    ("limits_basis: {context: measured}", "unknown_key"),
    ("limits_basis: measured", "bad_shape"),
    ("protocol: openai-chats", "bad_choice"),
    ("base_url: ftp://a.test", "bad_url"),
]


@pytest.mark.parametrize(("line", "code"), REQUEST_FINDINGS)
def test_request_parameters_and_bases_are_checked(line: str, code: str) -> None:
    """Each has its kinds of finding."""
    text = f"provider: acme\nmodels:\n  m:\n    {line}\n"
    assert [f.code for f in load_text(text.encode(), "acme.yaml").findings] == [code]


def test_editors_know_the_parameters() -> None:
    """The JSON Schema has each capability's parameters with their types."""
    model = json_schema()["$defs"]["model"]["properties"]
    _, by_name = model["capabilities"]["anyOf"]
    _, rich = by_name["properties"]["reasoning"]["anyOf"]
    assert set(rich["properties"]) == set(PARAMETERS["reasoning"])
    assert rich["properties"]["efforts"]["type"] == "array"
    assert {"limits_basis", "request_parameters", "protocol", "base_url"} <= set(model)
