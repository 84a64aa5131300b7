"""Prices of a time gone by, what changed, and the catalogue of a day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from catalogs import DAY, catalog_of, compiled, random_entries
from histories import CATALOGUE, NOW, O3, TODAY, Told, read_packed, registry, said
from modeldex.catalog.encode import encode
from modeldex.catalog.held import HeldSnapshot
from modeldex.catalog.history_pack import pack
from modeldex.catalog.query import Query
from modeldex.catalog.snapshot import memory_snapshot
from modeldex.domain.change import CATALOG, OWN, Change, Fact
from modeldex.errors import (
    BeforeHistoryError,
    InvalidInputError,
    UnknownModelError,
    UnknownProviderError,
)
from modeldex.registry import Registry
from modeldex.usecases.timeline import read_since
from stored import ENTRIES, GPT, LATEST, MINI, Memory


@pytest.fixture(scope="module")
def past():
    """Return the registry of most tests."""
    return registry()


# --- a price at a time


@pytest.mark.parametrize(
    ("at", "amount"),
    [
        ("2025-04-17T09:59:59Z", None),
        ("2025-04-17T10:00:00Z", 10),
        ("2025-04-17", 10),  # the end of the day
        ("2025-06-09", 10),
        ("2025-06-10", 2),  # a source states the day
        ("2025-06-11T05:45:59Z", 2),
        (date(2025, 6, 9), 10),
        (datetime(2025, 6, 9, 23, 59, tzinfo=UTC), 10),
        ("2025-06-10T01:00:00+02:00", 10),  # the 9th, in UTC
        ("2025-12-31", 2),
        ("2026-07-01", 2),
        (None, 2),
    ],
)
def test_the_price_in_force(past, at, amount):
    """The price is that of the time, never that of another."""
    assert past.price(O3, at=at).input == amount


def test_a_price_says_from_when_to_when(past):
    """`since`, `until`, whether that is stated, and the first known day."""
    first, second = past.price(O3, at="2025-05-01"), past.price(O3, at="2025-08-01")
    assert (first.since, first.until) == ("2025-04-17T10:00:00Z", "2025-06-10")
    assert (second.since, second.until) == ("2025-06-10", None)
    assert (first.effective, second.effective) == (False, True)
    assert first.earliest == second.earliest == "2025-04-17T10:00:00Z"
    assert first.as_dict()["since"] == "2025-04-17T10:00:00Z"


def test_before_the_first_known_price_it_is_unknown(past):
    """It is never extrapolated; the first day is named."""
    price = past.price(O3, at="2024-01-01")
    assert not price
    assert price.state == "unknown"
    assert price.amounts == {}
    assert price.earliest == price.until == "2025-04-17T10:00:00Z"


def test_what_became_known_later_can_be_left_out(past):
    """On the 12th of June the catalogue did not know of the stated day."""
    assert past.price(O3, "2025-06-10", known_at="2025-06-20").input == 10
    assert past.price(O3, "2025-06-10", known_at="2025-06-22").input == 2
    assert not past.price(O3, "2025-06-10", known_at="2025-01-01")


def test_a_price_of_today_is_that_of_the_catalogue(past):
    """It compares as the Pricing that it is."""
    assert past.price(O3) == past.get_pricing(O3) == past.price(O3, at=CATALOGUE)
    assert past.get_pricing(O3) == past.price(O3)
    assert hash(past.price(O3)) == hash(past.get_pricing(O3))
    assert past.price(O3) != past.price(O3, at="2025-05-01")


def test_a_model_that_is_gone_has_its_prices(past):
    """Also what today's catalogue no longer holds has a past, until it was missing."""
    assert past.price("openai/gone", at="2024-02-01").input == 1
    absent = past.price("openai/gone", at="2024-04-01")
    assert not absent
    assert absent.since == "2024-03-02T00:00:00Z"
    assert not past.price("openai/gone")


def test_what_a_person_wrote_holds_on_every_day(past):
    """A price by hand is not that of the sources on any day."""
    assert past.price("openai/by-hand", at="2025-02-01").input == 7


def test_a_model_that_the_history_does_not_have_yet(past):
    """It is new in today's catalogue: nothing is known of it before."""
    assert past.price("openai/new").input == 3
    before = past.price("openai/new", at="2025-11-30")
    assert not before
    assert before.earliest == before.until == CATALOGUE
    cost = past.cost("openai/new", {"input": 5}, at="2025-11-30")
    assert cost.total is None
    assert cost.notes == (f"no price of openai/new is known before {CATALOGUE}",)


def test_a_model_by_several_names(past):
    """A ref, a pair and a model are the same."""
    for named in (("openai", "o3"), past.get_info(O3)):
        assert past.price(named, at="2025-05-01").input == 10
        assert past.history(named) == past.history(O3)


