"""Recorded answers of APIs, if they are beside the project, and what is in a row."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modeldex.sources.apis import find_api, read_recorded
from modeldex.sources.row_facts import day
from modeldex.sources.row_prices import UNITS, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modeldex.sources.api import Api, Reading

UPSTREAM = Path(__file__).parents[2] / "shared" / "data" / "upstream"
SOURCES = {"github": "github-models", "vertexai": "vertex"}
AT = "2026-11-25T10:00:00Z"
INDEX: list[dict[str, Any]] = (
    json.loads((UPSTREAM / "index.json").read_text("utf-8"))
    if UPSTREAM.is_dir()
    else []
)
LISTS = ("data", "models", "modelSummaries", "publisherModels", "items", "value")


def api_of(file: str) -> Api:
    """Return the row of the source that a recorded file is an answer of."""
    folder = file.partition("/")[0]
    api = find_api(SOURCES.get(folder, folder))
    assert api is not None
    return api


@cache
def read(file: str) -> Reading:
    """Read a recorded answer."""
    return read_recorded(api_of(file), (UPSTREAM / file).read_bytes(), AT)


def rows_of(page: Any) -> list[dict[str, Any]]:
    """Return the rows of a page that has them in one list."""
    found = page
    if isinstance(page, dict):
        found = next((page[k] for k in LISTS if isinstance(page.get(k), list)), [])
    return [row for row in found if isinstance(row, dict)]


def numbers_in(value: Any) -> Iterator[Decimal]:
    """Yield every number of a row, also those written as text."""
    if isinstance(value, dict):
        for item in value.values():
            yield from numbers_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from numbers_in(item)
    else:
        found = number(value)
        if found is not None:
            yield found


def days_in(value: Any) -> Iterator[str]:
    """Yield every day that a row's times and dates fall on."""
    if isinstance(value, dict):
        for item in value.values():
            yield from days_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from days_in(item)
    else:
        found = day(value)
        if found:
            yield found


def untraced(facts: dict[str, Any], row: dict[str, Any], api: Api) -> list[str]:
    """Return the facts whose numbers, days or words are nowhere in the row."""
    tokens, others = UNITS[api.units]
    own = set(numbers_in(row))
    scaled = {n.scaleb(s).normalize() for n in own for s in (0, tokens, others)}
    scaled = {n + 0 for n in scaled}
    days = set(days_in(row))
    text = " ".join(json.dumps(row, default=str, ensure_ascii=False).lower().split())
    lost = []
    for name, value in facts.items():
        if isinstance(value, bool):
            continue
        if isinstance(value, (int, Decimal)):
            known = any(Decimal(value) == n for n in scaled)
        elif name.endswith("_date") or name == "knowledge_cutoff":
            known = value in days
        elif name in ("mode", "status", "modalities", "pricing.state"):
            known = True  # words of ours, by a table: see the golden rows
        elif isinstance(value, str):
            known = value.lower() in text
        else:
            known = all(word in text for word in _words(value))
        above = name.partition("above=")[2]
        bound = Decimal(above or 0)
        if above and not {bound, bound + 1, bound / 1000} & own:
            known = False
        if not known:
            lost.append(f"{name}={value}")
    return lost


_OURS = (
    "effort_flags",
    "efforts",
    "explicit",
    "implicit",
    "kinds",
    "toggle",
    "always_on",
)


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in _OURS:
                yield key
            yield from _words(item)
    elif isinstance(value, list):
        for item in value:
            yield from _words(item)
    elif isinstance(value, str) and value not in _OURS:
        yield value.lower()


def paths_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every key of a row, at any depth."""
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, item in items:
        if isinstance(value, dict):
            yield (*path, key)
        yield from paths_in(item, (*path, key))


def without(row: Any, path: tuple[Any, ...]) -> Any:
    """Return a copy of a row without the key at a path."""
    copy = _copied(row)
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return copy


def changed(row: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return a copy of a row with another value at a path."""
    copy = _copied(row)
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return copy


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value
