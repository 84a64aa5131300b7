"""Fake servers of this host: Ollama, LM Studio, vLLM, in the shapes that they have."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from modeldex.bootstrap.asking import HttpServer
from modeldex.bootstrap.last_good import LastGood
from modeldex.sources.addresses import Gate
from modeldex.sources.apis import find_api
from modeldex.sources.client import Client
from modeldex.usecases.local_models import LocalModels
from upstream import Upstream, answer, status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modeldex.catalog import Catalog
    from upstream import Exchange

TAGS, SHOW, PS = "/api/tags", "/api/show", "/api/ps"
VARIABLES = {
    "ollama": ("OLLAMA_HOST", ""),
    "lmstudio": ("LMSTUDIO_BASE_URL", ""),
    "vllm": ("VLLM_BASE_URL", "/v1"),
}
DETAILS = {
    "format": "gguf",
    "family": "oak",
    "families": ["oak"],
    "parameter_size": "3.2B",
    "quantization_level": "Q4_K_M",
}


def shown(
    window: int | None = 65_536,
    *able: str,
    parameters: str = "",
    architecture: str = "oak",
    **more: Any,
) -> dict[str, Any]:
    """Return what Ollama shows of a model."""
    info: dict[str, Any] = {"general.architecture": architecture}
    if window:
        info[f"{architecture}.context_length"] = window
        info[f"{architecture}.embedding_length"] = 768
    found = {"details": DETAILS, "model_info": info, "parameters": parameters}
    if able:
        found["capabilities"] = list(able)
    return {**found, **more}


class Ollama:
    """An Ollama server that holds what tests give it; `models` may change."""

    def __init__(self, upstream: Upstream, models: Mapping[str, Any]) -> None:
        self.upstream = upstream
        self.models = dict(models)
        self.digests = {name: f"{n:064x}" for n, name in enumerate(models, 10**15)}
        self.loaded: dict[str, int] = {}
        self.rows: dict[str, dict[str, Any]] = {}
        upstream.on(TAGS, self._tags)
        upstream.on(SHOW, self._show)
        upstream.on(PS, self._ps)

    def _row(self, name: str) -> dict[str, Any]:
        return {
            "name": name,
            "model": name,
            "size": 2_019_393_189,
            "digest": self.digests.get(name, "f" * 64),
            "details": DETAILS,
            **self.rows.get(name, {}),
        }

    def _tags(self, exchange: Exchange) -> None:
        answer({"models": [self._row(name) for name in self.models]})(exchange)

    def _ps(self, exchange: Exchange) -> None:
        rows = [{**self._row(n), "context_length": c} for n, c in self.loaded.items()]
        answer({"models": rows})(exchange)

    def _show(self, exchange: Exchange) -> None:
        name = json.loads(exchange.body)["model"]
        found = self.models.get(name)
        (status(404) if found is None else answer(found))(exchange)

    def asked(self) -> list[str]:
        """Return the models that were asked about."""
        seen = [one for one in self.upstream.requests if one.path == SHOW]
        return [json.loads(one.body)["model"] for one in seen]


class Desk:
    """A local server's models over a catalogue, with a clock that tests move."""

    def __init__(
        self,
        catalog: Catalog,
        folder: Any,
        url: str,
        name: str = "ollama",
        *,
        lasts: float = 3_600,
        local_hosts: tuple[str, ...] = (),
    ) -> None:
        from modeldex.sources.wire import Bounds

        variable, tail = VARIABLES[name]
        api = find_api(name)
        assert api is not None
        self.catalog = catalog
        bounds = Bounds(connect=1, read=3, total=5)
        client = Client(Gate(local_hosts), bounds=bounds, tries=1)
        self.environ = {variable: url + tail}
        server = HttpServer(api, lambda: client, self.environ)
        self.later = 0.0
        self.models = LocalModels(
            server,
            lambda: self.catalog,
            LastGood(str(folder)),
            lasts,
            lambda: "2026-11-25T12:00:00.000+00:00",
        )
        state = self.models._state
        clock = state.clock
        state.clock = lambda: clock() + self.later  # type: ignore[method-assign]
