"""Doubts about what a sync would change: the guards' and those of merging."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from modeldex.domain.syncing import Doubt

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from modeldex.catalog.merging.claims import Key
    from modeldex.domain.change import Change, Facts

    Doubts = Mapping[Key, Mapping[str, Sequence[Doubt]]]

# the doubt about what is right by itself, where another price of the model waits
TOGETHER = "together"
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
    first = min(filter(is_price, doubts), default=None)
    if first is not None:
        for change in changes:
            if is_price(change.field):
                doubts.setdefault(change.field, [waits_with(first)])
    return doubts


def waits_with(field: str) -> Doubt:
    """Return the doubt about a price that waits because another one does."""
    return Doubt(TOGETHER, {"with": field})


def held(
    changes: Sequence[Change],
    doubts: Mapping[str, Sequence[Doubt]],
    said: Mapping[str, Mapping[str, Any]],
    guards: Guards,
) -> dict[str, tuple[Doubt, ...]]:
    """Return the fields of a model that wait, each with why.

    What several sources say of each is `said`: it may lift a doubt. Of prices all
    wait, or none.
    """
    found: dict[str, tuple[Doubt, ...]] = {}
    for change in changes:
        about = doubts.get(change.field, ())
        own = [doubt for doubt in about if doubt.rule != TOGETHER]
        value = None if change.new is None else change.new.value
        if own and not guards.released(own, said.get(change.field, {}), value):
            found[change.field] = tuple(about)
    first = min(filter(is_price, found), default=None)
    if first is not None:
        for name in (change.field for change in changes if is_price(change.field)):
            about = doubts.get(name) or (waits_with(first),)
            found.setdefault(name, tuple(about))
    return found


def is_price(name: str) -> bool:
    """Tell whether a field is one of the prices of a model."""
    return name.partition(".")[0] in _PRICES
