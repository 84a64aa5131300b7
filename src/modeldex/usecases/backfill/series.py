"""What one source said of each model, snapshot by snapshot: only what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Key = tuple[str, str]  # provider id, model id

# a snapshot that lacks more than this part of what was there is damaged: it proves
# nobody's absence
MAX_ABSENT = 0.5
_FEW = 10
# when the source last wrote of a model is no fact of the model
_NOT_KEPT = frozenset(("updated_at",))


class Step(NamedTuple):
    """A fact that begins on a day that the source itself states."""

    key: Key
    field: str
    day: str
    old: Any
    new: Any


class Series:
    """The snapshots of one source in the order of time, as what each one changed.

    `ats` are the times (UTC) of the snapshots; `values` has, for each model and
    field, (index of the snapshot, value) wherever the value differs from the one
    before (None: not said); `presence` likewise whether the model is listed. `steps`
    are the dated facts with the index of the snapshot that first states them.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.ats: list[str] = []
        self.values: dict[Key, dict[str, list[tuple[int, Any]]]] = {}
        self.presence: dict[Key, list[tuple[int, bool]]] = {}
        self.steps: dict[Step, int] = {}
        self.notes: list[str] = []
        self._now: dict[Key, Mapping[str, Any]] = {}
        self._there: set[Key] = set()

    def add(
        self,
        at: str,
        models: Mapping[Key, Mapping[str, Any]],
        steps: Iterable[Step] = (),
        *,
        proves_absence: bool = True,
        partial: bool = False,
    ) -> None:
        """Add a snapshot that is later than all before.

        One that does not prove absence leaves listed what it lacks; one that is
        partial leaves the fields as they were that it does not have.
        """
        index = len(self.ats)
        self.ats.append(at)
        listed = set(models)
        for key, facts in models.items():
            kept = {n: v for n, v in facts.items() if n not in _NOT_KEPT}
            if partial:
                kept = {**self._now.get(key, {}), **kept}
            if self._now.get(key) != kept:
                self._changed(index, key, kept)
        gone = self._there - listed
        if proves_absence and gone:
            if len(gone) > max(MAX_ABSENT * len(self._there), _FEW):
                self.notes.append(f"{at}: lacks {len(gone)} models, taken as damage")
            else:
                self._set_presence(index, gone, there=False)
                self._there -= gone
        self._set_presence(index, listed - self._there, there=True)
        self._there |= listed
        for step in steps:
            self.steps.setdefault(step, index)

    def _changed(self, index: int, key: Key, facts: Mapping[str, Any]) -> None:
        before = self._now.get(key, {})
        said = self.values.setdefault(key, {})
        for name in {*before, *facts}:
            if before.get(name) != facts.get(name):
                said.setdefault(name, []).append((index, facts.get(name)))
        self._now[key] = facts

    def _set_presence(self, index: int, keys: Iterable[Key], *, there: bool) -> None:
        for key in keys:
            self.presence.setdefault(key, []).append((index, there))
