"""Measure stores: a commit of thousands of models over a bare bulk insert."""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from modeldex.domain.change import Change, Fact
from modeldex.ports import Draft
from modeldex.stores import open_store, schema, tables
from store_models import AT, appearing

if TYPE_CHECKING:
    from collections.abc import Callable

    from modeldex.stores.store import SqlStore


# what a revision writes to
WRITTEN = (
    *(tables.revision, tables.change, tables.claim),
    *(tables.outbox, tables.model),
)


def repriced(changes: list[Change], factor: int) -> list[Change]:
    """Return the changes of every model's two prices, `factor` times as high."""
    found = []
    for change in changes:
        facts = change.new.value if change.new else {}
        for field in ("pricing.input", "pricing.output"):
            base = facts[field].value
            old, new = base * max(factor - 1, 1), base * factor
            pair = (Fact(old, "models.dev"), Fact(new, "models.dev"))
            if base:
                found.append(
                    Change(change.provider, change.model, field, *pair, observed_at=AT)
                )
    return found


def draft(changes: list[Change]) -> Draft:
    """Return a draft of a sync."""
    return Draft(changes, author="bench", source="bench", at=AT)


def rows_of(store: SqlStore, number: int) -> dict[str, list[dict[str, Any]]]:
    """Return the rows that a revision has written, by table."""
    from modeldex.stores.backup import with_texts

    found = {}
    with store.database.reading() as connection:
        for table in WRITTEN:
            column = table.c.number if "number" in table.c else table.c.revision
            rows = connection.execute(select(table).where(column == number)).mappings()
            found[table.name] = [with_texts(dict(row)) for row in rows]
    return found


def bulk_insert(store: SqlStore, rows: dict[str, list[dict[str, Any]]]) -> float:
    """Insert rows into empty tables in one transaction; return the seconds."""
    with store.database.writing() as connection:
        if schema.version_of(connection) is None:
            schema.upgrade(store.database, connection)
    started = time.perf_counter()
    with store.database.writing() as connection:
        for table in tables.metadata.sorted_tables:
            if rows.get(table.name):
                connection.execute(insert(table), rows[table.name])
    return time.perf_counter() - started


def ratios(new_url: Callable[[], str], models: int, rounds: int) -> tuple[float, float]:
    """Return how much slower commits are than a bare bulk insert of their rows.

    The first is of models that appear, the second of models that change; both are
    medians of pairs.
    """
    first, second = [], []
    appeared = appearing(models)
    for _ in range(rounds):
        store = open_store(new_url())
        store.commit(draft([_marker()]))
        for found, changes in ((first, appeared), (second, repriced(appeared, 2))):
            started = time.perf_counter()
            number = store.commit(draft(changes)).number
            took = time.perf_counter() - started
            rows = rows_of(store, number)
            bare = open_store(new_url())
            found.append(took / bulk_insert(bare, rows))
            bare.close()
        store.close()
    return median(first), median(second)


def _marker() -> Change:
    """Return a model that is only there so that the tables are."""
    return Change("bench", "marker", "", None, Fact({}), kind="appeared")
