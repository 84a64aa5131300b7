"""YAML text as a tree of nodes with character spans, for edits of the text itself."""

from __future__ import annotations

import re

from yaml.events import (
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from modeldex.catalog.authoring.events import open_events
from modeldex.catalog.authoring.parse import Quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_COMMENT = re.compile(r"(?:^|(?<=[\s\[\]{},:]))#[^\r\n]*", re.MULTILINE)


class Node:
    """A value in the text: its span, and its parts.

    `pairs` are a mapping's keys and values, `items` a list's; `scalar` is the text of
    a leaf. The span of a block collection ends with its last leaf.
    """

    __slots__ = ("end", "is_flow", "items", "pairs", "scalar", "start")

    def __init__(self, start: int, end: int, *, is_flow: bool = False) -> None:
        self.start = start
        self.end = end
        self.is_flow = is_flow
        self.scalar: str | None = None
        self.pairs: list[tuple[Node, Node]] | None = None
        self.items: list[Node] | None = None

    @property
    def key(self) -> str:
        """The text of a leaf used as a key; empty for anything else."""
        return str(self.scalar or "")

    @property
    def raw(self) -> Any:
        """The value as `parse` would give it."""
        if self.pairs is not None:
            raw: dict[str, Any] = {}
            for key, value in self.pairs:
                raw.setdefault(key.key, value.raw)
            return raw
        if self.items is not None:
            return [item.raw for item in self.items]
        return self.scalar

    def find(self, name: str) -> tuple[Node, Node] | None:
        """Return the pair of a mapping's key, if it is there."""
        for pair in self.pairs or ():
            if pair[0].key == name:
                return pair
        return None

    def leaves(self) -> list[Node]:
        """Return the scalars inside, in order of the text."""
        if self.pairs is not None:
            return [leaf for pair in self.pairs for n in pair for leaf in n.leaves()]
        if self.items is not None:
            return [leaf for item in self.items for leaf in item.leaves()]
        return [self]


def read_nodes(text: str) -> Node | None:
    """Return the root node of a text that `load` reads without structural findings."""
    next_event = open_events(text)
    root: Node | None = None
    stack: list[tuple[Node, Node | None]] = []  # a collection, its key read last
    while (event := next_event()) is not None:
        kind = event.__class__
        if kind is MappingEndEvent or kind is SequenceEndEvent:
            node, _ = stack.pop()
            _close(node, event)
            continue
        if kind not in (ScalarEvent, MappingStartEvent, SequenceStartEvent):
            continue
        node = _open_node(event, text)
        root = root or node
        _attach(stack, node)
        if node.scalar is None:
            stack.append((node, None))
    return root


def _open_node(event: Any, text: str) -> Node:
    start, end = event.start_mark.index, event.end_mark.index
    if event.__class__ is ScalarEvent:
        node = Node(start, end)
        node.scalar = Quoted(event.value) if event.style else event.value
        if event.style in ("|", ">"):
            node.end = start + len(text[start:end].rstrip())
        return node
    node = Node(start, end, is_flow=bool(event.flow_style))
    if event.__class__ is MappingStartEvent:
        node.pairs = []
    else:
        node.items = []
    return node


def _attach(stack: list[tuple[Node, Node | None]], node: Node) -> None:
    if not stack:
        return
    parent, key = stack[-1]
    if parent.items is not None:
        parent.items.append(node)
    elif key is None:
        stack[-1] = (parent, node)
    elif parent.pairs is not None:
        parent.pairs.append((key, node))
        stack[-1] = (parent, None)


def _close(node: Node, event: Any) -> None:
    if node.is_flow:
        node.end = event.end_mark.index
    elif node.pairs:
        node.start, node.end = node.pairs[0][0].start, node.pairs[-1][1].end
    elif node.items:
        node.end = node.items[-1].end


def comments_in(text: str, start: int, end: int, node: Node) -> list[str]:
    """Return the comments between two places that are outside the node's leaves."""
    found: list[str] = []
    if "#" not in text[start:end]:
        return found
    position = start
    for leaf in [*node.leaves(), Node(end, end)]:
        found += _COMMENT.findall(text, position, min(leaf.start, end))
        if leaf.scalar is not None and text[leaf.start : leaf.start + 1] in "|>":
            head = text[leaf.start : leaf.end].partition("\n")[0]
            found += _COMMENT.findall(head)
        position = max(position, leaf.end)
    return [comment.rstrip() for comment in found]
