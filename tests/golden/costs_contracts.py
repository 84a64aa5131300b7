"""Hand-worked costs under a user's own contract; their rules, `list_total` beside."""

from golden.costs import Prices, case

LIST = "{input: 3, output: 15, cache_read: 0.3, searches: 0.01}"
BATCH = "service_tier=batch: {input: 1.5, output: 7.5}"


def contract(model: str, rates: str, pricing: str = LIST) -> Prices:
    """Return list prices with a contract's own rates."""
    return Prices(model, "rule", pricing, rates)


ABSOLUTE = contract("absolute", "contract=yes: {input: 2.4, output: 12}")
PERCENT = contract(
    "percent",
    f"contract=yes: {{percent_off: 15}}\nregion=eu: {{multiplier: 1.1}}\n{BATCH}",
)
DATED_PERCENT = contract(
    "dated-percent",
    "contract=yes valid_from=2026-01-01 valid_to=2027-01-01: {percent_off: 20}",
)
BOTH = contract("both", "contract=yes: {input: 2.4, percent_off: 10}")
TIER = contract(
    "tier", f"contract=yes service_tier=batch: {{input: 1, output: 5}}\n{BATCH}"
)
REGIONAL = contract(
    "regional",
    "contract=yes: {input: 2.4, output: 12}\nregion=eu: {multiplier: 1.1}",
)
DATED = contract(
    "dated",
    """
contract=yes valid_from=2026-06-01: {input: 2.7}
contract=yes valid_from=2026-10-01: {input: 2.5}
""",
)
LONG_PROMPTS = contract("long-prompts", "contract=yes above=200000: {input: 4}")
ODD_PERCENT = contract("odd-percent", "contract=yes: {percent_off: 12.345}")
ALL_OFF = contract("all-off", "contract=yes: {percent_off: 100}")
UNLISTED = contract("unlisted", "contract=yes: {input: 2}", "{}")
SEARCHES = contract("searches", "contract=yes: {searches: 0.008}", "{input: 3}")
REASONING = contract(
    "reasoning",
    "contract=yes: {output: 12}",
    "{input: 3, output: 15, reasoning: 15}",
)
DEAR_REASONING = contract(
    "dear-reasoning",
    "contract=yes: {output: 12}",
    "{input: 3, output: 15, reasoning: 20}",
)
FREE_SEARCHES = contract(
    "free-searches",
    "contract=yes: {percent_off: 10}\nfree=day: {searches: 1500}",
    "{input: 3, searches: 0.035}",
)
CACHED = contract("cached", "contract=yes: {input: 2}", "{input: 3}")
CALL = {"input": 1000, "output": 1000}

CONTRACTS = [
    # 1,000 × 2.4 + 1,000 × 12 = 14,400; list 3,000 + 15,000
    case("absolute", ABSOLUTE, CALL, "0.0144", list_total="0.018"),
    # 1,000 × 0.3: the contract names no cache price
    case("absolute on two meters of three", ABSOLUTE, {"cache_read": 1000}, "0.0003"),
    # 3,000 + 15,000
    case("at list prices", ABSOLUTE, CALL, "0.018", contract=False),
    # 18,000 × 0.85
    case("percent off", PERCENT, CALL, "0.0153", list_total="0.018"),
    # 9,000 × 0.85
    case(
        "percent off batch",
        PERCENT,
        CALL,
        "0.00765",
        list_total="0.009",
        service_tier="batch",
    ),
    # 18,000 × 1.1 × 0.85 = 19,800 × 0.85
    case(
        "percent off an uplift",
        PERCENT,
        CALL,
        "0.01683",
        list_total="0.0198",
        region="eu",
    ),
    # 10 × 0.01 × 0.85
    case("percent off searches", PERCENT, {"searches": 10}, "0.085", list_total="0.1"),
    # an unpriced meter stays so: 3,000 × 0.85
    case(
        "percent off what has no price",
        PERCENT,
        {"input": 1000, "input_audio": 1},
        None,
        unpriced=("input_audio",),
        subtotal="0.00255",
        list_total=None,
    ),
    case("before a discount", DATED_PERCENT, CALL, "0.018", at="2025-12-31"),
    # 18,000 × 0.8
    case(
        "a discount's first day",
        DATED_PERCENT,
        CALL,
        "0.0144",
        list_total="0.018",
        at="2026-01-01",
    ),
    # 18,000 × 0.8
    case(
        "a discount's last day",
        DATED_PERCENT,
        CALL,
        "0.0144",
        list_total="0.018",
        at="2026-12-31",
    ),
    case("after a discount", DATED_PERCENT, CALL, "0.018", at="2027-01-01"),
    # 1,000 × 2.4 + 15,000 × 0.9 = 2,400 + 13,500
    case("absolute, percent off the rest", BOTH, CALL, "0.0159", list_total="0.018"),
    # 1,000 × 1 + 1,000 × 5; list 1,500 + 7,500
    case(
        "a tier's own",
        TIER,
        CALL,
        "0.006",
        list_total="0.009",
        service_tier="batch",
    ),
    case("another tier than the contract's", TIER, CALL, "0.018"),
    # 2,400 + 12,000: its amounts are final; list 18,000 × 1.1
    case(
        "absolute in a region with uplift",
        REGIONAL,
        CALL,
        "0.0144",
        list_total="0.0198",
        region="eu",
    ),
    # 1,000 × 3
    case("before both amounts", DATED, {"input": 1000}, "0.003", at="2026-05-31"),
    # 1,000 × 2.7
    case(
        "the first amount",
        DATED,
        {"input": 1000},
        "0.0027",
        list_total="0.003",
        at="2026-06-01",
    ),
    # 1,000 × 2.5
    case(
        "the second amount",
        DATED,
        {"input": 1000},
        "0.0025",
        list_total="0.003",
        at="2026-10-01",
    ),
    # 200,001 × 4; list 200,001 × 3
    case(
        "its own tier of long prompts",
        LONG_PROMPTS,
        {"input": 200_001},
        "0.800004",
        list_total="0.600003",
    ),
    # 200,000 × 3
    case("below its own tier", LONG_PROMPTS, {"input": 200_000}, "0.6"),
    # 3,000 × 0.87655
    case(
        "12.345 % off",
        ODD_PERCENT,
        {"input": 1000},
        "0.00262965",
        list_total="0.003",
    ),
    case("all off", ALL_OFF, CALL, "0", list_total="0.018"),
    # 10^6 × 2 / 10^6; the list knows no price
    case(
        "what the list does not price", UNLISTED, {"input": 10**6}, "2", list_total=None
    ),
    # 5 × 0.008
    case(
        "a search that is not listed",
        SEARCHES,
        {"searches": 5},
        "0.04",
        list_total=None,
    ),
    # 1,000 × 12: reasoning costs what the answer does, in the contract too
    case(
        "reasoning at the answer's price",
        REASONING,
        {"reasoning": 1000},
        "0.012",
        list_total="0.015",
    ),
    # 1,000 × 20: dearer reasoning is no matter of the contract
    case("reasoning at its own price", DEAR_REASONING, {"reasoning": 1000}, "0.02"),
    # 1,000 × 2: cached tokens without a cache price are plain prompt
    case(
        "cached tokens at the prompt's price",
        CACHED,
        {"cache_read": 1000},
        "0.002",
        list_total="0.003",
    ),
    # 3 × 0.035 × 0.9; 2 of 5 are free
    case(
        "percent off what is not free",
        FREE_SEARCHES,
        {"searches": 5},
        "0.0945",
        list_total="0.105",
        used={"searches": 1498},
    ),
]
