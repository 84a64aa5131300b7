"""Who may use a server of this store: a group of a Registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modeldex.usecases import access

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from modeldex.domain.access import NewToken, Token
    from modeldex.ports import Store
    from modeldex.usecases.stored import StoredCatalog


class Tokens:
    """Tokens of the store, of which only the hash of the secret is kept."""

    def __init__(self, stored: StoredCatalog, author: Callable[[], str]) -> None:
        self._stored = stored
        self._author = author

    def create(
        self, name: str, role: str, expires: object = None, *, by: str = ""
    ) -> NewToken:
        """Make a token; its `secret` is told now and never again.

        Roles are viewer, contributor, reviewer and admin. `expires` is a span (`90d`),
        a day, which ends it as it begins (UTC), or a time; None for never. `by` is who
        makes it, the user unless given. Raises InvalidInputError, also for the name of
        a token that is not revoked, StoreError.
        """
        store, at = self._store(), self._stored.around.now()
        by = by or self._author()
        return access.create(store, name, role, expires=expires, by=by, at=at)

    def list(self) -> list[Token]:
        """Return all tokens, revoked ones too, the oldest first."""
        store = self._stored.store()
        return [] if store is None else store.tokens.list()

    def revoke(self, which: str | int, *, by: str = "") -> Token:
        """End a token, of a name or a number, for good; raise NotFoundError."""
        store, at = self._store(), self._stored.around.now()
        return access.revoke(store, which, by=by or self._author(), at=at)

    def known(self) -> Mapping[str, Token]:
        """Return the tokens that are not revoked, by the hashes of their secrets.

        Whether one is over is asked of its `state` at the time of its use.
        """
        return {token.hash: token for token in self.list() if not token.revoked_at}

    def serial(self) -> int:
        """Return a number that grows with each token made or revoked."""
        store = self._stored.store()
        return 0 if store is None else store.tokens.serial()

    def used(self, token: Token) -> Token:
        """Note that a token is used today; return it as it is now.

        It writes, so ask only where its `last_used` is another day. Raises
        NotFoundError, StoreError.
        """
        day = self._stored.around.today()
        return access.used(self._store(), token.number, day=day)

    def now(self) -> str:
        """Return the time by which tokens expire, UTC, ISO text."""
        return self._stored.around.now()

    def _store(self) -> Store:
        store = self._stored.store(create=True)
        assert store is not None  # noqa: S101  a store that is made is there
        return store
