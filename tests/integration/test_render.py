"""Tables that fit the terminal: whole cells, the least important columns left out."""

from __future__ import annotations

import re

import pytest

from modeldex import cli
from modeldex.cli.render import Layout, print_table
from modeldex.usecases.records import flat_record

TITLES = (
    *("ref", "context", "max_output", "input", "output"),
    *("status", "released", "capabilities"),
)
WIDTHS = (60, 80, 120, 160)
COMMANDS = [
    ("find", "vision", "limit:2", "sort:input"),
    ("list", "openai"),
    ("providers",),
    ("providers", "openai"),
    ("show", "openai/gpt-4o"),
    ("recommend", "vision"),
    ("doctor",),
]


@pytest.fixture
def at(monkeypatch, capsys):
    """Return what prints a command's table at a width."""

    def run(width, *words):
        monkeypatch.setenv("COLUMNS", str(width))
        capsys.readouterr()
        assert cli.run([*words, "--format", "table"]) == 0
        out, err = capsys.readouterr()
        return [line.rstrip() for line in out.splitlines()], err

    return run


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_no_line_is_wider_than_the_terminal(at, words, width):
    """Every line of every table fits, and the first column is there."""
    lines, _ = at(width, *words)
    assert max(map(len, lines)) <= width
    names = ("ref", "provider", "fact", "check")
    assert lines[1].split()[0] in names


@pytest.mark.parametrize("width", WIDTHS)
def test_cells_of_models_are_whole(at, width):
    """A row is one line; numbers, dates and titles are never broken."""
    lines, _ = at(width, "find", "vision", "limit:2", "sort:input")
    title, rule, *rows = (line for line in lines if line)
    assert len(rows) == 2
    assert set(rule.strip()) == {"─"}
    titles = title.split()
    assert titles[0] == "ref"
    assert titles == [name for name in TITLES if name in titles]
    for row in rows:
        cells = re.split(r"\s{2,}", row.strip())
        assert re.fullmatch(r"[a-z0-9-]+/\S+[^…]", cells[0])
        assert re.fullmatch(r"[\d,]+", cells[1])


def test_columns_go_in_their_order(at):
    """Capabilities are cut first; then they go, then released, status, max_output."""
    shown = []
    for width in range(160, 40, -4):
        lines, err = at(width, "find", "provider:openai", "limit:3", "sort:input")
        titles = tuple(lines[1].split())
        if titles not in shown:
            shown.append(titles)
        assert ("no room for" in err) == (len(titles) < 8)
    known = list(TITLES)
    for gone, titles in zip(
        ((), ("capabilities",), ("released",), ("status",), ("max_output",)),
        shown,
        strict=False,
    ):
        known = [name for name in known if name not in gone]
        assert list(titles) == known


def test_free_text_goes_on_in_the_next_line(monkeypatch, capsys):
    """Prose wraps between its words; what stands beside it does not."""
    monkeypatch.setenv("COLUMNS", "60")
    text = "context of 1,048,576 tokens +32, has prompt_caching +5, cheap +11"
    rows = [{"ref": "acme/large", "score": 1234567, "reasons": text}]
    print_table(rows, ("ref", "score", "reasons"))
    out = capsys.readouterr().out
    lines = [line for line in out.splitlines() if line.strip()][2:]
    assert len(lines) > 1
    assert "1,234,567" in lines[0]
    assert all(len(line) <= 60 for line in lines)
    words = " ".join(lines).replace("acme/large", "").replace("1,234,567", "").split()
    assert words == text.split()


def test_a_name_wider_than_the_terminal_is_cut(monkeypatch, capsys):
    """The first column stays whatever its width, and wide letters count twice."""
    monkeypatch.setenv("COLUMNS", "40")
    rows = [{"ref": "模" * 60, "n": 5}, {"ref": "b", "n": 7}]
    print_table(rows, ("ref", "n"), Layout(droppable=("n",)))
    out, err = capsys.readouterr()
    assert "…" in out
    assert "模" in out
    assert "no room for n" in err


def test_a_pipe_is_wide(monkeypatch, capsys):
    """Without a terminal and without COLUMNS a table has room."""
    monkeypatch.delenv("COLUMNS", raising=False)
    rows = [{"ref": "r" * 70, "status": "s" * 60}]
    print_table(rows, ("ref", "status"), Layout(droppable=("status",)))
    assert "s" * 60 in capsys.readouterr().out


def test_a_record_is_flat():
    """Parameters of a capability count as yes; empty mappings are unknown."""
    row = flat_record(
        {
            "ref": "a/b",
            "pricing": {"input": None, "output": None, "state": "unknown"},
            "capabilities": {"reasoning": {"toggle": True}, "vision": False},
            "modalities": None,
            "metadata": {},
            "sources": {"*": "x"},
        }
    )
    assert (row["capabilities"], row["capabilities_no"]) == (["reasoning"], ["vision"])
    assert row["pricing.state"] == "unknown"
    assert row["metadata"] is row["modalities.output"] is None
    assert row["sources"] == '{"*":"x"}'
