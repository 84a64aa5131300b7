"""Ids in texts: which are found, where, and which strings are left alone."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from catalogs import registry_of
from modeldex.errors import InvalidInputError
from modeldex.usecases.lint.baseline import leave_known, read_baseline, write_baseline
from modeldex.usecases.lint.finding import CODES, Finding
from modeldex.usecases.lint.forms import can_be_id, line_of
from modeldex.usecases.lint.kinds import CODE, CONFIG, PROSE, kind_of
from modeldex.usecases.lint.lines import Lines
from modeldex.usecases.lint.occurrences import strength
from modeldex.usecases.lint.report import LintReport, codes_of, lint_files, lint_text
from modeldex.usecases.lint.sarif import sarif
from modeldex.usecases.lint.walk import MAX_BYTES, File, find_files

if TYPE_CHECKING:
    from pathlib import Path

DAY = "2026-06-15"
ENTRIES: dict[tuple[str, str], dict[str, Any]] = {
    ("openai", "gpt-4o"): {},
    ("openai", "gpt-4o-mini"): {},
    ("openai", "gpt-4-turbo"): {},
    ("openai", "gpt-3.5-turbo"): {"deprecation_date": "2026-06-01"},
    ("openai", "gpt-5"): {"deprecation_date": "2026-07-15", "replacement": ["gpt-4o"]},
    ("openai", "gpt-4-0613"): {"deprecation_date": "2027-07-15"},
    ("openai", "o3"): {"deprecation_date": "2026-06-01"},
    ("openai", "ada"): {"status": "retired"},
    ("anthropic", "claude-sonnet-4-5"): {"status": "deprecated"},
    ("openrouter", "openai/gpt-5"): {},
    ("one", "twin-1"): {"status": "retired"},
    ("two", "twin-1"): {"status": "retired"},
    ("azure", "gpt-4-0613"): {},
    ("azure", "gpt-4o"): {"deprecation_date": "2026-09-13"},
}
REGISTRY = registry_of(ENTRIES, day=DAY)
LINTER = REGISTRY.linter(provider="openai")


def found(text: str, path: str = "app.py") -> list[tuple[str, str]]:
    """Return code and id of what is found."""
    return [(one.code, one.text) for one in LINTER.check(text, path)]


def told(text: str, path: str = "app.py") -> list[str]:
    """Return the codes of what is found."""
    return [code for code, _ in found(text, path)]


# --- what is found


@pytest.mark.parametrize(
    ("path", "text", "codes"),
    [
        ("a.py", 'ask(model="gpt-3.5-turbo")', ["retired"]),
        ("a.py", "NAMES = ['gpt-3.5-turbo', \"gpt-5\"]", ["retired", "retiring"]),
        ("a.py", 'x = "openai/gpt-5"', ["retiring"]),
        ("a.py", 'x = "gpt-4-0613"', ["deprecated"]),
        ("a.py", 'x = "claude-sonnet-4-5"', ["deprecated"]),
        ("a.py", 'PRICES = {"gpt-3.5-turbo": 1}', ["retired"]),
        ("a.py", '# was "gpt-3.5-turbo"', ["retired"]),
        ("a.py", 'model = "o3"', ["retired"]),
        ("a.py", 'model: str = "gpt-4p"', ["unknown"]),
        ("a.py", 'if cfg["model"] == "gpt-4p":', ["unknown"]),
        ("a.py", 'os.getenv("OPENAI_MODEL", "gpt-4p-1")', ["unknown"]),
        ("a.py", 'model="not-a-model"', ["unknown"]),
        ("a.py", "model=f'gpt-4p'", ["unknown"]),
        ("a.py", 'summary_model="gpt-4p"', ["unknown"]),
        ("a.py", 'GenerativeModel("gemini-9.9")', ["unknown"]),
        ("a.py", '"gpt-4o-2099-01-01"', ["unknown"]),
        ("a.py", 'run("app --model gpt-4p")', ["unknown"]),
        ("a.ts", "const o = { model: 'gpt-3.5-turbo' as const }", ["retired"]),
        ("a.ts", "openai(`gpt-3.5-turbo`)", ["retired"]),
        ("a.go", 'Model: "gpt-3.5-turbo",', ["retired"]),
        ("a.go", 'model := "gpt-4p"', ["unknown"]),
        ("a.rb", ':model => "gpt-4p"', ["unknown"]),
        ("a.rs", '.model("gpt-4p-9")', ["unknown"]),
        ("a.php", "$model = 'gpt-4p';", ["unknown"]),
        ("a.sh", 'app --model "gpt-3.5-turbo" --x', ["retired"]),
        ("a.sh", "app --model=gpt-3.5-turbo", ["retired"]),
        ("a.ipynb", r'"source": ["m = \"gpt-3.5-turbo\"\n"]', ["retired"]),
        ("a.ipynb", r'"source": ["ask(model=\"gpt-4p\")\n"]', ["unknown"]),
        ("a.json", '{"model": "gpt-3.5-turbo", "b": "gpt-5"}', ["retired", "retiring"]),
        ("a.json", '{"model":"gpt-4p"}', ["unknown"]),
        ("a.json", '{"models": ["gpt-4p", "gpt-5"]}', ["unknown", "retiring"]),
        ("a.yaml", "model: gpt-3.5-turbo", ["retired"]),
        ("a.yaml", "- model: gpt-3.5-turbo  # old", ["retired"]),
        ("a.yaml", "x:\n  - gpt-3.5-turbo\r\n  - gpt-5\n", ["retired", "retiring"]),
        ("a.yaml", "models: [gpt-3.5-turbo, gpt-4p]", ["retired", "unknown"]),
        ("a.yaml", "llm: {model: gpt-4p, t: 0}", ["unknown"]),
        ("a.yaml", "any: gpt-4o-2099-01-01", ["unknown"]),
        ("a.toml", 'model = "gpt-3.5-turbo"', ["retired"]),
        ("a.ini", "model = gpt-3.5-turbo ; old", ["retired"]),
        (".env", "OPENAI_MODEL=gpt-4p", ["unknown"]),
        (".env.local", "export MODEL=gpt-3.5-turbo", ["retired"]),
        ("Dockerfile", "ENV MODEL=gpt-4p", ["unknown"]),
        ("a.tf", 'model_id = "gpt-4p"', ["unknown"]),
        ("Dockerfile", "ENV MODEL gpt-4p", ["unknown"]),
        ("Dockerfile", "ENV A=1 MODEL=gpt-4p", ["unknown"]),
        ("Makefile", "MODEL ?= gpt-3.5-turbo\nB := gpt-5", ["retired", "retiring"]),
        ("a.sh", "export OPENAI_MODEL=gpt-4p", ["unknown"]),
        ("a.sh", "MODEL=gpt-3.5-turbo ask 'why'", ["retired"]),
        ("a.sh", "ask ${MODEL:-gpt-3.5-turbo}", ["retired"]),
        ("a.yaml", "environment:\n  MODEL: ${MODEL:-gpt-4p}", ["unknown"]),
        # as LangChain and Pydantic AI write a provider
        ("a.py", 'Agent("openai:gpt-3.5-turbo")', ["retired"]),
        ("a.py", 'model="openai:gpt-4p"', ["unknown"]),
        ("README.md", 'Use `gpt-3.5-turbo` or "gpt-5".', ["retired", "retiring"]),
    ],
)
def test_ids_are_found(path: str, text: str, codes: list[str]) -> None:
    """Whole strings, values of keys and arguments, flags; in each kind of file."""
    assert told(text, path) == codes


@pytest.mark.parametrize(
    ("path", "text"),
    [
        # living ones
        ("a.py", 'model="gpt-4o"; x = "openai/gpt-4o-mini"'),
        ("a.py", 'model="openrouter/openai/gpt-5"'),
        # a part of a longer word, of a file's name, of a URL, of prose
        ("a.py", '"my-gpt-3.5-turbo-wrapper"; "gpt-3.5-turbo.json"; "xgpt-5"'),
        ("a.py", 'open("prompts/gpt-4-prompt.txt"); model="weights/gpt-4p.pt"'),
        ("a.py", 'model="https://api.example/v1/gpt-4p"; "//cdn.example/gpt-9"'),
        ("a.py", 'print("moved from gpt-3.5-turbo to gpt-5 in May")'),
        ("a.py", "# gpt-3.5-turbo was nice; model=gpt-4p too"),
        ("a.py", '"""Ask gpt-3.5-turbo."""'),
        # what names packages, imports, classes and keys
        ("a.py", '"gpt-4-encoder"; "gpt-tokenizer"; "claude-code"; "llama-index"'),
        ("a.js", 'import x from "gpt-4"; const y = require("gpt-4")'),
        ("a.js", '<b className="gpt-4-badge" id="gpt-5-box" />'),
        ("package.json", '{"gpt-4": "^1.0.0", "gpt-3-encoder": "~2.0"}'),
        ("a.toml", 'dependencies = ["llama-index-llms-openai>=0.1", "gpt4all==2"]'),
        # models of another kind, words, stand-ins, numbers, variables
        ("a.py", 'model="User"; model="auth.User"; model="default"'),
        ("a.py", 'model="my-model"; model="test-model"; model="your-gpt-4"'),
        ("a.py", 'model="2.0"; model="3"; model="2024-01-01"'),
        ("a.py", 'model_id="3f2a9c1e-11aa-4bcd-9e8f-0123456789ab"'),
        ("a.py", 'model=f"gpt-{version}"; model="${MODEL}"; model="<model>"'),
        ("a.py", 'view_model="list-view"; data_model="order-v2"'),
        ("a.py", 'getModel("order-items-2"); model("user-4")'),
        ("a.py", '"o3"; "ada"; "o9-x"; name = "GPT-4"; title = "GPT-4o-2"'),
        ("a.py", 'model=""; model="x"; model="./gpt-4p"'),
        ("a.json", '{"model": "shop_app.order_line", "pk": 1}'),
        ("a.py", 'model="v1"; model="v2.1"'),
        ("a.py", 'model="openai:gpt-4o"; Agent("openai:gpt-4o")'),
        # a server of the user's own has what the user put there
        ("a.py", 'model="ollama/llama9.1:8b"; model="hosted_vllm/llama-9-8b"'),
        ("a.yaml", "model: llama9.1:8b"),
        # comments
        ("a.sh", "# MODEL=gpt-3.5-turbo ask"),
        ("a.py", '# model="gpt-4p"'),
        ("a.py", 'x = 1  # or model="gpt-4p"'),
        ("a.js", '// model: "gpt-4p"'),
        ("a.js", '  * model: "gpt-4p"'),
        ("a.yaml", "# model: gpt-4p"),
        ("a.yaml", "#llm: {model: gpt-4p}"),
        # deployments have names of their users' own
        ("a.py", 'azure_deployment="gpt-4-prod"; engine="gpt4-team-7"'),
        ("a.py", 'model="azure/gpt4-team-7"'),
        # an id that several have, none of them its author
        ("a.py", 'model="twin-1"'),
        ("a.yaml", "text: use gpt-3.5-turbo, gpt-5, and more"),
        ("a.yaml", "note: gpt-3.5-turbo is old"),
        ("README.md", "gpt-3.5-turbo and model=`gpt-4p` are names"),
    ],
)
def test_other_strings_are_left_alone(path: str, text: str) -> None:
    """What is no id, or lives, or nobody can tell, is not reported."""
    assert found(text, path) == []


def test_a_finding_says_where_and_what_to_do() -> None:
    """Line and column count from 1, in characters; the replacement is named."""
    text = 'a = 1\n  é = "gpt-5"\nb = ask(model="gpt-4p")\n'
    ending, unknown = LINTER.check(text, "src/a.py")
    assert (ending.path, ending.line, ending.column) == ("src/a.py", 2, 8)
    assert text.split("\n")[1][ending.column - 1 :].startswith("gpt-5")
    assert (ending.ref, ending.day) == ("openai/gpt-5", "2026-07-15")
    assert ending.message == (
        "openai/gpt-5 will be shut down on 2026-07-15; "
        "stated replacement: openai/gpt-4o"
    )
    assert (ending.level, ending.is_key) == ("warning", False)
    assert (unknown.line, unknown.column, unknown.is_key) == (3, 16, True)
    assert unknown.message == "gpt-4p: the catalogue has no such model"
    assert unknown.as_dict()["replacements"] == []
    (flagged,) = LINTER.check('"claude-sonnet-4-5"', "a.py")
    assert flagged.message == "anthropic/claude-sonnet-4-5 is deprecated"
    (gone,) = LINTER.check('"gpt-3.5-turbo"', "a.py")
    assert gone.message == "openai/gpt-3.5-turbo was shut down on 2026-06-01"
    assert gone.level == "error"


def test_a_place_is_told_once() -> None:
    """A string that two patterns see is one finding, as the stronger one has it."""
    (one,) = LINTER.check("run(\"--model 'gpt-4o-2099-01-01'\")", "a.sh")
    assert one.is_key
    assert len(LINTER.check('model: "gpt-4p"', "a.yaml")) == 1


def test_the_span_and_the_day_decide() -> None:
    """What retires within the span is retiring, later only deprecated."""
    text = '"gpt-5"'
    codes = {
        at: [one.code for one in REGISTRY.linter("10d", at=at).check(text, "a.py")]
        for at in ("2026-07-01", "2026-07-05", "2026-07-15")
    }
    assert list(codes.values()) == [["deprecated"], ["retiring"], ["retired"]]


def test_an_id_means_the_entry_of_the_provider_asked() -> None:
    """At another provider the same id may live longer."""
    text = '"gpt-4-0613"; "gpt-4o-mini"'
    assert told(text) == ["deprecated"]
    assert REGISTRY.linter(provider="azure").check(text, "a.py") == []
    (one,) = REGISTRY.linter("90d", "azure").check('"gpt-4o"', "a.py")
    assert (one.code, one.ref) == ("retiring", "azure/gpt-4o")


# --- silence


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ('m = "gpt-5"  # modeldex: ignore', []),
        ('m = "gpt-5"  # modeldex:ignore because of a test', []),
        ('# modeldex: ignore\nm = "gpt-5"', []),
        ('  // modeldex: ignore\nm = "gpt-5"', []),
        ('/* modeldex: ignore */\nm = "gpt-5"', []),
        ('<!-- modeldex: ignore -->\n"gpt-5"', []),
        ('m = "gpt-5"  # modeldex: ignore[retiring]', []),
        ('m = "gpt-5"  # modeldex: ignore[retired, retiring]', []),
        ('m = "gpt-5"  # modeldex: ignore[unknown]', ["retiring"]),
        ('m = "gpt-5"  # modeldex: ignore[]', ["retiring"]),
        ('# modeldex: ignore\n\nm = "gpt-5"', ["retiring"]),
        ('a = 1  # modeldex: ignore\nm = "gpt-5"', ["retiring"]),
        ('m = "gpt-5"\n# modeldex: ignore', ["retiring"]),
        ('m = "gpt-5"  # modeldex ignore', ["retiring"]),
    ],
)
def test_a_comment_silences_its_line_or_the_next(text: str, codes: list[str]) -> None:
    """Alone in its line it is for the next; with codes it is for those."""
    assert told(text) == codes


# --- names and forms


@pytest.mark.parametrize(
    ("name", "place"),
    [
        *[(name, "key") for name in ("model", "MODEL_ID", "modelName", "models")],
        *[(name, "key") for name in ("llm", "openai_model", "chatModel", "self.model")],
        *[(name, "weak") for name in ("summary_model", "v-model", "userModel")],
        *[(name, "deployed") for name in ("deployment", "azure_deployment", "engine")],
        *[(name, "literal") for name in ("remodeled", "name", "models_dir", "key")],
    ],
)
def test_names_of_keys(name: str, place: str) -> None:
    """A key named model is sure, one that ends so may be, a deployment's is not."""
    assert strength(name) == place


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("gpt-4o", "gpt"),
        ("openai/gpt-4o", "gpt"),
        ("us.anthropic.claude-3-5-sonnet-v1:0", "claude"),
        ("models/gemini-2.5-flash", "gemini"),
        ("llama3.1", "llama"),
        ("gpt", None),
        ("gptx-4", None),
        ("my-gpt-4", None),
    ],
)
def test_lines_of_ids(text: str, line: str | None) -> None:
    """A line begins the id, after path, region and author."""
    assert line_of(text) == line


