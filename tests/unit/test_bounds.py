"""The numbers of request parameters: exact, and read alike from everywhere."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from modeldex.catalog.encode import decode, encode
from modeldex.domain.change import Fact, dump_fact, read_fact

NAME = "request_parameters.penalty"


@pytest.mark.parametrize(
    "row",
    [
        {"min": Decimal(-2), "max": Decimal("2.5"), "default": Decimal("0.0")},
        {"default": "auto", "values": ["1", "2"]},
        {"default": "NaN"},
        {"default": "Infinity"},
        {"default": "1e3"},
        {"default": "\u0661"},
        {"default": "-"},
        {"default": "1.2.3"},
        {"default": ""},
        True,
        False,
    ],
    ids=str,
)
def test_a_snapshot_and_a_store_give_what_was_written(row: Any) -> None:
    columns = encode("p", "m", {"request_parameters": {"penalty": row}})
    kept = decode(columns)["request_parameters"]["penalty"]
    stored = read_fact(NAME, dump_fact(Fact(row, "litellm")))

    assert kept == row
    assert stored == Fact(row, "litellm")
    assert stored is not None
    if isinstance(row, dict):  # a number and its text are not equal; nor are the types
        assert all(type(kept[name]) is type(stored.value[name]) for name in row)
