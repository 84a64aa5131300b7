"""Whether requests fit, and how they are made to: also ExLLM's cases 59 to 63."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from catalogs import registry_of
from exllm_models import exllm_registry
from modeldex.domain.tokens import estimate_tokens
from modeldex.errors import (
    DoesNotFitError,
    InvalidInputError,
    UnknownModelError,
    UnknownProviderError,
)

if TYPE_CHECKING:
    from modeldex.registry import Registry

W, I, O = "context_window", "max_input_tokens", "max_output_tokens"  # noqa: E741
INFERRED = {"limits_basis": {W: "inferred"}}
# limits, prompt, answer -> fits, headroom, limit that binds
CASES: list[tuple[dict[str, Any], int, int | None, bool | None, int | None, str]] = [
    ({W: 100}, 60, None, True, 40, W),
    ({W: 100}, 100, None, True, 0, W),
    ({W: 100}, 101, None, False, -1, W),
    ({W: 100, O: 50}, 60, 40, True, 0, W),
    ({W: 100, O: 50}, 60, 41, False, -1, W),
    ({W: 100, O: 20}, 60, 21, False, -1, O),
    ({W: 100, O: 20}, 60, 20, True, 0, O),
    ({W: 100, I: 50}, 51, None, False, -1, I),
    ({W: 100, I: 50, O: 50}, 50, 50, True, 0, W),
    ({W: 100, I: 90, O: 50}, 85, 20, False, -5, W),
    ({W: 100}, 60, 40, None, 0, W),
    ({W: 100}, 60, 41, False, -1, W),
    ({}, 60, 40, None, None, ""),
    ({I: 100}, 60, None, None, 40, I),
    ({I: 100}, 101, None, False, -1, I),
    ({O: 100}, 60, 101, False, -1, O),
    ({O: 100}, 60, 100, None, 0, O),
    ({W: 100, O: 50, **INFERRED}, 60, 40, True, 0, W),
    ({W: 100, O: 50, **INFERRED}, 60, 41, None, -1, W),
    ({W: 100, O: 50, **INFERRED}, 101, 0, False, -1, W),
    ({W: 100, O: 50, **INFERRED}, 60, 51, False, -11, W),
    ({W: 100, O: 50}, 0, 0, True, 50, O),
]


@pytest.mark.parametrize(
    ("limits", "tokens", "answer", "fits", "headroom", "limit"), CASES
)
def test_a_request_fits_when_every_limit_holds(
    limits: dict[str, Any],
    tokens: int,
    answer: int | None,
    fits: bool | None,
    headroom: int | None,
    limit: str,
) -> None:
    """Yes is sure, no is sure, and what is not known leaves it open."""
    registry = registry_of({("acme", "m"): limits})
    found = registry.fits("acme/m", tokens, answer)
    assert (found.fits, found.headroom, found.limit or "") == (fits, headroom, limit)
    assert bool(found) is (fits is True)
    assert (found.tokens, found.reserved) == (tokens, answer or 0)
    assert not found.estimated


def test_a_fit_says_what_it_assumed() -> None:
    """Nothing reserved, estimated tokens, limits that are not known or inferred."""
    registry = registry_of({("acme", "m"): {W: 100, O: 9, **INFERRED}})
    told = registry.fits("acme/m", "Hello world").notes
    assert told == (
        "no length of the answer is given: none is reserved",
        "the tokens of the prompt are estimated",
    )
    (unsure,) = registry.fits("acme/m", 95, 9).notes
    assert "inferred" in unsure
    bare = registry_of({("acme", "m"): {}})
    assert bare.fits("acme/m", 1, 1).notes == (
        "context_window is not known",
        "max_output_tokens is not known",
    )


def test_a_fit_has_a_json_form() -> None:
    """Every limit with what it allows, what is needed, and what it rests on."""
    registry = registry_of({("acme", "m"): {W: 100, "sources": {"*": "litellm"}}})
    assert registry.fits("acme/m", 60).as_dict() == {
        "ref": "acme/m",
        "fits": True,
        "tokens": 60,
        "estimated": False,
        "reserved": 0,
        "headroom": 40,
        "limit": W,
        "checks": [
            {
                "limit": W,
                "allowed": 100,
                "needed": 60,
                "headroom": 40,
                "basis": "published",
            }
        ],
        "notes": ["no length of the answer is given: none is reserved"],
    }


@pytest.mark.parametrize("prompt", [-1, True, 1.5, None, object(), {1}])
def test_what_is_no_prompt_is_refused(prompt: Any) -> None:
    """A number of tokens is whole and not negative."""
    registry = registry_of({("acme", "m"): {W: 100}})
    with pytest.raises(InvalidInputError):
        registry.fits("acme/m", prompt)
    with pytest.raises(InvalidInputError):
        registry.fits("acme/m", 1, prompt if prompt is not None else -1)


def test_limits_say_what_they_rest_on() -> None:
    """Published where somebody states it, else as written; a person's is published."""
    curated = {"context_window": {"source": "curated", "by": "me"}, "*": "litellm"}
    registry = registry_of(
        {
            ("acme", "stated"): {W: 9, O: 5, "sources": {"*": "litellm"}, **INFERRED},
            ("acme", "curated"): {W: 9, "sources": curated, **INFERRED},
            ("acme", "bare"): {W: 9},
            ("acme", "none"): {},
        }
    )
    assert registry.get_info("acme/stated").limits == {
        W: {"tokens": 9, "basis": "inferred", "source": "litellm"},
        O: {"tokens": 5, "basis": "published", "source": "litellm"},
    }
    known = registry.get_info("acme/curated").limits
    assert known == {W: {"tokens": 9, "basis": "published", "source": "curated"}}
    bare = registry.get_info("acme/bare").limits
    assert bare == {W: {"tokens": 9, "basis": None, "source": None}}
    assert registry.get_info("acme/none").limits is None


