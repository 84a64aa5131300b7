"""How models.dev says by which npm package a provider, or one model, is spoken to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

OPENAI, COMPATIBLE = "@ai-sdk/openai", "@ai-sdk/openai-compatible"
# wire protocol -> the package that speaks it, and the shape where it speaks two
PACKAGES: Mapping[str, tuple[str, str]] = {
    "openai": (OPENAI, ""),
    "openai-chat": (COMPATIBLE, ""),
    "openai-responses": (OPENAI, "responses"),
    "anthropic-messages": ("@ai-sdk/anthropic", ""),
    "google-generate-content": ("@ai-sdk/google", ""),
    "bedrock-converse": ("@ai-sdk/amazon-bedrock", ""),
    "mistral-chat": ("@ai-sdk/mistral", ""),
    "cohere-chat": ("@ai-sdk/cohere", ""),
}
# provider -> its own package by protocol
_OWN = {
    ("azure", "openai"): "@ai-sdk/azure",
    ("azure-cognitive-services", "openai"): "@ai-sdk/azure",
    ("cerebras", "openai-chat"): "@ai-sdk/cerebras",
    ("deepinfra", "openai-chat"): "@ai-sdk/deepinfra",
    ("google-vertex", "anthropic-messages"): "@ai-sdk/google-vertex/anthropic",
    ("google-vertex", "google-generate-content"): "@ai-sdk/google-vertex",
    ("google-vertex-anthropic", "anthropic-messages"): (
        "@ai-sdk/google-vertex/anthropic"
    ),
    ("groq", "openai-chat"): "@ai-sdk/groq",
    ("openrouter", "openai-chat"): "@openrouter/ai-sdk-provider",
    ("perplexity", "openai-chat"): "@ai-sdk/perplexity",
    ("togetherai", "openai-chat"): "@ai-sdk/togetherai",
}


def package_of(provider: str, protocol: str | None) -> tuple[str, str] | None:
    """Return the package and shape for a protocol at a provider, or None."""
    if protocol is None or protocol not in PACKAGES:
        return None
    package, shape = PACKAGES[protocol]
    return _OWN.get((provider, protocol), package), shape


def most_frequent(protocols: Iterable[str | None]) -> str | None:
    """Return the protocol of most models that one package speaks alone; None: none."""
    counts: dict[str, int] = {}
    for protocol in protocols:
        if protocol and not PACKAGES.get(protocol, ("", " "))[1]:
            counts[protocol] = counts.get(protocol, 0) + 1
    return max(sorted(counts), key=counts.__getitem__, default=None)
