"""What may be a model id in a text: quoted strings, values, command-line flags."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from modeldex.usecases.lint.kinds import CONFIG, PROSE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# where a text stands: the value of a key that names a model; of one that may; of
# one that names a deployment of one; a string of its own; a comment, a key, prose
KEY, WEAK, DEPLOYED, LITERAL, MENTION = "key", "weak", "deployed", "literal", "mention"
KEYED = frozenset((KEY, WEAK, DEPLOYED))

_ID = r"[A-Za-z0-9@~][A-Za-z0-9/:@+._~-]{1,199}"
_QUOTED = re.compile(rf"""(["'`])({_ID})\\?\1""")
_FLAG = re.compile(
    rf"""(?<!-)--([\w-]{{0,40}}model[\w-]{{0,20}})[ =]["']?({_ID})(?![\w/:@+~-])"""
)
_BARE = re.compile(
    rf"""^[ \t]*(?:-[ \t]+)*(?:(?:export|ENV|ARG|set)[ \t]+)?"""
    rf"""(?:["']?([A-Za-z_][\w.-]*)["']?[ \t]*(?:[:?+]?=|:)[ \t]*|-[ \t]+)"""
    rf"""({_ID})[ \t\r]*,?(?:[ \t][#;].*)?$""",
    re.MULTILINE,
)
_ITEM = re.compile(rf"^[ \t]*-[ \t]+({_ID})[ \t\r]*(?:[ \t]#.*)?$", re.MULTILINE)
_LIST = re.compile(
    r"^[ \t]*(?:-[ \t]+)?([\w.-]+)[ \t]*:[ \t]*\[([^\]\n\"']*)\][ \t\r]*(?:#.*)?$",
    re.MULTILINE,
)
_PAIR = re.compile(rf"[{{,][ \t]*([\w.-]+)[ \t]*:[ \t]*({_ID})[ \t]*(?=[,}}])")
# variables of a shell: `ENV NAME id`, `NAME=id command`, `${NAME:-id}`
_ENV = re.compile(
    rf"^[ \t]*ENV[ \t]+([A-Za-z_]\w*)[ \t]+({_ID})[ \t\r]*$", re.MULTILINE
)
_SET = re.compile(rf"(?<![\w./$-])([A-Z_][A-Z0-9_]*)=({_ID})(?=[ \t\r\n\\]|\Z)")
_DEFAULT = re.compile(rf"\$\{{([A-Za-z_]\w*):?[-=]({_ID})\}}")
_WHOLE = re.compile(_ID)

_WINDOW = 64  # characters before a string in which its key is looked for
_LINE = 400  # characters before a string in which its line begins, or it is no matter
_HINT = re.compile(r"odel|ODEL|eploy|EPLOY|llm|LLM|ngine|NGINE")
_ASSIGNED = re.compile(
    r"""([A-Za-z_][\w.-]*)\\?["'`\]]*\s*"""
    r"""(?::\s*[\w.\[\] |&<>?]+=|:=|=>|===?|!==?|[:=])\s*[\[({]*\s*[bfru]?\\?$"""
)
_CALLED = re.compile(r"""([A-Za-z_]\w*)\\?["']?[(,]\s*\\?$""")
_IMPORTED = re.compile(r"\b(?:from|import|require|include|use)\b[\s(]*$")
_KEY_FOLLOWS = re.compile(r"[ \t]*(?::(?!:)|=>|=(?![=>]))")
_COMMENTED = ("#", "//", "/*", "*", "--", "<!--", ";", "%")
_COMMENT = re.compile(r"\s(?:#|//)\s")

# names of keys, in small letters without _ and -: those that name a model of this
# kind, endings of those that may name any other model, and of names of deployments
_STRONG = re.compile(
    r"(?:llm|chat|ai|openai|anthropic|claude|gemini|gpt|mistral|cohere|groq|bedrock"
    r"|litellm|ollama|openrouter|vertex|azureopenai|embeddings?|default|fallback|small"
    r"|large|fast|smart|big|judge|primary|secondary|completion|reasoning)*"
    r"(?:models?(?:ids?|names?)?|llm)"
)
_WEAK = re.compile(r".*models?(?:ids?|names?)?")
_DEPLOYED = re.compile(r".*(?:deployments?(?:ids?|names?)?|engine)")


class Occurrence(NamedTuple):
    """A text that may be an id, where it begins, and where it stands."""

    text: str
    start: int
    place: str


@lru_cache(maxsize=4096)
def strength(name: str) -> str:
    """Return how a value stands under a key of this name."""
    plain = name.rpartition(".")[2].replace("_", "").replace("-", "").lower()
    if _STRONG.fullmatch(plain):
        return KEY
    if _WEAK.fullmatch(plain):
        return WEAK
    return DEPLOYED if _DEPLOYED.fullmatch(plain) else LITERAL


def occurrences(
    text: str, kind: str, wanted: Callable[[str], bool]
) -> Iterator[Occurrence]:
    """Yield what may be an id, in no order; a text may come twice at one place.

    `wanted` tells of a text alone whether it is worth a look even without a key.
    """
    for match in _QUOTED.finditer(text):
        found, start = match[2], match.start()
        first = max(0, start - _WINDOW)
        if not wanted(found) and not _HINT.search(text, first, start):
            continue
        place = MENTION
        if kind != PROSE and not _is_mention(text, start, match.end()):
            place = _place(text[first:start])
        yield Occurrence(found, start + 1, place)
    if kind == PROSE:
        return
    for match in _FLAG.finditer(text):
        place = MENTION if _in_comment(text, match.start()) else KEY
        yield Occurrence(match[2].rstrip(".:"), match.start(2), place)
    if kind == CONFIG:
        yield from _bare(text, wanted)


def _place(window: str) -> str:
    """Return where a string stands after this text."""
    match = _ASSIGNED.search(window)
    if match:
        return strength(match[1])
    match = _CALLED.search(window)
    if match and strength(match[1]) != LITERAL:
        return WEAK if strength(match[1]) != DEPLOYED else DEPLOYED
    return LITERAL


def _is_mention(text: str, start: int, end: int) -> bool:
    """Tell whether a quoted string is a key, an import, or within a comment."""
    compared = text[max(0, start - 4) : start].rstrip().endswith(("==", "!="))
    if _KEY_FOLLOWS.match(text, end) and not compared:
        return True
    if _IMPORTED.search(text, max(0, start - 20), start):
        return True
    return _in_comment(text, start)


def _in_comment(text: str, start: int) -> bool:
    line = text.rfind("\n", max(0, start - _LINE), start) + 1
    if not line and start > _LINE:
        return False
    before = text[line:start]
    if before.lstrip().startswith(_COMMENTED):
        return True
    return ("# " in before or "// " in before) and bool(_COMMENT.search(before))


def _bare(text: str, wanted: Callable[[str], bool]) -> Iterator[Occurrence]:
    """Yield values without quotes, of YAML, INI and assignments."""
    for pattern in (_BARE, _PAIR, _ENV, _SET, _DEFAULT):
        for match in pattern.finditer(text):
            place = strength(match[1]) if match[1] else LITERAL
            if place == LITERAL and not wanted(match[2]):
                continue
            if pattern is not _BARE and _in_comment(text, match.start()):
                if pattern is not _PAIR:
                    continue
                place = MENTION
            yield Occurrence(match[2], match.start(2), place)
    for match in _ITEM.finditer(text):
        yield Occurrence(match[1], match.start(1), LITERAL)
    for match in _LIST.finditer(text):
        place = strength(match[1])
        for item in _WHOLE.finditer(match[2]):
            yield Occurrence(item[0], match.start(2) + item.start(), place)
