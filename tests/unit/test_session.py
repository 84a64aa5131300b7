"""Costs written for people, and calls added up; ExLLM's figures hold."""

from __future__ import annotations

from decimal import Decimal, localcontext
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

import modeldex
from catalogs import registry_of
from modeldex import Session, compare_costs, format_cost
from modeldex.errors import (
    InvalidInputError,
    InvalidRefError,
    UnknownModelError,
    UnknownProviderError,
)

if TYPE_CHECKING:
    from modeldex.domain.cost import Cost
    from modeldex.registry import Registry

DAY = "2026-11-25"
FACTS: dict[tuple[str, str], dict[str, Any]] = {
    ("acme", "large"): {"pricing": {"input": Decimal(3), "output": Decimal(15)}},
    ("acme", "small"): {"pricing": {"input": Decimal("0.1"), "output": Decimal("0.4")}},
    ("acme", "euro"): {"pricing": {"currency": "EUR", "input": Decimal(2)}},
    ("other", "euro"): {"pricing": {"currency": "EUR", "input": Decimal(1)}},
    ("other", "free"): {"pricing": {"state": "free"}},
    ("other", "unknown"): {},
}


@cache
def registry() -> Registry:
    """Return a registry of a few models with round prices."""
    return registry_of(FACTS)


def cost(ref: str, **usage: int) -> Cost:
    """Return what usage costs at one of the models."""
    return registry().cost(ref, usage, at=DAY)


# --- ExLLM's cases 54 to 56 and 58


def test_exllm_54_gpt_4o() -> None:
    """1,000 in and 500 out cost 0.0025 + 0.005 = 0.0075 USD, 1,500 tokens."""
    session = Session()
    found = session.add(
        modeldex.cost("openai/gpt-4o", {"input": 1000, "output": 500}, at=DAY)
    )
    assert [line.amount for line in found.lines] == [
        Decimal("0.0025"),
        Decimal("0.005"),
    ]
    assert (found.total, found.currency) == (Decimal("0.0075"), "USD")
    assert session.summary()["total_tokens"] == 1500


@pytest.mark.parametrize(
    "ref",
    [
        "anthropic/claude-sonnet-4-5",
        "amazon-bedrock/anthropic.claude-3-5-sonnet-20241022-v2:0",
    ],
)
def test_exllm_55_claude(ref: str) -> None:
    """2,000 in and 1,000 out cost 0.006 + 0.015 = 0.021 at 3 and 15."""
    found = modeldex.cost(ref, {"input": 2000, "output": 1000}, at=DAY)
    assert [line.amount for line in found.lines] == [Decimal("0.006"), Decimal("0.015")]
    assert found.total == Decimal("0.021")


def test_exllm_56_unknown() -> None:
    """An unknown provider or model is an error of its own type, with a code."""
    with pytest.raises(UnknownProviderError) as provider:
        modeldex.cost("unknown/model", {"input": 1})
    with pytest.raises(UnknownModelError) as model:
        modeldex.cost("openai/model", {"input": 1})
    assert (provider.value.code, model.value.code) == (
        "unknown_provider",
        "unknown_model",
    )


EXLLM_58 = [
    ("0.005", "$0.005000"),
    ("0.0035", "$0.003500"),
    ("0.000324", "$0.000324"),
    ("0.0235", "$0.0235"),
    ("0.5", "$0.5000"),
    ("1.5", "$1.50"),
    ("25.99", "$25.99"),
    ("1234.56", "$1,234.56"),
]


@pytest.mark.parametrize(("amount", "text"), EXLLM_58)
def test_exllm_58_format(amount: str, text: str) -> None:
    """The documented examples, of a Decimal and of a float."""
    assert format_cost(Decimal(amount)) == text
    assert format_cost(float(amount)) == text
    assert format_cost(Decimal("0.1234"), precision=3) == "$0.123"


# --- format_cost

