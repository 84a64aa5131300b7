"""What others follow of a registry: its manifest and snapshots."""

from modeldex.registry.written import Written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from modeldex.usecases.publishing import Publication


class Published(Written):
    """A catalogue that others may follow, and that may follow another one."""

    __slots__ = ()

    def publication(self, events: str = "") -> "Publication":
        """Return the manifest and the snapshots by which others follow.

        `events` is the path of a stream of events, where there is one. It is made
        anew by each call and takes about a second: keep it while `digest` is the same.
        """
        from modeldex.usecases.publishing import publish

        stored, _ = self._written()
        return publish(
            *stored.published(), version=stored.around.version, events=events
        )
