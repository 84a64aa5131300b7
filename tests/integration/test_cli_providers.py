"""`modeldex providers` and its commands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import modeldex
from modeldex import cli

if TYPE_CHECKING:
    from pathlib import Path

ACME = """\
provider: acme
name: Acme
kind: cloud
env: [ACME_KEY]
endpoints: [chat]
authentication: [api_key]
features: {streaming: yes, embeddings: no}
limitations: {max_file: {value: 5, unit: bytes}}
credentials: [[ACME_KEY], [ACME_ID, ACME_SECRET]]
models:
  m: {capabilities: [vision]}
"""
HOME = "provider: home\nkind: local\nauthentication: []\nmodels: {m: {mode: chat}}\n"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide the settings of whoever runs the tests, and work in an empty place."""
    for name in ("CATALOG_PATH", "CONFIG"):
        monkeypatch.delenv(f"MODELDEX_{name}", raising=False)
    for name in ("COLUMNS", "ACME_KEY", "ACME_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MODELDEX_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def ask(capsys, tmp_path):
    """Return what runs `modeldex providers …` over a small directory."""
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "acme.yaml").write_text(ACME)
    (folder / "home.yaml").write_text(HOME)

    def run(*arguments, path=folder):
        capsys.readouterr()
        start = ["--catalog", str(path)] if path else []
        status = cli.run([*start, "providers", *arguments])
        out, err = capsys.readouterr()
        return status, out, err

    return run


def rows(out):
    """Return tab-separated output as a list of rows."""
    return [line.split("\t") for line in out.splitlines()]


def test_bare_it_lists(ask):
    """Without a command, the providers are listed."""
    assert ask("-q") == (0, "acme\nhome\n", "")
    assert [row[0] for row in rows(ask()[1])] == ["provider", "acme", "home"]
    assert [row["provider"] for row in json.loads(ask("--json")[1])] == ["acme", "home"]


SHOWN = [("acme", "-q"), ("-q", "acme"), ("show", "acme", "-q"), ("-q", "show", "acme")]


@pytest.mark.parametrize("words", SHOWN)
def test_a_name_is_shown(ask, words):
    """A provider's name is shown with `show` or without, options in either place."""
    assert ask(*words) == (0, "acme\n", "")


def test_show(ask):
    """Every fact has a row, each limitation one of its own; JSON has all."""
    found = dict(row for row in rows(ask("acme")[1]) if len(row) == 2)
    assert found["limitations.max_file"] == "5 bytes"
    assert found["features"] == "streaming"
    assert found["features_no"] == "embeddings"
    assert found["credentials"] == "ACME_KEY or ACME_ID and ACME_SECRET"
    facts = json.loads(ask("show", "acme", "--json")[1])
    assert facts["limitations"] == {"max_file": {"value": 5, "unit": "bytes"}}
    assert facts["authentication"] == ["api_key"]
    assert rows(ask("home")[1])[0] == ["fact", "value"]


def test_the_shipped_ones_are_shown_by_any_name(ask):
    """The README's command works, and a synonym means its provider."""
    assert ask("amazon-bedrock", "-q", path=None) == (0, "amazon-bedrock\n", "")
    assert ask("bedrock", "-q", path=None)[1] == "amazon-bedrock\n"


FAILURES = [
    (("nobody",), 3, "unknown provider 'nobody'"),
    (("show",), 2, "Missing argument"),
    (("compare",), 2, "Missing argument"),
    (("compare", "acme", "nobody"), 3, "unknown provider 'nobody'"),
    (("recommend", "visoin"), 2, "did you mean vision"),
    (("recommend", "--among", "nobody"), 3, "unknown provider"),
    (("matrix", "--features", "visoin"), 2, "did you mean vision"),
    (("matrix", "--providers", "nobody"), 3, "unknown provider"),
    (("matrix", "--export", "pdf"), 2, "pdf"),
    (("matrix", "--output", "x"), 2, "--export markdown"),
    (
        ("matrix", "--export", "html", "--output", "no/x"),
        1,
        "no/x",
    ),
]


