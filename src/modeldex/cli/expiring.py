"""`modeldex expiring`: what dies, when, and what to move to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from modeldex.cli.models import complete_providers, open_registry
from modeldex.cli.render import Layout, chosen, emit, note, output_options

if TYPE_CHECKING:
    from collections.abc import Iterable

    from modeldex.usecases.lifecycle import Expiry

COLUMNS = (
    "ref",
    "status",
    "day",
    "days_left",
    "replacement",
    "kind",
    "replacement_status",
    "input_change",
    "output_change",
    "source",
)
_LAYOUT = Layout(
    droppable=(
        *("source", "output_change", "input_change", "replacement_status"),
        *("status", "days_left"),
    ),
    prose=frozenset(("replacement",)),
    titles={
        "days_left": "days",
        "replacement_status": "its status",
        "input_change": "input %",
        "output_change": "output %",
    },
)


def read_names(lines: Iterable[bytes]) -> list[str]:
    """Return the names of a list, one a line; `#` begins a comment.

    What is no UTF-8 is replaced, so that it is no name of a model.
    """
    texts = (line.decode("utf-8-sig", "replace") for line in lines)
    names = (text.partition("#")[0].strip() for text in texts)
    return [name for name in names if name]


def _row(expiry: Expiry) -> dict[str, Any]:
    row: dict[str, Any] = {
        "ref": expiry.ref,
        "status": expiry.status,
        "day": expiry.day,
        "days_left": expiry.days_left,
        "source": expiry.source,
    }
    first = expiry.replacement
    if first is not None:
        row["replacement"] = [one.ref for one in expiry.replacements]
        row["replacement_status"] = first.status
        for name in ("kind", "input_change", "output_change"):
            row[name] = getattr(first, name)
    return row


@click.command("expiring")
@click.option("--within", default="90d", show_default=True, help="Span: 90d, 12w.")
@click.option(
    "--provider", help="Only at this provider.", shell_complete=complete_providers
)
@click.option(
    "--refs-from",
    "names",
    type=click.File("rb"),
    help="Only refs and ids of this file, one a line; - reads standard input.",
)
@click.option("--at", help="As if it were this day, YYYY-MM-DD.")
@click.option("--fail", is_flag=True, help="Exit 1 when there is anything to list.")
@output_options
@click.pass_obj
def expiring_command(
    path: str | None,
    /,
    names: Any,
    fail: bool,  # noqa: FBT001
    form: str | None,
    **options: Any,
) -> int:
    """List the models that stop within a span, by day, and what to move to.

    A replacement is stated by the provider, or suggested by a rule; its own status
    follows. Of a list of names, what has stopped and what is unknown is listed too.
    Changes are in percent of the price of input and output tokens.

    \b
    modeldex expiring --within 30d --provider openai
    modeldex expiring --refs-from models.txt --fail
    """
    refs = None if names is None else read_names(names)
    found = open_registry(path).expiring(refs=refs, **options)
    emit(
        [_row(expiry) for expiry in found],
        COLUMNS,
        form,
        records=lambda: [expiry.as_dict() for expiry in found],
        layout=_LAYOUT,
    )
    if chosen(form) == "table":
        unknown = sum(expiry.status == "unknown" for expiry in found)
        told = f"; {unknown} unknown" if unknown else ""
        note(f"{len(found) - unknown} end within {options['within']}{told}")
    return int(fail and bool(found))
