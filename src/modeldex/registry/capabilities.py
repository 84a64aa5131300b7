"""What models can do: the registry's questions about capabilities."""

from modeldex.catalog import Lookup
from modeldex.registry.named import model_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Unpack

    from modeldex.catalog.finder import Terms
    from modeldex.registry import Named
    from modeldex.usecases.capabilities import Ability, Supporting


class AboutCapabilities(Lookup):
    """Abilities of models: each is yes, no or unknown."""

    __slots__ = ()

    def supports(self, ref: "Named", capability: str) -> "bool | None":
        """Return whether a model has a capability: True, False, or None for unknown.

        Any spelling of the capability will do. Raises UnknownModelError, and
        InvalidQueryError with near names for an unknown capability.
        """
        return self.get_capability_details(ref, capability).supported

    def get_capability_details(self, ref: "Named", capability: str) -> "Ability":
        """Return a model's capability with its parameters, and the source of it.

        Raises UnknownModelError, and InvalidQueryError for an unknown capability.
        """
        from modeldex.usecases.capabilities import ability_of

        return ability_of(model_of(self, ref), capability)

    def models_by_capability(
        self, capability: str, **terms: "Unpack[Terms]"
    ) -> "Supporting":
        """Return the refs of the models that have it, have it not, or may have it.

        The terms are those of `find`; retired models are left out as there. Raises
        InvalidQueryError.
        """
        from modeldex.catalog.query import Query
        from modeldex.usecases.capabilities import supporting

        return self._ask(
            lambda catalog: supporting(
                catalog, capability, Query.of(terms, catalog.vocabulary)
            )
        )

    def list_features(self) -> "list[str]":
        """Return the names of all capabilities of the vocabulary, sorted."""
        from modeldex.domain.capability import CAPABILITIES

        return sorted(CAPABILITIES)

    def describe_capability(self, capability: str) -> "dict[str, Any]":
        """Return title, meaning, aliases, parameters, implied ones, and counts.

        The counts are of models that are not retired. Raises InvalidQueryError.
        """
        from modeldex.usecases.capabilities import counts, describe

        about = describe(capability)
        return about | self._ask(counts)[about["capability"]]

    def capability_counts(self) -> "dict[str, dict[str, int]]":
        """Return per capability how many models have it: yes, no and unknown."""
        from modeldex.usecases.capabilities import counts

        return self._ask(counts)
