"""How the rows of an API's list are spelled, as a table, and the facts out of a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from modeldex.domain.capability_details import DROPPED, SOURCE_NAMES
from modeldex.sources.answers import Rows, read_rows
from modeldex.sources.claim import (
    Json,
    ability_claims,
    flag_claims,
    full_date,
    modality_lists,
    plain_text,
    rejected_id,
    token_count,
)
from modeldex.sources.rate_claims import NO_UNIT
from modeldex.sources.row_prices import RowPrices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from modeldex.sources.answers import Row
    from modeldex.sources.api import Api, Reading

LIMITS = (
    "context_window",
    "max_input_tokens",
    "max_output_tokens",
    "embedding_dimensions",
)
DAYS = ("release_date", "deprecation_date", "knowledge_cutoff")
# a day from then on is how a source writes that there is none
NO_END = "2099"
# sole output -> mode
_OUTPUT_MODES = {
    "embedding": "embedding",
    "embeddings": "embedding",
    "rerank": "rerank",
    "transcription": "audio_transcription",
}
_MODALITY_WORDS = {"speech": "audio"}
_NO_LICENCE = ("other", "unknown")
UNKNOWN_WORD = "no capability of ours"


@dataclass(frozen=True, slots=True)
class Shape:
    """How the rows of a list are spelled; paths are keys joined by dots.

    `keys` are where the list may be (a bare list needs none), `ids` where the id is,
    the first that a row has.
    `facts` maps a path to our field, `prices` a path to our meter. `flags` are paths
    of tables of yes and no, `words` of lists of what a model can; their names are
    those of `data/capabilities.yaml` for the source, or for `named_as`. `modalities`
    are the paths of what goes in and comes out, `mode` that of the kind of work, with
    our mode by its words. `free_zero` is whether a price of 0 means free. `more` adds
    odd facts, or returns why a row is no model.
    """

    keys: tuple[str, ...] = ("data",)
    ids: tuple[str, ...] = ("id",)
    facts: Mapping[str, str] = field(default_factory=dict)
    prices: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    modalities: tuple[str, str] | None = None
    elsewhere: tuple[str, ...] = ()
    """Paths of the tables of prices that `more` reads, or that are no price."""
    mode: tuple[str, Mapping[str, str]] | None = None
    free_zero: bool = False
    named_as: str = ""
    prefix: str = ""
    """What stands before a model's id and is taken off."""
    more: Callable[[Row, Rows, RowPrices], Mapping[str, Any] | str] | None = None
    provider: Callable[[str], str] | None = None


def reader(shape: Shape) -> Callable[[Sequence[Json], str, Api], Reading]:
    """Return a reader of lists whose rows are spelled so."""

    def model_id(row: Row) -> object:
        given = (row.get(key) for key in shape.ids)
        found = next((value for value in given if value is not None), None)
        return found.removeprefix(shape.prefix) if isinstance(found, str) else found

    def read(pages: Sequence[Json], at: str, api: Api) -> Reading:
        def facts(row: Row, rows: Rows) -> Mapping[str, Any] | str:
            return shape_facts(shape, row, rows)

        return read_rows(
            pages,
            Rows(api, at, shape.provider),
            keys=shape.keys,
            model_id=model_id,
            facts=facts,
        )

    return read


def shape_facts(shape: Shape, row: Row, rows: Rows) -> Mapping[str, Any] | str:
    """Return what a row says, as its shape tells, or why it is no model."""
    prices = RowPrices(rows.api.units, free_zero=shape.free_zero)
    more = shape.more(row, rows, prices) if shape.more else {}
    if isinstance(more, str):
        return more
    said: dict[str, Any] = {}
    for path, name in shape.facts.items():
        value = fact(name, at_path(row, path), path, rows)
        if value is not None:
            said.setdefault(name, value)
    _read_prices(shape, row, prices)
    rows.count(prices)
    names = shape.named_as or rows.api.name
    stated = {**dict(_flags(shape, row)), **dict(_words(shape, row))}
    abilities = named_abilities(names, {**stated, **_sides(shape, row, names)}, rows)
    return {
        **said,
        **abilities,
        **_modalities(shape, row),
        **_mode(shape, row, rows),
        **prices.claims,
        **more,
    }


def _read_prices(shape: Shape, row: Row, prices: RowPrices) -> None:
    """Read the prices that a shape knows; what else is in their tables is counted."""
    for path, meter in shape.prices.items():
        prices.read(path, meter, at_path(row, path))
    for table in dict.fromkeys(path.rpartition(".")[0] for path in shape.prices):
        inner = at_path(row, table) if table else None
        for key, value in inner.items() if isinstance(inner, dict) else ():
            path = f"{table}.{key}"
            known = any(p == path or p.startswith(f"{path}.") for p in shape.prices)
            if value and not known and path not in shape.elsewhere:
                prices.count(path, NO_UNIT)


def at_path(row: Json, path: str) -> Json:
    """Return the value at a path of keys, or None."""
    if "." not in path:
        return row.get(path) if isinstance(row, dict) else None
    for key in path.split("."):
        row = row.get(key) if isinstance(row, dict) else None
    return row


