"""Hand-worked costs at a time: hours, weekdays, zones, and prices that change."""

from golden.costs import Prices, case

DEEPSEEK = Prices(
    "deepseek-flash",
    "litellm 1.109.1: deepseek-flash",
    "{input: 0.3, output: 1.2, cache_read: 0.006}",
    """
hours=12345/00:00-01:00+12345/04:00-06:00+12345/10:00-00:00+67/00:00-00:00 zone=UTC:
  {input: 0.15, output: 0.6, cache_read: 0.003}
""",
)
DEEPSEEK_CHAT = Prices(
    "deepseek-chat",
    "genai-prices 0.2.3: deepseek-chat, dearer from 00:30 to 16:30",
    "{input: 0.27, output: 1.1, cache_read: 0.07}",
    "hours=16:30-00:30 zone=UTC: {input: 0.135, output: 0.55, cache_read: 0.035}",
)
DEEPSEEK_V4 = Prices(
    "deepseek-v4-flash",
    "genai-prices 0.2.3: deepseek-v4-flash, its hours dated as its last price",
    "{input: 0.3, output: 1.2, cache_read: 0.006}",
    """
valid_to=2026-08-17: {input: 0.14, output: 0.28, cache_read: 0.0028}
valid_from=2026-08-17 valid_to=2026-09-10:
  {input: 0.22, output: 0.66, cache_read: 0.007}
valid_from=2026-09-10 hours=00:00-01:00+04:00-06:00+10:00-00:00 zone=UTC:
  {input: 0.15, output: 0.6, cache_read: 0.003}
""",
)
SATURDAYS = Prices(
    "saturdays",
    "rule",
    "{input: 2}",
    "hours=6/00:00-00:00 weekday_zone=Asia/Shanghai: {input: 1}",
)
SHANGHAI_NIGHT = Prices(
    "shanghai-night",
    "rule",
    "{input: 2}",
    "hours=00:30-08:30 zone=Asia/Shanghai: {input: 1}",
)
KOLKATA_NIGHT = Prices(
    "kolkata-night",
    "rule",
    "{input: 2}",
    "hours=22:00-06:00 zone=Asia/Kolkata: {input: 1}",
)
FRIDAY_NIGHT = Prices(
    "friday-night", "rule", "{input: 2}", "hours=5/22:00-06:00 zone=UTC: {input: 1}"
)
ARGON = Prices(
    "gemini-4-argon",
    "genai-prices 0.2.3: google gemini-4-argon",
    "{input: 2, output: 10, cache_read: 0.1, searches: 0.014}",
    "valid_from=2026-12-01: {input: 4, output: 20, cache_read: 0.2}",
)
FLASH_36 = Prices(
    "gemini-3.6-flash",
    "genai-prices 0.2.3: google gemini-3.6-flash",
    "{input: 0.75, output: 3.75, cache_read: 0.075, searches: 0.014}",
    "valid_from=2027-01-01: {input: 1.5, output: 7.5, cache_read: 0.15}",
)
OPUS_46 = Prices(
    "claude-opus-4-6",
    "genai-prices 0.2.3: google claude-opus-4-6, tiered until 13 March 2026",
    "{input: 5, output: 25, cache_read: 0.5, cache_write: 6.25, cache_write_1h: 10}",
    """
valid_to=2026-03-13 above=200000:
  {input: 10, output: 37.5, cache_read: 1, cache_write: 12.5}
""",
)
ANNOUNCED = Prices(
    "announced", "rule", "{input: 2}", "valid_from=2026-12-01: {cache_read: 0.2}"
)
MILLION = {"input": 1_000_000}


def _at(prices: Prices, name: str, at: str, total: str) -> object:
    """Return a case of 10^6 prompt tokens: it costs the price itself."""
    return case(f"{name}: {at}", prices, MILLION, total, at=at)


