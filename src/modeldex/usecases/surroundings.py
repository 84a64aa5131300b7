"""What a stored catalogue needs of the outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modeldex.catalog import Snapshot
    from modeldex.catalog.authoring.layer import Layer
    from modeldex.ports import Source, Store
    from modeldex.usecases.stored import StoredCatalog
    from modeldex.usecases.sync.run import Desk


class Surroundings(Protocol):
    """Places, times and words of the process around a stored catalogue."""

    @property
    def version(self) -> str:
        """The version of modeldex."""

    def open_store(self, *, create: bool) -> Store | None:
        """Open the store; None where there is none yet and none is to be made."""

    def shipped(self) -> Snapshot:
        """Open the shipped catalogue."""

    def compiled(self) -> Snapshot | None:
        """Open the catalogue file of the store, if there is a sound one."""

    def made_at(self) -> float:
        """Return when what `compiled` opens was written, else the shipped catalogue.

        In seconds, as `time.time`.
        """

    def keep(self, data: bytes) -> Snapshot:
        """Write the catalogue file, unless there is a later one; return it opened.

        Raises OSError.
        """

    def overlays(self) -> Sequence[Layer]:
        """Read the user's YAML that lies over the catalogue."""

    def now(self) -> str:
        """Return the time in UTC, ISO text."""

    def today(self) -> str:
        """Return the day in UTC, ISO text."""

    def desk(self, stored: StoredCatalog) -> tuple[Desk, Sequence[Source]]:
        """Return what a sync works with, and the sources that can be asked."""

    def identity(self) -> str:
        """Return the id of a registry that has no store yet; the same every time."""

    def say(self, text: str) -> None:
        """Tell what takes a moment, or went wrong beside a commit."""
