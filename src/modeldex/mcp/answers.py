"""What each tool answers: a short text for people, and the same as data."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from modeldex.domain.resolution import RULES
from modeldex.domain.session import format_cost
from modeldex.domain.usage import Usage
from modeldex.errors import (
    InvalidInputError,
    InvalidRefError,
    NotFoundError,
    UnknownModelError,
    UnknownProviderError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from modeldex.domain.dated_pricing import DatedPricing
    from modeldex.domain.model import Model
    from modeldex.domain.resolution import Resolution
    from modeldex.mcp import arguments as given
    from modeldex.registry import Registry

_SHOWN = 30  # lines of a text
# part of a whole: argument -> whole, meter
_PARTS = {
    "cached_tokens": ("input_tokens", "cache_read"),
    "cache_write_tokens": ("input_tokens", "cache_write"),
    "reasoning_tokens": ("output_tokens", "reasoning"),
}
_WHOLES = {"input_tokens": "input", "output_tokens": "output"}
_NOT_TERMS = ("query", "as_of")


class Answer(NamedTuple):
    """A short text, and all of it as data, with Decimals."""

    text: str
    data: dict[str, Any]


def find(registry: Registry, asked: given.Find) -> Answer:
    """Answer with the models of a query, and how many there are in all."""
    registry = _as_of(registry, asked.as_of)
    stated = {name: getattr(asked, name) for name in asked.__struct_fields__}
    terms = {
        name: value
        for name, value in stated.items()
        if name not in _NOT_TERMS and value is not None
    }
    query = registry.query(asked.query, **terms)
    models = registry.find(query)
    total = len(registry.find_refs(type(query)(query.terms, query.sort)))
    data = {
        "total": total,
        "offset": asked.offset,
        "more_left": asked.offset + len(models) < total,
        "models": [_row(model) for model in models],
    }
    said = f"{len(models):,} of {total:,} models; USD per 1M tokens"
    return Answer(_lines(said, map(_line, models)), data)


def get(registry: Registry, asked: given.Get) -> Answer:
    """Answer with all facts of a model."""
    registry = _as_of(registry, asked.as_of)
    model, found = _named(registry, asked.ref)
    record = model.as_dict()
    if not asked.sources:
        del record["sources"]
    resolved = None if found is None else _resolved(found)
    said = [_line(model)]
    if model.deprecation_date:
        said.append(f"stops on {model.deprecation_date}")
    if found is not None:
        said.append(f"{asked.ref} means {found.ref}: {RULES[found.rule]}")
        said += found.notes
        if not found.price_applies:
            said.append(f"what {asked.ref} costs is not known to be this")
    return Answer("\n".join(said), {"model": record, "resolved": resolved})


def compare(registry: Registry, asked: given.Compare) -> Answer:
    """Answer with models side by side."""
    registry = _as_of(registry, asked.as_of)
    compared = registry.compare([_named(registry, ref)[0] for ref in asked.refs])
    data = compared.as_dict()
    if asked.differences_only and len(compared.models) > 1:
        facts = {name: data["facts"][name] for name in data["differences"]}
        data["facts"] = facts
    said = ", ".join(data["models"])
    return Answer(f"{said}: they differ in {len(data['differences'])} facts", data)


def cost(registry: Registry, asked: given.Cost) -> Answer:
    """Answer with what a call costs, line by line."""
    conditions: dict[str, Any] = {
        "service_tier": asked.service_tier,
        "region": asked.region,
    }
    found = registry.cost(asked.ref, _usage(asked), asked.at, **conditions)
    said = f"{found.ref} at {found.at}: {format_cost(found)}"
    if found.total is not None:
        said += f" ({found.total:f} {found.currency})"
    if not found.complete:
        said += f"; unpriced: {', '.join(found.unpriced)}; the total is unknown"
    return Answer("\n".join([said, *found.notes]), found.as_dict())


def price_at(registry: Registry, asked: given.PriceAt) -> Answer:
    """Answer with the price in force at a time."""
    found = _price(registry, asked)
    data = {**found.as_dict(), "known": bool(found)}
    if not found:
        first = f"; the first known price is of {found.earliest}"
        first = first if found.earliest else ""
        return Answer(f"{found.ref} at {asked.at}: unknown{first}", data)
    amounts = [f"{meter} {amount:f}" for meter, amount in found.amounts.items()]
    said = f"{found.ref} at {asked.at}: {found.state}"
    said += f", {found.currency} {', '.join(amounts)}" if amounts else ""
    said += f"; since {found.since}" if found.since else ""
    return Answer(said + (f" until {found.until}" if found.until else ""), data)


def _price(registry: Registry, asked: given.PriceAt) -> DatedPricing:
    """Return the price of a ref; of another spelling where the price is its too."""
    try:
        return registry.price(asked.ref, asked.at, asked.known_at)
    except (UnknownModelError, UnknownProviderError, InvalidRefError):
        found = registry.resolve(asked.ref)
        if not found.price_applies:
            raise
        return registry.price(found.ref, asked.at, asked.known_at)


def resolve(registry: Registry, asked: given.Resolve) -> Answer:
    """Answer with the model that a text means, and the rule that says so."""
    found = registry.resolve(asked.text, asked.provider)
    data = _resolved(found)
    said = f"{asked.text} means {found.ref}: {data['means']}"
    return Answer("\n".join([said, *found.steps, *found.notes]), data)


def expiring(registry: Registry, asked: given.Expiring) -> Answer:
    """Answer with what stops within a span, and what to move to."""
    found = registry.expiring(asked.within, asked.provider, asked.refs, asked.at)
    some = found[: asked.limit]
    data = {"total": len(found), "models": [expiry.as_dict() for expiry in some]}
    lines = []
    for expiry in some:
        to = expiry.replacement
        moved = f" -> {to.ref} ({to.kind})" if to else ""
        lines.append(f"{expiry.ref} {expiry.status} {expiry.day or ''}{moved}")
    said = f"{len(some):,} of {len(found):,} models that stop within {asked.within}"
    return Answer(_lines(said, lines), data)


def _as_of(registry: Registry, day: str | None) -> Registry:
    return registry if day is None else registry.as_of(day)


def _named(registry: Registry, text: str) -> tuple[Model, Resolution | None]:
    """Return the model of a ref; of another spelling with the rule that reads it."""
    try:
        return registry.get_info(text), None
    except (NotFoundError, InvalidRefError) as error:
        try:
            found = registry.resolve(text)
        except InvalidRefError:
            raise error from None
        return found.model, found


def _resolved(found: Resolution) -> dict[str, Any]:
    return {**found.as_dict(), "means": RULES[found.rule]}


def _usage(asked: given.Cost) -> Usage:
    """Return exclusive quantities: parts are taken off their whole."""
    used: dict[str, Any] = {
        meter: Decimal(repr(count)) if isinstance(count, float) else count
        for meter, count in asked.meters.items()
    }
    for whole, meter in _WHOLES.items():
        parts = {
            part: getattr(asked, part)
            for part, (container, _) in _PARTS.items()
            if container == whole and getattr(asked, part)
        }
        left = getattr(asked, whole) - sum(parts.values())
        if left < 0:
            said = " and ".join(f"{name} {count}" for name, count in parts.items())
            raise InvalidInputError(
                f"{said}: more than the {getattr(asked, whole)} of {whole}, which "
                "counts all of them"
            )
        added = {_PARTS[part][1]: count for part, count in parts.items()}
        for name, count in (added | {meter: left}).items():
            if count:
                used[name] = used.get(name, 0) + count
    if not used:
        raise InvalidInputError("say what was used: input_tokens, output_tokens, …")
    return Usage.of(used)


def _row(model: Model) -> dict[str, Any]:
    pricing = model.pricing
    same = ("ref", "name", "canonical", "mode", "status", "context_window")
    dates = ("max_output_tokens", "release_date", "deprecation_date")
    return {
        **{name: getattr(model, name) for name in (*same, *dates)},
        "pricing": {
            "state": pricing.state,
            "currency": pricing.currency,
            "input": pricing.input,
            "output": pricing.output,
        },
        "capabilities": list(model.capabilities),
    }


def _line(model: Model) -> str:
    """Say in a line what a model is."""
    pricing, window = model.pricing, model.context_window
    price = pricing.state
    if pricing.input is not None or pricing.output is not None:
        sides = (("in", pricing.input), ("out", pricing.output))
        told = [f"{n} {'?' if a is None else format(a, 'f')}" for n, a in sides]
        price = f"{' '.join(told)} {pricing.currency}/1M"
    context = "context ?" if window is None else f"context {window:,}"
    return f"{model.ref}: {price}; {context}; {model.status}"


def _lines(head: str, lines: Iterable[str]) -> str:
    found = list(lines)
    more = len(found) - _SHOWN
    left = [f"… and {more} more, in the data"] if more > 0 else []
    return "\n".join([head, *found[:_SHOWN], *left])
