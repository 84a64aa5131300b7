"""Errors as problem+json (RFC 9457): the code decides the status, in one table."""

from __future__ import annotations

import logging
import math
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from litestar.exceptions import HTTPException

from modeldex import errors
from modeldex.errors import InvalidInputError, ModeldexError
from modeldex.server.route import PROBLEM

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOG = logging.getLogger("modeldex.server")
# the first that matches decides
STATUSES: tuple[tuple[type[ModeldexError], int], ...] = (
    (errors.NotFoundError, 404),
    (errors.InvalidUsageError, 422),
    (errors.DoesNotApplyError, 409),
    (errors.InvalidFactError, 422),
    (errors.InvalidInputError, 400),
    (errors.DoesNotFitError, 422),
    (errors.RevisionConflictError, 409),
    (errors.RevisionBehindError, 503),
    (errors.StoreFullError, 507),
    (errors.StoreError, 503),
    (errors.UnauthorizedError, 401),
    (errors.ForbiddenError, 403),
    (errors.TooManyRequestsError, 429),
    (errors.SourceUnavailableError, 502),
    (errors.SourceError, 502),
    (errors.MissingExtraError, 501),
    (errors.ModeldexError, 500),
)
_AFTER = 2  # seconds after which a store that is away may be back
_MOST_TEXT = 2_000  # characters of a detail


class Problem(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What went wrong: `code` is stable, `detail` says what to do."""

    type: str
    title: str
    status: int
    code: str
    detail: str = ""
    suggestions: list[str] = []
    candidates: list[str] = []
    position: int | None = None
    where: str | None = None
    head: int | None = None


def status_of(error: ModeldexError) -> int:
    """Return the HTTP status of an error."""
    return next(status for kind, status in STATUSES if isinstance(error, kind))


def problem_of(
    error: BaseException, status: int | None = None, detail: str = ""
) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of an error.

    What is not ours is an internal error: its text goes to the log, to nobody else.
    """
    headers = {"content-type": PROBLEM, "cache-control": "no-store"}
    if isinstance(error, ModeldexError):
        found = status or status_of(error)
        headers |= _headers_of(error, found)
        told = Problem(
            **_named(error.code, found),
            detail=(detail or _detail(error))[:_MOST_TEXT],
            suggestions=list(getattr(error, "suggestions", ())),
            candidates=[ref for ref, _ in getattr(error, "candidates", ())],
            position=getattr(error, "position", None),
            where=getattr(error, "where", None),
            head=getattr(error, "head", None) or None,
        )
        return found, headers, msgspec.json.encode(told)
    if isinstance(error, HTTPException):
        found = error.status_code
        allow = (error.headers or {}).get("allow")
        if allow:
            names = [name for name in allow.split(", ") if name != "OPTIONS"]
            headers["allow"] = ", ".join(
                [*names, *(["HEAD"] if "GET" in names else [])]
            )
        told = Problem(**_named(_CODES.get(found, "invalid_input"), found))
        told.detail = _DETAILS.get(found, "")
        return found, headers, msgspec.json.encode(told)
    _LOG.error("internal error", exc_info=error)
    told = Problem(**_named("error", 500), detail="see the log of the service")
    return 500, headers, msgspec.json.encode(told)


def _detail(error: ModeldexError) -> str:
    """Return what an error says; where the store is, and of whom, stays in the log."""
    kept = (errors.RevisionBehindError, errors.RevisionConflictError)
    if not isinstance(error, errors.StoreError) or isinstance(error, kept):
        return str(error)
    _LOG.info("%s", error)
    return _STORE[next(kind for kind in _STORE if isinstance(error, kind))]


_STORE: Mapping[type[ModeldexError], str] = {
    errors.StoreUnavailableError: "the store does not answer; ask again",
    errors.StoreFullError: "there is no space left where the store is",
    errors.StoreError: "the store cannot be used; see the log of the service",
}
_CODES = {404: "not_found"}
_DETAILS = {
    404: "there is no such page; /api/openapi.json lists them",
    405: "this method is not for this page",
    408: "the body took too long to come",
    413: "the body is longer than may be",
}


def _named(code: str, status: int) -> dict[str, Any]:
    title = HTTPStatus(status).phrase
    return {
        "type": f"urn:modeldex:error:{code}",
        "title": title,
        "status": status,
        "code": code,
    }


def _headers_of(error: ModeldexError, status: int) -> Mapping[str, str]:
    if status == HTTPStatus.UNAUTHORIZED:
        return {"www-authenticate": 'Bearer realm="modeldex"'}
    if isinstance(error, errors.TooManyRequestsError):
        return {"retry-after": str(math.ceil(error.retry_after))}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return {"retry-after": str(_AFTER)}
    return {}


def bad_body(error: Exception) -> InvalidInputError:
    """Return the error of a body that is not what a route wants."""
    return InvalidInputError(f"body: {str(error)[:_MOST_TEXT]}")
