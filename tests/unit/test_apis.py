"""Small answers in the shapes of the APIs: what is read, left, refused."""

from __future__ import annotations

import ast
import gzip
import json
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from api_answers import untraced
from modeldex.domain.provider import provider_id
from modeldex.domain.ref import is_provider_id
from modeldex.errors import SourceDeniedError, SourceFormatError
from modeldex.sources import answers, apis, paging
from modeldex.sources.api import AUTHORITIES, Reading, auth_header
from modeldex.sources.apis import APIS, find_api, read_recorded
from modeldex.sources.local_servers import lmstudio_details, ollama_details
from modeldex.sources.openai_compatible import WINDOWS, compatible_api
from modeldex.sources.row_facts import day
from modeldex.sources.row_prices import UNITS, price_of

AT = "2026-11-25T10:00:00Z"


def read(source: str, *pages: Any) -> Reading:
    """Read decoded pages, their numbers as an answer has them."""
    api = find_api(source)
    assert api is not None
    decoded = [answers.decode_answer(json.dumps(p).encode(), source) for p in pages]
    return api.read(decoded, AT, api)


def one(source: str, page: Any) -> dict[str, Any]:
    """Return what a page says of its only model."""
    ((_, facts),) = read(source, page).claims.models.items()
    return dict(facts)


def _zenmux(value: str, counted: str = "prompt_tokens", **sizes: int) -> dict[str, Any]:
    """Return a price of Zenmux per 1,000,000 tokens, under sizes in thousands."""
    condition = {"conditions": {counted: {**sizes, "unit": "kTokens"}}} if sizes else {}
    return {"currency": "USD", "unit": "perMTokens", "value": value, **condition}


