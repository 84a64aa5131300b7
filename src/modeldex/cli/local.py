"""`modeldex ollama` and `modeldex local`: what servers of this host hold."""

from __future__ import annotations

from difflib import unified_diff
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from modeldex.cli.edit import edit_by, writing_options
from modeldex.cli.models import open_registry
from modeldex.cli.render import (
    Layout,
    chosen,
    confirmed,
    emit,
    fact_rows,
    note,
    output_options,
)
from modeldex.domain.listed import TIER_CATALOGUE, TIER_LAST_GOOD
from modeldex.errors import (
    InvalidInputError,
    MissingExtraError,
    NotFoundError,
    SourceDeniedError,
    SourceUnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from modeldex.domain.listed import Listed
    from modeldex.domain.local_model import LocalModel
    from modeldex.registry import Registry
    from modeldex.usecases.local_models import LocalModels

    Asked = tuple[Listed, list[LocalModel]]

COLUMNS = (
    "name",
    "context_window",
    "max_context_window",
    "loaded",
    "parameter_size",
    "quantization",
    "size",
    "capabilities",
    "server",
    "tier",
    "age",
)
WAIT, SOON = 15.0, 5.0  # seconds for a server that is named, and for each of all
_LAYOUT = Layout(
    cut="capabilities",
    droppable=("age", "tier", "size", "quantization", "server"),
    titles={
        "context_window": "context",
        "max_context_window": "max_context",
        "parameter_size": "parameters",
    },
)
_ABOUT = {
    "list": "List the models that {} with what a request gets.",
    "show": "Show all that {} of a model: by name, tag or digest.",
    "register": "Write down what {} of a model, as your own.",
    "unregister": "Take back what was registered of a model.",
}
_server = click.option(
    "--server", required=True, metavar="NAME", help="ollama, lmstudio, vllm, your own."
)
_refresh = click.option("--refresh", is_flag=True, help="Ask the server anew.")
_into = click.option(
    "--into",
    metavar="DIR",
    type=click.Path(file_okay=False),
    help="Write into this directory of YAML, not into the store.",
)


@click.group("ollama")
def ollama_command() -> None:
    """Ask the Ollama server of this host, or of OLLAMA_HOST.

    The live server comes first: it knows. Where it does not answer, what it last said
    is told, marked with its age; else what the catalogue holds.
    """


@click.group("local")
def local_command() -> None:
    """Ask servers of this host or network: Ollama, LM Studio, vLLM, your own."""


@local_command.command("list")
@click.option("--server", metavar="NAME", help="Only this one; by default all.")
@_refresh
@output_options
@click.pass_obj
def local_list(
    path: str | None, /, server: str | None, *, refresh: bool, form: str | None
) -> int:
    """List the models of all local servers that answer."""
    registry = open_registry(path)
    if server is not None:
        return _list([_asked(registry.local(server), refresh=refresh)], form)
    return _list(_answering(registry), form)


@ollama_command.command("list")
@_refresh
@output_options
@click.pass_obj
def ollama_list(path: str | None, /, *, refresh: bool, form: str | None) -> int:
    """List the models that Ollama holds, with what a request gets."""
    return _list([_asked(open_registry(path).ollama, refresh=refresh)], form)


def _asked(server: LocalModels, *, refresh: bool, wait: float = WAIT) -> Asked:
    """Ask a server; return its models, and the list with why it is no fresher."""
    found = server.details(force_refresh=refresh, wait=wait)
    return server.list(wait=0.0), found


def _answering(registry: Registry) -> list[Asked]:
    """Return what servers answer; all are asked side by side."""
    from concurrent.futures import ThreadPoolExecutor

    servers = [registry.local(name) for name in registry.local_servers()]
    ask = partial(_asked, refresh=True, wait=SOON)
    with ThreadPoolExecutor(len(servers)) as pool:
        said = list(pool.map(ask, servers))
    for server, (listed, _) in zip(servers, said, strict=True):
        failure = server.failure
        if isinstance(failure, MissingExtraError):
            raise failure
        # one that is not there is no news, unless it was there before
        absent = isinstance(failure, (SourceUnavailableError, SourceDeniedError))
        if listed.error and (listed.tier == TIER_LAST_GOOD or not absent):
            note(listed.error)
    found = [one for one in said if one[0].is_live]
    if not found:
        note(f"no local server answers: {', '.join(registry.local_servers())}")
    return found


def _list(asked: Sequence[Asked], form: str | None) -> int:
    found: list[LocalModel] = []
    for listed, models in asked:
        if listed.tier == TIER_CATALOGUE:
            raise SourceUnavailableError(listed.error)
        if listed.error or not listed:
            note(listed.error or f"{listed.source} holds no model")
        found += models
    records = [one.as_dict() for one in found]
    rows = [{**row, "capabilities": " ".join(row["capabilities"])} for row in records]
    if chosen(form) == "table":
        rows = [{**row, **_short(row)} for row in rows]
    emit(rows, COLUMNS, form, records=lambda: records, layout=_LAYOUT)
    return 0


def _short(row: dict[str, Any]) -> dict[str, Any]:
    """Return what a person reads more easily."""
    from modeldex.cli.sources import span

    size = row["size"]
    gigabytes = f"{size / 1e9:.1f} GB" if size else None
    return {"size": gigabytes, "age": span(row["age"]), "loaded": row["loaded"] or None}


def _plain(server: LocalModels, name: str) -> str:
    """Return a model's name, which may be given as a ref."""
    return name.removeprefix(f"{server.server.provider}/")


def _show(server: LocalModels, name: str, form: str | None, *, refresh: bool) -> int:
    plain = _plain(server, name)
    found = server.get_model_details(plain, force_refresh=refresh, wait=WAIT)
    if found.error:
        note(found.error)
    record = found.as_dict()
    emit(list(fact_rows(record)), ("fact", "value"), form, records=lambda: record)
    return 0


def _register(
    path: str | None, name: str, model: str, into: str | None, **how: Any
) -> int:
    """Register a model of the server of this name."""
    from modeldex.usecases.registering import given_facts

    registry = open_registry(path)
    server = registry.local(name)
    server.ask_now()
    detail = server.get_model_details(_plain(server, model))
    if detail.found is None:
        message = f"{name} does not hold {model}; `modeldex edit add` writes others"
        raise NotFoundError(message)
    free = server.server.is_this_host()
    if into is not None:
        return _change_yaml(registry, detail, into, how, free=free)
    given = given_facts(detail.found, free=free)
    return edit_by(path, lambda r: r.edits.register, detail.ref, given, name, **how)


def _unregister(
    path: str | None, name: str, model: str, into: str | None, **how: Any
) -> int:
    from modeldex.usecases.local_overlay import spellings
    from modeldex.usecases.registering import unregistered_text

    registry = open_registry(path)
    models = registry.local(name)
    server, model = models.server, _plain(models, model)
    provider, source = server.provider, server.name
    if into is not None:

        def change(text: str) -> str:
            last: Exception = InvalidInputError(f"nothing is registered in {into}")
            for spelling in spellings(server, model) if text else ():
                try:
                    return unregistered_text(text, spelling, source)
                except InvalidInputError as error:
                    last = error
            raise last

        return _write_yaml(into, provider, change, how)
    names = spellings(server, model)
    known = (one for one in names if registry.catalog.get(provider, one) is not None)
    ref = f"{provider}/{next(known, model)}"
    return edit_by(path, lambda r: r.edits.unregister, ref, source, **how)


def _change_yaml(
    registry: Registry,
    detail: LocalModel,
    into: str,
    how: dict[str, Any],
    *,
    free: bool,
) -> int:
    from modeldex.usecases.registering import registered_text

    found, day = detail.found, registry.catalog.today()
    provider, server = detail.model.provider, detail.server
    if found is None:  # pragma: no cover  looked at before
        return 1
    return _write_yaml(
        into,
        provider,
        lambda text: registered_text(text, provider, found, server, free=free, day=day),
        how,
    )


def _write_yaml(
    into: str, provider: str, change: Callable[[str], str], how: dict[str, Any]
) -> int:
    """Show what changes in a file, ask, and write it."""
    from modeldex.bootstrap.own_yaml import change_file, write_file

    path, before, after = change_file(into, provider, change)
    lines = list(_diff(path, before, after))
    form = chosen(how["form"])
    if form in ("json", "yaml"):
        record = {"file": path, "diff": lines}
        emit([], ("file",), form, records=lambda: record)
    else:
        click.echo("\n".join(lines) or "nothing changes")
    if how["dry_run"] or before == after:
        return 0
    if not how["yes"] and not confirmed("write this?"):
        return 1
    write_file(path, after)
    note(f"wrote {path}")
    return 0


def _diff(path: str, before: str, after: str) -> Sequence[str]:
    pair = (before.splitlines(), after.splitlines())
    return list(unified_diff(*pair, path, path, lineterm=""))


def _add_commands(group: click.Group, server: str) -> None:
    """Add what is done with one model: of this server, or of one that is named."""
    who = {"": "a server"}.get(server, server.title())

    def add(name: str, run: Callable[..., int], *options: Any) -> None:
        command: Callable[..., Any] = run
        for option in (click.argument("model"), *options):
            command = option(command)
        command = command if server else _server(command)
        text = _ABOUT[name].format(f"{who} says")
        group.add_command(click.command(name, help=text)(click.pass_obj(command)))

    def show(path: str | None, /, model: str, server: str = server, **how: Any) -> int:
        return _show(open_registry(path).local(server), model, **how)

    def register(
        path: str | None, /, model: str, server: str = server, **k: Any
    ) -> int:
        return _register(path, server, model, **k)

    def unregister(
        path: str | None, /, model: str, server: str = server, **k: Any
    ) -> int:
        return _unregister(path, server, model, **k)

    add("show", show, _refresh, output_options)
    add("register", register, _into, writing_options)
    add("unregister", unregister, _into, writing_options)


_add_commands(ollama_command, "ollama")
_add_commands(local_command, "")
