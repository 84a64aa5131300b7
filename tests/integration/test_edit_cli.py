"""Editing from the shell: each command is a process, as people run it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import modeldex

SRC = str(Path(modeldex.__file__).parents[1])
GPT = "openai/gpt-4o"
WHY = ("--because", "our contract")


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


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Return a shell at an empty home."""
    return Shell(tmp_path)


SEEDED = 3  # revisions of a home where something was written and taken back


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return such a home, made once: the first write takes a while."""
    shell = Shell(tmp_path_factory.mktemp("seed"))
    assert shell("edit", "set", GPT, "name=x", *WHY, "--yes")[0] == 0
    assert shell("rollback", "--yes")[0] == 0
    return shell.home


@pytest.fixture
def written(tmp_path: Path, seed: Path) -> Shell:
    """Return a shell at a copy of it."""
    shutil.copytree(seed, tmp_path, dirs_exist_ok=True)
    return Shell(tmp_path)


def test_an_edit_is_seen_by_the_next_process_and_rolled_back(shell: Shell) -> None:
    """The way of an edit: shown, written, seen, told, taken back."""
    status, _, said = shell("log")
    assert (status, "nothing was ever written" in said) == (0, True)
    status, out, _ = shell("edit", "set", GPT, "pricing.input=2", *WHY, "--dry-run")
    assert status == 0
    assert f"{GPT}\tpricing.input\t2.5\t2\t" in out
    assert list(shell.home.iterdir()) == []  # nothing is made before the first write
    assert shell("edit", "set", GPT, "pricing.input=2", *WHY, "--yes")[0] == 0
    assert shell.price() == 2
    found = shell.json("find", "provider:openai", "input=2", "text:gpt-4o")
    assert GPT in [row["ref"] for row in found]
    log = shell.json("log")
    assert [row["revision"] for row in log] == [2, 1]
    assert log[0]["reason"] == "our contract"
    (change,) = shell.json("revision", "show", "2")["changes"]
    assert (change["field"], change["new"]["value"]) == ("pricing.input", 2)
    assert shell("diff", "1", "2", "-q")[0] == 1
    assert shell("diff", "2", "2")[0] == 0
    assert shell.json("rollback", "--yes")["revision"] == 3
    assert shell.price() == 2.5
    assert shell("doctor")[0] == 0


def test_it_asks_before_it_writes(written: Shell) -> None:
    """No is an answer, and so is silence; yes writes."""
    shell = written
    words = ("edit", "disable", GPT)
    status, _, said = shell(*words, answer="n\n")
    assert (status, "nothing was written" in said) == (1, True)
    status, _, said = shell(*words)
    assert (status, "--yes" in said, "nothing was written" in said) == (1, True, True)
    assert len(shell.json("log")) == SEEDED
    assert shell(*words, answer="y\n")[0] == 0
    assert shell.json("find", "status:disabled", "provider:openai")[0]["ref"] == GPT
    status, out, _ = shell("list", "openai", "-q")
    assert GPT not in out.split()


def test_yaml_repeats_what_it_says_twice(shell: Shell) -> None:
    """Our own YAML has neither anchors nor aliases; what we print loads there."""
    words = ("edit", "add", "acme/m", "pricing={input: 1, output: 2}", "--dry-run")
    status, out, _ = shell(*words, "--yaml")
    assert (status, out.count("source: curated"), "&" in out) == (0, 2, False)


REFUSED = [
    (("set", GPT, "pricing.input=2", "--yes"), 2, "say why"),
    (("pin", GPT, "pricing", "--yes"), 2, "say why"),
    (("set", GPT, "pricing.inptu=2", *WHY, "--yes"), 2, "did you mean input?"),
    (("set", GPT, "pricing.input", *WHY, "--yes"), 2, "write FIELD=VALUE"),
    (("set", "openai/gpt-4p", "name=x", *WHY, "--yes"), 3, "did you mean"),
    (("remove", GPT, "--yes"), 2, f"modeldex edit disable {GPT}"),
    (("add", GPT, "name=x", "--yes"), 2, "known already"),
    (("set", GPT, "name=x", "--contract", *WHY, "--yes"), 2, "pricing.METER"),
    (("set", GPT, "name=x", *WHY, "--yes", "--expect", "7"), 1, "not 7"),
]


@pytest.mark.parametrize(("words", "status", "said"), REFUSED)
def test_what_is_refused(
    shell: Shell, words: tuple[str, ...], status: int, said: str
) -> None:
    """A bad edit says what is wrong, and exits by the table of errors."""
    found, _, remarks = shell("edit", *words)
    assert (found, said in remarks) == (status, True), remarks


def test_a_dated_contract_price(written: Shell) -> None:
    """The price of a contract counts from its day in `cost`."""
    shell = written
    words = ("edit", "set", GPT, "pricing.input=1", "--contract", "--from")
    assert shell(*words, "2026-01-01", *WHY, "--yes")[0] == 0
    asked = ("cost", GPT, "--input", "1000000", "--at")
    assert shell.json(*asked, "2026-06-01")["total"] == 1
    assert shell.json(*asked, "2025-12-31")["total"] == 2.5


def test_edits_lie_over_the_users_yaml(written: Shell) -> None:
    """What a person edits is above their YAML, which is above what is shipped."""
    shell = written
    folder = shell.home / ".config" / "modeldex" / "providers"
    folder.mkdir(parents=True)
    text = "provider: openai\nmodels: {gpt-4o: {name: Mine, pricing: {input: 7}}}\n"
    (folder / "openai.yaml").write_text(text)
    assert shell.price() == 7
    assert shell("edit", "set", GPT, "pricing.input=2", *WHY, "--yes")[0] == 0
    found = shell.json("show", GPT)
    assert (found["pricing"]["input"], found["name"]) == (2, "Mine")
    assert shell("edit", "unpin", GPT, "--yes")[0] == 0
    assert shell.price() == 7


def test_own_models_and_an_own_place(shell: Shell, seed: Path, tmp_path: Path) -> None:
    """A model is added and removed; the store is where the settings say."""
    data = seed / ".local" / "share" / "modeldex"
    shutil.copytree(data, tmp_path / "elsewhere")
    shell.environ["MODELDEX_DATA_DIR"] = str(tmp_path / "elsewhere")
    words = ("acme/tuned", "context_window=32000", "pricing={input: 1, output: 3}")
    assert shell("edit", "add", *words, "--yes")[0] == 0
    assert shell.json("show", "acme/tuned")["pricing"]["output"] == 3
    assert shell("edit", "remove", "acme/tuned", "--yes")[0] == 0
    assert shell("show", "acme/tuned")[0] == 3
    del shell.environ["MODELDEX_DATA_DIR"]
    shutil.copy(data / "modeldex.db", tmp_path / "other.db")
    shell.environ["MODELDEX_STORE"] = f"sqlite:///{tmp_path}/other.db"
    assert shell("edit", "set", GPT, "pricing.input=2", *WHY, "--yes")[0] == 0
    assert shell.price() == 2
    del shell.environ["MODELDEX_STORE"]
    assert shell.price() == 2.5  # another store, another catalogue


def test_processes_write_at_once(written: Shell) -> None:
    """Edits of several processes are all there, in the store and for readers."""
    shell = written
    names = [f"metadata.t{number}={number}" for number in range(6)]

    def write(name: str) -> int:
        return shell("edit", "set", GPT, name, *WHY, "--yes")[0]

    with ThreadPoolExecutor(3) as pool:
        statuses = list(pool.map(write, names))
    assert set(statuses) == {0}
    assert len(shell.json("log")) == SEEDED + len(names)
    assert len(shell.json("show", GPT)["metadata"]) == len(names)


def test_an_edit_is_not_lost_with_the_file(written: Shell) -> None:
    """Where the catalogue file cannot be written, the edit is in the store."""
    shell = written
    data = shell.home / ".local" / "share" / "modeldex"
    shutil.rmtree(data / "catalog")
    (data / "catalog").write_text("in the way")
    words = ("edit", "set", GPT)
    status, _, said = shell(*words, "pricing.input=2", *WHY, "--yes")
    assert (status, "it is in the store" in said) == (0, True)
    (data / "catalog").unlink()
    assert shell.price() == 2.5
    assert shell(*words, "name=x", *WHY, "--yes")[0] == 0
    assert shell.price() == 2
    assert len(shell.json("log")) == SEEDED + 2
