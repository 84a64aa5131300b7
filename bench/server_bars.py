"""The service against the least that there is, and against all that can be sent.

CPU per request is that of the service's process, all threads, by the kernel's own
count; a bare uvloop responder of the same bytes takes turns with it under the same
load: one connection, one request after another.
"""

from __future__ import annotations

import random
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

import measure
from services import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

    Row = tuple[str, float, float, str, bool]

QUERY = "/api/v1/models?capability=vision&min_context=100k&sort=input&limit=10"
QUERY_BAR, KNOWN_BAR = 6.0, 4.0
FUZZED, EXAMPLES = 20_000, 15
_BARE = Path(__file__).with_name("bare_responder.py")
_START = 30.0  # seconds


def cpu_ns(pid: int) -> int:
    """Return the CPU time that a process took, all threads, in nanoseconds."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks)


@contextmanager
def running(
    command: list[str],
    port: int,
    *,
    wait: float = _START,
    log: IO[str] | None = None,
    **environ: str,
) -> Iterator[int]:
    """Run what listens on a port; yield its process id."""
    env = measure.environment() | environ
    process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
    try:
        end = time.monotonic() + wait
        while time.monotonic() < end and process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def head(path: str, etag: str | None = None) -> bytes:
    """Return a request, as a client that keeps its connection sends it."""
    known = "" if etag is None else f"If-None-Match: {etag}\r\n"
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{known}\r\n".encode()


def answered(port: int, request: bytes) -> bytes:
    """Return the whole answer to a request, as it came."""
    with socket.create_connection(("127.0.0.1", port)) as to:
        to.sendall(request)
        found = b""
        while b"\r\n\r\n" not in found:
            found += to.recv(1 << 20)
        top = found.partition(b"\r\n\r\n")[0]
        length = 0
        for line in top.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        while len(found) < len(top) + 4 + length:
            found += to.recv(1 << 20)
        return found


def load(port: int, pid: int, request: bytes, size: int, count: int) -> float:
    """Ask again and again; return the CPU of an answer in microseconds."""
    with socket.create_connection(("127.0.0.1", port)) as to:
        to.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        before = cpu_ns(pid)
        for _ in range(count):
            to.sendall(request)
            got = 0
            while got < size:
                got += len(to.recv(1 << 20))
        return (cpu_ns(pid) - before) / count / 1000


def paired(
    port: int, pid: int, request: bytes, *, rounds: int, count: int
) -> tuple[float, float, float]:
    """Return the median ratio to a bare responder, and both in microseconds."""
    load(port, pid, request, len(answered(port, request)), count // 4)
    answer = answered(port, request)
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(answer)
        bare_port = free_port()
        command = [sys.executable, str(_BARE), str(bare_port), file.name]
        with running(command, bare_port) as bare:
            load(bare_port, bare, request, len(answer), count // 4)
            pairs = [
                (
                    load(port, pid, request, len(answer), count),
                    load(bare_port, bare, request, len(answer), count),
                )
                for _ in range(rounds)
            ]
    ratio = median(ours / floor for ours, floor in pairs)
    return ratio, median(o for o, _ in pairs), median(f for _, f in pairs)


@contextmanager
def service() -> Iterator[tuple[int, int]]:
    """Serve a data directory of its own; yield port and process id."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        command = [sys.executable, "-m", "modeldex", "serve", "--no-sync"]
        command += ["--port", str(port)]
        with (
            (Path(folder) / "log").open("w") as log,
            running(command, port, log=log, MODELDEX_DATA_DIR=folder) as pid,
        ):
            yield port, pid


def answering(rounds: int = 7, count: int = 5_000) -> Iterator[Row]:
    """CPU of a query's answer and of a 304, over a bare responder of the same bytes."""
    with service() as (port, pid):
        with urlopen(Request(f"http://127.0.0.1:{port}{QUERY}"), timeout=30) as found:
            etag = found.headers["etag"]
        requests = {
            "query": (head(QUERY), QUERY_BAR),
            "304": (head(QUERY, etag), KNOWN_BAR),
        }
        for what, (request, bar) in requests.items():
            ratio, ours, floor = paired(port, pid, request, rounds=rounds, count=count)
            said = f"{what} CPU / bare uvloop ({ours:.0f} / {floor:.0f} us)"
            yield said, ratio, bar, "x", False


def fuzzed(least: int = FUZZED) -> Iterator[Row]:
    """Send what schemathesis makes of the description, seed after seed."""
    from fuzzing import fuzz, target

    seed = random.SystemRandom().randrange(10**6)
    sent = failed = 0
    with tempfile.TemporaryDirectory() as folder, target(Path(folder)) as at:
        while sent < least:
            known = seed % 4 > 0  # each fourth as nobody
            run = fuzz(at, Path(folder), seed=seed, examples=EXAMPLES, token=known)
            sent, seed = sent + run.requests, seed + 1
            if not run.passed or not run.requests:
                failed += 1
                print(run.said, file=sys.stderr)
                break
        failed += at.went_out.exists()
    yield f"schemathesis, failed runs in {sent:,} requests", failed, 0, "", False
    yield "requests it still owes", max(0, least - sent), 0, "", False


if __name__ == "__main__":
    rows = fuzzed() if "--fuzz" in sys.argv else answering()
    for row in rows:
        print(*row)
