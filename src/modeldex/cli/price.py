"""`modeldex price`: what a model cost at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from modeldex.cli.models import complete_refs, open_registry
from modeldex.cli.render import chosen, emit, note, output_options
from modeldex.domain.pricing import METER_UNITS, UNITS

if TYPE_CHECKING:
    from modeldex.domain.dated_pricing import DatedPricing

_COLUMNS = ("meter", "amount", "per", "unit", "currency")
_UNKNOWN = 1  # exit status


@click.command("price")
@click.argument("ref", shell_complete=complete_refs)
@click.option(
    "--at", metavar="TIME", help="Day (its end, UTC) or time; now unless given."
)
@click.option("--known-at", metavar="TIME", help="Leave out what became known later.")
@output_options
@click.pass_obj
def price_command(
    path: str | None, ref: str, at: str | None, known_at: str | None, form: str | None
) -> int:
    """Tell the standard price of a model in force at a time, and since when.

    Before the first known price it is unknown: exit status 1.

    \b
    modeldex price openai/o3 --at 2025-06-01
    """
    price = open_registry(path).price(ref, at, known_at)
    rows = [_row(meter, amount, price) for meter, amount in price.amounts.items()]
    emit(rows, _COLUMNS, form, records=price.as_dict)
    if chosen(form) in ("table", "tsv"):
        note(_said(price))
    return 0 if price else _UNKNOWN


def _row(meter: str, amount: Any, price: DatedPricing) -> dict[str, Any]:
    unit = METER_UNITS.get(meter, "request")
    currency = price.currency
    found = {"meter": meter, "amount": amount, "per": UNITS[unit], "unit": unit}
    return {**found, "currency": currency}


def _said(price: DatedPricing) -> str:
    if not price:
        if price.earliest is None:
            return f"{price.ref}: unknown; no price is known"
        if price.since is None:
            return f"{price.ref}: unknown; the first known price is of {price.earliest}"
        return f"{price.ref}: unknown since {price.since}: no source lists it"
    how = "stated" if price.effective else "first seen"
    text = f"{price.ref}: {price.state}"
    text += f", in force since {price.since} ({how})" if price.since else ""
    return text + (f" until {price.until}" if price.until else "")
