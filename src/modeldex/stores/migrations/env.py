"""What Alembic runs: migrations on the connection that it was given.

One transaction holds all of them; who opened it commits or rolls back.
"""

from __future__ import annotations

from alembic import context

from modeldex.stores.tables import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
context.run_migrations()
