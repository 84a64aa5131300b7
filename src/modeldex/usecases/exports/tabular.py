"""A model as one row of typed cells; and CSV, which is made of them.

Lists are joined by spaces and nested facts are JSON. A text that a spreadsheet would
take for a formula has an apostrophe before it; ids and numbers are what they are.
"""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from modeldex.domain.pricing import METERS
from modeldex.usecases.exports.losses import Losses
from modeldex.usecases.exports.writing import json_text, plain
from modeldex.usecases.records import guarded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modeldex.usecases.exports.view import Row, View

TEXT, COUNT, AMOUNT, FLAG, LIST, JSON = (
    "text",
    "count",
    "amount",
    "flag",
    "list",
    "json",
)
_FIRST = {
    "ref": TEXT,
    "provider": TEXT,
    "id": TEXT,
    "name": TEXT,
    "description": TEXT,
    "canonical": TEXT,
    "alias_of": TEXT,
    "family": TEXT,
    "mode": TEXT,
    "context_window": COUNT,
    "max_input_tokens": COUNT,
    "max_output_tokens": COUNT,
    "limits_basis": JSON,
    "embedding_dimensions": COUNT,
}
_PRICES = {
    "price_state": TEXT,
    "price_currency": TEXT,
    **{f"price_{meter}": AMOUNT for meter in METERS},
    "rates": JSON,
}
_LAST = {
    "capabilities": LIST,
    "capabilities_no": LIST,
    "capability_parameters": JSON,
    "input_modalities": LIST,
    "output_modalities": LIST,
    "status": TEXT,
    "release_date": TEXT,
    "knowledge_cutoff": TEXT,
    "deprecation_date": TEXT,
    "replacement": LIST,
    "open_weights": FLAG,
    "license": TEXT,
    "rate_limits": JSON,
    "protocol": TEXT,
    "base_url": TEXT,
    "supported_endpoints": LIST,
    "request_parameters": JSON,
    "updated_at": TEXT,
    "metadata": JSON,
    "sources": JSON,
}
# column -> its kind, in order
COLUMNS: Mapping[str, str] = {**_FIRST, **_PRICES, **_LAST}
# group of fields -> the JSON column that has them by entry
_GROUPS = {
    "rates": "rates",
    "rate_limits": "rate_limits",
    "request_parameters": "request_parameters",
}


def cells(model: Row) -> dict[str, Any]:
    """Return the known cells of a model by column.

    Prices are those in force on the day; `rates` has the others by their keys.
    """
    row: dict[str, Any] = {
        "ref": model.ref,
        "provider": model.provider,
        "id": model.id,
        "mode": "chat",
    }
    for field, value in model.facts.items():
        group, dot, entry = field.partition(".")
        if not dot:
            row[field] = value
        elif group == "pricing":
            row[f"price_{entry}"] = value
        elif group == "modalities":
            row[f"{entry}_modalities"] = value
        elif group in _GROUPS:
            row.setdefault(_GROUPS[group], {})[entry] = value
        elif "." in entry:
            row.setdefault("capability_parameters", {})[entry] = value
        else:
            name = "capabilities" if value else "capabilities_no"
            row.setdefault(name, []).append(entry)
    return row


def make(view: View) -> tuple[bytes, Losses]:
    """Return CSV with a header, and that it carries everything."""
    losses = Losses(keep=view.keep)
    losses.carry_of_providers(view.providers)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    kinds = COLUMNS.items()
    for model in view.rows():
        row = cells(model)
        writer.writerow([_cell(row.get(name), kind, name) for name, kind in kinds])
        losses.compare(model.ref, model.facts, model.facts)
    return out.getvalue().encode(), losses


def _cell(value: Any, kind: str, column: str) -> str:
    """Write a cell; unknown is empty."""
    if value is None:
        return ""
    if kind == AMOUNT and isinstance(value, Decimal):
        return plain(value)
    if kind == COUNT:
        return str(value)
    if kind == FLAG:
        return "yes" if value else "no"
    return guarded(as_text(value, kind), column)


def as_text(value: Any, kind: str) -> str:
    """Write a list, nested or plain value as text."""
    if kind == LIST:
        return " ".join(value)
    return json_text(value) if kind == JSON else str(value)
