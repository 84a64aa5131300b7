"""Many models: what a program's first query needs, so that it loads little else."""

from modeldex.catalog import Lookup
from modeldex.catalog.query import Query, Vocabulary, both
from modeldex.catalog.values import refused
from modeldex.domain.capability import CAPABILITIES, MODALITIES, MODES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal
    from typing import TypedDict, Unpack

    from modeldex.catalog import Catalog
    from modeldex.catalog.index import Index
    from modeldex.domain.model import Model

    Price = int | float | str | Decimal

    class Terms(TypedDict, total=False):
        """Keywords of `find`; None stands for not given."""

        capabilities: str | Iterable[str] | None
        without: str | Iterable[str] | None
        maybe: str | Iterable[str] | None
        provider: str | Iterable[str] | None
        mode: str | Iterable[str] | None
        modalities: str | Iterable[str] | None
        family: str | Iterable[str] | None
        canonical: str | Iterable[str] | None
        status: str | Iterable[str] | None
        min_context: int | str | None
        max_context: int | str | None
        min_output: int | str | None
        min_input_price: Price | None
        max_input_price: Price | None
        min_output_price: Price | None
        max_output_price: Price | None
        released_after: str | None
        released_before: str | None
        open_weights: bool | None
        text: str | None
        sort: str | None
        limit: int | None
        offset: int | None


_FEW, _SPARED = 16, 8


class Finder(Lookup):
    """A lookup that answers queries too."""

    __slots__ = ()

    def query(
        self, query: "str | Query | None" = None, /, **terms: "Unpack[Terms]"
    ) -> "Query":
        """Parse a query given as text, as keywords, or as both."""
        known = self._ask(lambda catalog: catalog.vocabulary)
        asked = Query.of(terms, known)
        if query is None:
            return asked
        if isinstance(query, Query):
            query = str(query)
        if not isinstance(query, str):
            message = f"a query is text or keywords, not {type(query).__name__}"
            raise refused(message)
        return both(Query.parse(query, known), asked)

    def find(
        self, query: "str | Query | None" = None, /, **terms: "Unpack[Terms]"
    ) -> "list[Model]":
        """Return the models that answer a query, in its order.

        The query is text (`vision min_context:100k sort:input`), keywords
        (`capabilities="vision", min_context=100_000, sort="input"`), or both.
        Retired models are left out unless `status` says otherwise; a price
        bound or order sees listed prices and stated free ones only. Prices are
        USD per 1,000,000 tokens. Raises InvalidQueryError.
        """
        asked = self.query(query, **terms)

        def answer(catalog: "Catalog") -> "list[Model]":
            return catalog.models(catalog.rows(asked))

        return self._ask(answer)

    def find_refs(
        self, query: "str | Query | None" = None, /, **terms: "Unpack[Terms]"
    ) -> "list[str]":
        """Return the refs alone of the models that answer a query."""
        asked = self.query(query, **terms)

        def answer(catalog: "Catalog") -> "list[str]":
            return _refs(catalog.index, catalog.rows(asked))

        return self._ask(answer)


def _refs(index: "Index", rows: "list[int]") -> "list[str]":
    """Return the refs of rows; the first questions read a few without all others."""
    if len(rows) <= _FEW and index.spared < _SPARED:
        index.spared += 1
        return ["/".join(m[:2]) for m in index.snapshot.rows_columns(rows)]
    refs = index.refs
    return [refs[row] for row in rows]


def vocabulary_of(catalog: "Catalog") -> Vocabulary:
    """Return what a query may name in a catalogue."""
    names = catalog.index.names

    def provider(name: str) -> str:
        from modeldex.catalog.resolve import provider_in

        return provider_in(catalog, name)

    return Vocabulary(
        frozenset((*CAPABILITIES, *names("yes"), *names("no"))),
        frozenset((*MODES, *names("mode"))),
        frozenset((*MODALITIES, *names("input"), *names("output"))),
        provider,
    )
