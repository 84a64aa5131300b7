"""`modeldex capabilities`: the vocabulary of what models can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from modeldex.cli.models import open_registry
from modeldex.cli.render import Layout, chosen, emit, note, output_options
from modeldex.domain.capability import ALIASES, CAPABILITIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from click.shell_completion import CompletionItem

COLUMNS = ("capability", "yes", "no", "unknown", "meaning")
_MEANINGS = Layout(prose=frozenset(("meaning",)))
_VALUES = Layout(prose=frozenset(("value",)))


def _complete(
    ctx: click.Context,  # noqa: ARG001
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    names = sorted((*CAPABILITIES, *ALIASES))
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


@click.command("capabilities")
@click.argument("name", required=False, shell_complete=_complete)
@output_options
@click.pass_obj
def capabilities_command(path: str | None, name: str | None, form: str | None) -> None:
    """List the capabilities with how many models have them, or explain one."""
    registry = open_registry(path)
    if name is None:
        rows = [
            {"capability": one, **counts, "meaning": f"can {CAPABILITIES[one]}"}
            for one, counts in registry.capability_counts().items()
        ]
        emit(rows, COLUMNS, form, layout=_MEANINGS)
        if chosen(form) == "table":
            note("counted are models that are not retired")
        return
    facts = registry.describe_capability(name)
    if form in ("csv", "quiet"):
        emit([facts], list(facts), form)
        return
    rows = [
        {"fact": key, "value": value}
        for key, value in facts.items()
        if key != "parameters" and value not in ([], None)
    ]
    rows += [
        {"fact": f"parameter {parameter}", "value": _told(row)}
        for parameter, row in facts["parameters"].items()
    ]
    emit(rows, ("fact", "value"), form, records=lambda: facts, layout=_VALUES)


def _told(row: Mapping[str, Any]) -> str:
    values = f" ({', '.join(row['values'])})" if "values" in row else ""
    return f"{row['type']}{values}: {row['about']}"
