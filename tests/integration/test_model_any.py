"""Any model: exact amounts, facts that survive encoding, the status of the day."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from catalogs import catalog_of, random_entries, registry_of
from modeldex.catalog.encode import decode, encode
from modeldex.catalog.query import Query
from modeldex.domain.lifecycle import LEFT_OUT, STATUSES, status_on
from modeldex.domain.pricing import METERS
from modeldex.usecases.records import json_text

if TYPE_CHECKING:
    from modeldex.domain.model import Model


def model_of(facts: dict[str, Any], name: str = "m", day: str = "2026-06-15") -> Model:
    """Return a model out of a catalogue of one."""
    return registry_of({("acme", name): facts}, day=day).get_info("acme", name)


# --- a price


AMOUNTS = st.decimals(0, 10**6, places=12, allow_nan=False, allow_infinity=False)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(METERS), AMOUNTS, min_size=1))
def test_amounts_are_exact(given_amounts: dict[str, Decimal]) -> None:
    """Every amount comes back as the very Decimal, also as a number in JSON."""
    model = model_of({"pricing": given_amounts})
    pricing = model.pricing
    assert pricing.amounts == given_amounts
    for meter in METERS:
        assert getattr(pricing, meter) == given_amounts.get(meter)
        assert pricing.amount(meter) == given_amounts.get(meter)
    read = json.loads(json_text(model.as_dict()), parse_float=Decimal)["pricing"]
    assert {meter: read[meter] for meter in given_amounts} == given_amounts
    assert pricing == model_of({"pricing": given_amounts}).pricing


# --- dates and status


DAYS = st.dates(date(2023, 1, 1), date(2030, 12, 31)).map(date.isoformat)
FLAGS = st.sampled_from((None, "preview", "deprecated", "retired"))


PLACES = st.sampled_from(("", "openai", "azure"))


@given(DAYS, FLAGS, st.none() | DAYS, PLACES)
def test_status_follows_the_day(
    day: str, flag: str | None, end: str | None, provider: str
) -> None:
    """The shutdown day retires from that day on; before it, it deprecates.

    Where days are stated at launch, it does so in the last ninety days only.
    """
    status = status_on(day, flag, end, provider)
    assert status in STATUSES
    over = end is not None and date.fromisoformat(day) >= date.fromisoformat(end)
    assert (status == "retired") is (over or flag == "retired")
    if status != "retired":
        left = (date.fromisoformat(end) - date.fromisoformat(day)).days if end else 0
        announced = end is not None and (provider != "azure" or left <= 90)
        assert status == ("deprecated" if announced else flag or "active")
        later = (date.fromisoformat(day) + timedelta(days=4000)).isoformat()
        assert (status_on(later, flag, end, provider) == "retired") is (end is not None)


ENTRIES = {
    ("azure" if provider == "p0" else provider, name): facts
    for (provider, name), facts in random_entries(3, 60).items()
}
# where the statuses of the entries change, and any other day
TURNS = sorted(
    {
        (date.fromisoformat(end) + timedelta(days)).isoformat()
        for facts in ENTRIES.values()
        if (end := facts.get("deprecation_date"))
        for days in (-91, -90, -89, -1, 0, 1)
    }
)


@settings(max_examples=40, deadline=None)
@given(DAYS | st.sampled_from(TURNS))
def test_queries_judge_status_as_models_do(day: str) -> None:
    """On any day `status:…` finds the models whose status is that."""
    catalog = catalog_of(ENTRIES, day=day)
    every = catalog.models(catalog.rows(Query.parse("status:any")))
    assert len(every) == len(ENTRIES)
    for status in STATUSES:
        rows = catalog.rows(Query.parse(f"status:{status}"))
        naive = {model.ref for model in every if model.status == status}
        assert {model.ref for model in catalog.models(rows)} == naive
    kept = {model.ref for model in every if model.status_on(day) not in LEFT_OUT}
    found = catalog.models(catalog.rows(Query.parse("")))
    assert {model.ref for model in found} == kept


@given(st.integers(0, 10_000))
@settings(max_examples=50, deadline=None)
def test_facts_survive_encoding(seed: int) -> None:
    """Decoding what was encoded gives the facts back."""
    for (provider, name), facts in random_entries(seed, 10).items():
        assert decode(encode(provider, name, facts)) == facts