@pytest.mark.parametrize("text", ["a.json", "http://x/y-1", "user", "7", "my-4", "a-"])
def test_what_can_be_no_id(text: str) -> None:
    """Files, URLs, words, numbers and stand-ins are none."""
    assert not can_be_id(text)
    assert can_be_id("acme-7b")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("src/a.py", CODE),
        ("A.TSX", CODE),
        ("a.yml", CONFIG),
        (".env.production", CONFIG),
        ("docker/Dockerfile", CONFIG),
        ("Dockerfile.dev", CONFIG),
        ("README.md", PROSE),
        ("package-lock.json", None),
        ("app.min.js", None),
        ("a.css", None),
        ("a.png", None),
        ("LICENSE", None),
    ],
)
def test_kinds_of_files(path: str, kind: str | None) -> None:
    """The name says how a file is read, if it is."""
    assert kind_of(path) == kind


def test_lines_and_columns() -> None:
    """Offsets are found in any order; an empty text has one place."""
    lines = Lines("ab\n\ncd")
    places = [lines.at(offset) for offset in (4, 0, 2, 3, 5)]
    assert places == [(3, 1), (1, 1), (1, 3), (2, 1), (3, 2)]
    assert Lines("").at(0) == (1, 1)


# --- files


def write(root: Path, files: dict[str, str | bytes]) -> None:
    """Write files below a directory."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(data)


def walked(root: Path, *excluded: str) -> list[str]:
    """Return the files that a walk finds, relative to the root."""
    files = find_files([str(root)], excluded)
    return [file.path.removeprefix(f"{root}/") for file in files]


def test_a_walk_finds_code_and_configuration(tmp_path: Path) -> None:
    """Others' files, prose, locks, links and excluded ones are left out."""
    names = ("b.py", "a.yaml", "c.md", "d.png", "sub/e.ts", ".github/f.yml", ".env")
    skipped = ("node_modules/x.js", ".git/x.py", ".venv/x.py", "sub/dist/x.js")
    write(tmp_path, dict.fromkeys((*names, *skipped, "yarn.lock", "x.min.js"), "x"))
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "link.py").symlink_to(tmp_path / "node_modules" / "x.js")
    expected = [".env", "a.yaml", "b.py", ".github/f.yml", "sub/e.ts"]
    assert walked(tmp_path) == expected
    assert walked(tmp_path, "*.py", "sub") == [".env", "a.yaml", ".github/f.yml"]
    assert walked(tmp_path, ".github/*.yml", "sub/e.ts") == expected[:3]


