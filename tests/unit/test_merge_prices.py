"""Merging prices: rank, majority, tolerance, freshness, zero and quarantine."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from modeldex.catalog.merging.claims import Claims
from modeldex.catalog.merging.merge import Merged, merge

DAYS = {
    "litellm": "2026-11-12",
    "models.dev": "2026-09-30",
    "genai-prices": "2026-11-10",
    "pi-ai": "2026-11-10",
}
FULL_NAMES = {"l": "litellm", "m": "models.dev", "g": "genai-prices", "p": "pi-ai"}


def _merge(
    said: dict[str, dict[str, Any]],
    provider: str = "openai",
    model: str = "m",
    days: dict[str, str] | None = None,
) -> Merged:
    """Merge one model; sources are named by their first letter."""
    dates = DAYS | (days or {})
    return merge(
        [
            Claims(FULL_NAMES[s], dates[FULL_NAMES[s]], {(provider, model): facts})
            for s, facts in said.items()
        ]
    )


def _facts(merged: Merged) -> dict[str, Any]:
    ((_, facts),) = merged.models.items()
    return facts


def _price(said: dict[str, str | int], **where: Any) -> Any:
    """Return the input price that is served when sources say these."""
    claims = {s: {"pricing.input": Decimal(value)} for s, value in said.items()}
    return _facts(_merge(claims, **where)).get("pricing", {}).get("input")


def _reasons(merged: Merged) -> list[tuple[str, str, str]]:
    return [(q.field, q.source, q.reason) for q in merged.report.quarantined]


PRICES = [
    ({"g": 1, "m": 2, "l": 3}, "1"),  # rank
    ({"m": 2, "l": 3, "p": 4}, "2"),
    ({"l": 3, "p": 4}, "3"),
    ({"g": 1, "m": 2, "l": 2}, "2"),  # majority of three
    ({"g": 1, "m": 1, "l": 2, "p": 2}, "1"),  # no majority of four
    ({"g": "1.015", "m": 1, "l": 2}, "1.015"),  # rounding agrees, rank shows
    ({"g": "1.03", "m": 1, "l": "1.001"}, "1"),
    ({"g": 1, "m": 9}, "1"),
    ({"g": 12, "m": 120, "l": 12}, "12"),  # the outlier goes
    ({"g": 1, "m": 10}, None),  # ten times apart, nobody decides
    ({"g": "1.4", "m": "0.6", "l": "0.006"}, None),  # near is not agreed
    ({"g": 1, "m": 2, "p": 2}, "1"),  # a copy is no second vote
    ({"m": 120, "l": 12, "p": 120}, None),
    ({"g": "0.14", "m": "0.01", "l": "0.043"}, None),
    ({"l": 0, "m": 10}, "10"),  # zero against a price
    ({"l": 0}, None),
    ({"l": 2001}, None),  # unit
    ({"l": "0.00009"}, None),
]


@pytest.mark.parametrize(("said", "expected"), PRICES)
def test_which_price_is_served(said: dict[str, Any], expected: str | None) -> None:
    """Rank, majority, tolerance and quarantine decide on one meter."""
    price = _price(said)
    assert price == (None if expected is None else Decimal(expected))


def test_old_sources_lose_their_rank_at_routers() -> None:
    """A router's price of six weeks ago gives way; a dated snapshot's does not."""
    said = {"m": "2", "l": "3"}
    assert _price(said, provider="openrouter") == 3
    assert _price(said, provider="openrouter", model="gpt-4o-2024-08-06") == Decimal(2)
    assert _price(said, provider="openai") == Decimal(2)
    assert _price(said, provider="openai", days={"models.dev": "2026-09-01"}) == 3


def test_an_old_source_still_votes() -> None:
    """Two against one hold, and the number shown is the fresh one's."""
    said = {"g": "1", "m": "2", "p": "2.01"}
    assert _price(said, provider="openrouter") == Decimal("2.01")


def _state(provider: str, model: str, *values: int) -> Any:
    claims = {
        s: {"pricing.input": Decimal(v), "pricing.output": Decimal(v)}
        for s, v in zip("lmp", values, strict=False)
    }
    return _facts(_merge(claims, provider=provider, model=model)).get("pricing")


STATES = [
    ("zai-coding-plan", "glm", (0,), {"state": "included"}),
    ("chatgpt", "gpt", (4,), {"state": "included"}),
    ("github-copilot", "gpt", (4,), {"input": 4, "output": 4}),
    ("github-copilot", "gpt", (0,), {"state": "included"}),
    ("ollama", "llama3", (0,), {"state": "free"}),
    ("ollama", "gpt-oss:120b-cloud", (0,), None),
    ("openrouter", "x/y:free", (0,), {"state": "free"}),
    ("opencode", "big-free", (0,), {"state": "free"}),
    ("kilo", "openrouter/free", (0,), {"state": "free"}),
    ("openrouter", "x/freedom", (0,), None),
    ("openrouter", "openrouter/auto", (0,), {"state": "variable"}),
    ("openrouter", "x/y", (-1,), {"state": "variable"}),
    ("nvidia", "x/y", (0,), None),
]


