"""The registry that answers: opened again when its files have changed.

A store that others write too, which the settings name, is asked what is new.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Any

from modeldex.bootstrap import open as open_registry
from modeldex.bootstrap.authored import listing
from modeldex.bootstrap.following import catch_up
from modeldex.config import default_store, load_settings
from modeldex.errors import ModeldexError

if TYPE_CHECKING:
    from modeldex.registry import Registry

_SECONDS = 2.0  # between two looks at the files


class Current:
    """The default catalogue, or that at a path, as its files are now.

    An edit that is broken, or half done, leaves the last good one in place.
    """

    def __init__(self, path: str | None = None) -> None:
        self._path = path
        self._lock = Lock()
        self._state = self._look()
        self._registry = open_registry(path)
        self._is_shared = path is None and _is_shared()
        # what others have written is asked for at the first question
        self._looked = time.monotonic() - _SECONDS * self._is_shared

    def registry(self) -> Registry:
        """Return the registry; it may look at files, so ask in a thread."""
        if time.monotonic() - self._looked < _SECONDS:
            return self._registry
        with self._lock:
            if time.monotonic() - self._looked >= _SECONDS:
                self._refresh()
                self._looked = time.monotonic()
        return self._registry

    def _refresh(self) -> None:
        try:
            state = self._look()
            if state != self._state:
                found = open_registry(self._path)
                _ = found.digest  # now, not at the first question
                self._registry, self._state = found, state
        except (ModeldexError, OSError):
            pass
        if self._is_shared:
            with suppress(ModeldexError):  # it is away: what was known answers
                catch_up(self._registry)

    def _look(self) -> Any:
        """Return what tells one state of the files from another."""
        if self._path is not None:
            is_folder = os.path.isdir(self._path)
            return listing(self._path) if is_folder else _stamp(self._path)
        settings = load_settings()
        return _stamp(settings.catalog_file), [*map(listing, settings.catalog_path)]


def _is_shared() -> bool:
    """Tell whether the settings name a store: programs elsewhere may write to it."""
    settings = load_settings()
    return settings.store != default_store(settings.data_dir)


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
