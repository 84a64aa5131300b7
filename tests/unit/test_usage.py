"""What a call used, read from the answers of every provider, and counted once."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

import modeldex
from modeldex.domain import usage_tables
from modeldex.domain.pricing import METERS, TOKEN_METERS
from modeldex.domain.tokens import estimate_tokens
from modeldex.domain.usage import (
    INPUT_METERS,
    OUTPUT_METERS,
    USAGE_METERS,
    Usage,
    read_usage,
)
from modeldex.domain.usage_objects import folded
from modeldex.errors import InvalidInputError, InvalidUsageError
from usages import ROWS, chat, expected, gemini, of


@pytest.mark.parametrize("name", ROWS)
def test_every_answer_is_read(name: str) -> None:
    """An answer of each provider gives its exclusive buckets, and says what it says."""
    _, answer, wanted = ROWS[name]
    assert read_usage(answer).as_dict() == expected(wanted)


def shuffled(value: Any) -> Any:
    """Return the same JSON with the keys of every mapping in reverse order."""
    if isinstance(value, dict):
        return {key: shuffled(value[key]) for key in reversed(value)}
    return [shuffled(one) for one in value] if isinstance(value, list) else value


def test_the_order_of_keys_does_not_matter() -> None:
    """The same answer with its keys in another order is the same usage."""
    for name, (_, answer, _) in ROWS.items():
        assert read_usage(shuffled(answer)) == read_usage(answer), name


def test_an_answer_is_not_changed() -> None:
    """Reading leaves what was given as it was."""
    for name, (_, answer, _) in ROWS.items():
        before = copy.deepcopy(answer)
        read_usage(answer)
        assert answer == before, name


def test_a_usage_reads_itself() -> None:
    """A usage is read from itself and from its JSON form."""
    for name, (_, answer, _) in ROWS.items():
        usage = read_usage(answer)
        assert read_usage(usage) is usage, name
        assert read_usage(usage.as_dict()) == usage, name
        assert pickle.loads(pickle.dumps(usage)) == usage, name
        assert hash(copy.copy(usage)) == hash(usage), name


def test_every_shape_is_in_the_corpus() -> None:
    """No shape of the tables is untested: without it some answer is read otherwise."""
    assert len(ROWS) >= 60
    for shape in usage_tables.SHAPES:
        others = tuple(one for one in usage_tables.SHAPES if one is not shape)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("modeldex.domain.usage_reading.SHAPES", others)
            assert any(not reads(answer, wanted) for _, answer, wanted in ROWS.values())


def reads(answer: Any, wanted: str) -> bool:
    """Tell whether an answer is read as expected."""
    try:
        return read_usage(answer).as_dict() == expected(wanted)
    except InvalidUsageError:
        return False


def test_rows_lead_to_meters() -> None:
    """Every row of every table names a meter or one of the four marks."""
    marks = {"total", "known", "unread"}
    for shape in usage_tables.SHAPES:
        for paths, meter, within, _ in shape.rows:
            assert meter in METERS or meter in marks, (shape.name, paths)
            assert within in {"", "output?", *METERS}, (shape.name, paths)
            assert all(path == folded(path) for path in paths)


# What an SDK returns --------------------------------------------------------------


class Dumped:
    """An object that can only dump itself, as a vendor's SDK names it."""

    def __init__(self, name: str, body: dict[str, Any]) -> None:
        self._body = body
        setattr(self, name, lambda: body)


class Pydantic:
    """An object with the attributes of a pydantic model."""

    model_fields = ()
    __slots__ = ("__dict__", "__pydantic_extra__")

    def __init__(self, extra: dict[str, Any] | None, **fields: Any) -> None:
        self.__dict__.update(fields)
        self.__pydantic_extra__ = extra

    def model_dump(self) -> None:
        """Refuse to copy the whole answer."""
        raise AssertionError


class Struct(msgspec.Struct):
    """An object of msgspec's."""

    prompt_tokens: int
    completion_tokens: int


@dataclasses.dataclass
class Data:
    """A dataclass."""

    prompt_tokens: int
    completion_tokens: int


class Slotted:
    """A protobuf message: its descriptor names its fields."""

    DESCRIPTOR = SimpleNamespace(
        fields=[SimpleNamespace(name=n) for n in ("prompt_tokens", "completion_tokens")]
    )
    __slots__ = ("completion_tokens", "prompt_tokens")

    def __init__(self) -> None:
        self.prompt_tokens, self.completion_tokens = 3, 4


class WithProperty:
    """An answer whose usage is a property."""

    def __init__(self) -> None:
        self.model = "grok-4"

    @property
    def usage(self) -> dict[str, int]:
        """Return its usage."""
        return {"prompt_tokens": 3, "completion_tokens": 4}


