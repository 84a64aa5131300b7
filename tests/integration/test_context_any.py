"""Any messages are cut so that they fit."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from exllm_models import exllm_registry

SMALL = "openai/gpt-3.5-turbo"


SIZES = st.sampled_from([0, 5, 900, 3_000, 6_000, 12_000])


@settings(max_examples=20, deadline=None)
@given(st.lists(SIZES, max_size=8), st.sampled_from(["sliding_window", "smart"]))
def test_61_truncated_messages_fit_and_keep_their_order(
    sizes: list[int], strategy: str
) -> None:
    """Whatever the messages are, what is returned fits and is a part of them."""
    registry = exllm_registry()
    messages = [{"role": "user", "content": "word " * size} for size in sizes]
    found = registry.truncate_messages(SMALL, messages, 100, strategy)
    assert registry.fits(SMALL, found, 100).fits
    assert found == messages[len(messages) - len(found) :]
