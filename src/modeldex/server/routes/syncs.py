"""Where facts come from: sources, syncs under way, and what happens, as it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from modeldex.server.hub import Event, revision_event
from modeldex.server.route import Asked, Param, Policy, Route, Said

if TYPE_CHECKING:
    from collections.abc import Mapping

EVENTS = "text/event-stream"
_LONGEST = 86_400  # seconds of a stream
_CAUGHT_UP = 1_000  # missed revisions that are told one by one


Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9._:-]{0,63}$")]


class Source(msgspec.Struct, forbid_unknown_fields=True):
    """A source, and where the sync with it is; `age` and `lag` in seconds."""

    source: str
    kind: str
    provider: str | None
    needs: list[str]
    ready: bool
    authority: list[str]
    synced_at: str | None
    age: float | None
    lag: float | None
    next_at: str | None
    rows: int
    error: str | None


class Told(msgspec.Struct, forbid_unknown_fields=True):
    """An event of a stream: `data` is JSON, of a revision or of a sync."""

    data: str
    event: str
    id: str = ""


class Sources(msgspec.Struct, forbid_unknown_fields=True):
    """All sources that can be asked."""

    sources: list[Source]


class SyncBody(msgspec.Struct, forbid_unknown_fields=True):
    """Which sources; all but local ones for none."""

    sources: Annotated[list[Name], msgspec.Meta(max_length=100)] = []
    dry_run: bool = False


class Sync(msgspec.Struct, forbid_unknown_fields=True):
    """A sync of this instance: how far it is, and what it came to."""

    number: int
    state: str
    sources: list[str]
    by: str
    dry_run: bool
    started_at: str
    finished_at: str | None
    done: int
    total: int
    doing: str
    error: str
    reports: list[dict[str, Any]]


class Syncs(msgspec.Struct, forbid_unknown_fields=True):
    """The last syncs of this instance, the newest first."""

    syncs: list[Sync]


def _sources(asked: Asked) -> Said:
    found = [status.as_dict() for status in asked.registry.sources.list()]
    return Said({"sources": found}, cached=False)


def _start(asked: Asked) -> Said:
    body: SyncBody = asked.body
    run = asked.service.syncs.start(body.sources, by=asked.by, dry_run=body.dry_run)
    return Said(run, cached=False)


def _list(asked: Asked) -> Said:
    return Said({"syncs": asked.service.syncs.list()}, cached=False)


def _get(asked: Asked) -> Said:
    return Said(asked.service.syncs.get(int(asked.path)), cached=False)


def _events(asked: Asked) -> Said:
    service = asked.service
    service.hub.admit()
    seen = asked.params.get("after", asked.last_event)
    length = asked.params.get("timeout")
    found = service.hub.listen(lambda: missed_events(seen, service.place()), length)
    return Said(found, EVENTS, cached=False)


def missed_events(seen: str, place: Mapping[str, Any]) -> list[Event]:
    """Return what a listener missed who saw an event `epoch:revision` last.

    One that saw none is told where the catalogue is; so is one of another epoch, and
    one that missed too much.
    """
    epoch, _, text = seen.rpartition(":")
    now = place["revision"]
    newest = revision_event(place)
    if epoch != place["epoch"] or not (text.isascii() and text.isdigit()):
        return [newest]
    known = int(text)
    if known >= now:
        return []
    if now - known > _CAUGHT_UP:
        return [newest]
    old = [
        revision_event({"epoch": epoch, "revision": n, "digest": None})
        for n in range(known + 1, now)
    ]
    return [*old, newest]


ROUTES = (
    Route(
        "GET",
        "/api/v1/sources",
        "sources",
        "List where facts come from.",
        Policy.READ,
        _sources,
        Sources,
        waits=True,
        stores=True,
        tag="sync",
    ),
    Route(
        "POST",
        "/api/v1/sync",
        "sync.start",
        "Ask sources now; returns at once.",
        Policy.REVIEW,
        _start,
        Sync,
        body=SyncBody,
        errors=(404,),
        example={"sources": ["litellm"], "dry_run": True},
        status=202,
        waits=True,
        tag="sync",
    ),
    Route(
        "GET",
        "/api/v1/sync",
        "sync.list",
        "List the last syncs of this instance.",
        Policy.READ,
        _list,
        Syncs,
        tag="sync",
    ),
    Route(
        "GET",
        "/api/v1/sync/{number:int}",
        "sync.get",
        "Tell how far a sync is.",
        Policy.READ,
        _get,
        Sync,
        errors=(404,),
        path_example="1",
        tag="sync",
    ),
    Route(
        "GET",
        "/api/v1/events",
        "events",
        "Tell what happens, as it does (SSE).",
        Policy.READ,
        _events,
        params=(
            Param(
                "timeout",
                "End the stream after so many seconds.",
                {"type": "integer", "minimum": 1, "maximum": _LONGEST},
                1,
            ),
            Param(
                "after",
                "The last event seen, as Last-Event-ID: `epoch:revision`.",
                {"type": "string", "pattern": r"^[0-9a-f]{0,64}:[0-9]{1,12}$"},
                ":0",
            ),
        ),
        returns=Told,
        media=(EVENTS,),
        streams=True,
        tag="sync",
    ),
)
