"""Step lines of a fact over time: as a Vega-Lite drawing, or in characters."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import cycle
from typing import TYPE_CHECKING, Any, NamedTuple

from modeldex.catalog.line import GONE
from modeldex.errors import InvalidInputError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from modeldex.domain.change import Change

PICTURES = ("html", "png", "svg")
_MARKS = "●○◆◇■□▲△"


class Point(NamedTuple):
    """From a time on a model's fact had a value; None where it was not known."""

    ref: str
    time: str
    value: float | None


def points(ref: str, field: str, changes: Iterable[Change], until: str) -> list[Point]:
    """Return the points of one numeric field, dated as it was true where that is told.

    It is not known while no source lists the model. The last point is that of
    `until`. Raises InvalidInputError for another field.
    """
    found: dict[str, Any] = {}
    last, is_here = None, True
    for change in changes:
        if change.field == field:
            last = change.new.value if change.new is not None else None
        elif not change.field:
            is_here = change.kind not in GONE
        else:
            continue
        if last is not None and (isinstance(last, bool) or not _is_number(last)):
            raise InvalidInputError(f"{field} is no number that can be drawn")
        if found or last is not None:
            at = change.effective_at or change.observed_at
            found[at] = last if is_here else None
    line = [
        Point(ref, time, None if found[time] is None else float(found[time]))
        for time in sorted(found)
    ]
    if line and line[-1].time < until:
        line.append(Point(ref, until, line[-1].value))
    return line


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return not isinstance(value, str)


def drawing(lines: Iterable[Sequence[Point]], title: str) -> dict[str, Any]:
    """Return the Vega-Lite specification of step lines, one per model."""
    rows = [
        {"model": p.ref, "time": p.time, "value": p.value}
        for line in lines
        for p in _held(line)
    ]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": 720,
        "height": 320,
        "data": {"values": rows},
        "mark": {"type": "line", "interpolate": "step-after", "point": True},
        "encoding": {
            "x": {"field": "time", "type": "temporal", "title": None},
            "y": {"field": "value", "type": "quantitative", "title": title},
            "color": {"field": "model", "type": "nominal", "title": None},
        },
    }


def _held(line: Sequence[Point]) -> Iterator[Point]:
    """Yield points so that a step goes on until the time from which none is known."""
    value = None
    for point in line:
        if point.value is None and value is not None:
            yield Point(point.ref, point.time, value)
        yield point
        value = point.value


def picture(specification: dict[str, Any], form: str) -> bytes:
    """Render a specification as svg, png or html, which loads nothing from elsewhere.

    Raises MissingExtraError without the extra `charts`, InvalidInputError for
    another form.
    """
    if form not in PICTURES:
        known = ", ".join(f".{name}" for name in PICTURES)
        raise InvalidInputError(f".{form} is no picture; write a name with {known}")
    try:
        import vl_convert
    except ImportError as error:
        message = "pictures need an extra: pip install 'modeldex[charts]'"
        raise MissingExtraError(message) from error
    if form == "png":
        found: bytes = vl_convert.vegalite_to_png(specification, scale=2)
        return found
    if form == "html":
        text: str = vl_convert.vegalite_to_html(specification, bundle=True)
        return text.encode()
    text = vl_convert.vegalite_to_svg(specification)
    return text.encode()


def text_chart(
    lines: Sequence[Sequence[Point]], width: int = 72, height: int = 8
) -> list[str]:
    """Draw step lines in characters: values upwards, time to the right."""
    drawn = [line for line in lines if any(p.value is not None for p in line)]
    if not drawn:
        return []
    values = [p.value for line in drawn for p in line if p.value is not None]
    low, top = min(0.0, *values), max(values)
    label = max(len(f"{value:g}") for value in (top, low))
    room = max(width - label - 2, 8)
    times = [_seconds(p.time) for line in drawn for p in line]
    span = (min(times), max(times))
    cells = [[" "] * room for _ in range(height)]
    for line, mark in zip(drawn, cycle(_MARKS), strict=False):
        for value, begin, end in _stretches(line, span, room):
            share = (value - low) / (top - low) if top > low else 0.0
            row = height - 1 - round(share * (height - 1))
            cells[row][begin:end] = mark * (end - begin)
    scale = {0: f"{top:g}", height - 1: f"{low:g}"}
    found = [
        f"{scale.get(row, ''):>{label}} ┤{''.join(across).rstrip()}"
        for row, across in enumerate(cells)
    ]
    first, last = map(_day, span)
    gap = " " * max(1, room - len(first) - len(last))
    found.append(f"{'':{label}}  {first}{gap}{last}")
    if len(drawn) > 1:
        pairs = zip(cycle(_MARKS), drawn, strict=False)
        found += [f"{'':{label}}  {mark} {line[0].ref}" for mark, line in pairs]
    return found


def _stretches(
    line: Sequence[Point], span: tuple[float, float], room: int
) -> Iterator[tuple[float, int, int]]:
    """Yield each known value with the columns that it holds in."""
    places = [_column(_seconds(point.time), *span, room) for point in line]
    ends = [*places[1:], places[-1] + 1]
    for point, begin, end in zip(line, places, ends, strict=True):
        if point.value is not None:
            yield point.value, begin, max(end, begin + 1)


def _column(seconds: float, first: float, last: float, room: int) -> int:
    if last <= first:
        return 0
    return round((seconds - first) / (last - first) * (room - 1))


def _seconds(time: str) -> float:
    found = datetime.fromisoformat(time)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
