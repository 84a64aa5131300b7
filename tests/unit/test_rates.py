"""Rates as people write them: read, checked, and written back."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from modeldex.catalog.authoring.conditions import canonical_key, canonical_text
from modeldex.catalog.authoring.edit import format_text, rewrite
from modeldex.catalog.authoring.json_schema import json_schema
from modeldex.catalog.authoring.layer import ERROR, WARNING
from modeldex.catalog.authoring.load import load_text
from modeldex.catalog.authoring.validate import validate
from modeldex.catalog.encode import decode, encode
from modeldex.domain.pricing import CONDITIONS, METERS, flat_rates, grouped
from modeldex.errors import InvalidInputError

HEAD = "provider: acme\nmodels:\n  m:\n"
# the forms of the documents
LINES = {
    "above=200000": {"input": 6, "output": 22.5},
    "service_tier=batch": {"input": 1.5, "output": 7.5},
    "service_tier=batch above=200000": {"input": 3, "output": 11.25},
    "valid_from=2026-12-01": {"input": 4, "output": 20},
    "valid_to=2026-03-13 above=200000": {"input": 10},
    "hours=00:00-01:00+04:00-06:00+10:00-00:00 zone=UTC": {"input": 0.15},
    "hours=12345/00:00-01:00+67/00:00-00:00 weekday_zone=Asia/Shanghai": {"input": 0.1},
    "region=eu": {"multiplier": 1.1},
    "free=day pool=gemini-2-flash": {"searches": 1500},
    "contract=yes valid_from=2026-01-01": {"percent_off": 15},
    "size=1024x1024 quality=hd steps=50": {"output_images": 0.08},
    "search_context=low": {"searches": 0.03},
    "beyond=1000000 per=1000": {"searches": 25},
}


def layer_of(*lines: str, pricing: str = "{input: 20}"):
    """Return the layer of one model with these lines of rates."""
    text = f"{HEAD}    pricing: {pricing}\n    rates:\n"
    return load_text((text + "".join(f"      {n}\n" for n in lines)).encode(), "a.yaml")


def wrong(*lines: str, strict: bool = False, **options: str):
    """Return (code, line of the rates, severity) of all that is wrong with them."""
    found = validate([layer_of(*lines, **options)], strict=strict)
    return [(f.code, f.line - 5, f.severity) for f in found if f.line > 3]


def test_the_documented_forms_are_read_as_they_are_written():
    """Each line is canonical, is read without a finding, and is written alike."""
    lines = [
        f"{text}: {{{', '.join(f'{meter}: {a}' for meter, a in amounts.items())}}}"
        for text, amounts in sorted(LINES.items())
    ]
    layer = layer_of(*lines)
    assert layer.findings == []
    rates = layer.models["m"]["rates"]
    assert {text: set(amounts) for text, amounts in grouped(rates).items()} == {
        text: set(amounts) for text, amounts in LINES.items()
    }
    assert rates["output@above=200000"] == Decimal("22.5")
    assert format_text(layer.text) == layer.text
    assert rewrite("", {"provider": "acme"}, layer.models) == layer.text


SPELLINGS = [
    ("above=200_000", "above=200000"),
    ("above=200k", "above=200000"),
    ("beyond=1M", "beyond=1000000"),
    ("above=200k service_tier=batch", "service_tier=batch above=200000"),
    ("  service_tier=Batch   ", "service_tier=batch"),
    ("region=EU-West-1", "region=eu-west-1"),
    ("contract=true", "contract=yes"),
    ("hours=9:00-24:00", "hours=09:00-00:00"),
    ("hours=22:00-06:00", "hours=22:00-06:00"),
    ("hours=10:00-11:00+00:00-01:00", "hours=00:00-01:00+10:00-11:00"),
    ("hours=00:00-01:00+0:00-1:00", "hours=00:00-01:00"),
    ("hours=1-5/08:00-18:00", "hours=12345/08:00-18:00"),
    ("hours=5432111/08:00-18:00", "hours=12345/08:00-18:00"),
    ("hours=1-7/08:00-18:00", "hours=08:00-18:00"),
    ("hours=67/00:00-24:00", "hours=67/00:00-00:00"),
    ("size=1024X1024", "size=1024x1024"),
    ("free=DAY", "free=day"),
]


@pytest.mark.parametrize(("written", "canonical"), SPELLINGS)
def test_spellings_have_one_key(written: str, canonical: str):
    """Any order and spelling gives one key; `fmt` writes it so."""
    assert canonical_text(written) == canonical
    assert canonical_text(canonical) == canonical
    value = "{searches: 5}"
    layer = layer_of(f'"{written}": {value}')
    assert layer.findings == []
    assert list(layer.models["m"]["rates"]) == [f"searches@{canonical}"]
    assert f"      {canonical}: {value}\n" in format_text(layer.text)


MISTAKES = [
    ("abvoe=200000: {input: 1}", "unknown_condition", "did you mean above?"),
    ("above: {input: 1}", "bad_condition", "lacks a value"),
    ('"": {input: 1}', "bad_condition", "pricing"),
    ("above=0: {input: 1}", "bad_condition", "200k"),
    ("above=1.5: {input: 1}", "bad_condition", "200k"),
    ("above=9999999999999k: {input: 1}", "bad_condition", "200k"),
    ("above=1 above=2: {input: 1}", "bad_condition", "twice"),
    ("above=1 beyond=1: {input: 1}", "bad_condition", "marginal"),
    ("valid_from=2026-02-30: {input: 1}", "bad_condition", "YYYY-MM-DD"),
    ("valid_from=2026-02: {input: 1}", "bad_condition", "YYYY-MM-DD"),
    ("valid_from=2026-02-02 valid_to=2026-02-02: {input: 1}", "bad_condition", ""),
    ("service_tier=standard: {input: 1}", "bad_condition", "leave"),
    ("service_tier=a/b: {input: 1}", "bad_condition", "word"),
    ("hours=25:00-26:00: {input: 1}", "bad_condition", "time of day"),
    ("hours=09:60-10:00: {input: 1}", "bad_condition", "time of day"),
    ("hours=24:00-01:00: {input: 1}", "bad_condition", "time of day"),
    ("hours=09:00-09:00: {input: 1}", "bad_condition", "ends when it begins"),
    ("hours=00:00-24:00: {input: 1}", "bad_condition", "all day"),
    ("hours=8/09:00-10:00: {input: 1}", "bad_condition", "HH:MM"),
    ("hours=5-1/09:00-10:00: {input: 1}", "bad_condition", "in order"),
    ("hours=morning: {input: 1}", "bad_condition", "HH:MM"),
    ("hours=09:00-10:00 zone=../etc: {input: 1}", "bad_condition", "time zone"),
    ("zone=UTC: {input: 1}", "bad_condition", "hours"),
    ("weekday_zone=UTC: {input: 1}", "bad_condition", "hours"),
    ("pool=x: {input: 1}", "bad_condition", "free"),
    ("free=week: {searches: 1}", "bad_condition", "day, month"),
    ("search_context=huge: {searches: 1}", "bad_condition", "low, medium, high"),
    ("contract=no: {input: 1}", "bad_condition", "leave it out"),
    ("above=1: {inptu: 1}", "unknown_meter", "did you mean input?"),
    ("above=1: {input: -1}", "bad_number", "not a number"),
    ("above=1: {input: 1000001}", "bad_number", "above 1000000"),
    ("above=1: 3", "bad_shape", "mapping"),
    ("region=eu: {percent_off: 5}", "bad_condition", "contract=yes"),
    ("contract=yes: {percent_off: 101}", "bad_number", "above 100"),
    ("contract=yes: {multiplier: 0.9}", "bad_condition", "percent_off"),
    ("region=eu: {multiplier: 0}", "bad_number", "above 0"),
    ("region=eu: {multiplier: 1001}", "bad_number", "up to 1000"),
    ("beyond=10: {multiplier: 2}", "bad_condition", "beyond"),
    ("free=day: {searches: 0}", "bad_number", "free of charge"),
    ("free=day: {multiplier: 1}", "bad_condition", "free"),
    (f"region={'x' * 300}: {{input: 1}}", "bad_condition", "256 characters"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "code", "hint"), MISTAKES)
def test_a_mistake_is_found_and_nothing_is_guessed(line: str, code: str, hint: str):
    """A wrong line is a finding with its place and a way out; the others stay."""
    layer = layer_of("region=us: {input: 5}", line, "region=uk: {input: 6}")
    (finding,) = layer.errors
    assert (finding.code, finding.line) == (code, 7)
    assert hint in finding.message
    kept = {"input@region=us": Decimal(5), "input@region=uk": Decimal(6)}
    assert layer.models["m"]["rates"] == kept


def test_conditions_given_twice_are_found():
    """The first of two lines that hold at the same time counts."""
    lines = ("above=200k: {input: 1}", "above=200_000: {input: 2, output: 3}")
    assert wrong(*lines) == [("duplicate_rate", 2, ERROR)]
    assert layer_of(*lines).models["m"]["rates"] == {"input@above=200000": Decimal(1)}


RULES = [
    ("hours=00:00-01:00: {input: 21}", "{input: 20}", "dearer_window"),
    ("hours=00:00-01:00: {multiplier: 1.5}", "{input: 20}", "dearer_window"),
    ("hours=00:00-01:00: {input: 20}", "{input: 20}", None),
    ("hours=00:00-01:00: {input: 21}", "{output: 20}", None),
    ("hours=00:00-01:00 service_tier=flex: {input: 21}", "{input: 20}", None),
    ("hours=00:00-01:00 zone=Mars/Base: {input: 1}", "{input: 20}", "unknown_zone"),
    ("hours=00:00-01:00 zone=Asia: {input: 1}", "{input: 20}", "unknown_zone"),
    ("hours=00:00-01:00 zone=Asia/Tokyo: {input: 1}", "{input: 20}", None),
    ("above=1: {input: 10001}", "{input: 20}", "high_price"),
    ("free=day: {input: 10001}", "{input: 20}", None),
    ("above=1: {input: 1}", "free", "state_conflict"),
    ("contract=yes: {input: 1}", "variable", None),
    ("free=day: {searches: 1500}", "included", None),
    ("region=eu: {searches: 0.03}", "free", None),
]


@pytest.mark.parametrize(("line", "pricing", "code"), RULES)
def test_rules_over_rates(line: str, pricing: str, code: str | None):
    """What rates and pricing say together is checked; a user's oddities are warned."""
    found = wrong(line, pricing=pricing)
    assert found == ([(code, 1, WARNING)] if code else [])


