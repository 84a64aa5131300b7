"""One request over one connection, to an address that was checked, within bounds.

This is the only module that knows the HTTP library. What goes wrong is told in words
of ours: neither an answer's text nor a header of a request is in any error.
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import time
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpcore2
import httpx2

from modeldex.errors import ForbiddenAddressError, SourceFormatError
from modeldex.sources.secret import guard_logs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from modeldex.sources.addresses import Gate, Target
    from modeldex.sources.auth import Credential

    # what is done with a connection
    Exchange = Callable[
        [httpcore2.HTTPConnection, "Sending", "Bounds"], "Received | Failed"
    ]

LOGGERS = ("connection", "http11", "http2", "proxy", "socks")
BLOCK = 65_536

guard_logs(f"httpcore2.{name}" for name in LOGGERS)
guard_logs(["httpx2", "httpcore2"])


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long and how much: seconds, and bytes of a body when it is unpacked.

    `total` is for all of a request: its tries, its waits, every byte.
    """

    connect: float = 10
    read: float = 20
    total: float = 60
    max_bytes: int = 10 * 2**20


@dataclass(frozen=True, slots=True)
class Sending:
    """A request; its credential signs it when it is sent."""

    method: str
    target: Target
    headers: Mapping[str, str]
    body: bytes = b""
    credential: Credential | None = None
    local: bool = False
    binary: bool = False
    """Whether the answer may be no JSON."""


@dataclass(frozen=True, slots=True)
class Received:
    """An answer: its body is read only where the status is 200."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer: why, and whether to try again may help."""

    why: str
    again: bool = True


def tls_context() -> ssl.SSLContext:
    """Return the system's trust; SSL_CERT_FILE and SSL_CERT_DIR say otherwise."""
    context = httpx2.create_ssl_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def send(  # noqa: PLR0913, PLR0917
    sending: Sending,
    gate: Gate,
    bounds: Bounds,
    deadline: float,
    tls: ssl.SSLContext | None,
    exchange: Exchange | None = None,
) -> Received | Failed:
    """Send a request and return its answer, or why there is none.

    `deadline` is a time of time.monotonic(). `tls` is the trust of https. `exchange`
    is what is done with the connection, by default a body is read. Raises
    ForbiddenAddressError before anything is sent, SourceUnavailableError for a name
    without address, SourceFormatError for an answer that is too large or packed in
    an unknown way.
    """
    target = sending.target
    network = _Network(sending, gate, bounds, deadline)
    origin = httpcore2.Origin(
        scheme=target.scheme.encode(), host=target.host.encode(), port=target.port
    )
    try:
        with httpcore2.HTTPConnection(
            origin, ssl_context=tls, network_backend=network
        ) as connection:
            return (exchange or _exchange)(connection, sending, bounds)
    except httpcore2.TimeoutException:
        failed = Failed("did not answer in time")
    except httpcore2.ConnectError as error:
        failed = _no_connection(error)
    except (httpcore2.NetworkError, OSError):
        failed = Failed("broke the connection off")
    except httpcore2.ProtocolError:
        failed = Failed("answered with half an answer, or not in HTTP")
    return failed


def _request(sending: Sending, bounds: Bounds) -> httpcore2.Request:
    timeouts = {"connect": bounds.connect, "read": bounds.read, "write": bounds.read}
    return httpcore2.Request(
        sending.method,
        _url(sending.target),
        headers=_headers(sending),
        content=sending.body,
        extensions={"timeout": timeouts},
    )


def _said(response: httpcore2.Response) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in response.headers:
        headers.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
    return headers


def hearing(
    take: Callable[[bytes], bool], opened: Callable[[Callable[[], None]], object]
) -> Exchange:
    """Return what gives a body to `take` as it comes, until that returns False.

    `opened` is given what breaks the connection off, from any thread.
    """

    def exchange(
        connection: httpcore2.HTTPConnection, sending: Sending, bounds: Bounds
    ) -> Received:
        response = connection.handle_request(_request(sending, bounds))
        try:
            if response.status == 200:  # noqa: PLR2004
                stream = response.extensions["network_stream"]
                opened(lambda: _break_off(stream))
                for chunk in response.iter_stream():
                    if not take(chunk):
                        break
            return Received(response.status, _said(response))
        finally:
            response.close()

    return exchange


def _break_off(stream: httpcore2.NetworkStream) -> None:
    with contextlib.suppress(OSError):
        stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


def _exchange(
    connection: httpcore2.HTTPConnection, sending: Sending, bounds: Bounds
) -> Received | Failed:
    response = connection.handle_request(_request(sending, bounds))
    try:
        headers = _said(response)
        body = b""
        if response.status == 200:  # noqa: PLR2004
            body = _read(response.iter_stream(), headers, bounds.max_bytes)
        return Received(response.status, headers, body)
    except EOFError:
        return Failed("answered with half an answer")
    finally:
        response.close()


