"""The default model of a provider: a hand-made table, else a rule."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from modeldex.domain.lifecycle import first_day, status_on

if TYPE_CHECKING:
    from collections.abc import Mapping

# provider -> the model that most callers there want; a test finds each of them
DEFAULTS = {
    "ai21": "jamba-large",
    "alibaba": "qwen3.7-plus",
    "amazon-bedrock": "global.anthropic.claude-sonnet-5-5",
    "anthropic": "claude-sonnet-5-5",
    "assemblyai": "best",
    "azure": "gpt-6.1-sol",
    "black-forest-labs": "flux-pro-1.1",
    "bothub": "glm-5.3",
    "cerebras": "gpt-oss-120b",
    "chatgpt": "gpt-6.1-sol",
    "codestral": "codestral-latest",
    "cohere": "command-a-plus-05-2026",
    "coralbricks": "glm-5.3",
    "deepgram": "nova-3",
    "deepinfra": "openai/gpt-oss-120b",
    "deepseek": "deepseek-flash",
    "elevenlabs": "eleven_v4",
    "fireworks-ai": "accounts/fireworks/models/deepseek-v4p1-flash",
    "github-copilot": "gpt-6.1-sol",
    "google": "gemini-3.8-flash",
    "google-vertex": "gemini-3.8-flash",
    "google-vertex-anthropic": "claude-sonnet-5-5@default",
    "groq": "openai/gpt-oss-120b",
    "heroku": "claude-4-sonnet",
    "huggingface": "openai/gpt-oss-120b",
    "kenari": "claude-sonnet-5",
    "llama": "llama-4-maverick-17b-128e-instruct-fp8",
    "lmstudio": "openai/gpt-oss-20b",
    "mistral": "mistral-large-4",
    "moonshotai": "kimi-k3",
    "nebius": "openai/gpt-oss-120b",
    "nscale": "meta-llama/Llama-3.3-70B-Instruct",
    "ollama": "llama3.1",
    "openai": "gpt-6.1-sol",
    "opencode-go": "glm-5.3",
    "openrouter": "openai/gpt-6.1-sol",
    "orcarouter": "anthropic/claude-sonnet-5",
    "perplexity": "sonar",
    "recraft": "recraftv3",
    "replicate": "anthropic/claude-4.5-sonnet",
    "runwayml": "gen4.5",
    "sambanova": "gpt-oss-120b",
    "snowflake-cortex": "claude-sonnet-5",
    "stability": "sd3.5-large",
    "streamlake": "GLM-5.3",
    "togetherai": "deepseek-ai/DeepSeek-V4.1-Flash",
    "vercel": "openai/gpt-6.1-sol",
    "voyage": "voyage-3.5",
    "watsonx": "ibm/granite-4-h-small",
    "xai": "grok-4.7",
    "zai": "glm-5.3",
}
# a model that stops so soon is nobody's default
NOTICE = timedelta(days=180)
_ALIAS_ENDINGS = ("-latest", ":latest", "@latest")
# words of ids that are gifts with a string attached, drafts, or pick another model
_PASSING = re.compile(
    r"(?:^|[^a-z])(?:free|preview|contributor|auto|router)(?:$|[^a-z])"
)


def choose_default(
    provider: str, models: Mapping[str, Mapping[str, Any]], on: str
) -> str | None:
    """Return the id of a provider's default model on an ISO day, or None for none.

    A table names the usual workhorse of big providers. Else: a chat model that
    answers with text, is active and stays so for half a year, is no floating
    alias, free offer, preview or router, has an input price and calls functions,
    as far as the provider has one; the newest, then the first id.
    """
    named = DEFAULTS.get(provider)
    if (
        named
        and named in models
        and status_on(on, *_lifecycle(models[named]), provider) == "active"
    ):
        return named
    if not models:
        return None
    return min(models, key=lambda model: _order(provider, model, models[model], on))


def _lifecycle(facts: Mapping[str, Any]) -> tuple[str | None, str | None]:
    return facts.get("status"), facts.get("deprecation_date")


def _order(
    provider: str, model: str, facts: Mapping[str, Any], on: str
) -> tuple[Any, ...]:
    capabilities = facts.get("capabilities", {})
    outputs = facts.get("modalities", {}).get("output", ["text"])
    status = status_on(on, *_lifecycle(facts), provider)
    soon = (date.fromisoformat(on) + NOTICE).isoformat()
    released = facts.get("release_date")
    return (
        facts.get("mode", "chat") != "chat",
        status == "retired",
        "text" not in outputs,
        status != "active" or status_on(soon, *_lifecycle(facts)) == "retired",
        _is_passing(model),
        not facts.get("pricing", {}).get("input"),
        "pricing" not in facts,
        not capabilities.get("function_calling"),
        _newest_first(released),
        model,
    )


def _is_passing(model: str) -> bool:
    """Tell whether what an id means may be another model, or none, tomorrow."""
    low = model.lower()
    floats = low.startswith("~") or "/~" in low or low.endswith(_ALIAS_ENDINGS)
    return floats or bool(_PASSING.search(low))


def _newest_first(released: str | None) -> int:
    return -int(first_day(released).replace("-", "")) if released else 0
