"""Names of sources that say what they are."""

from __future__ import annotations

# how the names of sources begin that are other registries of modeldex
FOLLOWED = "modeldex:"


def is_followed(source: object) -> bool:
    """Tell whether a source is another registry, which is followed."""
    return isinstance(source, str) and source.startswith(FOLLOWED)
