"""What dies, when, and what to move to; the entry that a text means."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from typing import Any

import pytest

from catalogs import registry_of
from modeldex.catalog.names import Names
from modeldex.domain.lifecycle import (
    LAUNCH_DATED,
    NOTICE_DAYS,
    day_after,
    days_between,
    status_on,
)
from modeldex.errors import InvalidInputError, UnknownProviderError
from modeldex.usecases.lifecycle import Expiry, price_changes, read_at, read_span

DAY = "2026-06-15"


def prices(given: str, taken: str) -> dict[str, Decimal]:
    """Return a price of input and output."""
    return {"input": Decimal(given), "output": Decimal(taken)}


# --- status


@pytest.mark.parametrize(
    ("provider", "flag", "end", "status"),
    [
        ("openai", None, None, "active"),
        ("openai", None, "2026-06-16", "deprecated"),
        ("openai", None, "2029-01-01", "deprecated"),
        ("openai", None, DAY, "retired"),
        ("openai", "preview", "2029-01-01", "deprecated"),
        ("", None, "2029-01-01", "deprecated"),
        ("azure", None, "2026-09-13", "deprecated"),
        ("azure", None, "2026-09-14", "active"),
        ("azure", "preview", "2026-09-14", "preview"),
        ("azure", "deprecated", "2029-01-01", "deprecated"),
        ("azure", None, DAY, "retired"),
        ("azure", "retired", "2029-01-01", "retired"),
    ],
)
def test_a_stated_day_deprecates(
    provider: str, flag: str | None, end: str | None, status: str
) -> None:
    """A shutdown day to come deprecates; where it is stated at launch, once near."""
    assert status_on(DAY, flag, end, provider) == status
    facts = {"status": flag, "deprecation_date": end}
    if provider:
        entries = {(provider, "m"): {k: v for k, v in facts.items() if v}}
        registry = registry_of(entries, day=DAY)
        assert registry.get_info(provider, "m").status == status
        assert registry.find_refs(status=status) == [f"{provider}/m"]


def test_days_are_counted_and_end_with_the_calendar() -> None:
    """A span over the last day there is ends on it."""
    assert day_after(DAY, NOTICE_DAYS) == "2026-09-13"
    assert days_between(DAY, "2026-09-13") == NOTICE_DAYS
    assert days_between("2026-06-16", DAY) == -1
    assert day_after(DAY, 99_999_999) == "9999-12-31"
    assert "openai" not in LAUNCH_DATED


# --- what a text means


KINDS = {
    "acme": "first_party",
    "beta": "first_party",
    "amazon-bedrock": "cloud",
    "router": "aggregator",
    "other": "aggregator",
}


REFS = {
    "acme/one": "acme/one",
    "beta/one": "acme/one",
    "router/one": None,
    "router/acme/one": "acme/one",
    "router/open": None,
    "other/open": None,
    "amazon-bedrock/a.b-v1:0": None,
    "router/a.b-v1:0": None,
    "acme/two": None,
    "beta/two": None,
    "acme/three": "acme/three",
    "beta/three": "beta/three",
    "openai/gpt-9.1": None,
    "router/gpt-9-1": None,
    "router/openai/gpt-9-1": None,
    "azure/gpt-3.5-turbo-0125": None,
    "router/gpt-35-turbo-0125": None,
    "router/odd*id": None,
}
ENDED = registry_of(
    {
        tuple(ref.split("/", 1)): {"status": "retired"}
        | ({"canonical": same} if same else {})
        for ref, same in REFS.items()
    },
    facts={name: {"kind": kind} for name, kind in KINDS.items()},
    day=DAY,
)
NAMES = Names(ENDED.catalog)


@pytest.mark.parametrize(
    ("text", "provider", "ref"),
    [
        ("acme/one", None, "acme/one"),
        ("one", None, "acme/one"),
        ("one", "router", "router/one"),
        ("one", "other", "acme/one"),
        ("open", None, None),
        ("open", "other", "other/open"),
        ("a.b-v1:0", None, "amazon-bedrock/a.b-v1:0"),
        ("bedrock/a.b-v1:0", None, "amazon-bedrock/a.b-v1:0"),
        ("two", None, None),
        ("three", None, None),
        ("ONE", None, None),
        ("on", None, None),
        ("router/acme/one", None, "router/acme/one"),
        ("acme:one", None, "acme/one"),
        ("bedrock:a.b-v1:0", None, "amazon-bedrock/a.b-v1:0"),
        ("acme:on", None, None),
        ("one:one", None, None),
        # another's entry of the very id is not what a rule says that it means
        ("gpt-9-1", None, "openai/gpt-9.1"),
        ("openai/gpt-9-1", None, "openai/gpt-9.1"),
        ("gpt-9-1", "router", "router/gpt-9-1"),
        ("gpt-35-turbo-0125", "azure", "azure/gpt-3.5-turbo-0125"),
        ("router/odd*id", None, "router/odd*id"),
        ("/", None, None),
        ("o\x00ne", None, None),
    ],
)
def test_a_text_means_one_entry_or_none(
    text: str, provider: str | None, ref: str | None
) -> None:
    """By a rule, else by who has the id; where several have it, its author's."""
    (told,) = ENDED.expiring(refs=[text], provider=provider)
    assert (None if told.status == "unknown" else told.ref) == ref


