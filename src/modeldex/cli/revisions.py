"""`modeldex log`, `revision show`, `diff`, `rollback`: what was written, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from modeldex.catalog.authoring.schema import CURATED_KEYS
from modeldex.cli.models import open_registry
from modeldex.cli.render import Layout, chosen, confirmed, emit, note, output_options
from modeldex.usecases.revisions import change_record, revision_record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from modeldex.domain.change import Change, Fact
    from modeldex.registry import Registry

COLUMNS = ("ref", "field", "old", "new", "source")
_MANY = 100
_LOG = ("revision", "at", "author", "source", "changes", "reason")
LAYOUT = Layout(cut="ref", prose=frozenset(("old", "new", "source")))
_LOG_LAYOUT = Layout(prose=frozenset(("reason",)))


def change_rows(changes: Sequence[Change]) -> Iterator[dict[str, Any]]:
    """Yield a row per changed field; of many whole models, a row for each."""
    many = sum(not change.field for change in changes) > _MANY
    for change in changes:
        if change.field:
            yield _row(change.ref, change.field, change.old, change.new)
            continue
        olds = change.old.value if change.old else {}
        news = change.new.value if change.new else {}
        if many or not (olds or news):
            facts = {"old": len(olds), "new": len(news)}
            said = {n: f"{count} facts" for n, count in facts.items() if count}
            yield {"ref": change.ref, "field": change.kind, **said}
            continue
        for field in sorted({*olds, *news}):
            yield _row(change.ref, field, olds.get(field), news.get(field))


def _row(ref: str, field: str, old: Fact | None, new: Fact | None) -> dict[str, Any]:
    said = new or old
    return {
        "ref": ref,
        "field": field,
        "old": old.value if old else None,
        "new": new.value if new else None,
        "source": _named(said.source) if said else None,
    }


def _named(source: Any) -> Any:
    """Return a source in words: its name, then who said so and why."""
    if not isinstance(source, dict):
        return source
    return ", ".join(source[name] for name in CURATED_KEYS if name in source)


def publish(registry: Registry) -> None:
    """Let other processes see what was written; say why they do not."""
    trouble = registry.revisions.publish()
    if trouble:
        note(f"warning: {trouble}; it is in the store, other processes see it later")


def mend(registry: Registry) -> str:
    """Publish what a killed process left in the store alone; return what was done."""
    found = registry.revisions.mend()
    if found is None:
        return ""
    trouble = registry.revisions.publish()
    known, head = found
    said = f"readers had revision {known}, the store has {head}: "
    return said + (f"not published ({trouble})" if trouble else "published now")


@click.command("log")
@click.option("--limit", type=click.IntRange(1), default=20, help="At most so many.")
@click.option("--all", "everything", is_flag=True, help="From the first one on.")
@output_options
@click.pass_obj
def log_command(
    path: str | None,
    limit: int,
    everything: bool,  # noqa: FBT001
    form: str | None,
) -> None:
    """List the revisions, the newest first: who changed what, when and why."""
    registry = open_registry(path)
    found = registry.revisions.log(None if everything else limit)
    if said := mend(registry):
        note(said)
    emit(list(map(revision_record, found)), _LOG, form, layout=_LOG_LAYOUT)
    if not found:
        note("nothing was ever written; `modeldex edit set` does")


@click.group("revision")
def revision_command() -> None:
    """One revision."""


@revision_command.command("show")
@click.argument("number", type=int, metavar="N")
@output_options
@click.pass_obj
def show_command(path: str | None, number: int, form: str | None) -> None:
    """Show what a revision changed, by whom and why."""
    revisions = open_registry(path).revisions
    found = revision_record(revisions.get(number))
    changes = revisions.changes(number)
    if chosen(form) in ("table", "tsv"):
        for name in ("at", "author", "source", "reason", "url", "hash"):
            note(f"{name}: {found[name] or '-'}")
    emit(
        list(change_rows(changes)),
        COLUMNS,
        form,
        records=lambda: {**found, "changes": list(map(change_record, changes))},
        layout=LAYOUT,
    )


@click.command("diff")
@click.argument("old", type=int, metavar="N")
@click.argument("new", type=int, metavar="[M]", required=False)
@output_options
@click.pass_obj
def diff_command(path: str | None, old: int, new: int | None, form: str | None) -> int:
    """Show what differs between revisions, or since one; exit 1 when anything does."""
    changes = open_registry(path).revisions.diff(old, new)
    rows = list(change_rows(changes))
    records = list(map(change_record, changes))
    emit(rows, COLUMNS, form, records=lambda: records, layout=LAYOUT)
    return int(bool(rows))


@click.command("rollback")
@click.argument("number", type=int, metavar="[N]", required=False)
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Show the change, write nothing.")
@click.option(
    "--expect",
    type=click.IntRange(0),
    metavar="M",
    help="Write only if M is still the last revision.",
)
@click.option("--by", default="", help="Who writes; you, unless given.")
@click.option("--because", default="", metavar="WHY", help="Why.")
@output_options
@click.pass_obj
def rollback_command(
    path: str | None, /, number: int | None, form: str | None, **how: Any
) -> int:
    """Restore the catalogue as it was at revision N, by a new revision.

    Without N, take back the last revision.
    """
    registry = open_registry(path)
    revisions = registry.revisions
    yes, dry_run, expect = how.pop("yes"), how.pop("dry_run"), how.pop("expect")
    shown, _ = revisions.rollback(number, dry_run=True)
    rows = list(change_rows(shown))
    is_text = chosen(form) not in ("json", "yaml")
    if is_text:
        emit(rows, COLUMNS, form, layout=LAYOUT)
    made = None
    if not dry_run:
        if not yes and not confirmed("write this?"):
            return 1
        shown, revision = revisions.rollback(number, expected=expect, **how)
        publish(registry)
        made = revision.number if revision else None
        note(f"revision {made}")
    if not is_text:
        record = {"revision": made, "changes": list(map(change_record, shown))}
        emit(rows, COLUMNS, form, records=lambda: record)
    return 0
