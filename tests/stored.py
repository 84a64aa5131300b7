"""Registries that are written to: a store in memory, small catalogues, no disk."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from catalogs import DAY
from modeldex.catalog import Catalog
from modeldex.catalog.compile import compile_snapshot
from modeldex.catalog.encode import encode
from modeldex.catalog.pointers import price_pointers
from modeldex.catalog.snapshot import Snapshot, memory_snapshot
from modeldex.registry import Registry
from modeldex.testing import MemoryStore
from modeldex.usecases.build import build_overlay
from modeldex.usecases.catalog_file import read_own, with_own
from modeldex.usecases.stored import StoredCatalog

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modeldex.catalog.authoring.layer import Layer

D = Decimal
GPT, LATEST, MINI = "openai/gpt-4o", "openai/latest", "openai/mini"
SOURCES = {"*": "litellm"}
ENTRIES: dict[tuple[str, str], dict[str, Any]] = {
    ("openai", "gpt-4o"): {
        "name": "GPT-4o",
        "context_window": 128_000,
        "pricing": {"input": D("2.5"), "output": D(10)},
        "rates": {"input@valid_from=2027-01-01": D(2)},
        "capabilities": {"vision": True, "reasoning": False},
        "sources": {**SOURCES, "pricing.input": "genai-prices"},
    },
    ("openai", "latest"): {"alias_of": "gpt-4o", "sources": SOURCES},
    ("openai", "mini"): {"pricing": {"state": "free"}, "sources": SOURCES},
    ("acme", "m"): {"mode": "embedding", "sources": SOURCES},
}
WHY = {"because": "a reason"}


NOW = f"{DAY}T12:00:00.000+00:00"


class Memory:
    """Surroundings in memory; `files` are the catalogue files kept, in order."""

    version = "0.0.test"

    def __init__(self, entries: Mapping[tuple[str, str], Mapping[str, Any]]) -> None:
        self.entries = entries
        self.made: MemoryStore | None = None
        self.files: list[bytes] = []
        self.layers: list[Layer] = []
        self.said: list[str] = []

    def open_store(self, *, create: bool) -> MemoryStore | None:
        """Return the store, made by the first write."""
        if self.made is None and create:
            self.made = MemoryStore()
        return self.made

    def shipped(self) -> Snapshot:
        """Return the shipped catalogue."""
        models = {key: encode(*key, facts) for key, facts in self.entries.items()}
        providers: dict[str, Any] = {p: {"name": p.upper()} for p, _ in models}
        rows = price_pointers(models).values()
        return memory_snapshot(compile_snapshot(rows, providers, {"date": DAY}))

    def compiled(self) -> Snapshot | None:
        """Return the last file kept."""
        return memory_snapshot(self.files[-1]) if self.files else None

    def made_at(self) -> float:
        """Return a moment long ago."""
        return 0.0

    def keep(self, data: bytes) -> Snapshot:
        """Keep a file."""
        self.files.append(data)
        return memory_snapshot(data)

    def overlays(self) -> list[Layer]:
        """Return the layers of YAML."""
        return self.layers

    def now(self) -> str:
        """Return always the same time."""
        return NOW

    def today(self) -> str:
        """Return always the same day."""
        return DAY

    def desk(self, stored: Any) -> Any:
        """Return nothing to sync with."""
        raise NotImplementedError(stored)

    def identity(self) -> str:
        """Return always the same id."""
        return "0123456789abcdef"

    def say(self, text: str) -> None:
        """Remember what was said."""
        self.said.append(text)

    def registry(self) -> Registry:
        """Open a registry as another process would: the file, else the shipped one."""

        def load(_why: str) -> Catalog:
            found = self.compiled()
            snapshot = found or self.shipped()
            if self.layers:
                built = build_overlay(snapshot, self.layers)
                snapshot = memory_snapshot(built.data)
                own = read_own(found) if found else {}
                snapshot = memory_snapshot(with_own(snapshot, own, self.today))
            return Catalog(snapshot, self.today)

        def writing(lookup: Any) -> Any:
            return StoredCatalog(lookup, self), lambda: "tester"

        return Registry(load, None, writing)
