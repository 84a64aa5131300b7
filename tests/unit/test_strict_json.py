"""JSON from outside is read strictly, and nothing of it is in an error."""

from __future__ import annotations

from decimal import Decimal

import pytest

from modeldex.errors import SourceFormatError
from modeldex.sources.strict_json import MAX_DEPTH, read_json


def test_numbers_are_exact() -> None:
    """Whole numbers are int, all others Decimal, as they are written."""
    payload = (
        b'\xef\xbb\xbf{"a": 0.0000003, "b": 3e-07, "c": 128000, "d": -1, "e": 1.50}'
    )
    found = read_json(payload)
    assert found == {
        "a": Decimal("0.0000003"),
        "b": Decimal("3e-07"),
        "c": 128000,
        "d": -1,
        "e": Decimal("1.50"),
    }
    assert [type(value) for value in found.values()] == [
        *(Decimal, Decimal, int, int, Decimal),
    ]
    deep = b"[" * (MAX_DEPTH - 1) + b"1" + b"]" * (MAX_DEPTH - 1)
    assert read_json(deep)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"secret",
        b'{"data": [{"id": "secret"',
        b'{"secret": 1, "secret": 2}',
        b'{"a": [{"secret": 1, "secret": 1}]}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e999999999}',
        b'{"a": 1e-999999999}',
        b'{"a": 1e99999999999999999999}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": 0.' + b"1" * 5000 + b"}",
        b"[" * 100 + b"]" * 100,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 80 + b"1" + b"}" * 80,
        b'{"a": 1} secret',
        b'{"a": "\xff\xfe"}',
        '{"a": 1}'.encode("utf-16"),
        b"{'a': 1}",
        b'{"a": 01}',
        b'{"a": 1,}',
        b'{"a": "line\nsecret"}',
    ],
    ids=lambda payload: repr(payload[:24]),
)
def test_all_else_is_refused(payload: bytes) -> None:
    """What is no JSON, or without bound, is one error without the text."""
    with pytest.raises(SourceFormatError) as caught:
        read_json(payload)
    assert "secret" not in str(caught.value)
    assert caught.value.__context__ is None
