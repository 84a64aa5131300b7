"""Many writers at once, writers that are killed, rows that are tampered with.

Each returns counts of what must not be; the tests ask for a few, `make bars` for
as many as the bars say.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drafts import AT, draft, whole
from modeldex.domain.change import CATALOG, Change, Fact
from modeldex.errors import StoreError
from modeldex.stores import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.queues import Queue

    from modeldex.stores.store import SqlStore

_FIELD = "context_window"


def count_up(url: str, writer: int, edits: int, models: int, said: Queue[Any]) -> None:
    """Count models up, one by one, each in a turn of its own; tell what went wrong."""
    wrong: list[str] = []
    store = open_store(url)
    for number in range(edits):
        name = f"m{(number * 7 + writer) % models}"
        key = (CATALOG, "acme", name)
        try:
            with store.turn():
                old = store.facts([key])[key][_FIELD]
                new = Fact(old.value + 1, f"writer {writer}")
                change = Change("acme", name, _FIELD, old, new, observed_at=AT)
                store.commit(draft(change, author=f"writer {writer}"))
        except StoreError as error:
            wrong.append(str(error))
    store.close()
    said.put(wrong)


def storm(url: str, writers: int, edits: int, models: int) -> dict[str, Any]:
    """Let processes edit at once; return how many edits are lost, and errors seen."""
    store = open_store(url)
    counted = [whole(f"m{number}", context_window=0) for number in range(models)]
    store.commit(draft(*counted))
    context = get_context("spawn")
    said: Queue[Any] = context.Queue()
    workers = [
        context.Process(target=count_up, args=(url, writer, edits, models, said))
        for writer in range(writers)
    ]
    started = time.perf_counter()
    for worker in workers:
        worker.start()
    told = [said.get() for _ in workers]
    for worker in workers:
        worker.join()
    seconds = time.perf_counter() - started
    total = sum(f[_FIELD].value for f in store.state().values())
    by_writer = [r.author for r in store.revisions(after=1)]
    per_writer = [by_writer.count(f"writer {writer}") for writer in range(writers)]
    found = {
        "lost": writers * edits - total,
        "missing revisions": writers * edits - len(by_writer),
        "writers short": sum(count != edits for count in per_writer),
        "errors": sum(map(len, told)),
        "faults": len(store.verify()),
        "seconds": seconds,
    }
    store.close()
    return found


def first(url: str, writer: int, ready: Any, said: Queue[Any]) -> None:
    """Write the first revision, at the same time as others; tell what went wrong."""
    store = open_store(url)
    ready.wait()
    try:
        store.head()
        store.commit(draft(whole(f"m{writer}")))
        said.put("")
    except StoreError as error:
        said.put(str(error))
    store.close()


def first_writers(url: str, writers: int) -> list[str]:
    """Let processes make a store at once; return what went wrong."""
    context = get_context("spawn")
    said: Queue[Any] = context.Queue()
    ready = context.Barrier(writers)
    workers = [
        context.Process(target=first, args=(url, writer, ready, said))
        for writer in range(writers)
    ]
    for worker in workers:
        worker.start()
    wrong = [text for text in (said.get() for _ in workers) if text]
    for worker in workers:
        worker.join()
    store = open_store(url)
    if store.head().revision != writers or store.verify():
        wrong.append("not all is there")
    store.close()
    return wrong


WRITER = """
import os, sys
sys.path.insert(0, {tests!r})
from drafts import draft, step, whole
from modeldex.stores import open_store

