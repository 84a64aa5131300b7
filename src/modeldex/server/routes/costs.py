"""`/api/v1/cost` and `/api/v1/price`: what calls cost, and what the price was when."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from modeldex.domain.choice import PARAMETERS
from modeldex.domain.pricing import METER_ABOUT, METERS
from modeldex.domain.usage import FRACTIONAL, MOST
from modeldex.errors import InvalidUsageError
from modeldex.server.route import Asked, Param, Policy, Route, Said
from modeldex.server.routes.terms import MIN_REVISION, NAME, PROVIDER, TIME
from modeldex.server.shapes import DatedPrice, shape

_LEAST = Decimal("0.000001")  # of a fraction of a unit
_WHOLE = {"type": "integer", "minimum": 0, "maximum": MOST}
_PARTS = {
    "type": "number",
    "maximum": MOST,
    "anyOf": [{"enum": [0]}, {"minimum": float(_LEAST)}],
}


def _counted(meter: str) -> Any:
    """Return the kind of a meter's quantity: described here, read by the domain."""
    schema = _PARTS if meter in FRACTIONAL else _WHOLE
    about = METER_ABOUT[meter]
    return Annotated[Any, Meta(description=about, extra_json_schema=schema)]


Quantities: Any = shape(
    "Quantities",
    "Quantities by meter, exclusive: `input` is what no other meter counts.",
    [(meter, _counted(meter) | UnsetType, UNSET) for meter in METERS],
)
_WORD = Annotated[str, Meta(max_length=60)]
Conditions: Any = shape(
    "Conditions",
    "What a request names, as far as its price rests on it.",
    [
        (name, _WORD | UnsetType, UNSET)
        for name in ("service_tier", "region", *PARAMETERS)
    ],
)
_NAME = Annotated[str, Meta(pattern=NAME["pattern"], max_length=NAME["maxLength"])]
_TIME = Annotated[str, Meta(pattern=TIME["pattern"])]
_PROVIDER = Annotated[str, Meta(pattern=PROVIDER["pattern"])]
_SOME = Meta(extra_json_schema={"minProperties": 1})


class CostBody(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A call: the model, what it used, when, and under which conditions.

    `used` is what of a free quantity the period has used so far; `contract` false
    leaves contract prices out.
    """

    ref: _NAME
    usage: Annotated[Quantities, _SOME]
    at: _TIME | UnsetType = UNSET
    conditions: Conditions | UnsetType = UNSET
    contract: bool = True
    used: Quantities | UnsetType = UNSET


class ResponseBody(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A provider's response, or the events of one: it names its model and its usage."""

    response: dict[str, Any] | list[dict[str, Any]]
    provider: _PROVIDER | UnsetType = UNSET
    at: _TIME | UnsetType = UNSET
    conditions: Conditions | UnsetType = UNSET


class CostLine(msgspec.Struct, forbid_unknown_fields=True):
    """What one meter costs: its rate per so many units, and why this one."""

    meter: str
    quantity: float
    rate: float | None
    per: int | None
    amount: float | None
    source: str | None
    why: str


class Cost(msgspec.Struct, forbid_unknown_fields=True):
    """What a call costs, exactly; `total` is null unless every meter is priced."""

    ref: str
    total: float | None
    list_total: float | None
    subtotal: float
    complete: bool
    unpriced: list[str]
    currency: str
    state: str
    at: str
    digest: str
    lines: list[CostLine]
    notes: list[str]


def _given(struct: Any) -> dict[str, Any]:
    """Return what was given of a struct whose fields may be left out."""
    if struct is UNSET:
        return {}
    fields = msgspec.structs.asdict(struct)
    return {name: value for name, value in fields.items() if value is not UNSET}


def _quantities(struct: Any) -> dict[str, Any]:
    found = _given(struct)
    for meter, quantity in found.items():
        if quantity is None:
            raise InvalidUsageError("a number is wanted, not null", meter)
        if isinstance(quantity, Decimal) and 0 < quantity < _LEAST:
            raise InvalidUsageError(f"finer than {_LEAST} of a unit", meter)
    return found


def _or_none(value: Any) -> Any:
    return None if value is UNSET else value


def _cost(asked: Asked) -> Any:
    body: CostBody = asked.body
    found = asked.registry.cost(
        body.ref,
        _quantities(body.usage),
        _or_none(body.at),
        contract=body.contract,
        used=_quantities(body.used) or None,
        **_given(body.conditions),
    )
    return Said(found.as_dict(), cached=False)


def _cost_of_response(asked: Asked) -> Any:
    body: ResponseBody = asked.body
    found = asked.registry.cost_of_response(
        body.response,
        _or_none(body.provider),
        _or_none(body.at),
        **_given(body.conditions),
    )
    return Said(found.as_dict(), cached=False)


def _price(asked: Asked) -> Any:
    params = asked.params
    found = asked.registry.price(asked.path, params.get("at"), params.get("known_at"))
    return found.as_dict()


_TAG = "costs"
ROUTES = (
    Route(
        "POST",
        "/api/v1/cost",
        "cost",
        "Tell what a call costs, with a line per meter.",
        Policy.READ,
        _cost,
        Cost,
        body=CostBody,
        example={
            "ref": "openai/gpt-4o",
            "usage": {"input": 1_000, "cache_read": 500, "output": 200},
            "conditions": {"service_tier": "batch"},
        },
        waits=True,
        errors=(404, 422),
        tag=_TAG,
    ),
    Route(
        "POST",
        "/api/v1/cost/response",
        "cost.response",
        "Tell what a provider's response cost: it names model and usage.",
        Policy.READ,
        _cost_of_response,
        Cost,
        body=ResponseBody,
        example={
            "provider": "openai",
            "response": {
                "model": "gpt-4o",
                "usage": {"prompt_tokens": 1_000, "completion_tokens": 200},
            },
        },
        waits=True,
        errors=(404, 422),
        tag=_TAG,
    ),
    Route(
        "GET",
        "/api/v1/price/{ref:path}",
        "price",
        "Tell the standard price of a model in force at a time, and since when.",
        Policy.READ,
        _price,
        DatedPrice,
        (
            Param(
                "at", "A day (its end, UTC) or a time; else now.", TIME, "2026-03-31"
            ),
            Param("known_at", "Leave out what became known later.", TIME, "2026-06-30"),
            MIN_REVISION,
        ),
        waits=True,
        errors=(404,),
        path_example="openai/gpt-4o",
        tag=_TAG,
    ),
)
