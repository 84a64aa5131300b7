"""ExLLM's asserted behaviours about capabilities: cases 13, 15, 16, 19 to 35."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from exllm_models import MODELS, exllm_registry
from modeldex.errors import InvalidQueryError, UnknownModelError

if TYPE_CHECKING:
    from modeldex.registry import Registry

TURBO = "openai/gpt-4-turbo"
OPUS = "anthropic/claude-3-opus-20240229"
VISION = "google/gemini-pro-vision"
PHI = "bumblebee/microsoft/phi-2"
MOCK = "mock/mock-model"


@pytest.fixture(scope="module")
def registry() -> Registry:
    """Return a registry of the models that ExLLM's tests ask about."""
    return exllm_registry()


def refs(models) -> list[str]:
    return [model.ref for model in models]


def test_13_capabilities_are_names(registry: Registry) -> None:
    """Capabilities are listed by name, each a text."""
    for model in registry.list_all():
        assert list(model.capabilities)
        assert all(isinstance(name, str) for name in model.capabilities)


@pytest.mark.parametrize("key", MODELS)
def test_15_support_is_yes_no_or_unknown(
    registry: Registry, key: tuple[str, str]
) -> None:
    """An answer is True, False or, where nobody says, None."""
    for name in registry.list_features():
        assert registry.supports(key, name) in (True, False, None)


def test_16_finding_by_several_features_and_by_none(registry: Registry) -> None:
    """Finding returns a list; an empty list of features is allowed."""
    assert len(registry.find_by_capabilities(["vision"])) == 7
    assert len(registry.find_by_capabilities(["vision", "function_calling"])) == 6
    assert len(registry.find_by_capabilities([])) == len(MODELS)


def test_19_a_known_model(registry: Registry) -> None:
    """gpt-4-turbo: window, largest answer, provider."""
    model = registry.get_info("openai", "gpt-4-turbo")
    assert (model.context_window, model.max_output_tokens) == (128_000, 4_096)
    assert model.provider == "openai"


def test_20_an_unknown_model_is_not_found(registry: Registry) -> None:
    """gpt-5-super is not there."""
    with pytest.raises(UnknownModelError):
        registry.get_info("openai", "gpt-5-super")


def test_21_details_of_a_capability(registry: Registry) -> None:
    """Vision of claude-3-opus lists its formats."""
    found = registry.get_capability_details(OPUS, "vision")
    assert found.supported is True
    assert "image/jpeg" in found.parameters["formats"]
    assert found.source == "litellm"
    assert registry.supports(OPUS, "function_calling") is True


@pytest.mark.parametrize(
    ("ref", "capability"),
    [(TURBO, "vision"), (OPUS, "function_calling"), (PHI, "streaming")],
)
def test_22_supported(registry: Registry, ref: str, capability: str) -> None:
    """What a model can is True."""
    assert registry.supports(ref, capability) is True


@pytest.mark.parametrize(
    ("ref", "capability"),
    [
        ("openai/gpt-3.5-turbo", "vision"),
        (VISION, "multi_turn"),
        (PHI, "vision"),
    ],
)
def test_23_not_supported(registry: Registry, ref: str, capability: str) -> None:
    """What a model is known not to can is False."""
    assert registry.supports(ref, capability) is False


def test_24_an_unknown_model_raises(registry: Registry) -> None:
    """Ours differs: an unknown model is an error, not one that can do nothing."""
    with pytest.raises(UnknownModelError):
        registry.supports("openai/unknown", "vision")


def test_25_not_supported_unknown_and_not_found_are_told_apart(
    registry: Registry,
) -> None:
    """Ours differs: no and unknown are answers; an unknown name or model raises."""
    assert registry.get_capability_details(PHI, "vision").supported is False
    assert registry.get_capability_details(PHI, "reasoning").supported is None
    with pytest.raises(UnknownModelError):
        registry.get_capability_details("openai/unknown", "vision")
    with pytest.raises(InvalidQueryError, match="did you mean vision"):
        registry.get_capability_details(PHI, "visoin")


def test_26_finding_vision(registry: Registry) -> None:
    """It includes these four."""
    found = refs(registry.find_by_capabilities(["vision"]))
    assert {TURBO, OPUS, VISION, MOCK} <= set(found)


def test_27_finding_vision_and_functions(registry: Registry) -> None:
    """All that is asked must be there."""
    found = refs(registry.find_by_capabilities(["vision", "function_calling"]))
    assert {TURBO, OPUS} <= set(found)
    assert VISION not in found


def test_28_finding_what_no_model_has(registry: Registry) -> None:
    """Vision, embeddings and fine-tuning together: none."""
    wanted = ["vision", "embeddings", "fine_tuning"]
    assert registry.find_by_capabilities(wanted) == []


