"""Stores of revisions: SQLite and PostgreSQL, by one definition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modeldex.errors import InvalidSettingsError, MissingExtraError

if TYPE_CHECKING:
    from modeldex.stores.store import SqlStore

# how a URL begins -> (module that its driver is, extra that brings it)
DRIVERS = {
    "sqlite": ("alembic", "sync"),
    "postgresql": ("psycopg", "postgres"),
}


def open_store(url: str) -> SqlStore:
    """Open the store at a URL: `sqlite:///PATH` or `postgresql://…`.

    A store without tables is made by its first commit, never by a question. A
    PostgreSQL URL may say `?schema=NAME`; without, the tables are in `modeldex`. Raises
    MissingExtraError, InvalidSettingsError, StoreUnavailableError, StoreVersionError.
    """
    kind = url.partition(":")[0]
    if "://" not in url or kind not in DRIVERS:
        known = " or ".join(f"{name}://…" for name in DRIVERS)
        raise InvalidSettingsError(f"a store is a URL, {known}")
    _need(kind)
    from modeldex.stores.store import SqlStore

    return SqlStore(url)


def _need(kind: str) -> None:
    """Raise MissingExtraError where a distribution is not installed."""
    from importlib.util import find_spec

    driver, extra = DRIVERS[kind]
    for module in ("sqlalchemy", "alembic", driver):
        if find_spec(module) is None:
            raise MissingExtraError(
                f"the store needs {module}: pip install 'modeldex[{extra}]'"
            )
