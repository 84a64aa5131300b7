"""`modeldex: ignore` in a line, or in a comment above it, silences what is found."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from modeldex.usecases.lint.finding import CODES

if TYPE_CHECKING:
    from modeldex.usecases.lint.lines import Lines

_MARK = re.compile(r"modeldex:[ \t]*ignore(?:\[([\w, \t-]*)\])?")
_COMMENT_ALONE = re.compile(r"[ \t]*(?:#|//|/\*|\*|--|<!--|;|%|\{/\*)[ \t]*$")
_INDENT = 400  # columns within which a comment that stands alone begins


def silenced(text: str, lines: Lines) -> dict[int, set[str]]:
    """Return the codes that are silenced, by line, from 1.

    `ignore` stands for all, `ignore[unknown, retired]` for those. A line that holds
    nothing else silences the next one too.
    """
    silent: dict[int, set[str]] = {}
    for match in _MARK.finditer(text):
        line, column = lines.at(match.start())
        start = match.start() - column + 1
        is_near = column <= _INDENT
        codes = set(CODES)
        if match[1] is not None:
            codes = {code.strip() for code in match[1].split(",")}
        silent.setdefault(line, set()).update(codes)
        if is_near and _COMMENT_ALONE.match(text, start, match.start()):
            silent.setdefault(line + 1, set()).update(codes)
    return silent
