"""The catalogue file of a store: where it is, how it is kept and opened.

`current.snapshot` is the newest one; beside it the last three are kept by revision, so
that an older one answers when it is damaged.
"""

from __future__ import annotations

import contextlib
import os
from hashlib import sha256
from typing import TYPE_CHECKING

from modeldex.bootstrap import today
from modeldex.catalog.snapshot import (
    Snapshot,
    memory_snapshot,
    open_snapshot,
    write_snapshot,
)
from modeldex.config import load_settings
from modeldex.errors import CatalogError
from modeldex.usecases.catalog_file import read_origin, read_own, with_own

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_KEPT = 3


def open_compiled(path: str, *, thorough: bool = False) -> Snapshot | None:
    """Open the catalogue file; an older one where it is damaged, None for none.

    `thorough` checks the digest of the whole.
    """
    for candidate in (path, *older(path)):
        try:
            snapshot = open_snapshot(candidate)
            read_origin(snapshot)
            if thorough:
                snapshot.verify()
        except (CatalogError, KeyError, ValueError):
            continue
        return snapshot
    return None


def over_shipped(
    shipped: Snapshot, path: str, paths: Sequence[str], why: str
) -> Snapshot | None:
    """Return the store's catalogue with the user's YAML over it, and hand's on top.

    A file that was made over another shipped catalogue gives what people wrote, over
    the one of today. None where no sound file is.
    """
    found = open_compiled(path, thorough=why == "damaged")
    if found is None:
        return None
    of_today = read_origin(found).get("shipped") == shipped.digest
    if of_today and not paths:
        return found
    base = found if of_today else shipped
    anew = why != "open"
    from modeldex.bootstrap.authored import authored, keep_cached

    if paths:
        base = authored(base, paths, anew=anew)
    origin = {**read_origin(found), "whole": "yes" if of_today else "no"}
    name = sha256(f"own 2 {base.digest} {found.digest}".encode()).hexdigest()[:32]
    cached = os.path.join(load_settings().cache_dir, f"{name}.snapshot")
    if not anew and os.path.exists(cached):
        with contextlib.suppress(CatalogError):
            return open_snapshot(cached)
    return keep_cached(with_own(base, read_own(found), today, origin), cached)


def older(path: str) -> list[str]:
    """Return the kept catalogue files beside the current one, the newest first."""
    start = f"{os.path.basename(path).removesuffix('.snapshot')}."
    folder = os.path.dirname(path)
    with contextlib.suppress(OSError):
        names = [n for n in os.listdir(folder) if n.startswith(start)]
        kept = [n for n in names if n.endswith(".snapshot") and n.count(".") > 1]
        found = [os.path.join(folder, name) for name in kept]
        return sorted(found, key=_order, reverse=True)
    return []


def _order(path: str) -> tuple[int, str]:
    try:
        return os.stat(path).st_mtime_ns, path
    except OSError:
        return 0, path


def keep_compiled(data: bytes, path: str) -> Snapshot:
    """Write a catalogue file, unless a later one of the same store is there.

    Raises OSError.
    """
    made = memory_snapshot(data)
    origin = read_origin(made)
    folder, name = os.path.split(path)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    with _alone(folder):
        current = open_compiled(path)
        if current is not None and _is_later(read_origin(current), origin):
            return made
        mark = f"{int(origin['revision']):010}-{origin['epoch'][:8]}"
        kept = os.path.join(folder, f"{name.removesuffix('.snapshot')}.{mark}.snapshot")
        write_snapshot(data, kept)
        fresh = f"{path}.{os.getpid()}.tmp"
        with contextlib.suppress(OSError):
            os.unlink(fresh)
        try:
            os.link(kept, fresh)
        except OSError:  # no hard links here
            write_snapshot(data, fresh)
        os.replace(fresh, path)
        _sync(folder)
        for old in older(path)[_KEPT:]:
            with contextlib.suppress(OSError):
                os.unlink(old)
    return open_snapshot(path)


def _is_later(known: dict[str, str], made: dict[str, str]) -> bool:
    if known.get("epoch") != made["epoch"]:
        return False
    return int(known["revision"]) > int(made["revision"])


def _sync(folder: str) -> None:
    """Bring a directory's entries to the disk, where that is possible."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def _alone(folder: str) -> Iterator[None]:
    """Let one process at a time replace the file, where files can be locked."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with open(os.path.join(folder, ".lock"), "ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
