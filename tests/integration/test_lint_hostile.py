"""Hostile texts are linted in a time that grows with their length alone."""

from __future__ import annotations

import time

import pytest

from catalogs import registry_of
from modeldex.usecases.lint.kinds import CODE, CONFIG

LINTER = registry_of(
    {
        ("openai", "gpt-5"): {"status": "retired"},
        ("azure", "gpt-4-0613"): {},
        ("openai", "a-1"): {"deprecation_date": "2026-06-01"},
    },
    day="2026-06-15",
).linter(provider="openai")


@pytest.mark.parametrize(
    "text",
    [
        "-" * 100_000,
        '"' * 100_000,
        "a" * 100_000,
        "- " * 50_000,
        "{a:" * 30_000,
        "--model" * 15_000,
        "--" + "model" * 20_000,
        'model="' * 15_000,
        'model: "a-1", ' * 5_000,
        "# modeldex: ignore\n" * 5_000 + '"gpt-5"\n',
        '"gpt-5"\n' + "# modeldex: ignore " * 20_000,
        "A=" * 50_000,
        "${A:-" * 20_000,
    ],
    ids=lambda text: text[:20],
)
def test_no_text_takes_long(text: str) -> None:
    """Hostile texts cost no more than their length."""
    for kind in (CODE, CONFIG):
        started = time.process_time()
        LINTER.check(text, "a", kind)
        assert time.process_time() - started < 1
