"""Changes out of what packages said: which are a model's, and which are not."""

from __future__ import annotations

import json
import lzma
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from modeldex.bootstrap import backfilling
from modeldex.bootstrap.backfill_rows import ByRow, CostMap, dated_steps
from modeldex.bootstrap.backfilling import fetch
from modeldex.domain.change import dump_fact
from modeldex.errors import SourceFormatError
from modeldex.sources import models_dev
from modeldex.sources.package_history import (
    Kept,
    Release,
    Shelf,
    in_line,
    list_releases,
    load_payload,
    version_key,
)
from modeldex.sources.package_index import Got
from modeldex.sources.package_listing import File
from modeldex.usecases.backfill.classify import MASS_AT_ONE, MASS_COUNT, classify
from modeldex.usecases.backfill.lines import write_lines
from modeldex.usecases.backfill.report import count, report
from modeldex.usecases.backfill.series import Series, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from modeldex.domain.change import Change

KEY = ("acme", "m")
IN = "pricing.input"


def _series(*snapshots: tuple[str, Mapping[Any, Any]], **options: Any) -> Series:
    """Return a series of (day, facts of acme/m or None, or of several models)."""
    series = Series("test")
    for at, facts in snapshots:
        whole = at if "T" in at else f"{at}T12:00:00Z"
        models = facts if any(isinstance(k, tuple) for k in facts) else {KEY: facts}
        series.add(whole, {k: v for k, v in models.items() if v is not None}, **options)
    return series


def _told(changes: Iterable[Change], field: str = IN) -> list[tuple[Any, ...]]:
    return [
        (
            change.observed_at[:10],
            change.kind,
            change.old and change.old.value,
            change.new and change.new.value,
        )
        for change in changes
        if change.field == field
    ]


def _prices(*rows: tuple[str, object]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (
            at,
            {"mode": "chat"}
            if price is None
            else {"mode": "chat", IN: Decimal(str(price))},
        )
        for at, price in rows
    ]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        pytest.param(
            [("2024-05-14", 5), ("2024-11-14", "2.5")],
            [("2024-11-14", "change", 5, Decimal("2.5"))],
            id="a price that is cut",
        ),
        pytest.param(
            [("2024-05-14", None), ("2024-11-14", "2.5")],
            [("2024-11-14", "first_known", None, Decimal("2.5"))],
            id="a price that was not known before",
        ),
        pytest.param(
            [("2024-05-14", 5), ("2024-11-14", "2.5"), ("2024-11-15", 5)],
            [],
            id="flicker of a day",
        ),
        pytest.param(
            [("2024-05-14", 5), ("2024-11-14", "2.5"), ("2024-11-15", 3)],
            [("2024-11-15", "change", 5, 3)],
            id="what held for a day is left out",
        ),
        pytest.param(
            [("2024-05-14", 5), ("2024-11-14", 50), ("2025-01-15", 4)],
            [("2025-01-15", "change", 5, 4)],
            id="a jump that goes back",
        ),
        pytest.param(
            [("2024-05-14", 5), ("2024-11-14", 0), ("2025-01-15", 5)],
            [],
            id="a price that was written as zero for a while",
        ),
        pytest.param(
            [("2024-05-14", 5), ("2024-11-14", 50), ("2025-10-15", 5)],
            [
                ("2024-11-14", "correction", 5, 50),
                ("2025-10-15", "correction", 50, 5),
            ],
            id="a jump that stays is a unit put right",
        ),
        pytest.param(
            [("2024-07-25", "0.5"), ("2024-10-17", "0.0047"), ("2024-11-16", "0.075")],
            [("2024-11-16", "change", Decimal("0.5"), Decimal("0.075"))],
            id="a jump there and another one back",
        ),
        pytest.param(
            [("2025-04-05", 200), ("2025-08-01", 180), ("2025-10-18", "0.2")],
            [("2025-10-18", "first_known", None, Decimal("0.2"))],
            id="what is a hundred times too much is of another unit",
        ),
        pytest.param(
            [("2025-04-05", "0.9"), ("2025-10-18", "0.01")],
            [("2025-10-18", "correction", Decimal("0.9"), Decimal("0.01"))],
            id="ninety times is believed",
        ),
        pytest.param(
            [("2025-11-24", "1.5"), ("2025-11-27", "0.5")],
            [("2025-11-27", "correction", Decimal("1.5"), Decimal("0.5"))],
            id="put right three days after it appeared",
        ),
        pytest.param(
            [("2025-06-11", "0.08"), ("2026-05-26", "0.0801")],
            [("2026-05-26", "correction", Decimal("0.08"), Decimal("0.0801"))],
            id="rounding",
        ),
    ],
)
def test_prices(rows: list[tuple[str, object]], told: list[tuple[Any, ...]]) -> None:
    assert _told(classify(_series(*_prices(*rows))).changes) == told


