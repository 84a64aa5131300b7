"""The packed history: what goes in comes out, damage is found."""

from __future__ import annotations

import random

import pytest

from damage import KINDS
from histories import HISTORY, O3, mark, read_packed, said
from modeldex.catalog.history import moment_text
from modeldex.catalog.history_pack import pack
from modeldex.domain.change import Change, Fact
from modeldex.errors import (
    InvalidInputError,
    SnapshotDamagedError,
    SnapshotVersionError,
)


@pytest.fixture(scope="module")
def packed() -> bytes:
    """Return a small packed history."""
    return pack(HISTORY)


def test_what_goes_in_comes_out(packed):
    """Every change is read as it was given, whatever the order was."""
    found = read_packed(packed)
    read = [change for ref in found.refs for change in found.changes(ref)]

    def order(change):
        return change.ref, change.new.source, change.field, change.observed_at

    assert sorted(read, key=order) == sorted(HISTORY, key=order)
    mixed = random.Random(3).sample(HISTORY, len(HISTORY))
    assert pack(mixed) == packed


def test_what_is_taken_back_and_what_was_otherwise_before():
    """A fact without a new value, and an old one that nobody told, are kept."""
    ref = "openai/x"
    odd = [
        said(ref, "pricing.input", None, "1", "2024-01-01"),
        said(ref, "pricing.input", "2", "3", "2024-02-01", kind="correction"),
        said(ref, "pricing.input", "3", None, "2024-03-01"),
    ]
    first, second, third = read_packed(pack(odd)).changes(ref)
    assert second.old == Fact(odd[1].old.value, "litellm")
    assert second.kind == "correction"
    assert third.new is None
    assert third.old.value == 3
    assert first.old is None


def test_a_whole_model_is_taken_apart():
    """The facts of a model that appears are changes of their own."""
    facts = {"context_window": Fact(8, "pi-ai"), "name": Fact("M", "pi-ai")}
    whole = Change(
        *("p", "m", "", None, Fact(facts, "pi-ai")),
        kind="appeared",
        observed_at="2024-01-01",
    )
    found = read_packed(pack([whole])).changes("p/m")
    assert [(c.field, c.kind, c.new.value) for c in found] == [
        ("", "appeared", None),
        ("context_window", "first_known", 8),
        ("name", "first_known", "M"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        Change("p", "m", "name", None, Fact("x"), observed_at="2024-01-01"),
        said("p/m", "name", None, "x", ""),
        said("p/m", "name", None, "x", "2024-01-01", layer="own"),
        said("p/m", "name", None, "x", "yesterday"),
    ],
)
def test_a_change_without_source_or_time_is_refused(change):
    """What a history cannot tell is not packed."""
    with pytest.raises(InvalidInputError):
        pack([change])


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("2024-05-13", "2024-05-13"),
        ("2024-05-13T10:00:00+02:00", "2024-05-13T08:00:00Z"),
        ("2024-05-13T10:00:00.250Z", "2024-05-13T10:00:00Z"),
    ],
)
def test_times_are_written_in_one_form(given, written):
    """So that they sort as they follow each other."""
    assert moment_text(given) == written


def read_all(data):
    """Read everything that a history holds."""
    found = read_packed(data)
    said_by = [list(found.said(group)) for group in range(found.groups)]
    return said_by, [found.served(group) for group in range(found.groups)]


def test_damage_is_found(packed):
    """No damaged copy gives another answer."""
    right = read_all(packed)
    draw = random.Random(7)
    errors = 0
    for number in range(400):
        damaged = KINDS[number % len(KINDS)](packed, draw)
        if damaged == packed:
            continue
        try:
            given = read_all(damaged)
        except (SnapshotDamagedError, SnapshotVersionError):
            errors += 1
        else:
            assert given == right
    assert errors > 300
    read_packed(packed).verify()


def test_spellings_of_one_model_are_one_model():
    """What two sources write in another case is one timeline, as in the catalogue."""
    changes = [
        said("openai/GPT-X", "context_window", None, 8, "2024-01-01", "litellm"),
        said("openai/gpt-x", "context_window", None, 8, "2024-02-01", "models.dev"),
    ]
    found = read_packed(pack(changes))
    assert found.refs == ["openai/gpt-x"]
    assert {c.new.source for c in found.changes("openai/gpt-x")} == {
        "litellm",
        "models.dev",
    }


def steps_of(changes, ref, name):
    """Return the steps of a column: (start, seen, text)."""
    history = read_packed(pack(changes))
    found = history.served(0)
    place = found.refs.index(ref)
    begin = sum(found.counts[:place])
    moments, names = history.moments, history.meta["columns"]
    return [
        (moments[found.starts[n]], moments[found.seen[n]], found.words[found.texts[n]])
        for n in range(begin, begin + found.counts[place])
        if names[found.names[n]] == name
    ]


