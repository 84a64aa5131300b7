"""Connections: how each database is opened, and its errors in our words."""

from __future__ import annotations

import errno
import os
import sqlite3
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from msgspec import json
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    DisconnectionError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import QueuePool

from modeldex.errors import (
    InvalidSettingsError,
    StoreDamagedError,
    StoreError,
    StoreFullError,
    StoreReadOnlyError,
    StoreUnavailableError,
)
from modeldex.stores.tables import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import URL, Connection

WAIT_SECONDS = 60  # for other writers
_CONNECT_SECONDS = 5
_FRESH_SECONDS = 0.1  # a connection used since then is there still
_USED, _SENT, _SENDING = "modeldex_used", "modeldex_sent", "modeldex_sending"
_SCHEMA_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")
# first words of SQLite's names of errors -> ours
_SQLITE_ERRORS = {
    "SQLITE_BUSY": StoreUnavailableError,
    "SQLITE_LOCKED": StoreUnavailableError,
    "SQLITE_CANTOPEN": StoreUnavailableError,
    "SQLITE_FULL": StoreFullError,
    "SQLITE_IOERR": StoreUnavailableError,
    "SQLITE_READONLY": StoreReadOnlyError,
    "SQLITE_CORRUPT": StoreDamagedError,
    "SQLITE_NOTADB": StoreDamagedError,
}
# classes of SQLSTATE -> ours
_SQL_STATES = {
    "08": StoreUnavailableError,
    "25": StoreReadOnlyError,
    "28": StoreUnavailableError,
    "3D": StoreUnavailableError,
    "40": StoreUnavailableError,
    "42": StoreDamagedError,
    "53": StoreUnavailableError,
    "55": StoreUnavailableError,
    "57": StoreUnavailableError,
    "58": StoreUnavailableError,
    "XX": StoreDamagedError,
}
_SQL_STATES_EXACT = {
    "42501": StoreReadOnlyError,  # a privilege that the role has not
    "53100": StoreFullError,  # the disk
}


# documents are given as text already
_JSON: dict[str, Any] = {"json_serializer": str, "json_deserializer": json.decode}


class Database:
    """An engine and what its URL says; `path` is that of a SQLite file, else ""."""

    def __init__(self, text: str) -> None:
        try:
            url = make_url(text)
        except ArgumentError as error:
            raise InvalidSettingsError("the store's URL cannot be read") from error
        self.kind = url.get_backend_name()
        self.path = ""
        self.schema = ""
        if self.kind == "sqlite":
            self.path = os.path.abspath(url.database or "")
            if not url.database or url.database == ":memory:":
                raise InvalidSettingsError("a store on SQLite needs a file's path")
            self.name = f"sqlite:///{self.path}"
            self.engine = _sqlite(self.path)
        else:
            self.engine = self._postgres(url)
        self.writer = self.engine.execution_options(modeldex_writes=True)

    def _postgres(self, url: URL) -> Engine:
        schema = url.query.get("schema") or SCHEMA
        if not isinstance(schema, str) or not set(schema) <= _SCHEMA_LETTERS:
            raise InvalidSettingsError("the store's schema is a-z, 0-9 and _")
        self.schema = schema
        shown = url.set(drivername="postgresql").difference_update_query(["password"])
        self.name = shown.render_as_string()
        url = url.set(drivername="postgresql+psycopg")
        url = url.difference_update_query(["schema"])
        engine = create_engine(
            url,
            pool_timeout=WAIT_SECONDS,
            **_JSON,
            connect_args={"connect_timeout": _CONNECT_SECONDS},
        )
        event.listen(engine, "do_connect", _connect)
        event.listen(engine, "connect", self._use_schema)
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", _ping)
        return engine

    def _use_schema(self, connection: Any, record: Any) -> None:  # noqa: ARG002
        with connection.cursor() as cursor:
            cursor.execute(f'SET search_path TO "{self.schema}"')
            cursor.execute(f"SET lock_timeout TO '{WAIT_SECONDS}s'")
        connection.commit()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Read within one transaction: all of it is of one moment."""
        with translated(self.name), self.engine.connect() as connection:
            if self.kind == "sqlite":
                with connection.begin():
                    yield connection
            else:
                one = connection.execution_options(isolation_level="REPEATABLE READ")
                with one.begin():
                    yield one

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Write within one transaction, after all other writers."""
        from modeldex.stores.turns import turn

        with (
            translated(self.name),
            turn(self.path),
            self.writer.connect() as connection,
            ExitStack() as sent,  # ends after the commit, which is sent with the rest
        ):
            connection.info[_SENT] = sent
            with connection.begin():
                yield connection

    def send(self, connection: Connection) -> None:
        """Do not wait for the answers to what is written from here on.

        PostgreSQL gets it all in one round trip, with what ends the transaction unless
        `wait` is first; errors come then. SQLite is not away.
        """
        if self.kind == "postgresql" and not connection.info.get(_SENDING):
            driver: Any = connection.connection.driver_connection
            sent = connection.info[_SENT]
            sent.enter_context(driver.pipeline())
            connection.info[_SENDING] = True
            sent.callback(connection.info.pop, _SENDING)

    def wait(self, connection: Connection) -> None:
        """Wait for the answers to what was sent, to read again."""
        if connection.info.get(_SENDING):
            connection.info[_SENT].close()

    def drop_lost(self, connection: Connection) -> bool:
        """Tell whether a connection is dead; let the pool forget it then."""
        if self.kind == "sqlite":
            return False
        driver: Any = connection.connection.driver_connection
        lost = driver is None or bool(driver.closed)
        if lost:
            connection.invalidate()
        return lost

    def exists(self) -> bool:
        """Tell whether there is a file to ask; a server is there until it fails."""
        return not self.path or os.path.exists(self.path)