def _url(target: Target) -> httpcore2.URL:
    """Return the URL for the library, from its parts: nothing is parsed again."""
    return httpcore2.URL(
        scheme=target.scheme.encode(),
        host=target.host.encode(),
        port=target.port,
        target=target.path.encode(),
    )


def _headers(sending: Sending) -> list[tuple[bytes, bytes]]:
    said = dict(sending.headers)
    if sending.body:
        said["Content-Length"] = str(len(sending.body))
    if sending.credential:
        said |= sending.credential.sign(
            sending.method, sending.target, {}, sending.body
        )
    said |= {"Host": sending.target.authority, "Connection": "close"}
    return [(name.encode(), value.encode("latin-1")) for name, value in said.items()]


def _read(chunks: Iterable[bytes], headers: Mapping[str, str], most: int) -> bytes:
    """Return the whole body, unpacked as it comes, and no more than so many bytes."""
    packed = headers.get("content-encoding", "identity").strip().lower()
    if packed not in ("identity", "gzip", "x-gzip", ""):
        raise SourceFormatError("the answer is packed in a way that was not asked for")
    body = bytearray()
    for block in _unpacked(chunks, most) if "gzip" in packed else chunks:
        body += block
        if len(body) > most:
            raise SourceFormatError(f"the answer is larger than {most} bytes")
    return bytes(body)


def _unpacked(chunks: Iterable[bytes], most: int) -> Iterator[bytes]:
    """Yield what gzipped chunks hold, in blocks of bounded size; raise EOFError."""
    unpack, packed, ended = zlib.decompressobj(31), 0, False
    for chunk in chunks:
        left, packed = chunk, packed + len(chunk)
        if ended or packed > most:
            raise SourceFormatError("the answer is no gzip of bounded size")
        while left:
            try:
                yield unpack.decompress(left, BLOCK)
            except zlib.error:
                raise SourceFormatError("the answer is no gzip") from None
            left = unpack.unconsumed_tail
        ended = unpack.eof
        if unpack.unused_data:
            raise SourceFormatError("the answer goes on after its end")
    yield unpack.flush()
    if not unpack.eof:
        raise EOFError


def _no_connection(error: Exception) -> Failed:
    cause = error.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        why = cause.verify_message or "not trusted"
        return Failed(f"has no valid certificate: {why}", again=False)
    if isinstance(cause, ssl.SSLError):
        return Failed("does not speak TLS as we do", again=False)
    number = cause.errno if isinstance(cause, OSError) else None
    return Failed(os.strerror(number).lower() if number else "cannot be reached")


class _Network(httpcore2.NetworkBackend):
    """Connects to where the gate says a target is, and to nothing else."""

    def __init__(
        self, sending: Sending, gate: Gate, bounds: Bounds, deadline: float
    ) -> None:
        self._sending, self._gate = sending, gate
        self._bounds, self._deadline = bounds, deadline
        self._plain = httpcore2.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, *arguments: Any, **named: Any
    ) -> httpcore2.NetworkStream:
        """Connect to a checked address of the target; its name is resolved once."""
        del arguments, named  # bounds and address are our own
        target = self._sending.target
        if (host, port) != (target.host, target.port):
            raise ForbiddenAddressError("the connection is to another host")
        found = self._gate.addresses(
            target, local=self._sending.local, timeout=self._left(self._bounds.connect)
        )
        failure: Exception | None = None
        for address in found:
            try:
                return self._connect(address, port)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore2.ConnectError

    def _connect(self, address: str, port: int) -> httpcore2.NetworkStream:
        stream = self._plain.connect_tcp(
            address, port, timeout=self._left(self._bounds.connect)
        )
        return _Stream(stream, self._deadline)

    def _left(self, most: float) -> float:
        return _left(self._deadline, most)


class _Stream(httpcore2.NetworkStream):
    """A connection whose every read and write ends before the deadline."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read, but not beyond the deadline."""
        return self._stream.read(max_bytes, _left(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write, but not beyond the deadline."""
        self._stream.write(buffer, _left(self._deadline, timeout))

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        """Agree on TLS with the name of the host, whatever its address."""
        left = _left(self._deadline, timeout)
        stream = self._stream.start_tls(ssl_context, server_hostname, left)
        return _Stream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Return what is known of the connection."""
        return self._stream.get_extra_info(info)


def _left(deadline: float, most: float | None) -> float:
    """Return the seconds to the deadline, at most so many."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout
    return left if most is None else min(left, most)
