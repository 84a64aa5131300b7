"""Editing from the shell, over a small catalogue; once over the shipped one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from postgres import new_store_url
from shells import SRC, Shell

if TYPE_CHECKING:
    from pathlib import Path

GPT = "openai/gpt-4o"
WHY = ("--because", "our contract")


def price(shell: Shell) -> Any:
    """Return the input price of a model as another process sees it."""
    return shell.json("show", GPT)["pricing"]["input"]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Return a shell at an empty home."""
    (tmp_path / "home").mkdir()
    return Shell(tmp_path / "home")


SEEDED = 3  # revisions of a home where something was written and taken back


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return such a home, made once."""
    shell = Shell(tmp_path_factory.mktemp("seed"))
    assert shell("edit", "set", GPT, "name=x", *WHY, "--yes")[0] == 0
    assert shell("rollback", "--yes")[0] == 0
    return shell.home


@pytest.fixture
def written(shell: Shell, seed: Path) -> Shell:
    """Return a shell at a copy of it."""
    shutil.copytree(seed, shell.home, dirs_exist_ok=True)
    return shell


def test_the_shipped_catalogue_is_edited_by_processes(tmp_path: Path) -> None:
    """The program as people run it, over the catalogue as it is."""

    def run(*words: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "modeldex", *words],
            capture_output=True,
            check=False,
            cwd=tmp_path,
            env={"HOME": str(tmp_path), "PYTHONPATH": SRC, "PATH": os.environ["PATH"]},
            stdin=subprocess.DEVNULL,
            text=True,
        )
        return done.returncode, done.stdout

    assert run("edit", "set", GPT, "pricing.input=2", *WHY, "--yes")[0] == 0
    assert run("find", "provider:openai", "input=2", "text:gpt-4o", "-q") == (
        *(0, f"{GPT}\n"),
    )
    assert run("doctor")[0] == 0


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_edit_is_seen_by_the_next_process_and_rolled_back(
    shell: Shell, kind: str
) -> None:
    """The way of an edit: shown, written, seen, told, taken back."""
    if kind == "sqlite":
        status, _, said = shell("log")
        assert (status, "nothing was ever written" in said) == (0, True)
    else:
        shell.environ["MODELDEX_STORE"] = new_store_url()
    status, out, _ = shell("edit", "set", GPT, "pricing.input=2", *WHY, "--dry-run")
    assert status == 0
    assert f"{GPT}\tpricing.input\t2.5\t2\t" in out
    assert list(shell.home.iterdir()) == []  # nothing is made before the first write
    assert shell("edit", "set", GPT, "pricing.input=2", *WHY, "--yes")[0] == 0
    assert price(shell) == 2
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
    assert price(shell) == 2.5
    assert shell.json("verify")["faults"] == []


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
    words = ("edit", "add", "acme/other", "pricing={input: 1, output: 2}", "--dry-run")
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
    assert price(shell) == 7
    assert shell("edit", "set", GPT, "pricing.input=2", *WHY, "--yes")[0] == 0
    found = shell.json("show", GPT)
    assert (found["pricing"]["input"], found["name"]) == (2, "Mine")
    assert shell("edit", "unpin", GPT, "--yes")[0] == 0
    assert price(shell) == 7


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
    assert price(shell) == 2
    del shell.environ["MODELDEX_STORE"]
    assert price(shell) == 2.5  # another store, another catalogue


def test_processes_write_at_once(written: Shell) -> None:
    """Edits of several processes are all there, in the store and for readers."""
    shell = written
    names = [f"metadata.t{number}={number}" for number in range(6)]

    def write(name: str) -> int:
        return shell.process("edit", "set", GPT, name, *WHY, "--yes")[0]

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
    assert price(shell) == 2.5
    assert shell(*words, "name=x", *WHY, "--yes")[0] == 0
    assert price(shell) == 2
    assert len(shell.json("log")) == SEEDED + 2
