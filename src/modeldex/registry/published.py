"""What others follow of a registry: its manifest and snapshots."""

from modeldex.errors import InvalidInputError
from modeldex.registry.written import Written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from modeldex.usecases.mirroring import Mirror
    from modeldex.usecases.publishing import Publication
    from modeldex.usecases.site import Tick, View
    from modeldex.usecases.site_folder import SiteReport


class Published(Written):
    """A catalogue that others may follow, and that may follow another one."""

    __slots__ = ()
    if TYPE_CHECKING:
        _mirror: Mirror | None

    @property
    def mirror(self) -> "Mirror | None":
        """What follows a registry at a URL: `status()`; None for any other."""
        return self._mirror

    def close(self) -> None:
        """End what runs beside: a mirror's thread; write what waits to be written.

        What was read goes on being answered.
        """
        if self._mirror is not None:
            self._mirror.close()
        if isinstance(self._writing, tuple):
            self._writing[0].flush()

    def __enter__(self) -> "Self":
        return self

    def __exit__(
        self,
        kind: "type[BaseException] | None",
        error: "BaseException | None",
        trace: "TracebackType | None",
    ) -> None:
        self.close()

    def publication(self, events: str = "") -> "Publication":
        """Return the manifest and the snapshots by which others follow.

        `events` is the path of a stream of events, where there is one. It is made
        anew by each call and takes half a second: keep it while `digest` is the same.
        Raises InvalidInputError for a catalogue opened at a path.
        """
        from modeldex.usecases.publishing import publish

        if self._mirror is not None:
            return self._mirror.publication(events)
        if self._writing is None:
            raise InvalidInputError(
                "a catalogue opened at a path is nobody's to follow; lay its YAML over "
                "the shipped one (MODELDEX_CATALOG_PATH) and publish that"
            )
        stored, _ = self._written()
        return publish(
            *stored.published(), version=stored.around.version, events=events
        )

    def site(
        self,
        directory: str,
        *,
        events: str = "",
        history: bool = True,
        tick: "Tick | None" = None,
    ) -> "SiteReport":
        """Write the catalogue as plain files, which any file host serves.

        The manifest comes last, and the snapshots of the last three stay, so that who
        reads meanwhile finds what it names. `history` says whether that of each model
        is written, `tick` is told how much of how much is done. Raises
        InvalidInputError for a folder of something else, OSError.
        """
        from modeldex.usecases.site import site_files
        from modeldex.usecases.site_folder import write_site

        publication = self.publication(events)
        view: View = self  # type: ignore[assignment]  # the whole of a Registry is
        files = site_files(view, publication, history=history, tick=tick)
        return write_site(directory, publication, files)

    def _refusal(self) -> str:
        if self._mirror is None:
            return super()._refusal()
        url = self._mirror.url
        return f"{url} is followed here, not written to; write where it is served"
