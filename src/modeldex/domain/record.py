"""A model's whole record: its JSON form, and which source gave each fact of it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from modeldex.domain.model import ITEM_SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modeldex.domain.model import Model

_BOUNDS = ("min", "max", "default")  # of a request's parameter
LIMIT_NAMES = ("context_window", "max_input_tokens", "max_output_tokens")
# what a limit rests on: a source's statement, a measurement, the configuration of a
# server, or a rule of merging
BASES = ("published", "measured", "configured", "inferred")
# keys of the JSON form, in their order
RECORD_KEYS = (  # noqa: SIM905
    "ref provider id name description canonical alias_of family mode context_window "
    "max_input_tokens max_output_tokens limits embedding_dimensions pricing "
    "capabilities modalities status release_date knowledge_cutoff deprecation_date "
    "replacement open_weights license rate_limits protocol base_url "
    "supported_endpoints request_parameters updated_at metadata sources"
).split()


def record_of(model: Model) -> dict[str, Any]:
    """Return the JSON form of a model, all keys present; prices are Decimals."""
    record = {name: getattr(model, name) for name in RECORD_KEYS}
    for name in ("pricing", "capabilities"):
        record[name] = record[name].as_dict()
    return record


def read_sources(text: str) -> dict[str, Any]:
    """Read the `sources` column of a snapshot."""
    if text.startswith("{"):
        found: dict[str, Any] = json.loads(text)
        return found
    pairs = (item.rpartition("=") for item in text.split(ITEM_SEPARATOR) if item)
    return {field: source for field, _, source in pairs}


def read_parameters(text: str) -> dict[str, Any]:
    """Read the `request_parameters` column; bounds and numeric defaults are exact."""
    found: dict[str, Any] = json.loads(text) if text else {}
    return {name: exact_bounds(row) for name, row in found.items()}


def exact_bounds(row: Any) -> Any:
    """Return what is said of a parameter with its numbers as Decimals.

    They are written in digits, with a sign or a point; anything else is a word.
    """
    if not isinstance(row, dict):
        return row
    numbers = {key: row[key] for key in _BOUNDS if _is_number(row.get(key))}
    return {**row, **{key: Decimal(text) for key, text in numbers.items()}}


def _is_number(text: object) -> bool:
    if not isinstance(text, str) or not text.isascii():
        return False
    return text.removeprefix("-").replace(".", "", 1).isdigit()


def source_of(sources: Mapping[str, Any], field: str) -> str | None:
    """Return the source of a field: its own, its group's, or that of all."""
    found = sources.get(field)
    while not found and "." in field:
        field = field.rpartition(".")[0]
        found = sources.get(field)
    found = found or sources.get("*")
    if isinstance(found, dict):
        return str(found.get("source", "curated"))
    return found


def limits_of(model: Model, basis: str) -> dict[str, dict[str, Any]] | None:
    """Return a model's known limits: tokens, what they rest on, who says so.

    A limit that a source or a person states is published, unless `basis` says
    otherwise; one that nobody is named for has no known basis.
    """
    stated = dict(item.split("=") for item in basis.split())
    limits, sources = {}, model.sources
    for name in LIMIT_NAMES:
        tokens = getattr(model, name)
        if tokens is not None:
            source = source_of(sources, name)
            known = stated.get(name) or ("published" if source else None)
            if known == "inferred" and source == "curated":  # a person knows better
                known = "published"
            limits[name] = {"tokens": tokens, "basis": known, "source": source}
    return limits or None
