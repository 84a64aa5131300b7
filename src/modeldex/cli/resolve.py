"""`modeldex resolve`: which model a text means, and by which rule."""

from __future__ import annotations

from typing import Any

import click

from modeldex.cli.models import complete_providers, open_registry
from modeldex.cli.render import Layout, chosen, emit, note, output_options
from modeldex.errors import NotFoundError, UnknownProviderError

COLUMNS = ("text", "ref", "rule", "steps", "notes", "price_applies")
CANDIDATE_COLUMNS = ("candidate", "reason")
_LAYOUT = Layout(prose=frozenset(("reason", "value")))


@click.command("resolve")
@click.argument("text")
@click.option("--provider", help="At this provider.", shell_complete=complete_providers)
@output_options
@click.pass_obj
def resolve_command(
    path: str | None, text: str, provider: str | None, form: str | None
) -> None:
    """Say which model a text means: exactly, by a rule, or not at all.

    \b
    modeldex resolve claude-3.5-haiku-latest
    modeldex resolve us.anthropic.claude-sonnet-4-5-20250929-v1:0
    modeldex resolve gpt-35-turbo --provider azure
    """
    registry = open_registry(path)
    try:
        found = registry.resolve(text, provider)
    except UnknownProviderError:
        raise
    except NotFoundError as error:
        _print_candidates(text, error, form)
        raise
    record = found.as_dict()
    if form == "quiet":
        click.echo(found.ref)
    elif form == "csv":
        emit([record], COLUMNS, form)
    else:
        rows = [{"fact": key, "value": value} for key, value in record.items()]
        rows = [row for row in rows if row["value"] not in ([], None)]
        emit(rows, ("fact", "value"), form, records=lambda: record, layout=_LAYOUT)


def _print_candidates(text: str, error: NotFoundError, form: str | None) -> None:
    """Print what may be meant; the error itself follows on standard error."""
    rows = [{"candidate": ref, "reason": why} for ref, why in error.candidates]
    record: dict[str, Any] = {
        "text": text,
        "error": error.code,
        "message": str(error),
        "candidates": rows,
        "suggestions": list(error.suggestions),
    }
    if rows or form in ("json", "yaml"):
        emit(rows, CANDIDATE_COLUMNS, form, records=lambda: record, layout=_LAYOUT)
    if rows and chosen(form) == "table":
        note(f"{len(rows)} candidates; write one of them whole")
