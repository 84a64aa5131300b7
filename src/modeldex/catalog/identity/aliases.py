"""Pointers and pinned ids: which id stands for which, at whose word.

A row is here only where the provider's own page, named in `url`, says what the
alias points to. `ALIASES` become the field `alias_of` when claims are merged.
Left out on purpose: pointers that have moved or may have (`mistral-large-latest`,
`grok-code-fast`, `gemini-flash-latest`), of which nobody here knows the target.
"""

from __future__ import annotations

from modeldex.domain import Value, set_slot


class Alias(Value):
    """One pointer at one provider.

    `moves` is False where the alias names one version, so that alias and target
    are the same for good.
    """

    __slots__ = ("alias", "moves", "provider", "target", "url")
    provider: str
    alias: str
    target: str
    url: str
    moves: bool

    def __init__(
        self, provider: str, alias: str, target: str, url: str, *, moves: bool
    ) -> None:
        set_slot(self, "provider", provider)
        set_slot(self, "alias", alias)
        set_slot(self, "target", target)
        set_slot(self, "url", url)
        set_slot(self, "moves", moves)


_CLAUDE = "https://docs.claude.com/en/docs/about-claude/models/overview"
_CLAUDE_RETIRED = "https://docs.claude.com/en/docs/about-claude/model-deprecations"
_GEMINI = "https://ai.google.dev/gemini-api/docs/models"
_OPENAI = "https://platform.openai.com/docs/models/"
# alias, date of the snapshot that it points to: the page of the alias says so
_OPENAI_SNAPSHOTS = (
    ("gpt-4-turbo", "2024-04-09"),
    ("gpt-4.1", "2025-04-14"),
    ("gpt-4.1-mini", "2025-04-14"),
    ("gpt-4.1-nano", "2025-04-14"),
    ("gpt-4o", "2024-08-06"),
    ("gpt-4o-mini", "2024-07-18"),
    ("gpt-4o-mini-search-preview", "2025-03-11"),
    ("gpt-4o-search-preview", "2025-03-11"),
    ("gpt-5", "2025-08-07"),
    ("gpt-5-mini", "2025-08-07"),
    ("gpt-5-nano", "2025-08-07"),
    ("gpt-5-pro", "2025-10-06"),
    ("gpt-5.1", "2025-11-13"),
    ("o1", "2024-12-17"),
    ("o1-pro", "2025-03-19"),
    ("o3", "2025-04-16"),
    ("o3-deep-research", "2025-06-26"),
    ("o3-mini", "2025-01-31"),
    ("o3-pro", "2025-06-10"),
    ("o4-mini", "2025-04-16"),
    ("o4-mini-deep-research", "2025-06-26"),
)
ALIASES = (
    *(
        Alias("anthropic", alias, f"{alias}-{day}", _CLAUDE, moves=False)
        for alias, day in (
            ("claude-haiku-4-5", "20251001"),
            ("claude-opus-4-1", "20250805"),
            ("claude-opus-4-5", "20251101"),
            ("claude-sonnet-4-5", "20250929"),
        )
    ),
    *(
        Alias("anthropic", alias, target, _CLAUDE_RETIRED, moves=False)
        for alias, target in (
            ("claude-3-5-haiku-latest", "claude-3-5-haiku-20241022"),
            ("claude-3-7-sonnet-latest", "claude-3-7-sonnet-20250219"),
            ("claude-3-opus-latest", "claude-3-opus-20240229"),
            ("claude-opus-4-0", "claude-opus-4-20250514"),
            ("claude-sonnet-4-0", "claude-sonnet-4-20250514"),
        )
    ),
    *(
        Alias(provider, alias, f"{alias}-001", _GEMINI, moves=False)
        for provider in ("google", "google-vertex")
        for alias in ("gemini-2.0-flash", "gemini-2.0-flash-lite")
    ),
    *(
        Alias("openai", alias, f"{alias}-{day}", _OPENAI + alias, moves=True)
        for alias, day in _OPENAI_SNAPSHOTS
    ),
    Alias("openai", "gpt-4", "gpt-4-0613", f"{_OPENAI}gpt-4", moves=True),
    Alias(
        "openai",
        "gpt-3.5-turbo",
        "gpt-3.5-turbo-0125",
        f"{_OPENAI}gpt-3.5-turbo",
        moves=True,
    ),
    Alias(
        "openai",
        "omni-moderation-latest",
        "omni-moderation-2024-09-26",
        f"{_OPENAI}omni-moderation-latest",
        moves=True,
    ),
)
# (provider, id) -> the other id of the same model, where neither can move
PINNED = {
    (row.provider, one): other
    for row in ALIASES
    if not row.moves
    for one, other in ((row.alias, row.target), (row.target, row.alias))
}
# (provider, alias) -> what it points to
TARGETS = {(row.provider, row.alias): row.target for row in ALIASES}
