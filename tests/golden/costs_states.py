"""Hand-worked costs at the ends of the scale, and of what has no price."""

from golden.costs import case
from golden.prices import (
    EMBEDDING,
    EUROS,
    FREE,
    GPT_4O,
    INCLUDED,
    INPUT_ALONE,
    TINY,
    UNKNOWN,
    VARIABLE,
    YUAN,
)

ENDS_OF_THE_SCALE = [
    case("nothing was used", GPT_4O, {"input": 0, "output": 0}, "0", lines=""),
    # 1 × 2.5 / 10^6
    case("one token", GPT_4O, {"input": 1}, "0.0000025"),
    # 10^12 × 2.5 / 10^6 + 10^12 × 10 / 10^6
    case(
        "10^12 tokens each way",
        GPT_4O,
        {"input": 10**12, "output": 10**12},
        "12500000",
    ),
    # 999,999,999,999 × 2.5 / 10^6
    case("one less than 10^12", GPT_4O, {"input": 10**12 - 1}, "2499999.9999975"),
    # 1 × 0.02 / 10^6
    case("one token of an embedding", EMBEDDING, {"input": 1}, "0.00000002"),
    # 3 × 0.01 / 10^6
    case(
        "an embedding in batch",
        EMBEDDING,
        {"input": 3},
        "0.00000003",
        service_tier="batch",
    ),
    # 1 × 10^-10 / 10^6
    case("a tiny price", TINY, {"input": 1}, "0.0000000000000001"),
    # (10^12 × 10^-10 + 3 × 7 × 10^-12) / 10^6 = (100 + 0.000000000021) / 10^6
    case(
        "the tiny beside the huge",
        TINY,
        {"input": 10**12, "output": 3},
        "0.000100000000000021",
    ),
    # 1,500 × 2 + 500 × 6 = 3,000 + 3,000
    case("euros", EUROS, {"input": 1500, "output": 500}, "0.006", currency="EUR"),
    # 10^6 × 0.8 + 10^6 × 2
    case(
        "yuan",
        YUAN,
        {"input": 1_000_000, "output": 1_000_000},
        "2.8",
        currency="CNY",
    ),
]

STATES = [
    case(
        "an unknown price",
        UNKNOWN,
        {"input": 1, "output": 1},
        None,
        unpriced=("input", "output"),
        subtotal="0",
    ),
    case("a router's price", VARIABLE, {"input": 5}, None, unpriced=("input",)),
    case("free", FREE, {"input": 900, "output": 90}, "0", lines="input=0 output=0"),
    case("included", INCLUDED, {"input": 900, "reasoning": 90}, "0"),
    case(
        "free tokens, but not the search",
        FREE,
        {"input": 900, "searches": 1},
        None,
        unpriced=("searches",),
        subtotal="0",
    ),
    # 1,000 × 3 / 10^6
    case(
        "a prompt priced, its answer not",
        INPUT_ALONE,
        {"input": 1000, "output": 10},
        None,
        unpriced=("output",),
        subtotal="0.003",
        lines="input=0.003 output=?",
    ),
    # 1,000 × 2.5 / 10^6 + 500 × 10 / 10^6
    case(
        "audio beside priced text",
        GPT_4O,
        {"input": 1000, "output": 500, "input_audio": 20, "output_audio": 30},
        None,
        unpriced=("input_audio", "output_audio"),
        subtotal="0.0075",
    ),
    # 1,000 × 2.5 + 100 × 10 + 400 × 10 = 2,500 + 1,000 + 4,000
    case(
        "reasoning without a price is part of the answer",
        GPT_4O,
        {"input": 1000, "output": 100, "reasoning": 400},
        "0.0075",
    ),
    # 765 × 2.5 / 10^6
    case("image tokens are prompt", GPT_4O, {"input_image": 765}, "0.0019125"),
    # citations are of no listed price, and stand for no other meter
    case(
        "citations without a price",
        GPT_4O,
        {"input": 2, "citation": 1},
        None,
        unpriced=("citation",),
        subtotal="0.000005",
    ),
]
