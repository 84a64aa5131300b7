"""A catalog that is another one plus a few changed models: copy on write.

The changed models are compiled into a snapshot of their own, in memory. A model that
the base has keeps its row there; new ones have the rows behind. Terms are asked of both
and joined, orders are merged; so every answer is that of a catalog compiled anew. A
model that is gone needs such a one: rows are never taken away here.
"""

from __future__ import annotations

from bisect import insort
from hashlib import sha256

from modeldex.catalog import Catalog
from modeldex.catalog.compile import compile_snapshot
from modeldex.catalog.index import Index, _lowest, _scaled_bound
from modeldex.catalog.query import Query
from modeldex.catalog.snapshot import memory_snapshot
from modeldex.catalog.values import DATE, ORDERED_FIELDS, PRICE
from modeldex.domain.model import SEPARATOR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from modeldex.catalog import Snapshot

    Key = tuple[str, str]  # provider, model id
    Changed = Mapping[Key, Sequence[str]]

_METERS = ("input", "output")


def delta_catalog(
    base: Catalog,
    changed: Changed,
    providers: Mapping[str, Mapping[str, Any]] | None = None,
    meta: Mapping[str, Any] | None = None,
) -> Catalog:
    """Return a catalog with the given models (as columns) changed or new.

    `providers` are facts of providers that the base does not have; `meta` goes over
    the base's. The base must be of one compiled snapshot, not a delta itself; it is
    returned where nothing changed.
    """
    known = base.snapshot.meta
    if not changed and known == {**known, **(meta or {})}:
        return base
    snapshot = DeltaSnapshot(base.snapshot, changed, providers or {}, meta or {})
    return DeltaCatalog(snapshot, base)


class DeltaSnapshot:
    """What a Snapshot answers, of a base and changed models."""

    __slots__ = (
        "_base",
        "changed",
        "digest",
        "meta",
        "over",
        "path",
        "providers",
        "rows",
    )

    def __init__(
        self,
        base: Snapshot,
        changed: Changed,
        providers: Mapping[str, Mapping[str, Any]],
        meta: Mapping[str, Any],
    ) -> None:
        self._base = base
        self.changed = {key: list(columns) for key, columns in changed.items()}
        self.over = memory_snapshot(compile_snapshot(changed.values(), {}, {}))
        self.path = base.path
        content = "\n".join(SEPARATOR.join(self.changed[k]) for k in sorted(changed))
        self.digest = sha256(f"{base.digest}\n{content}".encode()).hexdigest()
        count = base.meta["models"]
        added = [key for key in changed if base.columns(*key) is None]
        self.meta = {**base.meta, **meta, "models": count + len(added)}
        self.providers = {n: dict(facts) for n, facts in base.providers.items()}
        for name, facts in providers.items():
            self.providers.setdefault(name, {**facts, "models": 0})
        for provider, _ in added:
            facts = self.providers.setdefault(provider, {"models": 0})
            facts["models"] = facts.get("models", 0) + 1
        self.providers = dict(sorted(self.providers.items()))
        self.meta["providers"] = len(self.providers)
        self.rows: list[int] = []  # row here of each row of `over`; see `place`

    @property
    def size(self) -> int:
        """How many models there are."""
        found: int = self.meta["models"]
        return found

    def place(self, refs: Sequence[str]) -> list[str]:
        """Give the changed models their rows; return the refs by row."""
        known = {ref: row for row, ref in enumerate(refs)}
        found = list(refs)
        self.rows = []
        for ref in self.over.block("refs").decode().split():
            self.rows.append(known.get(ref, len(found)))
            if ref not in known:
                found.append(ref)
        return found

    def columns(self, provider: str, model_id: str) -> list[str] | None:
        """Return the columns of a model's text form, or None when it is not here."""
        found = self.changed.get((provider, model_id))
        return self._base.columns(provider, model_id) if found is None else found

    def row_columns(self, row: int) -> list[str]:
        """Return the columns of the model in a row."""
        return self.rows_columns([row])[0]

    def rows_columns(self, rows: list[int]) -> list[list[str]]:
        """Return the columns of the models in rows."""
        place = {row: number for number, row in enumerate(self.rows)}
        kept = self._base.rows_columns([row for row in rows if row not in place])
        new = self.over.rows_columns([place[row] for row in rows if row in place])
        below, above = iter(kept), iter(new)
        return [next(above if row in place else below) for row in rows]

    def verify(self) -> None:
        """Check the digest of the base's whole file."""
        self._base.verify()


class DeltaCatalog(Catalog):
    """A catalog over a DeltaSnapshot."""

    __slots__ = ("base",)

    def __init__(self, snapshot: DeltaSnapshot, base: Catalog) -> None:
        filtered = base.filtered
        super().__init__(snapshot, base.today, default_filter=filtered)  # type: ignore[arg-type]
        self.base = base
        self._index = DeltaIndex(snapshot, base.index, default_filter=filtered)


