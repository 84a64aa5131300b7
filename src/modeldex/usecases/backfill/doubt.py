"""Which values of a series are flicker or damage, and not facts of a model.

A timeline is a list of (index of the snapshot, value), the values all different from
the one before. What is taken out of it is told with its reason.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from modeldex.usecases.backfill.series import Key

    Timeline = list[tuple[int, Any]]

# a value that is back to what it was, or is another one, within this time was none
FLICKER = timedelta(hours=36)
# a jump of this size that goes back within this time was damage
JUMP, BACK = Decimal(10), timedelta(days=180)
# a price that is put right by this much was of another unit until then
OTHER_UNIT = Decimal(100)
# how near a value has to come to be back
NEAR = Decimal(2)
_CHAT = ("chat", "completion", "responses")
_EMBEDDING = "embedding"
_SIZES = ("context_window", "max_input_tokens", "max_output_tokens")


class Doubt(NamedTuple):
    """A value that is not served: where, since when, which, and why."""

    key: Key
    field: str
    at: str
    value: Any
    reason: str


def moment(at: str) -> datetime:
    """Return the time that a text tells."""
    return datetime.fromisoformat(at)


def without_flicker(line: Timeline, times: Sequence[datetime]) -> Timeline:
    """Return a timeline without the values that held for less than 36 hours."""
    kept: Timeline = []
    for index, value in line:
        while len(kept) > 1 and times[index] - times[kept[-1][0]] <= FLICKER:
            kept.pop()
        if not kept or kept[-1][1] != value:
            kept.append((index, value))
    return kept


def damaged_spans(mode: Timeline, model: str, end: int) -> list[tuple[int, int]]:
    """Return from which to which snapshot a model that chats is an embedding."""
    if "embed" in model.lower():
        return []
    after = [index for index, _ in mode[2:]] + [end]
    return [
        (start, stop)
        for ((_, before), (start, now)), stop in zip(
            pairwise(mode), after, strict=False
        )
        if now == _EMBEDDING and before in _CHAT
    ]


def outside(line: Timeline, spans: Sequence[tuple[int, int]], end: int) -> Timeline:
    """Return a timeline as if nothing had been said during the spans."""
    for start, stop in spans:
        before = [item for item in line if item[0] < start]
        if not before:
            continue
        inside = [item for item in line if start <= item[0] <= stop]
        line = before + [item for item in line if item[0] > stop]
        if inside and stop < end and inside[-1][1] != before[-1][1]:
            line.insert(len(before), (stop, inside[-1][1]))
    return _joined(line)


def without_jumps(
    field: str, line: Timeline, times: Sequence[datetime]
) -> tuple[Timeline, list[tuple[int, Any]]]:
    """Return a timeline without what was damage, and that.

    Jumps that go back, and prices of another unit before they were put right.
    """
    if not (field.startswith(("pricing.", "rates.")) or field in _SIZES):
        return line, []
    dropped: list[tuple[int, Any]] = []
    kept = list(line)
    place = 1
    while place < len(kept):
        before = _last_number(kept[:place])
        value = _number(kept[place][1])
        if before is None or value is None or not _is_jump(before, value):
            place += 1
            continue
        back = _way_back(kept, place, before, times)
        if back is None:
            place += 1
            continue
        dropped += kept[place:back]
        del kept[place:back]
    begun = 0 if field in _SIZES else _end_of_other_unit(kept)
    dropped += [item for item in kept[:begun] if _number(item[1]) is not None]
    return _joined(kept[begun:]), dropped


def _end_of_other_unit(line: Timeline) -> int:
    """Return where the first prices end that were of another unit; 0 without such."""
    known: list[Decimal] = []
    found = 0
    for place, (_, value) in enumerate(line):
        number = _number(value)
        if not number:
            continue
        if known and (
            number * OTHER_UNIT <= min(known) or number >= max(known) * OTHER_UNIT
        ):
            found, known = place, []
        known.append(number)
    return found


def _way_back(
    line: Timeline, place: int, before: Decimal, times: Sequence[datetime]
) -> int | None:
    """Return the place of the value that is near the one before a jump again.

    Or that is a jump away from it, in the other direction.
    """
    jumped = _number(line[place][1])
    for later in range(place + 1, len(line)):
        if times[line[later][0]] - times[line[place][0]] > BACK:
            return None
        value = _number(line[later][1])
        if value and before and before / NEAR <= value <= before * NEAR:
            return later
        if value is not None and not before and not value:
            return later
        if value and before and jumped and _is_jump(jumped, value):
            turns = (value > jumped) != (jumped > before)
            if turns:
                return later
    return None


def _is_jump(before: Decimal, value: Decimal) -> bool:
    if not before or not value:
        return bool(before or value)
    return value >= before * JUMP or value * JUMP <= before


def _last_number(line: Timeline) -> Decimal | None:
    return next((n for _, v in reversed(line) if (n := _number(v)) is not None), None)


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return Decimal(value)


def _joined(line: Timeline) -> Timeline:
    kept: Timeline = []
    for item in line:
        if not kept or kept[-1][1] != item[1]:
            kept.append(item)
    return kept


def cleaned(
    key: Key, fields: Mapping[str, Timeline], ats: Sequence[str]
) -> tuple[dict[str, Timeline], list[Doubt]]:
    """Return a model's timelines without what is doubtful, and that."""
    times = [moment(at) for at in ats]
    end = len(ats)
    doubts = []
    spans = damaged_spans(fields.get("mode", []), key[1], end)
    for start, _ in spans:
        reason = "a model that chats became an embedding"
        doubts.append(Doubt(key, "mode", ats[start], _EMBEDDING, reason))
    found = {}
    for field, line in fields.items():
        kept = without_flicker(outside(line, spans, end), times)
        kept, jumps = without_jumps(field, kept, times)
        found[field] = kept
        reason = "a jump that went back"
        doubts += [Doubt(key, field, ats[i], value, reason) for i, value in jumps]
    return found, doubts
