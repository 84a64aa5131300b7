"""`modeldex conflicts` and `verdict`: where sources disagree, and who is right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from modeldex.cli.edit import edit_by, writing_options
from modeldex.cli.models import complete_refs, open_registry
from modeldex.cli.render import Layout, emit, output_options

if TYPE_CHECKING:
    from modeldex.registry import Registry

COLUMNS = ("ref", "field", "value", "source", "claims", "verdict")
LAYOUT = Layout(cut="ref", droppable=("verdict",), prose=frozenset(("claims", "value")))


@click.command("conflicts")
@click.argument("ref", required=False, shell_complete=complete_refs)
@click.option("--field", metavar="NAME", help="Only this field, or group: pricing.")
@click.option("--provider", metavar="NAME", help="Only this provider's models.")
@output_options
@click.pass_obj
def conflicts_command(
    path: str | None,
    /,
    ref: str | None,
    field: str | None,
    provider: str | None,
    form: str | None,
) -> int:
    """List where sources do not say the same, and what is served.

    Prices within 2 % and limits within 5 % are the same.
    """
    registry = open_registry(path)
    if ref is not None:
        ref = registry.get_info(ref).ref
    place = None
    if provider is not None:
        from modeldex.catalog.resolve import provider_in

        place = provider_in(registry.catalog, provider)
    found = registry.sources.conflicts(ref, field, place)
    records = [conflict.as_dict() for conflict in found]
    emit(records, COLUMNS, form, records=lambda: records, layout=LAYOUT)
    return 0


@click.command("verdict")
@click.argument("ref", shell_complete=complete_refs)
@click.argument("field")
@click.option("--to", required=True, metavar="SOURCE", help="Who is right.")
@writing_options
@click.pass_obj
def verdict_command(
    path: str | None, /, ref: str, field: str, to: str, **how: Any
) -> int:
    """Serve what one source says of a field, or a group, until it moves.

    \b
    modeldex verdict openai/gpt-4o pricing --to litellm --because 'their page'
    """

    def verb(registry: Registry) -> Any:
        return registry.sources.verdict

    return edit_by(path, verb, ref, field, to, need_reason=True, **how)
