"""Who may use a server: tokens, by the hashes of their secrets.

Revision ID: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table of tokens."""
    texts = ("name", "role", "hash", "created_by", "created_at")
    ends = ("expires", "revoked_by", "revoked_at", "last_used")
    number = sa.Column(
        "number", sa.Integer(), primary_key=True, nullable=False, autoincrement=False
    )
    op.create_table(
        "token",
        number,
        *(sa.Column(name, sa.Text(), nullable=False) for name in (*texts, *ends)),
    )
    op.create_index("token_by_hash", "token", ["hash"], unique=True)
