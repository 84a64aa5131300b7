"""One process of the service, put together by the settings."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from modeldex.bootstrap import open as open_registry
from modeldex.bootstrap.serving import hosts_of, is_loopback, version
from modeldex.config import load_settings
from modeldex.server.access import Access, TokenBook
from modeldex.server.app import create_app
from modeldex.server.service import Service

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from modeldex.registry import Registry
    from modeldex.server.front import Front

CATALOG, SYNC = "MODELDEX_SERVE_CATALOG", "MODELDEX_SERVE_SYNC"


def make() -> Front:
    """Return the application; what it needs beside runs while it does."""
    settings = load_settings()
    path = os.environ.get(CATALOG) or None
    registry = open_registry(path)
    book = None if path else TokenBook(registry.tokens)
    reading = settings.public_read or is_loopback(settings.host)
    service = Service(
        registry,
        Access(book, reading=reading),
        version=version(),
        hosts=hosts_of(settings),
        path=path,
    )
    wanted = os.environ.get(SYNC) == "yes" and path is None
    return create_app(service, lifespan=[_running(registry, book, sync=wanted)])


def _running(registry: Registry, book: TokenBook | None, *, sync: bool) -> Any:
    """Return what runs beside the application: tokens, following, syncs."""

    @asynccontextmanager
    async def run(_app: object) -> AsyncIterator[None]:
        import asyncio

        if book is not None:
            await asyncio.to_thread(book.start)
        fresh = registry.keep_fresh() if sync else None
        try:
            yield
        finally:
            if fresh is not None:
                await asyncio.to_thread(fresh.stop, 5.0)
            if book is not None:
                await asyncio.to_thread(book.stop)

    return run