@pytest.mark.parametrize(("provider", "model", "values", "expected"), STATES)
def test_zero_is_a_price_only_where_it_can_be(
    provider: str, model: str, values: tuple[int, ...], expected: Any
) -> None:
    """Free, included, variable and unknown are four things."""
    assert _state(provider, model, *values) == expected


def test_dropped_zeros_are_counted() -> None:
    """A zero that is no price leaves the meter unknown and a count behind."""
    merged = _merge({"l": {"pricing.input": Decimal(0), "pricing.output": Decimal(0)}})
    assert "pricing" not in _facts(merged)
    assert merged.report.zeros_dropped == len(("input", "output"))
    assert not merged.report.quarantined


def test_an_embedding_answers_for_nothing() -> None:
    """Where only what goes in is billed, an output price of 0 is kept."""
    prices = {"pricing.input": Decimal(1), "pricing.output": Decimal(0)}
    embedding = _facts(_merge({"l": {"mode": "embedding", **prices}}))
    assert embedding["pricing"] == {"input": 1, "output": 0}
    chat = _facts(_merge({"l": {"mode": "chat", **prices}}))
    assert chat["pricing"] == {"input": 1}


def test_quarantine_names_value_and_dissent() -> None:
    """A quarantined value is reported with its reason and what the others say."""
    merged = _merge({"l": {"pricing.output": 0}, "m": {"pricing.output": Decimal(10)}})
    (item,) = merged.report.quarantined
    assert (item.source, item.value, item.reason) == (
        "litellm",
        "0",
        "zero_against_price",
    )
    assert item.others == (("models.dev", "10"),)
    assert _facts(merged)["pricing"] == {"output": 10}


def test_image_tokens_in_the_text_meter_are_a_unit_error() -> None:
    """The price of image tokens given as text's is told by another source's meter."""
    merged = _merge(
        {
            "m": {"pricing.output": Decimal(120)},
            "l": {"pricing.output": Decimal(12), "pricing.output_image": Decimal(120)},
        }
    )
    assert _facts(merged)["pricing"] == {"output": 12, "output_image": 120}
    assert _reasons(merged) == [("pricing.output", "models.dev", "unit")]


def test_a_cache_price_needs_its_base_price() -> None:
    """A cache price of a source whose input price lost is not mixed in."""
    merged = _merge(
        {
            "g": {"pricing.input": Decimal("0.3")},
            "m": {
                "pricing.input": Decimal("0.15"),
                "pricing.cache_read": Decimal("0.01"),
            },
        }
    )
    assert _facts(merged)["pricing"] == {"input": Decimal("0.3")}
    assert _reasons(merged) == [("pricing.cache_read", "models.dev", "other_base")]


Rows = dict[str, tuple[str, str]]  # source -> input and output price


def _pair_claims(rows: Rows) -> dict[str, dict[str, Any]]:
    meters = ("pricing.input", "pricing.output")
    return {
        source: {m: Decimal(v) for m, v in zip(meters, row, strict=True) if v}
        for source, row in rows.items()
    }


def _pair(rows: Rows, **where: Any) -> tuple[str | None, str | None]:
    """Return the input and output price that are served."""
    served = _facts(_merge(_pair_claims(rows), **where)).get("pricing", {})
    one, other = (served.get(meter) for meter in ("input", "output"))
    return one and str(one), other and str(other)


PAIRS: list[tuple[str, Rows, tuple[str | None, str | None]]] = [
    # of one source, the input price decides
    (
        "openrouter",
        {"g": ("0.15", "0.15"), "p": ("0.029", "0.03"), "m": ("0.019", "0.03")},
        ("0.15", "0.15"),
    ),
    ("openai", {"g": ("1", "5"), "m": ("2", "6"), "l": ("2", "7")}, ("2", "6")),
    ("openai", {"g": ("1", ""), "m": ("2", "6")}, ("2", "6")),
    ("openai", {"g": ("1", ""), "m": ("1.01", "6")}, ("1.01", "6")),
    ("openai", {"g": ("1", ""), "m": ("", "6")}, ("1", "6")),
    # an old source has no say against fresh ones, it confirms one
    ("openrouter", {"g": ("0.14", "0.28"), "m": ("0.01", "1.28")}, ("0.14", "0.28")),
    (
        "openrouter",
        {"g": ("0.21", "0.84"), "p": ("0.006", "0.5"), "m": ("0.0198", "0.396")},
        (None, None),
    ),
    (
        "openrouter",
        {"g": ("3", "15"), "p": ("0.192", "16"), "m": ("3", "15")},
        ("3", "15"),
    ),
    # no half of a price
    ("crusoe", {"m": ("0.05", "0.2"), "l": ("0.8", "0.8")}, (None, None)),
    ("crusoe", {"m": ("0.05", "0.2"), "l": ("0.8", "")}, (None, None)),
    ("openai", {"l": ("2001", "2001")}, (None, None)),
    ("openai", {"l": ("", "6000"), "m": ("5", "5000")}, (None, None)),
    # a zero is no price, but does not put the other half in doubt
    ("cohere", {"l": ("2.5", "0"), "m": ("2.5", "10")}, ("2.5", "10")),
    # the unit of an input price far above the output price
    ("openinfer", {"l": ("5", "0.15")}, (None, None)),
    ("openinfer", {"l": ("2.9", "0.15")}, ("2.9", "0.15")),
    ("openinfer", {"l": ("5", "0.15"), "m": ("4", "0.15")}, ("4", "0.15")),
]


