"""Merging facts: mode, modalities, derived facts, dates and default models."""

from __future__ import annotations

from typing import Any

import pytest

from modeldex.catalog.merging.abilities import merge_capabilities
from modeldex.catalog.merging.agreement import DERIVED, Case
from modeldex.catalog.merging.claims import Claims
from modeldex.catalog.merging.defaults import choose_default
from modeldex.catalog.merging.facts import (
    merge_mode,
    merge_plain,
)
from modeldex.catalog.merging.merge import Merged, merge
from modeldex.catalog.merging.prices import merge_prices
from modeldex.sources.claim import full_date, iso_date

DAYS = {"litellm": "2026-11-12", "models.dev": "2026-09-30"}
CHAT = {"mode": "chat"}


def _merge(
    model: str,
    litellm: dict[str, Any] | None = None,
    models_dev: dict[str, Any] | None = None,
) -> Merged:
    said = {"litellm": litellm, "models.dev": models_dev}
    return merge(
        [
            Claims(source, DAYS[source], {("google-vertex", model): facts})
            for source, facts in said.items()
            if facts is not None
        ]
    )


def _facts(*said: Any) -> dict[str, Any]:
    ((_, facts),) = _merge(*said).models.items()
    return facts


def _case(model: str, facts: dict[str, Any], kind: str = "cloud") -> Case:
    """Weigh what models.dev alone says of a model."""
    said = {name: {"models.dev": value} for name, value in facts.items()}
    case = Case("acme", model, kind, said, DAYS)
    for step in (merge_mode, merge_prices, merge_capabilities, merge_plain):
        step(case)
    return case


def _makes(*outputs: str) -> dict[str, Any]:
    return {"modalities": {"input": ["text"], "output": list(outputs)}}


def _can(**abilities: object) -> dict[str, Any]:
    return {f"capabilities.{name}": value for name, value in abilities.items()}


MODES = [
    # outputs without text beat a claimed chat
    ("lyria-3.5", {**CHAT, **_makes("audio")}, "audio_speech"),
    ("some-model", {**CHAT, **_makes("image")}, "image_generation"),
    ("omni-flash", {**CHAT, **_makes("video")}, "video_generation"),
    ("some-model", {**CHAT, **_makes("text", "image")}, None),
    # ids of image models
    ("flux-1-dev", CHAT, "image_generation"),
    ("x/flux-1-controlnet-union", CHAT, "image_generation"),
    ("dall-e-3", {}, "image_generation"),
    ("imagen-4-fast", CHAT, "image_generation"),
    ("gpt-image-1.5", _makes("text", "image"), "image_generation"),
    ("sdxl-turbo", CHAT, "image_generation"),
    (
        "stable-diffusion-3",
        {**CHAT, **_can(function_calling=False)},
        "image_generation",
    ),
    ("flux-chat", {**CHAT, **_can(function_calling=True)}, None),
    ("flux-chat", {**CHAT, **_can(structured_output=True)}, None),
    ("influxdb-chat", CHAT, None),
    ("flux-3-video", _makes("video"), "video_generation"),
    # ids of speech models
    ("whisper-large", CHAT, "audio_transcription"),
    ("gpt-4o-transcribe", _can(function_calling=True), "audio_transcription"),
    ("gpt-realtime-2", {**CHAT, **_can(function_calling=True)}, "realtime"),
    ("gemini-3.8-live", CHAT, "realtime"),
    ("gpt-live-1", {}, "realtime"),
    ("olive-7b", CHAT, None),
    # an image as sole output of who thinks or calls tools
    ("gpt-5.4", {**_makes("image"), **_can(function_calling=True)}, None),
    ("gpt-5.4", {**_makes("image"), **_can(reasoning={"efforts": ["low"]})}, None),
    ("gpt-5.4", {**_makes("image"), **_can(reasoning=False)}, "image_generation"),
    (
        "nano-banana",
        {**_makes("image"), **_can(function_calling=True)},
        "image_generation",
    ),
    # a stated mode holds
    ("flux-kontext", {"mode": "image_edit"}, "image_edit"),
]


@pytest.mark.parametrize(("model", "said", "expected"), MODES)
def test_mode(model: str, said: dict[str, Any], expected: str | None) -> None:
    """What an id and outputs say beats a bare chat, never another stated mode."""
    assert _facts(model, None, said).get("mode") == expected


LONE = [
    ("gemini-flash-experimental", None),
    ("gemini-embedding-001", "embedding"),
    ("textgecko", "embedding"),
]


