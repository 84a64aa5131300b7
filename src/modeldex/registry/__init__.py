"""Registry: what the library, the command line and servers ask; it delegates."""

from modeldex.catalog.finder import Finder
from modeldex.catalog.query import Query, both
from modeldex.catalog.resolve import provider_in
from modeldex.catalog.values import read_bound
from modeldex.errors import InvalidInputError, InvalidQueryError
from modeldex.registry.capabilities import AboutCapabilities
from modeldex.registry.context import AboutContext
from modeldex.registry.cost import AboutCost
from modeldex.registry.exports import Exports
from modeldex.registry.identity import AboutIdentity
from modeldex.registry.lifecycle import AboutLifecycle
from modeldex.registry.live import Live
from modeldex.registry.named import model_of
from modeldex.registry.providers import AboutProviders
from modeldex.registry.published import Published

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Unpack

    from modeldex.catalog import Catalog
    from modeldex.catalog.authoring.layer import Finding
    from modeldex.catalog.finder import Price, Terms
    from modeldex.domain.capability import Capabilities
    from modeldex.domain.model import Model, Pricing
    from modeldex.usecases.compare import Comparison
    from modeldex.usecases.mirroring import Mirror
    from modeldex.usecases.recommend import Recommendation

    # a model as (provider, id), a ref, or itself
    Named = str | tuple[str, str] | Model


_RECOMMENDED = 5