# ExLLM's cases


@pytest.fixture(scope="module")
def registry() -> Registry:
    """Return a registry of the models that ExLLM's tests ask about."""
    return exllm_registry()


WINDOWS = {
    "anthropic/claude-3-5-sonnet-20241022": 200_000,
    "anthropic/claude-3-haiku-20240307": 200_000,
    "openai/gpt-4o": 128_000,
    "openai/gpt-3.5-turbo": 16_385,
}
SMALL = "openai/gpt-3.5-turbo"
LONG = "word " * 4_000  # 5,200 tokens


def said(text: str, role: str = "user") -> dict[str, str]:
    return {"role": role, "content": text}


@pytest.mark.parametrize("ref", WINDOWS)
def test_59_windows(registry: Registry, ref: str) -> None:
    """Windows of four models."""
    assert registry.get_context_window(ref) == WINDOWS[ref]


def test_60_an_unknown_model_or_provider_raises(registry: Registry) -> None:
    """As upstream, by typed errors."""
    with pytest.raises(UnknownModelError):
        registry.fits("openai/unknown-model", 5)
    with pytest.raises(UnknownProviderError):
        registry.get_token_allocation("nobody/gpt-4o")


@pytest.mark.parametrize("strategy", ["sliding_window", "smart"])
def test_61_messages_under_the_limit_are_unchanged(
    registry: Registry, strategy: str
) -> None:
    """They come back as they are, in a list of their own."""
    messages = [said("Be brief.", "system"), said("Hello"), said("Hi", "assistant")]
    found = registry.truncate_messages(SMALL, messages, strategy=strategy)
    assert found == messages
    assert found is not messages


def test_61_over_it_the_oldest_are_cut(registry: Registry) -> None:
    """The latest stay; without `smart` a system message goes as any other."""
    messages = [said("Be brief.", "system"), *[said(LONG)] * 5, said("Now?")]
    found = registry.truncate_messages(SMALL, messages)
    assert found == [said(LONG)] * 3 + [said("Now?")]
    assert registry.fits(SMALL, found).fits


def test_61_smart_keeps_system_messages_and_the_latest(registry: Registry) -> None:
    """System messages survive wherever they stand."""
    first, later = said("Be brief.", "system"), said("Be kind.", "developer")
    messages = [first, said(LONG), said(LONG), later, said(LONG), said(LONG), said("?")]
    found = registry.truncate_messages(SMALL, messages, 4_000, "smart")
    assert found == [first, later, *[said(LONG)] * 2, said("?")]
    assert registry.validate_context(SMALL, found, 4_000) == estimate_tokens(found)


def test_61_an_answer_to_a_call_goes_with_its_call(registry: Registry) -> None:
    """No message is left that answers a call which is gone."""
    call = {"role": "assistant", "content": LONG, "tool_calls": [{"id": "1"}]}
    messages = [call, said("18", "tool"), said("20", "tool"), *[said(LONG)] * 3]
    assert registry.truncate_messages(SMALL, messages) == [said(LONG)] * 3


def test_61_what_cannot_be_cut_enough_raises(registry: Registry) -> None:
    """The latest message, or the system's, is never cut silently."""
    with pytest.raises(DoesNotFitError):
        registry.truncate_messages(SMALL, [said("a"), said(LONG * 4)])
    system = said(LONG * 4, "system")
    with pytest.raises(DoesNotFitError):
        registry.truncate_messages(SMALL, [system, said("a")], strategy="smart")
    assert registry.truncate_messages(SMALL, [system, said("a")]) == [said("a")]
    with pytest.raises(InvalidInputError, match="sliding_window, smart"):
        registry.truncate_messages(SMALL, [], strategy="clever")


def test_61_without_a_known_limit_nothing_is_cut() -> None:
    """What is not known to be too long stays whole."""
    bare = registry_of({("acme", "m"): {}})
    messages = [said(LONG)] * 9
    assert bare.truncate_messages("acme/m", messages) == messages


def test_62_validating(registry: Registry) -> None:
    """Tokens of what fits; an error for too many, and for too long an answer."""
    assert registry.validate_context(SMALL, [said("Hello")]) == 4
    with pytest.raises(DoesNotFitError, match="context_window 16,385"):
        registry.validate_context(SMALL, [said(LONG)] * 4)
    with pytest.raises(DoesNotFitError, match="max_output_tokens"):
        registry.validate_context(SMALL, [said("Hello")], 5_000)


def test_63_allocation(registry: Registry) -> None:
    """Parts are positive and add up to the window."""
    ref = "anthropic/claude-3-5-sonnet-20241022"
    found = registry.get_token_allocation(ref)
    assert found["total"] == 200_000
    assert all(part > 0 for part in found.values())
    parts = sum(part for name, part in found.items() if name != "total")
    assert parts == found["total"]
    assert (found["response"], found["system"]) == (1_000, 1_000)
    assert registry.get_token_allocation(ref, 2_000)["response"] == 2_000
    assert registry.get_token_allocation(SMALL)["total"] == 16_385


def test_63_an_allocation_that_leaves_nothing_raises(registry: Registry) -> None:
    """Neither a negative part nor one of an unknown window."""
    with pytest.raises(DoesNotFitError):
        registry.get_token_allocation(SMALL, 16_000)
    bare = registry_of({("acme", "m"): {}})
    with pytest.raises(InvalidInputError, match="not known"):
        bare.get_token_allocation("acme/m")
