"""The tables of a store: made and raised all or nothing, and never others' tables."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any, Self

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from drafts import claim, draft, step, whole
from modeldex.domain.syncing import Memory
from modeldex.errors import StoreDamagedError, StoreError, StoreVersionError
from modeldex.stores import open_store, schema
from modeldex.stores.engine import Database
from modeldex.stores.migrations import sql_0001
from modeldex.stores.tables import APPEND_ONLY, VERSION_TABLE, metadata
from postgres import new_store_url

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.engine import Connection

    from modeldex.stores.store import SqlStore

KINDS = ("sqlite", "postgresql")
FOREIGN = (
    "CREATE TABLE accounts (id INTEGER PRIMARY KEY, owner TEXT NOT NULL)",
    "INSERT INTO accounts VALUES (1, 'somebody else')",
    "CREATE VIEW owners AS SELECT owner FROM accounts",
)
SECOND = '''
"""Add a table, a column and a trigger.

Revision ID: 0004
"""
import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade():
    op.create_table("remark", sa.Column("id", sa.Integer(), primary_key=True))
    op.add_column("revision", sa.Column("note", sa.Text()))
    op.create_index("revision_by_note", "revision", ["note"])
    op.execute("UPDATE outbox SET hash = hash || 'x'")
    op.execute("CREATE VIEW notes AS SELECT note FROM revision")
'''


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a new store."""
    is_file = request.param == "sqlite"
    return f"sqlite:///{tmp_path / 'store.db'}" if is_file else new_store_url()


@pytest.fixture
def second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this modeldex need a further version of the tables."""
    folder = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, folder)
    (folder / "versions" / "v0004_second.py").write_text(SECOND)
    monkeypatch.setattr(schema, "MIGRATIONS", str(folder))
    monkeypatch.setattr(schema, "NEWEST", "0004")


def shape(database: Database) -> Any:
    """Return all that a database holds by way of definitions, with the rows of some."""
    with database.reading() as connection:
        if database.path:
            query = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"
            made = [tuple(row) for row in connection.execute(text(query))]
            rows = [row[1] for row in made if row[0] == "table"]
        else:
            found = connection.execute(text(POSTGRES_SHAPE))
            made = sorted(map(tuple, found), key=repr)
            rows = [row[1] for row in made if row[0] == "r"]
        held = {
            name: sorted(map(repr, connection.execute(text(f'SELECT * FROM "{name}"'))))
            for name in rows
        }
    return made, held


POSTGRES_SHAPE = """
SELECT c.relkind::text, c.relname, coalesce(a.attname, ''), coalesce(a.attnum, 0)
FROM pg_class AS c LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace = current_schema::regnamespace
UNION ALL
SELECT 'trigger', t.tgname, t.tgrelid::regclass::text, 0 FROM pg_trigger AS t
JOIN pg_class AS c ON c.oid = t.tgrelid
WHERE c.relnamespace = current_schema::regnamespace
"""


def test_tables_that_are_raised_under_a_running_process(url: str) -> None:
    """It neither writes into tables of another version nor serves what it reads."""
    store, other = open_store(url), Database(url)
    store.commit(draft(whole()))

    def become(version: str) -> None:
        with other.writing() as connection:
            said = f"UPDATE {VERSION_TABLE} SET version_num = '{version}'"
            connection.execute(text(said))

    become("9999")
    for call in (
        store.head,
        lambda: store.commit(draft(step(None, 1))),
        lambda: store.commit(draft(step(None, 1))),
        lambda: store.remember(Memory()),
    ):
        with pytest.raises(StoreVersionError, match="9999"):
            call()
    become(schema.NEWEST)
    assert store.head().revision == 1
    assert len(store.state()) == 1  # from here on the tables are known
    become("9999")
    with pytest.raises(StoreVersionError, match="a newer one"):
        store.commit(draft(step(None, 1)))  # nothing was asked before
    become(schema.NEWEST)
    assert store.commit(draft(step(None, 1))).number == 2
    assert store.verify() == []
    store.close()
    other.engine.dispose()


def test_tables_are_raised_between_commits(url: str) -> None:
    """Whoever raises them waits for who writes: no commit is of both versions."""
    store, other = open_store(url), open_store(url)
    store.commit(draft(whole()))
    done = threading.Event()

    def raise_them() -> None:
        with other.database.writing() as connection:
            schema.upgrade(other.database, connection)
        done.set()

    thread = threading.Thread(target=raise_them)
    with store.turn():
        thread.start()
        assert not done.wait(0.2)
        store.commit(draft(step(None, 1)))
    thread.join(10)
    assert done.is_set()
    store.close()
    other.close()


class Failing:
    """Let the n-th writing statement of a database fail, or only count them."""

    def __init__(self, database: Database, at: int | None = None) -> None:
        self._engine = database.engine
        self._at = at
        self.count = 0

    def __enter__(self) -> Self:
        event.listen(self._engine, "before_cursor_execute", self._pass)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._pass)

    def _pass(self, connection: Connection, _: Any, statement: str, *__: Any) -> None:
        if not connection.get_execution_options().get("modeldex_writes"):
            return
        if self.count == self._at:
            raise DBAPIError(statement, None, sqlite3.OperationalError("it broke"))
        self.count += 1


def with_foreign_tables(url: str) -> Database:
    """Return a database in which somebody else has tables."""
    database = Database(url)
    with database.writing() as connection:
        if database.schema:
            connection.execute(text(f'CREATE SCHEMA "{database.schema}"'))
        for statement in FOREIGN:
            connection.execute(text(statement))
    return database


def test_making_the_tables_fails_at_each_statement(url: str) -> None:
    """The database is as before, others' tables untouched; then it works."""
    database = with_foreign_tables(url)
    before = shape(database)
    counting = Failing(database)
    with counting, database.writing() as connection:
        schema.upgrade(database, connection)
        connection.rollback()
    assert shape(database) == before
    assert counting.count > 20
    for place in range(counting.count):
        with (
            Failing(database, place),
            pytest.raises(StoreError),
            database.writing() as connection,
        ):
            schema.upgrade(database, connection)
        assert shape(database) == before, place
    store = open_store(url)
    store.commit(draft(whole()))
    assert store.verify() == []
    with database.reading() as connection:
        owners = connection.execute(text("SELECT * FROM owners")).all()
    assert list(map(tuple, owners)) == [("somebody else",)]
    for one in (store, database.engine):
        getattr(one, "close", getattr(one, "dispose", None))()


