"""Time on the shell: prices, changes, days gone by, drawings, feeds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from histories import HISTORY, O3
from modeldex import bootstrap, cli
from modeldex.bootstrap import past
from modeldex.catalog.history_pack import pack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Return what runs a command over the shipped catalogue and a small history."""
    path = tmp_path / "history"
    path.write_bytes(pack(HISTORY))
    monkeypatch.setattr(past, "HISTORY", str(path))
    monkeypatch.setattr(bootstrap, "today", lambda: "2026-11-23")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.chdir(tmp_path)

    def ran(*words: str) -> tuple[int, str, str]:
        status = cli.run(words)
        out, err = capsys.readouterr()
        return status, out, err

    return ran


def test_a_price_at_a_time(run: Run) -> None:
    """Rows per meter, and since when; JSON holds both."""
    status, out, err = run("price", O3, "--at", "2025-06-09")
    assert status == 0
    assert "input\t10\t1000000\ttoken\tUSD" in out
    assert "in force since 2025-04-17T10:00:00Z (first seen) until 2025-06-10" in err
    _, out, _ = run("price", O3, "--at", "2025-06-10", "--json")
    assert json.loads(out) | {"since": "2025-06-10", "input": 2} == json.loads(out)
    _, out, _ = run("price", O3, "--at", "2025-06-10", "--known-at", "2025-06-10")
    assert "input\t10" in out


@pytest.mark.parametrize(
    ("ref", "at", "said"),
    [
        (O3, "2024-01-01", "the first known price is of 2025-04-17T10:00:00Z"),
        ("openai/gone", "2024-05-01", "unknown since 2024-03-02T00:00:00Z"),
    ],
)
def test_an_unknown_price_is_a_failure(run: Run, ref: str, at: str, said: str) -> None:
    """What is not known is said, and is no success."""
    status, _, err = run("price", ref, "--at", at)
    assert (status, said in err) == (1, True)


def test_history_in_every_format(run: Run) -> None:
    """Rows, JSON and a chart; `price.` stands for `pricing.`."""
    status, out, _ = run("history", O3, "--field", "price.input", "--json")
    rows = json.loads(out)
    assert status == 0
    assert [(row["old"], row["new"]) for row in rows] == [(None, 10), (10, 2)]
    assert rows[1]["effective_at"] == "2025-06-10"
    _, out, _ = run("history", O3, "--format", "table")
    assert "pricing.input, USD per 1M" in out
    assert "●" in out
    _, out, _ = run("history", "--source", "genai-prices", O3, "-q")
    assert out.split() == ["2025-06-22T12:00:00Z"] * 2
    status, _, err = run("history", "openai/gpt-4o")
    assert (status, "nothing is known of the past" in err) == (0, True)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("history",), 2),
        (("history", "--help"), 0),
        (("history", "openai/never"), 3),
        (("history", O3, "--plot", "x.gif"), 2),
        (("history", O3, "--plot", "x.svg", "--field", "capabilities.vision"), 2),
        (("price", O3, "--at", "soon"), 2),
        (("changes", "--since", "soon"), 2),
        (("changes", "--kind", "moved"), 2),
        (("find", "--as-of", "2020-01-01"), 3),
        (("show", O3, "--explain", "--as-of", "2025-06-09"), 2),
    ],
)
def test_exit_statuses(run: Run, words: tuple[str, ...], status: int) -> None:
    """Usage is 2, what is unknown 3."""
    found, out, err = run(*words)
    assert found == status, out + err


@pytest.mark.parametrize(
    ("form", "begin"),
    [("svg", b"<svg"), ("png", b"\x89PNG"), ("html", b"<!DOCTYPE html>")],
)
def test_drawings(run: Run, tmp_path: Path, form: str, begin: bytes) -> None:
    """A file of each form; no page loads anything from elsewhere."""
    pytest.importorskip("vl_convert")
    path = tmp_path / f"prices.{form}"
    status, _, err = run("history", O3, "openai/gone", "--plot", str(path))
    assert status == 0, err
    data = path.read_bytes()
    assert data.lstrip().startswith(begin)
    assert b'src="http' not in data


def test_changes_as_rows_and_as_a_feed(run: Run) -> None:
    """What became known in a span."""
    span = ("--since", "2025-06-11", "--until", "2025-06-11")
    _, out, _ = run("changes", *span, "--json")
    assert {row["field"] for row in json.loads(out)} == {
        "pricing.input",
        "pricing.output",
    }
    _, out, _ = run("changes", *span, "--feed", "json")
    feed: dict[str, Any] = json.loads(out)
    (item,) = feed["items"]
    assert item["title"] == (
        "openai/o3: pricing.input 10 → 2, since 2025-06-10 (litellm) and 1 more"
    )
    assert item["date_published"] == "2025-06-11T05:46:00Z"
    _, out, _ = run("changes", "--since", "2024-01-01", "--feed", "atom")
    root = ET.fromstring(out)
    name = "{http://www.w3.org/2005/Atom}"
    ids = [entry.findtext(f"{name}id") for entry in root.iter(f"{name}entry")]
    assert len(ids) == len(set(ids)) >= 4
    assert root.findtext(f"{name}updated") == "2025-06-11T05:46:00Z"
    _, again, _ = run("changes", "--since", "2024-01-01", "--feed", "atom")
    assert again == out
    _, out, _ = run("changes", "--since", "2026-11-20", "--feed", "atom")
    assert ET.fromstring(out).findtext(f"{name}updated") == "2026-11-23T00:00:00Z"


def test_questions_of_a_day(run: Run) -> None:
    """--as-of asks the catalogue of that day, of every command that has it."""
    day = ("--as-of", "2025-06-09")
    assert run("find", "vision", *day, "-q")[1].split() == [O3]
    assert run("list", "openai", *day, "-q")[1].split() == [O3]
    assert json.loads(run("show", O3, *day, "--json")[1])["pricing"]["input"] == 10
    compared = json.loads(run("compare", O3, *day, "--json")[1])
    assert O3 in json.dumps(compared)
    assert run("cost", O3, "--input", "1000000", *day, "-q")[1].strip() == "10"
    later = ("--as-of", "2025-06-10")
    assert run("cost", O3, "--input", "1000000", *later, "-q")[1].strip() == "2"


def test_a_damaged_history_is_told(run: Run) -> None:
    """No wrong fact is served; what does not need it goes on."""
    with open(past.HISTORY, "r+b") as file:
        file.seek(20)
        file.write(b"\0\0\0\0")
    status, _, err = run("price", O3, "--at", "2025-06-09")
    assert (status, "the header is damaged" in err) == (1, True)
    assert run("show", O3)[0] == 0
