"""Questions that go outside, and only these: live lists, local servers."""

from modeldex.errors import NotFoundError
from modeldex.registry.written import Written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from modeldex.domain.listed import Listed
    from modeldex.ports import Source
    from modeldex.usecases.local_models import LocalModels
    from modeldex.usecases.sync.run import Desk


class Live(Written):
    """What a registry asks outside; `_asking` opens it, when it is asked."""

    __slots__ = ()
    if TYPE_CHECKING:
        _asking: "Callable[[Live], Any] | None"
        _outside: Any

        def _provider(self, name: str) -> str: ...

    def load_models(
        self,
        provider: str,
        *,
        force_refresh: bool = False,
        wait: float | None = None,
    ) -> "Listed":
        """Return a provider's models from the freshest tier: see `Listed`.

        An answer of its API that is fresh enough, else the last good one, else the
        catalogue, while the API is asked in the background. `force_refresh` asks it
        anew and waits, at most `wait` seconds (30). A key that is not set, and an API
        that does not answer, is a word in `error`. Raises UnknownProviderError.
        """
        outside = self._asked()
        place = self._place(provider)
        if outside is None:
            return self._of_catalogue(place)
        server = outside.has_server(place)
        if server:
            seconds = wait if force_refresh else 0.0
            local: LocalModels = outside.local(server)
            return local.list(force_refresh=force_refresh, wait=seconds)
        longest = {} if wait is None else {"wait": wait}
        found: Listed = outside.lists.list(place, force=force_refresh, **longest)
        return found

    @property
    def ollama(self) -> "LocalModels":
        """The Ollama server of OLLAMA_HOST: `list`, `get_model_details`, …."""
        return self.local("ollama")

    def local(self, server: str) -> "LocalModels":
        """Return the models of a local server: ollama, lmstudio, vllm, one's own.

        Raises InvalidInputError for an unknown one.
        """
        outside = self._asked()
        if outside is None:
            from modeldex.errors import InvalidInputError

            raise InvalidInputError("this registry asks no servers")
        found: LocalModels = outside.local(server)
        return found

    def clear_cache(self, provider: "str | None" = None) -> None:
        """Forget what APIs and local servers answered: of a provider, or all of it.

        What they last answered is on disk still, for when they do not answer. Raises
        UnknownProviderError.
        """
        outside = self._asked()
        place = None if provider is None else self._place(provider)
        if outside is not None:
            outside.clear_cache(place)

    def local_servers(self) -> "list[str]":
        """Return the names of the local servers that can be asked."""
        outside = self._asked()
        names: list[str] = [] if outside is None else outside.server_names()
        return names

    def _asked(self) -> "Any":
        if self._outside is None and self._asking is not None:
            self._outside = self._asking(self)
        return self._outside

    def _place(self, provider: str) -> str:
        """Return the id of a provider, or the name of an own source for one."""
        try:
            return self._provider(provider)
        except NotFoundError:
            outside = self._asked()
            if outside is not None and outside.knows(provider):
                return provider
            raise

    def _of_catalogue(self, provider: str) -> "Listed":
        from modeldex.domain.listed import TIER_CATALOGUE, Listed
        from modeldex.usecases.live_lists import catalogue_models

        models = catalogue_models(self.catalog, provider)
        return Listed(models, TIER_CATALOGUE, None, "this registry asks no sources")

    def _open_desk(self) -> "tuple[Desk, Sequence[Source]]":
        """Return what sources are asked with."""
        stored, _ = self._written()
        return stored.around.desk(stored)
