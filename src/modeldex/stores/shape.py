"""What a database holds by way of definitions, against what the migrations make.

Tables, columns and indexes are told by their names, triggers and views of SQLite by
their whole text, the function of PostgreSQL by its body. What people add is theirs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.schema import CreateIndex

from modeldex.errors import StoreDamagedError
from modeldex.stores.migrations import sql_0001
from modeldex.stores.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Index
    from sqlalchemy.engine import Connection

    Name = tuple[str, str]  # kind of a definition, its name

_MADE = re.compile(r"CREATE (TRIGGER|VIEW|FUNCTION) (\w+)")
_ON = re.compile(r" ON (\w+)")
_QUERIES = {
    "sqlite": """
SELECT type, name, sql FROM sqlite_master
UNION ALL
SELECT 'column', m.name || '.' || c.name, '' FROM sqlite_master AS m
JOIN pragma_table_info(m.name) AS c WHERE m.type = 'table'
""",
    "postgresql": """
SELECT CASE relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' ELSE 'index' END AS type,
  relname AS name, '' AS sql
FROM pg_class WHERE relnamespace = current_schema::regnamespace
  AND relkind IN ('r', 'v', 'i')
UNION ALL
SELECT 'column', c.relname || '.' || a.attname, '' FROM pg_class AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = current_schema::regnamespace AND c.relkind = 'r'
UNION ALL
SELECT 'trigger', t.tgname, '' FROM pg_trigger AS t JOIN pg_class AS c
  ON c.oid = t.tgrelid
WHERE c.relnamespace = current_schema::regnamespace AND t.tgenabled <> 'D'
UNION ALL
SELECT 'function', proname, prosrc FROM pg_proc
WHERE pronamespace = current_schema::regnamespace
""",
}
MISSING, ALTERED = "is missing", "is not as modeldex made it"


def altered(connection: Connection) -> Iterator[tuple[Name, str]]:
    """Yield the definitions that are missing or other ones, and which of the two."""
    kind = connection.dialect.name
    rows = connection.execute(text(_QUERIES[kind]))
    found = {(row[0], row[1]): row[2] or "" for row in rows}
    for table in metadata.sorted_tables:
        if ("table", table.name) not in found:
            yield ("table", table.name), MISSING
            continue
        for column in table.columns:
            if ("column", f"{table.name}.{column.name}") not in found:
                yield ("column", f"{table.name}.{column.name}"), MISSING
    for name in _indexes(kind):
        if ("index", name) not in found:
            yield ("index", name), MISSING
    for made, statement in _statements(kind).items():
        if made not in found:
            yield made, MISSING
        elif found[made] and found[made] not in statement:
            yield made, ALTERED


def refuse(name: str, connection: Connection) -> None:
    """Raise StoreDamagedError for a database that is not as it must be."""
    wrong = [f"{kind} {which} {what}" for (kind, which), what in altered(connection)]
    if wrong:
        more = f", and {len(wrong) - 1} more" if wrong[1:] else ""
        raise StoreDamagedError(
            f"{name}: {wrong[0]}{more}: see `modeldex verify`; `modeldex db upgrade` "
            "makes triggers, views and indexes anew"
        )


def mend(connection: Connection) -> list[str]:
    """Make triggers, views, indexes and functions anew; return which were.

    Raises StoreDamagedError where a table or a column is missing.
    """
    kind = connection.dialect.name
    wrong = dict(altered(connection))
    lost = [f"{what} {name}" for what, name in wrong if what in ("table", "column")]
    if lost:
        message = f"{', '.join(lost)} {MISSING}; restore a backup"
        raise StoreDamagedError(message)
    statements, indexes = _statements(kind), _indexes(kind)
    if any(what == "function" for what, _ in wrong):  # its triggers go with it
        wrong |= {made: ALTERED for made in statements if made[0] == "trigger"}
    order = sorted(wrong, key=lambda made: (made[0] != "function", made))
    for what, name in order:
        if what == "index":
            connection.execute(CreateIndex(indexes[name]))
            continue
        statement = statements[what, name]
        for drop in _drops(kind, what, name, statement):
            connection.exec_driver_sql(drop)
        connection.execute(text(statement))
    return [f"{what} {name}" for what, name in order]


def _drops(kind: str, what: str, name: str, statement: str) -> Iterator[str]:
    if what == "function":
        yield f"DROP FUNCTION IF EXISTS {name}() CASCADE"
    elif what == "view" or kind == "sqlite":
        yield f"DROP {what} IF EXISTS {name}"
    else:
        found = _ON.search(statement)
        yield f"DROP TRIGGER IF EXISTS {name} ON {found[1] if found else ''}"


def _statements(kind: str) -> dict[Name, str]:
    found = {}
    for statement in sql_0001.statements(kind):
        made = _MADE.match(statement.strip())
        if made is not None:
            found[made[1].lower(), made[2]] = statement.strip()
    return found


def _indexes(kind: str) -> dict[str, Index]:
    on_server = kind == "postgresql"
    return {
        str(index.name): index
        for table in metadata.sorted_tables
        for index in table.indexes
        if on_server or index.name != "model_by_ability"
    }
