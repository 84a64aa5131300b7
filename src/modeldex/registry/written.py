"""What a Registry's catalogue was written by: edits and revisions, made when asked."""

from modeldex.catalog import Lookup
from modeldex.errors import InvalidInputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from modeldex.registry.edits import Edits, Revisions
    from modeldex.usecases.stored import StoredCatalog

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

    def _written(self) -> "tuple[StoredCatalog, Callable[[], str]]":
        if self._writing is None:
            message = "a catalogue opened at a path is not written to; edit its YAML"
            raise InvalidInputError(message)
        if not isinstance(self._writing, tuple):
            self._writing = self._writing(self)
        return self._writing
