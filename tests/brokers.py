"""A NATS server with JetStream to test with: one that runs, or one from a wheel."""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
import signal
import socket
import subprocess
import sysconfig
import tempfile
import time
from functools import cache
from pathlib import Path

RUNNING = "MODELDEX_TEST_NATS_URL"
_START_SECONDS = 10.0
_numbers = itertools.count()


class Broker:
    """A server of its own, which can be killed, wiped and started again."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="modeldex-nats-"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None
        atexit.register(self.close)
        self.start()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it listens."""
        program = Path(sysconfig.get_path("scripts")) / "nats-server"
        place = ["-a", "127.0.0.1", "-p", str(self.port)]
        self.process = subprocess.Popen(
            [program, "-js", *place, "-sd", self.folder],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + _START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)
            else:
                return

    def kill(self) -> None:
        """End it at once, as a crash does."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def wipe(self) -> None:
        """Remove what it keeps on the disk."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def close(self) -> None:
        """End it, and leave nothing behind."""
        self.kill()
        self.wipe()


@cache
def server_url() -> str:
    """Return the URL of a server; one that we start stops with this process."""
    return os.environ.get(RUNNING) or Broker().url


def new_environment() -> str:
    """Return the name of an environment that nobody has used."""
    return f"test-{os.getpid()}-{next(_numbers)}"
