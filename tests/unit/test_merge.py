"""Merging claims: rank, majority, freshness, zero, quarantine, provenance."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest

from modeldex.catalog.merging.claims import (
    ClaimLines,
    Claims,
    Packed,
    decode,
    encode,
)
from modeldex.catalog.merging.defaults import choose_default
from modeldex.catalog.merging.merge import Merged, compress_sources, merge
from modeldex.errors import SourceFormatError

DAYS = {
    "litellm": "2026-11-12",
    "models.dev": "2026-09-30",
    "genai-prices": "2026-11-10",
    "pi-ai": "2026-11-10",
}
FULL_NAMES = {"l": "litellm", "m": "models.dev", "g": "genai-prices", "p": "pi-ai"}


def _merge(
    said: dict[str, dict[str, Any]],
    provider: str = "openai",
    model: str = "m",
    days: dict[str, str] | None = None,
) -> Merged:
    """Merge one model; sources are named by their first letter."""
    dates = DAYS | (days or {})
    return merge(
        [
            Claims(FULL_NAMES[s], dates[FULL_NAMES[s]], {(provider, model): facts})
            for s, facts in said.items()
        ]
    )


def _facts(merged: Merged) -> dict[str, Any]:
    ((_, facts),) = merged.models.items()
    return facts


def _reasons(merged: Merged) -> list[tuple[str, str, str]]:
    return [(q.field, q.source, q.reason) for q in merged.report.quarantined]


def test_order_of_the_sources_does_not_matter() -> None:
    """Shuffled sources and models give the same result."""
    claims = [
        Claims(name, day, {("xai", f"m{i}"): {"pricing.input": Decimal(i + k)}})
        for k, (name, day) in enumerate(DAYS.items())
        for i in (5, 3, 4)
    ]
    by_source = [
        Claims(
            name,
            day,
            {k: v for c in claims if c.source == name for k, v in c.models.items()},
        )
        for name, day in DAYS.items()
    ]
    first = merge(by_source)
    for seed in range(5):
        shuffled = random.Random(seed).sample(by_source, len(by_source))
        other = merge(shuffled)
        assert other == first
        assert list(other.models) == list(first.models)


def _listed(*rows: tuple[str, str, str, dict[str, Any]]) -> Merged:
    """Merge rows of source (by its first letter), provider, model and facts."""
    models: dict[str, dict[tuple[str, str], dict[str, Any]]] = {}
    for source, provider, model, facts in rows:
        models.setdefault(FULL_NAMES[source], {})[provider, model] = facts
    return merge([Claims(name, DAYS[name], said) for name, said in models.items()])


def test_a_label_counts_only_where_another_source_lists_the_id() -> None:
    """A label that nobody else lists is no model and is reported as skipped."""
    label = {"pricing.input": Decimal(1), "presence": "label"}
    merged = _listed(
        ("g", "openai", "gpt-4o", label),
        ("g", "openai", "ft:gpt-4o", label),
        ("l", "openai", "gpt-4o", {"mode": "chat"}),
    )
    assert list(merged.models) == [("openai", "gpt-4o")]
    assert merged.models["openai", "gpt-4o"]["pricing"] == {"input": 1}
    assert "presence" not in merged.claims.models["openai", "gpt-4o"]
    skipped = {s.source: dict(s.skipped) for s in merged.report.sources}
    assert skipped["genai-prices"] == {"a label, no model": 1}


def test_a_stand_in_counts_only_where_nobody_lists_the_id() -> None:
    """A price of a class serves an id that has no entry, and touches no other."""
    stand_in = {"pricing.input": Decimal(8), "presence": "stand-in"}
    merged = _listed(
        ("g", "amazon-bedrock", "anthropic.new", stand_in),
        ("g", "amazon-bedrock", "anthropic.old", stand_in),
        ("p", "amazon-bedrock", "anthropic.old", {"pricing.input": Decimal(5)}),
    )
    prices = {key[1]: facts["pricing"] for key, facts in merged.models.items()}
    assert prices == {"anthropic.new": {"input": 8}, "anthropic.old": {"input": 5}}
    assert set(merged.claims.models["amazon-bedrock", "anthropic.old"]) == {
        "pricing.input"
    }


FIRE = "accounts/fireworks"
SPELLINGS = [
    ("fireworks-ai", ["l:x"], [f"{FIRE}/models/x"]),
    ("fireworks-ai", ["l:x", f"p:{FIRE}/routers/x"], [f"{FIRE}/routers/x"]),
    ("fireworks-ai", ["m:x", f"l:{FIRE}/models/X"], [f"{FIRE}/models/X"]),
    (
        "fireworks-ai",
        [f"l:{FIRE}/models/x", f"l:{FIRE}/routers/x"],
        [f"{FIRE}/models/x"],
    ),
    (
        "fireworks-ai",
        [f"l:{FIRE}/models/x", f"m:{FIRE}/routers/x", "g:x"],
        [f"{FIRE}/routers/x"],
    ),
    ("scaleway", ["m:x", "l:qwen/x"], ["x"]),
    ("scaleway", ["m:qwen/x", "l:x"], ["x"]),
    ("scaleway", ["l:qwen/x"], ["qwen/x"]),
    ("openrouter", ["p:auto", "p:openrouter/auto"], ["openrouter/auto"]),
    ("openrouter", ["m:a/auto", "p:openrouter/auto"], ["a/auto", "openrouter/auto"]),
    (
        "cloudflare-workers-ai",
        ["l:clef", "l:@cf/cloudflare/clef", "l:@cf/qwen/clef"],
        ["@cf/cloudflare/clef", "@cf/qwen/clef"],
    ),
    ("openai", ["m:a/x", "l:x"], ["a/x", "x"]),
    ("openai", ["m:m", "l:M"], ["m"]),
    ("openai", ["m:m", "l:M", "l:m"], ["M", "m"]),
]


@pytest.mark.parametrize(("provider", "listed", "expected"), SPELLINGS)
def test_ids_are_joined_without_the_path_that_does_not_matter(
    provider: str, listed: list[str], expected: list[str]
) -> None:
    """Where a provider's path says nothing, ids with and without it are one."""
    rows = [(text[0], provider, text[2:], {"name": text}) for text in listed]
    for shuffled in (rows, rows[::-1]):
        merged = _listed(*shuffled)
        assert [model for _, model in merged.models] == expected


