"""A bar on a terminal's standard error while something takes long."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    # told what is done, of how many; None where that is not known yet
    Tell = Callable[[str, int, int | None], None]
    Tick = Callable[[int, int], None]


@contextmanager
def progress(*, one: bool = False) -> Iterator[Tell]:
    """Show on a terminal what is under way: a bar for each name that is told of.

    Or `one` for all of them, under the name of what is told of last.
    """
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as shown:
        tasks: dict[str, Any] = {}

        def tell(what: str, done: int, total: int | None) -> None:
            name = "" if one else what
            if name not in tasks:
                tasks[name] = shown.add_task(what, total=total)
            shown.update(tasks[name], description=what, completed=done, total=total)

        yield tell


@contextmanager
def ticking(doing: str) -> Iterator[Tick | None]:
    """Show on a terminal how much of how much is done; None where nobody watches."""
    if not sys.stderr.isatty():
        yield None
        return
    with progress() as tell:
        tell(doing, 0, None)
        yield partial(tell, doing)
