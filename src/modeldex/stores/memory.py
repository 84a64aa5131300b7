"""What a sync remembers, as rows, and back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, insert, select, update

from modeldex.domain.change import dump, dump_fact, read_fact, typed
from modeldex.domain.syncing import (
    ACCEPTED,
    Doubt,
    Listing,
    Review,
    SourceState,
)
from modeldex.ports import Claim
from modeldex.stores.tables import claim, listing, review, source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Table
    from sqlalchemy.engine import Connection

    from modeldex.domain.syncing import Memory

_STATE = tuple(column.name for column in source.c)
_LISTING = tuple(column.name for column in listing.c)
_KEY = ("source", "provider", "model_id")
_MANY = 500  # keys in one statement


def remember(connection: Connection, memory: Memory, revision: int = 0) -> None:
    """Write a memory, under the lock of the head.

    Reviews get the next numbers, accepted ones that of their revision.
    """
    for state in memory.states:
        connection.execute(delete(source).where(source.c.source == state.source))
        connection.execute(insert(source), {n: getattr(state, n) for n in _STATE})
    _replace(connection, listing, memory.listings)
    last = connection.execute(select(func.max(review.c.number))).scalar() or 0
    for item in memory.reviews:
        if item.state == ACCEPTED and not item.revision:
            item = replace(item, revision=revision)  # noqa: PLW2901
        row = review_row(item)
        if item.number:
            query = update(review).where(review.c.number == item.number)
            connection.execute(query.values(row))
        else:
            last += 1
            connection.execute(insert(review), {"number": last, **row})


def _replace(connection: Connection, table: Table, listed: Iterable[Listing]) -> None:
    """Replace the rows of listings; those without a digest are only deleted."""
    rows = [{name: getattr(item, name) for name in _LISTING} for item in listed]
    for start in range(0, len(rows), _MANY):
        some = rows[start : start + _MANY]
        by_place: dict[tuple[str, str], list[str]] = {}
        for row in some:
            place = row["source"], row["provider"]
            by_place.setdefault(place, []).append(row["model_id"])
        for (name, provider), ids in by_place.items():
            same = and_(table.c.source == name, table.c.provider == provider)
            gone = delete(table).where(same, table.c.model_id.in_(ids))
            connection.execute(gone)
        kept = [row for row in some if row["digest"]]
        if kept:
            connection.execute(insert(table), kept)


def review_row(item: Review) -> dict[str, Any]:
    """Return a review's row, without its number."""
    doubts = [[doubt.rule, dict(doubt.evidence), doubt.refuse] for doubt in item.doubts]
    same = ("provider", "model_id", "field", "source", "state", "opened_at")
    decided = ("decided_at", "by", "because", "revision")
    return {
        **{name: getattr(item, name) for name in (*same, *decided)},
        "old": dump_fact(item.old),
        "new": dump_fact(item.new),
        "doubts": dump(doubts),
    }


def read_reviews(connection: Connection, state: str | None) -> list[Review]:
    """Return the reviews in a state, or all, the oldest first."""
    query = select(review).order_by(review.c.number)
    if state is not None:
        query = query.where(review.c.state == state)
    found = []
    for row in connection.execute(query).mappings():
        parts = dict(row)
        parts["old"] = read_fact(row["field"], row["old"])
        parts["new"] = read_fact(row["field"], row["new"])
        doubts = json.loads(row["doubts"])
        parts["doubts"] = tuple(Doubt(*said) for said in doubts)
        found.append(Review(**parts))
    return found


def read_sources(connection: Connection) -> dict[str, SourceState]:
    """Return where the sync with each source is."""
    rows = connection.execute(select(source).order_by(source.c.source)).mappings()
    return {row["source"]: SourceState(**row) for row in rows}


def read_listings(
    connection: Connection, name: str | None, *, missing: bool = False
) -> list[Listing]:
    """Return what a source lists, or all of them; what is missing alone."""
    query = select(*listing.c).order_by(*(listing.c[key] for key in _KEY))
    if name is not None:
        query = query.where(listing.c.source == name)
    if missing:
        query = query.where(listing.c.missing_since != "")
    return [Listing(*row) for row in connection.execute(query).all()]


def read_claims(connection: Connection, name: str | None) -> Iterator[Claim]:
    """Yield the last claim to each field by each source, or by one."""
    place = [claim.c[n] for n in ("provider", "model", "field", "source")]
    newest = select(*place, func.max(claim.c.revision).label("revision"))
    if name is not None:
        newest = newest.where(claim.c.source == name)
    last = newest.group_by(*place).subquery()
    same = [claim.c[c.name] == last.c[c.name] for c in place]
    query = select(claim).join(last, and_(*same, claim.c.revision == last.c.revision))
    yield from map(_claim, connection.execute(query))


def _claim(row: Any) -> Claim:
    value = typed(row.field, json.loads(row.value))
    named = (row.provider, row.model, row.field, row.source)
    return Claim(*named, value=value, observed_at=row.observed_at)


def claims_of(
    connection: Connection, after: int, until: int
) -> Iterator[tuple[int, Claim]]:
    """Yield the claims of revisions after < n <= until, as they were written."""
    number = claim.c.revision
    query = select(claim).where(number > after, number <= until)
    query = query.order_by(number, claim.c.position)
    for row in connection.execute(query.execution_options(yield_per=_MANY)):
        yield row.revision, _claim(row)
