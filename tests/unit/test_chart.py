"""Step lines over time: where nothing is known of a price, no line is drawn."""

from __future__ import annotations

from histories import mark, said
from modeldex.domain.change import Change, Fact
from modeldex.usecases.chart import drawing, points, text_chart
from modeldex.usecases.feed import entries

REF, IN = "p/m", "pricing.input"
GONE_AND_BACK = [
    mark(REF, "appeared", "2025-01-01"),
    said(REF, IN, None, "2", "2025-01-01"),
    said(REF, "pricing.output", None, "9", "2025-01-01"),
    mark(REF, "missing", "2025-03-01"),
    mark(REF, "returned", "2025-05-01"),
    said(REF, IN, "2", "3", "2025-06-01"),
    mark(REF, "missing", "2025-08-01"),
]


def test_a_price_is_not_known_while_no_source_lists_the_model() -> None:
    line = points(REF, IN, GONE_AND_BACK, "2025-09-01")

    assert [(p.time, p.value) for p in line] == [
        ("2025-01-01", 2),
        ("2025-03-01", None),
        ("2025-05-01", 2),
        ("2025-06-01", 3),
        ("2025-08-01", None),
        ("2025-09-01", None),
    ]


def test_a_step_goes_on_until_the_gap() -> None:
    line = points(REF, IN, GONE_AND_BACK, "2025-09-01")
    rows = drawing([line], "USD")["data"]["values"]

    march = [row["value"] for row in rows if row["time"] == "2025-03-01"]
    assert march == [2, None]


def test_the_text_chart_has_the_gap_and_fits_its_width() -> None:
    line = points(REF, IN, GONE_AND_BACK, "2025-09-01")
    chart = text_chart([line, [p._replace(ref="p/" + "x" * 20) for p in line]], 40)

    assert max(map(len, chart)) <= 40
    assert any("○" in row and "  ○" in row.rstrip() for row in chart[:8])


def test_an_entry_of_a_feed_keeps_its_id_however_it_is_worded() -> None:
    def feed(source: str) -> list[tuple[str, str]]:
        change = Change(
            *("p", "m", IN, None, Fact(2, source)), observed_at="2025-01-01T00:00:00Z"
        )
        return [(entry.id, entry.title) for entry in entries([change])]

    (one, said_one), (other, said_other) = *feed("litellm"), *feed("models.dev")
    assert said_one != said_other
    assert one == other
