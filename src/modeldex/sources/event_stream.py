"""Server-sent events, read as their bytes come."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_EVENT = 65_536  # bytes of an event
_MAX_ID = 200


class Event(NamedTuple):
    """An event: its id, its kind, and its data."""

    id: str
    kind: str
    data: str


class EventReader:
    """Cuts a stream of bytes into events; raises ValueError for one without an end."""

    def __init__(self) -> None:
        self._rest = b""
        self._id = ""
        self._kind, self._data = "", list[str]()

    def feed(self, data: bytes) -> Iterator[Event]:
        """Yield the events that are whole with these bytes."""
        lines = (self._rest + data).replace(b"\r\n", b"\n").split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            event = self._line(line.decode("utf-8", "replace"))
            if event is not None:
                yield event
        if len(self._rest) + sum(map(len, self._data)) > MAX_EVENT:
            raise ValueError("an event is too large")

    def _line(self, line: str) -> Event | None:
        if not line:
            kind, data = self._kind or "message", "\n".join(self._data)
            is_event = bool(self._data)
            self._kind, self._data = "", []
            return Event(self._id, kind, data) if is_event else None
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._kind = value
        elif name == "id" and value.isprintable() and len(value) <= _MAX_ID:
            self._id = value if value.isascii() else self._id
        return None
