"""`/api/v1`: what a text means, who serves a model, models side by side, and why."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from modeldex.domain.resolution import RULES
from modeldex.server.route import Asked, Param, Policy, Route
from modeldex.server.routes.models import registry_of
from modeldex.server.routes.terms import (
    AS_OF,
    MIN_REVISION,
    NAME,
    PROVIDER,
    REFS,
)


class Explained(msgspec.Struct, forbid_unknown_fields=True):
    """A fact: the source that gave it, what others claim, what was held back."""

    field: str
    value: Any
    source: str | None
    others: dict[str, Any]
    quarantined: dict[str, str]


class Explanation(msgspec.Struct, forbid_unknown_fields=True):
    """Every known fact of a model, and why it is what it is."""

    ref: str
    fields: list[Explained]


class Serving(msgspec.Struct, forbid_unknown_fields=True):
    """One provider's entry; a price that is no amount is a word, as `free`."""

    ref: str
    input: float | str | None
    output: float | str | None
    context_window: int | None
    max_output_tokens: int | None
    status: str
    differs: list[str]


class Everywhere(msgspec.Struct, forbid_unknown_fields=True):
    """Who serves a model, the cheapest first; `reference` is its maker's entry."""

    canonical: str | None
    reference: str | None
    servings: list[Serving]


class Resolution(msgspec.Struct, forbid_unknown_fields=True):
    """Which model a text means, and the rule that says so."""

    text: str
    ref: str
    rule: Literal[tuple(RULES)]  # type: ignore[valid-type]
    steps: list[str]
    notes: list[str]
    price_applies: bool


class ComparisonSummary(msgspec.Struct, forbid_unknown_fields=True):
    """How many models, of which providers, with how many capabilities."""

    total_models: int
    providers: list[str]
    capabilities_count: int


class Comparison(msgspec.Struct, forbid_unknown_fields=True):
    """Models side by side: fact -> ref -> value, and where they differ."""

    models: list[str]
    facts: dict[str, dict[str, Any]]
    differences: list[str]
    summary: ComparisonSummary


def _explain(asked: Asked) -> Any:
    from modeldex.usecases.explain import explain

    model = asked.registry.get_info(asked.path)
    lines = explain(model, asked.service.claims_of(model))
    return {"ref": model.ref, "fields": [line.as_dict() for line in lines]}


def _everywhere(asked: Asked) -> Any:
    return registry_of(asked).everywhere(asked.params["name"]).as_dict()


def _resolve(asked: Asked) -> Any:
    params = asked.params
    return asked.registry.resolve(params["text"], params.get("provider")).as_dict()


def _compare(asked: Asked) -> Any:
    return registry_of(asked).compare(asked.params["refs"].split(",")).as_dict()


ROUTES = (
    Route(
        "GET",
        "/api/v1/explain/{ref:path}",
        "models.explain",
        "Tell of each fact of a model who gave it, and who says otherwise.",
        Policy.READ,
        _explain,
        Explanation,
        (MIN_REVISION,),
        waits=True,
        errors=(404,),
        path_example="openai/gpt-4o",
    ),
    Route(
        "GET",
        "/api/v1/everywhere",
        "models.everywhere",
        "Tell who serves a model, at which price and limits, and what differs.",
        Policy.READ,
        _everywhere,
        Everywhere,
        (
            Param(
                "name",
                "Canonical id, ref or name.",
                NAME,
                "gpt-oss-120b",
                required=True,
            ),
            AS_OF,
            MIN_REVISION,
        ),
        waits=True,
        errors=(404,),
    ),
    Route(
        "GET",
        "/api/v1/resolve",
        "models.resolve",
        "Tell which model a text means: exactly, by a rule, or not at all.",
        Policy.READ,
        _resolve,
        Resolution,
        (
            Param(
                "text",
                "What is written.",
                NAME,
                "claude-3.5-haiku-latest",
                required=True,
            ),
            Param("provider", "At this provider.", PROVIDER, "anthropic"),
            MIN_REVISION,
        ),
        waits=True,
        errors=(404,),
    ),
    Route(
        "GET",
        "/api/v1/compare",
        "models.compare",
        "Put models side by side.",
        Policy.READ,
        _compare,
        Comparison,
        (
            Param(
                "refs", "Refs.", REFS, "openai/gpt-4o,openai/gpt-4o-mini", required=True
            ),
            AS_OF,
            MIN_REVISION,
        ),
        waits=True,
        errors=(404,),
    ),
)
