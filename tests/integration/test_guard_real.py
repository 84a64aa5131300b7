"""The guards on the shipped catalogue: damage that happened, and damage made up."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

import guard_trials as trials
from modeldex import bootstrap
from modeldex.bootstrap.past import open_history
from modeldex.catalog.facts import state_of
from modeldex.catalog.line import Line, steps_in
from modeldex.domain.change import CATALOG, Change, Fact
from modeldex.usecases.guard import (
    Market,
    changed_fields,
    judge,
    judge_batch,
    released,
)
from modeldex.usecases.guard.market import entry_of

SAMPLE = 420  # prices of each factor: 5,040 trials
# factor -> share of new rows that must be held (`make bars` tries every price)
HELD = {"1e-6": 99.9, "1e-5": 99.5, "1e-3": 88, "1e+3": 88, "1e+5": 99.5, "1e+6": 99.9}
ALLOWED_MISSES = 2  # of a sample, which is small for 1 in 1,000


@pytest.fixture(scope="module")
def state():
    return state_of(bootstrap.open(overlays=()).catalog.snapshot)


@pytest.fixture(scope="module")
def market():
    return Market.of_snapshot(bootstrap.open(overlays=()).catalog.snapshot)


@pytest.mark.parametrize("factor", trials.FACTORS)
def test_prices_in_another_unit_are_held(factor, state, market):
    known = trials.spoilt(state, market, trials.FACTORS[factor], SAMPLE, new=False)
    assert (known.held, known.trials) == (SAMPLE, SAMPLE)
    new = trials.spoilt(state, market, trials.FACTORS[factor], SAMPLE, new=True)
    assert new.trials - new.held <= ALLOWED_MISSES + SAMPLE * (100 - HELD[factor]) / 100


def test_the_accepted_catalogue_passes(state, market):
    found = trials.unchanged(state, market, new=True)
    amounts = [
        text for text in found.examples if "pricing." in text or "rates." in text
    ]
    assert len(amounts) <= trials.prices_of(state) / 1000
    models = {text.split(" ")[0] for text in found.examples}
    assert len(models) <= len(state) / 1000


def test_the_market_of_a_state_is_that_of_its_snapshot(state, market):
    told = Market.of_state(state)
    pointers = [(key, facts) for key, facts in state.items() if "alias_of" in facts]
    # a pointer has its target's price in the snapshot only
    pointed = {key[1] for key, _ in pointers}
    pointed |= {f["canonical"].value for _, f in pointers if "canonical" in f}
    for (_, *ref), facts in list(state.items())[::50]:
        canonical = facts.get("canonical", Fact("")).value
        if not canonical or {ref[0], canonical} & pointed:
            continue
        for name in trials.amounts_of(facts):
            meter, entry = name.removeprefix("pricing."), entry_of(*ref, facts)
            sides = [
                (m.siblings(entry, meter), m.provider_median(entry, meter))
                for m in (told, market)
            ]
            assert sides[0] == sides[1]


# provider, model, USD per 1,000,000 tokens as a catalogue or a list once had it
HAPPENED = [
    # a catalogue divided the prices of a router by a million twice, 2026-03-19
    ("openrouter", "openai/gpt-5.4-mini", ("0.00000075", "0.0000045")),
    ("openrouter", "openai/gpt-5.4-nano", ("0.0000002", "0.00000125")),
    # USD per 100,000 tokens in a field of USD per token
    ("wandb", "openai/gpt-oss-120b", ("15000", "60000")),
    ("wandb", "deepseek-ai/DeepSeek-V3.1", ("55000", "165000")),
    ("wandb", "meta-llama/Llama-3.1-8B-Instruct", ("22000", "22000")),
    ("watsonx", "core42/jais-13b-chat", ("500", "2000")),
    ("cohere", "embed-multilingual-light-v3.0", ("100", None)),
    ("helicone", "mistral-nemo", ("20", "40")),
    # a thousand times too low, and USD per million read as USD per token
    ("openrouter", "openai/gpt-5.4-mini", ("0.00075", "0.0045")),
    ("huggingface", "deepseek-ai/DeepSeek-V4-Pro", ("435000", "870000")),
]


@pytest.mark.parametrize(("provider", "model", "prices"), HAPPENED)
def test_prices_that_were_wrong_are_held(provider, model, prices, state, market):
    known = state[CATALOG, provider, model]
    kept = {n: f for n, f in known.items() if not n.startswith("pricing.")}
    bad = {
        f"pricing.{meter}": Fact(Decimal(text), "litellm")
        for meter, text in zip(("input", "output"), prices, strict=True)
        if text
    }
    after = kept | bad
    new = [Change(provider, model, "", None, Fact(after), kind="appeared")]
    assert bad.keys() <= judge(new, None, after, market).keys()
    updates = [
        Change(provider, model, name, known.get(name), fact)
        for name, fact in bad.items()
        if name not in known or known[name].value != fact.value
    ]
    doubts = judge(updates, known, known | bad, market)
    assert {change.field for change in updates} <= doubts.keys()


def test_a_model_that_chats_does_not_become_an_embedding(market):
    """As litellm 1.82.2 of 2026-03-13 had it of gemini-1.5-flash."""
    ref = ("google", "gemini-1.5-flash")
    before = {
        "context_window": Fact(1_048_576, "litellm"),
        "pricing.input": Fact(Decimal("0.075"), "litellm"),
        "pricing.output": Fact(Decimal("0.3"), "litellm"),
    }
    after = before | {
        "mode": Fact("embedding", "litellm"),
        "context_window": Fact(8_192, "litellm"),
        "pricing.output": Fact(Decimal(0), "litellm"),
    }
    changes = [
        Change(*ref, name, before.get(name), after[name])
        for name in ("mode", "context_window", "pricing.output")
    ]
    doubts = judge(changes, before, after, market)
    assert {name: {d.rule for d in said} for name, said in doubts.items()} == {
        "mode": {"mode_flip"},
        "context_window": {"context_halved"},
        "pricing.output": {"zero_against_price"},
    }
    for name, said in doubts.items():
        assert not released(said, after[name].value, {"litellm": after[name].value})


@pytest.mark.parametrize("factor", trials.FACTORS)
def test_a_provider_in_another_unit_is_held_whole(factor, state, market):
    """The prices of all of its models at once, as if it were new."""
    provider = "togetherai"
    changed, doubts = {}, {}
    for (_, *ref), facts in state.items():
        if ref[0] != provider:
            continue
        names = trials.amounts_of(facts)
        after = facts | {
            n: Fact(facts[n].value * trials.FACTORS[factor], "x") for n in names
        }
        changes = trials.appeared(ref, after)
        changed[tuple(ref)] = changed_fields(changes)
        doubts[tuple(ref)] = judge(changes, None, after, market)
    found = judge_batch(changed, doubts, market)
    amounts = {
        (ref, name)
        for ref, names in changed.items()
        for name in names
        if name.startswith(("pricing.", "rates.")) and name not in trials.WORDS
    }
    assert {(ref, n) for ref, names in found.items() for n in names} == amounts


def test_few_price_changes_since_2023_are_jumps():
    history = open_history().history
    if history is None:
        pytest.skip("the package has no history")
    nothing, counts = Market([]), Counter()
    for group in range(0, history.groups, 16):
        served = history.served(group)
        for row, ref in enumerate(served.refs):
            for change in Line(ref, list(steps_in(history, served, row))).changes():
                sides = [side and side.value for side in (change.old, change.new)]
                if change.field.startswith("pricing.") and all(sides):
                    facts = {change.field: change.new}
                    said = judge([change], {change.field: change.old}, facts, nothing)
                    rules = {d.rule for doubts in said.values() for d in doubts}
                    counts["all"] += 1
                    counts["jumps"] += "price_jump" in rules
    assert counts["all"] > 300
    assert counts["jumps"] <= 0.03 * counts["all"]
