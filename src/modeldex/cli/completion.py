"""`modeldex completion`: the script that completes commands, flags and refs."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

_SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(_SHELLS))
def completion_command(shell: str) -> None:
    """Print the completion script of a shell.

    \b
    modeldex completion bash > ~/.local/share/bash-completion/completions/modeldex
    modeldex completion zsh > ~/.zfunc/_modeldex
    modeldex completion fish > ~/.config/fish/completions/modeldex.fish
    """
    from modeldex.cli import main

    kind = get_completion_class(shell)
    if kind is None:  # pragma: no cover - the choices are those of click
        raise click.UsageError(shell)
    click.echo(kind(main, {}, "modeldex", "_MODELDEX_COMPLETE").source())
