"""`/api/v1/models`: the catalogue by the query grammar, and one model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from modeldex.catalog.query import Query
from modeldex.domain.record import RECORD_KEYS
from modeldex.errors import InvalidInputError
from modeldex.server.route import JSON, Asked, Param, Policy, Route, Said
from modeldex.server.routes.terms import AS_OF, KEYWORDS, MIN_REVISION, TERMS
from modeldex.usecases.records import csv_text, flat_record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from modeldex.domain.model import Model
    from modeldex.registry import Registry

CSV = "text/csv"
_PAGE = 100  # models, unless `limit` says otherwise
_FIELDS = Param(
    "fields",
    "Only these keys of each model, in this order.",
    {
        "type": "string",
        "pattern": f"^({'|'.join(RECORD_KEYS)})(,({'|'.join(RECORD_KEYS)})){{0,34}}$",
        "maxLength": 800,
    },
    "ref,context_window,pricing",
)


class ModelPage(msgspec.Struct, forbid_unknown_fields=True):
    """Models that answer a query: a page of them, and how many there are."""

    total: int
    limit: int
    offset: int
    revision: int
    models: list[dict[str, Any]]


def registry_of(asked: Asked) -> Registry:
    """Return the registry of the day that is asked for."""
    day = asked.params.get("as_of")
    return asked.registry if day is None else asked.service.as_of(day)


def is_past(params: Mapping[str, Any]) -> bool:
    """Tell whether a past day is asked for, which takes a moment."""
    return "as_of" in params


def _query(registry: Registry, params: Mapping[str, Any]) -> Query:
    given = {
        KEYWORDS.get(param.name, param.name): params[param.name]
        for param in TERMS
        if param.name in params
    }
    return registry.query(**given)


def _find(asked: Asked) -> Any:
    registry = registry_of(asked)
    query = _query(registry, asked.params)
    limit = _PAGE if query.limit is None else query.limit
    found = registry.find_refs(Query(query.terms, query.sort))
    page = found[query.offset : query.offset + limit]
    models = [registry.get_info(ref) for ref in page]
    if "text/csv" in asked.accept:
        return Said(_csv(models), CSV)
    fields = _fields(asked.params)
    return {
        "total": len(found),
        "limit": limit,
        "offset": query.offset,
        "revision": asked.service.revision,
        "models": [_chosen(model, fields) for model in models],
    }


def _fields(params: Mapping[str, Any]) -> Sequence[str]:
    text = params.get("fields")
    names = RECORD_KEYS if text is None else text.split(",")
    if len(set(names)) < len(names):
        raise InvalidInputError("fields: one is named twice")
    return names


def _chosen(model: Model, fields: Sequence[str]) -> dict[str, Any]:
    record = model.as_dict()
    return {name: record[name] for name in fields}


def _csv(models: Sequence[Model]) -> str:
    from modeldex.domain.model import COLUMNS
    from modeldex.domain.model import Model as Kind

    unknown = Kind([""] * len(COLUMNS), str)
    columns = list(flat_record(unknown.as_dict()))
    return csv_text([flat_record(model.as_dict()) for model in models], columns)


def _get(asked: Asked) -> Any:
    model = registry_of(asked).get_info(asked.path)
    return _chosen(model, _fields(asked.params))


ROUTES = (
    Route(
        "GET",
        "/api/v1/models",
        "models.find",
        "Find models by the query grammar; CSV by Accept.",
        Policy.READ,
        _find,
        ModelPage,
        media=(JSON, CSV),
        params=(*TERMS, _FIELDS, AS_OF, MIN_REVISION),
        waits=is_past,
        errors=(404,),
    ),
    Route(
        "GET",
        "/api/v1/models/{ref:path}",
        "models.get",
        "Return all that is known of a model.",
        Policy.READ,
        _get,
        dict[str, Any],
        (_FIELDS, AS_OF, MIN_REVISION),
        waits=is_past,
        errors=(404,),
        path_example="openai/gpt-4o",
    ),
)
