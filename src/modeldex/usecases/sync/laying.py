"""An answer laid over the catalogue without a commit: what a sync would serve now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.catalog.facts import nested_facts, restacked, stacked_facts
from modeldex.domain.change import CATALOG, apply
from modeldex.usecases.build import layered
from modeldex.usecases.sync.run import planned

if TYPE_CHECKING:
    from modeldex.catalog.merging.claims import Key
    from modeldex.domain.syncing import Answer
    from modeldex.usecases.stored import StoredCatalog
    from modeldex.usecases.sync.run import Desk


def laid_over(answer: Answer, desk: Desk) -> list[list[str]]:
    """Return the models of an answer, as columns, in the order of their ids.

    Merged and guarded as a sync does it: what is in doubt is not taken, a model whose
    very id is in doubt is left out. The user's YAML and what people wrote is on top.
    Nothing is written, and nothing is remembered.
    """
    stored = desk.stored
    known = desk.known()
    keys = list(known.joined(answer.source, answer.models))
    made = planned(answer, desk, known)
    told = {(CATALOG, *key): facts for key, facts in stored.told(keys).items()}
    places = {(CATALOG, *key) for key in keys}
    after = apply(told, [change for change in made.changes if change.key in places])
    new = {
        key: _with_own(key, nested_facts(after[CATALOG, *key]), stored)
        for key in keys
        if (CATALOG, *key) in after
    }
    changed = restacked(stored.catalog, new)
    snapshot = stored.catalog.snapshot
    found = (changed.get(key) or snapshot.columns(*key) for key in sorted(new))
    return [columns for columns in found if columns]


def _with_own(key: Key, facts: dict[str, Any], stored: StoredCatalog) -> dict[str, Any]:
    """Return a model's facts with the user's YAML and what people wrote on top."""
    layers = stored.around.overlays()
    below = layered(stored.around.shipped(), layers, key, facts) if layers else facts
    return stacked_facts(below, stored.own(*key)) or facts
