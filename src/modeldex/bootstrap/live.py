"""What a registry asks outside: live lists of APIs, models of local servers."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from modeldex.bootstrap.asking import HttpServer, all_apis, lazy_client
from modeldex.bootstrap.last_good import LastGood
from modeldex.config import load_settings
from modeldex.errors import InvalidInputError
from modeldex.usecases.live_lists import LiveLists
from modeldex.usecases.local_models import LocalModels

if TYPE_CHECKING:
    from modeldex.catalog import Catalog
    from modeldex.registry.live import Live

_FOLDER = "live"
# local servers answer soon, or are not there
_BOUNDS = {"connect": 2.0, "read": 15.0, "total": 30.0, "tries": 1}


class Outside:
    """Live lists and local servers of one registry, opened when they are asked."""

    def __init__(self, registry: Live) -> None:
        settings = load_settings()
        keeping = LastGood(os.path.join(settings.cache_dir, _FOLDER))
        self._catalog = partial(_catalog_of, registry)
        self._keeping, self._lasts = keeping, settings.cache_seconds
        opened = None if registry._writing is None else registry._open_desk  # noqa: SLF001
        self.lists = LiveLists(self._catalog, opened, keeping, self._lasts)
        self._apis = all_apis(settings)
        self._servers = {api.name: api for api in self._apis if api.local}
        self._client = lazy_client(**_BOUNDS)
        self._lock = Lock()
        self._local: dict[str, LocalModels] = {}

    def server_names(self) -> list[str]:
        """Return the names of local servers, sorted."""
        return sorted(self._servers)

    def knows(self, name: str) -> bool:
        """Tell whether a source is of this name, or lists such a provider's models."""
        return any(name in (api.name, api.provider) for api in self._apis)

    def has_server(self, name: str) -> str:
        """Return the name of the server of this name or provider; "" for none.

        A provider that has an API of its own is asked there, not at a server that says
        it has the same models.
        """
        if name in self._servers:
            return name
        if any(name == api.provider for api in self._apis if not api.local):
            return ""
        return next((a.name for a in self._servers.values() if a.provider == name), "")

    def local(self, name: str) -> LocalModels:
        """Return the models of a local server, by its name or its provider's.

        Raises InvalidInputError for an unknown one.
        """
        found = self.has_server(name.lower())
        if not found:
            known = ", ".join(self.server_names())
            raise InvalidInputError(f"unknown server {name!r:.60}; known are {known}")
        with self._lock:
            if found not in self._local:
                server = HttpServer(self._servers[found], self._client)
                parts = (server, self._catalog, self._keeping, self._lasts, _now)
                self._local[found] = LocalModels(*parts)
            return self._local[found]

    def clear_cache(self, provider: str | None) -> None:
        """Forget answers in memory: of a provider or server, or of all."""
        server = "" if provider is None else self.has_server(provider)
        with self._lock:
            asked = [
                local
                for name, local in self._local.items()
                if provider is None or name == server
            ]
        for local in asked:
            local.clear_cache()
        if not server:
            self.lists.clear(provider)


def _catalog_of(registry: Live) -> Catalog:
    return registry.catalog


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
