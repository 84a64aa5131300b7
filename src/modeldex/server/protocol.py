"""HTTP as uvicorn speaks it by httptools, with bounds on the head of a request."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD = 65_536  # bytes that a head may go on for after those that began it
HEAD_WITHIN = 15.0  # seconds from the first bytes of a head to its end
_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)
_TOO_LATE = (
    b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
)


class BoundedProtocol(HttpToolsProtocol):
    """Refuses heads that are too long or do not end.

    A head that came at once, as nearly all do, costs one comparison.
    """

    _head: Any = None
    """The scope of a head that has begun and not ended."""
    _heard = 0

    def connection_made(self, transport: Any) -> None:
        """Give a connection as long to say something as a head to end."""
        super().connection_made(transport)
        self.loop.call_later(HEAD_WITHIN, self._look_first)

    def shutdown(self) -> None:
        """End what is under way; streams would go on for as long as somebody reads."""
        super().shutdown()
        scope: Any = self.scope
        end = None if scope is None else scope.get("state", {}).get("end")
        if end is not None:
            end()

    def data_received(self, data: bytes) -> None:
        """Parse what came; see whether a head goes on for too long."""
        super().data_received(data)
        head: Any = self.scope
        if head is None or "method" in head:
            return
        if self._head is not head:  # it began in this data, after what was before it
            self._head, self._heard = head, 0
            self.loop.call_later(HEAD_WITHIN, self._look, head)
            return
        self._heard += len(data)
        if self._heard > MOST_HEAD:
            self._refuse(_TOO_LARGE)

    def _look_first(self) -> None:
        """End a connection on which nothing came."""
        if self.scope is None and not self.transport.is_closing():
            self.transport.close()

    def _look(self, head: Any) -> None:
        """End a connection whose head has not ended in time."""
        if self.scope is head and "method" not in head:
            self._refuse(_TOO_LATE)

    def _refuse(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()
