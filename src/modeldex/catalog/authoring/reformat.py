"""Canonical order and writing of a whole file, its comments kept where they belong."""

from __future__ import annotations

import re

from modeldex.catalog.authoring import render
from modeldex.catalog.authoring.conditions import canonical_text
from modeldex.catalog.authoring.layer import Finding
from modeldex.catalog.authoring.load import load_text
from modeldex.catalog.authoring.patch import Patch, UnwritableError
from modeldex.catalog.authoring.schema import (
    LEGACY_MODEL,
    LEGACY_PROVIDER,
    MODEL_KEYS,
    PROVIDER_KEYS,
)
from modeldex.catalog.authoring.spans import comments_in, read_nodes
from modeldex.errors import AuthoringError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from typing import Any

    from modeldex.catalog.authoring.spans import Node

    Pair = tuple[Node, Node]

_TRAILING = re.compile(r"[ \t]+(#[^\r\n]*)")
_PATH = "text.yaml"
_MODELS, _RATES, _CONTRACT = "models", "rates", "contract"


class _Remarks:
    """Comments of one key: lines above it, and one at the end of its line."""

    __slots__ = ("above", "behind")

    def __init__(self) -> None:
        self.above: list[str] = []
        self.behind: list[str] = []


class _Comments:
    """Where each comment of a text belongs: to a path of keys, or to an end."""

    def __init__(self, text: str) -> None:
        self.patch = Patch(text)
        self.header: list[str] = []
        self.tails: dict[tuple[str, ...], list[str]] = {}
        self._remarks: dict[tuple[str, ...], _Remarks] = {}
        self._parts: dict[tuple[str, ...], list[str]] = {}

    def of(self, *path: str) -> _Remarks:
        """Return the comments of a key, which the caller may add to."""
        if path not in self._remarks:
            self._parts.setdefault(path[:-1], []).append(path[-1])
            self._remarks[path] = _Remarks()
        return self._remarks[path]

    def below(self, path: tuple[str, ...], laid: Collection[str]) -> list[str]:
        """Return the comments within a key that belong to none of its laid parts."""
        left = [name for name in self._parts.get(path, ()) if name not in laid]
        remarks = [self._remarks[*path, name] for name in left]
        found = [line for one in remarks for line in (*one.above, *one.behind)]
        return [*found, *self.tails.get(path, ())]

    def tail(self, *path: str) -> list[str]:
        """Return the comments below the last key of a mapping."""
        return self.tails.setdefault(path, [])

    def read(self, root: Node) -> None:
        """Find all comments of the text."""
        text = self.patch.text
        if root.is_flow or not root.pairs:
            self.header += comments_in(text, 0, len(text), root)
            return
        below = self._read_pairs(root, (), (0, len(text)), LEGACY_PROVIDER)
        self.tail().extend(line.strip() for line in below)
        first = self.of(*_name(root.pairs[0][0], (), LEGACY_PROVIDER)).above
        if "" in first:
            cut = len(first) - first[::-1].index("")
            self.header += first[:cut]
            del first[:cut]

    def _read_pairs(
        self,
        node: Node,
        path: tuple[str, ...],
        region: tuple[int, int],
        legacy: Mapping[str, str],
    ) -> list[str]:
        """Read a block mapping's comments; return the lines below its last key."""
        pairs = node.pairs or []
        begins = [self.patch.line_start(key.start) for key, _ in pairs]
        gap = self._lines(region[0], begins[0])
        for (key, value), end in zip(pairs, [*begins[1:], region[1]], strict=True):
            name = _name(key, path, legacy)
            self.of(*name).above += [line.strip() for line in gap]
            gap = self._read_pair(key, value, name, end)
            if _holds_keys(name):
                column = key.start - self.patch.line_start(key.start)
                gap = self._keep_tail(name, gap, column)
        return gap

    def _read_pair(
        self, key: Node, value: Node, name: tuple[str, ...], end: int
    ) -> list[str]:
        """Read the comments of one key; return the lines below it."""
        remarks = self.of(*name)
        colon = self.patch.after_colon(key)
        if value.pairs and not value.is_flow and _holds_keys(name):
            self._behind(remarks, colon)
            region = (self.patch.next_line(key.end), end)
            inner = LEGACY_MODEL if len(name) == len((_MODELS, "id")) else {}
            return self._read_pairs(value, name, region, inner)
        if name == (_CONTRACT,) and self._is_list_of_lines(value):
            self._behind(remarks, colon)
            return self._read_items(value, (self.patch.next_line(key.end), end))
        remarks.above += comments_in(self.patch.text, colon, value.end, value)
        self._behind(remarks, value.end)
        return self._lines(self.patch.next_line(value.end), end)

    def _is_list_of_lines(self, value: Node) -> bool:
        starts = [item.start for item in value.items or ()]
        text, begin = self.patch.text, self.patch.line_start
        return bool(starts) and all(text[begin(s) : s].strip() == "-" for s in starts)

    def _read_items(self, node: Node, region: tuple[int, int]) -> list[str]:
        """Read the comments of a contract's rows; return the lines below the last."""
        items = node.items or []
        begins = [self.patch.line_start(item.start) for item in items]
        gap = self._lines(region[0], begins[0])
        ends = [*begins[1:], region[1]]
        for index, (item, end) in enumerate(zip(items, ends, strict=True)):
            remarks = self.of(_CONTRACT, str(index))
            remarks.above += [line.strip() for line in gap]
            remarks.above += comments_in(self.patch.text, item.start, item.end, item)
            self._behind(remarks, item.end)
            gap = self._lines(self.patch.next_line(item.end), end)
        return gap

    def _keep_tail(
        self, name: tuple[str, ...], gap: list[str], column: int
    ) -> list[str]:
        """Give the comments that are indented deeper than the key to its tail."""
        deeper = [
            index
            for index, line in enumerate(gap)
            if line and len(line) - len(line.lstrip()) > column
        ]
        cut = deeper[-1] + 1 if deeper else 0
        self.tail(*name).extend(line.strip() for line in gap[:cut])
        return gap[cut:]

    def _behind(self, remarks: _Remarks, position: int) -> None:
        match = _TRAILING.match(self.patch.text, position)
        if match:
            remarks.behind.append(match[1].rstrip())

    def _lines(self, start: int, end: int) -> list[str]:
        lines = self.patch.text[start:end].split("\n")
        if lines and not lines[-1]:
            lines.pop()
        marks = ("---", "...")
        return [line.rstrip() for line in lines if line.strip() not in marks]


