"""Models held in memory, asked as a snapshot is: the catalogue of a day gone by.

What an index reads of a snapshot's blocks is made when it is first asked for, since
most questions need little of it. Nothing of it is packed, checked or written.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from modeldex.catalog import Catalog
from modeldex.catalog.compile import (
    ORDERED,
    SET_PLACES,
    bitset,
    column_items,
    ordered_fact,
    row_order,
    words_of,
)
from modeldex.catalog.dated import dated_block
from modeldex.catalog.encode import amount_of
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
        self._models, self._prices = _ordered(models)
        self._rows = {(c[0], c[1]): row for row, c in enumerate(self._models)}
        self.providers = dict(providers)
        self.size = len(models)
        counts = {"models": self.size, "providers": len(providers)}
        self.meta = {**meta, **counts}
        self.digest = digest
        self.path = path
        self._parts: dict[str, Any] = {}
        self._names: list[str] = []
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
        if block != "bits":
            return list(ORDERED)
        if not self._names:
            names = set(map("provider:{}".format, self.providers))
            for kind, place in SET_PLACES.items():
                for text in {columns[place] for columns in self._models}:
                    names.update(f"{kind}:{word}" for word in words_of(kind, text))
            self._names = sorted(names)
        return self._names

    def item(self, block: str, name: str) -> bytes | None:
        """Return an item of the blocks `bits` and `columns`."""
        if block == "bits":
            kind, _, word = name.partition(":")
            return bitset(self._members(kind, word), len(self._models))
        column = name.partition(".")[0]
        found = self._columns.get(column)
        if found is None:
            values = self._prices.get(column)
            if values is None:
                values = [ordered_fact(columns, column) for columns in self._models]
            found = self._columns[column] = column_items(column, values)
        return found.get(name)

    def _members(self, kind: str, word: str) -> list[int]:
        """Return the rows of a named set."""
        place = 0 if kind == "provider" else SET_PLACES[kind]
        texts = [columns[place] for columns in self._models]
        if kind == "provider":
            return [row for row, text in enumerate(texts) if text == word]
        holding = {text for text in set(texts) if word in words_of(kind, text)}
        return [row for row, text in enumerate(texts) if text in holding]


def _ordered(
    models: Sequence[list[str]],
) -> tuple[list[list[str]], dict[str, list[Any]]]:
    """Return models in the order of rows, and their prices."""
    place = _PLACE["pricing"]
    known: dict[str, tuple[Any, Any]] = {}
    keyed = []
    for columns in models:
        text = columns[place]
        prices = known.get(text)
        if prices is None:
            both = [amount_of(text, name) for name in ("input", "output")]
            prices = known[text] = (both[0], both[1])
        taken, given = prices
        ref = f"{columns[0]}/{columns[1]}"
        facts = {"input": taken, "output": given, "ref": ref}
        keyed.append((row_order(facts), taken, given, columns))
    keyed.sort(key=itemgetter(0))
    found = {"input": [k[1] for k in keyed], "output": [k[2] for k in keyed]}
    return [k[3] for k in keyed], found


def on_day(catalog: Catalog, day: str) -> Catalog:
    """Return the same catalogue, with statuses and prices judged on another day."""
    from modeldex.catalog.delta import DeltaCatalog, delta_catalog

    if isinstance(catalog, DeltaCatalog):
        over = catalog.snapshot
        base = on_day(catalog.base, day)
        return delta_catalog(base, over.changed, over.providers, over.meta)  # type: ignore[attr-defined]
    filtered = catalog.filtered
    return Catalog(catalog.snapshot, lambda: day, default_filter=filtered)


def changed_catalog(
    catalog: Catalog, changed: Mapping[tuple[str, str], list[str]], day: str
) -> Catalog:
    """Return a catalogue of a day with some models changed."""
    from modeldex.catalog.delta import DeltaCatalog, delta_catalog

    meta = {"date": day, "as_of": day}
    if isinstance(catalog, DeltaCatalog):
        over = catalog.snapshot
        both = {**over.changed, **changed}  # type: ignore[attr-defined]
        return delta_catalog(catalog.base, both, over.providers, meta)
    return delta_catalog(catalog, changed, None, meta)
