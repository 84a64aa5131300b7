"""The state at the head: a row per model, with what its facts come to.

Facts are plain here, as JSON has them: field -> [value, source], amounts as text.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from msgspec import json

from modeldex.catalog.merging.claims import nest
from modeldex.catalog.stack import stack
from modeldex.domain.capability import implied_by
from modeldex.domain.change import CATALOG, LAYERS, OWN, Fact, dump_plain, typed
from modeldex.domain.lifecycle import first_day
from modeldex.domain.pricing import Rate, in_force, is_dated, meter_of, split_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from modeldex.domain.change import Facts
    from modeldex.stores.rows import Texts

    Plain = dict[str, list[Any]]
    Ref = tuple[str, str]  # provider, model id
    Layers = dict[str, Plain | None]

# column of a layer's facts
FACTS = {CATALOG: "facts", OWN: "own"}
_TEXTS = ("name", "canonical", "alias_of", "family", "deprecation_date")
_COUNTS = ("context_window", "max_input_tokens", "max_output_tokens")
_CHAT = "chat"  # what a model is whose mode nobody states
_BIGGEST = 1 << 62
_MAX_CHAIN = 4
_METERS = ("input", "output")  # whose prices are searched by
_BEGINNING, _END = "0000-00-00", "9999-99-99"


class StartError(ValueError):
    """A change does not start from what is there."""


def changed(state: dict[Ref, Layers], texts: Sequence[Texts]) -> None:
    """Apply changes, given as texts, to the models' facts in place.

    Raises StartError, as `domain.change.apply` raises InvalidInputError.
    """
    for row in texts:
        layer, provider, model, field, old, new = row[:6]
        layers = state.setdefault((str(provider), str(model)), dict.fromkeys(LAYERS))
        where = f"{provider}/{model}"
        if layer not in FACTS:
            raise StartError(f"{where}: there is no layer {layer}")
        if not field:
            _change_whole(layers, str(layer), old, new, where)
            continue
        facts = layers[str(layer)]
        if facts is None and layer == OWN:
            facts = layers[OWN] = {}  # begins with its first field
        if facts is None:
            raise StartError(f"{where}: {field} changes, but no such model is")
        if facts.get(field) != (None if old is None else json.decode(old)):
            message = f"{where}: {field} is not what the change starts from"
            raise StartError(message)
        if new is None:
            del facts[field]
            if layer == OWN and not facts:
                layers[OWN] = None  # and ends with its last
        else:
            facts[field] = json.decode(new)


def _change_whole(
    layers: Layers, layer: str, old: str | None, new: str | None, where: str
) -> None:
    if old is None and new is None:
        return
    if layers[layer] != (None if old is None else json.decode(old)[0]):
        raise StartError(f"{where}: the model is not what the change starts from")
    layers[layer] = None if new is None else json.decode(new)[0]


def facts_of(plain: Mapping[str, Sequence[Any]]) -> Facts:
    """Return facts of what a row holds."""
    return {
        field: Fact(typed(field, v), source) for field, (v, source) in plain.items()
    }


def model_row(ref: Ref, layers: Layers, revision: int) -> dict[str, Any]:
    """Return the row of a model: its facts, and what to search by."""
    lower, upper = layers[CATALOG], layers[OWN]
    facts = _nested(lower or {})
    if upper:
        facts = stack(facts, _nested(upper), "own")
    abilities = facts.get("capabilities") or {}
    yes = [name for name, value in abilities.items() if value is not False]
    abilities = {**dict.fromkeys(implied_by(yes), True), **abilities}
    prices = _prices(facts.get("pricing") or {})
    released = facts.get("release_date")
    return {
        "provider": ref[0],
        "model": ref[1],
        "facts": None if lower is None else dump_plain(lower),
        "own": None if upper is None else dump_plain(upper),
        "revision": revision,
        **{name: _text(facts.get(name)) for name in _TEXTS},
        **{name: _count(facts.get(name)) for name in _COUNTS},
        **prices,
        **dict.fromkeys(("stated_dated", "dated"), _steps(facts)),
        "mode": _text(facts.get("mode")) or _CHAT,
        "flag": _text(facts.get("status")),
        "release_date": first_day(str(released)) if released else None,
        "capabilities": dump_plain(abilities),
        "abilities": dump_plain(
            sorted(n for n, v in abilities.items() if v is not False)
        ),
        "metadata": dump_plain(facts.get("metadata") or {}),
    }


def _nested(plain: Plain) -> dict[str, Any]:
    return nest({field: value for field, (value, _) in plain.items()})


def _text(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)


def _count(value: Any) -> int | None:
    known = isinstance(value, int) and not isinstance(value, bool)
    return value if known and abs(value) < _BIGGEST else None


def _prices(pricing: Mapping[str, Any]) -> dict[str, Decimal | None]:
    """Return the amounts to search by; those of a free model are 0."""
    found: dict[str, Decimal | None] = {}
    for meter in _METERS:
        text = "0" if pricing.get("state") == "free" else pricing.get(meter)
        try:
            amount = None if text is None else Decimal(text)
        except (InvalidOperation, TypeError):
            amount = None
        found[f"stated_{meter}"] = found[f"{meter}_price"] = amount
    return found


def _steps(facts: Mapping[str, Any]) -> str | None:
    """Return the standard prices of a model that has dated ones, period by period.

    A period is its first day, the day that it ends before, input and output.
    """
    pricing = facts.get("pricing") or {}
    dated = [key for key in facts.get("rates") or {} if is_dated(key)]
    dated = [key for key in dated if meter_of(key) in _METERS]
    if not dated or pricing.get("state") == "free":
        return None
    stated = {m: pricing[m] for m in _METERS if pricing.get(m) is not None}
    stated |= {key: facts["rates"][key] for key in dated}
    rates: dict[str, list[Rate]] = {meter: [] for meter in _METERS}
    try:
        for key, text in stated.items():
            rates[meter_of(key)].append(Rate(key, Decimal(text)))
    except (InvalidOperation, TypeError, ValueError):
        return None
    days = {day for key in dated for day in split_key(key)[1].values()}
    steps = []
    for first, until in pairwise(sorted({_BEGINNING, *days, _END})):
        found = (in_force(rates[meter], first) for meter in _METERS)
        amounts = [None if rate is None else format(rate.amount, "f") for rate in found]
        steps.append([first, until, *amounts])
    return dump_plain(steps)


def as_text(document: Any) -> str | None:
    """Return a document as text, whether a row has it read or not."""
    if document is None or isinstance(document, str):
        return document
    return dump_plain(document)


def priced(
    rows: Mapping[Ref, dict[str, Any]], find: Callable[[Ref], Mapping[str, Any] | None]
) -> None:
    """Give every pointer among rows the price of what it points to, to search by.

    `find` returns the row of another model. A price that the pointer has itself
    stays where its target has none, or where people wrote it.
    """
    for (provider, _), row in rows.items():
        target: Mapping[str, Any] | None = row
        for _step in range(_MAX_CHAIN):
            alias = target["alias_of"] if target else None
            if not alias:
                break
            target = rows.get((provider, alias)) or find((provider, alias))
        if target is None or target["alias_of"] or target is row:
            continue
        known = [target[f"stated_{meter}"] for meter in _METERS]
        has = target["stated_dated"] or any(amount is not None for amount in known)
        if has and not _by_people(row):
            row["input_price"], row["output_price"] = known
            row["dated"] = as_text(target["stated_dated"])


def _by_people(row: Mapping[str, Any]) -> bool:
    own = row["own"]
    return bool(own) and '"pricing.' in (
        own if isinstance(own, str) else dump_plain(own)
    )
