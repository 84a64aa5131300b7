"""`modeldex events tail`: revisions as they come."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from drafts import draft, step, whole
from modeldex.errors import StoreUnavailableError
from modeldex.testing import MemoryBus, MemoryStore
from modeldex.usecases.tailing import tail
from shells import PROGRAM, Shell
from waiting import until

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store() -> MemoryStore:
    """Return a store of two revisions."""
    made = MemoryStore()
    made.commit(draft(whole()))
    made.commit(draft(step(None, 1)))
    return made


def numbers(store: MemoryStore, bus: MemoryBus | None = None, **how: object) -> object:
    """Return the numbers that a tail tells until it ends."""
    return [r.number for r in tail(lambda: store, bus, **{"timeout": 0, **how})]  # type: ignore[arg-type]


def test_from_where_on(store: MemoryStore) -> None:
    """From now on, or from a revision."""
    assert numbers(store) == []
    assert numbers(store, since=0) == [1, 2]
    assert numbers(store, since=1) == [2]
    assert numbers(store, since=9) == []
    assert [r.number for r in tail(lambda: None, None, since=0, timeout=0)] == []


@pytest.mark.parametrize("every", [3_600.0, 0.02])
def test_revisions_come(store: MemoryStore, every: float) -> None:
    """By an event at once, or when the store is asked."""
    bus = MemoryBus() if every > 1 else None
    found: list[int] = []

    def follow() -> None:
        for revision in tail(lambda: store, bus, timeout=5, every=every):
            found.append(revision.number)
            if revision.number == 4:
                return

    thread = Thread(target=follow)
    thread.start()
    until(lambda: bus is None or bus._hear)
    for number in range(2):
        until(lambda n=number: len(found) == n)
        time.sleep(0.05)
        store.commit(draft(step(number + 1, number + 2)))
        if bus is not None:
            bus.publish(store.head())
    thread.join(5)
    assert found == [3, 4]
    assert bus is None or not bus._hear


def test_a_store_that_goes_away_or_is_another_one(store: MemoryStore) -> None:
    """It is told once; what comes then is told too."""
    said: list[str] = []
    failing = [True, True, False]

    def opened() -> MemoryStore:
        if failing and failing.pop(0):
            raise StoreUnavailableError("away")
        return store

    found = tail(opened, None, since=1, timeout=5, every=0.01, note=said.append)
    assert next(found).number == 2
    assert said == ["away"]
    store._epoch = "restored"
    store.commit(draft(step(1, 2)))
    assert next(found).number == 3
    assert said == [
        "away",
        "the store answers again",
        "the store is another one by now, or a restored one",
    ]
    found.close()


def test_the_command(tmp_path: Path) -> None:
    """It prints a line for each, or a document, and ends when it is told to."""
    home = tmp_path / "home"
    home.mkdir()
    ask = Shell(home)
    assert ask("events", "tail", "--since", "0", "--timeout", "0") == (0, "", "")
    words = ("set", "openai/gpt-4o", "context_window=7", "--yes")
    assert ask("edit", *words, "--because", "two words")[0] == 0
    status, out, _ = ask("events", "tail", "--since", "1", "--count", "1")
    assert status == 0
    assert out.count("\n") == 1
    assert out.split("\t")[0] == "2"
    assert out.rstrip().endswith("edit\t1\ttwo words")
    _, out, _ = ask("events", "tail", "--since", "0", "--json", "--timeout", "0")
    assert [json.loads(line)["revision"] for line in out.splitlines()] == [1, 2]
    status, _, said = ask("--catalog", str(home), "events", "tail", "--timeout", "0")
    assert (status, "no revisions" in said) == (2, True)


def test_another_process_is_heard(tmp_path: Path) -> None:
    """One that edits, while this one listens."""
    home = tmp_path / "home"
    home.mkdir()
    ask = Shell(home)
    words = ("edit", "set", "openai/gpt-4o", "--yes", "--because", "x")
    assert ask(*words, "context_window=7")[0] == 0
    command = [sys.executable, "-c", PROGRAM, str(ask.packaged), "events", "tail"]
    more = ["--since", "1", "--count", "2", "--timeout", "20", "--json"]
    with subprocess.Popen(
        [*command, *more], env=ask.environ, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert json.loads(running.stdout.readline())["revision"] == 2
        assert ask(*words, "context_window=8")[0] == 0
        assert json.loads(running.stdout.readline())["revision"] == 3
        assert running.wait(10) == 0