def test_a_named_file_is_scanned_whatever_it_is(tmp_path: Path) -> None:
    """Once, even when named twice; unless it is excluded."""
    write(tmp_path, {"a.md": "x", "b.py": "x", "link/c.py": "x"})
    (tmp_path / "linked").symlink_to(tmp_path / "link")
    paths = [str(tmp_path / "a.md"), str(tmp_path), str(tmp_path / "b.py")]
    files = list(find_files(paths))
    assert [(f.path.rpartition("/")[2], f.kind) for f in files] == [
        *(("a.md", PROSE), ("b.py", CODE), ("c.py", CODE))
    ]
    assert [f.path for f in find_files(paths[:1], ["*.md"])] == []
    assert len(list(find_files([str(tmp_path / "linked")]))) == 1


def test_what_is_not_read_is_told(tmp_path: Path) -> None:
    """Binary, large, special and missing files are skipped with a reason."""
    write(
        tmp_path,
        {
            "a.py": b'\xef\xbb\xbfx = "gpt-5" \xff',
            "bin.py": b'"gpt-5"\0',
            "big.py": b'"gpt-5"\n' + b" " * MAX_BYTES,
        },
    )
    names = ("a.py", "bin.py", "big.py", "missing.py")
    files = [File(str(tmp_path / name), CODE) for name in names]
    report = lint_files(LINTER, [*files, File("/dev/null", CODE)])
    assert [(one.code, one.column) for one in report.findings] == [("retiring", 6)]
    reasons = [reason for _, reason in report.skipped]
    assert reasons[:2] == ["binary", "larger than 2 MB"]
    assert reasons[3] == "no regular file"
    assert len(reasons) == 4
    assert report.files == 1


