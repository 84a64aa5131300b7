"""Answers of providers, made for the tests, with what each call used.

Each row: a name, what the provider returned, and the usage expected (exclusive
buckets, then facts); the arithmetic stands where a count is contained in another.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from modeldex.domain.pricing import METERS

Row = tuple[str, Any, str]


def expected(text: str) -> dict[str, Any]:
    """Return the JSON form that a row's third part writes as `name=value …`."""
    form: dict[str, Any] = {}
    for part in text.split():
        name, _, value = part.partition("=")
        form[name] = value
        if name == "unread":
            form[name] = value.split(",")
        elif name in METERS:
            form[name] = Decimal(value) if name.endswith("seconds") else int(value)
    return form


def chat(prompt: int, completion: int, **more: Any) -> dict[str, Any]:
    """Return a usage object of OpenAI's chat completions."""
    total = prompt + completion
    counts = {"prompt_tokens": prompt, "completion_tokens": completion}
    return {**counts, "total_tokens": total, **more}


def gemini(prompt: int, answer: int, **more: Any) -> dict[str, Any]:
    """Return the usageMetadata of Gemini; the total includes thoughts and tools."""
    beside = more.get("thoughtsTokenCount", 0) + more.get("toolUsePromptTokenCount", 0)
    counts = {"promptTokenCount": prompt, "candidatesTokenCount": answer}
    return {**counts, "totalTokenCount": prompt + answer + beside, **more}


def of(modality: str, count: int) -> dict[str, Any]:
    """Return one entry of Gemini's counts by modality."""
    return {"modality": modality, "tokenCount": count}