HOURS = [
    # 10^6 × price / 10^6, dear from 01:00 to 04:00 and from 06:00 to 10:00 UTC
    _at(DEEPSEEK, "off-peak", "2026-11-25T00:30:00Z", "0.15"),
    _at(DEEPSEEK, "off-peak, last second", "2026-11-25T00:59:59Z", "0.15"),
    _at(DEEPSEEK, "peak begins", "2026-11-25T01:00:00Z", "0.3"),
    _at(DEEPSEEK, "peak, last second", "2026-11-25T03:59:59Z", "0.3"),
    _at(DEEPSEEK, "off-peak between", "2026-11-25T04:00:00Z", "0.15"),
    _at(DEEPSEEK, "second peak", "2026-11-25T06:00:00Z", "0.3"),
    _at(DEEPSEEK, "off-peak for the rest", "2026-11-25T10:00:00Z", "0.15"),
    _at(DEEPSEEK, "until midnight", "2026-11-25T23:59:59Z", "0.15"),
    _at(DEEPSEEK, "no time of day: the dearer", "2026-11-25", "0.3"),
    _at(DEEPSEEK, "Saturday at a peak hour", "2026-11-28T02:00:00Z", "0.15"),
    _at(DEEPSEEK, "Sunday at a peak hour", "2026-11-29T07:00:00Z", "0.15"),
    _at(DEEPSEEK, "Monday at a peak hour", "2026-11-30T02:00:00Z", "0.3"),
    _at(DEEPSEEK, "10:00 UTC said in Shanghai", "2026-11-25T18:00:00+08:00", "0.15"),
    _at(DEEPSEEK, "09:59 UTC said in New York", "2026-11-25T04:59:00-05:00", "0.3"),
    # 1,000 × 0.15 + 1,000 × 0.6 + 10,000 × 0.003 = 150 + 600 + 30
    case(
        "off-peak on every meter",
        DEEPSEEK,
        {"input": 1000, "output": 1000, "cache_read": 10_000},
        "0.00078",
        at="2026-11-25T12:00:00Z",
    ),
    _at(DEEPSEEK_CHAT, "over midnight, begins", "2026-11-25T16:30:00Z", "0.135"),
    _at(DEEPSEEK_CHAT, "over midnight, ends", "2026-11-25T00:30:00Z", "0.27"),
    _at(DEEPSEEK_CHAT, "over midnight, within", "2026-11-25T00:29:59Z", "0.135"),
    _at(DEEPSEEK_CHAT, "over midnight, before", "2026-11-25T16:29:59Z", "0.27"),
    # Friday 22:00 to Saturday 06:00
    _at(FRIDAY_NIGHT, "Friday night", "2026-11-27T22:00:00Z", "1"),
    _at(FRIDAY_NIGHT, "its Saturday morning", "2026-11-28T05:59:59Z", "1"),
    _at(FRIDAY_NIGHT, "Friday morning", "2026-11-27T05:00:00Z", "2"),
    _at(FRIDAY_NIGHT, "Saturday night", "2026-11-28T22:00:00Z", "2"),
    # Saturday in Shanghai: from Friday 16:00 UTC to Saturday 16:00 UTC
    _at(SATURDAYS, "Friday in Shanghai", "2026-11-27T15:59:59Z", "2"),
    _at(SATURDAYS, "Saturday in Shanghai", "2026-11-27T16:00:00Z", "1"),
    _at(SATURDAYS, "still Saturday in Shanghai", "2026-11-28T15:59:59Z", "1"),
    _at(SATURDAYS, "Sunday in Shanghai", "2026-11-28T16:00:00Z", "2"),
    # 00:30 to 08:30 in Shanghai is 16:30 to 00:30 UTC, in winter as in summer
    _at(SHANGHAI_NIGHT, "00:30 in Shanghai", "2026-11-24T16:30:00Z", "1"),
    _at(SHANGHAI_NIGHT, "08:30 in Shanghai", "2026-11-25T00:30:00Z", "2"),
    _at(SHANGHAI_NIGHT, "00:30 in Shanghai, summer", "2026-07-24T16:30:00Z", "1"),
    # 22:00 to 06:00 in Kolkata is 16:30 to 00:30 UTC
    _at(KOLKATA_NIGHT, "22:00 in Kolkata", "2026-11-25T16:30:00Z", "1"),
    _at(KOLKATA_NIGHT, "05:59 in Kolkata", "2026-11-26T00:29:00Z", "1"),
    _at(KOLKATA_NIGHT, "06:00 in Kolkata", "2026-11-26T00:30:00Z", "2"),
]

