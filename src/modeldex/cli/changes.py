"""`modeldex changes`: what became known lately, as rows or as a feed."""

from __future__ import annotations

import click

from modeldex.cli.history import COLUMNS, LAYOUT, row_of
from modeldex.cli.models import complete_providers, open_registry
from modeldex.cli.progress import ticking
from modeldex.cli.render import chosen, emit, note, output_options
from modeldex.domain.change import KINDS
from modeldex.usecases.feed import FEEDS, atom_feed, json_feed
from modeldex.usecases.records import json_text


@click.command("changes")
@click.option(
    "--since",
    default="30d",
    metavar="SPAN|TIME",
    help="From when on: 30d, 4w, or a day; 30d unless given.",
)
@click.option("--until", metavar="TIME", help="The last day; today unless given.")
@click.option("--provider", shell_complete=complete_providers, help="Of this provider.")
@click.option("--kind", type=click.Choice(KINDS), help="Of this kind alone.")
@click.option("--feed", type=click.Choice(FEEDS), help="Write a feed.")
@output_options
@click.pass_obj
def changes_command(  # noqa: PLR0913
    path: str | None,
    /,
    *,
    since: str,
    until: str | None,
    provider: str | None,
    kind: str | None,
    feed: str | None,
    form: str | None,
) -> None:
    """Tell what became known of all models: prices, facts, models that come and go.

    \b
    modeldex changes --since 30d --provider openai
    modeldex changes --since 7d --feed atom > changes.xml
    """
    registry = open_registry(path)
    with ticking("reading the history") as tick:
        found = registry.changes(since, until, provider, kind, tick)
    if feed == "json":
        click.echo(json_text(json_feed(found)))
    elif feed == "atom":
        click.echo(atom_feed(found, registry.catalog.today()), nl=False)
    else:
        emit([row_of(change) for change in found], COLUMNS, form, layout=LAYOUT)
        if chosen(form) == "table":
            note(f"{len(found):,} changes")
