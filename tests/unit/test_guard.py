"""Changes that wait for a person: what each guard holds, and what passes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from guarded import CASES, STATE, URL, facts, held, market, priced
from modeldex.domain.change import CATALOG, Change, Fact
from modeldex.usecases.guard import (
    ANSWER_RULES,
    BATCH_RULES,
    RULES,
    Doubt,
    Market,
    changed_fields,
    independent,
    judge,
    judge_answer,
    judge_batch,
    released,
)
from modeldex.usecases.guard.names import skeleton


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_holds_its_case_and_nobody_else_does(rule):
    before, after, more = CASES[rule]
    assert held(before, after, **more) == {rule} | (
        {"price_jump"} if rule == "unit_suspect" else set()
    )
    others = {name: kept for name, kept in RULES.items() if name != rule}
    assert held(before, after, **more, rules=others) == set()


def test_every_case_is_of_a_rule():
    assert CASES.keys() == RULES.keys()


@pytest.mark.parametrize(
    ("before", "after", "more"),
    [
        (priced("2", "8"), priced("1", "16"), {}),
        (priced("2", "8"), priced("20", "80"), {}),
        (None, priced("2", "8", canonical="acme/m-1"), {"ref": ("new", "m-1")}),
        (None, priced("3", "9", base_url=URL), {}),
        (None, priced("0.1", "0", mode="embedding"), {}),
        (None, facts(pricing__state="free"), {}),
        (facts(context_window=200_000), facts(context_window=128_000), {}),
        (facts(name="m"), facts(name="m", protocol="openai-chat"), {}),
        (facts(mode="completion"), facts(), {}),
        (facts(status="deprecated"), facts(name="m"), {}),
        (facts(capabilities__a=True), facts(capabilities__a=False), {}),
        (facts(modalities={"input": ["text"]}), facts(), {}),
        (None, facts(canonical="acme/m-1"), {"ref": ("acme", "m_1")}),
        (
            facts(pricing__input="1500"),
            facts(pricing__input="1600"),
            {"ref": ("x", "m")},
        ),
    ],
)
def test_what_is_likely_passes(before, after, more):
    assert held(before, after, **more) == set()


@pytest.mark.parametrize(
    ("before", "after", "rules"),
    [
        (
            facts(pricing__input="2.5"),
            facts(pricing__input="0.0000025"),
            {"price_jump"},
        ),
        (priced("2", "8"), facts(pricing__state="free"), {"zero_against_price"}),
        (facts(pricing__state="free"), priced("2", "8"), {"zero_against_price"}),
        (
            facts(pricing__state="variable"),
            priced("2", "8"),
            {"price_state"},
        ),
        (None, facts(pricing__input="0", pricing__output="8"), {"zero_against_price"}),
        (None, facts(base_url="http://elsewhere.test"), {"address"}),
        (facts(base_url=URL), facts(name="m"), {"address"}),
        (
            facts(pricing__input="2"),
            facts(pricing__input="2", **{"rates__input@valid_from=2027-01-01": "200"}),
            {"relative"},
        ),
        (
            facts(pricing__input="2"),
            facts(pricing__input="2", **{"rates__multiplier@region=eu": "11"}),
            {"magnitude"},
        ),
        (
            facts(**{"rates__input@service_tier=batch": "1"}),
            facts(**{"rates__input@service_tier=batch": "11"}),
            {"price_jump"},
        ),
        (
            facts(pricing__input="2"),
            facts(pricing__input="2", **{"rates__input@service_tier=batch": "0"}),
            {"zero_against_price"},
        ),
    ],
)
def test_other_ways_to_be_held(before, after, rules):
    assert rules <= held(before, after)


def test_a_jump_of_a_thousand_times_is_refused():
    before, after = facts(pricing__input="2.5"), facts(pricing__input="2500000")
    change = Change(
        "acme", "m-2", "pricing.input", before["pricing.input"], after["pricing.input"]
    )
    doubts = judge([change], before, after, market())["pricing.input"]
    jump = next(doubt for doubt in doubts if doubt.rule == "price_jump")
    assert jump.refuse
    assert jump.evidence == {"old": "2.5", "new": "2500000", "ratio": "1,000,000x"}
    assert not released([jump], Decimal(2500000), {"a": 2500000, "b": 2500000})


@pytest.mark.parametrize("amount", ["1e400", "1e-400", "-1"])
def test_amounts_without_measure_are_held(amount):
    after = priced(amount, "8", canonical="acme/m-1")
    for before in (None, priced("2", "8", canonical="acme/m-1")):
        assert "magnitude" in held(before, after)


def test_evidence_names_the_siblings():
    after = facts(pricing__input="70", canonical="acme/m-1")
    changes = [Change("new", "m-1", "", None, Fact(after), kind="appeared")]
    (doubt,) = judge(changes, None, after, market())["pricing.input"]
    assert doubt.evidence == {
        "old": "unknown",
        "new": "70",
        "siblings": "5 providers, median 2",
        "ratio": "35x",
    }


def test_each_field_is_judged_by_itself():
    before = priced("2", "8", context_window=1000, name="m")
    after = priced("200", "9", context_window=900, name="M")
    assert held(before, after, field="pricing.input")
    for field in ("name", "context_window", ""):
        assert held(before, after, field=field) == set()


def test_another_source_of_the_same_value_is_no_change():
    change = Change(
        "acme",
        "m-2",
        "base_url",
        Fact(URL, "litellm"),
        Fact(URL, "pi-ai"),
        kind="source",
    )
    after = facts(base_url=URL)
    assert changed_fields([change]) == {}
    assert judge([change], after, after, market()) == {}


def test_a_model_that_goes_and_a_mark_have_no_fields():
    gone = Change("acme", "m-2", "", Fact(facts(name="m")), None, kind="removed")
    mark = Change("acme", "m-2", "", None, None, kind="missing")
    assert judge([gone], facts(name="m"), None, market()) == {}
    assert judge([mark], facts(name="m"), facts(name="m"), market()) == {}


@pytest.mark.parametrize(
    "other",
    [
        "GPT-4o",
        "gpt_4o",
        "gpt-4O",
        "gpt.40",
        "gpt-4\u043e",
        "gpt-4o\u200b",
        "gpt\u20114o",
        "gpt-4\u03bf",
    ],
)
def test_look_alikes_have_one_skeleton(other):
    assert skeleton(other) == skeleton("gpt-4o")


@pytest.mark.parametrize("other", ["gpt-4", "gpt-4o-mini", "gpt-5o", "gpt4o"])
def test_other_ids_have_another_skeleton(other):
    assert skeleton(other) != skeleton("gpt-4o")


def test_a_market_is_updated_model_by_model():
    told = market()
    told.update("five", "m-1", priced("9", "9", canonical="acme/m-1"))
    told.update("acme", "m-1", None)
    told.update("acme", "m-1", STATE[CATALOG, "acme", "m-1"])
    told.update("five", "m-1", None)
    fresh = market()
    for (_, *ref), known in STATE.items():
        after = known | {"pricing.input": Fact(Decimal(70))}
        changes = [Change(*ref, "", None, Fact(after), kind="appeared")]
        sides = [judge(changes, None, after, m) for m in (told, fresh)]
        assert sides[0] == sides[1]


def test_a_model_is_not_held_against_itself():
    alone = Market.of_state({(CATALOG, "a", "x"): facts(pricing__input="700")})
    after = facts(pricing__input="700")
    changes = [Change("a", "x", "", None, Fact(after), kind="appeared")]
    assert judge(changes, None, after, alone) == {}


JUMP = [Doubt("price_jump", {})]


@pytest.mark.parametrize(
    ("claims", "passes"),
    [
        ({"litellm": "20"}, False),
        ({"litellm": "20", "models.dev": "20"}, True),
        ({"litellm": "20", "models.dev": "20.2"}, True),
        ({"litellm": "20", "models.dev": "21"}, False),
        ({"pi-ai": "20", "models.dev": "20"}, False),  # a copy is no second word
        ({"pi-ai": "20", "openrouter": "20"}, False),
        ({"pi-ai": "20", "litellm": "20"}, True),
        ({"pi-ai": "20", "models.dev": "20", "openrouter": "20"}, True),
        ({}, False),
    ],
)
def test_two_independent_sources_release_a_jump(claims, passes):
    said = {source: Decimal(value) for source, value in claims.items()}
    assert released(JUMP, Decimal(20), said) is passes


@pytest.mark.parametrize("rule", [*RULES, *BATCH_RULES, *ANSWER_RULES])
def test_only_what_may_be_true_is_released(rule):
    said = {"litellm": Decimal(20), "models.dev": Decimal(20)}
    may = {"price_jump", "sibling", "provider_median", "relative", "batch"}
    may |= {"context_halved", "context_grown"}
    assert released([Doubt(rule, {})], Decimal(20), said) is (rule in may)
    assert not released([*JUMP, Doubt(rule, {}, refuse=True)], Decimal(20), said)


def test_independent_sources():
    assert independent(["models.dev", "pi-ai", "litellm"]) == {"models.dev", "litellm"}


def _batch(suspect, calm, provider="acme", new="9"):
    changed, doubts = {}, {}
    for n in range(suspect + calm):
        ref = (provider, f"m{n}")
        price = (Decimal(8), Decimal(new) if new else None)
        changed[ref] = {"pricing.input": price, "name": ("a", "b")}
        if n < suspect:
            doubts[ref] = {"pricing.input": JUMP}
    return changed, doubts


@pytest.mark.parametrize(
    ("suspect", "calm", "holds"), [(3, 57, True), (3, 58, False), (2, 0, False)]
)
def test_a_suspect_batch_is_held_whole(suspect, calm, holds):
    changed, doubts = _batch(suspect, calm)
    other, _ = _batch(0, 5, "other")
    found = judge_batch(changed | other, doubts, market())
    assert {ref[0] for ref in found} <= {"acme"}
    assert len(found) == (suspect + calm if holds else 0)
    for fields in found.values():
        assert fields.keys() == {"pricing.input"}
        assert [doubt.rule for doubt in fields["pricing.input"]] == ["batch"]


@pytest.mark.parametrize(("lost", "holds"), [(3, False), (4, True)])
def test_a_provider_does_not_lose_its_prices_at_once(lost, holds):
    changed, _ = _batch(0, lost, new=None)
    calm = {("acme", "x"): {"pricing.input": (Decimal(1), Decimal(2))}}
    found = judge_batch(changed | calm, {}, market())
    assert len(found) == (lost if holds else 0)
    for fields in found.values():
        assert [doubt.rule for doubt in fields["pricing.input"]] == ["price_loss"]
        assert fields["pricing.input"][0].evidence == {"lost": "4 of 5 models"}


@pytest.mark.parametrize("rule", BATCH_RULES)
def test_each_rule_holds_its_batch(rule):
    changed, doubts = _batch(3, 0) if rule == "batch" else _batch(0, 4, new=None)
    assert judge_batch(changed, doubts, market())
    rules = {name: kept for name, kept in BATCH_RULES.items() if name != rule}
    assert judge_batch(changed, doubts, market(), rules=rules) == {}


def test_other_doubts_do_not_make_a_batch_suspect():
    changed, doubts = _batch(5, 0)
    calm = {ref: {"pricing.input": [Doubt("price_state", {})]} for ref in doubts}
    assert judge_batch(changed, calm, market()) == {}


REFS = frozenset(("acme", f"m{n}") for n in range(100))


def _some(count):
    return frozenset(sorted(REFS)[:count])


ANSWERS = {
    "empty_answer": (REFS, [], 0, {}),
    "incomplete_answer": (REFS, REFS, 100, {"complete": False}),
    "mass_removal": (REFS, _some(89), 89, {}),
    "mass_removal_half": (REFS, _some(49), 49, {}),
}


@pytest.mark.parametrize("rule", ANSWER_RULES)
def test_each_rule_holds_its_answer(rule):
    before, after, rows, more = ANSWERS[rule]
    said = {doubt.rule for doubt in judge_answer("x", before, after, rows, **more)}
    also = {"mass_removal"} if rule == "mass_removal_half" else set()
    assert said == {rule} | also
    rules = {name: kept for name, kept in ANSWER_RULES.items() if name != rule}
    found = judge_answer("x", before, after, rows, **more, rules=rules)
    assert {doubt.rule for doubt in found} == also


@pytest.mark.parametrize(
    ("before", "after", "more"),
    [
        (REFS, _some(90), {}),
        (_some(4), _some(1), {}),
        (REFS, _some(40), {"scoped": True}),
        (REFS, _some(40), {"confirmed": 60}),
        ([], REFS, {}),
        (_some(20), {("acme", f"M_{n}") for n in range(20)} | _some(20), {}),
    ],
)
def test_answers_that_pass(before, after, more):
    assert judge_answer("x", before, after, len(after), **more) == []


def test_another_number_is_no_confirmation():
    doubts = judge_answer("x", REFS, _some(40), 40, confirmed=59)
    (half,) = [d for d in doubts if d.rule == "mass_removal_half"]
    assert half.refuse
    assert half.evidence["confirm"] == "60"
    assert half.evidence["gone"] == "60 of 100 (60%)"


@pytest.mark.parametrize("by", ["canonical", "spelling"])
def test_renamed_models_are_not_gone(by):
    gone = sorted(REFS)[:50]
    name = (lambda m: f"new/{m}") if by == "canonical" else (lambda m: m.upper())
    renamed = {(p, name(m)) for p, m in gone}
    canonical = {ref: f"acme/{ref[1].rpartition('/')[2]}" for ref in REFS | renamed}
    more = {"canonical": canonical} if by == "canonical" else {}
    after = (REFS - set(gone)) | renamed
    assert judge_answer("x", REFS, after, 100, **more) == []
    assert judge_answer("x", REFS, REFS - set(gone), 50)


def test_rows_that_could_not_be_read_are_an_empty_answer():
    (doubt,) = judge_answer("x", REFS, [], 200)
    assert doubt.rule == "empty_answer"
    assert doubt.refuse
