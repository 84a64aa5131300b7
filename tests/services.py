"""Services to test with: an application in this process, or a process of its own."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.request import urlopen

import httpx

from modeldex.bootstrap import open as open_registry
from modeldex.server.access import Access, TokenBook
from modeldex.server.app import create_app
from modeldex.server.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from modeldex.registry import Registry

BASE = "http://127.0.0.1"
HOSTS = frozenset(("127.0.0.1", "localhost"))
ROLES = ("viewer", "contributor", "reviewer", "admin")
_START = 30.0  # seconds within which a process must answer


class App:
    """The application of a registry, asked without a socket."""

    def __init__(
        self,
        registry: Registry | None = None,
        *,
        reading: bool = True,
        stored: bool = False,
    ) -> None:
        self.registry = registry or open_registry()
        self.book = TokenBook(self.registry.tokens) if stored else None
        access = Access(self.book, reading=reading)
        self.service = Service(self.registry, access, version="test", hosts=HOSTS)
        self.front = create_app(self.service)

    def token(self, role: str = "admin") -> dict[str, str]:
        """Make a token of a role; return the header that gives it."""
        name = f"{role}-{time.monotonic_ns()}"
        made = self.registry.tokens.create(name, role)
        assert self.book is not None
        self.book.look()
        return {"authorization": f"Bearer {made.secret}"}

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask it; as httpx's `request`."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.front, client=("127.0.0.1", 1))  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
                return await client.request(method, path, **more)

        return asyncio.run(send())

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Ask with GET."""
        return self.ask("GET", path, **more)


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def serving(
    data_dir: Path,
    *flags: str,
    environ: Mapping[str, str] | None = None,
    port: int | None = None,
    program: Sequence[str] = ("-m", "modeldex"),
) -> Iterator[str]:
    """Run `modeldex serve` over a data directory; yield its URL."""
    port = port or free_port()
    command = [sys.executable, *program, "serve", "--no-sync"]
    command += ["--port", str(port), *flags]
    env = {**os.environ, "MODELDEX_DATA_DIR": str(data_dir), **(environ or {})}
    process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE)
    url = f"{BASE}:{port}"
    try:
        _wait(url, process)
        yield url
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _START
    while time.monotonic() < end:
        if process.poll() is not None:
            _, said = process.communicate()
            raise AssertionError(f"it ended: {said.decode()}")
        try:
            with urlopen(f"{url}/api/health/live", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.05)
    raise AssertionError("it does not answer")
