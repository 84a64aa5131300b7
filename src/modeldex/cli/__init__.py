"""The command line: `modeldex`, one file per noun."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

import click

from modeldex.errors import (
    InvalidInputError,
    ModeldexError,
    NotFoundError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# command -> module of this package that has it
COMMANDS = {
    "backup": "store",
    "capabilities": "capabilities",
    "catalog": "catalog",
    "changes": "changes",
    "compare": "models",
    "cost": "cost",
    "completion": "completion",
    "conflicts": "conflicts",
    "db": "store",
    "diff": "revisions",
    "doctor": "doctor",
    "edit": "edit",
    "events": "events",
    "expiring": "expiring",
    "export": "export",
    "find": "models",
    "fits": "fits",
    "history": "history",
    "lint": "lint",
    "list": "listing",
    "local": "local",
    "log": "revisions",
    "mcp": "mcp",
    "ollama": "local",
    "price": "price",
    "providers": "providers",
    "recommend": "models",
    "resolve": "resolve",
    "restore": "store",
    "review": "review",
    "revision": "revisions",
    "rollback": "revisions",
    "serve": "serve",
    "show": "show",
    "sources": "sources",
    "sync": "sync",
    "token": "token",
    "verdict": "conflicts",
    "verify": "store",
}
FAILURE, USAGE, NOT_FOUND, INTERRUPTED = 1, 2, 3, 130
# first match decides; any other error of ours is a failure
EXIT_STATUSES = (
    (NotFoundError, NOT_FOUND),
    (InvalidInputError, USAGE),
)


class LazyGroup(click.Group):
    """A group that imports a command when it is asked for; `parts` says whence."""

    parts: ClassVar[Mapping[str, str]] = {}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of the commands, sorted."""
        return sorted(self.parts)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command; None for a word that is none."""
        if cmd_name not in self.parts:
            return None
        module = import_module(f"modeldex.cli.{self.parts[cmd_name]}")
        found: click.Command = getattr(module, f"{cmd_name}_command")
        return found


class _Group(LazyGroup):
    """The program: a word that is no command is told with a near one."""

    parts = COMMANDS

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, 1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise click.UsageError(error.message + hint, ctx) from None


def version() -> str:
    """Return the installed version; a bare checkout has none."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as version_of

    try:
        return version_of("modeldex")
    except PackageNotFoundError:
        return "(not installed)"


def _print_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:  # noqa: ARG001, FBT001
    if value and not ctx.resilient_parsing:
        click.echo(f"modeldex {version()}")
        ctx.exit()


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--catalog",
    "path",
    metavar="PATH",
    help="Ask this directory of YAML or snapshot file instead of the shipped one.",
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_print_version,
    help="Show the version and exit.",
)
@click.pass_context
def main(ctx: click.Context, path: str | None) -> None:
    """Which LLM models exist, what they can do, and what they cost."""
    ctx.obj = path


def exit_status(error: ModeldexError) -> int:
    """Return the exit status of an error."""
    for kind, status in EXIT_STATUSES:
        if isinstance(error, kind):
            return status
    return FAILURE


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit status."""
    try:
        result: Any = main.main(arguments, "modeldex", standalone_mode=False)
    except click.exceptions.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except ModeldexError as error:
        click.echo(f"error: {error}", err=True)
        return exit_status(error)
    except OSError as error:
        click.echo(f"error: {error.filename or 'output'}: {error.strerror}", err=True)
        return FAILURE
    return result if isinstance(result, int) else 0


def script() -> None:
    """Run as the installed program."""
    sys.exit(run())
