"""YAML text to plain mappings, lists and text, refusing everything clever.

PyYAML is used for its events only: no tag, anchor, alias or merge key gets
through, and no object is built but `dict`, `list`, `str` and `Quoted`. Scalars
stay text; `fields` types them. Lines are looked up afterwards
(`notes.locate`), and only for the places that a finding names.
"""

from __future__ import annotations

import re
from copy import deepcopy
from functools import lru_cache
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from modeldex.catalog.authoring.events import FATAL_DEPTH, FLOW_LINE, open_events
from modeldex.catalog.authoring.notes import Notes, show
from modeldex.catalog.authoring.schema import MAX_DEPTH, MAX_SCALAR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_FLOW_DEPTH = 4
_IN_MODEL = 3  # file, models, model
_MARK = "\ue000"
_PLAIN_BYTES = bytes((9, 10, *range(32, 127)))
_REPLACED = "\ufffd"
_BAD_CHARACTERS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]"
    "|\r(?!\n)"
)
_NO_KEY = object()  # in a mapping, before the next key
_ITEM = object()  # in a list
_SKIP = object()  # key of a value that is dropped


class Quoted(str):
    """Text that stood in quotes (or in a block scalar)."""

    __slots__ = ()


class TooDeepError(Exception):
    """Nesting is so deep that reading on would take too long."""


class Flow(dict[str, Any]):
    """A mapping that stood on one line, shared by all places that say the same.

    `typed` keeps what the mapping means as the value of a key.
    """

    __slots__ = ("typed",)

    def __init__(self, content: dict[str, Any]) -> None:
        super().__init__(content)
        self.typed: dict[str, dict[str, Any]] = {}


def decode(data: bytes, notes: Notes) -> tuple[str, bool]:
    """Return the text, and whether characters in it had to be replaced.

    A byte or character that text may not hold becomes U+FFFD, with a finding.
    """
    replaced = False
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        notes.at_line(line, "not_utf8", message)
        text = data.decode("utf-8", "replace")
        replaced = True
    text = text.removeprefix("\ufeff")
    if data.translate(None, _PLAIN_BYTES) and _BAD_CHARACTERS.search(text):
        _note_characters(text, notes)
        text = _BAD_CHARACTERS.sub(_REPLACED, text)
        replaced = True
    return text, replaced


def _note_characters(text: str, notes: Notes) -> None:
    for number, line in enumerate(text.split("\n"), 1):
        bad = _BAD_CHARACTERS.search(line.removesuffix("\r"))
        if bad:
            message = f"character U+{ord(bad[0]):04X} is not allowed; remove it"
            notes.at_line(number, "control_character", message)
        if notes.full:
            return


def has_bad_character(text: str) -> bool:
    """Tell whether text holds a character that no file may hold."""
    return _BAD_CHARACTERS.search(text) is not None


def parse(text: str, notes: Notes, *, replaced: bool = False) -> Builder | None:
    """Return the file's content as a finished Builder, or None if it is no YAML."""
    if not replaced and (quick := _parse_shortened(text)):
        return quick
    try:
        builder = Builder(text, notes, replaced=replaced)
        builder.run()
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        line = _line_of(error)
        problem = getattr(error, "problem", None) or "the file is not YAML"
        notes.at_line(min(line, text.count("\n") + 1), "not_yaml", show(problem)[1:-1])
        return None
    except TooDeepError:
        return None
    return builder


def _line_of(error: Any) -> int:
    for name in ("problem_mark", "context_mark"):
        mark: Any = getattr(error, name, None)
        if mark:
            return int(mark.line) + 1
    return 1


@lru_cache(maxsize=8192)
def flow_of(text: str) -> Flow | None:
    """Return what a flow mapping of one line says; None when anything is odd.

    Callers share the result and must not change it.
    """
    notes = Notes("")
    try:
        builder = Builder(text, notes)
        builder.run()
    except (yaml.YAMLError, ValueError, OverflowError, TooDeepError):
        return None
    if notes.count or len(builder.roots) != 1 or builder.deepest > _FLOW_DEPTH:
        return None
    root = builder.roots[0]
    return Flow(root) if root.__class__ is dict else None


def _parse_shortened(text: str) -> Builder | None:
    """Parse with each one-line flow mapping read once, however often it occurs.

    Such a mapping is replaced by a quoted placeholder, which may stand wherever a
    mapping may. None when anything is odd: then the text must be parsed as it is.
    """
    if _MARK in text or "\\" in text:
        return None
    flows: list[Any] = []

    def shorten(match: re.Match[str]) -> str:
        flow = flow_of(match[2])
        if flow is None:
            return match[0]
        flows.append(flow)
        return f'{match[1]}"{_MARK}{len(flows) - 1}"'

    shortened = FLOW_LINE.sub(shorten, text)
    notes = Notes("")
    try:
        builder = Builder(shortened, notes, flows=flows)
        builder.run()
    except (yaml.YAMLError, ValueError, OverflowError, TooDeepError):
        return None
    odd = notes.count or builder.placed != len(flows)
    return None if odd or builder.deepest > MAX_DEPTH - _FLOW_DEPTH else builder


