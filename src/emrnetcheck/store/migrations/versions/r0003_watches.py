"""Schema 3: what watches came to is kept beside the runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """From schema 2."""
    op.create_table(
        "emrnetcheck_watches",
        sa.Column("id", sa.String(100), primary_key=True),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("started_unix_s", sa.BigInteger, nullable=False),
        sa.Column("watched_s", sa.Float, nullable=False),
        sa.Column("measured", sa.Boolean, nullable=False),
        sa.Column("segment", sa.String(20)),
        sa.Column("troubles", sa.Integer, nullable=False),
        sa.Column("summary", sa.LargeBinary, nullable=False),
    )
    op.create_index("emrnetcheck_watches_by_time", "emrnetcheck_watches", ["started_unix_s", "id"])
