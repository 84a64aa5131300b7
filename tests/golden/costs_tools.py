"""Hand-worked costs of searches, requests and tools, and of free quantities."""

from golden.costs import case
from golden.media_prices import (
    DEEP_RESEARCH,
    FLASH,
    PPLX_ONLINE,
    RERANK,
    SEARCHER,
    SONAR,
    TOOLS,
)
from golden.prices import VERTEX_FLASH

REQUESTS_AND_TOOLS = [
    # 250 × 0.001
    case("rerank requests", RERANK, {"requests": 250}, "0.25"),
    # 800 × 0 + 1 × 0.001: a call is one request
    case(
        "a call is one request",
        RERANK,
        {"input": 800},
        "0.001",
        lines="input=0 requests=0.001",
        note="one is counted",
    ),
    # 800 × 0: unless the caller says that there was none
    case("no request, said so", RERANK, {"input": 800, "requests": 0}, "0"),
    # 1,000 × 0 + 1,000 × 2.8 / 10^6 + 0.005
    case(
        "a request beside tokens",
        PPLX_ONLINE,
        {"input": 1000, "output": 1000},
        "0.0078",
    ),
    # 100 × 1 + 200 × 1 = 300; / 10^6 + 0.008
    case("context unsaid", SONAR, {"input": 100, "output": 200}, "0.0083"),
    # 0.0003 + 0.005
    case(
        "low context",
        SONAR,
        {"input": 100, "output": 200},
        "0.0053",
        search_context="low",
    ),
    # 0.0003 + 0.008
    case(
        "medium context",
        SONAR,
        {"input": 100, "output": 200},
        "0.0083",
        search_context="medium",
    ),
    # 0.0003 + 0.012
    case(
        "high context",
        SONAR,
        {"input": 100, "output": 200},
        "0.0123",
        search_context="high",
    ),
    # 0.0001 for the tokens
    case(
        "a context that is not listed",
        SONAR,
        {"input": 100},
        None,
        unpriced=("requests",),
        subtotal="0.0001",
        search_context="max",
    ),
    # 1 × 0.01
    case("a search", SEARCHER, {"searches": 1}, "0.01"),
    # medium is the usual context
    case(
        "a search, medium", SEARCHER, {"searches": 1}, "0.01", search_context="medium"
    ),
    # 3 × 0.008
    case("searches, low", SEARCHER, {"searches": 3}, "0.024", search_context="low"),
    # 2 × 0.025
    case("searches, high", SEARCHER, {"searches": 2}, "0.05", search_context="high"),
    # 33 × 2 + 11,395 × 8 + 193,947 × 3 + 52,000 × 2
    # = 66 + 91,160 + 581,841 + 104,000 = 777,067; / 10^6 + 28 × 0.005
    case(
        "citations, reasoning and searches",
        DEEP_RESEARCH,
        {
            "input": 33,
            "output": 11_395,
            "reasoning": 193_947,
            "citation": 52_000,
            "searches": 28,
        },
        "0.917067",
        lines="input=0.000066 output=0.09116 reasoning=0.581841 citation=0.104"
        " searches=0.14",
    ),
    # 2 × 0.03
    case("sessions of a container", TOOLS, {"sessions": 2}, "0.06"),
    # 4 × 0.0025
    case("searches of files", TOOLS, {"file_searches": 4}, "0.01"),
    # 2.5 × 0.1: nothing is known of the free part
    case("stored for a day", TOOLS, {"gb_days": 2.5}, "0.25", note="1 gb_days a day"),
    # 4 × 0.025
    case("searches of maps", FLASH, {"map_searches": 4}, "0.1"),
]

FREE_QUANTITIES = [
    # 3 of 1,500
    case(
        "none used yet",
        FLASH,
        {"searches": 3},
        "0",
        lines="searches=0",
        used={"searches": 0},
    ),
    # 1,500 - 1,498 = 2 are free; (5 - 2) × 0.035
    case(
        "partly used",
        FLASH,
        {"searches": 5},
        "0.105",
        lines="searches=0 searches=0.105",
        used={"searches": 1498},
    ),
    # 10 of the last 10
    case("the last ones", FLASH, {"searches": 10}, "0", used={"searches": 1490}),
    # 1 × 0.035
    case("all used", FLASH, {"searches": 1}, "0.035", used={"searches": 1500}),
    # 2 × 0.035
    case(
        "more than all used", FLASH, {"searches": 2}, "0.07", used={"searches": 99_999}
    ),
    # 2 × 0.035: every one is billed, and the note says so
    case("use unknown", FLASH, {"searches": 2}, "0.07", note="1500 searches a day"),
    # 1 × 0.035: what is known of another meter helps nothing
    case(
        "use of another meter",
        FLASH,
        {"searches": 1},
        "0.035",
        note="1500 searches a day",
        used={"map_searches": 5},
    ),
    # 1,000 × 0.3 / 10^6 + (10 - 5) × 0.035 = 0.0003 + 0.175
    case(
        "searches beside tokens",
        FLASH,
        {"input": 1000, "searches": 10},
        "0.1753",
        used={"searches": 1495},
    ),
    # 5,000 - 4,999 = 1 is free; 1 × 0.014
    case(
        "a month's quantity",
        VERTEX_FLASH,
        {"searches": 2},
        "0.014",
        used={"searches": 4999},
    ),
    # (2.5 - 1) × 0.1
    case("a part of a unit", TOOLS, {"gb_days": 2.5}, "0.15", used={"gb_days": 0}),
    # 1 - 0.25 = 0.75 is free; (1 - 0.75) × 0.1
    case(
        "parts of a unit used", TOOLS, {"gb_days": 1}, "0.025", used={"gb_days": 0.25}
    ),
]
