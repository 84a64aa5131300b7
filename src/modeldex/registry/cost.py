"""What calls cost: the registry's questions about money."""

from modeldex.registry.time import AboutTime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from modeldex.domain.billing import Priced
    from modeldex.domain.cost import Cost
    from modeldex.registry import Named


class AboutCost(AboutTime):
    """Costs of calls at the catalogue's rates."""

    __slots__ = ()
    _priced: "dict[str, Priced]"

    def cost(
        self,
        ref: "Named",
        usage: object,
        at: object = None,
        *,
        contract: bool = True,
        used: "Mapping[str, Any] | None" = None,
        **conditions: "Any",
    ) -> "Cost":
        """Return what a call costs, with a line per meter, exactly.

        `usage` is a Usage, a mapping of meters, a provider's usage object or a whole
        response. `at` is ISO text, a date or an aware datetime; None is now, and a
        bare date has no time of day; the prices of that time hold (`price`).
        Conditions are `service_tier`, `region`, `size`, `quality` and so on; those
        that a response states need not be said.
        `contract=False` leaves the user's contract prices out; `used` is what of a
        free quantity (`{"searches": 1400}`) the period has used. A ref that is not
        listed is resolved by the rules of `resolve`; a note says how. A meter without a
        price is unpriced and the total None, never less. Raises UnknownModelError,
        InvalidUsageError, InvalidInputError.
        """
        from modeldex.usecases.cost import cost_of

        at = self._day if at is None else at
        priced = None if at is None else self._priced_at(ref, at)
        if priced is None and isinstance(ref, str):
            priced = self._priced.get(ref)
        if priced is None:
            priced = self._price_list(ref)
        return cost_of(
            priced, usage, at, contract=contract, used=used, conditions=conditions
        )

    def cost_of_response(
        self,
        response: object,
        provider: "str | None" = None,
        at: object = None,
        **conditions: "Any",
    ) -> "Cost":
        """Return what a provider's response cost: it names model, tier and usage.

        `provider` says who answered, where the response does not. Without `at` it is
        priced at the time that it states, else now. Raises UnknownModelError or
        AmbiguousModelError when its model is not known, InvalidUsageError.
        """
        from modeldex.usecases.cost import read_response

        usage = read_response(response, provider)
        model = str(usage.model)
        named = model if usage.provider is None else (usage.provider, model)
        when = usage.time if at is None else at
        return self.cost(named, usage, when, **conditions)

    def compare_costs(
        self,
        usage: object,
        refs: "Iterable[Named]",
        at: object = None,
        **conditions: "Any",
    ) -> "list[Cost]":
        """Return what the same usage costs at several models, the cheapest first.

        Costs that are not complete come last: what is unpriced may be dear. Costs of
        other currencies than USD stand apart, each currency by itself.
        """
        from modeldex.domain.usage import read_usage
        from modeldex.errors import InvalidInputError

        if isinstance(refs, str) or not hasattr(refs, "__iter__"):
            kind = type(refs).__name__
            raise InvalidInputError(f"a list of refs is wanted, not {kind}")
        read = read_usage(usage)
        costs = [self.cost(ref, read, at, **conditions) for ref in refs]

        def place(cost: "Cost") -> "tuple[Any, ...]":
            other = "" if cost.currency == "USD" else cost.currency
            return not cost.complete, other, cost.total or 0, cost.ref

        return sorted(costs, key=place)

    def _price_list(self, ref: "Named") -> "Priced":
        """Return a model's rates, made ready once per catalogue."""
        from modeldex.domain.model import Model
        from modeldex.errors import (
            InvalidRefError,
            NotFoundError,
            UnknownProviderError,
        )
        from modeldex.usecases.cost import priced_as, priced_model

        digest = self.catalog.snapshot.digest
        if isinstance(ref, Model):
            return priced_model(ref, digest)
        pair = ref if isinstance(ref, tuple) else (None, ref)
        if len(pair) != 2:  # noqa: PLR2004
            message = f"a tuple names provider and model, not {len(pair)} parts"
            raise InvalidRefError(message)
        provider, text = pair
        try:
            model = self.get_info(provider, text) if provider else self.get_info(text)
            priced = priced_model(model, digest)
        except (NotFoundError, InvalidRefError) as error:
            try:
                priced = priced_as(self.resolve(text, provider), digest)
            except NotFoundError:
                if isinstance(error, UnknownProviderError):
                    raise error from None
                raise
        if isinstance(ref, str):
            self._priced[ref] = priced
        return priced
