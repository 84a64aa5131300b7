"""modeldex at a home of its own, over a small catalogue that answers at once."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import modeldex
from catalogs import DAY
from modeldex import bootstrap, cli, stores
from modeldex.bootstrap import authored, writing
from modeldex.catalog.compile import compile_snapshot
from modeldex.catalog.encode import encode
from modeldex.stores import open_store as really_open
from modeldex.usecases import kept
from stored import ENTRIES

if TYPE_CHECKING:
    from collections.abc import Callable

SRC = str(Path(modeldex.__file__).parents[1])
# the program, with another file in the place of the shipped catalogue
PROGRAM = """
import sys
from modeldex import bootstrap
bootstrap.PACKAGED = sys.argv.pop(1)
from modeldex.cli import script
script()
"""


@cache
def small_catalogue() -> bytes:
    """Return a compiled catalogue of a few models."""
    rows = [encode(*key, facts) for key, facts in ENTRIES.items()]
    providers: dict[str, Any] = {row[0]: {"name": row[0].upper()} for row in rows}
    return compile_snapshot(rows, providers, {"date": DAY})


class _Exit:
    """What is done when a program ends, in the place of `atexit`."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def register(self, call: Callable[[], None]) -> None:
        """Do it at the end."""
        self.waiting.append(call)

    def unregister(self, call: Callable[[], None]) -> None:
        """Do not do it."""
        self.waiting = [one for one in self.waiting if one != call]


class Shell:
    """A home, and modeldex run there: within this process, or as one of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.packaged = home.parent / f"{home.name}.shipped"
        self.packaged.write_bytes(small_catalogue())
        self.environ = {"HOME": str(home), "PATH": os.environ.get("PATH", "")}

    def __call__(self, *words: str, answer: str = "") -> tuple[int, str, str]:
        """Run a command; return exit status, output and remarks."""
        out, said, ending = io.StringIO(), io.StringIO(), _Exit()
        opened: list[Any] = []

        def open_store(*given: Any) -> Any:
            opened.append(really_open(*given))
            return opened[-1]

        with pytest.MonkeyPatch.context() as patch:
            for name in set(os.environ) - set(self.environ):
                patch.delenv(name)
            for name, value in self.environ.items():
                patch.setenv(name, value)
            for module in (bootstrap, authored, writing):
                patch.setattr(module, "PACKAGED", str(self.packaged))
            patch.setattr(kept, "atexit", ending)
            patch.setattr(stores, "open_store", open_store)
            patch.setattr(sys, "stdin", io.StringIO(answer))
            patch.chdir(self.home)
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(said):
                status = cli.run(words)
                for call in ending.waiting:
                    call()
                for store in opened:
                    store.close()
        return status, out.getvalue(), said.getvalue()

    def process(self, *words: str) -> tuple[int, str, str]:
        """Run a command as a process of its own."""
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(self.packaged), *words],
            capture_output=True,
            check=False,
            cwd=self.home,
            env=self.environ | {"PYTHONPATH": SRC},
            stdin=subprocess.DEVNULL,
            text=True,
        )
        return done.returncode, done.stdout, done.stderr

    def json(self, *words: str) -> Any:
        """Run a command that succeeds; return what it prints as JSON."""
        status, out, said = self(*words, "--json")
        assert status == 0, said
        return json.loads(out)
