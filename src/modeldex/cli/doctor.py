"""`modeldex doctor`: is this installation sound, and what does it use."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

import click

from modeldex.cli.render import emit, output_options
from modeldex.errors import MissingExtraError, ModeldexError

if TYPE_CHECKING:
    from collections.abc import Callable

OK, WARNED, FAILED = "ok", "warning", "failed"
_SAFE_SQLITE = (3, 51, 3)


def _version() -> str:
    from modeldex.cli import version

    return f"modeldex {version()}, Python {platform.python_version()}"


def _snapshot() -> str:
    from modeldex.bootstrap import PACKAGED
    from modeldex.catalog.snapshot import open_snapshot

    snapshot = open_snapshot(PACKAGED)
    snapshot.verify()
    meta = snapshot.meta
    counts = f"{meta['models']:,} models at {meta['providers']} providers"
    return f"{counts}, of {meta['date']}, digest {snapshot.digest[:12]}"


def _stale() -> str:
    from modeldex.bootstrap import PACKAGED, PROVIDERS
    from modeldex.catalog.snapshot import open_snapshot
    from modeldex.usecases.build import is_current

    if not is_current(open_snapshot(PACKAGED), PROVIDERS):
        message = (
            "YAML or code is newer than the snapshot; run `modeldex catalog build`"
        )
        raise ModeldexError(message)
    return "the snapshot is that of the YAML"


def _settings() -> str:
    from modeldex.config import load_settings

    settings = load_settings()
    own = ", ".join(settings.catalog_path) or "none"
    return f"own YAML: {own}; cache: {settings.cache_dir}"


def _store() -> str:
    import os

    from modeldex.bootstrap.compiled import open_compiled
    from modeldex.config import load_settings
    from modeldex.usecases.catalog_file import read_origin

    settings = load_settings()
    found = None
    if os.path.exists(settings.catalog_file):
        found = open_compiled(settings.catalog_file, thorough=True)
        if found is None or found.path != settings.catalog_file:
            message = f"{settings.catalog_file}: damaged; any edit writes it anew"
            raise ModeldexError(message)
    said = _behind()
    if said:
        return said
    if found is None:
        return "nothing was written by hand here"
    return f"catalogue of revision {read_origin(found)['revision']}"


def _behind() -> str:
    """Publish what a killed process left in the store alone; tell so."""
    from modeldex.cli.models import open_registry
    from modeldex.cli.revisions import mend

    try:
        return mend(open_registry(None))
    except MissingExtraError:  # who only reads has no store
        return ""


class _OldError(Exception):
    """Nothing is broken, but somebody should know."""


def _age() -> str:
    """Tell how old the facts are; a warning beyond the age of the settings."""
    from datetime import date

    from modeldex.bootstrap import today
    from modeldex.cli.models import open_registry
    from modeldex.config import load_settings

    registry = open_registry(None)
    synced = {}
    try:
        rows = registry.sources.list()
        synced = {row.source: row.synced_at[:10] for row in rows if row.synced_at}
    except MissingExtraError:  # who only reads has what is shipped
        pass
    now, limit = date.fromisoformat(today()), load_settings().max_age_days
    days = synced or {"the catalogue": str(registry.catalog.snapshot.meta["date"])}
    ages = {name: (now - date.fromisoformat(day)).days for name, day in days.items()}
    told = ", ".join(f"{name} {age} days" for name, age in sorted(ages.items()))
    if max(ages.values()) > limit:
        message = f"{told}; more than {limit} (max_age_days): run `modeldex sync`"
        raise _OldError(message)
    return told


def _answers() -> str:
    from modeldex.cli.models import open_registry

    registry = open_registry(None)
    return f"{len(registry.find_refs()):,} models that are not retired"


def _sqlite() -> str:
    import sqlite3

    detail = f"SQLite {sqlite3.sqlite_version}"
    if sqlite3.sqlite_version_info >= _SAFE_SQLITE:
        return detail
    safe = ".".join(map(str, _SAFE_SQLITE))
    return (
        f"{detail}: before {safe} two programs that write at one instant may damage a "
        "file; ours take turns, let no other one write to the store"
    )


CHECKS: dict[str, Callable[[], str]] = {
    "version": _version,
    "snapshot": _snapshot,
    "fresh": _stale,
    "settings": _settings,
    "store": _store,
    "sqlite": _sqlite,
    "answers": _answers,
    "age": _age,
}


@click.command("doctor")
@output_options
def doctor_command(form: str | None) -> int:
    """Check the installation; exit 1 when a check fails."""
    rows: list[dict[str, Any]] = []
    for name, check in CHECKS.items():
        try:
            rows.append({"check": name, "result": OK, "detail": check()})
        except _OldError as error:
            rows.append({"check": name, "result": WARNED, "detail": str(error)})
        except (ModeldexError, OSError) as error:
            rows.append({"check": name, "result": FAILED, "detail": str(error)})
    emit(rows, ("check", "result", "detail"), form)
    return int(any(row["result"] == FAILED for row in rows))
