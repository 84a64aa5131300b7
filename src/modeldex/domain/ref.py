"""Refs: `provider/model-id`, split at the first slash."""

from __future__ import annotations

from modeldex.errors import InvalidRefError

_PROVIDER = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._-")
_MODEL = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/:@+._-~*"
)
MAX_LENGTH = 256


def is_provider_id(text: str) -> bool:
    """Tell whether text is `[a-z0-9][a-z0-9._-]*`, at most 256 characters."""
    return (
        0 < len(text) <= MAX_LENGTH
        and text[0] not in "._-"
        and _PROVIDER.issuperset(text)
        and ".." not in text
    )


def is_model_id(text: str) -> bool:
    """Tell whether text may be a model id.

    It starts with a letter, a digit, `@` or `~`, holds letters, digits and
    `/ : @ + . _ - ~ *`, has no empty start and no `..` between slashes.
    """
    return (
        0 < len(text) <= MAX_LENGTH
        and text[0] not in "/:+._-*"
        and _MODEL.issuperset(text)
        and ".." not in text.split("/")
    )


def split_ref(ref: str) -> tuple[str, str]:
    """Split a ref at its first slash into provider and model id.

    Raises InvalidRefError when there is no slash or a side is empty.
    """
    if not isinstance(ref, str):
        message = f"a ref is text like openai/gpt-4o, not {type(ref).__name__}"
        raise InvalidRefError(message)
    provider, slash, model_id = ref.partition("/")
    if not (slash and provider and model_id):
        message = f"{ref[:80]!r} is not a ref; write provider/model, as openai/gpt-4o"
        raise InvalidRefError(message)
    return provider, model_id
