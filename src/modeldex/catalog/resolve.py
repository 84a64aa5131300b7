"""Names to entries: exactly, by a written rule, or not at all, with suggestions."""

from __future__ import annotations

from modeldex.domain.ref import split_ref
from modeldex.errors import InvalidRefError, UnknownModelError, UnknownProviderError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from modeldex.catalog import Catalog
    from modeldex.domain.model import Model

_SUGGESTIONS = 3


def provider_in(catalog: Catalog, name: str) -> str:
    """Return the id of a provider named by its id or by an alias.

    Raises UnknownProviderError with near names.
    """
    if not isinstance(name, str):
        message = f"a provider is named by text, not {type(name).__name__}"
        raise InvalidRefError(message)
    providers = catalog.snapshot.providers
    if name in providers:
        return name
    from modeldex.domain.provider import ALIASES, provider_id

    found = provider_id(name)
    if found in providers:
        return found
    near = _near(name, {*providers, *ALIASES})
    message = f"unknown provider {name[:80]!r}"
    if not near:
        message += "; `modeldex providers` lists them"
    raise UnknownProviderError(message, near)


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
    """Return the error for a model that is not at a provider."""
    start = f"{provider}/"
    refs = [ref for ref in catalog.refs if ref.startswith(start)]
    near = _near(start + model_id, refs)
    if not near:
        elsewhere = f"/{model_id.rpartition('/')[2]}"
        near = sorted(ref for ref in catalog.refs if ref.endswith(elsewhere))
    message = f"{provider} has no model {model_id[:80]!r}"
    if not near:
        message += f"; `modeldex list {provider}` lists its models"
    return UnknownModelError(message, near[:_SUGGESTIONS])


def _near(name: str, known: Collection[str]) -> list[str]:
    from difflib import get_close_matches

    return get_close_matches(name[:256], sorted(known), _SUGGESTIONS, 0.6)