IN_OUT = {"input_modalities": ["text", "image"], "output_modalities": ["text"]}
SEEN = {"input": ["text", "image"], "output": ["text"]}
# source, its row, what it says
ROWS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "cohere",
        {
            "name": "command-x",
            "endpoints": ["chat", "generate"],
            "finetuned": False,
            "context_length": 256000,
            "is_deprecated": True,
            "features": ["tools", "strict_tools", "json_schema", "time_travel"],
        },
        {
            "context_window": 256000,
            "status": "deprecated",
            "capabilities.function_calling": {"strict": True},
            "capabilities.structured_output": True,
        },
    ),
    (
        "cohere",
        {"name": "rerank-x", "endpoints": ["rerank"], "context_length": 0},
        {"mode": "rerank"},
    ),
    (
        "fireworks",
        {
            "id": "accounts/fireworks/models/m",
            "display_name": "M",
            "context_length": 131072,
            **IN_OUT,
            "pricing": [
                {
                    "sku": "LLM input tokens (uncached)",
                    "amount": "0.15",
                    "unit": "1M tokens",
                },
                {"sku": "LLM output tokens", "amount": "0.6", "unit": "1M tokens"},
                {"sku": "GPU hours", "amount": "2.9", "unit": "hour"},
            ],
        },
        {
            "name": "M",
            "context_window": 131072,
            "modalities": SEEN,
            "capabilities.vision": True,
            "capabilities.audio_input": False,
            "capabilities.video_input": False,
            "capabilities.image_output": False,
            "pricing.input": Decimal("0.15"),
            "pricing.output": Decimal("0.6"),
        },
    ),
    (
        "fireworks",
        {
            "id": "accounts/fireworks/models/m",
            "service_tier": "priority",
            "pricing": [
                {"sku": "LLM output tokens", "amount": "0.9", "unit": "1M tokens"}
            ],
        },
        {"rates.output@service_tier=priority": Decimal("0.9")},
    ),
    (
        "deepinfra",
        {
            "id": "a/m",
            "metadata": {
                "context_length": 131072,
                "max_tokens": 131072,
                "tags": ["vision", "prompt_cache"],
                "pricing": {
                    "input_tokens": 0.04,
                    "output_tokens": 0.17,
                    "cache_read_tokens": 0.01,
                },
            },
        },
        {
            "context_window": 131072,
            "capabilities.vision": True,
            "capabilities.prompt_caching": True,
            "pricing.input": Decimal("0.04"),
            "pricing.output": Decimal("0.17"),
            "pricing.cache_read": Decimal("0.01"),
        },
    ),
    ("deepinfra", {"id": "a/m", "metadata": None}, {}),
    (
        "huggingface",
        {
            "id": "a/m",
            "architecture": IN_OUT,
            "providers": [
                {
                    "provider": "x",
                    "status": "live",
                    "context_length": 32768,
                    "pricing": {"input": 0.2, "output": 0.6},
                    "supports_tools": True,
                },
                {
                    "provider": "y",
                    "status": "live",
                    "context_length": 32768,
                    "pricing": {"input": 0.2, "output": 0.7},
                    "supports_tools": False,
                },
                {"provider": "z", "status": "error", "context_length": 4096},
            ],
        },
        {
            "context_window": 32768,
            "modalities": SEEN,
            "capabilities.vision": True,
            "capabilities.audio_input": False,
            "capabilities.video_input": False,
            "capabilities.image_output": False,
            "capabilities.function_calling": True,
            "pricing.input": Decimal("0.2"),
        },
    ),
    (
        "vercel",
        {
            "id": "a/m",
            "name": "M",
            "type": "language",
            "released": 1750118400,
            "context_window": 1048576,
            "max_tokens": 65536,
            "tags": ["reasoning", "tool-use"],
            "pricing": {
                "input": "0.00000125",
                "output": "0.00001",
                "input_cache_read": "0.000000125",
                "input_tiers": [
                    {"cost": "0.00000125", "min": 0, "max": 200001},
                    {"cost": "0.0000025", "min": 200001},
                ],
                "web_search": "14",
            },
        },
        {
            "name": "M",
            "mode": "chat",
            "release_date": "2025-06-17",
            "context_window": 1048576,
            "max_output_tokens": 65536,
            "capabilities.reasoning": True,
            "capabilities.function_calling": True,
            "pricing.input": Decimal("1.25"),
            "pricing.output": Decimal(10),
            "pricing.cache_read": Decimal("0.125"),
            "rates.input@above=200000": Decimal("2.5"),
        },
    ),
    (
        "venice",
        {
            "id": "m",
            "type": "text",
            "created": 1700000000,
            "model_spec": {
                "name": "M",
                "availableContextTokens": 131072,
                "maxCompletionTokens": 16384,
                "capabilities": {
                    "supportsFunctionCalling": True,
                    "supportsVision": False,
                    "optimizedForCode": True,
                    "quantization": "fp8",
                },
                "pricing": {
                    "input": {"usd": 0.5, "diem": 0.5},
                    "output": {"usd": 2, "diem": 2},
                    "extended": {
                        "context_token_threshold": 200000,
                        "input": {"usd": 1},
                        "output": {"usd": 4},
                    },
                },
            },
        },
        {
            "name": "M",
            "mode": "chat",
            "context_window": 131072,
            "max_output_tokens": 16384,
            "capabilities.function_calling": True,
            "capabilities.vision": False,
            "pricing.input": Decimal("0.5"),
            "pricing.output": Decimal(2),
            "rates.input@above=200000": Decimal(1),
            "rates.output@above=200000": Decimal(4),
        },
    ),
    (
        "venice",
        {
            "id": "i",
            "type": "image",
            "model_spec": {"pricing": {"generation": {"usd": 0.01}, "upscale": {}}},
        },
        {"mode": "image_generation", "pricing.output_images": Decimal("0.01")},
    ),
    (
        "chutes",
        {
            "id": "a/m",
            "context_length": 40960,
            "max_model_len": 40960,
            "max_output_length": 40960,
            **IN_OUT,
            "supported_features": ["tools", "reasoning"],
            "supported_sampling_parameters": ["temperature", "stop"],
            "pricing": {"prompt": 0.2, "completion": 0.8},
        },
        {
            "context_window": 40960,
            "max_output_tokens": 40960,
            "modalities": SEEN,
            "capabilities.vision": True,
            "capabilities.audio_input": False,
            "capabilities.file_input": False,
            "capabilities.video_input": False,
            "capabilities.audio_output": False,
            "capabilities.image_output": False,
            "capabilities.function_calling": True,
            "capabilities.reasoning": True,
            "capabilities.temperature": True,
            "capabilities.stop_sequences": True,
            "pricing.input": Decimal("0.2"),
            "pricing.output": Decimal("0.8"),
        },
    ),
    (
        "baseten",
        {
            "id": "a/m",
            "name": "M",
            "context_length": 262144,
            "max_completion_tokens": 131072,
            "supported_features": ["json_mode"],
            "pricing": {"prompt": "0.00000095", "completion": "0.000004"},
        },
        {
            "name": "M",
            "context_window": 262144,
            "max_output_tokens": 131072,
            "capabilities.json_mode": True,
            "pricing.input": Decimal("0.95"),
            "pricing.output": Decimal(4),
        },
    ),
    ("nvidia", {"id": "meta/llama", "created": 735790403, "owned_by": "meta"}, {}),
    (
        "openrouter",
        {
            "id": "~a/m-latest",
            "context_length": 400000,
            "alias_target": {"name": "M 2", "slug": "a/m-2"},
            "expiration_date": "2026-12-31",
            "reasoning": {
                "mandatory": True,
                "supported_efforts": ["low", "high"],
                "default_effort": "low",
            },
            "pricing": {
                "prompt": "0.000002",
                "completion": "0.00001",
                "image": "0.002",
                "discount": 0,
                "overrides": [{"min_prompt_tokens": 200000, "prompt": "0.000004"}],
            },
        },
        {
            "context_window": 400000,
            "alias_of": "a/m-2",
            "deprecation_date": "2026-12-31",
            "capabilities.reasoning": {
                "efforts": ["low", "high"],
                "default": "low",
                "always_on": True,
            },
            "pricing.input": Decimal(2),
            "pricing.output": Decimal(10),
            "rates.input@above=200000": Decimal(4),
        },
    ),
    (
        "xai",
        {
            "id": "grok-x",
            "created": 1782691200,
            "prompt_text_token_price": 2000,
            "completion_text_token_price": 0,
            "prompt_text_token_price_long_context": 4000,
            "search_price": 250000000,
        },
        {"pricing.input": Decimal("0.2")},
    ),
    (
        "bedrock",
        {
            "modelId": "a.m-v1:0",
            "modelLifecycle": {
                "status": "LEGACY",
                "startOfLifeTime": "2025-03-01T08:00:00Z",
                "endOfLifeTime": "2027-01-15T00:00:00-08:00",
            },
        },
        {
            "status": "deprecated",
            "release_date": "2025-03-01",
            "deprecation_date": "2027-01-15",
        },
    ),
    (
        "together",
        {
            "id": "a/m",
            "type": "language",
            "context_length": 8192,
            "pricing": {"hourly": 0, "input": 0.18, "output": 0, "base": 0},
        },
        {
            "mode": "completion",
            "context_window": 8192,
            "pricing.input": Decimal("0.18"),
        },
    ),
    (
        "zenmux",
        {
            "id": "a/m",
            "capabilities": {"reasoning": False},
            "pricings": {
                "prompt": [
                    _zenmux("2", gte=0, lt=32),
                    _zenmux("3", gte=32, lt=128),
                    _zenmux("4", gte=128),
                ],
                "completion": [
                    _zenmux("5", "completion_tokens", gte=0),
                    {**_zenmux("7", gte=32), "currency": "CNY"},
                ],
                "input_cache_read": [_zenmux("0.2"), _zenmux("0.3")],
                "input_cache_write": [_zenmux("0.5"), _zenmux("0.5")],
            },
        },
        {
            "capabilities.reasoning": False,
            "pricing.input": Decimal(2),
            "rates.input@above=32000": Decimal(3),
            "rates.input@above=128000": Decimal(4),
            "pricing.cache_write": Decimal("0.5"),
        },
    ),
    (
        "openrouter",
        {"id": "a/auto", "pricing": {"prompt": "-1", "completion": "-1"}},
        {"pricing.state": "variable"},
    ),
    (
        "openrouter",
        {"id": "a/m:free", "pricing": {"prompt": "0", "request": "0"}},
        {"pricing.input": Decimal(0)},
    ),
    (
        "gemini",
        {
            "name": "models/m-embed",
            "inputTokenLimit": 2048,
            "outputTokenLimit": 1,
            "supportedGenerationMethods": ["embedContent"],
            "thinking": False,
        },
        {
            "mode": "embedding",
            "max_input_tokens": 2048,
            "capabilities.embeddings": True,
            "capabilities.reasoning": False,
        },
    ),
    (
        "azure",
        {
            "id": "m",
            "created_at": 1691712000,
            "lifecycle_status": "deprecated",
            "deprecation": {"inference": 1790812800, "fine_tune": 1780812800},
            "capabilities": {"chat_completion": True, "completion": True},
        },
        {"mode": "chat", "status": "deprecated", "deprecation_date": "2026-10-01"},
    ),
    (
        "bedrock",
        {
            "modelId": "a.m",
            "explicitPromptCaching": {"isSupported": False},
            "batchSupported": {"baseModelSupported": False},
            "responseStreamingSupported": None,
            "customizationsSupported": [],
            "modelLifecycle": {"status": "ACTIVE"},
        },
        {},
    ),
    (
        "vertex",
        {"name": "publishers/google/models/m", "launchStage": "EXPERIMENTAL"},
        {"status": "preview"},
    ),
]
LISTS = {
    "bedrock": "modelSummaries",
    "cohere": "models",
    "gemini": "models",
    "together": "",
    "vertex": "publisherModels",
}


