"""Exports: formats and their names, losses, exact digits, cells, archives."""

from __future__ import annotations

import csv
import io
import json
import sys
import tarfile
import zipfile
from decimal import Decimal
from typing import Any

import pytest

from catalogs import DAY, catalog_of, registry_of
from modeldex.catalog.authoring.load import load_text
from modeldex.domain.provider import provider_id
from modeldex.errors import InvalidInputError, InvalidQueryError, MissingExtraError
from modeldex.usecases.exports import FORMATS, MODULES, exllm, format_named
from modeldex.usecases.exports import genai_prices as genai
from modeldex.usecases.exports import litellm_names as litellm
from modeldex.usecases.exports.losses import Losses, group_of
from modeldex.usecases.exports.view import View, flat
from modeldex.usecases.exports.writing import per_unit, plain
from modeldex.usecases.records import guarded

ENTRIES: dict[tuple[str, str], dict[str, Any]] = {
    ("openai", "dear"): {
        "context_window": 128_000,
        "pricing": {"input": Decimal("0.075"), "output": Decimal(15)},
        "rates": {
            "input@valid_to=2026-06-01": Decimal(9),
            "input@service_tier=batch": Decimal("0.0375"),
        },
        "capabilities": {"vision": True, "reasoning": False, "tool_choice": True},
    },
    ("openai", "free"): {"pricing": {"state": "free"}},
    ("openai", "unknown"): {"name": "=1+1"},
    ("openai", "gone"): {"status": "retired", "pricing": {"input": Decimal(1)}},
    ("plan", "included"): {"pricing": {"state": "included"}},
    ("plan", "router"): {"pricing": {"state": "variable"}},
}
NO_NUMBER = ("openai/unknown", "plan/included")


@pytest.fixture(scope="module")
def registry() -> Any:
    """Return a small catalogue."""
    return registry_of(ENTRIES)


def columns_of(model: str, day: str) -> list[str]:
    """Return the columns of a model at openai."""
    columns = catalog_of(ENTRIES, day=day).snapshot.columns("openai", model)
    assert columns is not None
    return columns


def rows(registry: Any, name: str, **terms: Any) -> Any:
    """Return an export in JSON, decoded."""
    body = registry.export(name, **terms).body
    return json.loads(body, parse_float=Decimal)


# --- prices


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0.075", "0.000000075"),
        ("15", "0.000015"),
        ("0", "0"),
        ("0.28333333333333333333", "0.00000028333333333333333333"),
        ("1E+2", "0.0001"),
    ],
)
def test_per_token_amounts_are_exact_digits(amount: str, text: str) -> None:
    """No exponent, no float: the point moves, the digits stay."""
    assert per_unit("input", Decimal(amount)) == text
    assert per_unit("requests", Decimal(amount)) == plain(Decimal(amount))


def test_what_is_not_known_is_absent_and_free_is_0(registry: Any) -> None:
    """A state other than free has no amount in any format."""
    table = rows(registry, "litellm")
    free = table["free"]
    assert (free["input_cost_per_token"], free["output_cost_per_token"]) == (0, 0)
    assert not any("cost" in key for key in table["unknown"])
    assert not any("cost" in key for key in table["plan/included"])
    providers = rows(registry, "models.dev")
    assert providers["openai"]["models"]["free"]["cost"] == {"input": 0, "output": 0}
    assert "cost" not in providers["plan"]["models"]["included"]
    assert "limit" in providers["openai"]["models"]["unknown"]
    assert b"included:\n    pricing" not in registry.export("exllm").files["plan.yml"]


def test_prices_are_those_of_the_day(registry: Any) -> None:
    """A price that has ended is told as lost, where a format has no days."""
    view = View([columns_of("dear", "2026-05-31")], {}, "2026-05-31")
    (row,) = view.rows()
    assert row.facts["pricing.input"] == 9
    assert row.facts["rates.input@other-days=yes"] == Decimal("0.075")
    lost = {loss.field for loss in FORMATS["litellm"].lost(view).lost}
    assert {"rates@other-days", "rates@valid_to"} <= lost
    table = rows(registry, "litellm")
    assert table["dear"]["input_cost_per_token"] == Decimal("0.000000075")
    assert table["dear"]["input_cost_per_token_batches"] == Decimal("0.0000000375")


def test_a_list_for_openrouter_has_only_rows_that_have_both_prices(
    registry: Any,
) -> None:
    """A router's price is -1; what has no price is left out, and told."""
    made = registry.export("openrouter")
    prices = {row["id"]: row["pricing"] for row in json.loads(made.body)["data"]}
    assert prices["plan/router"] == {"prompt": "-1", "completion": "-1"}
    assert prices["openai/free"] == {"prompt": "0", "completion": "0"}
    assert prices["openai/dear"]["prompt"] == "0.000000075"
    assert made.losses.left_out == set(NO_NUMBER)


def test_ids_of_one_provider_are_its_own(registry: Any) -> None:
    """So OpenRouter's models are listed as OpenRouter lists them."""
    listed = rows(registry, "openrouter", provider="openai")["data"]
    assert {row["id"] for row in listed} == {"dear", "free"}


# --- which models


def test_an_export_holds_what_find_shows(registry: Any) -> None:
    """Retired models are there when they are asked for."""
    assert "gone" not in rows(registry, "litellm")
    assert "gone" in rows(registry, "litellm", status="any")
    assert list(rows(registry, "litellm", provider="plan")) == [
        "plan/included",
        "plan/router",
    ]
    with pytest.raises(InvalidQueryError):
        registry.export("litellm", "visoin")


