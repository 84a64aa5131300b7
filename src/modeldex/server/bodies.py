"""Bodies of JSON as closed types; numbers are Decimals of their own digits."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

import msgspec

_MOST_EXPONENT = 20


def decoded(kind: type, data: bytes) -> Any:
    """Return a body; raise msgspec's errors, UnicodeDecodeError, RecursionError.

    JSON has one kind of number: where a whole one is wanted, 3.0 is it too.
    """
    try:
        return _decoder(kind).decode(data)
    except msgspec.ValidationError:
        whole = msgspec.json.Decoder(float_hook=_number).decode(data)
        return msgspec.convert(whole, kind)


@cache
def _decoder(kind: type) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, float_hook=Decimal)


def _number(text: str) -> int | Decimal:
    number = Decimal(text)
    if abs(number.adjusted()) < _MOST_EXPONENT and number == number.to_integral_value():
        return int(number)
    return number
