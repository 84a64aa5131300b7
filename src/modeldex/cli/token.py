"""`modeldex token`: who may use a server of the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from modeldex.cli.models import open_registry
from modeldex.cli.render import Layout, chosen, emit, note, output_options
from modeldex.domain.access import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from modeldex.domain.access import Token

COLUMNS = (
    *("name", "role", "state", "expires", "last_used"),
    *("created_by", "created_at", "number"),
)
LAYOUT = Layout(droppable=("number", "created_at", "created_by"))
_LINES = ("table", "tsv", "quiet")


@click.group("token")
def token_command() -> None:
    """Say who may use a server of this store, and as what."""


@token_command.command("create")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What it may do.")
@click.option("--expires", metavar="SPAN|DAY", help="As 90d or 2027-01-31 (UTC).")
@output_options
@click.pass_obj
def create_command(
    path: str | None, /, name: str, role: str, expires: str | None, form: str | None
) -> None:
    """Make a token and print its secret, once: only a hash of it is kept."""
    tokens = open_registry(path).tokens
    made = tokens.create(name, role, expires)
    record = {**made.token.as_dict(tokens.now()), "secret": made.secret}
    if chosen(form) not in _LINES:
        emit([record], ("secret", "name", "role", "expires"), form)
        return
    click.echo(made.secret)
    if form != "quiet":
        until = f"until {made.token.expires}" if made.token.expires else "for ever"
        note(f"{name}: {role}, {until}; the secret is not shown again")


@token_command.command("list")
@click.option("--all", "revoked", is_flag=True, help="Revoked ones too.")
@output_options
@click.pass_obj
def list_command(path: str | None, /, form: str | None, *, revoked: bool) -> None:
    """List the tokens, the oldest first; never their secrets."""
    tokens = open_registry(path).tokens
    found = [token for token in tokens.list() if revoked or not token.revoked_at]
    _show(found, tokens.now(), form)
    if not found and chosen(form) == "table":
        note("there are none; `modeldex token create NAME --role ROLE` makes one")


@token_command.command("revoke")
@click.argument("name")
@output_options
@click.pass_obj
def revoke_command(path: str | None, /, name: str, form: str | None) -> None:
    """End the token of a NAME, or of a number, for good; its row stays."""
    tokens = open_registry(path).tokens
    found = tokens.revoke(name)
    _show([found], tokens.now(), form)


def _show(found: Iterable[Token], at: str, form: str | None) -> None:
    records = [token.as_dict(at) for token in found]
    emit(records, COLUMNS, form, records=lambda: records, layout=LAYOUT)