def test_the_served_spelling_speaks_first() -> None:
    """Of a source's two ids for one model the one that is served gives the facts."""
    paths = f"{FIRE}/models/x", f"{FIRE}/routers/x"
    merged = _listed(
        ("m", "fireworks-ai", paths[1], {}),
        ("l", "fireworks-ai", paths[0], {"pricing.input": Decimal(2)}),
        ("l", "fireworks-ai", paths[1], {"pricing.input": Decimal(1)}),
    )
    assert merged.models["fireworks-ai", paths[1]]["pricing"] == {"input": 1}


def _limits(said: dict[str, dict[str, int]], **more: Any) -> tuple[Any, Any, Any]:
    names = ("context_window", "max_input_tokens", "max_output_tokens")
    short = dict(zip("cio", names, strict=True))
    claims = {s: {short[k]: v for k, v in row.items()} for s, row in said.items()}
    facts = _facts(_merge(claims, **more))
    return tuple(facts.get(name) for name in names)  # type: ignore[return-value]


LIMITS = [
    # window against largest prompt
    ({"m": {"c": 400, "i": 272}, "l": {"i": 272}}, (400, 272, None)),
    ({"m": {"c": 400}, "l": {"i": 272, "o": 128}}, (400, 272, 128)),
    ({"m": {"c": 400}, "l": {"i": 100, "o": 8}}, (400, None, 8)),
    ({"l": {"i": 272}}, (272, None, None)),
    ({"m": {"c": 400, "i": 400}}, (400, None, None)),
    # 1000 against 1024: the rank's spelling
    ({"m": {"c": 1_000_000}, "p": {"c": 1_048_576}}, (1_000_000, None, None)),
    ({"m": {"c": 1}, "g": {"c": 2}, "p": {"c": 2}}, (2, None, None)),
    ({"m": {"o": 5}, "l": {"o": 9}}, (None, None, 5)),
    # no answer is longer than the window
    ({"m": {"c": 100, "o": 500}, "l": {"o": 50}}, (100, None, 50)),
    ({"m": {"c": 1000, "o": 1024}}, (1000, None, None)),
    ({"m": {"c": 1000, "o": 1024}, "p": {"c": 1024}}, (1024, None, 1024)),
    ({"m": {"c": 1000, "o": 900}, "p": {"c": 1024}}, (1000, None, 900)),
    ({"m": {"c": 1000, "o": 1100}, "p": {"c": 1100}}, (1000, None, None)),
]


