"""Reading and writing the rows of models within a transaction."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from modeldex.domain.change import LAYERS
from modeldex.stores.current import FACTS, as_text, model_row, priced
from modeldex.stores.tables import model

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy.engine import Connection, Row

    from modeldex.stores.current import Layers, Ref

_AT_ONCE = 500
_SHOWN = ("input_price", "output_price", "dated")
_STATED = ("stated_input", "stated_output", "stated_dated")
_DOCUMENTS = ("dated", "stated_dated")
_POINTING = [
    model.c[n] for n in ("provider", "model", "alias_of", "own", *_STATED, *_SHOWN)
]


def by_ref(
    connection: Connection, refs: Iterable[Ref], columns: Iterable[Any]
) -> Iterator[Row[Any]]:
    """Yield the rows of models, some hundred of a provider at once."""
    by_provider: dict[str, list[str]] = {}
    for provider, name in refs:
        by_provider.setdefault(provider, []).append(name)
    query = select(*columns)
    for provider, names in by_provider.items():
        for start in range(0, len(names), _AT_ONCE):
            some = names[start : start + _AT_ONCE]
            yield from connection.execute(
                query.where(model.c.provider == provider, model.c.model.in_(some))
            )


def read_models(connection: Connection, refs: Iterable[Ref]) -> dict[Ref, Layers]:
    """Return the facts of models by layer; those that are not there have none."""
    columns = [model.c.provider, model.c.model, model.c.facts, model.c.own]
    found: dict[Ref, Layers] = {ref: dict.fromkeys(LAYERS) for ref in refs}
    for row in by_ref(connection, found, columns):
        found[row.provider, row.model] = {n: getattr(row, FACTS[n]) for n in LAYERS}
    return found


def is_there(layers: Layers) -> bool:
    """Tell whether a model has facts, in any layer."""
    return any(facts is not None for facts in layers.values())


def rows_of(
    connection: Connection, state: Mapping[Ref, Layers], revision: int
) -> dict[Ref, dict[str, Any]]:
    """Return the rows of models that have facts, at the prices to search by."""
    rows = {
        ref: model_row(ref, layers, revision)
        for ref, layers in state.items()
        if is_there(layers)
    }
    _price(connection, rows)
    return rows


def write_models(
    connection: Connection, rows: Mapping[Ref, dict[str, Any]], before: set[Ref]
) -> None:
    """Write models' rows; of `before`, the ones that were, those without a row go."""
    if rows:
        known = not before.isdisjoint(rows)
        statement = _upsert(connection.dialect.name) if known else insert(model)
        connection.execute(statement, list(rows.values()))
    gone = sorted(before - rows.keys())
    if gone:
        named = [_named(*ref) for ref in gone]
        connection.execute(delete(model).where(*_same()), named)


def reprice(connection: Connection, written: Iterable[Ref], before: set[Ref]) -> None:
    """Give what points to models that were written, or are gone, their price."""
    done = set(written)
    _update(connection, _pointers_to(connection, before | done, done))


@cache
def _upsert(kind: str) -> Any:
    """Return the statement that writes a row over the one that is there, if any."""
    makers: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
    statement = makers[kind](model)
    keys = ("provider", "model")
    columns = [column.name for column in model.columns if column.name not in keys]
    given = statement.excluded
    changed = {name: given[name] for name in columns}
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)


def _same() -> list[Any]:
    return [
        model.c.provider == bindparam("its_provider"),
        model.c.model == bindparam("its_model"),
    ]


def _named(provider: str, name: str) -> dict[str, str]:
    return {"its_provider": provider, "its_model": name}


def _update(connection: Connection, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    names = [name for name in rows[0] if name not in ("provider", "model")]
    statement = update(model).where(*_same())
    statement = statement.values({name: bindparam(f"new_{name}") for name in names})
    connection.execute(
        statement,
        [
            {**_named(row["provider"], row["model"])}
            | {f"new_{name}": row[name] for name in names}
            for row in rows
        ],
    )


def _price(connection: Connection, rows: Mapping[Ref, dict[str, Any]]) -> None:
    """Give pointers the price of their targets, wherever those are."""
    pointers = {ref: row for ref, row in rows.items() if row["alias_of"]}
    if not pointers:
        return
    targets = {(ref[0], row["alias_of"]) for ref, row in pointers.items()}
    known: dict[Ref, Mapping[str, Any]] = {}
    while targets:
        found = by_ref(connection, targets - rows.keys() - known.keys(), _POINTING)
        new = {(row.provider, row.model): row._mapping for row in found}  # noqa: SLF001
        known |= new
        targets = {(r[0], row["alias_of"]) for r, row in new.items() if row["alias_of"]}
        targets -= known.keys()
    both = {**known, **rows}
    priced(pointers, both.get)


def _pointers_to(
    connection: Connection, refs: Iterable[Ref], written: set[Ref]
) -> list[dict[str, Any]]:
    """Return the new prices of pointers whose target has changed."""
    wanted = {provider for provider, _ in refs}
    query = select(*_POINTING).where(
        model.c.alias_of.is_not(None), model.c.provider.in_(sorted(wanted))
    )
    rows = {
        (row.provider, row.model): dict(row._mapping)  # noqa: SLF001
        for row in connection.execute(query)
    }
    for row in rows.values():
        row |= {name: as_text(row[name]) for name in _DOCUMENTS}
    before = {ref: _shown(row) for ref, row in rows.items()}
    for row in rows.values():
        row |= {shown: row[name] for shown, name in zip(_SHOWN, _STATED, strict=True)}
    _price(connection, rows)
    names = ("provider", "model", *_SHOWN)
    return [
        {name: row[name] for name in names}
        for ref, row in rows.items()
        if ref not in written and _shown(row) != before[ref]
    ]


def _shown(row: Mapping[str, Any]) -> list[Any]:
    return [row[name] for name in _SHOWN]
