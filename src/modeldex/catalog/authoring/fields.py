"""Readers that type lists and mappings by the schema, and the table of all readers.

They work as those of `scalars` do: a bad member is noted and left out, the rest kept.
"""

from __future__ import annotations

import re

from modeldex.catalog.authoring.abilities import (
    read_basis,
    read_capabilities,
    read_requests,
)
from modeldex.catalog.authoring.notes import show
from modeldex.catalog.authoring.offers import (
    read_features,
    read_limitations,
    read_words,
)
from modeldex.catalog.authoring.plain import plain
from modeldex.catalog.authoring.provenance import (
    read_provider_sources,
    read_sources,
)
from modeldex.catalog.authoring.rates import read_contract, read_rates
from modeldex.catalog.authoring.scalars import (
    LONGEST_NUMBER,
    NUMBER,
    WORD,
    is_mapping,
    is_null,
    is_text,
    kind_of,
    read_amount,
    read_canonical,
    read_choice,
    read_count,
    read_date,
    read_day,
    read_flag,
    read_model,
    read_prose,
    read_provider,
    read_stamp,
    read_table,
    read_text,
    read_url,
    read_variable,
    read_word,
)
from modeldex.catalog.authoring.schema import (
    LIMIT_NAMES,
    MAX_PRICE,
)
from modeldex.domain.capability import MODALITIES
from modeldex.domain.pricing import METERS, STATES, WORDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal
    from typing import Any

    from modeldex.catalog.authoring.notes import Notes, Where
    from modeldex.catalog.authoring.scalars import Reader
    from modeldex.catalog.authoring.schema import Field

_CURRENCY = re.compile("[A-Z]{3}")


def read_texts(
    field: Field, value: Any, where: Where, notes: Notes, read: Reader = read_text
) -> list[str] | None:
    """Read a list of texts; a bad one is left out."""
    if value.__class__ is not list:
        notes.add(where, "bad_shape", f"write a list, not {kind_of(value)}")
        return None
    items = [
        text
        for index, item in enumerate(value)
        if not is_null(item)
        and (text := read(field, item, (*where, index), notes)) is not None
    ]
    return items if items or not value else None


def read_names(
    field: Field, value: Any, where: Where, notes: Notes
) -> list[str] | None:
    """Read a list of environment variables."""
    return read_texts(field, value, where, notes, read_variable)


def read_name_sets(
    field: Field, value: Any, where: Where, notes: Notes
) -> list[list[str]] | None:
    """Read a list of lists of environment variables."""
    if value.__class__ is not list:
        notes.add(where, "bad_shape", f"write a list of lists, not {kind_of(value)}")
        return None
    sets = [read_names(field, one, (*where, i), notes) for i, one in enumerate(value)]
    return [names for names in sets if names]


def read_models(
    field: Field, value: Any, where: Where, notes: Notes
) -> list[str] | None:
    """Read a list of model ids or refs."""
    return read_texts(field, value, where, notes, read_model)


def read_any(field: Field, value: Any, where: Where, notes: Notes) -> Any:
    """Read a mapping of anything JSON-like (metadata)."""
    if not is_mapping(value, where, notes):
        return None
    return plain(field, value, where, notes)


def read_pricing(
    _field: Field, value: Any, where: Where, notes: Notes
) -> dict[str, Any] | None:
    """Read amounts by meter, or a state word alone."""
    if isinstance(value, str):
        state = _read_state(value, where, notes)
        return {"state": state} if state else None
    if not is_mapping(value, where, notes):
        return None
    pricing: dict[str, Any] = {}
    for meter, raw in value.items():
        if is_null(raw):
            continue
        if meter == "state":
            amount: Any = _read_state(raw, (*where, meter), notes)
        elif meter == "currency":
            amount = _read_currency(raw, (*where, meter), notes)
        elif meter in METERS:
            amount = _read_price(raw, (*where, meter), notes)
        else:
            hint = notes.hint(meter, (*WORDS, *METERS))
            message = f"{show(meter)} is no meter{hint}"
            notes.add((*where, meter), "unknown_meter", message)
            continue
        if amount is not None:
            pricing[meter] = amount
    return pricing if pricing or not value else None


def _read_state(value: Any, where: Where, notes: Notes) -> str | None:
    if isinstance(value, str) and value in STATES:
        return str(value)
    if not isinstance(value, str) or not NUMBER.fullmatch(value[:LONGEST_NUMBER]):
        message = f"write meters with amounts or one of {', '.join(STATES)}"
    else:
        message = f"name the meter: {{input: {show(value)[1:-1]}}}"
    notes.add(where, "bad_choice", message)
    return None


def _read_currency(value: Any, where: Where, notes: Notes) -> str | None:
    if isinstance(value, str) and _CURRENCY.fullmatch(value):
        return str(value)
    notes.add(where, "bad_choice", "write a currency by its three letters, as EUR")
    return None


def _read_price(value: Any, where: Where, notes: Notes) -> Decimal | None:
    amount = read_amount(value, where, notes, "an amount")
    if amount is not None and amount > MAX_PRICE:
        message = f"{show(value)} is above {MAX_PRICE}"
        notes.add(where, "bad_number", message)
        return None
    return amount


def read_modalities(
    field: Field, value: Any, where: Where, notes: Notes
) -> dict[str, list[str]] | None:
    """Read what a model takes (`input`) and gives (`output`)."""
    if not is_mapping(value, where, notes):
        return None
    kept = {}
    for side, raw in value.items():
        at = (*where, side)
        if side not in ("input", "output"):
            notes.add(at, "unknown_key", f"{show(side)} is neither input nor output")
        elif not is_null(raw):
            words = read_modality_list(field, raw, at, notes)
            if words is not None:
                kept[side] = words
    return kept if kept or not value else None


def read_modality_list(
    field: Field, value: Any, where: Where, notes: Notes
) -> list[str] | None:
    """Read one side of the modalities."""
    return read_texts(field, value, where, notes, _read_modality)


def _read_modality(_field: Field, value: Any, where: Where, notes: Notes) -> str | None:
    if not is_text(value, where, notes, "a modality"):
        return None
    if not WORD.fullmatch(value):
        notes.add(where, "bad_name", f"{show(value)} is no lower_snake_case word")
        return None
    if value not in MODALITIES:
        hint = notes.hint(value, MODALITIES)
        notes.warn(where, "unknown_modality", f"{show(value)} is not known{hint}")
    return str(value)


def read_limits(
    field: Field, value: Any, where: Where, notes: Notes
) -> dict[str, int] | None:
    """Read rate limits: requests or tokens per minute or day."""
    return read_table(field, value, where, notes, LIMIT_NAMES, read_count)


READERS: dict[str, Reader] = {
    "any": read_any,
    "basis": read_basis,
    "canonical": read_canonical,
    "capabilities": read_capabilities,
    "choice": read_choice,
    "contract": read_contract,
    "count": read_count,
    "date": read_date,
    "day": read_day,
    "flag": read_flag,
    "features": read_features,
    "limitations": read_limitations,
    "limits": read_limits,
    "modalities": read_modalities,
    "model": read_model,
    "name_sets": read_name_sets,
    "models": read_models,
    "names": read_names,
    "pricing": read_pricing,
    "prose": read_prose,
    "provider": read_provider,
    "provider_sources": read_provider_sources,
    "rates": read_rates,
    "requests": read_requests,
    "sources": read_sources,
    "stamp": read_stamp,
    "text": read_text,
    "texts": read_texts,
    "url": read_url,
    "word": read_word,
    "words": read_words,
}
