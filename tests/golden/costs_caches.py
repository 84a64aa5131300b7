"""Hand-worked costs of caches."""

from golden.costs import case
from golden.prices import (
    ASTRA,
    GPT_4O,
    HAIKU,
    INPUT_ALONE,
    ODD,
    SONNET,
)

CACHES = [
    # 100 × 3 + 4,000 × 3.75 = 300 + 15,000
    case("5-minute write", SONNET, {"input": 100, "cache_write": 4000}, "0.0153"),
    # 4,000 × 6 / 10^6
    case("1-hour write", SONNET, {"cache_write_1h": 4000}, "0.024"),
    # 10,000 × 0.3 / 10^6
    case("read", SONNET, {"cache_read": 10_000}, "0.003"),
    # 21 × 3 + 188,086 × 0.3 + 456 × 3.75 + 321 × 6 + 503 × 15
    # = 63 + 56,425.8 + 1,710 + 1,926 + 7,545 = 67,669.8
    case(
        "reads and both writes",
        SONNET,
        {
            "input": 21,
            "cache_read": 188_086,
            "cache_write": 456,
            "cache_write_1h": 321,
            "output": 503,
        },
        "0.0676698",
        lines="input=0.000063 cache_read=0.0564258 cache_write=0.00171"
        " cache_write_1h=0.001926 output=0.007545",
    ),
    # 1,000 × 0.15 + 1,000 × 1.875 = 150 + 1,875
    case(
        "read and write in batch",
        SONNET,
        {"cache_read": 1000, "cache_write": 1000},
        "0.002025",
        service_tier="batch",
    ),
    # batch lists no 1-hour write
    case(
        "1-hour write in batch",
        SONNET,
        {"cache_write_1h": 1000},
        None,
        unpriced=("cache_write_1h",),
        service_tier="batch",
    ),
    # 12,345 × 0.2 / 10^6
    case("1-hour write, cheap", HAIKU, {"cache_write_1h": 12_345}, "0.002469"),
    # 100 × 0.1 + 50,000 × 0.01 + 2,000 × 0.125 + 3,000 × 0.2 = 10 + 500 + 250 + 600
    case(
        "all four kinds of prompt",
        HAIKU,
        {
            "input": 100,
            "cache_read": 50_000,
            "cache_write": 2000,
            "cache_write_1h": 3000,
        },
        "0.00136",
    ),
    # 100,001 tokens: 1 × 0.5 + 100,000 × 1 = 0.5 + 100,000
    case(
        "1-hour writes reach a tier",
        HAIKU,
        {"input": 1, "cache_write_1h": 100_000},
        "0.1000005",
    ),
    # 100,002 tokens: 100,001 × 0.25 = 25,000.25; no 1-hour write in batch
    case(
        "1-hour write in batch above a tier",
        HAIKU,
        {"input": 100_001, "cache_write_1h": 1},
        None,
        unpriced=("cache_write_1h",),
        subtotal="0.02500025",
        service_tier="batch",
    ),
    # 4,000 × 25 / 10^6
    case("12-hour write", ASTRA, {"cache_write_12h": 4000}, "0.1"),
    # 1,000 × 6.25 + 1,000 × 12.5 = 6,250 + 12,500
    case(
        "short and 12-hour writes in batch",
        ASTRA,
        {"cache_write": 1000, "cache_write_12h": 1000},
        "0.01875",
        service_tier="batch",
    ),
    case(
        "1-hour write where only others are listed",
        ASTRA,
        {"cache_write_1h": 4000},
        None,
        unpriced=("cache_write_1h",),
    ),
    # 1,000 × 3 / 10^6: without a cache price it is plain prompt
    case("read without a cache price", INPUT_ALONE, {"cache_read": 1000}, "0.003"),
    # a write may cost more than the prompt does
    case(
        "write without a cache price",
        INPUT_ALONE,
        {"cache_write": 1000},
        None,
        unpriced=("cache_write",),
    ),
    # 1,000 × 1.25 / 10^6: images are prompt, so cached ones are cached prompt
    case("cached image tokens", GPT_4O, {"cache_read_image": 1000}, "0.00125"),
    # 3 × 0.08333333333333334 = 0.25000000000000002
    case(
        "a price of many digits", ODD, {"cache_write": 3}, "0.00000025000000000000002"
    ),
]
