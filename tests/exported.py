"""Exports read back by our own readers: what each says of each model, field by field.

view = shipped()
body, losses = FORMATS["litellm"].make(view)
said = READERS["litellm"](body)  # ref -> field -> value
"""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import tempfile
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import modeldex
from modeldex.catalog.authoring.load import load_directory
from modeldex.catalog.encode import encode
from modeldex.catalog.query import Query
from modeldex.domain.provider import provider_id
from modeldex.sources import genai_prices, litellm, models_dev, openrouter
from modeldex.sources.answers import decode_answer
from modeldex.sources.apis import APIS
from modeldex.usecases.exports import FORMATS
from modeldex.usecases.exports.tabular import (
    AMOUNT,
    COLUMNS,
    COUNT,
    FLAG,
    JSON,
    LIST,
)
from modeldex.usecases.exports.view import View, flat

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from modeldex.catalog import Catalog
    from modeldex.usecases.exports.losses import Losses

    Facts = dict[str, Any]
    Said = dict[str, Facts]

DAY = "2026-11-25"
_SPLIT = ("modalities", "rate_limits")


@cache
def shipped() -> View:
    """Return every model of the shipped catalogue, also those that are retired."""
    return view_of(modeldex.open().catalog, DAY)


def view_of(catalog: Catalog, day: str) -> View:
    """Return every model of a catalogue on a day; losses are kept by model."""
    snapshot = catalog.snapshot
    rows = catalog.rows(Query([("status", "in", ("any",))]))
    columns = snapshot.rows_columns(rows)
    return View(columns, snapshot.providers, day, digest=snapshot.digest, keep=True)


@cache
def shipped_facts() -> dict[str, Facts]:
    """Return the facts of every shipped model."""
    return {row.ref: row.facts for row in shipped().rows()}


@cache
def made(name: str) -> tuple[Any, Losses]:
    """Return the export of every shipped model, and its losses."""
    return FORMATS[name].make(shipped())


def claimed(facts: Mapping[str, Any]) -> Facts:
    """Return claims field by field, each parameter of an ability by itself."""
    found: Facts = {}
    for name, value in facts.items():
        if value is None:
            continue
        if name.startswith("capabilities.") and isinstance(value, dict):
            found[name] = True
            found.update({f"{name}.{entry}": item for entry, item in value.items()})
        elif name in _SPLIT:
            found.update({f"{name}.{entry}": item for entry, item in value.items()})
        else:
            found[name] = value
    if found.get("mode") == "chat":
        del found["mode"]  # what has no mode is for chat
    return found


def _translated(module: Any) -> Callable[[bytes], Said]:
    def read(body: bytes) -> Said:
        claims = module.translate(json.loads(body, parse_float=Decimal), DAY)
        return {"/".join(key): claimed(facts) for key, facts in claims.models.items()}

    return read


def read_openrouter(body: bytes) -> Said:
    """Read OpenRouter's list; ids are refs."""
    api = next(api for api in APIS if api.name == "openrouter")
    reading = openrouter.read_openrouter([decode_answer(body, "export")], DAY, api)
    return {key[1]: claimed(facts) for key, facts in reading.claims.models.items()}


def read_exllm(files: Mapping[str, bytes]) -> Said:
    """Read ExLLM's files as a directory of the user's."""
    said: Said = {}
    with tempfile.TemporaryDirectory() as name:
        for path, data in files.items():
            (Path(name) / path).write_bytes(data)
        for layer in load_directory(Path(name)):
            provider = provider_id(layer.provider["provider"])
            for model, facts in layer.models.items():
                read = flat(encode(provider, model, facts), DAY)
                said[f"{provider}/{model}"] = read
    return said


def _unwritten(name: str, text: str) -> Any:
    """Return the value of a cell of CSV."""
    kind = COLUMNS[name]
    text = text.removeprefix("'")
    if kind == COUNT:
        return int(text)
    if kind == AMOUNT:
        return Decimal(text)
    if kind == FLAG:
        return text == "yes"
    if kind == LIST:
        return text.split()
    return json.loads(text, parse_float=Decimal) if kind == JSON else text


def from_cells(cells: Mapping[str, Any]) -> Facts:
    """Return the facts of a row of typed cells."""
    facts: Facts = {}
    for name, value in cells.items():
        if value is None or name in {"ref", "provider", "id"}:
            continue
        if name.startswith("price_"):
            facts[f"pricing.{name.removeprefix('price_')}"] = value
        elif name in {"input_modalities", "output_modalities"}:
            facts[f"modalities.{name.partition('_')[0]}"] = list(value)
        elif name in {"capabilities", "capabilities_no"}:
            able = name == "capabilities"
            facts.update({f"capabilities.{entry}": able for entry in value})
        elif name == "capability_parameters":
            facts.update({f"capabilities.{k}": item for k, item in value.items()})
        elif name == "rates":
            amounts = {k: Decimal(amount) for k, amount in value.items()}
            facts.update({f"rates.{k}": amount for k, amount in amounts.items()})
        elif name in {"rate_limits", "request_parameters"}:
            facts.update({f"{name}.{k}": item for k, item in value.items()})
        elif name != "mode" or value != "chat":
            facts[name] = value
    return facts


