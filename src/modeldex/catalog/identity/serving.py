"""The same model at every provider: by its canonical id, however that is spelled."""

from __future__ import annotations

from modeldex.catalog.identity.names import model_key, name_key
from modeldex.catalog.identity.refusing import ambiguous
from modeldex.catalog.identity.resolving import resolve
from modeldex.catalog.identity.spellings import spellings_of
from modeldex.domain.ref import split_ref
from modeldex.errors import InvalidRefError, NotFoundError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from modeldex.catalog import Catalog
    from modeldex.domain.model import Model


def serving_rows(catalog: Catalog) -> dict[str, list[int]]:
    """Return the rows of each model by the key of its canonical id, made once."""
    names = spellings_of(catalog)
    if names.serving is None:
        rows: dict[str, list[int]] = {}
        for row, canonical in enumerate(catalog.index.canonicals):
            if canonical:
                rows.setdefault(canonical, []).append(row)
        grouped: dict[str, list[int]] = {}
        for canonical, found in rows.items():
            grouped.setdefault(model_key(canonical), []).extend(found)
        names.serving = grouped
    return names.serving


def everywhere(catalog: Catalog, name: str) -> list[Model]:
    """Return the entries of all providers for the model that a name means.

    A name is a canonical id, a ref, a canonical id without its author, or what
    `resolve` reads. Raises what `resolve` raises; a model without a canonical id
    is alone.
    """
    if not isinstance(name, str):
        message = f"a model is named by text, not {type(name).__name__}"
        raise InvalidRefError(message)
    known = serving_rows(catalog)
    key = model_key(name) if "/" in name else _sole_author(catalog, known, name)
    if key not in known:
        model = _meant(catalog, name)
        if model.canonical is None:
            return [model]
        key = model_key(model.canonical)
    found = catalog.models(sorted(known[key]))
    return sorted(found, key=lambda model: model.ref)


def _meant(catalog: Catalog, name: str) -> Model:
    try:
        model = catalog.get(*split_ref(name))
    except InvalidRefError:
        model = None
    return model or resolve(catalog, name).model


def _sole_author(
    catalog: Catalog, known: dict[str, list[int]], name: str
) -> str | None:
    """Return the key of the one model of this name; resolve decides between more."""
    slug = name_key(name.lower())
    found = [key for key in known if key.partition("/")[2] == slug]
    if len(found) > 1:
        try:
            canonical = resolve(catalog, name).model.canonical
        except NotFoundError:
            canonical = None
        if canonical is None:
            refs = catalog.refs
            pairs = [(refs[known[key][0]], f"is {key}") for key in sorted(found)]
            raise ambiguous(catalog, name, pairs)
        return model_key(canonical)
    return found[0] if found else None