def _page(source: str, *rows: Any) -> Any:
    key = LISTS.get(source, "data")
    return {key: list(rows)} if key else list(rows)


@pytest.mark.parametrize(("source", "row", "expected"), ROWS)
def test_a_row_says_what_it_says_and_nothing_else(
    source: str, row: dict[str, Any], expected: dict[str, Any]
) -> None:
    """All facts of a row, exactly; the time of an id's creation is no release."""
    facts = one(source, _page(source, row))
    assert facts == expected
    api = find_api(source)
    assert api is not None
    assert untraced(facts, json.loads(json.dumps(row), parse_float=Decimal), api) == []


LEFT = [
    ("cohere", 0, "time_travel: no capability of ours"),
    ("fireworks", 2, "pricing GPU hours: no meter of ours"),
    ("deepinfra", 4, "metadata.max_tokens: a window or an answer"),
    ("huggingface", 6, "providers.pricing.output: providers say otherwise"),
    ("vercel", 7, "pricing.web_search: no meter of ours"),
    ("venice", 9, "pricing.upscale: no meter of ours"),
    ("openrouter", 13, "pricing.image: per image or per token"),
    ("xai", 14, "prompt_text_token_price_long_context: no threshold"),
    ("xai", 14, "completion_text_token_price: 0 is no price"),
    ("xai", 14, "search_price: no meter of ours"),
    ("together", 16, "pricing.output: 0 is no price"),
    ("zenmux", 17, "pricings.input_cache_read: stated twice, otherwise"),
    ("zenmux", 17, "pricings.completion: a condition that is not ours"),
    ("zenmux", 17, "pricings.completion: no meter of ours"),
    ("openrouter", 19, "pricing.request: 0 is no price"),
    ("gemini", 20, "outputTokenLimit: 1 is no answer"),
]