def fact(name: str, value: Json, path: str, rows: Rows) -> object:
    """Return the value of one of our fields, or None, counted where it is refused."""
    if value is None or value == "":
        return None
    if name in LIMITS:
        found: object = token_count(value)
    elif name in DAYS:
        found = day(value)
    elif name == "replacement":
        found = [value] if isinstance(value, str) and not rejected_id(value) else None
    elif name == "open_weights":
        found = value if isinstance(value, bool) else None
    elif name == "alias_of":
        found = value if isinstance(value, str) and not rejected_id(value) else None
    else:
        found = plain_text(value)
        if name == "license" and found in _NO_LICENCE:
            return None
    if found is None:
        rows.leave(path, f"no {name.replace('_', ' ')}")
    return found


def day(value: Json) -> str | None:
    """Return the day (UTC) of a time: seconds since 1970, or an ISO time or date.

    None before 2015, which is an empty clock, and from 2099 on, which means no end.
    """
    try:
        if isinstance(value, str):
            text = full_date(value) or _day_of_time(value)
        elif isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            return None
        else:
            text = datetime.fromtimestamp(int(value), UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return None
    found = full_date(text)
    return found if found and found < NO_END else None


def _day_of_time(text: str) -> str:
    when = datetime.fromisoformat(text)
    return (when.astimezone(UTC) if when.tzinfo else when).date().isoformat()


def flat_flags(table: Json, before: str = "") -> Iterator[tuple[str, bool]]:
    """Yield the flags of nested tables, named by their keys joined by dots."""
    if isinstance(table, dict):
        for key, value in table.items():
            yield from flat_flags(value, f"{before}{key}.")
    elif isinstance(table, bool):
        yield before[:-1], table


def text_list(value: Json) -> list[str]:
    """Return the texts of a list, in lower case."""
    items = value if isinstance(value, list) else []
    return [item.lower() for item in items if isinstance(item, str)]


def _flags(shape: Shape, row: Row) -> Iterator[tuple[str, bool]]:
    for path in shape.flags:
        yield from flat_flags(at_path(row, path) if path else row)


def _words(shape: Shape, row: Row) -> Iterator[tuple[str, bool]]:
    """Yield what a list names; what it does not name is unknown."""
    for path in shape.words:
        listed = at_path(row, path)
        for word in listed if isinstance(listed, list) else ():
            if isinstance(word, str):
                yield word, True


def _both_sides(shape: Shape, row: Row) -> tuple[list[str], list[str]] | None:
    if shape.modalities is None:
        return None
    inputs, outputs = (text_list(at_path(row, path)) for path in shape.modalities)
    return (inputs, outputs) if inputs and outputs else None


def _sides(shape: Shape, row: Row, names: str) -> dict[str, bool]:
    """Return what goes in and comes out: yes for members, no for other known words."""
    sides = _both_sides(shape, row)
    if sides is None:
        return {}
    found = dict.fromkeys(_known_sides(names), False)
    for side, words in zip(("in", "out"), sides, strict=True):
        for word in words:
            found[f"{side}:{word}"] = True
    return found


@cache
def _known_sides(names: str) -> tuple[str, ...]:
    known = (*SOURCE_NAMES.get(names, ()), *DROPPED.get(names, ()))
    return tuple(name for name in known if name.startswith(("in:", "out:")))


def _modalities(shape: Shape, row: Row) -> dict[str, Any]:
    sides = _both_sides(shape, row)
    if sides is None:
        return {}
    inputs, outputs = ([_MODALITY_WORDS.get(w, w) for w in side] for side in sides)
    lists = modality_lists({"input": inputs, "output": outputs})
    only = outputs[0] if len(outputs) == 1 else ""
    mode = _OUTPUT_MODES.get(only)
    return {"modalities": lists, **({"mode": mode} if mode else {})}


def _mode(shape: Shape, row: Row, rows: Rows) -> dict[str, str]:
    if shape.mode is None:
        return {}
    path, modes = shape.mode
    value = at_path(row, path)
    words = [value] if isinstance(value, str) else value
    found = [modes.get(word, "") for word in words or () if isinstance(word, str)]
    if words and not all(found):
        rows.leave(path, "no mode of ours")
    kinds = set(filter(None, found))
    return {"mode": kinds.pop()} if len(kinds) == 1 and all(found) else {}


def named_abilities(
    source: str, stated: Mapping[str, bool], rows: Rows
) -> dict[str, Any]:
    """Return the claims of abilities out of a source's names; unknown ones count."""
    if not stated:
        return {}
    said, unknown = _abilities(source, tuple(stated.items()))
    for name in unknown:
        rows.leave(name[:60], UNKNOWN_WORD)
    return {k: dict(v) if isinstance(v, dict) else v for k, v in said.items()}


@lru_cache(maxsize=1000)
def _abilities(
    source: str, stated: tuple[tuple[str, bool], ...]
) -> tuple[dict[str, Any], list[str]]:
    """Return the claims and the unknown names; rows of a list often state the same."""
    names = SOURCE_NAMES.get(source, {})
    dropped = {**DROPPED["any"], **DROPPED.get(source, {})}
    unknown = [n for n, _ in stated if n not in names and n not in dropped]
    return ability_claims(*flag_claims(dict(stated), names)), unknown