class Keyed:
    """A mapping that is no dict."""

    def keys(self) -> list[str]:
        """Return the keys."""
        return ["prompt_tokens", "completion_tokens"]

    def __getitem__(self, key: str) -> int:
        return {"prompt_tokens": 3, "completion_tokens": 4}[key]


BODY = {"prompt_tokens": 3, "completion_tokens": 4}


@pytest.mark.parametrize(
    "obj",
    [
        Dumped("model_dump", BODY),
        Dumped("to_dict", BODY),
        Dumped("to_dict", {"usage": BODY}),
        SimpleNamespace(**BODY),
        SimpleNamespace(usage=SimpleNamespace(**BODY), _secret={"usage": {}}),
        SimpleNamespace(usage=Struct(3, 4)),
        Pydantic(None, usage=Pydantic(None, **BODY)),
        Pydantic({"completion_tokens": 4}, prompt_tokens=3),
        Struct(3, 4),
        Data(3, 4),
        Slotted(),
        WithProperty(),
        Keyed(),
        iter([{"choices": []}, {"usage": Data(3, 4)}]),
        (SimpleNamespace(usage=None), SimpleNamespace(usage=Struct(3, 4))),
    ],
    ids=lambda obj: type(obj).__name__,
)
def test_objects_are_read_as_mappings(obj: object) -> None:
    """An object of an SDK is read by its fields, whatever made it."""
    assert read_usage(obj).quantities == {"input": 3, "output": 4}


def test_a_long_answer_is_read() -> None:
    """The content of an answer is passed by, however long; only its counts are read."""
    tokens = [{"token": "a", "logprob": -0.5, "top_logprobs": []}] * 20_000
    answer = {"done": True, "eval_count": 20_000, "logprobs": tokens}
    assert read_usage(answer).quantities == {"output": 20_000}


def test_an_id_of_any_kind_is_no_obstacle() -> None:
    """Only ids that are text can tell two answers apart."""
    events = [{"id": [None], "usage": chat(1, 2)}, {"id": {}, "usage": chat(1, 3)}]
    assert read_usage(events).quantities == {"input": 1, "output": 3}


def test_numbers_of_json_may_be_decimals() -> None:
    """A time with a fraction is one, and an unknown count is not passed by."""
    usage = {**chat(1, 2), "odd_tokens": Decimal("5.0")}
    found = read_usage({"created": Decimal("1741476542.0"), "usage": usage})
    assert found.time == "2025-03-08T23:29:02Z"
    assert found.unread == ("odd_tokens",)


def test_an_object_within_itself_has_an_end() -> None:
    """Fields without a count are walked no further than those with one."""
    usage: dict[str, object] = {}
    usage.update({f"key{place}": usage for place in range(30)})
    with pytest.raises(InvalidUsageError, match="more values than any usage has"):
        read_usage(usage)


def test_a_datetime_is_a_time() -> None:
    """An SDK may hand over a datetime."""
    made = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    usage = read_usage({"create_time": made, "usage_metadata": gemini(1, 2)})
    assert usage.time == "2026-01-02T03:04:05+00:00"


@pytest.mark.parametrize(
    "stated",
    [0, -5, 1e300, Decimal("NaN"), True, "yesterday", "2026-1-2", "2026-99-05", [], {}],
)
def test_a_malformed_fact_is_not_stated(stated: object) -> None:
    """A time, model or tier that is none leaves the counts as they are."""
    answer = {
        "created": stated,
        "model": [stated],
        "service_tier": 7,
        "usage": chat(1, 2),
    }
    assert read_usage(answer).as_dict() == {"input": 1, "output": 2}


def test_the_caller_knows_the_provider() -> None:
    """The provider that the caller names goes before what the answer tells."""
    answer = {"x_groq": {"usage": chat(1, 2)}}
    assert read_usage(answer).provider == "groq"
    assert read_usage(answer, provider="my-groq").provider == "my-groq"
    assert read_usage(Usage.of(input=1), provider="openai").provider == "openai"