def test_the_shipped_catalogue_has_no_contract():
    """A contract's price is an error in the shipped files, in either place."""
    assert ("contract_shipped", 1, ERROR) in wrong(
        "contract=yes: {input: 1}", strict=True
    )
    text = "provider: acme\ncontract: [{percent_off: 5}]\nmodels: {}\n"
    layer = load_text(text.encode(), "acme.yaml")
    assert [(f.code, f.line) for f in validate([layer], strict=True)] == [
        ("contract_shipped", 2)
    ]
    assert validate([layer]) == []


def test_a_currency_is_no_amount():
    """The rules over amounts leave the currency alone."""
    layer = layer_of("above=1: {input: 2}", pricing="{currency: EUR, input: 1}")
    assert [f.code for f in validate([layer])] == ["stem_mismatch"]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (
            "rates.input@above=200k service_tier=batch",
            "rates.input@service_tier=batch above=200000",
        ),
        ("rates", "rates"),
        ("rates.input@abvoe=1", None),
        ("rates.inptu@above=1", None),
        ("rates.input", None),
    ],
)
def test_sources_name_a_rate_by_its_key(written: str, kept: str | None):
    """The source of one rate stands under its key, in any spelling."""
    text = f'{HEAD}    sources: {{"{written}": litellm}}\n'
    layer = load_text(text.encode(), "a.yaml")
    expected = {"sources": {kept: "litellm"}} if kept else {}
    assert layer.models["m"] == expected
    assert [f.code for f in layer.findings] == ([] if kept else ["unknown_field"])
    pattern = json_schema()["$defs"]["model"]["properties"]["sources"]
    matches = re.search(pattern["propertyNames"]["pattern"], kept or written)
    assert bool(matches) == (kept is not None or written == "rates.input")


