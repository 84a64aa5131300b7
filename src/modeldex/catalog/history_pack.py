"""Changes in, bytes of a packed history out: a pure function of its arguments."""

from __future__ import annotations

import json
import lzma
from array import array
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from zlib import crc32

from modeldex.catalog.history import (
    FILTER,
    FORMAT,
    GROUP,
    HEADER_SIZE,
    MAGIC,
    NONE,
    moment_text,
)
from modeldex.catalog.merging.merge import PRESENCE
from modeldex.catalog.merging.past import Said, joined, serve
from modeldex.domain.change import CATALOG, KINDS, dump
from modeldex.domain.model import COLUMNS
from modeldex.domain.pricing import METERS, WORDS
from modeldex.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from modeldex.catalog.line import Step
    from modeldex.catalog.merging.claims import Key
    from modeldex.domain.change import Change

# what a step may be of
NAMES = (*COLUMNS, PRESENCE, *(f"pricing.{name}" for name in (*WORDS, *METERS)))
_COMMON = 3  # groups in which a text occurs to be kept once for all
_BIG = array("H", [1]).tobytes() != b"\x01\x00"

_Row = tuple[Said, Any]  # what is said, and the value before


def pack(
    changes: Iterable[Change], tick: Callable[[int, int], None] | None = None
) -> bytes:
    """Pack changes of sources into the bytes of a history; equal ones, equal bytes.

    A change's source is the name that its new fact has, else its old one. That a model
    appeared, is missing, came back or retired at a source is a change of field "" with
    `Fact(None, source)` as new. A whole model (its facts as the new value of field "")
    is taken apart. Changes may come in any order. `tick` is told how many models of how
    many are done. Raises InvalidInputError for a change without source or time.
    """
    rows = _gathered(changes)
    served = _joined(rows)
    many = len(served)
    done = 0

    def told() -> None:
        nonlocal done
        done += 1
        if tick is not None:
            tick(done, many)

    said = {
        key: sorted((r[0] for r in found), key=_in_time)
        for key, found in served.items()
    }
    steps = dict(serve(said, told))
    packer = _Packer(rows, steps)
    return packer.packed()


def _in_time(row: Said) -> tuple[str, str, str, str]:
    return row.observed, row.source, row.field, row.effective or ""


def _gathered(changes: Iterable[Change]) -> dict[Key, list[_Row]]:
    """Return what is said of each model, whole models taken apart."""
    rows: dict[Key, list[_Row]] = {}
    for change in changes:
        found = rows.setdefault((change.provider, change.model), [])
        found += _rows(change)
    return rows


def _rows(change: Change) -> Iterable[_Row]:
    old, new = change.old, change.new
    source = new.source if new is not None and new.source else old and old.source
    whole = not change.field and isinstance(new and new.value, dict)
    if whole and not source and new is not None:
        source = next((fact.source for fact in new.value.values()), None)
    if not isinstance(source, str) or not change.observed_at or change.layer != CATALOG:
        message = (
            f"{change.ref}: {change.field or change.kind}: a change of the history "
        )
        raise InvalidInputError(
            message + "needs its source, its time and layer catalog"
        )
    seen = moment_text(change.observed_at)
    start = moment_text(change.effective_at) if change.effective_at else None
    if whole and new is not None:
        yield Said(seen, source, "", None, change.kind, start), None
        for field, fact in new.value.items():
            by = fact.source if isinstance(fact.source, str) else source
            yield Said(seen, by, field, fact.value, "first_known", start), None
        return
    value = None if new is None or not change.field else new.value
    before = None if old is None or not change.field else old.value
    yield Said(seen, source, change.field, value, change.kind, start), before