class Registry(
    AboutCapabilities,
    AboutContext,
    AboutCost,
    AboutIdentity,
    AboutLifecycle,
    AboutProviders,
    Published,
    Live,
    Exports,
    Finder,
):
    """A catalogue and every question it answers, in memory, without waiting.

    An unknown model or provider raises UnknownModelError or
    UnknownProviderError with suggestions; an unknown fact is None. `asking` opens what
    is asked outside, by the few calls that say so: see `registry.live`; `mirror`
    follows another registry.
    """

    __slots__ = ("__weakref__", "_asking", "_mirror", "_outside", "_priced")

    def __init__(  # noqa: PLR0913
        self,
        load: "Callable[[str], Catalog]",
        on_swap: "Callable[[dict[str, dict[str | None, Model]]], None] | None" = None,
        writing: "Any" = None,
        past: "Callable[[], Any] | None" = None,
        asking: "Callable[[Live], Any] | None" = None,
        *,
        mirror: "Mirror | None" = None,
    ) -> None:
        self._asking = asking
        self._outside = None
        self._mirror = mirror
        super().__init__(load, on_swap, writing, past)
        if mirror is not None:
            mirror.bind(self)

    def _use(self, catalog: "Catalog") -> None:
        self._priced = {}
        super()._use(catalog)

    @property
    def digest(self) -> str:
        """SHA-256 of the catalogue in use.

        It is the same in all instances that serve one revision of one store.
        """
        catalog = self.catalog
        if isinstance(self._writing, tuple):
            found: str = self._writing[0].digest_of(catalog)
            return found
        return catalog.snapshot.digest

    @property
    def findings(self) -> "list[Finding]":
        """What validation found in the YAML files that were opened."""
        from modeldex.catalog.authoring.layer import Finding

        rows = self._ask(lambda catalog: catalog.snapshot.meta.get("findings", ()))
        return [Finding(*row) for row in rows]

    def reload_config(self) -> None:
        """Compile edited YAML and swap to it at once.

        Raises AuthoringError, and keeps the old catalogue, when an edit is broken.
        """
        self._use(self._load("reload"))

    # one model

    def get_pricing(
        self, provider: str, model_id: "str | None" = None
    ) -> "Pricing | None":
        """Return the standard price, or None when it is unknown."""
        return self.get_info(provider, model_id).pricing or None

    def get_context_window(
        self, provider: str, model_id: "str | None" = None
    ) -> "int | None":
        """Return the context window in tokens."""
        return self.get_info(provider, model_id).context_window

    def get_max_output_tokens(
        self, provider: str, model_id: "str | None" = None
    ) -> "int | None":
        """Return the largest answer in tokens."""
        return self.get_info(provider, model_id).max_output_tokens

    def get_capabilities(
        self, provider: str, model_id: "str | None" = None
    ) -> "Capabilities | None":
        """Return the capabilities, or None when nothing is known of them."""
        found = self.get_info(provider, model_id).capabilities
        return found if found.yes or found.no else None

    def get_model_config(
        self, provider: str, model_id: "str | None" = None
    ) -> "dict[str, Any]":
        """Return every fact of a model as the JSON form."""
        return self.get_info(provider, model_id).as_dict()

    # one provider

    def get_default(self, provider: str) -> "str | None":
        """Return the id of a provider's default model."""
        found: str | None = self.get_provider(provider).default_model
        return found

    def get_default_model(self, provider: str) -> "str | None":
        """Return the id of a provider's default model."""
        return self.get_default(provider)

    def get_all_models(self, provider: str) -> "dict[str, Model]":
        """Return every model of a provider, retired ones too, by id."""
        found = self.find(provider=self._provider(provider), status="any")
        return {model.id: model for model in found}

    def get_all_pricing(self, provider: str) -> "dict[str, Pricing]":
        """Return the known prices of a provider's models by id."""
        models = self.get_all_models(provider).items()
        return {name: model.pricing for name, model in models if model.pricing}

    def get_all_context_windows(self, provider: str) -> "dict[str, int]":
        """Return the known context windows of a provider's models by id."""
        models = self.get_all_models(provider).items()
        return {name: m.context_window for name, m in models if m.context_window}

    # many models

    def list_all(self) -> "list[Model]":
        """Return the models of all providers, sorted by ref."""
        return self.find()

    def list_for_provider(self, provider: str, *, live: bool = False) -> "list[Model]":
        """Return the models of one provider, sorted by ref.

        `live` asks its API, without waiting: a `Listed`, as of `load_models`.
        """
        if live:
            return self.load_models(provider)
        return self.find(provider=self._provider(provider))

    def _provider(self, name: str) -> str:
        return self._ask(lambda catalog: provider_in(catalog, name))

    def find_by_capabilities(self, capabilities: "Iterable[str]") -> "list[Model]":
        """Return the models that have all the capabilities."""
        return self.find(capabilities=capabilities)

    def find_by_min_context(self, tokens: int) -> "list[Model]":
        """Return the models with at least so large a context, largest first."""
        least = read_bound("context", tokens, None)
        return self.find(min_context=least, sort="-context")

    def find_by_cost_range(
        self,
        input: "tuple[Price | None, Price | None] | None" = None,  # noqa: A002
        output: "tuple[Price | None, Price | None] | None" = None,
    ) -> "list[Model]":
        """Return the models priced within the ranges, ends included, cheapest first.

        Ranges are (least, most) in USD per 1,000,000 tokens; None or infinity is
        an open end. A model whose price is not known is left out. The order is by
        input, or by output when only that is given. Raises InvalidInputError for
        what is no range and for an empty one.
        """
        terms: dict[str, Any] = {}
        for name, bounds in (("input", input), ("output", output)):
            if bounds is not None:
                least, most = _read_range(name, bounds)
                terms[f"min_{name}_price"], terms[f"max_{name}_price"] = least, most
        sort = "output" if input is None and output is not None else "input"
        return self.find(**terms, sort=sort)

    def compare(self, models: "Iterable[Named]") -> "Comparison":
        """Put models side by side: facts, capabilities, and where they differ.

        A model is named by its ref, by (provider, id), or is a Model.
        """
        from modeldex.usecases.compare import compare

        return compare([model_of(self, named) for named in models])

    def recommend(
        self,
        query: "str | Query | None" = None,
        /,
        *,
        prefer_local: bool = False,
        **terms: "Unpack[Terms]",
    ) -> "list[Recommendation]":
        """Rank the chat models that answer a query, with the reasons of each score.

        The best five, unless `limit` says otherwise.
        """
        from modeldex.usecases.recommend import recommend

        asked = self.query(query, **terms)
        if asked.sort is not None:
            message = "recommend orders by its score; leave sort out"
            raise InvalidQueryError(message)
        if not any(field == "mode" for field, _, _ in asked.terms):
            asked = both(asked, Query([("mode", "in", ("chat",))]))
        providers = self._ask(lambda catalog: catalog.snapshot.providers)
        kinds = {name: facts.get("kind") for name, facts in providers.items()}
        models = self.find(Query(asked.terms))
        end = asked.offset + (_RECOMMENDED if asked.limit is None else asked.limit)
        found = recommend(models, kinds, prefer_local=prefer_local, limit=end)
        return found[asked.offset :]


def _read_range(name: str, bounds: "Any") -> "tuple[Any, Any]":
    """Read the two ends of a price range; None is an open end."""
    try:
        least, most = bounds
    except (TypeError, ValueError):
        message = f"{name}: a range is (least, most), not {bounds!r}"
        raise InvalidInputError(message) from None
    ends = []
    for end in (least, most):
        opened = end is None or (end == float("inf") and end is most)
        ends.append(None if opened else read_bound(name, end, None))
    low, high = ends
    if low is not None and high is not None and low > high:
        message = f"{name}: the range from {low} to {high} is empty"
        raise InvalidInputError(message)
    return low, high
