"""An SQLite file of four tables: models, prices, capabilities, providers.

Amounts are text, exactly as they are listed; `approximate` is the same as a number, to
sort and compare by. The file is made in memory, the same bytes for the same models.
"""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from modeldex.domain.pricing import METER_UNITS, Rate, split_key
from modeldex.domain.provider import FACTS
from modeldex.usecases.exports.losses import Losses
from modeldex.usecases.exports.tabular import (
    AMOUNT,
    COLUMNS,
    COUNT,
    FLAG,
    TEXT,
    as_text,
    cells,
)
from modeldex.usecases.exports.writing import json_text, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from modeldex.usecases.exports.view import Row, View

VERSION = 1
# of the columns of a model those that have tables of their own
_OWN = ("rates", "capabilities", "capabilities_no", "capability_parameters")
_MODELS = {
    name: kind for name, kind in COLUMNS.items() if name not in _OWN and kind != AMOUNT
}
_TYPES = {COUNT: "INTEGER", FLAG: "INTEGER"}
_NAMED = ("service_tier", "region", "above", "valid_from", "valid_to")
_PROVIDERS = ("name", "kind", "api", "docs", "status_page", "default_model")
_COLUMNS = ",\n    ".join(
    f"{name} {_TYPES.get(kind, 'TEXT')}" for name, kind in _MODELS.items()
)
SCHEMA = f"""
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE providers (
    id TEXT PRIMARY KEY, name TEXT, kind TEXT, api TEXT, docs TEXT,
    status_page TEXT, default_model TEXT, facts TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE models (
    {_COLUMNS},
    PRIMARY KEY (ref)
) WITHOUT ROWID;
CREATE TABLE prices (
    ref TEXT NOT NULL REFERENCES models, meter TEXT NOT NULL,
    conditions TEXT NOT NULL, amount TEXT NOT NULL, approximate REAL NOT NULL,
    per INTEGER NOT NULL, unit TEXT, service_tier TEXT, region TEXT,
    above INTEGER, valid_from TEXT, valid_to TEXT,
    PRIMARY KEY (ref, meter, conditions)
) WITHOUT ROWID;
CREATE TABLE capabilities (
    ref TEXT NOT NULL REFERENCES models, name TEXT NOT NULL, known TEXT NOT NULL,
    parameters TEXT, PRIMARY KEY (ref, name)
) WITHOUT ROWID;
CREATE INDEX price_of_meter ON prices (meter, conditions, approximate);
CREATE INDEX model_at_provider ON models (provider, id);
CREATE INDEX able ON capabilities (name, known);
"""


def make(view: View) -> tuple[bytes, Losses]:
    """Return the bytes of the file, and that it carries everything."""
    losses = Losses(keep=view.keep)
    losses.carry_of_providers(view.providers, FACTS)
    models: list[Any] = []
    prices: list[Any] = []
    abilities: list[Any] = []
    for model in view.rows():
        row = cells(model)
        models.append([_value(row.get(name), kind) for name, kind in _MODELS.items()])
        prices += _prices(model)
        abilities += _abilities(row)
        losses.compare(model.ref, model.facts, model.facts)
    connection = sqlite3.connect(":memory:")
    try:
        connection.executescript(SCHEMA)
        connection.execute(f"PRAGMA user_version = {VERSION}")
        _insert(connection, "meta", list(_meta(view)))
        _insert(
            connection, "providers", [_provider(*row) for row in view.providers.items()]
        )
        _insert(connection, "models", models)
        _insert(connection, "prices", prices)
        _insert(connection, "capabilities", abilities)
        connection.commit()
        return connection.serialize(), losses
    finally:
        connection.close()


def _insert(connection: sqlite3.Connection, table: str, rows: list[Any]) -> None:
    if rows:
        places = ", ".join("?" * len(rows[0]))
        command = f"INSERT INTO {table} VALUES ({places})"  # noqa: S608  our own names
        connection.executemany(command, rows)


def _meta(view: View) -> Iterator[tuple[str, str]]:
    yield "made_by", "modeldex"
    yield "catalogue_digest", view.digest
    yield "catalogue_date", view.date
    yield "prices_of_day", view.day


def _provider(name: str, facts: Mapping[str, Any]) -> list[Any]:
    return [name, *(facts.get(column) for column in _PROVIDERS), json_text(dict(facts))]


def _value(value: Any, kind: str) -> Any:
    if value is None or kind in (COUNT, TEXT):
        return value
    return int(value) if kind == FLAG else as_text(value, kind)


def _prices(model: Row) -> Iterator[list[Any]]:
    for field, amount in model.facts.items():
        group, _, key = field.partition(".")
        if group not in ("pricing", "rates") or not isinstance(amount, Decimal):
            continue
        meter, conditions = split_key(key)
        rate = Rate(key, amount)
        named: list[Any] = [conditions.get(name) for name in _NAMED]
        named[2] = None if named[2] is None else int(named[2])  # above
        text = key.partition("@")[2]
        yield [
            model.ref,
            meter,
            text,
            plain(amount),
            float(amount),
            rate.per,
            METER_UNITS.get(meter),
            *named,
        ]


def _abilities(row: Mapping[str, Any]) -> Iterator[list[Any]]:
    parameters: dict[str, dict[str, Any]] = {}
    for name, value in row.get("capability_parameters", {}).items():
        ability, _, parameter = name.partition(".")
        parameters.setdefault(ability, {})[parameter] = value
    for known, column in (("yes", "capabilities"), ("no", "capabilities_no")):
        for name in row.get(column, ()):
            more = parameters.get(name)
            yield [row["ref"], name, known, json_text(more) if more else None]
