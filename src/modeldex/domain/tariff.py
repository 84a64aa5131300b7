"""Which rate prices a meter of a call: one written rule, or no rate with the reason.

Of a meter's rates these may price a call: in force on its day; of its service tier;
of its region, else of the default one; of the highest context tier that its prompt
exceeds; of the size, quality and so on that it names. A cheaper hour is taken only
when the time of the call is known. Where a tier is listed for a model but not for
what is asked, or a region has prices of its own but not of this meter, there is no
rate: another one would be a guess.
"""

from __future__ import annotations

from modeldex.domain import Value, set_slot
from modeldex.domain.choice import (
    DATES,
    current_of,
    elsewhere,
    fits,
    is_particular,
    narrowed,
    thresholds,
)
from modeldex.domain.pricing import (
    MULTIPLIER,
    PERCENT_OFF,
    STANDARD_TIERS,
    TOKEN_METERS,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from modeldex.domain.moment import Moment
    from modeldex.domain.pricing import Rate

# meter without a rate of its own -> the meter as which it is billed, the first one
# that has a rate, else the last: reasoning is part of the answer, images and video
# become prompt tokens, and cached tokens without a cache price are plain ones.
# Nothing dearer than its stand-in is here.
STAND_INS = {
    "reasoning": ("output",),
    "input_image": ("input",),
    "input_video": ("input",),
    "cache_read": ("input",),
    "cache_read_image": ("input_image", "cache_read"),
    "cache_read_video": ("input_video", "cache_read"),
    "cache_read_audio": ("input_audio",),
}
# meter -> the prompt or the answer that it is part of: context tiers and the prices
# of regions are for all of it
_PART_OF = {"reasoning": "output"} | {
    meter: "input" for meter in TOKEN_METERS if meter.startswith(("cache", "input_"))
}


class Asked(Value):
    """What is known of a call, beside what it used.

    `prompt_tokens` are all tokens of the prompt, cached ones too; `service_tier` is
    None for the standard one; `parameters` are conditions such as size.
    """

    __slots__ = ("moment", "parameters", "prompt_tokens", "region", "service_tier")
    moment: Moment
    prompt_tokens: int
    service_tier: str | None
    region: str | None
    parameters: Mapping[str, str]

    def __init__(
        self,
        moment: Moment,
        prompt_tokens: int = 0,
        service_tier: str | None = None,
        region: str | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> None:
        tier = None if service_tier in STANDARD_TIERS else service_tier
        set_slot(self, "moment", moment)
        set_slot(self, "prompt_tokens", prompt_tokens)
        set_slot(self, "service_tier", tier)
        set_slot(self, "region", region)
        set_slot(self, "parameters", parameters or {})

    def __hash__(self) -> int:
        return hash((self.moment, self.prompt_tokens, self.service_tier, self.region))


class Tariff:
    """A model's rates, made ready to price calls.

    `simple` holds the rates that price a call without conditions, by meter, for
    prompts of at most `simple_limit` tokens (None is without limit).
    """

    __slots__ = (
        "_allowances",
        "_choices",
        "_discounts",
        "_factors",
        "contract",
        "currency",
        "simple",
        "simple_limit",
        "state",
    )

    def __init__(self, state: str, currency: str, rates: Iterable[Rate]) -> None:
        self.state = state
        self.currency = currency
        self._factors: list[Rate] = []
        self._discounts: list[Rate] = []
        self._allowances: dict[str, list[Rate]] = {}
        self._choices: dict[bool, dict[str, list[Rate]]] = {False: {}, True: {}}
        for rate in rates:
            self._sort_in(rate)
        self.contract = bool(self._choices[True] or self._discounts)
        listed = self._choices[False]
        steps = thresholds(rate for found in listed.values() for rate in found)
        self.simple_limit = min(steps, default=None)
        self.simple = {} if self.contract else self._simple()

    def _simple(self) -> dict[str, Rate]:
        """Return the rates without conditions that no other can come before."""
        if self.counts_requests() or not all(map(is_particular, self._factors)):
            return {}
        return {
            meter: found[0]
            for meter, found in self._choices[False].items()
            if meter not in self._allowances
            and not found[0].conditions
            and all(map(is_particular, found[1:]))
        }

    def _sort_in(self, rate: Rate) -> None:
        if rate.meter == MULTIPLIER:
            self._factors.append(rate)
        elif rate.meter == PERCENT_OFF:
            self._discounts.append(rate)
        elif "free" in rate.conditions:
            self._allowances.setdefault(rate.meter, []).append(rate)
        else:
            own = "contract" in rate.conditions
            self._choices[own].setdefault(rate.meter, []).append(rate)

    def counts_requests(self) -> bool:
        """Tell whether a call costs something per request."""
        return "requests" in self._choices[False]

    def choose(self, meter: str, asked: Asked) -> tuple[list[Rate], str]:
        """Return the listed rates of a meter for a call, or none and the reason.

        There is more than one where the units beyond a count have another price;
        the first one is that of the units before. A meter without a rate is billed as
        its stand-in; so is one that has none under the call's conditions, where both
        have the same standard price.
        """
        billed = meter
        while not self._current(billed, asked) and billed in STAND_INS:
            billed = self._stand_in(billed, asked)
        if not self._current(billed, asked):
            billed = meter
        rates, reason = self._choose_own(billed, asked)
        while not rates and self._is_same(billed, asked):
            billed = self._stand_in(billed, asked)
            rates, _ = self._choose_own(billed, asked)
        return rates, "" if rates else reason

    def choose_contract(self, meter: str, asked: Asked) -> list[Rate]:
        """Return the contract's own rates of a meter for a call, if there are any.

        Those of its stand-in count where the list has no price of the meter's own.
        """
        own = self._choices[True]
        while meter not in own:
            apart = self._current(meter, asked) and not self._is_same(meter, asked)
            if apart or meter not in STAND_INS:
                return []
            meter = self._stand_in(meter, asked)
        current = current_of(own[meter], asked)
        steps = self._steps(meter, asked) | thresholds(current)
        return narrowed(meter, current, asked, asked.service_tier, steps)[0]

    def _choose_own(self, meter: str, asked: Asked) -> tuple[list[Rate], str]:
        current = self._current(meter, asked)
        if current and self._costs_more_there(meter, current, asked):
            return [], f"no price of {meter} is listed for region {asked.region}"
        if current:
            steps = self._steps(meter, asked)
            found: tuple[list[Rate], str] = ([], "")
            for tier in self._tiers(meter, current, asked):
                found = narrowed(meter, current, asked, tier, steps)
                if found[0]:
                    break
            return found
        if meter in self._choices[False]:
            return [], f"no price of {meter} is in force on {asked.moment.day}"
        return [], f"no price of {meter} is listed"

    def _current(self, meter: str, asked: Asked) -> list[Rate]:
        """Return the listed rates of a meter that are in force."""
        return current_of(self._choices[False].get(meter, ()), asked)

    def _stand_in(self, meter: str, asked: Asked) -> str:
        """Return the meter as which one without a rate is billed."""
        names = STAND_INS[meter]
        return next((name for name in names if self._current(name, asked)), names[-1])

    def _is_same(self, meter: str, asked: Asked) -> bool:
        """Tell whether a meter has the same standard price as its stand-in."""
        if meter not in STAND_INS:
            return False
        pair = (meter, self._stand_in(meter, asked))
        standard = [
            rate.amount
            for name in pair
            for rate in self._current(name, asked)
            if rate.conditions.keys() <= DATES
        ]
        return len(standard) == len(pair) and len(set(standard)) == 1

    def discount(self, asked: Asked) -> Rate | None:
        """Return the contract's discount for a call, the most particular one.

        Dates make none more particular; of two alike the smaller one counts.
        """
        found = [
            rate for rate in current_of(self._discounts, asked) if fits(rate, asked)
        ]

        def rank(rate: Rate) -> tuple[int, Decimal]:
            return len(rate.conditions.keys() - DATES), -rate.amount

        return max(found, key=rank, default=None)

    def allowance(self, meter: str, asked: Asked) -> Rate | None:
        """Return the quantity of a meter that is free of charge per period."""
        return next(iter(current_of(self._allowances.get(meter, ()), asked)), None)

    def placed(self, asked: Asked, *, contract: bool = False) -> Asked:
        """Return a call in the region as the list's or the contract's rates name it.

        `regional` stands for every region but `global` (Vertex AI's endpoints).
        """
        if asked.region is None or asked.region == "global":
            return asked
        factors = self._discounts if contract else self._factors
        known = {rate.conditions.get("region") for rate in factors}
        for rates in self._choices[contract].values():
            known |= {rate.conditions.get("region") for rate in rates}
        if asked.region in known or "regional" not in known:
            return asked
        facts = (asked.moment, asked.prompt_tokens, asked.service_tier)
        return Asked(*facts, "regional", asked.parameters)

    def factors_for(self, asked: Asked) -> list[Rate]:
        """Return the multipliers of a call's tokens."""
        return [rate for rate in current_of(self._factors, asked) if fits(rate, asked)]

    def _tiers(
        self, meter: str, rates: list[Rate], asked: Asked
    ) -> tuple[str | None, ...]:
        """Return the service tier that a meter's rate must be of, else the next one.

        A tier that is a factor on the standard price needs no rates of its own, which
        go before it; what is no token costs the same in every tier unless a tier is
        listed for it.
        """
        tier = asked.service_tier
        if tier is None:
            return (None,)
        listed = {rate.conditions.get("service_tier") for rate in rates}
        factors = current_of(self._factors, asked)
        if any(rate.conditions.get("service_tier") == tier for rate in factors):
            if tier not in listed:
                return (None,)
            return (tier, None) if asked.region is None else (tier,)
        return (tier,) if meter in TOKEN_METERS or listed - {None} else (None,)

    def _costs_more_there(
        self, meter: str, rates: Iterable[Rate], asked: Asked
    ) -> bool:
        """Tell whether a region has prices of its own, but none of this meter.

        These are those of the prompt or the answer that the meter is part of. The
        default region's price of the meter would be too low there.
        """
        if asked.region is None or meter not in _PART_OF:
            return False
        if any(rate.conditions.get("region") == asked.region for rate in rates):
            return False
        whole = self._current(_PART_OF[meter], asked)
        default = {
            elsewhere(r): r.amount for r in whole if "region" not in r.conditions
        }
        there = [r for r in whole if r.conditions.get("region") == asked.region]
        return any(default.get(elsewhere(r), r.amount) != r.amount for r in there)

    def _steps(self, meter: str, asked: Asked) -> set[int]:
        """Return the sizes of prompt above which a meter's price is another one."""
        steps = thresholds(self._current(meter, asked))
        if not steps and meter in _PART_OF:
            steps = thresholds(self._current(_PART_OF[meter], asked))
        return steps


def contains(rate: Rate, factor: Rate) -> bool:
    """Tell whether an amount is stated under all that a factor is for."""
    wanted = [item for item in factor.conditions.items() if item[0] not in DATES]
    return bool(wanted) and all(item in rate.conditions.items() for item in wanted)
