"""Commits: a thread's turn at writing, and the rows that a revision is."""

from __future__ import annotations

from contextlib import ExitStack
from threading import local
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, literal_column, select, text, update

from modeldex.domain.change import META, rows_hash
from modeldex.errors import RevisionConflictError, StoreUnavailableError
from modeldex.ports import Head
from modeldex.stores.current import StartError, changed
from modeldex.stores.memory import remember
from modeldex.stores.models import (
    is_there,
    read_models,
    reprice,
    rows_of,
    write_models,
)
from modeldex.stores.rows import (
    change_rows,
    claim_rows,
    revision_digest,
    revision_of,
)
from modeldex.stores.schema import QUEUE, check
from modeldex.stores.tables import (
    VERSION_TABLE,
    change,
    claim,
    head,
    outbox,
    revision,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.engine import Connection

    from modeldex.domain.syncing import Memory
    from modeldex.ports import Draft, Revision
    from modeldex.stores.current import Layers, Ref
    from modeldex.stores.engine import Database
    from modeldex.stores.rows import Texts

NOWHERE = Head(0, "", "")
# fields of whole models, of prices, and of pointers
_PRICING = ("", "pricing", "alias_of")
_VERSION = f"SELECT version_num FROM {VERSION_TABLE}"  # noqa: S608
_PLACE = (head.c.revision, head.c.hash, head.c.epoch)
_VERSIONED = select(*_PLACE, literal_column(f"({_VERSION})"))
_LOCK = "SELECT revision, hash, epoch FROM head FOR UPDATE"


class Turn(local):
    """A thread's turn at writing: its transaction, and the head as it makes it.

    What was read of models within it is what is there, so it is read once.
    """

    connection: Connection | None = None
    moment: Connection | None = None  # of a thread that sees one moment
    head: Head = NOWHERE

    def __init__(self) -> None:
        self._known: dict[Ref, Layers] = {}
        self._trouble: Exception | None = None

    def take(self, stack: ExitStack, database: Database) -> None:
        """Begin a transaction that ends with a stack, once no other writer has a turn.

        Where its connection is dead another one is made, once: nothing was sent but
        the wish for a turn. Raises StoreUnavailableError; StoreVersionError where the
        tables were raised since they were opened.
        """
        self._database = database
        if not self._takes(stack):
            self._takes(stack, again=True)

    def _takes(self, stack: ExitStack, *, again: bool = False) -> bool:
        lost = False
        try:
            with ExitStack() as taken:
                connection = taken.enter_context(self._database.writing())
                try:
                    self.head, version = _taken(connection)
                except Exception:
                    lost = self._database.drop_lost(connection)
                    raise
                check(self._database, version)
                self.connection = connection
                stack.push(taken.pop_all())
        except StoreUnavailableError:
            if again or not lost:
                raise
        return not lost

    def end(self) -> None:
        """Forget what holds in a turn alone."""
        self.connection, self._trouble = None, None
        self._known.clear()

    def check(self) -> None:
        """Raise what a commit raised half-way: nothing of the turn is to stay."""
        if self._trouble is not None:
            raise self._trouble

    def models(self, connection: Connection, refs: Iterable[Ref]) -> dict[Ref, Layers]:
        """Return the facts of models by layer, within a turn or not."""
        if self.connection is None:
            return read_models(connection, refs)
        wanted = set(refs)
        missing = wanted - self._known.keys()
        if missing:
            self._database.wait(connection)
            self._known |= read_models(connection, missing)
        return {ref: self._known[ref] for ref in wanted}

    def write(self, draft: Draft, texts: list[Texts]) -> Revision:
        """Make a draft the next revision; raise RevisionConflictError."""
        assert self.connection is not None  # noqa: S101  a turn has begun
        try:
            return self._write(self.connection, draft, texts)
        except RevisionConflictError:
            self._known.clear()
            raise
        except Exception as error:
            self._trouble = error
            raise

    def _write(
        self, connection: Connection, draft: Draft, texts: list[Texts]
    ) -> Revision:
        at, number = self.head, self.head.revision + 1
        state = self.models(connection, {(str(row[1]), str(row[2])) for row in texts})
        before = {ref for ref, layers in state.items() if is_there(layers)}
        try:
            changed(state, texts)
        except StartError as error:
            raise RevisionConflictError(str(error), at.revision) from error
        row: dict[str, Any] = {
            "number": number,
            "parent_hash": at.hash,
            "hash": rows_hash(at.hash, texts, draft.meta),
            **{name: getattr(draft, name) for name in META},
            "count": len(texts),
        }
        row["digest"] = revision_digest(row)
        self._database.wait(connection)
        models = rows_of(connection, state, number)
        self._database.send(connection)
        connection.execute(insert(revision), row)
        if texts:
            connection.execute(insert(change), change_rows(number, texts))
        if draft.claims:
            connection.execute(insert(claim), claim_rows(number, draft.claims))
        write_models(connection, models, before)
        hint = {"revision": number, "hash": row["hash"], "epoch": at.epoch}
        connection.execute(delete(outbox))  # who hears of the newest needs no other
        connection.execute(insert(outbox), hint)
        connection.execute(update(head).values(revision=number, hash=row["hash"]))
        if not {str(row[3]).partition(".")[0] for row in texts}.isdisjoint(_PRICING):
            self._database.wait(connection)
            reprice(connection, models, before)
        if draft.memory is not None:
            self.remember(draft.memory, number)
        self.head = Head(number, row["hash"], at.epoch)
        return revision_of(row)

    def remember(self, memory: Memory, revision: int = 0) -> None:
        """Write what a sync remembers; accepted reviews get the revision's number."""
        assert self.connection is not None  # noqa: S101  a turn has begun
        self._database.wait(self.connection)
        remember(self.connection, memory, revision)


def read_head(connection: Connection) -> Head:
    """Return the head; before the first revision, at 0."""
    row = connection.execute(select(head)).first()
    return NOWHERE if row is None else Head(row.revision, row.hash, row.epoch)


def versioned_head(connection: Connection) -> tuple[Head, str | None]:
    """Return the head, and the version of the tables."""
    row = connection.execute(_VERSIONED).first()
    return (NOWHERE, None) if row is None else (Head(*row[:3]), row[3])


def locked_head(connection: Connection) -> Head:
    """Return the head, which no other writer moves until this transaction ends."""
    return _taken(connection)[0]


def _taken(connection: Connection) -> tuple[Head, str | None]:
    """Return the locked head, and the version of the tables, which stays as well."""
    if connection.dialect.name == "sqlite":
        version = connection.execute(text(_VERSION)).scalar()
        return read_head(connection), version
    driver: Any = connection.connection.driver_connection
    with driver.pipeline():  # one round trip
        driver.execute(QUEUE)
        found, version = driver.execute(_LOCK), driver.execute(_VERSION)
    return Head(*found.fetchone()), version.fetchone()[0]
