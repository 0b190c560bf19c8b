"""What alembic loads before it changes the schema: on the given connection, inside its transaction."""

from __future__ import annotations

from alembic import context

from emrnetcheck.store.versions import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
with context.begin_transaction():
    context.run_migrations()
