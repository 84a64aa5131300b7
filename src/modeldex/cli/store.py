"""`modeldex verify`, `backup`, `restore`, `db`: the store itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from modeldex.cli.progress import ticking
from modeldex.cli.render import chosen, confirmed, emit, note, output_options
from modeldex.errors import StoreDamagedError

if TYPE_CHECKING:
    from modeldex.ports import Head
    from modeldex.stores.store import SqlStore

_FAULTS = ("where", "what", "revision")
_HEAD = ("store", "revision", "hash", "epoch")


def _open(file: str | None = None, *, create: bool = False) -> SqlStore | None:
    """Open the store of the settings, or a backup; None where there is none yet."""
    from modeldex.bootstrap import writing

    return writing.sql_store(file, create=create)


def _nothing(form: str | None, columns: tuple[str, ...]) -> None:
    emit([], columns, form)
    note("nothing was ever written; `modeldex edit set` does")


def _row(head: Head, **more: Any) -> dict[str, Any]:
    return {
        **more,
        "revision": head.revision,
        "hash": head.hash or None,
        "epoch": head.epoch or None,
    }


@click.command("verify")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False))
@output_options
def verify_command(file: str | None, form: str | None) -> int:
    """Replay every revision, and tell what is not as it was written.

    With FILE, of a backup. Exit 1 when anything is found.
    """
    store = _open(file)
    if store is None:
        _nothing(form, _FAULTS)
        return 0
    head = store.head()
    with ticking("replaying") as tick:
        passed = None if tick is None else lambda number: tick(number, head.revision)
        faults = store.verify(passed)
    rows = [{name: getattr(fault, name) for name in _FAULTS} for fault in faults]
    record = {**_row(head, store=store.name), "faults": rows}
    if rows or chosen(form) not in ("table", "tsv"):
        emit(rows, _FAULTS, form, records=lambda: record)
    found = f"{len(rows):,} faults" if rows else "all as it was written"
    note(f"{store.name}: {head.revision:,} revisions, {found}")
    if file is None and not rows:
        _mend()
    return int(bool(rows))


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@output_options
def backup_command(file: str, form: str | None, *, force: bool) -> None:
    """Write the whole store to FILE while others may use it.

    The file is a SQLite store itself, whatever database the store is in; `modeldex
    verify FILE` checks it, `modeldex restore FILE` puts it back.
    """
    if os.path.exists(file) and not force:
        raise click.UsageError(f"{file} is there already; --force writes over it")
    store = _open()
    if store is None:
        _nothing(form, _HEAD)
        return
    head = store.backup(file)
    emit([_row(head, store=file)], _HEAD, form)


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@output_options
def restore_command(file: str, form: str | None, *, yes: bool) -> int:
    """Put the backup FILE in the store's place, with a new epoch.

    It is verified first. What the store held is kept: a SQLite file beside it, on
    PostgreSQL a schema, both stores themselves; the output says which.
    """
    store = _open(create=True)
    if store is None:  # pragma: no cover  one that is made is there
        return 1
    held = _held(store)
    if held and not yes:
        note(f"{store.name} holds {held}; the backup takes their place")
        if not confirmed("restore?"):
            return 1
    found, kept = store.restore(file)
    _publish()
    emit([_row(found, store=store.name, kept=kept)], (*_HEAD, "kept"), form)
    if kept:
        note(f"what was there is in {kept}")
    return 0


def _held(store: SqlStore) -> str:
    """Say what a store holds, if anything."""
    try:
        revisions = store.head().revision
    except StoreDamagedError:
        return "what cannot be read any more"
    return f"{revisions:,} revisions" if revisions else ""


def _publish() -> None:
    """Let readers see what the store holds now."""
    from modeldex.cli.models import open_registry

    open_registry(None).revisions.publish(anew=True)


def _mend() -> None:
    """Publish what a killed process left in the store alone."""
    from modeldex.cli.models import open_registry
    from modeldex.cli.revisions import mend

    if said := mend(open_registry(None)):
        note(said)


@click.group("db")
def db_command() -> None:
    """Tend the tables of the store."""


@db_command.command("upgrade")
@output_options
def upgrade_command(form: str | None) -> None:
    """Raise the store's tables to this modeldex's version, all or nothing.

    A SQLite store is backed up first, beside itself.
    """
    columns = ("store", "version", "was", "backup")
    store = _open()
    if store is None:
        _nothing(form, columns)
        return
    was = store.version()
    kept = store.upgrade()
    row = {"store": store.name, "version": store.version(), "was": was, "backup": kept}
    emit([row], columns, form)