def test_a_model_appears_with_all_its_facts_and_reverts_none() -> None:
    found = classify(_series(*_prices(("2024-05-14", 5), ("2024-07-14", 5))))
    (change,) = found.changes
    assert (change.field, change.kind, change.observed_at) == (
        "",
        "appeared",
        "2024-05-14T12:00:00Z",
    )
    assert change.new is not None
    facts = change.new.value
    assert {n: (f.value, f.source) for n, f in facts.items()} == {
        "mode": ("chat", "test"),
        IN: (5, "test"),
    }


def test_a_model_that_becomes_an_embedding_is_damaged() -> None:
    said = {"mode": "chat", IN: Decimal("0.3"), "context_window": 1_048_576}
    hurt = {"mode": "embedding", "context_window": 8192}
    found = classify(
        _series(("2025-09-01", said), ("2026-03-13", hurt), ("2026-07-01", hurt))
    )
    assert [change.kind for change in found.changes] == ["appeared"]
    assert [(d.field, d.at[:10], d.value) for d in found.doubts] == [
        ("mode", "2026-03-13", "embedding")
    ]
    healed = {**said, IN: Decimal("0.2")}
    found = classify(
        _series(("2025-09-01", said), ("2026-03-13", hurt), ("2026-07-01", healed))
    )
    assert _told(found.changes) == [
        ("2026-07-01", "change", Decimal("0.3"), Decimal("0.2"))
    ]


def test_absence_is_missing_then_retired_and_may_end() -> None:
    here = {IN: Decimal(1)}
    series = Series("test")
    others = {("acme", f"other-{n}"): here for n in range(30)}
    for at, there in (
        ("2025-01-01", True),
        ("2025-02-01", False),
        ("2025-02-10", False),
        ("2025-03-10", False),
        ("2025-04-01", True),
    ):
        series.add(f"{at}T00:00:00Z", {**others, **({KEY: here} if there else {})})
    told = _told((c for c in classify(series).changes if c.model == "m"), "")
    assert [row[:2] for row in told] == [
        ("2025-01-01", "appeared"),
        ("2025-02-01", "missing"),
        ("2025-03-10", "retired"),
        ("2025-04-01", "returned"),
    ]


def test_an_absence_of_a_day_is_none() -> None:
    many = {("acme", f"m{n}"): {IN: Decimal(1)} for n in range(40)}
    fewer = dict(list(many.items())[:30])
    series = Series("test")
    series.add("2025-01-01T00:00:00Z", many)
    series.add("2025-02-03T22:00:00Z", fewer)
    series.add("2025-02-04T18:00:00Z", many)
    series.add("2025-03-01T00:00:00Z", fewer)
    series.add("2025-03-05T00:00:00Z", many)
    told = [c for c in classify(series).changes if c.model == "m39"]
    assert [(c.kind, c.observed_at[:10]) for c in told] == [
        ("appeared", "2025-01-01"),
        ("missing", "2025-03-01"),
        ("returned", "2025-03-05"),
    ]


@pytest.mark.parametrize("proves", [True, False])
def test_what_lacks_most_models_or_is_a_copy_proves_no_absence(proves: bool) -> None:
    many = {("acme", f"m{n}"): {IN: Decimal(1)} for n in range(40)}
    few = dict(list(many.items())[: 10 if proves else 39])
    series = Series("test")
    series.add("2025-01-01T00:00:00Z", many)
    series.add("2025-02-01T00:00:00Z", few, proves_absence=proves)
    assert {change.kind for change in classify(series).changes} == {"appeared"}


