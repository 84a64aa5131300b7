"""Layers over one another: what an upper layer's price does to the lower rates."""

from __future__ import annotations

from decimal import Decimal

import pytest

from modeldex.catalog.stack import stack

D = Decimal
FUTURE, PAST = "input@valid_from=2026-12-01", "input@valid_to=2026-03-01"
BATCH, LONG = "input@service_tier=batch", "input@above=200000"
DATED_BATCH = "input@valid_from=2026-12-01 service_tier=batch"
OUTPUT = "output@valid_from=2026-12-01"
LOWER = {
    "pricing": {"input": D(3), "output": D(15)},
    "rates": {
        key: D(n)
        for n, key in enumerate((FUTURE, PAST, BATCH, LONG, DATED_BATCH, OUTPUT), 1)
    },
    "sources": {
        "*": "litellm",
        f"rates.{FUTURE}": "genai-prices",
        f"rates.{BATCH}": "models.dev",
    },
}
KEPT = {BATCH, LONG, DATED_BATCH, OUTPUT}


def test_rates_are_merged_one_by_one():
    """An upper rate replaces its own and adds others; each has its source."""
    facts = stack(LOWER, {"rates": {BATCH: D(9), "input@region=eu": D(8)}}, "user")
    assert facts["rates"] == LOWER["rates"] | {BATCH: D(9), "input@region=eu": D(8)}
    assert facts["pricing"] == LOWER["pricing"]
    assert facts["sources"] == LOWER["sources"] | {
        f"rates.{BATCH}": "user",
        "rates.input@region=eu": "user",
    }


def test_the_upper_sources_name_a_rate():
    """A rate's own entry in `sources` goes before that of all rates."""
    sources = {"rates": "page", f"rates.{BATCH}": "mail", "*": "me"}
    upper = {"rates": {BATCH: D(9), LONG: D(8)}, "sources": sources}
    found = stack(LOWER, upper, "user")["sources"]
    assert (found[f"rates.{BATCH}"], found[f"rates.{LONG}"]) == ("mail", "page")


def test_first_rates_are_the_upper_layers():
    """Where the lower layer has no rates, all are the upper one's."""
    facts = stack({"pricing": {"input": D(1)}}, {"rates": {BATCH: D(9)}}, "user")
    assert facts["rates"] == {BATCH: D(9)}
    assert facts["sources"] == {"rates": "user"}


def test_an_amount_of_ones_own_is_not_replaced_on_a_later_day():
    """Lower dated standard rates of the meter go; those under conditions stay."""
    facts = stack(LOWER, {"pricing": {"input": D("2.5")}}, "user")
    assert facts["rates"].keys() == KEPT
    assert f"rates.{FUTURE}" not in facts["sources"]
    assert facts["sources"][f"rates.{BATCH}"] == "models.dev"


def test_ones_own_dated_rates_stay_beside_ones_own_amount():
    """Only the lower dated rates go."""
    upper = {"pricing": {"input": D("2.5")}, "rates": {FUTURE: D(7)}}
    facts = stack(LOWER, upper, "user")
    assert facts["rates"].keys() == KEPT | {FUTURE}
    assert facts["rates"][FUTURE] == D(7)


@pytest.mark.parametrize("upper", [{"state": "included"}, {"currency": "EUR"}])
def test_a_state_or_other_money_replaces_rates_too(upper):
    """Rates of a price that no longer holds, or of another currency, are gone."""
    facts = stack(LOWER, {"pricing": upper, "rates": {LONG: D(1)}}, "user")
    assert facts["pricing"] == upper
    assert facts["rates"] == {LONG: D(1)}
    assert not any(name.endswith(BATCH) for name in facts["sources"])


def test_the_same_money_replaces_nothing():
    """Naming the currency that the lower price has is no change of it."""
    facts = stack(LOWER, {"pricing": {"currency": "USD"}}, "user")
    assert facts["rates"] == LOWER["rates"]
    assert facts["pricing"] == LOWER["pricing"] | {"currency": "USD"}
