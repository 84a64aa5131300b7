"""Tokens as rows, and back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update

from modeldex.domain.access import Token
from modeldex.stores.tables import token as table

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy.engine import Connection

    Connecting = Callable[[], AbstractContextManager[Connection]]

_COLUMNS = tuple(column.name for column in table.c)


class SqlTokens:
    """The tokens of a store in a database."""

    def __init__(
        self, there: Callable[[], bool], reading: Connecting, writing: Connecting
    ) -> None:
        self._there = there
        self._reading = reading
        self._writing = writing

    def list(self) -> list[Token]:
        """Return all, revoked ones too, the oldest first."""
        if not self._there():
            return []
        with self._reading() as connection:
            return read_tokens(connection)

    def put(self, token: Token) -> Token:
        """Write one: without a number it is a new one and gets the next."""
        with self._writing() as connection:
            if token.number:
                query = update(table).where(table.c.number == token.number)
                connection.execute(query.values(_row(token)))
                return token
            last = connection.execute(select(func.max(table.c.number))).scalar() or 0
            made = replace(token, number=last + 1)
            connection.execute(insert(table), _row(made))
            return made

    def serial(self) -> int:
        """Return a number that grows with each token made or revoked."""
        if not self._there():
            return 0
        ended = func.count().filter(table.c.revoked_at != "")
        with self._reading() as connection:
            made, revoked = connection.execute(select(func.count(), ended)).one()
        return int(made + revoked)


def read_tokens(connection: Connection) -> list[Token]:
    """Return all tokens, the oldest first."""
    rows = connection.execute(select(table).order_by(table.c.number)).mappings()
    return [Token(**row) for row in rows]


def replace_tokens(connection: Connection, tokens: list[Token]) -> None:
    """Put tokens in the place of all that are there, where there are any to put."""
    if tokens:
        connection.execute(delete(table))
        connection.execute(insert(table), [_row(token) for token in tokens])


def _row(token: Token) -> dict[str, Any]:
    return {name: getattr(token, name) for name in _COLUMNS}