def _joined(rows: dict[Key, list[_Row]]) -> dict[Key, list[_Row]]:
    """Return what is said of the models that are served, by the key they are under.

    `rows` are moved to these keys, too; what a source says under a second spelling
    stays there, and is not served.
    """
    by_source: dict[str, set[Key]] = {}
    for key, found in rows.items():
        for row, _ in found:
            by_source.setdefault(row.source, set()).add(key)
    places = joined({source: sorted(keys) for source, keys in by_source.items()})
    served: dict[Key, list[_Row]] = {}
    moved: dict[Key, list[_Row]] = {}
    for key, found in rows.items():
        for said in found:
            place = places.get((said[0].source, key))
            if place is not None:
                served.setdefault(place, []).append(said)
            moved.setdefault(place or key, []).append(said)
    rows.clear()
    rows |= moved
    return served


class _Packer:
    """Tables that all groups share, and the groups."""

    def __init__(
        self, rows: Mapping[Key, list[_Row]], steps: Mapping[Key, list[Step]]
    ) -> None:
        self.rows = {f"{k[0]}/{k[1]}": sorted(v, key=_order) for k, v in rows.items()}
        self.steps = {f"{k[0]}/{k[1]}": found for k, found in steps.items()}
        self.refs = sorted({*self.rows, *self.steps})
        self.groups = [
            self.refs[n : n + GROUP] for n in range(0, len(self.refs), GROUP)
        ]
        every = [row for found in self.rows.values() for row, _ in found]
        times = {row.observed for row in every}
        times |= {row.effective for row in every if row.effective}
        times |= {s.start for found in self.steps.values() for s in found}
        self.moments = {text: place for place, text in enumerate(sorted(times))}
        if len(self.moments) >= NONE:
            raise InvalidInputError(f"more than {NONE} different times in a history")
        fields = Counter(row.field for row in every)
        order = sorted(fields, key=lambda name: (-fields[name], name))
        self.fields = {name: place for place, name in enumerate(order)}
        names = sorted({row.source for row in every})
        self.sources = {name: place for place, name in enumerate(names)}
        self.counts = Counter(row.source for row in every if row.field)
        self.said = [self._said(group) for group in self.groups]
        self.served = [self._served(group) for group in self.groups]
        used = Counter(t for group in (*self.said, *self.served) for t in group.texts)
        common = {t for t, count in used.items() if count >= _COMMON}
        self.common = {t: n for n, t in enumerate(sorted(common | {""}, key=_order_of))}

    def _said(self, refs: Sequence[str]) -> _Group:
        """Return a group's changes."""
        group = _Group(len(self.rows.get(ref, ())) for ref in refs)
        for ref in refs:
            last: dict[tuple[str, str], str] = {}
            for row, before in self.rows.get(ref, ()):
                key = (row.source, row.field)
                text, old = _json(row.value), _json(before)
                if old != last.get(key, ""):
                    group.olds.append((len(group.rows), old))
                    group.texts.add(old)
                last[key] = text
                start = self.moments[row.effective] if row.effective else NONE
                numbers = (
                    self.fields[row.field],
                    self.sources[row.source],
                    KINDS.index(row.kind),
                    self.moments[row.observed],
                    start,
                )
                group.add(numbers, text)
        return group

    def _served(self, refs: Sequence[str]) -> _Group:
        """Return a group's steps."""
        group = _Group(len(self.steps.get(ref, ())) for ref in refs)
        for ref in refs:
            for step in self.steps.get(ref, ()):
                start, seen = self.moments[step.start], self.moments[step.seen]
                numbers = (NAMES.index(step.name), step.flags, start, seen)
                group.add(numbers, step.text)
        return group

    def packed(self) -> bytes:
        """Return the whole file."""
        blocks = {
            "meta": json.dumps(self._meta(), sort_keys=True).encode(),
            "refs": "\n".join(self.refs).encode(),
            "moments": "\n".join(self.moments).encode(),
            "texts": "\0".join(self.common).encode(),
        }
        for number, group in enumerate(self.said):
            blocks[f"said.{number}"] = group.data("HBBHH", self.common, olds=True)
        for number, group in enumerate(self.served):
            blocks[f"served.{number}"] = group.data("BBHH", self.common)
        return _assembled(blocks)

    def _meta(self) -> dict[str, Any]:
        every = [row for found in self.rows.values() for row, _ in found]
        return {
            "columns": NAMES,
            "facts": dict(self.counts),
            "fields": list(self.fields),
            "first": min((row.observed for row in every), default=None),
            "kinds": KINDS,
            "last": max((row.observed for row in every), default=None),
            "models": len(self.refs),
            "sources": list(self.sources),
            "steps": sum(map(len, self.steps.values())),
        }


