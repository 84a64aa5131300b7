"""Status on a day: a rule over dates and flags, never frozen into data."""

from __future__ import annotations

STATUSES = ("preview", "active", "deprecated", "retired")


def status_on(day: str, flag: str | None, deprecation_date: str | None) -> str:
    """Return the status on an ISO day: preview, active, deprecated or retired.

    The deprecation date is the day the model stops. A date to come does not
    make a model deprecated (some clouds publish one at launch); the flag of a
    source does.
    """
    if flag == "retired" or (deprecation_date and deprecation_date <= day):
        return "retired"
    return flag or "active"


def first_day(date: str) -> str:
    """Return the first day that a full or partial ISO date may mean."""
    return date + "0000-01-01"[len(date) :]
