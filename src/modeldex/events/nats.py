"""Events by NATS: a subject per environment, and a stream that keeps its last messages.

Instances hear the subject itself, at once; the stream is for those who were away: they
are told its last message when they are back. A loop in a thread of its own does the
talking. Nothing here is needed for instances to agree: they poll the store as well.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from modeldex.errors import (
    EventsUnavailableError,
    InvalidSettingsError,
    MissingExtraError,
)
from modeldex.events.hearers import Hearers
from modeldex.events.message import (
    LONGEST,
    message_id,
    read_message,
    subject_of,
    write_message,
)

try:
    import nats
    import nats.errors
    import nats.js.errors
    from nats.aio.client import Client
    from nats.js.api import DiscardPolicy, StreamConfig
except ImportError as error:
    raise MissingExtraError(
        "events by NATS need the extra nats: pip install 'modeldex[nats]'"
    ) from error

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from modeldex.ports import Head

KEPT = 8  # messages in the stream; the database has the history
_PORT = 4222
_SCHEMES = ("nats", "tls")
_CONNECT_SECONDS = 2
_AGAIN_SECONDS = 0.25  # between two attempts to connect
_ACK_SECONDS = 0.5
_CALL_SECONDS = 4.0  # a call from another thread
_PING_SECONDS = 5  # a broker that is silent twice is away
_DUPLICATES_SECONDS = 120.0
_LOG = logging.getLogger("modeldex.events")
_ERRORS = (nats.errors.Error, OSError, asyncio.TimeoutError)


class _Client(Client):
    """A client that says no password in the clear where its URL asks for TLS."""

    def _connect_command(self) -> bytes:
        server, info = self._current_server, self._server_info
        if server is None or (
            server.uri.scheme == "tls" and not info.get("tls_required")
        ):
            raise nats.errors.Error("the broker does not speak TLS, which its URL asks")
        return super()._connect_command()


class NatsBus:
    """Tells other instances by a NATS server; connects again for ever.

    Raises InvalidSettingsError for a URL that cannot be read.
    """

    def __init__(self, url: str, environment: str = "default") -> None:
        self._servers = [part.strip() for part in url.split(",")]
        self._name = ",".join(map(_shown, self._servers))
        self._subject = subject_of(environment)
        self._stream = f"MODELDEX_{environment}"
        self._hearers = Hearers()
        self._client: Any = None
        self._closed = False
        self._said = ""  # the last trouble that was logged
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._run, name="modeldex-nats", daemon=True
        )
        self._thread.start()

    @property
    def name(self) -> str:
        """Where events go, without a password."""
        return self._name

    def publish(self, head: Head) -> None:
        """Tell that the store is there; raise EventsUnavailableError."""
        if not self.is_up():
            raise EventsUnavailableError(f"{self.name}: the broker does not answer")
        try:
            self._call(self._publish(head))
        except (*_ERRORS, FutureTimeoutError) as error:
            said = str(error) or type(error).__name__
            raise EventsUnavailableError(f"{self.name}: {said}") from error

    def subscribe(self, hear: Callable[[Head], None]) -> Callable[[], None]:
        """Have every event given to `hear`, in a thread of the bus; return an end."""
        return self._hearers.add(hear)

    def is_up(self) -> bool:
        """Tell whether events go through now."""
        client = self._client
        return not self._closed and client is not None and client.is_connected

    def close(self) -> None:
        """Let go of the connection, and end the thread."""
        if self._closed:
            return
        self._closed = True
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._main.cancel)
        self._thread.join(_CALL_SECONDS)

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        found = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            found.result(_CALL_SECONDS)
        except FutureTimeoutError:
            found.cancel()
            raise

    # in the thread

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._main = self._loop.create_task(self._stay())
        try:
            with contextlib.suppress(asyncio.CancelledError):
                self._loop.run_until_complete(self._main)
            left = asyncio.all_tasks(self._loop)
            for task in left:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        finally:
            self._loop.close()

    async def _stay(self) -> None:
        """Be connected; a connection that is closed for good is made anew."""
        while not self._closed:
            client = _Client()
            ended = asyncio.Event()

            async def on_close(ended: asyncio.Event = ended) -> None:
                ended.set()

            async def on_return(client: Any = client) -> None:
                await self._arrive(client)

            try:
                await client.connect(
                    self._servers,
                    name="modeldex",
                    error_cb=self._note,
                    closed_cb=on_close,
                    reconnected_cb=on_return,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=_AGAIN_SECONDS,  # type: ignore[arg-type]
                    connect_timeout=_CONNECT_SECONDS,
                    ping_interval=_PING_SECONDS,
                )
                await client.subscribe(self._subject, cb=self._hear)
                await self._arrive(client)
                self._client = client  # it is up from here on
                await ended.wait()
            except asyncio.CancelledError:
                await _close(client)
                raise
            except Exception as error:  # noqa: BLE001  the thread is to stay
                await self._note(error)
                await _close(client)
            await asyncio.sleep(_AGAIN_SECONDS * 2)

    async def _note(self, error: Exception) -> None:
        """Log what went wrong, once."""
        said = str(error) or type(error).__name__
        if said != self._said:
            _LOG.warning("%s: %s", self.name, said)
        self._said = said

    async def _hear(self, message: Any) -> None:
        head = read_message(message.data)
        if head is not None:
            self._hearers.tell(head)

    async def _arrive(self, client: Any) -> None:
        """See that there is a stream; hear what it was told last."""
        self._said = ""
        try:
            jet = client.jetstream(timeout=_CONNECT_SECONDS)
            await self._make_stream(jet)
            last = await jet.get_last_msg(self._stream, self._subject)
        except nats.js.errors.NotFoundError:
            return
        except _ERRORS as error:
            await self._note(error)
            return
        await self._hear(last)

    async def _make_stream(self, jet: Any) -> None:
        """Make the stream where it is missing."""
        try:
            await jet.stream_info(self._stream)
        except nats.js.errors.NotFoundError:
            with contextlib.suppress(nats.js.errors.BadRequestError):  # another did
                await jet.add_stream(
                    StreamConfig(
                        name=self._stream,
                        description="revisions of a modeldex store",
                        subjects=[self._subject],
                        discard=DiscardPolicy.OLD,
                        max_msgs_per_subject=KEPT,
                        max_msg_size=LONGEST * 4,  # headers too
                        duplicate_window=_DUPLICATES_SECONDS,
                    )
                )

    async def _publish(self, head: Head) -> None:
        """Publish; where no stream answers, make it and publish once more.

        Who listens has heard it by then: a broker without JetStream will do.
        """
        jet = self._client.jetstream(timeout=_CONNECT_SECONDS)
        data, headers = write_message(head), {"Nats-Msg-Id": message_id(head)}
        for attempt in range(2):
            try:
                await jet.publish(
                    self._subject, data, timeout=_ACK_SECONDS, headers=headers
                )
            except (nats.js.errors.NoStreamResponseError, nats.errors.TimeoutError):
                if attempt:
                    break
                try:
                    await self._make_stream(jet)
                except _ERRORS as error:
                    await self._note(error)
                    break
            else:
                return
        await self._client.publish(self._subject, data)
        await self._client.flush(_CONNECT_SECONDS)


def _shown(url: str) -> str:
    """Return a URL without its password; raise InvalidSettingsError, without any."""
    try:
        found = urlsplit(url)
        host, port = found.hostname, found.port or _PORT
    except ValueError:
        host = None
    if not host or found.scheme not in _SCHEMES:
        raise InvalidSettingsError(
            "the broker's URL cannot be read: nats://host:4222 or tls://host:4222; in "
            "a password / is written %2F, @ %40, # %23, and ',' %2C"
        ) from None
    host = f"[{host}]" if ":" in host else host
    return f"{found.scheme}://{host}:{port}"


async def _close(client: Any) -> None:
    with contextlib.suppress(Exception):
        await client.close()
