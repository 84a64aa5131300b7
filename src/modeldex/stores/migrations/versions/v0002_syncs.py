"""Where syncs are, what sources list, and what waits for a person.

Revision ID: 0002
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables of syncs."""
    times = ("tried_at", "synced_at", "changed_at")
    op.create_table(
        "source",
        sa.Column("source", sa.Text(), primary_key=True, nullable=False),
        *map(_text, (*times, "digest", "etag", "last_modified")),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        _text("error"),
    )
    op.create_table(
        "listing",
        *(
            sa.Column(name, sa.Text(), primary_key=True, nullable=False)
            for name in ("source", "provider", "model_id")
        ),
        *map(_text, ("digest", "missing_since")),
    )
    op.create_table(
        "review",
        sa.Column(
            "number",
            sa.Integer(),
            primary_key=True,
            nullable=False,
            autoincrement=False,
        ),
        *map(_text, ("provider", "model_id", "field", "source")),
        _text("old", null=True),
        _text("new", null=True),
        *map(_text, ("doubts", "state", "opened_at", "decided_at", "by", "because")),
        sa.Column("revision", sa.BigInteger(), nullable=False),
    )
    op.create_index("review_by_state", "review", ["state", "number"])
    op.create_index("review_of_model", "review", ["provider", "model_id"])


def _text(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=null)
