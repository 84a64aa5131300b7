"""Shapes of what the catalogue answers: they describe answers, nothing is made of them.

Numbers are those of JSON; a price has its own digits.
"""

from __future__ import annotations

from inspect import cleandoc
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from modeldex.domain.lifecycle import STATUSES
from modeldex.domain.pricing import METERS, STATES
from modeldex.domain.record import LIMIT_NAMES, RECORD_KEYS

_STATES = Literal["listed", "unknown", *STATES]  # type: ignore[valid-type]
_STATUSES = Literal[STATUSES]  # type: ignore[valid-type]


class Limit(msgspec.Struct, forbid_unknown_fields=True):
    """A limit in tokens: what it rests on, and who says so."""

    tokens: int
    basis: str | None
    source: str | None


class Modalities(msgspec.Struct, forbid_unknown_fields=True):
    """What goes in and what comes out."""

    input: list[str]
    output: list[str]


class PricingBase(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A price: amounts per meter, USD unless `currency` says otherwise.

    An amount that is not known is null or absent, never zero. `rates` holds what
    other conditions cost, by the conditions, then by meter.
    """

    input: float | None
    output: float | None
    state: _STATES
    currency: str
    rates: dict[str, dict[str, float]] | UnsetType = UNSET


_MORE = [
    (meter, float | UnsetType, UNSET)
    for meter in METERS
    if meter not in ("input", "output")
]


def shape(name: str, about: str, fields: Any, base: Any = None) -> Any:
    """Return a closed struct made of a table of fields."""
    return msgspec.defstruct(
        name,
        fields,
        bases=None if base is None else (base,),
        namespace={"__doc__": about},
        module=__name__,
        forbid_unknown_fields=True,
        kw_only=True,
    )


Price = shape("Price", cleandoc(PricingBase.__doc__ or ""), _MORE, PricingBase)
DatedPrice = shape(
    "DatedPrice",
    "A price in force at a time: from `since` on, until `until`.",
    [
        ("ref", str),
        ("since", str | None),
        ("until", str | None),
        ("effective", bool),
        ("earliest", str | None),
    ],
    Price,
)

# keys of a model that are more than text that may be unknown
_KINDS: dict[str, Any] = {
    **dict.fromkeys(("ref", "provider", "id", "name", "mode"), str),
    **dict.fromkeys((*LIMIT_NAMES, "embedding_dimensions"), int | None),
    **dict.fromkeys(("replacement", "supported_endpoints"), list[str] | None),
    "limits": dict[str, Limit] | None,
    "pricing": Price,
    "capabilities": dict[str, bool | dict[str, Any]],
    "modalities": Modalities | None,
    "status": _STATUSES,
    "open_weights": bool | None,
    "rate_limits": dict[str, int] | None,
    "request_parameters": dict[str, Any] | None,
    "metadata": dict[str, Any],
    "sources": dict[str, str | dict[str, Any]],
}
ModelRecord = shape(
    "ModelRecord",
    "All that is known of a model: every key, unless `fields` chooses some.",
    [(key, _KINDS.get(key, str | None) | UnsetType, UNSET) for key in RECORD_KEYS],
)


class Page(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A page of what was found, and how much there is."""

    total: int
    limit: int
    offset: int
    revision: int


def paged(name: str, about: str, key: str, kind: Any) -> Any:
    """Return the shape of a page whose items stand under a key."""
    return shape(name, about, [(key, list[kind])], Page)


ModelPage = paged(
    "ModelPage", "Models that answer a query: a page of them.", "models", ModelRecord
)
