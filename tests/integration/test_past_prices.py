"""A price at a time, a cost at a time and the catalogue of that day agree."""

from __future__ import annotations

import random
from datetime import date, timedelta

import modeldex
from modeldex.errors import NotFoundError

FIRST, DAYS = date(2023, 10, 20), 1118  # of the shipped history
USAGE = {"input": 1_000, "output": 1_000, "cache_read": 500}
_BY_HAND = ("curated", "user")


def _by_hand(registry: modeldex.Registry, ref: str) -> set[str]:
    """Return the facts of today's model that a person wrote."""
    try:
        sources = registry.get_info(ref).sources
    except NotFoundError:
        return set()
    return {n for n, by in sources.items() if not isinstance(by, str) or by in _BY_HAND}


def test_price_cost_and_the_catalogue_of_a_day_agree() -> None:
    """What one of them prices, all do; what was not listed has no price."""
    draw = random.Random(20261125)
    registry = modeldex.open()
    refs = registry.catalog.index.refs
    priced = 0
    for _ in range(5):
        day = (FIRST + timedelta(draw.randrange(DAYS))).isoformat()
        then = registry.as_of(day)
        listed = then.catalog.index.refs
        for ref in {
            *draw.sample(refs, 150),
            *draw.sample(listed, min(150, len(listed))),
        }:
            if _by_hand(registry, ref):
                continue  # it holds on every day
            price = registry.price(ref, day)
            try:
                model = then.get_info(ref)
            except NotFoundError:
                assert not price, (ref, day)
                continue
            found = model.pricing
            assert (price.amounts, price.state) == (found.amounts, found.state)
            assert (price.currency, price.rates) == (found.currency, found.rates)
            costs = registry.cost(ref, USAGE, at=day), then.cost(ref, USAGE)
            assert costs[0].total == costs[1].total, (ref, day)
            priced += bool(price)
    assert priced > 200


def test_a_model_that_came_out_in_a_month_has_a_price_since_then() -> None:
    """A release date may have no day; it is a month's first one then."""
    registry = modeldex.open()
    ref = "palm/chat-bison-001"
    assert registry.get_info(ref).release_date == "2023-05"
    assert not registry.price(ref, "2023-04-30")
    for day in ("2023-11-01", "2025-03-09"):
        then = registry.as_of(day)
        try:
            found = then.get_info(ref).pricing.amounts
        except NotFoundError:
            found = {}
        assert registry.price(ref, day).amounts == found
