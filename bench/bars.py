"""`make bars`: measure every bar at full scale; exit 1 when one is missed.

With --small (`make bench`), everything is done on a small scale, and only what
does not depend on the machine's speed decides: correctness and ratios.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import damage
import measure
import modeldex
from export_bars import exports
from guard_bars import guards
from instances_bars import instances
from modeldex import bootstrap
from modeldex.catalog.snapshot import memory_snapshot, open_snapshot
from modeldex.usecases.build import build_shipped
from server_bars import answering, fuzzed
from store_bars import stores
from sync_bars import syncing

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
# what, measured, bar, unit, decided by the machine's speed
COST_RATIO = 100.0  # 10 us where two products and a sum take 0.1 us
Row = tuple[str, float, float, str, bool]


def start(runs: int) -> Iterator[Row]:
    """Start to first answer and to first query, over bare Python."""
    ratio, _, _ = measure.paired(measure.FIRST_ANSWER, runs=runs)
    yield "start to first answer / bare python", ratio, 1.5, "x", False
    ratio, _, _ = measure.paired(measure.FIRST_FIND, runs=runs)
    yield "start to first find / bare python", ratio, 2.0, "x", False
    added = measure.added_kib(measure.FIRST_ANSWER) / 1024
    yield "peak memory added by the first answer", added, 4.0, "MiB", False


def warm() -> Iterator[Row]:
    """Questions to a running program."""
    # the same question to plain dicts: a provider, then an id
    plain = {"openai": dict.fromkeys(modeldex.get_all_models("openai"), 0)}
    names = {"modeldex": modeldex, "plain": plain}
    modeldex.get_info("openai", "gpt-4o")
    statement = 'modeldex.get_info("openai", "gpt-4o")'
    ratios = [
        measure.statement_ns(statement, names)
        / measure.statement_ns('plain["openai"]["gpt-4o"]', names)
        for _ in range(5)
    ]
    yield "warm get_info / dict hit", sorted(ratios)[2], 4.0, "x", False
    registry = bootstrap.open(overlays=())
    find_refs, find = registry.find_refs, registry.find
    question = measure.QUESTION
    refs = measure.best_us(lambda: find_refs(**question))
    yield "find, order, ten refs", refs, 20.0, "us", True
    models = measure.best_us(lambda: find(**question))
    yield "find, order, ten models", models, 60.0, "us", True


def resolving() -> Iterator[Row]:
    """Names to models, exactly and by rule."""
    registry = bootstrap.open(overlays=())
    exact = measure.best_us(lambda: registry.resolve("openai/gpt-4o"))
    yield "resolve, exact ref", exact, 50.0, "us", True
    texts = ("claude-sonnet-4.5", "ca.amazon.nova-micro-v1:0", "openai/gpt-4o:online")
    slowest = max(measure.best_us(lambda t=t: registry.resolve(t)) for t in texts)
    yield "resolve, by rule", slowest, 5_000.0, "us", True


def costs() -> Iterator[Row]:
    """Price a call line by line; compare with the bare arithmetic of it."""
    rate, answer = Decimal("0.0000025"), Decimal("0.00001")
    usage = {"input": 1000, "output": 500}
    cost = modeldex.cost("openai/gpt-4o", usage, at="2026-11-25")
    assert [line.amount for line in cost.lines] == [1000 * rate, 500 * answer]
    names = {"modeldex": modeldex, "usage": usage, "rate": rate, "answer": answer}
    names |= {"Decimal": Decimal, "first": Decimal(1000), "second": Decimal(500)}
    statement = 'modeldex.cost("openai/gpt-4o", usage)'
    bare = "rate * first + answer * second"
    ours, floors = [], []
    for _ in range(5):  # in turns, as the machine's speed changes
        ours.append(measure.statement_ns(statement, names, 10_000))
        floors.append(measure.statement_ns(bare, names, 100_000))
    yield "cost warm, two meters, with lines", median(ours) / 1000, 10.0, "us", True
    pairs = zip(ours, floors, strict=True)
    ratio = median(one / floor for one, floor in pairs)
    yield "cost / two products and a sum", ratio, COST_RATIO, "x", False


def past() -> Iterator[Row]:
    """Ask the past: a price at a time, and the whole catalogue of a day."""
    registry = bootstrap.open(overlays=())
    registry.price("openai/gpt-4o", at="2025-06-01")
    price = measure.best_us(lambda: registry.price("openai/gpt-4o", at="2025-06-01"))
    yield "price at a time, warm", price, 20.0, "us", True
    last = registry.catalog.snapshot.meta["date"]
    day = (date.fromisoformat(last) - timedelta(1)).isoformat()
    took, asked = [], []
    for _ in range(5):
        started = time.perf_counter()
        then = registry.as_of(day)
        took.append(time.perf_counter() - started)
        assert then.find(**measure.QUESTION)
        asked.append(time.perf_counter() - started)
    yield "as_of, the fullest day", median(took) * 1000, 400.0, "ms", True
    yield "as_of and a first query", median(asked) * 1000, 400.0, "ms", True


def compiling() -> Iterator[Row]:
    """Compile the whole tree, then again with one file changed."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "providers"
        shutil.copytree(bootstrap.PROVIDERS, tree)
        started = time.perf_counter()
        whole = build_shipped(str(tree))
        yield "compile, cold", time.perf_counter() - started, 5.0, "s", True
        previous = memory_snapshot(whole.data)
        with (tree / "openai.yaml").open("a", encoding="utf-8") as file:
            file.write("# touched\n")
        started = time.perf_counter()
        build_shipped(str(tree), previous)
        yield "compile, one file changed", time.perf_counter() - started, 1.0, "s", True


