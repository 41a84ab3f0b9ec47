"""What Alembic runs around the migrations: on the connection it is handed, in the transaction that is open there."""

from alembic import context

from user_intel.state.migrating import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    version_table=VERSION_TABLE,
    # SQLite changes tables by copying them.
    render_as_batch=True,
)
context.run_migrations()