OPENAI: list[Row] = [
    ("chat plain", chat(19, 10), "input=19 output=10"),
    (
        "chat cached and reasoning",  # 2006 - 1920, 300 - 256
        chat(
            2006,
            300,
            prompt_tokens_details={"cached_tokens": 1920, "audio_tokens": 0},
            completion_tokens_details={
                "reasoning_tokens": 256,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        ),
        "input=86 cache_read=1920 output=44 reasoning=256 input_audio=0 output_audio=0",
    ),
    (
        "chat whole, with its tier",
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1764028800,
            "model": "gpt-4o-2024-08-06",
            "service_tier": "default",
            "choices": [
                {"index": 0, "message": {"role": "assistant", "content": "Hi"}}
            ],
            "usage": chat(9, 12),
        },
        (
            "input=9 output=12 model=gpt-4o-2024-08-06 service_tier=standard "
            "time=2025-11-25T00:00:00Z"
        ),
    ),
    (
        "chat flex",
        {"model": "o4-mini", "service_tier": "flex", "usage": chat(7, 3)},
        "input=7 output=3 model=o4-mini service_tier=flex",
    ),
    (
        "chat with an undecided tier",
        {"model": "o4-mini", "service_tier": "auto", "usage": chat(7, 3)},
        "input=7 output=3 model=o4-mini",
    ),
    (
        "chat audio in and out",  # 120 - 100, 250 - 200
        chat(
            120,
            250,
            prompt_tokens_details={"audio_tokens": 100, "cached_tokens": 0},
            completion_tokens_details={"audio_tokens": 200, "text_tokens": 50},
        ),
        "input=20 input_audio=100 cache_read=0 output=50 output_audio=200",
    ),
    (
        "chat predicted outputs are output",
        chat(
            50,
            90,
            completion_tokens_details={
                "accepted_prediction_tokens": 60,
                "rejected_prediction_tokens": 20,
                "reasoning_tokens": 0,
            },
        ),
        "input=50 output=90 reasoning=0",
    ),
    (
        "chat cache writes",  # 1000 - 600 - 300
        chat(
            1000,
            5,
            prompt_tokens_details={"cached_tokens": 600, "cache_write_tokens": 300},
        ),
        "input=100 cache_read=600 cache_write=300 output=5",
    ),
    (
        "chat details that are null",
        chat(4, 2, prompt_tokens_details=None, completion_tokens_details=None),
        "input=4 output=2",
    ),
    (
        "chat stream",
        [
            {"id": "c-1", "model": "gpt-4o", "choices": [{}], "usage": None},
            {"id": "c-1", "model": "gpt-4o", "choices": [], "usage": chat(11, 22)},
        ],
        "input=11 output=22 model=gpt-4o",
    ),
    (
        "chat stream with running counts",
        [
            {"id": "c-1", "choices": [{}], "usage": chat(11, 1)},
            {"id": "c-1", "choices": [{}], "usage": chat(11, 2)},
        ],
        "input=11 output=2",
    ),
    (
        "batch line",
        {
            "custom_id": "r-1",
            "response": {
                "status_code": 200,
                "body": {
                    "model": "gpt-4o-mini",
                    "service_tier": "default",
                    "usage": chat(30, 6),
                },
            },
        },
        "input=30 output=6 model=gpt-4o-mini service_tier=batch",
    ),
    (
        "responses plain",
        {
            "id": "resp_1",
            "object": "response",
            "created_at": 1764028801,
            "model": "gpt-5.4",
            "service_tier": "priority",
            "output": [{"type": "message", "content": []}],
            "usage": {
                "input_tokens": 328,
                "input_tokens_details": {"cached_tokens": 128},
                "output_tokens": 52,
                "output_tokens_details": {"reasoning_tokens": 32},
                "total_tokens": 380,
            },
        },  # 328 - 128, 52 - 32
        (
            "input=200 cache_read=128 output=20 reasoning=32 model=gpt-5.4 "
            "service_tier=priority time=2025-11-25T00:00:01Z"
        ),
    ),
    (
        "responses cache writes",  # 100 - 25 - 40
        {
            "input_tokens": 100,
            "input_tokens_details": {"cached_tokens": 25, "cache_write_tokens": 40},
            "output_tokens": 40,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 140,
        },
        "input=35 cache_read=25 cache_write=40 output=40 reasoning=0",
    ),
    (
        "responses cache writes by lifetime",  # 500 - 100 - 300, 300 - 200
        {
            "input_tokens": 500,
            "input_tokens_details": {
                "cached_tokens": 100,
                "cache_write_tokens": 300,
                "cache_write_tokens_details": {
                    "ttl_12h_tokens": 200,
                    "ttl_30m_tokens": 100,
                },
            },
            "output_tokens": 4,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 504,
        },
        (
            "input=100 cache_read=100 cache_write=100 cache_write_12h=200 "
            "output=4 reasoning=0"
        ),
    ),
    (
        "responses with tools",
        {
            "object": "response",
            "output": [
                {"type": "web_search_call", "action": {"type": "search"}},
                {"type": "web_search_call", "action": {"type": "open_page"}},
                {"type": "web_search_call", "status": "completed"},
                {"type": "file_search_call"},
                {"type": "code_interpreter_call", "container_id": "cntr_1"},
                {"type": "code_interpreter_call", "container_id": "cntr_1"},
                {"type": "function_call", "name": "f"},
            ],
            "usage": {"input_tokens": 10, "output_tokens": 3, "total_tokens": 13},
        },
        "input=10 output=3 searches=2 file_searches=1 sessions=1",
    ),
    (
        "responses that count their searches",
        {
            "object": "response",
            "output": [{"type": "web_search_call"}],
            "tool_usage": {
                "image_gen": {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0},
                "web_search": {"num_requests": 5},
            },
            "usage": {"input_tokens": 10, "output_tokens": 3, "total_tokens": 13},
        },
        "input=10 output=3 searches=5",
    ),
    (
        "responses with an image of another model",
        {
            "object": "response",
            "output": [{"type": "image_generation_call"}],
            "tool_usage": {
                "image_gen": {
                    "input_tokens": 50,
                    "input_tokens_details": {"image_tokens": 0, "text_tokens": 50},
                    "output_tokens": 1056,
                    "total_tokens": 1106,
                }
            },
            "usage": {"input_tokens": 10, "output_tokens": 3, "total_tokens": 13},
        },
        (
            "input=10 output=3 "
            "unread=output[image_generation_call],tool_usage.image_gen.total_tokens"
        ),
    ),
    (
        "responses with an image that nobody counts",
        {
            "object": "response",
            "output": [{"type": "image_generation_call"}],
            "usage": {"input_tokens": 10, "output_tokens": 3, "total_tokens": 13},
        },
        "input=10 output=3 unread=output[image_generation_call]",
    ),
    (
        "responses stream",
        [
            {
                "type": "response.created",
                "response": {"id": "r", "service_tier": "auto", "usage": None},
            },
            {"type": "response.output_text.delta", "delta": "Hi"},
            {
                "type": "response.completed",
                "response": {
                    "id": "r",
                    "model": "gpt-5-mini",
                    "service_tier": "flex",
                    "usage": {
                        "input_tokens": 12,
                        "input_tokens_details": {"cached_tokens": 2},
                        "output_tokens": 6,
                        "total_tokens": 18,
                    },
                },
            },
        ],
        "input=10 cache_read=2 output=6 model=gpt-5-mini service_tier=flex",
    ),
    (
        "embeddings",
        {
            "object": "list",
            "data": [{"embedding": [0.1, 0.2], "index": 0}],
            "model": "text-embedding-3-small",
            "usage": {"prompt_tokens": 8, "total_tokens": 8},
        },
        "input=8 model=text-embedding-3-small",
    ),
    (
        "images",  # 50 - 40
        {
            "created": 1764028800,
            "data": [{"b64_json": "…"}],
            "usage": {
                "input_tokens": 50,
                "input_tokens_details": {"image_tokens": 40, "text_tokens": 10},
                "output_tokens": 1056,
                "total_tokens": 1106,
            },
        },
        "input=10 input_image=40 output_image=1056 time=2025-11-25T00:00:00Z",
    ),
    (
        "images with an answer by kind",  # 10, 1200 - 1100
        {
            "input_tokens": 10,
            "input_tokens_details": {"image_tokens": 0, "text_tokens": 10},
            "output_tokens": 1200,
            "output_tokens_details": {"image_tokens": 1100, "text_tokens": 100},
            "total_tokens": 1210,
        },
        "input=10 input_image=0 output=100 output_image=1100",
    ),
    (
        "transcription by tokens",
        {
            "text": "Hello",
            "usage": {
                "type": "tokens",
                "input_tokens": 14,
                "input_token_details": {"text_tokens": 4, "audio_tokens": 10},
                "output_tokens": 45,
                "total_tokens": 59,
            },
        },
        "input=4 input_audio=10 output=45",
    ),
    (
        "transcription by duration",
        {"text": "Hello", "usage": {"type": "duration", "seconds": 9.5}},
        "input_audio_seconds=9.5",
    ),
    (
        "speech",
        [
            {"type": "speech.audio.delta", "audio": "…"},
            {
                "type": "speech.audio.done",
                "usage": {
                    "input_tokens": 14,
                    "output_tokens": 101,
                    "total_tokens": 115,
                },
            },
        ],
        "input=14 output_audio=101",
    ),
    (
        "realtime",
        # cached: 64 text, 60 audio; audio 90 - 60; text 127 + 90 - 90 - 64
        {
            "total_tokens": 283,
            "input_tokens": 217,
            "output_tokens": 66,
            "input_token_details": {
                "text_tokens": 127,
                "audio_tokens": 90,
                "cached_tokens": 124,
                "cached_tokens_details": {"text_tokens": 64, "audio_tokens": 60},
            },
            "output_token_details": {"text_tokens": 20, "audio_tokens": 46},
        },
        (
            "input=63 cache_read=64 input_audio=30 cache_read_audio=60 output=20 "
            "output_audio=46"
        ),
    ),
]

