"""Values as text: JSON, YAML and CSV, prices as numbers of their own digits."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from modeldex.domain.pricing import METERS, WORDS
from modeldex.domain.ref import is_model_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Row = Mapping[str, Any]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a formula begins with
# columns of ids, which readers take as they are; "@cf/meta/llama" calls nothing
_IDS = frozenset(("id", "model", "canonical", "alias_of"))


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


def json_line(value: Any) -> str:
    """Write JSON in one line."""
    return json_bytes(value).decode()


def json_bytes(value: Any) -> bytes:
    """Write JSON in one line, as UTF-8."""
    import msgspec

    encoder = msgspec.json.Encoder(enc_hook=str, decimal_format="number")
    try:
        written = encoder.encode(value)
    except TypeError:  # a key that is no text
        return encoder.encode(_plain(value))
    return encoder.encode(_plain(value)) if _has_exponent(written) else written


def _has_exponent(written: bytes) -> bool:
    """Tell whether JSON may hold a number with an exponent, or a word like one."""
    if b"E-" not in written and b"E+" not in written:
        return False
    import re

    return re.search(rb"[0-9]E[-+][0-9]", written) is not None


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
        def ignore_aliases(self, _data: Any) -> bool:
            return True  # our own YAML has none either

    def represent(dumper: yaml.SafeDumper, amount: Decimal) -> yaml.Node:
        text = format(amount, "f")
        kind = "float" if "." in text else "int"
        return dumper.represent_scalar(f"tag:yaml.org,2002:{kind}", text)

    Dumper.add_representer(Decimal, represent)
    text: str = yaml.dump(
        value, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=120
    )
    return text


def csv_cell(value: Any, column: str = "") -> str:
    """Write a value for a cell of CSV, so that no spreadsheet takes it for a formula.

    Texts are `guarded`; numbers stay as they are.
    """
    text = shown(value).replace("\r", "\n")  # which is quoted, a return is not
    is_number = isinstance(value, int | float | Decimal)
    return text if is_number else guarded(text, column)


def guarded(text: str, column: str = "") -> str:
    """Return a text with an apostrophe before what a spreadsheet would compute.

    That begins with one of `= + - @`, a tab or an end of line. An id in a column of ids
    stays as it is, so that who reads it has the id: it can only begin with `@`, and its
    characters call no function.
    """
    if not text.startswith(_FORMULA) or (column in _IDS and is_model_id(text)):
        return text
    return f"'{text}"


def csv_text(rows: Sequence[Row], columns: Sequence[str], delimiter: str = ",") -> str:
    """Write rows as CSV with a header, each cell as `csv_cell` does."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([csv_cell(row.get(name), name) for name in columns])
    return out.getvalue()


def flat_record(record: Row) -> dict[str, Any]:
    """Return the JSON form of a model as one row of CSV, the same columns for all."""
    row: dict[str, Any] = {}
    for key, value in record.items():
        if key == "pricing":
            row |= {f"pricing.{name}": value.get(name) for name in (*METERS, *WORDS)}
            rates = value.get("rates")
            row["pricing.rates"] = json_line(rates) if rates else None
        elif key == "capabilities":
            row[key] = [name for name, known in value.items() if known is not False]
            row[f"{key}_no"] = [name for name, known in value.items() if known is False]
        elif key == "modalities":
            sides = value or {}
            row |= {f"{key}.{side}": sides.get(side) for side in ("input", "output")}
        elif isinstance(value, dict):
            row[key] = json_line(value) if value else None
        else:
            row[key] = value
    return row
