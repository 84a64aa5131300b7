"""A member of a zip file, read in pieces: damage is refused, never served."""

from __future__ import annotations

import random
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile

import pytest

from modeldex.errors import SourceFormatError
from modeldex.sources.zip_range import TAIL, read_member
from package_server import END, ENTRY, LOCAL, changed, wheel

NAME = "acme/map.json"
DATA = b'{"m": {"cost": 2.50}}' * 40
WHEEL = wheel({"acme/__init__.py": b"", NAME: DATA, "acme/map.jsonl": b"else"}, 90_000)


def _read(data: bytes, name: str = NAME, limit: int = 10_000) -> bytes | None:
    def read(start: int, length: int) -> bytes:
        return data[start : start + length]

    return read_member(read, data[-TAIL:], len(data), name, limit)


def test_a_member_is_found_by_its_whole_name() -> None:
    assert _read(WHEEL) == DATA
    assert _read(WHEEL, "acme/map.jsonl") == b"else"
    assert _read(WHEEL, "acme/map") is None
    assert _read(WHEEL, "acme/map.jso") is None


def test_a_member_that_is_not_packed_and_a_remark_at_the_end() -> None:
    into = BytesIO()
    with ZipFile(into, "w", ZIP_STORED) as archive:
        archive.writestr(NAME, DATA)
        archive.comment = b"PK\x05\x06" + b"n" * 3_000
    assert _read(into.getvalue()) == DATA


def test_a_large_member_is_refused_unread() -> None:
    assert _read(WHEEL, limit=len(DATA)) == DATA
    with pytest.raises(SourceFormatError, match="larger"):
        _read(WHEEL, limit=len(DATA) - 1)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice_is_refused() -> None:
    into = BytesIO(WHEEL)
    with ZipFile(into, "a") as archive:
        archive.writestr(NAME, b"another")
    with pytest.raises(SourceFormatError, match="2 times"):
        _read(into.getvalue())


@pytest.mark.parametrize(
    ("mark", "at", "form", "value"),
    [
        pytest.param(END, 16, "<L", 5, id="the list is elsewhere"),
        pytest.param(END, 16, "<L", 2**31, id="the list is outside"),
        pytest.param(END, 12, "<L", 2**31, id="the list is larger than the file"),
        pytest.param(END, 12, "<L", 7, id="the list is cut short"),
        pytest.param(ENTRY, 16, "<L", 1, id="another CRC"),
        pytest.param(ENTRY, 20, "<L", 7, id="packed smaller"),
        pytest.param(ENTRY, 24, "<L", 7, id="unpacked smaller"),
        pytest.param(ENTRY, 24, "<L", 900_000, id="unpacked larger"),
        pytest.param(ENTRY, 42, "<L", 9, id="the member is elsewhere"),
        pytest.param(ENTRY, 42, "<L", 2**31, id="the member is outside"),
        pytest.param(ENTRY, 10, "<H", 12, id="another way of packing"),
        pytest.param(ENTRY, 8, "<H", 1, id="encrypted"),
        pytest.param(LOCAL, 0, "<L", 0, id="no head of the member"),
        pytest.param(LOCAL, 26, "<H", 3, id="a shorter name"),
        pytest.param(LOCAL, 30, "<B", 0x41, id="another name"),
    ],
)
def test_what_is_damaged_is_refused(
    mark: bytes, at: int, form: str, value: int
) -> None:
    last = wheel({"acme/__init__.py": b"", NAME: DATA}, 90_000)
    assert _read(last) == DATA
    with pytest.raises(SourceFormatError):
        _read(changed(last, mark, at, form, value))


@pytest.mark.parametrize("seed", range(3))
def test_no_other_content_is_ever_read(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(150):
        data = bytearray(WHEEL)
        for _ in range(chance.choice((1, 3))):
            data[-chance.randrange(1, 1_200)] = chance.randrange(256)
        part = bytes(data[: len(data) - chance.choice((0, 0, 0, 7))])
        try:
            found = _read(part)
        except SourceFormatError:
            continue
        assert found in (DATA, None)
