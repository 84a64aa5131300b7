"""The shipped history: how much it holds, and steps that are known from elsewhere."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from modeldex.bootstrap import DATA
from modeldex.catalog.history import History
from modeldex.catalog.snapshot import Memory
from modeldex.usecases.backfill.report import count

if TYPE_CHECKING:
    from modeldex.domain.change import Change

MAX_BYTES = 4_000_000
LEAST = {"facts": 100_000, "price_changes": 2_500, "capability_flips": 400}
IN, OUT, READ = "pricing.input", "pricing.output", "pricing.cache_read"
INPUT, ANSWER = "max_input_tokens", "max_output_tokens"
END = "deprecation_date"

# Steps of the notes on the data, by the day of the first package that carries them:
# source, model, field -> (day, value), in the order of time
STEPS: dict[tuple[str, str, str], list[tuple[str, object]]] = {
    ("litellm", "openai/gpt-4o", IN): [("2024-05-22", "5"), ("2024-11-16", "2.5")],
    ("litellm", "openai/gpt-4o", OUT): [("2024-05-22", "15"), ("2024-11-16", "10")],
    ("litellm", "openai/gpt-4o", READ): [("2024-10-17", "1.25")],
    ("litellm", "openai/gpt-4o", ANSWER): [("2024-05-22", 4096), ("2024-11-16", 16384)],
    ("litellm", "openai/gpt-3.5-turbo", IN): [
        ("2023-10-20", "1.5"),
        ("2025-09-28", "0.5"),
    ],
    ("litellm", "openai/gpt-3.5-turbo", OUT): [
        ("2023-10-20", "2"),
        ("2025-09-28", "1.5"),
    ],
    ("litellm", "openai/gpt-3.5-turbo", INPUT): [
        ("2024-01-31", 4097),
        ("2024-03-26", 16385),
    ],
    ("litellm", "openai/gpt-3.5-turbo", END): [("2026-08-16", "2026-10-23")],
    ("litellm", "openai/o3", IN): [("2025-04-17", "10"), ("2025-06-11", "2")],
    ("litellm", "openai/o3", OUT): [("2025-04-17", "40"), ("2025-06-11", "8")],
    ("litellm", "openai/o3", READ): [("2025-04-17", "2.5"), ("2025-06-11", "0.5")],
    ("litellm", "openai/gpt-4o-mini", IN): [("2024-07-25", "0.15")],
    ("litellm", "openai/gpt-4o-mini", READ): [("2024-10-17", "0.075")],
    ("models.dev", "openai/gpt-4o-mini", READ): [
        ("2025-06-17", "0.08"),
        ("2026-05-30", "0.075"),
    ],
    ("litellm", "openai/gpt-5", IN): [("2025-08-08", "1.25")],
    ("litellm", "openai/gpt-5", INPUT): [
        ("2025-08-08", 400_000),
        ("2025-09-28", 272_000),
    ],
    ("litellm", "openai/gpt-5", END): [("2026-11-04", "2026-12-11")],
    ("litellm", "openai/gpt-5.6-terra", IN): [
        ("2026-07-09", "2.5"),
        ("2026-08-03", "2"),
    ],
    ("litellm", "openai/gpt-5.6-terra", OUT): [
        ("2026-07-09", "15"),
        ("2026-08-03", "12"),
    ],
    ("models.dev", "openai/gpt-5.6-terra", IN): [
        ("2026-07-09", "2.5"),
        ("2026-08-04", "2"),
    ],
    ("genai-prices", "openai/gpt-5.6-terra", IN): [
        ("2026-07-10", "2.5"),
        ("2026-09-02", "2"),
    ],
    ("litellm", "anthropic/claude-3-haiku-20240307", IN): [("2024-03-26", "0.25")],
    ("litellm", "anthropic/claude-3-haiku-20240307", OUT): [("2024-03-26", "1.25")],
    ("litellm", "anthropic/claude-3-haiku-20240307", "capabilities.vision"): [
        ("2024-05-22", True)
    ],
    ("litellm", "anthropic/claude-3-haiku-20240307", READ): [("2024-10-17", "0.03")],
    ("litellm", "anthropic/claude-3-5-haiku-20241022", IN): [
        ("2024-11-16", "1"),
        ("2025-03-03", "0.8"),
    ],
    ("litellm", "anthropic/claude-3-5-haiku-20241022", OUT): [
        ("2024-11-16", "5"),
        ("2025-03-03", "4"),
    ],
    ("litellm", "anthropic/claude-3-5-haiku-20241022", READ): [
        ("2024-11-16", "0.1"),
        ("2025-03-03", "0.8"),
        ("2025-04-10", "0.08"),
    ],
    ("litellm", "anthropic/claude-3-5-haiku-20241022", "capabilities.vision"): [
        ("2025-02-27", True)
    ],
    ("litellm", "anthropic/claude-sonnet-4-20250514", IN): [("2025-05-23", "3")],
    ("litellm", "anthropic/claude-sonnet-4-20250514", INPUT): [
        ("2025-05-23", 200_000),
        ("2025-09-24", 1_000_000),
    ],
    ("litellm", "anthropic/claude-sonnet-4-20250514", END): [
        ("2025-11-01", "2026-05-14"),
        ("2026-08-12", "2026-06-15"),
    ],
    ("genai-prices", "anthropic/claude-sonnet-5", IN): [
        ("2026-07-01", "2"),
        ("2026-07-01", "3"),
    ],
    ("litellm", "deepseek/deepseek-chat", IN): [
        ("2024-05-22", "0.14"),
        ("2025-02-08", "0.27"),
        ("2025-09-28", "0.6"),
        ("2026-01-17", "0.28"),
    ],
    ("litellm", "deepseek/deepseek-chat", OUT): [
        ("2024-05-22", "0.28"),
        ("2025-02-08", "1.1"),
        ("2025-09-28", "1.7"),
        ("2026-01-17", "0.42"),
    ],
    ("litellm", "google/gemini-1.5-flash", IN): [
        ("2024-07-25", "0.35"),
        ("2024-10-17", "0.075"),
    ],
    ("litellm", "google/gemini-1.5-flash", OUT): [
        ("2024-07-25", "1.05"),
        ("2024-10-17", "0.3"),
    ],
    ("litellm", "google/gemini-1.5-flash", "mode"): [("2024-07-25", "chat")],
    ("litellm", "google/gemini-2.5-flash", IN): [("2025-06-20", "0.3")],
    ("litellm", "google/gemini-2.5-flash", READ): [
        ("2025-07-17", "0.075"),
        ("2025-11-08", "0.03"),
    ],
    ("genai-prices", "google/gemini-2.5-flash", READ): [
        ("2025-07-11", "0.075"),
        ("2025-11-07", "0.03"),
    ],
    ("models.dev", "google/gemini-2.5-flash", READ): [
        ("2025-06-18", "0.075"),
        ("2026-04-20", "0.03"),
    ],
    ("litellm", "mistral/mistral-large-latest", IN): [
        ("2024-03-26", "8"),
        ("2024-06-15", "4"),
        ("2024-07-25", "3"),
        ("2025-01-07", "2"),
        ("2026-03-10", "0.5"),
    ],
    ("models.dev", "mistral/mistral-large-latest", IN): [
        ("2025-06-17", "2"),
        ("2025-12-09", "0.5"),
    ],
    ("litellm", "groq/llama-3.1-8b-instant", IN): [
        ("2024-07-25", "0.59"),
        ("2024-10-17", "0.05"),
    ],
    ("litellm", "groq/llama-3.1-8b-instant", OUT): [
        ("2024-07-25", "0.79"),
        ("2024-10-17", "0.08"),
    ],
    ("litellm", "groq/llama-3.1-8b-instant", END): [("2026-08-16", "2026-08-16")],
    ("litellm", "xai/grok-4", IN): [("2025-07-11", "3")],
    ("genai-prices", "mistral/mistral-large-4", IN): [
        ("2026-10-14", "0.68"),
        ("2026-10-29", "1.36"),
        ("2026-11-10", "0.7"),
    ],
    ("genai-prices", "google/gemini-4-argon", IN): [
        ("2026-10-14", "2"),
        ("2026-10-14", "4"),
    ],
}
# the days from which on they hold, where the source states one
EFFECTIVE = {
    ("anthropic/claude-sonnet-5", "3"): "2026-09-01",
    ("openai/gpt-5.6-terra", "2"): "2026-07-30",
    ("mistral/mistral-large-4", "1.36"): "2026-10-20",
    ("mistral/mistral-large-4", "0.7"): "2026-10-29",
    ("google/gemini-4-argon", "4"): "2026-12-01",
}
# when a source lists a model no more
GONE = {
    ("litellm", "anthropic/claude-3-5-haiku-20241022"): "2026-03-13",
    ("litellm", "anthropic/claude-3-haiku-20240307"): "2026-09-28",
    ("litellm", "google/gemini-1.5-flash"): "2026-09-28",
    ("models.dev", "anthropic/claude-3-haiku-20240307"): "2026-07-24",
    ("models.dev", "google/gemini-1.5-flash"): "2026-05-20",
}
# Steps of the notes that no package carries, or not so:
# - those of the git history of litellm between 2023-12 and 2024-11 are dated by the
#   first tokencost wheel that has them, up to two weeks later;
# - o3's cut of 2025-06-10 is dated there by a repository that is not read; the packages
#   of genai-prices begin a month later, with the new price;
# - deepseek-chat at 0.6 and 1.7 since 2025-09-28 is in litellm's line (a row without
#   the provider's name, written later than the one with it), not in the served line:
#   until 2026-01-17 three sources say three prices (genai-prices 0.27, models.dev 0.57,
#   then 0.28, litellm 0.6), no two agree, and the first in rank is served;
# - gpt-5.6-terra on 2026-06-26: the first wheel with it is of 2026-07-09;
# - gemini-1.5-flash as an embedding since 2026-03-13 is damage, and held back.


@pytest.fixture(scope="module")
def history() -> History:
    """Return the shipped history, whole."""
    return History(Memory((Path(DATA) / "history").read_bytes(), "history"))


@pytest.fixture(scope="module")
def changes(history: History) -> list[Change]:
    """Return every change of every source."""
    return [change for group in range(history.groups) for change in history.said(group)]


def test_it_is_whole_and_small(history: History) -> None:
    history.verify()
    assert (Path(DATA) / "history").stat().st_size <= MAX_BYTES


def test_it_holds_enough(changes: list[Change]) -> None:
    counted = count(changes)
    assert {name: counted[name] for name in LEAST if counted[name] < LEAST[name]} == {}
    assert min(change.observed_at for change in changes).startswith("2023-")
    sources = Counter(change.new and change.new.source for change in changes)
    assert {"genai-prices", "litellm", "models.dev", "pi-ai"} <= set(sources)


@pytest.mark.parametrize(("source", "ref", "field"), STEPS, ids=str)
def test_known_steps(history: History, source: str, ref: str, field: str) -> None:
    found = [
        (c.observed_at[:10], c.new.value, c.effective_at)
        for c in history.changes(ref)
        if c.field == field and c.new is not None and c.new.source == source
    ]
    left = iter(found)
    for day, value in STEPS[source, ref, field]:
        wanted = Decimal(value) if field.startswith("pricing.") else value
        step = next((s for s in left if s[1] == wanted), None)
        assert step is not None, f"no {value} in {found}"
        assert step[0] <= day
        if source == "genai-prices":
            effective = (step[2] or "")[:10] or None
            assert effective == EFFECTIVE.get((ref, str(value)))


@pytest.mark.parametrize(("source", "ref"), GONE)
def test_models_that_are_gone(history: History, source: str, ref: str) -> None:
    days = [
        change.observed_at[:10]
        for change in history.changes(ref)
        if change.kind == "missing" and change.new and change.new.source == source
    ]
    assert days
    assert max(days) <= GONE[source, ref]
