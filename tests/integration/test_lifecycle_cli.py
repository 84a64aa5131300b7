"""`modeldex expiring` and `modeldex lint`: options, formats, exit statuses."""

from __future__ import annotations

import csv
import io
import json
import os
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from modeldex import bootstrap, cli

if TYPE_CHECKING:
    from collections.abc import Callable

    Ask = Callable[..., Any]

ACME = """\
provider: acme
kind: first_party
models:
  acme-1:
    family: acme
    deprecation_date: 2026-06-20
    release_date: 2025-01-01
    pricing: {input: 3, output: 15}
    sources: {"*": litellm}
  acme-2:
    family: acme
    release_date: 2026-01-01
    pricing: {input: 2, output: 15}
    sources: {"*": litellm}
  acme-0:
    deprecation_date: 2026-06-01
    replacement: [acme-2, acme-9]
    sources: {"*": litellm, replacement: {source: curated, url: "https://acme.example"}}
  acme-old:
    status: deprecated
    sources: {"*": models.dev}
"""
NEAR = """\
provider: near
models:
  last: {deprecation_date: 2026-06-16}
  today: {deprecation_date: 2026-06-15}
"""
COLUMNS = (
    "ref status day days_left replacement kind replacement_status "
    "input_change output_change source"
)


@pytest.fixture(autouse=True)
def _place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Work in an empty place, on a fixed day, beside a catalogue of one provider."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("MODELDEX_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(bootstrap, "today", lambda: "2026-06-15")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "acme.yaml").write_text(ACME)
    (tmp_path / "work").mkdir()
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.chdir(tmp_path / "work")


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Return what runs a command over the catalogue, and may be given input."""

    def run(*arguments: str, given: str = "") -> SimpleNamespace:
        stdin = io.TextIOWrapper(io.BytesIO(given.encode()), encoding="utf-8")
        monkeypatch.setattr("sys.stdin", stdin)
        capsys.readouterr()
        status = cli.run(["--catalog", "../own", *arguments])
        out, err = capsys.readouterr()
        return SimpleNamespace(status=status, out=out, err=err)

    return run


# --- expiring


def test_expiring_lists_what_stops(ask: Ask) -> None:
    """A row with day, days left, the suggestion and how prices change."""
    answer = ask("expiring")
    assert answer.status == 0
    (row,) = csv.DictReader(io.StringIO(answer.out), delimiter="\t")
    assert " ".join(row) == COLUMNS
    assert row == {
        "ref": "acme/acme-1",
        "status": "deprecated",
        "day": "2026-06-20",
        "days_left": "5",
        "replacement": "acme/acme-2",
        "kind": "suggested",
        "replacement_status": "active",
        "input_change": "-33.3",
        "output_change": "0.0",
        "source": "litellm",
    }
    assert ask("expiring", "--within", "4d", "-q").out == ""
    assert ask("expiring", "--within", "1w", "-q").out == "acme/acme-1\n"
    early = ask("expiring", "--at", "2026-05-30", "--within", "3", "-q")
    assert early.out == "acme/acme-0\n"


def test_expiring_fails_on_demand(ask: Ask) -> None:
    """Exit 1 with --fail when something is listed, 2 for wrong usage, 3 not found."""
    assert ask("expiring", "--fail").status == 1
    assert ask("expiring", "--fail", "--within", "4d").status == 0
    assert ask("expiring", "--within", "soon").status == 2
    assert ask("expiring", "--at", "tomorrow").status == 2
    assert ask("expiring", "--refs-from", "missing.txt").status == 2
    assert ask("expiring", "--provider", "nobody").status == 3


@pytest.mark.parametrize(
    ("ref", "days", "told"),
    [
        ("acme/acme-1", 5, "in 5 days; suggested replacement: acme/acme-2"),
        (
            "acme/acme-0",
            -14,
            "since 14 days; stated replacement: acme/acme-2 or acme/acme-9",
        ),
        ("near/last", 1, "in 1 day"),
        ("near/today", 0, "today"),
        ("acme/acme-2", None, None),
        ("acme/acme-old", None, None),
    ],
)
def test_show_counts_the_days(
    ask: Ask, ref: str, days: int | None, told: str | None
) -> None:
    """The table says how near the end is; JSON has the day, and a number beside it."""
    Path("../own/near.yaml").write_text(NEAR)
    lines = ask("show", ref, "--format", "tsv").out.splitlines()
    facts = dict(line.split("\t") for line in lines)
    assert facts.get("shutdown") == told
    record = json.loads(ask("show", ref, "--json").out)
    assert record["days_left"] == days
    assert facts.get("deprecation_date") == record["deprecation_date"]


def test_expiring_of_a_list(ask: Ask) -> None:
    """Names come from a file or standard input, with comments and blank lines."""
    names = "acme-1 # soon\n\n# acme-2\nacme/acme-2\nacme-0\nacme-old\nnope\n"
    Path("names.txt").write_text(names)
    answer = ask("expiring", "--refs-from", "names.txt", "--json")
    rows = json.loads(answer.out, parse_float=Decimal)
    assert [(row["ref"], row["status"], row["days_left"]) for row in rows] == [
        ("acme/acme-0", "retired", -14),
        ("acme/acme-1", "deprecated", 5),
        ("acme/acme-old", "deprecated", None),
        ("nope", "unknown", None),
    ]
    assert rows[0]["replacements"][1] == {
        "ref": "acme/acme-9",
        "kind": "stated",
        "reason": "https://acme.example",
        "input_change": None,
        "output_change": None,
        "status": None,
        "day": None,
        "via": [],
    }
    assert rows[1]["replacements"][0]["input_change"] == Decimal("-33.3")
    assert ask("expiring", "--refs-from", "-", given=names).out.count("\n") == 5
    assert ask("expiring", "--refs-from", "-", "--fail", given="nope").status == 1


def test_expiring_of_a_list_in_another_encoding(ask: Ask) -> None:
    """A mark of byte order is none of a name; what is no UTF-8 is no model."""
    Path("names.txt").write_bytes(b"\xef\xbb\xbfacme-1\r\n\xff\xfea\n")
    answer = ask("expiring", "--refs-from", "names.txt", "--json")
    refs = [(row["ref"], row["status"]) for row in json.loads(answer.out)]
    assert refs == [("acme/acme-1", "deprecated"), ("\ufffd\ufffda", "unknown")]


@pytest.mark.parametrize("form", ["table", "tsv", "json", "csv", "yaml", "quiet"])
def test_expiring_in_every_format(ask: Ask, form: str) -> None:
    """Every format names the model; the table counts on standard error."""
    answer = ask("expiring", "--format", form)
    assert answer.status == 0
    assert "acme/acme-1" in answer.out
    assert answer.err == ("1 end within 90d\n" if form == "table" else "")


# --- lint


CODE = 'ask(model="acme-1")\nx = "acme-0"\nask(model="acme-7")  # new\n'


def test_lint_prints_places(ask: Ask) -> None:
    """Findings go to standard output, a summary to standard error."""
    Path("sub").mkdir()
    Path("sub/a.py").write_text(CODE)
    answer = ask("lint", ".")
    assert answer.status == 1
    assert answer.out.splitlines() == [
        (
            "./sub/a.py:1:12: retiring: acme/acme-1 will be shut down on 2026-06-20; "
            "suggested replacement: acme/acme-2"
        ),
        (
            "./sub/a.py:2:6: retired: acme/acme-0 was shut down on 2026-06-01; "
            "stated replacement: acme/acme-2 or acme/acme-9"
        ),
        "./sub/a.py:3:12: unknown: acme-7: the catalogue has no such model",
    ]
    assert answer.err == "1 retired, 1 retiring, 1 unknown in 1 files\n"


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ([], 1),
        (["--fail-on", "retired"], 1),
        (["--fail-on", "deprecated"], 0),
        (["--fail-on", "none"], 0),
        (["--fail-on", "retierd"], 2),
        (["--within", "soon"], 2),
        (["--at", "never"], 2),
        (["--exclude", "*.py"], 0),
        (["--exclude", "a.py"], 0),
        (["--provider", "nobody"], 3),
        (["--baseline", "missing.json"], 2),
        (["--format", "xml"], 2),
        (["missing.py"], 2),
    ],
    ids=str,
)
def test_lint_exit_status(ask: Ask, arguments: list[str], status: int) -> None:
    """0 clean, 1 findings that fail, 2 wrong usage, 3 not found."""
    Path("a.py").write_text(CODE)
    assert ask("lint", "a.py", *arguments).status == status


def test_lint_needs_a_path(ask: Ask) -> None:
    """Without a path nothing is scanned by accident."""
    assert ask("lint").status == 2


def test_lint_of_standard_input(ask: Ask) -> None:
    """The name given says how it is read."""
    given = "model: acme-0\n"
    answer = ask("lint", "-", "--stdin-filename", "x/a.yaml", given=given)
    assert answer.status == 1
    assert answer.out.startswith("x/a.yaml:1:8: retired: ")
    assert ask("lint", "-", given=given).status == 0
    assert ask("lint", "-", given='"acme-0"').out.startswith("<stdin>:1:2: ")


def test_lint_as_json_and_sarif(ask: Ask) -> None:
    """Machine forms go alone to standard output, what was not read included."""
    Path("a.py").write_text(CODE)
    Path("b.py").write_bytes(b"\0")
    answer = ask("lint", ".", "--format", "json")
    report = json.loads(answer.out)
    assert (answer.status, answer.err) == (1, "")
    assert report["counts"] == {"retired": 1, "retiring": 1, "unknown": 1}
    assert report["skipped"] == [{"path": "./b.py", "reason": "binary"}]
    log = json.loads(ask("lint", "a.py", "--format", "sarif").out)
    assert log["version"] == "2.1.0"
    assert len(log["runs"][0]["results"]) == 3
    assert ask("lint", ".").err.endswith("1 not scanned\n./b.py: not scanned: binary\n")


def test_lint_with_a_baseline(ask: Ask) -> None:
    """What was there is not told again; what is new is."""
    Path("a.py").write_text(CODE)
    written = ask("lint", ".", "--write-baseline", "known.json")
    assert (written.status, written.out) == (0, "")
    known = ask("lint", ".", "--baseline", "known.json")
    assert (known.status, known.out) == (0, "")
    assert "3 known" in known.err
    Path("a.py").write_text("\n" + CODE + 'y = "acme-0"\n')
    more = ask("lint", ".", "--baseline", "known.json")
    assert (more.status, len(more.out.splitlines())) == (1, 1)
    Path("known.json").write_text("{")
    assert ask("lint", ".", "--baseline", "known.json").status == 2


@pytest.mark.skipif(os.getuid() == 0, reason="root reads everything")
def test_lint_tells_what_it_may_not_read(ask: Ask) -> None:
    """A file without permission is no clean file."""
    Path("a.py").write_text(CODE)
    Path("a.py").chmod(0)
    assert "a.py: not scanned: Permission denied" in ask("lint", ".").err


def test_progress_is_shown_on_a_terminal_only(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many files show a bar on standard error; findings stay as they are."""
    for number in range(220):
        Path(f"f{number}.py").write_text('"acme-0"')
    plain = ask("lint", ".").out
    assert plain.count("\n") == 220
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert ask("lint", ".").out == plain


def test_the_hook_runs_the_command() -> None:
    """The pre-commit hook calls a command that exists."""
    import yaml

    root = Path(__file__).parents[2]
    (hook,) = yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert hook["entry"] == "modeldex lint"
    assert hook["entry"].split()[1] in cli.COMMANDS
    assert {"id", "name", "language", "types"} <= hook.keys()
