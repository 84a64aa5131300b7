"""`modeldex export FORMAT`: the catalogue in the formats of others."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modeldex.cli.export_site import site_command
from modeldex.cli.models import as_of_option, complete_terms, open_registry
from modeldex.cli.render import Layout, emit, note, output_options
from modeldex.usecases.exports import FORMATS
from modeldex.usecases.records import json_text

if TYPE_CHECKING:
    from modeldex.usecases.exports.export import Export
    from modeldex.usecases.exports.losses import Losses

COLUMNS = ("field", "models", "kind", "reason", "examples")
_BINARY = ("sqlite", "parquet")
_LAYOUT = Layout(cut="examples", droppable=("examples",))
_PLACES = Layout(prose=frozenset(("what",)))


class _Formats(click.Group):
    """A group with a command for each format."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the formats, and what else the group has."""
        return sorted({*super().list_commands(ctx), *FORMATS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of a format; None for a word that is none."""
        found = super().get_command(ctx, cmd_name)
        return found or (_command(cmd_name) if cmd_name in FORMATS else None)


@click.group("export", cls=_Formats)
def export_command() -> None:
    """Write the catalogue in another program's format."""


@export_command.command("list")
@output_options
def list_command(form: str | None) -> None:
    """List the formats: what they are, and as which file they are served."""
    rows = [
        {
            "format": row.name,
            "file": row.filename,
            "media_type": row.media_type,
            "what": row.about,
        }
        for row in FORMATS.values()
    ]
    emit(rows, ("format", "file", "media_type", "what"), form, layout=_PLACES)


export_command.add_command(site_command)


def _command(name: str) -> click.Command:
    """Return the command that writes one format."""

    @click.command(name, help=_help(name))
    @click.argument("terms", nargs=-1, shell_complete=complete_terms)
    @click.option("--out", metavar="PATH", default=None, help=_out(name))
    @click.option(
        "--losses", is_flag=True, help="Tell what the format does not carry instead."
    )
    @click.option("--json", "as_json", is_flag=True, help="JSON, of what is told.")
    @as_of_option
    @click.pass_obj
    def command(
        path: str | None,
        /,
        terms: tuple[str, ...],
        out: str | None,
        as_of: str | None,
        **told: bool,
    ) -> None:
        registry = open_registry(path, as_of)
        if out is not None or not told["losses"]:
            _check_place(name, out, as_json=told["as_json"])
        made = registry.export(name, " ".join(terms) or None)
        if out is not None and out != "-":
            _write(made, Path(out), as_json=told["as_json"] and not told["losses"])
        elif not told["losses"]:
            _print(made)
        if told["losses"]:
            _print_losses(made.losses, "json" if told["as_json"] else None)

    return command


def _print(made: Export) -> None:
    """Print the bytes; what is text as text."""
    if made.files is not None or made.name in _BINARY:
        sys.stdout.buffer.write(made.content)
    else:
        click.echo(made.content.decode(), nl=False)


def _help(name: str) -> str:
    return (
        f"Write {FORMATS[name].about}.\n\nTERMS choose models as `find` does; "
        "without any it is all that `find` shows."
    )


def _out(name: str) -> str:
    if FORMATS[name].is_directory:
        return "Directory, or a name with .zip or .tar.gz; - is a zip to the output."
    return "File; - is standard output, as without it."


def _check_place(name: str, out: str | None, *, as_json: bool) -> None:
    """Refuse what cannot be meant, before the work is done."""
    row = FORMATS[name]
    if row.is_directory and out is None:
        message = f"{name} is a directory of files: say --out DIR, or --out FILE.zip"
        raise click.UsageError(message)
    to_screen = out in (None, "-") and sys.stdout.isatty()
    if to_screen and (row.is_directory or name in _BINARY):
        message = f"{name} is no text for a terminal: say --out {row.filename}"
        raise click.UsageError(message)
    if as_json and out in (None, "-"):
        message = "--json tells what was written: say --out PATH, or --losses"
        raise click.UsageError(message)


def _write(made: Export, out: Path, *, as_json: bool) -> None:
    from modeldex.bootstrap.export_folder import write_export

    paths = write_export(made, out)
    losses = made.losses
    if as_json:
        facts = {
            "format": made.name,
            "path": str(out),
            "files": len(paths),
            "bytes": sum(path.stat().st_size for path in paths),
            "models": losses.models - len(losses.left_out),
            "left_out": len(losses.left_out),
            "lost": len(losses.lost),
        }
        click.echo(json_text(facts))
        return
    files = f" in {len(paths)} files" if len(paths) > 1 else ""
    carried = losses.models - len(losses.left_out)
    note(f"{carried:,} models written to {out}{files}")
    if not losses.is_empty:
        lost = len({loss.field for loss in losses.lost})
        note(f"{lost} kinds of facts are not carried by all: --losses tells which")


def _print_losses(losses: Losses, form: str | None) -> None:
    """Print what is not carried, what is taken for known, what of providers is lost."""
    rows: list[dict[str, Any]] = [
        {**loss.as_dict(), "kind": kind}
        for kind, listed in (
            ("lost", losses.lost),
            ("filled", losses.filled),
            ("provider", losses.of_providers),
        )
        for loss in listed
    ]
    emit(rows, COLUMNS, form, records=losses.as_dict, layout=_LAYOUT)
    if losses.is_empty and form != "json":
        note(f"every fact of {losses.models:,} models is carried")
