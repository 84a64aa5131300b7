"""What a Registry's catalogue was written by: edits and revisions, made when asked."""

from modeldex.catalog import Lookup
from modeldex.errors import InvalidInputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from modeldex.registry.access import Tokens
    from modeldex.registry.edits import Edits, Revisions
    from modeldex.registry.sync import Reviews, Sources
    from modeldex.usecases.stored import StoredCatalog
    from modeldex.usecases.sync.schedule import KeepFresh

    Writing = Callable[[Lookup], tuple[StoredCatalog, Callable[[], str]]]


class Written(Lookup):
    """A catalogue that can be written to."""

    __slots__ = ()

    @property
    def edits(self) -> "Edits":
        """Writing by hand: `set`, `add`, `remove`, `pin`, `unpin`, `disable`, `enable`.

        Raises InvalidInputError for a catalogue opened at a path.
        """
        from modeldex.registry.edits import Edits

        return Edits(*self._written())

    @property
    def revisions(self) -> "Revisions":
        """What was written: `log`, `get`, `changes`, `diff`, `rollback`, `verify`."""
        from modeldex.registry.edits import Revisions

        return Revisions(*self._written())

    @property
    def sources(self) -> "Sources":
        """Where facts come from: `sync`, `conflicts`, `verdict`, `known`."""
        from modeldex.registry.sync import Sources

        stored, author = self._written()
        return Sources(stored, author, stored.around.desk)

    @property
    def reviews(self) -> "Reviews":
        """What guards hold back: `list`, `get`, `accept`, `reject`."""
        from modeldex.registry.sync import Reviews

        return Reviews(*self._written())

    @property
    def tokens(self) -> "Tokens":
        """Who may use a server of the store: `create`, `list`, `revoke`, `known`."""
        from modeldex.registry.access import Tokens

        return Tokens(*self._written())

    def keep_fresh(self, *names: str, every: "float | None" = None) -> "KeepFresh":
        """Sync from now on, each source when it is due, in a thread of its own.

        As `sources.keep_fresh`: it ends with its `stop()`, or with a `with` block.
        """
        return self.sources.keep_fresh(*names, every=every)

    def _written(self) -> "tuple[StoredCatalog, Callable[[], str]]":
        if self._writing is None:
            raise InvalidInputError(self._refusal())
        if not isinstance(self._writing, tuple):
            self._writing = self._writing(self)
        return self._writing

    def _refusal(self) -> str:
        """Return why this catalogue is not written to."""
        return "a catalogue opened at a path is not written to; edit its YAML"
