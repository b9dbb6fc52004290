"""Run by alembic: migrates over the connection that `schema.upgrade_schema` has opened."""

from __future__ import annotations

from alembic import context

from feedhub.store.metadata import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
