"""What writes to the catalogue: the store, its catalogue file, the user's YAML."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from modeldex.bootstrap import PACKAGED, today
from modeldex.bootstrap.authored import listing
from modeldex.bootstrap.compiled import keep_compiled, open_compiled
from modeldex.catalog.authoring.load import load_directory
from modeldex.catalog.snapshot import open_snapshot
from modeldex.config import default_store, load_settings
from modeldex.usecases.chain import read_id
from modeldex.usecases.stored import StoredCatalog

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from modeldex.catalog import Lookup, Snapshot
    from modeldex.catalog.authoring.layer import Layer
    from modeldex.config import Settings
    from modeldex.ports import Source, Store
    from modeldex.stores.store import SqlStore
    from modeldex.usecases.sync.run import Desk


def written(
    lookup: Lookup, paths: Sequence[str] | None
) -> tuple[StoredCatalog, Callable[[], str]]:
    """Return what a registry's catalogue is written by, and who writes."""
    return StoredCatalog(lookup, Surroundings(paths)), author


def version() -> str:
    """Return the installed version of modeldex."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as version_of

    try:
        return version_of("modeldex")
    except PackageNotFoundError:  # a bare checkout
        return "unreleased"


def author() -> str:
    """Return the user of this computer."""
    from getpass import getuser

    try:
        return getuser()
    except (KeyError, OSError, ImportError):
        return "unknown"


def sql_store(
    file: str | None = None, *, create: bool = False, settings: Settings | None = None
) -> SqlStore | None:
    """Open the store of the settings; None where there is none yet and none is made.

    With `file`, open that backup, a SQLite store itself. Raises StoreError,
    MissingExtraError.
    """
    from modeldex.stores import open_store

    if file is not None:
        return open_store(f"sqlite:///{os.path.abspath(file)}")
    settings = settings or load_settings()
    path = settings.store.removeprefix("sqlite:///")
    if path != settings.store and not create and not os.path.exists(path):
        return None
    if create and settings.store == default_store(settings.data_dir):
        os.makedirs(settings.data_dir, mode=0o700, exist_ok=True)
    return open_store(settings.store)


_ID_FILE = "registry.id"
_in_memory = uuid4().hex  # where nothing can be kept


def kept_id(data_dir: str) -> str:
    """Return the random id that a directory keeps; made where there is none."""
    path = os.path.join(data_dir, _ID_FILE)
    try:
        if not os.path.exists(path):
            _make_id(path)
        with open(path, encoding="ascii") as file:
            return read_id(file.read(64).strip())
    except (OSError, ValueError):
        return _in_memory


def _make_id(path: str) -> None:
    """Keep a random id whole; who is first is the one."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(temporary, "w", encoding="ascii") as file:
        file.write(uuid4().hex)
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(temporary)


class Surroundings:
    """The places that the settings name."""

    def __init__(self, paths: Sequence[str] | None = None) -> None:
        self._settings = load_settings()
        given = self._settings.catalog_path if paths is None else paths
        self._paths = tuple(given)
        self._layers: tuple[object, list[Layer]] = (None, [])
        self._file = self._settings.catalog_file
        self._desk: tuple[Desk, Sequence[Source]] | None = None

    @property
    def version(self) -> str:
        """The installed version of modeldex."""
        return version()

    def open_store(self, *, create: bool) -> Store | None:
        """Open the store; None where there is none yet and none is to be made.

        Raises StoreError, MissingExtraError.
        """
        return sql_store(create=create, settings=self._settings)

    def shipped(self) -> Snapshot:
        """Open the shipped catalogue."""
        return open_snapshot(PACKAGED)

    def compiled(self) -> Snapshot | None:
        """Open the catalogue file of the store, if there is a sound one."""
        return open_compiled(self._file) if os.path.exists(self._file) else None

    def made_at(self) -> float:
        """Return when the catalogue file was written, else the shipped one."""
        path = self._file if os.path.exists(self._file) else PACKAGED
        return os.stat(path).st_mtime

    def keep(self, data: bytes) -> Snapshot:
        """Write the catalogue file; raise OSError."""
        return keep_compiled(data, self._file)

    def overlays(self) -> list[Layer]:
        """Read the user's YAML; again when a file has changed."""
        state = [listing(path) for path in self._paths]
        if state and state != self._layers[0]:
            found = [layer for path in self._paths for layer in load_directory(path)]
            self._layers = (state, found)
        return self._layers[1]

    def now(self) -> str:
        """Return the time in UTC, ISO text."""
        return datetime.now(UTC).isoformat(timespec="milliseconds")

    def today(self) -> str:
        """Return the day in UTC, ISO text."""
        return today()

    def desk(self, stored: StoredCatalog) -> tuple[Desk, Sequence[Source]]:
        """Return what a sync works with, and the sources that can be asked."""
        from modeldex.bootstrap.syncing import open_desk

        if self._desk is None:
            self._desk = open_desk(stored)
        return self._desk

    def identity(self) -> str:
        """Return the id of a registry without a store, kept in the data directory."""
        return kept_id(self._settings.data_dir)

    def say(self, text: str) -> None:
        """Tell a person at a terminal; a program is not disturbed."""
        if sys.stderr.isatty():
            sys.stderr.write(f"{text}\n")
