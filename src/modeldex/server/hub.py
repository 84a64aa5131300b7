"""What happens, told to whoever listens: revisions, and syncs under way."""

from __future__ import annotations

import asyncio
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from modeldex.errors import TooManyRequestsError
from modeldex.usecases.records import json_bytes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

ALIVE = 15.0  # seconds after which a silent stream says that it is there
MOST_LISTENERS = 1_000  # of a process
_AGAIN = 10.0  # seconds after which one more may be let in
_WAITING = 1_000  # events for a slow listener; older ones go, the newest says it all


class Event(NamedTuple):
    """Something that happened; `id` is where a listener may go on."""

    name: str
    data: Any
    id: str = ""

    def text(self) -> bytes:
        """Write it as a stream of events has it."""
        lines = [f"event: {self.name}"]
        if self.id:
            lines.insert(0, f"id: {self.id}")
        return "\n".join([*lines, "data: "]).encode() + json_bytes(self.data) + b"\n\n"


def revision_event(place: Mapping[str, Any]) -> Event:
    """Return the event of a revision that is served."""
    return Event("revision", dict(place), f"{place['epoch']}:{place['revision']}")


_END = Event("end", None)  # is told to nobody


class Hub:
    """Tells listeners; may be told by any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._queues: dict[asyncio.Queue[Event], asyncio.AbstractEventLoop] = {}
        self._ended = False

    def __len__(self) -> int:
        return len(self._queues)

    def tell(self, event: Event) -> None:
        """Tell everybody who listens."""
        with self._lock:
            found = list(self._queues.items())
        for queue, loop in found:
            if not loop.is_closed():
                loop.call_soon_threadsafe(_put, queue, event)

    def end(self) -> None:
        """End all streams: the process is about to."""
        self._ended = True
        self.tell(_END)

    def admit(self) -> None:
        """Raise TooManyRequestsError where there are listeners enough."""
        if len(self) >= MOST_LISTENERS:
            message = f"{MOST_LISTENERS} listen already; ask another instance, or again"
            raise TooManyRequestsError(message, _AGAIN)

    async def moved(self, seconds: float) -> None:
        """Wait until something happens, or so long."""
        queue: asyncio.Queue[Event] = asyncio.Queue(1)
        with self._lock:
            self._queues[queue] = asyncio.get_running_loop()
        try:
            await asyncio.wait_for(queue.get(), seconds)
        except TimeoutError:
            pass
        finally:
            with self._lock:
                del self._queues[queue]

    async def listen(
        self,
        missed: Callable[[], list[Event]],
        timeout: float | None,  # noqa: ASYNC109  the stream's length
    ) -> AsyncIterator[bytes]:
        """Yield what was missed, then what happens, until the time is over.

        What was missed is asked for once all that happens is heard, so that nothing
        falls between; of an epoch no revision is told after a later one.
        """
        queue: asyncio.Queue[Event] = asyncio.Queue(_WAITING)
        loop = asyncio.get_running_loop()
        with self._lock:
            self._queues[queue] = loop
        end = None if timeout is None else loop.time() + timeout
        try:
            yield b": modeldex\n\n"
            last = ""
            for event in missed():
                last = event.id
                yield event.text()
            while not self._ended and (end is None or loop.time() < end):
                left = ALIVE if end is None else min(ALIVE, end - loop.time())
                try:
                    event = await asyncio.wait_for(queue.get(), max(left, 0.001))
                except TimeoutError:
                    yield b": alive\n\n"
                    continue
                if event is _END:
                    break
                if not event.id or _is_later(event.id, last):
                    last = event.id or last
                    yield event.text()
        finally:
            with self._lock:
                del self._queues[queue]


def _is_later(one: str, other: str) -> bool:
    """Compare what names revisions; any of another epoch is later."""
    (epoch, _, number), (known, _, seen) = one.rpartition(":"), other.rpartition(":")
    return epoch != known or int(number) > int(seen)


def _put(queue: asyncio.Queue[Event], event: Event) -> None:
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(event)
