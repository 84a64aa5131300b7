"""A team of instances over one store, edited at a pace, and what its readers saw."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Self

from instances import FIELDS, Instance
from modeldex.stores import open_store
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ANSWER_SECONDS = 60.0


class Team:
    """Instances of one store; `edits` are (revision, time of its commit)."""

    def __init__(
        self,
        folder: Path,
        count: int,
        store: str,
        nats: str = "",
        *,
        refs: list[str],
        **environ: str,
    ) -> None:
        self.refs = refs
        self.edits: list[tuple[int, float]] = []
        self.states: dict[int, list[Any]] = {}
        self.store = open_store(store)
        self.instances = [
            Instance(folder / str(n), store, nats, refs, **environ)
            for n in range(count)
        ]
        self._values: list[Any] = []

    def __enter__(self) -> Self:
        try:
            until(lambda: all(i.seen for i in self.instances), ANSWER_SECONDS)
            self._values = self.instances[0].seen[-1]["values"]
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for instance in self.instances:
            instance.kill()
        self.store.close()

    def edit(self, by: int = 0) -> int:
        """Edit a model through an instance; return the revision."""
        number = len(self.edits) + 1
        where = number % len(self.refs)
        said = self.instances[by].ask(edit=[self.refs[where], 1_000 + number])
        assert "revision" in said, said
        if not self.edits:  # the shipped catalogue is a revision before it
            self.states[said["revision"] - 1] = self._values
        self._values = [*self._values]
        self._values[where] = [1_000 + number] * len(FIELDS)
        self.states[said["revision"]] = self._values
        self.edits.append((said["revision"], said["at"]))
        return int(said["revision"])

    def edit_for(
        self, seconds: float, every: float = 0.25, by: Iterable[int] | None = None
    ) -> list[tuple[int, float]]:
        """Edit at a pace, through instances in turn; return these edits."""
        writers = list(range(len(self.instances)) if by is None else by)
        first, began = len(self.edits), time.monotonic()
        for turn in range(max(1, round(seconds / every))):
            time.sleep(max(0.0, began + turn * every - time.monotonic()))
            self.edit(writers[turn % len(writers)])
        return self.edits[first:]

    def settle(self, seconds: float = 10.0) -> float:
        """Wait until all serve the last revision; return the seconds since its commit.

        As their readers saw it.
        """
        revision, at = self.edits[-1]
        until(
            lambda: all(
                i.seen and i.seen[-1]["seen"] >= revision for i in self.instances
            ),
            seconds,
        )
        return max(self.visible(i, revision) for i in self.instances) - at

    def visible(self, instance: Instance, revision: int) -> float:
        """Return when an instance's reader first saw a revision, or a later one."""
        return next(
            (float(s["at"]) for s in [*instance.seen] if s["seen"] >= revision),
            float("inf"),
        )

    def lags(self, edits: list[tuple[int, float]]) -> list[float]:
        """Return for each edit the seconds until the last instance showed it."""
        self.settle()
        return sorted(
            max(self.visible(i, revision) for i in self.instances) - at
            for revision, at in edits
        )

    def digests(self) -> set[str]:
        """Return the digests of all that each instance says of all models."""
        for instance in self.instances:
            instance.tell(digest=True)
        return {
            instance.answer(ANSWER_SECONDS)["digest"] for instance in self.instances
        }

    def faults(self) -> list[str]:
        """Return what readers saw that they must not have seen.

        A revision that went down within one run, or a state that never was.
        """
        found, last = [], {0: self.states[min(self.states)]}
        for revision in range(1, max(self.states) + 1):
            last[revision] = self.states.get(revision, last[revision - 1])
        for number, instance in enumerate(self.instances):
            before: tuple[Any, int] = (0, 0)
            for seen in [*instance.seen]:
                place = (seen["run"], seen["epoch"]), seen["seen"]
                if place[0] == before[0] and place[1] < before[1]:
                    found.append(f"{number}: from {before[1]} back to {place[1]}")
                if seen["values"] != last[seen["seen"]]:
                    found.append(f"{number}: no such state of {seen['seen']}")
                before = place
        return found


def percentile(values: list[float], part: float) -> float:
    """Return the value below which a part of the sorted values is."""
    return values[min(len(values) - 1, int(len(values) * part))]


def small(folder: Path) -> dict[str, Any]:
    """Return what a team of a small catalogue is made with."""
    from shells import small_catalogue

    folder.mkdir(parents=True, exist_ok=True)
    packaged = folder / "shipped.snapshot"
    packaged.write_bytes(small_catalogue())
    refs = ["openai/gpt-4o", "openai/mini", "acme/m"]
    return {"refs": refs, "MODELDEX_TEST_PACKAGED": str(packaged)}
