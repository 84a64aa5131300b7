"""The documentation as a page: the same rows as OpenAPI, written on the server.

It loads a stylesheet of its own and nothing else, and needs no script.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, StrictUndefined

from modeldex.server.openapi import describe
from modeldex.server.route import JSON, PLACE, Policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from modeldex.server.route import Route

BASE = "http://127.0.0.1:8080"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_ROLES = {
    Policy.OPEN: "anybody",
    Policy.READ: "readers",
    Policy.CONTRIBUTE: "contributors",
    Policy.REVIEW: "reviewers",
    Policy.ADMIN: "administrators",
}
_LONGEST = 120  # characters of a schema; the whole is in the description


@cache
def style() -> bytes:
    """Return the stylesheet."""
    return files(__package__).joinpath("static", "docs.css").read_bytes()


@cache
def docs_page(version: str) -> bytes:
    """Return the page of all routes."""
    from modeldex.server.routes import ROUTES

    return render(ROUTES, version)


def render(routes: Iterable[Route], version: str) -> bytes:
    """Return the page of routes, as UTF-8."""
    rows = list(routes)
    told = describe(rows, version)
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row.tag, []).append(_shown(row, told))
    env = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    text = files(__package__).joinpath("templates", "docs.html").read_text("utf-8")
    page = env.from_string(text)
    return page.render(info=told["info"], groups=groups, base=BASE).encode()


def _shown(row: Route, told: Mapping[str, Any]) -> dict[str, Any]:
    path = PLACE.sub(r"{\1}", row.path)
    operation = told["paths"][path][row.method.lower()]
    return {
        "id": row.name,
        "method": row.method,
        "path": path,
        "about": row.about,
        "more": row.more,
        "who": _ROLES[row.policy],
        "params": [_parameter(found) for found in operation["parameters"]],
        "body": _fields(operation, told["components"]["schemas"]),
        "example": row.example and json.dumps(row.example, indent=2),
        "curl": curl(row),
        "answers": [
            {
                "status": status,
                "about": answer["description"],
                "media": ", ".join(answer.get("content", {})),
            }
            for status, answer in operation["responses"].items()
        ],
    }


def _parameter(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": found["name"],
        "where": found["in"],
        "required": found.get("required", False),
        "about": found.get("description", ""),
        "takes": _takes(found["schema"]),
        "example": _text(found.get("example")),
    }


def _fields(
    operation: Mapping[str, Any], schemas: Mapping[str, Any]
) -> list[dict[str, Any]]:
    body = operation.get("requestBody")
    if body is None:
        return []
    name = body["content"][JSON]["schema"]["$ref"].rpartition("/")[2]
    shape = schemas[name]
    return [
        {
            "name": field,
            "required": field in shape.get("required", ()),
            "takes": _takes(schema),
        }
        for field, schema in shape["properties"].items()
    ]


def _takes(schema: Mapping[str, Any]) -> str:
    """Say in a few words what a schema lets through."""
    if "enum" in schema:
        return _cut(" | ".join(map(_text, schema["enum"])))
    if "anyOf" in schema:
        return _cut(" or ".join(map(_takes, schema["anyOf"])))
    kind = str(schema.get("type", "anything"))
    if kind == "array":
        return _cut(f"list of {_takes(schema.get('items', {}))}")
    ends = (schema.get("minimum"), schema.get("maximum"))
    if any(end is not None for end in ends):
        kind += " {}..{}".format(*("" if end is None else end for end in ends))
    if "pattern" in schema:
        kind += f" {schema['pattern']}"
    return _cut(kind)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def curl(row: Route) -> str:
    """Return a line of curl that asks a route by its examples."""
    path = PLACE.sub(lambda _: quote(row.path_example, safe="/@:~"), row.path)
    given = [(p.name, _text(p.example)) for p in row.params if p.required]
    if not given and row.params and row.method == "GET":
        given = [(p.name, _text(p.example)) for p in row.params[:1]]
    query = f"?{urlencode(given, safe=':,/')}" if given else ""
    parts = ["curl"] + ([] if row.method == "GET" else ["-X", row.method])
    if row.policy not in (Policy.OPEN, Policy.READ):
        parts.append('-H "Authorization: Bearer $MODELDEX_TOKEN"')
    if row.body is not None:
        parts += [f"-H 'Content-Type: {JSON}'", f"-d '{json.dumps(row.example)}'"]
    return " ".join([*parts, f"'{BASE}{path}{query}'"])
