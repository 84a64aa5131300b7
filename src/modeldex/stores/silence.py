"""A PostgreSQL that is silent: it works for long, or it has stopped where it stands.

The driver waits for ever. Here, after a while without an answer, the server is asked by
another connection whether it is there; if that gets no answer either, the first one is
given up. Who waits for a lock or for a large statement waits on.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import make_conninfo

if TYPE_CHECKING:
    from collections.abc import Generator

SILENT_SECONDS = 1.5
_ASK_SECONDS = 2  # the least that the driver takes


class Watched(psycopg.Connection[Any]):
    """A connection whose server must be there while it is silent."""

    asked: str  # with what another one is made

    def wait(self, gen: Any, *args: Any, **options: Any) -> Any:
        """Go through a talk with the server; raise OperationalError."""
        return super().wait(self._watch(gen), *args, **options)

    def _watch(self, talk: Any) -> Generator[Any, Any, Any]:
        since = time.monotonic()
        try:
            wanted = next(talk)
            while True:
                ready = yield wanted
                now = time.monotonic()
                if ready:
                    since = now
                elif now - since > SILENT_SECONDS:
                    self._refuse_silent()
                    since = time.monotonic()
                wanted = talk.send(ready)
        except StopIteration as end:
            return end.value

    def _refuse_silent(self) -> None:
        """Raise OperationalError where the server answers nobody."""
        try:
            psycopg.connect(self.asked, connect_timeout=_ASK_SECONDS).close()
        except psycopg.OperationalError as error:
            if "FATAL" in str(error):  # it has an answer: too many connections
                return
            self.pgconn.finish()
            raise psycopg.OperationalError("the server does not answer") from error


def connect(dialect: Any, record: Any, words: Any, params: Any) -> Watched:  # noqa: ARG001
    """Connect as SQLAlchemy would."""
    made = Watched.connect(*words, **params)
    known = {n: v for n, v in params.items() if n not in ("context", "connect_timeout")}
    made.asked = make_conninfo(*words, **known)
    return made
