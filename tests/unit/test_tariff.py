"""Which rate prices a call, and what a call costs at it: the rules one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from typing import Any

import pytest

from modeldex.domain.billing import Priced, price_simply
from modeldex.domain.moment import Hours, read_moment
from modeldex.domain.pricing import grouped, rate_key, split_key
from modeldex.errors import InvalidInputError, InvalidUsageError
from modeldex.usecases.cost import cost_of, read_used
from tariffs import BASE, CONTRACT, DATED, DAY, IMAGES, NIGHT, TIERED, cost, tariff

CASES = [
    # rates, usage, conditions, total, unpriced meters
    (BASE, {"input": 1000, "output": 500}, {}, "0.0105", ()),
    (BASE, {"input": 1000, "reasoning": 500}, {}, "0.0105", ()),
    (BASE, {"input_image": 1000}, {}, "0.003", ()),
    (BASE, {"input_audio": 1000}, {}, None, ("input_audio",)),
    (BASE, {"cache_write_1h": 1000}, {}, None, ("cache_write_1h",)),
    ({"input": "3"}, {"cache_read": 1000}, {}, "0.003", ()),
    ({"input": "3"}, {"input": 1000, "output": 1}, {}, None, ("output",)),
    ({}, {"input": 1}, {"state": "unknown"}, None, ("input",)),
    ({}, {"input": 1}, {"state": "variable"}, None, ("input",)),
    ({}, {"input": 9, "output": 9}, {"state": "free"}, "0", ()),
    ({}, {"input": 9, "searches": 1}, {"state": "free"}, None, ("searches",)),
    ({}, {"input": 9}, {"state": "included"}, "0", ()),
]


@pytest.mark.parametrize(("rates", "usage", "asked", "total", "unpriced"), CASES)
def test_a_meter_is_priced_by_its_own_rate_or_a_stand_in(
    rates: dict[str, str],
    usage: dict[str, int],
    asked: dict[str, Any],
    total: str | None,
    unpriced: tuple[str, ...],
) -> None:
    """What has no rate is named, and the total unknown: never zero, never less."""
    found = cost(rates, usage, **asked)
    assert found.total == (None if total is None else Decimal(total))
    assert found.unpriced == unpriced
    assert found.complete is (total is not None)


ENDED = [("2026-03-12", "0.012"), ("2026-03-13", "0.006")]


@pytest.mark.parametrize(("day", "total"), ENDED)
def test_a_context_tier_ends_on_its_day(day: str, total: str) -> None:
    """From the day on which a tier ends, a large prompt costs the standard price."""
    rates = {"input": "3", "input@valid_to=2026-03-13 above=1000": "6"}
    assert cost(rates, {"input": 2000}, at=day).total == Decimal(total)


CHOICES = [
    # usage, conditions, total: None where it would be a guess
    ({"input": 200_000}, {}, "0.6"),
    ({"input": 200_001}, {}, "1.200006"),
    ({"input": 1, "output": 1}, {}, "0.000018"),
    ({"input": 150_000, "cache_read": 50_001}, {}, None),  # no cache price above
    ({"input": 200_001, "output": 10}, {}, "1.200231"),
    ({"input": 1000, "output": 1000}, {"service_tier": "batch"}, "0.009"),
    ({"input": 1000}, {"service_tier": "standard"}, "0.003"),
    ({"input": 1000}, {"service_tier": "default"}, "0.003"),
    ({"input": 1000}, {"service_tier": "flex"}, None),
    ({"cache_read": 1000}, {"service_tier": "batch"}, None),
    ({"input": 200_001}, {"service_tier": "batch"}, "0.600003"),
    ({"input": 200_001, "output": 1}, {"service_tier": "batch"}, None),
    ({"input": 1000}, {"region": "eu"}, "0.0033"),
    ({"input": 1000, "output": 1000}, {"region": "eu"}, "0.0183"),
    ({"input": 200_001}, {"region": "eu"}, None),
    ({"input": 1000}, {"region": "eu", "service_tier": "batch"}, None),
    ({"input": 1000}, {"region": "apac"}, "0.003"),
    ({"input": 1000, "output": 1000}, {"region": "us"}, "0.0198"),
    ({"input": 1000}, {"service_tier": "fast"}, "0.006"),
    ({"input": 1000}, {"service_tier": "fast", "region": "us"}, "0.0066"),
    ({"input": 200_001}, {"service_tier": "fast"}, "2.400012"),
]


VERTEX = {"input": "2", "multiplier@region=regional": "1.1"}


@pytest.mark.parametrize(
    ("region", "total"),
    [(None, "2"), ("global", "2"), ("us-central1", "2.2"), ("regional", "2.2")],
)
def test_every_region_but_global_is_regional(region: str | None, total: str) -> None:
    """A region that is not listed by name costs what `regional` costs."""
    found = cost(VERTEX, {"input": 1_000_000}, region=region)
    assert found.total == Decimal(total)


@pytest.mark.parametrize(("usage", "asked", "total"), CHOICES)
def test_a_call_is_priced_under_its_conditions(
    usage: dict[str, int], asked: dict[str, str], total: str | None
) -> None:
    """Tier, region and size of prompt choose the rate; what is not listed has none."""
    found = cost(TIERED, usage, **asked)
    assert found.total == (None if total is None else Decimal(total))


def test_a_line_says_which_rate_and_why() -> None:
    """Every line names its rate, its source, and why it is that one."""
    found = cost(TIERED, {"input": 200_001, "reasoning": 7}, region="us")
    first, second = found.lines
    assert (first.meter, first.rate.amount, first.rate.per) == ("input", 6, 10**6)
    assert first.source == "rates.input@above=200000"
    assert first.why == "above=200000, times 1.1"
    assert second.why.startswith("above=200000, billed as output: no price of its own")
    unpriced = cost(TIERED, {"input": 1}, service_tier="flex").lines[0]
    said = "no price of input is listed for service tier flex (listed: batch)"
    assert unpriced.why == said
    assert unpriced.as_dict()["amount"] is None


@pytest.mark.parametrize(
    ("day", "amount"),
    [
        ("2025-12-31", "5"),
        ("2026-01-01", "2"),
        ("2026-11-30", "2"),
        ("2026-12-01", "4"),
        ("2027-01-15", "1"),
        ("2027-02-01", "4"),
    ],
)
def test_the_rate_in_force_is_that_of_the_day(day: str, amount: str) -> None:
    """A dated rate goes before an undated one; the one that began last wins."""
    million = {"input": 1_000_000}
    assert cost(DATED, million, at=day).total == Decimal(amount)
    assert cost(DATED, million, at=date.fromisoformat(day)).total == Decimal(amount)
    assert cost(DATED, million, at=f"{day}T23:59:59+00:00").total == Decimal(amount)


def test_a_day_is_one_of_utc() -> None:
    """A time in another zone is priced on its UTC day."""
    late = "2026-11-30T23:30:00-05:00"  # 2026-12-01 in UTC
    assert cost(DATED, {"input": 1_000_000}, at=late).total == 4


@pytest.mark.parametrize(
    ("at", "amount"),
    [
        ("2026-11-25T00:59:59+00:00", "0.15"),
        ("2026-11-25T01:00:00+00:00", "0.3"),
        ("2026-11-25T09:59:59Z", "0.3"),
        ("2026-11-25T18:00:00+08:00", "0.15"),
        ("2026-11-25T23:59:00Z", "0.15"),
        ("2026-11-25", "0.3"),  # no time of day: the discount stays a condition
    ],
)
def test_a_cheaper_hour_needs_the_time(at: str, amount: str) -> None:
    """Within the hours the cheaper rate holds; without a time the standard one."""
    assert cost(NIGHT, {"input": 1_000_000}, at=at).total == Decimal(amount)


HOURS = [
    ("22:00-06:00", "2026-11-24T23:00", True),  # Tuesday
    ("22:00-06:00", "2026-11-25T05:59", True),
    ("22:00-06:00", "2026-11-25T06:00", False),
    ("5/22:00-06:00", "2026-11-28T05:00", True),  # Saturday: began on Friday
    ("5/22:00-06:00", "2026-11-27T05:00", False),  # Friday: began on Thursday
    ("67/00:00-00:00", "2026-11-29T12:00", True),
    ("67/00:00-24:00", "2026-11-27T12:00", False),
    ("1/00:00-12:00", "2026-11-30T00:00", True),
    ("7/22:00-06:00", "2026-11-30T03:00", True),  # Monday: began on Sunday
]


@pytest.mark.parametrize(("hours", "time", "holds"), HOURS)
def test_hours_of_weekdays(hours: str, time: str, *, holds: bool) -> None:
    """A stretch over midnight belongs to the day on which it began."""
    moment = datetime.fromisoformat(time).replace(tzinfo=UTC)
    assert Hours(hours).hold_at(moment) is holds


def test_weekdays_may_be_those_of_another_zone() -> None:
    """Friday 20:00 UTC is Saturday in Shanghai."""
    friday = datetime(2026, 11, 27, 20, tzinfo=UTC)
    assert Hours("6/00:00-00:00", "UTC", "Asia/Shanghai").hold_at(friday)
    assert not Hours("6/00:00-00:00").hold_at(friday)
    assert Hours("04:00-05:00", "Asia/Shanghai").hold_at(friday)


@pytest.mark.parametrize("text", ["", "1-2", "25:00-26:00", "8/01:00-02:00", "1:00-2"])
def test_bad_hours_are_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match=r"write 00:30-16:30|no stretch"):
        Hours(text)
    assert Hours("00:00-01:00").parts == (("1234567", 0, 60),)


@pytest.mark.parametrize(
    "at",
    [
        "2026-13-01",
        "yesterday",
        "2026-11-25T10:00",
        datetime(2026, 1, 1),  # noqa: DTZ001
        5,
        "0001-01-01T00:00:00+14:00",  # before the first day in UTC
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_a_time_is_whole_or_refused(at: object) -> None:
    """A time without a zone, and what is no time, are refused."""
    with pytest.raises(InvalidInputError):
        read_moment(at)


def test_marginal_units_have_rates_of_their_own() -> None:
    """Beyond a count the next units cost otherwise; the first ones do not."""
    rates = {"input": "2", "input@beyond=1000": "1", "input@beyond=5000": "0.5"}
    found = cost(rates, {"input": 6000})
    assert [line.quantity for line in found.lines] == [1000, 4000, 1000]
    assert found.total == Decimal("0.0065")  # (1000*2 + 4000*1 + 1000*0.5) / 10^6
    assert cost(rates, {"input": 1000}).total == Decimal("0.002")


@pytest.mark.parametrize(
    ("rates", "at", "total"),
    [
        # a night's price of the first units leaves the price of those beyond:
        # (1000*1 + 1000*4) / 10^6, by day (1000*2 + 1000*4) / 10^6
        ({"input@hours=00:00-08:00": "1"}, "2026-11-25T01:00:00Z", "0.005"),
        ({"input@hours=00:00-08:00": "1"}, "2026-11-25T09:00:00Z", "0.006"),
        # and the other way: (1000*2 + 1000*3) / 10^6
        (
            {"input@beyond=1000 hours=00:00-08:00": "3"},
            "2026-11-25T01:00:00Z",
            "0.005",
        ),
    ],
)
def test_hours_and_marginal_units_are_chosen_apart(
    rates: dict[str, str], at: str, total: str
) -> None:
    """The hour decides about each step of a marginal price by itself."""
    rates = {"input": "2", "input@beyond=1000": "4", **rates}
    assert cost(rates, {"input": 2000}, at=at).total == Decimal(total)


def test_steps_without_a_first_one_are_not_a_matter_of_the_hour() -> None:
    found = cost({"input@beyond=1000": "1"}, {"input": 1})
    assert found.lines[0].why == "no price of input is listed as standard"


def test_a_free_quantity_is_taken_off_when_its_use_is_known() -> None:
    """Without knowing what the period has used, every unit is billed, and said so."""
    rates = {"searches": "0.035", "searches@free=day pool=g": "1500"}
    assert cost(rates, {"searches": 10}).total == Decimal("0.35")
    assert "1500 searches a day are free" in cost(rates, {"searches": 10}).notes[0]
    used = cost(rates, {"searches": 10}, used={"searches": 1494})
    assert [line.quantity for line in used.lines] == [6, 4]
    assert used.total == Decimal("0.14")
    assert cost(rates, {"searches": 3}, used={"searches": 0}).total == 0
    assert cost(rates, {"searches": 1}, used={"searches": 9999}).total == Decimal(
        "0.035"
    )


@pytest.mark.parametrize(
    ("asked", "total"),
    [
        ({}, "0.04"),
        ({"size": "1024x1792"}, "0.08"),
        ({"size": "1024x1024", "quality": "hd"}, "0.08"),
        ({"size": "512x512"}, None),
        ({"size": "1024x1792", "quality": "hd"}, None),
        ({"quality": "standard"}, "0.04"),
    ],
)
def test_size_and_quality_choose(asked: dict[str, str], total: str | None) -> None:
    """A size that is not listed has no price, whatever the standard one is."""
    found = cost(IMAGES, {"output_images": 1}, **asked)
    assert found.total == (None if total is None else Decimal(total))


def test_a_contract_goes_before_the_list() -> None:
    """Its own amounts hold first, else its discount; both totals are kept."""
    found = cost(CONTRACT, {"input": 1000, "output": 1000})
    assert found.total == Decimal("0.0155")  # 0.002 + 0.015 * 0.9
    assert found.list_total == Decimal("0.018")
    assert found.lines[1].why == "standard; contract: 10 % off the list"
    assert cost(CONTRACT, {"output": 1000}, at="2025-12-31").total == Decimal("0.015")
    assert cost(CONTRACT, {"input": 1000}, contract=False).total == Decimal("0.003")
    # above 200,000 tokens the contract names no amount: the list's, less 10 %
    assert cost(CONTRACT, {"input": 200_001}).total == Decimal("1.0800054")


@pytest.mark.parametrize(
    ("rates", "conditions", "total"),
    [
        # 1.5 less 20 %: the days of the other discount make it no more particular
        (
            {
                "percent_off@contract=yes service_tier=batch": "20",
                "percent_off@contract=yes valid_from=2026-01-01 valid_to=2027-01-01": (
                    "10"
                ),
            },
            {"service_tier": "batch"},
            "1.2",
        ),
        # of two alike the smaller one: 1.5 less 5 %
        (
            {
                "percent_off@contract=yes service_tier=batch": "20",
                "percent_off@contract=yes region=eu": "5",
            },
            {"service_tier": "batch", "region": "eu"},
            "1.425",
        ),
        # the contract names the region, of which the list says that it is regional
        (
            {
                "multiplier@region=regional": "1.1",
                "input@contract=yes region=europe-west1": "2",
            },
            {"region": "europe-west1"},
            "2",
        ),
        # 3 * 1.1 less 50 %
        (
            {
                "multiplier@region=regional": "1.1",
                "percent_off@contract=yes region=europe-west1": "50",
            },
            {"region": "europe-west1"},
            "1.65",
        ),
        # 3 * 1.1: another region than the contract's
        (
            {
                "multiplier@region=regional": "1.1",
                "input@contract=yes region=europe-west1": "2",
            },
            {"region": "us-east1"},
            "3.3",
        ),
    ],
)
def test_a_contract_is_for_what_its_conditions_name(
    rates: dict[str, str], conditions: dict[str, str], total: str
) -> None:
    """The most particular price holds, in the region as the contract names it."""
    listed = {"input": "3", "input@service_tier=batch": "1.5"}
    found = cost({**listed, **rates}, {"input": 1_000_000}, **conditions)
    assert found.total == Decimal(total)


OWN_AMOUNTS = {
    **BASE,
    "multiplier@region=us": "1.1",
    "input@region=us": "3.2",
    "multiplier@service_tier=fast": "2",
    "output@service_tier=fast": "40",
}


@pytest.mark.parametrize(
    ("meter", "conditions", "total"),
    [
        ("input", {"region": "us"}, "3.2"),
        ("output", {"region": "us"}, "16.5"),  # 15 * 1.1
        ("output", {"service_tier": "fast"}, "40"),
        ("input", {"service_tier": "fast"}, "6"),  # 3 * 2
        ("output", {"service_tier": "fast", "region": "us"}, "44"),  # 40 * 1.1
        ("input", {"service_tier": "fast", "region": "us"}, "6.4"),  # 3.2 * 2
    ],
)
def test_an_amount_contains_the_factor_of_its_conditions(
    meter: str, conditions: dict[str, str], total: str
) -> None:
    """What is stated for a tier or region is neither passed by nor raised again."""
    found = cost(OWN_AMOUNTS, {meter: 1_000_000}, **conditions)
    assert found.total == Decimal(total)


def test_a_factor_prices_what_its_tier_states_no_amount_for() -> None:
    """An amount for long prompts alone leaves the short ones to the factor."""
    rates = {
        "input": "3",
        "multiplier@service_tier=fast": "2",
        "input@above=1000": "4",
        "input@service_tier=fast above=1000": "9",
    }
    fast = {"service_tier": "fast"}
    assert cost(rates, {"input": 1000}, **fast).total == Decimal("0.006")  # 3 * 2
    assert cost(rates, {"input": 2000}, **fast).total == Decimal("0.018")  # 9


@pytest.mark.parametrize("state", ["unknown", "variable"])
@pytest.mark.parametrize("usage", [{}, {"input": 0}])
def test_nothing_used_of_an_unknown_price_is_not_free(
    state: str, usage: dict[str, int]
) -> None:
    """A call whose price nobody knows has no total, even where it counts nothing."""
    found = cost({}, usage, state=state)
    assert found.total is None
    assert found.unpriced == (tuple(usage) or ("requests",))
    assert cost(BASE, {"input": 0}).total == 0


def test_a_call_that_counts_nothing_is_a_request_still() -> None:
    """No short way passes a price per request by."""
    rates = {"input": "3", "requests": "0.5"}
    assert cost(rates, {}).total == Decimal("0.5")
    priced = Priced("acme/m", tariff(rates), lambda field: field, "d")
    assert price_simply(priced, {}, DAY) is None
    with pytest.raises(InvalidUsageError):
        cost_of(priced, {}, DAY)


@pytest.mark.parametrize("conditions", [{"region": "EU"}, {"service_tier": "Batch"}])
def test_conditions_are_read_in_any_case(conditions: dict[str, str]) -> None:
    """Rates have theirs in lower case; no spelling leads to the default region."""
    rates = {**BASE, "input@region=eu": "5", "input@service_tier=batch": "5"}
    priced = Priced("acme/m", tariff(rates), lambda field: field, "d")
    found = cost_of(priced, {"input": 1_000_000}, DAY, conditions=conditions)
    assert found.total == 5


def test_a_contract_may_price_what_the_list_does_not() -> None:
    found = cost({"input@contract=yes": "2"}, {"input": 1_000_000}, state="unknown")
    assert (found.total, found.list_total) == (2, None)


def test_a_price_per_hour_is_not_divided_beforehand() -> None:
    """0.37 per 3,600 seconds is exact for whole hours."""
    rates = {"input_audio_seconds@per=3600": "0.37"}
    assert cost(rates, {"input_audio_seconds": 7200}).total == Decimal("0.74")


STAND_INS = [
    # rates, usage, conditions, total: what is billed as another meter, and when
    # a tier that has ended is none
    (
        {"input": "5", "input@valid_to=2026-03-13 above=9": "10"},
        {"input": 10},
        {},
        "50",
    ),
    # cached images are cached prompt, unless images have a price of their own
    (BASE, {"cache_read_image": 10}, {}, "3"),
    ({**BASE, "input_image": "4"}, {"cache_read_video": 10}, {}, "3"),
    ({**BASE, "input_image": "4"}, {"cache_read_image": 10}, {}, "40"),
    # reasoning at the answer's price follows it where it has no rate of its own
    (
        {"output": "4", "reasoning": "4", "output@service_tier=batch": "2"},
        {"reasoning": 10},
        {"service_tier": "batch"},
        "20",
    ),
    (
        {"output": "4", "reasoning": "3", "output@service_tier=batch": "2"},
        {"reasoning": 10},
        {"service_tier": "batch"},
        None,
    ),
    # and never stays behind at the price of short prompts
    (
        {"input": "0", "output": "4", "reasoning": "3", "output@above=9": "6"},
        {"input": 10, "reasoning": 10},
        {},
        None,
    ),
    # a price to come is none today
    (
        {"input": "2", "cache_read@valid_from=2027-01-01": "1"},
        {"cache_read": 1},
        {},
        "2",
    ),
    # a contract's price is that of what is billed as its meter
    ({**BASE, "output@contract=yes": "9"}, {"reasoning": 10}, {}, "90"),
    ({"input": "3", "input@contract=yes": "2"}, {"cache_read": 10}, {}, "20"),
    ({**BASE, "input@contract=yes": "2"}, {"cache_read": 10}, {}, "3"),
]


@pytest.mark.parametrize(("rates", "usage", "asked", "millionths"), STAND_INS)
def test_what_is_billed_as_another_meter(
    rates: dict[str, str],
    usage: dict[str, int],
    asked: dict[str, str],
    millionths: str | None,
) -> None:
    """Only what cannot be dearer stands in; else the meter is unpriced."""
    found = cost(rates, usage, **asked).total
    assert found == (None if millionths is None else Decimal(millionths).scaleb(-6))


def test_a_call_is_a_request() -> None:
    """A price per request is charged once, unless the usage counts the requests."""
    rates = {"input": "1", "requests": "0.005"}
    found = cost(rates, {"input": 1000})
    assert found.total == Decimal("0.006")
    assert "one is counted" in found.notes[0]
    told = cost(rates, {"input": 1000, "requests": 3})
    assert (told.total, told.notes) == (Decimal("0.016"), ())
    assert cost(rates, {"input": 1000, "requests": 0}).total == Decimal("0.001")
    assert (
        price_simply(Priced("a/m", tariff(rates), str, "d"), {"input": 1}, DAY) is None
    )


def test_a_factor_holds_for_what_is_named_alone() -> None:
    """A factor on a quality is none of calls that do not name it."""
    rates = {"output_image": "40", "multiplier@quality=hd": "2"}
    million = {"output_image": 1_000_000}
    assert cost(rates, million).total == 40
    assert cost(rates, million, quality="hd").total == 80


def test_no_step_depends_on_the_decimal_context() -> None:
    """Free quantities, marginal units and discounts are exact at any precision."""
    rates = {
        "gb_days": "0.1",
        "gb_days@free=day": "1234.5",
        "seconds": "1",
        "seconds@beyond=1000": "0.5",
        "percent_off@contract=yes": "12.3456",
    }
    usage = {"gb_days": Decimal("2345.678"), "seconds": Decimal("1000.123")}
    with localcontext() as context:
        context.prec = 2
        found = cost(rates, usage, used={"gb_days": 0})
    # 1,111.178 * 0.1 = 111.1178, and 1,000 + 0.123 * 0.5 = 1,000.0615; 87.6544 % of it
    assert found.list_total == Decimal("1111.1793")
    assert found.total == Decimal("973.99754833920")  # 1,111.1793 * 0.876544


@pytest.mark.parametrize(
    ("used", "message"),
    [
        ({"nonsense": 1}, "is no meter"),
        ({"searches": -1}, "not negative"),
        ({"searches": Decimal("NaN")}, "is no quantity"),
        ({"searches": "3"}, "a number is wanted"),
        ({"searches": True}, "a number is wanted"),
        ({"searches": Decimal("0.5")}, "a whole number"),
        ([("searches", 1)], "a mapping of meters is wanted, not list"),
        (0, "a mapping of meters is wanted, not int"),
    ],
)
def test_what_is_used_of_a_free_quantity_is_a_count(
    used: dict[str, Any], message: str
) -> None:
    with pytest.raises((InvalidInputError, InvalidUsageError), match=message):
        read_used(used)


def test_keys_of_rates() -> None:
    """A key names its conditions in one order; tables group by them."""
    key = rate_key("input", above=200000, service_tier="batch", region=None)
    assert key == "input@service_tier=batch above=200000"
    assert split_key(key) == ("input", {"service_tier": "batch", "above": "200000"})
    table = {"output@region=eu": Decimal(2), key: Decimal(1), "input@region=eu": 1}
    assert list(grouped(table)) == ["region=eu", "service_tier=batch above=200000"]
    assert list(grouped(table)["region=eu"]) == ["input", "output"]
