"""Costs of models that are named otherwise than the catalogue lists them."""

from __future__ import annotations

from decimal import Decimal

import pytest

import modeldex
from modeldex.errors import NotFoundError

USED = {"input": 1000, "output": 500}


@pytest.mark.parametrize(
    ("named", "ref"),
    [
        ("openai/GPT-4o", "openai/gpt-4o"),
        ("anthropic/claude-sonnet-4.5", "anthropic/claude-sonnet-4-5"),
        (("gemini", "models/gemini-2.5-flash"), "google/gemini-2.5-flash"),
    ],
)
def test_a_spelling_costs_what_its_model_costs(named: object, ref: str) -> None:
    """What a written rule leads to is priced as that model, and a note says so."""
    found = modeldex.cost(named, USED, at="2026-11-25")
    listed = modeldex.cost(ref, USED, at="2026-11-25")
    assert (found.ref, found.total) == (ref, listed.total)
    assert found.notes
    assert not listed.notes


@pytest.mark.parametrize(
    "named",
    ["openai/ft:gpt-4o-mini-2024-07-18:acme::x", "openrouter/openai/gpt-4o:online"],
)
def test_a_price_that_is_not_known_to_apply_is_none(named: str) -> None:
    """A fine-tune and a router's variant have the model's facts, not its price."""
    found = modeldex.cost(named, USED, at="2026-11-25")
    assert found.total is None or found.ref.startswith("openai/ft:")
    assert found.unpriced == ("input", "output") or found.total


@pytest.mark.parametrize("named", ["openai/gpt-4o-mni", "unknown/model", "nothing"])
def test_an_unknown_model_is_an_error(named: str) -> None:
    with pytest.raises(NotFoundError):
        modeldex.cost(named, USED)


def test_a_response_names_its_model_in_its_providers_spelling() -> None:
    """The model of a response is resolved, its tier and usage are read."""
    answer = {
        "type": "message",
        "model": "claude-sonnet-4-5-20250929",
        "usage": {
            "input_tokens": 1000,
            "output_tokens": 500,
            "service_tier": "standard",
        },
    }
    cost = modeldex.cost_of_response(answer, provider="anthropic", at="2026-11-25")
    assert cost.ref.startswith("anthropic/claude-sonnet-4-5")
    assert cost.total == Decimal("0.0105")  # (1000 * 3 + 500 * 15) / 10^6
    alone = modeldex.cost_of_response(
        {**answer, "model": "claude-sonnet-4.5"}, at="2026-11-25"
    )
    assert alone.total == cost.total
