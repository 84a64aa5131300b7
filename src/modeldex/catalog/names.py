"""The one entry that an id means which no rule of `resolve` leads to."""

from __future__ import annotations

from modeldex.domain.provider import KIND_NAMES, provider_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from modeldex.catalog import Catalog


class Names:
    """Every ref and every id of a catalogue."""

    __slots__ = ("_holders", "_kinds", "_own", "_refs")

    def __init__(self, catalog: Catalog) -> None:
        facts = catalog.snapshot.providers
        self._kinds = {name: fact.get("kind") for name, fact in facts.items()}
        self._refs = frozenset(catalog.refs)
        self._holders: dict[str, list[str]] = {}
        self._own: set[str] = set()
        for ref, same in zip(catalog.refs, catalog.index.canonicals, strict=True):
            provider, _, model = ref.partition("/")
            self._holders.setdefault(model, []).append(ref)
            if same.startswith(f"{provider}/"):
                self._own.add(ref)

    def __contains__(self, text: str) -> bool:
        return text in self._holders or self.with_slash(text) in self._refs

    @property
    def ids(self) -> Sequence[str]:
        """Every id, each once."""
        return tuple(self._holders)

    def with_slash(self, text: str) -> str:
        """Return `provider:model`, as some programs write it, as `provider/model`."""
        head, colon, rest = text.partition(":")
        provider = provider_id(head) if colon and "/" not in head else ""
        return f"{provider}/{rest}" if provider in self._kinds else text

    def identify(self, text: str) -> str | None:
        """Return the ref that a text is, or that an id means by who has it, or None.

        An id means the one entry at the kind of provider that comes first (the author's
        own service, clouds, aggregators, local servers, plans); of several there, the
        one whose canonical id names that provider as its author.
        """
        if text in self._refs:
            return text
        holders = self._holders.get(text, ())
        for kind in (*KIND_NAMES, None):
            found = [r for r in holders if self._kinds[r.partition("/")[0]] == kind]
            if len(found) > 1:
                found = [ref for ref in found if ref in self._own]
                return found[0] if len(found) == 1 else None
            if found:
                return found[0]
        return None