class _Group:
    """Rows of numbers and a text each, of some neighbouring models."""

    def __init__(self, counts: Iterable[int]) -> None:
        self.counts = list(counts)
        self.rows: list[tuple[int, ...]] = []
        self.row_texts: list[str] = []
        self.olds: list[tuple[int, str]] = []  # row, and a text before it
        self.texts = {""}

    def add(self, numbers: tuple[int, ...], text: str) -> None:
        self.rows.append(numbers)
        self.row_texts.append(text)
        self.texts.add(text)

    def data(
        self, kinds: str, common: Mapping[str, int], *, olds: bool = False
    ) -> bytes:
        """Return the bytes: numbers column by column, then the texts.

        Texts count from the common ones that are used, "" first, to the group's own.
        """
        known = sorted(common[text] for text in self.texts if text in common)
        own = [t for t in dict.fromkeys(self._every()) if t not in common]
        places = {number: place for place, number in enumerate(known)}
        place_of = {t: places[common[t]] for t in self.texts if t in common}
        place_of |= {text: len(known) + n for n, text in enumerate(own)}
        data = _numbers("H", self.counts) + _columns(kinds, self.rows)
        data += _numbers("H", [place_of[text] for text in self.row_texts])
        if olds:
            stated = [(row, place_of[text]) for row, text in self.olds]
            data += _numbers("I", [len(stated)]) + _columns("IH", stated)
        return data + _numbers("I", [len(known), *known]) + "\0".join(own).encode()

    def _every(self) -> Iterable[str]:
        yield from self.row_texts
        for _, text in self.olds:
            yield text


def _order(row: _Row) -> tuple[str, str, str, str]:
    said = row[0]
    return said.source, said.field, said.observed, said.effective or ""


def _order_of(text: str) -> tuple[int, str]:
    return len(text), text


def _json(value: Any) -> str:
    return "" if value is None else dump(value)


def _numbers(kind: str, numbers: Iterable[int]) -> bytes:
    try:
        found = array(kind, numbers)
    except OverflowError as error:
        message = f"a group of the history is too large: {error}"
        raise InvalidInputError(message) from error
    if _BIG:
        found.byteswap()
    return found.tobytes()


def _columns(kinds: str, rows: Sequence[tuple[int, ...]]) -> bytes:
    """Return rows column by column."""
    return b"".join(
        _numbers(kind, [row[place] for row in rows]) for place, kind in enumerate(kinds)
    )


def _assembled(blocks: Mapping[str, bytes]) -> bytes:
    lines, parts = [], []
    offset = HEADER_SIZE
    for name, data in blocks.items():
        packed = lzma.compress(data, lzma.FORMAT_RAW, filters=[FILTER])
        lines.append(f"{name} {offset} {len(packed)} {len(data)} {crc32(packed)}\n")
        parts.append(packed)
        offset += len(packed)
    directory = "".join(lines).encode()
    content = b"".join(parts) + directory
    header = MAGIC + _u32(FORMAT) + (HEADER_SIZE + len(content)).to_bytes(8, "little")
    header += _u32(len(directory)) + _u32(crc32(directory)) + sha256(content).digest()
    return header + _u32(crc32(header)) + content


def _u32(number: int) -> bytes:
    return number.to_bytes(4, "little")
