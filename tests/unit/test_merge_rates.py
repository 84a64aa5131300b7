"""Merging rates: they follow the served standard price, one source's set at a time."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from catalogs import registry_of
from modeldex.catalog.merging.agreement import Case
from modeldex.catalog.merging.bounds import BOUNDS, has_other_unit
from modeldex.catalog.merging.claims import Claims, Packed
from modeldex.catalog.merging.merge import merge
from modeldex.catalog.merging.prices import merge_prices
from modeldex.catalog.merging.rates import merge_rates
from modeldex.domain.pricing import METER_UNITS, UNITS
from modeldex.usecases.explain import explain

DATES = {
    "litellm": "2026-11-12",
    "models.dev": "2026-09-30",
    "genai-prices": "2026-11-10",
    "pi-ai": "2026-11-10",
}
NAMES = {"l": "litellm", "m": "models.dev", "g": "genai-prices", "p": "pi-ai"}


def _case(said: dict[str, dict[str, str | int]], **where: Any) -> Case:
    """Weigh what sources say of one model: source -> key -> amount."""
    values: dict[str, dict[str, Any]] = {}
    for source, prices in said.items():
        for key, amount in prices.items():
            name = f"rates.{key}" if "@" in key else f"pricing.{key}"
            values.setdefault(name, {})[NAMES[source]] = Decimal(amount)
    place = {"provider": "openai", "model": "m", "kind": "first_party", **where}
    case = Case(**place, said=values, dates=DATES)
    merge_prices(case)
    merge_rates(case)
    return case


def _rates(case: Case) -> dict[str, str]:
    return {key: format(v, "f") for key, v in case.facts.get("rates", {}).items()}


def _held(case: Case) -> dict[str, str]:
    return {q.field.partition(".")[2]: q.reason for q in case.quarantined}


BATCH = "input@service_tier=batch"
OUT = "output@service_tier=batch"
STANDARD = {"input": 2, "output": 8}
HELD = [
    # a tenth and less, or ten times and more, of the standard price
    ({"l": {**STANDARD, BATCH: "0.2"}}, BATCH, "10x"),
    ({"l": {**STANDARD, BATCH: 20}}, BATCH, "10x"),
    ({"l": {**STANDARD, BATCH: "0.21"}}, BATCH, None),
    # two sources state it: no slip of one
    ({"l": {**STANDARD, BATCH: 20}, "m": {**STANDARD, BATCH: 20}}, BATCH, None),
    ({"l": {**STANDARD, BATCH: 0}}, BATCH, "zero_against_price"),
    # its source has another standard price
    ({"g": STANDARD, "l": {**STANDARD, "input": 3, BATCH: 1}}, BATCH, "other_base"),
    ({"g": STANDARD, "l": {**STANDARD, "output": 9, BATCH: 1}}, BATCH, "other_base"),
    ({"g": STANDARD, "l": {"input": "2.02", BATCH: 1}}, BATCH, None),
    # no standard price of its own: plausible, or not
    ({"g": STANDARD, "l": {BATCH: 1}}, BATCH, None),
    ({"g": STANDARD, "l": {BATCH: 100}}, BATCH, "10x"),
    # a price of another unit
    (
        {"l": {**STANDARD, "output_images@size=1x1": 20}},
        "output_images@size=1x1",
        "unit",
    ),
    ({"l": {**STANDARD, "multiplier@region=eu": 10}}, "multiplier@region=eu", "10x"),
    ({"l": {**STANDARD, "multiplier@region=eu": "1.1"}}, "multiplier@region=eu", None),
    ({"l": {**STANDARD, "searches@free=day": 1500}}, "searches@free=day", None),
    ({"l": {**STANDARD, "searches@free=day": 0}}, "searches@free=day", "unit"),
    (
        {"g": {**STANDARD, "input@hours=01:00-02:00": 3}},
        "input@hours=01:00-02:00",
        "dearer_window",
    ),
    # a step of a tier is held against the tier below it
    (
        {"l": {**STANDARD, "input@above=9": 10, "input@above=99": 50}},
        "input@above=99",
        None,
    ),
    (
        {
            "l": {
                **STANDARD,
                "input@above=9": 4,
                "input@service_tier=fast": 12,
                "input@service_tier=fast above=9": 24,
            }
        },
        "input@service_tier=fast above=9",
        None,
    ),
    # what was replaced since may have been anything
    (
        {"g": {**STANDARD, "input@valid_to=2026-01-01": 90}},
        "input@valid_to=2026-01-01",
        None,
    ),
    (
        {"g": {**STANDARD, "input@valid_from=2027-01-01": 90}},
        "input@valid_from=2027-01-01",
        "10x",
    ),
    # sizes are no outliers of each other
    (
        {
            "l": {
                "output_images@quality=low": "0.005",
                "output_images@quality=high": "0.25",
            }
        },
        "output_images@quality=low",
        None,
    ),
]


@pytest.mark.parametrize(("said", "key", "reason"), HELD)
def test_what_is_in_doubt_is_quarantined(
    said: dict[str, Any], key: str, reason: str | None
) -> None:
    """A rate is served, or held for a reason; never both."""
    case = _case(said)
    assert _held(case).get(key) == reason
    assert (key in _rates(case)) is (reason is None)


def test_tiers_are_one_sources() -> None:
    """Thresholds of two sources do not mix; others add to the chosen ones."""
    case = _case(
        {
            "g": {**STANDARD, "input@above=200000": 4},
            "l": {
                **STANDARD,
                "input@above=272000": 4,
                "input@service_tier=batch above=272000": 2,
                "output@above=200000": 12,
                "input@service_tier=batch above=200000": 2,
                BATCH: 1,
            },
        }
    )
    assert _rates(case) == {
        "input@above=200000": "4",
        "output@above=200000": "12",
        "input@service_tier=batch above=200000": "2",
        BATCH: "1",
    }
    assert case.origin["rates.input@above=200000"] == "genai-prices"
    assert case.origin["rates.output@above=200000"] == "litellm"
    assert not case.quarantined


def test_a_table_of_rates_is_one_sources() -> None:
    """The source of a table's first meter gives what it has of the others.

    So it does where the others, one by one, are outvoted.
    """
    case = _case(
        {
            "g": {**STANDARD, OUT: 4},
            "m": {**STANDARD, BATCH: "1.1", OUT: "4.4"},
            "l": {**STANDARD, BATCH: 1, OUT: 4, "cache_read@service_tier=batch": "0.1"},
        }
    )
    assert _rates(case) == {
        BATCH: "1.1",
        OUT: "4.4",
        "cache_read@service_tier=batch": "0.1",
    }


WEEK = "input@hours=12345/01:00-02:00"
DAY = "input@hours=01:00-02:00"


def test_hours_that_know_the_week_go_first() -> None:
    """A set of hours is one source's; one with weekdays says more than one without."""
    both = {"g": {**STANDARD, DAY: 1}, "l": {**STANDARD, WEEK: 1}}
    assert _rates(_case(both)) == {WEEK: "1"}
    daily = {"g": {**STANDARD, DAY: 1}, "l": {**STANDARD, "input@hours=03:00-04:00": 1}}
    assert _rates(_case(daily)) == {DAY: "1"}


