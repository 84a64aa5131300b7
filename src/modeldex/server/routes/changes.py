"""`/api/v1/changes` and `/api/v1/history`: what became known, when, and of whom."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from modeldex.domain.change import KINDS
from modeldex.server.route import JSON, Asked, Param, Policy, Route, Said
from modeldex.server.routes.revisions import Change
from modeldex.server.routes.terms import (
    LIMIT,
    MIN_REVISION,
    OFFSET,
    PROVIDER,
    SINCE,
    TIME,
)
from modeldex.server.shapes import Page, paged
from modeldex.usecases.revisions import change_record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from modeldex.domain.change import Change as Known

ATOM, FEED = "application/atom+xml", "application/feed+json"
LONGEST, LONGEST_OF_ONE = 31, 366  # days of one answer: of all, of one provider
_PAGE = 1_000  # changes, unless `limit` says otherwise
_MEDIA = {"atom": ATOM, "json": FEED}


class Changes(Page, forbid_unknown_fields=True, kw_only=True):
    """What became known in a span, the newest first.

    `more` says that the span began before `since`: ask on with that as `until`.
    """

    since: str
    until: str
    more: bool
    changes: list[Change]


History = paged(
    "History", "What changed of a model, as it became known.", "changes", Change
)


def _paged(asked: Asked, found: Sequence[Known]) -> dict[str, Any]:
    params = asked.params
    limit, offset = params.get("limit", _PAGE), params.get("offset", 0)
    return {
        "total": len(found),
        "limit": limit,
        "offset": offset,
        "revision": asked.service.revision,
        "changes": [change_record(change) for change in found[offset : offset + limit]],
    }


def _history(asked: Asked) -> Any:
    params = asked.params
    found = asked.registry.history(
        asked.path, params.get("field"), params.get("source")
    )
    return _paged(asked, found)


def _changes(asked: Asked) -> Any:
    params, today = asked.params, asked.registry.catalog.today()
    until = params.get("until", today)
    since, more = _bounded(params.get("since", "30d"), until, today, params)
    found = asked.service.changes(
        since, until, params.get("provider"), params.get("kind")
    )
    kind = params.get("feed") or _accepted(asked.accept)
    if kind is not None:
        page = found[: params.get("limit", _PAGE)]
        return Said(_feed(page, kind, today), _MEDIA[kind])
    return {**_paged(asked, found), "since": since, "until": until, "more": more}


def _bounded(
    text: str, until: str, today: str, params: Mapping[str, Any]
) -> tuple[str, bool]:
    """Return where the answer begins: a span of all models has so many days at most."""
    from modeldex.usecases.timeline import read_since

    since = read_since(text, today)
    most = LONGEST_OF_ONE if "provider" in params else LONGEST
    first = (date.fromisoformat(until[:10]) - timedelta(most)).isoformat()
    return (first, True) if since < first else (since, False)


def _accepted(accept: str) -> str | None:
    return next((kind for kind, name in _MEDIA.items() if name in accept), None)


def _feed(found: Sequence[Known], kind: str, today: str) -> bytes | str:
    from modeldex.usecases.feed import atom_feed, json_feed
    from modeldex.usecases.records import json_bytes

    return atom_feed(found, today) if kind == "atom" else json_bytes(json_feed(found))


_TAG = "changes"
ROUTES = (
    Route(
        "GET",
        "/api/v1/history/{ref:path}",
        "models.history",
        "Tell what changed of a model, as it became known; also of one that is gone.",
        Policy.READ,
        _history,
        History,
        (
            Param(
                "field",
                "One fact, as pricing.input, or a group, as pricing.",
                {"type": "string", "pattern": "^[a-z_]{1,40}([.][^.].{0,199})?$"},
                "pricing.input",
            ),
            Param(
                "source",
                "What this source said itself; any: what each said.",
                {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,99}$"},
                "any",
            ),
            LIMIT,
            OFFSET,
            MIN_REVISION,
        ),
        waits=True,
        errors=(404,),
        path_example="openai/gpt-4o",
        tag=_TAG,
    ),
    Route(
        "GET",
        "/api/v1/changes",
        "changes",
        "Tell what became known of all models; as Atom or JSON Feed by Accept.",
        Policy.READ,
        _changes,
        Changes,
        (
            Param("since", "From when on: a day, a time, 30d, 4w.", SINCE, "7d"),
            Param("until", "Up to when, included; today.", TIME, "2026-11-30"),
            Param("provider", "Of this provider.", PROVIDER, "openai"),
            Param(
                "kind",
                "Of this kind alone.",
                {"type": "string", "enum": list(KINDS)},
                "change",
            ),
            Param(
                "feed",
                "As a feed, whatever Accept says.",
                {"type": "string", "enum": list(_MEDIA)},
                "atom",
            ),
            LIMIT,
            OFFSET,
            MIN_REVISION,
        ),
        media=(JSON, ATOM, FEED),
        waits=True,
        errors=(404,),
        tag=_TAG,
        more=(
            f"An answer covers at most {LONGEST} days, of one provider "
            f"{LONGEST_OF_ONE}: where `more` is true, ask on with its `since` as "
            "`until`."
        ),
    ),
)