@pytest.mark.parametrize(("said", "expected"), LIMITS)
def test_limits(said: dict[str, Any], expected: tuple[Any, Any, Any]) -> None:
    """Window, largest prompt and largest answer are three different facts."""
    assert _limits(said) == expected


def test_capabilities_keep_no_apart_from_unknown() -> None:
    """Rank and majority decide yes or no; what nobody states stays unknown."""
    merged = _merge(
        {
            "m": {"capabilities.vision": False, "capabilities.reasoning": True},
            "l": {"capabilities.vision": True, "capabilities.pdf_input": False},
            "p": {"capabilities.vision": True},
        }
    )
    capabilities = _facts(merged)["capabilities"]
    assert capabilities == {"pdf_input": False, "reasoning": True, "vision": True}


def test_parameters_come_from_whoever_has_them() -> None:
    """A yes keeps the parameters of the best-ranked source that states some."""
    merged = _merge(
        {
            "m": {"capabilities.reasoning": True},
            "l": {"capabilities.reasoning": {"efforts": ["low"]}},
        }
    )
    assert _facts(merged)["capabilities"]["reasoning"] == {"efforts": ["low"]}


def test_a_mode_flip_is_put_aside() -> None:
    """A chat model that one source turns into an embedding stays a chat model."""
    merged = _merge(
        {
            "m": {
                "context_window": 1_048_576,
                "capabilities.function_calling": True,
                "pricing.input": Decimal("0.075"),
            },
            "l": {
                "mode": "embedding",
                "max_input_tokens": 8192,
                "pricing.input": Decimal("0.08"),
            },
        },
        provider="google",
        model="gemini-1.5-flash",
    )
    facts = _facts(merged)
    assert "mode" not in facts
    assert facts["context_window"] == 1_048_576
    assert facts["pricing"] == {"input": Decimal("0.075")}
    assert {reason for _, _, reason in _reasons(merged)} == {"mode_flip"}


MODES = [
    ("text-embedding-3", {"m": {}}, "embedding"),
    ("cohere/rerank-v4", {"l": {"mode": "chat"}}, "rerank"),
    ("gpt-4o", {"l": {"mode": "chat"}}, None),
    ("whisper-1", {"m": {}}, "audio_transcription"),
    ("veo-3", {"m": {"modalities": {"input": ["text"], "output": ["video"]}}}, None),
    ("sora", {"l": {"mode": "video_generation"}}, "video_generation"),
]


@pytest.mark.parametrize(("model", "said", "expected"), MODES)
def test_mode(model: str, said: dict[str, Any], expected: str | None) -> None:
    """A stated mode holds; else outputs and the id say what a model is for."""
    expected = "video_generation" if model == "veo-3" else expected
    assert _facts(_merge(said, model=model)).get("mode") == expected


def test_a_mode_says_an_ability() -> None:
    """An embedding model can embed, whoever says that it is one."""
    facts = _facts(_merge({"m": {"name": "x"}}, model="text-embedding-3"))
    assert facts["capabilities"] == {"embeddings": True}