def report_of(text: str, path: str = "a.py") -> LintReport:
    """Return a report on one text."""
    report = LintReport()
    lint_text(LINTER, text, File(path, CODE), report)
    return report


def test_what_fails() -> None:
    """An unknown id fails only as the value of a key; each code only when asked."""
    report = report_of('"gpt-4o-2099-01-01"; model="gpt-4p"; "gpt-4-0613"; "gpt-5"')
    assert report.counts == {"retiring": 1, "deprecated": 1, "unknown": 2}
    assert [one.text for one in report.failing(["unknown"])] == ["gpt-4p"]
    assert [one.text for one in report.failing(["deprecated"])] == ["gpt-4-0613"]
    assert report.failing([]) == []
    assert codes_of(["retired, unknown"]) == ["retired", "unknown"]
    assert codes_of(["none"]) == []
    with pytest.raises(ValueError, match="retierd"):
        codes_of(["retierd"])


def test_a_baseline_knows_findings_wherever_they_move(tmp_path: Path) -> None:
    """As many of a kind in a file are known as were; a new one is told."""
    code, path = str(tmp_path / "a.py"), str(tmp_path / "sub" / "known.json")
    (tmp_path / "sub").mkdir()
    write_baseline(path, report_of('"gpt-5"\n"gpt-5"\n"gpt-3.5-turbo"', code))
    assert read_baseline(path)["../a.py", "retiring", "gpt-5"] == 2
    report = report_of('\n\n"gpt-5"; "gpt-5"; "gpt-5"; "gpt-4-0613"', code)
    leave_known(path, report)
    assert [one.text for one in report.findings] == ["gpt-5", "gpt-4-0613"]
    assert report.known == 2
    other = report_of('"gpt-5"', str(tmp_path / "b.py"))
    leave_known(path, other)
    assert other.known == 0


