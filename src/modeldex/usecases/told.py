"""What sources say, in a store or as shipped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modeldex.catalog import Catalog
from modeldex.catalog.facts import refs_at, state_of, stored_facts
from modeldex.domain.change import CATALOG

if TYPE_CHECKING:
    from collections.abc import Iterable

    from modeldex.catalog import Snapshot
    from modeldex.domain.change import Facts
    from modeldex.ports import Store
    from modeldex.usecases.surroundings import Surroundings

    Ref = tuple[str, str]  # provider, model id


class Told:
    """The layer of sources of a stored catalogue."""

    around: Surroundings
    _store: Store | None
    _origin: dict[str, str]
    _shipped: Snapshot
    _plain: Catalog

    def store(self, *, create: bool = False) -> Store | None:
        """Return the store; None where nothing was ever written."""
        if self._store is None:
            self._store = self.around.open_store(create=create)
        return self._store

    def told(self, keys: Iterable[Ref], provider: str = "") -> dict[Ref, Facts]:
        """Return what sources say, flat, of models, and of all at a provider."""
        wanted = set(keys)
        if self._store is None or self._origin["revision"] == "0":
            wanted |= refs_at(Catalog(self._shipped, self.around.today), provider)
            listed = {key: self._shipped.columns(*key) for key in wanted}
            return {key: stored_facts(c) for key, c in listed.items() if c is not None}
        wanted |= refs_at(self._plain, provider)
        found = self._store.facts((CATALOG, *key) for key in wanted)
        return {key[1:]: facts for key, facts in found.items()}

    def all_told(self) -> dict[Ref, Facts]:
        """Return what sources say of all models, flat."""
        if self._store is None or self._origin["revision"] == "0":
            return self.all_shipped()
        state = self._store.state()
        return {key[1:]: facts for key, facts in state.items() if key[0] == CATALOG}

    def all_shipped(self) -> dict[Ref, Facts]:
        """Return what the shipped catalogue says of all models, flat."""
        return {key[1:]: facts for key, facts in state_of(self._shipped).items()}