@pytest.mark.parametrize(("provider", "rows", "expected"), PAIRS)
def test_input_and_output_price_belong_together(
    provider: str, rows: Rows, expected: tuple[str | None, str | None]
) -> None:
    """Both halves of a price are one source's, or neither is served."""
    assert _pair(rows, provider=provider) == expected


def test_the_held_half_of_a_price_has_the_reason_of_the_other() -> None:
    """The output price beside an input price in doubt is held, its caches too."""
    rows = _pair_claims({"m": ("0.05", "0.2"), "l": ("0.8", "0.8")})
    rows["m"]["pricing.cache_read"] = Decimal("0.01")
    merged = _merge(rows)
    assert "pricing" not in _facts(merged)
    assert _reasons(merged) == [
        ("pricing.cache_read", "models.dev", "other_base"),
        ("pricing.input", "litellm", "10x"),
        ("pricing.input", "models.dev", "10x"),
        ("pricing.output", "litellm", "10x"),
        ("pricing.output", "models.dev", "10x"),
    ]


def test_other_meters_prefer_the_source_of_the_pair() -> None:
    """A meter's price is the pair's source's, but a majority still overrules."""
    rows = _pair_claims({"m": ("1", "2"), "l": ("1", "2.5"), "p": ("1", "2")})
    rows["l"] |= {"pricing.input_audio": Decimal("0.4")}
    rows["p"] |= {"pricing.input_audio": Decimal("0.5")}
    assert _facts(_merge(rows))["pricing"]["input_audio"] == Decimal("0.4")
    rows["m"] |= {"pricing.input_audio": Decimal("0.6")}
    assert _facts(_merge(rows))["pricing"]["input_audio"] == Decimal("0.6")
    rows["m"] |= {"pricing.input_audio": Decimal("0.503")}
    assert _facts(_merge(rows))["pricing"]["input_audio"] == Decimal("0.503")
    rows["p"]["pricing.input_audio"] = Decimal("0.4")
    assert _facts(_merge(rows))["pricing"]["input_audio"] == Decimal("0.4")


def test_an_aggregators_own_list_goes_before_rows_added_by_hand() -> None:
    """At an aggregator pi-ai's price is served before litellm's, else after it."""
    said: dict[str, str | int] = {"l": 3, "p": 4}
    assert _price(said, provider="vercel") == Decimal(4)
    assert _price(said, provider="openai") == Decimal(3)


UNSTATED = [
    ("zai-coding-plan", "glm", {"state": "included"}),
    ("opencode-go", "glm", None),  # a plan with meters
    ("openrouter", "x/y:free", {"state": "free"}),
    ("kilo", "x/free", {"state": "free"}),
    ("orcarouter", "x-free", {"state": "free"}),
    ("mistral", "x:free", None),  # no aggregator
    ("openrouter", "x/freedom", None),
    ("openrouter", "openrouter/auto", {"state": "variable"}),
]


@pytest.mark.parametrize(("provider", "model", "expected"), UNSTATED)
def test_a_state_without_any_price_claim(
    provider: str, model: str, expected: Any
) -> None:
    """A plan includes, and an id says free, what no source has a price of."""
    merged = _merge({"m": {"name": "x"}}, provider=provider, model=model)
    assert _facts(merged).get("pricing") == expected


STATES: list[tuple[dict[str, dict[str, Any]], Any]] = [
    ({"o": {"pricing.state": "variable"}}, {"state": "variable"}),
    (
        {"o": {"pricing.state": "variable"}, "m": {"pricing.input": Decimal(0)}},
        {"state": "variable"},
    ),
    (
        {"o": {"pricing.state": "variable"}, "m": {"pricing.input": Decimal(2)}},
        {"input": Decimal(2)},
    ),
]


@pytest.mark.parametrize(("said", "expected"), STATES)
def test_a_stated_state_holds_where_nobody_has_a_price(
    said: dict[str, dict[str, Any]], expected: dict[str, Any]
) -> None:
    """A router says itself that its price varies; a price of others goes before."""
    names = {"o": "openrouter", **FULL_NAMES}
    merged = merge(
        [
            Claims(names[s], "2026-11-12", {("openrouter", "a/m"): facts})
            for s, facts in said.items()
        ]
    )
    assert _facts(merged)["pricing"] == expected
