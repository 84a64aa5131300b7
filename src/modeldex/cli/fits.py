"""`modeldex fits`: whether a request fits into a model's limits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TextIO

import click

from modeldex.cli.models import complete_refs, open_registry
from modeldex.cli.render import chosen, emit, note, output_options

if TYPE_CHECKING:
    from modeldex.domain.fit import Fit

FITS, NOT = 0, 1
COLUMNS = ("limit", "allowed", "needed", "headroom", "basis")
_WORDS = {True: "fits", False: "does not fit", None: "not known whether it fits"}


@click.command("fits")
@click.argument("ref", shell_complete=complete_refs)
@click.option("--input", "tokens", type=click.IntRange(0), help="Tokens of the prompt.")
@click.option(
    "--messages",
    type=click.File(encoding="utf-8"),
    help="Messages as JSON, or text, whose tokens are estimated; - is standard input.",
)
@click.option("--max-output", type=click.IntRange(0), help="Longest answer, in tokens.")
@output_options
@click.pass_obj
def fits_command(  # noqa: PLR0913
    path: str | None,
    /,
    *,
    ref: str,
    tokens: int | None,
    messages: TextIO | None,
    max_output: int | None,
    form: str | None,
) -> int:
    """Tell whether a request fits, and by how much.

    Exits with 0 when it fits, with 1 when it does not or that is not known.

    \b
    modeldex fits openai/gpt-4o --input 120000 --max-output 4096
    modeldex fits openai/gpt-4o --messages request.json
    """
    if (tokens is None) == (messages is None):
        raise click.UsageError("give --input or --messages")
    prompt: Any = tokens if messages is None else _read(messages)
    found = open_registry(path).fits(ref, prompt, max_output)
    emit([c.as_dict() for c in found.checks], COLUMNS, form, records=found.as_dict)
    if chosen(form) in ("table", "tsv"):
        note(_told(found))
    return FITS if found else NOT


def _told(found: Fit) -> str:
    parts = [f"{found.ref}: {_WORDS[found.fits]}"]
    if found.headroom is not None:
        kind = "to spare" if found.headroom >= 0 else "too many"
        parts.append(f"{abs(found.headroom):,} tokens {kind} by {found.limit}")
    return "; ".join((*parts, *found.notes))


def _read(file: TextIO) -> Any:
    """Return messages of JSON (a list, a message, a request's `messages`), or text."""
    text = file.read()
    try:
        value = json.loads(text)
    except ValueError:
        return text
    if isinstance(value, dict) and "messages" in value:
        value = value["messages"]
    return value if isinstance(value, list | dict) else text
