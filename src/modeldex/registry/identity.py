"""What a text means, and who else serves a model."""

from modeldex.catalog import Lookup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from modeldex.catalog import Catalog
    from modeldex.domain.resolution import Resolution
    from modeldex.usecases.everywhere import Everywhere


class AboutIdentity(Lookup):
    """Questions of identity: other spellings, other providers."""

    __slots__ = ()

    def resolve(self, text: str, provider: "str | None" = None) -> "Resolution":
        """Return the model that a text means, and the rule that says so.

        Without a provider, the text goes to the provider that spells ids so, else
        to the author's own entry. Raises UnknownModelError or AmbiguousModelError,
        with candidates, InvalidRefError for what is no name, and
        UnknownProviderError.
        """
        from modeldex.catalog.identity.resolving import resolve

        return self._ask(lambda catalog: resolve(catalog, text, provider))

    def everywhere(self, name: str) -> "Everywhere":
        """Return who serves a model, at which price and limits, and what differs.

        A name is a canonical id, with or without its author, a ref, or what
        `resolve` reads; it raises what that raises. Prices are USD per 1,000,000
        tokens.
        """
        from modeldex.catalog.identity.serving import everywhere as entries
        from modeldex.usecases.everywhere import everywhere

        def answer(catalog: "Catalog") -> "Everywhere":
            providers = catalog.snapshot.providers
            kinds = {name: facts.get("kind") for name, facts in providers.items()}
            return everywhere(entries(catalog, name), kinds)

        return self._ask(answer)
