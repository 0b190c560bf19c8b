"""Schema 4: mails on their way, scheduled work that was taken on, and the state of the alerts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """From schema 3."""
    op.create_table(
        "emrnetcheck_outbox",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("composed_unix_s", sa.BigInteger, nullable=False),
        sa.Column("message", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "emrnetcheck_deliveries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("mail_id", sa.Integer, sa.ForeignKey("emrnetcheck_outbox.id"), nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_try_unix_s", sa.BigInteger, nullable=False),
        sa.Column("first_try_unix_s", sa.BigInteger),
        sa.Column("settled_unix_s", sa.BigInteger),
        sa.Column("reply", sa.Text),
        sa.Column("may_be_double", sa.Boolean, nullable=False),
        sa.UniqueConstraint("mail_id", "recipient", name="emrnetcheck_deliveries_once"),
    )
    op.create_index("emrnetcheck_deliveries_by_state", "emrnetcheck_deliveries", ["state", "next_try_unix_s"])
    op.create_table(
        "emrnetcheck_claims",
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("site", sa.Text, primary_key=True),
        sa.Column("due_unix_s", sa.BigInteger, primary_key=True),
        sa.Column("claimed_unix_s", sa.BigInteger, nullable=False),
        sa.Column("finished_unix_s", sa.BigInteger),
        sa.Column("outcome", sa.String(20)),
        sa.Column("run_id", sa.String(100)),
    )
    op.create_table(
        "emrnetcheck_alerts",
        sa.Column("site", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("changed_unix_s", sa.BigInteger, nullable=False),
    )
