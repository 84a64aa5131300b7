"""`modeldex cost`: its flags, its input, its formats and its exit statuses."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from modeldex import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Ask = Callable[..., tuple[int, str, str]]

ACME = """\
provider: acme
name: Acme
kind: cloud
updated_at: 2026-11-01
contract:
  - {models: [bargain], percent_off: 20}
models:
  large:
    pricing: {input: 3, output: 15, cache_read: 0.3, cache_write: 3.75, searches: 0.01}
    rates:
      service_tier=batch: {input: 1.5, output: 7.5}
      region=eu: {multiplier: 1.1}
      valid_from=2027-01-01: {input: 4}
      hours=20:00-24:00 zone=UTC: {output: 10}
      free=day: {searches: 100}
    sources: {"*": litellm}
  euro:
    pricing: {currency: EUR, input: 2, output: 6}
  bargain:
    pricing: {input: 3, output: 15}
  artist:
    pricing: {output_images: 0.04}
    rates:
      size=1024x1792: {output_images: 0.08}
"""
USAGE = {
    "prompt_tokens": 1200,
    "completion_tokens": 300,
    "total_tokens": 1500,
    "prompt_tokens_details": {"cached_tokens": 800},
    "completion_tokens_details": {"reasoning_tokens": 100},
}
# 400 * 3 + 800 * 0.3 + 300 * 15 = 1,200 + 240 + 4,500 millionths
TOTAL = "0.00594"
RESPONSE = {
    "object": "chat.completion",
    "model": "large",
    "created": 1_795_608_000,  # 2026-11-25T12:00:00Z
    "usage": USAGE,
}


@pytest.fixture
def ask(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Ask:
    """Return what runs `modeldex cost` over a catalogue of its own."""
    for name in ("CATALOG_PATH", "CONFIG"):
        monkeypatch.delenv(f"MODELDEX_{name}", raising=False)
    monkeypatch.setenv("MODELDEX_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "acme.yaml").write_text(ACME)

    def run(text: str, stdin: bytes = b"") -> tuple[int, str, str]:
        stream = io.TextIOWrapper(io.BytesIO(stdin))
        monkeypatch.setattr("sys.stdin", stream)
        status = cli.run(["--catalog", "own", "cost", *text.split()])
        return (status, *capsys.readouterr())

    return run


# flags -> total, at 2026-11-25 if not said otherwise
FLAGS = [
    # 1,200 * 3 + 300 * 15 = 3,600 + 4,500
    ("acme/large --input 1200 --output 300", "0.0081"),
    # 400 * 3 + 800 * 0.3 + 300 * 15 = 1,200 + 240 + 4,500
    ("acme/large --input 1200 --output 300 --cached 800", TOTAL),
    # 100 * 3 + 800 * 0.3 + 300 * 3.75 = 300 + 240 + 1,125
    ("acme/large --input 1200 --cached 800 --cache-write 300", "0.001665"),
    # 200 * 15 + 100 * 15
    ("acme/large --output 300 --reasoning 100", "0.0045"),
    # all of it cached: 800 * 0.3
    ("acme/large --input 800 --cached 800", "0.00024"),
    ("acme/large --input 0 --output 0", "0"),
    # 2 * 0.01, and 10 * 3 / 10^6
    ("acme/large --meter searches=2 --meter input=10", "0.02003"),
    # flags and meters add up: (5 + 10) * 3
    ("acme/large --input 5 --meter input=10", "0.000045"),
    # 100 - 99 = 1 is free
    ("acme/large --meter searches=3 --used searches=99", "0.02"),
    # 1,000 * 1.5
    ("acme/large --input 1000 --tier batch", "0.0015"),
    # 1,000 * 3 * 1.1
    ("acme/large --input 1000 --region eu", "0.0033"),
    ("acme/large --input 1000 --region apac", "0.003"),
    # 1,000 * 4
    ("acme/large --input 1000 --at 2027-01-01", "0.004"),
    # 1,000 * 10, and 1,000 * 15 where no time of day is said
    ("acme/large --output 1000 --at 2026-11-25T21:00:00Z", "0.01"),
    ("acme/large --output 1000 --at 2026-11-25T21:00:00+08:00", "0.015"),
    ("acme/large --output 1000", "0.015"),
    # 1 * 0.08
    ("acme/artist --meter output_images=1 --with size=1024x1792", "0.08"),
    # 1,000 * 3 * 0.8
    ("acme/bargain --input 1000", "0.0024"),
    ("acme/bargain --input 1000 --list-prices", "0.003"),
]


@pytest.mark.parametrize(("flags", "total"), FLAGS)
def test_flags_say_what_was_used_and_how(ask: Ask, flags: str, total: str) -> None:
    """Parts are taken off their whole; conditions choose the rate; -q is a number."""
    at = "" if "--at" in flags else " --at 2026-11-25"
    assert ask(f"{flags}{at} -q") == (0, f"{total}\n", "")


PARTS = [
    ("--input 3 --cached 5", "--cached 5: more than the 3 of --input"),
    ("--cached 5", "--cached 5: more than the 0 of --input"),
    (
        "--input 9 --cached 5 --cache-write-1h 5",
        "--cached 5 and --cache-write-1h 5: more than the 9 of --input",
    ),
    ("--output 3 --reasoning 5", "--reasoning 5: more than the 3 of --output"),
    ("--meter foo=1", "'foo' is not known here; input, output, cache_read"),
    ("--meter outpu=1", "did you mean output"),
    ("--meter input", "input: write its value, as input="),
    ("--meter input=abc", "input=abc: write a number"),
    ("--meter input=NaN", "input=NaN: write a number"),
    ("--input 1 --meter input=sNaN", "input=sNaN: write a number"),
    ("--input 1 --at 0001-01-01T00:00:00+14:00", "in UTC this is no day"),
    ("--meter input=-1", "not negative"),
    ("--meter input=1.5", "a whole number is wanted"),
    ("--meter input=1e99", "more than 10^12"),
    ("--meter input=1 --meter input=2", "input is said twice: 1, 2"),
    ("--input 1 --used foo=1", "'foo' is not known here"),
    ("--input 1 --used searches=NaN", "searches=NaN: write a number"),
    ("--input 1 --with siz=1", "did you mean size?"),
    ("--input 1 --at yesterday", "'yesterday' is no time"),
    ("--input 1 --at 2026-11-25T10:00", "a time needs its zone"),
    ("--input x", "'x' is not a valid integer"),
    ("--input -1", "-1 is not in the range"),
    ("--input 99999999999999", "more than 10^12"),
    ("", "say what was used"),
    ("--input 1 --provider acme", "acme/large names its provider"),
    ("--usage nowhere.json", "No such file"),
]


@pytest.mark.parametrize(("flags", "message"), PARTS)
def test_what_cannot_be_is_a_usage_error(ask: Ask, flags: str, message: str) -> None:
    """Status 2, a message that says what to do, and nothing on standard output."""
    status, out, err = ask(f"acme/large {flags}")
    assert (status, out) == (2, "")
    assert message in err.replace("\n", " ")
    assert "Traceback" not in err


def test_a_model_or_a_response_is_named(ask: Ask) -> None:
    """Neither, or two statements of what was used, is a usage error."""
    assert "name a model" in ask("--input 5")[2]
    both = ask("acme/large --usage - --response own/acme.yaml", b"{}")
    assert (both[0], "not both" in both[2]) == (2, True)
    for flag in ("--input 1", "--cache-write-1h 1", "--meter pages=1"):
        status, _, err = ask(f"acme/large --usage - {flag}", json.dumps(USAGE).encode())
        assert (status, f"leave {flag.split()[0]} out" in err) == (2, True)


def test_exit_statuses(ask: Ask) -> None:
    """0 complete, 1 with an unpriced meter, 2 usage, 3 unknown model."""
    assert ask("acme/large --input 1 -q")[0] == 0
    status, out, err = ask("acme/large --input 1000 --meter input_audio=5")
    assert status == 1
    assert "no price of input_audio is listed" in out
    assert "unknown (at least $0.003000)" in err
    assert ask("acme/large --input 1 --tier flex -q") == (1, "unknown\n", "")
    flex = ask("acme/large --input 1 --tier flex")
    assert "for service tier flex (listed: batch)" in flex[1]
    status, out, err = ask("acme/larg --input 1")
    assert (status, out) == (3, "")
    assert "no model 'acme/larg' at acme" in err
    assert ask("nobody/large --input 1")[0] == 3


LINES = [json.dumps({"id": "1", "model": "large", "usage": None}), json.dumps(RESPONSE)]
# what a program writes down of one answer
FORMS = {
    "whole": json.dumps(RESPONSE, indent=2),
    "mark": "\ufeff" + json.dumps(RESPONSE),
    "list": json.dumps([RESPONSE]),
    "lines": "\n".join(LINES),
    "events": "".join(f"event: chunk\ndata: {li}\n\n" for li in LINES)
    + "data: [DONE]\n",
    "sdk": json.dumps({**RESPONSE, "service_tier": "default", "choices": [{"x": 1.5}]}),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_response_in_any_form(ask: Ask, tmp_path: Path, form: str) -> None:
    """A file or standard input: JSON, JSON Lines, or the events of a stream."""
    data = FORMS[form].encode()
    (tmp_path / "answer").write_bytes(data)
    told = (0, f"{TOTAL}\n", "")
    assert ask("--response answer --provider acme -q") == told
    assert ask("--response - --provider acme -q", data) == told
    assert ask("acme/large --response - -q", data) == told
    assert ask("acme/large --usage - -q", data) == told


def test_a_usage_object_alone(ask: Ask) -> None:
    """`--usage` takes a provider's usage object, or meters; flags say the rest."""
    usage = json.dumps(USAGE).encode()
    assert ask("acme/large --usage - -q", usage)[1] == f"{TOTAL}\n"
    # 1,200 tokens at 2, 300 at 6
    assert ask("acme/euro --usage - -q", usage)[1] == "0.0042\n"
    assert ask("acme/large --usage - -q", b'{"input": 10, "searches": 1}')[1] == (
        "0.01003\n"
    )
    status, _, err = ask("acme/large --usage - -q", b'{"inputs": 10}')
    assert (status, "no known shape of usage has inputs" in err) == (2, True)


