"""`modeldex capabilities` and `modeldex fits`: output and exit status."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from modeldex import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Ask = Callable[..., tuple[int, str, str]]

ACME = """\
provider: acme
models:
  large:
    context_window: 1000
    max_output_tokens: 100
    limits_basis: {max_output_tokens: measured}
    capabilities: {vision: {max_images: 5}, parallel_function_calling: yes}
    sources: {"*": litellm}
  bare:
    sources: {"*": litellm}
"""


@pytest.fixture
def ask(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Ask:
    """Return what runs a command over a small catalogue."""
    (tmp_path / "acme.yaml").write_text(ACME, "utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def run(*words: str, given: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        status = cli.run(["--catalog", str(tmp_path), *words])
        out = capsys.readouterr()
        return status, out.out, out.err

    return run


def test_capabilities_are_listed_with_counts(ask: Ask) -> None:
    """Every capability, and of how many models it is yes, no and unknown."""
    status, out, _ = ask("capabilities", "--json")
    rows = {row["capability"]: row for row in json.loads(out)}
    assert status == 0
    assert len(rows) > 35
    assert rows["vision"] | {"meaning": ""} == {
        "capability": "vision",
        "yes": 1,
        "no": 0,
        "unknown": 1,
        "meaning": "",
    }
    assert rows["function_calling"]["yes"] == 1  # implied
    assert "can take images" in ask("capabilities")[1]


def test_a_capability_is_explained(ask: Ask) -> None:
    """Meaning, spellings, parameters, and who has it; any spelling will do."""
    status, out, _ = ask("capabilities", "thinking")
    assert status == 0
    assert "chain_of_thought" in out
    assert "parameter toggle\tflag: " in out
    facts: Any = json.loads(ask("capabilities", "reasoning", "--json")[1])
    assert facts["parameters"]["efforts"]["type"] == "words"
    assert facts["since"] == "2024-09"
    assert ask("capabilities", "vision", "-q")[1] == "vision\n"


@pytest.mark.parametrize(
    ("name", "told"), [("visoin", "did you mean vision"), ("agents", "a service")]
)
def test_an_unknown_capability_is_a_usage_error(ask: Ask, name: str, told: str) -> None:
    """With a near name, or why it is none."""
    status, _, err = ask("capabilities", name)
    assert status == 2
    assert told in err


FITTING = [
    (("--input", "900", "--max-output", "100"), 0, True),
    (("--input", "901", "--max-output", "100"), 1, False),
    (("--input", "901"), 0, True),
    (("--input", "1", "--max-output", "101"), 1, False),
]


@pytest.mark.parametrize(("words", "status", "fits"), FITTING)
def test_fits_tells_by_its_exit_status(
    ask: Ask, words: tuple[str, ...], status: int, fits: bool
) -> None:
    """0 when it fits, 1 when it does not."""
    found, out, _ = ask("fits", "acme/large", *words, "--json")
    assert found == status
    assert json.loads(out)["fits"] is fits


def test_what_is_not_known_to_fit_is_no_success(ask: Ask) -> None:
    """Without a known limit the answer is unknown, and says so."""
    status, out, err = ask("fits", "acme/bare", "--input", "5")
    assert (status, out) == (1, "limit\tallowed\tneeded\theadroom\tbasis\n")
    assert "not known whether it fits" in err
    assert "context_window is not known" in err


MESSAGES = [
    ('[{"role": "user", "content": "Hello"}]', 4),
    ('{"messages": [{"role": "user", "content": "Hello"}], "model": "x"}', 4),
    ('{"role": "user", "content": "Hello world"}', 3),
    ("Hello world", 3),
    ("17", 1),
    ('{"system": "Be brief", "messages": [{"content": "Hello"}]}', 10),
    ('{"instructions": "Be brief", "input": "Hello"}', 10),
    ('{"input": [{"content": [{"type": "input_text", "text": "Hello"}]}]}', 4),
]


@pytest.mark.parametrize(("given", "tokens"), MESSAGES)
def test_messages_are_counted(ask: Ask, given: str, tokens: int) -> None:
    """Of a list, a request, a message, or text, on standard input."""
    words = ("fits", "acme/large", "--messages", "-", "--json")
    status, out, _ = ask(*words, given=given)
    found = json.loads(out)
    assert (status, found["tokens"], found["estimated"]) == (0, tokens, True)


@pytest.mark.parametrize("key", ["max_tokens", "max_output_tokens"])
def test_a_request_says_how_long_its_answer_may_be(ask: Ask, key: str) -> None:
    """The longest answer of a whole request counts, unless the option says another."""
    given = json.dumps({"messages": [{"content": "Hello"}], key: 101})
    words = ("fits", "acme/large", "--messages", "-", "--json")
    status, out, _ = ask(*words, given=given)
    found = json.loads(out)
    assert (status, found["reserved"], found["limit"]) == (1, 101, "max_output_tokens")
    assert ask(*words, "--max-output", "100", given=given)[0] == 0


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (b"\xff\xfe{", "no UTF-8"),
        (b"[" * 100_000, "too deep"),
        (b'{"prompt": "Hello"}', "neither content nor messages"),
        (b'{"messages": 5}', "int, not a list"),
        (b'{"messages": [], "max_tokens": "many"}', "no whole number"),
    ],
)
def test_what_holds_no_messages_is_refused(
    ask: Ask, tmp_path: Path, given: bytes, told: str
) -> None:
    """In a line, and never taken for a prompt of no tokens, which would fit."""
    (tmp_path / "given").write_bytes(given)
    status, out, err = ask("fits", "acme/large", "--messages", str(tmp_path / "given"))
    assert (status, out) == (2, "")
    assert err.startswith("error: ")
    assert told in err


@pytest.mark.parametrize(
    "words", [(), ("--input", "5", "--messages", "-"), ("--input", "-5")]
)
def test_fits_wants_one_prompt(ask: Ask, words: tuple[str, ...]) -> None:
    """A number of tokens or messages, and not both."""
    assert ask("fits", "acme/large", *words)[0] == 2


def test_an_unknown_model_is_not_found(ask: Ask) -> None:
    """As everywhere."""
    assert ask("fits", "acme/larg", "--input", "5")[0] == 3


def test_show_tells_what_limits_rest_on(ask: Ask) -> None:
    """Tokens, basis and source in the table; all of it in JSON."""
    out = ask("show", "acme/large")[1]
    assert "limits\tcontext_window=1000 published litellm" in out
    assert "max_output_tokens=100 measured litellm" in out
    limits = json.loads(ask("show", "acme/large", "--json")[1])["limits"]
    assert limits["max_output_tokens"] == {
        "tokens": 100,
        "basis": "measured",
        "source": "litellm",
    }
