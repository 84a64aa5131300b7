"""A price at a time: what was in force, from when to when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.domain import set_slot
from modeldex.domain.model import Pricing

if TYPE_CHECKING:
    from collections.abc import Mapping


class DatedPricing(Pricing):
    """The standard price of a model at a time; it compares as the Pricing that it is.

    `since` is the ISO day or time from which on it was in force, `until` that from
    which on another one was; None where that is not known, or not yet. `effective`
    says whether a source states the beginning, else it is the time at which the price
    was first seen. `earliest` is the first time at which any price of the model is
    known, None where none ever is: before it the price is unknown, never extrapolated.
    """

    __slots__ = ("earliest", "effective", "ref", "since", "until")
    ref: str
    since: str | None
    until: str | None
    earliest: str | None
    effective: bool

    def __init__(  # noqa: PLR0913
        self,
        ref: str,
        amounts: Mapping[str, str],
        words: Mapping[str, str],
        rates: str,
        *,
        since: str | None = None,
        until: str | None = None,
        effective: bool = False,
        earliest: str | None = None,
    ) -> None:
        state, currency = words.get("state"), words.get("currency", "USD")
        super().__init__(amounts, state, currency, rates, amounts)
        set_slot(self, "ref", ref)
        set_slot(self, "since", since)
        set_slot(self, "until", until)
        set_slot(self, "effective", effective)
        set_slot(self, "earliest", earliest)

    @classmethod
    def of(cls, ref: str, pricing: Pricing, **dates: Any) -> DatedPricing:
        """Return a price with its dates."""
        words = {"state": pricing.state, "currency": pricing.currency}
        found = cls(ref, pricing._amounts, words, pricing._rates, **dates)  # noqa: SLF001
        set_slot(found, "_undated", pricing._undated)  # noqa: SLF001
        return found

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Pricing):
            return NotImplemented
        return all(
            getattr(self, name) == getattr(other, name)
            for name in ("_amounts", "state", "currency", "_rates")
        )

    __hash__ = Pricing.__hash__

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form: when, then the price."""
        names = ("since", "until", "effective", "earliest")
        dates = {name: getattr(self, name) for name in names}
        return {"ref": self.ref, **dates, **super().as_dict()}
