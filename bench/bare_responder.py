"""Answer every request with the same bytes: what a service cannot do faster than.

python bench/bare_responder.py PORT FILE
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import uvloop


class Same(asyncio.Protocol):
    """Writes the bytes at the end of each head of a request."""

    def __init__(self, answer: bytes) -> None:
        self._answer, self._held = answer, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep whom to write to."""
        self._to = transport

    def data_received(self, data: bytes) -> None:
        """Answer each head that is whole."""
        self._held += data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            self._held = self._held[end + 4 :]
            self._to.write(self._answer)  # type: ignore[attr-defined]


async def serve(port: int, answer: bytes) -> None:
    """Listen on this host until killed."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Same(answer), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), Path(sys.argv[2]).read_bytes()))
