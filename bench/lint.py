"""How quick `modeldex lint` is: megabytes of source a second, and what it reports.

Scans a generated tree of code and configuration, or the directory given.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import modeldex
from modeldex.usecases.lint.report import lint_files
from modeldex.usecases.lint.walk import find_files

ROUNDS = 5
CODE = '''"""Module {n}."""

import os

from openai import OpenAI

NAMES = ["alpha-{n}", "beta/{n}", 'gamma', "delta-{n}.json"]


def ask_{n}(client: OpenAI, text: str, model: str = "gpt-4o-2024-11-20") -> str:
    """Ask a question; the answer's text comes back, without what surrounds it."""
    answer = client.chat.completions.create(
        model=os.environ.get("CHAT_MODEL", model),
        messages=[{{"role": "user", "content": text}}, {{"role": "system"}}],
        temperature=0.{n},
    )
    return answer.choices[0].message.content or "nothing to say about {n}"
'''
CONFIG = """service-{n}:
  image: registry.example/team/service-{n}:1.2.{n}
  environment: [LOG_LEVEL, "TRACE_{n}"]
  llm:
    model: claude-sonnet-4-5
    fallbacks: [gpt-5, gemini-2.5-flash]
    timeout: 30
"""


def tree(root: Path, copies: int = 120, files: int = 60) -> None:
    """Write a tree of some megabytes, half code and half configuration."""
    for number in range(files):
        code = "".join(CODE.format(n=n) for n in range(copies))
        config = "".join(CONFIG.format(n=n) for n in range(copies * 3))
        (root / f"part_{number}.py").write_text(code, encoding="utf-8")
        (root / f"part_{number}.yaml").write_text(config, encoding="utf-8")


def measure(root: str) -> None:
    """Print the best of some rounds over a directory, in processor time."""
    started = time.process_time()
    linter = modeldex.open().linter()
    ready = time.process_time() - started
    best, report = float("inf"), None
    for _ in range(ROUNDS):
        started = time.process_time()
        report = lint_files(linter, find_files([root]))
        best = min(best, time.process_time() - started)
    assert report is not None
    size = report.characters / 1e6
    print(f"ready in {ready * 1e3:.0f} ms")
    print(
        f"{report.files:,} files, {size:.1f} MB in {best:.2f} s: "
        f"{size / best:.1f} MB/s, {len(report.findings):,} findings"
    )


def main() -> None:
    """Measure the directory given, or a generated tree."""
    if sys.argv[1:]:
        measure(sys.argv[1])
        return
    with tempfile.TemporaryDirectory() as folder:
        tree(Path(folder))
        measure(folder)


if __name__ == "__main__":
    main()
