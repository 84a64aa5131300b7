"""modeldex run as people run it: each command is a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import modeldex

SRC = str(Path(modeldex.__file__).parents[1])
GPT = "openai/gpt-4o"


class Shell:
    """A home, and modeldex run there."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environ = {
            "HOME": str(home),
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": SRC,
        }

    def __call__(self, *words: str, answer: str = "") -> tuple[int, str, str]:
        """Run a command; return exit status, output and remarks."""
        done = subprocess.run(
            [sys.executable, "-m", "modeldex", *words],
            capture_output=True,
            check=False,
            cwd=self.home,
            env=self.environ,
            input=answer,
            text=True,
        )
        return done.returncode, done.stdout, done.stderr

    def json(self, *words: str) -> Any:
        """Run a command that succeeds; return what it prints as JSON."""
        status, out, said = self(*words, "--json")
        assert status == 0, said
        return json.loads(out)

    def price(self) -> Any:
        """Return the input price of a model as another process sees it."""
        return self.json("show", GPT)["pricing"]["input"]
