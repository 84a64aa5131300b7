"""models.dev's `api.json`: providers with their models, USD per 1,000,000 tokens.

What is not known has no key, though models.dev's own rows always have some of them.
A free model costs 0; what a subscription includes, or a router decides, has no cost.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from modeldex.domain.pricing import split_key
from modeldex.usecases.exports.losses import Losses
from modeldex.usecases.exports.models_dev_names import most_frequent, package_of
from modeldex.usecases.exports.writing import Out, json_bytes, number, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modeldex.usecases.exports.view import Row, View

_METERS = (
    "input",
    "output",
    "cache_read",
    "cache_write",
    "reasoning",
    "input_audio",
    "output_audio",
)
_LIMITS = {
    "context": "context_window",
    "input": "max_input_tokens",
    "output": "max_output_tokens",
}
_FACTS = {
    "family": "family",
    "knowledge": "knowledge_cutoff",
    "release_date": "release_date",
    "last_updated": "updated_at",
    "open_weights": "open_weights",
    "license": "license",
    "canonical_model_id": "canonical",
}
_FLAGS = {
    "reasoning": "reasoning",
    "tool_call": "function_calling",
    "structured_output": "structured_output",
    "temperature": "temperature",
}
# modality of a side -> the ability that it is
SIDES: Mapping[str, Mapping[str, str]] = {
    "input": {
        "audio": "audio_input",
        "image": "vision",
        "pdf": "pdf_input",
        "video": "video_input",
    },
    "output": {
        "audio": "audio_output",
        "image": "image_output",
        "video": "video_output",
    },
}
_MODALITIES = ("text", "image", "audio", "video", "pdf")
# what comes with a prompt as a file
_ATTACHED = ("image", "audio", "video", "pdf")
_STATUSES = {"deprecated": "deprecated", "preview": "beta"}
_CANONICAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._:-]*")
_TIER = re.compile(r"[a-z][a-z_-]{0,40}")
_REASONING = "capabilities.reasoning"
_BY_LISTS = "the modalities say otherwise"


def make(view: View) -> tuple[bytes, Losses]:
    """Return `api.json`, and what it does not carry."""
    losses = Losses(keep=view.keep)
    losses.carry_of_providers(view.providers, ("name", "env", "api", "docs"))
    table: dict[str, Any] = {}
    by_provider: dict[str, list[Row]] = {}
    for model in view.rows():
        by_provider.setdefault(model.provider, []).append(model)
    for provider, models in sorted(by_provider.items()):
        main = most_frequent(model.facts.get("protocol") for model in models)
        row = _provider(provider, view.providers.get(provider, {}), main)
        for model in models:
            out = Out(model)
            _write(out, main)
            row["models"][model.id] = out.row
            losses.compare(model.ref, model.facts, out.said, out.reasons)
        table[provider] = row
    return json_bytes(table), losses


def _provider(name: str, facts: Mapping[str, Any], main: str | None) -> dict[str, Any]:
    package = package_of(name, main)
    row: dict[str, Any] = {"id": name, "name": facts.get("name") or name}
    row["env"] = list(facts.get("env") or ())
    if package:
        row["npm"] = package[0]
    for key, fact in (("api", "api"), ("doc", "docs")):
        if facts.get(fact):
            row[key] = facts[fact]
    row["models"] = {}
    return row


def _write(out: Out, main: str | None) -> None:
    facts = out.facts
    out.row["id"] = out.model.id
    out.row["name"] = facts.get("name") or out.model.id
    out.say("name", out.row["name"])
    for key, field in _FACTS.items():
        if field != "canonical" or _CANONICAL.fullmatch(facts.get(field, "")):
            out.copy(key, field)
    for key, ability in _FLAGS.items():
        out.copy(key, f"capabilities.{ability}")
    status = facts.get("status")
    if status in _STATUSES:
        out.put("status", _STATUSES[status], "status", status)
    _write_reasoning(out)
    _write_modalities(out)
    limits = {key: facts[name] for key, name in _LIMITS.items() if name in facts}
    for key, count in limits.items():
        out.say(_LIMITS[key], count)
    out.row["limit"] = limits
    _write_place(out, main)
    _write_cost(out)


def _write_reasoning(out: Out) -> None:
    """Write efforts, bounds of the budget, the switch; where the thoughts are."""
    facts, options = out.facts, []
    if facts.get(_REASONING) is not True:
        return
    if facts.get(f"{_REASONING}.toggle") is True:
        options.append({"type": "toggle"})
        out.say(f"{_REASONING}.toggle", True)  # noqa: FBT003
    efforts = facts.get(f"{_REASONING}.efforts")
    if efforts:
        options.append({"type": "effort", "values": efforts})
        out.say(f"{_REASONING}.efforts", efforts)
    budget = facts.get(f"{_REASONING}.budget")
    if budget is not None and budget.keys() <= {"min", "max"}:
        options.append({"type": "budget_tokens", **budget})
        out.say(f"{_REASONING}.budget", budget)
    if options:
        out.row["reasoning_options"] = options
    name = f"{_REASONING}.interleaved_field"
    if name in facts and facts.get(f"{_REASONING}.interleaved") is True:
        out.put("interleaved", {"field": facts[name]}, name, facts[name])
        out.say(f"{_REASONING}.interleaved", True)  # noqa: FBT003
    elif isinstance(facts.get(f"{_REASONING}.interleaved"), bool):
        out.copy("interleaved", f"{_REASONING}.interleaved")


def _write_modalities(out: Out) -> None:
    """Write both lists; what they leave out is a no to a reader."""
    facts = out.facts
    sides = {side: facts.get(f"modalities.{side}") for side in SIDES}
    if not all(sides.values()):
        named = SIDES["input"].values()
        if any(facts.get(f"capabilities.{name}") is True for name in named):
            out.row["attachment"] = True
        return
    out.row["modalities"] = sides
    known = {
        side: [word for word in _MODALITIES if word in (some or ())]
        for side, some in sides.items()
    }
    for side, some in known.items():
        if all(known.values()):
            out.say(f"modalities.{side}", some)
        for word, ability in SIDES[side].items():
            field = f"capabilities.{ability}"
            out.say(field, word in (sides[side] or ()))
            out.reasons[field] = _BY_LISTS
    out.row["attachment"] = any(word in _ATTACHED for word in known["input"])


def _write_place(out: Out, main: str | None) -> None:
    """Write how a model is spoken to, where it is not as its provider's others."""
    protocol = out.facts.get("protocol")
    package = package_of(out.model.provider, protocol)
    own: dict[str, Any] = {}
    if package and protocol != main:
        own["npm"] = package[0]
        if package[1]:
            own["shape"] = package[1]
    if package:
        out.say("protocol", protocol)
    elif main is not None:
        out.say("protocol", main)
    if "base_url" in out.facts:
        own["api"] = out.facts["base_url"]
        out.say("base_url", own["api"])
    if own:
        out.row["provider"] = own


