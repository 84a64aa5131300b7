"""Hand-worked costs of whole responses: tier, cached and reasoning tokens read."""

from golden.costs import Prices, case
from golden.costs_times import DEEPSEEK
from golden.media_prices import COHERE_RERANK, DEEP_RESEARCH, FLASH, OCR, SONAR
from golden.prices import FREE, GEMINI_PRO, OPUS, SONNET

GPT_5 = Prices(
    "gpt-5",
    "litellm 1.109.1: gpt-5",
    "{input: 1.25, output: 10, cache_read: 0.125, searches: 0.01}",
    """
service_tier=batch: {input: 0.625, output: 5, cache_read: 0.0625}
service_tier=flex: {input: 0.625, output: 5, cache_read: 0.0625}
service_tier=priority: {input: 2.5, output: 20, cache_read: 0.25}
""",
)
BEDROCK_SONNET = Prices(
    "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "litellm 1.109.1: us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "{input: 3.3, output: 16.5, cache_read: 0.33, cache_write: 4.125,"
    " cache_write_1h: 6.6}",
    """
above=200000:
  {input: 6.6, output: 24.75, cache_read: 0.66, cache_write: 8.25, cache_write_1h: 13.2}
service_tier=batch: {input: 1.65, output: 8.25}
""",
)
NOVA_LITE = Prices(
    "amazon.nova-2-lite-v1:0",
    "litellm 1.109.1: amazon.nova-2-lite-v1:0",
    "{input: 0.3, output: 2.5, cache_read: 0.075}",
    """
service_tier=batch: {input: 0.15, output: 1.25}
service_tier=priority: {input: 0.525, output: 4.375, cache_read: 0.13125}
""",
)


def chat(model: str, usage: dict[str, object], **more: object) -> dict[str, object]:
    """Return a chat completion of OpenAI's shape."""
    return {"object": "chat.completion", "model": model, "usage": usage, **more}


GPT_5_USAGE = {
    "prompt_tokens": 2006,
    "completion_tokens": 300,
    "total_tokens": 2306,
    "prompt_tokens_details": {"cached_tokens": 1920, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 192, "audio_tokens": 0},
}
OPENAI = [
    # 86 × 1.25 + 1,920 × 0.125 + (108 + 192) × 10 = 107.5 + 240 + 3,000
    case(
        "OpenAI chat",
        GPT_5,
        chat("gpt-5", GPT_5_USAGE, service_tier="default"),
        "0.0033475",
        lines="input=0.0001075 cache_read=0.00024 output=0.00108 reasoning=0.00192",
        whole_response=True,
    ),
    # 86 × 0.625 + 1,920 × 0.0625 + 300 × 5 = 53.75 + 120 + 1,500
    case(
        "OpenAI chat, flex",
        GPT_5,
        chat("gpt-5", GPT_5_USAGE, service_tier="flex"),
        "0.00167375",
        whole_response=True,
    ),
    # 86 × 2.5 + 1,920 × 0.25 + 300 × 20 = 215 + 480 + 6,000
    case(
        "OpenAI chat, priority",
        GPT_5,
        chat("gpt-5", GPT_5_USAGE, service_tier="priority"),
        "0.006695",
        whole_response=True,
    ),
    # said by the caller: as flex above
    case(
        "a usage object, its tier said",
        GPT_5,
        GPT_5_USAGE,
        "0.00167375",
        service_tier="batch",
    ),
    # 75 × 1.25 + (162 + 1,024) × 10 = 93.75 + 11,860
    case(
        "OpenAI responses",
        GPT_5,
        {
            "object": "response",
            "model": "gpt-5",
            "service_tier": "default",
            "usage": {
                "input_tokens": 75,
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": 1186,
                "output_tokens_details": {"reasoning_tokens": 1024},
                "total_tokens": 1261,
            },
        },
        "0.01195375",
        whole_response=True,
    ),
    # 1,000 × 1.25 + 10 × 10 = 1,350; / 10^6 + 2 × 0.01
    case(
        "OpenAI responses with web searches",
        GPT_5,
        {
            "object": "response",
            "model": "gpt-5",
            "output": [
                {"type": "web_search_call", "action": {"type": "search"}},
                {"type": "web_search_call", "action": {"type": "open_page"}},
                {"type": "web_search_call", "action": {"type": "search"}},
            ],
            "usage": {
                "input_tokens": 1000,
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": 10,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": 1010,
            },
        },
        "0.02135",
        whole_response=True,
    ),
]

