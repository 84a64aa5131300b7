"""Changes to a text by character spans: everything outside them stays as it is."""

from __future__ import annotations

import re

from modeldex.catalog.authoring.spans import Node, comments_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    Pair = tuple[Node, Node]
    Span = tuple[int, int]

_COLON = re.compile(r"[ \t]*:")
_BLOCK_LEAD = re.compile(r" *(?:- +)?")
_COMMA = re.compile(r"(?:\s|#[^\n]*(?=\n))*,")


class UnwritableError(Exception):
    """The text's shape does not allow the change."""


class Patch:
    """Collects changes of a text that ends with a line end; `apply` makes them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self._changes: list[tuple[int, int, str]] = []

    def replace(self, start: int, end: int, new: str) -> None:
        """Put new text in place of a span."""
        self._changes.append((start, end, new))

    def insert_lines(self, position: int, lines: Sequence[str]) -> None:
        """Put whole lines where a line begins."""
        self.replace(position, position, "".join(n + self.newline for n in lines))

    def line_start(self, position: int) -> int:
        """Return where the line of a position begins."""
        return self.text.rfind("\n", 0, position) + 1

    def next_line(self, position: int) -> int:
        """Return where the line after a position begins."""
        return self.text.find("\n", position) + 1 or len(self.text)

    def lead(self, position: int) -> str:
        """Return what stands before a block element: its indent, and a list's dash.

        Raises UnwritableError when something else stands there.
        """
        lead = self.text[self.line_start(position) : position]
        if not _BLOCK_LEAD.fullmatch(lead):
            message = "the element does not begin its line"
            raise UnwritableError(message)
        return lead

    def after_colon(self, key: Node) -> int:
        """Return the position behind a key's colon."""
        match = _COLON.match(self.text, key.end)
        if not match:
            message = f"key {key.key} has no colon behind it"
            raise UnwritableError(message)
        return match.end()

    def apply(self) -> str:
        """Return the changed text; raises UnwritableError where changes overlap."""
        parts = []
        position = 0
        for start, end, new in sorted(self._changes, key=lambda change: change[:2]):
            if start < position:
                message = "changes overlap"
                raise UnwritableError(message)
            parts += [self.text[position:start], new]
            position = end
        return "".join(parts) + self.text[position:]

    def replace_value(self, pair: Pair, written: str) -> None:
        """Write another value behind a key; comments within the old one move up."""
        key, node = pair
        colon = self.after_colon(key)
        in_block = node.scalar is None and not node.is_flow
        in_block = in_block or "\n" in self.text[colon : node.start]
        in_block = in_block or self.text[node.start : node.start + 1] in ("|", ">")
        start = colon if in_block or node.start == node.end else node.start
        self.move_up(key, comments_in(self.text, colon, node.end, node))
        space = " " if written and start == colon else ""
        self.replace(start, node.end, space + written)

    def move_up(self, key: Node, comments: list[str]) -> None:
        """Write comments on lines of their own above a key."""
        begin = self.line_start(key.start)
        line = self.text[begin : key.start]
        indent = line[: len(line) - len(line.lstrip(" "))]
        if comments:
            self.insert_lines(begin, [indent + comment for comment in comments])

    def splice(
        self,
        node: Node,
        removed: set[int],
        inserted: list[tuple[int, str]],
        holder: Node | None,
    ) -> None:
        """Remove elements of a collection and write new ones after kept ones.

        `inserted` holds the index of the element before (-1: at the beginning) and
        the text. `holder` is the key of the collection.
        """
        spans = spans_of(node)
        if node.is_flow:
            self._splice_flow(node, spans, removed, inserted, holder)
            return
        lead = self.lead(spans[0][0])
        for index in removed:
            start, end = spans[index]
            self.lead(start)
            self.replace(self.line_start(start), self.next_line(end), "")
        if holder is None:
            first = self.line_start(spans[0][0])
        else:
            first = self.next_line(holder.end)
        for after, written in inserted:
            place = first if after < 0 else self.next_line(spans[after][1])
            self.insert_lines(place, (lead + written).split("\n"))
        if len(removed) == len(spans) and not inserted:
            if holder is None:
                message = "a file cannot lose all its keys"
                raise UnwritableError(message)
            colon = self.after_colon(holder)
            self.replace(colon, colon, " []" if node.items is not None else " {}")

    def _splice_flow(
        self,
        node: Node,
        spans: list[Span],
        removed: set[int],
        inserted: list[tuple[int, str]],
        holder: Node | None,
    ) -> None:
        kept = [index for index in range(len(spans)) if index not in removed]
        if not kept:
            if holder is not None:
                self.move_up(holder, comments_in(self.text, node.start, node.end, node))
            written = ", ".join(new for _, new in inserted)
            self.replace(node.start + 1, node.end - 1, written)
            return
        for index in removed:
            self._remove_flow(spans, index, is_last=index > kept[-1])
        for after, written in inserted:
            if after < 0:
                self.replace(spans[kept[0]][0], spans[kept[0]][0], f"{written}, ")
            else:
                self.replace(spans[after][1], spans[after][1], f", {written}")

    def _remove_flow(self, spans: list[Span], index: int, *, is_last: bool) -> None:
        start, end = spans[index]
        if is_last:
            start = self._comma(spans[index - 1][1])
        else:
            end = self._comma(end) + 1
            while self.text[end : end + 1] in (" ", "\t"):
                end += 1
        self.replace(start, end, "")

    def _comma(self, position: int) -> int:
        match = _COMMA.match(self.text, position)
        if not match:
            message = "there is no comma between the elements"
            raise UnwritableError(message)
        return match.end() - 1


def spans_of(node: Node) -> list[Span]:
    """Return where each element of a collection begins and ends."""
    if node.pairs is not None:
        return [(key.start, value.end) for key, value in node.pairs]
    return [(item.start, item.end) for item in node.items or ()]
