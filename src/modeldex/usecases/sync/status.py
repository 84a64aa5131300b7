"""How each source stands: what it needs, when it last answered, how late it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from modeldex.usecases.sync.schedule import interval_of, next_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modeldex.ports import Source
    from modeldex.usecases.sync.run import Desk

_DAY = 86_400.0
# seconds from the day that a price was stated to begin to the release that had it: the
# middle of the steps of the shipped history that have a stated day (554, 49, 35, 77)
LAGS = {
    "genai-prices": 10 * _DAY,
    "litellm": 2 * _DAY,
    "models.dev": 7 * _DAY,
    "pi-ai": 2 * _DAY,
}


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """A source, and where the sync with it is.

    `needs` are the variables of which one holds its key; `lacks` is what must be set,
    "" where it is ready. `age` is the seconds since the last good answer, `lag` those
    from when a fact was true to when it was seen there, in the middle of what is
    known; None where nothing is. `next_at` is when it is due, where syncs are run.
    """

    source: str
    kind: str
    provider: str
    needs: tuple[str, ...]
    lacks: str
    authority: tuple[str, ...]
    synced_at: str
    age: float | None
    lag: float | None
    next_at: str
    rows: int
    error: str

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "source": self.source,
            "kind": self.kind,
            "provider": self.provider or None,
            "needs": list(self.needs),
            "ready": not self.lacks,
            "authority": list(self.authority),
            "synced_at": self.synced_at or None,
            "age": self.age,
            "lag": self.lag,
            "next_at": self.next_at or None,
            "rows": self.rows,
            "error": self.error or None,
        }


def statuses(desk: Desk, sources: Sequence[Source]) -> list[SourceStatus]:
    """Return how sources stand now."""
    states = desk.states(source.name for source in sources)
    now = datetime.fromisoformat(desk.stored.around.now())
    found = []
    for source in sources:
        state = states[source.name]
        at = next_at(state, interval_of(source))
        age = None
        if state.synced_at:
            age = (now - datetime.fromisoformat(state.synced_at)).total_seconds()
        found.append(
            SourceStatus(
                source.name,
                source.kind,
                source.provider,
                tuple(source.needs),
                source.lacks(),
                tuple(sorted(source.authority)),
                state.synced_at,
                age,
                LAGS.get(source.name),
                at.isoformat(timespec="seconds") if at else "",
                state.rows,
                state.error,
            )
        )
    return found
