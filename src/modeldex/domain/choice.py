"""Narrow the rates of a meter down to those of a call, condition by condition."""

from __future__ import annotations

from modeldex.domain.moment import Hours
from modeldex.domain.pricing import in_force, meter_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from modeldex.domain.pricing import Rate
    from modeldex.domain.tariff import Asked

DATES = frozenset(("valid_from", "valid_to"))
# what the caller names in so many words, beside tier and region
PARAMETERS = ("size", "quality", "resolution", "steps", "search_context")
# value of a parameter that a rate without it is for
_USUAL = {"search_context": "medium", "quality": "standard"}
_PARTICULAR = frozenset(("service_tier", "region", "above", *PARAMETERS))


def is_particular(rate: Rate) -> bool:
    """Tell whether a rate holds only for calls that name or exceed something."""
    return not _PARTICULAR.isdisjoint(rate.conditions)


def thresholds(rates: Iterable[Rate]) -> set[int]:
    """Return the sizes of prompt above which one of the rates holds."""
    found = (rate.conditions.get("above") for rate in rates)
    return {int(step) for step in found if step}


def current_of(rates: Iterable[Rate], asked: Asked) -> list[Rate]:
    """Return, of rates that differ in their dates only, the one in force."""
    alike: dict[str, list[Rate]] = {}
    for rate in rates:
        rest = (f"{n}={v}" for n, v in rate.conditions.items() if n not in DATES)
        alike.setdefault(f"{meter_of(rate.key)} {' '.join(rest)}", []).append(rate)
    found = (in_force(group, asked.moment.day) for group in alike.values())
    return [rate for rate in found if rate is not None]


def elsewhere(rate: Rate) -> str:
    """Return a rate's conditions without its region."""
    kept = (f"{n}={v}" for n, v in rate.conditions.items() if n != "region")
    return " ".join(kept)


def fits(rate: Rate, asked: Asked) -> bool:
    """Tell whether all conditions of a factor or discount hold for a call."""
    conditions = rate.conditions
    above = conditions.get("above")
    return (
        conditions.get("service_tier", asked.service_tier) == asked.service_tier
        and conditions.get("region", asked.region) == asked.region
        and (above is None or asked.prompt_tokens > int(above))
        and all(
            conditions.get(name) in (None, asked.parameters.get(name))
            for name in PARAMETERS
        )
        and ("hours" not in conditions or _in_hours(conditions, asked))
    )


def _in_hours(conditions: Mapping[str, str], asked: Asked) -> bool:
    if asked.moment.time is None:
        return False
    zone = conditions.get("zone", "UTC")
    hours = Hours(conditions["hours"], zone, conditions.get("weekday_zone", ""))
    return hours.hold_at(asked.moment.time)


def narrowed(
    meter: str, rates: list[Rate], asked: Asked, tier: str | None, steps: set[int]
) -> tuple[list[Rate], str]:
    """Narrow rates down, condition by condition; return none with the reason."""
    for name, wanted, what in _wanted(rates, asked, tier, steps):
        rates = [rate for rate in rates if rate.conditions.get(name) == wanted]
        if not rates:
            return [], f"no price of {meter} is listed {what}"
    parts: dict[int, list[Rate]] = {}
    for rate in rates:
        parts.setdefault(int(rate.conditions.get("beyond", 0)), []).append(rate)
    if 0 not in parts:
        return [], f"no price of {meter} is listed as standard"
    found = [_at_hour(parts[start], asked) for start in sorted(parts)]
    if found[0] is None:
        return [], f"no price of {meter} is listed for this time of day"
    return [rate for rate in found if rate is not None], ""


def _at_hour(rates: list[Rate], asked: Asked) -> Rate | None:
    """Return, of rates that differ in their hours only, the one of the call's time."""
    hours = [rate for rate in rates if "hours" in rate.conditions]
    timed = [rate for rate in hours if _in_hours(rate.conditions, asked)]
    rest = [rate for rate in rates if "hours" not in rate.conditions]
    return max(timed or rest, key=lambda rate: rate.amount, default=None)


def _wanted(
    rates: list[Rate], asked: Asked, tier: str | None, steps: set[int]
) -> Iterator[tuple[str, str | None, str]]:
    """Yield each condition, the value that it must have, and how to say so."""
    tiers = {rate.conditions.get("service_tier") for rate in rates}
    text = f"for service tier {tier or 'standard'}"
    yield "service_tier", tier, text + _listed(tiers)
    region = asked.region
    mine = [rate for rate in rates if rate.conditions.get("service_tier") == tier]
    if not any(rate.conditions.get("region") == region for rate in rates):
        region = None
    yield "region", region, f"for region {region or 'default'}"
    exceeded = [step for step in steps if asked.prompt_tokens > step]
    above = str(max(exceeded)) if exceeded else None
    yield (
        "above",
        above,
        f"for prompts above {above} tokens" if above else "as standard",
    )
    for name in PARAMETERS:
        values = {rate.conditions.get(name) for rate in mine}
        if values - {None}:
            given = asked.parameters.get(name)
            if given == _USUAL.get(name) and given not in values:
                given = None
            text = f"for {name}={given}" if given else f"without {name}"
            yield name, given, text + _listed(values)


def _listed(values: Iterable[str | None]) -> str:
    """Return what is listed instead of the value that a call asks for."""
    known = ", ".join(sorted(value for value in values if value))
    return f" (listed: {known})" if known else ""
