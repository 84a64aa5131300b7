"""Reading the prices of each source: units, conditions, and what is not carried."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import Any

import pytest

from modeldex.domain.pricing import CONDITIONS, RATE_NAMES, split_key
from modeldex.sources import litellm
from modeldex.sources.genai_rates import read_prices as read_genai
from modeldex.sources.litellm_prices import read_prices as read_litellm
from modeldex.sources.models_dev_prices import read_prices as read_models_dev
from modeldex.sources.rate_claims import split_hours

DAY = "2026-11-10"

# key of litellm, its price, mode -> claim and amount
LITELLM = [
    ("input_cost_per_token", "2.5e-6", "chat", "pricing.input", "2.5"),
    ("output_cost_per_token", "1e-7", "chat", "pricing.output", "0.1"),
    ("output_cost_per_reasoning_token", "3e-6", "chat", "pricing.reasoning", "3"),
    ("cache_creation_input_token_cost", "1e-6", "chat", "pricing.cache_write", "1"),
    (
        "cache_creation_input_token_cost_above_12hr_above_272k_tokens_ultrafast",
        "0.0003",
        "chat",
        "rates.cache_write_12h@service_tier=ultrafast above=272000",
        "300",
    ),
    (
        "cache_creation_input_token_cost_above_1hr_above_200k_tokens",
        "0.000012",
        "chat",
        "rates.cache_write_1h@above=200000",
        "12",
    ),
    (
        "input_cost_per_token_above_100k_tokens_batches",
        "2.5e-7",
        "chat",
        "rates.input@service_tier=batch above=100000",
        "0.25",
    ),
    (
        "cache_read_input_audio_token_cost_flex",
        "1e-7",
        "chat",
        "rates.cache_read_audio@service_tier=flex",
        "0.1",
    ),
    (
        "input_cost_per_token_balanced",
        "2e-6",
        "chat",
        "rates.input@service_tier=balanced",
        "2",
    ),
    ("citation_cost_per_token", "2e-6", "chat", "pricing.citation", "2"),
    ("input_cost_per_video_token", "3e-6", "chat", "pricing.input_video", "3"),
    ("input_cost_per_character", "1.5e-5", "x", "pricing.input_characters", "15"),
    (
        "input_cost_per_pixel",
        "5e-8",
        "image_generation",
        "pricing.output_pixels",
        "0.05",
    ),
    ("output_cost_per_pixel", "5e-8", "image_edit", "pricing.output_pixels", "0.05"),
    (
        "input_cost_per_second",
        "0.0001",
        "audio_transcription",
        "pricing.input_audio_seconds",
        "0.0001",
    ),
    (
        "output_cost_per_second",
        "0.0001",
        "audio_transcription",
        "pricing.input_audio_seconds",
        "0.0001",
    ),
    (
        "output_cost_per_second",
        "0.00025",
        "audio_speech",
        "pricing.output_audio_seconds",
        "0.00025",
    ),
    (
        "output_cost_per_second",
        "0.4",
        "video_generation",
        "pricing.output_video_seconds",
        "0.4",
    ),
    ("input_cost_per_second", "0.01", "chat", "pricing.seconds", "0.01"),
    (
        "output_cost_per_second_1080p",
        "0.12",
        "video_generation",
        "rates.output_video_seconds@resolution=1080p",
        "0.12",
    ),
    (
        "output_cost_per_image_0.5K",
        "0.06",
        "image_generation",
        "rates.output_images@resolution=0.5k",
        "0.06",
    ),
    ("input_cost_per_image", "0.02", "image_edit", "pricing.output_images", "0.02"),
    ("input_cost_per_image", "0.0001", "embedding", "pricing.input_images", "0.0001"),
    ("output_cost_per_image", "0.06", "audio_speech", "pricing.requests", "0.06"),
    ("input_cost_per_query", "0.002", "rerank", "pricing.requests", "0.002"),
    ("input_cost_per_text_message", "0.004", "realtime", "pricing.messages", "0.004"),
    (
        "ocr_cost_per_page_batches",
        "0.002",
        "ocr",
        "rates.pages@service_tier=batch",
        "0.002",
    ),
    ("annotation_cost_per_page", "0.005", "ocr", "pricing.annotated_pages", "0.005"),
    (
        "google_maps_grounding_cost_per_query",
        "0.025",
        "chat",
        "pricing.map_searches",
        "0.025",
    ),
    ("code_interpreter_cost_per_session", "0.03", "chat", "pricing.sessions", "0.03"),
    ("file_search_cost_per_1k_calls", "2.5", "chat", "pricing.file_searches", "0.0025"),
    (
        "regional_processing_uplift_multiplier_eu",
        "1.1",
        "chat",
        "rates.multiplier@region=eu",
        "1.1",
    ),
    (
        "regional_endpoint_uplift_multiplier",
        "1.1",
        "chat",
        "rates.multiplier@region=regional",
        "1.1",
    ),
]


@pytest.mark.parametrize(("key", "price", "mode", "name", "expected"), LITELLM)
def test_litellm_keys_follow_one_grammar(
    key: str, price: str, mode: str, name: str, expected: str
) -> None:
    """Base, lifetime, size and tier of a key become meter and conditions, exactly."""
    reading = read_litellm("m", {key: Decimal(price), "mode": mode})
    assert {n: str(v) for n, v in reading.claims.items()} == {name: expected}
    assert reading.carried == {key: 1}
    assert not reading.not_carried


LEFT = [
    ("input_dbu_cost_per_token", "a price in another currency"),
    ("explicit_cache_read_input_token_cost", "a second kind of cache"),
    ("ocr_cost_per_credit", "a price in credits"),
    (
        "input_cost_per_video_per_second_above_8s_interval",
        "a price by length of the clip",
    ),
    ("cost_per_second", "a commitment"),
    ("input_cost_per_token_tomorrow", "no meter of ours"),
    ("input_cost_per_smell", "no meter of ours"),
]


@pytest.mark.parametrize(("key", "reason"), LEFT)
def test_what_litellm_keys_are_not_carried_is_counted(key: str, reason: str) -> None:
    """A price key that is not read is counted with its reason, never dropped."""
    reading = read_litellm("m", {key: Decimal(1), "mode": "chat"})
    assert not reading.claims
    assert reading.not_carried == {f"{key}: {reason}": 1}


SEARCHES = [
    ("openai", "1 1 1", {"pricing.searches": "1"}),
    (
        "openai",
        "1 2 3",
        {
            "pricing.searches": "2",
            "rates.searches@search_context=low": "1",
            "rates.searches@search_context=medium": "2",
            "rates.searches@search_context=high": "3",
        },
    ),
    (
        "perplexity",
        "1 2 3",
        {
            "pricing.requests": "2",
            "rates.requests@search_context=low": "1",
            "rates.requests@search_context=medium": "2",
            "rates.requests@search_context=high": "3",
        },
    ),
]


@pytest.mark.parametrize(("provider", "prices", "expected"), SEARCHES)
def test_a_search_costs_by_its_context(
    provider: str, prices: str, expected: dict[str, str]
) -> None:
    """Equal sizes are one price; else the standard one is that of medium."""
    sizes = zip(("low", "medium", "high"), prices.split(), strict=True)
    table = {f"search_context_size_{size}": Decimal(price) for size, price in sizes}
    row = {"litellm_provider": provider, "search_context_cost_per_query": table}
    claims = read_litellm("m", row).claims
    assert {name: str(value) for name, value in claims.items()} == expected


def _windows(**more: Any) -> dict[str, Any]:
    days = {"hours_utc": ["00:00-01:00", "10:00-00:00"], "weekdays": [1, 2]}
    ends = {"hours_utc": "00:00-00:00", "weekdays": [6, 7]}
    return {"input_cost_per_token": Decimal("1e-6"), "windows": [days, ends], **more}


HOURS = "12/00:00-01:00+12/10:00-00:00+67/00:00-00:00"
STRUCTURED = [
    (
        {"off_peak_pricing": _windows()},
        {f"rates.input@hours={HOURS}": "1"},
    ),
    (
        {"off_peak_pricing": _windows(weekday_timezone="Asia/Shanghai")},
        {f"rates.input@hours={HOURS} weekday_zone=Asia/Shanghai": "1"},
    ),
    (
        {
            "off_peak_pricing": {
                "output_cost_per_token": Decimal("2e-6"),
                "hours_utc": "16:30-00:30",
            }
        },
        {"rates.output@hours=16:30-00:30": "2"},
    ),
    (
        {
            "tiered_pricing": [
                {
                    "range": [0, Decimal("32000.0")],
                    "input_cost_per_token": Decimal("1e-6"),
                },
                {
                    "range": [Decimal("32000.0"), 99],
                    "input_cost_per_token": Decimal("2e-6"),
                },
            ]
        },
        {"pricing.input": "1", "rates.input@above=32000": "2"},
    ),
    (
        {
            "search_free_requests": {
                "count": 1500,
                "period": "day",
                "shared_group": "g-2",
            }
        },
        {"rates.searches@free=day pool=g-2": "1500"},
    ),
    (
        {"provider_specific_entry": {"us": Decimal("1.1"), "fast": 2, "other": "x"}},
        {
            "rates.multiplier@region=us": "1.1",
            "rates.multiplier@service_tier=fast": "2",
        },
    ),
    ({"provider_specific_entry": {"schema": "titan"}}, {}),
    ({"off_peak_pricing": {"hours_utc": "always"}}, {}),
    ({"search_free_requests": {"count": 5, "period": "year"}}, {}),
]


@pytest.mark.parametrize(("row", "expected"), STRUCTURED)
def test_litellm_tables_become_rates(
    row: dict[str, Any], expected: dict[str, str]
) -> None:
    """Windows, ranges, free quantities and factors are read; the rest is counted."""
    reading = read_litellm("m", row)
    assert {n: str(v) for n, v in reading.claims.items()} == expected
    assert sum(reading.carried.values()) == (1 if expected else 0)
    assert sum(reading.not_carried.values()) == (0 if expected else 1)


def test_a_transcription_is_billed_once() -> None:
    """Of two equal prices for the same audio one is a claim, a 0 beside it is none."""
    both = {"input_cost_per_second": Decimal("1e-4"), "mode": "audio_transcription"}
    for second, reason in (
        (Decimal("1e-4"), "stated twice"),
        (Decimal(0), "0 beside the price of another unit"),
        (Decimal("2e-4"), "stated otherwise"),
    ):
        reading = read_litellm("m", {**both, "output_cost_per_second": second})
        assert reading.claims == {"pricing.input_audio_seconds": Decimal("0.0001")}
        assert reading.not_carried == {f"output_cost_per_second: {reason}": 1}


def test_the_old_key_of_a_cache_price_stands_in() -> None:
    """`…_cache_hit` counts only where the newer key is absent."""
    old = {"input_cost_per_token_cache_hit": Decimal("1e-7")}
    new = {"cache_read_input_token_cost": Decimal("2e-7")}
    assert read_litellm("m", old).claims == {"pricing.cache_read": Decimal("0.1")}
    assert read_litellm("m", old | new).claims == {"pricing.cache_read": Decimal("0.2")}


def _row(provider: str, **prices: str) -> dict[str, Any]:
    amounts = {key: Decimal(price) for key, price in prices.items()}
    return {"litellm_provider": provider, "mode": "image_generation", **amounts}


CONDITIONED = [
    (
        "low/1024-x-1536/m",
        _row("azure", input_cost_per_image="0.016"),
        {"rates.output_images@size=1024x1536 quality=low": "0.016"},
    ),
    (
        "azure/hd/512-x-512/max-steps/m",
        _row("azure", output_cost_per_image="0.08", output_cost_per_token="0"),
        {"rates.output_images@size=512x512 quality=hd steps=max": "0.08"},
    ),
    (
        "azure/max-x-max/50-steps/m",
        _row("azure", output_cost_per_image="0.08"),
        {"rates.output_images@size=max steps=50": "0.08"},
    ),
    (
        "azure/eu/m",
        _row("azure", input_cost_per_token="2e-6", input_cost_per_token_flex="1e-6"),
        {"rates.input@region=eu": "2", "rates.input@service_tier=flex region=eu": "1"},
    ),
    ("azure/global/m", _row("azure", input_cost_per_token="1e-6"), {}),
    (
        "azure/global/m",
        _row("azure", input_cost_per_token="3e-6"),
        {"rates.input@region=global": "3"},
    ),
]


@pytest.mark.parametrize(("key", "row", "expected"), CONDITIONED)
def test_rows_for_sizes_and_regions_price_their_model(
    key: str, row: dict[str, Any], expected: dict[str, str]
) -> None:
    """A row for one size or region is a condition on the model that it names."""
    own = {**_row("azure", input_cost_per_token="1e-6"), "mode": "chat"}
    claims = litellm.translate({key: row, "azure/m": own}, DAY)
    ((_, facts),) = claims.models.items()
    rates = {n: str(v) for n, v in facts.items() if n.startswith("rates.")}
    assert rates == expected
    assert facts["pricing.input"] == 1
    assert [skipped for skipped, _ in claims.skipped] == [key]


def test_a_regional_row_makes_no_model() -> None:
    """The model of a regional row counts only where another source lists it."""
    row = _row("azure", input_cost_per_token="2e-6")
    payload = {"azure/eu/m": row, "azure/n": row}
    claims = litellm.translate(payload, DAY)
    assert claims.models["azure", "m"]["presence"] == "label"


def test_another_route_gives_no_rates() -> None:
    """Conditional prices of a second row count only where its standard price does."""
    first = _row("azure", input_cost_per_token="1e-6")
    second = _row(
        "azure_ai", input_cost_per_token="2e-6", input_cost_per_token_flex="1e-6"
    )
    claims = litellm.translate({"azure/m": first, "azure_ai/m": second}, DAY)
    assert claims.models["azure", "m"] == {
        "mode": "image_generation",
        "pricing.input": 1,
    }
    assert sum(claims.not_carried.values()) == 2


def _step(start: str, **prices: Any) -> dict[str, Any]:
    return {"constraint": {"start_date": start}, "prices": prices}


def _window(start: str, end: str, price: int) -> dict[str, Any]:
    hours = {"start_time": start, "end_time": end}
    return {"constraint": hours, "prices": {"input_mtok": price}}


TIER = {"base": 2, "tiers": [{"start": 200000, "price": 4}, {"start": 9, "price": 3}]}
GENAI = [
    (
        {"input_mtok": TIER},
        {
            "pricing.input": "2",
            "rates.input@above=200000": "4",
            "rates.input@above=9": "3",
        },
    ),
    ({"web_searches_kcount": 10}, {"pricing.searches": "0.01"}),
    ({"storage_searches_kcount": Decimal("2.5")}, {"pricing.file_searches": "0.0025"}),
    ({"input_document_kpages": 4}, {"pricing.pages": "0.004"}),
    ({"input_annotated_document_kpages": 5}, {"pricing.annotated_pages": "0.005"}),
    ({"input_text_messages_kcount": 4}, {"pricing.messages": "0.004"}),
    ({"requests_kcount": 12}, {"pricing.requests": "0.012"}),
    ({"input_mchars": 15}, {"pricing.input_characters": "15"}),
    ({"cache_audio_read_mtok": 1}, {"pricing.cache_read_audio": "1"}),
    ({"cache_image_read_mtok": 1}, {"pricing.cache_read_image": "1"}),
    ({"output_citation_mtok": 2}, {"pricing.citation": "2"}),
    ({"audio_hours": Decimal("0.36")}, {"pricing.input_audio_seconds": "0.0001"}),
    (
        {"audio_hours": Decimal("0.111"), "input_audio_hours": Decimal("0.111")},
        {"rates.input_audio_seconds@per=3600": "0.111"},
    ),
    (  # a past step, today's price, a step to come
        [
            {"prices": {"input_mtok": 1}},
            _step("2026-01-01", input_mtok=2),
            _step("2026-12-01", input_mtok=3),
        ],
        {
            "pricing.input": "2",
            "rates.input@valid_to=2026-01-01": "1",
            "rates.input@valid_from=2026-12-01": "3",
        },
    ),
    (  # two past steps; one that is today's price needs no date
        [
            {"prices": {"input_mtok": 1}},
            _step("2026-01-01", input_mtok=2),
            _step("2026-02-01", input_mtok=1),
        ],
        {
            "pricing.input": "1",
            "rates.input@valid_from=2026-01-01 valid_to=2026-02-01": "2",
        },
    ),
    (  # a tier that has ended
        [{"prices": {"input_mtok": TIER}}, _step("2026-03-13", input_mtok=2)],
        {
            "pricing.input": "2",
            "rates.input@valid_to=2026-03-13 above=200000": "4",
            "rates.input@valid_to=2026-03-13 above=9": "3",
        },
    ),
    (  # a tier that has begun: before, a large prompt cost what a small one did
        [
            {"prices": {"input_mtok": 1}},
            _step(
                "2026-03-13",
                input_mtok={"base": 2, "tiers": [{"start": 9, "price": 4}]},
            ),
        ],
        {
            "pricing.input": "2",
            "rates.input@above=9": "4",
            "rates.input@valid_to=2026-03-13": "1",
            "rates.input@valid_to=2026-03-13 above=9": "1",
        },
    ),
    (  # a dearer window: the standard price is its own, the rest of the day is cheaper
        [
            {"prices": {"input_mtok": 1}},
            _window("01:00:00+00:00", "04:00:00+00:00", 2),
            _window("06:00:00+00:00", "10:00:00+00:00", 2),
        ],
        {
            "pricing.input": "2",
            "rates.input@hours=00:00-01:00+04:00-06:00+10:00-00:00": "1",
        },
    ),
    (  # a cheaper window, over midnight and in another zone
        [{"prices": {"input_mtok": 2}}, _window("23:30+01:00", "02:00+01:00", 1)],
        {"pricing.input": "2", "rates.input@hours=00:00-01:00+22:30-00:00": "1"},
    ),
    (  # two windows that touch are one
        [
            {"prices": {"input_mtok": 2}},
            _window("01:00", "02:00", 1),
            _window("02:00", "03:00", 1),
        ],
        {"pricing.input": "2", "rates.input@hours=01:00-03:00": "1"},
    ),
    (  # three prices of the day
        [
            {"prices": {"input_mtok": 2}},
            _window("01:00", "02:00", 3),
            _window("04:00", "05:00", 1),
        ],
        {
            "pricing.input": "3",
            "rates.input@hours=00:00-01:00+02:00-04:00+05:00-00:00": "2",
            "rates.input@hours=04:00-05:00": "1",
        },
    ),
    ([_step("2027-01-01", input_mtok=1)], {}),
]


@pytest.mark.parametrize(("prices", "expected"), GENAI)
def test_genai_prices_become_rates(prices: Any, expected: dict[str, str]) -> None:
    """Units, tiers, dates and daily windows of genai-prices are read exactly."""
    claims = read_genai(prices, DAY).claims
    assert {name: str(value) for name, value in claims.items()} == expected


def test_genai_keys_that_are_not_carried_are_counted() -> None:
    """Unknown units and constraints are counted by key and reason."""
    odd = {"constraint": {"moon": "full"}, "prices": {"input_mtok": 1}}
    reading = read_genai([{"prices": {"input_gigatok": 1}}, odd], DAY)
    assert reading.not_carried == {
        "input_gigatok: no meter of ours": 1,
        "input_mtok: an unknown constraint": 1,
    }


COSTS = [
    (
        {
            "input": 1,
            "tiers": [{"input": 2, "tier": {"type": "context", "size": 32000}}],
            "context_over_200k": {"input": 9},
        },
        {"pricing.input": "1", "rates.input@above=32000": "2"},
    ),
    (
        {"input": 1, "context_over_200k": {"input": 2, "output": 3}},
        {
            "pricing.input": "1",
            "rates.input@above=200000": "2",
            "rates.output@above=200000": "3",
        },
    ),
    ({"tiers": [{"input": 2, "tier": {"type": "moon", "size": 1}}]}, {}),
    ({"per_smell": 2}, {}),
]


@pytest.mark.parametrize(("cost", "expected"), COSTS)
def test_models_dev_tiers(cost: dict[str, Any], expected: dict[str, str]) -> None:
    """Tiers go by their size; the old single tier counts where there are none."""
    reading = read_models_dev({"cost": cost})
    assert {n: str(v) for n, v in reading.claims.items()} == expected
    assert sum((reading.carried + reading.not_carried).values()) >= len(cost)


MODES = [
    ("fast", {"body": {"speed": "fast"}}, "fast"),
    ("fast", {"body": {"service_tier": "priority"}}, "priority"),
    ("ultrafast", {}, "ultrafast"),
]


@pytest.mark.parametrize(("mode", "provider", "tier"), MODES)
def test_a_mode_is_the_tier_that_its_request_names(
    mode: str, provider: dict[str, Any], tier: str
) -> None:
    """models.dev's modes with a cost are service tiers, by the request's own word."""
    modes = {
        mode: {"cost": {"input": 8}, "provider": provider},
        "pro": {"provider": {}},
    }
    reading = read_models_dev({"experimental": {"modes": modes}})
    assert reading.claims == {f"rates.input@service_tier={tier}": Decimal(8)}


@pytest.mark.parametrize(
    "start", ["a", "", -1, Decimal("NaN"), Decimal("Infinity"), None, []]
)
def test_a_tier_that_begins_nowhere_is_no_tier(start: Any) -> None:
    """It is left out and counted, whatever stands in place of its size."""
    tier = {"range": [start, 9], "input_cost_per_token": Decimal("9e-6")}
    row = {"input_cost_per_token": Decimal("1e-6"), "tiered_pricing": [tier]}
    read = read_litellm("m", row)
    assert read.claims == {"pricing.input": 1}
    assert read.not_carried == {"tiered_pricing: a range that is none": 1}
    price = {"base": 1, "tiers": [{"start": start, "price": 9}]}
    found = read_genai({"input_mtok": price}, DAY)
    assert found.claims == {"pricing.input": 1}
    assert found.not_carried


def test_every_claim_is_a_rate_that_the_domain_knows() -> None:
    """Meters and conditions of all claims above are those of the price algebra."""
    keys = [name for *_, name, _ in LITELLM]
    keys += [name for _, expected in (*STRUCTURED, *GENAI, *COSTS) for name in expected]
    for name in keys:
        meter, conditions = split_key(name.partition(".")[2])
        assert meter in RATE_NAMES
        assert conditions.keys() <= CONDITIONS.keys()
        order = [place for place in CONDITIONS if place in conditions]
        assert order == list(conditions)


def test_hours_are_divided_only_where_that_is_exact() -> None:
    """A price of an hour becomes one of a second, or stays with `per=3600`."""
    with localcontext() as context:
        context.prec = 6
        for hour in (
            Decimal("0.36"),
            Decimal("4.5"),
            Decimal("0.111"),
            Decimal("1.02"),
        ):
            price, per = split_hours("input_audio_seconds", hour)
            assert price * (1 if per else 3600) == hour


def test_a_meter_that_began_later_cost_what_it_was_billed_as() -> None:
    """Before a cache price existed, cached tokens were plain tokens of the prompt."""
    taken, cached = Decimal("2.5"), Decimal("1.25")
    listed = [
        {"prices": {"input_mtok": taken}},
        {
            "constraint": {"start_date": "2026-10-19"},
            "prices": {"input_mtok": taken, "cache_read_mtok": cached},
        },
    ]
    claims = read_genai(listed, "2026-11-10").claims
    assert claims["pricing.cache_read"] == cached
    assert claims["rates.cache_read@valid_to=2026-10-19"] == taken


def test_a_meter_that_began_later_has_no_price_before() -> None:
    """A cache written before it had a price is unpriced, not today's price."""
    first, last = "2026-10-19", "2026-11-01"
    written = {"input_mtok": 2, "cache_write_mtok": TIER}
    listed = [_step(first, **written), _step(last, **written)]
    claims = read_genai([{"prices": {"input_mtok": 2}}, *listed], "2026-11-10").claims
    assert {name: claims[name] for name in claims if "cache_write" in name} == {
        f"rates.cache_write@valid_from={first}": 2,
        f"rates.cache_write@valid_from={first} above=200000": 4,
        f"rates.cache_write@valid_from={first} above=9": 3,
    }
