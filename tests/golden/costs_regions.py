"""Hand-worked costs of regions: uplifts and rows of their own."""

from golden.costs import case
from golden.prices import (
    ASTRA,
    AZURE_GPT_5,
    AZURE_GPT_5_PRO,
    HAIKU,
    OPUS,
    VERTEX_FLASH,
)

REGIONS = [
    # 1,000 × 10 × 1.1 + 1,000 × 50 × 1.1 = 11,000 + 55,000
    case(
        "uplift in the EU",
        ASTRA,
        {"input": 1000, "output": 1000},
        "0.066",
        region="eu",
    ),
    # 1,000 × 5 × 1.1 + 1,000 × 25 × 1.1 = 5,500 + 27,500
    case(
        "uplift on batch in the US",
        ASTRA,
        {"input": 1000, "output": 1000},
        "0.033",
        region="us",
        service_tier="batch",
    ),
    # 272,001 × 20 × 1.1 = 5,440,020 × 1.1
    case("uplift above a tier", ASTRA, {"input": 272_001}, "5.984022", region="eu"),
    # 272,001 × 40 × 1.1 = 10,880,040 × 1.1
    case(
        "uplift on priority above a tier",
        ASTRA,
        {"input": 272_001},
        "11.968044",
        region="eu",
        service_tier="priority",
    ),
    # 1,000 × 10 + 1,000 × 50
    case(
        "a region without uplift",
        ASTRA,
        {"input": 1000, "output": 1000},
        "0.06",
        region="apac",
    ),
    # 1,000 × 10 × 1.1 / 10^6 + 3 × 0.01
    case(
        "an uplift is on tokens alone",
        ASTRA,
        {"input": 1000, "searches": 3},
        "0.041",
        region="eu",
    ),
    # 7 × 0.1 × 1.1 = 0.77
    case("uplift on a few tokens", HAIKU, {"input": 7}, "0.00000077", region="us"),
    # 10^6 × 0.25 × 1.1 = 275,000
    case(
        "uplift on batch above a tier",
        HAIKU,
        {"input": 1_000_000},
        "0.275",
        region="us",
        service_tier="batch",
    ),
    # 1,000 × 5 × 2 × 1.1 + 1,000 × 25 × 2 × 1.1 = 11,000 + 55,000
    case(
        "uplift and fast mode together",
        OPUS,
        {"input": 1000, "output": 1000},
        "0.066",
        region="us",
        service_tier="fast",
    ),
    # 1,000 × 1.5 × 1.1 + 1,000 × 9 × 1.1 = 1,650 + 9,900
    case(
        "uplift on reasoning",
        VERTEX_FLASH,
        {"input": 1000, "reasoning": 1000},
        "0.01155",
        region="regional",
    ),
    # 1,000 × 2.7 × 1.1 / 10^6
    case(
        "uplift on priority",
        VERTEX_FLASH,
        {"input": 1000},
        "0.00297",
        region="regional",
        service_tier="priority",
    ),
    # 1,000 × 1.375 + 1,000 × 11 = 1,375 + 11,000
    case(
        "a regional row",
        AZURE_GPT_5,
        {"input": 1000, "output": 1000},
        "0.012375",
        region="eu",
    ),
    # 1,000 × 0.1375 / 10^6
    case(
        "a regional cache price",
        AZURE_GPT_5,
        {"cache_read": 1000},
        "0.0001375",
        region="us",
    ),
    # 1,000 × 0.6875 + 1,000 × 5.5 = 687.5 + 5,500
    case(
        "a regional row for batch",
        AZURE_GPT_5,
        {"input": 1000, "output": 1000},
        "0.0061875",
        region="eu",
        service_tier="batch",
    ),
    # 1,000 × 2.75 + 1,000 × 22 = 2,750 + 22,000
    case(
        "a regional row for priority",
        AZURE_GPT_5,
        {"input": 1000, "output": 1000},
        "0.02475",
        region="eu",
        service_tier="priority",
    ),
    # 1,000 × 1.25 + 1,000 × 10
    case(
        "a region without a row",
        AZURE_GPT_5,
        {"input": 1000, "output": 1000},
        "0.01125",
        region="apac",
    ),
    # 1 × 0.014
    case(
        "no regional row for a search",
        AZURE_GPT_5,
        {"searches": 1},
        "0.014",
        region="eu",
    ),
    # 400 × 33 + 300 × 198 = 13,200 + 59,400; the region has no cache price, and the
    # default region's 3 would be too low beside a prompt of 33 instead of 30
    case(
        "a region without a cache price",
        AZURE_GPT_5_PRO,
        {"input": 400, "cache_read": 800, "output": 300},
        None,
        unpriced=("cache_read",),
        subtotal="0.0726",
        region="eu",
    ),
    # 400 × 30 + 800 × 3 + 300 × 180 = 12,000 + 2,400 + 54,000
    case(
        "the cache price of the default region",
        AZURE_GPT_5_PRO,
        {"input": 400, "cache_read": 800, "output": 300},
        "0.0684",
        region="apac",
    ),
]
