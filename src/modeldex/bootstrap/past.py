"""The past: where the packed history is, and what a store knows beyond it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from modeldex.bootstrap import DATA, PACKAGED
from modeldex.bootstrap.compiled import older, open_compiled
from modeldex.catalog import _File
from modeldex.catalog.history import History
from modeldex.catalog.snapshot import open_snapshot, read_whole
from modeldex.config import load_settings
from modeldex.errors import SnapshotDamagedError
from modeldex.usecases.catalog_file import read_beyond
from modeldex.usecases.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modeldex.catalog import Snapshot
    from modeldex.usecases.catalog_file import Beyond

    Ref = tuple[str, str]  # provider, model id

HISTORY = os.path.join(DATA, "history")


class Past:
    """The packed history, and what stands beside a catalogue of now.

    `paths` hold the user's YAML over it; None stands for those of the settings.
    """

    def __init__(self, paths: Sequence[str] | None = None) -> None:
        self._paths = paths

    def timeline(self) -> Timeline:
        """Open the packed history; raises SnapshotDamagedError."""
        return open_history()

    def beyond(self, snapshot: Snapshot) -> Beyond | None:
        """Return what a store knows beyond the history, for a catalogue made of it.

        It is in the file that the catalogue came from, or in the one of its revision
        where YAML or a newer shipped catalogue was laid over. The store is not asked.
        """
        meta = snapshot.meta
        if "revision" not in meta:
            return None
        is_whole = meta.get("whole") != "no"
        found = read_beyond(snapshot, is_whole=is_whole)
        if found is not None:
            return found
        path = load_settings().catalog_file
        files = [open_compiled(path), *map(open_compiled, older(path))]
        same = [f for f in files if f and f.meta.get("epoch") == meta["epoch"]]
        same.sort(key=lambda f: f.meta["revision"] != meta["revision"])
        if not same:
            return None
        found = read_beyond(same[0], is_whole=is_whole)
        return None if found is None else found.as_of(int(meta["revision"]))

    def over(self, key: Ref, facts: dict[str, Any] | None) -> dict[str, Any] | None:
        """Lay the user's YAML over a model's facts."""
        paths = load_settings().catalog_path if self._paths is None else self._paths
        if not paths:
            return facts
        from modeldex.catalog.authoring.load import load_directory
        from modeldex.usecases.build import layered

        layers = [layer for path in paths for layer in load_directory(path)]
        return layered(open_snapshot(PACKAGED), layers, key, facts)


def open_history() -> Timeline:
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