FORMATS: list[tuple[str, dict[str, Any], str]] = [
    # half rounds up, at every number of digits
    ("0.0000005", {}, "$0.000001"),
    ("0.00000049", {}, "$0.000000"),
    ("0.00995", {}, "$0.009950"),
    ("0.01", {}, "$0.0100"),
    ("0.01235", {}, "$0.0124"),  # 0.01235 to four digits
    ("0.99995", {}, "$1.0000"),
    ("1.005", {}, "$1.01"),
    ("2.675", {}, "$2.68"),
    ("99.995", {}, "$100.00"),
    ("1234567.895", {}, "$1,234,567.90"),
    ("0", {}, "$0.000000"),
    # the sign goes before the currency; what rounds to zero has none
    ("-0.0235", {}, "-$0.0235"),
    ("-1234.565", {}, "-$1,234.57"),
    ("-0.0000001", {}, "$0.000000"),
    # detailed groups from 1 on, with the same digits
    ("1234.5", {"style": "detailed"}, "$1,234.50"),
    ("0.005", {"style": "detailed"}, "$0.005000"),
    # compact has no sign of the currency
    ("0.005", {"style": "compact"}, "0.0050"),
    ("0.5", {"style": "compact"}, "0.500"),
    ("12.34", {"style": "compact"}, "12.3"),
    ("999.94", {"style": "compact"}, "999.9"),
    ("1200", {"style": "compact"}, "1.2K"),
    ("1250", {"style": "compact"}, "1.3K"),
    ("1249.99", {"style": "compact"}, "1.2K"),
    ("999950", {"style": "compact"}, "1.0M"),
    ("999.95", {"style": "compact"}, "1.0K"),
    ("1234567", {"style": "compact"}, "1.2M"),
    ("-1200", {"style": "compact"}, "-1.2K"),
    # precision
    ("0.1235", {"precision": 3}, "$0.124"),
    ("2.5", {"precision": 0}, "$3"),
    ("1234.5", {"precision": 1}, "$1,234.5"),
    ("0.000001", {"precision": 10}, "$0.0000010000"),
    # currencies
    ("1.5", {"currency": "EUR"}, "€1.50"),
    ("1.5", {"currency": "CNY"}, "CN¥1.50"),
    ("1.5", {"currency": "CHF"}, "CHF 1.50"),
    ("-1.5", {"currency": "CHF"}, "-CHF 1.50"),
]


@pytest.mark.parametrize(("amount", "options", "text"), FORMATS)
def test_format_cost(amount: str, options: dict[str, Any], text: str) -> None:
    """Half rounds up whatever the program's own decimal context says."""
    with localcontext() as context:
        context.prec = 3
        assert format_cost(Decimal(amount), **options) == text