def test_a_stated_day_beats_the_day_it_was_seen():
    """The price of a step begins when a source says that it began."""
    litellm = said(O3, "pricing.input", None, "10", "2025-04-17")
    late = [
        litellm,
        said(
            *(O3, "pricing.input", None, "2", "2025-06-22", "genai-prices"),
            effective_at="2025-06-10",
        ),
    ]
    assert steps_of(late, O3, "pricing.input") == [
        ("2025-04-17", "2025-04-17", "10"),
        ("2025-06-10", "2025-06-22", "2"),
    ]


def test_the_first_who_said_it_dates_what_a_better_source_confirms():
    """A source of rank that comes later dates no change of price later."""
    changes = [
        said(O3, "pricing.input", None, "10", "2025-04-17", "models.dev"),
        said(O3, "pricing.input", None, "10", "2025-04-18", "litellm"),
        said(O3, "pricing.input", "10", "2", "2025-06-11", "litellm"),
        said(O3, "pricing.input", "10", "2", "2025-06-20", "models.dev"),
    ]
    assert steps_of(changes, O3, "pricing.input") == [
        ("2025-04-17", "2025-04-17", "10"),
        ("2025-06-11", "2025-06-20", "2"),
    ]


def test_a_rate_that_begins_later_is_a_step_of_its_day():
    """Dated rates are steps when they begin; withdrawn ones are taken back."""
    rate = "rates.input@valid_from=2026-12-01"
    planned = [
        said("google/g", "pricing.input", None, "2", "2026-11-10", "genai-prices"),
        said("google/g", rate, None, "4", "2026-11-10", "genai-prices"),
    ]
    assert steps_of(planned, "google/g", "pricing.input") == [
        ("2026-11-10", "2026-11-10", "2"),
        ("2026-12-01", "2026-11-10", "4"),
    ]
    withdrawn = [
        *planned,
        said("google/g", rate, "4", None, "2026-11-20", "genai-prices"),
    ]
    assert steps_of(withdrawn, "google/g", "pricing.input")[-1] == (
        *("2026-12-01", "2026-11-20"),
        "2",
    )


def test_a_source_states_several_days_at_once():
    """What it says of the past and of days to come has a step each."""
    ref, seen = "openai/g", ("2025-06-22", "genai-prices")
    changes = [
        said(ref, "pricing.input", None, "5", "2024-05-14"),
        said(ref, "pricing.input", "5", "2.5", "2024-11-14"),
        said(ref, "pricing.input", None, "5", *seen),
        said(ref, "pricing.input", "5", "2.5", *seen, effective_at="2024-10-02"),
        said(ref, "pricing.input", "2.5", "1", *seen, effective_at="2025-09-01"),
    ]
    assert steps_of(changes, ref, "pricing.input") == [
        ("2024-05-14", "2024-05-14", "5"),
        ("2024-11-14", "2024-11-14", "2.5"),
        ("2024-10-02", "2025-06-22", "2.5"),
        ("2025-09-01", "2025-06-22", "1"),
    ]


def test_absence_and_return_are_steps():
    """A model that no source lists is gone until one lists it again."""
    changes = [
        mark("p/m", "appeared", "2024-01-01"),
        mark("p/m", "missing", "2024-02-01"),
        mark("p/m", "returned", "2024-03-01"),
        mark("p/m", "missing", "2024-04-01"),
        mark("p/m", "retired", "2024-05-01"),
    ]
    assert [text for *_, text in steps_of(changes, "p/m", "presence")] == [
        *("appeared", "missing", "returned", "missing", "retired")
    ]


def test_what_the_rules_of_merging_quarantine_is_not_served():
    """A price that is ten times that of the others is in no step."""
    changes = [
        said("openai/q", "pricing.input", None, "1", "2024-01-01", source)
        for source in ("genai-prices", "models.dev", "pi-ai")
    ]
    changes.append(
        said("openai/q", "pricing.input", "1", "100", "2024-02-01", "models.dev")
    )
    assert [text for *_, text in steps_of(changes, "openai/q", "pricing.input")] == [
        "1"
    ]


@pytest.mark.parametrize(
    ("again", "inputs"),
    [
        pytest.param("2026-08-31", ["0.1"], id="between two words it does not age"),
        pytest.param(
            "2026-12-31", ["0.1", "0.08"], id="a source that fell silent does"
        ),
        pytest.param(None, ["0.1", "0.08"], id="a source that ended does"),
    ],
)
def test_a_price_does_not_go_to_and_fro_as_sources_are_published(again, inputs):
    """What takes turns is who was read last, not the price of an aggregator."""
    ref, other = "openrouter/a/m", "openrouter/a/other"
    changes = [
        said(ref, "pricing.input", None, "0.1", "2026-08-19", "genai-prices"),
        said(ref, "pricing.output", None, "0.2", "2026-08-19", "genai-prices"),
        said(ref, "pricing.input", None, "0.08", "2026-08-28", "models.dev"),
        said(ref, "pricing.output", None, "0.2", "2026-08-28", "models.dev"),
        said(ref, "context_window", None, 9, "2026-09-01", "models.dev"),
    ]
    if again:
        changes += [said(other, "pricing.input", None, "3", again, "genai-prices")]
    found = steps_of(changes, ref, "pricing.input")
    assert [text for _, _, text in found] == inputs
