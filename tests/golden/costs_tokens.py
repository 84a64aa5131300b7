"""Hand-worked costs of tokens: the tiers of long prompts."""

from golden.costs import case
from golden.prices import (
    ASTRA,
    GEMINI_PRO,
    MARGINAL,
    QWEN_MAX,
    THREE_STEPS,
    TIERED_ANSWER,
)

CONTEXT_TIERS = [
    # 271,999 × 10 / 10^6
    case("just below a tier", ASTRA, {"input": 271_999}, "2.71999"),
    # 272,000 × 10 / 10^6: the tier begins above it
    case("at a tier", ASTRA, {"input": 272_000}, "2.72"),
    # 272,001 × 20 / 10^6: the whole request
    case("just above a tier", ASTRA, {"input": 272_001}, "5.44002"),
    # 272,001 × 20 = 5,440,020; 1,000 × 75 = 75,000; sum / 10^6
    case(
        "the answer too costs the tier of the prompt",
        ASTRA,
        {"input": 272_001, "output": 1000},
        "5.51502",
        lines="input=5.44002 output=0.075",
    ),
    # 1,000 × 10 + 300,000 × 50 = 10,000 + 15,000,000
    case(
        "a long answer reaches no tier",
        ASTRA,
        {"input": 1000, "output": 300_000},
        "15.01",
    ),
    # 2,000 + 270,001 = 272,001 tokens: 2,000 × 20 + 270,001 × 2 = 40,000 + 540,002
    case(
        "cached tokens count into the tier",
        ASTRA,
        {"input": 2000, "cache_read": 270_001},
        "0.580002",
        lines="input=0.04 cache_read=0.540002",
    ),
    # 272,000 tokens: 2,000 × 10 + 270,000 × 1 = 20,000 + 270,000
    case(
        "cached tokens up to the tier",
        ASTRA,
        {"input": 2000, "cache_read": 270_000},
        "0.29",
    ),
    # 272,001 tokens: 1 × 20 + 272,000 × 25 = 20 + 6,800,000
    case(
        "tokens written to the cache count into the tier",
        ASTRA,
        {"input": 1, "cache_write": 272_000},
        "6.80002",
    ),
    # 272,001 × 50 / 10^6
    case(
        "12-hour writes above a tier", ASTRA, {"cache_write_12h": 272_001}, "13.60005"
    ),
    # 32,000 × 1.2 + 100 × 6 = 38,400 + 600
    case(
        "two steps: at the first", QWEN_MAX, {"input": 32_000, "output": 100}, "0.039"
    ),
    # 32,001 × 2.4 + 100 × 12 = 76,802.4 + 1,200
    case(
        "two steps: above the first",
        QWEN_MAX,
        {"input": 32_001, "output": 100},
        "0.0780024",
    ),
    # 128,000 × 2.4 / 10^6
    case("two steps: at the second", QWEN_MAX, {"input": 128_000}, "0.3072"),
    # 128,001 × 3 / 10^6
    case("two steps: above the second", QWEN_MAX, {"input": 128_001}, "0.384003"),
    # 252,000 × 3 + 1,000 × 15 = 756,000 + 15,000
    case(
        "two steps: the widest", QWEN_MAX, {"input": 252_000, "output": 1000}, "0.771"
    ),
    # 1,000 × 1 / 10^6
    case("three steps: none", THREE_STEPS, {"input": 1000}, "0.001"),
    # 1,001 × 2 / 10^6
    case("three steps: first", THREE_STEPS, {"input": 1001}, "0.002002"),
    # 10,001 × 3 / 10^6
    case("three steps: second", THREE_STEPS, {"input": 10_001}, "0.030003"),
    # 100,001 × 4 + 50 × 2 = 400,004 + 100; the answer has no steps
    case(
        "three steps: third",
        THREE_STEPS,
        {"input": 100_001, "output": 50},
        "0.400104",
    ),
    # 10,000 × 4 / 10^6
    case("marginal: up to the first count", MARGINAL, {"input": 10_000}, "0.04"),
    # 10,000 × 4 + 1 × 3 = 40,003
    case(
        "marginal: one unit beyond",
        MARGINAL,
        {"input": 10_001},
        "0.040003",
        lines="input=0.04 input=0.000003",
    ),
    # 10,000 × 4 + 90,000 × 3 = 40,000 + 270,000
    case("marginal: up to the second count", MARGINAL, {"input": 100_000}, "0.31"),
    # 10,000 × 4 + 90,000 × 3 + 50,000 × 2 = 40,000 + 270,000 + 100,000
    case(
        "marginal: three parts",
        MARGINAL,
        {"input": 150_000},
        "0.41",
        lines="input=0.04 input=0.27 input=0.1",
    ),
    # each meter by itself: 10,000 × 4 + 5,000 × 4
    case(
        "marginal: a meter counts its own units",
        MARGINAL,
        {"input": 10_000, "cache_read": 5000},
        "0.06",
    ),
    # 1,001 × 2 + 10 × 6 = 2,002 + 60: reasoning costs what the answer does
    case(
        "reasoning follows the tier of the answer",
        TIERED_ANSWER,
        {"input": 1001, "reasoning": 10},
        "0.002062",
    ),
    # 199,999 × 1.25 / 10^6
    case("199,999 of 200,000", GEMINI_PRO, {"input": 199_999}, "0.24999875"),
    # 200,000 × 1.25 / 10^6
    case("200,000 of 200,000", GEMINI_PRO, {"input": 200_000}, "0.25"),
    # 200,001 × 2.5 / 10^6
    case("200,001 of 200,000", GEMINI_PRO, {"input": 200_001}, "0.5000025"),
    # 258,000 × 2.5 / 10^6: video is billed as prompt
    case("video tokens reach a tier", GEMINI_PRO, {"input_video": 258_000}, "0.645"),
]