def test_an_id_of_several_is_known() -> None:
    """An id that means none of its entries for certain is still no unknown one."""
    assert "open" in NAMES
    assert "acme/one" in NAMES
    assert "opens" not in NAMES
    assert "acme:one" in NAMES
    assert "acme:opens" not in NAMES
    assert len(NAMES.ids) == 12


# --- spans and days


@pytest.mark.parametrize(
    ("text", "days"),
    [("90d", 90), ("12w", 84), ("1 week", 7), ("2 days", 2), ("0", 0), (30, 30)],
)
def test_spans_are_read(text: str | int, days: int) -> None:
    """Days, weeks, or a bare number of days."""
    assert read_span(text) == days


@pytest.mark.parametrize("text", ["", "90x", "-1d", -1, True, "1m", "1.5d", "9" * 9])
def test_other_spans_are_refused(text: Any) -> None:
    """A month is no number of days, a bool no number."""
    with pytest.raises(InvalidInputError, match="span"):
        read_span(text)


def test_days_are_read() -> None:
    """A day is text or a date; what is none is refused."""
    assert read_at(None, DAY) == DAY
    assert read_at(date(2027, 1, 2), DAY) == "2027-01-02"
    assert read_at(datetime(2027, 1, 2, 9, tzinfo=UTC), DAY) == "2027-01-02"
    assert read_at("2027-01-02T09:00:00Z", DAY) == "2027-01-02"
    for text in ("2026-02-30", "2026-02-011", "2026-02-01 noon"):
        with pytest.raises(InvalidInputError, match="no day"):
            read_at(text, DAY)


# --- what dies, and what to move to


def chat(family: str | None = "mini", **facts: Any) -> dict[str, Any]:
    """Return the facts of a chat model."""
    base = {
        "family": family,
        "release_date": "2026-01-01",
        "context_window": 1000,
        "capabilities": {"vision": True},
        "pricing": prices("1", "4"),
    }
    return {k: v for k, v in {**base, **facts}.items() if v is not None}


OLD = chat(deprecation_date="2026-07-15", release_date="2025-01-01")
BETTER = chat(release_date="2026-03-01", pricing=prices("2", "3"))


def successor(old: dict[str, Any], **others: dict[str, Any]) -> str | None:
    """Return the id of what is suggested for a model `acme/old`."""
    entries = {("acme", "old"): old}
    entries |= {
        ("acme", name.replace("_", "-")): facts for name, facts in others.items()
    }
    (row,) = registry_of(entries, day=DAY).expiring(refs=["acme/old"])
    if row.replacement is None:
        return None
    assert row.replacement.kind == "suggested"
    return row.replacement.ref.removeprefix("acme/")


@pytest.mark.parametrize(
    "unfit",
    [
        {"mode": "embedding"},
        {"release_date": None},
        {"release_date": "2024-01-01"},
        {"context_window": 999},
        {"context_window": None},
        {"capabilities": {"streaming": True}},
        {"status": "preview"},
        {"status": "deprecated"},
        {"deprecation_date": "2026-12-01"},
        {"family": "maxi"},
    ],
    ids=str,
)
def test_only_what_can_take_over_is_suggested(unfit: dict[str, Any]) -> None:
    """Each condition of the rule alone keeps a model from being suggested."""
    assert successor(OLD, new=BETTER) == "new"
    assert successor(OLD, new={**BETTER, **unfit}) is None


@pytest.mark.parametrize(
    "name", ["new-latest", "new-preview", "new-free", "auto-new", "old-2026-01-01"]
)
def test_no_alias_gift_draft_or_twin_is_suggested(name: str) -> None:
    """What may mean another model tomorrow is no goal; nor is the model itself."""
    entries = {("acme", "old"): OLD, ("acme", name): BETTER}
    (row,) = registry_of(entries, day=DAY).expiring()
    assert row.replacements == ()


