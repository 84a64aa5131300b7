"""One process of the service, put together by the settings."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from modeldex.bootstrap import open as open_registry
from modeldex.bootstrap.following import follow, open_bus
from modeldex.bootstrap.serving import hosts_of, reads_freely
from modeldex.bootstrap.writing import version
from modeldex.config import load_settings
from modeldex.server.access import Access, TokenBook
from modeldex.server.app import create_app
from modeldex.server.service import Service

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from modeldex.server.front import Front
    from modeldex.usecases.following import Follower

_CATCHING_UP = 2.0  # seconds
CATALOG, SYNC = "MODELDEX_SERVE_CATALOG", "MODELDEX_SERVE_SYNC"


def make() -> Front:
    """Return the application; what it needs beside runs while it does."""
    settings = load_settings()
    path = os.environ.get(CATALOG) or None
    registry = open_registry(path)
    book = TokenBook((open_registry(None) if path else registry).tokens)
    follower = None if path else follow(registry, open_bus())
    reading = reads_freely(settings.host, settings.public_read)
    service = Service(
        registry,
        Access(book, reading=reading),
        follower,
        version=version(),
        hosts=hosts_of(settings),
        path=path,
    )
    wanted = os.environ.get(SYNC) == "yes" and path is None
    running = _running(service, follower, book, sync=wanted)
    return create_app(service, lifespan=[running])


async def _caught_up(follower: Follower) -> None:
    """Give it a moment for what the store holds: who saw that is not to see less."""
    end = time.monotonic() + _CATCHING_UP
    while time.monotonic() < end:
        status = follower.status()
        if status.store_up or status.trouble:
            return
        await asyncio.sleep(0.01)


def _running(
    service: Service, follower: Follower | None, book: TokenBook, *, sync: bool
) -> Any:
    """Return what runs beside the application: following, tokens, syncs."""

    @asynccontextmanager
    async def run(_app: object) -> AsyncIterator[None]:
        if follower is not None:
            follower.listen(lambda _head: service.tell_revision())
            await asyncio.to_thread(follower.start)
            await _caught_up(follower)
        await asyncio.to_thread(book.start)
        fresh = service.registry.keep_fresh() if sync else None
        try:
            yield
        finally:
            if fresh is not None:
                await asyncio.to_thread(fresh.stop, 5.0)
            await asyncio.to_thread(book.stop)
            if follower is not None:
                await asyncio.to_thread(follower.stop)

    return run