# What cannot be -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "where"),
    [
        (chat(-1, 2), "prompt_tokens"),
        (chat(1, 2) | {"prompt_tokens": True}, "prompt_tokens"),
        (chat(1, 2) | {"prompt_tokens": 1.5}, "prompt_tokens"),
        (chat(1, 2) | {"prompt_tokens": float("nan")}, "prompt_tokens"),
        (chat(1, 2) | {"prompt_tokens": float("inf")}, "prompt_tokens"),
        (chat(1, 2) | {"prompt_tokens": Decimal("sNaN")}, "prompt_tokens"),
        (chat(1, 2) | {"prompt_tokens": "12"}, "prompt_tokens"),
        (chat(1, 2) | {"prompt_tokens": 10**12 + 1}, "prompt_tokens"),
        (chat(1, 2) | {"prompt_tokens": 10**5000}, "prompt_tokens"),
        (chat(1, 2) | {"prompt_tokens": Decimal("1e999999")}, "prompt_tokens"),
        (
            chat(8, 2, prompt_tokens_details={"cached_tokens": 9}),
            "prompt_tokens_details.cached_tokens",
        ),
        (
            chat(8, 2, completion_tokens_details={"reasoning_tokens": 3}),
            "completion_tokens_details.reasoning_tokens",
        ),
        (
            chat(8, 2, completion_tokens_details={"rejected_prediction_tokens": 3}),
            "completion_tokens_details.rejected_prediction_tokens",
        ),
        (
            chat(
                8,
                20,
                completion_tokens_details={"audio_tokens": 12, "reasoning_tokens": 9},
            ),
            "the parts of output",
        ),
        (chat(8, 20) | {"total_tokens": 27}, "input and output"),
        (
            chat(8, 2, num_cached_tokens=5, prompt_tokens_details={"cached_tokens": 6}),
            "prompt_tokens_details.cached_tokens and num_cached_tokens",
        ),
        (
            gemini(100, 2, promptTokensDetails=[of("AUDIO", 101)]),
            "prompt_tokens_details[audio].token_count",
        ),
        (
            gemini(
                100,
                2,
                cachedContentTokenCount=60,
                promptTokensDetails=[of("AUDIO", 50)],
                cacheTokensDetails=[of("AUDIO", 55)],
            ),
            "the parts of input_audio",
        ),
        (
            {
                "input_tokens": 1,
                "output_tokens": 1,
                "cache_creation_input_tokens": 10,
                "cache_creation": {
                    "ephemeral_1h_input_tokens": 6,
                    "ephemeral_5m_input_tokens": 5,
                },
            },
            "the parts of cache_write",
        ),
        ({"usage": {"type": "duration", "seconds": -1}}, "seconds"),
        ({"inputTokens": 1, "input_tokens": 2}, "input_tokens"),
        ({"input": 1, "output": []}, "output"),
        ({"input": 1, "model": 7}, "model"),
        ({"input": 1, "unread": "x"}, "unread"),
        (
            {"x-amzn-bedrock-input-token-count": "-3"},
            "x_amzn_bedrock_input_token_count",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_is_refused(answer: Any, where: str) -> None:
    """A bad count, or parts that are more than their whole, is told with its place."""
    with pytest.raises(InvalidUsageError) as caught:
        read_usage(answer)
    assert caught.value.where == where
    assert str(caught.value).startswith(f"{where}: ")
    assert caught.value.code == "invalid_usage"
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "obj",
    [
        *(None, 7, 1.5, True, "text", b"{}", [], [None], {}, object(), Usage, {1: 2}),
        {"usage": None},
        {"choices": [{"message": {"content": "Hi"}}]},
        {"tokens": 12},
        {"total_tokens": 12},
        {"usage": {"tokens": {"input_tokens": 3}}},
        {"input": None},
        SimpleNamespace(),
        Dumped("model_dump", [1]),  # type: ignore[arg-type]
        # what the answer contains and what stands beside it, at once
        {
            "input_tokens": 5,
            "cache_read_input_tokens": 2,
            "input_tokens_details": {"cached_tokens": 2},
        },
        [chat(1, 2), chat(3, 4)],
        [{"id": "a", "usage": chat(1, 2)}, {"id": "b", "usage": chat(3, 4)}],
        chat(1, 2, more={f"k{i}": 1 for i in range(20_000)}),
    ],
)
def test_no_shape_is_guessed(obj: object) -> None:
    """What no rule recognises is refused, never read as something near."""
    with pytest.raises(InvalidUsageError):
        read_usage(obj)


def test_a_refusal_names_keys_and_shapes() -> None:
    """The error tells what was seen, and which shapes are known."""
    with pytest.raises(InvalidUsageError) as caught:
        read_usage({"usage": {"tokens_in": 5, "tokensOut": 6}})
    assert "tokens_in, tokens_out" in str(caught.value)
    assert all(shape.name in str(caught.value) for shape in usage_tables.SHAPES)


def test_an_unknown_meter_is_told_with_a_near_one() -> None:
    """A misspelt meter is an error with a suggestion, not a quantity."""
    with pytest.raises(InvalidUsageError, match="did you mean cache_read"):
        Usage.of(input=1, cache_reads=2)


def test_adding_keeps_what_both_state() -> None:
    """A fact of both stays; one that differs is no fact of the sum."""
    day = Usage.of(input=1, model="m", provider="p")
    night = Usage.of(input=2, output=3, model="m", provider="q")
    assert (day + night).as_dict() == {"input": 3, "output": 3, "model": "m"}
    with pytest.raises(TypeError):
        7 + day  # type: ignore[operator]
    with pytest.raises(TypeError):
        day + 1  # type: ignore[operator]


def test_a_sum_may_be_more_than_one_call_uses() -> None:
    """The bound is of one call, not of a year."""
    most = Usage.of(input=10**12, provider="a")
    assert read_usage(most + most, provider="b").quantities == {"input": 2 * 10**12}


# The value ------------------------------------------------------------------------


def test_a_usage_says_what_it_holds() -> None:
    """A usage is frozen, and counts each side; absent is not zero."""
    usage = Usage.of({"output": 300, "input": 1200}, reasoning=100, cache_read=800)
    assert (usage.input_tokens, usage.output_tokens) == (2000, 400)
    assert usage.total_tokens == 2400
    assert usage.quantity("cache_write") is None
    assert usage.model is None
    assert repr(usage) == (
        "Usage(input=1200, cache_read=800, output=300, reasoning=100)"
    )
    assert Usage.of(output=300, input=1200) == Usage.of(input=1200, output=300)
    with pytest.raises(AttributeError):
        usage.model = "m"


def test_quantities_are_exact() -> None:
    """Whole things are ints, durations are Decimals of their text, never a float."""
    usage = Usage.of(input=Decimal(5), output=7.0, seconds=0.1, gb_days=2)
    assert usage.quantities == {
        "input": 5,
        "output": 7,
        "seconds": Decimal("0.1"),
        "gb_days": Decimal(2),
    }
    kinds = [type(value) for value in usage.quantities.values()]
    assert kinds == [int, int, Decimal, Decimal]


def test_the_meters_are_those_of_prices() -> None:
    """Each side has its token meters; every one is a meter of the prices."""
    assert {*INPUT_METERS, *OUTPUT_METERS, "citation"} == TOKEN_METERS
    assert sorted(USAGE_METERS) == sorted(METERS)


def test_fractions_are_exact_in_any_decimal_context() -> None:
    """A program's own precision rounds no seconds, read or added up."""
    answer = {"usage": {"type": "duration", "seconds": Decimal("1234.5678")}}
    with localcontext() as context:
        context.prec = 3
        usage = read_usage(answer)
        both = usage + Usage.of(input_audio_seconds=Decimal("0.0001"))
    assert usage.quantity("input_audio_seconds") == Decimal("1234.5678")
    assert both.quantity("input_audio_seconds") == Decimal("1234.5679")


def test_a_fraction_has_an_end() -> None:
    """Finer than 10^-30 of a unit is no quantity; a zero of any form is 0."""
    with pytest.raises(InvalidUsageError, match=r"finer than 10\^-30"):
        Usage.of(seconds=Decimal("1e-31"))
    assert str(Usage.of(seconds=Decimal("0e-999999")).quantity("seconds")) == "0"
    assert Usage.of(seconds=Decimal("1e-30")).quantity("seconds") == Decimal("1e-30")


def test_the_default_catalogue_is_not_needed() -> None:
    """The public names are the domain's own; they open no catalogue."""
    assert modeldex.Usage is Usage
    assert modeldex.read_usage is read_usage
    assert modeldex.estimate_tokens is estimate_tokens


def test_json_of_a_usage_is_read_again() -> None:
    """The JSON form survives text."""
    usage = read_usage(ROWS["other Perplexity"][1])
    assert read_usage(json.loads(json.dumps(usage.as_dict()))) == usage


# Estimates ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Hello world", 3),  # 2.6
        ("Hello, world!", 4),  # 2.6 + 1
        ("", 0),
        ("a b c d e", 7),  # 6.5 goes away from zero, as Python's round would not
        ("!", 2),  # 1.3 + 0.5
        ("one\n\ttwo", 3),
        ("é", 2),  # not an ASCII letter
        ({"role": "user", "content": "Hello world"}, 3),
        ({"content": None}, 0),
        ({"role": "user"}, 0),
        ([{"content": "Hello"}, {"content": "Hi there"}], 10),  # 1 + 3 + 3 + 3
        ([], 0),
        (
            {
                "content": [
                    {"type": "text", "text": "Hello world"},
                    {"type": "image_url", "image_url": {"url": "…"}},
                    "Hello",
                    {"type": "tool_result"},
                ]
            },
            3 + 425 + 1,
        ),
    ],
)
def test_estimates_are_those_of_exllm(text: Any, tokens: int) -> None:
    """Words, signs, messages and images count as ExLLM counts them."""
    assert estimate_tokens(text) == tokens


@pytest.mark.parametrize("bad", [None, 7, [7], {"content": 7}, [None], [["a"]]])
def test_what_is_no_text_is_not_estimated(bad: Any) -> None:
    """A number or nothing is refused, not counted as zero."""
    with pytest.raises(InvalidInputError):
        estimate_tokens(bad)
