"""A model's whole record: its JSON form, and which source gave each fact of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from modeldex.domain.model import ITEM_SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modeldex.domain.model import Model

# keys of the JSON form, in their order
RECORD_KEYS = (  # noqa: SIM905
    "ref provider id name description canonical alias_of family mode context_window "
    "max_input_tokens max_output_tokens embedding_dimensions pricing capabilities "
    "modalities status release_date knowledge_cutoff deprecation_date replacement "
    "open_weights license rate_limits supported_endpoints updated_at metadata sources"
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


def source_of(sources: Mapping[str, Any], field: str) -> str | None:
    """Return the source of a field: its own, its group's, or that of all."""
    found = sources.get(field) or sources.get(field.partition(".")[0])
    found = found or sources.get("*")
    if isinstance(found, dict):
        return str(found.get("source", "curated"))
    return found
