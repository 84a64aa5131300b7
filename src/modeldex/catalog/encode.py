"""Facts to the text form that `domain.model` reads, and back."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from modeldex.catalog.implied import with_implied, without_implied
from modeldex.domain.model import COLUMNS, ITEM_SEPARATOR
from modeldex.domain.pricing import WORDS, read_items
from modeldex.domain.record import read_parameters, read_sources

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Facts = Mapping[str, Any]

_PLACE = {column: place for place, column in enumerate(COLUMNS)}
_COUNTS = (
    "context_window",
    "max_input_tokens",
    "max_output_tokens",
    "embedding_dimensions",
)
_TEXTS = (
    "name",
    "description",
    "canonical",
    "alias_of",
    "family",
    "mode",
    "status",
    "release_date",
    "knowledge_cutoff",
    "deprecation_date",
    "license",
    "protocol",
    "base_url",
    "updated_at",
)
_MAPPINGS = ("rate_limits", "metadata")


def decimal_text(amount: Decimal) -> str:
    """Write an amount plainly: no exponent, no trailing zeros."""
    text = format(amount, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def _dump(value: object, *, in_order: bool = True) -> str:
    if not value:
        return ""
    form: dict[str, Any] = {"separators": (",", ":"), "sort_keys": in_order}
    return json.dumps(value, ensure_ascii=False, default=str, **form)


def encode_sources(sources: Mapping[str, Any]) -> str:
    """Write the `sources` column: a line of pairs, or JSON where one says more."""
    if any(not isinstance(source, str) for source in sources.values()):
        return _dump(dict(sorted(sources.items())), in_order=False)
    pairs = sorted(sources.items())
    return ITEM_SEPARATOR.join(f"{field}={name}" for field, name in pairs)


def _encode_pricing(pricing: Mapping[str, Any]) -> str:
    return " ".join(
        f"{meter}={value if meter in WORDS else decimal_text(value)}"
        for meter, value in pricing.items()
    )


def _encode_rates(rates: Mapping[str, Any]) -> str:
    items = (f"{key}={decimal_text(amount)}" for key, amount in sorted(rates.items()))
    return ITEM_SEPARATOR.join(items)


def encode(provider: str, model_id: str, facts: Facts) -> list[str]:
    """Write a model's facts as columns; what it lacks stays unknown ("")."""
    facts = with_implied(facts)
    known = facts.get("capabilities") or {}
    basis = facts.get("limits_basis") or {}
    modalities = facts.get("modalities") or {}
    opened = facts.get("open_weights")
    parameters = {n: v for n, v in known.items() if isinstance(v, dict) and v}
    special = {
        "provider": provider,
        "id": model_id,
        "pricing": _encode_pricing(facts.get("pricing") or {}),
        "rates": _encode_rates(facts.get("rates") or {}),
        "capabilities": " ".join(sorted(n for n, v in known.items() if v is not False)),
        "capabilities_no": " ".join(sorted(n for n, v in known.items() if v is False)),
        "capability_parameters": _dump(parameters),
        "input_modalities": " ".join(modalities.get("input") or ()),
        "output_modalities": " ".join(modalities.get("output") or ()),
        "replacement": " ".join(facts.get("replacement") or ()),
        "open_weights": "" if opened is None else str(int(opened)),
        "limits_basis": " ".join(f"{n}={word}" for n, word in sorted(basis.items())),
        "supported_endpoints": " ".join(facts.get("supported_endpoints") or ()),
        **{n: _dump(facts.get(n)) for n in (*_MAPPINGS, "request_parameters")},
        "sources": encode_sources(facts.get("sources") or {}),
    }
    columns = []
    for column in COLUMNS:
        if column in special:
            columns.append(special[column])
        else:
            fact = facts.get(column)
            columns.append("" if fact is None else str(fact))
    return columns


def amount_of(pricing: str, meter: str) -> Decimal | None:
    """Return a meter's amount by the `pricing` column; a free model's is 0."""
    for item in pricing.split():
        name, _, text = item.partition("=")
        if name == meter:
            return Decimal(text)
        if text == "free" and name == "state" and meter in ("input", "output"):
            return Decimal(0)
    return None


def _decode_prices(column: Mapping[str, str]) -> dict[str, Any]:
    facts: dict[str, dict[str, Any]] = {"pricing": {}, "rates": {}}
    for item in column["pricing"].split():
        meter, _, value = item.partition("=")
        facts["pricing"][meter] = value if meter in WORDS else Decimal(value)
    for key, amount in read_items(column["rates"]):
        facts["rates"][key] = Decimal(amount)
    return {name: prices for name, prices in facts.items() if prices}


def _decode_abilities(column: Mapping[str, str]) -> dict[str, Any]:
    abilities: dict[str, Any] = dict.fromkeys(column["capabilities"].split(), True)
    abilities.update(dict.fromkeys(column["capabilities_no"].split(), False))
    if column["capability_parameters"]:
        abilities.update(json.loads(column["capability_parameters"]))
    facts = {"capabilities": abilities} if abilities else {}
    if column["request_parameters"]:
        facts["request_parameters"] = read_parameters(column["request_parameters"])
    return facts


def decode(columns: Sequence[str]) -> dict[str, Any]:
    """Read the facts that `encode` was given, without provider and id."""
    column = dict(zip(COLUMNS, columns, strict=True))
    facts: dict[str, Any] = {name: column[name] for name in _TEXTS if column[name]}
    facts.update({name: int(column[name]) for name in _COUNTS if column[name]})
    facts |= _decode_prices(column)
    facts |= _decode_abilities(column)
    sides = ("input", "output")
    found = {s: column[f"{s}_modalities"].split() for s in sides}
    if any(found.values()):
        facts["modalities"] = {side: kinds for side, kinds in found.items() if kinds}
    if column["open_weights"]:
        facts["open_weights"] = column["open_weights"] == "1"
    if column["limits_basis"]:
        items = (item.split("=") for item in column["limits_basis"].split())
        facts["limits_basis"] = dict(items)
    for name in _MAPPINGS:
        if column[name]:
            facts[name] = json.loads(column[name])
    lists = ("replacement", "supported_endpoints")
    facts.update({name: column[name].split() for name in lists if column[name]})
    if column["sources"]:
        facts["sources"] = read_sources(column["sources"])
    return without_implied(facts)
