"""JSON Lines: one model per line, as `modeldex show --json` has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.domain.pricing import flat_rates
from modeldex.usecases.exports.losses import Losses
from modeldex.usecases.exports.view import OTHER_DAYS
from modeldex.usecases.records import json_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modeldex.usecases.exports.view import View

_USUAL = (None, "published")  # what a limit rests on where nothing else is said
_RATES = "rates."
_DATED = "its rates are there with their dates"
_ONLY_PRICE = "it holds on days for which no rate has dates"


def make(view: View) -> tuple[bytes, Losses]:
    """Return the lines, and what they do not carry."""
    losses = Losses(keep=view.keep)
    losses.carry_of_providers(view.providers)
    lines = []
    for model, row in zip(view.models(), view.rows(), strict=True):
        record = model.as_dict()
        lines.append(json_bytes(record))
        reasons = {
            field: _ONLY_PRICE if OTHER_DAYS in field else _DATED
            for field in row.facts
            if field.startswith(_RATES)
        }
        losses.compare(row.ref, row.facts, _said(record, row.facts), reasons)
    return b"".join(line + b"\n" for line in lines), losses


def _said(record: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the JSON form says: a name always, and the status of the day."""
    said = {field: value for field, value in facts.items() if field[:6] != _RATES}
    rates = flat_rates(record["pricing"].get("rates", {}))
    said |= {f"{_RATES}{key}": amount for key, amount in rates.items()}
    said["name"], said["status"] = record["name"], record["status"]
    limits = (record["limits"] or {}).items()
    basis = {n: row["basis"] for n, row in limits if row["basis"] not in _USUAL}
    said.pop("limits_basis", None)
    if basis:
        said["limits_basis"] = basis
    return said
