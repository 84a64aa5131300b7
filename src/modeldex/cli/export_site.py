"""`modeldex export site DIR`: the catalogue as plain files, to be followed."""

from __future__ import annotations

import click

from modeldex.cli.models import open_registry
from modeldex.cli.progress import ticking
from modeldex.cli.render import emit, output_options

COLUMNS = ("directory", "written", "same", "removed", "revision", "digest")


@click.command("site")
@click.argument("directory", type=click.Path(file_okay=False))
@click.option("--no-history", is_flag=True, help="Leave the history of each model out.")
@output_options
@click.pass_obj
def site_command(
    path: str | None, /, *, directory: str, no_history: bool, form: str | None
) -> None:
    """Write the catalogue as files that any file host serves.

    `modeldex.open(URL)` follows what is served, as it does a service; and so does a
    line of another registry's configuration.

    \b
    modeldex export site public/
    modeldex --catalog https://models.example.org export site mirror/
    """
    registry = open_registry(path)
    with ticking("writing the site") as tick:
        report = registry.site(directory, history=not no_history, tick=tick)
    emit([report.as_dict()], COLUMNS, form)
