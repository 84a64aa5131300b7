"""`modeldex resolve` and `show --everywhere`, as a person meets them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from modeldex import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Ask:
    """Return what runs a command line in this process, without anyone's settings."""
    for name in ("CATALOG_PATH", "CONFIG"):
        monkeypatch.delenv(f"MODELDEX_{name}", raising=False)
    monkeypatch.setenv("MODELDEX_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = cli.run(list(arguments))
        return status, *capsys.readouterr()

    return run


def _pairs(out: str) -> dict[str, str]:
    return dict(line.split("\t", 1) for line in out.splitlines()[1:])


def test_resolve_prints_the_rule_and_the_steps(ask: Ask) -> None:
    """A table of what was found; JSON has every key."""
    status, out, _ = ask("resolve", "openai/gpt-4o:online")
    shown = _pairs(out)
    assert status == 0
    assert shown["ref"] == "openrouter/openai/gpt-4o"
    assert shown["rule"] == "router_variant"
    assert shown["price_applies"] == "no"
    assert "search price" in shown["notes"]
    record = json.loads(ask("resolve", "openai/gpt-4o:online", "--json")[1])
    assert record["price_applies"] is False
    assert list(record) == ["text", "ref", "rule", "steps", "notes", "price_applies"]


def test_resolve_at_a_provider(ask: Ask) -> None:
    """`--provider` takes any of its names; -q prints the ref alone."""
    asked = ("resolve", "gpt-35-turbo-0125", "--provider", "azure_openai", "-q")
    assert ask(*asked)[1] == "azure/gpt-3.5-turbo-0125\n"
    status, out, _ = ask("resolve", "gpt-4o", "--csv")
    assert status == 0
    assert out.splitlines()[1].startswith("gpt-4o,openai/gpt-4o,first_party")


def test_a_refusal_lists_candidates_and_exits_with_3(ask: Ask) -> None:
    """Candidates with reasons on standard output, the error beside it."""
    status, out, err = ask("resolve", "glm-4.6")
    assert status == 3
    assert _pairs(out).keys() == {"zai/glm-4.6", "zhipuai/glm-4.6"}
    assert "name the provider" in err
    status, out, _ = ask("resolve", "glm-4.6", "--json")
    record: dict[str, Any] = json.loads(out)
    assert status == 3
    assert record["error"] == "ambiguous_model"
    assert [c["candidate"] for c in record["candidates"]] == [
        "zai/glm-4.6",
        "zhipuai/glm-4.6",
    ]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("gpt-4o-mni",), 3, "did you mean openai/gpt-4o-mini"),
        (("azure/my-deployment",), 3, "no model"),
        (("gpt-4o", "--provider", "opnai"), 3, "unknown provider 'opnai'"),
        (("gpt-4o\n",), 2, "is in no model's id"),
        ((), 2, "Missing argument"),
    ],
)
def test_what_is_refused_outright(
    ask: Ask, words: tuple[str, ...], status: int, said: str
) -> None:
    """Nothing found exits with 3, a malformed name with 2."""
    answer = ask("resolve", *words)
    assert answer[0] == status
    assert answer[1] == ""
    assert said in answer[2]


def test_an_unknown_id_in_json_has_its_error_too(ask: Ask) -> None:
    """A program reads what was refused, and why."""
    status, out, _ = ask("resolve", "gpt-4o-mni", "--json")
    record = json.loads(out)
    assert status == 3
    assert record["error"] == "unknown_model"
    assert record["candidates"] == []
    assert "openai/gpt-4o-mini" in record["suggestions"]


def test_show_everywhere(ask: Ask) -> None:
    """Who serves it, cheapest first, and what differs."""
    status, out, _ = ask("show", "--everywhere", "gpt-oss-120b", "--json")
    record = json.loads(out)
    assert status == 0
    assert record["canonical"] == "openai/gpt-oss-120b"
    providers = {s["ref"].partition("/")[0] for s in record["servings"]}
    assert len(providers) >= 20
    prices = [s["input"] for s in record["servings"]]
    numbers = [p for p in prices if isinstance(p, (int, float))]
    assert numbers == sorted(numbers)
    header = ask("show", "--everywhere", "openai/gpt-oss-120b")[1].splitlines()[0]
    assert header.split("\t")[:3] == ["ref", "input", "output"]
    assert ask("show", "--everywhere", "nobody-serves-this")[0] == 3
    assert ask("show", "--everywhere", "--explain", "openai/gpt-4o")[0] == 2
