"""How does one schema of the history become the next? alembic runs this on the connection that it is given."""