def test_the_json_schema_knows_rates():
    """Editors complete the meters of rates and refuse what are no conditions."""
    properties = json_schema()["$defs"]["model"]["properties"]
    ((pattern, amounts),) = properties["rates"]["patternProperties"].items()
    assert all(re.search(pattern, text) for text in LINES)
    assert not re.search(pattern, "abvoe=1")
    assert not re.search(pattern, "above=1 ")
    assert {*METERS, "multiplier", "percent_off"} == set(amounts["properties"])
    row = json_schema()["properties"]["contract"]["items"]["properties"]
    assert {*CONDITIONS} - {"contract"} < set(row)


EDITED = """\
provider: acme
models:
  m:
    pricing: {input: 3, output: 15}  # standard
    rates:  # of the page of 1 May
      # large
      above=200k: {output: 22.5, input: 6.0}  # whole requests
      'region=eu': {multiplier: 1.10}
      service_tier=batch:
        input: 1.50   # half
        output: 7.5
    family: f
  w: {rates: {above=200000: {input: 6}, "region=eu": {multiplier: 1.1}}, mode: chat}
"""
M = load_text(EDITED.encode(), "a.yaml").models["m"]["rates"]
W = load_text(EDITED.encode(), "a.yaml").models["w"]["rates"]
BATCH = {"input@service_tier=batch", "output@service_tier=batch"}
EDITS = [
    ("m", M, []),
    (
        "m",
        {**M, "input@above=200000": Decimal(7)},
        [
            "-      above=200k: {output: 22.5, input: 6.0}  # whole requests",
            "+      above=200k: {output: 22.5, input: 7}  # whole requests",
        ],
    ),
    (
        "m",
        {**M, "input@service_tier=batch": Decimal(2)},
        ["-        input: 1.50   # half", "+        input: 2   # half"],
    ),
    (
        "m",
        {**M, "cache_read@service_tier=batch": Decimal("0.15")},
        ["+        cache_read: 0.15"],
    ),
    ("m", {**M, "input@region=us": Decimal(4)}, ["+      region=us: {input: 4}"]),
    (
        "m",
        {**M, "input@service_tier=flex above=1": Decimal(4)},
        ["+      service_tier=flex above=1: {input: 4}"],
    ),
    (
        "m",
        {key: M[key] for key in M if key not in BATCH},
        [
            "-      service_tier=batch:",
            "-        input: 1.50   # half",
            "-        output: 7.5",
        ],
    ),
    (
        "m",
        None,
        [
            "-    rates:  # of the page of 1 May",
            "-      # large",
            "-      above=200k: {output: 22.5, input: 6.0}  # whole requests",
            "-      'region=eu': {multiplier: 1.10}",
            "-      service_tier=batch:",
            "-        input: 1.50   # half",
            "-        output: 7.5",
        ],
    ),
    (
        "w",
        {"multiplier@region=eu": Decimal("1.2"), "input@beyond=5": Decimal(1)},
        [
            (
                "-  w: {rates: {above=200000: {input: 6}, "
                '"region=eu": {multiplier: 1.1}}, mode: chat}'
            ),
            (
                "+  w: {rates: {beyond=5: {input: 1}, "
                '"region=eu": {multiplier: 1.2}}, mode: chat}'
            ),
        ],
    ),
    (
        "new",
        {"input@service_tier=batch": Decimal(1), "input@above=200000": Decimal(4)},
        [
            "+  new:",
            "+    rates:",
            "+      above=200000: {input: 4}",
            "+      service_tier=batch: {input: 1}",
        ],
    ),
]