def made(kind: str) -> list[tuple[str, str, str]]:
    """Return what can be missing: its kind, its name, what it is on."""
    found = [("column", f"{t.name}.{c.name}", t.name) for t, c in LAST_COLUMNS]
    found += [("table", name, "") for name in ("outbox", "claim")]
    for statement in sql_0001.statements(kind):
        words = statement.split()
        if words[1] != "FUNCTION":
            on = words[words.index("ON") + 1] if words[1] == "TRIGGER" else ""
            found.append((words[1].lower(), words[2], on))
    for table in metadata.sorted_tables:
        on_file = kind == "sqlite"
        names = [str(index.name) for index in table.indexes]
        found += [("index", n, "") for n in names if not (on_file and "ability" in n)]
    return found


LAST_COLUMNS = [
    (table, list(table.columns)[-1])
    for table in (metadata.tables["outbox"], metadata.tables["revision"])
]


def without(url: str, what: str, name: str, on: str) -> SqlStore:
    """Return a store of which somebody has dropped something."""
    store = open_store(url)
    store.commit(draft(whole(), claims=[claim()]))
    drop = f"DROP {what} {name}"
    if what == "column":
        drop = f"ALTER TABLE {on} DROP COLUMN {name.partition('.')[2]}"
    elif what == "trigger" and store.database.schema:
        drop += f" ON {on}"
    with store.database.writing() as connection:
        connection.execute(text(drop))
    store.close()
    return open_store(url)


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_missing_is_named(kind: str, tmp_path: Path) -> None:
    """Nothing is asked or written; `verify` tells, `db upgrade` mends what it can."""
    missing = made(kind)
    assert len(missing) >= 20
    for number, (what, name, on) in enumerate(missing):
        file = f"sqlite:///{tmp_path / f'{number}.db'}"
        store = without(file if kind == "sqlite" else new_store_url(), what, name, on)
        for refused in (store.state, lambda s=store: s.commit(draft(step(None, 1)))):
            with pytest.raises(StoreDamagedError, match=f"{what} {name} is missing"):
                refused()
        wheres = {fault.where: fault.what for fault in store.verify()}
        assert wheres[f"{what} {name}"] == "is missing"
        if what in {"table", "column"}:
            with pytest.raises(StoreError):
                store.upgrade()
        else:
            kept = store.upgrade()
            assert bool(kept) == (kind == "sqlite")
            assert store.verify() == []
            assert store.commit(draft(step(None, 1))).number == 2
        store.close()


_FUNCTION = "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger"
ALTERED = {
    "sqlite": (
        ("trigger claim_no_update", "DROP TRIGGER claim_no_update"),
        (
            "trigger claim_no_update",
            "CREATE TRIGGER claim_no_update BEFORE UPDATE ON claim BEGIN SELECT 1; END",
        ),
    ),
    "postgresql": (
        (
            "function refuse_change",
            f"{_FUNCTION} LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
        ),
    ),
}