store = open_store({url!r})
out = os.open({acknowledged!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
while True:
    head = store.head().revision
    name = f"m{{head}}"
    many = [step(n or None, n + 1, name) for n in range(50)]
    revision = store.commit(draft(whole(name), *many, author=name))
    os.write(out, f"{{revision.number}} {{revision.hash}}\\n".encode())
"""


def kill(url: str, folder: Path, kills: int, seed: int) -> dict[str, int]:
    """Kill a writer again and again; return what of its acknowledged work is not there.

    Every revision adds a model and changes it 50 times.
    """
    chance = random.Random(seed)
    acknowledged = folder / "acknowledged"
    tests = str(Path(__file__).parent)
    code = WRITER.format(tests=tests, url=url, acknowledged=str(acknowledged))
    broken = 0
    for number in range(kills):
        known = acknowledged.stat().st_size if acknowledged.exists() else 0
        writer = subprocess.Popen([sys.executable, "-c", code])
        until = time.monotonic() + 30
        while time.monotonic() < until and writer.poll() is None:
            if acknowledged.exists() and acknowledged.stat().st_size > known:
                break
            time.sleep(0.002)
        time.sleep(chance.random() * 0.05)
        broken += writer.poll() is not None  # it was to be killed, not to fail
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
        if number % 10 == 9:
            broken += bool(_faults(url))
    store = open_store(url)
    hashes = {r.number: r.hash for r in store.revisions()}
    told = [line.split() for line in acknowledged.read_text().splitlines()]
    halves = sum(f[_FIELD].value != 50 for f in store.state().values())
    found = {
        "acknowledged": len(told),
        "lost": sum(hashes.get(int(number)) != hash_ for number, hash_ in told),
        "half-applied": halves + abs(len(store.state()) - store.head().revision),
        "broken": broken + len(store.verify()),
    }
    store.close()
    return found


def _faults(url: str) -> list[Any]:
    store = open_store(url)
    try:
        return store.verify()
    finally:
        store.close()


_CHANGE = (
    *("layer", "provider", "model", "field", "old", "new", "kind"),
    *("observed_at", "effective_at", "digest"),
)
# table -> columns whose bytes are changed, with the columns that name a row
TAMPERED = {
    "revision": (
        ("parent_hash", "hash", "author", "source", "reason", "at", "url", "digest"),
        ("number",),
    ),
    "change": (_CHANGE, ("revision", "position")),
    "claim": (
        ("provider", "model", "field", "source", "value", "observed_at", "digest"),
        ("revision", "position"),
    ),
}


def tamper(store: SqlStore, rows: int, seed: int) -> tuple[int, list[str]]:
    """Change a byte in each of so many rows; return how many, and those not located."""
    chance = random.Random(seed)
    run, close = _behind(store)
    places = []
    for table, (columns, keys) in TAMPERED.items():
        for row in run(f"SELECT {', '.join(keys)} FROM {table}"):
            places += [(table, columns, dict(zip(keys, row, strict=True)))]
    chosen = chance.sample(places, rows)
    located = []
    for table, columns, keys in chosen:
        where = " AND ".join(f"{name} = {value}" for name, value in keys.items())
        texts = run(f"SELECT {', '.join(columns)} FROM {table} WHERE {where}")[0]
        column = chance.choice([c for c, t in zip(columns, texts, strict=True) if t])
        text = texts[columns.index(column)]
        place = chance.randrange(len(text))
        letter = chance.choice([c for c in "0aZ,}[\"' x" if c != text[place]])
        new = text[:place] + letter + text[place + 1 :]
        quoted = new.replace("'", "''")
        run(f"UPDATE {table} SET {column} = '{quoted}' WHERE {where}")
        located.append(_where(table, keys))
    close()
    found = {fault.where for fault in store.verify()}
    return len(chosen), [place for place in located if place not in found]


def _where(table: str, keys: dict[str, int]) -> str:
    if table == "revision":
        return f"revision {keys['number']}"
    return f"{table} {keys['position']} of revision {keys['revision']}"


def _behind(store: SqlStore) -> tuple[Callable[[str], list[Any]], Callable[[], None]]:
    """Return what runs SQL behind the program's back, past the triggers."""
    if store.database.path:
        raw = sqlite3.connect(store.database.path, isolation_level=None)
        found = raw.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        )
        triggers = found.fetchall()
        for name, _ in triggers:
            raw.execute(f"DROP TRIGGER {name}")

        def close() -> None:
            for _, sql in triggers:
                raw.execute(sql)
            raw.close()

        return lambda sql: raw.execute(sql).fetchall(), close
    connection = store.database.engine.raw_connection()
    cursor = connection.cursor()
    cursor.execute("SET session_replication_role = replica")

    def run(sql: str) -> list[Any]:
        cursor.execute(sql)
        return list(cursor.fetchall()) if cursor.description else []

    def done() -> None:
        connection.commit()
        cursor.execute("SET session_replication_role = DEFAULT")
        connection.commit()
        connection.close()

    return run, done
