"""Reviewed exceptions of the canonical rules: names that no rule can see through."""

from __future__ import annotations

# key of a name (`names.name_key`) -> key of the same model's other name
SAME = {
    "claude-3-5-haiku": "claude-3-5-haiku-20241022",
    "claude-3-5-haiku-latest": "claude-3-5-haiku-20241022",
    "claude-3-7-sonnet": "claude-3-7-sonnet-20250219",
    "claude-3-7-sonnet-latest": "claude-3-7-sonnet-20250219",
    "claude-3-haiku": "claude-3-haiku-20240307",
    "claude-3-opus": "claude-3-opus-20240229",
    "claude-3-opus-latest": "claude-3-opus-20240229",
    "claude-3-sonnet": "claude-3-sonnet-20240229",
    "claude-haiku-4-5-20251001": "claude-haiku-4-5",
    "claude-opus-4": "claude-opus-4-20250514",
    "claude-opus-4-0": "claude-opus-4-20250514",
    "claude-opus-4-1-20250805": "claude-opus-4-1",
    "claude-opus-4-5-20251101": "claude-opus-4-5",
    "claude-sonnet-4": "claude-sonnet-4-20250514",
    "claude-sonnet-4-0": "claude-sonnet-4-20250514",
    "claude-sonnet-4-5-20250929": "claude-sonnet-4-5",
    "gemma-4-26b-a4b": "gemma-4-26b-a4b-it",
    "gemma-4-31b": "gemma-4-31b-it",
    "llama-4-maverick": "llama-4-maverick-17b-instruct",
    "llama-4-maverick-17b-128e-instruct": "llama-4-maverick-17b-instruct",
    "llama-4-scout": "llama-4-scout-17b-instruct",
    "llama-4-scout-17b-16e-instruct": "llama-4-scout-17b-instruct",
    "mistral-large-3": "mistral-large-2512",
    "mistral-large-3-675b-instruct": "mistral-large-2512",
    "mistral-large-3-675b-instruct-2512": "mistral-large-2512",
    "mistral-large-instruct-2407": "mistral-large-2407",
    "mistral-large-instruct-2411": "mistral-large-2411",
    "mistral-nemo-instruct-2407": "mistral-nemo",
    "nemotron-3-super": "nemotron-3-super-120b-a12b",
    "nemotron-3-super-120b": "nemotron-3-super-120b-a12b",
    "nemotron-super-3-120b": "nemotron-3-super-120b-a12b",
    "nemotron-3-ultra": "nemotron-3-ultra-550b-a55b",
    "nemotron-3-5-lightning-30b-a3b": "nemotron-3-5-lightning",
    "nemotron-lightning-3-5-30b-a3b": "nemotron-3-5-lightning",
    "nemotron-nano-3-30b": "nemotron-3-nano-30b-a3b",
    "open-mistral-nemo": "mistral-nemo",
    "open-mixtral-8x22b": "mixtral-8x22b-instruct",
    "open-mixtral-8x7b": "mixtral-8x7b-instruct",
    "qwen3-235b-a22b-2507": "qwen3-235b-a22b-instruct-2507",
    "qwen3-30b-a3b-2507": "qwen3-30b-a3b-instruct-2507",
}
# closed models that their author no longer lists, as `author/key`
RETIRED = frozenset(
    (
        "anthropic/claude-3-5-haiku-20241022",
        "anthropic/claude-3-5-sonnet",
        "anthropic/claude-3-5-sonnet-20240620",
        "anthropic/claude-3-opus-20240229",
        "anthropic/claude-3-sonnet-20240229",
        "openai/gpt-4-0125-preview",
        "xai/grok-4",
    )
)
# ref -> its canonical id, or None where the rules would join what is not the same
SEPARATE: dict[str, str | None] = {
    "amazon-bedrock/deepseek.v3-v1:0": "deepseek/deepseek-v3.1",
}
