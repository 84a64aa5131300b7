"""`modeldex find`, `compare`, `recommend`: questions about models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from modeldex.catalog.query import KEY_ALIASES, KEYS
from modeldex.catalog.values import SORTS
from modeldex.cli.render import Layout, chosen, emit, note, output_options
from modeldex.domain.capability import CAPABILITIES
from modeldex.domain.lifecycle import STATUSES
from modeldex.errors import InvalidRefError
from modeldex.usecases.records import flat_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from click.shell_completion import CompletionItem

    from modeldex.domain.model import Model
    from modeldex.registry import Registry

COLUMNS = (
    "ref",
    "context_window",
    "max_output_tokens",
    "input",
    "output",
    "status",
    "release_date",
    "capabilities",
)
LAYOUT = Layout(
    cut="capabilities",
    droppable=("capabilities", "release_date", "status", "max_output_tokens"),
    titles={
        "context_window": "context",
        "max_output_tokens": "max_output",
        "release_date": "released",
    },
)
_SUGGESTIONS = 5
# keyword of find -> name of its flag, where that is not the keyword itself
_FLAGS = {keyword: word for word, keyword in KEY_ALIASES.items()} | {
    "capabilities": "capability",
    "without": "without",
    "max_input_price": "max-input-price",
    "max_output_price": "max-output-price",
    "min_input_price": "min-input-price",
}
_REPEATED = ("capabilities", "without", "maybe", "provider", "mode", "modalities")
_HELP = {
    "capabilities": "Has this capability; repeat for more.",
    "without": "Is known not to have this capability.",
    "maybe": "Has this capability, or it is unknown.",
    "provider": "At this provider; repeat for alternatives.",
    "mode": "Does this kind of work: chat, embedding, …",
    "modalities": "Takes or gives this: image, in:audio, out:image, …",
    "family": "Of this family.",
    "canonical": "Is this model, author/slug, at any provider.",
    "status": "preview, active, deprecated, retired, disabled or any.",
    "min_context": "Context of at least so many tokens: 100k, 1m.",
    "max_context": "Context of at most so many tokens.",
    "min_output": "Answers of at least so many tokens.",
    "min_input_price": "Input at least so dear, USD per 1M tokens.",
    "max_input_price": "Input at most so dear, USD per 1M tokens.",
    "min_output_price": "Output at least so dear, USD per 1M tokens.",
    "max_output_price": "Output at most so dear, USD per 1M tokens.",
    "released_after": "Released after this date.",
    "released_before": "Released before this date.",
    "open_weights": "Whether the weights are published: yes or no.",
    "text": "Ref or name holds this text.",
    "sort": f"Order: {', '.join(SORTS)}; with - in front, descending.",
    "limit": "At most so many models.",
    "offset": "Leave out so many models first.",
}


def open_registry(path: str | None, as_of: str | None = None) -> Registry:
    """Open the default catalogue, or the one at a path; as of a day gone by."""
    from modeldex.bootstrap import open as open_path

    registry = open_path(path)
    return registry if as_of is None else registry.as_of(as_of)


def as_of_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --as-of to a command."""
    text = "Ask the catalogue of this day (its end, UTC) or time."
    return click.option("--as-of", metavar="DATE", help=text)(command)


def _registry_of(ctx: click.Context) -> Registry:
    """Open what a command line being completed asks: no command runs then."""
    return open_registry(ctx.find_root().params.get("path"))


