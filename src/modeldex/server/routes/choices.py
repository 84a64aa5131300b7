"""`/api/v1`: which model to take, whether a request fits, and what ends."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from modeldex.server.route import Asked, Param, Policy, Route, Said
from modeldex.server.routes.models import query_of, registry_of
from modeldex.server.routes.providers import Points
from modeldex.server.routes.terms import (
    AS_OF,
    DAY,
    MIN_REVISION,
    NAMES,
    PROVIDER,
    SPAN,
    TERMS,
)

_TOKENS = {"type": "integer", "minimum": 0, "maximum": 10**9}


class Replacement(msgspec.Struct, forbid_unknown_fields=True):
    """What to move to, and who says so; changes are in percent of the old price."""

    ref: str
    kind: Literal["stated", "suggested"]
    reason: str
    input_change: float | None
    output_change: float | None
    status: str | None
    day: str | None
    via: list[str]


class Expiry(msgspec.Struct, forbid_unknown_fields=True):
    """A model that ends; `status` is unknown for a name that is no model's."""

    ref: str
    status: str
    day: str | None
    days_left: int | None
    source: str | None
    replacements: list[Replacement]


class Recommendation(msgspec.Struct, forbid_unknown_fields=True):
    """A model, its score, and the reasons that add up to it."""

    ref: str
    score: float
    reasons: list[Points]


class Check(msgspec.Struct, forbid_unknown_fields=True):
    """A limit held against what a request needs of it, in tokens."""

    limit: str
    allowed: int
    needed: int
    headroom: int
    basis: str | None


class Fit(msgspec.Struct, forbid_unknown_fields=True):
    """Whether a request fits (null: unknown), and by how much."""

    ref: str
    fits: bool | None
    tokens: int
    estimated: bool
    reserved: int
    headroom: int | None
    limit: str | None
    checks: list[Check]
    notes: list[str]


class Message(msgspec.Struct):
    """A message as chat APIs have it; of it the content counts."""

    content: str | list[str | dict[str, Any]] | None
    role: str = "user"


class Prompt(msgspec.Struct, forbid_unknown_fields=True):
    """A text, or messages, whose tokens are estimated; and the longest answer."""

    prompt: str | list[Message]
    max_output: Annotated[int, msgspec.Meta(ge=0, le=10**9)] | None = None


def _expiring(asked: Asked) -> Any:
    params = asked.params
    refs = params.get("refs")
    found = asked.registry.expiring(
        params.get("within", "90d"),
        params.get("provider"),
        None if refs is None else refs.split(","),
        params.get("at"),
    )
    return [expiry.as_dict() for expiry in found]


def _recommend(asked: Asked) -> Any:
    registry = registry_of(asked)
    query = query_of(registry, asked.params)
    local = asked.params.get("prefer_local", False)
    return [one.as_dict() for one in registry.recommend(query, prefer_local=local)]


def _fits(asked: Asked) -> Any:
    params = asked.params
    registry = registry_of(asked)
    found = registry.fits(asked.path, params["tokens"], params.get("max_output"))
    return found.as_dict()


def _fits_prompt(asked: Asked) -> Any:
    body: Prompt = asked.body
    prompt = msgspec.to_builtins(body.prompt)
    found = asked.registry.fits(asked.path, prompt, body.max_output)
    return Said(found.as_dict(), cached=False)


_TAG = "choices"
ROUTES = (
    Route(
        "GET",
        "/api/v1/expiring",
        "expiring",
        "List the models that stop within a span, and what to move to.",
        Policy.READ,
        _expiring,
        list[Expiry],
        (
            Param("within", "Span, as 90d or 12w; 90d.", SPAN, "30d"),
            Param("provider", "At this provider.", PROVIDER, "openai"),
            Param("refs", "Of these alone: refs, or ids.", NAMES, "gpt-4o,o3"),
            Param("at", "As if it were this day.", DAY, "2026-12-31"),
            MIN_REVISION,
        ),
        waits=True,
        errors=(404,),
        tag=_TAG,
    ),
    Route(
        "GET",
        "/api/v1/recommend",
        "recommend",
        "Rank the models that answer a query, with the reasons of each score.",
        Policy.READ,
        _recommend,
        list[Recommendation],
        (
            *(term for term in TERMS if term.name != "sort"),
            Param("prefer_local", "Better on one's own machine.", {"type": "boolean"}),
            AS_OF,
            MIN_REVISION,
        ),
        waits=True,
        errors=(404,),
        tag=_TAG,
        more="The five best chat models, unless `limit` and `mode` say otherwise.",
    ),
    Route(
        "GET",
        "/api/v1/fits/{ref:path}",
        "fits",
        "Tell whether a request fits into a model's limits, and by how much.",
        Policy.READ,
        _fits,
        Fit,
        (
            Param("tokens", "Tokens of the prompt.", _TOKENS, 120_000, required=True),
            Param("max_output", "Longest answer, in tokens.", _TOKENS, 4_096),
            AS_OF,
            MIN_REVISION,
        ),
        waits=True,
        errors=(404,),
        path_example="openai/gpt-4o",
        tag=_TAG,
    ),
    Route(
        "POST",
        "/api/v1/fits/{ref:path}",
        "fits.prompt",
        "Tell whether a text or messages fit, by an estimate of their tokens.",
        Policy.READ,
        _fits_prompt,
        Fit,
        body=Prompt,
        example={
            "prompt": [{"role": "user", "content": "How far is the moon?"}],
            "max_output": 1_000,
        },
        waits=True,
        errors=(404,),
        path_example="openai/gpt-4o",
        tag=_TAG,
    ),
)