@pytest.mark.parametrize(("source", "place", "told"), LEFT)
def test_what_is_not_read_is_counted(source: str, place: int, told: str) -> None:
    """What a row has beyond its claims stands in the count, with the reason."""
    assert ROWS[place][0] == source
    claims = read(source, _page(source, ROWS[place][1])).claims
    assert claims.not_carried[told] == 1


SKIPPED: list[tuple[str, Any, str]] = [
    ("openai", {"id": "ft:gpt-4o:me::1"}, "fine-tuned, of one account"),
    ("openai", {"id": "curie:ft-me-1"}, "fine-tuned, of one account"),
    ("openai", {"id": "m", "owned_by": "user-x1"}, "fine-tuned, of one account"),
    ("mistral", {"id": "m", "owned_by": "me"}, "fine-tuned, of one account"),
    ("cohere", {"name": "m", "finetuned": True}, "fine-tuned, of one account"),
    ("fireworks", {"id": "accounts/me/models/m"}, "fine-tuned, of one account"),
    ("groq", {"id": "m", "active": False}, "not active"),
    ("openai", {"id": "../../etc/passwd"}, "id is malformed"),
    ("openai", {"id": "a b"}, "id is malformed"),
    ("openai", {"id": "m" * 300}, "id is malformed"),
    ("openai", {"id": 7}, "id is malformed"),
    ("openai", {"name": "m"}, "id is malformed"),
    ("openai", "m", "it is no row"),
]


@pytest.mark.parametrize(("source", "row", "reason"), SKIPPED)
def test_what_is_no_model_is_left_out_with_a_reason(
    source: str, row: Any, reason: str
) -> None:
    """It still is a row of the answer."""
    reading = read(source, _page(source, row))
    assert reading.rows == 1
    assert reading.claims.models == {}
    ((told, why),) = reading.claims.skipped
    assert why == reason
    assert len(told) <= 80


HOSTILE: list[Any] = [0, -1, 1.5, "many", True, 10**30, 2**63, [], {}, ""]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_limit_that_is_none_is_unknown(value: Any) -> None:
    """Zero, negatives, fractions, text and absurd sizes give no window."""
    assert one("groq", {"data": [{"id": "m", "context_window": value}]}) == {}


@pytest.mark.parametrize("value", ["-0.5", "1e9", "NaN", "free", True, [], "9" * 40])
def test_a_price_that_is_none_is_unknown(value: Any) -> None:
    """A price below zero, beyond bounds or without a number is counted and left."""
    row = {"id": "m", "pricing": {"prompt": value, "completion": "0.00001"}}
    claims = read("openrouter", {"data": [row]}).claims
    assert dict(claims.models["openrouter", "m"]) == {"pricing.output": Decimal(10)}
    assert sum(claims.not_carried.values()) == 1


