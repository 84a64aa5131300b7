"""`modeldex history`: what changed of a model, in rows or drawn."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import click

from modeldex.cli import LazyGroup
from modeldex.cli.models import complete_refs, open_registry
from modeldex.cli.render import Layout, chosen, emit, note, output_options
from modeldex.domain.change import plain, value_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modeldex.domain.change import Change
    from modeldex.registry import Registry

# subcommand -> module of this package that has it
PARTS = {"backfill": "history_backfill"}
COLUMNS = ("date", "ref", "field", "old", "new", "kind", "source", "effective_at")
LAYOUT = Layout(droppable=("effective_at", "source", "kind"))
_DRAWN = "pricing.input"
_CHART_WIDTH = 72  # characters, where the terminal has so many


def row_of(change: Change) -> dict[str, Any]:
    """Return a change as a row; `date` is when it became known."""
    fact = change.new or change.old
    source = fact.source if fact is not None else None
    return {
        "date": change.observed_at,
        "ref": change.ref,
        "field": change.field,
        "old": value_of(change.old),
        "new": value_of(change.new),
        "kind": change.kind,
        "source": source if isinstance(source, str) else plain(source),
        "effective_at": change.effective_at,
    }


def read_field(field: str | None) -> str | None:
    """Read the name of a field; `price.input` is `pricing.input`."""
    if field is not None and field.partition(".")[0] == "price":
        return "pricing" + field.removeprefix("price")
    return field


class _History(LazyGroup):
    """A group whose first word is a ref, unless it names a part."""

    parts = PARTS

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] in PARTS:
            return super().resolve_command(ctx, args)
        return "", _of_command, args


@click.command("of", add_help_option=False)
@click.argument("refs", nargs=-1, required=True, shell_complete=complete_refs)
@click.option(
    "--field", metavar="FIELD", help="One fact, as pricing.input, or a group."
)
@click.option("--source", help="What this source said itself; any: what each said.")
@click.option("--plot", type=click.Path(dir_okay=False), metavar="FILE")
@output_options
@click.pass_obj
def _of_command(  # noqa: PLR0913
    path: str | None,
    /,
    *,
    refs: tuple[str, ...],
    field: str | None,
    source: str | None,
    plot: str | None,
    form: str | None,
) -> None:
    registry = open_registry(path)
    wanted = read_field(field)
    if plot is not None:
        _draw(registry, refs, wanted or _DRAWN, plot)
        return
    found = {ref: registry.history(ref, wanted, source) for ref in refs}
    rows = [row_of(change) for changes in found.values() for change in changes]
    rows.sort(key=lambda row: row["date"])
    emit(rows, COLUMNS, form, layout=LAYOUT)
    if chosen(form) == "table" and source is None:
        _print_chart(registry, found, wanted)
    if not rows:
        about = f"{wanted} of {', '.join(refs)}" if wanted else ", ".join(refs)
        note(f"nothing is known of the past of {about}")


@click.command(
    "history",
    cls=_History,
    context_settings={"ignore_unknown_options": True},
    subcommand_metavar="REF… [OPTIONS]",
)
def history_command() -> None:
    """Tell what changed of models, as it became known; also of those that are gone.

    What was served is told, merged out of all sources, with the day on which a source
    says that it began.

    \b
    --field FIELD   one fact, as pricing.input, or a group, as pricing
    --source NAME   what this source said itself; any: what each said
    --plot FILE     draw step lines into an .svg, .png or .html file
    --json, --csv, --yaml, -q, --format FORM

    \b
    modeldex history openai/o3 --field pricing
    modeldex history openai/o3 openai/gpt-4o --field pricing.input --plot prices.svg
    """


def _draw(registry: Registry, refs: Sequence[str], field: str, plot: str) -> None:
    from modeldex.usecases.chart import drawing, picture, points

    until = registry.catalog.today()
    lines = [points(ref, field, registry.history(ref), until) for ref in refs]
    form = os.path.splitext(plot)[1].removeprefix(".").lower()
    data = picture(drawing(lines, _title(field)), form)
    with open(plot, "wb") as file:
        file.write(data)
    note(f"{plot}: {field} of {', '.join(refs)}, {sum(map(len, lines))} points")


def _title(field: str) -> str:
    return f"{field}, USD per 1M" if field.startswith("pricing.") else field


def _print_chart(
    registry: Registry, found: dict[str, list[Change]], field: str | None
) -> None:
    """Draw a price, or the field that was asked for where it is a number."""
    from modeldex.errors import InvalidInputError
    from modeldex.usecases.chart import points, text_chart

    drawn = field or _DRAWN
    until = registry.catalog.today()
    try:
        lines = [points(ref, drawn, registry.history(ref), until) for ref in found]
    except InvalidInputError:
        return  # words are no lines
    chart = text_chart(lines, min(_CHART_WIDTH, shutil.get_terminal_size().columns))
    if chart:
        click.echo(f"{_title(drawn)}")
        click.echo("\n".join(chart))
