"""Models held in memory, asked as a snapshot is: the catalogue of a day gone by.

What an index reads of a snapshot's blocks is made when it is first asked for, since
most questions need little of it. Nothing of it is packed, checked or written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.catalog import Catalog
from modeldex.catalog.compile import (
    ORDERED,
    bitset,
    column_items,
    memberships,
    ordered_fact,
    row_order,
)
from modeldex.catalog.dated import dated_block
from modeldex.domain.model import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Facts = Mapping[str, Any]

_PLACE = {column: place for place, column in enumerate(COLUMNS)}


class HeldSnapshot:
    """Models by their columns; answers what a Snapshot does. Immutable."""

    def __init__(
        self,
        models: Sequence[list[str]],
        providers: Mapping[str, Facts],
        meta: Facts,
        *,
        digest: str,
        path: str = "<memory>",
    ) -> None:
        prices = [_prices(columns) for columns in models]
        order = sorted(range(len(models)), key=lambda n: row_order(prices[n]))
        self._models = [models[place] for place in order]
        self._rows = {(c[0], c[1]): row for row, c in enumerate(self._models)}
        self._prices = [prices[place] for place in order]
        self.providers = dict(providers)
        counts = {"models": len(models), "providers": len(providers)}
        self.meta = {**meta, **counts}
        self.digest = digest
        self.path = path
        self._parts: dict[str, Any] = {}
        self._sets: dict[str, list[int]] = {}
        self._columns: dict[str, dict[str, bytes]] = {}

    def verify(self) -> None:
        """Find nothing: what is in memory was checked when it was read."""

    def columns(self, provider: str, model_id: str) -> list[str] | None:
        """Return the columns of a model's text form, or None when it is not here."""
        row = self._rows.get((provider, model_id))
        return None if row is None else self._models[row]

    def row_columns(self, row: int) -> list[str]:
        """Return the columns of the model in a row."""
        return self._models[row]

    def rows_columns(self, rows: list[int]) -> list[list[str]]:
        """Return the columns of the models in rows."""
        return [self._models[row] for row in rows]

    def part(self, name: str, make: Callable[[bytes], Any]) -> Any:
        """Return what `make` made of a block, made once."""
        if name not in self._parts:
            self._parts[name] = make(self.block(name))
        return self._parts[name]

    def block(self, name: str) -> bytes:
        """Return a block as the compiler writes it."""
        models = self._models
        if name == "dated":
            place, rates = _PLACE["pricing"], _PLACE["rates"]
            return dated_block([(c[place], c[rates]) for c in models])
        if name == "refs":
            lines = [f"{c[0]}/{c[1]}" for c in models]
        elif name == "text":
            named = _PLACE["name"]
            lines = [f"{c[0]}/{c[1]} {c[named]}".lower() for c in models]
        else:
            lines = [columns[_PLACE[name]] for columns in models]
        return "\n".join(lines).encode()

    def items(self, block: str) -> list[str]:
        """Return the names in a block's directory."""
        return list(self._members() if block == "bits" else ORDERED)

    def item(self, block: str, name: str) -> bytes | None:
        """Return an item of the blocks `bits` and `columns`."""
        if block == "bits":
            rows = self._members().get(name)
            return None if rows is None else bitset(rows, len(self._models))
        column = name.partition(".")[0]
        found = self._columns.get(column)
        if found is None:
            values = [
                prices[column] if column in prices else ordered_fact(columns, column)
                for columns, prices in zip(self._models, self._prices, strict=True)
            ]
            found = self._columns[column] = column_items(column, values)
        return found.get(name)

    def _members(self) -> dict[str, list[int]]:
        """Return the rows of every set."""
        if not self._sets:
            sets: dict[str, list[int]] = {}
            for row, columns in enumerate(self._models):
                for name in memberships(columns):
                    if name in sets:
                        sets[name].append(row)
                    else:
                        sets[name] = [row]
            self._sets = sets
        return self._sets


def _prices(columns: Sequence[str]) -> Facts:
    """Return what rows are ordered by."""
    found = {name: ordered_fact(columns, name) for name in ("input", "output")}
    return {**found, "ref": f"{columns[0]}/{columns[1]}"}


def on_day(catalog: Catalog, day: str, *, default_filter: bool = True) -> Catalog:
    """Return the same catalogue, with statuses and prices judged on another day."""
    return Catalog(catalog.snapshot, lambda: day, default_filter=default_filter)
