"""Findings of a file under reading, and the lines of the places they name."""

from __future__ import annotations

from difflib import get_close_matches

import yaml
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from modeldex.catalog.authoring.events import FATAL_DEPTH, FLOW_LINE, open_events
from modeldex.catalog.authoring.layer import ERROR, WARNING, Finding
from modeldex.catalog.authoring.schema import MAX_KEY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    Where = tuple[object, ...]

MAX_FINDINGS = 1000
_SHOWN = 60
_COMPLEX = object()  # a key that is no text


def show(text: object) -> str:
    """Quote hostile text for a message: one line, at most 60 characters."""
    shown = str(text)
    if len(shown) > _SHOWN:
        shown = shown[: _SHOWN - 3] + "..."
    return ascii(shown) if not shown.isprintable() else f"'{shown}'"


class Notes:
    """Findings of one file, some still waiting for their line."""

    __slots__ = ("_findings", "_pending", "_refused", "_worst", "path")

    def __init__(self, path: str) -> None:
        self.path = path
        self._findings: list[Finding] = []
        self._pending: list[tuple[Where, str, str, str]] = []
        self._refused = 0
        self._worst = WARNING  # of those that are only counted

    @property
    def count(self) -> int:
        """The number of findings so far."""
        return len(self._findings) + len(self._pending) + self._refused

    @property
    def full(self) -> bool:
        """Tell whether further findings are only counted."""
        return self.count >= MAX_FINDINGS

    def at_line(
        self, line: int, code: str, message: str, severity: str = ERROR
    ) -> None:
        """Note a finding whose line (1-based) is known."""
        if self.full:
            self._refuse(severity)
        else:
            self._findings.append(Finding(self.path, line, code, message, severity))

    def add(self, where: Where, code: str, message: str, severity: str = ERROR) -> None:
        """Note a finding at a path of keys and indexes."""
        if self.full:
            self._refuse(severity)
        else:
            self._pending.append((where, code, message, severity))

    def _refuse(self, severity: str) -> None:
        self._refused += 1
        if severity == ERROR:
            self._worst = ERROR

    def warn(self, where: Where, code: str, message: str) -> None:
        """Note a warning at a path of keys and indexes."""
        self.add(where, code, message, WARNING)

    def hint(self, name: str, known: Iterable[str]) -> str:
        """Return `; did you mean X?` for a near name, or nothing."""
        if self.full:
            return ""
        near = get_close_matches(name[:MAX_KEY].lower(), list(known), 1)
        return f"; did you mean {near[0]}?" if near else ""

    def findings(self, text: str) -> list[Finding]:
        """Return all findings in order, their lines looked up in the text."""
        lines = locate(text, [where for where, *_ in self._pending])
        found = [
            Finding(self.path, lines[where], code, message, severity)
            for where, code, message, severity in self._pending
        ]
        found += self._findings
        if self._refused:
            message = f"{self._refused} more findings are not shown"
            found.append(Finding(self.path, 1, "too_many", message, self._worst))
        found.sort()
        return found


def locate(text: str, wanted: Iterable[Where]) -> dict[Where, int]:
    """Return the line (1-based) of each path of keys and indexes.

    A path that the text lacks gets the line of its longest known beginning.
    """
    paths = set(wanted)
    if not paths:
        return {}
    known = _lines_of({path[:n] for path in paths for n in range(len(path) + 1)}, text)
    found = {}
    for path in paths:
        size = len(path)
        while size and path[:size] not in known:
            size -= 1
        found[path] = known.get(path[:size], 1)
    return found


class _Frame:
    """A collection being read: its path, and the key or index that comes next."""

    __slots__ = ("in_key", "is_mapping", "key", "path")

    def __init__(self, path: Where, *, is_mapping: bool) -> None:
        self.path = path
        self.is_mapping = self.in_key = is_mapping
        self.key: object = None if is_mapping else -1

    def advance(self, event: Any) -> Where:
        """Take the next node in; return its path."""
        if not self.is_mapping:
            self.key += 1  # type: ignore[operator]
        elif self.in_key:
            self.key = getattr(event, "value", _COMPLEX)
        if self.is_mapping:
            self.in_key = not self.in_key
        return (*self.path, self.key)


def _lines_of(wanted: set[Where], text: str) -> dict[Where, int]:
    known: dict[Where, int] = {}
    next_event = open_events(FLOW_LINE.sub(r'\1""', text))  # same lines, fewer events
    frames: list[_Frame] = []
    try:
        while (event := next_event()) is not None and len(frames) <= FATAL_DEPTH:
            kind = event.__class__
            if kind is MappingEndEvent or kind is SequenceEndEvent:
                frames.pop()
            elif kind in (
                ScalarEvent,
                AliasEvent,
                MappingStartEvent,
                SequenceStartEvent,
            ):
                path = frames[-1].advance(event) if frames else ()
                if path in wanted and path not in known:
                    known[path] = event.start_mark.line + 1
                    if len(known) == len(wanted):
                        break
                if kind not in (ScalarEvent, AliasEvent):
                    frames.append(_Frame(path, is_mapping=kind is MappingStartEvent))
    except (yaml.YAMLError, ValueError, OverflowError):
        pass
    return known