def complete_refs(
    ctx: click.Context,
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    """Complete a ref, a provider at a time while there are many."""
    from modeldex.domain.provider import provider_id

    registry = _registry_of(ctx)
    provider, slash, _ = incomplete.partition("/")
    if not slash:
        return _items((f"{name}/" for name in registry.providers()), incomplete)
    known = registry.providers()
    meant = provider if provider in known else provider_id(provider)
    found = registry.find_refs(provider=[meant], status="any") if meant in known else []
    # as it was typed: a shell refuses what begins otherwise
    return _items((provider + ref[len(meant) :] for ref in found), incomplete)


def _provider_names(registry: Registry, start: str) -> list[str]:
    """Return the providers that begin so; else those that such an alias means."""
    from modeldex.domain.provider import ALIASES

    known = registry.providers()
    found = [name for name in known if name.startswith(start)]
    meant = {name for alias, name in ALIASES.items() if alias.startswith(start)}
    return found or sorted(meant.intersection(known))


def complete_terms(
    ctx: click.Context,
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    """Complete a term of a query: a capability, a `key:`, or a key's value."""
    registry = _registry_of(ctx)
    key, colon, value = incomplete.partition(":")
    before: list[str] = list(ctx.params.get("terms") or ())
    if incomplete == ":" and before:  # bash takes `sort:in` for three words
        return _items(_values_of(registry, before[-1], ""), "")
    if before[-1:] == [":"] and before[:-1]:
        return _items(_values_of(registry, before[-2], incomplete), "")
    if colon:
        found = _values_of(registry, key, value)
        return _items((f"{key}:{name}" for name in found), "")
    keys = sorted(f"{name}:" for name in (*KEYS, *KEY_ALIASES))
    return _items((*_capability_names(registry), *keys), incomplete)


def _completer(key: str) -> Callable[..., list[CompletionItem]]:
    """Return what completes the values of a key's flag."""

    def complete(
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG001
        incomplete: str,
    ) -> list[CompletionItem]:
        return _items(_values_of(_registry_of(ctx), key, incomplete), "")

    return complete


complete_providers = _completer("provider")


def _values_of(registry: Registry, key: str, start: str) -> list[str]:
    """Return the values of a key that begin so; after a comma, one more of them."""
    key = KEY_ALIASES.get(key, key)
    head, comma, start = start.rpartition(",")
    known: Iterable[str] = ()
    if key in ("capabilities", "without", "maybe"):
        known = _capability_names(registry)
    elif key == "provider":
        return [head + comma + name for name in _provider_names(registry, start)]
    elif key == "mode":
        known = registry.catalog.index.names("mode")
    elif key == "sort":
        known = (*SORTS, *(f"-{name}" for name in SORTS))
    elif key == "status":
        known = (*STATUSES, "any")
    elif key == "open_weights":
        known = ("yes", "no")
    return [head + comma + name for name in known if name.startswith(start)]


def _capability_names(registry: Registry) -> list[str]:
    index = registry.catalog.index
    return sorted({*CAPABILITIES, *index.names("yes"), *index.names("no")})


def _items(found: Iterable[str], start: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(name) for name in found if name.startswith(start)]


def query_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add a flag for every term of the query grammar."""
    for key in reversed(KEYS):
        flag = "--" + _FLAGS.get(key, key).replace("_", "-")
        repeated = key in _REPEATED
        complete = _completer(key)
        command = click.option(
            flag, key, multiple=repeated, help=_HELP[key], shell_complete=complete
        )(command)
    return command


def model_row(model: Model) -> dict[str, Any]:
    """Return what a list shows of a model."""
    pricing = model.pricing
    unlisted = None if pricing.state in ("listed", "unknown") else pricing.state
    return {
        "ref": model.ref,
        "context_window": model.context_window,
        "max_output_tokens": model.max_output_tokens,
        "input": pricing.input if pricing.input is not None else unlisted,
        "output": pricing.output if pricing.output is not None else unlisted,
        "status": model.status,
        "release_date": model.release_date,
        "capabilities": list(model.capabilities),
    }


def print_models(
    registry: Registry, models: Sequence[Model], form: str | None, total: int
) -> None:
    """Print a list of models, of so many in total."""
    if form == "csv":
        print_csv(models)
        return
    emit(
        [model_row(model) for model in models],
        COLUMNS,
        form,
        records=lambda: [model.as_dict() for model in models],
        layout=LAYOUT,
    )
    if chosen(form) == "table":
        date = registry.catalog.snapshot.meta.get("date")
        of = f" of {total:,}" if total != len(models) else ""
        note(
            f"{len(models):,}{of} models; USD per 1M tokens; catalogue of {date or '?'}"
        )


def print_csv(models: Sequence[Model]) -> None:
    """Print every fact of every model, a column for each key of the JSON form."""
    rows = [flat_record(model.as_dict()) for model in models]
    emit(rows, csv_columns(), "csv")


def csv_columns() -> list[str]:
    """Return the keys of a model's JSON form, those of parts too."""
    from modeldex.domain.model import COLUMNS as FACTS
    from modeldex.domain.model import Model

    unknown = Model([""] * len(FACTS), str)
    return list(flat_record(unknown.as_dict()))


def named(registry: Registry, ref: str) -> Model:
    """Return the model of a ref; an id alone is refused with the refs it may mean."""
    from modeldex.domain.provider import KIND_NAMES

    try:
        return registry.get_info(ref)
    except InvalidRefError as error:
        refs = (known.partition("/") for known in registry.find_refs(status="any"))
        found = [provider for provider, _, model_id in refs if model_id == ref]
        if not found:
            raise
        kinds = [*KIND_NAMES, None]
        found.sort(
            key=lambda name: kinds.index(registry.provider_info(name).get("kind"))
        )
        near = ", ".join(f"{name}/{ref}" for name in found[:_SUGGESTIONS])
        message = f"{error}; did you mean {near}?"
        raise InvalidRefError(message) from None


@click.command("find")
@click.argument("terms", nargs=-1, shell_complete=complete_terms)
@query_options
@as_of_option
@output_options
@click.pass_obj
def find_command(
    path: str | None,
    /,
    terms: tuple[str, ...],
    as_of: str | None,
    form: str | None,
    **flags: Any,
) -> None:
    """Find models by terms of the query grammar, flags, or both.

    \b
    modeldex find vision min_context:100k max_input:5 sort:input limit:10
    modeldex find --capability vision --min-context 100k --max-input-price 5
    modeldex find 'context>=100k' 'input<5' no:audio_input maybe:vision
    """
    registry = open_registry(path, as_of)
    given = {key: value for key, value in flags.items() if value not in (None, ())}
    query = registry.query(" ".join(terms), **given)
    models = registry.find(query)
    total = len(models)
    if query.limit is not None or query.offset:
        whole = type(query)(query.terms, query.sort)
        total = len(registry.find_refs(whole))
    print_models(registry, models, form, total)


@click.command("compare")
@click.argument("refs", nargs=-1, required=True, shell_complete=complete_refs)
@as_of_option
@output_options
@click.pass_obj
def compare_command(
    path: str | None, refs: tuple[str, ...], as_of: str | None, form: str | None
) -> None:
    """Put models side by side; a * marks what differs."""
    registry = open_registry(path, as_of)
    comparison = registry.compare([named(registry, ref) for ref in refs])
    differing = set(comparison.differences)
    rows = [
        {"fact": f"{name} *" if name in differing else name, **values}
        for name, values in comparison.facts.items()
        if any(value is not None for value in values.values())
    ]
    columns = ("fact", *(model.ref for model in comparison.models))
    if form == "quiet":
        for name in comparison.differences:
            click.echo(name)
        return
    layout = Layout(prose=frozenset(columns[1:]))
    emit(rows, columns, form, records=comparison.as_dict, layout=layout)


@click.command("recommend")
@click.argument("terms", nargs=-1, shell_complete=complete_terms)
@click.option("--limit", type=int, help="How many; 5 unless given.")
@click.option("--prefer-local", is_flag=True, help="Favour models that run locally.")
@output_options
@click.pass_obj
def recommend_command(
    path: str | None,
    terms: tuple[str, ...],
    limit: int | None,
    prefer_local: bool,  # noqa: FBT001
    form: str | None,
) -> None:
    """Rank the chat models that answer a query, with the reasons of each score."""
    registry = open_registry(path)
    words = " ".join(terms)
    found = registry.recommend(words, prefer_local=prefer_local, limit=limit)
    rows = [
        {
            "ref": one.model.ref,
            "score": one.score,
            "reasons": ", ".join(f"{what} {points:+g}" for what, points in one.reasons),
        }
        for one in found
    ]
    columns = ("ref", "score", "reasons")
    emit(rows, columns, form, records=lambda: [one.as_dict() for one in found])
