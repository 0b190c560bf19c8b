"""Schema 1: runs, and their reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """From nothing."""
    op.create_table(
        "emrnetcheck_runs",
        sa.Column("id", sa.String(100), primary_key=True),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("vantage", sa.String(20), nullable=False),
        sa.Column("mode", sa.String(20), nullable=False),
        sa.Column("started_unix_s", sa.BigInteger, nullable=False),
        sa.Column("verdict", sa.String(30), nullable=False),
        sa.Column("headline", sa.Text, nullable=False),
        sa.Column("segment", sa.String(20)),
        sa.Column("whole", sa.Boolean, nullable=False),
        sa.Column("goodput_mbps", sa.Float),
        sa.Column("idle_rtt_ms", sa.Float),
        sa.Column("loaded_rtt_ms", sa.Float),
        sa.Column("codes", sa.Text, nullable=False),
    )
    op.create_index("emrnetcheck_runs_by_time", "emrnetcheck_runs", ["started_unix_s"])
    op.create_index("emrnetcheck_runs_by_site", "emrnetcheck_runs", ["site", "vantage", "whole", "started_unix_s"])
    op.create_table(
        "emrnetcheck_documents",
        sa.Column("run_id", sa.String(100), sa.ForeignKey("emrnetcheck_runs.id"), primary_key=True),
        sa.Column("report", sa.LargeBinary, nullable=False),
        sa.Column("settings", sa.LargeBinary, nullable=False),
    )