@pytest.mark.parametrize(
    "content",
    [
        *("", "[]", "{}", '{"version": 2, "findings": []}'),
        *('{"findings": [{"path": 1}]}', "[" * 100_000),
    ],
    ids=lambda content: content[:20],
)
def test_what_is_no_baseline_is_refused(content: str, tmp_path: Path) -> None:
    """A damaged baseline hides nothing: it is an error."""
    write(tmp_path, {"known.json": content})
    with pytest.raises(InvalidInputError, match="baseline"):
        read_baseline(str(tmp_path / "known.json"))


# --- SARIF 2.1.0, by what its schema requires and allows


LEVELS = ("none", "note", "warning", "error")


def only(value: dict[str, Any], required: str, optional: str = "") -> None:
    """Check that an object has the keys it must have, and no others than it may."""
    must, may = set(required.split()), set(optional.split())
    assert must <= value.keys() <= must | may


def check_result(result: dict[str, Any], rules: list[dict[str, Any]]) -> None:
    """Check a result by the schema."""
    only(
        result,
        "ruleId ruleIndex level message locations partialFingerprints properties",
    )
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert result["level"] in LEVELS
    only(result["message"], "text")
    assert all(isinstance(v, str) for v in result["partialFingerprints"].values())
    (location,) = result["locations"]
    only(location, "physicalLocation")
    only(location["physicalLocation"], "artifactLocation region")
    only(location["physicalLocation"]["artifactLocation"], "uri", "uriBaseId")
    region = location["physicalLocation"]["region"]
    only(region, "startLine startColumn endColumn")
    assert all(type(number) is int and number >= 1 for number in region.values())
    assert region["endColumn"] > region["startColumn"]


