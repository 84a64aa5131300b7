"""The replay of a whole store: each row as it was written, the chain unbroken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from modeldex.domain.by_revision import ByRevision
from modeldex.domain.change import rows_hash
from modeldex.ports import Fault
from modeldex.stores.current import StartError, changed, model_row, priced
from modeldex.stores.rows import (
    CHANGE,
    CLAIM,
    digest,
    meta_of,
    revision_digest,
)
from modeldex.stores.shape import altered
from modeldex.stores.tables import change, claim, head, model, outbox, revision

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Table
    from sqlalchemy.engine import Connection

    from modeldex.stores.current import Layers, Ref
    from modeldex.stores.rows import Texts

_ALTERED = "is not as it was written"
_AT_ONCE = 2_000
_NEEDED = ("table", "column")  # without which nothing can be replayed


def verify(
    connection: Connection, progress: Callable[[int], None] | None = None
) -> Iterator[Fault]:
    """Yield what is not as it must be; `progress` is told each revision."""
    with _any_bytes(connection):
        wrong = list(altered(connection))
        yield from (Fault(None, " ".join(name), what) for name, what in wrong)
        if any(kind in _NEEDED for (kind, _), _what in wrong):
            return
        replay = Replay(connection, progress)
        yield from replay.revisions()
        yield from _head(connection, replay)
        yield from replay.models()


class _any_bytes:  # noqa: N801  a context like contextlib's
    """Read texts that a tampered byte has made no UTF-8, on SQLite."""

    def __init__(self, connection: Connection) -> None:
        self._raw: Any = None
        if connection.dialect.name == "sqlite":
            self._raw = connection.connection.dbapi_connection

    def __enter__(self) -> None:
        if self._raw is not None:
            self._raw.text_factory = lambda b: b.decode("utf-8", "surrogateescape")

    def __exit__(self, *_: object) -> None:
        if self._raw is not None:
            self._raw.text_factory = str


class Replay:
    """Revisions in their order; what they come to, and what cannot be told any more."""

    def __init__(
        self, connection: Connection, progress: Callable[[int], None] | None
    ) -> None:
        self._connection = connection
        self._progress = progress
        self._state: dict[Ref, Layers] = {}
        self._last: dict[Ref, int] = {}  # revision that changed a model last
        self._spoiled: set[Ref] = set()  # models with a faulty change
        self._lost = False  # a change may have been another model's
        self.number = 0
        self.hash = ""
        self.hashes: dict[int, str] = {}

    def revisions(self) -> Iterator[Fault]:
        """Yield the faults of revisions, changes and claims."""
        changes, claims = (
            _Rows(self._connection, change),
            _Rows(self._connection, claim),
        )
        rows = self._stream(select(revision).order_by(revision.c.number))
        sound = True
        for row in rows.mappings():
            number = row["number"]
            for missing in range(self.number + 1, number):
                self._lost = True
                yield Fault(missing, f"revision {missing}", "is missing")
            sound_before, sound = sound, revision_digest(row) == row["digest"]
            if not sound:
                yield Fault(number, f"revision {number}", _ALTERED)
            elif sound_before and row["parent_hash"] != self.hash:
                what = "does not follow the revision before it"
                yield Fault(number, f"revision {number}", what)
            yield from changes.strays(number)
            yield from claims.strays(number)
            yield from self._content(
                row, changes.take(number), claims.take(number), sound=sound
            )
            self.number, self.hash = number, row["hash"]
            self.hashes[number] = row["hash"]
            if self._progress:
                self._progress(number)
        yield from changes.strays(None)
        yield from claims.strays(None)

    def _stream(self, query: Any) -> Any:
        return self._connection.execute(
            query.execution_options(yield_per=_AT_ONCE, stream_results=True)
        )

    def _content(
        self, row: Any, changes: list[Any], claims: list[Any], *, sound: bool
    ) -> Iterator[Fault]:
        """Yield the faults of what a revision holds; replay it."""
        number = row["number"]
        faults = [
            *_altered("change", changes, CHANGE),
            *_altered("claim", claims, CLAIM),
        ]
        yield from faults
        texts = [[getattr(r, name) for name in CHANGE] for r in changes]
        said = [[getattr(r, name) for name in CLAIM] for r in claims]
        positions = [r.position for r in changes]
        if positions != list(range(row["count"] if sound else len(positions))):
            self._lost = True
            what = f"has not the {row['count']} changes that it was written with"
            yield Fault(number, f"revision {number}", what)
        elif sound and not faults and _hash(row, texts, said) != row["hash"]:
            self._lost = True
            yield Fault(number, f"revision {number}", "its hash is another one")
        bad = {fault.where for fault in faults}
        for position, one in enumerate(texts):
            ref = (str(one[1]), str(one[2]))
            self._last[ref] = number
            try:
                changed(self._state, [one])
            except (StartError, ValueError, TypeError, LookupError) as error:
                if ref not in self._spoiled and not bad:
                    where = f"change {position} of revision {number}"
                    yield Fault(number, where, str(error))
                self._spoiled.add(ref)
            if f"change {positions[position]} of revision {number}" in bad:
                self._spoiled.add(ref)
                self._lost = True

    def models(self) -> Iterator[Fault]:
        """Yield the models whose row is not what their changes make."""
        expected = {
            ref: model_row(ref, layers, self._last[ref])
            for ref, layers in self._state.items()
            if ref not in self._spoiled and any(f is not None for f in layers.values())
        }
        pointers = {ref: row for ref, row in expected.items() if row["alias_of"]}
        priced(pointers, expected.get)
        for row in self._stream(select(model)).mappings():
            ref = (row["provider"], row["model"])
            wanted = expected.pop(ref, None)
            where = f"model {ref[0]}/{ref[1]}"
            if wanted is None and ref not in self._spoiled and not self._lost:
                yield Fault(None, where, "no revision says that there is such a model")
            elif wanted is not None:
                wrong = [n for n, value in row.items() if not _same(wanted[n], value)]
                if wrong:
                    names = ", ".join(wrong)
                    yield Fault(None, where, f"{names}: not what its changes make")
        for provider, name in expected:
            yield Fault(None, f"model {provider}/{name}", "is missing")


class _Rows(ByRevision[Any]):
    """The rows of a table by revision, read along with the revisions."""

    def __init__(self, connection: Connection, table: Table) -> None:
        self._name = table.name
        query = select(table).order_by(table.c.revision, table.c.position)
        query = query.execution_options(yield_per=_AT_ONCE, stream_results=True)
        super().__init__(connection.execute(query), lambda row: row.revision)

    def strays(self, number: int | None) -> Iterator[Fault]:
        """Yield the rows before a revision that none before it has taken."""
        while self._next is not None and (number is None or self._next[0] < number):
            for row in self._next[1]:
                where = f"{self._name} {row.position} of revision {row.revision}"
                yield Fault(row.revision, where, "belongs to no revision")
            self._advance()


def _altered(kind: str, rows: list[Any], columns: tuple[str, ...]) -> Iterator[Fault]:
    for row in rows:
        texts = [getattr(row, name) for name in columns]
        try:
            known = digest(row.revision, row.position, texts)
        except TypeError:  # a NULL or a number where a text was
            known = ""
        if known != row.digest:
            where = f"{kind} {row.position} of revision {row.revision}"
            yield Fault(row.revision, where, _ALTERED)


def _hash(row: Any, texts: list[Texts], said: list[list[Any]]) -> str:
    try:
        return rows_hash(row["parent_hash"], texts, meta_of(row, said))
    except (ValueError, TypeError):
        return ""


def _same(wanted: Any, found: Any) -> bool:
    """Compare a column with what it must be; documents are given as text."""
    if isinstance(found, dict | list):
        import json

        return bool(json.loads(wanted or "null") == found)
    if isinstance(found, float) or wanted.__class__.__name__ == "Decimal":
        return (
            wanted is not None and found is not None and float(wanted) == float(found)
        )
    return bool(wanted == found)


def _head(connection: Connection, replay: Replay) -> Iterator[Fault]:
    row = connection.execute(select(head)).first()
    if row is None or row.revision != replay.number:
        known = "none" if row is None else row.revision
        what = f"says revision {known}; the last one is {replay.number}"
        yield Fault(None, "head", what)
    elif row.hash != replay.hash:
        yield Fault(None, "head", "its hash is not that of the last revision")
    for waiting in connection.execute(select(outbox)):
        if replay.hashes.get(waiting.revision) != waiting.hash:
            where = f"outbox {waiting.revision}"
            yield Fault(waiting.revision, where, "names another revision's hash")
