"""Output: a table on a terminal, tab-separated when piped, JSON, CSV or YAML."""

from __future__ import annotations

import os
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from modeldex.usecases.records import (
    csv_text,
    json_text,
    shown,
    yaml_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from rich.console import Console

    Row = Mapping[str, Any]

FORMATS = ("table", "tsv", "json", "csv", "yaml", "quiet")
# columns of free text, which may go on in a next line
PROSE = frozenset(("value", "reasons", "detail", "others", "quarantined", "old", "new"))
_RIGHT = (Decimal, int)
_GAP = 3  # characters between columns
_EDGES = 2  # characters before the first and after the last column
_LEAST_WIDTH = 12  # of a column that is cut or goes on in a next line
_LEAST_NAME = 32  # of the first column, where it is cut
_PIPED_WIDTH = 160


class Layout(NamedTuple):
    """How a table fits a narrow terminal; what stands here concerns no other format.

    When the table is too wide, `cut` is cut to its least width, then the columns
    of `droppable` are left out in this order, then the first column's longest cells
    are cut, then the rightmost columns are left out.
    """

    cut: str | None = None
    droppable: tuple[str, ...] = ()
    prose: frozenset[str] = PROSE
    titles: Mapping[str, str] = {}
    """Shorter titles of columns."""


PLAIN = Layout()


def output_options(
    command: Callable[..., Any], *, quiet: str = "Only names, one per line."
) -> Callable[..., Any]:
    """Add --json, --csv, --yaml, -q and --format to a command."""
    option = click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        help="Output format; a table on a terminal, tsv when piped.",
    )
    command = option(command)
    for name, flags, text in (
        ("quiet", ("-q", "--quiet"), quiet),
        ("yaml", ("--yaml",), "YAML."),
        ("csv", ("--csv",), "CSV with a header."),
        ("json", ("--json",), "JSON."),
    ):
        command = click.option(*flags, "form", flag_value=name, help=text)(command)
    return command


def chosen(form: str | None) -> str:
    """Return the format asked for, or the one that fits standard output."""
    return form or ("table" if sys.stdout.isatty() else "tsv")


def fact_rows(record: Row) -> Iterator[Row]:
    """Yield each known fact of the JSON form of a model; rates by their conditions."""
    for key, value in record.items():
        if key == "pricing":
            price = dict(value)
            rates = price.pop("rates", {})
            yield {"fact": key, "value": price}
            for conditions, amounts in rates.items():
                yield {"fact": f"rates {conditions}", "value": amounts}
        elif key == "limits" and value:
            limits = {n: " ".join(map(shown, row.values())) for n, row in value.items()}
            yield {"fact": key, "value": limits}
        elif value not in (None, {}, []):
            yield {"fact": key, "value": value}


def emit(
    rows: Sequence[Row],
    columns: Sequence[str],
    form: str | None,
    *,
    records: Callable[[], Any] | None = None,
    layout: Layout = PLAIN,
) -> None:
    """Print rows; `records` gives the full form for JSON and YAML.

    The first column names a row, and is all that the quiet format prints.
    """
    form = chosen(form)
    if form in ("json", "yaml"):
        full = records() if records else list(rows)
        write = json_text if form == "json" else yaml_text
        click.echo(write(full).rstrip("\n"))
    elif form == "csv":
        click.echo(csv_text(rows, columns), nl=False)
    elif form == "tsv":
        click.echo(_tsv(rows, columns), nl=False)
    elif form == "quiet":
        for row in rows:
            click.echo(shown(row[columns[0]]))
    else:
        print_table(rows, columns, layout)


def _tsv(rows: Iterable[Row], columns: Sequence[str]) -> str:
    lines = ["\t".join(columns)]
    lines += ["\t".join(shown(row.get(name)) for name in columns) for row in rows]
    return "\n".join(lines) + "\n"


def print_table(
    rows: Sequence[Row], columns: Sequence[str], layout: Layout = PLAIN
) -> None:
    """Print a table no wider than the terminal; colours only on a terminal.

    Only free text goes on in a next line; what is left out is told.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    width = _width_of(console)
    console.width = width
    cells = {
        layout.titles.get(name, name): [_grouped(row.get(name)) for row in rows]
        for name in columns
    }
    names = dict(zip(columns, cells, strict=True))
    widths = _widths(cells, width, _titled(layout, names))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name, title in names.items():
        if title not in widths:
            continue
        numeric = any(isinstance(row.get(name), _RIGHT) for row in rows)
        prose = name in layout.prose
        table.add_column(
            title,
            justify="right" if numeric and not prose else "left",
            overflow="fold" if prose else "ellipsis",
            no_wrap=not prose,
            width=widths[title],
        )
    for number in range(len(rows)):
        table.add_row(*[Text(cells[title][number]) for title in widths])
    console.print(table)
    left_out = [title for title in cells if title not in widths]
    if left_out:
        note(f"no room for {', '.join(left_out)}: widen the terminal, or ask --json")


def _width_of(console: Console) -> int:
    """Return the terminal's width; a pipe has more, unless COLUMNS says otherwise."""
    if console.is_terminal or os.environ.get("COLUMNS", "").isdigit():
        return console.width
    return max(console.width, _PIPED_WIDTH)


def _titled(layout: Layout, names: Mapping[str, str]) -> Layout:
    """Return the layout with its columns named by their titles."""
    return Layout(
        names.get(layout.cut or ""),
        tuple(names[name] for name in layout.droppable if name in names),
        frozenset(names[name] for name in layout.prose if name in names),
    )


def _widths(
    cells: Mapping[str, Sequence[str]], width: int, layout: Layout
) -> dict[str, int]:
    """Return the width of each column that there is room for, in order."""
    from rich.cells import cell_len

    wanted = {
        name: max(map(cell_len, (name, *column))) for name, column in cells.items()
    }
    soft = {*layout.prose, layout.cut}
    least = {
        name: min(most, max(_LEAST_WIDTH, cell_len(name))) if name in soft else most
        for name, most in wanted.items()
    }
    first, *others = wanted
    kept = _dropped(least, layout.droppable, width)
    if _taken(kept) > width:
        kept[first] = min(kept[first], _LEAST_NAME)
        kept = _dropped(kept, others[::-1], width)
        kept[first] = min(kept[first], max(1, width - _EDGES))
    growing = sorted((n for n in kept if kept[n] < wanted[n]), key=wanted.__getitem__)
    for place, name in enumerate(growing):  # the shortest first; the rest share
        spare = max(0, width - _taken(kept)) // (len(growing) - place)
        kept[name] = min(wanted[name], kept[name] + spare)
    return kept


def _dropped(
    widths: Mapping[str, int], droppable: Iterable[str], width: int
) -> dict[str, int]:
    """Return the columns without as many droppable ones as it takes to fit."""
    kept = dict(widths)
    for name in droppable:
        if _taken(kept) <= width:
            break
        kept.pop(name, None)
    return kept


def _taken(widths: Mapping[str, int]) -> int:
    """Return the width of a table with columns of these widths."""
    return sum(widths.values()) + _GAP * (len(widths) - 1) + _EDGES


def _grouped(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return shown(value)


def confirmed(question: str) -> bool:
    """Ask before something is written; where nobody answers, nothing is."""
    try:
        if click.confirm(question, err=True):
            return True
    except click.Abort:
        if sys.stdin.isatty():
            raise
        click.echo(err=True)
        note("nobody answers here: --yes writes without asking")
    note("nothing was written")
    return False


def note(text: str) -> None:
    """Print a remark to standard error, where it disturbs no pipe."""
    click.echo(text, err=True)
