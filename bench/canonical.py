"""Measure canonical ids: how many chat models have one, and are the joins right.

    PYTHONPATH=tests .venv/bin/python bench/canonical.py [DIRECTORY] [--seed N]

A join is a model whose canonical id the rules wrote, and another provider's model
with the same one. A seeded sample of them is held against evidence that no rule
of the join has read: context window, release date, family, human name, price. A join
is right when evidence backs it and none speaks against it, or one alone does against
two or more; every other one is listed. What has no evidence at all is not sampled.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING

import modeldex
from modeldex.catalog.identity.names import model_key
from modeldex.domain.lifecycle import first_day
from modeldex.domain.provider import provider_kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from modeldex import Model

    Pair = tuple[Model, Model]

PAIRS, SEED = 300, 20261125
SHARE_BAR, WRONG_BAR = 0.85, 0.01
SAME_UNIT = 0.06  # 1,000 against 1,024 of a power of two, and rounding
NEAR_DAYS = 150
_WORDS = re.compile(r"[a-z]+|\d+(?:\.\d+)?")
_NOISE = frozenset(
    "free fast turbo latest preview batch eu us instruct fp fw tee new beta "  # noqa: SIM905
    "anthropic google openai meta qwen deepseek mistral nvidia xai zai moonshotai v "
    "moonshot amazon cohere minimax xiaomi alibaba it".split()
)


def window(one: Model, other: Model) -> bool | None:
    """Compare context windows: the same, or cut where it is served."""
    sizes = sorted(filter(None, (one.context_window, other.context_window)))
    if len(sizes) < len((one, other)):
        return None
    small, large = sizes
    return True if large - small <= SAME_UNIT * large else None


def released(one: Model, other: Model) -> bool | None:
    """Compare release dates.

    A reseller notes the day on which it began to serve: a later date of one says
    nothing, but nobody serves a model long before its maker has it.
    """
    if not one.release_date or not other.release_date:
        return None
    early, late = sorted((one, other), key=lambda m: first_day(m.release_date or ""))
    days = [date.fromisoformat(first_day(m.release_date or "")) for m in (early, late)]
    if (days[1] - days[0]).days <= NEAR_DAYS:
        return True
    return False if provider_kind(late.provider) == "first_party" else None


def family(one: Model, other: Model) -> bool | None:
    """Compare families, as their sources name them."""
    if not one.family or not other.family:
        return None
    low, high = sorted((one.family.lower(), other.family.lower()), key=len)
    return low in high


def named(one: Model, other: Model) -> bool | None:
    """Compare the words and numbers of human names; a bare id is no name.

    Numbers that neither name shares with the other speak against a join.
    """
    if one.name == one.id or other.name == other.id:
        return None
    words = [set(_WORDS.findall(m.name.lower())) - _NOISE for m in (one, other)]
    if words[0] == words[1]:
        return True
    numbers = [{word for word in found if word[0].isdigit()} for found in words]
    return False if numbers[0] - numbers[1] and numbers[1] - numbers[0] else None


def priced(one: Model, other: Model) -> bool | None:
    """Compare prices: equal ones speak for a join, others say nothing."""
    prices = [(m.pricing.input, m.pricing.output) for m in (one, other)]
    return True if prices[0] == prices[1] and all(prices[0]) else None


EVIDENCE = (window, released, family, named, priced)
ENOUGH = 2  # grounds for a join that outweigh one against it


def joins(models: Sequence[Model]) -> Iterator[list[Model]]:
    """Yield the models of each canonical id that the rules gave to one of them."""
    grouped: dict[str, list[Model]] = defaultdict(list)
    for model in models:
        if model.canonical:
            grouped[model_key(model.canonical)].append(model)
    for _, same in sorted(grouped.items()):
        if len({m.provider for m in same}) > 1 and any(map(by_rule, same)):
            yield same


def by_rule(model: Model) -> bool:
    """Tell whether the rules gave a model its canonical id."""
    return model.source_of("canonical") == "derived"


def evidence(one: Model, other: Model) -> dict[str, bool]:
    """Return what speaks for a join (True) and against it (False)."""
    found = {test.__name__: test(one, other) for test in EVIDENCE}
    return {name: says for name, says in found.items() if says is not None}


def sample(models: Sequence[Model], pairs: int, seed: int) -> tuple[list[Pair], int]:
    """Return joins made by rule, each model of them as likely as any other.

    Also how many of the models drawn have no partner of which anything is known.
    """
    chance = random.Random(seed)
    made = [
        (model, [other for other in same if other.provider != model.provider])
        for same in joins(models)
        for model in same
        if by_rule(model)
    ]
    made = [join for join in made if join[1]]
    chance.shuffle(made)
    found: list[Pair] = []
    unknown = 0
    for model, others in made:
        if len(found) == pairs:
            break
        known = [other for other in others if evidence(model, other)]
        if known:
            found.append((model, chance.choice(known)))
        else:
            unknown += 1
    return found, unknown


def is_wrong(one: Model, other: Model) -> tuple[bool, str]:
    """Tell whether evidence speaks against a join, and say which."""
    found = evidence(one, other)
    backing = [name for name, says in found.items() if says]
    against = [name for name, says in found.items() if not says]
    told = f"against it {', '.join(against)}; for it {', '.join(backing) or 'nothing'}"
    return len(against) > (len(backing) >= ENOUGH), told


def control(models: Sequence[Model], pairs: int, seed: int) -> int:
    """Return how many of `pairs` different models of one author evidence tells apart.

    It is the measure of what the evidence can see at all.
    """
    chance = random.Random(seed)
    by_author: dict[str, list[Model]] = defaultdict(list)
    for model in models:
        if model.canonical:
            by_author[model.canonical.partition("/")[0].lower()].append(model)
    ruled = [model for model in models if model.canonical and by_rule(model)]
    found = drawn = 0
    while drawn < pairs:
        one = chance.choice(ruled)
        author = (one.canonical or "").partition("/")[0].lower()
        other = chance.choice(by_author[author])
        different = model_key(one.canonical or "") != model_key(other.canonical or "")
        if different and one.provider != other.provider and evidence(one, other):
            drawn += 1
            found += is_wrong(one, other)[0]
    return found


def main() -> int:
    """Print the share and the sample; exit 1 when a bar is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", nargs="?")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    asked = parser.parse_args()
    registry = modeldex.open(asked.directory)
    models = registry.find(status="any")
    chat = [m for m in models if m.mode == "chat"]
    share = sum(bool(m.canonical) for m in chat) / len(chat)
    ruled = sum(by_rule(m) for m in models if m.canonical)
    print(f"{len(chat):,} chat models, {share:.1%} with a canonical id (bar 85 %)")
    print(f"{ruled:,} canonical ids by rule, {len(models):,} models in all")
    pairs, unknown = sample(models, asked.pairs, asked.seed)
    errors = 0
    for one, other in pairs:
        wrong, told = is_wrong(one, other)
        if wrong:
            errors += 1
            print(f"  {one.ref} = {other.ref} ({one.canonical}): {told}")
    print(
        f"{len(pairs)} joins by rule, seed {asked.seed}: {errors} wrong by "
        f"evidence (bar {WRONG_BAR:.0%}); {unknown} drawn without any evidence"
    )
    told_apart = control(models, asked.pairs, asked.seed)
    print(f"control: of {asked.pairs} pairs that differ, {told_apart} are told apart")
    return int(share < SHARE_BAR or errors > WRONG_BAR * len(pairs))


if __name__ == "__main__":
    sys.exit(main())