def test_undated_tiers_do_not_outlive_dated_ones() -> None:
    """Where a source dates the end of its tiers, others' undated ones are held."""
    case = _case(
        {
            "g": {**STANDARD, "input@valid_to=2026-03-13 above=200000": 4},
            "l": {**STANDARD, "input@above=200000": 4},
        }
    )
    assert _rates(case) == {"input@valid_to=2026-03-13 above=200000": "4"}
    assert _held(case) == {"input@above=200000": "ended"}


def test_rates_do_not_reach_back_to_an_earlier_price() -> None:
    """A rate follows today's standard price: it began when that one did."""
    case = _case(
        {
            "g": {
                **STANDARD,
                "input@valid_to=2025-06-10": 10,
                "input@above=9": 4,
                "input@valid_to=2025-06-10 above=9": 10,
            },
            "l": {**STANDARD, BATCH: 1, OUT: 4, "multiplier@region=eu": "1.1"},
        }
    )
    assert _rates(case) == {
        "input@valid_to=2025-06-10": "10",
        "input@above=9": "4",
        "input@valid_to=2025-06-10 above=9": "10",
        "input@valid_from=2025-06-10 service_tier=batch": "1",
        OUT: "4",
        "multiplier@region=eu": "1.1",
    }


@pytest.mark.parametrize(
    ("day", "undated", "served", "held"),
    [
        ("2026-10-29", 3, None, None),
        ("2026-10-29", 4, None, "undated"),
        ("2027-01-01", 3, Decimal(3), None),
    ],
)
def test_a_price_that_began_has_no_undated_one(
    day: str, undated: int, served: Decimal | None, held: str | None
) -> None:
    """Others' undated claims are of their own day; what begins later ends nothing."""
    key = f"cache_write@valid_from={day}"
    case = _case({"g": {**STANDARD, key: 3}, "l": {**STANDARD, "cache_write": undated}})
    assert _rates(case) == {key: "3"}
    assert case.facts["pricing"].get("cache_write") == served
    assert ("pricing.cache_write" in case.origin) is (served is not None)
    assert _held(case).get("cache_write") == held