class Builder:
    """Builds plain mappings and lists from events; `roots` holds the documents.

    `lines` maps each key of the top-level `models` mapping to its line.
    """

    __slots__ = (
        "_careful",
        "_flows",
        "_longest",
        "_models",
        "_next",
        "_notes",
        "_replaced",
        "_stack",
        "deepest",
        "lines",
        "placed",
        "roots",
    )

    def __init__(
        self,
        text: str,
        notes: Notes,
        *,
        replaced: bool = False,
        flows: Sequence[Any] = (),
    ) -> None:
        self.deepest = self.placed = 0
        self._flows = flows
        self.roots: list[Any] = []
        self.lines: dict[str, int] = {}
        self._notes = notes
        self._next = open_events(text)
        self._replaced = replaced
        self._careful = replaced or "\\" in text or "<<" in text
        self._longest = MAX_SCALAR if len(text) > MAX_SCALAR else 0
        self._stack: list[tuple[Any, Any]] = []
        self._models: dict[str, Any] | None = None

    def run(self) -> None:
        """Read all events; raises what PyYAML raises, or TooDeepError."""
        next_event, lines = self._next, self.lines
        careful, longest = self._careful, self._longest
        box: Any = self.roots
        key: Any = _ITEM
        while True:
            event = next_event()
            if event.__class__ is not ScalarEvent:
                if event is None:
                    return
                box, key = self._structure(event, box, key)
                continue
            if (
                careful
                or event.tag is not None
                or event.anchor is not None
                or (longest and len(event.value) > longest)
            ) and not self._accept(event, key):
                key = _after_refusal(key)
            elif key is _NO_KEY:
                key = event.value
                if key in box:
                    key = self._duplicate(event)
                elif box is self._models:
                    lines[key] = 1 + event.start_mark.line  # type: ignore[union-attr]
            else:
                value = self._quoted(event.value, key) if event.style else event.value
                if key is _ITEM:
                    box.append(value)
                else:
                    box[key] = value
                    key = _NO_KEY

    def _quoted(self, value: str, key: Any) -> Any:
        if not self._flows or value[:1] != _MARK:
            return Quoted(value)
        flow = self._flows[int(value[1:])]
        stack = self._stack
        if len(stack) == _IN_MODEL and stack[2][0] is self._models:
            self.placed += 1
            return flow  # the value of a model's key
        if len(stack) > 1 or key != "models":
            self.placed += 1
        return deepcopy(dict(flow))

    def _structure(self, event: Any, box: Any, key: Any) -> tuple[Any, Any]:
        kind = event.__class__
        if kind is MappingStartEvent or kind is SequenceStartEvent:
            return self._enter(event, box, key)
        if kind is MappingEndEvent or kind is SequenceEndEvent:
            if kind is MappingEndEvent:
                box.pop(_SKIP, None)
            box, key = self._stack.pop()
            return box, key if key is _ITEM else _NO_KEY
        if kind is AliasEvent:
            self._note(event, "alias", f"write the value instead of *{event.anchor}")
            return box, _after_refusal(key)
        if kind is DocumentStartEvent:
            self._check_document(event)
        return box, key

    def _enter(self, event: Any, box: Any, key: Any) -> tuple[Any, Any]:
        refusal = self._refusal(event, key)
        if refusal:
            self._note(event, *refusal)
            self._skip(event)
            return box, _after_refusal(key)
        is_mapping = event.__class__ is MappingStartEvent
        new: Any = {} if is_mapping else []
        stack = self._stack
        if is_mapping and len(stack) == len(self.roots) == 1 and key == "models":
            self._models = new
        if key is _ITEM:
            box.append(new)
        else:
            box[key] = new
        stack.append((box, key))
        self.deepest = max(self.deepest, len(stack))
        return new, _NO_KEY if is_mapping else _ITEM

    def _refusal(self, event: Any, key: Any) -> tuple[str, str] | None:
        if event.tag is not None:
            return "tag", f"remove the tag {show(event.tag)}"
        if event.anchor is not None:
            return "anchor", f"remove the anchor &{event.anchor}"
        if key is _NO_KEY:
            return "bad_key", "a key must be plain text"
        if len(self._stack) >= MAX_DEPTH:
            return "too_deep", f"values may be nested {MAX_DEPTH} levels deep"
        return None

    def _accept(self, event: Any, key: Any) -> bool:
        value = event.value
        if event.tag is not None:
            refusal = ("tag", f"remove the tag {show(event.tag)}")
        elif event.anchor is not None:
            refusal = ("anchor", f"remove the anchor &{event.anchor}")
        elif key is _NO_KEY and value == "<<" and not event.style:
            refusal = ("merge_key", "write the merged values out")
        elif len(value) > MAX_SCALAR:
            refusal = ("too_large", f"text may have {MAX_SCALAR} characters")
        elif has_bad_character(value) or (self._replaced and _REPLACED in value):
            refusal = ("control_character", f"remove the character from {show(value)}")
        else:
            return True
        self._note(event, *refusal)
        return False

    def _duplicate(self, event: Any) -> Any:
        message = f"{show(event.value)} is given twice; remove one"
        self._note(event, "duplicate_key", message)
        return _SKIP

    def _check_document(self, event: Any) -> None:
        if event.version or event.tags:
            self._note(event, "directive", "remove the % line")
        if self.roots:
            self._note(event, "several_documents", "a file holds one document")

    def _note(self, event: Any, code: str, message: str) -> None:
        self._notes.at_line(event.start_mark.line + 1, code, message)

    def _skip(self, event: Any) -> None:
        depth = 1
        while depth:
            kind = self._next().__class__
            if kind is MappingStartEvent or kind is SequenceStartEvent:
                depth += 1
                if depth + len(self._stack) > FATAL_DEPTH:
                    message = f"nested more than {FATAL_DEPTH} levels; nothing is read"
                    self._note(event, "too_deep", message)
                    raise TooDeepError
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                depth -= 1


def _after_refusal(key: Any) -> Any:
    if key is _ITEM:
        return _ITEM
    return _SKIP if key is _NO_KEY else _NO_KEY
