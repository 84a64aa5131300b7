"""Changes for tests: what sources said, written shortly."""

from __future__ import annotations

from decimal import Decimal

from catalogs import compiled
from modeldex.catalog import Catalog
from modeldex.catalog.history import History
from modeldex.catalog.history_pack import pack
from modeldex.catalog.later import LaterPack
from modeldex.catalog.snapshot import Memory, memory_snapshot
from modeldex.domain.change import Change, Fact
from modeldex.registry import Registry
from modeldex.usecases.catalog_file import Beyond, read_beyond
from modeldex.usecases.timeline import Timeline


def read_packed(data):
    """Open a packed history that is in memory."""
    return History(Memory(data, "<memory>"))


def said(ref, field, old, new, seen, source="litellm", **rest):
    """Return a change of one source; prices are written as text."""
    provider, _, model = ref.partition("/")
    facts = [None if v is None else Fact(_typed(field, v), source) for v in (old, new)]
    rest.setdefault("kind", "first_known" if old is None else "change")
    return Change(provider, model, field, *facts, observed_at=seen, **rest)


def mark(ref, kind, seen, source="litellm"):
    """Return the sign that a source lists a model, or no longer does."""
    provider, _, model = ref.partition("/")
    new = Fact(None, source)
    return Change(provider, model, "", None, new, kind=kind, observed_at=seen)


def _typed(field, value):
    return Decimal(value) if field.startswith(("pricing.", "rates.")) else value


O3 = "openai/o3"
HISTORY = [
    mark(O3, "appeared", "2025-04-17T10:00:00Z"),
    said(O3, "pricing.input", None, "10", "2025-04-17T10:00:00Z"),
    said(O3, "pricing.output", None, "40", "2025-04-17T10:00:00Z"),
    said(O3, "context_window", None, 200000, "2025-04-17T10:00:00Z"),
    said(O3, "capabilities.vision", None, True, "2025-04-17T10:00:00Z"),
    said(O3, "pricing.input", "10", "2", "2025-06-11T05:46:00Z"),
    said(O3, "pricing.output", "40", "8", "2025-06-11T05:46:00Z"),
    said(
        *(O3, "pricing.input", None, "2", "2025-06-22T12:00:00Z", "genai-prices"),
        effective_at="2025-06-10",
    ),
    said(
        *(O3, "pricing.output", None, "8", "2025-06-22T12:00:00Z", "genai-prices"),
        effective_at="2025-06-10",
    ),
    mark("openai/gone", "appeared", "2024-01-02T00:00:00Z"),
    said("openai/gone", "pricing.input", None, "1", "2024-01-02T00:00:00Z"),
    mark("openai/gone", "missing", "2024-03-02T00:00:00Z"),
]

TODAY, CATALOGUE = "2025-12-31", "2025-12-01"
NOW = {
    ("openai", "o3"): {
        "name": "o3",
        "context_window": 200000,
        "pricing": {"input": Decimal(2), "output": Decimal(8)},
        "capabilities": {"vision": True},
    },
    ("openai", "new"): {
        "pricing": {"input": Decimal(3)},
        "sources": {"*": "litellm"},
    },
    ("openai", "by-hand"): {
        "pricing": {"input": Decimal(7)},
        "sources": {"*": "curated"},
    },
}
BY_HAND = [said("openai/by-hand", "pricing.input", None, "5", "2025-01-01")]


class Told:
    """Where the past is, for a registry: a history, and changes of a store."""

    def __init__(self, history, later=()):
        self._history = history
        self._later = LaterPack()
        for number, change in enumerate(later, 1):
            self._later.add(number, [change])

    def timeline(self):
        """Return the history."""
        return Timeline(self._history)

    def beyond(self, snapshot):
        """Return the changes, or those that stand beside the catalogue."""
        return read_beyond(snapshot) or Beyond(self._later.read())

    def over(self, _key, facts):
        """Lay nothing over facts."""
        return facts


def registry(changes=(*HISTORY, *BY_HAND), now=NOW, later=(), today=TODAY):
    """Return a registry over a small catalogue with a history."""
    data = compiled(now, date=CATALOGUE)
    history = read_packed(pack(changes))

    return Registry(
        lambda _why: Catalog(memory_snapshot(data), lambda: today),
        past=lambda: Told(history, later),
    )
