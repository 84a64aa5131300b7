"""A user's contract: rows of prices, laid out over the models that they name."""

from __future__ import annotations

from decimal import Decimal

import pytest

from catalogs import compiled
from modeldex.catalog import Catalog
from modeldex.catalog.authoring.edit import rewrite
from modeldex.catalog.authoring.layer import ERROR, WARNING
from modeldex.catalog.authoring.load import load_text
from modeldex.catalog.contract import Contract, is_meant
from modeldex.catalog.snapshot import memory_snapshot
from modeldex.errors import AuthoringError
from modeldex.registry import Registry
from modeldex.usecases.build import build_overlay

D = Decimal
BASE = {
    ("openai", "gpt-4o"): {
        "pricing": {"input": D("2.5"), "output": D(10)},
        "rates": {"input@service_tier=batch": D("1.25")},
        "sources": {"*": "litellm"},
    },
    ("openai", "gpt-4o-mini"): {"pricing": {"input": D("0.15")}},
    ("openai", "o3"): {"pricing": {"input": D(2)}, "sources": {"*": "litellm"}},
    ("openai", "unpriced"): {"context_window": 5},
    ("openai", "plan"): {"pricing": {"state": "included"}},
    ("other", "gpt-4o"): {"pricing": {"input": D(1)}},
}


def layer_of(*rows: str, provider: str = "openai", models: str = "{}"):
    """Return the layer of a file with a contract of these rows."""
    lines = "".join(f"  - {row}\n" for row in rows)
    text = f"provider: {provider}\ncontract:\n{lines}models: {models}\n"
    return load_text(text.encode(), f"{provider}.yaml")


def laid_over(*layers, base=BASE):
    """Return the registry of layers over a base, and the findings."""
    over = None if base is None else memory_snapshot(compiled(base))
    built = build_overlay(over, layers)
    catalog = Catalog(memory_snapshot(built.data), lambda: "2026-06-15")
    return Registry(lambda _why: catalog), list(built.findings)


def rates_of(registry: Registry, ref: str) -> dict[str, Decimal]:
    """Return the contract's rates of a model by their keys."""
    rates = registry.get_info(ref).pricing.rates
    return {rate.key: rate.amount for rate in rates if "contract" in rate.conditions}


def test_a_row_is_laid_over_every_model_that_it_means():
    """Base models and the layer's own get the rates; their other prices stay."""
    layer = layer_of(
        "{percent_off: 15, valid_from: 2026-01-01}",
        '{models: ["gpt-4o*"], service_tier: batch, input: 1}',
        models="{gpt-4o-tuned: {pricing: {input: 9}}}",
    )
    registry, findings = laid_over(layer)
    assert findings == []
    everywhere = {"percent_off@contract=yes valid_from=2026-01-01": D(15)}
    batch = {"input@contract=yes service_tier=batch": D(1)}
    for model in ("gpt-4o", "gpt-4o-mini", "gpt-4o-tuned"):
        assert rates_of(registry, f"openai/{model}") == everywhere | batch
    assert rates_of(registry, "openai/o3") == everywhere
    assert rates_of(registry, "other/gpt-4o") == {}
    model = registry.get_info("openai/gpt-4o")
    assert model.pricing.input == D("2.5")
    assert model.source_of("rates.input@service_tier=batch") == "litellm"
    (key,) = batch
    assert model.source_of(f"rates.{key}") == "user"
    assert model.source_of("pricing.input") == "litellm"


def test_a_discount_needs_a_price():
    """A percentage of an unknown, free or included price says nothing."""
    registry, _ = laid_over(layer_of("{percent_off: 15}", "{input: 1}"))
    for model in ("unpriced", "plan"):
        assert rates_of(registry, f"openai/{model}") == {"input@contract=yes": D(1)}
    assert registry.get_info("openai/plan").pricing.state == "included"


def test_a_directory_alone_has_its_contract():
    """Without the shipped catalogue, a contract holds for the directory's models."""
    layer = layer_of("{percent_off: 5}", models="{a: {pricing: {input: 1}}}")
    registry, _ = laid_over(layer, base=None)
    assert rates_of(registry, "openai/a") == {"percent_off@contract=yes": D(5)}


