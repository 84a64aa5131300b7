"""Run every example of README and docs: Python, console, YAML and TOML blocks."""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import shlex
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sybil import Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

import modeldex
from modeldex import bootstrap, cli

if TYPE_CHECKING:
    from sybil import Example

ROOT = Path(__file__).parent
# what a developer has written by hand is not what the tests ask
os.environ["XDG_DATA_HOME"] = tempfile.mkdtemp(prefix="modeldex-tests-")
DAY = "2026-11-23"  # the day on which the examples are asked
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
XDG = ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")
KEPT = ("COLUMNS", "MODELDEX_CATALOG_PATH", *XDG)


def run_console(example: Example) -> str | None:
    """Run the `$ modeldex …` lines of a block and compare what they print."""
    for part in f"\n{example.parsed}".split("\n$ ")[1:]:
        command, _, expected = part.partition("\n")
        words = shlex.split(command, comments=True)
        assert words[0] == "modeldex", command
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            status = cli.run(words[1:])
        got = out.getvalue()
        wanted = expected.rstrip() + "\n"
        if not doctest.OutputChecker().check_output(wanted, got, FLAGS):
            return (
                f"$ {command}\n(exit status {status})\nexpected:\n{wanted}got:\n{got}"
            )
    return None


def check_yaml(example: Example) -> str | None:
    """Load a YAML block as a provider file: it has no errors."""
    from modeldex.catalog.authoring.load import load_text

    layer = load_text(str(example.parsed).encode(), "example.yaml")
    return "\n".join(map(str, layer.errors)) or None


def check_toml(example: Example) -> str | None:
    """Read a TOML block as settings."""
    import tomllib

    from modeldex.config import SETTINGS, TABLES
    from modeldex.domain.own_source import own_sources

    said = tomllib.loads(str(example.parsed))
    own_sources(said.get("sources", {}))
    unknown = set(said) - {*SETTINGS, *TABLES}
    return f"unknown settings: {unknown}" if unknown else None


def before(namespace: dict[str, Any]) -> None:
    """Ask the shipped catalogue, as it is, on a fixed day, in an empty directory."""
    folder = tempfile.TemporaryDirectory()
    namespace["_saved"] = {
        "today": bootstrap.today,
        "environ": {name: os.environ.get(name) for name in KEPT},
        "folder": folder,
        "cwd": Path.cwd(),
    }
    os.environ.pop("MODELDEX_CATALOG_PATH", None)
    os.environ |= dict.fromkeys(XDG, folder.name)
    os.environ["COLUMNS"] = "100"
    os.chdir(folder.name)
    bootstrap.today = lambda: DAY
    modeldex._opened = None
    modeldex._swapped({})


def after(namespace: dict[str, Any]) -> None:
    """Put everything back."""
    saved = namespace["_saved"]
    bootstrap.today = saved["today"]
    modeldex._opened = None
    modeldex._swapped({})
    os.chdir(saved["cwd"])
    for name, value in saved["environ"].items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    saved["folder"].cleanup()


pytest_collect_file = Sybil(
    parsers=[
        PythonCodeBlockParser(doctest_optionflags=FLAGS),
        CodeBlockParser("console", run_console),
        CodeBlockParser("yaml", check_yaml),
        CodeBlockParser("toml", check_toml),
    ],
    patterns=["README.md", "CONTRIBUTING.md", "docs/*.md"],
    path=str(ROOT),
    setup=before,
    teardown=after,
).pytest()