def test_a_response_is_priced_at_its_own_time(ask: Ask) -> None:
    """Tier and time are those that it states, unless flags say others."""
    for made in (1_798_761_600, 1_798_761_600.0):  # 2027-01-01T00:00:00Z
        data = json.dumps({**RESPONSE, "created": made}).encode()
        # 400 * 4 + 800 * 0.3 + 300 * 15 = 1,600 + 240 + 4,500
        for named in ("--provider acme", "acme/large"):
            assert ask(f"{named} --response - -q", data)[1] == "0.00634\n"
            found = ask(f"{named} --response - -q --at 2026-11-25", data)
            assert found[1] == f"{TOTAL}\n"
    usage = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
    batch = {**RESPONSE, "service_tier": "batch", "usage": usage}
    data = json.dumps(batch).encode()
    # 1,000 * 1.5 + 100 * 7.5 = 1,500 + 750; 1,000 * 3 + 100 * 15 = 3,000 + 1,500
    assert ask("--provider acme --response - -q", data)[1] == "0.00225\n"
    said = ask("--provider acme --response - -q --tier standard", data)
    assert said[1] == "0.0045\n"


HOSTILE = {
    b"": "it is empty",
    b"  \n": "it is empty",
    b"not json": "this is no JSON",
    b"{'model': 'large'}": "this is no JSON",
    b"\xff\xfe\x00": "byte 0 is no UTF-8",
    b"[" * 200_000: "nested too deep",
    b'{"a":' * 200_000: "nested too deep",
    b"null": "a NoneType states no usage",
    b"[]": "no event states a usage",
    b"5": "a int states no usage",
    b'"usage"': "a str states no usage",
    b"{}": "no known shape of usage has no keys",
    b'{"usage": {"prompt_tokens": NaN}}': "NaN is no quantity",
    b'{"usage": {"prompt_tokens": Infinity}}': "is no quantity",
    b'{"usage": {"prompt_tokens": -1}}': "not negative",
    b'{"usage": {"prompt_tokens": 1.5}}': "a whole number is wanted",
    b'{"usage": {"prompt_tokens": "10"}}': "a number is wanted",
    b'{"usage": {"prompt_tokens": true}}': "a number is wanted",
    b'{"usage": {"prompt_tokens": 1e99}}': "more than 10^12",
    b'{"usage": {"prompt_tokens": 1e' + b"9" * 30 + b"}}": "is out of bounds",
    b'{"usage": {"prompt_tokens": ' + b"9" * 5000 + b"}}": "a number of 5,000 digits",
    b'{"usage": {"seconds": 1e-999999, "type": "duration"}}': "finer than 10^-30",
    b'{"usage": {"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": 9}}}': (
        "9 is more than the 5"
    ),
    b'{"usage": {"prompt_tokens": 5}}\n{"usage": {"prompt_': "this is no JSON",
}


