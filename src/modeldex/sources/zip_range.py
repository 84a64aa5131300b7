"""Read one member of a zip file of which only pieces are at hand.

The end of the file tells where the list of its members is, the list tells where the
member is: three short reads instead of the whole. What is said of sizes and places is
held against the file's own size, the content against its CRC.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from modeldex.errors import SourceFormatError

if TYPE_CHECKING:
    from collections.abc import Callable

    # the bytes of a file from an offset on, exactly so many
    Read = Callable[[int, int], bytes]

# what is read of a file's end at first; a remark may make the end longer than that
TAIL = 16_384
MAX_LIST_BYTES = 16_000_000
_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_END_MARK, _ENTRY_MARK, _LOCAL_MARK = b"PK\x05\x06", b"PK\x01\x02", b"PK\x03\x04"
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 0x1
_MANY, _LARGE = 0xFFFF, 0xFFFFFFFF  # "see the record of zip64"
# the list and the member's own head may disagree on the length of its remarks
_SLACK = 1_024


class Member(NamedTuple):
    """Where a member lies in a zip file, and what it is when unpacked."""

    name: str
    method: int
    crc: int
    packed: int
    size: int
    offset: int


def read_member(
    read: Read, tail: bytes, size: int, name: str, limit: int
) -> bytes | None:
    """Return a member's content, given a zip file's end and how to read more.

    `size` is the file's, `limit` the most that the member may hold; None when there
    is no such member. Raises SourceFormatError when the file is damaged, is of zip64,
    is encrypted, or the member is too large.
    """
    start, length = find_list(tail, size)
    held = size - len(tail)
    if start >= held:
        listed = tail[start - held : start - held + length]
    else:
        listed = read(start, length)
    member = find_member(listed, name)
    if member is None:
        return None
    if member.size > limit:
        _damaged(f"{name} is larger than {limit} bytes")
    span = _LOCAL.size + len(name.encode()) + member.packed
    if member.offset + span > start:
        _damaged(f"{name} does not lie in the file")
    piece = read(member.offset, min(span + _SLACK, start - member.offset))
    return unpack(piece, member)


def find_list(tail: bytes, size: int) -> tuple[int, int]:
    """Return where the list of members is in a file of a size, and its length."""
    place = tail.rfind(_END_MARK)
    while place >= 0:
        if len(tail) - place >= _END.size:
            _, disk, _, here, total, length, start, remark = _END.unpack_from(
                tail, place
            )
            if len(tail) - place - _END.size == remark:
                break
        place = tail.rfind(_END_MARK, 0, place)
    else:
        _damaged("it has no end of a zip file")
    if _MANY in (disk, here, total) or _LARGE in (length, start):
        _damaged("it is a zip64 file")
    end = size - len(tail) + place
    if disk or here != total or start + length > end or length > MAX_LIST_BYTES:
        _damaged("the list of its members is damaged")
    return start, length


def find_member(listed: bytes, name: str) -> Member | None:
    """Return the one entry of a name in a list of members."""
    wanted = name.encode()
    found: list[Member] = []
    at = 0
    while at < len(listed):
        if len(listed) - at < _ENTRY.size or listed[at : at + 4] != _ENTRY_MARK:
            _damaged("the list of its members is damaged")
        row = _ENTRY.unpack_from(listed, at)
        flags, method, crc, packed, size = row[3], row[4], *row[7:10]
        named, extra, remark, offset = *row[10:13], row[16]
        start = at + _ENTRY.size
        if listed[start : start + named] == wanted:
            if _LARGE in (packed, size, offset):
                _damaged("it is a zip64 file")
            if flags & _ENCRYPTED or method not in (_STORED, _DEFLATED):
                _damaged(f"{name} is packed in a way that is not read")
            found.append(Member(name, method, crc, packed, size, offset))
        at = start + named + extra + remark
    if len(found) > 1:
        _damaged(f"{name} is there {len(found)} times")
    return found[0] if found else None


def unpack(piece: bytes, member: Member) -> bytes:
    """Return a member's content out of the bytes from its own head on."""
    if len(piece) < _LOCAL.size or piece[:4] != _LOCAL_MARK:
        _damaged(f"{member.name} does not begin where it is said to")
    named, extra = _LOCAL.unpack_from(piece)[-2:]
    start = _LOCAL.size + named + extra
    packed = piece[start : start + member.packed]
    if piece[_LOCAL.size : _LOCAL.size + named] != member.name.encode():
        _damaged(f"{member.name} does not begin where it is said to")
    if len(packed) != member.packed:
        _damaged(f"{member.name} is cut short")
    data = packed
    if member.method == _DEFLATED:
        try:
            # one byte more than is said would be too many
            data = zlib.decompressobj(-15).decompress(packed, member.size + 1)
        except zlib.error as error:
            _damaged(f"{member.name}: {error}")
    if len(data) != member.size or zlib.crc32(data) != member.crc:
        _damaged(f"{member.name} is not what its CRC says")
    return data


def _damaged(message: str) -> NoReturn:
    raise SourceFormatError(message)
