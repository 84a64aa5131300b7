"""Offsets in a text to lines and columns, from 1."""

from __future__ import annotations

from bisect import bisect_right


class Lines:
    """The beginnings of a text's lines, found when they are first asked for."""

    __slots__ = ("_starts", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts: list[int] = []

    def at(self, offset: int) -> tuple[int, int]:
        """Return the line and the column, in characters, of an offset."""
        if not self._starts:
            self._starts = [0]
            end = self._text.find("\n")
            while end >= 0:
                self._starts.append(end + 1)
                end = self._text.find("\n", end + 1)
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1