ANTHROPIC = [
    # 2,095 × 3 + 3,000 × 3.75 + 1,000 × 6 + 10,000 × 0.3 + 503 × 15
    # = 6,285 + 11,250 + 6,000 + 3,000 + 7,545 = 34,080; / 10^6 + 2 × 0.01
    case(
        "Anthropic with both writes and searches",
        SONNET,
        {
            "type": "message",
            "model": "claude-sonnet-4-5",
            "usage": {
                "input_tokens": 2095,
                "cache_creation_input_tokens": 4000,
                "cache_read_input_tokens": 10_000,
                "cache_creation": {
                    "ephemeral_5m_input_tokens": 3000,
                    "ephemeral_1h_input_tokens": 1000,
                },
                "output_tokens": 503,
                "server_tool_use": {"web_search_requests": 2},
                "service_tier": "standard",
            },
        },
        "0.05408",
        whole_response=True,
    ),
    # 1,000 × 1.5 + 100 × 7.5 = 1,500 + 750
    case(
        "Anthropic in batch",
        SONNET,
        {
            "type": "message",
            "model": "claude-sonnet-4-5",
            "usage": {
                "input_tokens": 1000,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": 0,
                "output_tokens": 100,
                "service_tier": "batch",
            },
        },
        "0.00225",
        whole_response=True,
    ),
    # 1,000 × 5 × 2 × 1.1 + 100 × 25 × 2 × 1.1 = 11,000 + 5,500
    case(
        "Anthropic, fast and in the US",
        OPUS,
        {
            "type": "message",
            "model": "claude-opus-5",
            "usage": {
                "input_tokens": 1000,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": 0,
                "output_tokens": 100,
                "service_tier": "standard",
                "inference_geo": "us",
                "speed": "fast",
            },
        },
        "0.0165",
        whole_response=True,
    ),
]

GOOGLE = [
    # 400 × 1.25 + 800 × 0.125 + (100 + 400) × 10 = 500 + 100 + 5,000
    case(
        "Gemini, thoughts beside the answer",
        GEMINI_PRO,
        {
            "modelVersion": "gemini-2.5-pro",
            "usageMetadata": {
                "promptTokenCount": 1200,
                "cachedContentTokenCount": 800,
                "candidatesTokenCount": 100,
                "thoughtsTokenCount": 400,
                "totalTokenCount": 1700,
                "trafficType": "ON_DEMAND",
            },
        },
        "0.0056",
        whole_response=True,
    ),
    # 1,000 × 2.25 + 100 × 18 = 2,250 + 1,800
    case(
        "Gemini, priority",
        GEMINI_PRO,
        {
            "modelVersion": "gemini-2.5-pro",
            "usageMetadata": {
                "promptTokenCount": 1000,
                "candidatesTokenCount": 100,
                "totalTokenCount": 1100,
                "trafficType": "ON_DEMAND_PRIORITY",
            },
        },
        "0.00405",
        whole_response=True,
    ),
    # 20 × 0.3 + 600 × 1 + 50 × 2.5 = 6 + 600 + 125
    case(
        "Gemini, audio in the prompt",
        FLASH,
        {
            "modelVersion": "gemini-2.5-flash",
            "usageMetadata": {
                "promptTokenCount": 620,
                "candidatesTokenCount": 50,
                "totalTokenCount": 670,
                "promptTokensDetails": [
                    {"modality": "TEXT", "tokenCount": 20},
                    {"modality": "AUDIO", "tokenCount": 600},
                ],
            },
        },
        "0.000731",
        whole_response=True,
    ),
]