def test_ids_join_in_any_case_in_the_spelling_of_models_dev() -> None:
    """Ids that differ in case are one model; any other difference keeps two."""
    merged = merge(
        [
            Claims("litellm", "2026-11-12", {("zai", "GLM-5"): {"mode": "chat"}}),
            Claims("models.dev", "2026-09-30", {("zai", "glm-5"): {"name": "G"}}),
            Claims("pi-ai", "2026-11-10", {("zai", "glm.5"): {"context_window": 5}}),
        ]
    )
    assert list(merged.models) == [("zai", "glm-5"), ("zai", "glm.5")]
    assert merged.claims.models["zai", "glm-5"] == {
        "mode": {"litellm": "chat"},
        "name": {"models.dev": "G"},
    }


def test_fireworks_paths_join() -> None:
    """Model and router paths of Fireworks are spellings of one id."""
    router = "accounts/fireworks/routers/kimi-fast"
    bare = "accounts/fireworks/models/kimi-fast"
    merged = merge(
        [
            Claims(
                "models.dev", "2026-09-30", {("fireworks-ai", router): {"name": "K"}}
            ),
            Claims("litellm", "2026-11-12", {("fireworks-ai", bare): {"mode": "chat"}}),
        ]
    )
    assert list(merged.models) == [("fireworks-ai", router)]


def test_two_ids_of_one_source_stay_two() -> None:
    """A source that lists two spellings means two models."""
    models = {("acme", "A"): {"name": "A"}, ("acme", "a"): {"name": "a"}}
    assert set(merge([Claims("litellm", "2026-11-12", models)]).models) == set(models)


def test_dates_come_from_the_sources() -> None:
    """A model is as new as its newest winner; models.dev gives its own date."""
    own = {"m": {"name": "x", "updated_at": "2025-05-01"}}
    assert _facts(_merge(own))["updated_at"] == "2025-05-01"
    both = {**own, "l": {"deprecation_date": "2027-01-01"}}
    merged = _merge(both)
    assert _facts(merged)["updated_at"] == "2026-11-12"
    assert merged.providers["openai"]["updated_at"] == "2026-11-12"


def test_deprecated_outlives_preview() -> None:
    """Of two flags the one that warns is served."""
    merged = _merge({"m": {"status": "preview"}, "g": {"status": "deprecated"}})
    assert _facts(merged)["status"] == "deprecated"


SOURCES = [
    ({}, {}),
    ({"name": "m", "family": "m"}, {"*": "m"}),
    (
        {"name": "m", "family": "m", "mode": "m", "pricing.input": "g"},
        {"*": "m", "pricing": "g"},
    ),
    (
        {"name": "m", "family": "m", "pricing.input": "g", "pricing.output": "l"},
        {"*": "m", "pricing.input": "g", "pricing.output": "l"},
    ),
    (
        {"a": "m", "capabilities.x": "m", "capabilities.y": "l"},
        {"*": "m", "capabilities.y": "l"},
    ),
]


@pytest.mark.parametrize(("origin", "expected"), SOURCES)
def test_provenance_is_compressed(
    origin: dict[str, str], expected: dict[str, str]
) -> None:
    """`*` stands for most fields, a group's name for all of its parts."""
    assert compress_sources(origin) == expected


def test_every_model_names_a_source() -> None:
    """A model of which nothing is served still says who lists it."""
    merged = merge([Claims("litellm", "2026-11-12", {("acme", "m"): {}})])
    assert merged.models["acme", "m"] == {
        "updated_at": "2026-11-12",
        "sources": {"*": "litellm"},
    }


def test_report_counts() -> None:
    """The report counts models, claims, comparisons and disagreements."""
    merged = _merge(
        {
            "l": {"pricing.input": Decimal(1), "name": "a"},
            "m": {"pricing.input": Decimal(2), "name": "b"},
        }
    )
    report = merged.report
    assert [(s.source, s.models, s.claims) for s in report.sources] == [
        ("models.dev", 1, 2),
        ("litellm", 1, 2),
    ]
    assert report.compared["pricing.input"] == 1
    assert dict(report.disagreements) == {"pricing.input": 1}