ERRORS: list[tuple[Any, type[Exception], str]] = [
    (
        {"error": {"message": "key sk-secret", "code": "invalid_api_key"}},
        SourceDeniedError,
        "invalid_api_key",
    ),
    (
        {"type": "error", "error": {"type": "authentication_error", "message": "x"}},
        SourceDeniedError,
        "authentication_error",
    ),
    (
        {"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "x"}},
        SourceDeniedError,
        "403",
    ),
    ({"error": "sk-secret is wrong"}, SourceFormatError, "is an error$"),
    ({"error": {"code": "sk-secret"}}, SourceFormatError, "is an error$"),
    ({"error": {"code": 500}, "data": []}, SourceFormatError, "500"),
    ({"code": 401, "reason": "Unauthorized", "message": "x"}, SourceDeniedError, "401"),
    ({"detail": "sk-secret"}, SourceFormatError, "is an error$"),
    ({"__type": "AccessDeniedException"}, SourceDeniedError, "AccessDenied"),
    ({"object": "list"}, SourceFormatError, "no list of models"),
    ({"data": {"m": {}}}, SourceFormatError, "no list of models"),
    ("models", SourceFormatError, "no list of models"),
    (None, SourceFormatError, "no list of models"),
    (7, SourceFormatError, "no list of models"),
]


@pytest.mark.parametrize(("page", "kind", "told"), ERRORS)
def test_an_error_is_refused_by_its_code(
    page: Any, kind: type[Exception], told: str
) -> None:
    """The message names the code, if that is a word of the field, never the text."""
    with pytest.raises(kind) as got:
        read("openai", page)
    message = str(got.value)
    assert message.startswith("openai: ")
    assert told.rstrip("$") in message
    assert "secret" not in message


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.name)
def test_no_answer_breaks_a_reader(api: Any) -> None:
    """Damage raises an error of ours or is left out; an empty list is an empty list."""
    odd: list[Any] = [
        [],
        {"data": [None, 1, "x", []], "models": [{}], "stt": 1},
        [{"id": "m", "name": "m", "modelId": "m", "model_id": "m", "pricing": 5}],
        [{"id": "m", "pricing": {"prompt": []}, "capabilities": 3, "aliases": [1]}],
        [{"id": "m", "providers": "x", "tags": {"a": 1}, "architecture": "x"}],
        [{"id": "m", "capabilities": ["x"], "metadata": 1, "model_spec": []}],
        [{"name": "m", "model_info": 1, "details": {"a": 1}, "type": {"a": 1}}],
        {"m": {"model_info": {}}, "n": {"details": None}},
        {"data": {"id": "m", "endpoints": [1, {"pricing": {"prompt": "1"}}]}},
        "nothing",
        None,
    ]
    for page in odd:
        try:
            reading = api.read([page], AT, api)
        except (SourceFormatError, SourceDeniedError) as error:
            told = str(error)
        else:
            told = f"{reading.claims.source}: read"
        assert told.startswith(f"{api.name}: ")
    with pytest.raises(SourceFormatError, match="no answer"):
        api.read([], AT, api)


PAYLOADS = [
    (b"<html>", "no JSON"),
    (b"", "no JSON"),
    (b"\x1f\x8bnothing", "no JSON"),
    (gzip.compress(b'{"data": []}', mtime=0)[:-9], "cut short"),
    (b"[" * 100_000, "no JSON"),
    (b'{"data": [{"id": "m", "x": ' + b"9" * 5000 + b"}]}", "no JSON"),
    (b'{"data": [{"id": "m", "x": NaN}]}', "without bound, or none"),
    (b'{"data": [{"id": "m", "x": 1e999999}]}', "without bound, or none"),
    (b'{"data": [{"id": "m", "id": "n"}]}', "stands twice"),
    ('{"data": []}'.encode("utf-16"), "not UTF-8"),
]


@pytest.mark.parametrize(("payload", "told"), PAYLOADS)
def test_what_is_no_answer_is_refused(payload: bytes, told: str) -> None:
    """A page in HTML, a cut file, absurd depth and numbers without end."""
    api = find_api("openai")
    assert api is not None
    with pytest.raises(SourceFormatError, match=told):
        read_recorded(api, payload, AT)


