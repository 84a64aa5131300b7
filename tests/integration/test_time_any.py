"""What holds of time whatever the sources said: 500 runs each."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from histories import mark, registry, said

# --- what holds for any history


def random_changes(draw):
    """Return changes of a few models by three sources, in time."""
    changes = []
    for model in ("openai/a", "openai/b"):
        for source in ("litellm", "models.dev", "genai-prices"):
            old = None
            for day in sorted(draw.sample(range(1, 28), draw.randint(0, 4))):
                new = draw.choice(["1", "2", "2.5", "3", None])
                if new == old:
                    continue
                effective = draw.choice(
                    [None, None, f"2025-03-{draw.randint(1, 28):02}"]
                )
                changes.append(
                    said(
                        *(model, "pricing.input", old, new, f"2025-03-{day:02}"),
                        source,
                        effective_at=effective if new else None,
                    )
                )
                old = new
    return changes


@settings(max_examples=500, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_the_catalogue_of_a_day_and_a_price_at_a_time_agree(seed):
    """Whatever was said: one model's line and the whole catalogue tell the same."""
    draw = random.Random(seed)
    changes = random_changes(draw)
    if not changes:
        return
    past = registry([*changes, mark("openai/z", "appeared", "2025-02-01")])
    for day in draw.sample(range(1, 29), 3):
        at = f"2025-03-{day:02}"
        known = draw.choice([None, f"2025-03-{draw.randint(1, 28):02}"])
        then = past.as_of(at, known)
        for ref in sorted({change.ref for change in changes}):
            price = past.price(ref, at, known)
            models = {model.ref: model for model in then.find(status="any")}
            found = models[ref].pricing.input if ref in models else None
            assert found == price.input
            if known is None and price:
                cost = past.cost(ref, {"input": 1_000_000}, at=at)
                assert cost.total == price.input


@settings(max_examples=500, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_a_later_change_leaves_what_was_known_before(seed):
    """History only grows: as known on a day, it stays as it was."""
    draw = random.Random(seed)
    changes = random_changes(draw)
    cut = f"2025-03-{draw.randint(1, 28):02}"
    early = [change for change in changes if change.observed_at <= cut]
    if not early:
        return
    whole, part = registry(changes), registry(early)
    for ref in sorted({change.ref for change in early}):
        for day in (1, 10, 20, 28):
            at = f"2025-03-{day:02}"
            assert whole.price(ref, at, cut) == part.price(ref, at, cut)


@settings(max_examples=500, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_the_catalogue_of_now_is_the_catalogue(seed):
    """as_of(now) is now: every model, every fact, every price."""
    draw = random.Random(seed)
    past = registry(random_changes(draw))
    now = past.as_of("2025-12-31")
    assert now.digest == past.digest
    assert [m.as_dict() for m in now.find(status="any")] == [
        m.as_dict() for m in past.find(status="any")
    ]
