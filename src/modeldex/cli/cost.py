"""`modeldex cost`: what a call costs, line by line."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from modeldex.cli.models import complete_refs, open_registry
from modeldex.cli.render import chosen, emit, json_text, note, output_options
from modeldex.domain.pricing import METERS
from modeldex.domain.session import format_cost
from modeldex.domain.tariff import PARAMETERS
from modeldex.errors import InvalidInputError

if TYPE_CHECKING:
    from typing import TextIO

    from modeldex.domain.cost import Cost
    from modeldex.domain.usage import Usage

_COLUMNS = ("meter", "quantity", "rate", "per", "amount", "source", "why")
_INCOMPLETE = 1  # exit status when a meter has no price
# flag -> its part of the whole, and what it says
_PARTS = {
    "cached": ("cache_read", "Tokens of --input that were read from the cache."),
    "cache_write": ("cache_write", "Tokens of --input written to the cache."),
    "cache_write_1h": ("cache_write_1h", "The same, kept for one hour."),
    "reasoning": ("reasoning", "Tokens of --output that were reasoning."),
}


def _part_options(command: Any) -> Any:
    for name, (_, text) in reversed(_PARTS.items()):
        flag = f"--{name.replace('_', '-')}"
        command = click.option(flag, name, type=click.IntRange(0), help=text)(command)
    return command


@click.command("cost")
@click.argument("ref", required=False, shell_complete=complete_refs)
@click.option("--input", "given", type=click.IntRange(0), help="Tokens of the prompt.")
@click.option("--output", type=click.IntRange(0), help="Tokens of the answer.")
@_part_options
@click.option("--meter", "meters", multiple=True, metavar="METER=N", help="More usage.")
@click.option("--usage", "usage_file", type=click.File(), help="A usage object, JSON.")
@click.option("--response", type=click.File(), help="A whole response, JSON.")
@click.option("--provider", help="Who answered, where the response does not say.")
@click.option("--at", metavar="TIME", help="Day or time whose prices hold; now.")
@click.option("--tier", "service_tier", help="Service tier: batch, flex, priority, …")
@click.option("--region", help="Region in which it is processed.")
@click.option("--with", "named", multiple=True, metavar="NAME=VALUE", help="size=…, …")
@click.option("--used", multiple=True, metavar="METER=N", help="Used of a free quota.")
@click.option("--list-prices", is_flag=True, help="Leave contract prices out.")
@output_options
@click.pass_obj
def cost_command(  # noqa: PLR0913
    path: str | None,
    /,
    *,
    ref: str | None,
    usage_file: TextIO | None,
    response: TextIO | None,
    provider: str | None,
    at: str | None,
    form: str | None,
    list_prices: bool,
    named: tuple[str, ...],
    used: tuple[str, ...],
    service_tier: str | None,
    region: str | None,
    **counts: Any,
) -> int:
    """Tell what a call costs, with the rate and the reason of every line.

    --input counts the whole prompt, cached tokens included, and --output the whole
    answer, reasoning included. Prices are USD unless the catalogue says otherwise.
    Exit status 1 when a meter has no price: the total is then unknown.

    \b
    modeldex cost openai/gpt-4o --input 1200 --output 300 --cached 800
    modeldex cost --response answer.json --provider openai
    modeldex cost anthropic/claude-sonnet-4-6 --usage usage.json --tier batch
    """
    conditions: dict[str, Any] = {**_pairs(named, PARAMETERS), "region": region}
    conditions |= {"service_tier": service_tier, "contract": not list_prices}
    conditions |= {"used": _counts(used) or None, "at": at}
    if response is not None:
        _refuse_counts(counts, usage_file)
        usage = _read_json(response)
    elif ref is None:
        raise click.UsageError("name a model, or give --response")
    else:
        usage = _read_json(usage_file) if usage_file else _usage(counts)
    registry = open_registry(path)
    if ref is None:
        cost = registry.cost_of_response(usage, provider, **conditions)
    else:
        cost = registry.cost(ref, usage, **conditions)
    _print(cost, form)
    return 0 if cost.complete else _INCOMPLETE


def _pairs(texts: tuple[str, ...], known: tuple[str, ...]) -> dict[str, str]:
    """Read NAME=VALUE arguments."""
    pairs = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or name not in known:
            message = f"{text!r}: write NAME=VALUE, with one of {', '.join(known)}"
            raise InvalidInputError(message)
        pairs[name] = value
    return pairs


def _counts(texts: tuple[str, ...]) -> dict[str, Decimal]:
    """Read METER=N arguments."""
    counts = {}
    for meter, text in _pairs(texts, METERS).items():
        try:
            counts[meter] = Decimal(text)
        except ArithmeticError:
            message = f"{meter}={text}: write a number, as {meter}=3"
            raise InvalidInputError(message) from None
    return counts


def _refuse_counts(counts: dict[str, Any], usage_file: TextIO | None) -> None:
    if usage_file is not None or any(
        value not in (None, ()) for value in counts.values()
    ):
        raise click.UsageError("a response states its usage; leave the counts out")


def _read_json(file: TextIO) -> Any:
    """Read JSON, or JSON Lines as a list of events."""
    text = file.read()
    try:
        return json.loads(text, parse_float=Decimal)
    except ValueError as error:
        lines = [line.removeprefix("data:").strip() for line in text.splitlines()]
        try:
            return [
                json.loads(li, parse_float=Decimal) for li in lines if li[:1] == "{"
            ]
        except ValueError:
            message = f"{file.name}: this is no JSON: {error}"
            raise InvalidInputError(message) from None


def _usage(counts: dict[str, Any]) -> Usage:
    """Return the usage of the counting flags: parts are taken off their whole."""
    from modeldex.domain.usage import Usage

    quantities: dict[str, Any] = _counts(counts["meters"])
    wholes = {"input": counts["given"], "output": counts["output"]}
    for name, (meter, _) in _PARTS.items():
        count = counts[name]
        if count is None:
            continue
        whole = "output" if name == "reasoning" else "input"
        wholes[whole] = (wholes[whole] or 0) - count
        quantities[meter] = quantities.get(meter, 0) + count
    for whole, left in wholes.items():
        if left is not None and left < 0:
            message = f"--{whole} counts all tokens; its parts are {-left} more"
            raise InvalidInputError(message)
        if left is not None:
            quantities[whole] = quantities.get(whole, 0) + left
    if not quantities:
        raise click.UsageError("say what was used: --input, --output, --usage FILE, …")
    return Usage.of(quantities)


def _print(cost: Cost, form: str | None) -> None:
    form = chosen(form)
    if form == "quiet":
        click.echo("unknown" if cost.total is None else f"{cost.total:f}")
        return
    if form == "json":
        click.echo(json_text(cost.as_dict()))
        return
    rows = [line.as_dict() for line in cost.lines]
    emit(rows, _COLUMNS, form, records=cost.as_dict)
    if form in ("table", "tsv"):
        exact = "" if cost.total is None else f" ({cost.total:f} {cost.currency})"
        note(f"{cost.ref} at {cost.at}: {format_cost(cost)}{exact}")
        if cost.list_total is not None and cost.list_total != cost.total:
            note(f"at list prices: {cost.list_total:f} {cost.currency}")
        for text in cost.notes:
            note(text)