def test_a_gzip_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more is unpacked than an answer may have."""
    monkeypatch.setattr(answers, "MAX_BYTES", 10_000)
    with pytest.raises(SourceFormatError, match="too large"):
        answers.decode_answer(gzip.compress(b" " * 1_000_000), "openai")


PAGES: list[tuple[str, Any, Any]] = [
    ("gemini", {"models": [], "nextPageToken": "t"}, {"pageToken": "t"}),
    ("gemini", {"models": []}, None),
    ("vertex", {"publisherModels": [], "nextPageToken": "t"}, {"pageToken": "t"}),
    (
        "anthropic",
        {"data": [], "has_more": True, "last_id": "c"},
        {"after_id": "c"},
    ),
    ("anthropic", {"data": [], "has_more": False, "last_id": "c"}, None),
    ("cohere", {"models": [], "next_page_token": "t"}, {"page_token": "t"}),
    (
        "gpustack",
        {"items": [], "pagination": {"page": 1, "totalPage": 2}},
        {"page": "2"},
    ),
    ("gpustack", {"items": [], "pagination": {"page": 2, "totalPage": 2}}, None),
    ("azure", {"value": [], "nextLink": "u"}, "u"),
    ("azure", {"value": [], "nextLink": None}, None),
    ("openrouter", {"data": [], "links": {"next": "u"}}, "u"),
    ("openrouter", {"data": [], "links": {"next": None}}, None),
]


@pytest.mark.parametrize(("source", "page", "further"), PAGES)
def test_a_page_names_the_next_one(source: str, page: Any, further: Any) -> None:
    """A list whose last page names another one is incomplete."""
    api = find_api(source)
    assert api is not None
    assert api.next_page is not None
    assert api.next_page(page) == further
    assert read(source, page).complete == (further is None)


# a page that says that there is more, and not where: not whole, whoever says it
MORE: list[tuple[str, Any]] = [
    ("anthropic", {"data": [], "has_more": True}),
    ("anthropic", {"data": [], "has_more": True, "last_id": 7}),
    ("cohere", {"models": [], "next_page_token": 7}),
    ("gemini", {"models": [], "nextPageToken": {"a": 1}}),
    ("gpustack", {"items": [], "pagination": {"page": 1}}),
    ("openrouter", {"data": [], "links": {"next": ["u"]}}),
    ("openrouter", {"data": [], "has_more": True}),
    *(("groq", {"data": [], mark: "u"}) for mark in paging.MARKS),
    ("groq", {"data": [], "paging": {"next": "u"}}),
    ("huggingface", {"data": [], "next_cursor": "c"}),
    ("bedrock", {"modelSummaries": [], "nextToken": "c"}),
    ("deepgram", {"stt": [], "tts": [], "has_more": True}),
    ("ollama", {"models": [], "next": "u"}),
    ("lmstudio", {"models": [], "next": "u"}),
]


@pytest.mark.parametrize(("source", "page"), MORE)
def test_what_says_that_there_is_more_is_not_whole(source: str, page: Any) -> None:
    """Absence proves nothing where a list goes on that is not followed."""
    assert read(source, page).complete is False
    finished = {**page, **dict.fromkeys(paging.MARKS, None), "has_more": False}
    finished |= {"links": {"next": None}, "pagination": {}, "paging": {}}
    assert read(source, finished).complete is True


def test_pages_are_read_together() -> None:
    """Rows of all pages count; the last page decides whether the list is whole."""
    pages = (
        {"models": [{"name": "models/a"}], "nextPageToken": "t"},
        {"models": [{"name": "models/b"}]},
    )
    reading = read("gemini", *pages)
    assert (reading.rows, reading.complete) == (2, True)
    assert set(reading.claims.models) == {("google", "a"), ("google", "b")}


def test_a_pointer_is_what_its_row_says() -> None:
    """Mistral's row of an alias has its target as its name; others have their own."""
    rows = [
        {"id": "m-latest", "name": "m-2", "aliases": ["m-2"]},
        {"id": "m-2", "name": "m-2", "aliases": ["m-latest"]},
        {"id": "n", "name": "other", "aliases": []},
    ]
    models = read("mistral", {"data": rows}).claims.models
    assert models["mistral", "m-latest"] == {"alias_of": "m-2"}
    assert models["mistral", "m-2"] == models["mistral", "n"] == {}


def test_a_fast_row_of_fireworks_is_a_model_of_its_own() -> None:
    """Rows of one id that are served otherwise keep their prices apart."""
    base = "accounts/fireworks/models/m"
    fast = "accounts/fireworks/routers/m-turbo"

    def row(amount: str, **given: Any) -> dict[str, Any]:
        price = {"sku": "LLM output tokens", "amount": amount, "unit": "1M tokens"}
        return {"id": base, "pricing": [price], **given}

    rows = [
        row("1", usage_identifier=None, aliases=["accounts/fireworks/models/m-1"]),
        row("2", service_tier="priority"),
        row("4", usage_identifier=fast, aliases=[fast, "a b", 7]),
    ]
    reading = read("fireworks", {"data": rows})
    assert reading.claims.models == {
        ("fireworks-ai", base): {
            "pricing.output": Decimal(1),
            "rates.output@service_tier=priority": Decimal(2),
        },
        ("fireworks-ai", fast): {"pricing.output": Decimal(4)},
    }
    known = ("fireworks-ai", "accounts/fireworks/models/m-1")
    assert reading.aliases == {known: base}
    assert set(read("fireworks", {"data": rows[2:]}).claims.models) == {
        ("fireworks-ai", fast)
    }


def test_an_answer_as_long_as_the_window_is_no_limit_of_baseten() -> None:
    """Its list repeats the window as the longest answer of some models."""
    row = {"id": "a/m", "context_length": 8192, "max_completion_tokens": 8192}
    claims = read("baseten", {"data": [row]}).claims
    assert claims.models == {("baseten", "a/m"): {"context_window": 8192}}
    assert claims.not_carried["max_completion_tokens: the window"] == 1


def test_other_ids_of_two_models_are_nobodys() -> None:
    """An alias of two models tells nothing; one that is listed is a model itself."""
    rows = [
        {"id": "a", "aliases": ["x", "y", "b"]},
        {"id": "b", "aliases": ["x"]},
    ]
    reading = read("xai", {"data": rows})
    assert reading.aliases == {("xai", "y"): "a"}
    assert set(reading.claims.models) == {("xai", "a"), ("xai", "b")}


def test_perplexity_prices_count_in_the_unit_that_is_known() -> None:
    """Another unit is no price; who serves a model is told by its id."""
    rows = [
        {"id": "a/m", "pricing": {"input": 1, "unit": "usd_per_1m_tokens"}},
        {"id": "sonar", "pricing": {"input": 1, "unit": "usd_per_token"}},
    ]
    claims = read("perplexity", {"data": rows}).claims
    assert claims.models == {
        ("perplexity-agent", "a/m"): {"pricing.input": Decimal(1)},
        ("perplexity", "sonar"): {},
    }
    assert claims.not_carried == {"pricing.input: another unit": 1}


