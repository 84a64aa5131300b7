"""Models of another registry's catalogue, as claims of the source that it is.

What differs from the catalogue here is read as a file of YAML would be, by the same
rules: a fact that no file may hold leaves its model out, with the reason.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from modeldex.catalog.authoring.edit import rewrite
from modeldex.catalog.authoring.load import load_text
from modeldex.catalog.facts import flat_facts, stored_facts
from modeldex.catalog.merging.claims import nest
from modeldex.domain.model import COLUMNS
from modeldex.errors import ModeldexError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modeldex.catalog import Snapshot

    Ref = tuple[str, str]  # provider, model id

UNSOUND = "a fact that no catalogue may hold"
# what says nothing of the model itself
_BESIDE = [COLUMNS.index(name) for name in ("sources", "updated_at")]


def said_in(
    snapshot: Snapshot, known: Snapshot
) -> tuple[dict[Ref, dict[str, Any]], dict[str, int]]:
    """Return what a catalogue says of each model, and why of some it says nothing.

    `known` is the catalogue here: what is the same in it needs no check.
    """
    models: dict[Ref, dict[str, Any]] = {}
    skipped: Counter[str] = Counter()
    for columns in snapshot.rows_columns(list(range(snapshot.size))):
        key = columns[0], columns[1]
        said = _said(columns, known.columns(*key))
        if said is None:
            skipped[UNSOUND] += 1
        else:
            models[key] = said
    return models, dict(skipped)


def _said(columns: Sequence[str], here: Sequence[str] | None) -> dict[str, Any] | None:
    try:
        facts = {name: fact.value for name, fact in stored_facts(columns).items()}
        if here is None or _bare(columns) != _bare(here):
            _check(columns[0], columns[1], nest(facts))
    except (ModeldexError, ValueError, LookupError, TypeError, ArithmeticError):
        return None
    except (AttributeError, RecursionError):
        return None
    return facts


def _bare(columns: Sequence[str]) -> list[str]:
    """Return a model's columns without who gave them, and when."""
    found = list(columns)
    for place in _BESIDE:
        found[place] = ""
    return found


def _check(provider: str, model_id: str, facts: dict[str, Any]) -> None:
    """Raise ValueError or ModeldexError for facts that no file may hold."""
    text = rewrite("", {"provider": provider}, {model_id: facts})
    layer = load_text(text.encode(), provider)
    read = layer.models.get(model_id)
    if any(finding.is_error for finding in layer.findings) or read is None:
        raise ValueError(UNSOUND)
    if flat_facts(read) != flat_facts(facts):
        raise ValueError(UNSOUND)
