"""Readers of `sources`: who says what of a model or a provider."""

from __future__ import annotations

from modeldex.catalog.authoring.conditions import canonical_key
from modeldex.catalog.authoring.notes import show
from modeldex.catalog.authoring.scalars import is_mapping, is_null, read_text
from modeldex.catalog.authoring.schema import (
    CURATED_KEYS,
    MAX_KEY,
    MODEL_TABLE,
    PROVIDER_TABLE,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from modeldex.catalog.authoring.notes import Notes, Where
    from modeldex.catalog.authoring.schema import Field


def read_sources(
    field: Field, value: Any, where: Where, notes: Notes
) -> dict[str, Any] | None:
    """Read field (or `*`) to source name, or to who curated it, when and why."""
    return _read_sources(field, value, where, notes, MODEL_TABLE)


def read_provider_sources(
    field: Field, value: Any, where: Where, notes: Notes
) -> dict[str, Any] | None:
    """Read the same of a provider's fields."""
    return _read_sources(field, value, where, notes, PROVIDER_TABLE)


def _read_sources(
    field: Field, value: Any, where: Where, notes: Notes, table: Mapping[str, Field]
) -> dict[str, Any] | None:
    if not is_mapping(value, where, notes):
        return None
    kept: dict[str, Any] = {}
    for name, raw in value.items():
        at = (*where, name)
        root = name.partition(".")[0]
        field_name = source_field(name, table)
        if field_name is None:
            hint = notes.hint(root, table)
            notes.add(at, "unknown_field", f"{show(name)} is no field{hint}")
            continue
        if is_null(raw):
            continue
        source = (
            _read_curated(field, raw, at, notes)
            if raw.__class__ is dict
            else read_text(field, raw, at, notes)
        )
        if source == "curated":
            message = "say who, when, why: {source: curated, by, at, because, url}"
            notes.warn(at, "bare_curated", message)
        if source is not None:
            kept[field_name] = source
    return kept if kept or not value else None


def source_field(name: str, table: Mapping[str, Field] = MODEL_TABLE) -> str | None:
    """Return the field that a key of `sources` names, or None where it names none."""
    root, _, part = name.partition(".")
    if root == "rates" and part and root in table:
        key = canonical_key(part)
        return None if key is None else f"{root}.{key}"
    known = root in table or name == "*"
    return name if known and len(name) <= MAX_KEY else None


def _read_curated(
    field: Field, value: dict[str, Any], where: Where, notes: Notes
) -> dict[str, str] | None:
    kept = {}
    for key, raw in value.items():
        at = (*where, key)
        if key not in CURATED_KEYS:
            hint = notes.hint(key, CURATED_KEYS)
            notes.add(at, "unknown_key", f"{show(key)} is not known here{hint}")
        elif not is_null(raw):
            text = read_text(field, raw, at, notes)
            if text is not None:
                kept[key] = text
    if "source" in kept:
        return kept
    notes.add(where, "bad_shape", "name the source: {source: curated, ...}")
    return None
