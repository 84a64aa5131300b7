"""The index of a snapshot, in memory: queries in, rows out.

Nothing is loaded before it is asked for. A set of rows is an int whose bit n
stands for row n; rows are ordered by input price (`catalog.compile`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from modeldex.catalog import read_numbers
from modeldex.catalog.values import ORDERED_FIELDS, PRICE, TOKENS
from modeldex.domain.lifecycle import LAUNCH_DATED, NOTICE_DAYS, day_after

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from typing import Any

    from modeldex.catalog.dated import Moved
    from modeldex.catalog.query import Query, Term
    from modeldex.catalog.snapshot import Snapshot

_BOUNDS_KEPT = 256
_LOW_BITS = 240
_LOW = (1 << _LOW_BITS) - 1
_OFFSETS: list[tuple[int, ...]] = []  # of the bits in each byte, made at first use


class _Column:
    """An ordered fact: its distinct values, and the rank of each row among them."""

    __slots__ = ("_bits", "_bounds", "_known", "name", "ranks", "scale", "values")

    def __init__(self, snapshot: Snapshot, name: str) -> None:
        self.name = name
        kind = ORDERED_FIELDS[name]
        texts = (snapshot.item("columns", f"{name}.values") or b"").decode().split()
        self.scale = 0
        self.values: list[Any] = texts
        if kind is TOKENS:
            self.values = [int(text) for text in texts]
        elif kind is PRICE:
            parts = [text.partition(".") for text in texts]
            scale = self.scale = max([len(part[2]) for part in parts], default=0)
            self.values = [int(w + part.ljust(scale, "0")) for w, _, part in parts]
        self.ranks = read_numbers(snapshot.item("columns", f"{name}.ranks") or b"")
        self._bits = [
            _bitset(snapshot.item("columns", f"{name}.bit{bit}"))
            for bit in range(len(texts).bit_length())
        ]
        self._bounds: dict[int, int] = {}
        self._known = 0
        for bits in self._bits:
            self._known |= bits

    def scaled(self, amount: Any) -> Any:
        """Return an amount in the unit of the values, exactly."""
        return _scaled_bound(amount, self.scale) if self.scale else amount

    def value(self, row: int) -> Any:
        """Return the value of a row, or None where it is not known."""
        rank = self.ranks[row]
        return self.values[rank - 1] if rank else None

    def at_least(self, rank: int) -> int:
        """Return the rows whose rank is at least `rank`; an unknown one has 0."""
        if rank <= 1:
            return self._known
        if rank > len(self.values):
            return 0
        found = self._bounds.get(rank)
        if found is None:
            if len(self._bounds) > _BOUNDS_KEPT:
                self._bounds.clear()
            found = self._bounds[rank] = self._compare(rank)
        return found

    def _compare(self, rank: int) -> int:
        """Return the rows of at least a rank, by the ranks' bits."""
        if self.name == "input":  # rows are in its order
            known = self._known
            cheaper = bisect_left(self.ranks, rank, 0, known.bit_length())
            return known >> cheaper << cheaper
        above, equal = 0, self._known
        for place in range(len(self._bits) - 1, -1, -1):
            bits = self._bits[place]
            if rank >> place & 1:
                equal &= bits
            else:
                same = equal & bits
                above |= same
                equal ^= same
        return above | equal

    def rows(self, operator: str, bound: Any) -> int:
        """Return the rows whose value is known and compares true."""
        bound = self.scaled(bound)
        if operator == ">=":
            return self.at_least(bisect_left(self.values, bound) + 1)
        if operator == ">":
            return self.at_least(bisect_right(self.values, bound) + 1)
        if operator == "<=":
            return self._known ^ self.at_least(bisect_right(self.values, bound) + 1)
        if operator == "<":
            return self._known ^ self.at_least(bisect_left(self.values, bound) + 1)
        first = self.at_least(bisect_left(self.values, bound) + 1)
        return first ^ self.at_least(bisect_right(self.values, bound) + 1)


def _bitset(data: bytes | None) -> int:
    return int.from_bytes(data or b"", "little")


def _read_lines(data: bytes) -> list[str]:
    return data.decode().split("\n")


def _scaled_bound(bound: Any, scale: int) -> Any:
    """Return a bound in the unit of the values, exactly, whatever the context is."""
    if type(bound) is int:
        return bound * 10**scale
    from decimal import MAX_PREC, Context

    return bound.scaleb(scale, Context(prec=MAX_PREC))


