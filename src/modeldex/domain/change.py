"""Changes of facts: what a revision holds, and what a state becomes by it.

A state maps (layer, provider, model id) to the facts of that model, flat: field ->
Fact. Fields are named as claims are (`pricing.input`, `rates.input@region=eu`,
`capabilities.vision`, `context_window`). `diff` and `apply` are each other's inverse.
"""

from __future__ import annotations

import json
import unicodedata
from decimal import Decimal
from hashlib import sha256

from modeldex.domain import Value, set_slot
from modeldex.domain.pricing import is_amount, split_key
from modeldex.domain.record import exact_bounds
from modeldex.errors import InvalidInputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    Key = tuple[str, str, str]  # layer, provider, model id
    Facts = Mapping[str, "Fact"]
    State = Mapping[Key, Facts]

# what sources say, synced or shipped; and what people wrote by hand, always on top
CATALOG, OWN = "catalog", "own"
LAYERS = (CATALOG, OWN)
# `first_known`: a fact gets its first value; `correction`: it was wrong before;
# `source`: the same value from another source. Of whole models (field ""): `appeared`,
# `removed` (of what was added by hand), `missing`, `returned`, `retired`
KINDS = (
    "first_known",
    "change",
    "correction",
    "source",
    "appeared",
    "removed",
    "missing",
    "returned",
    "retired",
)
FORM = 1  # of `canonical`; frozen by golden vectors


class Fact(Value):
    """A value and who gave it: a source's name, or a mapping that says more."""

    __slots__ = ("source", "value")
    value: Any
    source: Any

    def __init__(self, value: Any, source: Any = None) -> None:
        set_slot(self, "value", value)
        set_slot(self, "source", source)


class Change(Value):
    """One field of one model, before and after; None where it was not known.

    `old` and `new` are Facts. `effective_at` is the ISO day or time from which on it
    is true in the world, None where no source says; `observed_at` when it was seen.
    """

    __slots__ = (
        "effective_at",
        "field",
        "kind",
        "layer",
        "model",
        "new",
        "observed_at",
        "old",
        "provider",
    )
    layer: str
    provider: str
    model: str
    field: str
    old: Fact | None
    new: Fact | None
    kind: str
    observed_at: str
    effective_at: str | None

    def __init__(  # noqa: PLR0913
        self,
        provider: str,
        model: str,
        field: str,
        old: Fact | None,
        new: Fact | None,
        *,
        kind: str = "change",
        layer: str = CATALOG,
        observed_at: str = "",
        effective_at: str | None = None,
    ) -> None:
        set_slot(self, "layer", layer)
        set_slot(self, "provider", provider)
        set_slot(self, "model", model)
        set_slot(self, "field", field)
        set_slot(self, "old", old)
        set_slot(self, "new", new)
        set_slot(self, "kind", kind)
        set_slot(self, "observed_at", observed_at)
        set_slot(self, "effective_at", effective_at)

    @property
    def key(self) -> Key:
        """Layer, provider and model id."""
        return self.layer, self.provider, self.model

    @property
    def ref(self) -> str:
        """`provider/model-id`."""
        return f"{self.provider}/{self.model}"

    def seen(self, at: str, effective: str | None = None) -> Change:
        """Return the same change, observed at another time.

        It is in force from `effective` on, where it does not say so itself.
        """
        return Change(
            *(self.provider, self.model, self.field, self.old, self.new),
            kind=self.kind,
            layer=self.layer,
            observed_at=at,
            effective_at=self.effective_at or effective,
        )


def kind_of(old: Fact | None, new: Fact | None) -> str:
    """Return the kind of a field's change, as far as its two facts tell."""
    if old is None or old.value is None:
        return "first_known"
    return "source" if new is not None and old.value == new.value else "change"


def diff(before: State, after: State, observed_at: str = "") -> Iterator[Change]:
    """Yield the changes that make one state the other, in the order of keys.

    A model of one side alone is one change of field "", with all its facts; what
    people wrote of a model that sources tell of is changes of fields.
    """
    for key in sorted({*before, *after}):
        layer, provider, model = key
        old, new = before.get(key), after.get(key)
        common: dict[str, Any] = {"layer": layer, "observed_at": observed_at}
        if _is_whole(key, before, after):
            kind = "removed" if old else "appeared"
            sides = (None if s is None else Fact(dict(s)) for s in (old, new))
            yield Change(provider, model, "", *sides, kind=kind, **common)
            continue
        old, new = old or {}, new or {}
        for field in sorted({*old, *new}):
            pair = old.get(field), new.get(field)
            if pair[0] != pair[1]:
                dates = {**common, "effective_at": _first_day(field, pair[1])}
                yield Change(
                    provider, model, field, *pair, kind=kind_of(*pair), **dates
                )


def _first_day(field: str, new: Fact | None) -> str | None:
    """Return the day from which on a dated rate holds, where it is set."""
    if new is None or not field.startswith("rates."):
        return None
    return split_key(field)[1].get("valid_from")


def _is_whole(key: Key, before: State, after: State) -> bool:
    """Tell whether a model came or went, not some of its facts."""
    old, new = before.get(key), after.get(key)
    if key[0] == OWN and {} in (old, new):
        return old != new  # it is there without a fact
    told = (CATALOG, *key[1:])
    is_one_sided = old is None or new is None
    return is_one_sided and not (key[0] == OWN and (told in before or told in after))


