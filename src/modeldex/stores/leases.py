"""One instance of many leads: by a lock file, or by a lock of the server's session.

Either goes with the process that holds it, so that a leader that dies is followed.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy import text

try:
    import fcntl
except ImportError:  # Windows: whoever asks leads
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from modeldex.stores.engine import Database

_TAKE = text("SELECT pg_try_advisory_lock(:key, hashtext(current_schema()))")
_LEAVE = text("SELECT pg_advisory_unlock(:key, hashtext(current_schema()))")
_KEY = {"key": 0x6D6F6464}


class FileLease:
    """Holds a file's lock."""

    def __init__(self, lock: int) -> None:
        self._lock = lock

    def holds(self) -> bool:
        """Tell that it does, until it is released."""
        return self._lock >= 0

    def release(self) -> None:
        """Let another instance be the one."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


class SessionLease:
    """Holds an advisory lock of a connection of its own."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def holds(self) -> bool:
        """Tell whether the connection is there still."""
        try:
            self._connection.execute(text("SELECT 1"))
            self._connection.rollback()
        except Exception:  # noqa: BLE001  however it broke, it is gone
            return False
        return True

    def release(self) -> None:
        """Let another instance be the one, at once.

        The session ends too, but a server sees that some time after we have hung up.
        """
        with suppress(Exception):  # however it broke, the server lets go by itself
            self._connection.execute(_LEAVE, _KEY)
        try:
            self._connection.invalidate()
        finally:
            self._connection.close()


def lead(database: Database) -> FileLease | SessionLease | None:
    """Become the one instance that syncs; None where another one is."""
    if database.path:
        lock = os.open(
            f"{database.path}.leader", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        try:
            if fcntl is not None:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        return FileLease(lock)
    connection = database.engine.connect()
    taken = connection.execute(_TAKE, _KEY).scalar()
    connection.rollback()
    if not taken:
        connection.close()
        return None
    return SessionLease(connection)