def test_a_successor_lives_half_a_year_longer() -> None:
    """Where days are stated at launch an active model may end too soon all the same."""
    entries = {("azure", "old"): OLD, ("azure", "new"): BETTER}
    for end, kept in (("2027-01-11", False), ("2027-01-12", True)):
        entries["azure", "new"] = {**BETTER, "deprecation_date": end}
        registry = registry_of(entries, day=DAY)
        assert registry.get_info("azure/new").status == "active"
        (row,) = registry.expiring()
        assert bool(row.replacements) is kept


def test_the_newest_then_the_cheapest_is_suggested() -> None:
    """Release decides, then price, then the shorter id."""
    newer = chat(release_date="2026-04-01")
    assert successor(OLD, new=BETTER, newer=newer) == "newer"
    cheap = {**newer, "pricing": prices("0.5", "1")}
    assert successor(OLD, newer=newer, cheap_one=cheap) == "cheap-one"
    assert successor(OLD, cheap_one=cheap, cheap=cheap) == "cheap"


def test_a_request_option_may_be_lost_and_is_named() -> None:
    """Within a family an option may be missing; the reason says so."""
    entries = {
        ("acme", "old"): {**OLD, "capabilities": {"vision": True, "seed": True}},
        ("acme", "new"): BETTER,
    }
    (row,) = registry_of(entries, day=DAY).expiring()
    assert row.replacement is not None
    assert row.replacement.reason.endswith("but not known to have seed")
    whole = {**BETTER, "capabilities": {"vision": True, "seed": True}}
    entries |= {("acme", "whole"): {**whole, "release_date": "2025-06-01"}}
    (row,) = registry_of(entries, day=DAY).expiring()
    assert row.replacement is not None
    assert row.replacement.ref == "acme/whole"


def test_another_line_of_the_author_is_affordable() -> None:
    """Without a family it is the same author's, at up to twice the price."""
    old = {**OLD, "family": None, "canonical": "lab/old"}
    new = {**BETTER, "family": "maxi", "canonical": "lab/new"}
    assert successor(old, new=new) == "new"
    assert successor(old, new={**new, "pricing": prices("2.01", "3")}) is None
    assert successor(old, new={**new, "pricing": {}}) is None
    assert successor(old, new={**new, "canonical": "other/new"}) is None
    assert successor(old, new={**new, "canonical": "lab/old"}) is None


def test_a_dated_id_is_of_the_family_of_the_undated() -> None:
    """`old-2025-01-01` takes family and author of `old`; an undated one's end too."""
    entries = {
        ("acme", "old-2025-01-01"): {**OLD, "family": None},
        ("acme", "old"): chat(deprecation_date="2029-01-01", status="deprecated"),
        ("acme", "new"): BETTER,
    }
    (row,) = registry_of(entries, day=DAY).expiring()
    assert row.replacement is not None
    assert row.replacement.ref == "acme/new"
    entries[("acme", "new-2026-03-01")] = chat(None, deprecation_date="2026-12-01")
    rows = registry_of(entries, day=DAY).expiring()
    assert [row.ref for row in rows] == ["acme/old-2025-01-01"]
    assert rows[0].replacement is None


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        ("us.lab.old-v1", "us.lab.new-v1", True),
        ("us.lab.old-v1", "eu.lab.new-v1", False),
        ("us.lab.old-v1", "lab.new-v1", False),
        ("old@default", "new@default", True),
        ("old@default", "new", False),
        ("old:online", "new:online", False),
        ("old:nitro", "new:nitro", True),
        ("old:nitro", "new", False),
        ("lab.old-v1:0", "lab.new-v1:1", True),
    ],
)
def test_a_successor_is_spelled_alike(old: str, new: str, kept: bool) -> None:
    """Region, version mark and variant stay; an `:online` one is not suggested."""
    entries = {("acme", old): OLD, ("acme", new): BETTER}
    (row,) = registry_of(entries, day=DAY).expiring()
    assert bool(row.replacements) is kept


