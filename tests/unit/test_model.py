"""The values that callers hold: Model, Pricing, Capabilities, and status by day."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal
from typing import Any

import pytest

import modeldex
from catalogs import registry_of
from modeldex.domain.capability import (
    ALIASES,
    CAPABILITIES,
    Capabilities,
    canonical_capability,
)
from modeldex.domain.lifecycle import first_day
from modeldex.domain.model import Model, Pricing
from modeldex.usecases.records import json_text

FACTS: dict[str, Any] = {
    "name": "Acme Large",
    "description": "Large; for tests.",
    "canonical": "acme/large",
    "family": "acme",
    "mode": "chat",
    "context_window": 200_000,
    "max_input_tokens": 180_000,
    "max_output_tokens": 8_192,
    "embedding_dimensions": 1_024,
    "pricing": {"input": Decimal("0.075"), "output": Decimal(15)},
    "capabilities": {
        "vision": True,
        "audio_input": False,
        "reasoning": {"efforts": ["low", "high"]},
    },
    "modalities": {"input": ["text", "image"], "output": ["text"]},
    "status": "preview",
    "release_date": "2026-02",
    "knowledge_cutoff": "2025",
    "deprecation_date": "2027-01-01",
    "replacement": ["large-2", "beta/large"],
    "open_weights": False,
    "license": "MIT",
    "rate_limits": {"rpm": 60},
    "supported_endpoints": ["/v1/chat/completions"],
    "updated_at": "2026-06-01",
    "metadata": {"tier": {"a": [1, "x"]}},
    "sources": {"*": "models.dev", "pricing": {"source": "curated", "by": "me"}},
}
# the keys of a JSON record, as the issue names them
KEYS = (  # noqa: SIM905
    "ref provider id name description canonical family mode context_window "
    "max_input_tokens max_output_tokens pricing capabilities modalities status "
    "release_date knowledge_cutoff deprecation_date replacement open_weights license "
    "updated_at metadata sources"
).split()


def model_of(facts: dict[str, Any], name: str = "m", day: str = "2026-06-15") -> Model:
    """Return a model out of a catalogue of one."""
    return registry_of({("acme", name): facts}, day=day).get_info("acme", name)


@pytest.fixture(scope="module")
def full() -> Model:
    """Return a model of which everything is known."""
    return model_of(FACTS)


@pytest.fixture(scope="module")
def bare() -> Model:
    """Return a model of which nothing is known."""
    return model_of({})


# --- a model


def test_every_fact_comes_back(full: Model) -> None:
    """Each authored fact is an attribute of its name, of its own type."""
    for name in FACTS.keys() - {"pricing", "capabilities", "status"}:
        assert getattr(full, name) == FACTS[name], name
    assert full.pricing.amounts == FACTS["pricing"]
    assert full.capabilities.as_dict() == FACTS["capabilities"]
    assert (full.ref, full.provider, full.id) == ("acme/m", "acme", "m")


def test_json_keys_are_attributes(full: Model, bare: Model) -> None:
    """A record has every key of the contract, known or not, named as attributes."""
    for model in (full, bare):
        record = model.as_dict()
        assert set(KEYS) <= set(record)
        assert [key for key in record if key in KEYS] == KEYS
        assert {"input", "output", "state"} <= set(record["pricing"])
        for key in record.keys() - {"pricing", "capabilities"}:
            assert getattr(model, key) == record[key], key


def test_unknown_is_none_never_zero_or_false(bare: Model) -> None:
    """A model without facts has its id for a name, chats, and knows nothing else."""
    assert (bare.name, bare.mode, bare.status) == ("m", "chat", "active")
    stated = {"ref", "provider", "id", "name", "mode", "status"}
    empty = {"metadata": {}, "sources": {}, "capabilities": {}}
    unpriced = {"input": None, "output": None, "state": "unknown", "currency": "USD"}
    empty["pricing"] = unpriced
    for key, fact in bare.as_dict().items():
        if key not in stated:
            assert fact == empty.get(key), key
            assert not isinstance(fact, bool)


def test_a_stated_no_is_not_unknown(full: Model, bare: Model) -> None:
    """Open weights are yes, no or unknown."""
    assert full.open_weights is False
    assert bare.open_weights is None
    assert model_of({"open_weights": True}).open_weights is True


def test_a_model_is_frozen(full: Model) -> None:
    """Nothing of a model can be set or deleted, nor changed through an answer."""
    for name in ("name", "context_window", "_columns", "anything"):
        with pytest.raises(AttributeError):
            setattr(full, name, 1)
    with pytest.raises(AttributeError):
        del full._columns
    before = json_text(full.as_dict())
    record = full.as_dict()
    record["metadata"]["tier"]["a"].append(2)
    record["capabilities"]["reasoning"]["efforts"].clear()
    record["modalities"]["input"].clear()
    full.sources.clear()
    full.pricing.amounts.clear()
    assert json_text(full.as_dict()) == before


def test_models_are_equal_when_all_facts_are(full: Model) -> None:
    """Equality is by facts, so that a changed model differs under the same ref."""
    same, other = model_of(FACTS), model_of({**FACTS, "family": "other"})
    assert full == same
    assert hash(full) == hash(same)
    assert full != other
    assert full.ref == other.ref
    assert full != model_of(FACTS, name="n")
    assert full != "acme/m"
    assert len({full, same, other}) == 2


def test_a_copy_is_the_model_itself(full: Model) -> None:
    """A frozen value needs no copies."""
    assert copy.copy(full) is full
    assert copy.deepcopy(full) is full
    assert copy.deepcopy(full.pricing) == full.pricing


def test_a_model_shows_its_ref(full: Model) -> None:
    """The repr is short."""
    assert repr(full) == "<Model acme/m>"


def test_the_source_of_a_field(full: Model) -> None:
    """A field has its own source, its group's, or that of all; none is None."""
    assert full.source_of("pricing.input") == "curated"
    assert full.source_of("context_window") == "models.dev"
    own = model_of({"sources": {"pricing": "a", "pricing.input": "b"}})
    assert own.source_of("pricing.input") == "b"
    assert own.source_of("pricing.output") == "a"
    assert own.source_of("family") is None


