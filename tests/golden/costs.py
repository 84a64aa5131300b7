"""The form of the hand-worked costs: prices as they are authored, and cases.

The figures of the cases were worked by hand, each in a comment beside it. They are
the truth that the code is held against, and are never written by it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

DAY = "2026-11-25"  # a Wednesday


@dataclass(frozen=True)
class Prices:
    """What a model costs: `pricing` and `rates` in the YAML of a provider's file.

    `source` names where the figures are published as data, or says `rule` for those
    that were made up to show a rule.
    """

    model: str
    source: str
    pricing: str
    rates: str = ""

    @property
    def yaml(self) -> str:
        """The model's entry in a provider's file."""
        rates = "".join(f"      {line}\n" for line in self.rates.split("\n") if line)
        under = f"    rates:\n{rates}" if rates else ""
        return f"  {self.model}:\n    pricing: {self.pricing}\n{under}"


@dataclass(frozen=True)
class Case:
    """A call and what it costs, to the last digit.

    `total` is None where a meter has no price; `unpriced` then names it. `lines` are
    the amounts by meter as `input=0.02 output=?`. `asked` is what `cost` is asked
    beside the usage. A whole response names its model itself.
    """

    name: str
    prices: Prices
    usage: Any
    total: str | None
    lines: str | None = None
    unpriced: tuple[str, ...] = ()
    subtotal: str | None = None
    list_total: str | None = "as the total"
    currency: str = "USD"
    note: str = ""
    whole_response: bool = False
    asked: dict[str, Any] = field(default_factory=dict)


def case(name: str, prices: Prices, usage: Any, total: str | None, **more: Any) -> Case:
    """Return a case: what is no field of it is asked of `cost`."""
    fields = {key: more.pop(key) for key in list(more) if key in _FIELDS}
    more.setdefault("at", DAY)
    return Case(name, prices, usage, total, asked=more, **fields)


_FIELDS = frozenset(Case.__dataclass_fields__) - {"asked"}
