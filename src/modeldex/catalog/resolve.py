"""Names to entries: exactly, by a written rule, or not at all, with suggestions."""

from __future__ import annotations

from modeldex.domain.ref import split_ref
from modeldex.errors import InvalidRefError, UnknownModelError, UnknownProviderError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from modeldex.catalog import Catalog
    from modeldex.domain.model import Model
    from modeldex.domain.resolution import Resolution

_SUGGESTIONS = 3
_MANY, _LENGTHS = 200, 4


def provider_in(catalog: Catalog, name: str) -> str:
    """Return the id of a provider named by its id or by any other spelling.

    A spelling means the one provider here whose id is the same when spelled as
    the table of aliases has it. Raises UnknownProviderError with near names.
    """
    if not isinstance(name, str):
        message = f"a provider is named by text, not {type(name).__name__}"
        raise InvalidRefError(message)
    providers = catalog.snapshot.providers
    if name in providers:
        return name
    from modeldex.domain.provider import ALIASES, provider_id

    canonical = provider_id(name)
    if canonical in providers:
        return canonical
    same = [known for known in providers if provider_id(known) == canonical]
    if len(same) == 1:
        return same[0]
    aliases = (alias for alias, known in ALIASES.items() if known in providers)
    near = same or _near(name, {*providers, *aliases})
    message = f"unknown provider {name[:80]!r}"
    if not near:
        message += "; `modeldex providers` lists them"
    raise UnknownProviderError(message, near[:_SUGGESTIONS])


def get_model(catalog: Catalog, provider: str, model_id: str | None) -> Model:
    """Return a model by provider and id, or by a ref alone.

    Raises UnknownProviderError or UnknownModelError with near names.
    """
    if model_id is None:
        provider, model_id = split_ref(provider)
    elif not isinstance(model_id, str) or not model_id:
        message = f"a model id is text that is not empty, not {model_id!r}"
        raise InvalidRefError(message)
    known = provider_in(catalog, provider)
    found = catalog.get(known, model_id)
    if found is not None:
        return found
    raise unknown_model(catalog, known, model_id)


def unknown_model(catalog: Catalog, provider: str, model_id: str) -> UnknownModelError:
    """Return the error for a model that is not at a provider.

    Suggested are near ids at the provider, then this very id elsewhere, at
    first-party providers first.
    """
    near = [*same_id(catalog, model_id)[:1], *near_refs(catalog, provider, model_id)]
    message = f"{provider} has no model {model_id[:80]!r}"
    resolved = _resolved(catalog, provider, model_id)
    if resolved is not None:
        message += f"; by rule ({resolved.rule}) it is {resolved.ref}"
        near = [ref for ref in near if ref != resolved.ref]
    if not near:
        message += f"; `modeldex list {provider}` lists its models"
    return UnknownModelError(message, near[:_SUGGESTIONS])


def _resolved(catalog: Catalog, provider: str, model_id: str) -> Resolution | None:
    """Return what an id that is not listed means at a provider by rule, if anything."""
    from modeldex.catalog.identity.resolving import resolve
    from modeldex.errors import ModeldexError

    try:
        return resolve(catalog, model_id, provider)
    except ModeldexError:
        return None


def near_refs(catalog: Catalog, provider: str, model_id: str) -> list[str]:
    """Return the refs of the nearest ids at a provider: to suggest, never to use."""
    start = f"{provider}/"
    here = {ref.removeprefix(start) for ref in catalog.refs if ref.startswith(start)}
    if len(here) > _MANY:  # a look at all of them would take longer than an answer
        size = len(model_id)
        here = {name for name in here if abs(len(name) - size) <= _LENGTHS}
    return [start + name for name in _near(model_id, here)]


def same_id(catalog: Catalog, model_id: str) -> list[str]:
    """Return the refs that have exactly this id, first-party providers first."""
    providers = catalog.snapshot.providers
    end = f"/{model_id}"
    refs = [
        r for r in catalog.refs if r.endswith(end) and r.count("/") == end.count("/")
    ]
    return sorted(
        refs,
        key=lambda ref: (
            providers[ref.partition("/")[0]].get("kind") != "first_party",
            ref,
        ),
    )


def _near(name: str, known: Collection[str]) -> list[str]:
    from difflib import get_close_matches

    return get_close_matches(name[:256], sorted(known), _SUGGESTIONS, 0.6)