def test_what_is_altered_is_named(url: str) -> None:
    """A trigger that refuses no more is found, though it has its name."""
    store = open_store(url)
    store.commit(draft(whole(), claims=[claim()]))
    changes = ALTERED[store.database.kind]
    with store.database.writing() as connection:
        for _, statement in changes:
            connection.execute(text(statement))
    where = changes[-1][0]
    again = open_store(url)
    with pytest.raises(StoreDamagedError, match=f"{where} is not as modeldex made it"):
        again.state()
    assert {fault.where for fault in again.verify()} == {where}
    again.upgrade()
    assert again.verify() == []
    with (
        pytest.raises(StoreError, match="history only grows"),
        again.database.writing() as connection,
    ):
        connection.execute(text("UPDATE claim SET provider = provider"))
    for one in (store, again):
        one.close()


@pytest.mark.usefixtures("second")
def test_raising_the_tables_fails_at_each_statement(url: str) -> None:
    """The old version stays whole; until it is raised, the program refuses to run."""
    with pytest.MonkeyPatch.context() as first:
        first.setattr(schema, "MIGRATIONS", FIRST)
        first.setattr(schema, "NEWEST", "0003")
        store = open_store(url)
        store.commit(draft(whole()))
        store.commit(draft(step(None, 1)))
        store.close()
    database = Database(url)
    before = shape(database)
    counting = Failing(database)
    with counting, database.writing() as connection:
        schema.upgrade(database, connection)
        connection.rollback()
    assert counting.count > 5
    for place in range(counting.count):
        store = open_store(url)
        with Failing(store.database, place), pytest.raises(StoreError):
            store.upgrade()
        assert shape(database) == before, place
        for refused in (store.head, lambda s=store: s.commit(draft(step(1, 2)))):
            with pytest.raises(StoreVersionError, match="modeldex db upgrade"):
                refused()
        store.close()
    store = open_store(url)
    kept = store.upgrade()
    assert store.version() == "0004"
    assert store.head().revision == 2
    if database.path:
        assert kept is not None
        with closing(sqlite3.connect(kept)) as backup:
            assert backup.execute("SELECT * FROM schema_version").fetchall() == [
                ("0003",)
            ]
    assert store.upgrade() is None
    store.close()
    database.engine.dispose()


FIRST = schema.MIGRATIONS


@pytest.mark.parametrize(
    "question", ["head", "state", "verify", "revisions", "upgrade"]
)
def test_a_newer_store_is_refused(url: str, question: str) -> None:
    """It is not written to, and the message says what to do."""
    store = open_store(url)
    store.commit(draft(whole()))
    with store.database.writing() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    store.close()
    before = shape(store.database)
    newer = open_store(url)
    with pytest.raises(StoreVersionError, match="newer"):
        getattr(newer, question)()
    with pytest.raises(StoreVersionError, match="newer"):
        newer.commit(draft(step(None, 1)))
    assert shape(store.database) == before
    for one in (store, newer):
        one.close()


def test_tables_of_others_with_our_names_are_refused(url: str) -> None:
    """A table `model` that modeldex has not made is left as it is."""
    database = with_foreign_tables(url)
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE model (mine TEXT)"))
    before = shape(database)
    store = open_store(url)
    with pytest.raises(StoreVersionError, match="model"):
        store.commit(draft(whole()))
    assert shape(database) == before
    store.close()
    database.engine.dispose()


def test_the_migrations_make_the_tables(url: str) -> None:
    """What they make is what `tables` says, and their last version the one needed."""
    store = open_store(url)
    store.commit(draft(whole()))
    assert schema.versions()[0] == schema.NEWEST == store.version()
    with store.database.reading() as connection:
        # SQLite's types are only names, and it has no index of abilities
        on_server = not store.database.path
        options = {
            "version_table": VERSION_TABLE,
            "compare_type": on_server,
            "include_object": lambda _, name, *__: (
                on_server or name != "model_by_ability"
            ),
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
    store.close()


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("verb", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}"])
def test_history_only_grows(url: str, table: str, verb: str) -> None:
    """The database itself refuses to change or delete a row of it."""
    store = open_store(url)
    store.commit(draft(whole(), claims=[claim()]))
    column = "author" if table == "revision" else "provider"
    with (
        pytest.raises(StoreError, match="history only grows"),
        store.database.writing() as connection,
    ):
        connection.execute(text(verb.format(table, column)))
    assert store.verify() == []
    store.close()
