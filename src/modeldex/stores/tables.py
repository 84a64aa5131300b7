"""The tables of a store, for SQLite and PostgreSQL alike.

What they hold is made by `migrations`; a test compares the two. `change.old` and
`change.new` are canonical JSON text, as the hashes are over these very bytes.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect
    from sqlalchemy.types import TypeEngine

SCHEMA = "modeldex"  # of PostgreSQL, where the URL names no other
VERSION_TABLE = "schema_version"  # Alembic's


class Amount(TypeDecorator[Any]):
    """A price to search by; its exact text is in the facts."""

    impl = Numeric(asdecimal=False)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """SQLite takes text, and makes it a number by the column's affinity."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(Numeric())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """Write amounts without an exponent."""
        if value is None or dialect.name != "sqlite":
            return value
        return format(value, "f")

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        """Read amounts through their shortest text."""
        if isinstance(value, int | float):
            return Decimal(repr(value))
        found: Decimal | None = value
        return found


def json_type() -> Any:
    """JSON on SQLite, JSONB on PostgreSQL."""
    return JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


metadata = MetaData()

head = Table(
    "head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    Column("epoch", Text, nullable=False),
    CheckConstraint("id = 1", name="head_is_one_row"),
)

revision = Table(
    "revision",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("parent_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("digest", Text, nullable=False),
)

change = Table(
    "change",
    metadata,
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("layer", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("old", Text),
    Column("new", Text),
    Column("kind", Text, nullable=False),
    Column("observed_at", Text, nullable=False),
    Column("effective_at", Text),
    Column("digest", Text, nullable=False),
    Index("change_of_model", "provider", "model", "revision", "position"),
)

claim = Table(
    "claim",
    metadata,
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("provider", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("observed_at", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Index("claim_of_model", "provider", "model", "field"),
)

# revisions that nobody has published yet
outbox = Table(
    "outbox",
    metadata,
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", Text, nullable=False),
    Column("epoch", Text, nullable=False),
)

# the state at the head: both layers' facts, and what they come to, to search by
model = Table(
    "model",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("model", Text, primary_key=True),
    Column("facts", json_type()),
    Column("own", json_type()),
    Column("revision", BigInteger, nullable=False),
    Column("name", Text),
    Column("canonical", Text),
    Column("alias_of", Text),
    Column("family", Text),
    Column("mode", Text, nullable=False),
    Column("flag", Text),
    Column("context_window", BigInteger),
    Column("max_input_tokens", BigInteger),
    Column("max_output_tokens", BigInteger),
    Column("stated_input", Amount),
    Column("stated_output", Amount),
    Column("stated_dated", json_type()),
    Column("input_price", Amount),
    Column("output_price", Amount),
    Column("dated", json_type()),  # prices by period, where they are other ones in some
    Column("release_date", Text),
    Column("deprecation_date", Text),
    Column("capabilities", json_type(), nullable=False),
    Column("abilities", json_type(), nullable=False),
    Column("metadata", json_type(), nullable=False),
    Index("model_by_price", "mode", "input_price", "output_price"),
    Index("model_by_context", "context_window"),
    Index("model_by_canonical", "canonical"),
    Index("model_by_family", "family"),
    Index("model_by_alias", "provider", "alias_of"),
    Index(
        "model_by_date",
        "provider",
        "model",
        sqlite_where=text("dated IS NOT NULL"),
        postgresql_where=text("dated IS NOT NULL"),
    ),
    Index("model_by_ability", "abilities", postgresql_using="gin").ddl_if(
        dialect="postgresql"
    ),
)

# where the sync with each source is
source = Table(
    "source",
    metadata,
    Column("source", Text, primary_key=True),
    *(
        Column(name, Text, nullable=False)
        for name in (
            "tried_at",
            "synced_at",
            "changed_at",
            "digest",
            "etag",
            "last_modified",
        )
    ),
    Column("rows", Integer, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("error", Text, nullable=False),
)

# what each source lists, by its own spelling
listing = Table(
    "listing",
    metadata,
    Column("source", Text, primary_key=True),
    Column("provider", Text, primary_key=True),
    Column("model_id", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("missing_since", Text, nullable=False),
)

# changes that wait for a person, and what became of them
review = Table(
    "review",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    *(
        Column(name, Text, nullable=False)
        for name in ("provider", "model_id", "field", "source")
    ),
    Column("old", Text),
    Column("new", Text),
    Column("doubts", Text, nullable=False),
    *(
        Column(name, Text, nullable=False)
        for name in ("state", "opened_at", "decided_at", "by", "because")
    ),
    Column("revision", BigInteger, nullable=False),
    Index("review_by_state", "state", "number"),
    Index("review_of_model", "provider", "model_id"),
)

# who may use a server, by the hashes of secrets; rows stay when a token is revoked
token = Table(
    "token",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    *(
        Column(name, Text, nullable=False)
        for name in (
            *("name", "role", "hash", "created_by", "created_at"),
            *("expires", "revoked_by", "revoked_at", "last_used"),
        )
    ),
    Index("token_by_hash", "hash", unique=True),
)

APPEND_ONLY = ("revision", "change", "claim")
VIEWS = ("current_models", "price_history", "capability_history")