@pytest.mark.parametrize(
    ("amount", "options", "message"),
    [
        (1, {"style": "short"}, "'short' is no style; write auto, detailed, compact"),
        (1, {"precision": 51}, "0 to 50 digits"),
        (1, {"precision": -1}, "0 to 50 digits"),
        (float("nan"), {}, "no amount of money"),
        (Decimal("Infinity"), {"style": "compact"}, "no amount of money"),
        ("abc", {}, "'abc' is no amount of money"),
        (True, {}, "a number, not a bool"),
        ([1], {}, "a number, not a list"),
        (Decimal("1e300"), {}, "1E.300 is no amount of money"),
        (10**400, {}, "no amount of money"),
        (1, {"precision": 2.5}, "precision 2.5 is not 0 to 50 digits"),
        (1, {"precision": "2"}, "precision 2 is not 0 to 50 digits"),
    ],
)
def test_what_is_no_amount_is_refused(
    amount: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        format_cost(amount, **options)


def test_a_cost_is_formatted_in_its_own_currency() -> None:
    """An unknown total is said to be so, with what is priced as a lower bound."""
    assert format_cost(cost("acme/large", input=1000)) == "$0.003000"
    assert format_cost(cost("acme/euro", input=1_000_000)) == "€2.00"
    lacking = cost("acme/euro", input=1_000_000, output=1)
    assert format_cost(lacking) == "unknown (at least €2.00)"
    assert format_cost(lacking, precision=1) == "unknown (at least €2.0)"
    assert format_cost(cost("other/unknown", input=1)) == "unknown (at least $0.000000)"
    assert format_cost(None) == "unknown"


# --- Session


def session_of(*costs: Cost) -> Session:
    """Return a session with some calls."""
    session = Session()
    for one in costs:
        assert session.add(one) is one
    return session


def test_an_empty_session_costs_nothing() -> None:
    """No calls: zero calls and tokens, a total of 0."""
    session = Session()
    assert session.total == 0
    assert session.summary() == {
        "calls": 0,
        "incomplete": 0,
        "input_tokens": 0,
        "output_tokens": 0,
        "total_tokens": 0,
        "currencies": {},
        "models": {},
        "providers": {},
    }
    assert session.format_summary() == "0 calls, 0 tokens (0 in, 0 out)"


def test_calls_add_up_by_model_and_provider() -> None:
    """Totals, averages and costs per 1,000 tokens, the dearest first."""
    session = session_of(
        cost("acme/small", input=10_000, output=10_000),  # 0.001 + 0.004 = 0.005
        cost("acme/large", input=1000, output=500),  # 0.003 + 0.0075 = 0.0105
        cost("acme/large", input=1000, cache_read=500, reasoning=500),  # + 0.0015
        cost("other/free", input=100, output=100),
    )
    assert session.total == Decimal("0.0275")  # 0.005 + 0.0105 + 0.012
    summary = session.summary()
    # 10,000 + 1,000 + 1,500 + 100 in; 10,000 + 500 + 500 + 100 out
    assert (summary["input_tokens"], summary["output_tokens"]) == (12_600, 11_100)
    assert summary["total_tokens"] == 23_700
    models = session.model_breakdown()
    assert list(models) == ["acme/large", "acme/small", "other/free"]
    large = models["acme/large"]
    assert (large["calls"], large["total"]) == (2, Decimal("0.0225"))
    assert large["average"] == Decimal("0.01125")
    assert large["total_tokens"] == 3500
    # 0.0225 / 3.5 = 0.0064285714…
    assert large["per_1k_tokens"] == Decimal("0.006428571428571428571428571429")
    assert (models["other/free"]["total"], models["other/free"]["average"]) == (0, 0)
    providers = session.provider_breakdown()
    assert list(providers) == ["acme", "other"]
    assert providers["acme"]["total"] == Decimal("0.0275")
    assert summary["currencies"]["USD"]["total"] == Decimal("0.0275")
    assert session.format_summary().splitlines() == [
        "4 calls, 23,700 tokens (12,600 in, 11,100 out)",
        "USD: $0.0275",
        "  acme/large: $0.0225, 2 calls",
        "  acme/small: $0.005000, 1 call",
        "  other/free: $0.000000, 1 call",
    ]


def test_a_call_that_is_not_wholly_priced_leaves_no_total() -> None:
    """It is counted as incomplete; what is priced is a lower bound, said to be one."""
    session = session_of(
        cost("acme/large", input=1000), cost("acme/large", input=1000, input_audio=5)
    )
    assert session.total is None
    row = session.model_breakdown()["acme/large"]
    assert (row["calls"], row["incomplete"], row["total"]) == (2, 1, None)
    assert (row["average"], row["per_1k_tokens"]) == (None, None)
    assert row["subtotal"] == Decimal("0.006")
    assert session.summary()["incomplete"] == 1
    assert session.format_summary().splitlines()[1:] == [
        "USD: at least $0.006000; 1 call not wholly priced",
        "  acme/large: at least $0.006000, 2 calls",
    ]


def test_currencies_are_kept_apart() -> None:
    """Euros and dollars have no sum, in no breakdown and under no sign."""
    session = session_of(
        cost("acme/large", input=1_000_000),
        cost("acme/euro", input=1_000_000),
        cost("other/euro", input=1_000_000),
    )
    with pytest.raises(InvalidInputError, match="EUR, USD have no one total"):
        _ = session.total
    totals = {name: row["total"] for name, row in session.provider_breakdown().items()}
    assert totals == {"acme (USD)": 3, "acme (EUR)": 2, "other": 1}
    by_currency = session.summary()["currencies"]
    assert {name: row["total"] for name, row in by_currency.items()} == {
        "EUR": 3,
        "USD": 3,
    }
    assert session.format_summary().splitlines()[1:] == [
        "EUR: €3.00",
        "USD: $3.00",
        "  acme/large: $3.00, 1 call",
        "  acme/euro: €2.00, 1 call",
        "  other/euro: €1.00, 1 call",
    ]


def test_citations_are_neither_prompt_nor_answer() -> None:
    """They count among all tokens alone, as a usage counts them."""
    facts = {("acme", "c"): {"pricing": {"citation": Decimal(2), "input": Decimal(1)}}}
    session = session_of(registry_of(facts).cost("acme/c", {"input": 5, "citation": 7}))
    summary = session.summary()
    assert (summary["input_tokens"], summary["output_tokens"]) == (5, 0)
    assert summary["total_tokens"] == 12


@pytest.mark.parametrize("refs", ["acme/small", None])
def test_costs_are_compared_of_a_list(refs: Any) -> None:
    """One ref in place of a list is not taken for a list of letters."""
    with pytest.raises(InvalidInputError, match="a list of refs is wanted"):
        registry().compare_costs({"input": 1}, refs)


@pytest.mark.parametrize("named", [(), ("acme",), ("acme", "small", "x")])
def test_a_tuple_names_provider_and_model(named: Any) -> None:
    with pytest.raises(InvalidRefError, match="names provider and model"):
        registry().cost(named, {"input": 1})


def test_costs_are_compared_within_a_currency() -> None:
    """Cheapest first; other currencies, then what is not priced, stand behind."""
    refs = ["other/unknown", "acme/euro", "acme/large", "other/euro", "acme/small"]
    found = registry().compare_costs({"input": 1000}, refs, at=DAY)
    assert [one.ref for one in found] == [
        "acme/small",
        "acme/large",
        "other/euro",
        "acme/euro",
        "other/unknown",
    ]
    pair = compare_costs({"input": 1}, ["openai/gpt-4o", "openai/gpt-4o-mini"])
    assert [one.ref for one in pair] == ["openai/gpt-4o-mini", "openai/gpt-4o"]
