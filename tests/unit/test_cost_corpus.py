"""The hand-worked corpus: every cost exact, to the last digit."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from catalogs import registry_of
from golden import (
    costs_caches,
    costs_contracts,
    costs_media,
    costs_regions,
    costs_responses,
    costs_states,
    costs_tiers,
    costs_times,
    costs_tokens,
    costs_tools,
)
from modeldex.catalog.authoring.load import load_text
from modeldex.domain.usage import read_usage

if TYPE_CHECKING:
    from decimal import Decimal

    from golden.costs import Case
    from modeldex.registry import Registry

CASES: list[Case] = [
    *costs_tokens.CONTEXT_TIERS,
    *costs_tiers.TIERS_BY_SERVICE,
    *costs_caches.CACHES,
    *costs_regions.REGIONS,
    *costs_states.ENDS_OF_THE_SCALE,
    *costs_states.STATES,
    *costs_media.AUDIO,
    *costs_media.IMAGES,
    *costs_media.VIDEO_AND_DOCUMENTS,
    *costs_tools.REQUESTS_AND_TOOLS,
    *costs_tools.FREE_QUANTITIES,
    *costs_times.HOURS,
    *costs_times.DATES,
    *costs_contracts.CONTRACTS,
    *costs_responses.RESPONSES,
]
PROMISED = 130


def name_of(case: Case) -> str:
    """Return a case's name for the report."""
    return f"{case.prices.model}-{case.name}"


@cache
def registry() -> Registry:
    """Return a registry over the models of all cases, read as a provider's file."""
    prices = {case.prices.model: case.prices for case in CASES}
    text = "provider: acme\nmodels:\n" + "".join(p.yaml for p in prices.values())
    layer = load_text(text.encode(), "acme.yaml")
    assert [str(finding) for finding in layer.findings] == []
    return registry_of({("acme", model): layer.models[model] for model in prices})


def cost_of(case: Case) -> Any:
    """Ask what a case costs."""
    if case.whole_response:
        return registry().cost_of_response(case.usage, "acme", **case.asked)
    return registry().cost(f"acme/{case.prices.model}", case.usage, **case.asked)


def shown(amount: Decimal | None) -> str:
    """Write an amount with all of its digits."""
    return "?" if amount is None else f"{amount:f}"


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_cost_is_that_worked_by_hand(case: Case) -> None:
    """Total, lines, list total and what is unpriced are those of the corpus."""
    found = cost_of(case)
    total = "?" if case.total is None else case.total
    assert (shown(found.total), found.unpriced) == (total, case.unpriced)
    assert found.complete is (case.total is not None)
    listed = total if case.list_total == "as the total" else case.list_total or "?"
    assert shown(found.list_total) == listed
    assert shown(found.subtotal) == (case.subtotal or case.total or "0")
    assert found.currency == case.currency
    assert (case.note in " ".join(found.notes)) is True
    if case.lines is not None:
        lines = " ".join(f"{line.meter}={shown(line.amount)}" for line in found.lines)
        assert lines == case.lines


MILLIONTHS = ("input", "output", "cache", "reasoning", "citation")
PLAIN = [
    case
    for case in CASES
    if isinstance(case.usage, dict)
    and case.asked.keys() == {"at"}
    and not case.prices.rates
    and case.prices.pricing.startswith("{")
    and case.total is not None
    and set(case.usage) <= set(yaml.safe_load(case.prices.pricing))
    and ("requests" in case.usage or "requests" not in case.prices.pricing)
]


@pytest.mark.parametrize("case", PLAIN, ids=name_of)
def test_plain_costs_are_those_of_fractions(case: Case) -> None:
    """An oracle that shares nothing with the code finds the same sums."""
    amounts = yaml.load(case.prices.pricing, yaml.BaseLoader)
    total = Fraction(0)
    for meter, quantity in case.usage.items():
        by_million = meter.startswith(MILLIONTHS) and not meter.endswith(
            ("seconds", "images")
        )
        amount = Fraction(amounts[meter]) * Fraction(str(quantity))
        total += amount / 1_000_000 if by_million else amount
    assert total == Fraction(str(case.total))


def test_lines_are_products_and_totals_sums() -> None:
    """Each amount is quantity times rate times factors, in exact fractions."""
    for case in CASES:
        found = cost_of(case)
        for line in found.lines:
            if line.rate is None or line.amount is None or "% off" in line.why:
                continue
            per_unit = Fraction(line.rate.amount) / line.rate.per
            product = Fraction(line.quantity) * per_unit
            product *= Fraction(1 if line.factor is None else line.factor)
            off = abs(Fraction(line.amount) - product)
            assert off < Fraction(1, 10**45), name_of(case)
        known = [line.amount for line in found.lines if line.amount is not None]
        assert sum(map(Fraction, known)) == Fraction(found.subtotal), name_of(case)


def test_every_unit_is_on_one_line() -> None:
    """The lines of a meter hold its units, billed and free, once each."""
    for case in CASES:
        used = read_usage(case.usage).quantities
        counts = dict.fromkeys(used, Fraction(0))
        for line in cost_of(case).lines:
            counts.setdefault(line.meter, Fraction(0))
            counts[line.meter] += Fraction(line.quantity)
        implied = {} if "requests" in used else {"requests": counts.pop("requests", 0)}
        assert implied.get("requests", 0) in (0, 1), name_of(case)
        wanted = {meter: Fraction(quantity) for meter, quantity in used.items()}
        assert counts == wanted, name_of(case)


def test_the_corpus_is_as_large_as_promised() -> None:
    """Every case has a name of its own, and every model one set of prices."""
    names = [name_of(case) for case in CASES]
    assert len(set(names)) == len(names) >= PROMISED
    by_model = {(case.prices.model, id(case.prices)) for case in CASES}
    assert len(by_model) == len({model for model, _ in by_model})
    assert len(PLAIN) >= 20
