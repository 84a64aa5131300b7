"""The page on the architecture tells of every table as it is."""

from __future__ import annotations

import re
from pathlib import Path

from modeldex.stores.tables import APPEND_ONLY, VIEWS, metadata

PAGE = (Path(__file__).parents[2] / "docs" / "architecture.md").read_text("utf-8")


def test_every_table_and_column_is_told() -> None:
    """Each table has a row, with its columns in their order; no other has."""
    table = PAGE.partition("<!-- tables -->\n")[2].partition("<!-- /tables -->")[0]
    told = {
        name: re.findall(r"`(\w+)`", columns)
        for name, columns in re.findall(
            r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", table, re.MULTILINE
        )
    }
    made = {name: [c.name for c in t.columns] for name, t in metadata.tables.items()}
    assert told == made


def test_views_and_what_only_grows_are_told() -> None:
    """The prose names them."""
    prose = PAGE.partition("<!-- /tables -->")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(\w+)`", prose))
    assert {*APPEND_ONLY, *VIEWS} <= named
