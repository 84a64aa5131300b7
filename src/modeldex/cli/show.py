"""`modeldex show`: one model, its sources, or all who serve it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from modeldex.cli.models import (
    as_of_option,
    complete_refs,
    named,
    open_registry,
    print_csv,
)
from modeldex.cli.render import Layout, chosen, emit, fact_rows, note, output_options

if TYPE_CHECKING:
    from modeldex.domain.model import Model
    from modeldex.registry import Registry
    from modeldex.usecases.lifecycle import Expiry

EVERYWHERE = (
    "ref",
    "input",
    "output",
    "context_window",
    "max_output_tokens",
    "status",
    "differs",
)
_ALL_DAYS = 10_000_000  # more than the calendar has
_LAYOUT = Layout(
    cut="differs",
    droppable=("status", "max_output_tokens"),
    titles={"context_window": "context", "max_output_tokens": "max_output"},
)


@click.command("show")
@click.argument("ref", shell_complete=complete_refs)
@click.option("--explain", is_flag=True, help="Name each fact's source, and dissent.")
@click.option("--everywhere", is_flag=True, help="Who serves it, and what differs.")
@as_of_option
@output_options
@click.pass_obj
def show_command(  # noqa: PLR0913
    path: str | None,
    /,
    *,
    ref: str,
    explain: bool,
    everywhere: bool,
    as_of: str | None,
    form: str | None,
) -> None:
    """Show all that is known of a model, provider/model.

    \b
    modeldex show openai/gpt-4o --explain
    modeldex show --everywhere gpt-oss-120b
    """
    if explain and everywhere:
        raise click.UsageError("give --explain or --everywhere, not both")
    if explain and as_of:
        raise click.UsageError("--explain is of today; `modeldex history` says who")
    registry = open_registry(path, as_of)
    if everywhere:
        _print_everywhere(registry, ref, form)
    elif explain:
        _print_sources(path, named(registry, ref), form)
    else:
        _print_model(registry, named(registry, ref), form)


def _print_everywhere(registry: Registry, name: str, form: str | None) -> None:
    found = registry.everywhere(name)
    rows = [serving.as_dict() for serving in found]
    emit(rows, EVERYWHERE, form, records=found.as_dict, layout=_LAYOUT)
    if chosen(form) == "table":
        than = f"than {found.reference}" if found.reference else "than most"
        note(
            f"{len(found)} serve {found.canonical or name}; differs: other {than}; "
            "USD per 1M tokens"
        )


def _print_sources(path: str | None, model: Model, form: str | None) -> None:
    from modeldex.bootstrap.importing import read_claims
    from modeldex.usecases.explain import explain as explain_model

    found = [line.as_dict() for line in explain_model(model, read_claims(path))]
    columns = ("field", "value", "source", "others", "quarantined")
    emit(found, columns, form, records=lambda: {"ref": model.ref, "fields": found})


def _print_model(registry: Registry, model: Model, form: str | None) -> None:
    if form == "csv":
        print_csv([model])
    elif form == "quiet":
        click.echo(model.ref)
    else:
        end = _end_of(registry, model)
        record = model.as_dict() | {"days_left": end.days_left if end else None}
        rows = []
        for row in fact_rows(model.as_dict()):
            rows.append(row)
            if row["fact"] == "deprecation_date" and end is not None:
                rows.append({"fact": "shutdown", "value": _shutdown(end)})
        emit(rows, ("fact", "value"), form, records=lambda: record)


def _end_of(registry: Registry, model: Model) -> Expiry | None:
    """Return when a model is shut down and what to move to; None without a day."""
    if not model.deprecation_date:
        return None
    found = registry.expiring(_ALL_DAYS, refs=[model.ref])
    return found[0] if found else None


def _shutdown(end: Expiry) -> str:
    """Say in how many days a model stops, or since how many it has."""
    left = end.days_left or 0
    days = f"{abs(left):,} day{'s' if abs(left) != 1 else ''}"
    told = f"in {days}" if left > 0 else f"since {days}" if left else "today"
    if end.replacement is None:
        return told
    refs = " or ".join(one.ref for one in end.replacements)
    return f"{told}; {end.replacement.kind} replacement: {refs}"
