"""Who asks, and what they may: tokens, roles, and the policy of a route."""

from __future__ import annotations

import time
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from modeldex.errors import ForbiddenError, UnauthorizedError
from modeldex.server.route import Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from modeldex.domain.token import Token

_BEARER = b"bearer "
_ORDER = {policy.value: place for place, policy in enumerate(Policy)}


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever gave a token that is known."""

    name: str
    role: str


class Access:
    """Tells callers apart.

    `tokens` gives the tokens that are in force by the hash of their secret; `reading`
    is whether reading needs none.
    """

    def __init__(
        self, tokens: Callable[[], Mapping[str, Token]], *, reading: bool
    ) -> None:
        self._tokens = tokens
        self.reading = reading

    def caller(self, authorization: bytes | None) -> Caller | None:
        """Return who gave an Authorization header; None for nobody that is known."""
        if authorization is None or authorization[:7].lower() != _BEARER:
            return None
        secret = authorization[7:].strip()
        # the whole hash is the key: looking it up tells nothing of the secret
        token = self._tokens().get(sha256(secret).hexdigest())
        if token is None or token.is_over(time.strftime("%Y-%m-%d", time.gmtime())):
            return None
        return Caller(token.name, token.role)

    def may(self, policy: Policy, caller: Caller | None, *, given: bool) -> None:
        """Let a caller pass; `given` says whether there was a token at all.

        On a route that is open to reading an unknown token counts as none, as OpenAI's
        clients always send one. Raises UnauthorizedError, ForbiddenError.
        """
        if policy is Policy.OPEN:
            return
        if caller is None:
            if policy is Policy.READ and self.reading:
                return
            what = "is not known, revoked or over" if given else "is needed"
            message = f"a token {what}: Authorization: Bearer mdx_…"
            raise UnauthorizedError(message)
        if _ORDER[caller.role] < _ORDER[policy.value]:
            message = f"the role {caller.role} may not do this; {policy.value} may"
            raise ForbiddenError(message)
