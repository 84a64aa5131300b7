"""The outbox: revisions that were committed and not yet told to other instances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from modeldex.ports import Head
from modeldex.stores.tables import outbox

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


def waiting(connection: Connection) -> Head | None:
    """Return the newest one; who hears of it needs none of those before."""
    query = select(outbox).order_by(outbox.c.revision.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else Head(row.revision, row.hash, row.epoch)


def published(connection: Connection, until: int) -> None:
    """Take out the revisions up to a number."""
    connection.execute(delete(outbox).where(outbox.c.revision <= until))
