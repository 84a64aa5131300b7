"""The rules, in one table, and the judgement of one model's changes by them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from modeldex.usecases.guard import fields, prices
from modeldex.usecases.guard.case import case_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from modeldex.domain.change import Change, Facts
    from modeldex.domain.syncing import Doubt
    from modeldex.usecases.guard.case import Case
    from modeldex.usecases.guard.market import Market

    Test = Callable[[Case, str, Any, Any], Doubt | None]


class Rule(NamedTuple):
    """A rule: its test of one field, which fields it is asked of, what overrules it.

    `groups` are names of fields, or what stands before their dot. `releasable` says
    that two independent sources which agree may let a change pass; `suspect` that it
    speaks of an amount in a wrong unit, which counts for a batch.
    """

    test: Test
    groups: tuple[str, ...]
    releasable: bool = False
    suspect: bool = False


_MONEY = ("pricing", "rates")
RULES: Mapping[str, Rule] = {
    "price_jump": Rule(prices.price_jump, _MONEY, releasable=True, suspect=True),
    "unit_suspect": Rule(prices.unit_suspect, _MONEY, suspect=True),
    "magnitude": Rule(prices.magnitude, _MONEY, suspect=True),
    "sibling": Rule(prices.sibling, _MONEY, releasable=True, suspect=True),
    "provider_median": Rule(
        prices.provider_median, _MONEY, releasable=True, suspect=True
    ),
    "relative": Rule(prices.relative, _MONEY, releasable=True, suspect=True),
    "zero_against_price": Rule(prices.zero_against_price, _MONEY),
    "price_state": Rule(prices.price_state, _MONEY),
    "currency": Rule(prices.currency, _MONEY),
    "context_halved": Rule(fields.context_halved, fields.LIMITS, releasable=True),
    "context_grown": Rule(fields.context_grown, fields.LIMITS, releasable=True),
    "mode_flip": Rule(fields.mode_flip, ("mode",)),
    "address": Rule(fields.address, fields.ADDRESSES),
    "revived": Rule(fields.revived, ("status",)),
    "ability_loss": Rule(fields.ability_loss, ("capabilities",)),
    "modality_loss": Rule(fields.modality_loss, ("modalities",)),
    "confusable": Rule(fields.confusable, ("",)),
}


def judge(  # noqa: PLR0913
    changes: Iterable[Change],
    before: Facts | None,
    after: Facts | None,
    market: Market,
    *,
    ref: tuple[str, str] | None = None,
    rules: Mapping[str, Rule] = RULES,
) -> dict[str, list[Doubt]]:
    """Return the doubts about one model's changes, by field.

    `before` and `after` are its flat facts, None for a model that is not there;
    "" is the field of a model that appears. Fields without a doubt are left out, and
    may be committed though another field waits.
    """
    listed = list(changes)
    if after is None or not listed:
        return {}
    provider, model = ref or (listed[0].provider, listed[0].model)
    case = case_of(provider, model, listed, (before, after), market)
    asked: dict[str, list[Test]] = {}
    for rule in rules.values():
        for group in rule.groups:
            asked.setdefault(group, []).append(rule.test)
    found: dict[str, list[Doubt]] = {}
    for name, (old, new) in case.changed.items():
        doubts = [
            doubt
            for test in asked.get(name.partition(".")[0], ())
            if (doubt := test(case, name, old, new)) is not None
        ]
        if doubts:
            found[name] = doubts
    return found
