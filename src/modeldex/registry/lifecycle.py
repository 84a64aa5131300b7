"""Questions about ends: what dies, when, and what to move to."""

from modeldex.catalog import Lookup
from modeldex.catalog.query import Query

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from modeldex.catalog import Catalog
    from modeldex.catalog.names import Names
    from modeldex.domain.model import Model
    from modeldex.usecases.lifecycle import Expiry, Successors
    from modeldex.usecases.lint.judge import Linter


class AboutLifecycle(Lookup):
    """What a registry answers about the ends of models."""

    __slots__ = ()

    def expiring(
        self,
        within: "str | int" = "90d",
        provider: "str | None" = None,
        refs: "Iterable[str] | None" = None,
        at: "str | date | None" = None,
    ) -> "list[Expiry]":
        """Return the models that stop within a span, by day, and what to move to.

        The span is `90d`, `12w` or a number of days, from today or from `at`. With
        `refs` (refs, or ids as they stand in code) these alone are looked at; then
        retired ones, ones deprecated without a day, and unknown names are told too.
        Raises InvalidInputError and UnknownProviderError.
        """
        from modeldex.usecases.lifecycle import expiring, read_at, read_span

        days = read_span(within)

        def answer(catalog: "Catalog") -> "list[Expiry]":
            day = read_at(at, catalog.today())
            successors = self._successors(catalog, day)
            place = None if provider is None else catalog.vocabulary.provider(provider)
            found: Iterable[Model | str]
            if refs is None:
                found = _ending(catalog, place, day, days)
            else:
                found = _named(catalog, refs, place)
            return expiring(found, successors, day, days)

        return self._ask(answer)

    def linter(
        self,
        within: "str | int" = "90d",
        provider: "str | None" = None,
        at: "str | date | None" = None,
    ) -> "Linter":
        """Return what checks texts for ids of models that are unknown or end.

        What stops within the span is retiring. With a provider an id means its
        entry there, if it has one. Raises InvalidInputError and
        UnknownProviderError.
        """
        from modeldex.catalog.names import Names
        from modeldex.usecases.lifecycle import read_at, read_span
        from modeldex.usecases.lint.judge import Linter

        days = read_span(within)

        def answer(catalog: "Catalog") -> "Linter":
            day = read_at(at, catalog.today())
            place = None if provider is None else catalog.vocabulary.provider(provider)
            names = Names(catalog)

            def model_of(text: str) -> "Model | None":
                return _meant(catalog, names, text, place)

            successors = self._successors(catalog, day)
            return Linter(names, model_of, successors, at=day, within=days)

        return self._ask(answer)

    @staticmethod
    def _successors(catalog: "Catalog", day: str) -> "Successors":
        from modeldex.usecases.lifecycle import Successors

        def of_provider(name: str) -> "list[Model]":
            terms = (("provider", "in", (name,)), ("status", "in", ("any",)))
            return catalog.models(catalog.rows(Query(terms)))

        return Successors(of_provider, day)


def _ending(
    catalog: "Catalog", provider: "str | None", day: str, days: int
) -> "list[Model]":
    """Return the models whose shutdown day is after a day, by so many days at most."""
    from modeldex.domain.lifecycle import LEFT_OUT, day_after

    terms = [
        ("status", "in", ("any",)),
        ("deprecated", ">", day),
        ("deprecated", "<=", day_after(day, days)),
    ]
    if provider is not None:
        terms.append(("provider", "in", (provider,)))
    models = catalog.models(catalog.rows(Query(terms)))
    return [model for model in models if model.status_on(day) not in LEFT_OUT]


def _named(
    catalog: "Catalog", refs: "Iterable[str]", provider: "str | None"
) -> "list[Model | str]":
    """Return the models of refs and ids, each once; an unknown name as it is."""
    from modeldex.catalog.names import Names

    names = Names(catalog)
    found: dict[str, Model | str] = {}
    for text in refs:
        model = _meant(catalog, names, text, provider)
        found.setdefault(model.ref if model else text, model or text)
    return list(found.values())


def _meant(
    catalog: "Catalog", names: "Names", text: str, provider: "str | None"
) -> "Model | None":
    """Return the model that a text means, or None.

    By the rules of `resolve`, at the provider first; else by who has such an id.
    `provider:model` is read as `provider/model`.
    """
    from modeldex.catalog.identity.resolving import resolve
    from modeldex.errors import InvalidRefError, NotFoundError

    for spelled in dict.fromkeys((text, names.with_slash(text))):
        for place in dict.fromkeys((provider, None)):
            try:
                return resolve(catalog, spelled, place).model
            except (NotFoundError, InvalidRefError):
                continue
    ref = names.identify(text)
    return catalog.get(*ref.split("/", 1)) if ref else None
