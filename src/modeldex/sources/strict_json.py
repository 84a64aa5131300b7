"""JSON from outside, read strictly: bounded, no number a float, no key said twice."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NoReturn

from modeldex.errors import SourceFormatError

if TYPE_CHECKING:
    from modeldex.sources.claim import Json

MAX_DEPTH = 64
MAX_NODES = 4_000_000
MAX_DIGITS = 64
MAX_POWER = 400


def read_json(data: bytes) -> Json:
    """Return what UTF-8 JSON holds, its numbers int and Decimal.

    Raises SourceFormatError for anything else: other encodings, NaN, numbers without
    bound, a key twice in one object, nesting deeper than 64. The error says where, and
    nothing of what is there.
    """
    problem, payload = _decoded(data)
    if problem:
        raise SourceFormatError(f"the answer is no JSON of ours: {problem}")
    _measure(payload)
    return payload


def _decoded(data: bytes) -> tuple[str, Json]:
    try:
        text = data.decode("utf-8-sig")
        return "", json.loads(
            text,
            parse_float=_decimal,
            parse_int=_whole,
            parse_constant=_no_number,
            object_pairs_hook=_once_each,
        )
    except UnicodeDecodeError as error:
        return f"byte {error.start} is not UTF-8", None
    except json.JSONDecodeError as error:
        return f"it breaks off or is malformed at character {error.pos}", None
    except RecursionError:
        return f"nested deeper than {MAX_DEPTH}", None
    except (ValueError, InvalidOperation) as error:
        return str(error) if isinstance(error, _OddError) else "an odd number", None


class _OddError(ValueError):
    """Something that JSON may hold and an answer may not."""


def _decimal(text: str) -> Decimal:
    number = Decimal(text) if len(text) <= MAX_DIGITS else _no_number(text)
    if number and abs(number.adjusted()) > MAX_POWER:
        _no_number(text)
    return number


def _whole(text: str) -> int:
    return int(text) if len(text) <= MAX_DIGITS else _no_number(text)


def _no_number(_text: str) -> NoReturn:
    raise _OddError("a number without bound, or none")


def _once_each(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _OddError("a key stands twice in one object")
    return found


def _measure(payload: Json) -> None:
    """Raise where a payload is nested too deep, or holds too much."""
    level, nodes = [payload], 0
    for _ in range(MAX_DEPTH + 1):
        nodes += len(level)
        if nodes > MAX_NODES:
            raise SourceFormatError("the answer holds too many values")
        deeper: list[Json] = []
        for item in level:
            if isinstance(item, dict):
                deeper.extend(item.values())
            elif isinstance(item, list):
                deeper.extend(item)
        if not deeper:
            return
        level = deeper
    raise SourceFormatError(f"the answer is nested deeper than {MAX_DEPTH}")
