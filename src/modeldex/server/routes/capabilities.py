"""`/api/v1/capabilities`: what models can do, and which can."""

from __future__ import annotations

from typing import Any

import msgspec

from modeldex.domain.capability import CAPABILITIES
from modeldex.server.route import Asked, Param, Policy, Route
from modeldex.server.routes.models import registry_of
from modeldex.server.routes.terms import AS_OF, KEYWORDS, MIN_REVISION, TERMS

_ONE = {"type": "string", "enum": list(CAPABILITIES)}


class Counted(msgspec.Struct, forbid_unknown_fields=True):
    """A capability, and how many models have it, have it not, or may have it."""

    capability: str
    title: str
    meaning: str
    yes: int
    no: int
    unknown: int


class Capability(msgspec.Struct, forbid_unknown_fields=True):
    """What the vocabulary says of a capability; models that are not retired count."""

    capability: str
    title: str
    meaning: str
    group: str
    aliases: list[str]
    implies: list[str]
    implied_by: list[str]
    parameters: dict[str, dict[str, Any]]
    since: str | None
    yes: int
    no: int
    unknown: int


class Supporting(msgspec.Struct, forbid_unknown_fields=True):
    """The refs of the models that have it, have it not, or may have it."""

    capability: str
    yes: list[str]
    no: list[str]
    unknown: list[str]


class Ability(msgspec.Struct, forbid_unknown_fields=True):
    """A capability of a model: yes, no or unknown (null), and who says so."""

    ref: str
    capability: str
    supported: bool | None
    parameters: dict[str, Any]
    source: str | None


def _list(asked: Asked) -> Any:
    from modeldex.domain.capability_details import TITLES

    counts = registry_of(asked).capability_counts()
    return [
        {
            "capability": name,
            "title": TITLES[name],
            "meaning": f"can {CAPABILITIES[name]}",
            **counted,
        }
        for name, counted in counts.items()
    ]


def _get(asked: Asked) -> Any:
    return registry_of(asked).describe_capability(asked.path)


def _models(asked: Asked) -> Any:
    registry = registry_of(asked)
    given = {
        KEYWORDS.get(name, name): value
        for name, value in asked.params.items()
        if name in _NAMES
    }
    return registry.models_by_capability(asked.path, **given).as_dict()


def _abilities(asked: Asked) -> Any:
    registry, asks = registry_of(asked), asked.params.get("capability")
    model = registry.get_info(asked.path)
    names = sorted({*CAPABILITIES, *model.capabilities.as_dict()})
    wanted = names if asks is None else [asks]
    return [registry.get_capability_details(model, one).as_dict() for one in wanted]


_TERMS = tuple(t for t in TERMS if t.name not in ("sort", "limit", "offset"))
_NAMES = frozenset(term.name for term in _TERMS)
_TAG = "capabilities"
ROUTES = (
    Route(
        "GET",
        "/api/v1/capabilities",
        "capabilities.list",
        "List the capabilities with how many models have them.",
        Policy.READ,
        _list,
        list[Counted],
        (AS_OF, MIN_REVISION),
        waits=True,
        errors=(404,),
        tag=_TAG,
    ),
    Route(
        "GET",
        "/api/v1/capabilities/{name:str}",
        "capabilities.get",
        "Explain a capability.",
        Policy.READ,
        _get,
        Capability,
        (AS_OF, MIN_REVISION),
        waits=True,
        path_example="vision",
        place=_ONE,
        tag=_TAG,
    ),
    Route(
        "GET",
        "/api/v1/capabilities/{name:str}/models",
        "capabilities.models",
        "Tell which of the models that answer a query have a capability.",
        Policy.READ,
        _models,
        Supporting,
        (*_TERMS, AS_OF, MIN_REVISION),
        waits=True,
        path_example="vision",
        place=_ONE,
        tag=_TAG,
    ),
    Route(
        "GET",
        "/api/v1/abilities/{ref:path}",
        "models.abilities",
        "Tell of each capability whether a model has it, and who says so.",
        Policy.READ,
        _abilities,
        list[Ability],
        (
            Param("capability", "This one alone.", _ONE, "vision"),
            AS_OF,
            MIN_REVISION,
        ),
        waits=True,
        path_example="openai/gpt-4o",
        tag=_TAG,
    ),
)
