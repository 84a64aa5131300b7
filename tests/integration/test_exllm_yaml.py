"""ExLLM's own 62 files load as they are, their oddities as warnings."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from modeldex.catalog.authoring.edit import format_text, rewrite
from modeldex.catalog.authoring.load import load_directory, load_text
from modeldex.catalog.authoring.validate import validate

DIRECTORY = Path(__file__).parents[3] / "shared" / "data" / "exllm_yaml"
pytestmark = pytest.mark.skipif(
    not DIRECTORY.is_dir(), reason=f"ExLLM's files are not at {DIRECTORY}"
)


@pytest.fixture(scope="module")
def layers():
    """Return the layers of all files."""
    return load_directory(DIRECTORY)


@pytest.fixture(scope="module")
def models(layers):
    """Return the facts of all models by provider and id."""
    return {
        (layer.provider["provider"], model_id): facts
        for layer in layers
        for model_id, facts in layer.models.items()
    }


def price(facts, meter):
    """Return an amount, or None."""
    return facts.get("pricing", {}).get(meter)


def can(facts, name):
    """Return whether a model is known to have a capability."""
    return bool(facts.get("capabilities", {}).get(name))


def is_cheap(facts):
    """Tell whether input is 0 to 5 and output 0 to 20, both known."""
    taken, given = price(facts, "input"), price(facts, "output")
    return taken is not None and given is not None and taken <= 5 and given <= 20


COUNTS = {
    "models": (1167, lambda _: True),
    "vision": (275, lambda facts: can(facts, "vision")),
    "function_calling": (508, lambda facts: can(facts, "function_calling")),
    "context >= 100k": (538, lambda facts: facts.get("context_window", 0) >= 100_000),
    "input 0-5 and output 0-20": (790, is_cheap),
    "vision & context > 100k & input < 5": (
        192,
        lambda facts: (
            can(facts, "vision")
            and facts.get("context_window", 0) > 100_000
            and price(facts, "input") is not None
            and price(facts, "input") < 5
        ),
    ),
    "no context": (138, lambda facts: "context_window" not in facts),
    "no pricing": (262, lambda facts: "pricing" not in facts),
    "deprecation_date": (54, lambda facts: "deprecation_date" in facts),
}


@pytest.mark.parametrize("what", COUNTS)
def test_counts(models, what):
    """The numbers come out as ExLLM's files have them."""
    expected, condition = COUNTS[what]
    assert sum(bool(condition(facts)) for facts in models.values()) == expected


def test_no_oddity_is_fatal(layers):
    """All 62 files load, and nothing in them is an error."""
    assert len(layers) == 62
    found = validate(layers)
    assert not [str(finding) for finding in found if finding.is_error]
    assert {finding.code for finding in found} == {
        "default_not_chat",
        "duplicate_provider",
        "empty_model",
        "float_count",
        "legacy_key",
        "limit_order",
        "missing_provider",
        "no_models",
        "output_below_input",
        "pseudo_model",
        "stem_mismatch",
        "unknown_capability",
        "unknown_mode",
        "wildcard_id",
        "zero_price",
    }


def test_oddities_keep_their_meaning(models):
    """Zero stays the number 0, float counts are whole, an empty model stays."""
    local = models["lmstudio", "local-model"]
    assert local["pricing"] == {"input": Decimal(0), "output": Decimal(0)}
    assert models["fireworks_ai", "fireworks-ai-default"] == {}
    assert 10_000_000 in [facts.get("context_window") for facts in models.values()]
    metadata = models["ollama", "llama3.2:1b"]["metadata"]
    assert metadata["model_info"]["parameter_count"] == 1235814432


def test_formatting_and_editing_keep_the_facts(layers):
    """Formatting changes no fact; an edit that is taken back restores every byte."""
    for layer in layers:
        if layer.path.endswith(("azure.yml", "bedrock.yml", "lmstudio.yml")):
            after = load_text(format_text(layer.text).encode(), layer.path)
            assert (after.provider, after.models) == (layer.provider, layer.models)
            model_id = next(iter(layer.models))
            edited = rewrite(layer.text, {}, {model_id: {"name": "no"}})
            assert rewrite(edited, {}, {model_id: {"name": None}}) == layer.text
