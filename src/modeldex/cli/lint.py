"""`modeldex lint`: model ids in code and configuration that are unknown or end."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from modeldex.cli.models import complete_providers, open_registry
from modeldex.cli.render import note
from modeldex.usecases.lint.finding import CODES
from modeldex.usecases.lint.kinds import CODE, kind_of
from modeldex.usecases.lint.report import (
    LintReport,
    codes_of,
    lint_files,
    lint_text,
)
from modeldex.usecases.lint.walk import File, find_files
from modeldex.usecases.records import json_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from modeldex.usecases.lint.judge import Linter

STDIN = "-"
FAIL_ON = "retired,retiring,unknown"
_SHOWN_FROM = 200  # files, from which on progress is shown


def _read_codes(
    ctx: click.Context,
    param: click.Parameter,
    value: str,
) -> list[str]:
    try:
        return codes_of([value])
    except ValueError as error:
        message = f"{error} is not one of {', '.join(CODES)}, none"
        raise click.BadParameter(message, ctx, param) from None


def _read_paths(
    ctx: click.Context,
    param: click.Parameter,
    value: tuple[str, ...],
) -> tuple[str, ...]:
    for path in value:
        if path != STDIN and not os.path.exists(path):
            message = f"{path}: there is no such file or directory"
            raise click.BadParameter(message, ctx, param)
    return value


@contextmanager
def _progress(total: int) -> Iterator[Callable[[File], None] | None]:
    """Show progress on a terminal while many files are scanned."""
    if total < _SHOWN_FROM or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("scanning", total=total)
        yield lambda _file: progress.update(task, advance=1)


def _scan(
    linter: Linter, paths: Sequence[str], options: Mapping[str, Any]
) -> LintReport:
    """Scan files and standard input; a baseline names ids, but is none's source."""
    known = [options[name] for name in ("baseline", "written") if options[name]]
    own = {os.path.realpath(name) for name in known}
    found = find_files([p for p in paths if p != STDIN], options["exclude"])
    files = [file for file in found if os.path.realpath(file.path) not in own]
    with _progress(len(files)) as passed:
        report = lint_files(linter, files, passed)
    if STDIN in paths:
        name = options["stdin_filename"] or "<stdin>"
        text = sys.stdin.buffer.read().decode("utf-8-sig", "replace")
        lint_text(linter, text, File(name, kind_of(name) or CODE), report)
    return report


def _print(report: LintReport, form: str) -> None:
    if form == "json":
        click.echo(json_text(report.as_dict()))
        return
    if form == "sarif":
        from modeldex.cli import version
        from modeldex.usecases.lint.sarif import sarif

        click.echo(json_text(sarif(report, version())))
        return
    for one in report.findings:
        click.echo(f"{one.path}:{one.line}:{one.column}: {one.code}: {one.message}")


def _summary(report: LintReport) -> str:
    counts = ", ".join(f"{count} {code}" for code, count in report.counts.items())
    told = f"{counts or 'nothing found'} in {report.files:,} files"
    if report.known:
        told += f"; {report.known} known"
    if report.skipped:
        told += f"; {len(report.skipped)} not scanned"
    return told


@click.command("lint")
@click.argument("paths", nargs=-1, required=True, callback=_read_paths)
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json", "sarif")),
    default="text",
    show_default=True,
    help="Form of the findings.",
)
@click.option("--within", default="90d", show_default=True, help="Retiring by then.")
@click.option(
    "--fail-on",
    default=FAIL_ON,
    show_default=True,
    callback=_read_codes,
    help="Codes that fail: retired, retiring, deprecated, unknown, none.",
)
@click.option("--exclude", multiple=True, metavar="GLOB", help="Leave these out.")
@click.option(
    "--provider",
    help="An id means its entry at this provider, if it has one.",
    shell_complete=complete_providers,
)
@click.option("--at", help="As if it were this day, YYYY-MM-DD.")
@click.option("--stdin-filename", help="Name of what - reads: its suffix counts.")
@click.option(
    "--baseline",
    type=click.Path(exists=True, dir_okay=False),
    help="Known findings.",
)
@click.option(
    "--write-baseline",
    "written",
    type=click.Path(dir_okay=False, writable=True),
    help="Write all findings as known, and exit 0.",
)
@click.pass_obj
def lint_command(path: str | None, /, paths: tuple[str, ...], **options: Any) -> int:
    """Find model ids that are unknown, deprecated, retiring or retired in files.

    Directories are walked; - reads standard input. `modeldex: ignore` in a line, or
    in a comment above it, silences what is found there; so does `ignore[unknown]`
    for one code. Exit 1 when a code of --fail-on is found; of unknown ids those
    that are the value of a model key or argument.

    \b
    modeldex lint src config.yaml
    modeldex lint . --format sarif > modeldex.sarif
    """
    from modeldex.usecases.lint.baseline import leave_known, write_baseline

    linter = open_registry(path).linter(
        options["within"], options["provider"], options["at"]
    )
    report = _scan(linter, paths, options)
    if options["written"]:
        write_baseline(options["written"], report)
        note(f"{options['written']}: {len(report.findings)} findings are known now")
        return 0
    if options["baseline"]:
        leave_known(options["baseline"], report)
    _print(report, options["form"])
    if options["form"] == "text":
        note(_summary(report))
        for name, why in report.skipped:
            note(f"{name}: not scanned: {why}")
    return int(bool(report.failing(options["fail_on"])))
