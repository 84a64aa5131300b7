"""Output: a table on a terminal, tab-separated when piped, JSON, CSV or YAML."""

from __future__ import annotations

import csv
import io
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Row = Mapping[str, Any]

FORMATS = ("table", "tsv", "json", "csv", "yaml", "quiet")
_RIGHT = (Decimal, int)
_GAP = 3  # characters between columns
_LEAST_WIDTH = 12
_PIPED_WIDTH = 160


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --json, --csv, --yaml, -q and --format to a command."""
    option = click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        help="Output format; a table on a terminal, tsv when piped.",
    )
    command = option(command)
    for name, flags, text in (
        ("quiet", ("-q", "--quiet"), "Only names, one per line."),
        ("yaml", ("--yaml",), "YAML."),
        ("csv", ("--csv",), "CSV with a header."),
        ("json", ("--json",), "JSON."),
    ):
        command = click.option(*flags, "form", flag_value=name, help=text)(command)
    return command


def chosen(form: str | None) -> str:
    """Return the format asked for, or the one that fits standard output."""
    return form or ("table" if sys.stdout.isatty() else "tsv")


def shown(value: Any) -> str:
    """Write a value for a table: unknown is empty, numbers in plain digits."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        pairs = (f"{key}={shown(item)}" for key, item in value.items())
        return " ".join(pairs)
    if isinstance(value, list | tuple):
        return " ".join(map(shown, value))
    return str(value)


def json_text(value: Any) -> str:
    """Write JSON, with Decimals as numbers of their own digits."""
    import msgspec

    encoder = msgspec.json.Encoder(enc_hook=str)
    return msgspec.json.format(encoder.encode(_plain(value)), indent=2).decode()


def _plain(value: Any) -> Any:
    """Return the value with Decimals as JSON numbers in plain digits."""
    if isinstance(value, Decimal):
        from msgspec import Raw

        return Raw(format(value, "f").encode())
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def yaml_text(value: Any) -> str:
    """Write YAML, with Decimals as numbers of their own digits."""
    import yaml

    class Dumper(yaml.SafeDumper):
        pass

    def represent(dumper: yaml.SafeDumper, amount: Decimal) -> yaml.Node:
        text = format(amount, "f")
        kind = "float" if "." in text else "int"
        return dumper.represent_scalar(f"tag:yaml.org,2002:{kind}", text)

    Dumper.add_representer(Decimal, represent)
    text: str = yaml.dump(
        value, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=120
    )
    return text


def csv_text(rows: Sequence[Row], columns: Sequence[str], delimiter: str = ",") -> str:
    """Write rows as CSV with a header."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([[shown(row.get(name)) for name in columns] for row in rows])
    return out.getvalue()


def emit(
    rows: Sequence[Row],
    columns: Sequence[str],
    form: str | None,
    *,
    records: Callable[[], Any] | None = None,
    long: str | None = None,
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
        print_table(rows, columns, long)


def _tsv(rows: Iterable[Row], columns: Sequence[str]) -> str:
    lines = ["\t".join(columns)]
    lines += ["\t".join(shown(row.get(name)) for name in columns) for row in rows]
    return "\n".join(lines) + "\n"


def print_table(
    rows: Sequence[Row], columns: Sequence[str], long: str | None = None
) -> None:
    """Print a table as wide as its cells need; colours only on a terminal.

    The column `long` is cut where the terminal ends; others go on in a next line.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        console.width = max(console.width, _PIPED_WIDTH)
    cells = {name: [_grouped(row.get(name)) for row in rows] for name in columns}
    taken = sum(
        max(map(len, (name, *column))) + _GAP
        for name, column in cells.items()
        if name != long
    )
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        numeric = any(isinstance(row.get(name), _RIGHT) for row in rows)
        cut = name == long
        table.add_column(
            name,
            justify="right" if numeric else "left",
            overflow="ellipsis" if cut else "fold",
            no_wrap=cut or name == columns[0],
            max_width=max(_LEAST_WIDTH, console.width - taken - _GAP) if cut else None,
        )
    for number in range(len(rows)):
        table.add_row(*[Text(column[number]) for column in cells.values()])
    console.print(table)


def _grouped(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return shown(value)


def note(text: str) -> None:
    """Print a remark to standard error, where it disturbs no pipe."""
    click.echo(text, err=True)