def test_a_rate_that_began_is_explained_by_its_undated_claims() -> None:
    """The day on which a rate began is not in the name under which it is claimed."""
    dated = f"input@valid_from=2025-06-10 {BATCH.partition('@')[2]}"
    facts = {"pricing": {"input": Decimal(2)}, "rates": {dated: Decimal(1)}}
    model = registry_of({("openai", "m"): facts}).get_info("openai", "m")
    said = {f"rates.{BATCH}": {"litellm": Decimal(1), "models.dev": Decimal(3)}}
    packed = Packed(DATES, {("openai", "m"): said})
    explained = {row.field: row.others for row in explain(model, packed)}
    assert explained[f"rates.{dated}"] == {"models.dev": Decimal(3)}


def test_undated_claims_do_not_erase_dates() -> None:
    """A dated step stays beside another source's undated price."""
    case = _case({"g": {**STANDARD, "input@valid_from=2026-12-01": 4}, "l": STANDARD})
    assert _rates(case) == {"input@valid_from=2026-12-01": "4"}


FACTORS = [
    # the factor gives the amounts: they are left to it
    ({"input": 4, "output": 16}, {"multiplier"}),
    # it does not, and the amounts price every meter
    ({"input": 5, "output": 16}, {"input", "output"}),
    # it does not, but one meter has no amount
    ({"input": 5}, {"multiplier"}),
]


@pytest.mark.parametrize(("amounts", "served"), FACTORS)
def test_a_factor_and_amounts_are_not_both_served(
    amounts: dict[str, int], served: set[str]
) -> None:
    """Under the same conditions a factor on top of amounts would count twice."""
    fast = {f"{meter}@service_tier=fast": price for meter, price in amounts.items()}
    case = _case(
        {
            "m": {**STANDARD, **fast},
            "l": {**STANDARD, "multiplier@service_tier=fast": 2},
        }
    )
    assert {key.partition("@")[0] for key in _rates(case)} == served


def test_the_dearest_size_is_the_standard_price() -> None:
    """Where only sizes have a price, a cost without one is never too low."""
    case = _case(
        {"l": {"output_images@size=1x1": "0.04", "output_images@size=2x2": "0.08"}}
    )
    assert case.facts["pricing"] == {"output_images": Decimal("0.08")}
    assert case.derived == {"pricing.output_images"}
    assert len(_rates(case)) == 2
    stated = {"output_images": "0.05", "output_images@size=2x2": "0.08"}
    assert _case({"l": stated}).facts["pricing"] == {"output_images": Decimal("0.05")}