class Index:
    """What answers queries: sets of rows and ordered columns.

    `today` returns the ISO day on which statuses are judged; `default_filter`
    says whether `rows` leaves out retired and disabled models by default.
    """

    __slots__ = (
        "_columns",
        "_day",
        "_masks",
        "_moved",
        "_refs",
        "_today",
        "default_filter",
        "snapshot",
        "spared",
        "spellings",
    )

    def __init__(
        self, snapshot: Snapshot, today: Callable[[], str], *, default_filter: bool
    ) -> None:
        self.snapshot = snapshot
        self.default_filter = default_filter
        self._today = today
        self._masks: dict[str, int] = {}
        self._columns: dict[str, _Column] = {}
        self._day = ("", 0)
        self._moved: tuple[str, Moved | None] = ("", None)
        self._refs: list[str] = []
        self.spared = 0  # questions for which the refs were not fetched
        self.spellings: Any = None  # of `catalog.identity`, made by its first question

    @property
    def refs(self) -> list[str]:
        """Refs by row."""
        if not self._refs:
            self._refs = self.snapshot.block("refs").decode().split()
        return self._refs

    @property
    def canonicals(self) -> list[str]:
        """Canonical ids by row; "" is unknown."""
        found: list[str] = self.snapshot.part("canonical", _read_lines)
        return found

    def names(self, kind: str) -> list[str]:
        """Return the names of a kind of set: provider, mode, yes, no, input, output."""
        start = kind + ":"
        found = self.snapshot.items("bits")
        return sorted(name[len(start) :] for name in found if name.startswith(start))

    @property
    def today(self) -> str:
        """The ISO day on which statuses are judged."""
        return self._today()

    def providers(self, terms: Iterable[Term]) -> frozenset[str]:
        """Return the providers with a model for which all terms of a query hold.

        What is retired or disabled is left out where `rows` does so by default.
        """
        mask = self._living() if self.default_filter else self._everything()
        for term in terms:
            mask &= self._term(*term)
        names = self.names("provider") if mask else ()
        return frozenset(n for n in names if mask & self._set(f"provider:{n}"))

    def rows(self, query: Query) -> list[int]:
        """Return the rows that answer a query, in its order, its page only."""
        return self._page(self._matching(query), query)

    def count(self, query: Query) -> int:
        """Return how many rows answer a query, whatever its page."""
        return self._matching(query).bit_count()

    def _matching(self, query: Query) -> int:
        mask = self._everything()
        if self.default_filter:
            for term in query.terms:
                if term[0] == "status":
                    break
            else:
                mask = self._living()
        for term in query.terms:
            mask &= self._term(*term)
        return mask

    def _everything(self) -> int:
        found = self._masks.get("*")
        if found is None:
            found = self._masks["*"] = (1 << self.snapshot.size) - 1
        return found

    def _set(self, name: str) -> int:
        """Return the rows in a named set; none is in a set that does not exist."""
        found = self._masks.get(name)
        if found is None:
            found = self._masks[name] = _bitset(self.snapshot.item("bits", name))
        return found

    def column(self, name: str) -> _Column:
        """Return an ordered fact."""
        found = self._columns.get(name)
        if found is None:
            found = self._columns[name] = _Column(self.snapshot, name)
        return found

    def _term(self, field: str, operator: str, value: Any) -> int:  # noqa: PLR0911
        """Return the rows for which a term holds; the kinds of term, one by one."""
        if field in ("yes", "no"):
            return self._set(f"{field}:{value}")
        if field in ORDERED_FIELDS:
            rows = self.column(field).rows(operator, value)
            moved = self._moved_today() if ORDERED_FIELDS[field] is PRICE else None
            return moved.corrected(rows, field, operator, value) if moved else rows
        if field == "maybe":
            return self._everything() & ~self._set(f"no:{value}")
        if field == "open_weights":
            return self._set(f"open_weights:{'yes' if value else 'no'}")
        if field in ("provider", "mode"):
            return self._union(f"{field}:{item}" for item in value)
        if field == "modalities":
            return self._modalities(value)
        if field == "status":
            return self._statuses(value)
        if field == "text":
            return self._lines("text", lambda line: value in line)
        return self._lines(field, lambda line: line in value)

    def _union(self, names: Iterable[str]) -> int:
        mask = 0
        for name in names:
            mask |= self._set(name)
        return mask

    def _modalities(self, kinds: Iterable[str]) -> int:
        mask = self._everything()
        for kind in kinds:
            sides = (kind,) if ":" in kind else (f"input:{kind}", f"output:{kind}")
            mask &= self._union(sides)
        return mask

    def _lines(self, block: str, test: Callable[[str], bool]) -> int:
        lines: list[str] = self.snapshot.part(block, _read_lines)
        bits = bytearray((len(lines) + 7) // 8)
        for row, line in enumerate(lines):
            if test(line):
                bits[row >> 3] |= 1 << (row & 7)
        return int.from_bytes(bits, "little") & self._everything()

    def _living(self) -> int:
        day, mask = self._day
        today = self._today()
        if day != today:
            retired = self.column("deprecated").rows("<=", today)
            gone = retired | self._set("status:retired") | self._set("status:disabled")
            mask = self._everything() & ~gone
            self._day = (today, mask)
        return mask

    def _statuses(self, statuses: Collection[str]) -> int:
        mask = 0
        living = self._living()
        for status in statuses:
            if status == "any":
                return self._everything()
            if status == "disabled":
                mask |= self._set("status:disabled")
            elif status == "retired":
                mask |= self._everything() & ~(living | self._set("status:disabled"))
            else:
                ending = self._deprecated()
                if status == "deprecated":
                    mask |= living & ending
                elif status == "preview":
                    mask |= living & self._set("status:preview") & ~ending
                else:
                    mask |= living & ~(ending | self._set("status:preview"))
        return mask

    def _deprecated(self) -> int:
        """Return the rows whose end is flagged or announced (`lifecycle.status_on`)."""
        column = self.column("deprecated")
        near = column.rows("<=", day_after(self._today(), NOTICE_DAYS))
        launched = self._union(f"provider:{name}" for name in LAUNCH_DATED)
        announced = column.at_least(1) & ~(launched & ~near)
        return announced | self._set("status:deprecated")

    def _page(self, mask: int, query: Query) -> list[int]:
        sort, offset = query.sort or "ref", query.offset
        end = None if query.limit is None else offset + query.limit
        descending = sort.startswith("-")
        name = sort.lstrip("-")
        if ORDERED_FIELDS.get(name) is PRICE:
            mask &= self._term(name, ">=", 0)
        if sort == "input":
            return self._ordered(mask, end)[offset:end]
        rows = self._ordered(mask, None)
        if name == "ref":
            rows.sort(key=self.refs.__getitem__, reverse=descending)
        else:
            rows.sort(key=self._sort_key(name, -1 if descending else 1))
        return rows[offset:end]

    def _sort_key(self, name: str, sign: int) -> Callable[[int], Any]:
        """Return what orders rows by a fact; what is not known comes last."""
        moved = self._moved_today() if ORDERED_FIELDS[name] is PRICE else None
        if moved and moved.prices[name]:
            return lambda row: sign * moved.value(name, row)  # all are known
        ranks = self.column(name).ranks
        return lambda row: sign * ranks[row] or _LAST

    def _ordered(self, mask: int, count: int | None) -> list[int]:
        """Return rows of a set by today's prices, the first `count` or all."""
        moved = self._moved_today()
        if moved is None or not mask & moved.mask:
            return _lowest(mask, count)
        return moved.placed(_lowest(mask & ~moved.mask, count), mask)

    def _moved_today(self) -> Moved | None:
        """Return the rows whose price is another one today, if there are any."""
        today = self._today()
        day, moved = self._moved
        if day != today:
            moved = self._moved_on(today)
            self._moved = (today, moved)
        return moved

    def _moved_on(self, day: str) -> Moved | None:
        text: str = self.snapshot.part("dated", bytes.decode)
        still = text.partition("\n")[0].split()
        if not text or any(
            a <= day < b for a, b in zip(still[::2], still[1::2], strict=True)
        ):
            return None
        from modeldex.catalog.dated import Moved

        moved = Moved(self, day)
        return moved if moved.mask else None


_LAST = 1 << 32


def _lowest(mask: int, count: int | None) -> list[int]:
    """Return the first `count` rows of a set, or all of them, in row order."""
    rows: list[int] = []
    base = 0
    if count is not None:
        while mask and count:
            low = mask & _LOW
            while low and count:
                lowest = low & -low
                rows.append(base + lowest.bit_length() - 1)
                low ^= lowest
                count -= 1
            mask >>= _LOW_BITS
            base += _LOW_BITS
        return rows
    if not _OFFSETS:
        bits = range(8)
        _OFFSETS[:] = [tuple(n for n in bits if byte >> n & 1) for byte in range(256)]
    data = mask.to_bytes((mask.bit_length() + 7) // 8, "little")
    for place, byte in enumerate(data):
        if byte:
            base = place * 8
            rows.extend([base + offset for offset in _OFFSETS[byte]])
    return rows