def _write_cost(out: Out) -> None:
    cost: dict[str, Any] = {}
    tiers: dict[int, dict[str, Any]] = {}
    modes: dict[str, dict[str, Any]] = {}
    for field, amount in out.facts.items():
        group, _, entry = field.partition(".")
        if group not in ("pricing", "rates") or not isinstance(amount, Decimal):
            continue
        meter, conditions = split_key(entry)
        if meter not in _METERS:
            continue
        table = _table(conditions, cost, tiers, modes)
        if table is not None:
            table[meter] = number(plain(amount))
            out.say(field, amount)
    if tiers:
        cost["tiers"] = [
            {**_ordered(rates), "tier": {"type": "context", "size": size}}
            for size, rates in sorted(tiers.items())
        ]
    if cost:
        out.row["cost"] = _ordered(cost)
    if modes:
        out.row["experimental"] = {
            "modes": {
                tier: {
                    "cost": _ordered(rates),
                    "provider": {"body": {"service_tier": tier}},
                }
                for tier, rates in sorted(modes.items())
            }
        }
    _write_requests(out, modes)


def _table(
    conditions: Mapping[str, str],
    cost: dict[str, Any],
    tiers: dict[int, dict[str, Any]],
    modes: dict[str, dict[str, Any]],
) -> dict[str, Any] | None:
    """Return the table of a price under conditions, or None where there is none."""
    if not conditions:
        return cost
    if set(conditions) == {"above"}:
        return tiers.setdefault(int(conditions["above"]), {})
    tier = conditions.get("service_tier", "")
    if len(conditions) == 1 and _TIER.fullmatch(tier):
        return modes.setdefault(tier, {})
    return None


def _write_requests(out: Out, modes: Mapping[str, Any]) -> None:
    """Say that a request may name the tiers that have a price."""
    if modes:
        values = {"values": sorted(modes)}
        out.say("request_parameters.service_tier", values)


def _ordered(rates: Mapping[str, Any]) -> dict[str, Any]:
    names = [*(meter for meter in _METERS if meter in rates)]
    rest = [name for name in rates if name not in names]
    return {name: rates[name] for name in (*names, *rest)}