def apply(state: State, changes: Iterable[Change]) -> dict[Key, Facts]:
    """Return the state that changes make of one; what they do not name is shared.

    What people wrote of a model begins with its first field and ends with its last.
    Raises InvalidInputError when a change does not start from what is there.
    """
    found = dict(state)
    own: set[Key] = set()
    for change in changes:
        key = change.key
        if not change.field:
            _apply_whole(found, change)
            own.discard(key)
            continue
        if key not in own:
            if key not in found and change.layer == OWN:
                found[key] = {}
            elif key not in found:
                message = f"{change.ref}: {change.field} changes, but no such model is"
                raise InvalidInputError(message)
            found[key] = dict(found[key])
            own.add(key)
        facts: Any = found[key]
        if facts.get(change.field) != change.old:
            message = f"{change.ref}: {change.field} is not what the change starts from"
            raise InvalidInputError(message)
        if change.new is not None:
            facts[change.field] = change.new
            continue
        del facts[change.field]
        if change.layer == OWN and not facts:
            del found[key]
            own.discard(key)
    return found


def _apply_whole(found: dict[Key, Facts], change: Change) -> None:
    """Add or remove a model; a sign that it is missing or back changes no fact."""
    if change.old is None and change.new is None:
        return
    before = found.get(change.key)
    if before != (None if change.old is None else change.old.value):
        message = f"{change.ref}: the model is not what the change starts from"
        raise InvalidInputError(message)
    if change.new is None:
        del found[change.key]
    else:
        found[change.key] = change.new.value


def invert(changes: Iterable[Change], observed_at: str = "") -> list[Change]:
    """Return the changes that undo some, the last one first."""
    return [
        Change(
            change.provider,
            change.model,
            change.field,
            change.new,
            change.old,
            kind=_undone(change),
            layer=change.layer,
            observed_at=observed_at,
        )
        for change in reversed(list(changes))
    ]


def _undone(change: Change) -> str:
    if change.field:
        return kind_of(change.new, change.old) if change.new else "correction"
    pairs = {"appeared": "removed", "removed": "appeared", "missing": "returned"}
    return pairs.get(change.kind, "missing")


def value_of(fact: Fact | None) -> Any:
    """Return what a fact says; of a whole model, what each of its facts says."""
    if fact is None or not isinstance(fact.value, dict):
        return None if fact is None else fact.value
    items = fact.value.items()
    return {n: item.value if isinstance(item, Fact) else item for n, item in items}


def plain(value: Any) -> Any:  # noqa: PLR0911  a return per kind
    """Return a fact's value as JSON knows it: amounts as text, plainly written."""
    kind = value.__class__
    if kind is str:
        return value if value.isascii() else unicodedata.normalize("NFC", value)
    if value is None or kind in _ATOMS:
        return value
    if kind is list or kind is tuple:
        return [plain(item) for item in value]
    if kind is Fact:
        return [plain(value.value), plain(value.source)]
    if kind is Decimal:
        text = format(value, "f")
        return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
    if hasattr(value, "items"):
        return {plain(name): plain(item) for name, item in value.items()}
    if isinstance(value, str):
        return plain(str(value))
    return [plain(item) for item in value] if isinstance(value, list) else value


_ATOMS = frozenset((bool, int, float))


def typed(field: str, value: Any) -> Any:
    """Return a value as it was before `plain`: amounts are Decimals."""
    if field.startswith("request_parameters."):
        return exact_bounds(value)
    return Decimal(value) if isinstance(value, str) and is_amount(field) else value


# writes what is plain already
dump_plain = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":")
).encode


def dump(value: Any) -> str:
    """Write a value as canonical JSON: sorted keys, no spaces, amounts as text."""
    return dump_plain(plain(value))


def dump_fact(fact: Fact | None) -> str | None:
    """Write a fact as canonical JSON `[value, source]`; None stays None."""
    return None if fact is None else dump(fact)


def read_fact(field: str, text: str | None) -> Fact | None:
    """Read what `dump_fact` wrote; of a whole model, with its facts.

    Raises ValueError when the text is not of that form.
    """
    if text is None:
        return None
    value, source = json.loads(text)
    if field:
        return Fact(typed(field, value), source)
    facts = {n: Fact(typed(n, item), by) for n, (item, by) in value.items()}
    return Fact(facts, source)


def canonical_row(change: Change) -> list[str | None]:
    """Return a change as the texts that a hash is over, and a store keeps."""
    return [
        change.layer,
        change.provider,
        change.model,
        change.field,
        dump_fact(change.old),
        dump_fact(change.new),
        change.kind,
        change.observed_at,
        change.effective_at,
    ]


def canonical(changes: Iterable[Change], meta: Mapping[str, Any]) -> bytes:
    """Return the bytes that a revision's hash is made of, beside its parent's."""
    return _canonical(list(map(canonical_row, changes)), meta)


def _canonical(rows: list[list[str | None]], meta: Mapping[str, Any]) -> bytes:
    content = {"changes": rows, "form": FORM, "meta": plain(meta)}
    return dump_plain(content).encode()


# what the hash of a revision covers of it, beside its changes and claims
META = ("author", "source", "reason", "at", "url")


def revision_meta(of: Any, claims: Iterable[Any]) -> dict[str, Any]:
    """Return what a revision's hash covers beside its changes."""
    said = [
        [c.provider, c.model, c.field, c.source, c.value, c.observed_at] for c in claims
    ]
    return {**{name: getattr(of, name) for name in META}, "claims": said}


def revision_hash(
    parent: str, changes: Iterable[Change], meta: Mapping[str, Any]
) -> str:
    """Return the hash of a revision: SHA-256 over its parent's and its content."""
    return rows_hash(parent, list(map(canonical_row, changes)), meta)


def rows_hash(
    parent: str, rows: list[list[str | None]], meta: Mapping[str, Any]
) -> str:
    """Return the hash of a revision whose changes are given as texts."""
    return sha256(f"rev\0{parent}\0".encode() + _canonical(rows, meta)).hexdigest()
