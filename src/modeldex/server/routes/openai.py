"""`/v1`: models as OpenAI's clients list and retrieve them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from modeldex.domain.lifecycle import first_day
from modeldex.server.route import Asked, Policy, Route
from modeldex.server.routes.terms import MIN_REVISION

if TYPE_CHECKING:
    from modeldex.domain.model import Model


class OpenAIModel(msgspec.Struct, forbid_unknown_fields=True):
    """A model as OpenAI has it; `id` is a ref."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class OpenAIModels(msgspec.Struct, forbid_unknown_fields=True):
    """All models that `find` shows by default, in one answer."""

    object: Literal["list"]
    data: list[OpenAIModel]


def _record(model: Model) -> dict[str, Any]:
    return {
        "id": model.ref,
        "object": "model",
        "created": _seconds(model.release_date),
        "owned_by": model.provider,
    }


def _seconds(day: str | None) -> int:
    """Return a release date in seconds since 1970; 0 where it is not known."""
    if not day:
        return 0
    from datetime import UTC, datetime

    moment = datetime.fromisoformat(first_day(day)).replace(tzinfo=UTC)
    return int(moment.timestamp())


def _list(asked: Asked) -> Any:
    models = asked.registry.find()
    return {"object": "list", "data": [_record(model) for model in models]}


def _get(asked: Asked) -> Any:
    return _record(asked.registry.get_info(asked.path))


ROUTES = (
    Route(
        "GET",
        "/v1/models",
        "openai.list",
        "List models as OpenAI's clients do.",
        Policy.READ,
        _list,
        OpenAIModels,
        (MIN_REVISION,),
        waits=True,
        tag="openai",
    ),
    Route(
        "GET",
        "/v1/models/{ref:path}",
        "openai.get",
        "Retrieve a model as OpenAI's clients do.",
        Policy.READ,
        _get,
        OpenAIModel,
        (MIN_REVISION,),
        waits=True,  # to say which names are near takes a while
        errors=(404,),
        path_example="openai/gpt-4o",
        tag="openai",
    ),
)
