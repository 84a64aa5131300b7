"""The guards as a sync asks them, over the catalogue that is served."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.domain.change import Change, Fact
from modeldex.usecases.guard import (
    Market,
    changed_fields,
    judge,
    judge_answer,
    judge_batch,
    released,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from modeldex.catalog import Catalog
    from modeldex.catalog.merging.claims import Key
    from modeldex.domain.change import Facts
    from modeldex.domain.syncing import Doubt

    Doubts = Mapping[Key, Mapping[str, Sequence[Doubt]]]


class Guarding:
    """Judges changes beside the models that are accepted."""

    def __init__(self, catalog: Catalog) -> None:
        self._market = Market.of_snapshot(catalog.snapshot)

    def of_model(
        self, key: Key, changes: Sequence[Change], before: Facts | None, after: Facts
    ) -> Mapping[str, Sequence[Doubt]]:
        """Return the doubts about each changed field; of a new model as "" too."""
        if before is None:
            changes = [Change(*key, "", None, Fact(dict(after)), kind="appeared")]
        return judge(changes, before, after, self._market, ref=key)

    def of_prices(
        self, changed: Mapping[Key, Sequence[Change]], doubts: Doubts
    ) -> Mapping[Key, Mapping[str, Sequence[Doubt]]]:
        """Return the doubts about prices that a provider's whole batch makes."""
        fields = {key: changed_fields(changes) for key, changes in changed.items()}
        return judge_batch(fields, doubts, self._market)

    def of_absences(
        self,
        source: str,
        had: Collection[Key],
        gone: Collection[Key],
        added: Collection[Key],
        canonical: Mapping[Key, str],
    ) -> Sequence[Doubt]:
        """Return the doubts about models that a provider would lose at once."""
        after = {*had, *added} - set(gone)
        return judge_answer(source, had, after, len(after), canonical=canonical)

    def released(
        self, doubts: Sequence[Doubt], said: Mapping[str, Any], value: Any
    ) -> bool:
        """Tell whether what the sources say of a field lifts the doubts."""
        return released(doubts, value, said)