def test_provider_facts() -> None:
    """A provider has a name, a kind, what models.dev says of it, and a default."""
    facts = {"name": "Acme", "env": ["KEY"], "docs": "https://a.test"}
    claims = Claims(
        "models.dev", "2026-09-30", {("acme", "m"): {"name": "M"}}, {"acme": facts}
    )
    merged = merge([claims])
    assert merged.providers["acme"] == {
        "name": "Acme",
        "kind": "aggregator",
        "env": ["KEY"],
        "docs": "https://a.test",
        "default_model": "m",
        "updated_at": "2026-09-30",
    }


def test_default_model_prefers_a_living_priced_chat_model() -> None:
    """Each wish is given up only when no model fulfils it."""
    can = {"capabilities": {"function_calling": True}, "pricing": {"input": 1}}
    ladder: list[tuple[str, dict[str, Any]]] = [
        ("best", {**can, "release_date": "2026-05"}),
        ("older", {**can, "release_date": "2025-05"}),
        ("simple", {"pricing": {"input": 1}, "release_date": "2026-06"}),
        ("unpriced", {"release_date": "2026-07"}),
        ("x-latest", {**can, "release_date": "2026-08"}),
        ("beta", {**can, "status": "preview"}),
        ("picture", {**can, "modalities": {"output": ["image"]}}),
        ("gone", {**can, "deprecation_date": "2026-01-01"}),
        ("embedding", {**can, "mode": "embedding"}),
    ]
    while ladder:
        shuffled = random.Random(len(ladder)).sample(ladder, len(ladder))
        assert choose_default("acme", dict(shuffled), "2026-11-12") == ladder[0][0]
        ladder.pop(0)
    assert choose_default("acme", {}, "2026-11-12") is None


def test_claims_file_is_deterministic_and_complete() -> None:
    """Packing and unpacking loses nothing, and equal claims are equal bytes."""
    said = {
        "l": {
            "pricing.input": Decimal("0.10"),
            "capabilities.vision": True,
            "mode": "é",
        },
        "m": {"pricing.input": Decimal(5), "rate_limits": {"rpm": 5}},
    }
    packed = _merge(said).claims
    data = encode(packed)
    assert decode(data) == packed
    assert encode(_merge(dict(reversed(said.items()))).claims) == data
    assert packed.quarantined


def test_damaged_claims_files_are_refused() -> None:
    """Flipped bits, cuts, other formats and other content raise the typed error."""
    data = encode(_merge({"l": {"pricing.input": Decimal(1)}}).claims)
    cut = [data[:n] for n in range(0, len(data), 7)]
    flipped = [
        data[:n] + bytes([data[n] ^ 64]) + data[n + 1 :] for n in range(0, len(data), 5)
    ]
    for damaged in (*cut, *flipped, b"", b"{}"):
        for read in (decode, ClaimLines):
            with pytest.raises(SourceFormatError):
                read(damaged)


def test_claims_are_read_a_model_at_a_time() -> None:
    """Each line says what the whole file says of its model; of others, nothing."""
    said = {"pricing.input": Decimal(1)}
    rows = [("l", "openai", name, said) for name in ("b", "a", "c/d")]
    packed = _listed(*rows, ("m", "xai", "a", {"mode": "é"})).claims
    lines = ClaimLines(encode(packed))
    assert len(lines) == len(packed.models)
    for key, values in packed.models.items():
        one = lines.packed(key)
        assert dict(one.models) == {key: values}
        assert dict(one.served) == {k: v for k, v in packed.served.items() if k == key}
        held = [q for q in packed.quarantined if (q.provider, q.model) == key]
        assert list(one.quarantined) == held
    for key in (("openai", "bb"), ("a", "a"), ("zz", "a")):
        assert lines.packed(key) == Packed(packed.dates, {})


def test_merge_of_nothing() -> None:
    """No sources make an empty catalogue."""
    merged = merge([])
    assert (dict(merged.models), dict(merged.providers)) == ({}, {})
    assert merged.claims == Packed({}, {})