class DeltaIndex(Index):
    """The index of a base and that of what changed, asked as one."""

    __slots__ = ("_base", "_names", "_over", "_replaced", "_rows")

    def __init__(
        self, snapshot: DeltaSnapshot, base: Index, *, default_filter: bool
    ) -> None:
        super().__init__(snapshot, base._today, default_filter=default_filter)  # type: ignore[arg-type]  # noqa: SLF001
        self._base = base
        self._over = Index(snapshot.over, base._today, default_filter=default_filter)  # noqa: SLF001
        self._refs = snapshot.place(base.refs)
        self._rows = snapshot.rows
        self._replaced = _bits(self._rows)
        self._names: dict[str, list[str]] = {}

    @property
    def canonicals(self) -> list[str]:
        """Canonical ids by row; "" is unknown."""
        found = [*self._base.canonicals, *[""] * len(self._rows)][: len(self._refs)]
        for row, canonical in zip(self._rows, self._over.canonicals, strict=True):
            found[row] = canonical
        return found

    def names(self, kind: str) -> list[str]:
        """Return the names of a kind of set that has rows."""
        found = self._names.get(kind)
        if found is None:
            both = {*self._base.names(kind), *self._over.names(kind)}
            found = sorted(name for name in both if self._set(f"{kind}:{name}"))
            self._names[kind] = found
        return found

    def _both(self, ask: Callable[[Index], int]) -> int:
        """Ask the base and what is over it; return the rows of both."""
        below, above = ask(self._base), ask(self._over)
        rows = self._rows
        return below & ~self._replaced | _bits([rows[n] for n in _lowest(above, None)])

    def _set(self, name: str) -> int:
        found = self._masks.get(name)
        if found is None:
            found = self._masks[name] = self._both(lambda index: index._set(name))  # noqa: SLF001
        return found

    def _living(self) -> int:
        day, mask = self._day
        today = self._today()
        if day != today:
            mask = self._both(lambda index: index._living())  # noqa: SLF001
            self._day = (today, mask)
        return mask

    def _term(self, field: str, operator: str, value: Any) -> int:
        return self._both(lambda index: index._term(field, operator, value))  # noqa: SLF001

    def _page(self, mask: int, query: Query) -> list[int]:
        sort, offset = query.sort or "ref", query.offset
        end = None if query.limit is None else offset + query.limit
        whole = Query((), sort, end)
        found = self._base._page(mask & ~self._replaced, whole)  # noqa: SLF001
        chosen = [n for n, row in enumerate(self._rows) if mask >> row & 1]
        above = self._over._page(_bits(chosen), whole)  # noqa: SLF001
        key = self._key(sort)
        if sort == "-ref":
            found.reverse()
        for number in above:
            insort(found, self._rows[number], key=key)
        if sort == "-ref":
            found.reverse()
        return found[offset:end]

    def _key(self, sort: str) -> Callable[[int], Any]:
        """Return what orders rows as an index of them all would."""
        refs = self._refs
        name = sort.lstrip("-")
        if name == "ref":
            return refs.__getitem__
        over = {row: number for number, row in enumerate(self._rows)}
        descending = sort.startswith("-")

        def value(name: str, row: int) -> Any:
            if row in over:
                return _value(self._over, self._base, name, over[row])
            return _value(self._base, self._over, name, row)

        def key(row: int) -> tuple[Any, ...]:
            fact = value(name, row)
            taken, given = (value(meter, row) for meter in _METERS)
            place = (taken is None, taken or 0, given is None, given or 0, refs[row])
            if descending and fact is not None:
                fact = -fact if isinstance(fact, int) else fact.copy_negate()
            return fact is None, fact or 0, place

        return key


def _bits(rows: Sequence[int]) -> int:
    """Return the set of rows."""
    bits = bytearray(max(rows, default=-1) // 8 + 1)
    for row in rows:
        bits[row >> 3] |= 1 << (row & 7)
    return int.from_bytes(bits, "little")


def _value(index: Index, other: Index, name: str, row: int) -> Any:
    """Return an ordered fact today as a number that compares with the other index's."""
    column = index.column(name)
    kind = ORDERED_FIELDS[name]
    if kind is not PRICE:
        found = column.value(row)
        is_date = kind is DATE and found is not None
        return int(found.replace("-", "")) if is_date else found
    moved = index._moved_today()  # noqa: SLF001
    price = column.value(row) if moved is None else moved.value(name, row)
    scale = other.column(name).scale - column.scale
    return price if price is None or scale <= 0 else _scaled_bound(price, scale)
