"""The version of a store's tables: made, raised, refused."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import insert, inspect, select, text

from modeldex.errors import StoreVersionError
from modeldex.stores.tables import VERSION_TABLE, head, metadata

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy.engine import Connection

    from modeldex.stores.engine import Database

MIGRATIONS = os.path.join(os.path.dirname(__file__), "migrations")
NEWEST = "0003"  # a test holds it against the migrations
_LOCK = 0x6D6F6465  # of migrations on PostgreSQL
# there writers queue up for their turn in the order in which they came
QUEUE = f"SELECT pg_advisory_xact_lock({_LOCK}, hashtext(current_schema))"


def version_of(connection: Connection) -> str | None:
    """Return the version of the tables; None where there are none of ours."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608
    row = found.first()
    return None if row is None else str(row[0])


def check(database: Database, version: str | None) -> bool:
    """Tell whether there are tables; raise StoreVersionError for others than ours."""
    if version is None or version == NEWEST:
        return version is not None
    if version in versions():
        raise StoreVersionError(
            f"{database.name} is of version {version}, this modeldex needs {NEWEST}: "
            "run `modeldex db upgrade`"
        )
    raise StoreVersionError(
        f"{database.name} is of version {version}, which this modeldex does not know: "
        "a newer one wrote it; install that one"
    )


def versions() -> list[str]:
    """Return the versions that this modeldex knows, the newest first."""
    from alembic.script import ScriptDirectory

    return [script.revision for script in ScriptDirectory(MIGRATIONS).walk_revisions()]


def upgrade(database: Database, connection: Connection) -> None:
    """Raise the tables to the newest version within a transaction.

    Raises StoreVersionError where there are tables of these names that are not ours.
    """
    from alembic import command

    if database.kind == "postgresql":
        connection.execute(text(QUEUE))  # who commits has seen which version there is
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{database.schema}"'))
    if version_of(connection) is None:
        _refuse_foreign(database, connection)
    command.upgrade(_config(connection), "head")
    if connection.execute(select(head.c.id)).first() is None:
        row = {"id": 1, "revision": 0, "hash": "", "epoch": uuid4().hex}
        connection.execute(insert(head), row)


def _refuse_foreign(database: Database, connection: Connection) -> None:
    there = set(inspect(connection).get_table_names()) & set(metadata.tables)
    if there:
        names = ", ".join(sorted(there))
        raise StoreVersionError(
            f"{database.name} holds tables that modeldex has not made ({names}); "
            "use another database or schema"
        )


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", MIGRATIONS.replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