def test_a_stated_replacement_goes_first_and_names_its_source() -> None:
    """Ids at the provider, refs elsewhere, and ones that are not here yet."""
    url = "https://acme.example/deprecations"
    stated = {
        **OLD,
        "replacement": ["new", "beta/best", "to-come"],
        "sources": {"*": "x", "replacement": {"source": "curated", "url": url}},
    }
    entries = {
        ("acme", "old"): stated,
        ("acme", "new"): BETTER,
        ("beta", "best"): chat(pricing=prices("3", "1")),
    }
    (row,) = registry_of(entries, day=DAY).expiring(provider="acme")
    assert [one[:6] for one in row.replacements] == [
        ("acme/new", "stated", url, Decimal("100.0"), Decimal("-25.0"), "active"),
        ("beta/best", "stated", url, Decimal("200.0"), Decimal("-75.0"), "active"),
        ("acme/to-come", "stated", url, None, None, None),
    ]
    assert row.as_dict()["replacements"][0]["input_change"] == Decimal(100)
    del stated["sources"]["replacement"]
    (row,) = registry_of(entries, day=DAY).expiring()
    assert row.replacement is not None
    assert row.replacement.reason == "x"


def moves(day: str = DAY, **stated: str) -> list[tuple[str, str, str | None, str]]:
    """Return where `old` leads: ref, kind, status and what was passed over.

    A name that begins with `dead` is retired, one with `soon` ends after the day.
    """
    ends = {"dead": "2026-06-01", "soon": "2026-07-01"}
    entries: dict[tuple[str, str], dict[str, Any]] = {
        ("acme", name): chat(
            deprecation_date=ends.get(name.rstrip("0123456789"), "2026-07-15"),
            replacement=after.split(),
            release_date="2025-01-01",
            pricing=prices("3", "4"),
        )
        for name, after in stated.items()
    }
    entries["acme", "new"] = BETTER
    (row,) = registry_of(entries, day=day).expiring(refs=["acme/old"])
    return [
        (one.ref.removeprefix("acme/"), one.kind, one.status, " ".join(one.via))
        for one in row.replacements
    ]


@pytest.mark.parametrize(
    ("stated", "found"),
    [
        ({"old": "new"}, [("new", "stated", "active", "")]),
        # a retired one gives way to what is stated for it, over any number of steps
        (
            {"old": "dead1", "dead1": "dead2", "dead2": "new"},
            [("new", "stated", "active", "acme/dead1 acme/dead2")],
        ),
        ({"old": "dead", "dead": "none"}, [("none", "stated", None, "acme/dead")]),
        # one that ends later still answers: it stays, and says that it ends
        ({"old": "soon", "soon": "new"}, [("soon", "stated", "deprecated", "")]),
        # what leads nowhere is told after what lives, and after the suggestion
        (
            {"old": "dead new", "dead": ""},
            [("new", "stated", "active", ""), ("dead", "stated", "retired", "")],
        ),
        (
            {"old": "dead", "dead": ""},
            [("new", "suggested", "active", ""), ("dead", "stated", "retired", "")],
        ),
        # no model twice, and no way back
        (
            {"old": "dead1 dead2 new", "dead1": "new", "dead2": "new"},
            [("new", "stated", "active", "acme/dead1")],
        ),
        ({"old": "dead", "dead": "old dead"}, [("new", "suggested", "active", "")]),
    ],
)
def test_a_stated_replacement_that_is_retired_is_followed(
    stated: dict[str, str], found: list[tuple[str, str, str | None, str]]
) -> None:
    """What to move to is what answers on the day, by what the provider states."""
    assert moves(**stated) == found


def test_what_is_followed_depends_on_the_day() -> None:
    """The page of the last step says so, and prices are held against the first."""
    stated = {"old": "dead", "dead": "new"}
    assert moves("2026-05-30", **stated) == [("dead", "stated", "deprecated", "")]
    assert moves(**stated) == [("new", "stated", "active", "acme/dead")]
    pages = {name: {"source": "curated", "url": f"https://{name}"} for name in "ab"}
    entries = {
        ("acme", "old"): {
            **OLD,
            "replacement": ["gone"],
            "sources": {"*": "x", "replacement": pages["a"]},
        },
        ("acme", "gone"): {
            "deprecation_date": "2026-06-01",
            "replacement": ["beta/best"],
            "pricing": prices("9", "9"),
            "sources": {"*": "x", "replacement": pages["b"]},
        },
        ("beta", "best"): chat(pricing=prices("3", "1"), deprecation_date="2026-12-01"),
    }
    (row,) = registry_of(entries, day=DAY).expiring(provider="acme")
    assert [one.as_dict() for one in row.replacements] == [
        {
            "ref": "beta/best",
            "kind": "stated",
            "reason": "https://b",
            "input_change": Decimal(200),
            "output_change": Decimal(-75),
            "status": "deprecated",
            "day": "2026-12-01",
            "via": ["acme/gone"],
        }
    ]


