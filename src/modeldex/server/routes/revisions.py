"""`/api/v1/revisions`: what was written, between two revisions, and back again."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any

import msgspec

from modeldex.server.route import Asked, Param, Policy, Route, Said
from modeldex.server.routes.terms import Line, Reason
from modeldex.usecases.revisions import change_record, revision_record

_MOST = 10_000  # changes in an answer
_NUMBER = {"type": "integer", "minimum": 0, "maximum": 10**9}
_LIMIT = Param(
    "limit", "At most so many.", {"type": "integer", "minimum": 1, "maximum": _MOST}, 20
)
_OFFSET = Param("offset", "Leave out so many first.", _NUMBER, 0)
_USUAL, _CHANGES = 20, 1_000


class Revision(msgspec.Struct, forbid_unknown_fields=True):
    """A committed change set; `changes` is how many."""

    revision: int
    at: str
    author: str
    source: str
    changes: int
    reason: str
    url: str | None
    hash: str
    parent_hash: str | None


class Log(msgspec.Struct, forbid_unknown_fields=True):
    """Revisions, the newest first; `head` is the last one, 0 for none."""

    head: int
    revisions: list[Revision]


class Change(msgspec.Struct, forbid_unknown_fields=True):
    """A changed fact; of a whole model with an empty field, with all its facts."""

    layer: str
    ref: str
    field: str
    kind: str
    old: Any
    new: Any
    observed_at: str | None
    effective_at: str | None


class RevisionChanges(msgspec.Struct, forbid_unknown_fields=True):
    """A revision with its changes, or a part of them."""

    revision: Revision
    offset: int
    changes: list[Change]


class Diff(msgspec.Struct, forbid_unknown_fields=True):
    """What leads from one revision's state to another's; `total` counts all of it."""

    old: int
    new: int
    total: int
    changes: list[Change]


class Back(msgspec.Struct, forbid_unknown_fields=True):
    """To which revision's state; null for that before the last one."""

    because: Reason
    to: Annotated[int, msgspec.Meta(ge=1, le=10**9)] | None = None
    url: Line = ""
    dry_run: bool = False


class RolledBack(msgspec.Struct, forbid_unknown_fields=True):
    """What was restored; the revision is null for a dry run."""

    revision: int | None
    total: int
    changes: list[Change]


def _log(asked: Asked) -> Said:
    limit, offset = asked.params.get("limit", _USUAL), asked.params.get("offset", 0)
    revisions = asked.registry.revisions
    head = revisions.head
    found = revisions.log(limit + offset)[offset:]
    last = 0 if head is None else head.revision
    rows = list(map(revision_record, found))
    return Said({"head": last, "revisions": rows}, cached=False)


def _get(asked: Asked) -> Said:
    number = int(asked.path)
    offset, limit = asked.params.get("offset", 0), asked.params.get("limit", _CHANGES)
    revisions = asked.registry.revisions
    found = revision_record(revisions.get(number))
    rows = islice(revisions.changes(number), offset, offset + limit)
    told = {"revision": found, "offset": offset}
    return Said({**told, "changes": list(map(change_record, rows))}, cached=False)


def _diff(asked: Asked) -> Said:
    revisions = asked.registry.revisions
    old, new = asked.params["old"], asked.params.get("new")
    changes = revisions.diff(old, new)
    if new is None:
        head = revisions.head
        new = 0 if head is None else head.revision
    limit = asked.params.get("limit", _CHANGES)
    rows = list(map(change_record, changes[:limit]))
    told = {"old": old, "new": new, "total": len(changes), "changes": rows}
    return Said(told, cached=False)


def _rollback(asked: Asked) -> Said:
    body: Back = asked.body
    changes, revision = asked.registry.revisions.rollback(
        body.to,
        because=body.because,
        url=body.url,
        by=asked.by,
        expected=asked.expected,
        dry_run=body.dry_run,
    )
    number = None if revision is None else revision.number
    rows = list(map(change_record, changes[:_CHANGES]))
    return Said(
        {"revision": number, "total": len(changes), "changes": rows}, cached=False
    )


ROUTES = (
    Route(
        "GET",
        "/api/v1/revisions",
        "revisions.log",
        "List revisions, newest first.",
        Policy.READ,
        _log,
        Log,
        (_LIMIT, _OFFSET),
        waits=True,
        stores=True,
        tag="revisions",
    ),
    Route(
        "GET",
        "/api/v1/revisions/{number:int}",
        "revisions.get",
        "Return a revision with its changes.",
        Policy.READ,
        _get,
        RevisionChanges,
        params=(_LIMIT, _OFFSET),
        waits=True,
        stores=True,
        errors=(404,),
        path_example="1",
        tag="revisions",
    ),
    Route(
        "GET",
        "/api/v1/diff",
        "revisions.diff",
        "Tell what differs between revisions.",
        Policy.READ,
        _diff,
        Diff,
        params=(
            Param("old", "From the state at this one.", _NUMBER, 0, required=True),
            Param("new", "To that at this one; the last unless given.", _NUMBER, 1),
            _LIMIT,
        ),
        waits=True,
        stores=True,
        errors=(404,),
        tag="revisions",
    ),
    Route(
        "POST",
        "/api/v1/rollback",
        "revisions.rollback",
        "Restore the state at a revision, as a new one.",
        Policy.REVIEW,
        _rollback,
        returns=RolledBack,
        body=Back,
        example={"because": "that was wrong", "dry_run": True},
        waits=True,
        errors=(404, 409, 412, 422, 507),
        tag="revisions",
    ),
)
