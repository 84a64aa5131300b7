"""A service whose PostgreSQL goes away, asked and written to all the while.

Run as a program it is `modeldex serve` over a small shipped catalogue.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx

from postgres import new_server
from services import serving
from team import small
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

PER_SECOND, WRITES_PER_SECOND = 50, 4
MODEL = "openai/gpt-4o"
_FIELDS = ("context_window", "max_output_tokens")  # an edit gives both one value
_MARKING = 4.0  # seconds after which a read not called stale is a fault
_PATIENCE = 10.0  # seconds for an answer


class Asked(NamedTuple):
    """A request: when, how it went (0: no answer), and how long that took."""

    at: float
    status: int
    seconds: float
    state: str = ""
    retry: str | None = None
    value: Any = None


class Told(NamedTuple):
    """What came of an outage; counts but for what is in seconds."""

    reads: int
    lost: int
    """Reads without an answer of 200, all the time."""
    mixed: int
    """Reads of half an edit, or of a value that no edit gave."""
    behind: int
    """Reads that are called behind: of the only instance, none is."""
    marked_after: float
    """Seconds from the end of the database until reads are called stale."""
    unmarked: int
    """Reads after that, or too late, which are not called stale."""
    slowest_read: float
    writes: int
    odd: int
    """Writes meanwhile that are no 503 with Retry-After."""
    slowest_write: float
    back_after: float
    """Seconds from the database's return until reads are fresh and a write is made."""
    unaccounted: int
    """Revisions that no writer was told of, but for one that was under way."""


class Outage:
    """A database, a service over it, who reads, and who writes."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.server = new_server()
        more = small(folder)
        self.data = folder / "data"
        self.environ = {
            "MODELDEX_STORE": f"{self.server.get_uri()}&schema=away",
            "MODELDEX_TEST_PACKAGED": more["MODELDEX_TEST_PACKAGED"],
            "MODELDEX_CACHE_DIR": str(folder / "cache"),
            "XDG_CONFIG_HOME": str(folder),
        }
        self.token = self._token()
        self.headers = {"authorization": f"Bearer {self.token}"}

    def serving(self) -> Any:
        """Serve it; as `services.serving`."""
        return serving(self.data, environ=self.environ, program=[__file__])

    def _token(self) -> str:
        create = ["token", "create", "writer", "--role", "reviewer", "-q"]
        env = {**os.environ, **self.environ, "MODELDEX_DATA_DIR": str(self.data)}
        command = [sys.executable, "-m", "modeldex", *create]
        made = subprocess.run(
            command, env=env, capture_output=True, text=True, check=True
        )
        return made.stdout.strip()

    def read(self, client: httpx.Client, number: int) -> Asked:
        """Read a model; each other question is one that was never asked."""
        path = f"/api/v1/models/{MODEL}?fields={','.join(_FIELDS)}"
        new = {"accept": f"application/json;v={number}"}
        return _asked(lambda: client.get(path, headers=new if number % 2 else {}))

    def write(self, client: httpx.Client, number: int) -> Asked:
        """Give both fields one value."""
        body = {"fields": dict.fromkeys(_FIELDS, number), "because": "a test"}
        path = f"/api/v1/edits/{MODEL}"
        return _asked(lambda: client.patch(path, json=body, headers=self.headers))


def _asked(ask: Callable[[], httpx.Response]) -> Asked:
    at = time.monotonic()
    try:
        found = ask()
    except httpx.HTTPError:
        return Asked(at, 0, time.monotonic() - at)
    took = time.monotonic() - at
    state = found.headers.get("x-modeldex-state", "")
    retry = found.headers.get("retry-after")
    return Asked(at, found.status_code, took, state, retry, found.json())


def outage(folder: Path, seconds: float) -> Told:
    """Stop the database for so long, under reads and writes; tell what came of it."""
    away = Outage(folder)
    reads: list[Asked] = []
    writes: list[Asked] = []
    done = Event()
    with away.serving() as url, httpx.Client(base_url=url, timeout=_PATIENCE) as one:

        def repeat(ask: Any, to: list[Asked], per_second: int) -> None:
            with httpx.Client(base_url=url, timeout=_PATIENCE) as client:
                began, number = time.monotonic(), 1
                while not done.wait(
                    max(0.0, began + number / per_second - time.monotonic())
                ):
                    to.append(ask(client, number))
                    number += 1

        first = away.write(one, 10**6)
        assert first.status == 200, first
        working = [
            Thread(target=repeat, args=(away.read, reads, PER_SECOND)),
            Thread(target=repeat, args=(away.write, writes, WRITES_PER_SECOND)),
        ]
        for thread in working:
            thread.start()
        time.sleep(1)
        stopping = time.monotonic()
        away.server.stop()
        stopped = time.monotonic()
        time.sleep(seconds)
        starting = time.monotonic()
        away.server.start()
        back = time.monotonic()
        until(lambda: reads[-1].state == "fresh" and reads[-1].at > back, 30)
        until(lambda: writes[-1].status == 200 and writes[-1].at > back, 30)
        back_after = time.monotonic() - back
        done.set()
        for thread in working:
            thread.join()
        log = one.get("/api/v1/revisions", params={"limit": 1}).json()
    accepted = 1 + sum(write.status == 200 for write in writes)
    meanwhile = [w for w in writes if stopped <= w.at < starting - 1]
    marking = min(stopping + _MARKING, starting)
    marked = max(
        (
            read.at
            for read in reads
            if stopping < read.at < marking and read.state != "stale"
        ),
        default=stopping,
    )
    then = [r for r in reads if marked < r.at < starting - 1]
    assert then, _moves(reads, stopping)
    assert meanwhile, len(writes)
    given = {10**6, *range(1, len(writes) + 2)}
    # of a write that was under way nobody can say whether it was made
    unsure = any(w.status != 200 and stopping - 1 < w.at < stopped for w in writes)
    return Told(
        len(reads),
        sum(read.status != 200 for read in reads),
        sum(_is_mixed(r.value, given) for r in reads if r.status == 200),
        sum(read.state == "behind" for read in reads),
        marked - stopping,
        sum(read.state != "stale" for read in then),
        max(read.seconds for read in reads),
        len(meanwhile),
        sum(w.status != 503 or not w.retry or int(w.retry) < 1 for w in meanwhile),
        max(write.seconds for write in writes if write.status != 200),
        back_after,
        max(0, log["head"] - first.value["revision"] + 1 - accepted - unsure),
    )


def _moves(reads: list[Asked], since: float) -> list[tuple[float, str]]:
    """Return when reads were first called something else."""
    found: list[tuple[float, str]] = []
    for read in reads:
        if not found or found[-1][1] != read.state:
            found.append((round(read.at - since, 2), read.state))
    return found


def _is_mixed(value: Mapping[str, Any], given: set[int]) -> bool:
    one, other = (value[name] for name in _FIELDS)
    return one != other or one not in given


if __name__ == "__main__":
    from modeldex import bootstrap, cli
    from modeldex.bootstrap import authored, writing

    for module in (bootstrap, authored, writing):
        module.PACKAGED = os.environ["MODELDEX_TEST_PACKAGED"]  # type: ignore[attr-defined]
    sys.exit(cli.run(sys.argv[1:]))