def test_an_unknown_model_is_an_error(past):
    """What was never known is no model."""
    for ask in (past.price, past.history):
        with pytest.raises(UnknownModelError):
            ask("openai/never")


def test_without_a_history_today_is_all_there_is():
    """A catalogue of its own has no past; its prices hold as they say."""
    alone = Registry(lambda _why: catalog_of(NOW))
    assert alone.price(O3, at="2025-05-01").input == 2
    assert alone.history(O3) == []
    assert alone.changes("2020-01-01") == []
    with pytest.raises(BeforeHistoryError, match="no history is here"):
        alone.as_of("2025-05-01")


# --- costs


def test_a_cost_is_of_the_prices_of_its_day(past):
    """`at` prices a call as it was; the note says since when that held."""
    usage = {"input": 1_000_000}
    assert past.cost(O3, usage, at="2025-05-01").total == 10
    assert past.cost(O3, usage, at="2025-06-10").total == 2
    assert past.cost(O3, usage).total == 2
    notes = past.cost(O3, usage, at="2025-05-01").notes
    assert notes == ("prices of 2025-05-01, in force since 2025-04-17T10:00:00Z",)
    assert past.cost("openai/by-hand", usage, at="2025-05-01").total == 7
    assert past.cost("openai/gone", usage, at="2024-02-01").total == 1


@pytest.mark.parametrize(
    ("ref", "at", "why"),
    [
        (O3, "2024-05-01", "no price of openai/o3 is known before 2025-04-17"),
        ("openai/gone", "2024-05-01", "no price of openai/gone is known on 2024-05-01"),
    ],
)
def test_a_cost_without_a_known_price_is_unpriced(past, ref, at, why):
    """It is never that of another day."""
    cost = past.cost(ref, {"input": 5}, at=at)
    assert cost.total is None
    assert cost.notes == (why,)


def test_the_rates_of_a_contract_hold_in_the_past_too():
    """They go before the list's of that day."""
    rates = {"input@contract=yes": Decimal(1)}
    now = {("openai", "o3"): {**NOW["openai", "o3"], "rates": rates}}
    usage = {"input": 1_000_000}
    found = registry(now=now)
    assert found.cost(O3, usage, at="2025-05-01").total == 1
    assert found.cost(O3, usage, at="2025-05-01", contract=False).total == 10


# --- history and changes


def test_history_is_told_as_it_became_known(past):
    """What was served, with kinds, sources and both times; also those told later."""
    found = past.history(O3, "pricing.input")
    assert [
        (c.observed_at, c.effective_at, c.old and c.old.value, c.new.value, c.kind)
        for c in found
    ] == [
        ("2025-04-17T10:00:00Z", None, None, 10, "first_known"),
        ("2025-06-11T05:46:00Z", "2025-06-10", 10, 2, "change"),
    ]
    assert {c.field for c in past.history(O3, "pricing")} == {
        "pricing.input",
        "pricing.output",
    }
    kinds = [c.kind for c in past.history("openai/gone", "")]
    assert kinds == ["appeared", "missing"]


def test_history_of_one_source(past):
    """What a source said itself, or each of them."""
    stated = past.history(O3, "pricing.input", source="genai-prices")
    assert [(c.new.value, c.effective_at) for c in stated] == [(2, "2025-06-10")]
    assert len(past.history(O3, "pricing.input", source="any")) == 3
    assert past.history(O3, source="pi-ai") == []


def test_changes_of_a_span(past):
    """Both ends count; provider and kind narrow it."""
    found = past.changes("2025-06-11", "2025-06-11")
    assert {(c.ref, c.field) for c in found} == {
        (O3, "pricing.input"),
        (O3, "pricing.output"),
    }
    assert past.changes("2025-06-12", "2025-06-21") == []
    assert {c.kind for c in past.changes("2024-01-01", kind="missing")} == {"missing"}
    assert past.changes("2024-01-01", provider="openai", kind="change")
    with pytest.raises(UnknownProviderError):
        past.changes(provider="nobody")
    with pytest.raises(InvalidInputError, match="no kind"):
        past.changes(kind="moved")


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("30d", "2025-12-01"),
        ("2w", "2025-12-17"),
        ("99999999d", "0001-01-01"),
        ("2024-02-03", "2024-02-03"),
    ],
)
def test_spans(text, since):
    """Days, weeks, or a day."""
    assert read_since(text, TODAY) == since


def test_what_a_store_knows_comes_after_the_packed_history():
    """Its changes are told behind, and its prices hold from their day on."""
    edit = Change(
        *("openai", "o3", "pricing.input"),
        None,
        Fact(Decimal("1.5"), {"source": "curated"}),
        layer=OWN,
        observed_at="2025-09-01T08:00:00Z",
        effective_at="2025-08-01",
    )
    found = registry(later=[edit])
    assert found.history(O3, "pricing.input")[-1] == edit
    assert edit in found.changes("2025-09-01", kind=edit.kind)
    assert found.price(O3, at="2025-07-31").input == 2
    assert found.price(O3, at="2025-08-01").input == Decimal("1.5")


