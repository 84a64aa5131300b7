"""What the use cases need of the outside, as small Protocols."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from modeldex.domain import Value, set_slot
from modeldex.domain.change import revision_meta

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from modeldex.domain.access import Token
    from modeldex.domain.change import Change, Facts, Key
    from modeldex.domain.local_model import LocalFacts
    from modeldex.domain.syncing import (
        Answer,
        Listing,
        Memory,
        Review,
        SourceState,
    )


class Head(Value):
    """Where a store is: its last revision (0 for none), that one's hash, its epoch.

    The epoch names the store's line of history: a restored copy gets another one.
    """

    __slots__ = ("epoch", "hash", "revision")
    revision: int
    hash: str
    epoch: str

    def __init__(self, revision: int, hash: str, epoch: str) -> None:  # noqa: A002
        set_slot(self, "revision", revision)
        set_slot(self, "hash", hash)
        set_slot(self, "epoch", epoch)


class Claim(Value):
    """What a source said of one field when a revision was made."""

    __slots__ = ("field", "model", "observed_at", "provider", "source", "value")
    provider: str
    model: str
    field: str
    source: str
    value: Any
    observed_at: str

    def __init__(  # noqa: PLR0913
        self,
        provider: str,
        model: str,
        field: str,
        source: str,
        *,
        value: Any,
        observed_at: str,
    ) -> None:
        set_slot(self, "provider", provider)
        set_slot(self, "model", model)
        set_slot(self, "field", field)
        set_slot(self, "source", source)
        set_slot(self, "value", value)
        set_slot(self, "observed_at", observed_at)


class Draft(Value):
    """What is to become a revision: its changes, by whom, why, and out of what.

    `source` names where the changes come from: `edit`, `rollback`, `modeldex 0.3.0`,
    a source of a sync. `at` is the time in UTC, ISO text. `memory` is what a sync
    remembers beside; it is no part of the revision.
    """

    __slots__ = (
        "at",
        "author",
        "changes",
        "claims",
        "memory",
        "reason",
        "source",
        "url",
    )
    changes: Sequence[Change]
    author: str
    source: str
    reason: str
    at: str
    url: str
    claims: Sequence[Claim]
    memory: Memory | None

    def __init__(  # noqa: PLR0913
        self,
        changes: Iterable[Change],
        *,
        author: str,
        source: str,
        at: str,
        reason: str = "",
        url: str = "",
        claims: Iterable[Claim] = (),
        memory: Memory | None = None,
    ) -> None:
        set_slot(self, "changes", tuple(changes))
        set_slot(self, "author", author)
        set_slot(self, "source", source)
        set_slot(self, "reason", reason)
        set_slot(self, "at", at)
        set_slot(self, "url", url)
        set_slot(self, "claims", tuple(claims))
        set_slot(self, "memory", memory)

    @property
    def meta(self) -> dict[str, Any]:
        """What the hash covers beside the changes."""
        return revision_meta(self, self.claims)


class Revision(Value):
    """A committed change set, without its changes; `count` is how many they are."""

    __slots__ = (
        "at",
        "author",
        "count",
        "hash",
        "number",
        "parent_hash",
        "reason",
        "source",
        "url",
    )
    number: int
    parent_hash: str
    hash: str
    author: str
    source: str
    reason: str
    at: str
    url: str
    count: int

    def __init__(self, **parts: Any) -> None:
        for name in self.__slots__:
            set_slot(self, name, parts[name])


class Fault(Value):
    """Something that `verify` found: in which revision or table, and what."""

    __slots__ = ("revision", "what", "where")
    revision: int | None
    where: str
    what: str

    def __init__(self, revision: int | None, where: str, what: str) -> None:
        set_slot(self, "revision", revision)
        set_slot(self, "where", where)
        set_slot(self, "what", what)


class Source(Protocol):
    """Where facts come from: asked, it says what models there are and what they are.

    `kind` is api, catalogue, local or registry, which is followed; `provider` is whose
    models it lists, "" for a catalogue of many; `needs` are the variables of which one
    holds its key.
    """

    @property
    def name(self) -> str:
        """Its name, lower case."""

    @property
    def kind(self) -> str:
        """Which of `api`, `catalogue`, `local` and `registry` it is."""

    @property
    def provider(self) -> str:
        """Whose models it lists."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The variables of which one holds the key."""

    @property
    def authority(self) -> frozenset[str]:
        """What it is believed of before all others."""

    @property
    def place(self) -> str:
        """Where it is asked: tells two servers of one name apart; "" for anywhere."""

    def lacks(self) -> str:
        """Return what must be set before it can be asked; "" for nothing."""

    def account(self) -> str | None:
        """Return a mark of the key that it is asked with, which does not tell the key.

        "" where it needs none, None where there is none.
        """

    def ask(self, state: SourceState, at: str) -> Answer:
        """Ask it at a time; `state` is where it was before. Raises SourceError."""


