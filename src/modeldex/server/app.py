"""The application: a handler for each row of routes, and the thin layer before them."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import replace
from http import HTTPStatus
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl

import msgspec
from litestar import HttpMethod, Litestar, Request, Response
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from modeldex.errors import (
    InvalidInputError,
    NotFoundError,
    RevisionConflictError,
    StoreUnavailableError,
)
from modeldex.server.bodies import decoded
from modeldex.server.front import Front
from modeldex.server.problems import bad_body, problem_of
from modeldex.server.route import (
    EXPECTED,
    JSON,
    MOST_NUMBER,
    PLACE,
    Asked,
    Policy,
    Route,
    Said,
)
from modeldex.server.routes import ROUTES
from modeldex.usecases.records import json_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from litestar.types import Scope

    from modeldex.server.front import ASGIApp
    from modeldex.server.service import Service

MOST_BODY = 2**20
LONGEST = 30.0  # seconds for an answer
_MOST_QUERY = 8_192  # characters
_MOST_PARAMS = 100
_TRIES = 3  # of an answer during which the catalogue changed


def create_app(
    service: Service,
    routes: Iterable[Route] = ROUTES,
    *,
    lifespan: Sequence[Any] = (),
    longest: float = LONGEST,
) -> Front:
    """Return the ASGI application of a service.

    `lifespan` are context managers of what runs beside it; `longest` bounds in seconds
    how long a body may take to come, and an answer to be made.
    Raises TypeError for a route that declares no policy: nothing is served then.
    """
    rows = list(routes)
    for route in rows:
        if not isinstance(route.policy, Policy):
            raise TypeError(f"{route.method} {route.path} declares no policy")
    handlers = [_handler(route, service, longest) for route in rows]
    app = Litestar(
        handlers,
        openapi_config=None,
        request_max_body_size=MOST_BODY,
        exception_handlers={Exception: _fail, HTTPException: _fail},
        logging_config=None,
        lifespan=list(lifespan),
        before_send=[_allowing(rows)],
    )
    _refuse_undeclared(app, rows)
    return Front(cast("ASGIApp", app), service)


def _refuse_undeclared(app: Litestar, rows: Iterable[Route]) -> None:
    """Hold what Litestar would dispatch against the rows."""
    known = {(route.method, route.name) for route in rows}
    for made in app.routes:
        for handler in getattr(made, "route_handlers", [None]):
            name = getattr(handler, "name", None)
            methods: set[str] = getattr(handler, "http_methods", set())
            if any((method, name) not in known for method in methods - {"OPTIONS"}):
                raise TypeError(f"{made.path} declares no policy")


def _handler(route: Route, service: Service, longest: float) -> HTTPRouteHandler:
    async def answer(request: Request[Any, Any, Any]) -> Response[Any]:
        scope = request.scope
        caller = _admit(route, service, scope)
        params = route.read_query(_query(scope))
        body = await _body(route, request, longest)
        if route.asks_store:
            service.refuse_without_store()
        if "min_revision" in params:
            await service.wait_for(params["min_revision"])
        asked = Asked(
            service,
            service.registry,
            params,
            path=_path(request.path_params),
            body=body,
            caller=caller,
            expected=_expected(request.headers.get("if-match")),
            accept=request.headers.get("accept", ""),
            last_event=request.headers.get("last-event-id", ""),
        )
        if route.streams:
            return await _stream(route, asked, scope["state"])
        begun = time.monotonic()
        try:
            async with asyncio.timeout(longest):
                said, tag, revision = await _said(route, asked)
        except RevisionConflictError as error:
            if asked.expected is None:
                raise
            return _refused(error, HTTPStatus.PRECONDITION_FAILED)
        service.metrics.took(route.name, time.monotonic() - begun)
        return _response(route, said, tag, revision)

    return HTTPRouteHandler(
        route.path,
        http_method=HttpMethod(route.method),
        name=route.name,
        status_code=route.status,
        include_in_schema=False,
    )(answer)


def _allowing(rows: Iterable[Route]) -> Any:
    """Return what has OPTIONS tell all methods of a page, not those of one row."""
    methods: dict[str, list[str]] = {}
    for route in rows:
        page = PLACE.sub(r"{\1}", route.path)
        methods.setdefault(page, []).append(route.method)
    for found in methods.values():
        found += [*(["HEAD"] if "GET" in found else []), "OPTIONS"]

    async def allow(message: Any, scope: Any) -> None:
        found = methods.get(scope.get("path_template", ""))
        if scope["type"] != "http" or scope["method"] != "OPTIONS" or found is None:
            return
        if message["type"] == "http.response.start":
            others = (pair for pair in message["headers"] if pair[0] != b"allow")
            allowed = (b"allow", ", ".join(found).encode())
            message["headers"] = [*others, allowed]

    return allow


def _admit(route: Route, service: Service, scope: Scope) -> Any:
    """Hold who asks against the policy of the route that was found."""
    state: dict[str, Any] = scope["state"]
    caller = state.get("caller")
    service.access.may(route.policy, caller, given=state.get("given", False))
    return caller


def _query(scope: Scope) -> list[tuple[str, str]]:
    text = scope["query_string"].decode("latin-1")
    if len(text) > _MOST_QUERY:
        raise InvalidInputError(f"the query is longer than {_MOST_QUERY} characters")
    try:
        return parse_qsl(
            text,
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_PARAMS,
        )
    except (UnicodeDecodeError, ValueError):
        message = "the query is no UTF-8, or has too many parts"
        raise InvalidInputError(message) from None


def _path(params: Mapping[str, Any]) -> str:
    """Return what the path names; a ref comes with the slash before it."""
    for value in params.values():
        if isinstance(value, int) and not 0 <= value <= MOST_NUMBER:
            raise NotFoundError(f"there is no number {str(value)[:40]}")
        return str(value).removeprefix("/")
    return ""


async def _body(route: Route, request: Request[Any, Any, Any], longest: float) -> Any:
    if route.body is None:
        return None
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON:
        raise InvalidInputError(f"body: send {JSON}, not {kind[:80]!r}")
    try:
        async with asyncio.timeout(longest):
            data = await request.body()
    except TimeoutError:
        raise HTTPException(status_code=HTTPStatus.REQUEST_TIMEOUT) from None
    try:
        return decoded(route.body, data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise bad_body(error) from None


def _expected(header: str | None) -> int | None:
    """Return the revision of an If-Match header."""
    if header is None or header == "*":
        return None
    if not re.fullmatch(EXPECTED, header):
        message = 'If-Match is the revision that you know of, as "12"'
        raise InvalidInputError(message)
    return int(header.strip('"'))


async def _said(route: Route, asked: Asked) -> tuple[Said, str, int]:
    """Answer over one catalogue; again where it was swapped meanwhile."""
    service = asked.service
    waits = route.waits(asked.params) if callable(route.waits) else route.waits
    for _ in range(_TRIES):
        catalog, tag = service.registry.catalog, service.tag
        revision = service.revision
        if waits:
            threads = service.storing if route.asks_store else service.reading
            running = asyncio.get_running_loop()
            said = await running.run_in_executor(threads, _worked, route, asked)
        else:
            said = _worked(route, asked)
        if not _holds(route, said) or service.registry.catalog is catalog:
            break
    return said, tag, revision


def _holds(route: Route, said: Said) -> bool:
    """Tell whether an answer holds for the catalogue; that of a write never does."""
    return said.cached and route.method == "GET" and route.policy is Policy.READ


def _worked(route: Route, asked: Asked) -> Said:
    """Answer, and write the answer: of ten thousand models both take long."""
    found = route.answer(asked)
    said = found if isinstance(found, Said) else Said(found)
    body = said.value
    if not isinstance(body, bytes):
        body = body.encode() if isinstance(body, str) else json_bytes(body)
    return replace(said, value=body)


def _response(route: Route, said: Said, tag: str, revision: int) -> Response[Any]:
    headers = dict(said.headers)
    if _holds(route, said):
        headers["etag"] = f'W/"{tag}"'
        headers["x-modeldex-revision"] = str(revision)
    else:
        headers.setdefault("cache-control", "no-store")
    return Response(
        said.value,
        status_code=said.status or route.status,
        media_type=said.media_type,
        headers=headers,
    )


async def _stream(route: Route, asked: Asked, state: dict[str, Any]) -> Response[Any]:
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    state["end"] = asked.service.hub.end
    if state.get("method") == "HEAD":  # which has no body that could end
        return Response(b"", media_type=route.media[0], headers=headers)
    said = route.answer(asked)
    if isawaitable(said):
        said = await said
    return Stream(said.value, media_type=said.media_type, headers=headers)


def _fail(_request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    if isinstance(error, TimeoutError):
        late = f"no answer within {LONGEST:.0f} s; a change may be made yet"
        return _refused(StoreUnavailableError(late), detail=late)
    return _refused(error)


def _refused(
    error: Exception, as_status: int | None = None, detail: str = ""
) -> Response[bytes]:
    status, headers, body = problem_of(error, as_status, detail)
    kind = headers.pop("content-type")
    return Response(body, status_code=status, media_type=kind, headers=headers)
