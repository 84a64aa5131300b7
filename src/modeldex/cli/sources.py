"""`modeldex sources`: where facts come from, and how old they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from modeldex.cli.models import open_registry
from modeldex.cli.render import Layout, chosen, emit, output_options

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COLUMNS = (
    "source",
    "kind",
    "provider",
    "needs",
    "ready",
    "synced_at",
    "age",
    "lag",
    "next_at",
    "rows",
    "error",
)
LAYOUT = Layout(
    cut="needs",
    droppable=("provider", "next_at", "rows", "lag"),
    prose=frozenset(("error",)),
)
_SPANS = ((86_400, "d"), (3_600, "h"), (60, "min"))


@click.command("sources")
@click.argument("names", nargs=-1, metavar="[SOURCE]...")
@output_options
@click.pass_obj
def sources_command(
    path: str | None, /, names: tuple[str, ...], form: str | None
) -> int:
    """List where facts come from: what each needs, when it last answered.

    The lag is how long after a fact was true in the world it was seen there, in the
    middle of what is known; the age is the time since the last good answer.
    """
    registry = open_registry(path)
    records = [status.as_dict() for status in registry.sources.list(*names)]
    rows: Sequence[Mapping[str, Any]] = records
    if chosen(form) == "table":
        rows = [{**row, **_short(row)} for row in records]
    emit(rows, COLUMNS, form, records=lambda: records, layout=LAYOUT)
    return 0


def _short(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a person reads more easily."""
    spans = {name: span(row[name]) for name in ("age", "lag")}
    times = {n: (row[n] or "")[:16].replace("T", " ") for n in ("synced_at", "next_at")}
    return {**spans, **times, "rows": row["rows"] or None}


def span(seconds: float | None) -> str | None:
    """Write a length of time in its largest unit."""
    if seconds is None:
        return None
    for unit, name in _SPANS:
        if seconds >= unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds:.0f} s"
