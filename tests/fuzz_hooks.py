"""What schemathesis must not send to a service under test, and what is no failure.

A body that begins a sync names the one source that is on this host, or none that
exists; a stream of events ends by itself; questions that take seconds for their size
are asked of a part. Everything else is sent as it was made.
"""

from __future__ import annotations

from typing import Any

import msgspec
import schemathesis

from modeldex.server.routes.syncs import SyncBody

OWN, NOBODY = "box", "nobody"
_AHEAD = "/v1/models"  # the one route that is asked for revisions to come


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Change what would go out, never end or take long to what is as valid."""
    path = case.operation.path
    if path == "/api/v1/sync":
        case.body = safe_sync(case.body)
    elif path == "/api/v1/events":
        _set(case, "timeout", "1", missing=True)
    elif path == "/api/v1/conflicts":
        if not {"ref", "provider"} & set(case.query or {}):
            case.query = {**(case.query or {}), "provider": "openai"}
    elif path == "/api/v1/diff":
        _set(case, "old", "1")
        _set(case, "new", "1")
    if path != _AHEAD:
        _set(case, "min_revision", "0")


@schemathesis.hook
def filter_failure(_context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Let what the service promises for valid input be no failure.

    412 for an If-Match that names another revision (RFC 9110, 13.1.1); 422 for a fact
    of a model that the rules refuse, and for another API's answer of a shape that is
    not known, which no schema can say; 503 with Retry-After for a `min_revision` that
    is to come.
    """
    del failure
    if response.status_code == 412:
        return str((case.headers or {}).get("If-Match", "*")) == "*"
    if response.status_code == 422 and b'"invalid_fact"' in response.content:
        return "/{ref}" not in case.operation.path
    if response.status_code == 422 and b'"invalid_usage"' in response.content:
        return case.operation.path != "/api/v1/cost/response"
    if response.status_code == 503 and b'"revision_behind"' in response.content:
        return case.operation.path != _AHEAD or "retry-after" not in response.headers
    return True


def _set(case: Any, name: str, value: str, *, missing: bool = False) -> None:
    """Give a whole number another value; anything else is refused as it is."""
    query = case.query if case.query is not None else {}
    text = str(query.get(name, "" if not missing else "0"))
    if not (text.isascii() and text.isdigit()) or (name in query and text == value):
        return
    if query:
        query[name] = value
    else:
        case.query = {name: value}


def safe_sync(body: Any) -> Any:
    """Return a body that begins no sync with a source elsewhere."""
    try:
        data = body if isinstance(body, bytes) else msgspec.json.encode(body)
        asked = msgspec.json.decode(data, type=SyncBody)
    except (msgspec.MsgspecError, TypeError, ValueError):
        return body  # the service refuses it too
    names = [name if name == OWN else NOBODY for name in asked.sources] or [OWN]
    if names == asked.sources:
        return body
    return {**msgspec.json.decode(data), "sources": names}