class LocalServer(Protocol):
    """A server of this host or network that holds models."""

    @property
    def name(self) -> str:
        """The name of its source."""

    @property
    def provider(self) -> str:
        """The provider whose models it holds."""

    @property
    def implies_tag(self) -> str:
        """The tag that a name without one has; "" where names are exact."""

    def place(self) -> str:
        """Return its URL. Raises InvalidSettingsError for one that cannot be."""

    def account(self) -> str | None:
        """Return a mark of the key, as of a Source."""

    def is_this_host(self) -> bool:
        """Tell whether its models surely run on this host."""

    def hint(self) -> str:
        """Return how to start it, and how to say where it is."""

    def models(self, known: Mapping[str, LocalFacts], at: str) -> list[LocalFacts]:
        """Ask for its models; details only of what is not `known` by its digest.

        Raises SourceError, InvalidSettingsError, MissingExtraError.
        """


class EventBus(Protocol):
    """Tells other instances that there is a revision, and hears it from them.

    What is told is where a store is, never what is in it. It may be lost, come twice,
    late or from anybody: who hears one looks into the store.
    """

    @property
    def name(self) -> str:
        """Where events go, without a password."""

    def publish(self, head: Head) -> None:
        """Tell that the store is there; raise EventsUnavailableError."""

    def subscribe(self, hear: Callable[[Head], None]) -> Callable[[], None]:
        """Have every event given to `hear`, in a thread of the bus; return an end.

        A bus that is away now or later comes back by itself.
        """

    def is_up(self) -> bool:
        """Tell whether events go through now."""

    def close(self) -> None:
        """Let go of connections."""


class TokenRows(Protocol):
    """The tokens of a store; within a turn they stay as they are read."""

    def list(self) -> list[Token]:
        """Return all, revoked ones too, the oldest first."""

    def put(self, token: Token) -> Token:
        """Write one: without a number it is a new one and gets the next."""

    def serial(self) -> int:
        """Return a number that grows with each token made or revoked."""


class Lease(Protocol):
    """That this instance is the one that syncs, while it holds."""

    def holds(self) -> bool:
        """Tell whether it still does; a connection that broke ends it."""

    def release(self) -> None:
        """Let another instance be the one."""


class Store(Protocol):
    """Revisions and the state that they make; every call may wait for a database.

    Raises StoreError: StoreUnavailableError, StoreFullError, StoreReadOnlyError,
    StoreVersionError, StoreDamagedError.
    """

    @property
    def name(self) -> str:
        """Where the store is, without a password."""

    @property
    def tokens(self) -> TokenRows:
        """Who may use a server of this store."""

    def head(self) -> Head:
        """Return where the store is."""

    def commit(self, draft: Draft, *, expected: int | None = None) -> Revision:
        """Make a draft the next revision, in one transaction.

        Its memory is remembered in it; of the reviews those that are accepted get the
        revision's number. Raises RevisionConflictError when `expected` is not the last
        revision or a change does not start from what is there, InvalidInputError for a
        draft without changes and claims.
        """

    def remember(self, memory: Memory) -> None:
        """Remember of a sync what makes no revision, in one transaction."""

    def lead(self) -> Lease | None:
        """Become the one instance that syncs; None where another one is."""

    def sources(self) -> dict[str, SourceState]:
        """Return where the sync with each source is."""

    def listings(
        self, source: str | None = None, *, missing: bool = False
    ) -> list[Listing]:
        """Return what a source lists, or all of them; what is missing alone."""

    def claims(self, source: str | None = None) -> Iterator[Claim]:
        """Yield the last claim to each field by each source, or by one.

        One whose value is None was taken back.
        """

    def reviews(self, state: str | None = None) -> list[Review]:
        """Return the reviews in a state, or all, the oldest first."""

    def turn(self) -> AbstractContextManager[None]:
        """Be the only writer; what is asked within stays so until the end.

        All that this thread commits within is one transaction: on the disk when the
        turn has ended, and nothing of it is there when it ends by an error. So an
        edit that is planned within meets no conflict.
        """

    def moment(self) -> AbstractContextManager[None]:
        """See one moment: all that this thread asks within is of one head."""

    def outbox(self) -> Head | None:
        """Return the newest revision that nobody has published yet; None for none."""

    def published(self, until: int) -> None:
        """Take out of the outbox what was published: the revisions up to a number."""

    def revision(self, number: int) -> Revision:
        """Return a revision; raise UnknownRevisionError."""

    def revisions(
        self, *, after: int = 0, limit: int | None = None, newest: bool = False
    ) -> list[Revision]:
        """Return revisions beyond a number, in their order or the newest first."""

    def changes(
        self, after: int, until: int | None = None
    ) -> Iterator[tuple[int, Change]]:
        """Yield the changes of revisions after < n <= until with their numbers."""

    def changes_of(self, provider: str, model: str) -> list[tuple[int, Change]]:
        """Return all changes of one model, of both layers, in their order."""

    def claims_of(
        self, after: int, until: int | None = None
    ) -> Iterator[tuple[int, Claim]]:
        """Yield the claims of revisions after < n <= until, as they were written."""

    def state(self) -> dict[Key, Facts]:
        """Return the state at the head."""

    def facts(self, keys: Iterable[Key]) -> dict[Key, Facts]:
        """Return the facts at the head of those keys that are there."""

    def verify(self) -> list[Fault]:
        """Replay everything from the beginning; return what is not as it must be."""

    def close(self) -> None:
        """Let go of connections."""
