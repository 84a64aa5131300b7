"""When a call was made: a day, and the time of day where it is known."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from modeldex.domain import Value, set_slot
from modeldex.errors import InvalidInputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PART = re.compile(
    r"(?:([1-7]{1,7})/)?([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)"
)
MINUTES_PER_DAY = 24 * 60


class Moment(Value):
    """A day (UTC, ISO text) and the very time, or None where only the day is known."""

    __slots__ = ("day", "time")
    day: str
    time: datetime | None

    def __init__(self, day: str, time: datetime | None = None) -> None:
        set_slot(self, "day", day)
        set_slot(self, "time", time)

    def __str__(self) -> str:
        return self.day if self.time is None else self.time.isoformat()


def read_moment(at: object) -> Moment:
    """Read an ISO text, a date, an aware datetime or a Moment.

    A bare date has no time of day. Raises InvalidInputError for anything else, and
    for a time without a zone.
    """
    if isinstance(at, Moment):
        return at
    if isinstance(at, str):
        at = _parsed(at.strip())
    if isinstance(at, datetime):
        if at.utcoffset() is None:
            message = f"{at.isoformat()}: a time needs its zone, as {at.isoformat()}Z"
            raise InvalidInputError(message)
        try:
            time = at.astimezone(UTC)
        except OverflowError:
            message = f"{at.isoformat()}: in UTC this is no day of the years 1 to 9999"
            raise InvalidInputError(message) from None
        return Moment(time.date().isoformat(), time)
    if isinstance(at, date):
        return Moment(at.isoformat())
    message = f"a time is ISO text, a date or an aware datetime, not {at!r}"
    raise InvalidInputError(message)


def _parsed(text: str) -> date | datetime:
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
        return datetime.fromisoformat(text)
    except ValueError:
        message = f"{text[:80]!r} is no time; write 2026-03-31 or 2026-03-31T12:00:00Z"
        raise InvalidInputError(message) from None


class Hours(Value):
    """Times of day on some weekdays, as `HH:MM-HH:MM` joined by `+`.

    Each part may name weekdays (1 is Monday) before a `/`; a part that ends before
    it begins goes on after midnight, and belongs to the day on which it began. Raises
    InvalidInputError for text of another form.
    """

    __slots__ = ("parts", "weekday_zone", "zone")
    parts: tuple[tuple[str, int, int], ...]
    zone: str
    weekday_zone: str

    def __init__(self, text: str, zone: str = "UTC", weekday_zone: str = "") -> None:
        set_slot(self, "parts", tuple(_parts(text)))
        set_slot(self, "zone", zone)
        set_slot(self, "weekday_zone", weekday_zone or zone)

    def hold_at(self, time: datetime) -> bool:
        """Tell whether an aware time lies in one of the parts."""
        local = _in_zone(time, self.zone)
        minute = local.hour * 60 + local.minute
        today = str(_in_zone(time, self.weekday_zone).isoweekday())
        yesterday = str((int(today) + 5) % 7 + 1)
        for days, start, end in self.parts:
            if start < end:
                if start <= minute < end and today in days:
                    return True
            elif (minute >= start and today in days) or (
                minute < end and yesterday in days
            ):
                return True
        return False


def _parts(text: str) -> Iterator[tuple[str, int, int]]:
    for part in text.split("+"):
        match = _PART.fullmatch(part)
        if not match:
            message = f"{part[:40]!r} is no time of day; write 00:30-16:30"
            raise InvalidInputError(message)
        days, *clock = match.groups()
        hour, minute, end_hour, end_minute = map(int, clock)
        start, end = hour * 60 + minute, end_hour * 60 + end_minute
        if end == 0:
            end = MINUTES_PER_DAY
        if start >= MINUTES_PER_DAY or end > MINUTES_PER_DAY or start == end:
            message = f"{part!r} is no stretch of a day"
            raise InvalidInputError(message)
        yield days or "1234567", start, end


def _in_zone(time: datetime, zone: str) -> datetime:
    if zone == "UTC":
        return time.astimezone(UTC)
    from zoneinfo import ZoneInfo

    try:
        return time.astimezone(ZoneInfo(zone))
    except (KeyError, ValueError, OSError):
        message = f"{zone[:40]!r} is no time zone; write UTC or Asia/Shanghai"
        raise InvalidInputError(message) from None
