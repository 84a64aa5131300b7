"""How ids look: those of known authors, those that can be one, those that cannot."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# how the ids of well-known authors begin
_LINES = (
    *("chatgpt", "gpt", "o1", "o3", "o4", "o5", "text-embedding", "text-davinci"),
    *("text-moderation", "davinci", "dall-e", "whisper", "tts", "sora"),
    *("claude", "gemini", "gemma", "learnlm", "imagen", "veo", "palm"),
    *("mistral", "mixtral", "codestral", "ministral", "magistral", "devstral"),
    *("pixtral", "voxtral", "command", "grok", "deepseek", "llama", "qwen", "qwq"),
    *("kimi", "glm", "jamba", "phi", "granite", "minimax", "nova", "titan", "sonar"),
)
_LINE = re.compile(rf"({'|'.join(sorted(_LINES, key=len, reverse=True))})(?=[-.:@\d])")
# what stands before the line: a path, a region, an author
_BEFORE = re.compile(
    r"(?:(?:us-gov|us|eu|apac|au|jp|ca|global)\.)?"
    r"(?:(?:ai21|amazon|anthropic|cohere|deepseek|google|meta|mistral|openai|qwen)\.)?"
)
_WORD = re.compile(r"[a-z]+|\d+")
_DIGIT, _LETTER = re.compile(r"\d"), re.compile(r"[A-Za-z]")
_SEPARATOR = re.compile(r"[-/:@]|\d\.\d|_")
_FILE = re.compile(
    r"\.(?:bin|c|cfg|conf|cpp|css|csv|db|dll|env|exe|gguf|ggml|gif|go|gz|h5|html?|ico"
    r"|ini|ipynb|java|jpe?g|jsx?|json[lc5]?|lock|log|lua|md|mjs|mp[34]|onnx|parquet|pb"
    r"|pdf|pkl|png|pth?|py[ci]?|rb|rs|rst|safetensors|sh|so|sql|sqlite|svg|tar|tflite"
    r"|toml|tsx?|ttf|txt|vue|wav|whl|woff2?|xml|ya?ml|zip)$",
    re.IGNORECASE,
)
_MARK = re.compile(r"[-/:@\d]")
_VERSION = re.compile(r"v\d+(?:\.\d+)*", re.IGNORECASE)
_HEX = re.compile(r"[0-9a-f-]{16,}", re.IGNORECASE)
_STAND_INS = frozenset(
    (
        *("custom", "demo", "dummy", "example", "fake", "foo", "mock", "my"),
        *("placeholder", "sample", "some", "stub", "test", "testing", "xxx", "your"),
    )
)


def can_be_id(text: str) -> bool:
    """Tell whether a value of a `model` key can be the id of a model.

    It has a letter, and a separator or a digit; it is no URL, file, number in hex,
    bare version nor stand-in (`my-model`, `test-model`). Words that `_` and `.` alone
    join are names of tables (`shop_app.order_line`).
    """
    if not _LETTER.search(text) or "://" in text or _FILE.search(text):
        return False
    if _HEX.fullmatch(text) or "//" in text or text[-1] in "-./:_":
        return False
    words = _WORD.findall(text.lower())
    if _STAND_INS.intersection(words):
        return False
    return bool(_MARK.search(text)) and not _VERSION.fullmatch(text)


def is_distinctive(text: str) -> bool:
    """Tell whether text is an id even where nothing says so: digits and separators."""
    return bool(_DIGIT.search(text) and _SEPARATOR.search(text))


@lru_cache(maxsize=65536)
def line_of(text: str) -> str | None:
    """Return the line of models that an id begins with (`gpt`, `claude`), or None."""
    last = text.lower().rpartition("/")[2]
    before = _BEFORE.match(last)
    match = _LINE.match(last, before.end() if before else 0)
    return match[1] if match else None


class Forms:
    """The words that ids of each line are made of, as a catalogue has them."""

    __slots__ = ("_words",)

    def __init__(self, ids: Iterable[str]) -> None:
        self._words: dict[str, set[str]] = {}
        for text in ids:
            line = line_of(text)
            if line:
                words = _WORD.findall(text.lower().rpartition("/")[2])
                self._words.setdefault(line, set()).update(words)

    def has_form(self, text: str) -> bool:
        """Tell whether text is made like an id of its line: its words and a version.

        `gpt-4o-2099-01-01` is; `gpt-4-badge`, `gpt-tokenizer` and a name for people,
        `GPT-4`, are not.
        """
        line = line_of(text)
        if line is None or line not in text:
            return False
        if not can_be_id(text) or not is_distinctive(text):
            return False
        known = self._words.get(line, set())
        words = _WORD.findall(text.lower().rpartition("/")[2])
        return all(word.isdigit() or word in known for word in words)
