"""Who asks, and what they may: tokens, roles, and the policy of a route."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from modeldex.domain.access import ACTIVE, hash_of
from modeldex.errors import (
    ForbiddenError,
    ModeldexError,
    StoreUnavailableError,
    UnauthorizedError,
)
from modeldex.server.route import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from modeldex.domain.access import Token
    from modeldex.registry.access import Tokens

LOOK = 1.0  # seconds between two looks at the store
_BEARER = b"bearer "
_ORDER = {policy.value: place for place, policy in enumerate(Policy)}
_LOG = logging.getLogger("modeldex.server")


class TokenBook:
    """The tokens that are in force, in memory; looked after in a thread.

    While the store is away those that were known stay known.
    """

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._serial = -1
        self._used: set[Token] = set()
        self._noted: set[tuple[int, str]] = set()
        self._lock = Lock()
        self._stop = Event()
        self._thread: Thread | None = None
        self._trouble = ""
        self.known: Mapping[str, Token] = {}

    @property
    def is_read(self) -> bool:
        """Whether the tokens were read at all."""
        return self._serial >= 0

    def start(self) -> Self:
        """Look at once, then each second."""
        self.look()
        self._thread = Thread(target=self._run, name="modeldex-tokens", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """End it."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(LOOK)

    def look(self) -> None:
        """Read the tokens where there are others, and note which were used."""
        try:
            serial = self._tokens.serial()
            if serial != self._serial:
                self.known = self._tokens.known()
                self._serial = serial
            while self._used:
                token = next(iter(self._used))
                self._tokens.used(token)
                with self._lock:  # what fails is tried again
                    self._used.discard(token)
            trouble = ""
        except (ModeldexError, OSError) as error:
            trouble = str(error)
        if trouble != self._trouble:
            _LOG.warning("tokens: %s", trouble or "the store answers again")
            self._trouble = trouble

    def use(self, token: Token, day: str) -> None:
        """Have it noted that a token is used on a day; nobody waits for it."""
        mark = (token.number, day)
        if token.last_used >= day or mark in self._noted:
            return
        with self._lock:
            self._noted.add(mark)
            self._used.add(token)

    def _run(self) -> None:
        while not self._stop.wait(LOOK):
            self.look()


class Access:
    """Tells callers apart; `reading` is whether reading needs no token."""

    def __init__(self, book: TokenBook | None, *, reading: bool) -> None:
        self._book = book
        self.reading = reading

    def caller(self, authorization: bytes | None) -> Token | None:
        """Return who gave an Authorization header; None for nobody that is known."""
        book = self._book
        if book is None or authorization is None:
            return None
        if authorization[:7].lower() != _BEARER:
            return None
        secret = authorization[7:].strip().decode("utf-8", "surrogateescape")
        # the whole hash is the key: looking it up tells nothing of the secret
        token = book.known.get(hash_of(secret))
        if token is None:
            return None
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        if token.state(now) != ACTIVE:
            return None
        book.use(token, now[:10])
        return token

    def may(self, policy: Policy, caller: Token | None, *, given: bool) -> None:
        """Let a caller pass; `given` says whether there was a token at all.

        On a route that is open to reading an unknown token counts as none, as OpenAI's
        clients always send one. Raises UnauthorizedError, ForbiddenError, and
        StoreUnavailableError where no token could be looked up yet.
        """
        if policy is Policy.OPEN:
            return
        if caller is None:
            if policy is Policy.READ and self.reading:
                return
            if given and self._book is not None and not self._book.is_read:
                raise StoreUnavailableError("no token was read yet")
            what = "is not known, revoked or over" if given else "is needed"
            message = f"a token {what}: Authorization: Bearer mdx_…"
            raise UnauthorizedError(message)
        if _ORDER[caller.role] < _ORDER[policy.value]:
            message = f"the role {caller.role} may not do this; {policy.value} may"
            raise ForbiddenError(message)
