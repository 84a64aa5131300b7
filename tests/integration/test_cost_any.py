"""Any call: its cost is exact, adds up, and is shown to within half a digit."""

from __future__ import annotations

from decimal import Decimal, localcontext
from functools import cache
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

import tariffs
from catalogs import registry_of
from modeldex import Session, format_cost
from modeldex.domain.billing import Priced, price, price_simply, prompt_tokens
from modeldex.domain.tariff import Asked

if TYPE_CHECKING:
    from modeldex.domain.cost import Cost
    from modeldex.registry import Registry


DAY = "2026-11-25"
FACTS: dict[tuple[str, str], dict[str, Any]] = {
    ("acme", "large"): {"pricing": {"input": Decimal(3), "output": Decimal(15)}},
    ("acme", "small"): {"pricing": {"input": Decimal("0.1"), "output": Decimal("0.4")}},
}


@cache
def registry() -> Registry:
    """Return a registry of two models with round prices."""
    return registry_of(FACTS)


def cost(ref: str, **usage: int) -> Cost:
    """Return what usage costs at one of the models."""
    return registry().cost(ref, usage, at=DAY)


@given(st.decimals(-(10**9), 10**9, places=8))
def test_formatting_rounds_by_no_more_than_half(amount: Decimal) -> None:
    """What is shown is within half of its last digit of the amount."""
    text = format_cost(amount).replace("$", "").replace(",", "")
    digits = len(text.partition(".")[2])
    assert abs(Decimal(text) - amount) <= Decimal(5).scaleb(-digits - 1)


def session_of(*costs: Cost) -> Session:
    """Return a session with some calls."""
    session = Session()
    for one in costs:
        session.add(one)
    return session


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(["large", "small"]), st.integers(0, 10**9))))
def test_breakdowns_add_up_to_the_total(calls: list[tuple[str, int]]) -> None:
    """Nothing is lost or counted twice, at any precision of the program's own."""
    with localcontext() as context:
        context.prec = 3
        session = session_of(*(cost(f"acme/{name}", input=n) for name, n in calls))
        rows = session.model_breakdown().values()
        total = session.total
    prices = {"large": 3_000_000, "small": 100_000}
    with localcontext() as context:
        context.prec = 60
        picos = sum(prices[name] * n for name, n in calls)
        assert total == Decimal(picos).scaleb(-12)
        assert sum((row["total"] for row in rows), Decimal(0)) == total
    assert sum(row["calls"] for row in rows) == len(calls)


AMOUNTS = st.decimals(0, 10_000, places=10).map(lambda d: d + 0)
COUNTS = st.integers(0, 10**12)


@given(AMOUNTS, AMOUNTS, COUNTS, COUNTS, COUNTS)
def test_costs_are_exact_and_add_up(
    taken: Decimal, given_out: Decimal, first: int, second: int, answer: int
) -> None:
    """A cost is linear in usage, exact under any context, and its lines add up."""
    rates = {"input": str(taken), "output": str(given_out)}
    with localcontext() as context:
        context.prec = 3  # a program's own precision does not matter
        whole = tariffs.cost(rates, {"input": first + second, "output": answer})
        parts = [tariffs.cost(rates, {"input": n}) for n in (first, second)]
        parts.append(tariffs.cost(rates, {"output": answer}))
    micro = whole.total.scaleb(6) if whole.total else Decimal(0)
    with localcontext() as context:
        context.prec = 100
        assert sum((p.total for p in parts), Decimal(0)) == whole.total
        assert taken * (first + second) + given_out * answer == whole.total * 10**6
    assert micro >= 0


@settings(deadline=None)
@given(
    st.sampled_from(tariffs.TABLES),
    st.dictionaries(st.sampled_from(("input", "output", "cache_read")), COUNTS),
)
def test_the_short_way_is_the_long_one(
    rates: dict[str, str], usage: dict[str, int]
) -> None:
    """What is priced without choosing costs what the rules make of it."""
    priced = Priced("acme/m", tariffs.tariff(rates), lambda field: field, "d")
    short = price_simply(priced, usage, tariffs.DAY)
    if short is not None:
        assert short == price(priced, usage, Asked(tariffs.DAY, prompt_tokens(usage)))
