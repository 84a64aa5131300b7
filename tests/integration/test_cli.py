"""The command line: every command, output format and exit status."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from click.shell_completion import ShellComplete

import modeldex
from modeldex import bootstrap, cli
from modeldex.catalog.query import KEY_ALIASES, KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from modeldex.registry import Registry

    Ask = Callable[..., "Answer"]

SRC = str(Path(modeldex.__file__).parents[1])
ACME = """\
# The catalogue of Acme.
provider: acme
name: Acme
kind: cloud
default_model: large
updated_at: 2026-11-01
models:
  gone:
    pricing: {input: 1}
    status: retired
    sources: {"*": litellm}
  large:
    name: Acme Large  # the flagship
    context_window: 200000
    pricing: {input: 3, output: 15, cache_read: 0.0000003}
    capabilities: {function_calling: yes, vision: yes, audio_input: no}
    release_date: 2026-01-15
    sources: {"*": litellm}
  small:
    context_window: 8000
    pricing: free
    sources: {"*": litellm}
"""


class Answer:
    """What a command printed, and its exit status."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status = status
        self.out = out
        self.err = err

    @property
    def lines(self) -> list[str]:
        """The lines of standard output."""
        return self.out.splitlines()

    @property
    def rows(self) -> list[dict[str, str]]:
        """The rows of tab-separated output."""
        return list(csv.DictReader(io.StringIO(self.out), delimiter="\t"))

    @property
    def json(self) -> Any:
        """The JSON value, numbers exact."""
        return json.loads(self.out, parse_float=Decimal)


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide the settings of whoever runs the tests, and work in an empty place."""
    for name in ("CATALOG_PATH", "CONFIG"):
        monkeypatch.delenv(f"MODELDEX_{name}", raising=False)
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setenv("MODELDEX_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    """Return what runs a command line in this process."""

    def run(*arguments: object) -> Answer:
        capsys.readouterr()
        status = cli.run([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Answer(status, out, err)

    return run


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Return a directory with the files of one provider."""
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "acme.yaml").write_text(ACME)
    return folder


@pytest.fixture(scope="module")
def shipped() -> Registry:
    """Return the shipped catalogue alone."""
    return modeldex.open(overlays=[])