def test_other_spellings_of_the_provider_are_meant():
    """A file of `bedrock` states the contract of amazon-bedrock."""
    base = {("amazon-bedrock", "m"): {"pricing": {"input": D(1)}}}
    registry, _ = laid_over(layer_of("{input: 2}", provider="bedrock"), base=base)
    assert rates_of(registry, "amazon-bedrock/m") == {"input@contract=yes": D(2)}


ORDER = [
    # later rows over earlier
    (["{input: 1}", "{input: 2}"], {"input@contract=yes": 2}),
    # a full id over a glob, wherever it stands
    (
        ["{models: [o3], input: 1}", '{models: ["o*"], input: 2}'],
        {"input@contract=yes": 1},
    ),
    # dated rows that are alike stay side by side: the one that began last holds
    (
        ["{input: 1}", "{input: 2, valid_from: 2026-07-01}"],
        {"input@contract=yes": 1, "input@contract=yes valid_from=2026-07-01": 2},
    ),
    # a glob's row holds on the other days
    (
        [
            "{percent_off: 10}",
            (
                "{models: o3, percent_off: 30,"
                " valid_from: 2026-01-01, valid_to: 2027-01-01}"
            ),
        ],
        {
            "percent_off@contract=yes valid_to=2026-01-01": 10,
            "percent_off@contract=yes valid_from=2026-01-01 valid_to=2027-01-01": 30,
            "percent_off@contract=yes valid_from=2027-01-01": 10,
        },
    ),
    (
        [
            "{percent_off: 10, valid_from: 2026-02-01, valid_to: 2026-10-01}",
            "{models: [o3], percent_off: 30, valid_from: 2026-05-01}",
        ],
        {
            "percent_off@contract=yes valid_from=2026-02-01 valid_to=2026-05-01": 10,
            "percent_off@contract=yes valid_from=2026-05-01": 30,
        },
    ),
    # a discount on a full id goes before a glob's amount, but no other meter's
    (
        ["{input: 1}", "{models: [o3], percent_off: 30}"],
        {"percent_off@contract=yes": 30},
    ),
    (
        ["{input: 1}", "{models: [o3], output: 30}"],
        {"input@contract=yes": 1, "output@contract=yes": 30},
    ),
    # other conditions are another price
    (
        ["{service_tier: batch, percent_off: 50}", "{models: [o3], percent_off: 30}"],
        {
            "percent_off@contract=yes": 30,
            "percent_off@contract=yes service_tier=batch": 50,
        },
    ),
]


@pytest.mark.parametrize(("rows", "rates"), ORDER)
def test_the_more_particular_row_holds(rows: list[str], rates: dict[str, int]):
    """A full id goes before a glob on its days, and a later row before an earlier."""
    registry, findings = laid_over(layer_of(*rows))
    assert findings == []
    assert rates_of(registry, "openai/o3") == rates


def test_what_a_model_states_itself_goes_first():
    """Rates with contract=yes at the model, and later files, go before rows."""
    own = "{o3: {rates: {contract=yes: {input: 7}}}}"
    first = layer_of("{input: 1, output: 1}", models=own)
    second = layer_of("{output: 2}")
    registry, _ = laid_over(first, second)
    found = rates_of(registry, "openai/o3")
    assert found == {"input@contract=yes": 7, "output@contract=yes": 2}


def test_a_row_that_means_no_model_is_found():
    """The warning stands at the row, and only then."""
    layer = layer_of('{models: ["gpt-9*", gpt-4], input: 1}', "{models: o3, input: 1}")
    registry, findings = laid_over(layer)
    (finding,) = findings
    assert (finding.code, finding.line) == ("unmatched_contract", 3)
    assert finding.severity == WARNING
    assert registry.findings == findings


