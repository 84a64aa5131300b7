"""Usages of any counts add up, and any JSON is read or refused."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from modeldex.domain import usage_tables
from modeldex.domain.pricing import METERS
from modeldex.domain.usage import (
    FACTS,
    USAGE_METERS,
    Usage,
    read_usage,
)
from modeldex.errors import InvalidUsageError
from usages import chat, gemini, of

# Properties -----------------------------------------------------------------------

COUNTS = st.integers(0, 10**9)


@given(st.data())
def test_exclusive_buckets_add_up_to_the_stated_totals(data: st.DataObject) -> None:
    """However a prompt and an answer are cut, their buckets are their whole again."""
    text, audio, image, cached, written = (data.draw(COUNTS) for _ in range(5))
    plain, reasoning, spoken = (data.draw(COUNTS) for _ in range(3))
    prompt, answer = text + audio + image + written, plain + reasoning + spoken
    hit = min(cached, prompt - written)
    usage = read_usage(
        chat(
            prompt,
            answer,
            prompt_tokens_details={
                "cached_tokens": hit,
                "cache_write_tokens": written,
                "audio_tokens": audio,
                "image_tokens": image,
            },
            completion_tokens_details={
                "reasoning_tokens": reasoning,
                "audio_tokens": spoken,
            },
        )
    )
    assert usage.input_tokens == prompt
    assert usage.output_tokens == answer
    assert usage.total_tokens == prompt + answer
    caches = ("cache_read", "cache_read_audio", "cache_read_image")
    assert sum(usage.quantity(meter) or 0 for meter in caches) == hit
    assert usage.unread == ()


@given(st.data())
def test_gemini_adds_up(data: st.DataObject) -> None:
    """Cached and plain tokens of each modality add up to the stated counts."""
    modalities = ("TEXT", "AUDIO", "IMAGE", "VIDEO")
    fresh = {name: data.draw(COUNTS) for name in modalities}
    cached = {name: data.draw(COUNTS) for name in modalities}
    answer, thoughts = data.draw(COUNTS), data.draw(COUNTS)
    prompt = sum(fresh.values()) + sum(cached.values())
    usage = read_usage(
        gemini(
            prompt,
            answer,
            thoughtsTokenCount=thoughts,
            cachedContentTokenCount=sum(cached.values()),
            promptTokensDetails=[of(n, fresh[n] + cached[n]) for n in modalities],
            cacheTokensDetails=[of(n, cached[n]) for n in modalities],
        )
    )
    assert usage.input_tokens == prompt
    assert usage.output_tokens == answer + thoughts
    for name in ("AUDIO", "IMAGE", "VIDEO"):
        assert usage.quantity(f"input_{name.lower()}") == fresh[name]
        assert usage.quantity(f"cache_read_{name.lower()}") == cached[name]
    assert usage.quantity("input") == fresh["TEXT"]
    assert usage.quantity("cache_read") == cached["TEXT"]


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    """Return any usage."""
    whole = st.dictionaries(st.sampled_from(METERS), COUNTS, max_size=6)
    word = st.sampled_from([None, "a", "b"])
    facts = st.fixed_dictionaries(dict.fromkeys(FACTS, word))
    unread = st.lists(st.sampled_from(["x", "y"]))
    return Usage(draw(whole), draw(facts), tuple(draw(unread)))


@settings(max_examples=40)
@given(usages(), usages(), usages())
def test_adding_is_commutative_and_associative(a: Usage, b: Usage, c: Usage) -> None:
    """Usages add up in any order; nothing that was stated or unread is lost."""
    assert a + b == b + a
    assert (a + b) + c == a + (b + c) == sum([a, b, c])
    assert (a + b).total_tokens == a.total_tokens + b.total_tokens
    assert set((a + b).unread) == {*a.unread, *b.unread}
    assert list((a + b).quantities) == [
        m for m in USAGE_METERS if m in a.quantities or m in b.quantities
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=8)
            | st.sampled_from(
                sorted(
                    {
                        *("usage", "usageMetadata", "response", "message", "data"),
                        *("modality", "type", "ttl", "id", "object", "output", "model"),
                        *METERS,
                        *(
                            segment.partition("[")[0]
                            for shape in usage_tables.SHAPES
                            for path in shape.known
                            for segment in path.split(".")
                        ),
                    }
                )
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=100)
@given(JSON)
def test_any_json_is_read_or_refused(value: object) -> None:
    """Whatever comes from outside gives a usage or our own error, nothing else."""
    try:
        usage = read_usage(value)
    except InvalidUsageError:
        return
    assert all(quantity >= 0 for quantity in usage.quantities.values())
    if usage.quantities:
        assert read_usage(usage.as_dict()) == usage
