"""`/api/v1/models`: the catalogue by the query grammar, and one model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.catalog.query import Query
from modeldex.domain.record import RECORD_KEYS
from modeldex.server.route import JSON, Asked, Param, Policy, Route, Said
from modeldex.server.routes.terms import (
    AS_OF,
    KEYWORDS,
    MIN_REVISION,
    TERMS,
    words,
)
from modeldex.server.shapes import ModelPage, ModelRecord
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
    {**words(RECORD_KEYS, len(RECORD_KEYS)), "maxLength": 800},
    "ref,context_window,pricing",
)


def registry_of(asked: Asked) -> Registry:
    """Return the registry of the day that is asked for."""
    day = asked.params.get("as_of")
    return asked.registry if day is None else asked.service.as_of(day)


def query_of(registry: Registry, params: Mapping[str, Any]) -> Query:
    """Return what the parameters of the grammar ask for."""
    given = {
        KEYWORDS.get(param.name, param.name): params[param.name]
        for param in TERMS
        if param.name in params
    }
    return registry.query(**given)


def _find(asked: Asked) -> Any:
    registry = registry_of(asked)
    query = query_of(registry, asked.params)
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
    return RECORD_KEYS if text is None else list(dict.fromkeys(text.split(",")))


def _chosen(model: Model, fields: Sequence[str]) -> dict[str, Any]:
    record = model.as_dict()
    return record if fields is RECORD_KEYS else {n: record[n] for n in fields}


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
        waits=True,
        errors=(404,),
    ),
    Route(
        "GET",
        "/api/v1/models/{ref:path}",
        "models.get",
        "Return all that is known of a model.",
        Policy.READ,
        _get,
        ModelRecord,
        (_FIELDS, AS_OF, MIN_REVISION),
        waits=True,
        errors=(404,),
        path_example="openai/gpt-4o",
    ),
)
