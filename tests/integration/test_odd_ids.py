"""The corpus of odd ids, held against the shipped catalogue.

Its expected values were decided by reading the sources and the rules.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

import modeldex
from modeldex.domain.resolution import RULES
from modeldex.errors import InvalidRefError, NotFoundError

CORPUS = Path(__file__).parents[1] / "golden" / "odd_ids.tsv"
LEAST, LEAST_REFUSED, SHARE = 400, 120, 0.99
REFUSE = "refuse"


class Case(NamedTuple):
    """One line of the corpus."""

    text: str
    provider: str | None
    expected: str
    rule: str


def cases() -> list[Case]:
    """Read the corpus."""
    lines = CORPUS.read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return [Case(r[0], None if r[1] == "-" else r[1], r[2], r[3]) for r in rows]


def answer(case: Case) -> tuple[str, str]:
    """Return the ref and the rule, or that it is refused, and why."""
    try:
        found = modeldex.resolve(case.text, case.provider)
    except (NotFoundError, InvalidRefError) as error:
        return REFUSE, str(error)
    return found.ref, found.rule


ALL = cases()


def test_the_corpus_is_large_and_no_line_is_there_twice() -> None:
    """400 ids or more, many refusals, every rule at least once."""
    assert len(ALL) >= LEAST
    assert sum(case.expected == REFUSE for case in ALL) >= LEAST_REFUSED
    twice = Counter((case.text, case.provider) for case in ALL)
    assert [key for key, count in twice.items() if count > 1] == []
    named = {case.rule for case in ALL} - {"*"}
    assert named <= set(RULES)
    assert set(RULES) - named == {"sole_candidate"}  # it moves with the catalogue


def test_nothing_resolves_to_another_model() -> None:
    """A refusal may be a miss; a wrong model never is."""
    wrong = [
        (case, found)
        for case in ALL
        if (found := answer(case))[0] not in (case.expected, REFUSE)
    ]
    assert wrong == []


def test_nearly_all_are_as_expected() -> None:
    """At least 99 % resolve to the expected ref, by the expected rule."""
    missed = []
    for case in ALL:
        ref, rule = answer(case)
        same_rule = case.expected == REFUSE or case.rule in ("*", rule)
        if ref != case.expected or not same_rule:
            missed.append((case, ref, rule))
    assert len(missed) <= (1 - SHARE) * len(ALL), missed


@pytest.mark.parametrize(
    ("text", "applies"),
    [
        ("gpt-4o", True),
        ("claude-sonnet-4.5", True),
        ("us.anthropic.claude-opus-5", True),
        ("openai/gpt-4o:online", False),
        ("meta-llama/llama-3.3-70b-instruct:nitro", False),
        ("ft:gpt-4o:acme::abc123", False),
        ("ft:gpt-4o-2024-08-06:acme::abc123", True),
        ("ca.amazon.nova-micro-v1:0", False),
        ("azure/eu/gpt-4o-2024-08-06", False),
        ("arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0", False),
    ],
)
def test_a_price_that_is_not_known_is_said(text: str, *, applies: bool) -> None:
    """`price_applies` is False, with a note, where the facts are a base model's."""
    found = modeldex.resolve(text)
    assert found.price_applies is applies
    assert applies or any("price unknown" in note for note in found.notes)
