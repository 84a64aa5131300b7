"""The cost of a call: a model's rates, what it used, and when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from modeldex.domain.billing import Priced, price, price_simply, prompt_tokens
from modeldex.domain.choice import PARAMETERS
from modeldex.domain.moment import Moment, read_moment
from modeldex.domain.pricing import METERS
from modeldex.domain.tariff import Asked, Tariff
from modeldex.domain.usage import (
    FRACTIONAL,
    MOST,
    Usage,
    checked_quantity,
    read_usage,
)
from modeldex.errors import InvalidInputError, InvalidUsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modeldex.domain.cost import Cost
    from modeldex.domain.model import Model
    from modeldex.domain.resolution import Resolution

# condition -> fact of a response that states it
_STATED = (
    ("service_tier", "service_tier"),
    ("region", "region"),
    ("search_context", "search_context_size"),
)
_COUNTED = frozenset(METERS)
_NAMED = ("service_tier", "region", *PARAMETERS)


def priced_model(model: Model, digest: str) -> Priced:
    """Make a model's rates ready to price calls."""
    pricing = model.pricing
    tariff = Tariff(pricing.state, pricing.currency, pricing.rates)
    return Priced(model.ref, tariff, model.source_of, digest)


def priced_as(resolution: Resolution, digest: str) -> Priced:
    """Make the rates of a model that was found by a rule ready to price calls.

    Where the price of what was written is not known to be the model's, there is none.
    """
    model = resolution.model
    notes = (*resolution.steps, *resolution.notes)
    if resolution.price_applies:
        priced = priced_model(model, digest)
    else:
        tariff = Tariff("unknown", model.pricing.currency, ())
        priced = Priced(model.ref, tariff, model.source_of, digest)
    priced.notes = notes
    return priced


def read_conditions(given: Mapping[str, Any], usage: Usage) -> dict[str, str]:
    """Return the conditions of a call: what the caller says, else the response.

    They are in lower case, as those of rates are. Raises InvalidInputError for a
    condition that does not exist.
    """
    conditions: dict[str, str] = {}
    for name, value in given.items():
        if name not in _NAMED:
            message = f"{name} is no condition of a call; known are {', '.join(_NAMED)}"
            raise InvalidInputError(message)
        if value is not None:
            conditions[name] = str(value).lower()
    for name, fact in _STATED:
        stated = getattr(usage, fact)
        if stated is not None:
            conditions.setdefault(name, stated.lower())
    return conditions


def _now() -> Moment:
    time = datetime.now(UTC).replace(microsecond=0)
    return Moment(time.date().isoformat(), time)


def read_used(used: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return what of each meter a period has used so far; refuse other meters."""
    counts = {}
    if used is not None and not hasattr(used, "items"):
        message = f"used: a mapping of meters is wanted, not {type(used).__name__}"
        raise InvalidInputError(message)
    for meter, count in (used or {}).items():
        if meter not in METERS:
            raise InvalidInputError(f"used: {meter!r:.60} is no meter")
        fractional = meter in FRACTIONAL
        counts[meter] = checked_quantity(count, f"used.{meter}", fractional=fractional)
    return counts


def _is_plain(usage: Mapping[Any, Any]) -> bool:
    """Tell whether a mapping holds whole counts by meter and nothing else."""
    for meter, count in usage.items():
        if type(count) is not int or not 0 < count <= MOST or meter not in _COUNTED:
            return False
    return True


def cost_of(  # noqa: PLR0913
    priced: Priced,
    usage: object,
    at: object,
    *,
    contract: bool = True,
    used: Mapping[str, Any] | None = None,
    conditions: Mapping[str, Any] | None = None,
) -> Cost:
    """Return what usage costs at a moment; what has no price makes it incomplete.

    Raises InvalidUsageError and InvalidInputError for what cannot be read.
    """
    moment = _now() if at is None else read_moment(at)
    spent = {} if used is None else read_used(used)
    if not conditions and type(usage) is dict and _is_plain(usage):
        found = price_simply(priced, usage, moment)
        if found is not None:
            return found
    read = usage if isinstance(usage, Usage) else read_usage(usage)
    named = read_conditions(conditions or {}, read)
    quantities = read.quantities
    if not named and not read.unread:
        found = price_simply(priced, quantities, moment)
        if found is not None:
            return found
    tier, region = named.pop("service_tier", None), named.pop("region", None)
    asked = Asked(moment, prompt_tokens(quantities), tier, region, named)
    cost = price(priced, quantities, asked, contract=contract, used=spent)
    if read.unread:
        return cost.with_unpriced(read.unread, "no meter is known for this count")
    return cost


def read_response(response: object, provider: str | None) -> Usage:
    """Return the usage of a response that names its model.

    Raises InvalidUsageError when it names none.
    """
    usage = read_usage(response, provider)
    if usage.model is None:
        message = "the response names no model; say which with a ref"
        raise InvalidUsageError(message)
    return usage
