"""Who may ask over HTTP: whoever has a token, unless reading is open to all."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import anyio

from modeldex.domain.access import ACTIVE, hash_of
from modeldex.errors import ModeldexError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modeldex.domain.access import Token
    from modeldex.registry.access import Tokens

_SECONDS = 1.0  # after which a revoked token is refused
_SCHEME = "bearer "


class NeedsToken:
    """An ASGI application that a token of any role opens."""

    def __init__(self, app: Any, tokens: Tokens) -> None:
        self._app = app
        self._tokens = tokens
        self._known: Mapping[str, Token] | None = None
        self._looked = 0.0
        self._noted: set[tuple[int, str]] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on, or answer 401, or 503 while no token can be known."""
        if scope["type"] == "http":
            known = await self._now_known()
            if known is None:
                await _refuse(
                    send, 503, "the store cannot be read", b"retry-after", b"5"
                )
                return
            token = known.get(hash_of(_secret(scope)))
            now = self._tokens.now()
            if token is None or token.state(now) != ACTIVE:
                said = "a token is needed: modeldex token create NAME --role viewer"
                await _refuse(send, 401, said, b"www-authenticate", b"Bearer")
                return
            await self._note(token, now[:10])
        await self._app(scope, receive, send)

    async def _note(self, token: Token, day: str) -> None:
        """Note once a day that a token is used; it is no matter where that fails."""
        if token.last_used < day and (token.number, day) not in self._noted:
            self._noted.add((token.number, day))
            with suppress(ModeldexError):
                await anyio.to_thread.run_sync(self._tokens.used, token)

    async def _now_known(self) -> Mapping[str, Token] | None:
        """Return the tokens; the last known ones while the store is away."""
        if self._known is None or time.monotonic() - self._looked >= _SECONDS:
            try:
                self._known = await anyio.to_thread.run_sync(self._tokens.known)
            except ModeldexError:
                return self._known
            self._looked = time.monotonic()
        return self._known


def _secret(scope: Any) -> str:
    """Return the bearer token of a request, "" for none."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            text: str = value.decode("latin-1")
            if text.lower().startswith(_SCHEME):
                return text[len(_SCHEME) :].strip()
    return ""


async def _refuse(send: Any, status: int, said: str, name: bytes, value: bytes) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (name, value)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{said}\n".encode()})
