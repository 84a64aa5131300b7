"""Tokens: made, revoked, and what is known of them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from difflib import get_close_matches
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from modeldex.domain.access import PREFIX, ROLES, NewToken, Token, hash_of
from modeldex.domain.moment import read_moment
from modeldex.errors import InvalidInputError, NotFoundError
from modeldex.usecases.lifecycle import read_span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from modeldex.ports import Store

_BYTES = 32  # 256 random bits
_DIGITS = 10  # more than any number of a token has
# no name is a number: those are the numbers of tokens
_NAME = re.compile(r"(?!\d+\Z)[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_SPAN = re.compile(r"\s*\d+\s*[a-z]*\s*", re.IGNORECASE)


def create(  # noqa: PLR0913  who, what, until when, at what time
    store: Store, name: str, role: str, *, expires: object, by: str, at: str
) -> NewToken:
    """Make a token; raise InvalidInputError, also where the name is taken.

    `expires` is a span (`90d`), a day or a time; None for never.
    """
    if not _NAME.fullmatch(name):
        raise InvalidInputError(
            f"{name[:80]!r} is no name of a token: up to 64 of a-z A-Z 0-9 . _ @ -, "
            "a letter or digit first, not a number alone"
        )
    if role not in ROLES:
        raise InvalidInputError(f"{role!r} is no role; one of {', '.join(ROLES)}")
    until = _read_end(expires, at)
    secret = PREFIX + token_urlsafe(_BYTES)
    token = Token(name, role, hash_of(secret), by, at, until)
    with store.turn():
        if any(t.name == name and not t.revoked_at for t in store.tokens.list()):
            raise InvalidInputError(
                f"there is a token {name} already; revoke it, or take another name"
            )
        return NewToken(secret, store.tokens.put(token))


def revoke(store: Store, which: str | int, *, by: str, at: str) -> Token:
    """End a token, of a name or a number; one that is revoked stays as it is.

    Raises NotFoundError.
    """
    with store.turn():
        found = find(store.tokens.list(), which)
        if found.revoked_at:
            return found
        return store.tokens.put(replace(found, revoked_by=by, revoked_at=at))


def used(store: Store, number: int, *, day: str) -> Token:
    """Note the day on which a token was last used; raise NotFoundError."""
    with store.turn():
        found = find(store.tokens.list(), number)
        if found.last_used >= day:
            return found
        return store.tokens.put(replace(found, last_used=day))


def find(tokens: Iterable[Token], which: str | int) -> Token:
    """Return the token of a name, the last one of it, or of a number."""
    named = {token.name: token for token in tokens}  # in the order of their numbers
    numbered = {token.number: token for token in tokens}
    text = str(which)
    is_number = text.isdecimal() and len(text) < _DIGITS
    found = numbered.get(int(text)) if is_number else named.get(text)
    if found is None:
        near = get_close_matches(text, named, 3)
        raise NotFoundError(f"there is no token {text[:80]}", near)
    return found


def _read_end(expires: object, at: str) -> str:
    """Return when a token ends, "" for never; a day ends it as it begins."""
    if expires is None or expires == "":
        return ""
    now = datetime.fromisoformat(at)
    if isinstance(expires, int) or (
        isinstance(expires, str) and _SPAN.fullmatch(expires)
    ):
        days = read_span(expires)
        end = now + timedelta(days=days)
    else:
        moment = read_moment(expires)
        day = datetime.fromisoformat(moment.day)
        end = moment.time or datetime.combine(day, time(), UTC)
    if end <= now:
        raise InvalidInputError(f"a token that ends at {end.isoformat()} is over now")
    return end.astimezone(UTC).isoformat(timespec="milliseconds")