@pytest.mark.parametrize(("words", "status", "message"), FAILURES)
def test_failures(ask, words, status, message):
    """What is wrong is told on standard error, with the status of its kind."""
    found, out, err = ask(*words)
    assert (found, out) == (status, "")
    assert message in err


def test_compare(ask):
    """Providers stand side by side, a * marks what differs."""
    table = rows(ask("compare", "acme", "home")[1])
    assert table[0] == ["fact", "acme", "home"]
    found = {row[0]: row[1:] for row in table}
    assert found["features.streaming *"] == ["yes", ""]
    assert found["features.chat"] == ["yes", "yes"]
    assert found["limitations.max_file *"] == ["5 bytes", ""]
    assert "features.streaming" in ask("compare", "acme", "home", "-q")[1].split()
    full = json.loads(ask("compare", "acme", "home", "--json")[1])
    assert full["providers"] == ["acme", "home"]
    assert full["comparison"]["acme"]["features"]["embeddings"] is False


def test_recommend(ask):
    """Rows are ranked with reasons; options narrow and weigh."""
    table = rows(ask("recommend", "chat", "--prefer", "vision")[1])
    assert table[0] == ["provider", "score", "reasons"]
    assert [row[0] for row in table[1:]] == ["acme", "home"]
    assert "required chat: one of its endpoints +1" in table[1][2]
    assert ask("recommend", "chat", "--local", "-q")[1] == "home\nacme\n"
    assert ask("recommend", "--exclude", "acme", "-q")[1] == "home\n"
    assert ask("recommend", "--endpoint", "chat", "--among", "acme", "-q")[1] == (
        "acme\n"
    )
    assert ask("recommend", "chat", "--limit", "1", "-q")[1] == "acme\n"
    assert ask("recommend", "embeddings", "-q") == (0, "", "")
    (one, _) = json.loads(ask("recommend", "chat", "--free", "--json")[1])
    assert one["provider"] == "home"
    assert one["score"] == round(
        sum(reason["points"] for reason in one["reasons"]) / one["maximum"], 4
    )


def test_matrix(ask, monkeypatch):
    """Cells are yes, no or unknown, and `configured` follows the environment."""
    words = ("matrix", "--features", "vision,embeddings,tools")
    table = rows(ask(*words)[1])
    names = ["provider", "vision", "embeddings", "function_calling", "configured"]
    assert table == [names, ["acme", "yes", "no", "unknown", "no"]]
    monkeypatch.setenv("ACME_KEY", "k")
    assert rows(ask(*words)[1])[1][-1] == "yes"
    everyone = rows(ask(*words, "--providers", "all")[1])
    assert [row[0] for row in everyone[1:]] == ["acme", "home"]
    full = json.loads(ask(*words, "--providers", "home,acme", "--json")[1])
    assert full["providers"] == ["home", "acme"]
    assert full["matrix"]["acme"]["embeddings"]["why"] == "stated of the provider"
    monkeypatch.setenv("COLUMNS", "100")
    status, out, err = ask(*words, "--format", "table")
    assert (status, "function_calling" in out) == (0, True)
    assert "unknown: nothing tells" in err


@pytest.mark.parametrize("kind", ["markdown", "html"])
def test_matrix_exports(ask, kind, tmp_path):
    """An export goes to standard output or to a file, the same bytes."""
    status, out, _ = ask("matrix", "--export", kind)
    assert status == 0
    file = tmp_path / "matrix.out"
    status, nothing, err = ask("matrix", "--export", kind, "--output", str(file))
    assert (status, nothing) == (0, "")
    assert "1 providers written" in err
    assert file.read_text("utf-8") == out
    matrix = modeldex.open(tmp_path / "own").provider_matrix()
    assert out == getattr(matrix, kind)()
