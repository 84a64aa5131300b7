"""Questions about providers: who they are, what they offer, which one to take."""

from modeldex.catalog import Lookup
from modeldex.catalog.resolve import provider_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from modeldex.catalog import Catalog
    from modeldex.domain.provider import Provider
    from modeldex.usecases.provider_choice import ProviderChoice
    from modeldex.usecases.provider_matrix import ProviderMatrix
    from modeldex.usecases.providers import ProviderComparison

    Names = str | Iterable[str]
    Facts = Mapping[str, Any]


class AboutProviders(Lookup):
    """What a registry answers about providers.

    A provider is named by its id or another spelling; an unknown one raises
    UnknownProviderError with suggestions. What is not known of it is None.
    """

    __slots__ = ()

    def providers(self) -> "list[str]":
        """Return the ids of all providers, sorted."""
        return self._ask(lambda catalog: sorted(catalog.snapshot.providers))

    def get_provider(self, provider: str) -> "Provider":
        """Return a provider by its id or another spelling."""
        from modeldex.domain.provider import Provider

        def answer(catalog: "Catalog") -> "Provider":
            found = provider_in(catalog, provider)
            return Provider(found, catalog.snapshot.providers[found])

        return self._ask(answer)

    def provider_info(self, provider: str) -> "dict[str, Any]":
        """Return a provider's facts: name, kind, env, api, docs, number of models."""
        return self.get_provider(provider).as_dict()

    def list_providers(self) -> "list[str]":
        """Return the ids of all providers, sorted."""
        return self.providers()

    def _of_provider(self, name: str, question: "Callable[[Facts], Any]") -> "Any":
        """Ask something of a provider's facts as they are in the catalogue."""
        return self._ask(
            lambda catalog: question(
                catalog.snapshot.providers[provider_in(catalog, name)]
            )
        )

    def get_auth_methods(self, provider: str) -> "list[str] | None":
        """Return the ways to authenticate; [] when none is needed."""
        found: list[str] | None = self.get_provider(provider).authentication
        return found

    def get_endpoints(self, provider: str) -> "list[str] | None":
        """Return the kinds of request that a provider takes."""
        found: list[str] | None = self.get_provider(provider).endpoints
        return found

    def get_limitations(self, provider: str) -> "dict[str, dict[str, Any]]":
        """Return the limitations by name, each as {value, unit, note}."""
        from modeldex.usecases.providers import limits_of

        found: dict[str, dict[str, Any]] = self._of_provider(provider, limits_of)
        return found

    def is_local(self, provider: str) -> bool:
        """Tell whether a provider runs on the user's own machine."""
        return bool(self.get_provider(provider).kind == "local")

    def requires_auth(self, provider: str) -> "bool | None":
        """Tell whether a provider wants to know who calls."""
        from modeldex.usecases.providers import requires_auth

        found: bool | None = self._of_provider(provider, requires_auth)
        return found

    def is_configured(
        self, provider: str, environ: "Mapping[str, str] | None" = None
    ) -> "bool | None":
        """Tell whether the environment holds a provider's credentials.

        `environ` is the process's own unless given. What needs no authentication,
        and what is local, is configured.
        """
        from modeldex.usecases.providers import is_configured

        if environ is None:
            from os import environ as own

            environ = own
        found: bool | None = self._of_provider(
            provider, lambda facts: is_configured(facts, environ)
        )
        return found

    def provider_supports(self, provider: str, feature: str) -> "bool | None":
        """Tell whether a provider offers a feature or endpoint, by any of its names.

        What its entry states comes first; where that is silent, a model of it
        with the ability says yes. None when nothing tells.
        """
        from modeldex.usecases.providers import Offers

        def answer(catalog: "Catalog") -> "bool | None":
            found = provider_in(catalog, provider)
            return Offers(catalog).support(found, feature).answer

        return self._ask(answer)

    def find_providers(self, features: "Names" = ()) -> "list[str]":
        """Return the ids of the providers known to offer all the features, sorted.

        Without features, all providers.
        """
        from modeldex.usecases.providers import find_providers

        return self._ask(lambda catalog: find_providers(catalog, features))

    def compare_providers(
        self, providers: "Names", *, missing: str = "raise"
    ) -> "ProviderComparison":
        """Put providers side by side: features, endpoints, authentication, limits.

        An unknown one raises UnknownProviderError, or is left out with
        `missing="drop"`.
        """
        from modeldex.usecases.providers import compare_providers

        return self._ask(
            lambda catalog: compare_providers(catalog, providers, missing=missing)
        )

    def recommend_providers(
        self,
        required_features: "Names" = (),
        preferred_features: "Names" = (),
        **wishes: "Any",
    ) -> "list[ProviderChoice]":
        """Rank the providers that offer all that is required, with reasons.

        Further keywords: `required_endpoints`, `exclude`, `among` (the only
        candidates), `prefer_local`, `prefer_free`, `limit` (10). Scores are from 0
        to 1, ties in order of id. Raises InvalidInputError for no feature.
        """
        from modeldex.usecases.provider_choice import recommend_providers

        return self._ask(
            lambda catalog: recommend_providers(
                catalog, required_features, preferred_features, **wishes
            )
        )

    def provider_matrix(
        self,
        providers: "Names | None" = None,
        features: "Names | None" = None,
        environ: "Mapping[str, str] | None" = None,
    ) -> "ProviderMatrix":
        """Return what each provider offers of each feature, and whether it is set up.

        Without `providers`, those whose entry states endpoints; without `features`,
        the common ones. `environ` is the process's own unless given.
        """
        from modeldex.usecases.provider_matrix import provider_matrix

        if environ is None:
            from os import environ as own

            environ = own
        return self._ask(
            lambda catalog: provider_matrix(catalog, providers, features, environ)
        )
