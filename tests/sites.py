"""A site on 127.0.0.1: files in memory, with ETags, and events where they are wanted.

with Site() as site:
    site.put(registry.publication())
    modeldex.open(site.url)
    site.close()        # away: connections are refused
    site.reopen()       # back, at the same port
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable

    from modeldex.usecases.publishing import Publication

MANIFEST = "modeldex.json"
EVENTS = "api/v1/events"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with a file, with 304, or with events."""
        site: Site = self.server.site  # type: ignore[attr-defined]
        path, _, query = self.path.lstrip("/").partition("?")
        site.asked.append((path, query, dict(self.headers.items())))
        if site.token and self.headers.get("Authorization") != f"Bearer {site.token}":
            self._say(401, b"{}")
        elif path == EVENTS:
            self._events(site)
        elif path in site.files:
            data = site.files[path]
            etag = f'"{sha256(data).hexdigest()[:16]}"'
            if self.headers.get("If-None-Match") == etag:
                self._say(304, b"", etag)
            else:
                self._say(200, data, etag)
        else:
            self._say(404, b"{}")

    def _say(self, status: int, data: bytes, etag: str = "") -> None:
        self.send_response(status)
        if etag:
            self.send_header("ETag", etag)
        if status != 304:
            self.send_header("Content-Type", "application/octet-stream")
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(data)

    def _events(self, site: Site) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        if site.half:
            self.send_header("Content-Length", "1000000")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        end = time.monotonic() + 5
        sent = int(self.headers.get("Last-Event-ID") or 0)
        with contextlib.suppress(OSError):
            while time.monotonic() < end and not site.closing.is_set():
                for number, text in enumerate(site.events[sent:], sent + 1):
                    line = f"id: {number}\nevent: revision\ndata: {text}\n\n"
                    self.wfile.write(line.encode())
                    sent = number
                self.wfile.flush()
                time.sleep(0.01)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True


class Site:
    """Files by their path, served; `asked` holds (path, query, headers)."""

    def __init__(self, token: str = "") -> None:
        self.files: dict[str, bytes] = {}
        self.events: list[str] = []
        self.token = token
        self.half = False  # whether a stream of events breaks off when it goes away
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.closing = threading.Event()
        self._open(0)

    def _open(self, port: int) -> None:
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.site = self  # type: ignore[attr-defined]
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        self.closing.clear()
        serve = self._server.serve_forever
        threading.Thread(target=serve, args=(0.01,), daemon=True).start()

    def put(self, publication: Publication, **changed: Any) -> None:
        """Serve a publication, the manifest last; `changed` are its fields."""
        self.files |= publication.files
        manifest = publication.manifest.as_dict() | changed
        self.files[MANIFEST] = json.dumps(manifest).encode()

    def tell(self, publication: Publication) -> None:
        """Send the event of a publication."""
        told = publication.manifest
        said = {"epoch": told.epoch, "revision": told.revision, "digest": told.digest}
        self.events.append(json.dumps(said))

    def count(self, path: str = MANIFEST) -> int:
        """Return how often a path was asked for."""
        return sum(seen == path for seen, _, _ in self.asked)

    def close(self) -> None:
        """Go away."""
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def reopen(self) -> None:
        """Come back where it was."""
        self._open(self.port)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if not self.closing.is_set():
            self.close()


def wait_until(happened: Callable[[], object], seconds: float = 5) -> None:
    """Wait until something has happened; fail the test where it does not."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it has not happened in time"
        time.sleep(0.005)