ANTHROPIC: list[Row] = [
    (
        "messages plain",
        {
            "id": "msg_1",
            "type": "message",
            "model": "claude-sonnet-4-5-20250929",
            "usage": {
                "input_tokens": 12,
                "output_tokens": 40,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": 0,
                "cache_creation": {
                    "ephemeral_5m_input_tokens": 0,
                    "ephemeral_1h_input_tokens": 0,
                },
                "service_tier": "standard",
                "inference_geo": "not_available",
                "server_tool_use": None,
            },
        },
        (
            "input=12 cache_read=0 cache_write=0 cache_write_1h=0 output=40 "
            "model=claude-sonnet-4-5-20250929 service_tier=standard"
        ),
    ),
    (
        "messages cached, two lifetimes",  # 556 - 100
        {
            "input_tokens": 2048,
            "cache_read_input_tokens": 1800,
            "cache_creation_input_tokens": 556,
            "cache_creation": {
                "ephemeral_5m_input_tokens": 456,
                "ephemeral_1h_input_tokens": 100,
            },
            "output_tokens": 503,
        },
        "input=2048 cache_read=1800 cache_write=456 cache_write_1h=100 output=503",
    ),
    (
        "messages lifetimes without their sum",
        {
            "input_tokens": 3,
            "cache_creation": {
                "ephemeral_5m_input_tokens": 7,
                "ephemeral_1h_input_tokens": 5,
            },
            "output_tokens": 1,
        },
        "input=3 cache_write=7 cache_write_1h=5 output=1",
    ),
    (
        "messages with thinking, in one region",  # 200 - 150
        {
            "model": "claude-opus-4-6",
            "usage": {
                "input_tokens": 400,
                "output_tokens": 200,
                "output_tokens_details": {"thinking_tokens": 150},
                "inference_geo": "us",
                "service_tier": "priority",
            },
        },
        (
            "input=400 output=50 reasoning=150 model=claude-opus-4-6 "
            "service_tier=priority region=us"
        ),
    ),
    (
        "messages with searches",
        {
            "input_tokens": 105,
            "output_tokens": 6039,
            "cache_read_input_tokens": 7123,
            "cache_creation_input_tokens": 7345,
            "server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 1},
        },
        "input=105 cache_read=7123 cache_write=7345 output=6039 searches=2",
    ),
    (
        "messages in fast mode",
        {
            "input_tokens": 5,
            "output_tokens": 6,
            "cache_read_input_tokens": 0,
            "service_tier": "standard",
            "speed": "fast",
        },
        "input=5 cache_read=0 output=6 service_tier=fast",
    ),
    (
        "messages compacted on the way",  # 180000 + 23000, 3500 + 1000
        {
            "input_tokens": 23000,
            "output_tokens": 1000,
            "iterations": [
                {"type": "compaction", "input_tokens": 180000, "output_tokens": 3500},
                {"type": "message", "input_tokens": 23000, "output_tokens": 1000},
            ],
        },
        "input=203000 output=4500",
    ),
    (
        "messages with another model's advice",
        {
            "input_tokens": 10,
            "output_tokens": 20,
            "iterations": [
                {"type": "message", "input_tokens": 10, "output_tokens": 20},
                {"type": "advisor_message", "input_tokens": 99, "output_tokens": 0},
            ],
        },
        "input=10 output=20 unread=iterations[advisor_message].input_tokens",
    ),
    (
        "messages stream",
        [
            {
                "type": "message_start",
                "message": {
                    "id": "msg_1",
                    "model": "claude-haiku-4-5",
                    "usage": {
                        "input_tokens": 472,
                        "cache_read_input_tokens": 100,
                        "output_tokens": 2,
                        "service_tier": "standard",
                    },
                },
            },
            {"type": "content_block_delta", "delta": {"type": "text_delta"}},
            {
                "type": "message_delta",
                "delta": {"stop_reason": "end_turn"},
                "usage": {"output_tokens": 89},
            },
            {"type": "message_stop"},
        ],
        (
            "input=472 cache_read=100 output=89 model=claude-haiku-4-5 "
            "service_tier=standard"
        ),
    ),
    (
        "batch result",
        {
            "custom_id": "r-1",
            "result": {
                "type": "succeeded",
                "message": {
                    "model": "claude-haiku-4-5",
                    "usage": {
                        "input_tokens": 11,
                        "output_tokens": 36,
                        "service_tier": "batch",
                    },
                },
            },
        },
        "input=11 output=36 model=claude-haiku-4-5 service_tier=batch",
    ),
    (
        "Claude at Vertex",
        {
            "id": "msg_vrtx_1",
            "model": "claude-sonnet-4-5-20250929",
            "usage": {
                "input_tokens": 10,
                "output_tokens": 4,
                "cache_read_input_tokens": 90,
            },
        },
        "input=10 cache_read=90 output=4 model=claude-sonnet-4-5-20250929",
    ),
]