@pytest.mark.parametrize(("model", "rates", "changes"), EDITS)
def test_an_edit_touches_the_lines_whose_amounts_differ(model, rates, changes):
    """Comments, order, quotes and spelling of every other line stay."""
    edited = rewrite(EDITED, {}, {model: {"rates": rates}})
    old, new = EDITED.splitlines(), edited.splitlines()
    gone = [f"-{line}" for line in old if line not in new]
    assert gone + [f"+{line}" for line in new if line not in old] == changes
    assert rewrite(edited, {}, {model: {"rates": rates}}) == edited
    assert load_text(edited.encode(), "a").models[model].get("rates") == rates


def test_rates_are_given_in_any_spelling_but_no_other():
    """An importer's keys are made canonical; what is no key is refused."""
    key = "input@above=200000 service_tier=batch"
    edited = rewrite(EDITED, {}, {"x": {"rates": {key: Decimal(1)}}})
    assert "      service_tier=batch above=200000: {input: 1}\n" in edited
    for bad in ("input", "inptu@above=1", "input@abvoe=1"):
        assert canonical_key(bad) is None
        with pytest.raises(InvalidInputError, match="no key of a rate"):
            rewrite(EDITED, {}, {"x": {"rates": {bad: Decimal(1)}}})


def test_the_source_of_a_rate_is_edited_in_place():
    """Another spelling of the rate's key is the same entry."""
    text = f'{HEAD}    sources: {{"rates.input@above=200k": a, "*": b}}\n'
    sources = {"rates.input@above=200000": "c", "*": "b"}
    edited = rewrite(text, {}, {"m": {"sources": sources}})
    assert edited == text.replace('": a', '": c')


def test_format_keeps_the_comments_of_each_line():
    """`fmt` sorts the lines of rates, each with its comments, and is idempotent."""
    text = (
        f"{HEAD}    rates:\n      # batch\n      service_tier=batch: {{input: 1}} # b\n"
        "      above=1k: {input: 2}  # a\n      region=eu:  # empty\n      # tail\n"
    )
    done = format_text(text)
    assert done.splitlines()[3:] == [
        "    rates:",
        "      above=1000: {input: 2}  # a",
        "      # batch",
        "      service_tier=batch: {input: 1}  # b",
        "      # empty",
        "      # tail",
    ]
    assert format_text(done) == done


def test_a_snapshot_keeps_rates():
    """Facts with rates and their sources read back out of a snapshot's columns."""
    facts = {
        "pricing": {"input": Decimal(3)},
        "rates": {key: M[key] for key in sorted(M)},
        "sources": {"*": "a", "rates.input@service_tier=batch": "b"},
    }
    assert decode(encode("acme", "m", facts)) == facts
    assert flat_rates(grouped(M)) == M
