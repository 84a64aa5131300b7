"""Trials of the guards: every accepted price in another unit, and as it is."""

from __future__ import annotations

import random
from collections import Counter
from decimal import Decimal
from typing import NamedTuple

from modeldex.domain.change import CATALOG, Change, Fact
from modeldex.usecases.guard import judge

FACTORS = {f"1e{n:+d}": Decimal(10) ** n for n in (-6, -5, -3, 3, 5, 6)}
PRICE = "pricing."
WORDS = (PRICE + "state", PRICE + "currency")


class Outcome(NamedTuple):
    """How many of some trials were held, and by which rules."""

    held: int
    trials: int
    rules: Counter[str]
    examples: list[str]

    @property
    def share(self) -> float:
        """The share of trials that were held."""
        return self.held / self.trials


def amounts_of(facts):
    """Return the fields of a model's standard amounts other than 0."""
    return [
        name
        for name, fact in facts.items()
        if name.startswith(PRICE) and name not in WORDS and fact.value
    ]


def appeared(ref, facts):
    """Return the change by which a model appears."""
    return [Change(*ref, "", None, Fact(facts), kind="appeared")]


def spoilt(state, market, factor, sample=None, *, new, seed=1):
    """Judge accepted prices, one at a time times a factor, as updates or as new."""
    trials = [
        (key, name)
        for key, facts in state.items()
        if key[0] == CATALOG
        for name in amounts_of(facts)
    ]
    if sample and sample < len(trials):
        trials = random.Random(seed).sample(trials, sample)
    held, rules, missed = 0, Counter(), []
    for (_, *ref), name in trials:
        facts = state[CATALOG, *ref]
        seen = {n: f for n, f in facts.items() if n in ("canonical", "mode")}
        seen |= {n: f for n, f in facts.items() if n.startswith(PRICE)}
        bad = Fact(seen[name].value * factor, "litellm")
        after = seen | {name: bad}
        if new:
            changes, before = appeared(ref, after), None
        else:
            changes, before = [Change(*ref, name, seen[name], bad)], seen
        doubts = judge(changes, before, after, market).get(name, [])
        held += bool(doubts)
        rules.update(doubt.rule for doubt in doubts)
        if not doubts:
            missed.append(f"{'/'.join(ref)} {name} {seen[name].value}")
    return Outcome(held, len(trials), rules, missed)


def spoilt_rows(state, market, factor, sample=None, seed=1):
    """Judge new models all of whose prices are in another unit."""
    rows = [(key, facts) for key, facts in state.items() if amounts_of(facts)]
    if sample and sample < len(rows):
        rows = random.Random(seed).sample(rows, sample)
    held, rules, missed = 0, Counter(), []
    for (_, *ref), facts in rows:
        wanted = amounts_of(facts)
        kept = {n: f for n, f in facts.items() if n in ("canonical", "mode")}
        after = kept | {n: Fact(facts[n].value * factor, "litellm") for n in wanted}
        doubts = judge(appeared(ref, after), None, after, market)
        held += doubts.keys() >= set(wanted)
        rules.update(doubt.rule for said in doubts.values() for doubt in said)
        if not doubts.keys() >= set(wanted):
            missed.append("/".join(ref))
    return Outcome(held, len(rows), rules, missed)


def unchanged(state, market, *, new):
    """Judge every model as it is, as new or as an update of nothing."""
    held = trials = 0
    rules, examples = Counter(), []
    for (_, *ref), facts in state.items():
        if new:
            changes, before = appeared(ref, facts), None
        else:
            changes, before = [Change(*ref, n, f, f) for n, f in facts.items()], facts
        trials += len(facts)
        for name, doubts in judge(changes, before, facts, market).items():
            held += 1
            rules.update(doubt.rule for doubt in doubts)
            examples.append(f"{'/'.join(ref)} {name} {doubts}")
    return Outcome(held, trials, rules, examples)


def prices_of(state):
    """Count the amounts of a state, of standard prices and of rates."""
    return sum(name.startswith((PRICE, "rates.")) for f in state.values() for name in f)