GOOGLE: list[Row] = [
    (
        "generateContent plain",
        {
            "candidates": [{"content": {"parts": [{"text": "Hi"}]}}],
            "usageMetadata": gemini(
                5,
                9,
                promptTokensDetails=[of("TEXT", 5)],
                candidatesTokensDetails=[of("TEXT", 9)],
            ),
            "modelVersion": "gemini-2.5-flash",
            "responseId": "x",
        },
        "input=5 output=9 model=gemini-2.5-flash",
    ),
    (
        "generateContent thoughts beside the answer",
        gemini(10, 20, thoughtsTokenCount=300),
        "input=10 output=20 reasoning=300",
    ),
    (
        "generateContent cached",  # 1000 - 900
        gemini(
            1000,
            20,
            cachedContentTokenCount=900,
            promptTokensDetails=[of("TEXT", 1000)],
            cacheTokensDetails=[of("TEXT", 900)],
        ),
        "input=100 cache_read=900 output=20",
    ),
    (
        "generateContent modalities",  # 1500 - 258 - 320 - 700, documents in it
        gemini(
            1500,
            50,
            promptTokensDetails=[
                of("TEXT", 122),
                of("DOCUMENT", 100),
                of("IMAGE", 258),
                of("AUDIO", 320),
                of("VIDEO", 700),
            ],
        ),
        "input=222 input_audio=320 input_image=258 input_video=700 output=50",
    ),
    (
        "generateContent cached audio",
        # cached: 100 text, 400 audio; audio 600 - 400; text 800 - 600 - 100
        gemini(
            800,
            7,
            cachedContentTokenCount=500,
            promptTokensDetails=[of("TEXT", 200), of("AUDIO", 600)],
            cacheTokensDetails=[of("TEXT", 100), of("AUDIO", 400)],
        ),
        "input=100 cache_read=100 input_audio=200 cache_read_audio=400 output=7",
    ),
    (
        "generateContent image out",
        gemini(12, 1300, candidatesTokensDetails=[of("IMAGE", 1290), of("TEXT", 10)]),
        "input=12 output=10 output_image=1290",
    ),
    (
        "generateContent tool prompts",  # 27 + 10309
        {
            "prompt_token_count": 27,
            "tool_use_prompt_token_count": 10309,
            "tool_use_prompt_tokens_details": [
                {"modality": "TEXT", "token_count": 10309}
            ],
            "candidates_token_count": 45,
            "thoughts_token_count": 31,
            "total_token_count": 10412,
            "cached_content_token_count": None,
        },
        "input=10336 output=45 reasoning=31",
    ),
    (
        "generateContent tool prompts with an image",  # 10 + 300 - 258
        gemini(
            10,
            1,
            toolUsePromptTokenCount=300,
            toolUsePromptTokensDetails=[of("TEXT", 42), of("IMAGE", 258)],
        ),
        "input=52 input_image=258 output=1",
    ),
    (
        "generateContent with searches that are paid by rules of the model",
        {
            "candidates": [{"groundingMetadata": {"webSearchQueries": ["a", "b"]}}],
            "usageMetadata": gemini(5, 6),
        },
        "input=5 output=6 unread=grounding_metadata.web_search_queries",
    ),
    (
        "Vertex on demand",
        {
            "usageMetadata": gemini(5, 6, trafficType="ON_DEMAND"),
            "createTime": "2026-05-06T07:08:09.123Z",
            "modelVersion": "gemini-2.5-pro",
        },
        (
            "input=5 output=6 model=gemini-2.5-pro service_tier=standard "
            "time=2026-05-06T07:08:09.123Z"
        ),
    ),
    (
        "Vertex provisioned",
        {"usageMetadata": gemini(5, 6, trafficType="PROVISIONED_THROUGHPUT")},
        "input=5 output=6 service_tier=provisioned",
    ),
    (
        "Vertex flex",
        {"usageMetadata": gemini(5, 6, trafficType="ON_DEMAND_FLEX")},
        "input=5 output=6 service_tier=flex",
    ),
    (
        "generateContent stream",
        [
            {
                "usageMetadata": {"promptTokenCount": 5, "totalTokenCount": 5},
                "modelVersion": "gemini-2.5-flash",
            },
            {"usageMetadata": gemini(5, 40), "modelVersion": "gemini-2.5-flash"},
        ],
        "input=5 output=40 model=gemini-2.5-flash",
    ),
    (
        "live",  # 300 - 300 audio
        {
            "promptTokenCount": 300,
            "responseTokenCount": 120,
            "totalTokenCount": 420,
            "promptTokensDetails": [of("AUDIO", 300)],
            "responseTokensDetails": [of("AUDIO", 110), of("TEXT", 10)],
        },
        "input=0 input_audio=300 output=10 output_audio=110",
    ),
    (
        "interactions",
        {
            "id": "v1_1",
            "model": "gemini-3-flash",
            "usage": {
                "total_input_tokens": 100,
                "total_cached_tokens": 60,
                "total_output_tokens": 20,
                "total_thought_tokens": 30,
                "total_tool_use_tokens": 0,
                "initial_input_tokens": 10,
                "grounding_tool_count": [{"type": "google_search", "count": 2}],
                "total_tokens": 150,
                "input_tokens_by_modality": [{"modality": "text", "tokens": 100}],
            },
        },
        (
            "input=40 cache_read=60 output=20 reasoning=30 model=gemini-3-flash "
            "unread=grounding_tool_count[google_search].count"
        ),
    ),
]

