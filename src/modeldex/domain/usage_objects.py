"""The fields of any object: mappings, and what a provider's SDK returns."""

from __future__ import annotations

from itertools import count

from modeldex.domain.usage_tables import CONTENT_KEYS, ENTRY_KEYS
from modeldex.errors import InvalidUsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

Fields = dict[str, object]
Counts = dict[str, list[object]]

_PLAIN = (str, bytes, int, float, type(None), type, list, tuple, set, frozenset)
_DEEP, _MANY = 6, 10_000  # of a usage object: levels, and values in all


def folded(key: str) -> str:
    """Return a key in lower case with `_`: `promptTokenCount`, `X-Request-Id`."""
    if key.islower() and "-" not in key:
        return key
    made = []
    before = ""
    for letter in key:
        if letter.isupper() and (before.islower() or before.isdigit()):
            made.append("_")
        made.append(letter)
        before = letter
    return "".join(made).lower().replace("-", "_").replace(" ", "_")


def fields_of(obj: object) -> Fields | None:
    """Return the fields of a mapping or of an SDK's object, or None for neither.

    Of two spellings of one key the one that states something counts; raises
    InvalidUsageError where both do, and differ.
    """
    if isinstance(obj, _PLAIN):
        return None
    named = obj if isinstance(obj, dict) else _named(obj)
    if named is None:
        return None
    fields: Fields = {}
    for name, value in named.items():
        if not isinstance(name, str):
            continue
        key = folded(name)
        before = fields.get(key)
        if before is not None and value is not None and before != value:
            raise InvalidUsageError("two spellings of one key differ", key)
        fields[key] = value if before is None else before
    return fields


def _named(obj: Any) -> Mapping[str, object] | None:
    """Return an object's own fields, one level deep."""
    kind = type(obj)
    if hasattr(obj, "keys") and hasattr(obj, "__getitem__"):
        return {key: obj[key] for key in obj.keys()}  # noqa: SIM118
    names = getattr(kind, "__struct_fields__", None)  # msgspec
    names = names or getattr(kind, "__dataclass_fields__", None)
    if names:
        return {name: getattr(obj, name, None) for name in names}
    fields = getattr(getattr(kind, "DESCRIPTOR", None), "fields", None)  # protobuf
    if fields is not None:
        return {field.name: getattr(obj, field.name) for field in fields}
    if hasattr(kind, "model_fields"):  # pydantic: no copy of the answer, no warning
        extra = getattr(obj, "__pydantic_extra__", None) or {}
        return {k: v for k, v in {**vars(obj), **extra}.items() if k[:1] != "_"}
    dump = getattr(obj, "model_dump", None) or getattr(obj, "to_dict", None)
    if callable(dump):
        dumped = dump()
        return dumped if isinstance(dumped, dict) else None
    return _attributes(obj) if hasattr(obj, "__dict__") else None


def _attributes(obj: object) -> Fields:
    """Return the attributes of an object; its usage may be a property."""
    own = {k: v for k, v in vars(obj).items() if not k.startswith("_")}
    for name in ("usage", "usage_metadata"):
        stated = None if name in own else getattr(obj, name, None)
        if stated is not None and not callable(stated):
            own[name] = stated
    return own


def count_paths(fields: Fields) -> Counts:
    """Return every number and text below some fields by its path; None is absent.

    What holds the answer's content is passed by. Raises InvalidUsageError for more
    than any usage has.
    """
    counts: Counts = {}
    for path, value in _walk(fields, "", _DEEP, count()):
        counts.setdefault(path, []).append(value)
    return counts


def _walk(
    fields: Fields, prefix: str, levels: int, seen: Iterator[int]
) -> Iterator[tuple[str, object]]:
    for key, value in fields.items():
        path = prefix + key
        if next(seen) >= _MANY:
            raise InvalidUsageError("more values than any usage has", path[:60])
        if value is None or key in CONTENT_KEYS:
            continue
        if isinstance(value, (list, tuple)):
            entries = [fields_of(entry) for entry in value[: _MANY + 1]]
            inside = [(f"{path}[{_kind(one)}]", one) for one in entries if one]
        else:
            inner = fields_of(value)
            if inner is None:
                yield path, value
            inside = [(path, inner)] if inner else []
        for place, inner in inside if levels else ():
            yield from _walk(inner, f"{place}.", levels - 1, seen)


def _kind(entry: Fields) -> str:
    """Return what an entry of a list of counts is of."""
    stated = (entry.get(key) for key in ENTRY_KEYS)
    kind = next((str.__str__(k) for k in stated if isinstance(k, str)), "")
    return kind.lower()[:40]
