"""Layers in, snapshot out; snapshot in, answers out.

The catalog itself is here, and the lookup of one model in it, so that the first
answer of a program loads little else.
"""

from modeldex.domain.model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from modeldex.catalog.index import Index
    from modeldex.catalog.query import Query
    from modeldex.catalog.snapshot import Snapshot

    T = TypeVar("T")

_MEMO_LIMIT = 4096


class Catalog:
    """An immutable catalogue: get one model, find the rows of many.

    `today` returns the ISO day on which statuses are judged; `default_filter`
    says whether `rows` leaves out retired models by default. `known` keeps the
    models that were asked for by name.
    """

    __slots__ = ("_default_filter", "_index", "_today", "known", "snapshot")

    def __init__(
        self,
        snapshot: "Snapshot",
        today: "Callable[[], str]",
        *,
        default_filter: bool = True,
    ) -> None:
        self.snapshot = snapshot
        self.known: dict[str, dict[str | None, Model]] = {}
        self._today = today
        self._default_filter = default_filter
        self._index: Index | None = None

    def get(self, provider: str, model_id: str) -> "Model | None":
        """Return a model by its exact ids, or None."""
        columns = self.snapshot.columns(provider, model_id)
        return None if columns is None else Model(columns, self._today)

    def models(self, rows: "list[int]") -> "list[Model]":
        """Return the models in rows."""
        columns, today = self.snapshot.row_columns, self._today
        return [Model(columns(row), today) for row in rows]

    @property
    def index(self) -> "Index":
        """The index, loaded with the first query."""
        if self._index is None:
            from modeldex.catalog.index import Index

            self._index = Index(
                self.snapshot, self._today, default_filter=self._default_filter
            )
        return self._index

    @property
    def refs(self) -> "list[str]":
        """Refs by row."""
        return self.index.refs

    def rows(self, query: "Query") -> "list[int]":
        """Return the rows that answer a query, in its order, its page only."""
        return self.index.rows(query)


class Lookup:
    """A catalog that may be swapped, and the models asked for by name.

    `load` is told "open", "reload" or "damaged" and returns the catalog to use.
    """

    __slots__ = ("_load", "catalog", "known")

    def __init__(self, load: "Callable[[str], Catalog]") -> None:
        self._load = load
        self._use(load("open"))

    def _use(self, catalog: Catalog) -> None:
        """Swap to a catalog; a read in progress keeps the one it has."""
        self.catalog = catalog
        self.known = catalog.known

    def _ask(self, question: "Callable[[Catalog], T]") -> "T":
        """Ask the catalog; when it turns out damaged, ask the next one."""
        try:
            return question(self.catalog)
        except Exception as error:
            from modeldex.errors import SnapshotDamagedError

            if not isinstance(error, SnapshotDamagedError):
                raise
            self._use(self._load("damaged"))
            return question(self.catalog)

    def get_info(self, provider: str, model_id: "str | None" = None) -> Model:
        """Return a model by provider and id, or by a ref alone.

        Raises UnknownProviderError, UnknownModelError or InvalidRefError.
        """
        try:
            return self.known[provider][model_id]
        except (KeyError, TypeError):
            return self._ask(lambda catalog: _remember(catalog, provider, model_id))


def _remember(catalog: Catalog, provider: str, model_id: "str | None") -> Model:
    """Get a model and keep it for the next time it is asked for."""
    model = None
    if model_id and isinstance(provider, str) and isinstance(model_id, str):
        model = catalog.get(provider, model_id)
    if model is None:
        from modeldex.catalog.resolve import get_model

        model = get_model(catalog, provider, model_id)
    if len(catalog.known) > _MEMO_LIMIT:
        catalog.known.clear()
    of_provider = catalog.known.setdefault(provider, {})
    if len(of_provider) > _MEMO_LIMIT:
        of_provider.clear()
    of_provider[model_id] = model
    return model