def tree(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file below a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


# --- questions


def test_list_is_tab_separated_when_piped(ask: Ask, shipped: Registry) -> None:
    """`list` prints a row per model of all providers, the ref first."""
    answer = ask("list")
    assert answer.status == 0
    assert answer.lines[0].split("\t")[0] == "ref"
    assert [row["ref"] for row in answer.rows] == shipped.find_refs()
    assert answer.err == ""


def test_list_of_a_provider_by_any_of_its_names(ask: Ask, shipped: Registry) -> None:
    """`list PROVIDER` takes an alias; `--all` adds the retired models."""
    alive = ask("list", "gemini", "-q").lines
    assert alive == shipped.find_refs(provider="google")
    assert set(ask("list", "gemini", "--all", "-q").lines) - set(alive) == set(
        shipped.find_refs("provider:google status:retired")
    )


def test_a_table_names_the_date_and_the_count(ask: Ask, own: Path) -> None:
    """A table groups digits; what it is comes on standard error."""
    answer = ask("--catalog", own, "find", "limit:1", "--format", "table")
    assert "acme/gone" in answer.out
    found = ask("--catalog", own, "list", "--format", "table")
    assert "200,000" in found.out
    assert "3 models; USD per 1M tokens; catalogue of 2026-11-01" in found.err
    assert "1 of 3 models" in answer.err


def test_a_table_goes_to_a_terminal(
    ask: Ask, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The format follows standard output unless one is asked for."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    answer = ask("--catalog", own, "providers")
    assert "\t" not in answer.out
    assert "provider" in answer.out
    assert "\t" in ask("--catalog", own, "providers", "--format", "tsv").out


def test_every_format_says_the_same(ask: Ask, own: Path) -> None:
    """JSON and YAML give whole records, CSV and TSV columns, quiet the refs."""
    prefix = ("--catalog", own, "find", "vision")
    record = ask(*prefix, "--json").json[0]
    assert (record["ref"], record["name"]) == ("acme/large", "Acme Large")
    assert record["pricing"] == {
        "input": 3,
        "output": 15,
        "cache_read": Decimal("0.0000003"),
        "state": "listed",
        "currency": "USD",
    }
    assert record["capabilities"]["audio_input"] is False
    assert record["description"] is None
    assert '"cache_read": 0.0000003' in ask(*prefix, "--json").out
    (same,) = yaml.safe_load(ask(*prefix, "--yaml").out)
    assert same.keys() == record.keys()
    assert (same["context_window"], same["release_date"]) == (200_000, "2026-01-15")
    (row,) = ask(*prefix).rows
    assert row == ask(*prefix, "--format", "tsv").rows[0]
    assert (row["input"], row["output"], row["context_window"]) == ("3", "15", "200000")
    assert row["capabilities"] == "function_calling vision"
    assert list(row)[-2:] == ["release_date", "capabilities"]
    assert ask(*prefix, "-q").out == "acme/large\n"


def test_csv_has_every_fact(ask: Ask, own: Path) -> None:
    """CSV has a column for each key of the JSON form, whatever is known."""
    prefix = ("--catalog", own)
    record = ask(*prefix, "show", "acme/large", "--json").json
    del record["days_left"]  # it is of the day, no fact
    out = ask(*prefix, "show", "acme/large", "--csv").out
    (row,) = csv.DictReader(io.StringIO(out))
    assert out == ask(*prefix, "find", "vision", "--csv").out
    header = out.splitlines()[0]
    assert ask(*prefix, "find", "no:vision", "--csv").out == header + "\n"
    assert ask(*prefix, "list", "--csv").lines[0] == header
    assert list(dict.fromkeys(name.partition(".")[0] for name in row)) == [
        name
        for key in record
        for name in ([key, f"{key}_no"] if key == "capabilities" else [key])
    ]
    assert (row["pricing.input"], row["pricing.state"]) == ("3", "listed")
    assert row["pricing.cache_read"] == "0.0000003"
    assert row["pricing.reasoning"] == row["modalities.input"] == row["family"] == ""
    assert row["capabilities"] == "function_calling vision"
    assert row["capabilities_no"] == "audio_input"
    assert json.loads(row["sources"]) == record["sources"]
    assert (row["context_window"], row["release_date"]) == ("200000", "2026-01-15")


def test_prices_in_json_are_numbers(ask: Ask, shipped: Registry) -> None:
    """A shipped record parses with its exact price as a number."""
    record = ask("show", "openai/gpt-4o", "--json").json
    assert record["pricing"]["input"] == shipped.get_pricing("openai/gpt-4o").input
    assert type(record["pricing"]["input"]) in (int, Decimal)


def test_an_unlisted_price_says_what_it_is(ask: Ask, own: Path) -> None:
    """Free is 0, unknown is empty, included is the word."""
    (own / "plan.yaml").write_text(
        "provider: plan\nmodels: {m: {pricing: included}, n: {family: f}}\n"
    )
    rows = {row["ref"]: row for row in ask("--catalog", own, "list").rows}
    assert rows["acme/small"]["input"] == "0"
    assert rows["plan/m"]["input"] == rows["plan/m"]["output"] == "included"
    assert rows["plan/n"]["input"] == ""
    assert rows["acme/gone"]["output"] == ""


FLAGS = {
    "capabilities": ("--capability", "vision"),
    "without": ("--without", "vision"),
    "maybe": ("--maybe", "audio_input"),
    "provider": ("--provider", "gemini"),
    "mode": ("--mode", "embedding"),
    "family": ("--family", "gpt"),
    "status": ("--status", "retired"),
    "modalities": ("--modality", "in:audio"),
    "canonical": ("--canonical", "openai/gpt-4o"),
    "min_context": ("--min-context", "100k"),
    "max_context": ("--max-context", "8192"),
    "min_output": ("--min-output", "64k"),
    "min_input_price": ("--min-input-price", "2.5"),
    "max_input_price": ("--max-input-price", "0.1"),
    "min_output_price": ("--min-output-price", "20"),
    "max_output_price": ("--max-output-price", "0.4"),
    "released_after": ("--released-after", "2026-03"),
    "released_before": ("--released-before", "2024"),
    "open_weights": ("--open-weights", "yes"),
    "text": ("--text", "Claude"),
    "sort": ("--sort", "-context"),
    "limit": ("--limit", "7"),
    "offset": ("--offset", "9000"),
}


def test_every_term_has_a_flag() -> None:
    """No key of the grammar is without a flag, and none of the flags is another's."""
    assert set(FLAGS) == set(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_a_flag_means_its_word(ask: Ask, shipped: Registry, key: str) -> None:
    """Flag, word, alias and Python keyword find the same models in the same order."""
    flag, value = FLAGS[key]
    found = ask("find", flag, value, "-q")
    assert (found.status, found.err) == (0, "")
    assert found.lines
    assert found.lines != shipped.find_refs()
    spellings = [key, *(word for word, name in KEY_ALIASES.items() if name == key)]
    for spelling in spellings:
        assert ask("find", f"{spelling}:{value}", "-q").out == found.out
    assert shipped.find_refs(**{key: value}) == found.lines


def test_flags_and_words_ask_together(ask: Ask, shipped: Registry) -> None:
    """The query of the issue is the same by words, flags, keywords and comparisons."""
    words = "vision min_context:100k max_input:5 no:audio_input sort:input limit:10"
    wanted = shipped.find_refs(words)
    assert len(wanted) == 10
    flags = (
        *("--capability", "vision", "--min-context", "100k", "--max-input-price", "5"),
        *("--without", "audio_input", "--sort", "input", "--limit", "10"),
    )
    assert ask("find", *words.split(), "-q").lines == wanted
    assert ask("find", words, "-q").lines == wanted
    assert ask("find", *flags, "-q").lines == wanted
    compared = ("context>=100k", "input<=5", "vision", "no:audio_input")
    assert ask("find", *compared, *flags[-4:], "-q").lines == wanted
    many = ("--capability", "vision", "--capability", "reasoning")
    assert ask("find", *many, "-q").lines == shipped.find_refs("vision reasoning")


def test_show_prints_what_is_known(ask: Ask, own: Path) -> None:
    """`show` leaves unknown facts out of the table and keeps every key in JSON."""
    rows = {
        row["fact"]: row["value"]
        for row in ask("--catalog", own, "show", "acme/small").rows
    }
    assert rows["context_window"] == "8000"
    assert "family" not in rows
    record = ask("--catalog", own, "show", "acme/gone", "--json").json
    assert (record["status"], record["family"]) == ("retired", None)
    assert ask("show", "gemini/gemini-2.5-pro", "-q").out == "google/gemini-2.5-pro\n"
    (row,) = csv.DictReader(io.StringIO(ask("show", "openai/gpt-4o", "--csv").out))
    assert row["ref"] == "openai/gpt-4o"
    assert yaml.safe_load(ask("show", "openai/gpt-4o", "--yaml").out)["id"] == "gpt-4o"


def test_show_explains_each_field(ask: Ask, shipped: Registry) -> None:
    """`--explain` names the source of each field and who says otherwise."""
    model = shipped.get_info("openai", "gpt-4o")
    answer = ask("show", "openai/gpt-4o", "--explain", "--json").json
    fields = {line["field"]: line for line in answer["fields"]}
    assert answer["ref"] == "openai/gpt-4o"
    assert fields["pricing.input"]["value"] == model.pricing.input
    for name, line in fields.items():
        assert line["source"] == model.source_of(name)
        assert line["source"] not in line["others"]
    assert any(line["others"] for line in fields.values())
    rows = ask("show", "openai/gpt-4o", "--explain").rows
    assert [row["field"] for row in rows] == list(fields)
    assert {"value", "source", "others", "quarantined"} <= set(rows[0])


RATES = """\
provider: rated
models:
  m:
    pricing: {input: 3, output: 15}
    rates:
      above=200000: {input: 6}
      service_tier=batch: {input: 1.5, output: 7.5}
    sources: {"*": litellm, rates.input@service_tier=batch: genai-prices}
"""


def test_rates_are_shown_by_their_conditions(ask: Ask, own: Path) -> None:
    """A row, a column or a key of their own; `--explain` names each source."""
    (own / "rated.yaml").write_text(RATES)
    show = ("--catalog", own, "show", "rated/m")
    facts = {row["fact"]: row["value"] for row in ask(*show).rows}
    assert facts["pricing"] == "input=3 output=15 state=listed currency=USD"
    assert facts["rates above=200000"] == "input=6"
    assert facts["rates service_tier=batch"] == "input=1.5 output=7.5"
    rates = ask(*show, "--json").json["pricing"]["rates"]
    assert rates["service_tier=batch"] == {"input": 1.5, "output": 7.5}
    (row,) = csv.DictReader(io.StringIO(ask(*show, "--csv").out))
    assert json.loads(row["pricing.rates"]) == rates
    assert row["pricing.currency"] == "USD"
    explained = {row["field"]: row for row in ask(*show, "--explain").rows}
    batch = explained["rates.input@service_tier=batch"]
    assert (batch["value"], batch["source"]) == ("1.5", "genai-prices")
    assert explained["rates.input@above=200000"]["source"] == "litellm"
    assert "pricing.rates" not in explained


def test_diff_names_each_rate(ask: Ask, own: Path, tmp_path: Path) -> None:
    """Two catalogues are compared rate by rate."""
    other = tmp_path / "other"
    other.mkdir()
    (own / "acme.yaml").unlink()
    (own / "rated.yaml").write_text(RATES)
    (other / "rated.yaml").write_text(RATES.replace("{input: 6}", "{input: 7}"))
    rows = ask("catalog", "diff", own, other).rows
    assert [(row["field"], row["old"], row["new"]) for row in rows] == [
        ("rates.input@above=200000", "6", "7")
    ]


def test_compare_marks_what_differs(ask: Ask) -> None:
    """`compare` has a column per model and a star where they differ."""
    refs = ("openai/gpt-4o", "gemini/gemini-2.5-pro")
    answer = ask("compare", *refs)
    assert answer.lines[0].split("\t") == ["fact", refs[0], "google/gemini-2.5-pro"]
    facts = [row["fact"] for row in answer.rows]
    assert "pricing.input *" in facts
    assert "mode" in facts
    record = ask("compare", *refs, "--json").json
    assert record["models"] == [refs[0], "google/gemini-2.5-pro"]
    assert ask("compare", *refs, "-q").lines == record["differences"]


def test_recommend_gives_reasons(ask: Ask, shipped: Registry) -> None:
    """`recommend` ranks five models, or as many as flag or query ask for."""
    rows = ask("recommend", "vision").rows
    assert [row["ref"] for row in rows] == [
        one.model.ref for one in shipped.recommend("vision")
    ]
    assert len(rows) == 5
    assert "per million tokens" in rows[0]["reasons"]
    assert len(ask("recommend", "vision", "limit:2").rows) == 2
    assert len(ask("recommend", "vision", "--limit", 3).rows) == 3
    local = ask("recommend", "--prefer-local", "--json").json
    assert local[0]["reasons"][0]["reason"] == "runs locally, as preferred"
    assert "reasons" in ask("recommend", "--format", "table").out


def test_providers(ask: Ask, own: Path, shipped: Registry) -> None:
    """`providers` lists them all, or shows the facts of one by any of its names."""
    assert ask("providers", "-q").lines == shipped.providers()
    (row,) = ask("--catalog", own, "providers").rows
    assert row["provider"] == "acme"
    assert (row["kind"], row["models"], row["default_model"]) == ("cloud", "3", "large")
    one = ask("providers", "gemini", "--json").json
    assert (one["provider"], one["name"]) == (
        "google",
        shipped.provider_info("google")["name"],
    )
    assert ask("providers", "gemini", "-q").out == "google\n"
    assert ask("providers", "gemini").rows[0] == {"fact": "provider", "value": "google"}


def test_a_snapshot_file_is_a_catalogue_too(ask: Ask, own: Path) -> None:
    """`--catalog` takes a compiled snapshot as well as a directory."""
    modeldex.open(own)
    (snapshot,) = Path("cache").iterdir()
    assert ask("--catalog", snapshot, "find", "vision", "-q").lines == ["acme/large"]


def test_the_users_directory_is_asked_by_default(
    ask: Ask, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MODELDEX_CATALOG_PATH holds for every command, without a flag."""
    monkeypatch.setenv("MODELDEX_CATALOG_PATH", str(own))
    assert ask("show", "acme/large", "-q").out == "acme/large\n"
    assert "openai/gpt-4o" in ask("list", "-q").lines
    assert str(own) in ask("doctor").out


# --- exit statuses


STATUSES = [
    (("--help",), 0, "Commands:"),
    (("-h",), 0, "Commands:"),
    (("find", "--help"), 0, "--min-context"),
    (("--version",), 0, "modeldex "),
    (("find", "vision", "min_context:9999m"), 0, ""),
    (("show", "openai/gpt-4oo"), 3, "did you mean openai/gpt-4o"),
    (("show", "opnai/gpt-4o"), 3, "did you mean openai"),
    (("list", "opnai"), 3, "unknown provider 'opnai'"),
    (("providers", "opnai"), 3, "unknown provider"),
    (("find", "--provider", "opnai"), 3, "unknown provider"),
    (("compare", "openai/gpt-4o", "openai/none-such"), 3, "openai has no model"),
    (("show", "gpt-4o"), 2, "is not a ref"),
    (("show", "gpt-4o"), 2, "did you mean openai/gpt-4o, "),
    (("compare", "gpt-4o"), 2, "did you mean openai/gpt-4o, "),
    (("show", "gpt-4oo"), 2, "as openai/gpt-4o\n"),
    (("show",), 2, "Missing argument"),
    (("find", "visoin"), 2, "at character 1: unknown capability 'visoin'"),
    (("find", "vision", "min_context:many"), 2, "at character 8"),
    (("find", "--limit", "few"), 2, "not a count"),
    (("find", "--min-contxt", "5"), 2, "--min-context"),
    (("fnd",), 2, "Did you mean find?"),
    (("find", "--format", "xml"), 2, "xml"),
    (("--catalog", "/nowhere", "list"), 2, "there is no such directory"),
    (("catalog", "validate", "/nowhere"), 2, "there is no such file"),
    (("catalog", "fmt", "/nowhere.yaml"), 2, "there is no such file"),
    (("catalog", "new", "Bad Id"), 2, "is not a provider id"),
    (("catalog", "new", "acme", "--directory", "/nowhere"), 1, "/nowhere/acme.yaml"),
    (("catalog", "import", "--from", "litellm"), 2, "name=FILE"),
    (("catalog", "import", "--from", "x=a.json@2026-01-01"), 2, "unknown source 'x'"),
    (("catalog", "import", "--from", "litellm=a.json"), 1, "a.json: no such file"),
    (("catalog", "import", "--from", "litellm=a.json@2026-01-01"), 1, "no such file"),
    (("catalog", "import", "--from", "litellm=a.json@2026-99-99"), 2, "'2026-99-99'"),
    (("completion", "tcsh"), 2, "tcsh"),
]


@pytest.mark.parametrize(("words", "status", "said"), STATUSES)
def test_exit_status(ask: Ask, words: tuple[str, ...], status: int, said: str) -> None:
    """0 is ok, 1 failure, 2 usage, 3 not found; the message says what to do."""
    answer = ask(*words)
    assert answer.status == status
    if status == 0:
        assert said in answer.out
    else:
        assert answer.out == ""
        assert said in answer.err


def test_a_broken_catalogue_is_a_failure(ask: Ask, own: Path) -> None:
    """A file with an error is named with its line, and the status is 1."""
    (own / "acme.yaml").write_text("provider: acme\nmodels: {m: {naem: x}}\n")
    answer = ask("--catalog", own, "list")
    assert (answer.status, answer.out) == (1, "")
    assert f"{own}/acme.yaml:2: unknown_key" in answer.err


def test_bad_settings_are_usage(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory in the settings that is not there has status 2."""
    monkeypatch.setenv("MODELDEX_CATALOG_PATH", "/nowhere")
    answer = ask("list")
    assert answer.status == 2
    assert "catalog_path names /nowhere" in answer.err


# --- the program


def program(*words: str, **options: Any) -> subprocess.Popen[bytes]:
    """Start the command line as a program of its own."""
    environ = os.environ | {"PYTHONPATH": SRC} | options.pop("env", {})
    return subprocess.Popen(
        [sys.executable, "-m", "modeldex", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environ,
        **options,
    )


def test_the_program_exits_with_the_status() -> None:
    """`python -m modeldex` prints, and gives its status to the shell."""
    found = program("show", "openai/gpt-4o", "--json")
    out, err = found.communicate(timeout=60)
    assert (found.returncode, err) == (0, b"")
    assert json.loads(out)["ref"] == "openai/gpt-4o"
    missing = program("show", "openai/none-such")
    out, err = missing.communicate(timeout=60)
    assert (missing.returncode, out) == (3, b"")
    assert b"openai has no model" in err


@pytest.mark.parametrize("words", [("list",), ("list", "--json"), ("providers", "xai")])
def test_a_closed_pipe_is_no_error(words: tuple[str, ...]) -> None:
    """`| head -1` gets its line, and nothing is printed about the rest."""
    running = program(*words)
    assert running.stdout
    assert running.stderr
    if words[0] == "list":
        assert running.stdout.readline()
    running.stdout.close()
    assert running.stderr.read() == b""
    running.stderr.close()
    assert running.wait(60) in (0, 1)


def test_output_in_any_locale() -> None:
    """Names outside ASCII reach a pipe whatever the locale."""
    found = program("list", "--json", env={"LC_ALL": "C", "PYTHONUTF8": "0"})
    out, err = found.communicate(timeout=60)
    assert (found.returncode, err) == (0, b"")
    assert json.loads(out)


# --- completion


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(ask: Ask, shell: str) -> None:
    """Each shell's script asks the program for what may follow."""
    answer = ask("completion", shell)
    assert answer.status == 0
    assert "_MODELDEX_COMPLETE" in answer.out
    assert f"{shell}_complete" in answer.out


def completions(words: list[str], incomplete: str) -> list[str]:
    """Return what may stand at the end of a command line."""
    complete = ShellComplete(cli.main, {}, "modeldex", "_MODELDEX_COMPLETE")
    return [item.value for item in complete.get_completions(words, incomplete)]


def test_refs_complete_a_provider_at_a_time(own: Path, shipped: Registry) -> None:
    """Without a slash providers complete, with one the refs, retired ones too."""
    assert completions(["show"], "op") == [
        f"{name}/" for name in shipped.providers() if name.startswith("op")
    ]
    found = completions(["show"], "openai/gpt-4o-m")
    assert "openai/gpt-4o-mini" in found
    assert all(ref.startswith("openai/gpt-4o-m") for ref in found)
    assert completions(["compare", "openai/gpt-4o"], "xai/") == shipped.find_refs(
        "provider:xai status:any"
    )
    assert completions(["--catalog", str(own), "show"], "") == ["acme/"]
    assert completions(["--catalog", str(own), "show"], "acme/g") == ["acme/gone"]


def test_providers_and_commands_complete(own: Path, shipped: Registry) -> None:
    """Arguments and flags that name a provider complete, and so do commands."""
    wanted = [name for name in shipped.providers() if name.startswith("open")]
    assert completions(["list"], "open") == wanted
    assert completions(["find", "--provider"], "open") == wanted
    commands = ["compare", "matrix", "recommend", "show"]
    assert completions(["--catalog", str(own), "providers"], "") == [*commands, "acme"]
    assert completions(["providers", "show"], "gemini") == ["google"]
    names = ["capabilities", "catalog", "changes", "compare", "completion"]
    assert completions([], "c") == [*names, "conflicts", "cost"]
    assert "--max-input-price" in completions(["find"], "--max")


def test_an_alias_completes(own: Path, shipped: Registry) -> None:
    """An alias gives the id it means, and the refs behind it as they are typed."""
    assert completions(["find", "--provider"], "gemini") == ["google"]
    assert completions(["list"], "bedr") == ["amazon-bedrock"]
    wanted = shipped.find_refs("provider:google status:any")
    assert completions(["show"], "gemini/") == [
        ref.replace("google/", "gemini/", 1) for ref in wanted
    ]
    assert completions(["--catalog", str(own), "show"], "gemini/") == []
    assert completions(["--catalog", str(own), "list"], "gemini") == []


def test_terms_complete() -> None:
    """Capabilities, keys and their values complete, as terms and as flags."""
    assert completions(["find", "--capability"], "vis") == ["vision"]
    assert completions(["find", "--without"], "audio_i") == ["audio_input"]
    assert completions(["find", "--maybe"], "vision,see") == ["vision,seed"]
    assert completions(["find"], "vis") == ["vision"]
    assert completions(["find", "vision"], "min_c") == ["min_context:"]
    assert completions(["recommend"], "max_i") == ["max_input:", "max_input_price:"]
    assert completions(["find"], "no:vis") == ["no:vision"]
    assert completions(["find"], "sort:in") == ["sort:input"]
    assert completions(["find"], "sort:-o") == ["sort:-output"]
    assert completions(["find", "--sort"], "rel") == ["released"]
    assert completions(["find"], "provider:openai,gemi") == ["provider:openai,google"]
    assert completions(["find"], "mode:emb") == ["mode:embedding"]
    assert completions(["find"], "status:a") == ["status:active", "status:any"]
    assert completions(["find", "--open-weights"], "y") == ["yes"]
    assert completions(["find"], "limit:1") == []
    assert completions(["find"], "nonsense:v") == []


def test_terms_complete_as_bash_splits_them() -> None:
    """The colon of `sort:in` makes three words of it in bash."""
    assert completions(["find", "vision", "sort", ":"], "in") == ["input"]
    assert "input" in completions(["find", "sort"], ":")


def test_the_shell_is_answered() -> None:
    """The protocol of bash's script works end to end."""
    words = "modeldex show openai/gpt-4o-mini-tr"
    asked = {"_MODELDEX_COMPLETE": "bash_complete", "COMP_WORDS": words}
    running = program(env=asked | {"COMP_CWORD": "2"})
    out, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (0, b"")
    assert b"plain,openai/gpt-4o-mini-transcribe" in out.splitlines()


# --- doctor


def test_doctor_is_content(ask: Ask) -> None:
    """Every check of a sound installation is ok."""
    answer = ask("doctor")
    assert answer.status == 0, answer.out
    *rest, age = answer.rows
    assert {row["result"] for row in rest} == {"ok"}
    assert [row["check"] for row in rest] == [
        *("version", "snapshot", "fresh", "settings", "store", "sqlite", "answers")
    ]
    assert age["check"] == "age"  # a catalogue that has grown old is a warning
    assert age["result"] in ("ok", "warning")


def test_doctor_finds_damage_and_bad_settings(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flipped bit anywhere, and settings that fail, are named; the status is 1."""
    data = bytearray(Path(bootstrap.PACKAGED).read_bytes())
    data[len(data) // 2] ^= 1
    damaged = tmp_path / "damaged.snapshot"
    damaged.write_bytes(data)
    with monkeypatch.context() as patch:
        patch.setattr(bootstrap, "PACKAGED", str(damaged))
        answer = ask("doctor")
    results = {row["check"]: row["result"] for row in answer.rows}
    assert (answer.status, results["snapshot"]) == (1, "failed")
    monkeypatch.setenv("MODELDEX_CATALOG_PATH", "/nowhere")
    answer = ask("doctor")
    results = {row["check"]: row["result"] for row in answer.rows}
    assert (answer.status, results["settings"]) == (1, "failed")
    assert results["snapshot"] == "ok"


def test_doctor_tells_a_stale_snapshot(
    ask: Ask, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """YAML that is newer than the snapshot is reported with the command to run."""
    monkeypatch.setattr(bootstrap, "PROVIDERS", str(own))
    answer = ask("doctor", "--json")
    (fresh,) = (row for row in answer.json if row["check"] == "fresh")
    assert (answer.status, fresh["result"]) == (1, "failed")
    assert "modeldex catalog build" in fresh["detail"]


def test_validate_tells_damage_from_age(
    ask: Ask, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A snapshot that cannot be read is a failure, one that is old a remark."""
    monkeypatch.setattr(bootstrap, "PROVIDERS", str(own))
    answer = ask("catalog", "validate", "--no-strict")
    assert answer.status == 0
    assert "the snapshot is older than the files" in answer.err
    data = bytearray(Path(bootstrap.PACKAGED).read_bytes())
    data[len(data) // 2] ^= 1
    damaged = tmp_path / "damaged.snapshot"
    damaged.write_bytes(data)
    for path, said in ((damaged, "digest"), (tmp_path / "none", "can be read")):
        monkeypatch.setattr(bootstrap, "PACKAGED", str(path))
        answer = ask("catalog", "validate", "--no-strict")
        assert (answer.status, answer.out) == (1, "")
        assert str(path) in answer.err
        assert said in answer.err
        assert ask("catalog", "validate", own).status == 0


# --- catalog: files


def test_validate_prints_every_finding(ask: Ask, own: Path) -> None:
    """Findings of all files come as file:line: code: message, errors apart."""
    answer = ask("catalog", "validate", own)
    assert (answer.status, answer.out) == (0, "")
    assert "1 files, 3 models: 0 errors, 0 warnings" in answer.err
    (own / "bad.yaml").write_text("provider: bad\nmodels:\n  m: {naem: x}\n")
    (own / "odd.yaml").write_text("provider: odd\nmodels:\n  m: {mode: chit}\n")
    answer = ask("catalog", "validate", own)
    assert answer.status == 1
    error, warning = answer.lines
    assert error.startswith(f"{own}/bad.yaml:3: unknown_key: ")
    assert warning.startswith(f"{own}/odd.yaml:3: warning: unknown_mode: ")
    assert "3 files, 5 models: 1 errors, 1 warnings" in answer.err
    assert ask("catalog", "validate", own, "-q").lines == [error]
    found = ask("catalog", "validate", own, "--json").json
    assert [(row["code"], row["severity"]) for row in found] == [
        ("unknown_key", "error"),
        ("unknown_mode", "warning"),
    ]
    assert ask("catalog", "validate", own / "odd.yaml").status == 0
    assert ask("catalog", "validate", "--strict", own / "odd.yaml").status == 1


def test_fmt_keeps_comments_and_is_done_once(ask: Ask, own: Path) -> None:
    """`fmt` puts keys in order; comments stay, and a second run changes nothing."""
    file = own / "acme.yaml"
    assert ask("catalog", "fmt", "--check", own).status == 0
    odd = ACME.replace("    context_window: 8000\n", "").replace(
        "    pricing: free\n", "    pricing: free\n    context_window: 8000  # all\n"
    )
    file.write_text(odd)
    answer = ask("catalog", "fmt", "--check", file)
    assert (answer.status, answer.out) == (1, f"{file}\n")
    assert file.read_text() == odd
    assert ask("catalog", "fmt", own).status == 0
    assert "    context_window: 8000  # all\n    pricing: free\n" in file.read_text()
    assert "# the flagship" in file.read_text()
    assert ask("catalog", "fmt", file).out == ""


@pytest.mark.parametrize("data", [b"provider: [\n", b"provider: acme\nname: \xff\n"])
def test_fmt_refuses_a_broken_file(ask: Ask, own: Path, data: bytes) -> None:
    """A file with errors is named with its line and left as it is."""
    file = own / "acme.yaml"
    file.write_bytes(data)
    answer = ask("catalog", "fmt", file)
    assert (answer.status, answer.out) == (1, "")
    assert f"{file}:2: " in answer.err
    assert file.read_bytes() == data


def test_new_writes_a_file_to_be_filled_in(ask: Ask, own: Path) -> None:
    """`new` makes a valid file of a provider that has none, and only then."""
    answer = ask("catalog", "new", "house-of-models", "--directory", own)
    assert answer.out == f"{own}/house-of-models.yaml\n"
    assert ask("catalog", "validate", own).status == 0
    again = ask("catalog", "new", "acme", "--directory", own)
    assert again.status == 2
    assert "has a file already" in again.err
    assert (own / "acme.yaml").read_text() == ACME


def test_schema_is_json(ask: Ask) -> None:
    """`schema` prints a JSON Schema that knows the keys of a model."""
    schema = ask("catalog", "schema").json
    assert "json-schema.org" in schema["$schema"]
    assert "provider" in schema["properties"]
    assert "context_window" in json.dumps(schema)


def test_build_compiles_what_changed(
    ask: Ask, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`build` parses changed files only, `--whole` all; the bytes are the same."""
    snapshot = own.parent / "built.snapshot"
    (own / "beta.yaml").write_text(ACME.replace("acme", "beta"))
    monkeypatch.setattr(bootstrap, "PROVIDERS", str(own))
    monkeypatch.setattr(bootstrap, "PACKAGED", str(snapshot))
    assert "6 models of 2 providers" in ask("catalog", "build").err
    assert "0 files parsed" in ask("catalog", "build").err
    (own / "beta.yaml").write_text(ACME.replace("acme", "beta").replace("8000", "9000"))
    assert "1 files parsed" in ask("catalog", "build").err
    part = snapshot.read_bytes()
    assert "2 files parsed" in ask("catalog", "build", "--whole").err
    assert snapshot.read_bytes() == part
    assert modeldex.open(snapshot).get_context_window("beta/small") == 9_000
    (own / "beta.yaml").write_text("provider: beta\nmodels: {m: {naem: x}}\n")
    answer = ask("catalog", "build")
    assert answer.status == 1
    assert "beta.yaml:2: unknown_key" in answer.err
    assert snapshot.read_bytes() == part


def test_diff_tells_each_field(ask: Ask, own: Path, tmp_path: Path) -> None:
    """`diff` names what is added, removed and changed; equal ones have status 0."""
    new = tmp_path / "new"
    new.mkdir()
    text = ACME.replace("input: 3", "input: 2.5").replace("  gone:", "  come:")
    (new / "acme.yaml").write_text(text)
    answer = ask("catalog", "diff", own, new)
    assert answer.status == 1
    rows = {(row["ref"], row["field"]): (row["old"], row["new"]) for row in answer.rows}
    assert rows["acme/large", "pricing.input"] == ("3", "2.5")
    assert rows["acme/come", "model"] == ("", "added")
    assert rows["acme/gone", "model"] == ("removed", "")
    assert len(rows) == 3
    same = ask("catalog", "diff", own, own, "--json")
    assert (same.status, same.json) == (0, [])


# --- catalog: import


LITELLM: dict[str, Any] = {
    "sample_spec": {"litellm_provider": "one of …", "mode": "chat"},
    "acme/large": {
        "litellm_provider": "acme",
        "mode": "chat",
        "max_input_tokens": 200000,
        "max_output_tokens": 8192,
        "input_cost_per_token": 3e-06,
        "output_cost_per_token": 1.5e-05,
        "supports_vision": True,
        "source": "https://acme.test",
    },
    "acme/small": {
        "litellm_provider": "acme",
        "mode": "chat",
        "max_input_tokens": 8000,
        "input_cost_per_token": 1e-07,
        "output_cost_per_token": 4e-07,
    },
    "beta/embed": {
        "litellm_provider": "beta",
        "mode": "embedding",
        "max_input_tokens": 512,
        "input_cost_per_token": 2e-08,
        "output_cost_per_token": 0.0,
        "output_vector_size": 1024,
    },
}
MODELS_DEV: dict[str, Any] = {
    "acme": {
        "id": "acme",
        "name": "Acme AI",
        "env": ["ACME_API_KEY"],
        "doc": "https://acme.test/docs",
        "models": {
            "large": {
                "id": "large",
                "name": "Acme Large",
                "family": "acme",
                "tool_call": True,
                "release_date": "2026-01-15",
                "modalities": {"input": ["text", "image"], "output": ["text"]},
                "open_weights": False,
                "limit": {"context": 200000, "output": 8192},
                "cost": {"input": 3, "output": 15, "cache_read": 0.3},
            }
        },
    }
}


def edited(payload: dict[str, Any], key: str, **facts: Any) -> dict[str, Any]:
    """Return litellm's payload with facts of one row changed."""
    return {**payload, key: {**payload[key], **facts}}


class Upstream:
    """A directory of provider files, and the import of payloads into it."""

    def __init__(self, ask: Ask, root: Path) -> None:
        self._ask = ask
        self.root = root / "tree"
        self.providers = self.root / "providers"
        self.acme = self.providers / "acme.yaml"
        self._payloads = root / "payloads"
        self._payloads.mkdir()

    def bring(
        self,
        *flags: object,
        litellm: dict[str, Any] | None = LITELLM,
        models_dev: dict[str, Any] | None = MODELS_DEV,
    ) -> Answer:
        """Import payloads as their upstreams publish them."""
        words: list[object] = []
        given = {"litellm_2026-11-12": litellm, "models.dev_2026-09-30": models_dev}
        for name, payload in given.items():
            if payload is not None:
                file = self._payloads / f"{name}.json"
                file.write_text(json.dumps(payload))
                words += ["--from", f"{name.partition('_')[0]}={file}"]
        into = ("--into", self.providers)
        return self._ask("catalog", "import", *words, *into, *flags)

    def report(self, **payloads: Any) -> Any:
        """Import and return the whole report."""
        file = self.root.parent / "report.json"
        answer = self.bring("--report", file, **payloads)
        assert answer.status == 0, answer.err
        return json.loads(file.read_text())

    def model(self, ref: str = "acme/large") -> Any:
        """Return a model as the files have it."""
        return modeldex.open(self.providers).get_info(ref)


@pytest.fixture
def upstream(ask: Ask, tmp_path: Path) -> Upstream:
    """Return an empty tree to import into."""
    return Upstream(ask, tmp_path)


@pytest.fixture
def imported(upstream: Upstream) -> Iterator[Upstream]:
    """Return a tree after its first import."""
    answer = upstream.bring()
    assert (answer.status, answer.err) == (0, "")
    return upstream


def test_import_merges_field_by_field(imported: Upstream) -> None:
    """Every source gives what it knows, and every field says who gave it."""
    model = imported.model()
    assert (model.name, model.family) == ("Acme Large", "acme")
    assert model.pricing.amounts == {
        "input": 3,
        "output": 15,
        "cache_read": Decimal("0.3"),
    }
    assert model.capabilities.get("vision") is True
    assert model.source_of("capabilities.vision") == "litellm"
    assert model.source_of("pricing.cache_read") == "models.dev"
    assert imported.model("beta/embed").embedding_dimensions == 1024
    assert sorted(tree(imported.root)) == [
        *("providers/acme.yaml", "providers/beta.yaml", "providers/claims.jsonl.xz")
    ]
    head = imported.acme.read_text()
    assert head.startswith("provider: acme\nname: Acme AI\n")
    assert "updated_at: 2026-11-12" in head


def test_imported_files_are_valid_as_the_shipped_ones(
    imported: Upstream, ask: Ask
) -> None:
    """What the importer writes passes the strict rules and is formatted."""
    answer = ask("catalog", "validate", "--strict", imported.providers)
    assert (answer.status, answer.out) == (0, "")
    assert ask("catalog", "fmt", "--check", imported.providers).status == 0


def test_importing_twice_changes_no_byte(imported: Upstream) -> None:
    """The same payloads again leave every file as it is, and say so."""
    before = tree(imported.root)
    answer = imported.bring()
    assert "nothing changed" in answer.err
    assert tree(imported.root) == before


def test_import_reports_by_source(imported: Upstream) -> None:
    """The report counts claims, models and files."""
    rows = {
        (row["what"], row["of"]): row["count"] for row in imported.report()["counts"]
    }
    assert rows["models", "litellm"] == 3
    assert rows["models", "models.dev"] == 1
    assert rows["skipped: documentation", "litellm"] == 1
    assert rows["claims", "models.dev"] > 5
    assert rows["files changed", "all"] == rows["files added", "all"] == 0
    assert imported.bring("-q").lines[:2] == ["claims", "models"]
    printed = {(row["what"], row["of"]) for row in imported.bring().rows}
    assert printed == set(rows)


def test_comments_order_and_other_lines_stay(imported: Upstream) -> None:
    """A changed price changes its line alone; comments and line order are kept."""
    text = imported.acme.read_text()
    lines = text.splitlines(keepends=True)
    lines.insert(lines.index("models:\n") + 1, "  # ours, by hand\n")
    place = next(n for n, line in enumerate(lines) if line.startswith("    name:"))
    lines[place] = lines[place].rstrip("\n") + "   # sic\n"
    imported.acme.write_text("".join(lines))
    answer = imported.bring(
        litellm=edited(LITELLM, "acme/small", input_cost_per_token=2e-07)
    )
    assert answer.status == 0
    wanted = "".join(lines).replace(
        "{input: 0.1, output: 0.4}", "{input: 0.2, output: 0.4}"
    )
    assert imported.acme.read_text() == wanted != "".join(lines)


def test_a_price_edited_by_hand_survives_as_curated(imported: Upstream) -> None:
    """One edited line holds against every later import, and is marked."""
    text = imported.acme.read_text()
    imported.acme.write_text(
        text.replace("{input: 3, output: 15", "{input: 2.75, output: 15")
    )
    answer = imported.bring()
    assert (
        "acme/large: pricing.input was edited by hand, now curated: 2.75" in answer.err
    )
    assert "sources say 3" in answer.err
    model = imported.model()
    assert model.pricing.input == Decimal("2.75")
    assert model.source_of("pricing.input") == "curated"
    assert model.source_of("pricing.output") != "curated"
    before = tree(imported.root)
    again = imported.bring()
    assert "acme/large: pricing.input stays curated: 2.75 (sources say 3)" in again.err
    assert tree(imported.root) == before
    moved = imported.bring(litellm=None, models_dev=_priced(4))
    assert "stays curated: 2.75" in moved.err
    assert imported.model().pricing.input == Decimal("2.75")


def _priced(amount: float) -> dict[str, Any]:
    payload = json.loads(json.dumps(MODELS_DEV))
    payload["acme"]["models"]["large"]["cost"]["input"] = amount
    return payload


def test_curated_facts_survive_and_dissent_is_reported(imported: Upstream) -> None:
    """A pinned fact with its reasons stays whatever the sources say, and is told."""
    pin = '{source: curated, by: ann, at: 2026-11-02, because: "seen", url: "https://a.test"}'
    text = imported.acme.read_text()
    start, _, rest = text.partition('    sources: {"*": ')
    imported.acme.write_text(
        f'{start}    sources: {{context_window: {pin}, "*": {rest}'
    )
    wanted = imported.acme.read_text()
    agreeing = imported.report()
    assert agreeing["kept"] == []
    other = json.loads(json.dumps(MODELS_DEV))
    other["acme"]["models"]["large"]["limit"]["context"] = 400_000
    report = imported.report(
        models_dev=other,
        litellm=edited(LITELLM, "acme/large", max_input_tokens=400_000),
    )
    (kept,) = (row for row in report["kept"] if row["field"] == "context_window")
    assert kept == {
        "ref": "acme/large",
        "field": "context_window",
        "value": "200000",
        "sources_say": "400000",
        "pinned": True,
    }
    assert imported.model().context_window == 200_000
    assert f"context_window: {pin}" in imported.acme.read_text()
    assert f"context_window: {pin}" in wanted


def test_metadata_and_descriptions_of_people_stay(imported: Upstream) -> None:
    """What importers never write is left alone, as are models of one's own."""
    text = imported.acme.read_text()
    text = text.replace(
        "    name: Acme Large\n",
        "    name: Acme Large\n    description: Ours.\n    metadata: {team: blue}\n",
    )
    imported.acme.write_text(text + "  zz-own:\n    context_window: 5\n")
    assert imported.bring().status == 0
    assert imported.model().description == "Ours."
    assert imported.model().metadata == {"team": "blue"}
    assert imported.model("acme/zz-own").context_window == 5


def test_one_source_alone_takes_nothing_of_the_others(imported: Upstream) -> None:
    """What a source said that is not given this time still counts."""
    before = tree(imported.root)
    answer = imported.bring(models_dev=None)
    assert "nothing changed" in answer.err
    assert tree(imported.root) == before
    dearer = edited(LITELLM, "acme/small", input_cost_per_token=2e-07)
    assert imported.bring(models_dev=None, litellm=dearer).status == 0
    assert imported.model("acme/small").pricing.input == Decimal("0.2")
    assert imported.model().family == "acme"


def test_a_model_that_upstream_drops_stays(imported: Upstream) -> None:
    """Absence upstream deletes nothing."""
    fewer = {key: row for key, row in LITELLM.items() if key != "acme/small"}
    assert imported.bring(litellm=fewer).status == 0
    assert imported.model("acme/small").pricing.input == Decimal("0.1")


def test_a_price_that_is_ten_times_another_is_not_served(imported: Upstream) -> None:
    """A doubtful claim is put aside with its reason, and the other is served."""
    report = imported.report(
        litellm=edited(LITELLM, "acme/large", input_cost_per_token=3e-12)
    )
    held = [row for row in report["quarantined"] if row["ref"] == "acme/large"]
    assert [(row["field"], row["source"]) for row in held] == [
        ("pricing.input", "litellm")
    ]
    assert held[0]["reason"]
    assert imported.model().pricing.input == 3


@pytest.mark.parametrize(
    "data",
    [b"provider: beta\nmodels: {embed: {naem: x}}\n", b"provider: beta\nname: \xff\n"],
)
def test_a_broken_file_is_refused_before_anything_is_written(
    imported: Upstream, data: bytes
) -> None:
    """One file with an error stops the import, and no file is touched."""
    (imported.providers / "beta.yaml").write_bytes(data)
    before = tree(imported.root)
    answer = imported.bring(
        litellm=edited(LITELLM, "acme/small", input_cost_per_token=2e-07)
    )
    assert (answer.status, answer.out) == (1, "")
    assert f"{imported.providers}/beta.yaml:2: " in answer.err
    assert tree(imported.root) == before


def test_a_dry_run_writes_nothing(upstream: Upstream) -> None:
    """`--dry-run` reports the same, and makes neither file nor directory."""
    answer = upstream.bring("--dry-run")
    rows = {(row["what"], row["of"]): row["count"] for row in answer.rows}
    assert rows["files added", "all"] == "2"
    assert not upstream.root.exists()
    assert upstream.bring().out == answer.out
    before = tree(upstream.root)
    upstream.bring(
        "--dry-run", litellm=edited(LITELLM, "acme/small", max_input_tokens=16000)
    )
    assert tree(upstream.root) == before


@pytest.mark.parametrize("payload", ["[]", '{"a": 1}', "{", ""])
def test_an_empty_or_odd_payload_changes_nothing(
    imported: Upstream, ask: Ask, payload: str
) -> None:
    """A payload of another shape, or an empty one, is refused by its name."""
    before = tree(imported.root)
    file = imported.root.parent / "odd_2026-11-12.json"
    file.write_text(payload)
    for source in ("litellm", "models.dev", "genai-prices", "pi-ai"):
        if (source, payload) == ("genai-prices", "[]"):
            continue
        answer = ask(
            *("catalog", "import", "--from", f"{source}={file}"),
            *("--into", imported.providers),
        )
        assert answer.status == 1, (source, answer.out)
        assert answer.err.startswith("error: ")
    assert tree(imported.root) == before
