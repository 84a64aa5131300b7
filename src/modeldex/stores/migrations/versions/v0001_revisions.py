"""Revisions, changes, claims, the state that they make, and views over all.

Revision ID: 0001
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from modeldex.stores.migrations import sql_0001

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make everything."""
    kind = op.get_bind().dialect.name
    _make_revisions()
    _make_changes()
    _make_model(_json_type())
    if kind == "postgresql":
        op.create_index(
            "model_by_ability", "model", ["abilities"], postgresql_using="gin"
        )
    for statement in sql_0001.statements(kind):
        op.execute(statement)


def _json_type() -> Any:
    return sa.JSON().with_variant(JSONB(), "postgresql")


def _text(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=null)


def _number(name: str, kind: Any = sa.BigInteger, *, key: bool = False) -> Any:
    return sa.Column(name, kind(), nullable=False, primary_key=key, autoincrement=False)


def _make_revisions() -> None:
    op.create_table(
        "head",
        _number("id", sa.Integer, key=True),
        _number("revision"),
        _text("hash"),
        _text("epoch"),
        sa.CheckConstraint("id = 1", name="head_is_one_row"),
    )
    texts = ("parent_hash", "hash", "author", "source", "reason", "at", "url")
    op.create_table(
        "revision",
        _number("number", key=True),
        *map(_text, texts),
        _number("count", sa.Integer),
        _text("digest"),
    )
    op.create_table(
        "outbox", _number("revision", key=True), _text("hash"), _text("epoch")
    )


def _make_changes() -> None:
    op.create_table(
        "change",
        _number("revision", key=True),
        _number("position", sa.Integer, key=True),
        *map(_text, ("layer", "provider", "model", "field")),
        _text("old", null=True),
        _text("new", null=True),
        *map(_text, ("kind", "observed_at")),
        _text("effective_at", null=True),
        _text("digest"),
    )
    by_model = ["provider", "model", "revision", "position"]
    op.create_index("change_of_model", "change", by_model)
    texts = ("provider", "model", "field", "source", "value", "observed_at", "digest")
    op.create_table(
        "claim",
        _number("revision", key=True),
        _number("position", sa.Integer, key=True),
        *map(_text, texts),
    )
    op.create_index("claim_of_model", "claim", ["provider", "model", "field"])


def _make_model(json: Any) -> None:
    counts = ("context_window", "max_input_tokens", "max_output_tokens")
    stated, shown = ("stated_input", "stated_output"), ("input_price", "output_price")
    dates = ("release_date", "deprecation_date")
    documents = ("capabilities", "abilities", "metadata")
    op.create_table(
        "model",
        sa.Column("provider", sa.Text(), primary_key=True, nullable=False),
        sa.Column("model", sa.Text(), primary_key=True, nullable=False),
        *(sa.Column(name, json) for name in ("facts", "own")),
        _number("revision"),
        *(_text(n, null=True) for n in ("name", "canonical", "alias_of", "family")),
        _text("mode"),
        _text("flag", null=True),
        *(sa.Column(name, sa.BigInteger()) for name in counts),
        *(sa.Column(name, sa.Numeric()) for name in stated),
        sa.Column("stated_dated", json),
        *(sa.Column(name, sa.Numeric()) for name in shown),
        sa.Column("dated", json),
        *(_text(name, null=True) for name in dates),
        *(sa.Column(name, json, nullable=False) for name in documents),
    )
    op.create_index("model_by_price", "model", ["mode", "input_price", "output_price"])
    op.create_index(
        "model_by_date",
        "model",
        ["provider", "model"],
        sqlite_where=sa.text("dated IS NOT NULL"),
        postgresql_where=sa.text("dated IS NOT NULL"),
    )
    op.create_index("model_by_context", "model", ["context_window"])
    op.create_index("model_by_canonical", "model", ["canonical"])
    op.create_index("model_by_family", "model", ["family"])
    op.create_index("model_by_alias", "model", ["provider", "alias_of"])
