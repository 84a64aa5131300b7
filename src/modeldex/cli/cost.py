"""`modeldex cost`: what a call costs, line by line."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from modeldex.cli.models import as_of_option, complete_refs, open_registry
from modeldex.cli.render import chosen, emit, note, output_options
from modeldex.domain.choice import PARAMETERS
from modeldex.domain.pricing import METERS
from modeldex.domain.session import format_cost
from modeldex.domain.usage import Usage, read_usage
from modeldex.errors import InvalidInputError
from modeldex.usecases.records import json_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import BinaryIO

    from modeldex.domain.cost import Cost

_COLUMNS = ("meter", "quantity", "rate", "per", "amount", "source", "why")
_INCOMPLETE = 1  # exit status when a meter has no price
_MOST_BYTES = 64 * 2**20  # of a response
_MOST_DIGITS = 40  # of a number in it
# flag -> whole that contains it, meter, and what it says
_PARTS = {
    "cached": ("input", "cache_read", "Tokens of --input read from the cache."),
    "cache_write": ("input", "cache_write", "Tokens of --input written to the cache."),
    "cache_write_1h": ("input", "cache_write_1h", "The same, kept for one hour."),
    "reasoning": ("output", "reasoning", "Tokens of --output that were reasoning."),
}
_WHOLES = {"input": "prompt", "output": "answer"}


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _count_options(command: Any) -> Any:
    texts = {name: f"Tokens of the whole {what}." for name, what in _WHOLES.items()}
    texts |= {name: text for name, (_, _, text) in _PARTS.items()}
    for name, text in reversed(texts.items()):
        kind = click.IntRange(0)
        option = click.option(_flag(name), name, type=kind, metavar="N", help=text)
        command = option(command)
    return command


@click.command("cost")
@click.argument("ref", required=False, shell_complete=complete_refs)
@_count_options
@click.option(
    "--meter",
    "meters",
    multiple=True,
    metavar="METER=N",
    help="More of any meter, as searches=2 or output_image=1056.",
)
@click.option(
    "--usage", type=click.File("rb"), help="A usage object in JSON; - is stdin."
)
@click.option(
    "--response",
    type=click.File("rb"),
    help="A whole response, or the events of one, in JSON; - is stdin.",
)
@click.option("--provider", help="Who sent the response, where it does not say.")
@click.option(
    "--at",
    metavar="TIME",
    help="Day or time whose prices hold; else that of the response, else now.",
)
@click.option("--tier", "service_tier", help="Service tier: batch, flex, priority, …")
@click.option("--region", help="Region in which the request is processed.")
@click.option(
    "--with",
    "named",
    multiple=True,
    metavar="NAME=VALUE",
    help=f"What the request names: {', '.join(PARAMETERS)}.",
)
@click.option(
    "--used",
    multiple=True,
    metavar="METER=N",
    help="How much of a quantity that is free per day or month is used so far.",
)
@click.option("--list-prices", is_flag=True, help="Leave the contract's prices out.")
@as_of_option
@partial(output_options, quiet="Only the total, as a number.")
@click.pass_obj
def cost_command(  # noqa: PLR0913
    path: str | None,
    /,
    *,
    ref: str | None,
    usage: BinaryIO | None,
    response: BinaryIO | None,
    provider: str | None,
    at: str | None,
    as_of: str | None,
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
    answer, reasoning included. Exit status 1 when a meter has no price: the total is
    then unknown; 3 when the model is.

    \b
    modeldex cost openai/gpt-4o --input 1200 --output 300 --cached 800
    modeldex cost --response answer.json --provider openai
    modeldex cost anthropic/claude-sonnet-4-6 --usage usage.json --tier batch
    """
    conditions: dict[str, Any] = {**_pairs(named, PARAMETERS), "region": region}
    conditions |= {"service_tier": service_tier, "contract": not list_prices}
    conditions |= {"used": _counts(used) or None, "at": at}
    _check_sources(ref, usage, response, provider, counts)
    stated = usage or response
    read = _usage(counts) if stated is None else _read_json(stated)
    registry = open_registry(path, as_of)
    if ref is None:
        cost = registry.cost_of_response(read, provider, **conditions)
    else:
        if response is not None and at is None:
            read = read_usage(read)
            conditions["at"] = read.time
        cost = registry.cost(ref, read, **conditions)
    _print(cost, form)
    return 0 if cost.complete else _INCOMPLETE


