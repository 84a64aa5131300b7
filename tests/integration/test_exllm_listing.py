"""ExLLM's asserted behaviours of listing and lookup, on the shipped catalogue.

Numbers are those of the list that docs/from-exllm.md answers.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

import modeldex
from modeldex.domain.model import Pricing
from modeldex.errors import InvalidRefError, UnknownModelError, UnknownProviderError

KNOWN = ("openai/gpt-4o", "anthropic/claude-sonnet-4-5", "google/gemini-2.5-pro")


@pytest.fixture(scope="module")
def shipped():
    """Return the shipped catalogue alone."""
    return modeldex.open(overlays=[])


@pytest.fixture(scope="module")
def listed(shipped):
    """Return every model that is listed."""
    return shipped.list_all()


def test_1_every_model_has_a_provider_and_an_id(listed):
    """All models are a list, and each says whose it is and what it is called."""
    assert isinstance(listed, list)
    assert len(listed) > 1000
    assert all(m.provider and m.id and m.ref == f"{m.provider}/{m.id}" for m in listed)


def test_2_a_provider_that_is_listed_has_models(shipped, listed):
    """By provider the list is what each provider lists itself."""
    grouped: dict[str, list[str]] = {}
    for model in listed:
        grouped.setdefault(model.provider, []).append(model.id)
    assert set(grouped) <= set(shipped.list_providers())
    for provider, ids in grouped.items():
        assert [m.id for m in shipped.list_for_provider(provider)] == ids


def test_3_an_unknown_provider_is_an_error(shipped):
    """It is neither a crash nor an empty list, and near names are told."""
    with pytest.raises(UnknownProviderError, match=r"opnai.*openai"):
        shipped.list_for_provider("opnai")


@pytest.mark.parametrize("provider", ["openai", "anthropic", "gemini", "mock"])
def test_4_a_known_provider_lists_models(shipped, provider):
    """Each of them has an id, also under the name that ExLLM has for the provider."""
    found = shipped.list_for_provider(provider)
    assert found
    assert all(isinstance(model.id, str) and model.id for model in found)


@pytest.mark.parametrize("provider", ["openai", "anthropic", "gemini", "mock"])
def test_5_a_provider_has_a_default_model(shipped, provider):
    """It is an id that the provider has."""
    default = shipped.get_default_model(provider)
    assert default in shipped.get_all_models(provider)


def test_6_a_missing_model_is_an_error(shipped):
    """ExLLM's own example."""
    with pytest.raises(UnknownModelError):
        shipped.get_info("openai", "non-existent-model-12345")


@pytest.mark.parametrize("ref", KNOWN)
def test_7_a_known_model_has_its_facts(shipped, ref):
    """Id, name, context and abilities are there."""
    model = shipped.get_info(ref)
    assert model.id
    assert model.name
    assert model.context_window
    assert model.capabilities


def test_8_what_is_listed_can_be_looked_up(shipped, listed):
    """The same id comes back, of every model there is."""
    for model in listed:
        found = shipped.get_info(model.provider, model.id)
        assert (found.provider, found.id) == (model.provider, model.id)


@pytest.mark.parametrize(
    "asked",
    [(None, "gpt-4o"), ("openai", None), ("openai", ""), (3, "gpt-4o"), ("openai", 5)],
)
def test_9_malformed_requests_are_errors(shipped, asked):
    """What is no text names neither a provider nor a model."""
    with pytest.raises(InvalidRefError):
        shipped.get_info(*asked)


def test_10_concurrent_lists_are_the_same(listed):
    """Five lists at once, of a registry that has read nothing yet."""
    fresh = modeldex.open(overlays=[])
    with ThreadPoolExecutor(5) as pool:
        found = list(pool.map(lambda _: [m.ref for m in fresh.list_all()], range(5)))
    assert found == [[model.ref for model in listed]] * 5


@pytest.mark.parametrize("ref", KNOWN)
def test_11_a_context_window_is_a_positive_count(shipped, ref):
    """It is the same by either way to ask."""
    window = shipped.get_context_window(ref)
    assert type(window) is int
    assert window > 0
    assert window == shipped.get_info(ref).context_window


def test_12_openais_windows_are_of_a_plausible_size(shipped):
    """ExLLM's bounds hold for chat models; a window of an embedding may be 77."""
    windows = [m.context_window for m in shipped.find("provider:openai mode:chat")]
    known = [window for window in windows if window is not None]
    assert known
    assert all(1_000 <= window <= 10_000_000 for window in known)


def test_14_pricing_is_always_of_one_kind(shipped, listed):
    """It is a `Pricing`, and where the model is priced, exact amounts by meter."""
    priced = [model for model in listed if model.pricing]
    assert all(type(model.pricing) is Pricing for model in listed)
    assert len(priced) > 1000
    amounts = shipped.get_pricing("openai/gpt-4o")
    assert isinstance(amounts.input, Decimal)
    assert isinstance(amounts.output, Decimal)