def test_29_comparing_three(registry: Registry) -> None:
    """Three entries, and a row per feature in the order asked."""
    found = registry.compare([TURBO, OPUS, "openai/gpt-3.5-turbo"])
    assert len(found.models) == 3
    assert list(found.capabilities["vision"].values()) == [True, True, False]


def test_30_comparing_an_unknown_one_raises(registry: Registry) -> None:
    """Ours differs: an unknown model is not dropped silently."""
    with pytest.raises(UnknownModelError):
        registry.compare([TURBO, "openai/unknown"])


def test_31_models_by_capability(registry: Registry) -> None:
    """Who has it and who has not, sorted; and, ours, of whom it is not known."""
    found = registry.models_by_capability("vision")
    assert PHI in found.no
    assert TURBO in found.yes
    assert list(found.yes) == sorted(found.yes)
    assert list(found.no) == sorted(found.no)
    assert found.unknown == ()
    reasoning = registry.models_by_capability("thinking", provider="openai")
    assert (reasoning.capability, len(reasoning.unknown)) == ("reasoning", 3)


def test_32_recommending_with_features(registry: Registry) -> None:
    """At most three, each with all the features."""
    wanted = ("vision", "function_calling")
    found = registry.recommend(capabilities=wanted, limit=3)
    assert 0 < len(found) <= 3
    assert all(set(wanted) <= set(one.model.capabilities) for one in found)


def test_33_recommending_with_a_least_context(registry: Registry) -> None:
    """Only models with at least so large a window."""
    found = registry.recommend(min_context=100_000)
    assert found
    assert all(one.model.context_window >= 100_000 for one in found)


def test_34_preferring_local_models(registry: Registry) -> None:
    """A local one outscores itself without the preference, and the others."""
    found = registry.recommend(prefer_local=True, limit=9)
    local = [one.score for one in found if one.model.provider in ("bumblebee", "mock")]
    others = [one.score for one in found if one.model.ref not in (PHI, MOCK)]
    assert min(local) > max(others)


def test_35_the_list_of_features(registry: Registry) -> None:
    """More than ten names, these among them."""
    found = registry.list_features()
    assert len(found) > 10
    assert {"streaming", "function_calling", "vision", "multi_turn"} <= set(found)
    assert found == sorted(found)


def test_details_have_a_json_form(registry: Registry) -> None:
    """Details and lists by capability are values with a JSON form."""
    found = registry.get_capability_details(("openai", "gpt-4o"), "image-input")
    assert found.as_dict() == {
        "ref": "openai/gpt-4o",
        "capability": "vision",
        "supported": True,
        "parameters": {},
        "source": None,
    }
    assert found == registry.get_capability_details("openai/gpt-4o", "vision")
    assert hash(found) == hash(
        registry.get_capability_details(TURBO[:7] + "gpt-4o", "vision")
    )
    listed = registry.models_by_capability("vision", provider="openai").as_dict()
    assert listed["no"] == ["openai/gpt-3.5-turbo"]


def test_counts_are_of_models_that_are_not_retired(registry: Registry) -> None:
    """Yes, no and unknown add up to all of them."""
    counted = registry.capability_counts()
    assert set(counted) == set(registry.list_features())
    assert all(sum(row.values()) == len(MODELS) for row in counted.values())
    assert counted["vision"] == {"yes": 7, "no": 2, "unknown": 0}
    about = registry.describe_capability("image_understanding")
    assert (about["capability"], about["yes"]) == ("vision", 7)
    assert about["implied_by"] == ["computer_use"]


@pytest.mark.parametrize(
    ("name", "told"),
    [("visoin", "did you mean vision"), ("long_context", "min_context:100k")],
)
def test_an_unknown_capability_is_told_everywhere_alike(
    registry: Registry, name: str, told: str
) -> None:
    """With a near name, or the reason why it is none."""
    for ask in (
        lambda: registry.supports(TURBO, name),
        lambda: registry.models_by_capability(name),
        lambda: registry.describe_capability(name),
        lambda: registry.find(capabilities=name),
    ):
        with pytest.raises(InvalidQueryError, match=told):
            ask()


@pytest.mark.parametrize("name", ["", " ", None, 5, ["vision", "audio"]])
def test_what_is_no_name_is_refused(registry: Registry, name: Any) -> None:
    """Empty text and other types are an error of ours."""
    for ask in (
        lambda: registry.supports(TURBO, name),
        lambda: registry.models_by_capability(name),
        lambda: registry.describe_capability(name),
    ):
        with pytest.raises(InvalidQueryError):
            ask()
