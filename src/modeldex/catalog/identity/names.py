"""A model's name with versions, order and old spellings written one way."""

from __future__ import annotations

import re

from modeldex.catalog.identity.exceptions import SAME

_AUTHOR_PREFIX = re.compile(
    r"(?:anthropic|openai|nvidia|google|mistralai|xiaomi|alibaba|amazon|meta(?=-llama)"
    r"|moonshotai|minimaxai|xai|zai-org|zai|cohere|deepseek-ai|qwen(?=-qwen))-(?=[a-z])"
)
_CLAUDE = re.compile(
    r"claude-(?P<version>\d(?:-\d)?)-(?P<name>opus|sonnet|haiku|fable|mythos)(?P<rest>.*)"
)
_OLD_CLAUDE = re.compile(
    r"claude-(?P<name>opus|sonnet|haiku)-(?P<version>3(?:-\d)?)(?P<rest>(?!\d).*)"
)
_GPT_NUMBER = re.compile(r"gpt-(\d)(\d)(?=-|$)")
_REWRITTEN = tuple(
    (re.compile(pattern), put)
    for pattern, put in (
        (r"[_:]", "-"),
        (r"^(?:doubao|dola)-seed-", "seed-"),
        (r"^(seed-.*)-2[56]\d{4}$", r"\1"),
        (r"(?<=\d)p(?=\d)", "."),
        (r"\.", "-"),
        (r"^(?:meta-)?llama-?v?(?=\d)", "llama-"),
        (r"^code-llama-", "codellama-"),
        (r"^qwen-?(?=\d)", "qwen"),
        (r"^gemma-?(?=\d)", "gemma-"),
        (r"^deepseek-chat-v3", "deepseek-v3"),
        (r"^deepseek-deepseek-", "deepseek-"),
        (r"^mai-ds-", "mai-ds-"),
        (r"^(gpt-oss|claude|gemini|grok|kimi|glm|deepseek)(?=\d)", r"\1-"),
        (r"^solar-pro-(?=\d)", "solar-pro"),
        (r"-(?:hf)$", ""),
    )
)


def name_key(slug: str) -> str:
    """Return a name with versions, order and old spellings written one way."""
    found = _AUTHOR_PREFIX.match(slug)
    if found and "-" in slug[found.end() :]:
        slug = slug[found.end() :]
    for pattern, put in _REWRITTEN:
        slug = pattern.sub(put, slug)
    for rule in (_CLAUDE, _OLD_CLAUDE):
        claude = rule.fullmatch(slug)
        if claude:
            version, name, rest = claude["version"], claude["name"], claude["rest"]
            old = version.startswith("3")
            slug = f"claude-{version}-{name}" if old else f"claude-{name}-{version}"
            slug += rest
            break
    slug = _GPT_NUMBER.sub(r"gpt-\1-\2", slug) if slug.startswith("gpt-5") else slug
    return SAME.get(slug, slug)


def model_key(canonical: str) -> str:
    """Return a canonical id as it is compared: spellings of one model are equal."""
    author, _, slug = canonical.lower().partition("/")
    return f"{author}/{name_key(slug)}"
