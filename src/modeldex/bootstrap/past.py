"""The past: where the packed history is, and what a store knows beyond it."""

from __future__ import annotations

import os

from modeldex.bootstrap import DATA
from modeldex.catalog import _File
from modeldex.catalog.history import History
from modeldex.catalog.snapshot import read_whole
from modeldex.errors import SnapshotDamagedError
from modeldex.usecases.timeline import Timeline

HISTORY = os.path.join(DATA, "history")


def open_past() -> Timeline:
    """Open what is known of the past; nothing, where the package has no history.

    Raises SnapshotDamagedError or SnapshotVersionError.
    """
    path = HISTORY
    if not os.path.exists(path):
        return Timeline(None)
    try:
        file = _File(path) if hasattr(os, "pread") else read_whole(path)
    except OSError as error:
        message = f"{path}: no history can be read ({error.strerror})"
        raise SnapshotDamagedError(message) from error
    return Timeline(History(file))