def read_csv(body: bytes) -> Said:
    """Read CSV."""
    said: Said = {}
    for row in csv.DictReader(io.StringIO(body.decode())):
        known = {name: _unwritten(name, text) for name, text in row.items() if text}
        said[row["ref"]] = from_cells(known)
    return said


def read_parquet(body: bytes) -> Said:
    """Read Parquet."""
    import pyarrow.parquet

    said: Said = {}
    for row in pyarrow.parquet.read_table(io.BytesIO(body)).to_pylist():
        known = {
            name: json.loads(value, parse_float=Decimal)
            if COLUMNS[name] == JSON
            else value
            for name, value in row.items()
            if value is not None
        }
        said[row["ref"]] = from_cells(known)
    return said


def read_sqlite(body: bytes) -> Said:
    """Read the tables of an SQLite file."""
    connection = sqlite3.connect(":memory:")
    connection.deserialize(body)
    connection.row_factory = sqlite3.Row
    said: Said = {}
    for row in connection.execute("SELECT * FROM models"):
        known = {
            name: value
            if COLUMNS[name] == COUNT
            else _unwritten(name, "yes" if value == 1 else str(value))
            for name, value in dict(row).items()
            if value is not None
        }
        said[row["ref"]] = from_cells(known)
    for row in connection.execute("SELECT * FROM prices"):
        meter, conditions = row["meter"], row["conditions"]
        name = f"rates.{meter}@{conditions}" if conditions else f"pricing.{meter}"
        said[row["ref"]][name] = Decimal(row["amount"])
    for row in connection.execute("SELECT * FROM capabilities"):
        field = f"capabilities.{row['name']}"
        facts = said[row["ref"]]
        facts[field] = row["known"] == "yes"
        for name, value in json.loads(row["parameters"] or "{}").items():
            facts[f"{field}.{name}"] = value
    connection.close()
    return said


def read_jsonl(body: bytes) -> Said:
    """Read JSON Lines: the facts of each model's JSON form."""
    said: Said = {}
    for line in body.splitlines():
        record = json.loads(line, parse_float=Decimal)
        ref = record["ref"]
        said[ref] = _from_record(record)
    return said


def _from_record(record: Facts) -> Facts:
    facts = _prices_of(record.pop("pricing"))
    for name, value in record.pop("capabilities").items():
        facts[f"capabilities.{name}"] = value is not False
        if isinstance(value, dict):
            facts.update({f"capabilities.{name}.{k}": v for k, v in value.items()})
    for name in (*_SPLIT, "request_parameters"):
        entries = (record.pop(name) or {}).items()
        facts.update({f"{name}.{k}": v for k, v in entries if v != []})
    basis = {n: row["basis"] for n, row in (record.pop("limits") or {}).items()}
    known = {n: word for n, word in basis.items() if word not in {None, "published"}}
    record["limits_basis"] = known
    if record["mode"] == "chat":
        del record["mode"]
    rest = {n: v for n, v in record.items() if n not in {"ref", "provider", "id"}}
    return facts | {n: v for n, v in rest.items() if v not in (None, {}, [])}


def _prices_of(pricing: Facts) -> Facts:
    facts: Facts = {}
    for text, amounts in pricing.pop("rates", {}).items():
        for meter, amount in amounts.items():
            facts[f"rates.{meter}@{text}"] = Decimal(amount)
    for name, value in pricing.items():
        if isinstance(value, (int, Decimal)):
            facts[f"pricing.{name}"] = Decimal(value)
        elif value not in {None, "USD", "listed", "free", "unknown"}:
            facts[f"pricing.{name}"] = value
    return facts


READERS: dict[str, Callable[[Any], Said]] = {
    "litellm": _translated(litellm),
    "models.dev": _translated(models_dev),
    "openrouter": read_openrouter,
    "genai-prices": _translated(genai_prices),
    "exllm": read_exllm,
    "sqlite": read_sqlite,
    "csv": read_csv,
    "jsonl": read_jsonl,
    "parquet": read_parquet,
}


def differing(
    facts: Mapping[str, Any], said: Mapping[str, Any]
) -> tuple[set[str], set[str]]:
    """Return the fields that are lost, and those that are taken for known."""
    lost = {f for f, v in facts.items() if f not in said or said[f] != v}
    filled = {f for f, v in said.items() if f not in facts or facts[f] != v}
    return lost, filled
