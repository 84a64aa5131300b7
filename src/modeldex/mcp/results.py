"""What each tool answers with, as JSON Schema; numbers are exact."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_MAYBE_TEXT: Schema = {"type": ["string", "null"]}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_COUNT: Schema = {"type": "integer"}
_MAYBE_COUNT: Schema = {"type": ["integer", "null"]}
_YES: Schema = {"type": "boolean"}
_AMOUNT: Schema = {
    "type": ["number", "string", "null"],
    "description": "A number; its digits as text where a double cannot hold them; "
    "null is unknown, never zero.",
}
_ANY_OBJECT: Schema = {"type": "object"}


def _object(*, more: bool = True, **properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": more,
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_PRICE = _object(state=_TEXT, currency=_TEXT, input=_AMOUNT, output=_AMOUNT)
_ROW = _object(
    more=False,
    ref=_TEXT,
    name=_MAYBE_TEXT,
    canonical=_MAYBE_TEXT,
    mode=_MAYBE_TEXT,
    status=_TEXT,
    context_window=_MAYBE_COUNT,
    max_output_tokens=_MAYBE_COUNT,
    pricing=_PRICE,
    capabilities=_TEXTS,
    release_date=_MAYBE_TEXT,
    deprecation_date=_MAYBE_TEXT,
)
_RESOLVED = _object(
    more=False,
    text=_TEXT,
    ref=_TEXT,
    rule=_TEXT,
    means=_TEXT,
    steps=_TEXTS,
    notes=_TEXTS,
    price_applies=_YES,
)
_MODEL = _object(
    ref=_TEXT,
    provider=_TEXT,
    id=_TEXT,
    status=_TEXT,
    pricing=_PRICE,
    capabilities=_ANY_OBJECT,
    context_window=_MAYBE_COUNT,
)
_LINE = _object(
    more=False,
    meter=_TEXT,
    quantity=_AMOUNT,
    rate=_AMOUNT,
    per=_MAYBE_COUNT,
    amount=_AMOUNT,
    source=_MAYBE_TEXT,
    why=_TEXT,
)
_END = _object(
    ref=_TEXT,
    status=_TEXT,
    day=_MAYBE_TEXT,
    days_left=_MAYBE_COUNT,
    source=_MAYBE_TEXT,
    replacements=_list(_object(ref=_TEXT, kind=_TEXT, reason=_MAYBE_TEXT)),
)
FIND = _object(
    more=False, total=_COUNT, offset=_COUNT, more_left=_YES, models=_list(_ROW)
)
GET = _object(
    more=False,
    model=_MODEL,
    resolved={**_RESOLVED, "type": ["object", "null"]},
)
COMPARE = _object(
    more=False,
    models=_TEXTS,
    facts=_ANY_OBJECT,
    differences=_TEXTS,
    summary=_ANY_OBJECT,
)
COST = _object(
    more=False,
    ref=_TEXT,
    total=_AMOUNT,
    list_total=_AMOUNT,
    subtotal=_AMOUNT,
    complete=_YES,
    unpriced=_TEXTS,
    currency=_TEXT,
    state=_TEXT,
    at=_TEXT,
    digest=_TEXT,
    lines=_list(_LINE),
    notes=_TEXTS,
)
PRICE_AT = _object(
    ref=_TEXT,
    known=_YES,
    since=_MAYBE_TEXT,
    until=_MAYBE_TEXT,
    effective=_YES,
    earliest=_MAYBE_TEXT,
    state=_TEXT,
    currency=_TEXT,
)
RESOLVE = _RESOLVED
EXPIRING = _object(more=False, total=_COUNT, models=_list(_END))


def plain(value: Any) -> Any:
    """Return a value as JSON has it: an amount as the number of the same digits.

    Where a double does not hold it exactly, it is the text of its digits.
    """
    if isinstance(value, Decimal):
        if value == value.to_integral_value() and abs(value) < 2**53:
            return int(value)
        near = float(value)
        return near if Decimal(repr(near)) == value else format(value, "f")
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value
