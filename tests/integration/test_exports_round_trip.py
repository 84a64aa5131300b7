"""What is not in the loss report survives export and import, for all shipped models."""

from __future__ import annotations

import json
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from catalogs import catalog_of, random_entries
from exported import DAY, READERS, differing, made, shipped, shipped_facts, view_of
from modeldex.domain.capability import implied_by
from modeldex.sources import models_dev
from modeldex.usecases.exports import FORMATS
from modeldex.usecases.exports.losses import MODEL, group_of
from modeldex.usecases.exports.models_dev import SIDES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modeldex.usecases.exports.losses import Losses

MANY = 12_000
# of what a format of ours loses nothing
WHOLE = ("sqlite", "csv", "parquet")
# states of a price that no amount may stand for
STATES = ("included", "variable")
ABLE = "capabilities."
# formats in which lists of modalities say what a model can take and give
BY_LISTS = ("models.dev", "openrouter")
SIDED = {
    *(ability for side in SIDES.values() for ability in side.values()),
    "file_input",
    "embeddings",
}


def by_group(fields: Mapping[str, set[str]]) -> dict[str, int]:
    """Return the number of models by the name that a report has for a field."""
    counts: dict[str, set[str]] = defaultdict(set)
    for ref, some in fields.items():
        for field in some:
            counts[group_of(field)].add(ref)
    return {group: len(refs) for group, refs in counts.items()}


def told(listed: Any) -> dict[str, list[int]]:
    """Return the counts of a report by field; a field may have several reasons."""
    counts: dict[str, list[int]] = defaultdict(list)
    for loss in listed:
        counts[loss.field].append(loss.models)
        assert loss.reason
        assert 0 < len(loss.examples) <= min(3, loss.models)
    return counts


def held(found: Mapping[str, int], report: Mapping[str, list[int]]) -> None:
    """Hold what differs against a report: every field, and how many models."""
    assert found.keys() == report.keys() - {MODEL}
    for field, models in found.items():
        assert max(report[field]) <= models <= sum(report[field]), field


def check(
    facts: Mapping[str, Mapping[str, Any]], read: Mapping[str, Any], losses: Losses
) -> None:
    """Hold what was read against the facts and the report of losses."""
    assert losses.kept is not None
    assert losses.models == len(facts)
    assert losses.left_out | losses.kept.keys() == facts.keys()
    assert losses.kept.keys() <= read.keys()
    lost, filled = {}, {}
    for ref, said in losses.kept.items():
        assert read[ref] == said, ref
        lost[ref], filled[ref] = differing(facts[ref], read[ref])
    held(by_group(lost), told(losses.lost))
    held(by_group(filled), told(losses.filled))
    assert sum(told(losses.lost).get(MODEL, [0])) == len(losses.left_out)


def is_turned(name: str, facts: Mapping[str, Any], read: Mapping[str, Any]) -> None:
    """Hold that no amount is another one, none is made of a word, and no no a yes.

    But where other abilities imply it, or lists of modalities stand for abilities.
    """
    if facts.get("pricing.state") in STATES:
        assert not any(isinstance(value, Decimal) for value in read.values())
    yes = [f.removeprefix(ABLE) for f, value in facts.items() if value is True]
    excused = {f"{ABLE}{ability}" for ability in implied_by(yes)}
    if name in BY_LISTS:
        excused |= {f"{ABLE}{ability}" for ability in SIDED}
    for field, value in facts.items():
        if isinstance(value, Decimal):
            assert read.get(field, value) == value
        if value is False and read.get(field) is True:
            assert field in excused, field


@pytest.mark.parametrize("name", FORMATS)
def test_no_digit_of_a_price_is_lost(name: str) -> None:
    """As many as the schema allows, and more than a float has."""
    price, other = Decimal("0.12345678901234567891"), Decimal("12345.678901234567891")
    facts = {"pricing": {"input": price, "output": other}, "context_window": 8_192}
    entries = {("acme", "m"): facts, ("other", "m"): facts}
    view = view_of(catalog_of(entries, day=DAY), DAY)
    read = READERS[name](FORMATS[name].write(view))["acme/m"]
    assert (read["pricing.input"], read["pricing.output"]) == (price, other)


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_not_told_survives(name: str) -> None:
    """Read back, each model has exactly what the report does not name.

    No price is made of a word, and the same models are the same bytes.
    """
    body, losses = made(name)
    facts, read = shipped_facts(), READERS[name](body)
    assert losses.models > MANY
    check(facts, read, losses)
    assert losses.is_empty == (name in WHOLE)
    for ref in losses.kept or ():
        is_turned(name, facts[ref], read[ref])
    assert FORMATS[name].write(shipped()) == body


def test_facts_of_providers_are_carried_or_told() -> None:
    """What models.dev's file says of a provider is read back; the rest is told."""
    body, losses = made("models.dev")
    claims = models_dev.translate(json.loads(body, parse_float=Decimal), DAY)
    told = {loss.field for loss in losses.of_providers}
    for name, facts in shipped().providers.items():
        read = claims.providers[name]
        for fact, value in facts.items():
            if value and fact != "models" and f"provider.{fact}" not in told:
                assert read[fact] == value, (name, fact)
    assert {"provider.kind", "provider.default_model"} <= told
    assert not made("sqlite")[1].of_providers


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("seed", range(4))
def test_so_do_random_models(name: str, seed: int) -> None:
    """The same holds of small catalogues with facts in all combinations."""
    catalog = catalog_of(random_entries(seed), default_filter=False)
    for day in ("2026-02-01", "2026-06-15", "2027-06-01"):
        view = view_of(catalog, day)
        body, losses = FORMATS[name].make(view)
        facts = {row.ref: row.facts for row in view.rows()}
        check(facts, READERS[name](body), losses)
