"""A store of revisions in a database."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from modeldex.domain.change import LAYERS
from modeldex.errors import (
    InvalidInputError,
    RevisionConflictError,
    StoreDamagedError,
    StoreError,
    StoreVersionError,
    UnknownRevisionError,
)
from modeldex.stores import schema, shape
from modeldex.stores.access import SqlTokens
from modeldex.stores.backup import (
    backup,
    beside,
    copy_file,
    restore,
    set_file_aside,
)
from modeldex.stores.beside import Beside
from modeldex.stores.commits import NOWHERE, Turn, versioned_head
from modeldex.stores.current import FACTS, facts_of
from modeldex.stores.engine import Database, translated
from modeldex.stores.leases import lead
from modeldex.stores.memory import (
    claims_of,
)
from modeldex.stores.rows import (
    read_change,
    revision_of,
    texts_of,
)
from modeldex.stores.tables import change, model, revision

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy.engine import Connection

    from modeldex.domain.change import Change, Facts, Key
    from modeldex.domain.syncing import Memory
    from modeldex.ports import Claim, Draft, Fault, Head, Revision
    from modeldex.stores.leases import FileLease, SessionLease

_PAGE = 2_000  # rows read at once
_LAST = (1 << 31) - 1  # position in a revision


class SqlStore(Beside):
    """Revisions and the state that they make, in SQLite or PostgreSQL."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self._known = False  # that the tables are there, of our version
        self._turn = Turn()

    @property
    def name(self) -> str:
        """Where the store is, without a password."""
        return self.database.name

    def close(self) -> None:
        """Let go of connections."""
        self.database.engine.dispose()

    # asking

    def head(self) -> Head:
        """Return where the store is; before its first revision, at 0."""
        if not self._there(whole=False):
            return NOWHERE
        with self._reading() as connection:
            found, version = versioned_head(connection)
        self._hold(version)
        return found

    def revision(self, number: int) -> Revision:
        """Return a revision; raise UnknownRevisionError."""
        found = self.revisions(after=number - 1, limit=1) if number > 0 else []
        if not found:
            raise UnknownRevisionError(f"there is no revision {number}")
        return found[0]

    def revisions(
        self, *, after: int = 0, limit: int | None = None, newest: bool = False
    ) -> list[Revision]:
        """Return revisions beyond a number, in their order or the newest first."""
        if not self._there():
            return []
        number = revision.c.number
        query = select(revision).where(number > after).limit(limit)
        query = query.order_by(number.desc() if newest else number)
        with self._reading() as connection:
            rows = connection.execute(query).mappings()
            return [revision_of(row) for row in rows]

    def changes(
        self, after: int, until: int | None = None
    ) -> Iterator[tuple[int, Change]]:
        """Yield the changes of revisions after < n <= until with their numbers."""
        at: tuple[int, int] = (after, _LAST)
        last = self.head().revision if until is None else until
        while self._there():
            with self._reading() as connection:
                rows = connection.execute(_page(at, last)).all()
            yield from map(self._read, rows)
            if len(rows) < _PAGE:
                return
            at = (rows[-1].revision, rows[-1].position)

    def changes_of(self, provider: str, model: str) -> list[tuple[int, Change]]:
        """Return all changes of one model, of both layers, in their order."""
        if not self._there():
            return []
        place = (change.c.revision, change.c.position)
        query = select(change).order_by(*place)
        query = query.where(change.c.provider == provider, change.c.model == model)
        with self._reading() as connection:
            return list(map(self._read, connection.execute(query)))

    def _read(self, row: Any) -> tuple[int, Change]:
        try:
            return row.revision, read_change(row)
        except (ValueError, TypeError) as error:
            raise StoreDamagedError(
                f"{self.name}: change {row.position} of revision {row.revision} cannot "
                "be read; `modeldex verify` tells more"
            ) from error

    def claims_of(
        self, after: int, until: int | None = None
    ) -> Iterator[tuple[int, Claim]]:
        """Yield the claims of revisions after < n <= until, as they were written."""
        last = self.head().revision if until is None else until
        if not self._there():
            return
        with self._reading() as connection:
            yield from claims_of(connection, after, last)

    def state(self) -> dict[Key, Facts]:
        """Return the state at the head."""
        if not self._there():
            return {}
        columns = [model.c.provider, model.c.model, model.c.facts, model.c.own]
        found: dict[Key, Facts] = {}
        with self._reading() as connection:
            query = select(*columns).execution_options(yield_per=_PAGE)
            for row in connection.execute(query):
                for layer in LAYERS:
                    plain = getattr(row, FACTS[layer])
                    if plain is not None:
                        found[layer, row.provider, row.model] = facts_of(plain)
        return found

    def facts(self, keys: Iterable[Key]) -> dict[Key, Facts]:
        """Return the facts at the head of those keys that are there."""
        wanted = set(keys)
        if not wanted or not self._there():
            return {}
        refs = {key[1:] for key in wanted}
        with self._reading() as connection:
            state = self._turn.models(connection, refs)
        found: dict[Key, Facts] = {}
        for layer, *ref in wanted:
            plain = state.get((ref[0], ref[1]), {}).get(layer)
            if plain is not None:
                found[layer, ref[0], ref[1]] = facts_of(plain)
        return found

    def lead(self) -> FileLease | SessionLease | None:
        """Become the one instance that syncs; None where another one is."""
        self._make()
        with translated(self.name):
            return lead(self.database)

    def verify(self, progress: Callable[[int], None] | None = None) -> list[Fault]:
        """Replay everything from the beginning; return what is not as it must be.

        `progress` is told the number of each revision that is done.
        """
        from modeldex.stores.verify import verify

        if not self._there(whole=False):
            return []
        with self._reading() as connection:
            return list(verify(connection, progress))

    @property
    def tokens(self) -> SqlTokens:
        """Who may use a server of this store."""
        return SqlTokens(self._there, self._reading, self._in_turn)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """Read within one transaction; in a turn or a moment, within its own."""
        if self._turn.connection is None:
            with ExitStack() as stack:
                one = self._turn.moment
                yield one or stack.enter_context(self.database.reading())
            return
        with translated(self.name):
            self.database.wait(self._turn.connection)
            yield self._turn.connection

    @contextmanager
    def moment(self) -> Iterator[None]:
        """See one moment: all that this thread asks within is of one head."""
        turn = self._turn
        if turn.connection is not None or turn.moment is not None or not self._there():
            yield
            return
        with self.database.reading() as connection:
            turn.moment = connection
            try:
                yield
            finally:
                turn.moment = None

    def _there(self, *, whole: bool = True) -> bool:
        """Tell whether there are tables; raise StoreVersionError.

        Raises StoreDamagedError where they are to be `whole` and are not.
        """
        if self._known or not self.database.exists():
            return self._known
        with self._reading() as connection:
            there = schema.check(self.database, schema.version_of(connection))
            if there and whole:
                shape.refuse(self.name, connection)
        self._known = there and whole
        return there

    # writing

    def commit(self, draft: Draft, *, expected: int | None = None) -> Revision:
        """Make a draft the next revision, in one transaction."""
        if not draft.changes and not draft.claims:
            raise InvalidInputError("a revision needs a change or a claim")
        try:
            texts = texts_of(draft)
        except ValueError as error:
            raise InvalidInputError(str(error)) from error
        with self.turn():
            at = self._turn.head
            if expected is not None and expected != at.revision:
                message = f"the store is at revision {at.revision}, not {expected}"
                raise RevisionConflictError(message, at.revision)
            return self._turn.write(draft, texts)

    def remember(self, memory: Memory) -> None:
        """Remember of a sync what makes no revision, in one transaction."""
        with self.turn():
            self._turn.remember(memory)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Be the only writer; what is asked within stays so until the end.

        All that this thread commits within is one transaction: on the disk when the
        turn has ended, and nothing of it is there when it ends by an error.
        """
        if self._turn.connection is not None:
            yield
            return
        self._make()
        with ExitStack() as stack:
            try:
                self._turn.take(stack, self.database)
            except StoreVersionError:
                self._known = False
                raise
            try:
                yield
                self._turn.check()
            finally:
                self._turn.end()

    @contextmanager
    def _in_turn(self) -> Iterator[Connection]:
        with self.turn():
            assert self._turn.connection is not None  # noqa: S101  a turn has begun
            self.database.wait(self._turn.connection)
            yield self._turn.connection

    def _hold(self, version: str | None) -> None:
        """Raise StoreVersionError where the tables are not ours any more."""
        if version != schema.NEWEST:
            self._known = False
            schema.check(self.database, version)

    def _make(self) -> None:
        """Make the tables where there are none."""
        if self._there():
            return
        with self.database.writing() as connection:
            if schema.version_of(connection) is None:
                schema.upgrade(self.database, connection)
        self._there()

    def version(self) -> str | None:
        """Return the version of the tables; None where there are none."""
        if not self.database.exists():
            return None
        with self.database.reading() as connection:
            return schema.version_of(connection)

    def upgrade(self) -> str | None:
        """Raise the tables to this modeldex's version, all or nothing.

        Triggers, views and indexes that are missing or altered are made anew.
        Return the path of the backup that was made before; None where there was
        nothing to keep, and on PostgreSQL. Raises StoreVersionError for a newer one.
        """
        version = self.version()
        if version == schema.NEWEST and not self._altered():
            return None
        if version is not None and version not in schema.versions():
            schema.check(self.database, version)
        kept = None
        if version is not None and self.database.path:
            kept = beside(self.database.path, f"backup-{version}")
            copy_file(self.database, kept)
        with self.database.writing() as connection:
            schema.upgrade(self.database, connection)
            shape.mend(connection)
        return kept

    def _altered(self) -> bool:
        with self.database.reading() as connection:
            return any(shape.altered(connection))

    def backup(self, path: str) -> Head:
        """Write everything to a file, a SQLite store itself; return where it is.

        Raises StoreError, also where there is nothing to write.
        """
        if not self._there(whole=False):
            raise StoreError(f"{self.name}: nothing was ever written; no backup")
        return backup(self.database, path)

    def restore(self, path: str) -> tuple[Head, str | None]:
        """Make the store what a backup holds, with a new epoch.

        Return where it is now, and where what was there is kept: a file beside a
        SQLite store, a schema beside that of PostgreSQL; None where there was nothing.
        Raises StoreDamagedError where the backup is not sound.
        """
        source = type(self)(f"sqlite:///{os.path.abspath(path)}")
        try:
            if not source._there():  # noqa: SLF001
                raise StoreError(f"{path}: no backup of a store")
            if source.verify():
                message = f"{path}: the backup is not sound; see `modeldex verify`"
                raise StoreDamagedError(message)
            aside = self._without_damage()
            self._make()
            found, kept = restore(source.database, self.database)
            return found, aside or kept
        finally:
            source.close()

    def _without_damage(self) -> str | None:
        """Move a file that cannot be read out of the way; return where it is."""
        try:
            self._there()
            self.head()
        except StoreDamagedError:
            if not self.database.path:
                raise
            self.close()
            return set_file_aside(self.database.path)
        return None


def _page(at: tuple[int, int], last: int) -> Any:
    number, position = change.c.revision, change.c.position
    later = (number > at[0]) | ((number == at[0]) & (position > at[1]))
    query = select(change).where(later, number >= at[0], number <= last)
    return query.order_by(number, position).limit(_PAGE)
