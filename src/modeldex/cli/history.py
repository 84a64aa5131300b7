"""`modeldex history`: what was, and where that is known from."""

from __future__ import annotations

import click

from modeldex.cli.history_backfill import backfill_command


@click.group("history")
def history_command() -> None:
    """Prices and facts of the past."""


history_command.add_command(backfill_command)