def test_price_changes_are_unknown_where_a_price_is() -> None:
    """Neither an unknown price nor a free one gives a percentage."""
    entries = {
        ("p", "listed"): {"pricing": prices("3", "4")},
        ("p", "half"): {"pricing": {"input": Decimal(2)}},
        ("p", "free"): {"pricing": {"state": "free"}},
        ("p", "same"): {"pricing": prices("3", "4.0001")},
        ("p", "euro"): {"pricing": {**prices("3", "4"), "currency": "EUR"}},
    }
    ask = registry_of(entries).get_info
    listed, half, free, same, euro = (ask("p", name) for _, name in entries)
    assert price_changes(listed, euro, DAY) == (None, None)
    assert price_changes(listed, half, DAY) == (Decimal("-33.3"), None)
    with localcontext() as context:
        context.prec = 1
        assert price_changes(listed, half, DAY) == (Decimal("-33.3"), None)
    assert price_changes(half, listed, DAY) == (Decimal("50.0"), None)
    assert price_changes(free, listed, DAY) == (None, None)
    assert price_changes(listed, free, DAY) == (Decimal(-100), Decimal(-100))
    assert str(price_changes(listed, same, DAY)[1]) == "0.0"
    assert str(price_changes(same, listed, DAY)[1]) == "0.0"


ENDING: dict[tuple[str, str], dict[str, Any]] = {
    ("acme", "gone"): {"deprecation_date": "2026-06-01", "sources": {"*": "s"}},
    ("acme", "today"): {"deprecation_date": DAY},
    ("acme", "soon"): {"deprecation_date": "2026-06-16", "sources": {"*": "t"}},
    ("acme", "later"): {"deprecation_date": "2026-09-13"},
    ("acme", "late"): {"deprecation_date": "2026-09-14"},
    ("acme", "flagged"): {"status": "deprecated", "sources": {"*": "u"}},
    ("acme", "dead"): {"status": "retired"},
    ("acme", "withdrawn"): {"status": "retired", "deprecation_date": "2026-08-01"},
    ("acme", "lives"): {},
    ("beta", "soon"): {"deprecation_date": "2026-07-01"},
}


def refs(rows: list[Expiry]) -> list[str]:
    """Return the refs of rows."""
    return [row.ref for row in rows]


def test_what_stops_within_a_span_is_listed_by_day() -> None:
    """Both ends count; what has stopped or has no day is not asked for."""
    registry = registry_of(ENDING, day=DAY)
    rows = registry.expiring()
    assert refs(rows) == ["acme/soon", "beta/soon", "acme/later"]
    first = rows[0]
    assert (first.status, first.day, first.days_left) == ("deprecated", "2026-06-16", 1)
    assert (first.source, first.replacement) == ("t", None)
    assert refs(registry.expiring("91d", provider="acme")) == [
        *("acme/soon", "acme/later", "acme/late")
    ]
    assert registry.expiring(0) == []
    with pytest.raises(UnknownProviderError):
        registry.expiring(provider="nobody")


def test_another_day_moves_the_span() -> None:
    """`at` asks as if it were that day, before and after."""
    registry = registry_of(ENDING, day=DAY)
    assert refs(registry.expiring("1w", at="2026-05-31")) == ["acme/gone"]
    assert refs(registry.expiring(1, at=date(2026, 6, 15))) == ["acme/soon"]
    assert registry.expiring(at="2027-01-01") == []


def test_a_list_of_names_is_told_in_full() -> None:
    """Of names, the retired, the flagged and the unknown are listed too."""
    registry = registry_of(ENDING, day=DAY)
    asked = ["gone", "acme/gone", "lives", "flagged", "dead", "nope", "late", "today"]
    rows = registry.expiring(refs=asked)
    assert [(row.ref, row.status, row.days_left) for row in rows] == [
        ("acme/gone", "retired", -14),
        ("acme/today", "retired", 0),
        ("acme/dead", "retired", None),
        ("acme/flagged", "deprecated", None),
        ("nope", "unknown", None),
    ]
    assert [row.source for row in rows[:4]] == ["s", None, None, "u"]
    assert refs(registry.expiring(refs=["soon"], provider="beta")) == ["beta/soon"]
    assert registry.expiring(refs=[]) == []
    (row,) = registry.expiring(5, refs=["withdrawn"])
    assert (row.status, row.days_left) == ("retired", 47)
