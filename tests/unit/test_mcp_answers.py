"""What the tools answer, without the SDK: schemas, texts, data, errors."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from catalogs import registry_of
from modeldex.errors import (
    AmbiguousModelError,
    InvalidInputError,
    InvalidQueryError,
    ModeldexError,
    UnknownModelError,
    UnknownProviderError,
)
from modeldex.mcp.results import plain
from modeldex.mcp.tools import TOOLS, ask, told

if TYPE_CHECKING:
    from modeldex.registry import Registry

D = Decimal
LARGE, SMALL, BARE = "acme/large", "acme/small", "acme/bare"
ENTRIES: dict[tuple[str, str], dict[str, Any]] = {
    ("acme", "large"): {
        "name": "Large",
        "canonical": "acme/large",
        "context_window": 200_000,
        "pricing": {"input": D(3), "output": D(15), "cache_read": D("0.3")},
        "rates": {"input@service_tier=batch": D("1.5")},
        "capabilities": {"vision": True, "audio_input": False},
        "sources": {"*": "litellm"},
    },
    ("acme", "small"): {"context_window": 8_000, "pricing": {"input": D("0.1")}},
    ("acme", "bare"): {},
    ("acme", "ending"): {"deprecation_date": "2026-06-16", "replacement": ["small"]},
    ("beta", "lab/large"): {"canonical": "acme/large", "pricing": {"state": "free"}},
}


@pytest.fixture(scope="module")
def registry() -> Registry:
    """Return a small catalogue on a fixed day."""
    return registry_of(ENTRIES)


def answer(registry: Registry, name: str, **given: Any) -> tuple[str, dict[str, Any]]:
    """Ask a tool; its answer is as its schema says."""
    text, data = ask(registry, TOOLS[name], given)
    jsonschema.validate(data, dict(TOOLS[name].output))
    assert text
    assert text.count("\n") < 40
    return text, data


@pytest.mark.parametrize("name", TOOLS)
def test_schemas(name: str) -> None:
    """Each is a schema of an object, closed, every argument described by its kind."""
    for schema in (TOOLS[name].input_schema, TOOLS[name].output):
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object"
    given = TOOLS[name].input_schema
    assert given["additionalProperties"] is False
    assert not given["required"] or set(given["required"]) <= given["properties"].keys()
    assert all(
        {"type", "anyOf"} & properties.keys()
        for properties in given["properties"].values()
    )


def test_find(registry: Registry) -> None:
    """Terms by name and as text; how many there are in all; unknown is null."""
    text, data = answer(registry, "find", limit=2, sort="ref")
    assert (data["total"], data["more_left"], len(data["models"])) == (5, True, 2)
    assert text.startswith("2 of 5 models")
    row = data["models"][0]
    assert (row["ref"], row["pricing"]["input"], row["context_window"]) == (
        *(BARE, None),
        None,
    )
    assert "? USD" not in text
    _, data = answer(registry, "find", offset=4, sort="ref")
    assert (data["more_left"], len(data["models"])) == (False, 1)
    for given in (
        {"query": "vision"},
        {"capabilities": ["vision"], "provider": ["acme"]},
        {"without": ["audio_input"], "min_context": "100k"},
        {"max_input_price": 3, "min_context": 100_000},
        {"max_input_price": "3.0", "query": "min_context:100k"},
        {"text": "Large", "mode": "chat", "status": "active", "provider": ["acme"]},
    ):
        _, data = answer(registry, "find", **given)
        assert [row["ref"] for row in data["models"]] == [LARGE], given


def test_get(registry: Registry) -> None:
    """All facts; another spelling with the rule that reads it."""
    _, data = answer(registry, "get", ref=LARGE)
    assert data["model"]["pricing"]["cache_read"] == 0.3
    assert data["model"]["capabilities"] == {"audio_input": False, "vision": True}
    assert data["resolved"] is None
    assert "sources" not in data["model"]
    text, data = answer(registry, "get", ref="ACME/Large", sources=True)
    assert data["model"]["ref"] == LARGE
    assert data["resolved"]["rule"]
    assert data["model"]["sources"] == {"*": "litellm"}
    assert f"means {LARGE}" in text
    assert "stops on 2026-06-16" in answer(registry, "get", ref="acme/ending")[0]


def test_compare(registry: Registry) -> None:
    """Facts by name and ref; those that are alike only when asked for."""
    _, data = answer(registry, "compare", refs=[LARGE, SMALL])
    assert data["models"] == [LARGE, SMALL]
    assert set(data["facts"]) == set(data["differences"])
    assert data["facts"]["pricing.input"] == {LARGE: 3, SMALL: 0.1}
    assert data["facts"]["pricing.output"] == {LARGE: 15, SMALL: None}
    _, data = answer(registry, "compare", refs=[LARGE, SMALL], differences_only=False)
    assert set(data["facts"]) > set(data["differences"])


def test_cost(registry: Registry) -> None:
    """Parts are taken off their whole; what is unpriced makes the total unknown."""
    used = {"input_tokens": 1_000, "cached_tokens": 400, "output_tokens": 100}
    text, data = answer(registry, "cost", ref=LARGE, **used)
    # (600 × 3 + 400 × 0.3 + 100 × 15) / 10^6
    assert data["total"] == 0.00342
    assert "0.00342 USD" in text
    _, data = answer(
        registry, "cost", ref=LARGE, input_tokens=1_000, service_tier="batch"
    )
    assert data["total"] == 0.0015
    text, data = answer(registry, "cost", ref=SMALL, **used)
    assert (data["total"], data["complete"]) == (None, False)
    assert "output" in data["unpriced"]
    assert "the total is unknown" in text
    assert answer(registry, "cost", ref="beta/lab/large", **used)[1]["total"] == 0
    _, data = answer(registry, "cost", ref=LARGE, meters={"searches": 2})
    assert data["unpriced"] == ["searches"]


def test_resolve(registry: Registry) -> None:
    """The rule is told in words."""
    text, data = answer(registry, "resolve", text="ACME/LARGE")
    assert data["ref"] == LARGE
    assert data["means"] in text


def test_expiring(registry: Registry) -> None:
    """What stops, with what to move to; of names also what is unknown."""
    given = {"within": "3650d", "at": "2026-06-01"}
    text, data = answer(registry, "expiring", **given)
    assert [row["ref"] for row in data["models"]] == ["acme/ending"]
    assert data["models"][0]["replacements"][0]["ref"] == SMALL
    assert SMALL in text
    _, data = answer(registry, "expiring", refs=["acme/none-such"], **given)
    assert data["models"][0]["status"] == "unknown"


REFUSED: list[tuple[str, dict[str, Any], type[ModeldexError], str]] = [
    ("find", {"query": "visoin"}, InvalidQueryError, "vision"),
    ("find", {"limit": 0}, InvalidInputError, "limit"),
    ("find", {"limit": 201}, InvalidInputError, "limit"),
    ("find", {"limit": "3"}, InvalidInputError, "limit"),
    ("find", {"limt": 3}, InvalidInputError, "limt"),
    ("find", {"query": "x" * 501}, InvalidInputError, "query"),
    ("find", {"provider": "acme"}, InvalidInputError, "provider"),
    ("find", {"provider": ["acmee"]}, UnknownProviderError, "acme"),
    ("get", {}, InvalidInputError, "ref"),
    ("get", {"ref": None}, InvalidInputError, "ref"),
    ("get", {"ref": "acme/largee"}, UnknownModelError, LARGE),
    ("compare", {"refs": []}, InvalidInputError, "refs"),
    ("compare", {"refs": [LARGE] * 21}, InvalidInputError, "refs"),
    ("cost", {"ref": LARGE}, InvalidInputError, "input_tokens"),
    ("cost", {"ref": LARGE, "input_tokens": -1}, InvalidInputError, "input_tokens"),
    (
        "cost",
        {"ref": LARGE, "input_tokens": 1, "cached_tokens": 2},
        InvalidInputError,
        "cached_tokens 2",
    ),
    ("cost", {"ref": LARGE, "meters": {"serches": 1}}, InvalidInputError, "searches"),
    ("expiring", {"within": "soon"}, InvalidInputError, "90d"),
]


@pytest.mark.parametrize(("name", "given", "kind", "said"), REFUSED)
def test_what_is_refused(
    registry: Registry,
    name: str,
    given: dict[str, Any],
    kind: type[ModeldexError],
    said: str,
) -> None:
    """The error has its code, and says what is wrong or what is near."""
    with pytest.raises(kind) as caught:
        ask(registry, TOOLS[name], given)
    text, data = told(caught.value)
    assert text.startswith(f"{data['error']['code']}: ")
    assert said in text


def test_an_error_tells_what_may_be_meant() -> None:
    """Suggestions and candidates are data."""
    error = AmbiguousModelError("which?", ["a/b"], [("a/b", "it is of a")])
    text, data = told(error)
    assert data["error"]["code"] == "ambiguous_model"
    assert data["error"]["suggestions"] == ["a/b"]
    assert data["error"]["candidates"] == [{"ref": "a/b", "reason": "it is of a"}]
    assert "a/b: it is of a" in text


NUMBERS = [
    (D("0.075"), 0.075),
    (D("0.0000000375"), 3.75e-08),
    (D(10), 10),
    (D("1E+3"), 1000),
    (D("0.00000025000000000000002"), "0.00000025000000000000002"),
    (D("0.1000000000000000000001"), "0.1000000000000000000001"),
    (D("12345678901234567890"), "12345678901234567890"),
    ({"a": [D("2.50")]}, {"a": [2.5]}),
    (None, None),
]


@pytest.mark.parametrize(("value", "number"), NUMBERS)
def test_numbers_are_exact(value: Any, number: Any) -> None:
    """What a double cannot hold is the text of its digits."""
    found = plain(value)
    assert found == number
    assert type(found) is type(number)


STRANGE: list[Any] = [
    *(LARGE, SMALL, "large", "x", "", None, -1, 0, 1, 3.5, 1e308, True, []),
    *([LARGE], ["vision"], [""], {"input": 1}, {"searches": 0.1}, "2025-06-01"),
    *("90d", "vision", 10**30, "1e400", "٣", "acme/*", "a/\x00", "-price", "input"),
]


@pytest.mark.parametrize("name", TOOLS)
def test_whatever_is_asked_is_answered_or_refused(
    registry: Registry, name: str
) -> None:
    """Nothing but an answer as the schema says, or an error of ours."""
    tool, draw = TOOLS[name], random.Random(name)
    schema = tool.input_schema
    refused = 0
    for _ in range(50):
        given = {
            key: draw.choice(STRANGE)
            for key in schema["properties"]
            if key in schema["required"] or draw.random() < 0.15
        }
        try:
            _, data = ask(registry, tool, given)
        except ModeldexError as error:
            told(error)
            refused += 1
        else:
            jsonschema.validate(data, dict(tool.output))
            json.dumps(data, allow_nan=False)
    assert refused
