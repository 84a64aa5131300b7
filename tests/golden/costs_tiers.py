"""Hand-worked costs of service tiers: batch, flex, priority, fast."""

from golden.costs import case
from golden.prices import (
    ASTRA,
    GEMINI_PRO,
    GPT_4O,
    OPUS,
    VERTEX_FLASH,
)

TIERS_BY_SERVICE = [
    # 300,000 × 10 + 2,000 × 37.5 = 3,000,000 + 75,000
    case(
        "batch above a tier",
        ASTRA,
        {"input": 300_000, "output": 2000},
        "3.075",
        service_tier="batch",
    ),
    # 200,000 × 5 + 2,000 × 25 = 1,000,000 + 50,000
    case(
        "batch below a tier",
        ASTRA,
        {"input": 200_000, "output": 2000},
        "1.05",
        service_tier="batch",
    ),
    # 200,000 × 10 + 100,000 × 1 + 1 × 37.5 = 2,000,000 + 100,000 + 37.5
    case(
        "flex above a tier, partly cached",
        ASTRA,
        {"input": 200_000, "cache_read": 100_000, "output": 1},
        "2.1000375",
        service_tier="flex",
    ),
    # 272,001 × 40 / 10^6
    case(
        "priority above a tier",
        ASTRA,
        {"input": 272_001},
        "10.88004",
        service_tier="priority",
    ),
    # 100,000 × 20 + 10,000 × 100 = 2,000,000 + 1,000,000
    case(
        "priority below a tier",
        ASTRA,
        {"input": 100_000, "output": 10_000},
        "3",
        service_tier="priority",
    ),
    # 1,234 × 60 + 567 × 300 = 74,040 + 170,100
    case(
        "ultrafast",
        ASTRA,
        {"input": 1234, "output": 567},
        "0.24414",
        service_tier="ultrafast",
    ),
    # 272,001 × 120 / 10^6
    case(
        "ultrafast above a tier",
        ASTRA,
        {"input": 272_001},
        "32.64012",
        service_tier="ultrafast",
    ),
    # 1 × 1.25 + 200,000 × 0.25 = 1.25 + 50,000
    case(
        "batch above a tier by cached tokens",
        GEMINI_PRO,
        {"input": 1, "cache_read": 200_000},
        "0.05000125",
        service_tier="batch",
    ),
    # 100,000 × 4.5 + 100,001 × 0.45 + 1,000 × 27 = 450,000 + 45,000.45 + 27,000
    case(
        "priority above a tier, half cached",
        GEMINI_PRO,
        {"input": 100_000, "cache_read": 100_001, "output": 1000},
        "0.52200045",
        service_tier="priority",
    ),
    # flex lists no price above 200,000: the lower one would be a guess
    case(
        "flex above a tier that it does not list",
        GEMINI_PRO,
        {"input": 200_001},
        None,
        unpriced=("input",),
        service_tier="flex",
    ),
    # 1,000 × 2.5 + 500 × 10 = 2,500 + 5,000
    case("standard", GPT_4O, {"input": 1000, "output": 500}, "0.0075"),
    # the same under each of its names
    case(
        "standard, as such",
        GPT_4O,
        {"input": 1000, "output": 500},
        "0.0075",
        service_tier="standard",
    ),
    case(
        "standard, as default",
        GPT_4O,
        {"input": 1000, "output": 500},
        "0.0075",
        service_tier="default",
    ),
    case(
        "standard, as auto",
        GPT_4O,
        {"input": 1000, "output": 500},
        "0.0075",
        service_tier="auto",
    ),
    # 1,000 × 1.25 + 500 × 5 = 1,250 + 2,500
    case(
        "batch",
        GPT_4O,
        {"input": 1000, "output": 500},
        "0.00375",
        service_tier="batch",
    ),
    # 200 × 4.25 + 800 × 2.125 = 850 + 1,700
    case(
        "priority with cached tokens",
        GPT_4O,
        {"input": 200, "cache_read": 800},
        "0.00255",
        service_tier="priority",
    ),
    # batch lists no cache price; 200 × 1.25 = 250
    case(
        "batch without a cache price",
        GPT_4O,
        {"input": 200, "cache_read": 800},
        None,
        unpriced=("cache_read",),
        subtotal="0.00025",
        service_tier="batch",
    ),
    # 2 × 0.01: a search is no token
    case(
        "a tier that is not listed",
        ASTRA,
        {"input": 1000, "output": 1000, "searches": 2},
        None,
        unpriced=("input", "output"),
        subtotal="0.02",
        service_tier="balanced",
    ),
    # 1,000 × 5 / 10^6 + 2 × 0.01
    case(
        "a search costs the same in batch",
        ASTRA,
        {"input": 1000, "searches": 2},
        "0.025",
        service_tier="batch",
    ),
    # 1,000 × 5 × 2 + 1,000 × 25 × 2 = 10,000 + 50,000
    case(
        "a fast mode is a factor",
        OPUS,
        {"input": 1000, "output": 1000},
        "0.06",
        service_tier="fast",
    ),
    # 1,000 × 0.5 × 2 + 1,000 × 10 × 2 = 1,000 + 20,000
    case(
        "the fast factor on cached tokens",
        OPUS,
        {"cache_read": 1000, "cache_write_1h": 1000},
        "0.021",
        service_tier="fast",
    ),
    # 1,000 × 5 × 2 / 10^6 + 1 × 0.01: no factor on the search
    case(
        "the fast factor is on tokens alone",
        OPUS,
        {"input": 1000, "searches": 1},
        "0.02",
        lines="input=0.01 searches=0.01",
        service_tier="fast",
    ),
    # 1,000 × 4.5: reasoning at the standard price of the answer costs the batch's
    case(
        "reasoning in batch costs what the answer does",
        VERTEX_FLASH,
        {"reasoning": 1000},
        "0.0045",
        service_tier="batch",
    ),
    # audio costs as much as text, but batch lists it not
    case(
        "audio that batch does not list",
        VERTEX_FLASH,
        {"input_audio": 1000},
        None,
        unpriced=("input_audio",),
        service_tier="batch",
    ),
]
