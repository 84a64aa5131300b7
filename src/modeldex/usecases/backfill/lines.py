"""Changes as lines of JSON, packed: what a backfill keeps of one source."""

from __future__ import annotations

import json
import lzma
from typing import TYPE_CHECKING

from modeldex.domain.change import CATALOG, Change, Fact, dump_fact, read_fact
from modeldex.errors import SourceFormatError

if TYPE_CHECKING:
    from collections.abc import Iterable

_DAMAGE = (OSError, EOFError, ValueError, TypeError, lzma.LZMAError)


def write_lines(changes: Iterable[Change]) -> bytes:
    """Return changes of the catalogue's layer as xz over JSON lines."""
    rows = (
        [
            change.observed_at,
            change.provider,
            change.model,
            change.field,
            dump_fact(change.old),
            dump_fact(change.new),
            change.kind,
            change.effective_at,
        ]
        for change in changes
    )
    text = "".join(
        json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"
        for row in rows
    )
    return lzma.compress(text.encode(), preset=6)


def read_lines(data: bytes) -> list[Change]:
    """Return what `write_lines` wrote; raises SourceFormatError for anything else."""
    try:
        rows = [json.loads(line) for line in lzma.decompress(data).splitlines()]
        return [_change(row) for row in rows]
    except _DAMAGE as error:
        message = f"these are no lines of changes: {error}"
        raise SourceFormatError(message) from error


def _change(row: list[str | None]) -> Change:
    at, provider, model, field, old, new, kind, day = row
    facts = (_fact(str(field), text) for text in (old, new))
    return Change(
        str(provider),
        str(model),
        str(field),
        *facts,
        kind=str(kind),
        layer=CATALOG,
        observed_at=str(at),
        effective_at=day,
    )


def _fact(field: str, text: str | None) -> Fact | None:
    """Read a fact, the facts of a model, or the sign of a source that says none."""
    if text is not None and not field:
        value, source = json.loads(text)
        if value is None:
            return Fact(None, source)
    return read_fact(field, text)