BEDROCK: list[Row] = [
    (
        "Converse",
        {
            "output": {"message": {"role": "assistant", "content": [{"text": "Hi"}]}},
            "stopReason": "end_turn",
            "usage": {"inputTokens": 125, "outputTokens": 60, "totalTokens": 185},
            "metrics": {"latencyMs": 1175},
            "serviceTier": {"type": "flex"},
        },
        "input=125 output=60 service_tier=flex",
    ),
    (
        "Converse cached",  # the total may hold the cached tokens
        {
            "inputTokens": 10,
            "outputTokens": 5,
            "cacheReadInputTokens": 1000,
            "cacheWriteInputTokens": 500,
            "cacheDetails": [
                {"ttl": "1h", "inputTokens": 200},
                {"ttl": "5m", "inputTokens": 300},
            ],
            "totalTokens": 1515,
        },
        "input=10 cache_read=1000 cache_write=300 cache_write_1h=200 output=5",
    ),
    (
        "Converse cached, a total without them",
        {
            "inputTokens": 10,
            "outputTokens": 5,
            "cacheReadInputTokens": 1000,
            "totalTokens": 15,
        },
        "input=10 cache_read=1000 output=5",
    ),
    (
        "ConverseStream",
        [
            {"messageStart": {"role": "assistant"}},
            {"contentBlockDelta": {"delta": {"text": "Hi"}}},
            {
                "metadata": {
                    "usage": {"inputTokens": 3, "outputTokens": 4, "totalTokens": 7},
                    "metrics": {"latencyMs": 5},
                }
            },
        ],
        "input=3 output=4",
    ),
    (
        "invoke headers",
        {
            "X-Amzn-Bedrock-Input-Token-Count": "21",
            "X-Amzn-Bedrock-Output-Token-Count": "7",
            "X-Amzn-Bedrock-Cache-Read-Input-Token-Count": "300",
            "X-Amzn-Bedrock-Invocation-Latency": "812",
            "X-RateLimit-Remaining-Tokens": "99000",
            "Content-Type": "application/json",
        },
        "input=21 cache_read=300 output=7 provider=amazon-bedrock",
    ),
    (
        "invoke by boto3",
        {
            "ResponseMetadata": {
                "HTTPHeaders": {
                    "x-amzn-bedrock-input-token-count": "21",
                    "x-amzn-bedrock-output-token-count": "7",
                }
            },
            "body": b"",
        },
        "input=21 output=7 provider=amazon-bedrock",
    ),
    (
        "invocation metrics",
        {
            "type": "message_stop",
            "amazon-bedrock-invocationMetrics": {
                "inputTokenCount": 8,
                "outputTokenCount": 9,
                "cacheReadInputTokenCount": 100,
                "invocationLatency": 600,
            },
        },
        "input=8 cache_read=100 output=9",
    ),
    (
        "Llama",
        {"generation": "Hi", "prompt_token_count": 14, "generation_token_count": 3},
        "input=14 output=3",
    ),
]

