"""Usage priced by a tariff, meter by meter: the arithmetic of a cost."""

from __future__ import annotations

from decimal import Context, Decimal

from modeldex.domain.cost import EXACT, ZERO, Cost, CostLine, sum_of, tidy
from modeldex.domain.pricing import PROMPT_METERS, TOKEN_METERS
from modeldex.domain.tariff import contains

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from modeldex.domain.cost import Quantity
    from modeldex.domain.moment import Moment
    from modeldex.domain.pricing import Rate
    from modeldex.domain.tariff import Asked, Tariff

# for a price per 3,600 seconds and the like, which may not end
_DIVIDED = Context(prec=50)
_ONE = Decimal(1)
_HUNDRED, _PERCENT = Decimal(100), Decimal("0.01")


class Priced:
    """Whose price it is: the ref, its tariff, who said what, the catalogue's digest."""

    __slots__ = ("digest", "notes", "ref", "source_of", "tariff")

    def __init__(
        self,
        ref: str,
        tariff: Tariff,
        source_of: Callable[[str], str | None],
        digest: str,
        notes: tuple[str, ...] = (),
    ) -> None:
        self.ref = ref
        self.tariff = tariff
        self.source_of = source_of
        self.digest = digest
        self.notes = notes


def prompt_tokens(quantities: Mapping[str, Quantity]) -> int:
    """Return the tokens of a prompt: what context tiers count."""
    found = (n for meter, n in quantities.items() if meter in PROMPT_METERS)
    return int(sum(found))


def price_simply(
    priced: Priced, quantities: Mapping[str, Quantity], moment: Moment
) -> Cost | None:
    """Price a call without conditions at its standard rates; None where more counts."""
    tariff = priced.tariff
    simple, limit = tariff.simple, tariff.simple_limit
    if not quantities:
        return None
    if limit is not None and prompt_tokens(quantities) > limit:
        return None
    lines = []
    total = ZERO
    for meter, quantity in quantities.items():
        rate = simple.get(meter)
        if rate is None or rate.unit_price is None or not quantity:
            return None
        number = Decimal(quantity) if type(quantity) is int else quantity
        amount = tidy(EXACT.multiply(rate.unit_price, number))
        total = EXACT.add(total, amount)
        lines.append(
            CostLine(meter, quantity, rate, amount, "", priced.source_of, None)
        )
    total = tidy(total)
    return Cost(
        priced.ref,
        total,
        total,
        tariff.currency,
        tariff.state,
        tuple(lines),
        priced.notes,
        moment,
        priced.digest,
    )


def price(
    priced: Priced,
    quantities: Mapping[str, Quantity],
    asked: Asked,
    *,
    contract: bool = True,
    used: Mapping[str, Quantity] | None = None,
) -> Cost:
    """Price usage by meter; `used` is what a period's free quantities already gave.

    Without `used` of a meter its free quantity is not taken off, and a note says so.
    """
    counted = {meter: amount for meter, amount in quantities.items() if amount}
    if not counted and priced.tariff.state in _STATE_REASONS:
        counted = dict(quantities) or {"requests": 1}  # unpriced, and not 0
    pricer = _Pricer(priced, asked, used or {})
    if priced.tariff.counts_requests() and "requests" not in quantities:
        counted["requests"] = 1
        pricer.notes.append(_ONE_REQUEST)
    lines, listed = [], []
    for meter, quantity in counted.items():
        own = pricer.lines(meter, quantity)
        listed += own
        lines += pricer.contract_lines(meter, quantity, own) if contract else own
    tariff = priced.tariff
    return Cost(
        priced.ref,
        _total(lines),
        _total(listed),
        tariff.currency,
        tariff.state,
        tuple(lines),
        (*priced.notes, *pricer.notes),
        asked.moment,
        priced.digest,
    )


def _total(lines: Iterable[CostLine]) -> Decimal | None:
    amounts = [line.amount for line in lines]
    known = [amount for amount in amounts if amount is not None]
    return sum_of(known) if len(known) == len(amounts) else None


_ONE_REQUEST = "it has a price per request: one is counted; say requests=N for more"

# state of a price -> why a meter has none
_STATE_REASONS = {
    "unknown": "no price of this model is known",
    "variable": "the router's price varies; it is that of the model it chooses",
}


