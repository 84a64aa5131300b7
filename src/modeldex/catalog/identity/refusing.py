"""Refusals: why a text means no model here, and what may be meant."""

from __future__ import annotations

from modeldex.catalog.identity.spellings import spellings_of
from modeldex.catalog.query import Query
from modeldex.catalog.resolve import near_refs
from modeldex.domain.provider import KIND_NAMES
from modeldex.errors import AmbiguousModelError, UnknownModelError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from modeldex.catalog import Catalog
    from modeldex.catalog.identity.places import Place
    from modeldex.catalog.identity.spellings import Spellings

    Pair = tuple[str, str]  # a ref and the reason why it may be meant

_SHOWN = 3
_CANDIDATES = 12
_KINDS = [*KIND_NAMES, None]


def exactly_so(names: Spellings, text: str) -> list[Pair]:
    """Return the refs of all providers with this very id."""
    found = []
    for ref in names.everywhere(text):
        model_id = ref.partition("/")[2]
        same = "has exactly this id" if model_id == text else "differs in case alone"
        found.append((ref, same))
    return found


def of_canonical(catalog: Catalog, text: str) -> list[Pair]:
    """Return the refs of the model whose canonical id a text is."""
    query = Query([("canonical", "in", (text,)), ("status", "in", ("any",))])
    refs = catalog.refs
    return [(refs[row], f"is {text}") for row in catalog.rows(query)]


def _ranked(catalog: Catalog, pairs: Iterable[Pair]) -> list[Pair]:
    """Return pairs without doubles, who makes the model before who passes it on."""
    providers = catalog.snapshot.providers
    first: dict[str, str] = {}
    for ref, reason in pairs:
        first.setdefault(ref, reason)

    def rank(pair: Pair) -> tuple[int, str]:
        kind = providers[pair[0].partition("/")[0]].get("kind")
        return _KINDS.index(kind if kind in _KINDS else None), pair[0]

    return sorted(first.items(), key=rank)


def ambiguous(
    catalog: Catalog, text: str, pairs: Iterable[Pair]
) -> AmbiguousModelError:
    """Return the error for a text that several models may be."""
    found = _ranked(catalog, pairs)
    shown = ", ".join(ref for ref, _ in found[:_SHOWN])
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    message = f"{text[:80]!r} may be {shown}{more}; name the provider"
    return AmbiguousModelError(message, candidates=found[:_CANDIDATES])


def refusal(
    catalog: Catalog, text: str, provider: str | None, places: Sequence[Place]
) -> UnknownModelError:
    """Return the error for a text that no rule leads to a model."""
    names = spellings_of(catalog)
    pairs = exactly_so(names, text)
    for name in dict.fromkeys(place.model_id for place in places):
        if name != text:
            pairs += [(ref, f"has the id {name}") for ref in names.everywhere(name)]
    if "/" in text:
        pairs += of_canonical(catalog, text)
    found = _ranked(catalog, pairs)
    where = dict.fromkeys(place.provider for place in places)
    at = provider or " or ".join(where)
    if at:
        message = f"no model {text[:80]!r} at {at}, and no rule leads to one"
    else:
        message = f"{text[:80]!r} is no provider's own spelling and no author's id"
    near: list[str] = []
    if not found and where:
        near = near_refs(catalog, next(iter(where)), places[-1].model_id)
    if found:
        shown = ", ".join(f"{ref} {reason}" for ref, reason in found[:_SHOWN])
        message += f"; {shown}"
    return UnknownModelError(message, near, found[:_CANDIDATES])