# --- the catalogue of a day


def test_the_catalogue_of_a_day_answers_every_query(past):
    """Models, prices, lists and providers are those of the day."""
    then = past.as_of("2025-05-01")
    assert then.find_refs() == ["openai/by-hand", O3]
    assert then.get_info(O3).pricing.input == 10
    assert then.get_info(O3).source_of("pricing.input") == "litellm"
    assert then.find_refs("vision max_input:20") == [O3]
    assert then.find_refs("max_input:2") == []
    assert then.get_provider("openai").models == 2
    assert then.cost(O3, {"input": 1_000_000}).total == 10
    assert then.compare([O3]).models == (then.get_info(O3),)
    assert past.as_of("2024-02-01").find_refs() == ["openai/gone"]
    assert past.as_of("2024-04-01").find_refs() == []
    with pytest.raises(UnknownModelError):
        then.get_info("openai/gone")


def test_the_catalogue_as_it_was_known(past):
    """On the 11th of June at noon the price was seen; its day was stated later."""
    assert past.as_of("2025-06-10").get_info(O3).pricing.input == 2
    then = past.as_of("2025-06-10", known_at="2025-06-10")
    assert then.get_info(O3).pricing.input == 10


def test_the_catalogue_of_today_is_todays(past):
    """From the catalogue's own day on there is no other one."""
    same = past.as_of(TODAY)
    assert same.catalog is past.catalog
    assert same.digest == past.digest
    between = past.as_of(CATALOGUE)
    assert [m.as_dict() for m in between.find(status="any")] == [
        m.as_dict() for m in past.find(status="any")
    ]
    assert between.catalog.today() == CATALOGUE


def test_a_cost_in_the_catalogue_of_a_day_is_of_that_day():
    """A rate that began since then does not hold there."""
    rate = "rates.input@valid_from=2025-07-01"
    seen = ("2025-05-01", "genai-prices")
    then = registry(
        [
            said("google/g", "pricing.input", None, "2", *seen),
            said("google/g", rate, None, "4", *seen),
        ]
    ).as_of("2025-06-01")
    assert then.cost("google/g", {"input": 1_000_000}).total == 2
    assert then.cost("google/g", {"input": 1_000_000}, at="2025-08-01").total == 4


def test_before_the_history_nothing_is_known(past):
    """An empty catalogue would say that there were no models."""
    with pytest.raises(BeforeHistoryError, match="begins on 2024-01-02"):
        past.as_of("2023-12-31")


def test_a_catalogue_in_memory_answers_as_a_compiled_one():
    """Every block that an index reads is the compiler's, byte for byte."""
    for seed in range(8):
        entries = random_entries(seed)
        models = [encode(*key, facts) for key, facts in entries.items()]
        compiled_one = memory_snapshot(compiled(entries))
        held = HeldSnapshot(models, compiled_one.providers, {}, digest="x")
        for block in ("refs", "text", "canonical", "family", "dated"):
            assert held.block(block) == compiled_one.block(block), block
        assert sorted(held.items("bits")) == sorted(compiled_one.items("bits"))
        for block in ("bits", "columns"):
            for name in compiled_one.items(block):
                wanted = compiled_one.item(block, name)
                assert held.item(block, name) == wanted, name
        rows = list(range(len(models)))
        assert held.rows_columns(rows) == compiled_one.rows_columns(rows)


def test_queries_parse_against_the_day(past):
    """The vocabulary is that of the day."""
    then = past.as_of("2025-05-01")
    assert then.query("vision") == Query.parse("vision")


def test_what_was_written_by_hand_is_in_the_history():
    """Edits follow what the sources said; the shipped catalogue's revision does not."""
    around = Memory(ENTRIES)
    found = around.registry()
    found._past = lambda: Told(
        read_packed(pack([said(GPT, "pricing.input", None, "5", "2024-05-13")]))
    )
    found.edits.set(GPT, {"context_window": 64_000}, because="measured")
    told = found.history(GPT)
    assert [(c.field, c.new.value) for c in told if c.layer == OWN] == [
        ("context_window", 64_000)
    ]
    assert told[-1].observed_at.startswith(DAY)
    assert [c.kind for c in told if not c.field] == ["appeared"]
    assert {c.layer for c in found.changes("2024-01-01", kind="first_known")} == {
        CATALOG,
        OWN,
    }
    later = found.as_of("2027-01-02")  # over a catalogue with changed models
    assert later.get_info(GPT).context_window == 64_000
    assert later.get_info(GPT).pricing.input == 2
    assert found.get_info(GPT).pricing.input == Decimal("2.5")
    assert later.find_refs("max_input:2 provider:openai") == [GPT, LATEST, MINI]