# --- formats


def test_each_format_has_a_module_and_a_file_name() -> None:
    """The table of formats and that of modules name the same."""
    assert FORMATS.keys() == MODULES.keys()
    assert len({row.filename for row in FORMATS.values()}) == len(FORMATS)


@pytest.mark.parametrize("name", ["models.dev", "models-dev", "models_dev.json"])
def test_a_format_is_named_in_several_ways(name: str) -> None:
    """By its name, with - for a point, and by its file."""
    wanted = name.replace("_dev.json", ".dev.json")
    assert format_named(wanted).name == "models.dev"


def test_an_unknown_format_is_refused(registry: Any) -> None:
    """The message names those that there are."""
    with pytest.raises(InvalidInputError, match=r"there are litellm, models\.dev"):
        registry.export("xml")


def test_parquet_without_pyarrow_says_what_to_install(
    registry: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing extra is one line."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'modeldex\[parquet\]'"):
        registry.export("parquet")


@pytest.mark.parametrize("table", [litellm.NAMES, genai.NAMES, exllm.NAMES])
def test_names_of_others_mean_the_provider(table: dict[str, str]) -> None:
    """What a provider is called elsewhere leads back to it."""
    for ours, theirs in table.items():
        means = "perplexity" if ours == "perplexity-agent" else ours
        assert provider_id(theirs) == means


# --- cells


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_a_spreadsheet_would_compute_is_guarded(start: str) -> None:
    """Formulas become text."""
    assert guarded(f"{start}cmd") == f"'{start}cmd"
    assert guarded(f"a{start}") == f"a{start}"
    assert guarded(f"{start}SUM(A1)", "id") == f"'{start}SUM(A1)"
    assert guarded(f"{start}cf/meta/llama").startswith("'")


def test_an_id_is_read_as_it_is() -> None:
    """A column of ids holds ids; what only looks like one elsewhere is a text."""
    for column in ("id", "canonical", "alias_of"):
        assert guarded("@cf/meta/llama-3", column) == "@cf/meta/llama-3"
        assert guarded("@cf|x!A1", column) == "'@cf|x!A1"
    assert guarded("@cf/meta/llama-3", "name") == "'@cf/meta/llama-3"


@pytest.mark.parametrize(
    "name", ["no", "2026-01-01", '5"x', "a: b #c", "=1+1", "'q", "{x", "3.10", "- y"]
)
def test_any_name_survives_yaml(name: str) -> None:
    """A file for ExLLM reads a name as the text that it is."""
    entries = {("acme", "m"): {"name": name}}
    files = registry_of(entries).export("exllm").files
    assert files is not None
    layer = load_text(files["acme.yml"], "acme.yml")
    assert layer.models["m"]["name"] == name


def test_numbers_of_csv_are_numbers(registry: Any) -> None:
    """Amounts and counts are never guarded, texts always."""
    body = registry.export("csv").body.decode()
    table = {row["ref"]: row for row in csv.DictReader(io.StringIO(body))}
    assert table["openai/unknown"]["name"] == "'=1+1"
    assert table["openai/dear"]["price_input"] == "0.075"
    assert table["openai/dear"]["context_window"] == "128000"
    assert table["openai/unknown"]["price_input"] == ""
    assert table["openai/free"]["price_input"] == "0"


# --- losses


def test_losses_are_what_differs() -> None:
    """A fact that is not said, or not so, is lost; what is said besides is filled."""
    losses = Losses()
    losses.compare("a/1", {"name": "A", "mode": "ocr"}, {"name": "A", "family": "x"})
    losses.compare("a/2", {"mode": "ocr"}, {"mode": "chat"}, {"mode": "why not"})
    told = [(loss.field, loss.models, loss.reason) for loss in losses.lost]
    assert told == [
        ("mode", 1, "the format has no place for it"),
        ("mode", 1, "why not"),
    ]
    filled = [(loss.field, loss.reason) for loss in losses.filled]
    assert filled == [("family", "read as x"), ("mode", "read as chat")]
    assert not losses.is_empty


def test_rates_are_told_by_the_names_of_their_conditions() -> None:
    """Many rates are one line of a report."""
    key = "rates.input@service_tier=batch above=200000"
    assert group_of(key) == "rates@service_tier+above"
    assert group_of("pricing.input") == "pricing.input"


def test_what_abilities_imply_is_a_fact_of_an_export() -> None:
    """A list that others read must say it."""
    columns = columns_of("dear", DAY)
    assert flat(columns, DAY)["capabilities.function_calling"] is True


# --- archives


def test_archives_hold_the_files_and_are_always_the_same(registry: Any) -> None:
    """A zip and a packed tar, without times."""
    made = registry.export("exllm")
    assert made.files is not None
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        assert {n: archive.read(n) for n in archive.namelist()} == dict(made.files)
        times = {entry.date_time for entry in archive.infolist()}
    assert times == {(1980, 1, 1, 0, 0, 0)}
    packed = made.archive(".tar.gz")
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        assert sorted(archive.getnames()) == sorted(made.files)
    again = registry_of(ENTRIES).export("exllm")
    assert (again.content, again.archive(".tar.gz")) == (made.content, packed)
    with pytest.raises(InvalidInputError, match="no archive"):
        registry.export("csv").archive(".zip")
    with pytest.raises(InvalidInputError, match="no archive"):
        made.archive(".rar")
