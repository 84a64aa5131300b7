"""What a worker of the service takes: memory, processor time per request, the store.

Requests per second are those of one processor: requests by the processor time that the
worker took for them, so that who asks, and what else runs, does not count.

    .venv/bin/python bench/sizing.py
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import Request, urlopen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

KNOWN = "/api/v1/models?capability=vision&min_context=100k&sort=input&limit=20"
ROUNDS, ASKED = 5, 20_000
_TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def worker(folder: str, *flags: str) -> Iterator[tuple[int, int]]:
    """Run a service; yield its process and its port."""
    port = free_port()
    words = [sys.executable, "-m", "modeldex", "serve", "--port", str(port), *flags]
    environ = os.environ | {"MODELDEX_DATA_DIR": folder}
    process = subprocess.Popen(words, env=environ, stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                with urlopen(f"http://127.0.0.1:{port}/api/health/ready", timeout=5):
                    break
            except (URLError, OSError):
                time.sleep(0.05)
        yield process.pid, port
    finally:
        process.terminate()
        process.wait(20)


def memory(pid: int) -> float:
    """Return the resident memory of a process in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def processor(pid: int) -> float:
    """Return the seconds of processor that a process took."""
    rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(rest[11]) + int(rest[12])) / _TICKS


def ask(port: int, paths: Iterable[str], *headers: str) -> int:
    """Ask one after another over one connection; return how many."""
    count = 0
    with socket.create_connection(("127.0.0.1", port)) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        file = wire.makefile("rb")
        for path in paths:
            lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *headers, "", ""]
            wire.sendall("\r\n".join(lines).encode())
            assert file.readline().split()[1] in (b"200", b"304")
            length = 0
            while (line := file.readline().strip()) != b"":
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            file.read(length)
            count += 1
    return count


def rate(pid: int, port: int, paths: list[str], *headers: str) -> float:
    """Return the requests that a second of processor answers: the median."""
    found = []
    for number in range(ROUNDS):
        part = paths[number::ROUNDS]
        before = processor(pid)
        asked = ask(port, part, *headers)
        found.append(asked / max(processor(pid) - before, 1 / _TICKS))
    return sorted(found)[ROUNDS // 2]


def main() -> None:
    """Print the figures, one a line."""
    with tempfile.TemporaryDirectory() as folder:
        with worker(folder, "--no-sync") as (pid, port):
            print(f"memory after start, MiB: {memory(pid):.0f}")
            known = [KNOWN] * ASKED * ROUNDS
            ask(port, known[:10])
            print(f"known question, 1/s: {rate(pid, port, known):,.0f}")
            with urlopen(Request(f"http://127.0.0.1:{port}{KNOWN}")) as answer:
                tag = answer.headers["etag"]
            header = f"If-None-Match: {tag}"
            print(f"304, 1/s: {rate(pid, port, known, header):,.0f}")
            new = [
                f"{KNOWN}&max_input_price={n}.{m:03}"
                for n in range(5)
                for m in range(1000)
            ]
            print(f"new question, 20 models, 1/s: {rate(pid, port, new):,.0f}")
            with urlopen(f"http://127.0.0.1:{port}/v1/models") as answer:
                listed = answer.read()
            refs = sorted({part.split(b'"')[0] for part in listed.split(b'"id":"')[1:]})
            ones = [f"/api/v1/models/{ref.decode()}" for ref in refs[:5_000]]
            print(f"new question, one model, 1/s: {rate(pid, port, ones):,.0f}")
            print(f"/v1/models, MB: {len(listed) / 1e6:.1f}")
            print(f"memory after these, MiB: {memory(pid):.0f}")
        words = ["edit", "set", "openai/gpt-4o", "pricing.input=2", "--yes", "-q"]
        environ = os.environ | {"MODELDEX_DATA_DIR": folder}
        began = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "modeldex", *words, "--because", "sizing"],
            env=environ,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        print(f"first edit, with the baseline, s: {time.monotonic() - began:.1f}")
        for file in sorted(Path(folder).rglob("*")):
            if file.is_file():
                name, size = file.relative_to(folder), file.stat().st_size
                print(f"{name}, MB: {size / 1e6:.1f}")
        with worker(folder, "--no-sync") as (pid, port):
            print(f"memory after start over a store, MiB: {memory(pid):.0f}")


if __name__ == "__main__":
    main()