@pytest.mark.parametrize(
    ("many", "providers", "kind"),
    [
        (MASS_COUNT, 20, "correction"),
        (MASS_COUNT - 1, 20, "change"),
        (MASS_AT_ONE, 1, "correction"),
        (MASS_AT_ONE - 1, 1, "change"),
    ],
)
def test_schema_growth_is_no_change_of_a_model(
    many: int, providers: int, kind: str
) -> None:
    field = "capabilities.vision"
    keys = [(f"p{n % providers}", f"m{n}") for n in range(40)]

    def said(before: object, flag: object, number: int) -> dict[Any, Any]:
        return {
            key: {field: flag if n < number else before} for n, key in enumerate(keys)
        }

    for flag in (True, {"max_images": 4}):
        series = _series(
            ("2025-01-01", said(False, False, 0)),
            ("2025-06-23", said(False, flag, many)),
        )
        found = classify(series)
        assert {change.kind for change in found.changes if change.field} == {kind}
        assert report(series, found)["capability_flips"] == many * (kind == "change")
    series = _series(
        ("2025-01-01", said(None, None, 0)), ("2025-06-23", said(None, True, many))
    )
    assert count(classify(series).changes)["capability_flips"] == 0


def test_a_stated_day_is_kept_and_the_plain_change_left_out() -> None:
    series = Series("test")
    cut = Step(KEY, IN, "2025-06-10", Decimal(10), Decimal(2))
    rise = Step(KEY, IN, "2026-09-01", Decimal(2), Decimal(3))
    series.add("2025-07-01T00:00:00Z", {KEY: {IN: Decimal(2)}}, [cut])
    series.add("2026-08-01T00:00:00Z", {KEY: {IN: Decimal(2)}}, [cut, rise])
    series.add("2026-09-02T00:00:00Z", {KEY: {IN: Decimal(3)}}, [cut, rise])
    changes = classify(series).changes
    assert changes[0].new is not None
    assert changes[0].new.value[IN].value == 10
    assert [(c.observed_at[:10], c.effective_at) for c in changes[1:]] == [
        ("2025-07-01", "2025-06-10"),
        ("2026-08-01", "2026-09-01"),
    ]
    assert [c.new and c.new.value for c in changes[1:]] == [2, 3]


def test_steps_are_read_from_the_source() -> None:
    prices = [
        {"prices": {"input_mtok": Decimal(10)}},
        {
            "constraint": {"start_date": "2025-06-10"},
            "prices": {"input_mtok": Decimal(2)},
        },
    ]
    rows = {"id": "o3", "match": {"equals": "o3"}, "prices": prices}
    plain = {
        "id": "o4",
        "match": {"equals": "o4"},
        "prices": {"input_mtok": Decimal(2)},
    }
    payload = [{"id": "openai", "name": "OpenAI", "models": [rows, plain]}]
    assert dated_steps(payload) == [
        Step(("openai", "o3"), IN, "2025-06-10", Decimal(10), Decimal(2))
    ]


def test_a_row_without_provider_has_the_one_it_had() -> None:
    read = CostMap()
    first = {"gpt-4": {"litellm_provider": "openai"}, "sample": "text"}
    assert read(first) == {"gpt-4": {"litellm_provider": "openai"}}
    later = {"gpt-4": {"mode": "chat"}, "latest": {"alias_of": "gpt-4"}}
    assert read(later) == {"gpt-4": {"litellm_provider": "openai", "mode": "chat"}}


