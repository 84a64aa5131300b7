"""Costs written for people, and calls added up over a session."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

from modeldex.domain.cost import EXACT, ZERO, Cost, sum_of
from modeldex.domain.pricing import PROMPT_METERS, TOKEN_METERS
from modeldex.errors import InvalidInputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

STYLES = ("auto", "detailed", "compact")
_ROUND = Context(prec=200, rounding=ROUND_HALF_UP)
_MOST_DIGITS = 50
_MOST_PLACES = 100  # power of ten of an amount
_RATIO = Context(prec=28)
# below this amount, so many digits after the point (ExLLM's rules)
_AUTO = ((Decimal("0.01"), 6), (Decimal(1), 4))
_COMPACT = ((Decimal("0.01"), 4), (Decimal(1), 3), (Decimal(1000), 1))
_THOUSAND = Decimal(1000)
_LARGE = ((Decimal(1_000_000), "M"), (Decimal(1000), "K"))
# from this amount on the thousands are grouped
_GROUPED = {"auto": Decimal(100), "detailed": Decimal(1)}
_CENTS = 2
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "CN¥"}


def format_cost(
    cost: Cost | Decimal | float | str | None,
    style: str = "auto",
    precision: int | None = None,
    currency: str = "USD",
) -> str:
    """Write an amount of money for people; the only place where one is rounded.

    Half rounds up. `auto` shows 6 digits after the point below 0.01, 4 below 1, else
    2; `detailed` groups thousands from 1 on; `compact` is 1.2K or 1.2M without a
    sign. `precision` sets the digits. A cost without a total is `unknown`, with what
    is priced as a lower bound. Raises InvalidInputError for another style, more than
    50 digits, and what is no amount.
    """
    if style not in STYLES:
        message = f"{style!r} is no style; write {', '.join(STYLES)}"
        raise InvalidInputError(message)
    if precision is not None and (
        type(precision) is not int or not 0 <= precision <= _MOST_DIGITS
    ):
        message = f"precision {precision} is not 0 to {_MOST_DIGITS} digits"
        raise InvalidInputError(message)
    if isinstance(cost, Cost):
        currency = cost.currency
        if cost.total is None:
            least = format_cost(cost.subtotal, style, precision, currency)
            return f"unknown (at least {least})"
        cost = cost.total
    if cost is None:
        return "unknown"
    amount = _amount(cost)
    if style == "compact" and precision is None:
        return _compact(amount)
    sign = _SIGNS.get(currency, f"{currency} ")
    digits = _digits(amount, _AUTO, _CENTS) if precision is None else precision
    grouped = amount.copy_abs() >= _GROUPED.get(style, Decimal(1))
    rounded = _rounded(amount, digits)
    text = f"{rounded.copy_abs():{',' if grouped else ''}f}"
    return f"{'-' if rounded < 0 else ''}{sign}{text}"


def _amount(value: object) -> Decimal:
    """Return a number as an amount; a float counts by its text."""
    if isinstance(value, bool) or not isinstance(value, (Decimal, int, float, str)):
        kind = type(value).__name__
        raise InvalidInputError(f"an amount of money is a number, not a {kind}")
    try:
        amount = Decimal(str(value) if isinstance(value, float) else value)
    except ArithmeticError:
        raise InvalidInputError(f"{value!r:.40} is no amount of money") from None
    if not amount.is_finite() or amount.adjusted() > _MOST_PLACES:
        raise InvalidInputError(f"{amount!s:.40} is no amount of money")
    return amount


def _digits(
    amount: Decimal, rows: Iterable[tuple[Decimal, int]], otherwise: int
) -> int:
    size = amount.copy_abs()
    return next((digits for most, digits in rows if size < most), otherwise)


def _rounded(amount: Decimal, digits: int) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-digits), context=_ROUND)


def _compact(amount: Decimal) -> str:
    for least, letter in _LARGE:
        thousands = _RATIO.divide(amount, least.scaleb(-3))
        if _rounded(thousands, 1).copy_abs() >= _THOUSAND:  # 999.95 is 1.0K
            return f"{_rounded(_RATIO.divide(amount, least), 1):f}{letter}"
    return f"{_rounded(amount, _digits(amount, _COMPACT, 1)):f}"


class Session:
    """Calls added up: tokens and costs in all, by provider and by model.

    Costs of several currencies are kept apart. A call that is not wholly priced
    counts among `incomplete`, and its priced part in no total.
    """

    def __init__(self) -> None:
        self.costs: list[Cost] = []

    def add(self, cost: Cost) -> Cost:
        """Add the cost of a call and return it."""
        self.costs.append(cost)
        return cost

    @property
    def total(self) -> Decimal | None:
        """Sum of all totals; None while a call is not wholly priced.

        Raises InvalidInputError when the calls are in several currencies.
        """
        currencies = {cost.currency for cost in self.costs}
        if len(currencies) > 1:
            message = f"calls in {', '.join(sorted(currencies))} have no one total"
            raise InvalidInputError(message)
        return _total(self.costs)

    def summary(self) -> dict[str, Any]:
        """Return counts, tokens, and costs by currency, by model and by provider."""
        totals = self._by_currency()
        return {
            "calls": len(self.costs),
            "incomplete": sum(not cost.complete for cost in self.costs),
            **_tokens(self.costs),
            "currencies": totals,
            "models": self.model_breakdown(),
            "providers": self.provider_breakdown(),
        }

    def provider_breakdown(self) -> dict[str, dict[str, Any]]:
        """Return calls, tokens and costs by provider, the dearest first.

        One that bills in several currencies has a row for each: `acme (EUR)`.
        """
        return self._by(lambda cost: cost.ref.partition("/")[0])

    def model_breakdown(self) -> dict[str, dict[str, Any]]:
        """Return calls, tokens and costs by ref, the dearest first."""
        return self._by(lambda cost: cost.ref)

    def format_summary(self) -> str:
        """Write the session in a few lines for people."""
        tokens = _tokens(self.costs)
        sides = f"{tokens['input_tokens']:,} in, {tokens['output_tokens']:,} out"
        calls, total = _calls(len(self.costs)), tokens["total_tokens"]
        lines = [f"{calls}, {total:,} tokens ({sides})"]
        for currency, row in self._by_currency().items():
            shown = format_cost(row["subtotal"], currency=currency)
            if row["incomplete"]:
                missing = _calls(row["incomplete"])
                shown = f"at least {shown}; {missing} not wholly priced"
            lines.append(f"{currency}: {shown}")
        for ref, row in self.model_breakdown().items():
            shown = format_cost(row["subtotal"], currency=row["currency"])
            least = "at least " if row["incomplete"] else ""
            lines.append(f"  {ref}: {least}{shown}, {_calls(row['calls'])}")
        return "\n".join(lines)

    def _by_currency(self) -> dict[str, dict[str, Any]]:
        rows = self._by(lambda cost: cost.currency)
        return dict(sorted(rows.items()))

    def _by(self, key: Callable[[Cost], str]) -> dict[str, dict[str, Any]]:
        groups: dict[str, dict[str, list[Cost]]] = {}
        for cost in self.costs:
            found = groups.setdefault(key(cost), {})
            found.setdefault(cost.currency, []).append(cost)
        rows = {
            name if len(found) == 1 else f"{name} ({currency})": _row(costs)
            for name, found in groups.items()
            for currency, costs in found.items()
        }
        ordered = sorted(rows.items(), key=lambda item: (-item[1]["subtotal"], item[0]))
        return dict(ordered)


def _calls(count: int) -> str:
    return f"{count:,} call{'' if count == 1 else 's'}"


def _total(costs: Iterable[Cost]) -> Decimal | None:
    totals = [cost.total for cost in costs]
    known = [total for total in totals if total is not None]
    return sum_of(known) if len(known) == len(totals) else None


def _tokens(costs: Iterable[Cost]) -> dict[str, int]:
    """Return the tokens of calls; those of citations are in the total alone."""
    counts = dict.fromkeys(("input_tokens", "output_tokens", "total_tokens"), 0)
    for line in (line for cost in costs for line in cost.lines):
        if line.meter in TOKEN_METERS:
            counts["total_tokens"] += int(line.quantity)
            if line.meter in PROMPT_METERS:
                counts["input_tokens"] += int(line.quantity)
            elif line.meter != "citation":
                counts["output_tokens"] += int(line.quantity)
    return counts


def _row(costs: list[Cost]) -> dict[str, Any]:
    """Return the figures of some calls in one currency."""
    total = _total(costs)
    tokens = _tokens(costs)
    subtotal = sum_of(cost.subtotal for cost in costs)
    average = per_1k = None
    if total is not None:
        average = _RATIO.divide(total, Decimal(len(costs)))
        if tokens["total_tokens"]:
            thousand = EXACT.multiply(total, Decimal(1000))
            per_1k = _RATIO.divide(thousand, Decimal(tokens["total_tokens"]))
    return {
        "calls": len(costs),
        "incomplete": sum(not cost.complete for cost in costs),
        "currency": costs[0].currency,
        **tokens,
        "total": total,
        "subtotal": subtotal or ZERO,
        "average": average,
        "per_1k_tokens": per_1k,
    }
