"""Claims: what each source says, and the packed file that keeps them all.

The packed file is xz over JSON lines: a header with the date of every source,
then one line per model in the order of (provider, id). Equal claims give equal
bytes. It stays beside the YAML and is never on the read path.
"""

from __future__ import annotations

import json
import lzma
from bisect import bisect_left
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from modeldex.domain.pricing import is_amount
from modeldex.errors import SourceFormatError

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 1
MAX_BYTES = 200_000_000

Key = tuple[str, str]  # provider id, model id
Values = dict[str, dict[str, Any]]  # field -> source -> value


@dataclass(frozen=True, slots=True)
class Claims:
    """What one source says on one day.

    Fields are named as in `sources:` of the YAML (`pricing.input`,
    `rates.input@service_tier=batch`, `capabilities.vision`, `context_window`).
    `skipped` holds what the source lists but what is no model, with the reason;
    `not_carried` counts the facts that this version does not read, by the source's
    own key, or as `key: reason`. `carried` counts the price keys that are read.
    """

    source: str
    date: str
    models: Mapping[Key, Mapping[str, Any]]
    providers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    skipped: tuple[tuple[str, str], ...] = ()
    not_carried: Mapping[str, int] = field(default_factory=dict)
    carried: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, order=True)
class Quarantined:
    """One value that is not served, and why; `others` is what the rest say."""

    provider: str
    model: str
    field: str
    source: str
    value: str
    reason: str
    others: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Packed:
    """The content of the packed file.

    `served` holds what the claims were merged to, so that a later import can tell
    what people have edited since, even when the rules of merging have changed.
    """

    dates: Mapping[str, str]
    models: Mapping[Key, Values]
    quarantined: tuple[Quarantined, ...] = ()
    served: Mapping[Key, Mapping[str, Any]] = field(default_factory=dict)


STATE_FIELD = "pricing.state"
# facts that are claimed and merged entry by entry
GROUPS = ("pricing", "rates", "capabilities", "request_parameters")
# facts that importers write of themselves, or never
_NOT_CLAIMED = ("description", "metadata", "sources", "updated_at")


def flatten(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts with the entries of groups one by one, as claims are named."""
    flat: dict[str, Any] = {}
    for name, value in facts.items():
        if name in GROUPS:
            flat.update({f"{name}.{entry}": item for entry, item in value.items()})
        elif name not in _NOT_CLAIMED:
            flat[name] = value
    return flat


def nest(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts that `flatten` was given."""
    facts: dict[str, Any] = {}
    for name, value in flat.items():
        group, dot, entry = name.partition(".")
        if dot and group in GROUPS:
            facts.setdefault(group, {})[entry] = value
        else:
            facts[name] = value
    return facts


def _plain(value: object) -> object:
    return format(value, "f") if isinstance(value, Decimal) else value


def _line(
    key: Key,
    values: Values,
    quarantined: list[Quarantined],
    served: Mapping[str, Any] | None,
) -> dict[str, Any]:
    line: dict[str, Any] = {
        "provider": key[0],
        "id": key[1],
        "claims": {
            name: {source: _plain(value) for source, value in said.items()}
            for name, said in values.items()
        },
    }
    if served is not None:
        line["served"] = {name: _plain(value) for name, value in served.items()}
    if quarantined:
        line["quarantined"] = [
            [q.field, q.source, q.value, q.reason, *map(list, q.others)]
            for q in sorted(quarantined)
        ]
    return line


def encode(packed: Packed) -> bytes:
    """Return the bytes of the packed file; equal claims give equal bytes."""
    held: dict[Key, list[Quarantined]] = {}
    for item in packed.quarantined:
        held.setdefault((item.provider, item.model), []).append(item)
    header = {"format": FORMAT, "sources": dict(sorted(packed.dates.items()))}
    lines = [json.dumps(header, sort_keys=True, separators=(",", ":"))]
    for key in sorted(packed.models):
        served = packed.served.get(key)
        line = _line(key, packed.models[key], held.get(key, []), served)
        lines.append(
            json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        )
    data = ("\n".join(lines) + "\n").encode()
    return lzma.compress(data, lzma.FORMAT_XZ, lzma.CHECK_CRC64, preset=6)


def _typed(name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    if is_amount(name):
        return {source: Decimal(value) for source, value in said.items()}
    return dict(said)


def _typed_facts(served: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _typed(name, {"": value})[""] for name, value in served.items()}


def _unpack(data: bytes) -> list[str]:
    unpacker = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=256_000_000)
    text = unpacker.decompress(data, max_length=MAX_BYTES)
    if not unpacker.eof:
        message = f"the claims file is cut short or larger than {MAX_BYTES} bytes"
        raise SourceFormatError(message)
    return text.decode().splitlines()


def _header(lines: list[str]) -> dict[str, Any]:
    header: dict[str, Any] = json.loads(lines[0])
    if header["format"] != FORMAT:
        message = f"claims file of format {header['format']}, not {FORMAT}"
        raise SourceFormatError(message)
    return header


def _read_line(
    text: str,
) -> tuple[Key, Values, dict[str, Any] | None, list[Quarantined]]:
    """Return of one model: its key, its claims, what is served, what is not."""
    line = json.loads(text)
    key = (line["provider"], line["id"])
    values = {name: _typed(name, said) for name, said in line["claims"].items()}
    own = _typed_facts(line["served"]) if "served" in line else None
    held = [
        Quarantined(*key, name, source, value, why, tuple(map(tuple, others)))
        for name, source, value, why, *others in line.get("quarantined", ())
    ]
    return key, values, own, held


class ClaimLines:
    """The packed file as its lines, of which only what is asked for is read."""

    __slots__ = ("_lines", "dates")

    def __init__(self, data: bytes) -> None:
        """Unpack the bytes; raise SourceFormatError where they are damaged."""
        try:
            header, *self._lines = _unpack(data)
            self.dates: Mapping[str, str] = _header([header])["sources"]
        except (lzma.LZMAError, ValueError, LookupError, TypeError) as error:
            message = f"the claims file is damaged: {error}"
            raise SourceFormatError(message) from error

    def __len__(self) -> int:
        return len(self._lines)

    def packed(self, key: Key) -> Packed:
        """Return what is claimed of one model; nothing, where none is."""
        place = bisect_left(self._lines, key, key=_key)  # they are in the order of keys
        if place == len(self._lines) or _key(self._lines[place]) != key:
            return Packed(self.dates, {})
        _, values, own, held = _read_line(self._lines[place])
        served = {} if own is None else {key: own}
        return Packed(self.dates, {key: values}, tuple(held), served)


def _key(text: str) -> Key:
    line = json.loads(text)
    return line["provider"], line["id"]


def decode(data: bytes) -> Packed:
    """Read the packed file.

    Raises SourceFormatError when the bytes are damaged or of another format.
    """
    try:
        lines = _unpack(data)
        header = _header(lines)
        models: dict[Key, Values] = {}
        quarantined: list[Quarantined] = []
        served: dict[Key, dict[str, Any]] = {}
        for text in lines[1:]:
            key, values, own, held = _read_line(text)
            models[key] = values
            if own is not None:
                served[key] = own
            quarantined += held
    except (
        lzma.LZMAError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        InvalidOperation,
    ) as error:
        message = f"the claims file is damaged: {error}"
        raise SourceFormatError(message) from error
    return Packed(header["sources"], models, tuple(quarantined), served)