@pytest.mark.parametrize(("model", "expected"), LONE)
def test_a_lone_embedding_of_gemini_is_put_aside(
    model: str, expected: str | None
) -> None:
    """A Gemini model is an embedding only when its id has it."""
    said = {"mode": "embedding", "embedding_dimensions": 3072, "max_input_tokens": 9}
    merged = _merge(model, said)
    ((_, facts),) = merged.models.items()
    assert facts.get("mode") == expected
    assert ("embedding_dimensions" in facts) == bool(expected)
    assert facts["context_window"] == said["max_input_tokens"]
    held = [q.reason for q in merged.report.quarantined]
    assert held == ([] if expected else ["mode_flip"] * 2)


ALIGNED = [
    (_can(vision=True), ["text", "image"], ["text"]),
    (_can(pdf_input=True, vision=True), ["text", "image", "pdf"], ["text"]),
    (_can(audio_input=True, video_input=False), ["text", "audio"], ["text"]),
    (_can(image_output=True), ["text"], ["text", "image"]),
    (_can(audio_output={"voices": 3}), ["text"], ["text", "audio"]),
    ({}, ["text"], ["text"]),
]


@pytest.mark.parametrize(("abilities", "inputs", "outputs"), ALIGNED)
def test_modalities_agree_with_abilities(
    abilities: dict[str, Any], inputs: list[str], outputs: list[str]
) -> None:
    """An ability that is served puts its modality into the list, or out of it."""
    case = _case("m", _makes("text") | abilities)
    assert case.facts["modalities"] == {"input": inputs, "output": outputs}
    assert ("modalities" in case.derived) == ((inputs, outputs) != (["text"],) * 2)


def test_an_ability_that_is_denied_leaves_the_modalities() -> None:
    """A no takes the modality out, but for the only one of its side."""
    listed = {"modalities": {"input": ["text", "image"], "output": ["audio"]}}
    case = _case("m", listed | _can(vision=False, audio_output=False))
    assert case.facts["modalities"] == {"input": ["text"], "output": ["audio"]}
    assert case.facts["capabilities"] == {
        "vision": False,
        "audio_output": True,
        "speech_synthesis": True,
    }


def test_aligned_modalities_are_of_the_source_that_has_them() -> None:
    """Where another source states the aligned list, it is that source's."""
    vision = {"input": ["text", "image"], "output": ["text"]}
    said = {
        "modalities": {
            "models.dev": _makes("text")["modalities"],
            "litellm": vision,
        },
        "capabilities.vision": {"litellm": True},
    }
    case = Case("acme", "m", "cloud", said, DAYS)
    merge_capabilities(case)
    merge_plain(case)
    assert case.facts["modalities"] == vision
    assert case.origin["modalities"] == "litellm"


def test_what_no_source_states_is_derived() -> None:
    """A guessed mode, its ability and a told price state name no source."""
    case = _case("x/whisper-1:free", {"name": "W"}, kind="aggregator")
    assert case.facts["mode"] == "audio_transcription"
    abilities = {"capabilities.audio_input", "capabilities.speech_recognition"}
    assert case.derived == {"mode", "pricing", *abilities}
    assert case.origin == {"name": "models.dev"}
    case.serve("mode", "chat", "litellm")
    assert "mode" not in case.derived
    case.serve("mode", "chat", DERIVED)
    assert "mode" not in case.origin


def test_dates_of_an_empty_clock_are_unknown() -> None:
    """No model was released before 2015."""
    assert iso_date("1970-01-01") is None
    assert iso_date("2014-12-31") is None
    assert full_date("1970-01-01") is None
    assert (iso_date("2015"), full_date("2015-01-01")) == ("2015", "2015-01-01")


PASSING = [
    "new:free",
    "new-free",
    "vendor/free",
    "new-preview",
    "muse-contributor",
    "vendor/auto",
    "kilo-auto/best",
    "model-router",
    "~vendor/new",
    "new-latest",
]


@pytest.mark.parametrize("model", PASSING)
def test_a_passing_id_is_no_default(model: str) -> None:
    """Free offers, drafts, routers and floating ids stand behind all others."""
    facts = {"capabilities": {"function_calling": True}, "pricing": {"input": 1}}
    newer = {**facts, "release_date": "2026-06"}
    models: dict[str, Any] = {"zz-old": {**facts, "release_date": "2026-01"}}
    assert choose_default("acme", {model: newer, **models}, "2026-11-12") == "zz-old"
    assert choose_default("acme", {model: newer}, "2026-11-12") == model


@pytest.mark.parametrize(
    "pricing", [{}, {"state": "free"}, {"output": 1}, {"input": 0}]
)
def test_a_default_has_an_input_price(pricing: dict[str, Any]) -> None:
    """What is free, or has no price of its prompts, stands behind what has one."""
    models: dict[str, Any] = {
        "new": {"pricing": pricing, "release_date": "2026-06"},
        "freedom-old": {"pricing": {"input": 1}, "release_date": "2026-01"},
    }
    assert choose_default("acme", models, "2026-11-12") == "freedom-old"
