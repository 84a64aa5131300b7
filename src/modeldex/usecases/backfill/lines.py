"""Changes as lines of JSON, packed: what a backfill keeps of one source."""

from __future__ import annotations

import json
import lzma
from typing import TYPE_CHECKING

from modeldex.domain.change import dump_fact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from modeldex.domain.change import Change


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
