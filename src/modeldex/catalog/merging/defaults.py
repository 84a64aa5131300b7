"""The default model of a provider: a hand-made table, else a rule."""

from __future__ import annotations

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
    "cerebras": "gpt-oss-120b",
    "chatgpt": "gpt-6.1-sol",
    "cohere": "command-a-plus-05-2026",
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
    "huggingface": "openai/gpt-oss-120b",
    "lmstudio": "openai/gpt-oss-20b",
    "mistral": "mistral-large-4",
    "moonshotai": "kimi-k3",
    "nebius": "openai/gpt-oss-120b",
    "ollama": "llama3.1",
    "openai": "gpt-6.1-sol",
    "openrouter": "openai/gpt-6.1-sol",
    "perplexity": "sonar",
    "runwayml": "gen4.5",
    "sambanova": "gpt-oss-120b",
    "snowflake-cortex": "claude-sonnet-5",
    "stability": "sd3.5-large",
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


def choose_default(
    provider: str, models: Mapping[str, Mapping[str, Any]], on: str
) -> str | None:
    """Return the id of a provider's default model on an ISO day, or None for none.

    A table names the usual workhorse of big providers. Else: a chat model that
    answers with text, is active and stays so for half a year, is no floating
    alias, is priced and calls functions, as far as the provider has one; the
    newest, then the first id.
    """
    named = DEFAULTS.get(provider)
    if (
        named
        and named in models
        and status_on(on, *_lifecycle(models[named])) == "active"
    ):
        return named
    if not models:
        return None
    return min(models, key=lambda model: _order(model, models[model], on))


def _lifecycle(facts: Mapping[str, Any]) -> tuple[str | None, str | None]:
    return facts.get("status"), facts.get("deprecation_date")


def _order(model: str, facts: Mapping[str, Any], on: str) -> tuple[Any, ...]:
    capabilities = facts.get("capabilities", {})
    outputs = facts.get("modalities", {}).get("output", ["text"])
    status = status_on(on, *_lifecycle(facts))
    soon = (date.fromisoformat(on) + NOTICE).isoformat()
    released = facts.get("release_date")
    return (
        facts.get("mode", "chat") != "chat",
        status == "retired",
        "text" not in outputs,
        status != "active" or status_on(soon, *_lifecycle(facts)) != "active",
        model.startswith("~") or model.endswith(_ALIAS_ENDINGS),
        "pricing" not in facts,
        not capabilities.get("function_calling"),
        _newest_first(released),
        model,
    )


def _newest_first(released: str | None) -> int:
    return -int(first_day(released).replace("-", "")) if released else 0
