"""Parquet: one row per model, prices as exact decimals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.errors import MissingExtraError
from modeldex.usecases.exports.losses import Losses
from modeldex.usecases.exports.tabular import (
    AMOUNT,
    COLUMNS,
    COUNT,
    FLAG,
    LIST,
    as_text,
    cells,
)

if TYPE_CHECKING:
    from decimal import Decimal

    from modeldex.usecases.exports.view import View

# digits of a price, in all and behind the point: what every reader of Parquet takes,
# and what holds any price that the schema of YAML allows
_USUAL, _WIDE = (38, 24), (76, 48)
_TYPED = (AMOUNT, COUNT, FLAG, LIST)


def make(view: View) -> tuple[bytes, Losses]:
    """Return a Parquet file, and that it carries everything.

    Raises MissingExtraError without pyarrow.
    """
    try:
        import pyarrow as pa  # type: ignore[import-untyped]
        import pyarrow.parquet as pq  # type: ignore[import-untyped]
    except ImportError as error:
        message = "Parquet needs pyarrow: pip install 'modeldex[parquet]'"
        raise MissingExtraError(message) from error
    losses = Losses(keep=view.keep)
    losses.carry_of_providers(view.providers)
    wide = False
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    for model in view.rows():
        row = cells(model)
        for name, kind in COLUMNS.items():
            value = row.get(name)
            if value is not None and kind not in _TYPED:
                value = as_text(value, kind)
            elif kind == AMOUNT and value is not None:
                wide = wide or not _is_usual(value)
            columns[name].append(value)
        losses.compare(model.ref, model.facts, model.facts)
    types = {
        AMOUNT: pa.decimal256(*_WIDE) if wide else pa.decimal128(*_USUAL),
        COUNT: pa.int64(),
        FLAG: pa.bool_(),
        LIST: pa.list_(pa.string()),
    }
    schema = pa.schema(
        [(name, types.get(kind, pa.string())) for name, kind in COLUMNS.items()]
    )
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns, schema=schema), sink, compression="zstd")
    return sink.getvalue().to_pybytes(), losses


def _is_usual(amount: Decimal) -> bool:
    """Tell whether an amount has a place in the usual type."""
    digits, places = _USUAL
    whole = amount.adjusted() + 1
    return -int(amount.as_tuple().exponent) <= places and whole <= digits - places
