"""`modeldex providers`: who answers requests."""

from __future__ import annotations

import click

from modeldex.cli.models import complete_providers, open_registry
from modeldex.cli.render import Layout, emit, output_options

COLUMNS = ("provider", "name", "kind", "models", "default_model", "env")
_LAYOUT = Layout(cut="env", droppable=("env", "default_model", "kind"))


@click.command("providers")
@click.argument("provider", required=False, shell_complete=complete_providers)
@output_options
@click.pass_obj
def providers_command(path: str | None, provider: str | None, form: str | None) -> None:
    """List the providers, or show the facts of one."""
    registry = open_registry(path)
    if provider is None:
        rows = [registry.provider_info(name) for name in registry.providers()]
        emit(rows, COLUMNS, form, layout=_LAYOUT)
        return
    facts = registry.provider_info(provider)
    if form in ("csv", "quiet"):
        emit([facts], COLUMNS, form)
    else:
        rows = [{"fact": key, "value": value} for key, value in facts.items()]
        emit(rows, ("fact", "value"), form, records=lambda: facts)
