"""`modeldex events`: what instances tell each other."""

from __future__ import annotations

import contextlib
from itertools import islice

import click

from modeldex.cli.render import note
from modeldex.errors import InvalidInputError
from modeldex.usecases.records import json_line, shown
from modeldex.usecases.revisions import revision_record


@click.group("events")
def events_command() -> None:
    """Hear what instances tell each other."""


@events_command.command("tail")
@click.option("--since", type=click.IntRange(0), metavar="N", help="After this one.")
@click.option("--count", type=click.IntRange(1), metavar="N", help="End after so many.")
@click.option(
    "--timeout",
    type=click.FloatRange(0),
    metavar="SECONDS",
    help="End after so many seconds; never unless given.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document per line.")
@click.pass_obj
def tail_command(
    path: str | None,
    *,
    since: int | None,
    count: int | None,
    timeout: float | None,
    as_json: bool,
) -> None:
    """Print each revision as it comes, until it is interrupted.

    \b
    modeldex events tail
    modeldex events tail --since 0 --json --timeout 5
    """
    if path is not None:
        raise InvalidInputError("a catalogue opened at a path has no revisions")
    from modeldex.bootstrap.following import open_bus, store_opener
    from modeldex.usecases.tailing import tail

    with contextlib.ExitStack() as stack:
        bus = open_bus()
        if bus is not None:
            stack.callback(bus.close)
        found = tail(store_opener(), bus, since=since, timeout=timeout, note=note)
        stack.callback(found.close)
        for revision in islice(found, count):
            row = revision_record(revision)
            if as_json:
                line = json_line(row)
            else:
                named = ("revision", "at", "author", "source", "changes", "reason")
                line = "\t".join(" ".join(shown(row[name]).split()) for name in named)
            click.echo(line)
