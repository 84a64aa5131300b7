"""What a mirror is made of: the other side, what is kept of it, how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from modeldex.catalog import Snapshot


@dataclass(frozen=True, slots=True)
class Said:
    """A manifest as it was answered, with what to ask with the next time."""

    body: bytes
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """An event of a stream: its id, its kind, its data."""

    id: str
    kind: str
    data: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What is on disk: a manifest, its snapshot, and when it was last confirmed."""

    said: Said
    snapshot: Snapshot
    confirmed: float


@dataclass(frozen=True, slots=True)
class MirrorStatus:
    """How a mirror stands: which tier answers, of which revision, and how old it is.

    `tier` is live, where the last question was answered; last known; or shipped. `age`
    is the seconds since the other side last confirmed what is served, None for never;
    `events` whether its events are heard, None where it has none. `trouble` says why
    the last question failed, "" where it did not.
    """

    url: str
    tier: str
    id: str = ""
    epoch: str = ""
    revision: int = 0
    digest: str = ""
    updated_at: str = ""
    age: float | None = None
    events: bool | None = None
    trouble: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


class Upstream(Protocol):
    """The other side, asked over HTTP; each call raises SourceError."""

    @property
    def url(self) -> str:
        """Its base URL."""

    def manifest(self, known: Said | None) -> Said | None:
        """Ask for the manifest; None where it is the one that is known."""

    def fetch(self, path: str) -> bytes:
        """Fetch a file below the base."""

    def listen(
        self, path: str, seconds: float, last: str, hear: Callable[[Heard], bool]
    ) -> None:
        """Give events to `hear` until it returns False, or the seconds are over."""

    def hang_up(self) -> None:
        """End a `listen` of another thread, now and for good."""


class Keeping(Protocol):
    """Where what is known is kept, that it outlives the process."""

    def load(self) -> Kept | None:
        """Return what is kept and sound; None for nothing."""

    def keep(self, sha256: str, data: bytes) -> Snapshot:
        """Keep a snapshot; return it opened, from memory where nothing can be kept."""

    def note(self, said: Said) -> None:
        """Keep the manifest, whose snapshot is kept already."""

    def confirm(self) -> None:
        """Note that what is kept was confirmed now."""
