"""`/api/v1/providers`: who answers requests, what they offer, which one to take."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from modeldex.domain.capability import CAPABILITIES
from modeldex.domain.feature import FEATURES
from modeldex.domain.provider import KIND_NAMES
from modeldex.server.route import JSON, Asked, Param, Policy, Route, Said
from modeldex.server.routes.terms import MIN_REVISION, PROVIDER, PROVIDERS, words

HTML, MARKDOWN = "text/html", "text/markdown"
_FEATURES = {**words(sorted({*CAPABILITIES, *FEATURES})), "maxLength": 400}
_FLAG = {"type": "boolean"}


class Limitation(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What a provider does not do, or no more than so much."""

    value: bool | int | float | str | list[str]
    unit: str | None = None
    note: str | None = None


class ProviderRecord(msgspec.Struct, forbid_unknown_fields=True):
    """A provider's facts; what is not known is null. `models` counts its models."""

    provider: str
    name: str | None
    kind: Literal[KIND_NAMES] | None  # type: ignore[valid-type]
    description: str | None
    env: list[str] | None
    credentials: list[list[str]] | None
    api: str | None
    docs: str | None
    status_page: str | None
    endpoints: list[str] | None
    authentication: list[str] | None
    features: dict[str, bool] | None
    limitations: dict[str, Limitation] | None
    deprecation_date: str | None
    default_model: str | None
    models: int | None
    updated_at: str | None
    metadata: dict[str, Any] | None
    sources: dict[str, str | dict[str, Any]] | None


class Providers(msgspec.Struct, forbid_unknown_fields=True):
    """All providers, by their ids."""

    total: int
    revision: int
    providers: list[ProviderRecord]


class Supported(msgspec.Struct, forbid_unknown_fields=True):
    """Whether a provider offers a feature (null: unknown), and what tells."""

    supported: bool | None
    why: str


class Matrix(msgspec.Struct, forbid_unknown_fields=True):
    """Provider -> feature -> whether it is offered."""

    providers: list[str]
    features: list[str]
    matrix: dict[str, dict[str, Supported]]


class ComparedProvider(msgspec.Struct, forbid_unknown_fields=True):
    """What is compared of a provider."""

    name: str | None
    kind: str | None
    env: list[str] | None
    api: str | None
    docs: str | None
    status_page: str | None
    authentication: list[str] | None
    endpoints: list[str] | None
    features: dict[str, bool | None]
    limitations: dict[str, Limitation]


class ProviderComparison(msgspec.Struct, forbid_unknown_fields=True):
    """Providers side by side, and the facts on which they are not all alike."""

    providers: list[str]
    features: list[str]
    endpoints: list[str]
    comparison: dict[str, ComparedProvider]
    differences: list[str]


class Points(msgspec.Struct, forbid_unknown_fields=True):
    """A reason, and what it counts."""

    reason: str
    points: float


class ProviderChoice(msgspec.Struct, forbid_unknown_fields=True):
    """A provider and its score from 0 to 1: the points divided by `maximum`."""

    provider: str
    score: float
    maximum: float
    reasons: list[Points]
    matched: list[str]
    missing: list[str]
    limitations: dict[str, Limitation]


def _list(asked: Asked) -> Any:
    registry = asked.registry
    found = [registry.provider_info(name) for name in registry.providers()]
    revision = asked.service.revision
    return {"total": len(found), "revision": revision, "providers": found}


def _get(asked: Asked) -> Any:
    return asked.registry.provider_info(asked.path)


def _matrix(asked: Asked) -> Any:
    from modeldex.usecases.provider_matrix import provider_matrix

    params = asked.params
    catalog = asked.registry.catalog
    # what the environment of the service holds is nobody's business
    found = provider_matrix(
        catalog, params.get("providers"), params.get("features"), None
    )
    if HTML in asked.accept:
        return Said(found.html(), HTML)
    if MARKDOWN in asked.accept:
        return Said(found.markdown(), MARKDOWN)
    told = found.as_dict()
    del told["configured"]
    return told


def _compare(asked: Asked) -> Any:
    return asked.registry.compare_providers(asked.params["providers"]).as_dict()


def _recommend(asked: Asked) -> Any:
    params = asked.params
    found = asked.registry.recommend_providers(
        params.get("features", ""),
        params.get("prefer", ""),
        exclude=params.get("exclude", ""),
        among=params.get("among"),
        prefer_local=params.get("prefer_local", False),
        prefer_free=params.get("prefer_free", False),
        limit=params.get("limit", 10),
    )
    return [choice.as_dict() for choice in found]


_TAG = "providers"
ROUTES = (
    Route(
        "GET",
        "/api/v1/providers",
        "providers.list",
        "List the providers.",
        Policy.READ,
        _list,
        Providers,
        (MIN_REVISION,),
        waits=True,
        tag=_TAG,
    ),
    Route(
        "GET",
        "/api/v1/providers/{provider:str}",
        "providers.get",
        "Return all that is known of a provider, by its id or another spelling.",
        Policy.READ,
        _get,
        ProviderRecord,
        (MIN_REVISION,),
        errors=(404,),
        path_example="openai",
        place=PROVIDER,
        tag=_TAG,
    ),
    Route(
        "GET",
        "/api/v1/matrix",
        "providers.matrix",
        "Tell what each provider offers; as a page or in Markdown by Accept.",
        Policy.READ,
        _matrix,
        Matrix,
        (
            Param("providers", "These, else those known best.", PROVIDERS, "openai"),
            Param("features", "These, else the common ones.", _FEATURES, "vision"),
            MIN_REVISION,
        ),
        media=(JSON, HTML, MARKDOWN),
        waits=True,
        errors=(404,),
        tag=_TAG,
    ),
    Route(
        "GET",
        "/api/v1/compare/providers",
        "providers.compare",
        "Put providers side by side.",
        Policy.READ,
        _compare,
        ProviderComparison,
        (
            Param("providers", "These.", PROVIDERS, "openai,anthropic", required=True),
            MIN_REVISION,
        ),
        waits=True,
        errors=(404,),
        tag=_TAG,
    ),
    Route(
        "GET",
        "/api/v1/recommend/providers",
        "providers.recommend",
        "Rank the providers that offer all that is asked for, with reasons.",
        Policy.READ,
        _recommend,
        list[ProviderChoice],
        (
            Param("features", "Offers all of these.", _FEATURES, "vision,streaming"),
            Param("prefer", "Better with these.", _FEATURES, "batch"),
            Param("exclude", "None of these.", PROVIDERS, "openai"),
            Param("among", "Only these.", PROVIDERS, "anthropic,google,mistral"),
            Param("prefer_local", "Better on one's own machine.", _FLAG),
            Param("prefer_free", "Better at no cost.", _FLAG),
            Param(
                "limit",
                "At most so many.",
                {"type": "integer", "minimum": 0, "maximum": 1_000},
                10,
            ),
            MIN_REVISION,
        ),
        waits=True,
        errors=(404,),
        tag=_TAG,
    ),
)