def test_sarif_has_the_shape_of_its_schema() -> None:
    """Version, run, driver, rules with help, results with places and fingerprints."""
    report = report_of('"gpt-5"; model="gpt-4p"; "gpt-3.5-turbo"', "a b/ü.py")
    report.skipped.append(("x.py", "binary"))
    log = sarif(report, "1.2.3")
    only(log, "$schema version runs")
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    only(run, "tool columnKind invocations results")
    assert run["columnKind"] == "unicodeCodePoints"
    (invocation,) = run["invocations"]
    only(invocation, "executionSuccessful toolExecutionNotifications")
    only(invocation["toolExecutionNotifications"][0], "level message")
    only(run["tool"], "driver")
    driver = run["tool"]["driver"]
    only(driver, "name version rules")
    assert [rule["id"] for rule in driver["rules"]] == list(CODES)
    for rule in driver["rules"]:
        texts = ("shortDescription", "fullDescription", "help")
        only(rule, " ".join(("id", "name", "defaultConfiguration", *texts)))
        assert all(rule[name]["text"] for name in texts)
        assert rule["defaultConfiguration"]["level"] in LEVELS
    assert [one["ruleId"] for one in run["results"]] == [
        *("retiring", "unknown", "retired")
    ]
    for result in run["results"]:
        check_result(result, driver["rules"])
    location = run["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "a%20b/%C3%BC.py"
    assert location["region"] == {"startLine": 1, "startColumn": 2, "endColumn": 7}


def test_sarif_of_an_absolute_path_is_a_file_uri() -> None:
    """Only relative paths are relative to the sources."""
    log = sarif(report_of('"gpt-5"', "/tmp/x/a.py"), "1")
    (result,) = log["runs"][0]["results"]
    location = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location == {"uri": "file:///tmp/x/a.py"}


def test_a_finding_says_what_speaks_against_a_replacement() -> None:
    """One that has stopped itself, or ends too; nothing of one that lives."""
    entries: dict[tuple[str, str], dict[str, Any]] = {
        ("p", "m-1"): {
            "deprecation_date": DAY,
            "replacement": ["gone-1", "soon-1", "m-2", "m-3"],
        },
        ("p", "gone-1"): {"status": "retired"},
        ("p", "soon-1"): {"deprecation_date": "2099-01-01"},
        ("p", "m-2"): {},
    }
    (one,) = registry_of(entries, day=DAY).linter().check('"m-1"', "a.py")
    assert one.message.partition("; ")[2] == (
        "stated replacement: p/soon-1 (until 2099-01-01) or p/m-2 or p/m-3"
        " or p/gone-1 (retired itself)"
    )


def test_a_finding_is_a_value() -> None:
    """It is compared by what it says, and its JSON form holds exact prices."""
    entries = {
        ("p", "m-1"): {
            "deprecation_date": DAY,
            "replacement": ["m-2"],
            "pricing": {"input": Decimal(3)},
        },
        ("p", "m-2"): {"pricing": {"input": Decimal(1)}},
    }
    (one,) = registry_of(entries, day=DAY).linter().check('"m-1"', "a.py")
    assert one == Finding(*one)
    assert one.as_dict()["replacements"][0]["input_change"] == Decimal("-66.7")