@pytest.mark.parametrize(
    ("total", "whole"), [(2, True), (1, True), (3, False), (None, True), ("3", True)]
)
def test_a_list_that_counts_itself_is_whole_with_all(total: Any, whole: bool) -> None:
    """OpenRouter says how many models there are, on all pages together."""
    page = {"data": [{"id": "a/m"}, {"id": "a/n"}], "total_count": total}
    assert read("openrouter", page).complete is whole
    more = {"data": [{"id": "a/o"}], "total_count": total}
    assert read("openrouter", page, more).complete is True


def test_endpoints_of_one_model_are_no_list() -> None:
    """They say nothing of the models that they are not of."""
    page = {"data": {"id": "a/m", "endpoints": [{"context_length": 8192}]}}
    reading = read("openrouter", page)
    assert set(reading.claims.models) == {("openrouter", "a/m")}
    assert (reading.rows, reading.complete) == (1, False)


def test_endpoints_say_what_they_all_say() -> None:
    """A limit or price that differs by endpoint is the model's own nowhere."""
    offers = [
        {
            "context_length": 8192,
            "max_completion_tokens": size,
            "supported_parameters": [word],
            "pricing": {"prompt": "0.000001", "completion": f"0.00000{size}"},
        }
        for size, word in ((4, "tools"), (8, "seed"))
    ]
    facts = one("openrouter", {"data": {"id": "a/m", "endpoints": offers}})
    assert facts == {
        "context_window": 8192,
        "capabilities.function_calling": True,
        "capabilities.seed": True,
        "pricing.input": Decimal(1),
    }


SHOWN = {
    "parameters": "stop   x\nnum_ctx                        16384",
    "details": {"family": "bert", "quantization_level": "F16", "format": "gguf"},
    "model_info": {
        "general.architecture": "bert",
        "bert.context_length": 512,
        "bert.embedding_length": 768,
        "clip.context_length": 77,
    },
    "capabilities": ["embedding"],
}


def test_ollama_tells_what_a_model_takes_and_what_is_set() -> None:
    """The window is the model's own; the configured one is beside it."""
    assert one("ollama", {"nomic:latest": SHOWN}) == {
        "mode": "embedding",
        "context_window": 512,
        "embedding_dimensions": 768,
        "capabilities.embeddings": True,
    }
    details = ollama_details(SHOWN)
    assert (details.context_window, details.effective_context) == (512, 16384)
    assert (details.quantization, details.family) == ("F16", "bert")
    running = ollama_details({"digest": "ab", "size": 5, "context_length": 4096})
    assert (running.digest, running.size, running.effective_context) == ("ab", 5, 4096)
    assert ollama_details({"parameters": "num_ctx many"}).effective_context is None
    with pytest.raises(SourceFormatError, match="does not name it"):
        read("ollama", SHOWN)


def test_lmstudio_tells_what_is_loaded() -> None:
    """The loaded context is beside the longest one."""
    row = {
        "key": "a/m",
        "max_context_length": 131072,
        "loaded_instances": [{"config": {"context_length": 4096}}],
        "quantization": {"name": "Q4_K_M"},
        "size_bytes": 12,
    }
    details = lmstudio_details(row)
    assert (details.context_window, details.effective_context) == (131072, 4096)
    assert (details.quantization, details.size) == ("Q4_K_M", 12)
    assert lmstudio_details({"loaded_context_length": 8192}).effective_context == 8192
    assert one("lmstudio", {"models": [row]}) == {"context_window": 131072}


@pytest.mark.parametrize("odd", [None, True, 0, -1, 10**30, "x", [1], [], {"a": 1}])
@pytest.mark.parametrize(
    "key",
    [
        *("details", "model_info", "parameters", "size", "digest", "context_length"),
        *("loaded_instances", "quantization", "size_bytes", "max_context_length"),
        *("architecture", "params_string", "format", "loaded_context_length"),
    ],
)
def test_details_of_another_shape_are_unknown(key: str, odd: Any) -> None:
    """No answer of a local server breaks the list; numbers and words stay such."""
    for details in (ollama_details({key: odd}), lmstudio_details({key: odd})):
        for field in fields(details):
            value = getattr(details, field.name)
            numeric = field.name in ("context_window", "effective_context", "size")
            assert value is None or type(value) is (int if numeric else str)
            assert value is None or value == "x"


def test_shown_models_of_another_shape_are_unknown() -> None:
    """Tables within tables may be anything."""
    row = {"details": {"family": 7}, "model_info": {"general.architecture": ["x"]}}
    assert ollama_details(row) == ollama_details({})
    row = {"quantization": {"name": 7}, "loaded_instances": [1, {"config": "x"}]}
    assert lmstudio_details(row) == lmstudio_details({})