def test_of_two_rows_of_a_model_the_one_is_read_that_was_written_last() -> None:
    def row(price: str, **more: object) -> dict[str, Any]:
        named = {"litellm_provider": "acme", "input_cost_per_token": Decimal(price)}
        return {**named, **more}

    read = CostMap()
    told = [
        str(read(rows)["acme/m"]["input_cost_per_token"])
        for rows in (
            {"acme/m": row("0.3")},
            {"acme/m": row("0.3"), "m": row("0.6")},
            {"acme/m": row("0.3", mode="chat"), "m": row("0.6")},  # no price is new
            {"acme/m": row("0.4"), "m": row("0.5")},  # both at once
            {"acme/m": row("0.4"), "m": row("0.7", litellm_provider="other")},
            {"acme/m": row("0.4"), "acme/acme/m": row("0.9")},  # another model
        )
    ]
    assert told == ["0.3", "0.6", "0.6", "0.4", "0.4", "0.4"]


def test_rows_that_did_not_change_are_not_read_again() -> None:
    def table(**prices: int) -> dict[str, Any]:
        models = {
            name: {"name": name, "cost": {"input": price, "output": 2}}
            for name, price in prices.items()
        }
        return {"acme": {"name": "Acme", "env": [], "models": models}}

    asked: list[Any] = []

    def translate(payload: Any, day: str) -> Any:
        asked.append(sorted(payload["acme"]["models"]))
        return models_dev.translate(payload, day)

    read = ByRow(translate)
    snapshots = [table(a=1, b=1), table(a=1, b=2), table(a=1)]
    for snapshot in snapshots:
        whole = models_dev.translate(snapshot, "2025-01-01").models
        assert read(snapshot, "2025-01-01") == whole
    assert asked == [["a", "b"], ["b"]]


def test_a_partial_copy_says_nothing_of_what_it_lacks() -> None:
    series = _series(("2025-01-01", {IN: 1, "name": "M"}), ("2025-02-01", {IN: 1}))
    assert _told(classify(series).changes, "name") == [
        ("2025-02-01", "change", "M", None)
    ]
    series = _series(("2025-01-01", {IN: 1, "name": "M"}))
    series.add("2025-02-01T00:00:00Z", {KEY: {IN: 2}}, partial=True)
    changes = classify(series).changes
    assert _told(changes, "name") == []
    assert _told(changes) == [("2025-02-01", "change", 1, 2)]


def test_lines_hold_what_changed() -> None:
    """A line of JSON per change: when, of what, from what to what, how, since when."""
    facts: dict[Any, Any] = {IN: Decimal("0.30"), "capabilities.vision": False}
    series = _series(("2025-01-01", facts), ("2025-02-01", {IN: Decimal(1)}))
    series.presence[KEY].append((1, False))
    changes = classify(series).changes
    assert {change.kind for change in changes} == {"appeared", "change", "missing"}
    lines = lzma.decompress(write_lines(changes)).decode().splitlines()
    assert [json.loads(line) for line in lines] == [
        [
            *(change.observed_at, change.provider, change.model, change.field),
            *(dump_fact(change.old), dump_fact(change.new)),
            *(change.kind, change.effective_at),
        ]
        for change in changes
    ]


def test_patches_of_an_old_line_are_left_out_and_one_a_day_is_read() -> None:
    found = [
        Release("1.0.0", "2025-01-01T08:00:00Z"),
        Release("1.10.0", "2025-01-02T08:00:00Z"),
        Release("1.9.1", "2025-01-03T08:00:00Z"),
        Release("1.11.0rc1", "2025-01-04T07:00:00Z"),
        Release("1.11.0", "2025-01-04T08:00:00Z"),
        Release("nightly", "2025-01-05T08:00:00Z"),
    ]
    shelf = Shelf("s", "pypi", "p", "m")
    kept = [release.version for release in in_line(shelf, found)]
    assert kept == ["1.0.0", "1.10.0", "1.11.0"]
    some = shelf._replace(since="2025-01-02", until="2025-01-03")
    assert [release.version for release in in_line(some, found)] == ["1.10.0"]
    assert version_key("1.0.dev3") < version_key("1.0a1") < version_key("1.0")


class _Listing:
    """Stands in for an index: what it lists, and what its files hold."""

    def __init__(self, *files: File, held: Mapping[str, bytes] | None = None) -> None:
        self.files, self.held = list(files), held or {}
        self.read: list[str] = []

    def wheels(self, _: str) -> list[File]:
        return self.files

    tarballs = wheels

    def member(self, file: File, _: str, __: int) -> Got:
        self.read.append(file.version)
        return Got(self.held.get(file.version), "range", 100)