def hostile(documents: int, snapshots: int) -> Iterator[Row]:
    """Malformed documents and damaged snapshots."""
    fuzz = [sys.executable, "-m", "pytest", "-q", "tests/integration/test_malformed.py"]
    count = {"MODELDEX_FUZZ_DOCUMENTS": str(documents)}
    failed = subprocess.run(fuzz, cwd=ROOT, env=os.environ | count, check=False)
    what = f"failures in {documents:,} malformed documents"
    yield what, failed.returncode, 0, "", False
    registry = bootstrap.open(overlays=())
    counts = damage.check_damage(_sample(registry), snapshots, seed=20261123)
    yield (
        f"wrong facts in {snapshots:,} damaged snapshots",
        counts["wrong"],
        0,
        "",
        False,
    )


def _sample(registry: modeldex.Registry) -> bytes:
    """Return a snapshot of real models, small enough to damage a thousand times."""
    from modeldex.catalog.compile import compile_snapshot

    snapshot = registry.catalog.snapshot
    rows = range(0, snapshot.meta["models"], 40)
    models = [snapshot.row_columns(row) for row in rows]
    providers = {columns[0]: snapshot.providers[columns[0]] for columns in models}
    facts = {
        p: {k: v for k, v in f.items() if k != "models"} for p, f in providers.items()
    }
    return compile_snapshot(models, facts, {"date": snapshot.meta["date"]})


def main(arguments: list[str]) -> int:
    """Measure and print; return 1 when a bar is missed."""
    small = "--small" in arguments
    open_snapshot(bootstrap.PACKAGED).verify()
    missed = 0
    for rows in (
        start(10 if small else 40),
        warm(),
        resolving(),
        costs(),
        past(),
        compiling(),
        hostile(1_000 if small else 10_000, 200 if small else 1_000),
        stores(small=small),
        guards(small=small),
        exports(small=small),
        syncing(500 if small else 5_000),
        instances(small=small),
        answering(3, 1_000) if small else answering(),
        () if small else fuzzed(),
    ):
        for what, measured, bar, unit, absolute in rows:
            reached = measured <= bar
            counted = not (absolute and small)
            missed += counted and not reached
            verdict = "ok" if reached else "MISSED" if counted else "slow here"
            print(f"{what:45} {measured:10.2f} {unit:3}  bar {bar:6g}  {verdict}")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
