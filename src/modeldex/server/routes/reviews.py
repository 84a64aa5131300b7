"""What syncs hold back, where sources disagree, and what people decide."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from modeldex.catalog.resolve import provider_in
from modeldex.domain.syncing import OPEN, REVIEW_STATES
from modeldex.server.route import Asked, Param, Policy, Route, Said
from modeldex.server.routes.edits import Made, how, told
from modeldex.server.routes.terms import PROVIDER, FieldName, Line, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from modeldex.domain.syncing import Review as Held

_MOST, _USUAL = 10_000, 1_000
_LIMIT = Param(
    "limit",
    "At most so many.",
    {"type": "integer", "minimum": 1, "maximum": _MOST},
    100,
)
_SOURCE = {"type": "string", "pattern": r"^[a-z0-9][a-z0-9._:-]{0,63}$"}
_FIELD = {"type": "string", "pattern": r"^[a-z][a-z0-9_.=-]{0,99}$"}
_REF = {
    "type": "string",
    "pattern": r"^[a-z0-9][a-z0-9._-]{0,40}/[A-Za-z0-9@~][A-Za-z0-9._:@+-]{0,99}$",
}


Number = Annotated[int, msgspec.Meta(ge=1, le=10**9)]
Numbers = Annotated[list[Number], msgspec.Meta(min_length=1, max_length=1_000)]


class Review(msgspec.Struct, forbid_unknown_fields=True):
    """A change that waits or waited for a person; `rules` are the guards that fired."""

    number: int
    ref: str
    field: str
    source: str
    old: Any
    new: Any
    rules: list[str]
    evidence: list[dict[str, Any]]
    state: str
    opened_at: str
    decided_at: str | None
    by: str | None
    because: str | None
    revision: int | None


class Reviews(msgspec.Struct, forbid_unknown_fields=True):
    """Reviews, the oldest first; `total` counts all of them."""

    total: int
    reviews: list[Review]


class Decision(msgspec.Struct, forbid_unknown_fields=True):
    """Which reviews, and why."""

    numbers: Numbers
    because: Line = ""
    url: Line = ""


class Refusal(msgspec.Struct, forbid_unknown_fields=True):
    """Which reviews are refused, and why: it must say so."""

    numbers: Numbers
    because: Reason
    url: Line = ""


class Acceptance(msgspec.Struct, forbid_unknown_fields=True):
    """Which reviews, and why; `gone` names how many models go where most do."""

    numbers: list[int]
    because: str = ""
    url: str = ""
    gone: int | None = None


class Conflict(msgspec.Struct, forbid_unknown_fields=True):
    """A field of which sources do not say the same."""

    ref: str
    field: str
    value: Any
    source: Any
    claims: dict[str, Any]
    verdict: str | None


class Conflicts(msgspec.Struct, forbid_unknown_fields=True):
    """Where sources disagree; `total` counts all of it."""

    total: int
    conflicts: list[Conflict]


class Verdict(msgspec.Struct, forbid_unknown_fields=True):
    """Which source is right of a field or a group, and why."""

    field: FieldName
    to: Annotated[str, msgspec.Meta(pattern=str(_SOURCE["pattern"]))]
    because: Reason
    url: Line = ""
    dry_run: bool = False


def _list(asked: Asked) -> Said:
    state = asked.params.get("state", OPEN)
    found = asked.registry.reviews.list(
        None if state == "all" else state, asked.params.get("source")
    )
    return _several(found, asked.params.get("limit", _USUAL))


def _several(found: Iterable[Held], limit: int = _MOST) -> Said:
    rows = [review.as_dict() for review in found]
    return Said({"total": len(rows), "reviews": rows[:limit]}, cached=False)


def _get(asked: Asked) -> Said:
    return Said(asked.registry.reviews.get(int(asked.path)).as_dict(), cached=False)


def _signed(asked: Asked) -> dict[str, Any]:
    said = {name: getattr(asked.body, name) for name in ("because", "url")}
    return {**said, "by": asked.by}


def _accept(asked: Asked) -> Said:
    reviews = asked.registry.reviews
    body: Acceptance = asked.body
    found = reviews.accept(*body.numbers, gone=body.gone, **_signed(asked))
    return _several(found)


def _reject(asked: Asked) -> Said:
    reviews = asked.registry.reviews
    return _several(reviews.reject(*asked.body.numbers, **_signed(asked)))


def _conflicts(asked: Asked) -> Said:
    params, registry = asked.params, asked.registry
    ref = params.get("ref")
    if ref is not None:
        ref = registry.get_info(ref).ref
    provider = params.get("provider")
    if provider is not None:
        provider = provider_in(registry.catalog, provider)
    found = list(registry.sources.conflicts(ref, params.get("field"), provider))
    limit = params.get("limit", _USUAL)
    rows = [conflict.as_dict() for conflict in islice(found, limit)]
    return Said({"total": len(found), "conflicts": rows}, cached=False)


def _verdict(asked: Asked) -> Said:
    body: Verdict = asked.body
    sources = asked.registry.sources
    return told(sources.verdict(asked.path, body.field, body.to, **how(asked)))


ROUTES = (
    Route(
        "GET",
        "/api/v1/reviews",
        "reviews.list",
        "List what waits for a person.",
        Policy.READ,
        _list,
        Reviews,
        params=(
            Param(
                "state",
                "Which; open unless given.",
                {"type": "string", "enum": [*REVIEW_STATES, "all"]},
                OPEN,
            ),
            Param("source", "Of this source alone.", _SOURCE, "openrouter"),
            _LIMIT,
        ),
        waits=True,
        stores=True,
        tag="reviews",
    ),
    Route(
        "GET",
        "/api/v1/reviews/{number:int}",
        "reviews.get",
        "Return one with what the guards saw.",
        Policy.READ,
        _get,
        Review,
        waits=True,
        stores=True,
        errors=(404,),
        path_example="1",
        tag="reviews",
    ),
    Route(
        "POST",
        "/api/v1/reviews/accept",
        "reviews.accept",
        "Let changes in, as one revision.",
        Policy.REVIEW,
        _accept,
        Reviews,
        body=Acceptance,
        example={"numbers": [1], "because": "its price page says so"},
        waits=True,
        errors=(404, 409, 422, 507),
        tag="reviews",
    ),
    Route(
        "POST",
        "/api/v1/reviews/reject",
        "reviews.reject",
        "Keep changes out until their source says something else.",
        Policy.REVIEW,
        _reject,
        Reviews,
        body=Refusal,
        example={"numbers": [1], "because": "a wrong unit"},
        waits=True,
        errors=(404, 409, 422, 507),
        tag="reviews",
    ),
    Route(
        "GET",
        "/api/v1/conflicts",
        "conflicts",
        "List where sources disagree.",
        Policy.READ,
        _conflicts,
        Conflicts,
        params=(
            Param("ref", "Of this model alone.", _REF, "openai/gpt-4o"),
            Param("field", "Of this field or group.", _FIELD, "pricing.input"),
            Param("provider", "Of this provider's models.", PROVIDER, "openai"),
            _LIMIT,
        ),
        waits=True,
        stores=True,
        errors=(404,),
        tag="reviews",
    ),
    Route(
        "PUT",
        "/api/v1/verdicts/{ref:path}",
        "verdicts.set",
        "Serve what one source says, until it moves.",
        Policy.REVIEW,
        _verdict,
        Made,
        body=Verdict,
        example={"field": "pricing", "to": "litellm", "because": "their page"},
        waits=True,
        errors=(404, 409, 412, 422, 507),
        path_example="openai/gpt-4o",
        tag="reviews",
    ),
)