def _file(version: str, at: str) -> File:
    return File(f"acme-{version}-py3-none-any.whl", version, "", at)


def test_times_are_those_of_the_registry_in_utc_unless_a_mirror_made_them() -> None:
    index: Any = _Listing(
        _file("1.0.0", "2026-03-05T02:50:16.049000+00:00"),
        _file("1.1.0", "2026-04-05T02:50:16.049Z"),
        _file("1.2.0", "2026-05-05T02:50:16+02:00"),
        _file("1.3.0", "2026-06-31T02:50:16Z"),
    )

    def told(shelf: Shelf) -> list[tuple[str, str]]:
        return [(r.version, r.at) for r, _ in list_releases(shelf, index)]

    of_old = ("1.0.0", "2026-03-05T02:50:16Z")
    real = [("1.1.0", "2026-04-05T02:50:16Z"), ("1.2.0", "2026-05-05T00:50:16Z")]
    assert told(Shelf("s", "pypi", "acme", "m")) == [of_old, *real]
    tarballs = Shelf("s", "npm", "acme", "m", mirrored=True)
    assert told(tarballs) == real
    undated = tarballs._replace(mirrored=False, dated=False)
    assert told(undated) == [("1.0.0", ""), *real, ("1.3.0", "")]


def test_a_wheel_is_read_once_and_equal_contents_are_kept_once(tmp_path: Path) -> None:
    same = b'{"m": {"cost": 2.50}}'
    index: Any = _Listing(
        *(_file(f"{n}", f"2025-01-0{n}T00:00:00Z") for n in (1, 2, 3, 4)),
        held={"1": same, "2": same, "4": b"no table"},
    )
    shelf = Shelf("litellm", "pypi", "acme", "acme/map.json")
    kept = Kept(tmp_path, shelf)
    assert kept.releases() is None
    seen: list[tuple[int, int]] = []
    made = fetch(shelf, tmp_path, index, lambda *at: seen.append(at))
    assert (made.failed, made.ways, made.fetched) == ([], {"range": 4}, 400)
    assert (seen[0], seen[-1], sorted(index.read)) == ((0, 4), (4, 4), list("1234"))
    fetch(shelf, tmp_path, index, lambda *_: None)
    assert len(index.read) == 4
    first = kept.digest("1")
    found = [kept.digest(version) for version in ("1", "2", "3", "4")]
    assert found == [first, first, "", ""]
    (blob,) = (tmp_path / "payloads").iterdir()
    assert blob.name == f"{first}.json.xz"
    assert str(load_payload(blob)["m"]["cost"]) == "2.50"
    blob.write_bytes(b"else")
    with pytest.raises(SourceFormatError, match="remove it"):
        load_payload(blob)


def test_what_tells_no_day_gives_way_to_whole_copies_that_are_near(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dated = Shelf("s", "pypi", "dated", "m")
    partial = Shelf("s", "pypi", "partial", "m", partial=True)
    undated = Shelf("s", "npm", "undated", "m", dated=False)
    monkeypatch.setattr(backfilling, "SHELVES", (dated, partial, undated))
    for shelf, rows in (
        (dated, [("1", "2026-05-01T08:00:00Z", 1)]),
        (partial, [("1", "2026-06-01T08:00:00Z", 2)]),
        (undated, [("1", "", "2026-05-02"), ("2", "", "2026-06-01")]),
    ):
        kept = Kept(tmp_path, shelf)
        kept.keep_releases(Release(version, at) for version, at, _ in rows)
        for version, _, day in rows:
            kept.keep(version, {"last_updated": day})
    found = [(s.at, s.shelf.package) for s in backfilling._sights("s", tmp_path)]
    assert found == [
        ("2026-05-01T08:00:00Z", "dated"),
        ("2026-06-01T08:00:00Z", "partial"),
        ("2026-06-01T23:59:59Z", "undated"),
    ]
