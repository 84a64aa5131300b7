"""An import writes rates one by one, and leaves those that a person wrote."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from modeldex.catalog.authoring.load import load_text
from modeldex.catalog.merging.claims import Claims, decode, encode, flatten, nest
from modeldex.catalog.merging.merge import compress_sources, merge
from modeldex.usecases import catalog_import
from modeldex.usecases.catalog_import import import_claims

if TYPE_CHECKING:
    from pathlib import Path

    from modeldex.catalog.merging.merge import Merged
    from modeldex.usecases.catalog_import import ImportReport

D = Decimal
KEY = ("acme", "large")
BATCH, LONG = "input@service_tier=batch", "input@above=200000"
FUTURE = "input@valid_from=2026-12-01"
SAID = {
    "pricing.input": D(3),
    f"rates.{BATCH}": D("1.5"),
    f"rates.{LONG}": D(6),
    f"rates.{FUTURE}": D(4),
}


def serving_rates(claims: list[Claims]) -> Merged:
    """Merge claims, and serve each rate as the one source says it."""
    done = merge(claims)
    (said,) = claims
    rates = {n.removeprefix("rates."): v for n, v in said.models[KEY].items()
             if n.startswith("rates.")}  # fmt: skip
    models = {KEY: {**done.models[KEY], "rates": rates}}
    served = {KEY: flatten(models[KEY])}
    return replace(done, models=models, claims=replace(done.claims, served=served))


@pytest.fixture(autouse=True)
def _serve_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog_import, "merge", serving_rates)


def bring(folder: Path, said: dict[str, Decimal]) -> ImportReport:
    """Import what one source says of the one model."""
    claims = Claims("litellm", "2026-11-12", {KEY: said})
    return import_claims([claims], str(folder), str(folder / "claims.jsonl.xz"))


def edited(folder: Path, old: str, new: str) -> None:
    """Change the file by hand."""
    path = folder / "acme.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def facts_in(folder: Path) -> dict:
    """Return what the file says of the model."""
    layer = load_text((folder / "acme.yaml").read_bytes(), "acme.yaml")
    assert not layer.errors
    return layer.models["large"]


def test_an_import_writes_a_line_for_each_condition(tmp_path: Path) -> None:
    """Rates stand below the price, and importing them again changes no byte."""
    bring(tmp_path, SAID)
    text = (tmp_path / "acme.yaml").read_text()
    assert (
        "    pricing: {input: 3}\n    rates:\n      above=200000: {input: 6}\n"
        "      service_tier=batch: {input: 1.5}\n"
        "      valid_from=2026-12-01: {input: 4}\n"
    ) in text
    assert not bring(tmp_path, SAID).changed
    assert (tmp_path / "acme.yaml").read_text() == text


def test_a_rate_edited_by_hand_stays_curated(tmp_path: Path) -> None:
    """The edited rate is the person's; the others follow the source."""
    bring(tmp_path, SAID)
    edited(tmp_path, "{input: 1.5}", "{input: 1.2}  # our mail of May")
    later = SAID | {f"rates.{BATCH}": D("1.4"), f"rates.{LONG}": D(5)}
    report = bring(tmp_path, later)
    kept = [(k.field, k.value, k.sources_say, k.pinned) for k in report.kept]
    assert kept == [(f"rates.{BATCH}", "1.2", "1.4", False)]
    facts = facts_in(tmp_path)
    assert facts["rates"] == {BATCH: D("1.2"), LONG: D(5), FUTURE: D(4)}
    assert facts["sources"] == {"*": "litellm", f"rates.{BATCH}": "curated"}
    assert "{input: 1.2}  # our mail of May" in (tmp_path / "acme.yaml").read_text()
    again = bring(tmp_path, later)
    assert not again.changed
    assert [k.pinned for k in again.kept] == [True]


def test_an_amount_edited_by_hand_has_no_later_day(tmp_path: Path) -> None:
    """A source's dated standard price does not replace a person's own amount."""
    bring(tmp_path, SAID)
    edited(tmp_path, "pricing: {input: 3}", "pricing: {input: 2}")
    bring(tmp_path, SAID)
    assert facts_in(tmp_path)["rates"].keys() == {BATCH, LONG}
    assert not bring(tmp_path, SAID).changed


def test_a_state_edited_by_hand_has_no_rates(tmp_path: Path) -> None:
    """What a person calls included has no rates of the sources either."""
    bring(tmp_path, SAID)
    edited(tmp_path, "pricing: {input: 3}", "pricing: included")
    bring(tmp_path, SAID)
    facts = facts_in(tmp_path)
    assert facts["pricing"] == {"state": "included"}
    assert "rates" not in facts


def test_rates_that_a_source_takes_back_are_removed(tmp_path: Path) -> None:
    """An absent rate is nobody's."""
    bring(tmp_path, SAID)
    bring(tmp_path, {"pricing.input": D(3), f"rates.{LONG}": D(6)})
    assert facts_in(tmp_path)["rates"] == {LONG: D(6)}


def test_claims_of_rates_are_amounts() -> None:
    """Packed claims and served facts keep rates as Decimals, under their keys."""
    packed = serving_rates([Claims("litellm", "2026-11-12", {KEY: SAID})]).claims
    assert decode(encode(packed)) == packed
    facts = {"pricing": {"input": D(3)}, "rates": {BATCH: D(1)}, "name": "n"}
    assert flatten(facts)[f"rates.{BATCH}"] == 1
    assert nest(flatten(facts)) == facts


def test_rates_of_one_source_are_named_once() -> None:
    """`rates` stands for all rates when they have one source, else each is named."""
    origin = dict.fromkeys(["name", "mode", "family"], "a")
    assert compress_sources(origin | {f"rates.{BATCH}": "b", f"rates.{LONG}": "b"}) == {
        "*": "a",
        "rates": "b",
    }
    assert compress_sources(origin | {f"rates.{BATCH}": "b", f"rates.{LONG}": "a"}) == {
        "*": "a",
        f"rates.{BATCH}": "b",
    }