DATES = [
    # 1,000 × 2 + 500 × 10 = 2,000 + 5,000
    case(
        "the day before it doubles",
        ARGON,
        {"input": 1000, "output": 500},
        "0.007",
        at="2026-11-30",
    ),
    # 1,000 × 4 + 500 × 20 = 4,000 + 10,000
    case(
        "the day on which it doubles",
        ARGON,
        {"input": 1000, "output": 500},
        "0.014",
        at="2026-12-01",
    ),
    _at(ARGON, "the last second before", "2026-11-30T23:59:59Z", "2"),
    _at(ARGON, "midnight UTC said in New York", "2026-11-30T19:00:00-05:00", "4"),
    # 10,000 × 0.1 + 2 × 0.014 × 10^6 = 1,000 + 28,000
    case(
        "cache and search now",
        ARGON,
        {"cache_read": 10_000, "searches": 2},
        "0.029",
    ),
    # 10,000 × 0.2 = 2,000; the search stays at 0.014
    case(
        "cache and search then",
        ARGON,
        {"cache_read": 10_000, "searches": 2},
        "0.03",
        at="2027-06-01",
    ),
    # 0.75 + 3.75
    case(
        "the last day of the year",
        FLASH_36,
        {"input": 1_000_000, "output": 1_000_000},
        "4.5",
        at="2026-12-31",
    ),
    # 1.5 + 7.5
    case(
        "the first day of the next",
        FLASH_36,
        {"input": 1_000_000, "output": 1_000_000},
        "9",
        at="2027-01-01",
    ),
    # 250,000 × 5 / 10^6: the tier is of the past
    case("a tier that ended", OPUS_46, {"input": 250_000}, "1.25"),
    # 250,000 × 10 / 10^6
    case("a tier then", OPUS_46, {"input": 250_000}, "2.5", at="2026-03-12"),
    # 250,000 × 5 / 10^6
    case("the day it ended", OPUS_46, {"input": 250_000}, "1.25", at="2026-03-13"),
    # 200,000 × 5 / 10^6
    case("then, below it", OPUS_46, {"input": 200_000}, "1", at="2026-03-12"),
    # 150,000 × 10 + 50,001 × 1 = 1,500,000 + 50,001
    case(
        "then, above it by cached tokens",
        OPUS_46,
        {"input": 150_000, "cache_read": 50_001},
        "1.550001",
        at="2026-03-12",
    ),
    # 250,001 tokens: 250,000 × 10 = 2,500,000; no 1-hour price above it
    case(
        "then, a write that had no price above it",
        OPUS_46,
        {"input": 250_000, "cache_write_1h": 1},
        None,
        unpriced=("cache_write_1h",),
        subtotal="2.5",
        at="2026-03-12",
    ),
    _at(DEEPSEEK_V4, "first price", "2026-08-16T12:00:00Z", "0.14"),
    _at(DEEPSEEK_V4, "second price", "2026-08-17T12:00:00Z", "0.22"),
    _at(DEEPSEEK_V4, "second price, last second", "2026-09-09T23:59:59Z", "0.22"),
    _at(DEEPSEEK_V4, "third price, off-peak", "2026-09-10T12:00:00Z", "0.15"),
    _at(DEEPSEEK_V4, "third price, peak", "2026-09-10T02:00:00Z", "0.3"),
    # 1,000 × 2 / 10^6: as long as there is no cache price
    case("a cache price to come", ANNOUNCED, {"cache_read": 1000}, "0.002"),
    # 1,000 × 0.2 / 10^6
    case(
        "a cache price that came",
        ANNOUNCED,
        {"cache_read": 1000},
        "0.0002",
        at="2026-12-01",
    ),
]