@pytest.mark.parametrize("data", HOSTILE, ids=lambda data: repr(data[:50]))
def test_hostile_input_is_an_error_of_one_line(ask: Ask, data: bytes) -> None:
    """What is no usage is told in one line, without a traceback."""
    status, out, err = ask("acme/large --response -", data)
    assert (status, out) == (2, "")
    assert HOSTILE[data] in err
    assert err.startswith("error: ")
    assert err.count("\n") == 1


def test_more_than_any_response_is_refused(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A huge file is read no further than the bound."""
    monkeypatch.setattr("modeldex.cli.cost._MOST_BYTES", 2**20)
    status, _, err = ask("acme/large --usage -", b" " * (2**20 + 1))
    assert (status, "more than 1 MiB" in err) == (2, True)


def test_a_response_that_names_no_provider_or_model(ask: Ask) -> None:
    """Who answered is asked for, and what the provider does not have is unknown."""
    status, _, err = ask("--response -", json.dumps(RESPONSE).encode())
    assert (status, "'large' is no provider's own spelling" in err) == (3, True)
    status, _, err = ask("--response - --provider acme", json.dumps(USAGE).encode())
    assert (status, "names no model" in err) == (2, True)
    other = json.dumps({**RESPONSE, "model": "nobody-knows"}).encode()
    assert ask("--response - --provider acme", other)[0] == 3


def test_every_format_says_the_same(ask: Ask) -> None:
    """TSV and CSV have a row per line; JSON and YAML the whole cost, exactly."""
    call = "acme/large --input 1200 --output 300 --cached 800 --at 2026-11-25"
    status, out, err = ask(call)
    assert status == 0
    assert out.splitlines() == [
        "meter\tquantity\trate\tper\tamount\tsource\twhy",
        "input\t400\t3\t1000000\t0.0012\tlitellm\tstandard",
        "cache_read\t800\t0.3\t1000000\t0.00024\tlitellm\tstandard",
        "output\t300\t15\t1000000\t0.0045\tlitellm\tstandard",
    ]
    assert err == "acme/large at 2026-11-25: $0.005940 (0.00594 USD)\n"
    record: Any = json.loads(ask(f"{call} --json")[1], parse_float=Decimal)
    assert record["total"] == Decimal(TOTAL)
    assert record["lines"][1]["amount"] == Decimal("0.00024")
    assert record["complete"] is True
    assert yaml.load(ask(f"{call} --yaml")[1], yaml.BaseLoader)["total"] == TOTAL
    rows = list(csv.DictReader(io.StringIO(ask(f"{call} --csv")[1])))
    assert [row["amount"] for row in rows] == ["0.0012", "0.00024", "0.0045"]
    assert "0.00024" in ask(f"{call} --format table")[1]
    assert ask(f"{call} -q") == (0, f"{TOTAL}\n", "")
    unknown: Any = json.loads(ask("acme/large --meter pages=1 --json")[1])
    assert (unknown["total"], unknown["unpriced"]) == (None, ["pages"])


def test_what_a_person_must_know_is_noted(ask: Ask) -> None:
    """List prices beside a contract's, free quantities, and other currencies."""
    bargain = ask("acme/bargain --input 1000 --at 2026-11-25")
    assert "contract: 20 % off the list" in bargain[1]
    assert "at list prices: 0.003 USD" in bargain[2]
    searches = ask("acme/large --meter searches=1")
    assert "100 searches a day are free of charge" in searches[2]
    euros = ask("acme/euro --input 1500000 --at 2026-11-25")
    assert "€3.00 (3 EUR)" in euros[2]
    incomplete = ask("acme/euro --input 1000000 --meter pages=1")
    assert "unknown (at least €2.00)" in incomplete[2]
