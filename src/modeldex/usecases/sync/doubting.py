"""Doubts about what a sync would change: the guards' and those of merging."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from modeldex.catalog.merging.claims import Key
    from modeldex.domain.change import Change, Facts
    from modeldex.domain.syncing import Doubt

    Doubts = Mapping[Key, Mapping[str, Sequence[Doubt]]]

_PRICES = ("pricing", "rates")


class Guards(Protocol):
    """What holds a change back."""

    def of_model(
        self, key: Key, changes: Sequence[Change], before: Facts | None, after: Facts
    ) -> Mapping[str, Sequence[Doubt]]:
        """Return the doubts about each changed field of a model."""

    def of_prices(
        self, changed: Mapping[Key, Sequence[Change]], doubts: Doubts
    ) -> Mapping[Key, Mapping[str, Sequence[Doubt]]]:
        """Return the doubts about prices that a provider's whole batch makes."""

    def of_absences(
        self,
        source: str,
        had: Collection[Key],
        gone: Collection[Key],
        added: Collection[Key],
        canonical: Mapping[Key, str],
    ) -> Sequence[Doubt]:
        """Return the doubts about models that a provider would lose at once."""

    def released(
        self, doubts: Sequence[Doubt], said: Mapping[str, Any], value: Any
    ) -> bool:
        """Tell whether what the other sources say of a field lifts the doubts."""


def doubts_about(
    changed: Mapping[Key, Sequence[Change]],
    state: Mapping[Key, Facts],
    guards: Guards,
    put_aside: Callable[[Key, Sequence[Change]], Mapping[str, Doubt]],
) -> dict[Key, dict[str, list[Doubt]]]:
    """Return what is held against each changed field of each model.

    `put_aside` tells why a changed field's claim is not weighed.
    """
    found: dict[Key, dict[str, list[Doubt]]] = {}
    raw: dict[Key, dict[str, list[Doubt]]] = {}
    for key, changes in changed.items():
        before = state.get(key)
        said = guards.of_model(key, changes, before, _with(before, changes))
        doubts = {name: list(items) for name, items in said.items() if items}
        for name, doubt in put_aside(key, changes).items():
            doubts.setdefault(name, []).append(doubt)
        if doubts:
            raw[key] = doubts
            found[key] = _together(changes, dict(doubts))
    for key, batch in guards.of_prices(changed, raw).items():
        for name, more in batch.items():
            held = found.setdefault(key, {}).setdefault(name, [])
            held += [doubt for doubt in more if doubt not in held]
    return found


def _with(before: Facts | None, changes: Sequence[Change]) -> Facts:
    """Return facts with changes made."""
    after = dict(before or {})
    for change in changes:
        if change.new is None:
            after.pop(change.field, None)
        else:
            after[change.field] = change.new
    return after


def _together(
    changes: Sequence[Change], doubts: dict[str, list[Doubt]]
) -> dict[str, list[Doubt]]:
    """Return doubts about all of a model's changed prices, where one is in doubt.

    Half of a source's price with half of another's would be nobody's.
    """
    first = next((doubts[name] for name in sorted(doubts) if _is_price(name)), None)
    for name in [c.field for c in changes if first and _is_price(c.field)]:
        doubts.setdefault(name, list(first or ()))
    return doubts


def _is_price(name: str) -> bool:
    return name.partition(".")[0] in _PRICES
