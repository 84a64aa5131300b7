"""The catalogue file of a store: what readers open instead of the database.

It is a snapshot of what the store holds. Beside it stand what it was made of; what
people wrote once more, and what is below that, so that it can be laid over their YAML
and over a newer shipped catalogue; and the changes of the store (`catalog.later`), so
that questions about the past need no database either.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from modeldex.catalog import Catalog
from modeldex.catalog.compile import compile_snapshot
from modeldex.catalog.encode import encode
from modeldex.catalog.facts import nested_facts, restacked, stacked_facts, stored_facts
from modeldex.catalog.later import Later, read_later
from modeldex.catalog.pointers import price_pointers
from modeldex.domain.change import CATALOG, OWN, Fact, dump, read_fact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from modeldex.catalog import Snapshot
    from modeldex.domain.change import Facts, State

    Ref = tuple[str, str]  # provider, model id
    Today = Callable[[], str]

OWN_BLOCK, BELOW_BLOCK, ORIGIN_BLOCK = "own", "below", "origin"


class Beyond:
    """What a store knows beyond the shipped catalogue and its history.

    `later` are its changes, `own` what people wrote, `below` what sources say of those
    models; `is_whole` says whether the changes of sources are in the catalogue, which
    is not so over a newer shipped one.
    """

    __slots__ = ("_later", "below", "is_whole", "own")

    def __init__(
        self,
        later: Later | Callable[[], Later] | None = None,
        own: Mapping[Ref, Facts] | None = None,
        below: Mapping[Ref, Facts] | None = None,
        *,
        is_whole: bool = True,
    ) -> None:
        self._later = later or Later()
        self.own = own or {}
        self.below = below or {}
        self.is_whole = is_whole

    @property
    def later(self) -> Later:
        """The changes, packed where that was not done yet."""
        if not isinstance(self._later, Later):
            self._later = self._later()
        return self._later

    def as_of(self, revision: int) -> Beyond:
        """Return what was known at a revision."""
        later = self.later.as_of(revision)
        return Beyond(later, self.own, self.below, is_whole=self.is_whole)


def read_origin(snapshot: Snapshot) -> dict[str, str]:
    """Return what a catalogue file was made of: revision, epoch, shipped digest."""
    lines = snapshot.block(ORIGIN_BLOCK).decode().splitlines()
    return dict(line.split(" ", 1) for line in lines)


def read_own(snapshot: Snapshot, block: str = OWN_BLOCK) -> dict[Ref, dict[str, Fact]]:
    """Return what people wrote, or what is below it, as a catalogue file keeps it."""
    rows = json.loads(snapshot.block(block))
    found = {}
    for provider, model_id, facts in rows:
        fact = read_fact("", json.dumps([facts, None]))
        found[provider, model_id] = dict(fact.value) if fact else {}
    return found


def read_beyond(snapshot: Snapshot, *, is_whole: bool = True) -> Beyond | None:
    """Return what a catalogue file knows of the store's past; None for none."""
    try:
        return Beyond(
            read_later(snapshot.block),
            read_own(snapshot),
            read_own(snapshot, BELOW_BLOCK),
            is_whole=is_whole,
        )
    except (KeyError, AttributeError):  # of an older version, or none
        return None


def origin_block(origin: Mapping[str, str]) -> bytes:
    """Write what `read_origin` reads."""
    return "".join(f"{name} {text}\n" for name, text in origin.items()).encode()


def own_block(own: Mapping[Ref, Facts]) -> bytes:
    """Write what `read_own` reads."""
    rows = [[*key, dict(own[key])] for key in sorted(own) if own[key]]
    return dump(rows).encode()


def with_own(
    snapshot: Snapshot,
    own: Mapping[Ref, Facts],
    today: Today,
    origin: Mapping[str, str] | None = None,
) -> bytes:
    """Compile a catalogue with what people wrote on top, out of a file of an origin."""
    new = {key: stacked_facts(nested_in(snapshot, key), own[key]) for key in own}
    catalog = Catalog(snapshot, today)
    return compiled(
        catalog, restacked(catalog, new), {**snapshot.meta, **(origin or {})}
    )


def nested_in(snapshot: Snapshot, key: Ref) -> dict[str, Any] | None:
    """Return a model's nested facts in a snapshot; None when it is not there."""
    columns = snapshot.columns(*key)
    return None if columns is None else nested_facts(stored_facts(columns))


def compiled(
    catalog: Catalog,
    changed: Mapping[Ref, Sequence[str] | None],
    meta: Mapping[str, Any],
    beside: Mapping[str, bytes] | None = None,
) -> bytes:
    """Compile a catalog whole, with some models changed, new or gone."""
    snapshot = catalog.snapshot
    rows = snapshot.rows_columns(list(range(snapshot.meta["models"])))
    models: dict[Ref, Sequence[str] | None] = {(c[0], c[1]): c for c in rows}
    models |= changed
    kept = [columns for columns in models.values() if columns is not None]
    providers: dict[str, Any] = {columns[0]: {} for columns in kept}
    for name, facts in snapshot.providers.items():
        if name in providers or facts.keys() - {"models"}:
            providers[name] = facts
    return compile_snapshot(kept, providers, meta, beside)


def of_state(state: State, shipped: Snapshot, meta: Mapping[str, Any]) -> bytes:
    """Compile what a store holds; facts of providers are the shipped ones."""
    models: dict[Ref, list[str]] = {}
    for ref in {key[1:] for key in state}:
        known = state.get((CATALOG, *ref))
        below = None if known is None else nested_facts(known)
        facts = stacked_facts(below, state.get((OWN, *ref), {}))
        models[ref] = encode(*ref, facts or {})
    providers: dict[str, Any] = {provider: {} for provider, _ in models}
    providers |= shipped.providers
    rows = price_pointers({ref: models[ref] for ref in sorted(models)})
    return compile_snapshot(rows.values(), providers, meta)
