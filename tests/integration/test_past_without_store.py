"""The past needs no database: with the store gone, all of it is answered as before."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import modeldex
from modeldex.bootstrap.writing import sql_store
from modeldex.domain.change import OWN
from modeldex.errors import StoreError
from postgres import new_server

SRC = str(Path(modeldex.__file__).parents[1])
GPT = "openai/gpt-4o"
KILLED = """
import os, modeldex
modeldex.edits.set("openai/gpt-4o", {"context_window": 64000}, because="tried it")
os.kill(os.getpid(), 9)
"""


class Shell:
    """A home, and modeldex run there as people run it, each command a process."""

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


def answers(registry: Any, moments: list[str]) -> Any:
    """Return what is asked of the past."""
    catalogues = [registry.as_of(at) for at in (*moments[::2], "2024-10-01")]
    return (
        registry.history(GPT),
        registry.history(GPT, source="any"),
        registry.changes("2026-11-20", "2099-01-01"),
        [registry.price(GPT, at=at).as_dict() for at in moments],
        [registry.price(GPT, at=at, known_at=moments[0]).amounts for at in moments],
        [registry.cost(GPT, {"input": 1_000_000}, at=at).total for at in moments],
        [c.get_model_config(GPT) for c in catalogues],
        [c.catalog.get("ours", "a") for c in catalogues],
    )


class Home:
    """A data directory with a store, which can be taken away."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server: Any = None

    def take_away(self) -> None:
        """Remove the database file, or stop the server."""
        for path in (self.folder / "data").glob("modeldex.db*"):
            path.rename(self.folder / f"{path.name}.gone")
        if self.server is not None:
            self.server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def home(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Home:
    """Return a data directory of its own, with a store in either database."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("MODELDEX_DATA_DIR", str(tmp_path / "data"))
    found = Home(tmp_path)
    if request.param == "postgresql":
        found.server = new_server()
        monkeypatch.setenv("MODELDEX_STORE", str(found.server.get_uri()))
    return found


def no_store(*_: Any, **__: Any) -> None:
    """Stand for a database that cannot be asked."""
    raise StoreError("the store is gone")


def test_the_past_is_read_from_the_file(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the process that wrote and in others, with the same answers."""
    writer = modeldex.open(overlays=[])
    why = {"because": "our contract"}
    made = [
        writer.edits.set(GPT, {"pricing.input": 2}, **why),
        writer.edits.add("ours/a", {"pricing": {"input": 1, "output": 2}}),
        writer.edits.set(GPT, {"pricing.input": 1}, effective="2024-09-01", **why),
        writer.edits.disable("openai/gpt-4o-mini"),
    ]
    writer.revisions.rollback(3)
    moments = [edit.revision.at for edit in made if edit.revision]
    store = sql_store()
    assert store is not None
    rows = [change for _, change in store.changes_of(*GPT.split("/"))]
    assert writer.revisions.publish() == ""
    before = answers(writer, moments)
    store.close()
    writer._written()[0].store().close()
    home.take_away()
    monkeypatch.setattr("modeldex.bootstrap.writing.sql_store", no_store)
    monkeypatch.setattr("modeldex.stores.store.Database.reading", no_store)
    reader = modeldex.open(overlays=[])
    assert answers(writer, moments) == answers(reader, moments) == before
    told = [change for change in reader.history(GPT) if change.layer == OWN]
    assert told == [change for change in rows if change.layer == OWN]
    assert [str(reader.price(GPT, at=at).input) for at in moments] == ["1"] * 4
    assert str(reader.price(GPT, at=moments[0], known_at=moments[0]).input) == "2"
    assert str(reader.price(GPT, at="2024-08-31").input) != "1"
    ours = [reader.as_of(at).catalog.get("ours", "a") for at in moments]
    assert [model is not None for model in ours] == [False, True, True, True]
    mini = [reader.as_of(at).get_info("openai/gpt-4o-mini").status for at in moments]
    assert mini[-1] == "disabled" != mini[0]
    with pytest.raises(StoreError):
        reader.edits.set(GPT, {"pricing.input": 3}, **why)


@pytest.mark.parametrize("command", ["log", "verify", "doctor"])
def test_what_a_killed_process_committed_is_published(
    tmp_path: Path, command: str
) -> None:
    """Who opens the store sees that the file is behind it."""
    shell = Shell(tmp_path)
    assert shell("edit", "set", GPT, "name=One", "--because", "so", "--yes")[0] == 0
    done = subprocess.run(
        [sys.executable, "-c", KILLED], check=False, env=shell.environ
    )
    assert done.returncode == -9
    assert shell.json("show", GPT)["context_window"] == 128_000
    status, out, said = shell(command)
    assert status == 0, out + said
    assert "readers had revision 2, the store has 3: published now" in out + said
    assert shell.json("show", GPT)["context_window"] == 64_000
    assert "readers had" not in "".join(map(str, shell(command)))