def _connect(*asked: Any) -> Any:
    from modeldex.stores.silence import connect

    return connect(*asked)


def _note_use(connection: Any, record: Any) -> None:  # noqa: ARG001
    record.info[_USED] = time.monotonic()


def _ping(connection: Any, record: Any, _: Any) -> None:
    """See that a server is there still, unless it just was."""
    if time.monotonic() - record.info.get(_USED, 0) < _FRESH_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except Exception as error:
        raise DisconnectionError from error


def _sqlite(path: str) -> Engine:
    def connect() -> sqlite3.Connection:
        read_only = not _is_writable(path) and not os.path.exists(f"{path}-wal")
        mode = "mode=ro&immutable=1" if read_only else "mode=rwc"
        if not read_only and not os.path.exists(path):  # prices may be a secret
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        uri = f"file:{quote(path)}?{mode}"
        return sqlite3.connect(
            uri, timeout=WAIT_SECONDS, uri=True, check_same_thread=False
        )

    engine = create_engine(
        "sqlite://",
        creator=connect,
        json_serializer=str,
        json_deserializer=json.decode,
        **_POOL,
    )
    event.listen(engine, "connect", _set_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


# where a SQLite file is: it and its journals are made beside it
_EFFECTIVE = os.access in os.supports_effective_ids
_POOL: dict[str, Any] = {"poolclass": QueuePool, "pool_timeout": WAIT_SECONDS}


def _is_writable(path: str) -> bool:
    folder = os.path.dirname(path)
    places = (folder, path) if os.path.exists(path) else (folder,)
    return all(os.access(p, os.W_OK, effective_ids=_EFFECTIVE) for p in places)


def _set_sqlite(connection: sqlite3.Connection, record: Any) -> None:  # noqa: ARG001
    connection.isolation_level = None  # transactions are begun by us
    if _is_writable(_path_of(connection)):
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA mmap_size = 0")


def _path_of(connection: sqlite3.Connection) -> str:
    found: str = connection.execute("PRAGMA database_list").fetchone()[2]
    return found


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("modeldex_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Raise a database's errors as ours; `name` says which store."""
    try:
        yield
    except _raised() as error:
        raise _ours(error, name) from error
    except OSError as error:
        kind = _OS_ERRORS.get(error.errno or 0, StoreUnavailableError)
        raise kind(f"{name}: {_SAID[kind]}{error.strerror}") from error


def _raised() -> tuple[type[Exception], ...]:
    """Return what databases raise, through SQLAlchemy and past it."""
    driver = sys.modules.get("psycopg")
    past = () if driver is None else (driver.Error,)
    return (DBAPIError, PoolTimeoutError, sqlite3.Error, *past)


_OS_ERRORS: dict[int, type[StoreError]] = {
    errno.ENOSPC: StoreFullError,
    errno.EDQUOT: StoreFullError,
    errno.EACCES: StoreReadOnlyError,
    errno.EPERM: StoreReadOnlyError,
    errno.EROFS: StoreReadOnlyError,
}


def _ours(error: Exception, name: str) -> StoreError:
    cause = getattr(error, "orig", error)
    said = str(cause or error).strip().partition("\n")[0]
    kind: type[StoreError] = StoreError
    if isinstance(cause, sqlite3.Error):
        word = getattr(cause, "sqlite_errorname", "") or ""
        kind = _SQLITE_ERRORS.get("_".join(word.split("_")[:2]), StoreError)
        if "malformed" in said or "decode" in said:
            kind = StoreDamagedError
        return kind(f"{name}: {_SAID.get(kind, '')}{said}")
    state = getattr(cause, "sqlstate", None) or ""
    if state:
        kind = _SQL_STATES_EXACT.get(state) or _SQL_STATES.get(state[:2], StoreError)
    elif isinstance(error, OperationalError | PoolTimeoutError) or _is_lost(error):
        kind = StoreUnavailableError
    return kind(f"{name}: {_SAID.get(kind, '')}{said}")


def _is_lost(error: Exception) -> bool:
    """Tell whether the driver lost its server, which then told no state."""
    driver = sys.modules.get("psycopg")
    return driver is not None and isinstance(error, driver.OperationalError)


_SAID: dict[type[StoreError], str] = {
    StoreUnavailableError: "the database cannot be used: ",
    StoreFullError: "no space is left; nothing was written: ",
    StoreReadOnlyError: "the store cannot be written to: ",
    StoreDamagedError: "the database is damaged; restore a backup: ",
}
