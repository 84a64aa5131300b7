"""Catalogues out of YAML: compiled, kept, and compiled again when files change."""

from __future__ import annotations

import contextlib
import os
from hashlib import sha256
from typing import TYPE_CHECKING

from modeldex.bootstrap import PACKAGED, PROVIDERS
from modeldex.catalog.authoring.load import SUFFIXES, load_directory
from modeldex.catalog.snapshot import (
    FORMAT_VERSION,
    Snapshot,
    memory_snapshot,
    open_snapshot,
    write_snapshot,
)
from modeldex.config import load_settings
from modeldex.errors import CatalogError, InvalidInputError, SnapshotDamagedError
from modeldex.usecases.build import build_overlay, build_shipped, is_current

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modeldex.usecases.build import Built

_KEPT_IN_CACHE = 8


def rebuild_packaged() -> Snapshot:
    """Return the packaged snapshot, compiled anew where its YAML has changed."""
    try:
        previous: Snapshot | None = open_snapshot(PACKAGED)
    except CatalogError:
        previous = None
    if previous and is_current(previous, PROVIDERS):
        return previous
    return _kept(build_shipped(PROVIDERS, previous).data, PACKAGED)


def authored(base: Snapshot | None, paths: Sequence[str], *, anew: bool) -> Snapshot:
    """Return the snapshot of YAML directories over a base, compiled once per change.

    It is kept in the cache directory, or in memory where that cannot be written;
    `anew` compiles even so. Raises AuthoringError, InvalidInputError.
    """
    over = base.digest if base else f"alone, as of {_release()}"
    state = (FORMAT_VERSION, over, [listing(path) for path in paths])
    name = sha256(repr(state).encode()).hexdigest()[:32]
    directory = load_settings().cache_dir
    cached = os.path.join(directory, f"{name}.snapshot")
    if not anew and os.path.exists(cached):
        try:
            return open_snapshot(cached)
        except SnapshotDamagedError:
            pass  # compile it again
    return keep_cached(_build(base, paths).data, cached)


def keep_cached(data: bytes, path: str) -> Snapshot:
    """Return a compiled catalogue, kept in the cache where that can be written."""
    directory = os.path.dirname(path)
    with contextlib.suppress(OSError):
        os.makedirs(directory, exist_ok=True)
        _forget_old(directory)
    return _kept(data, path)


def _release() -> str:
    """Return what tells this version of modeldex from others: its own catalogue."""
    try:
        return open_snapshot(PACKAGED).digest
    except CatalogError:
        return "none"


def _build(base: Snapshot | None, paths: Sequence[str]) -> Built:
    layers = [layer for path in paths for layer in load_directory(path)]
    return build_overlay(base, layers)


def _is_yaml(name: str) -> bool:
    return name.endswith(SUFFIXES)


def _state(entry: os.DirEntry[str]) -> tuple[str, int, int]:
    """Return name, size and time of a file; a dangling link has neither."""
    try:
        status = entry.stat()
    except OSError:
        return entry.name, -1, -1
    return entry.name, status.st_size, status.st_mtime_ns


def listing(path: str) -> tuple[str, list[tuple[str, int, int]]]:
    """Return the state of a directory: name, size and time of each file."""
    try:
        with os.scandir(path) as entries:
            found = [_state(entry) for entry in entries if _is_yaml(entry.name)]
    except OSError as error:
        message = f"{path}: cannot be read ({error.strerror})"
        raise InvalidInputError(message) from error
    return os.path.abspath(path), sorted(found)


def _kept(data: bytes, path: str) -> Snapshot:
    """Return a built snapshot, kept at a path where that can be written."""
    try:
        write_snapshot(data, path)
    except OSError:
        return memory_snapshot(data)
    return open_snapshot(path)


def _forget_old(directory: str) -> None:
    """Delete all but the newest compiled catalogues of a cache directory."""
    found = [
        os.path.join(directory, name)
        for name in os.listdir(directory)
        if name.endswith(".snapshot")
    ]
    found.sort(key=os.path.getmtime, reverse=True)
    for path in found[_KEPT_IN_CACHE:]:
        os.unlink(path)