OTHERS: list[Row] = [
    (
        "Cohere v2",
        {
            "id": "c-1",
            "usage": {
                "billed_units": {"input_tokens": 5.0, "output_tokens": 418.0},
                "tokens": {"input_tokens": 71.0, "output_tokens": 418.0},
                "cached_tokens": 32,
            },
        },
        "input=5 output=418",
    ),
    (
        "Cohere v1 rerank",
        {"results": [], "meta": {"billed_units": {"search_units": 2}}},
        "requests=2",
    ),
    (
        "Cohere embed with images",
        {
            "meta": {
                "billed_units": {"images": 2, "image_tokens": 400, "input_tokens": 9}
            }
        },
        "input=9 input_image=400 input_images=2",
    ),
    (
        "Cohere classify",
        {"meta": {"billed_units": {"classifications": 3}}},
        "requests=3",
    ),
    (
        "Cohere stream",
        [
            {"type": "message-start", "id": "c-1"},
            {
                "type": "message-end",
                "delta": {
                    "usage": {"billed_units": {"input_tokens": 2, "output_tokens": 3}}
                },
            },
        ],
        "input=2 output=3",
    ),
    (
        "Mistral cached",  # 1000 - 640
        chat(
            1000,
            10,
            prompt_tokens_details={"cached_tokens": 640},
            num_cached_tokens=640,
            prompt_audio_seconds=None,
        ),
        "input=360 cache_read=640 output=10",
    ),
    (
        "Mistral transcription",  # the total holds audio tokens, which nobody pays
        {
            "model": "voxtral-mini-2507",
            "usage": {
                "prompt_audio_seconds": 203,
                "prompt_tokens": 4,
                "completion_tokens": 635,
                "total_tokens": 3264,
            },
        },
        "input=4 output=635 input_audio_seconds=203 model=voxtral-mini-2507",
    ),
    (
        "Mistral OCR",
        {
            "model": "mistral-ocr-2505",
            "pages": [{"index": 0}],
            "usage_info": {"pages_processed": 29, "doc_size_bytes": 123},
        },
        "pages=29 model=mistral-ocr-2505",
    ),
    (
        "Ollama chat",
        {
            "model": "llama3.2",
            "created_at": "2026-08-04T19:22:45.499127Z",
            "message": {"role": "assistant", "content": "Hi"},
            "done": True,
            "total_duration": 4883583458,
            "prompt_eval_count": 26,
            "eval_count": 282,
        },
        "input=26 output=282 model=llama3.2 time=2026-08-04T19:22:45.499127Z",
    ),
    (
        "Ollama stream",
        [
            {"model": "llama3.2", "message": {"content": "Hi"}, "done": False},
            {
                "model": "llama3.2",
                "done": True,
                "prompt_eval_count": 1,
                "eval_count": 2,
            },
        ],
        "input=1 output=2 model=llama3.2",
    ),
    (
        "Ollama with the whole prompt cached",
        {"model": "llama3.2", "done": True, "eval_count": 2},
        "output=2 model=llama3.2",
    ),
    (
        "DeepSeek",  # 1024 hit and 76 missed are the 1100; 500 - 450
        chat(
            1100,
            500,
            prompt_cache_hit_tokens=1024,
            prompt_cache_miss_tokens=76,
            prompt_tokens_details={"cached_tokens": 1024},
            completion_tokens_details={"reasoning_tokens": 450},
        ),
        "input=76 cache_read=1024 output=50 reasoning=450",
    ),
    (
        "xAI reasoning beside the answer",  # 32 + 9 + 94 = 135
        {
            "prompt_tokens": 32,
            "completion_tokens": 9,
            "total_tokens": 135,
            "prompt_tokens_details": {
                "text_tokens": 32,
                "audio_tokens": 0,
                "image_tokens": 0,
                "cached_tokens": 6,
            },
            "completion_tokens_details": {"reasoning_tokens": 94, "audio_tokens": 0},
            "num_sources_used": 0,
        },
        (
            "input=26 cache_read=6 output=9 reasoning=94 input_audio=0 input_image=0 "
            "output_audio=0 searches=0"
        ),
    ),
    (
        "xAI live search",
        chat(10, 20, num_sources_used=7),
        "input=10 output=20 searches=7",
    ),
    (
        "xAI, its own spelling",  # 199 - 163, 9 + 199 + 253 = 461
        {
            "prompt_tokens": 199,
            "prompt_text_tokens": 199,
            "cached_prompt_text_tokens": 163,
            "completion_tokens": 9,
            "reasoning_tokens": 253,
            "total_tokens": 461,
        },
        "input=36 cache_read=163 output=9 reasoning=253",
    ),
    (
        "xAI cached images",
        # 10 text, 500 image, 400 cached: text first, so 10 text and 390 image
        chat(
            510,
            1,
            prompt_tokens_details={
                "text_tokens": 10,
                "image_tokens": 500,
                "cached_tokens": 400,
            },
        ),
        "input=0 cache_read=10 input_image=110 cache_read_image=390 output=1",
    ),
    (
        "xAI tools of the server",
        {
            "object": "response",
            "output": [{"type": "x_search_call"}, {"type": "web_search_call"}],
            "usage": {
                "input_tokens": 100,
                "input_tokens_details": {"cached_tokens": 40},
                "output_tokens": 7,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": 107,
                "num_sources_used": 0,
                "num_server_side_tools_used": 3,
                "server_side_tool_usage_details": {
                    "web_search_calls": 1,
                    "x_search_calls": 2,
                    "code_interpreter_calls": 0,
                    "mcp_calls": 4,
                },
                "context_details": {"input_tokens": 50, "output_tokens": 7},
            },
        },
        "input=60 cache_read=40 output=7 reasoning=0 searches=3",
    ),
    (
        "Groq",
        {
            "id": "chatcmpl-1",
            "model": "openai/gpt-oss-120b",
            "service_tier": "on_demand",
            "usage": chat(
                18,
                556,
                queue_time=0.037,
                prompt_time=0.0006,
                completion_tokens_details={"reasoning_tokens": 500},
            ),
            "x_groq": {"id": "req_1"},
        },
        (
            "input=18 output=56 reasoning=500 model=openai/gpt-oss-120b provider=groq "
            "service_tier=standard"
        ),
    ),
    (
        "Groq stream",
        [
            {"id": "c", "choices": [{}], "x_groq": {"id": "req_1"}},
            {"id": "c", "choices": [], "x_groq": {"id": "r", "usage": chat(3, 4)}},
        ],
        "input=3 output=4 provider=groq",
    ),
    (
        "OpenRouter",  # 194 - 150, 12 - 5
        {
            "id": "gen-1",
            "provider": "Google",
            "model": "google/gemini-2.5-flash",
            "usage": chat(
                194,
                12,
                cost=0.95,
                cost_details={"upstream_inference_cost": 19},
                prompt_tokens_details={"cached_tokens": 150, "cache_write_tokens": 0},
                completion_tokens_details={"reasoning_tokens": 5, "image_tokens": 0},
                server_tool_use={"web_search_requests": 1},
            ),
        },
        (
            "input=44 cache_read=150 cache_write=0 output=7 reasoning=5 "
            "output_image=0 searches=1 model=google/gemini-2.5-flash "
            "provider=openrouter"
        ),
    ),
    (
        "OpenRouter generation",  # 10 - 3, 25 - 5
        {
            "data": {
                "id": "gen-1",
                "model": "sao10k/l3-stheno-8b",
                "created_at": "2026-07-15T23:33:19.433273+00:00",
                "provider_name": "Infermatic",
                "tokens_prompt": 9,
                "tokens_completion": 24,
                "native_tokens_prompt": 10,
                "native_tokens_completion": 25,
                "native_tokens_completion_images": 0,
                "native_tokens_reasoning": 5,
                "native_tokens_cached": 3,
                "num_search_results": 5,
                "usage": 0.0015,
                "total_cost": 0.0015,
                "service_tier": "priority",
            }
        },
        (
            "input=7 cache_read=3 output=20 reasoning=5 output_image=0 "
            "model=sao10k/l3-stheno-8b provider=openrouter service_tier=priority "
            "time=2026-07-15T23:33:19.433273+00:00 unread=num_search_results"
        ),
    ),
    (
        "Perplexity",
        {
            "model": "sonar-pro",
            "usage": chat(
                33, 395, search_context_size="low", cost={"input_tokens_cost": 0.1}
            ),
        },
        "input=33 output=395 model=sonar-pro search_context_size=low",
    ),
    (
        "Perplexity deep research",  # nothing is contained
        chat(
            33,
            7395,
            citation_tokens=20336,
            num_search_queries=18,
            reasoning_tokens=73991,
        ),
        "input=33 output=7395 reasoning=73991 citation=20336 searches=18",
    ),
    ("vLLM", chat(8, 9, prompt_tokens_details=None), "input=8 output=9"),
    (
        "Moonshot",
        chat(500, 9, cached_tokens=256),
        "input=244 cache_read=256 output=9",
    ),
    (
        "litellm",  # 1000 - 700 - 200 - 50; the writes of an hour are of the 250
        chat(
            1000,
            10,
            prompt_tokens_details={
                "cached_tokens": 700,
                "cache_creation_tokens": 250,
                "cache_creation_token_details": {
                    "ephemeral_5m_input_tokens": 200,
                    "ephemeral_1h_input_tokens": 50,
                },
            },
            cache_read_input_tokens=700,
            cache_creation_input_tokens=250,
        ),
        "input=50 cache_read=700 cache_write=200 cache_write_1h=50 output=10",
    ),
    (
        "one-api fills both spellings",
        chat(10, 20, input_tokens=0, output_tokens=0, input_tokens_details=None),
        "input=10 output=20",
    ),
    (
        "LangChain",  # 350 - 100 - 200 - 10, 240 - 200
        {
            "input_tokens": 350,
            "output_tokens": 240,
            "total_tokens": 590,
            "input_token_details": {
                "audio": 10,
                "cache_creation": 200,
                "cache_read": 100,
            },
            "output_token_details": {"reasoning": 200},
        },
        (
            "input=40 cache_read=100 cache_write=200 input_audio=10 output=40 "
            "reasoning=200"
        ),
    ),
    (
        "Codex",  # 900 - 800, 60 - 20
        {
            "input_tokens": 900,
            "cached_input_tokens": 800,
            "output_tokens": 60,
            "reasoning_output_tokens": 20,
            "total_tokens": 960,
        },
        "input=100 cache_read=800 output=40 reasoning=20",
    ),
    (
        "Voyage",
        {
            "object": "list",
            "data": [],
            "model": "voyage-3",
            "usage": {"total_tokens": 10},
        },
        "input=10 model=voyage-3",
    ),
    (
        "ExLLM",
        {"input_tokens": 1000, "output_tokens": 500},
        "input=1000 output=500",
    ),
    (
        "meters",
        {"input": 1200, "output": 300, "cache_read": 800, "seconds": 1.5, "model": "m"},
        "input=1200 cache_read=800 output=300 seconds=1.5 model=m",
    ),
    (
        "an unknown count is named",
        chat(10, 20, prompt_tokens_details={"cached_tokens": 0, "smell_tokens": 3}),
        "input=10 cache_read=0 output=20 unread=prompt_tokens_details.smell_tokens",
    ),
    (
        "an unknown modality is named",
        gemini(10, 20, promptTokensDetails=[of("TEXT", 4), of("TASTE", 6)]),
        "input=10 output=20 unread=prompt_tokens_details[taste].token_count",
    ),
    (
        "a total that holds more is named",  # thoughts, by Gemini's OpenAI endpoint
        {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 180},
        "input=10 output=20 unread=total_tokens",
    ),
]

ROWS: dict[str, Row] = {
    f"{group} {row[0]}": row
    for group, rows in (
        ("OpenAI", OPENAI),
        ("Anthropic", ANTHROPIC),
        ("Google", GOOGLE),
        ("Bedrock", BEDROCK),
        ("other", OTHERS),
    )
    for row in rows
}
