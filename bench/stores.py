"""Measure stores: a commit of thousands of models over a bare bulk insert."""

from __future__ import annotations

import tempfile
import time
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from modeldex.domain.change import Change, Fact
from modeldex.ports import Draft
from modeldex.stores import open_store, schema
from modeldex.stores.tables import head, metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modeldex.stores.store import SqlStore

AT = "2026-11-25T12:00:00Z"


def facts_of(number: int) -> dict[str, Fact]:
    """Return the facts of a model of the size that the catalogue's have."""
    said: dict[str, Any] = {
        "name": f"Model {number}",
        "canonical": f"author/model-{number}",
        "family": f"family-{number % 50}",
        "mode": "chat" if number % 5 else "embedding",
        "context_window": 8_000 * (1 + number % 40),
        "max_output_tokens": 4_096 * (1 + number % 8),
        "modalities": {"input": ["text", "image"], "output": ["text"]},
        "release_date": f"2025-{1 + number % 12:02}-01",
        "pricing.input": Decimal(number % 997) / 100,
        "pricing.output": Decimal(number % 997) / 25,
        "pricing.cache_read": Decimal(number % 997) / 1000,
        "open_weights": bool(number % 2),
    }
    for place, name in enumerate(ABILITIES):
        if (number >> place) % 3 != 2:
            said[f"capabilities.{name}"] = (number >> place) % 3 == 0
    return {field: Fact(value, "models.dev") for field, value in said.items()}


ABILITIES = (
    *("vision", "function_calling", "streaming", "reasoning"),
    *("structured_outputs", "audio_input", "prompt_caching"),
)


def appearing(count: int, providers: int = 20) -> list[Change]:
    """Return the changes by which models appear."""
    return [
        Change(
            f"provider-{number % providers}",
            f"model-{number}",
            "",
            None,
            Fact(facts_of(number)),
            kind="appeared",
            observed_at=AT,
        )
        for number in range(count)
    ]


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
        for table in metadata.sorted_tables:
            if table is head:
                continue
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
        for table in metadata.sorted_tables:
            if rows.get(table.name):
                connection.execute(insert(table), rows[table.name])
    return time.perf_counter() - started


def ratios(urls: Iterator[str], models: int, rounds: int) -> tuple[float, float]:
    """Return how much slower commits are than a bare bulk insert of their rows.

    The first is of models that appear, the second of models that change.
    """
    first, second = [], []
    appeared = appearing(models)
    for _ in range(rounds):
        store = open_store(next(urls))
        store.commit(draft(appearing(1, 1)[:0] or [_marker()]))
        for found, changes in ((first, appeared), (second, repriced(appeared, 2))):
            started = time.perf_counter()
            number = store.commit(draft(changes)).number
            took = time.perf_counter() - started
            rows = rows_of(store, number)
            bare = open_store(next(urls))
            found.append(took / bulk_insert(bare, rows))
            bare.close()
        store.close()
    return median(first), median(second)


def _marker() -> Change:
    """Return a model that is only there so that the tables are."""
    return Change("bench", "marker", "", None, Fact({}), kind="appeared")


def sqlite_urls() -> Iterator[str]:
    """Yield the URLs of new stores in a directory that goes with the generator."""
    with tempfile.TemporaryDirectory() as folder:
        number = 0
        while True:
            number += 1
            yield f"sqlite:///{Path(folder) / f'{number}.db'}"


def postgres_urls(server: str) -> Iterator[str]:
    """Yield the URLs of new stores on a server."""
    mark = time.time_ns()
    number = 0
    while True:
        number += 1
        yield f"{server}{'&' if '?' in server else '?'}schema=bench_{mark}_{number}"
