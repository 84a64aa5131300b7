"""What a history holds, counted per source."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from modeldex.usecases.backfill.classify import flips

if TYPE_CHECKING:
    from collections.abc import Iterable

    from modeldex.domain.change import Change
    from modeldex.usecases.backfill.classify import Classified
    from modeldex.usecases.backfill.series import Series

_PRICES = ("pricing.", "rates.")
COLUMNS = (
    "source",
    "snapshots",
    "first",
    "last",
    "models",
    "facts",
    "price_changes",
    "dated_prices",
    "price_corrections",
    "capability_flips",
    "missing",
    "returned",
    "retired",
    "quarantined",
    "schema_changes",
)


def count(changes: Iterable[Change]) -> Counter[str]:
    """Return how many facts and changes of each sort there are.

    A fact is a field's value with its time; of a model that appears, each of its.
    """
    found: Counter[str] = Counter()
    for change in changes:
        found[change.kind] += 1
        if not change.field:
            found["facts"] += len(change.new.value or ()) if change.new else 0
            continue
        found["facts"] += 1
        if change.old is None or change.new is None:
            continue
        if change.field.startswith(_PRICES):
            is_change = change.kind == "change"
            found["price_changes" if is_change else "price_corrections"] += 1
            found["dated_prices"] += bool(change.effective_at)
        elif change.field.startswith("capabilities.") and change.kind == "change":
            found["capability_flips"] += flips(change.old.value, change.new.value)
    return found


def report(series: Series, found: Classified) -> dict[str, Any]:
    """Return the row of a source, as COLUMNS name it."""
    counted = count(found.changes)
    return {
        **{name: counted[name] for name in COLUMNS[5:]},
        "source": series.source,
        "snapshots": len(series.ats),
        "first": min((c.observed_at[:10] for c in found.changes), default=None),
        "last": series.ats[-1][:10] if series.ats else None,
        "models": len(series.values),
        "quarantined": len(found.doubts),
        "schema_changes": len(found.schema),
    }
