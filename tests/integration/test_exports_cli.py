"""`modeldex export`: to a file, the output, a directory, an archive; and its losses."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import zipfile
from typing import TYPE_CHECKING

import pytest

from modeldex.bootstrap.export_folder import MARK
from shells import Shell

if TYPE_CHECKING:
    from pathlib import Path

ACME = """\
provider: acme
models:
  a:
    name: Acme A
    pricing: {input: 3, output: 15}
    capabilities: {vision: yes, reasoning: no}
  b: {pricing: {input: 1, output: 2}}
"""
NEAR = "provider: near\nmodels: {c: {pricing: free}}\n"


class OwnShell(Shell):
    """A shell that asks two files alone."""

    def __call__(self, *words: str, answer: str = "") -> tuple[int, str, str]:
        """Run a command over the files."""
        own = () if words[0] == "--catalog" else ("--catalog", "yaml")
        return super().__call__(*own, *words, answer=answer)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Return a home whose catalogue is two small files."""
    yaml = tmp_path / "yaml"
    yaml.mkdir()
    (yaml / "acme.yaml").write_text(ACME)
    (yaml / "near.yaml").write_text(NEAR)
    return OwnShell(tmp_path)


def test_formats_are_listed(shell: Shell) -> None:
    """Each with the file that it is served as."""
    rows = shell.json("export", "list")
    assert {row["format"] for row in rows} >= {"litellm", "exllm", "parquet"}
    assert all(row["file"] and row["what"] for row in rows)


def test_an_export_goes_to_the_output_or_to_a_file(shell: Shell) -> None:
    """The same bytes, and a remark on what the format does not carry."""
    status, out, said = shell("export", "litellm")
    assert (status, said) == (0, "")
    status, nothing, said = shell("export", "litellm", "--out", "map.json")
    assert (status, nothing) == (0, "")
    assert "3 models written to map.json" in said
    assert "--losses tells which" in said
    assert (shell.home / "map.json").read_text() == out
    assert json.loads(out)["acme/a"]["input_cost_per_token"] == 3e-06


def test_terms_choose_models(shell: Shell) -> None:
    """As `find` does; a term that is none is told."""
    _, out, _ = shell("export", "csv", "vision", "provider:acme", "--out", "-")
    assert [row["ref"] for row in csv.DictReader(io.StringIO(out))] == ["acme/a"]
    status, out, said = shell("export", "csv", "visoin")
    assert (status, out) == (2, "")
    assert "vision" in said


def test_losses_are_told(shell: Shell) -> None:
    """As a table, or as JSON; nothing is written."""
    report = shell.json("export", "exllm", "--losses")
    assert report["models"] == 3
    assert {"field", "models", "reason", "examples"} == report["lost"][0].keys()
    status, out, _ = shell("export", "csv", "--losses")
    assert status == 0
    kinds = {line.split("\t")[2] for line in out.splitlines()[1:]}
    assert kinds <= {"provider"}


def test_a_directory_is_written_again_but_not_into_another(shell: Shell) -> None:
    """What a former export left and no longer has is gone; other files stay."""
    wrote = shell.json("export", "exllm", "--out", "models")
    assert (wrote["files"], wrote["models"]) == (2, 3)
    folder = shell.home / "models"
    assert sorted(path.name for path in folder.iterdir()) == [
        MARK,
        "acme.yml",
        "near.yml",
    ]
    (folder / "own.txt").write_text("mine")
    assert shell("export", "exllm", "provider:acme", "--out", "models")[0] == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        MARK,
        "acme.yml",
        "own.txt",
    ]
    status, _, said = shell("export", "exllm", "--out", "yaml")
    assert status == 2
    assert "holds other files" in said
    assert sorted(path.name for path in (shell.home / "yaml").iterdir()) == [
        "acme.yaml",
        "near.yaml",
    ]


@pytest.mark.parametrize("path", ["../victim", "/etc/victim", "a/../../victim"])
def test_a_mark_that_names_files_outside_is_refused(shell: Shell, path: str) -> None:
    """A directory that somebody prepared makes nothing else vanish."""
    folder = shell.home / "models"
    folder.mkdir()
    victim = shell.home / "victim"
    victim.write_text("mine")
    (folder / MARK).write_text(json.dumps({"format": "exllm", "files": [path]}))
    status, _, said = shell("export", "exllm", "--out", "models")
    assert status == 2
    assert "outside" in said
    assert victim.read_text() == "mine"


def test_a_directory_of_another_format_is_refused(shell: Shell) -> None:
    """Two exports do not share a directory."""
    (shell.home / "site").mkdir()
    (shell.home / "site" / MARK).write_text('{"format": "site", "files": []}')
    status, _, said = shell("export", "exllm", "--out", "site")
    assert status == 2
    assert "is an export of site" in said


def test_files_and_directories_are_not_confused(shell: Shell) -> None:
    """A directory needs a place, a file is none, and one format is not another."""
    (shell.home / "folder").mkdir()
    (shell.home / "file").write_text("x")
    for words, told in (
        (("exllm",), "say --out DIR"),
        (("exllm", "--out", "file"), "is a file"),
        (("csv", "--out", "folder"), "is a directory"),
        (("csv", "--json"), "say --out PATH"),
    ):
        status, out, said = shell("export", *words)
        assert (status, out) == (2, ""), words
        assert told in said
    assert (shell.home / "file").read_text() == "x"


def test_archives_and_databases_are_files(shell: Shell) -> None:
    """A zip of ExLLM's files, and SQLite that SQL is asked of."""
    assert shell("export", "exllm", "--out", "x.zip")[0] == 0
    with zipfile.ZipFile(shell.home / "x.zip") as archive:
        assert sorted(archive.namelist()) == ["acme.yml", "near.yml"]
    assert shell("export", "exllm", "--out", "x.tar.gz")[0] == 0
    assert shell("export", "sqlite", "--out", "x.sqlite")[0] == 0
    connection = sqlite3.connect(shell.home / "x.sqlite")
    question = "SELECT ref FROM prices WHERE meter='input' ORDER BY approximate"
    found = [ref for (ref,) in connection.execute(question)]
    connection.close()
    assert found == ["near/c", "acme/b", "acme/a"]


def test_exllms_directory_is_a_catalogue_here_too(shell: Shell) -> None:
    """What was exported is opened again as files of one's own."""
    assert shell("export", "exllm", "--out", "models")[0] == 0
    status, out, said = shell("--catalog", "models", "show", "acme/a", "--json")
    assert status == 0, said
    assert json.loads(out)["pricing"]["output"] == 15
