"""`modeldex providers`: who answers requests, what they offer, which one to take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from modeldex.cli.models import complete_providers, open_registry
from modeldex.cli.render import Layout, chosen, emit, note, output_options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from click.shell_completion import CompletionItem

    from modeldex.usecases.provider_matrix import ProviderMatrix

COLUMNS = ("provider", "name", "kind", "models", "default_model", "env")
_LAYOUT = Layout(cut="env", droppable=("env", "default_model", "kind"))
_EXPORTS = ("table", "markdown", "html")


class _Providers(click.Group):
    """A group whose first word may also be a provider, which is then shown."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in self.commands:
            args = ["show", *args]
        return super().resolve_command(ctx, args)

    def shell_complete(
        self, ctx: click.Context, incomplete: str
    ) -> list[CompletionItem]:
        found = super().shell_complete(ctx, incomplete)
        return [*found, *complete_providers(ctx, click.Option(["--p"]), incomplete)]


@click.group("providers", cls=_Providers, invoke_without_command=True)
@output_options
@click.pass_context
def providers_command(ctx: click.Context, form: str | None) -> None:
    """List the providers; with a provider's name, show its facts."""
    if ctx.invoked_subcommand is not None:
        return
    registry = open_registry(ctx.obj)
    rows = [registry.provider_info(name) for name in registry.providers()]
    emit(rows, COLUMNS, form, layout=_LAYOUT)


def _form(form: str | None) -> str | None:
    """Return the format given to a command, else the one given to its group."""
    above = click.get_current_context().parent
    return form or (above.params.get("form") if above else None)


def _rows_of(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a row per fact, and one per limitation."""
    from modeldex.usecases.providers import limit_text

    rows: list[dict[str, Any]] = []
    for key, value in facts.items():
        if key == "limitations" and value:
            rows += [
                {"fact": f"{key}.{name}", "value": limit_text(limit)}
                for name, limit in value.items()
            ]
        elif key == "features" and value:
            yes = [name for name, has in value.items() if has]
            no = [name for name, has in value.items() if not has]
            rows.append({"fact": key, "value": yes})
            rows += [{"fact": f"{key}_no", "value": no}] if no else []
        elif key == "credentials" and value:
            written = " or ".join(" and ".join(names) for names in value)
            rows.append({"fact": key, "value": written})
        else:
            rows.append({"fact": key, "value": value})
    return rows


@providers_command.command("show")
@click.argument("provider", shell_complete=complete_providers)
@output_options
@click.pass_obj
def show_command(path: str | None, provider: str, form: str | None) -> None:
    """Show the facts of one provider."""
    form = _form(form)
    facts = open_registry(path).provider_info(provider)
    if form in ("csv", "quiet"):
        emit([facts], COLUMNS, form)
    else:
        emit(_rows_of(facts), ("fact", "value"), form, records=lambda: facts)


@providers_command.command("compare")
@click.argument("providers", nargs=-1, required=True, shell_complete=complete_providers)
@output_options
@click.pass_obj
def compare_command(
    path: str | None, providers: tuple[str, ...], form: str | None
) -> None:
    """Put providers side by side; a * marks what differs."""
    form = _form(form)
    comparison = open_registry(path).compare_providers(providers)
    differing = comparison.differences
    if form == "quiet":
        for name in differing:
            click.echo(name)
        return
    rows = [
        {"fact": f"{name} *" if name in differing else name, **values}
        for name, values in comparison.facts.items()
        if any(value is not None for value in values.values())
    ]
    columns = ("fact", *comparison.providers)
    layout = Layout(prose=frozenset(columns[1:]))
    emit(rows, columns, form, records=comparison.as_dict, layout=layout)


@providers_command.command("recommend")
@click.argument("features", nargs=-1)
@click.option("--prefer", multiple=True, help="Better with this; repeat for more.")
@click.option("--endpoint", multiple=True, help="Takes this kind of request.")
@click.option(
    "--exclude", multiple=True, help="Not this one.", shell_complete=complete_providers
)
@click.option(
    "--among", multiple=True, help="Only these.", shell_complete=complete_providers
)
@click.option("--local", is_flag=True, help="Better on your own machine.")
@click.option("--free", is_flag=True, help="Better at no cost.")
@click.option("--limit", default=10, show_default=True, help="At most so many.")
@output_options
@click.pass_obj
def recommend_command(
    path: str | None, /, features: tuple[str, ...], form: str | None, **wishes: Any
) -> None:
    """Rank the providers that offer all FEATURES, with the reasons of each score."""
    found = open_registry(path).recommend_providers(
        " ".join(features),
        " ".join(wishes["prefer"]),
        required_endpoints=" ".join(wishes["endpoint"]),
        exclude=" ".join(wishes["exclude"]),
        among=" ".join(wishes["among"]) or None,
        prefer_local=wishes["local"],
        prefer_free=wishes["free"],
        limit=wishes["limit"],
    )
    rows = [
        {
            "provider": one.provider,
            "score": one.score,
            "reasons": ", ".join(f"{what} {points:+g}" for what, points in one.reasons),
        }
        for one in found
    ]
    columns = ("provider", "score", "reasons")
    records = [one.as_dict() for one in found]
    emit(rows, columns, _form(form), records=lambda: records)


@providers_command.command("matrix")
@click.option("--providers", help="These, with commas between them, or all.")
@click.option("--features", help="These, with commas between them.")
@click.option("--export", type=click.Choice(_EXPORTS), default="table")
@click.option("--output", type=click.Path(), help="Write to this file.")
@output_options
@click.pass_obj
def matrix_command(
    path: str | None, /, export: str, output: str | None, form: str | None, **asked: Any
) -> None:
    """Show what each provider offers: yes, no or unknown.

    Without --providers, those whose kinds of request are known. `configured` tells
    whether the environment holds their credentials.
    """
    registry = open_registry(path)
    named = registry.providers() if asked["providers"] == "all" else asked["providers"]
    matrix = registry.provider_matrix(named, asked["features"])
    if export == "table" and output is None:
        _print_matrix(matrix, _form(form))
        return
    if export == "table":
        raise click.UsageError("--output needs --export markdown or --export html")
    text = matrix.markdown() if export == "markdown" else matrix.html()
    if output is None:
        click.echo(text, nl=False)
        return
    with open(output, "w", encoding="utf-8") as file:
        file.write(text)
    note(f"{len(matrix.providers)} providers written to {output}")


def _print_matrix(matrix: ProviderMatrix, form: str | None) -> None:
    columns = ("provider", *matrix.features, "configured")
    layout = Layout(droppable=columns[:0:-1][1:])
    emit(matrix.rows, columns, form, records=matrix.as_dict, layout=layout)
    if chosen(form) == "table":
        note("yes: the provider or one of its models; unknown: nothing tells")
