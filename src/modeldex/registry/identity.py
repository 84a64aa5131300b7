"""What a text means, and who else serves a model."""

from modeldex.catalog import Lookup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from modeldex.domain.resolution import Resolution


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