class _Pricer:
    """The lines of one call."""

    def __init__(
        self, priced: Priced, asked: Asked, used: Mapping[str, Quantity]
    ) -> None:
        self.notes: list[str] = []
        self._priced = priced
        self._tariff = priced.tariff
        self._asked = self._tariff.placed(asked)
        self._own_asked = self._tariff.placed(asked, contract=True)
        self._used = used
        self._factors = self._tariff.factors_for(self._asked)

    def lines(self, meter: str, quantity: Quantity) -> list[CostLine]:
        """Return the lines of a meter at list prices."""
        state = self._tariff.state
        if meter in TOKEN_METERS and state in ("free", "included"):
            reason = "free" if state == "free" else "included in the subscription"
            return [CostLine(meter, quantity, None, ZERO, reason)]
        rates, reason = self._tariff.choose(meter, self._asked)
        if not rates:
            reason = _STATE_REASONS.get(state, reason)
            return [CostLine(meter, quantity, None, None, reason)]
        billed, free = self._after_allowance(meter, quantity)
        lines = [CostLine(meter, free, None, ZERO, "free allowance")] if free else []
        return [*lines, *self._at(meter, billed, rates)] if billed else lines

    def contract_lines(
        self, meter: str, quantity: Quantity, listed: list[CostLine]
    ) -> list[CostLine]:
        """Return the lines of a meter at the contract's prices, else at list prices."""
        if not self._tariff.contract:
            return listed
        rates = self._tariff.choose_contract(meter, self._own_asked)
        if rates:
            return self._at(meter, quantity, rates, own=True)
        discount = self._tariff.discount(self._own_asked)
        if discount is None:
            return listed
        left = EXACT.multiply(EXACT.subtract(_HUNDRED, discount.amount), _PERCENT)
        reason = f"contract: {discount.amount:f} % off the list"
        return [self._reduced(line, left, reason) for line in listed]

    def _reduced(self, line: CostLine, left: Decimal, reason: str) -> CostLine:
        if line.amount is None or line.rate is None:
            return line
        amount = tidy(EXACT.multiply(line.amount, left))
        source = self._priced.source_of
        return CostLine(
            line.meter, line.quantity, line.rate, amount, reason, source, line.factor
        )

    def _at(
        self,
        meter: str,
        quantity: Quantity,
        rates: list[Rate],
        *,
        own: bool = False,
    ) -> list[CostLine]:
        """Return a line for each part of a quantity that has a rate of its own."""
        applies = self._factors and not own and meter in TOKEN_METERS
        lines = []
        ends = [int(rate.conditions["beyond"]) for rate in rates[1:]]
        for rate, start, end in zip(rates, [0, *ends], [*ends, None], strict=True):
            part = _less(quantity if end is None else min(quantity, end), start)
            if part > 0:
                amount = _product(rate, part)
                factor = self._factor(rate) if applies else None
                if factor is not None:
                    amount = EXACT.multiply(amount, factor)
                source = self._priced.source_of
                amount = tidy(amount)
                lines.append(CostLine(meter, part, rate, amount, "", source, factor))
        return lines

    def _factor(self, rate: Rate) -> Decimal | None:
        """Return the product of the factors that an amount does not contain."""
        wanted = [one for one in self._factors if not contains(rate, one)]
        factor = _ONE
        for one in wanted:
            factor = EXACT.multiply(factor, one.amount)
        return factor if wanted else None

    def _after_allowance(
        self, meter: str, quantity: Quantity
    ) -> tuple[Quantity, Quantity]:
        """Return how much of a quantity is billed, and how much is free."""
        rate = self._tariff.allowance(meter, self._asked)
        if rate is None:
            return quantity, 0
        if meter not in self._used:
            self.notes.append(
                f"{rate.amount:f} {meter} a {rate.conditions['free']} are free of "
                "charge; say how many are used so far to have them taken off"
            )
            return quantity, 0
        left = max(_less(rate.amount, self._used[meter]), 0)
        free = min(quantity, left)
        if isinstance(quantity, int):
            free = int(free)
        return _less(quantity, free), free


def _product(rate: Rate, quantity: Quantity) -> Decimal:
    number = Decimal(quantity)
    if rate.unit_price is not None:
        return EXACT.multiply(rate.unit_price, number)
    return _DIVIDED.divide(EXACT.multiply(rate.amount, number), Decimal(rate.per))


def _less(whole: Quantity, part: Quantity) -> Quantity:
    """Return the exact difference, whatever the program's own decimal context."""
    if isinstance(whole, int) and isinstance(part, int):
        return whole - part
    return EXACT.subtract(Decimal(whole), Decimal(part))
