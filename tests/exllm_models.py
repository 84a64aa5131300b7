"""The models that ExLLM's own tests ask about, as facts; and a registry of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from catalogs import DAY
from modeldex.catalog import Catalog
from modeldex.catalog.compile import compile_snapshot
from modeldex.catalog.encode import encode
from modeldex.catalog.snapshot import memory_snapshot
from modeldex.registry import Registry

_CHAT = {
    "multi_turn": True,
    "streaming": True,
    "stop_sequences": True,
    "temperature": True,
}
_IMAGES = {"formats": ["image/jpeg", "image/png", "image/gif", "image/webp"]}
_CLAUDE = {**_CHAT, "vision": _IMAGES, "function_calling": True, "embeddings": False}
_GPT = {**_CHAT, "function_calling": True, "embeddings": False}

MODELS: dict[tuple[str, str], dict[str, Any]] = {
    ("openai", "gpt-4-turbo"): {
        "name": "GPT-4 Turbo",
        "context_window": 128_000,
        "max_output_tokens": 4_096,
        "capabilities": {**_GPT, "vision": True},
        "pricing": {"input": Decimal(10), "output": Decimal(30)},
    },
    ("openai", "gpt-4o"): {
        "context_window": 128_000,
        "max_output_tokens": 16_384,
        "capabilities": {**_GPT, "vision": True},
    },
    ("openai", "gpt-3.5-turbo"): {
        "context_window": 16_385,
        "max_output_tokens": 4_096,
        "capabilities": {**_GPT, "vision": False},
    },
    ("anthropic", "claude-3-opus-20240229"): {
        "context_window": 200_000,
        "max_output_tokens": 4_096,
        "capabilities": _CLAUDE,
        "sources": {"*": "litellm"},
    },
    ("anthropic", "claude-3-haiku-20240307"): {
        "context_window": 200_000,
        "max_output_tokens": 4_096,
        "capabilities": _CLAUDE,
    },
    ("anthropic", "claude-3-5-sonnet-20241022"): {
        "context_window": 200_000,
        "max_output_tokens": 8_192,
        "capabilities": _CLAUDE,
    },
    ("google", "gemini-pro-vision"): {
        "context_window": 12_288,
        "max_output_tokens": 2_048,
        "capabilities": {"vision": True, "streaming": True, "multi_turn": False},
    },
    ("bumblebee", "microsoft/phi-2"): {
        "context_window": 2_048,
        "capabilities": {**_CHAT, "vision": False},
    },
    ("mock", "mock-model"): {
        "context_window": 4_096,
        "max_output_tokens": 4_096,
        "capabilities": {**_CHAT, "vision": True, "function_calling": True},
    },
}
KINDS = {
    "openai": "first_party",
    "anthropic": "first_party",
    "google": "first_party",
    "bumblebee": "local",
    "mock": "local",
}


def exllm_registry() -> Registry:
    """Return a registry of these models on a fixed day."""
    models = [encode(*key, facts) for key, facts in MODELS.items()]
    providers = {name: {"name": name, "kind": kind} for name, kind in KINDS.items()}
    data = compile_snapshot(models, providers, {"date": DAY})
    return Registry(
        lambda _why: Catalog(memory_snapshot(data), lambda: DAY, default_filter=True)
    )
