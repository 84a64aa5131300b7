"""The entry that a text found in code, a configuration or a list means.

`Names.identify` is the one place that decides it: exactly, by ref or by id, or not
at all.
"""

from __future__ import annotations

from modeldex.domain.provider import KIND_NAMES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from modeldex.catalog import Catalog


class Names:
    """Every ref and every id of a catalogue."""

    __slots__ = ("_authors", "_holders", "_kinds", "_refs", "providers")

    def __init__(self, catalog: Catalog) -> None:
        facts = catalog.snapshot.providers
        self.providers = frozenset(facts)
        self._kinds = {name: fact.get("kind") for name, fact in facts.items()}
        self._refs = frozenset(catalog.refs)
        self._holders: dict[str, list[str]] = {}
        self._authors: dict[str, str] = {}
        canonical = catalog.snapshot.block("canonical").decode().split("\n")
        for ref, same in zip(catalog.refs, canonical, strict=True):
            provider, _, model = ref.partition("/")
            self._holders.setdefault(model, []).append(ref)
            if same.startswith(f"{provider}/"):
                self._authors[ref] = provider

    def __contains__(self, text: str) -> bool:
        return text in self._holders or text in self._refs

    @property
    def ids(self) -> Sequence[str]:
        """Every id, each once."""
        return tuple(self._holders)

    def identify(self, text: str, provider: str | None = None) -> str | None:
        """Return the ref that a ref or an id means, or None.

        With a provider an id means that provider's entry, if it has one. Else it
        means the one entry at the kind of provider that comes first (the author's
        own service, clouds, aggregators, local servers, plans); of several there,
        the one whose canonical id names that provider as its author.
        """
        if provider and f"{provider}/{text}" in self._refs:
            return f"{provider}/{text}"
        if text in self._refs:
            return text
        for kind in (*KIND_NAMES, None):
            found = [r for r in self._holders.get(text, ()) if self._kind(r) == kind]
            if len(found) > 1:
                found = [ref for ref in found if ref in self._authors]
            if found:
                return found[0] if len(found) == 1 else None
            if self._has(text, kind):
                return None
        return None

    def _kind(self, ref: str) -> str | None:
        return self._kinds.get(ref.partition("/")[0])

    def _has(self, text: str, kind: str | None) -> bool:
        return any(self._kind(ref) == kind for ref in self._holders.get(text, ()))
