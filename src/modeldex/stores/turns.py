"""Writers of one SQLite file take turns, by a lock file beside it.

SQLite alone lets one writer in at a time too, but makes the others sleep and try, and
its releases before 3.51.3 may damage a file when two connections write and checkpoint
at the same instant. The lock goes with the process that holds it.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from modeldex.errors import StoreUnavailableError

try:
    import fcntl
except ImportError:  # Windows has SQLite's own lock alone
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator

WAIT_SECONDS = 60
_FIRST, _LONGEST = 0.0005, 0.02


@contextmanager
def turn(path: str) -> Iterator[None]:
    """Hold the lock of a file; without a path there is nothing to wait for.

    Raises StoreUnavailableError after WAIT_SECONDS, OSError where the lock file
    cannot be made.
    """
    if not path or fcntl is None:
        yield
        return
    lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _wait_for(lock, path, WAIT_SECONDS)
        yield
    finally:
        os.close(lock)


def _wait_for(lock: int, path: str, wait: float) -> None:
    until = time.monotonic() + wait
    pause = _FIRST
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                message = f"{path}: another program writes for more than {wait:g} s"
                raise StoreUnavailableError(message) from None
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST)
        else:
            return
