"""Whole rows removed behind the program's back: what `verify` finds, and what not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from drafts import claim, draft, step, whole
from modeldex.errors import UnknownRevisionError
from modeldex.stores import open_store
from postgres import new_store_url
from store_storm import _behind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from modeldex.stores.store import SqlStore


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    """Return a store with three revisions, each with a claim."""
    is_file = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'store.db'}" if is_file else new_store_url()
    made = open_store(url)
    made.commit(draft(whole(), whole("two"), claims=[claim()]))
    for number in range(2):
        changes = (step(number or None, number + 1), step(number or None, 9, "two"))
        made.commit(draft(*changes[: 2 - number], claims=[claim(number)]))
    yield made
    made.close()


LAST = "WHERE revision = 3"
REWOUND = (
    "UPDATE head SET revision = 2, hash = (SELECT hash FROM revision WHERE number = 2)"
)
CUT = (
    "DELETE FROM revision WHERE number = 3",
    *(f"DELETE FROM {table} {LAST}" for table in ("change", "claim", "outbox")),
    REWOUND,
)
REMOVED = {
    "the last revision's row": (CUT[:1], "head"),
    "one in the middle": (("DELETE FROM revision WHERE number = 2",), "revision 2"),
    "its row, head rewound": ((CUT[0], REWOUND), "change 0 of revision 3"),
    "its row and changes, head rewound": (
        (*CUT[:2], REWOUND),
        "claim 0 of revision 3",
    ),
    "all but what waits to be told": ((*CUT[:3], REWOUND), "outbox 3"),
    "all but the model that it changed": (CUT, "model acme/one"),
    "a change": ((f"DELETE FROM change {LAST}",), "revision 3"),
    "the last change of several": (
        ("DELETE FROM change WHERE revision = 2 AND position = 1",),
        "revision 2",
    ),
    "a claim": ((f"DELETE FROM claim {LAST}",), "revision 3"),
    "a model": (("DELETE FROM model WHERE model = 'two'",), "model acme/two"),
    "the head": (("DELETE FROM head",), "head"),
}


def remove(store: SqlStore, statements: tuple[str, ...]) -> set[str]:
    """Run statements past the triggers; return the places that `verify` names."""
    run, done = _behind(store)
    for statement in statements:
        run(statement)
    done()
    return {fault.where for fault in store.verify()}


@pytest.mark.parametrize(("statements", "where"), REMOVED.values(), ids=REMOVED.keys())
def test_rows_that_are_gone(
    store: SqlStore, statements: tuple[str, ...], where: str
) -> None:
    """They are missed where they were."""
    assert store.verify() == []
    assert where in remove(store, statements)


def test_a_history_cut_off_whole(store: SqlStore) -> None:
    """With all that names it gone, only a hash kept elsewhere tells."""
    kept = store.revision(3)
    rewritten = (
        """UPDATE model SET context_window = 1, revision = 2, """
        """facts = {facts} WHERE model = 'one'"""
    )
    facts = "replace(facts, '[2,', '[1,')"
    if store.database.schema:
        facts = "jsonb_set(facts, '{context_window,0}', '1')"
    assert remove(store, (*CUT, rewritten.format(facts=facts))) == set()
    with pytest.raises(UnknownRevisionError):
        store.revision(kept.number)
