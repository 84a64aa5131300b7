"""The catalogue in the formats of others."""

from modeldex.catalog.finder import Finder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Unpack

    from modeldex.catalog.finder import Terms
    from modeldex.catalog.query import Query
    from modeldex.usecases.exports.export import Export


class Exports(Finder):
    """What a registry gives to the programs of others."""

    __slots__ = ()

    def export(
        self,
        format: str,  # noqa: A002
        query: "str | Query | None" = None,
        /,
        **terms: "Unpack[Terms]",
    ) -> "Export":
        """Return the models that answer a query in a format, and what it loses.

        Formats are litellm, models.dev, openrouter, genai-prices, exllm, sqlite, csv,
        jsonl and parquet. Without a query it is what `find` shows; `status="any"`
        has the retired ones too. Prices are those of the day, exactly. Raises
        InvalidInputError for an unknown format, InvalidQueryError, and
        MissingExtraError for Parquet without pyarrow.
        """
        from modeldex.usecases.exports.export import export

        asked = self.query(query, **terms)
        return self._ask(lambda catalog: export(catalog, format, asked))
