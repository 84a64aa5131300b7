"""`modeldex list`: the models of the catalogue, or those that a provider has now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from modeldex.cli.models import (
    COLUMNS,
    LAYOUT,
    as_of_option,
    complete_providers,
    csv_columns,
    model_row,
    open_registry,
    print_models,
)
from modeldex.cli.render import chosen, emit, note, output_options
from modeldex.cli.sources import span
from modeldex.usecases.records import flat_record

if TYPE_CHECKING:
    from modeldex.domain.listed import Listed

_TOLD = ("tier", "age")


@click.command("list")
@click.argument("provider", required=False, shell_complete=complete_providers)
@click.option("--all", "everything", is_flag=True, help="Retired models too.")
@click.option("--live", is_flag=True, help="Ask its API now, or its local server.")
@as_of_option
@output_options
@click.pass_obj
def list_command(  # noqa: PLR0913
    path: str | None,
    /,
    provider: str | None,
    *,
    as_of: str | None,
    form: str | None,
    everything: bool,
    live: bool,
) -> None:
    """List the models of all providers, or of one.

    With --live those that its API answers now, within 30 seconds; else what it last
    answered, or the catalogue's. Which it is, and how old, is told.
    """
    if live:
        if provider is None:
            raise click.UsageError("--live asks one provider: name it")
        if as_of is not None or everything:
            other = "--all" if everything else "--as-of"
            raise click.UsageError(f"{other} asks the catalogue, --live the provider")
        _print_live(open_registry(path).load_models(provider, force_refresh=True), form)
        return
    registry = open_registry(path, as_of)
    status = "any" if everything else None
    models = registry.find(provider=provider, status=status)
    print_models(registry, models, form, len(models))


def _print_live(found: Listed, form: str | None) -> None:
    """Print a live list with its tier and age; say why it is no fresher."""
    if found.error:
        note(found.error)
    age = "" if found.age is None else f", {span(found.age)} old"
    note(f"{len(found):,} models; tier {found.tier}{age}; USD per 1M tokens")
    told: dict[str, Any] = {"tier": found.tier, "age": found.as_dict()["age"]}
    columns, rows = list(COLUMNS), [model_row(model) for model in found]
    if form == "csv":
        columns, rows = csv_columns(), [flat_record(m.as_dict()) for m in found]
    elif chosen(form) == "table":  # the footer tells
        return emit(rows, columns, form, layout=LAYOUT)
    rows = [{**row, **told} for row in rows]
    return emit(rows, (*columns, *_TOLD), form, records=found.as_dict)
