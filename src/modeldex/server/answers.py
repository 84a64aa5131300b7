"""Answers that are known: their bytes, as they are and packed, within bounds."""

from __future__ import annotations

import asyncio
import gzip
from collections import OrderedDict

MOST_ANSWERS, MOST_BYTES = 2_000, 64 * 2**20
Key = tuple[bytes, bytes, bytes]  # path, query, Accept
Pairs = list[tuple[bytes, bytes]]


class Answer:
    """What was answered: its bytes by how they are packed, each with its headers.

    `size` is all that it takes, its key too; `kept` says whether it is among those
    that are kept: only then does what is added to it count.
    """

    __slots__ = (
        "bodies",
        "etag",
        "headers",
        "kept",
        "more",
        "packing",
        "packs",
        "size",
    )

    def __init__(
        self, etag: bytes, more: Pairs, body: bytes, *, packs: bool = True
    ) -> None:
        self.etag, self.more, self.packs = etag, more, packs
        self.bodies = {b"": body}
        self.headers: dict[bytes, Pairs] = {}
        self.packing: dict[bytes, asyncio.Task[bytes]] = {}
        self.size, self.kept = len(body), False


class Answers:
    """Those that are kept; the longest not asked for go first."""

    def __init__(self) -> None:
        self._known: OrderedDict[Key, Answer] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._known)

    def get(self, key: Key) -> Answer | None:
        """Return a known answer, or None."""
        found = self._known.get(key)
        if found is not None:
            self._known.move_to_end(key)
        return found

    def keep(self, key: Key, answer: Answer) -> None:
        """Keep an answer, in place of an older one."""
        if answer.size > MOST_BYTES // 4:
            return
        self._drop(key)
        answer.size += sum(map(len, key))
        answer.kept = True
        self._known[key] = answer
        self.bytes += answer.size
        self._bound()

    def clear(self) -> None:
        """Forget all."""
        for key in list(self._known):
            self._drop(key)

    async def packed(self, answer: Answer, how: bytes) -> bytes:
        """Return an answer's bytes packed; who asks meanwhile waits for the same."""
        body = answer.bodies.get(how)
        if body is not None:
            return body
        task = answer.packing.get(how)
        if task is None:
            task = asyncio.create_task(self._pack(answer, how))
            answer.packing[how] = task
        return await asyncio.shield(task)

    async def _pack(self, answer: Answer, how: bytes) -> bytes:
        try:
            body = await asyncio.to_thread(packed, answer.bodies[b""], how)
            answer.bodies[how] = body
            answer.size += len(body)
            if answer.kept:
                self.bytes += len(body)
                self._bound()
            return body
        finally:
            del answer.packing[how]

    def _drop(self, key: Key) -> None:
        answer = self._known.pop(key, None)
        if answer is not None:
            answer.kept = False
            self.bytes -= answer.size

    def _bound(self) -> None:
        while len(self._known) > MOST_ANSWERS or self.bytes > MOST_BYTES:
            self._drop(next(iter(self._known)))


def packed(body: bytes, how: bytes) -> bytes:
    """Return bytes in an encoding of HTTP: br or gzip."""
    if how == b"br":
        import brotli  # type: ignore[import-untyped]

        found: bytes = brotli.compress(body, quality=4)
        return found
    return gzip.compress(body, 6, mtime=0)
