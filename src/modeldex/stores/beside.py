"""What a store keeps beside revisions: what waits to be told, what a sync remembers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from modeldex.ports import Head
from modeldex.stores.memory import (
    read_claims,
    read_listings,
    read_reviews,
    read_sources,
)
from modeldex.stores.tables import outbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modeldex.domain.syncing import Listing, Review, SourceState
    from modeldex.ports import Claim
    from modeldex.stores.engine import Database

# the newest one; who hears of it needs none of those before
_WAITING = select(outbox).order_by(outbox.c.revision.desc()).limit(1)


class Beside(ABC):
    """The tables that no hash is over."""

    database: Database

    @abstractmethod
    def _there(self, *, whole: bool = True) -> bool:
        """Tell whether there are tables."""

    def outbox(self) -> Head | None:
        """Return the newest revision that nobody has published yet; None for none."""
        if not self._there():
            return None
        with self.database.reading() as connection:
            row = connection.execute(_WAITING).first()
        return None if row is None else Head(row.revision, row.hash, row.epoch)

    def published(self, until: int) -> None:
        """Take out of the outbox what was published: the revisions up to a number."""
        with self.database.writing() as connection:
            connection.execute(delete(outbox).where(outbox.c.revision <= until))

    def sources(self) -> dict[str, SourceState]:
        """Return where the sync with each source is."""
        if not self._there():
            return {}
        with self.database.reading() as connection:
            return read_sources(connection)

    def listings(
        self, source: str | None = None, *, missing: bool = False
    ) -> list[Listing]:
        """Return what a source lists, or all of them; what is missing alone."""
        if not self._there():
            return []
        with self.database.reading() as connection:
            return read_listings(connection, source, missing=missing)

    def claims(self, source: str | None = None) -> Iterator[Claim]:
        """Yield the last claim to each field by each source, or by one."""
        if not self._there():
            return
        with self.database.reading() as connection:
            yield from read_claims(connection, source)

    def reviews(self, state: str | None = None) -> list[Review]:
        """Return the reviews in a state, or all, the oldest first."""
        if not self._there():
            return []
        with self.database.reading() as connection:
            return read_reviews(connection, state)
