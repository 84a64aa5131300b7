"""Read what is JSON-like: nested, of any shape, its scalars plainly typed."""

from __future__ import annotations

import re

from modeldex.catalog.authoring.notes import show
from modeldex.catalog.authoring.parse import Quoted
from modeldex.catalog.authoring.schema import MAX_KEY, NULL_WORDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from modeldex.catalog.authoring.notes import Notes, Where
    from modeldex.catalog.authoring.schema import Field

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")


def plain(field: Field, value: Any, where: Where, notes: Notes) -> Any:
    """Type JSON-like: whole numbers, true, false and null; all else is text."""
    if value.__class__ is dict:
        kept = {}
        for key, item in value.items():
            if len(key) > MAX_KEY:
                message = f"key {show(key)} is longer than {MAX_KEY} characters"
                notes.add(where, "too_large", message)
            else:
                kept[key] = plain(field, item, (*where, key), notes)
        return kept
    if value.__class__ is list:
        return [
            plain(field, item, (*where, index), notes)
            for index, item in enumerate(value)
        ]
    if value.__class__ is Quoted:
        return str(value)
    if value in _PLAIN_WORDS:
        return _PLAIN_WORDS[value]
    return int(value) if _INTEGER.fullmatch(value) else value


_PLAIN_WORDS = {"true": True, "false": False} | dict.fromkeys(NULL_WORDS)
