"""A rough count of tokens without a tokenizer: the estimate of ExLLM."""

from __future__ import annotations

from modeldex.errors import InvalidInputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PER_MESSAGE = 3
PER_IMAGE = 425
_SPACE = frozenset(" \t\n\v\f\r")
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
# an image in a message's content, by the type of its part
_IMAGES = ("image", "image_url", "input_image")


def estimate_tokens(
    text: str | Mapping[str, object] | Sequence[Mapping[str, object]],
) -> int:
    """Estimate the tokens of a text, a message, or a list of messages.

    1.3 per word and 0.5 per character that is neither space nor an ASCII letter or
    digit, rounded half up; 3 more for each message of a list; 425 for an image. Words
    are what runs of ASCII space divide, as in ExLLM, so that space at an end adds one.
    Raises InvalidInputError for anything else.
    """
    if isinstance(text, str):
        return _of_text(text)
    if hasattr(text, "get"):
        return _of_content(text.get("content"))
    if isinstance(text, (list, tuple)):
        if any(isinstance(message, (list, tuple)) for message in text):
            raise InvalidInputError("a list holds messages or texts, no lists")
        return sum(estimate_tokens(message) + PER_MESSAGE for message in text)
    kind = type(text).__name__
    raise InvalidInputError(f"a text, message or list is wanted, not {kind}")


def _of_text(text: str) -> int:
    if not text:
        return 0
    words, special, before = 1, 0, False
    for letter in text:
        space = letter in _SPACE
        words += space and not before
        special += not space and letter not in _PLAIN
        before = space
    return (13 * words + 5 * special + 5) // 10  # whole numbers: no float rounds


def _of_content(content: object) -> int:
    """Return the estimate of a message's content: a text, or a list of parts.

    Other parts than texts and images count nothing.
    """
    if content is None or isinstance(content, str):
        return _of_text(content or "")
    if not isinstance(content, (list, tuple)):
        kind = type(content).__name__
        raise InvalidInputError(f"content: text or parts are wanted, not {kind}")
    total = 0
    for part in content:
        fields = part if isinstance(part, dict) else {"text": part}
        text = fields.get("text")
        if fields.get("type") in _IMAGES:
            total += PER_IMAGE
        elif isinstance(text, str):
            total += _of_text(text)
    return total