def _holds_keys(name: tuple[str, ...]) -> bool:
    """Tell whether a path is `models`, a model, or a model's rates."""
    return name[0] == _MODELS and name[2:] in ((), (_RATES,))


def _name(
    key: Node, path: tuple[str, ...], legacy: Mapping[str, str]
) -> tuple[str, ...]:
    if path[2:] == (_RATES,):
        return (*path, canonical_text(key.key))
    target = legacy.get(key.key)
    return (*path, target.partition(".")[0] if target else key.key)


def format_text(text: str) -> str:
    """Return the file in canonical order and writing, every comment kept.

    A comment moves with the key or model below it, or on whose line it stands.
    Raises AuthoringError when the file has errors.
    """
    before = load_text(text.encode("utf-8", "surrogatepass"), _PATH)
    if before.errors:
        raise AuthoringError(before.errors)
    newline = "\r\n" if "\r\n" in before.text else "\n"
    body = before.text.replace("\r\n", "\n")
    comments = _Comments(body if body.endswith("\n") else body + "\n")
    root = read_nodes(comments.patch.text)
    try:
        if root is not None:
            comments.read(root)
    except UnwritableError as error:
        raise _unwritable(str(error)) from error
    keys = [key.key for key, _ in root.pairs or ()] if root else []
    provider = {
        k: v for k, v in before.provider.items() if k != "provider" or k in keys
    }
    models = before.models if _MODELS in keys else None
    lines = _laid_out(provider, models, comments)
    done = newline.join(lines) + newline
    after = load_text(done.encode(), _PATH)
    if (after.provider, after.models) != (before.provider, before.models):
        message = "the file cannot be formatted without a change of its facts"
        raise _unwritable(message)
    return done


def _unwritable(message: str) -> AuthoringError:
    return AuthoringError([Finding(_PATH, 1, "unwritable", message)])


def _laid_out(
    provider: dict[str, Any],
    models: dict[str, Any] | None,
    comments: _Comments,
) -> list[str]:
    lines = [*comments.header]
    if comments.header:
        lines.append("")
    _lay_keys(lines, (), "", provider, comments)
    if models is not None:
        _lay_line(
            lines, comments.of(_MODELS), "", "models:" if models else "models: {}"
        )
        for model_id in sorted(models):
            _lay_model(lines, model_id, models[model_id], comments)
        lines += _indented("  ", comments.tail(_MODELS))
    lines += comments.tail()
    return _without_spare_blanks(lines)


def _lay_model(
    lines: list[str], model_id: str, facts: dict[str, Any], comments: _Comments
) -> None:
    path = (_MODELS, model_id)
    head = f"{render.text(model_id, in_flow=False)}:"
    _lay_line(lines, comments.of(*path), "  ", head if facts else f"{head} {{}}")
    _lay_keys(lines, path, "    ", facts, comments)
    lines += _indented("    ", comments.tail(*path))


def _lay_keys(
    lines: list[str],
    path: tuple[str, ...],
    indent: str,
    facts: Mapping[str, Any],
    comments: _Comments,
) -> None:
    for key in MODEL_KEYS if path else PROVIDER_KEYS:
        remarks = comments.of(*path, key)
        if key not in facts:
            lines += _indented(indent, [*remarks.above, *remarks.behind])
            lines += _indented(indent, comments.below((*path, key), ()))
            continue
        _lay_line(lines, remarks, indent, render.block(key, facts[key])[0])
        if key in (_RATES, _CONTRACT):
            _lay_parts(lines, (*path, key), indent, facts[key], comments)


def _lay_parts(
    lines: list[str],
    path: tuple[str, ...],
    indent: str,
    value: Any,
    comments: _Comments,
) -> None:
    """Lay the lines of rates, or the rows of a contract."""
    parts = render.block(path[-1], value)[1:]
    names = list(render.rates(value)) if path[-1] == _RATES else None
    names = [str(i) for i in range(len(parts))] if names is None else names
    for name, part in zip(names, parts, strict=True):
        _lay_line(lines, comments.of(*path, name), indent + "  ", part[2:])
    lines += _indented(indent + "  ", comments.below(path, names))


def _lay_line(lines: list[str], remarks: _Remarks, indent: str, text: str) -> None:
    behind = remarks.behind[:1]
    lines += _indented(indent, [*remarks.above, *remarks.behind[1:]])
    lines.append("  ".join([indent + text, *behind]))


def _indented(indent: str, comments: Iterable[str]) -> list[str]:
    return [indent + comment if comment else "" for comment in comments]


def _without_spare_blanks(lines: list[str]) -> list[str]:
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    while kept and not kept[-1]:
        kept.pop()
    return kept