def test_sizes_fit_a_standard_price_that_is_among_them() -> None:
    """One source's usual context may be another one's dearest: both say the same."""
    sizes = {"low": "0.005", "medium": "0.008", "high": "0.012"}
    table = {f"requests@search_context={s}": price for s, price in sizes.items()}
    case = _case({"g": {"requests": "0.012"}, "l": {"requests": "0.008", **table}})
    assert case.facts["pricing"] == {"requests": Decimal("0.012")}
    assert _rates(case) == table
    other = _case({"g": {"requests": "0.02"}, "l": {"requests": "0.008", **table}})
    assert set(_held(other).values()) == {"other_base"}


HOURLY = "input_audio_seconds@per=3600"
PER = [("0.00003083", None), ("0.00004", "other_base")]


@pytest.mark.parametrize(("second", "reason"), PER)
def test_a_price_per_hour_must_fit_the_price_per_second(
    second: str, reason: str | None
) -> None:
    """The exact price of an hour stays beside the rounded one of a second."""
    case = _case({"g": {HOURLY: "0.111"}, "l": {"input_audio_seconds": second}})
    assert _held(case).get(HOURLY) == reason
    assert case.facts["pricing"] == {"input_audio_seconds": Decimal(second)}


def test_a_price_state_has_no_rates() -> None:
    """What is free, included or variable keeps no rates; they are counted."""
    case = _case(
        {"l": {"input": 0, "output": 0, BATCH: 1}}, model="m:free", kind="aggregator"
    )
    assert case.facts["pricing"] == {"state": "free"}
    assert "rates" not in case.facts
    assert case.rates_dropped == 1


def test_zeros_beside_zeros_are_dropped_and_counted() -> None:
    """A conditional 0 of a meter without a standard price says nothing."""
    case = _case({"l": {"output": 0, "output@service_tier=batch": 0, "input": 1}})
    assert "output@service_tier=batch" not in _rates(case)
    assert case.zeros_dropped == 2


UNIT_VALUES = [
    ("input", "2001", True),
    ("input", "0.000001", False),
    ("output_images", "0.00012", True),  # the price of a token
    ("output_images", "0.04", False),
    ("input_images", "0.00006", False),
    ("pages", "4", True),  # the price of a thousand
    ("requests", "0.00007", False),
    ("input_audio_seconds", "0.0000075", False),
    ("output_pixels", "0.0013", False),
    ("input_characters", "15", False),
    ("searches", "10", True),
    ("searches", "0", False),
]


@pytest.mark.parametrize(("meter", "value", "expected"), UNIT_VALUES)
def test_every_unit_has_bounds_of_its_own(
    meter: str, value: str, expected: bool
) -> None:
    """An amount beyond its unit's bounds is in another unit."""
    assert has_other_unit(meter, Decimal(value)) is expected


def test_bounds_cover_every_unit() -> None:
    """No unit is without bounds."""
    assert BOUNDS.keys() == UNITS.keys() == set(METER_UNITS.values())


def test_the_report_counts_rates_by_condition_and_source() -> None:
    """Rates are counted by what they are conditional on, not key by key."""
    said = {
        "litellm": {"pricing.input": Decimal(2), f"rates.{BATCH}": Decimal(1)},
        "models.dev": {"pricing.input": Decimal(2), f"rates.{BATCH}": Decimal("1.5")},
    }
    claims = [
        Claims(source, DATES[source], {("openai", "m"): facts}, carried={"k": 2})
        for source, facts in said.items()
    ]
    report = merge(claims).report
    assert report.rates == {("service_tier", "models.dev"): 1}
    assert report.disagreements == {"rates by service_tier": 1}
    assert [source.carried for source in report.sources] == [{"k": 2}, {"k": 2}]


def test_tools_do_not_make_a_router_priced() -> None:
    """A router that bills searches still has a variable price."""
    case = _case(
        {"l": {"input": 0, "searches": "0.01"}}, model="auto", kind="aggregator"
    )
    assert case.facts["pricing"] == {"state": "variable"}
