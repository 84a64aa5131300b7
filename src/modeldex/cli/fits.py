"""`modeldex fits`: whether a request fits into a model's limits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from modeldex.cli.models import complete_refs, open_registry
from modeldex.cli.render import chosen, emit, note, output_options
from modeldex.errors import InvalidInputError

if TYPE_CHECKING:
    from modeldex.domain.fit import Fit

FITS, NOT = 0, 1
COLUMNS = ("limit", "allowed", "needed", "headroom", "basis")
# keys of a request: what is asked, what stands before it, the longest answer
_ASKED = ("messages", "input")
_SYSTEM = ("system", "instructions")
_ANSWER = ("max_completion_tokens", "max_output_tokens", "max_tokens")
_WORDS = {True: "fits", False: "does not fit", None: "not known whether it fits"}


@click.command("fits")
@click.argument("ref", shell_complete=complete_refs)
@click.option("--input", "tokens", type=click.IntRange(0), help="Tokens of the prompt.")
@click.option(
    "--messages",
    type=click.File("rb"),
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
    messages: BinaryIO | None,
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
    prompt: Any = tokens
    answer = None
    if messages is not None:
        prompt, answer = _read(messages)
    longest = answer if max_output is None else max_output
    found = open_registry(path).fits(ref, prompt, longest)
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


def _read(file: BinaryIO) -> tuple[Any, int | None]:
    """Return messages of JSON, or text, and the longest answer of a whole request.

    Raises InvalidInputError for what holds no messages.
    """
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"the messages are no UTF-8: {error}") from error
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise InvalidInputError("the messages are nested too deep") from error
    except ValueError:
        return text, None
    if isinstance(value, dict):
        return _request(value)
    return value if isinstance(value, list) else text, None


def _request(value: dict[str, Any]) -> tuple[Any, int | None]:
    """Return what a message or a request asks, and its longest answer."""
    messages = next((value[name] for name in _ASKED if name in value), None)
    if messages is None:
        if "content" in value:
            return value, None
        message = f"the JSON has neither content nor {' nor '.join(_ASKED)}"
        raise InvalidInputError(message)
    if isinstance(messages, str):
        messages = [{"content": messages}]
    if not isinstance(messages, list):
        message = f"the messages are {type(messages).__name__}, not a list"
        raise InvalidInputError(message)
    system = [{"content": value[name]} for name in _SYSTEM if value.get(name)]
    answer = next((value[name] for name in _ANSWER if value.get(name)), None)
    return [*system, *messages], answer
