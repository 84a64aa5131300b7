"""Azure's lists: the data plane's models, and the ones of the resource manager."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modeldex.sources.row_facts import Shape, fact, reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modeldex.sources.answers import Row, Rows
    from modeldex.sources.api import Api, Reading
    from modeldex.sources.claim import Json
    from modeldex.sources.row_prices import RowPrices

_STATUSES = {"deprecated": "deprecated", "deprecating": "deprecated"} | {
    "preview": "preview"
}
_TUNING = ("fine_tune", "global_fine_tune", "devtier_fine_tune", "fineTune")
_MODES = {
    "chat_completion": "chat",
    "chatCompletion": "chat",
    "completion": "completion",
    "embeddings": "embedding",
}


def _is(value: object) -> bool:
    """Tell whether a flag is set; the resource manager writes flags as text."""
    return value is True or value == "true"


def _more(row: Row, rows: Rows, _prices: RowPrices) -> dict[str, Any]:
    """Read the work, the lifecycle and the day on which inference ends.

    That day is the end of support of the model for inference: its retirement.
    """
    table = row.get("capabilities") or {}
    modes = list(dict.fromkeys(m for n, m in _MODES.items() if _is(table.get(n))))
    stage = row.get("lifecycle_status") or row.get("lifecycleStatus")
    ends = (row.get("deprecation") or {}).get("inference")
    if "chat" in modes:
        modes = ["chat"]
    return {
        "mode": modes[0] if len(modes) == 1 else None,
        "status": _STATUSES.get(str(stage).lower()),
        "deprecation_date": fact(
            "deprecation_date", ends, "deprecation.inference", rows
        ),
        "capabilities.fine_tuning": any(_is(table.get(n)) for n in _TUNING) or None,
    }


_read = reader(Shape(keys=("data", "value"), ids=("id", "name"), more=_more))


def read_azure(pages: Sequence[Json], at: str, api: Api) -> Reading:
    """Read both kinds of list; the resource manager's rows hold the model inside."""
    return _read([_unwrapped(page) for page in pages], at, api)


def _unwrapped(page: Json) -> Json:
    rows = page.get("value") if isinstance(page, dict) else None
    if not isinstance(rows, list):
        return page
    inner = [row.get("model", row) if isinstance(row, dict) else row for row in rows]
    return {**page, "value": inner}
