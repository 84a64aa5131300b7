"""Describe the service: OpenAPI 3.1, made of the rows of routes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from modeldex.server.problems import Problem
from modeldex.server.route import (
    EXPECTED,
    JSON,
    MOST_NUMBER,
    PLACE,
    PROBLEM,
    REF_PATTERN,
    Policy,
    Route,
)
from modeldex.server.routes.terms import REF

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_REF = "#/components/schemas/{name}"
_SHAPED = (JSON, "text/event-stream")  # whose answers, or parts, have a shape
_KINDS: Mapping[str, Mapping[str, Any]] = {
    "path": REF,
    "str": {"type": "string", "minLength": 1},
    "int": {"type": "integer", "minimum": 0, "maximum": MOST_NUMBER},
    "ref": {"type": "string", "pattern": REF_PATTERN, "maxLength": 256},
}
_ABOUT = (
    "Which LLM models exist, at which provider, what they can do, what they cost and "
    "until when. Prices are USD per 1,000,000 units unless they say otherwise; what is "
    "not known is null or absent, never zero."
)
_FAILURES = {
    400: "what was given is malformed",
    401: "a token is needed, or the one given is not known",
    403: "the token's role does not allow this",
    404: "there is no such thing",
    408: "the body took too long to come",
    409: "it is no change of what is there, or somebody else wrote first",
    412: "the revision is not the one that If-Match names",
    413: "the body is too long",
    422: "it cannot be",
    429: "too many requests",
    501: "a package that this needs is not installed",
    502: "a source did not answer",
    503: "the store does not answer, or is not there yet",
    507: "there is no space left",
}


def describe(routes: Iterable[Route], version: str) -> dict[str, Any]:
    """Return the description of routes, as JSON has it."""
    rows = list(routes)
    types = [kind for row in rows for kind in (row.returns, row.body) if kind]
    schemas, known = msgspec.json.schema_components(
        [*types, Problem], ref_template=_REF
    )
    named = iter(schemas)
    paths: dict[str, dict[str, Any]] = {}
    for row in rows:
        shapes = {
            name: next(named)
            for name, kind in (("returns", row.returns), ("body", row.body))
            if kind
        }
        path = PLACE.sub(r"{\1}", row.path)
        paths.setdefault(path, {})[row.method.lower()] = _operation(row, shapes)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "modeldex",
            "version": version or "unreleased",
            "description": _ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "tags": [{"name": tag} for tag in dict.fromkeys(row.tag for row in rows)],
        "paths": paths,
        "components": {
            "schemas": known,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(row: Route, shapes: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": row.name,
        "summary": row.about,
        "tags": [row.tag],
        "parameters": [*_places(row), *_headers(row), *map(_parameter, row.params)],
        "responses": _responses(row, shapes.get("returns", {})),
    }
    if row.more:
        found["description"] = row.more
    if "body" in shapes:
        content: dict[str, Any] = {"schema": shapes["body"]}
        if row.example is not None:
            content["example"] = row.example
        found["requestBody"] = {"required": True, "content": {JSON: content}}
    if row.policy is not Policy.OPEN:
        # reading may be open: then an empty requirement is enough
        open_too: list[dict[str, list[str]]] = [{}] if row.policy is Policy.READ else []
        found["security"] = [*open_too, {"token": []}]
        found["x-role"] = row.policy.value
    return found


def _writes(row: Route) -> bool:
    return row.policy not in (Policy.OPEN, Policy.READ)


def _places(row: Route) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": dict(row.place or _KINDS["ref" if name == "ref" else kind]),
            **({"example": row.path_example} if row.path_example else {}),
        }
        for name, kind in PLACE.findall(row.path)
    ]


def _headers(row: Route) -> list[dict[str, Any]]:
    if row.method == "GET" or row.body is None or not _writes(row):
        return []
    return [
        {
            "name": "If-Match",
            "in": "header",
            "description": "The revision that the writer knows of.",
            "schema": {"type": "string", "pattern": EXPECTED},
            "example": "*",
        }
    ]


def _parameter(param: Any) -> dict[str, Any]:
    found = {
        "name": param.name,
        "in": "query",
        "description": param.about,
        "required": param.required,
        "schema": dict(param.schema),
    }
    if param.example is not None:
        found["example"] = param.example
    return found


def _responses(row: Route, schema: Mapping[str, Any]) -> dict[str, Any]:
    media = row.media or (JSON,)
    good: dict[str, Any] = {"description": row.about}
    if row.status != 204:  # noqa: PLR2004  no content
        good["content"] = {
            kind: {"schema": dict(schema) if kind in _SHAPED else _other(kind)}
            for kind in media
        }
    problem = {PROBLEM: {"schema": {"$ref": _REF.format(name="Problem")}}}
    statuses = {400, 429, *row.errors}
    if row.policy is not Policy.OPEN:
        statuses |= {401, 403}
    if "{" in row.path:
        statuses.add(404)
    if row.body is not None:
        statuses |= {408, 409, 412, 413} if _writes(row) else {408, 413}
    if row.waits is True or any(p.name == "min_revision" for p in row.params):
        statuses.add(503)
    return {
        str(row.status): good,
        **{
            str(status): {"description": _FAILURES[status], "content": problem}
            for status in sorted(statuses)
        },
    }


def _other(kind: str) -> dict[str, str]:
    """Return the schema of an answer that has a form of its own."""
    return {"type": "object" if kind.endswith("+json") else "string"}


@cache
def described(version: str) -> bytes:
    """Return the description of all routes, as bytes of JSON."""
    from modeldex.server.routes import ROUTES

    return msgspec.json.format(msgspec.json.encode(describe(ROUTES, version)), indent=1)