def _check_sources(
    ref: str | None,
    usage: BinaryIO | None,
    response: BinaryIO | None,
    provider: str | None,
    counts: dict[str, Any],
) -> None:
    """Refuse what contradicts: usage is said once, and by one who is named."""
    counted = [name for name, value in counts.items() if value not in (None, ())]
    if usage and response:
        raise click.UsageError("give --usage or --response, not both")
    if (usage or response) and counted:
        flag = "--meter" if counted[0] == "meters" else _flag(counted[0])
        file = "--usage" if usage else "--response"
        raise click.UsageError(f"{file} states what was used; leave {flag} out")
    if ref is None and response is None:
        raise click.UsageError("name a model as PROVIDER/MODEL, or give --response")
    if provider is not None and ref is not None:
        message = f"{ref} names its provider; leave --provider out"
        raise click.UsageError(message)


def _pairs(texts: tuple[str, ...], known: tuple[str, ...]) -> dict[str, str]:
    """Read NAME=VALUE arguments."""
    pairs: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if name not in known:
            from difflib import get_close_matches

            near = get_close_matches(name, known, 3)
            hint = f"did you mean {' or '.join(near)}?" if near else ", ".join(known)
            raise InvalidInputError(f"{name[:60]!r} is not known here; {hint}")
        if not equals or not value:
            raise InvalidInputError(f"{name}: write its value, as {name}=…")
        if name in pairs:
            raise InvalidInputError(f"{name} is said twice: {pairs[name]}, {value}")
        pairs[name] = value
    return pairs


def _counts(texts: tuple[str, ...]) -> dict[str, Decimal]:
    """Read METER=N arguments."""
    counts = {}
    for meter, text in _pairs(texts, METERS).items():
        try:
            counts[meter] = Decimal(text)
        except ArithmeticError:
            counts[meter] = Decimal("NaN")
        if not counts[meter].is_finite():
            message = f"{meter}={text[:60]}: write a number, as {meter}=3"
            raise InvalidInputError(message)
    return counts


def _read_json(file: BinaryIO) -> Any:
    """Read JSON; or JSON Lines or server-sent events, as a list of events."""
    where = getattr(file, "name", "<stdin>")
    data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        message = f"{where}: more than {_MOST_BYTES >> 20} MiB, which no response is"
        raise InvalidInputError(message)
    try:
        text = data.decode("utf-8-sig")
        try:
            return _parsed(text)
        except ValueError:
            events = list(_events(text))
            if not events:
                raise
            return list(map(_parsed, events))
    except (ValueError, RecursionError) as error:
        message = f"{where}: this is no JSON: {_fault(data, error)}"
        raise InvalidInputError(message) from None


def _fault(data: bytes, error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start} is no UTF-8"
    return str(error) if data.strip() else "it is empty"


def _events(text: str) -> Iterable[str]:
    """Yield what stands on a line of its own, without the `data:` of an event."""
    for line in text.splitlines():
        event = line.removeprefix("data:").strip()
        if event.startswith("{"):
            yield event


def _parsed(text: str) -> Any:
    return json.loads(text, parse_float=_decimal, parse_int=_integer)


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:
        raise ValueError(f"{text[:40]} is out of bounds") from None


def _integer(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"a number of {len(text):,} digits")
    return int(text)


def _usage(counts: dict[str, Any]) -> Usage:
    """Return the usage of the counting flags: parts are taken off their whole."""
    quantities: dict[str, Any] = _counts(counts["meters"])
    for whole, what in _WHOLES.items():
        parts = {
            name: counts[name]
            for name, (container, _, _) in _PARTS.items()
            if container == whole and counts[name] is not None
        }
        if counts[whole] is None and not parts:
            continue
        left = (counts[whole] or 0) - sum(parts.values())
        if left < 0:
            said = " and ".join(f"{_flag(name)} {n}" for name, n in parts.items())
            message = f"{said}: more than the {counts[whole] or 0} of --{whole}, "
            raise InvalidInputError(message + f"which counts the whole {what}")
        added = {_PARTS[name][1]: n for name, n in parts.items()} | {whole: left}
        for meter, count in added.items():
            quantities[meter] = quantities.get(meter, 0) + count
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