MISTAKES = [
    ("{percent_off: 101}", "bad_number"),
    ("{percent_of: 10}", "unknown_key"),
    ("{contract: yes, input: 1}", "unknown_key"),
    ("{currency: EUR, input: 1}", "unknown_key"),
    ("{models: [o3]}", "bad_shape"),
    ("{models: [], input: 1}", "bad_shape"),
    ("{models: {a: b}, input: 1}", "bad_shape"),
    ('{models: ["../*"], input: 1}', "bad_model_id"),
    ('{models: ["a b"], input: 1}', "bad_model_id"),
    ("{multiplier: 0.9}", "bad_condition"),
    ("{above: 1, beyond: 1, input: 1}", "bad_condition"),
    ("{above: [1], input: 1}", "bad_shape"),
    ("{zone: UTC, input: 1}", "bad_condition"),
    (f"{{hours: {'+'.join(['00:00-01:00'] * 33)}, input: 1}}", "bad_condition"),
    ("{valid_from: 2026-01, input: 1}", "bad_condition"),
    ("text", "bad_shape"),
]


@pytest.mark.parametrize(("row", "code"), MISTAKES)
def test_a_wrong_row_is_left_out_whole(row: str, code: str):
    """Without what is wrong a row would hold for more than it says."""
    layer = layer_of("{input: 3}", row)
    assert [(f.code, f.line, f.severity) for f in layer.errors] == [(code, 4, ERROR)]
    assert layer.provider["contract"] == [{"input": D(3)}]
    with pytest.raises(AuthoringError):
        laid_over(layer)


@pytest.mark.parametrize(("rows", "models"), [(501, 1), (10, 300)])
def test_a_contract_has_an_end(rows: int, models: int):
    """Thousands of rows or names are refused: every model is held against each."""
    names = ", ".join(f"m{n}" for n in range(models))
    layer = layer_of(*[f"{{models: [{names}], input: 1}}"] * rows)
    assert [f.code for f in layer.errors] == ["too_large"]


@pytest.mark.parametrize(
    ("glob", "meant", "others"),
    [
        ("*", ["a", "a/b:c"], []),
        ("gpt-4o", ["gpt-4o"], ["gpt-4o-mini", "GPT-4o", "xgpt-4o"]),
        ("gpt-4o*", ["gpt-4o", "gpt-4o-mini"], ["gpt-4", "o/gpt-4o"]),
        ("*-mini", ["o4-mini"], ["o4-mini-high", "mini"]),
        ("a*b*c", ["abc", "a-b-c", "abbc", "a/bxc"], ["ac", "acb", "ab"]),
        ("a*a", ["aa", "aba"], ["a"]),
        ("a.c", ["a.c"], ["abc"]),
        ("*a" * 60 + "*", ["a" * 60], ["a" * 59, "a" * 59 + "b" * 190]),
    ],
)
def test_globs(glob: str, meant: list[str], others: list[str]):
    """Only `*` is special, case counts, and no glob takes long."""
    assert all(is_meant(model, glob) for model in meant)
    assert not any(is_meant(model, glob) for model in others)


def test_rows_without_models_mean_all():
    """A row that names no models means each; unmatched when there are none."""
    contract = Contract([{"input": D(1)}])
    assert contract.unmatched == [0]
    assert contract.rates_for("x") == {"input@contract=yes": D(1)}
    assert contract.unmatched == []


def test_a_snapshot_has_no_rows():
    """The rows are in the models' rates, not among the provider's facts."""
    registry, _ = laid_over(layer_of("{input: 1}"))
    assert registry.catalog.snapshot.providers["openai"].keys() == {"name", "models"}


def test_rows_are_edited_one_by_one():
    """An exchanged row leaves the others, their comments and their style."""
    text = (
        "provider: a\ncontract:\n  - models: o3  # one\n    input: 2\n"
        "  - {input: 3}  # two\n  - {input: 4}  # three\nmodels: {}\n"
    )
    rows = load_text(text.encode(), "a.yaml").provider["contract"]
    edited = rewrite(text, {"contract": [rows[0], {"output": D(5)}, rows[2]]}, {})
    assert edited == text.replace("  - {input: 3}  # two", "  - {output: 5}")
    added = rewrite(text, {"contract": [*rows, {"above": "9", "input": D(5)}]}, {})
    assert added == text.replace("# three\n", "# three\n  - {above: 9, input: 5}\n")
    assert "contract" not in rewrite(text, {"contract": None}, {})