BEDROCK = [
    # 100 × 3.3 + 50 × 16.5 + 1,000 × 0.33 + 200 × 4.125 = 330 + 825 + 330 + 825
    case(
        "Bedrock Converse",
        BEDROCK_SONNET,
        {
            "usage": {
                "inputTokens": 100,
                "outputTokens": 50,
                "totalTokens": 1350,
                "cacheReadInputTokens": 1000,
                "cacheWriteInputTokens": 200,
            },
        },
        "0.00231",
    ),
    # 200,001 tokens: 1 × 6.6 + 200,000 × 0.66 = 6.6 + 132,000
    case(
        "Bedrock Converse above a tier",
        BEDROCK_SONNET,
        {
            "usage": {
                "inputTokens": 1,
                "outputTokens": 0,
                "totalTokens": 200_001,
                "cacheReadInputTokens": 200_000,
            },
        },
        "0.1320066",
    ),
    # 1,000 × 0.525 + 100 × 4.375 = 525 + 437.5
    case(
        "Bedrock Converse, priority",
        NOVA_LITE,
        {
            "usage": {"inputTokens": 1000, "outputTokens": 100, "totalTokens": 1100},
            "serviceTier": {"type": "priority"},
        },
        "0.0009625",
    ),
]

OTHERS = [
    # created at 12:00 UTC: 400 × 0.15 + 600 × 0.003 + 200 × 0.6 = 60 + 1.8 + 120
    case(
        "DeepSeek at its own time, off-peak",
        DEEPSEEK,
        chat(
            "deepseek-flash",
            {
                "prompt_tokens": 1000,
                "completion_tokens": 200,
                "total_tokens": 1200,
                "prompt_cache_hit_tokens": 600,
                "prompt_cache_miss_tokens": 400,
            },
            created=1_795_608_000,
        ),
        "0.0001818",
        whole_response=True,
        at=None,
    ),
    # 14 × 1 + 10 × 1 = 24; / 10^6 + 0.005 for the low context
    case(
        "Perplexity, its search context",
        SONAR,
        chat(
            "sonar",
            {
                "prompt_tokens": 14,
                "completion_tokens": 10,
                "total_tokens": 24,
                "search_context_size": "low",
            },
        ),
        "0.005024",
        whole_response=True,
    ),
    # 33 × 2 + 11,395 × 8 + 193,947 × 3 + 52,000 × 2 = 777,067; + 28 × 0.005
    case(
        "Perplexity, deep research",
        DEEP_RESEARCH,
        chat(
            "sonar-deep-research",
            {
                "prompt_tokens": 33,
                "completion_tokens": 11_395,
                "total_tokens": 11_428,
                "citation_tokens": 52_000,
                "num_search_queries": 28,
                "reasoning_tokens": 193_947,
            },
        ),
        "0.917067",
        whole_response=True,
    ),
    # 2 × 0.002
    case(
        "Cohere rerank, more than 100 documents",
        COHERE_RERANK,
        {"results": [], "meta": {"billed_units": {"search_units": 2}}},
        "0.004",
    ),
    # 12 × 0.004
    case(
        "Mistral OCR",
        OCR,
        {
            "model": "mistral-ocr-latest",
            "pages": [],
            "usage_info": {"pages_processed": 12, "doc_size_bytes": 9000},
        },
        "0.048",
        whole_response=True,
    ),
    case(
        "Ollama is free",
        FREE,
        {
            "model": "free",
            "created_at": "2026-11-25T10:00:00.123456789Z",
            "done": True,
            "prompt_eval_count": 26,
            "eval_count": 290,
        },
        "0",
        lines="input=0 output=0",
        whole_response=True,
    ),
]
RESPONSES = [*OPENAI, *ANTHROPIC, *GOOGLE, *BEDROCK, *OTHERS]
