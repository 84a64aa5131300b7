"""Readers of rates under conditions, and of a contract's rows.

A line or row of which a condition is wrong is left out whole: without the condition
it would hold for more than it says.
"""

from __future__ import annotations

from modeldex.catalog.authoring.conditions import (
    conflicts,
    is_glob,
    read_condition,
    read_conditions,
)
from modeldex.catalog.authoring.notes import show
from modeldex.catalog.authoring.scalars import (
    is_mapping,
    is_null,
    is_text,
    kind_of,
    read_amount,
)
from modeldex.catalog.authoring.schema import MAX_COUNT, MAX_MULTIPLIER, MAX_PRICE
from modeldex.domain.pricing import (
    CONDITIONS,
    MULTIPLIER,
    PERCENT_OFF,
    RATE_NAMES,
    rate_key,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal
    from typing import Any

    from modeldex.catalog.authoring.notes import Notes, Where
    from modeldex.catalog.authoring.schema import Field

MAX_ROWS = 500  # of a contract
MAX_GLOBS = 2000  # of all its rows
MODELS = "models"
# a contract's row has all conditions but the one that makes it a contract's
ROW_CONDITIONS = tuple(name for name in CONDITIONS if name != "contract")
_ROW_KEYS = (MODELS, *ROW_CONDITIONS, *RATE_NAMES)
_FACTORS = (MULTIPLIER, PERCENT_OFF)
# conditions under which an amount is no factor
_OF_AMOUNTS = ("beyond", "free", "per")
_HUNDRED = 100


def read_rates(
    _field: Field, value: Any, where: Where, notes: Notes
) -> dict[str, Decimal] | None:
    """Read conditions to amounts by meter; return amounts by the keys of rates."""
    if not is_mapping(value, where, notes):
        return None
    rates: dict[str, Decimal] = {}
    first: dict[str, str] = {}
    for text, raw in value.items():
        at = (*where, text)
        found = read_conditions(text)
        for code, message, unknown in found.problems:
            hint = notes.hint(unknown, CONDITIONS) if unknown else ""
            notes.add(at, code, message + hint)
        if found.problems or is_null(raw):
            continue
        if found.text in first:
            message = f"{show(text)} holds when {show(first[found.text])} does"
            notes.add(at, "duplicate_rate", message)
        elif is_mapping(raw, at, notes):
            first[found.text] = text
            rates |= _read_line(raw, found.values, at, notes)
    return rates if rates or not value else None


def _read_line(
    raw: Mapping[str, Any], conditions: Mapping[str, str], where: Where, notes: Notes
) -> dict[str, Decimal]:
    line = {}
    for meter, value in raw.items():
        at = (*where, meter)
        if meter not in RATE_NAMES:
            hint = notes.hint(meter, RATE_NAMES)
            notes.add(at, "unknown_meter", f"{show(meter)} is no meter{hint}")
        elif not is_null(value):
            amount = _read_rate(meter, value, conditions, at, notes)
            if amount is not None:
                line[rate_key(meter, **conditions)] = amount
    return line


def _read_rate(
    meter: str, value: Any, conditions: Mapping[str, str], where: Where, notes: Notes
) -> Decimal | None:
    amount = read_amount(value, where, notes, "an amount")
    if amount is None:
        return None
    message = _misplaced(meter, conditions)
    code = "bad_condition" if message else "bad_number"
    message = message or _out_of_bounds(meter, amount, conditions)
    if message:
        notes.add(where, code, message)
        return None
    return amount


def _misplaced(meter: str, conditions: Mapping[str, str]) -> str:
    """Say why a factor may not stand under the conditions; nothing where it may."""
    if meter not in _FACTORS:
        return ""
    if meter == PERCENT_OFF and "contract" not in conditions:
        return "percent_off is a contract's discount; add contract=yes"
    if meter == MULTIPLIER and "contract" in conditions:
        return "a contract has amounts or percent_off, no multiplier"
    odd = [name for name in _OF_AMOUNTS if name in conditions]
    return f"{meter} is no amount; {odd[0]} needs a meter" if odd else ""


def _out_of_bounds(meter: str, amount: Decimal, conditions: Mapping[str, str]) -> str:
    if meter == PERCENT_OFF:
        fits = amount <= _HUNDRED
        return "" if fits else f"percent_off {amount} is above {_HUNDRED}"
    if meter == MULTIPLIER:
        fits = 0 < amount <= MAX_MULTIPLIER
        bounds = f"above 0 and up to {MAX_MULTIPLIER}"
        return "" if fits else f"multiplier {amount} is not {bounds}"
    if "free" in conditions:
        fits = 0 < amount <= MAX_COUNT
        return "" if fits else f"{amount} is no quantity that is free of charge"
    return "" if amount <= MAX_PRICE else f"{amount} is above {MAX_PRICE}"


def read_contract(
    _field: Field, value: Any, where: Where, notes: Notes
) -> list[dict[str, Any]] | None:
    """Read the rows of a contract: models by glob, conditions, and amounts by meter."""
    if value.__class__ is not list:
        message = f"write a list of rows, not {kind_of(value)}: - {{percent_off: 15}}"
        notes.add(where, "bad_shape", message)
        return None
    rows = []
    globs = 0
    for index, raw in enumerate(value):
        at = (*where, index)
        if index >= MAX_ROWS or globs > MAX_GLOBS:
            message = f"a contract has at most {MAX_ROWS} rows and {MAX_GLOBS} models"
            notes.add(at, "too_large", message)
            break
        if is_null(raw) or not is_mapping(raw, at, notes):
            continue
        row = _read_row(raw, at, notes)
        if row is not None:
            rows.append(row)
            globs += len(row.get(MODELS, ()))
    return rows if rows or not value else None


def _read_row(
    raw: Mapping[str, Any], where: Where, notes: Notes
) -> dict[str, Any] | None:
    before = notes.count
    row: dict[str, Any] = {}
    conditions: dict[str, str] = {}
    for key, value in raw.items():
        at = (*where, key)
        if key not in _ROW_KEYS:
            hint = notes.hint(key, _ROW_KEYS)
            notes.add(at, "unknown_key", f"{show(key)} is not known here{hint}")
        elif is_null(value):
            continue
        elif key == MODELS:
            row[MODELS] = _read_globs(value, at, notes)
        elif key in ROW_CONDITIONS:
            conditions |= _read_row_condition(key, value, at, notes)
    found = {"contract": "yes", **conditions}
    for message in conflicts(found) if notes.count == before else ():
        notes.add(where, "bad_condition", message)
    meters = {key: raw[key] for key in raw if key in RATE_NAMES}
    amounts = _read_line(meters, found, where, notes)
    row |= {name: found[name] for name in ROW_CONDITIONS if name in found}
    row |= {key.partition("@")[0]: amount for key, amount in amounts.items()}
    if notes.count == before and not amounts:
        message = "a row says percent_off, or amounts by meter"
        notes.add(where, "bad_shape", message)
    return row if notes.count == before else None


def _read_row_condition(
    name: str, value: Any, where: Where, notes: Notes
) -> dict[str, str]:
    if not is_text(value, where, notes, f"{name} as text"):
        return {}
    try:
        return {name: read_condition(name, str(value))}
    except ValueError as error:
        notes.add(where, "bad_condition", str(error))
        return {}


def _read_globs(value: Any, where: Where, notes: Notes) -> list[str]:
    """Read ids of models, in which `*` stands for any characters."""
    items = [value] if isinstance(value, str) else value
    if items.__class__ is not list or not items:
        notes.add(where, "bad_shape", "write a list of model ids, as [gpt-4o, o3]")
        return []
    globs = []
    for index, item in enumerate(items):
        at = where if items is not value else (*where, index)
        if not is_text(item, at, notes, "a model id"):
            continue
        if is_glob(item):
            globs.append(str(item))
        else:
            message = f"{show(item)} is no model id, with * for any characters"
            notes.add(at, "bad_model_id", message)
    return list(dict.fromkeys(globs))


def rates_of_row(row: Mapping[str, Any]) -> dict[str, Decimal]:
    """Return the rates that a contract's row states, by their keys."""
    conditions = {name: row[name] for name in ROW_CONDITIONS if name in row}
    return {
        rate_key(meter, contract="yes", **conditions): row[meter]
        for meter in RATE_NAMES
        if meter in row
    }
