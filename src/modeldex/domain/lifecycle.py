"""Status on a day: a rule over dates and flags, never frozen into data."""

from __future__ import annotations

STATUSES = ("preview", "active", "deprecated", "retired", "disabled")
# what `find` leaves out unless a status is named; disabled is what people switched off
LEFT_OUT = ("retired", "disabled")
# providers that state a shutdown day for models they have just launched, as the
# earliest day possible: there it announces an end only once it is near
LAUNCH_DATED = frozenset(
    ("anthropic", "azure", "google", "google-vertex", "google-vertex-anthropic")
)
NOTICE_DAYS = 90


def status_on(
    day: str, flag: str | None, deprecation_date: str | None, provider: str = ""
) -> str:
    """Return the status on an ISO day: one of STATUSES.

    The deprecation date is the day the model stops: it is retired from then on,
    and deprecated before, as the provider has announced its end. At a LAUNCH_DATED
    provider a day more than NOTICE_DAYS ahead is no announcement.
    """
    if flag == "disabled":
        return flag
    if flag == "retired" or (deprecation_date and deprecation_date <= day):
        return "retired"
    if flag == "deprecated" or (
        deprecation_date
        and (
            provider not in LAUNCH_DATED
            or deprecation_date <= day_after(day, NOTICE_DAYS)
        )
    ):
        return "deprecated"
    return flag or "active"


def day_after(day: str, days: int) -> str:
    """Return the ISO day so many days after one; the last there is, beyond it."""
    from datetime import date, timedelta

    try:
        return (date.fromisoformat(day) + timedelta(days)).isoformat()
    except OverflowError:
        return date.max.isoformat()


def days_between(day: str, later: str) -> int:
    """Return the days from one ISO day to another; below 0 when that is earlier."""
    from datetime import date

    return (date.fromisoformat(later) - date.fromisoformat(day)).days


def first_day(date: str) -> str:
    """Return the first day that a full or partial ISO date may mean."""
    return date + "0000-01-01"[len(date) :]
