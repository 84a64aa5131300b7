"""`modeldex edit`: write by hand, on top of every source; each edit is one revision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from modeldex.cli.models import complete_refs, open_registry
from modeldex.cli.render import chosen, confirmed, emit, note, output_options
from modeldex.cli.revisions import COLUMNS, LAYOUT, change_rows, publish
from modeldex.errors import InvalidInputError
from modeldex.usecases.revisions import change_record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from modeldex.registry import Registry
    from modeldex.registry.edits import Edit


@click.group("edit")
def edit_command() -> None:
    """Write facts by hand: they are on top of every source and survive each sync.

    Each edit shows what would change, asks, and becomes one revision.
    """


def writing_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what every command that writes takes."""
    for option in (
        click.option("--yes", "-y", is_flag=True, help="Do not ask."),
        click.option("--dry-run", is_flag=True, help="Show the change, write nothing."),
        click.option(
            "--expect",
            type=click.IntRange(0),
            metavar="N",
            help="Write only if N is still the last revision.",
        ),
        click.option("--by", default="", help="Who writes; you, unless given."),
        click.option("--url", default="", help="Where it can be read."),
        click.option("--because", default="", metavar="WHY", help="Why it is so."),
    ):
        command = option(command)
    return output_options(command)


_effective = click.option(
    "--effective",
    default="",
    metavar="DAY",
    help="Since when it is so; from now on, unless given.",
)
_ref = click.argument("ref", shell_complete=complete_refs)


@edit_command.command("set")
@_ref
@click.argument("fields", nargs=-1, required=True, metavar="FIELD=VALUE...")
@click.option("--contract", is_flag=True, help="The prices are those of your contract.")
@click.option("--from", "first", metavar="DAY", help="The prices hold from this day.")
@click.option("--until", metavar="DAY", help="The first day they no longer hold.")
@_effective
@writing_options
@click.pass_obj
def set_command(
    path: str | None, /, ref: str, fields: Sequence[str], **how: Any
) -> int:
    """Set facts of a model, named and written as in YAML.

    \b
    modeldex edit set openai/gpt-4o pricing.input=2 --because 'our contract'
    modeldex edit set openai/gpt-4o pricing.input=2 --contract --from 2027-01-01 \\
        --because 'offer 1234' --url https://example.com/offer
    modeldex edit set openai/gpt-4o pricing.input=2 --effective 2026-03-01 \\
        --because 'the invoice of March'
    modeldex edit set openai/gpt-4o capabilities.vision=no context_window=64000 \\
        --because 'tried it'
    """
    days = {"valid_from": how.pop("first"), "valid_to": how.pop("until")}
    conditions = {name: day for name, day in days.items() if day}
    if how.pop("contract"):
        conditions["contract"] = "yes"
    given = _given(fields)
    if conditions:
        given = {_rate(field, conditions): value for field, value in given.items()}
    return edit_by(path, lambda r: r.edits.set, ref, given, need_reason=True, **how)


def _given(fields: Sequence[str]) -> dict[str, str]:
    from modeldex.catalog.authoring.assign import split_assignment

    return dict(map(split_assignment, fields))


def _rate(field: str, conditions: dict[str, str]) -> str:
    """Return the name of a price under conditions."""
    from modeldex.domain.pricing import rate_key

    group, _, meter = field.partition(".")
    if group != "pricing" or not meter:
        message = f"{field}: --contract, --from and --until go with pricing.METER"
        raise InvalidInputError(message)
    return f"rates.{rate_key(meter, **conditions)}"


@edit_command.command("add")
@_ref
@click.argument("fields", nargs=-1, required=True, metavar="FIELD=VALUE...")
@_effective
@writing_options
@click.pass_obj
def add_command(
    path: str | None, /, ref: str, fields: Sequence[str], **how: Any
) -> int:
    """Add a model of your own.

    \b
    modeldex edit add acme/finetuned name='Ours' context_window=32000 \\
        capabilities='[function_calling]' pricing='{input: 1, output: 3}'
    """
    return edit_by(path, lambda r: r.edits.add, ref, _given(fields), **how)


@edit_command.command("remove")
@_ref
@writing_options
@click.pass_obj
def remove_command(path: str | None, /, ref: str, **how: Any) -> int:
    """Remove a model that was added by hand; others are disabled."""
    return edit_by(path, lambda r: r.edits.remove, ref, **how)


@edit_command.command("pin")
@_ref
@click.argument("fields", nargs=-1, required=True, metavar="FIELD...")
@writing_options
@click.pass_obj
def pin_command(
    path: str | None, /, ref: str, fields: Sequence[str], **how: Any
) -> int:
    """Keep today's values of fields, whatever sources come to say."""
    return edit_by(path, lambda r: r.edits.pin, ref, fields, need_reason=True, **how)


@edit_command.command("unpin")
@_ref
@click.argument("fields", nargs=-1, metavar="[FIELD]...")
@writing_options
@click.pass_obj
def unpin_command(
    path: str | None, /, ref: str, fields: Sequence[str], **how: Any
) -> int:
    """Take back what was written of fields, or of all; sources count again."""
    return edit_by(path, lambda r: r.edits.unpin, ref, fields, **how)


@edit_command.command("disable")
@_ref
@writing_options
@click.pass_obj
def disable_command(path: str | None, /, ref: str, **how: Any) -> int:
    """Leave a model out of `find` and lists; `show` still tells of it."""
    return edit_by(path, lambda r: r.edits.disable, ref, **how)


@edit_command.command("enable")
@_ref
@writing_options
@click.pass_obj
def enable_command(path: str | None, /, ref: str, **how: Any) -> int:
    """Let a disabled model be found again."""
    return edit_by(path, lambda r: r.edits.enable, ref, **how)


def edit_by(  # noqa: PLR0913  the options of every edit
    path: str | None,
    verb: Callable[[Registry], Callable[..., Edit]],
    *words: Any,
    form: str | None,
    yes: bool,
    dry_run: bool,
    expect: int | None,
    need_reason: bool = False,
    **signed: str,
) -> int:
    """Show an edit, ask, and make it a revision."""
    if need_reason and not signed["because"].strip():
        raise click.UsageError("say why: --because TEXT")
    registry = open_registry(path)
    edit = verb(registry)
    shown = edit(*words, **signed, dry_run=True)
    rows = list(change_rows(shown.plan.served))
    is_text = chosen(form) not in ("json", "yaml")
    if is_text:
        emit(rows, COLUMNS, form, layout=LAYOUT)
    for text in shown.plan.notes:
        note(f"warning: {text}")
    number = None
    if not dry_run:
        if not yes and not confirmed("write this?"):
            return 1
        looked_at = None if yes else shown
        done = edit(*words, **signed, expected=expect, shown=looked_at)
        publish(registry)
        number = done.revision.number if done.revision else None
        note(f"revision {number}")
    if not is_text:
        record = {
            "revision": number,
            "changes": list(map(change_record, shown.plan.served)),
            "notes": list(shown.plan.notes),
        }
        emit(rows, COLUMNS, form, records=lambda: record)
    return 0
