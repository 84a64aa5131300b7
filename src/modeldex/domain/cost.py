"""What a call costs: its usage, meter by meter, at the rates that price it.

Amounts are exact and never rounded. A meter without a price makes the cost
incomplete: it then has no total, only the subtotal of what is priced.
"""

from __future__ import annotations

from decimal import Context, Decimal

from modeldex.domain import Value, set_slot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from modeldex.domain.moment import Moment
    from modeldex.domain.pricing import Rate

    Quantity = int | Decimal

# digits enough that sums of products stay exact, whatever a program's own context is
EXACT = Context(prec=200)
ZERO = Decimal(0)
_ONE, _TEN = Decimal(1), Decimal(10)


def sum_of(amounts: Iterable[Decimal]) -> Decimal:
    """Return the exact sum of amounts."""
    total = ZERO
    for amount in amounts:
        total = EXACT.add(total, amount)
    return tidy(total)


def tidy(amount: Decimal) -> Decimal:
    """Return the same amount without trailing zeros after the point."""
    short = amount.normalize(EXACT)
    if short >= _TEN and short == short.to_integral_value():
        return short.quantize(_ONE, None, EXACT)  # no exponent
    return short


class CostLine(Value):
    """What one meter of a call costs.

    `rate` prices it and `amount` is the exact product, in the currency of the cost;
    both are None for an unpriced meter, whose `reason` says why. `factor` is the
    product of the multipliers that apply.
    """

    __slots__ = ("_reason", "_sources", "amount", "factor", "meter", "quantity", "rate")
    meter: str
    quantity: Quantity
    rate: Rate | None
    amount: Decimal | None
    factor: Decimal | None
    _reason: str
    _sources: Callable[[str], str | None] | None

    def __init__(  # noqa: PLR0913, PLR0917  a plain record, built in a hot loop
        self,
        meter: str,
        quantity: Quantity,
        rate: Rate | None,
        amount: Decimal | None,
        reason: str = "",
        sources: Callable[[str], str | None] | None = None,
        factor: Decimal | None = None,
    ) -> None:
        set_slot(self, "meter", meter)
        set_slot(self, "quantity", quantity)
        set_slot(self, "rate", rate)
        set_slot(self, "amount", amount)
        set_slot(self, "factor", factor)
        set_slot(self, "_reason", reason)
        set_slot(self, "_sources", sources)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CostLine):
            return NotImplemented
        return self.as_dict() == other.as_dict()

    def __hash__(self) -> int:
        return hash((self.meter, self.quantity, self.amount))

    @property
    def source(self) -> str | None:
        """Source of the rate: a public catalogue, `curated`, `user`."""
        rate, ask = self.rate, self._sources
        if rate is None or ask is None:
            return None
        return ask(f"{'rates' if '@' in rate.key else 'pricing'}.{rate.key}")

    @property
    def why(self) -> str:
        """Why this rate, in words; for an unpriced meter, why there is none."""
        rate = self.rate
        if rate is None:
            return self._reason
        said = [f"{name}={value}" for name, value in rate.conditions.items()]
        words = " ".join(said) or "standard"
        if rate.meter != self.meter:
            words += f", billed as {rate.meter}: no price of its own is listed"
        if self.factor is not None:
            words += f", times {self.factor:f}"
        return f"{words}; {self._reason}" if self._reason else words

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        rate = self.rate
        return {
            "meter": self.meter,
            "quantity": self.quantity,
            "rate": None if rate is None else rate.amount,
            "per": None if rate is None else rate.per,
            "amount": self.amount,
            "source": self.source,
            "why": self.why,
        }


class Cost(Value):
    """What a call costs, with a line per meter.

    `total` is exact, in `currency`; it is None unless every meter is priced. `state`
    is that of the pricing; `list_total` is the total without the user's contract
    prices; `digest` is the catalogue's.
    """

    __slots__ = (
        "_at",
        "currency",
        "digest",
        "lines",
        "list_total",
        "notes",
        "ref",
        "state",
        "total",
    )
    ref: str
    total: Decimal | None
    list_total: Decimal | None
    currency: str
    state: str
    lines: tuple[CostLine, ...]
    notes: tuple[str, ...]
    _at: Moment
    digest: str

    def __init__(  # noqa: PLR0913, PLR0917  a plain record, built in a hot loop
        self,
        ref: str,
        total: Decimal | None,
        list_total: Decimal | None,
        currency: str,
        state: str,
        lines: tuple[CostLine, ...],
        notes: tuple[str, ...],
        at: Moment,
        digest: str,
    ) -> None:
        set_slot(self, "ref", ref)
        set_slot(self, "total", total)
        set_slot(self, "list_total", list_total)
        set_slot(self, "currency", currency)
        set_slot(self, "state", state)
        set_slot(self, "lines", lines)
        set_slot(self, "notes", notes)
        set_slot(self, "_at", at)
        set_slot(self, "digest", digest)

    @property
    def at(self) -> str:
        """Time whose prices these are, as ISO text; a day where no more was known."""
        return str(self._at)

    @property
    def unpriced(self) -> tuple[str, ...]:
        """Meters that were used and have no price."""
        return tuple(line.meter for line in self.lines if line.amount is None)

    @property
    def complete(self) -> bool:
        """Whether every meter that was used is priced."""
        return self.total is not None

    @property
    def subtotal(self) -> Decimal:
        """Sum of what is priced: the total, or less than it."""
        return sum_of(line.amount for line in self.lines if line.amount is not None)

    def amount_of(self, *meters: str) -> Decimal | None:
        """Return the sum of the lines of some meters; None where one is unpriced."""
        found = [line.amount for line in self.lines if line.meter in meters]
        amounts = [amount for amount in found if amount is not None]
        return sum_of(amounts) if len(amounts) == len(found) else None

    def with_unpriced(self, names: Iterable[str], reason: str) -> Cost:
        """Return the cost with more that was used and has no price."""
        more = tuple(CostLine(name, 0, None, None, reason) for name in names)
        lines = self.lines + more
        facts = (self.currency, self.state, lines, self.notes, self._at, self.digest)
        return Cost(self.ref, None, None, *facts)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "ref": self.ref,
            "total": self.total,
            "list_total": self.list_total,
            "subtotal": self.subtotal,
            "complete": self.complete,
            "unpriced": list(self.unpriced),
            "currency": self.currency,
            "state": self.state,
            "at": self.at,
            "digest": self.digest,
            "lines": [line.as_dict() for line in self.lines],
            "notes": list(self.notes),
        }
