"""Measure: whole processes in pairs, statements in turns, peak memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
import timeit
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PASS = "pass"
FIRST_ANSWER = "import modeldex; modeldex.get_info('openai', 'gpt-4o').pricing.input"
QUESTION: dict[str, Any] = {
    "capabilities": ["vision"],
    "min_context": 100_000,
    "max_input_price": 5,
    "sort": "input",
    "limit": 10,
}
FIRST_FIND = (
    "import modeldex; modeldex.find_refs(capabilities=['vision'], "
    "min_context=100_000, max_input_price=5, sort='input', limit=10)"
)
_PEAK = """
import re
print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
"""


def environment() -> dict[str, str]:
    """Return the environment of a measured process: bytecode is kept."""
    left_out = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "MODELDEX_CATALOG_PATH")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return kept | {"PYTHONHASHSEED": "0"}


def run_once(code: str, python: str = sys.executable) -> float:
    """Run code in a process of its own; return its wall time in seconds."""
    started = time.perf_counter()
    subprocess.run([python, "-c", code], check=True, env=environment())
    return time.perf_counter() - started


def paired(code: str, floor: str = PASS, runs: int = 40) -> tuple[float, float, float]:
    """Time two processes in turn: the median ratio, and each median in ms."""
    for _ in range(3):
        run_once(code)
        run_once(floor)
    pairs = [(run_once(code), run_once(floor)) for _ in range(runs)]
    ratio = statistics.median(one / two for one, two in pairs)
    ours = statistics.median(one for one, _ in pairs) * 1000
    floors = statistics.median(two for _, two in pairs) * 1000
    return ratio, ours, floors


def peak_kib(code: str, python: str = sys.executable) -> int:
    """Run code in a process of its own; return its peak resident memory in KiB."""
    done = subprocess.run(
        [python, "-c", code + _PEAK],
        check=True,
        env=environment(),
        capture_output=True,
        text=True,
    )
    return int(done.stdout.split()[-1])


def added_kib(code: str, runs: int = 7) -> int:
    """Return the median peak memory that code adds to bare Python, in KiB."""
    return int(statistics.median(peak_kib(code) - peak_kib(PASS) for _ in range(runs)))


def best_us(call: Callable[[], object], number: int = 300, repeat: int = 40) -> float:
    """Return the time of a call in microseconds: the best of many rounds."""
    return min(timeit.repeat(call, number=number, repeat=repeat)) / number * 1e6


def statement_ns(
    statement: str, names: Mapping[str, Any], number: int = 200_000
) -> float:
    """Return the time of a whole timeit statement in nanoseconds, the best of many."""
    rounds = timeit.repeat(statement, globals=dict(names), number=number, repeat=15)
    return min(rounds) / number * 1e9