@pytest.mark.parametrize("key", WINDOWS)
def test_any_compatible_server_is_a_row(key: str) -> None:
    """A window is read where a row has one of the keys, and not made up."""
    api = compatible_api("mine", "http://127.0.0.1:8000/v1/", keys=("MY_KEY",))
    assert api.url == "http://127.0.0.1:8000/v1/models"
    assert (api.provider, api.scoped, api.keys) == ("mine", True, ("MY_KEY",))
    rows = [{"id": "a", key: 8192}, {"id": "b"}]
    models = api.read([{"object": "list", "data": rows}], AT, api).claims.models
    assert models == {("mine", "a"): {"context_window": 8192}, ("mine", "b"): {}}


def test_a_list_address_is_not_made_longer() -> None:
    """Base and list address both work; a local server's address may be private."""
    api = compatible_api("x", "https://a.example/v1/models", "b", local=True)
    assert (api.url, api.provider) == ("https://a.example/v1/models", "b")
    assert api.local


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        ("bearer", ("authorization", "Bearer k")),
        ("aws", ("authorization", "Bearer k")),
        ("x-api-key", ("x-api-key", "k")),
        ("authorization Token", ("authorization", "Token k")),
    ],
)
def test_a_key_goes_into_a_header(auth: str, header: tuple[str, str]) -> None:
    """Each way to prove who asks is a header."""
    assert auth_header(auth, "k") == header


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.name)
def test_rows_of_the_table_are_whole(api: Any) -> None:
    """Names, providers, addresses, units and authority are words that there are."""
    assert api.name == api.name.lower()
    assert is_provider_id(api.provider)
    assert provider_id(api.provider) == api.provider
    assert find_api(api.name) is find_api(api.provider) is api
    assert api.units in UNITS
    assert api.authority <= set(AUTHORITIES)
    assert "presence" in api.authority
    assert ("prices" in api.authority) == (api.units != "none")
    assert api.url.startswith(("https://", "{base_url}/"))
    assert api.url.startswith("{base_url}") == api.local
    assert all(f"{{{name}}}" in api.url for name in api.parameters)
    assert set(api.defaults) <= set(api.parameters)


def test_sources_are_found_by_any_name_of_their_provider() -> None:
    """Provider ids and their aliases mean the same source."""
    names = {"google": "gemini", "amazon-bedrock": "bedrock", "togetherai": "together"}
    names |= {"google-vertex": "vertex", "fireworks-ai": "fireworks", "Grok": "xai"}
    for name, source in names.items():
        api = find_api(name)
        assert api is not None
        assert api.name == source
    assert find_api("nobody") is None
    assert [api.name for api in APIS] == sorted(api.name for api in APIS)


DAYS: list[tuple[Any, str | None]] = [
    (1782691200, "2026-06-29"),
    ("2026-06-29", "2026-06-29"),
    ("2026-06-29T23:30:00-02:00", "2026-06-30"),
    ("2026-06-29T00:00:00.123Z", "2026-06-29"),
    (0, None),
    (4102358400, None),
    ("2099-12-31", None),
    (1782691200000, None),
    (-5, None),
    (True, None),
    ("soon", None),
    ("2026-02-30", None),
    (Decimal("1e40"), None),
    ([], None),
]


@pytest.mark.parametrize(("value", "expected"), DAYS)
def test_days_of_times(value: Any, expected: str | None) -> None:
    """Seconds and ISO times are days in UTC; an empty clock and no end are unknown."""
    assert day(value) == expected


@pytest.mark.parametrize(
    ("unit", "meter", "value", "expected"),
    [
        ("USD per 1M tokens", "input", "1.25", "1.25"),
        ("USD per token", "input", "0.00000125", "1.25"),
        ("USD per token", "requests", "0.005", "0.005"),
        ("1e-10 USD per token", "input", "12500", "1.25"),
        ("1e-10 USD per token", "output_images", "200000000", "0.02"),
    ],
)
def test_units_are_converted_once(
    unit: str, meter: str, value: str, expected: str
) -> None:
    """Amounts become ours exactly, from text."""
    assert price_of(meter, value, unit) == Decimal(expected)


# numbers that the readers may hold: bounds of sizes, thousands
ALLOWED = {1000, 64_000_000}
ROOMS = (
    "answers",
    "api",
    "apis",
    "azure",
    "bedrock",
    "deepgram",
    "first_party",
    "gemini",
    "local_servers",
    "openai_compatible",
    "openrouter",
    "routers",
    "row_facts",
    "row_prices",
)


@pytest.mark.parametrize("room", ROOMS)
def test_no_reader_holds_a_number_of_tokens(room: str) -> None:
    """A window cannot be made up by code that has no number to make it of."""
    path = Path(apis.__file__).with_name(f"{room}.py")
    numbers = {
        node.value
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and type(node.value) is int
    }
    assert {n for n in numbers if n >= 256} <= ALLOWED