def test_json_writes_an_amount_in_its_own_digits() -> None:
    """JSON shows prices as plain numbers: no exponent, no float noise."""
    amounts = {"input": Decimal("1E-7"), "output": Decimal("0.1") * 3}
    record = model_of({"pricing": amounts}).as_dict()["pricing"]
    assert json_text(record) == (
        '{\n  "input": 0.0000001,\n  "output": 0.3,\n  "state": "listed",\n'
        '  "currency": "USD"\n}'
    )


STATES = [
    ({"input": Decimal(3)}, "listed", Decimal(3), None),
    ({"input": Decimal(0), "output": Decimal(2)}, "listed", 0, 2),
    ({"state": "free"}, "free", 0, 0),
    ({"state": "included"}, "included", None, None),
    ({"state": "variable"}, "variable", None, None),
    ({}, "unknown", None, None),
]


@pytest.mark.parametrize(("pricing", "state", "taken", "given_out"), STATES)
def test_a_price_says_its_state(
    pricing: dict[str, Any], state: str, taken: Any, given_out: Any
) -> None:
    """Free is zero; included, variable and unknown have no amount at all."""
    found = model_of({"pricing": pricing}).pricing
    assert (found.state, found.input, found.output) == (state, taken, given_out)
    assert bool(found) is (state != "unknown")
    assert found.as_dict()["state"] == state
    assert all(isinstance(amount, Decimal) for amount in found.amounts.values())
    assert found.cache_read is None


def test_a_price_is_a_frozen_value() -> None:
    """Prices are equal by amounts and state, in any order of the meters."""
    one = Pricing({"input": "3", "output": "15"})
    two = Pricing({"output": "15", "input": "3"})
    assert one == two
    assert hash(one) == hash(two)
    assert one != Pricing({"input": "3"})
    assert Pricing({}, "free") != Pricing({})
    assert Pricing({"input": "0", "output": "0"}) != Pricing({}, "free")
    with pytest.raises(AttributeError):
        one.state = "free"
    with pytest.raises(AttributeError):
        one.input = Decimal(1)
    assert repr(one) == "Pricing(input=3, output=15, state=listed)"


# --- what a model can do


def test_a_capability_is_yes_no_or_unknown(full: Model) -> None:
    """`in`, iteration and length mean yes; `get` tells no from unknown."""
    found = full.capabilities
    assert "vision" in found
    assert "audio_input" not in found
    assert list(found) == ["reasoning", "vision"]
    assert len(found) == 2
    asked = ("vision", "audio_input", "streaming", "reasoning")
    assert [found.get(name) for name in asked] == [True, False, None, True]
    assert found.no == ("audio_input",)
    assert found.parameters["reasoning"] == {"efforts": ["low", "high"]}


def test_capabilities_are_frozen_values() -> None:
    """Equal abilities are equal values; a known no is not an unknown."""
    one = Capabilities(("vision",), ("streaming",))
    assert one == Capabilities(("vision",), ("streaming",))
    assert hash(one) == hash(Capabilities(("vision",), ("streaming",)))
    assert one != Capabilities(("vision",))
    assert one != Capabilities(("vision",), ("streaming",), {"vision": {"n": 1}})
    with pytest.raises(AttributeError):
        one.yes = ()


def test_spellings_of_a_capability() -> None:
    """Every alias means a name of the table; case and separators do not matter."""
    assert set(ALIASES.values()) <= set(CAPABILITIES)
    assert not set(ALIASES) & set(CAPABILITIES)
    assert canonical_capability("Tool-Use ") == "function_calling"
    assert canonical_capability("image input") == "vision"
    assert canonical_capability("telepathy") is None


def test_values_survive_pickle() -> None:
    """A model and what it holds can be sent to another process."""
    model = modeldex.get_info("openai", "gpt-4o")
    again = pickle.loads(pickle.dumps(model))
    assert again == model
    assert again.status == model.status
    assert pickle.loads(pickle.dumps(model.pricing)) == model.pricing
    assert pickle.loads(pickle.dumps(model.capabilities)) == model.capabilities


def test_status_of_another_day(full: Model) -> None:
    """`status_on` answers for any day, `status` for the catalogue's."""
    assert full.status == "deprecated"
    assert full.status_on("2026-12-31") == "deprecated"
    assert full.status_on("2027-01-01") == "retired"


def test_a_partial_date_is_kept_and_begins_its_span() -> None:
    """A month or year is shown as it is and ordered by its first day."""
    dates = {"y": "2026", "m": "2026-02", "d": "2026-02-01", "n": "2026-02-02"}
    entries = {("p", name): {"release_date": day} for name, day in dates.items()}
    registry = registry_of(entries | {("p", "none"): {}})
    assert {n: registry.get_info("p", n).release_date for n in dates} == dates
    assert registry.find_refs(sort="released") == [
        *("p/y", "p/d", "p/m", "p/n", "p/none")
    ]
    assert registry.find_refs(released_after="2026-01") == ["p/d", "p/m", "p/n"]
    assert registry.find_refs("released=2026-02") == ["p/d", "p/m"]
    assert registry.find_refs(released_before="2026-02") == ["p/y"]
    assert first_day("2026") == "2026-01-01"
    assert first_day("2026-05") == "2026-05-01"
    assert first_day("2026-05-09") == "2026-05-09"
