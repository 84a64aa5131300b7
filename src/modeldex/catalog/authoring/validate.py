"""Rules across fields and files: a table of small functions over layers.

`strict` is for the shipped catalogue: oddities that a user's directory may have are
errors there.
"""

from __future__ import annotations

import re

from modeldex.catalog.authoring.layer import ERROR, WARNING, Finding
from modeldex.catalog.authoring.load import SUFFIXES
from modeldex.catalog.authoring.notes import locate
from modeldex.catalog.implied import contradicted
from modeldex.domain import Value, set_slot
from modeldex.domain.pricing import (
    METER_UNITS,
    MULTIPLIER,
    TOKEN_METERS,
    UNITS,
    WORDS,
    split_key,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from modeldex.catalog.authoring.layer import Layer
    from modeldex.catalog.authoring.notes import Where

    Facts = dict[str, Any]
    Breach = tuple[Where, str]

# warnings of reading that the shipped catalogue may not have
RAISED_WHEN_STRICT = frozenset(
    (
        "bare_curated",
        "duplicate_capability",
        "empty_model",
        "float_count",
        "legacy_key",
        "missing_provider",
        "missing_unit",
        "no_models",
        "unknown_authentication",
        "unknown_capability",
        "unknown_feature",
        "unknown_modality",
        "unknown_mode",
        "wildcard_id",
    )
)
HIGH_PRICE = 10_000
# conditions that only a clock decides
_CLOCK = frozenset(("hours", "zone", "weekday_zone"))
# conditions under which a model that states no amounts may have a price of tokens
_BESIDE_A_STATE = frozenset(("contract", "free"))
# what a name in the time zone database begins with; others are aliases, or unknown
_AREAS = frozenset(
    (
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Etc",
        "Europe",
        "Indian",
        "Pacific",
        "UTC",
    )
)
_PSEUDO = re.compile(
    r"(?:^|/)(?:\d+-month-commitment|\d+-x-\d+|[a-z]{2}-[a-z]+-\d|sample_spec)(?:/|$)"
    r"|-(?:up-to|above|to)-\d+(?:\.\d+)?b$|\*"
)


class Rule(Value):
    """A check of one model or layer, and how grave a breach is when strict."""

    __slots__ = ("check", "code", "strict_only", "when_strict")
    code: str
    check: Callable[[Any, Layer], Iterable[Breach]]
    when_strict: str
    strict_only: bool

    def __init__(
        self,
        code: str,
        check: Callable[[Any, Layer], Iterable[Breach]],
        when_strict: str = WARNING,
        *,
        strict_only: bool = False,
    ) -> None:
        set_slot(self, "code", code)
        set_slot(self, "check", check)
        set_slot(self, "when_strict", when_strict)
        set_slot(self, "strict_only", strict_only)


def validate(layers: Sequence[Layer], *, strict: bool = False) -> list[Finding]:
    """Return every finding of the layers, their readers' and these rules', in order.

    With `strict`, what the shipped catalogue may not have is of severity error.
    """
    found = [
        _raised(finding) if strict else finding
        for layer in layers
        for finding in layer.findings
    ]
    for layer in layers:
        if layer.provider:
            found += _check(layer, strict=strict)
    found += _check_duplicates(layers, ERROR if strict else WARNING)
    found.sort()
    return found


def unmatched(layer: Layer, places: Sequence[int]) -> list[Finding]:
    """Return a warning for each row of a layer's contract that means no model."""
    where: list[Where] = [("contract", place) for place in places]
    lines = locate(layer.text, where)
    text = "this row of the contract means no model of the provider"
    return [
        Finding(layer.path, lines[at], "unmatched_contract", text, WARNING)
        for at in where
    ]


def _raised(finding: Finding) -> Finding:
    if finding.code not in RAISED_WHEN_STRICT:
        return finding
    return Finding(finding.path, finding.line, finding.code, finding.message)


def _check(layer: Layer, *, strict: bool) -> Iterator[Finding]:
    breaches: list[tuple[Where, Rule, str]] = []
    for rule in LAYER_RULES:
        if rule.strict_only and not strict:
            continue
        breaches += [(at, rule, text) for at, text in rule.check(layer, layer)]
    rules = [rule for rule in MODEL_RULES if strict or not rule.strict_only]
    for model_id, facts in layer.models.items():
        breaches += [
            (("models", model_id, *at), rule, text)
            for rule in rules
            for at, text in rule.check(facts, layer)
        ]
    breaches += [
        (("models", model_id), PSEUDO_RULE, "a tier, region or size is not a model")
        for model_id in layer.models
        if _PSEUDO.search(model_id)
    ]
    lines = locate(layer.text, [at for at, _, _ in breaches])
    for at, rule, message in breaches:
        severity = rule.when_strict if strict else WARNING
        text = f"{at[1]}: {message}" if at[:1] == ("models",) and at[1:] else message
        yield Finding(layer.path, lines[at], rule.code, text, severity)


def _check_duplicates(layers: Sequence[Layer], severity: str) -> Iterator[Finding]:
    first: dict[str, Layer] = {}
    for layer in layers:
        provider = layer.provider.get("provider")
        if provider is None:
            continue
        if provider in first:
            line = locate(layer.text, [("provider",)])["provider",]
            message = f"{provider} is also in {first[provider].path}"
            yield Finding(layer.path, line, "duplicate_provider", message, severity)
        first.setdefault(provider, layer)


def _stem_mismatch(layer: Layer, _: Layer) -> Iterator[Breach]:
    name = layer.path.replace("\\", "/").rpartition("/")[2]
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    provider = layer.provider.get("provider", name)
    if name != provider:
        yield ("provider",), f"the file of {provider} is named {name}"


def _missing_default(layer: Layer, _: Layer) -> Iterator[Breach]:
    default = layer.provider.get("default_model")
    if default is not None and default not in layer.models:
        yield ("default_model",), f"{default} is not a model of this file"


def _default_not_chat(layer: Layer, _: Layer) -> Iterator[Breach]:
    facts = layer.models.get(layer.provider.get("default_model", ""))
    if facts is None or _is_chat(facts):
        return
    if any(_is_chat(other) for other in layer.models.values()):
        yield (
            ("default_model",),
            f"the default is for {facts['mode']}; name a chat model",
        )


def _is_chat(facts: Facts) -> bool:
    return bool(facts.get("mode", "chat") == "chat")


def _limit_order(facts: Facts, _: Layer) -> Iterator[Breach]:
    window = facts.get("context_window")
    for key in ("max_input_tokens", "max_output_tokens"):
        limit = facts.get(key)
        if window and limit and limit > window:
            yield (key,), f"{key} {limit} is above context_window {window}"


def _zero_limit(facts: Facts, _: Layer) -> Iterator[Breach]:
    for key in ("context_window", "max_input_tokens", "max_output_tokens"):
        if facts.get(key) == 0:
            yield (key,), f"{key} is 0; leave an unknown limit out"


def _output_below_input(facts: Facts, _: Layer) -> Iterator[Breach]:
    pricing = facts.get("pricing", {})
    taken, given = pricing.get("input"), pricing.get("output")
    if taken and given and given < taken:
        yield ("pricing", "output"), f"output {given} is cheaper than input {taken}"


def _high_price(facts: Facts, _: Layer) -> Iterator[Breach]:
    for meter, amount in _amounts(facts).items():
        if amount > HIGH_PRICE:
            message = f"{meter} {amount} per {_unit(meter)}; is the unit right?"
            yield ("pricing", meter), message
    for key, amount in facts.get("rates", {}).items():
        meter, _, text = key.partition("@")
        if amount > HIGH_PRICE and meter in METER_UNITS and "free=" not in text:
            message = f"{meter} {amount} per {_unit(meter)}; is the unit right?"
            yield ("rates", text, meter), message


def _unit(meter: str) -> str:
    unit = METER_UNITS[meter]
    return f"1M {unit}s" if UNITS[unit] > 1 else unit


def _amounts(facts: Facts) -> Facts:
    pricing = facts.get("pricing", {})
    return {meter: value for meter, value in pricing.items() if meter not in WORDS}


def _dearer_window(facts: Facts, _: Layer) -> Iterator[Breach]:
    standard = {MULTIPLIER: 1} | _amounts(facts)
    for key, amount in facts.get("rates", {}).items():
        meter, conditions = split_key(key)
        most = standard.get(meter)
        of_day = "hours" in conditions and conditions.keys() <= _CLOCK
        if of_day and most is not None and amount > most:
            message = f"{meter} {amount} is above the standard {most}, the dearest"
            yield ("rates", key.partition("@")[2], meter), message


def _unknown_zone(facts: Facts, _: Layer) -> Iterator[Breach]:
    for key in facts.get("rates", {}):
        meter, conditions = split_key(key)
        for name in ("zone", "weekday_zone"):
            area, slash, _place = conditions.get(name, "UTC").partition("/")
            if area not in _AREAS or (area != "UTC" and not slash):
                where = ("rates", key.partition("@")[2], meter)
                yield where, f"{name} {conditions[name]} may not be known; UTC is"


def _contract_shipped(layer: Layer, _: Layer) -> Iterator[Breach]:
    if "contract" in layer.provider:
        yield ("contract",), "a contract belongs into a directory of your own"


def _contract_rate_shipped(facts: Facts, _: Layer) -> Iterator[Breach]:
    for key in facts.get("rates", {}):
        meter, conditions = split_key(key)
        if "contract" in conditions:
            where = ("rates", key.partition("@")[2], meter)
            yield where, "a contract's price belongs into a directory of your own"


def _zero_price(facts: Facts, _: Layer) -> Iterator[Breach]:
    amounts = _amounts(facts).values()
    if amounts and not any(amounts) and "state" not in facts["pricing"]:
        yield ("pricing",), "0 is not a price: write free, included or leave it out"


def _state_conflict(facts: Facts, layer: Layer) -> Iterator[Breach]:
    pricing = facts.get("pricing", {})
    state = pricing.get("state")
    if state == "free" and any(_amounts(facts).values()):
        yield ("pricing",), "free, yet it has amounts"
    for key in facts.get("rates", {}) if state else ():
        meter, conditions = split_key(key)
        if meter in TOKEN_METERS and not conditions.keys() & _BESIDE_A_STATE:
            text = key.partition("@")[2]
            yield ("rates", text, meter), f"{state}, yet {meter} has a price"
    kind = layer.provider.get("kind", "plan")
    if state == "included" and kind != "plan":
        yield ("pricing",), f"included in a plan, yet the provider's kind is {kind}"


def _date_order(facts: Facts, _: Layer) -> Iterator[Breach]:
    release = facts.get("release_date")
    end, cutoff = facts.get("deprecation_date"), facts.get("knowledge_cutoff")
    if release and end and _is_before(end, release):
        yield ("deprecation_date",), f"stops on {end}, before its release {release}"
    if release and cutoff and _is_before(release, cutoff):
        yield ("knowledge_cutoff",), f"cutoff {cutoff} is after its release {release}"


def _is_before(one: str, other: str) -> bool:
    size = min(len(one), len(other))
    return one[:size] < other[:size]


def _implied_conflict(facts: Facts, _: Layer) -> Iterator[Breach]:
    for name, why in contradicted(facts.get("capabilities") or {}).items():
        yield ("capabilities", name), f"{name} is no, yet {why} is yes and needs it"


def _missing_sources(facts: Facts, _: Layer) -> Iterator[Breach]:
    if facts and not facts.get("sources"):
        yield (), "sources are missing"


def _missing_target(facts: Facts, layer: Layer) -> Iterator[Breach]:
    target = facts.get("alias_of")
    if target is not None and target not in layer.models:
        yield ("alias_of",), f"{target} is not a model of this file"
    elif target is not None and facts is layer.models[target]:
        yield ("alias_of",), f"{target} is the model itself"


LAYER_RULES = (
    Rule("stem_mismatch", _stem_mismatch, ERROR),
    Rule("missing_default", _missing_default, ERROR),
    Rule("default_not_chat", _default_not_chat, ERROR),
    Rule("contract_shipped", _contract_shipped, ERROR, strict_only=True),
)
MODEL_RULES = (
    Rule("limit_order", _limit_order),
    Rule("zero_limit", _zero_limit),
    Rule("output_below_input", _output_below_input),
    Rule("high_price", _high_price),
    Rule("zero_price", _zero_price, ERROR),
    Rule("dearer_window", _dearer_window, ERROR),
    Rule("unknown_zone", _unknown_zone, ERROR),
    Rule("contract_shipped", _contract_rate_shipped, ERROR, strict_only=True),
    Rule("state_conflict", _state_conflict),
    Rule("date_order", _date_order),
    Rule("missing_target", _missing_target, ERROR),
    Rule("implied_conflict", _implied_conflict),
    Rule("missing_sources", _missing_sources, ERROR, strict_only=True),
)
PSEUDO_RULE = Rule("pseudo_model", lambda *_: (), ERROR)
