"""Backups: a store as one SQLite file, made from either database, put back into either.

A backup is a store itself: it opens as `sqlite:///FILE`, and `verify` holds for it.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from copy import copy
from datetime import UTC, datetime
from itertools import chain, count
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import delete, insert, inspect, select, text, update

from modeldex.stores import schema
from modeldex.stores.access import read_tokens, replace_tokens
from modeldex.stores.commits import locked_head, read_head
from modeldex.stores.engine import Database, translated
from modeldex.stores.tables import APPEND_ONLY, head, metadata, outbox
from modeldex.stores.turns import turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy.engine import Connection

    from modeldex.ports import Head

_AT_ONCE = 1_000
_SCHEMA_LENGTH = 24  # of a name that more is added to; 63 letters are allowed
_DOCUMENTS = (
    *("facts", "own", "stated_dated", "dated"),
    *("capabilities", "abilities", "metadata"),
)


def backup(database: Database, path: str) -> Head:
    """Write a store to a file, whole or not at all; return what it holds."""
    if database.path:
        copy_file(database, path)
    else:
        with _in_place_of(path) as part:
            _copy_rows(database, part)
    made = Database(f"sqlite:///{os.path.abspath(path)}")
    try:
        with made.reading() as connection:
            return read_head(connection)
    finally:
        made.engine.dispose()


def copy_file(database: Database, path: str) -> None:
    """Copy a SQLite store while others may write to it."""
    with _in_place_of(path) as part, translated(database.name):
        _copy_pages(database.path, part)


def _copy_pages(source: str, target: str) -> None:
    with (
        closing(sqlite3.connect(source)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)


@contextmanager
def _in_place_of(path: str) -> Iterator[str]:
    """Write a file beside, sync it, and put it in a file's place."""
    part = f"{path}.part"
    with translated(path):
        if os.path.exists(part):
            os.remove(part)
        try:
            yield part
            with closing(sqlite3.connect(part)) as made:
                made.execute("PRAGMA journal_mode = DELETE")
            os.chmod(part, 0o600)
            _sync(part)
            os.replace(part, path)
            _sync(os.path.dirname(os.path.abspath(path)))
        finally:
            for left in (part, f"{part}-wal", f"{part}-shm", f"{part}.lock"):
                if os.path.exists(left):
                    os.remove(left)


def _sync(path: str) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _copy_rows(database: Database, path: str) -> None:
    """Copy a store's rows to a new SQLite file."""
    made = Database(f"sqlite:///{os.path.abspath(path)}")
    try:
        with database.reading() as source, made.writing() as target:
            schema.upgrade(made, target)
            target.execute(delete(head))
            _fill(source, target)
    finally:
        made.engine.dispose()


def _fill(source: Connection, target: Connection) -> None:
    for table in metadata.sorted_tables:
        query = select(table).execution_options(yield_per=_AT_ONCE, stream_results=True)
        for rows in source.execute(query).mappings().partitions(_AT_ONCE):
            dicts = [with_texts(dict(row)) for row in rows]
            target.execute(insert(table), dicts)


def with_texts(row: dict[str, Any]) -> dict[str, Any]:
    """Write documents as text again, canonically."""
    from modeldex.domain.change import dump_plain

    for name in _DOCUMENTS:
        if row.get(name) is not None:
            row[name] = dump_plain(row[name])
    return row


def restore(source: Database, database: Database) -> tuple[Head, str | None]:
    """Put a sound backup in a store's place.

    Tokens stay those of the store, if it has any: none that was revoked comes back.
    Return what is there now, and where what was there before is kept: a file beside,
    or a schema of PostgreSQL; None where it held no revision.
    """
    epoch = uuid4().hex
    if database.path:
        kept = _restore_file(source, database, epoch)
    else:
        with source.reading() as rows, database.writing() as target:
            kept = _set_aside(database, target)
            tokens = read_tokens(target)
            _empty(target, (table.name for table in metadata.sorted_tables))
            _fill(rows, target)
            replace_tokens(target, tokens)
            _start_epoch(target, epoch)
            _refuse_again(target)
    with database.reading() as connection:
        return read_head(connection), kept


def beside(path: str, what: str) -> str:
    """Return a path that is not there yet, for what is kept beside a file."""
    numbers = (f"-{number}" for number in count(2))
    return next(
        name
        for name in (f"{path}.{what}{end}" for end in chain([""], numbers))
        if not os.path.exists(name)
    )


def _before() -> str:
    return f"before-restore-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"


def set_file_aside(path: str) -> str:
    """Move a file that is no store any more out of a store's way; return where to."""
    kept = beside(path, _before())
    with translated(f"sqlite:///{path}"), turn(path):
        for end in ("-wal", "-shm", ""):
            if os.path.exists(f"{path}{end}"):
                os.replace(f"{path}{end}", f"{kept}{end}")
        _sync(os.path.dirname(path))
    return kept


def _restore_file(source: Database, database: Database, epoch: str) -> str | None:
    """Copy a backup over a SQLite store; other connections see it at once."""
    fresh = f"{database.path}.restored"
    kept = None
    with translated(database.name), turn(database.path):
        with database.reading() as connection:
            holds = read_head(connection).revision
            tokens = read_tokens(connection)
        if holds:
            kept = beside(database.path, _before())
            copy_file(database, kept)
        _copy_pages(source.path, fresh)
        made = Database(f"sqlite:///{fresh}")
        try:
            with made.writing() as connection:
                replace_tokens(connection, tokens)
                _start_epoch(connection, epoch)
        finally:
            made.engine.dispose()
        database.engine.dispose()
        _copy_pages(fresh, database.path)
        for left in (fresh, f"{fresh}-wal", f"{fresh}-shm", f"{fresh}.lock"):
            if os.path.exists(left):
                os.remove(left)
    return kept


def _set_aside(database: Database, connection: Connection) -> str | None:
    """Copy a store on PostgreSQL to a schema of its own, a store itself."""
    if not locked_head(connection).revision:
        return None
    aside = copy(database)
    there = set(inspect(connection).get_schema_names())
    name = f"{database.schema[:_SCHEMA_LENGTH]}_{_before().replace('-', '_').lower()}"
    names = chain([name], (f"{name}_{number}" for number in count(2)))
    aside.schema = next(name for name in names if name not in there)
    connection.execute(text(f'CREATE SCHEMA "{aside.schema}"'))
    connection.execute(text(f'SET LOCAL search_path TO "{aside.schema}"'))
    schema.upgrade(aside, connection)
    connection.execute(delete(head))
    for table in metadata.sorted_tables:
        columns = ", ".join(f'"{column.name}"' for column in table.columns)
        was = f'"{database.schema}"."{table.name}"'
        connection.execute(
            text(f'INSERT INTO "{table.name}" ({columns}) SELECT {columns} FROM {was}')  # noqa: S608
        )
    connection.execute(text(f'SET LOCAL search_path TO "{database.schema}"'))
    return aside.schema


def _start_epoch(connection: Connection, epoch: str) -> None:
    """Begin another line of history; only its last revision waits to be told."""
    connection.execute(update(head).values(epoch=epoch))
    connection.execute(delete(outbox))
    row = connection.execute(select(head)).one()
    if row.revision:
        hint = {"revision": row.revision, "hash": row.hash, "epoch": epoch}
        connection.execute(insert(outbox), hint)


def _empty(connection: Connection, tables: Iterable[str]) -> None:
    for table in APPEND_ONLY:
        connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    connection.execute(text(f"TRUNCATE {', '.join(tables)}"))


def _refuse_again(connection: Connection) -> None:
    for table in APPEND_ONLY:
        connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
