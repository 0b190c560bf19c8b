"""What does the database look like, in the newest schema?"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

# The prefix, because a PostgreSQL database may be shared with others.
runs = Table(
    "emrnetcheck_runs",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("site", Text, nullable=False),
    Column("vantage", String(20), nullable=False),
    Column("mode", String(20), nullable=False),
    Column("started_unix_s", BigInteger, nullable=False),
    Column("verdict", String(30), nullable=False),
    Column("headline", Text, nullable=False),
    Column("segment", String(20)),
    Column("whole", Boolean, nullable=False),
    Column("goodput_mbps", Float),
    Column("idle_rtt_ms", Float),
    Column("loaded_rtt_ms", Float),
    Column("codes", Text, nullable=False),
    Column("public_v4", String(45)),
    Column("statuses", Text, nullable=False, server_default=""),  # "link=pass router=fail", in the report's order
    # With the id, because every list is in order of both: else each would be sorted anew, whole.
    Index("emrnetcheck_runs_by_time", "started_unix_s", "id"),
    Index("emrnetcheck_runs_by_site", "site", "started_unix_s", "id"),
)

# A table of its own, so that lists and trends need not read past the reports.
documents = Table(
    "emrnetcheck_documents",
    metadata,
    Column("run_id", String(100), ForeignKey(runs.c.id), primary_key=True),
    Column("report", LargeBinary, nullable=False),  # the JSON of `run --format json`, by zlib
    Column("settings", LargeBinary, nullable=False),  # of the clinic as it was then, as JSON, by zlib
)

watches = Table(
    "emrnetcheck_watches",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("site", Text, nullable=False),
    Column("started_unix_s", BigInteger, nullable=False),
    Column("watched_s", Float, nullable=False),
    Column("measured", Boolean, nullable=False),
    Column("segment", String(20)),
    Column("troubles", Integer, nullable=False),
    Column("summary", LargeBinary, nullable=False),  # the JSON that the watch ended with, by zlib
    Index("emrnetcheck_watches_by_time", "started_unix_s", "id"),
)

outbox = Table(
    "emrnetcheck_outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("site", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("composed_unix_s", BigInteger, nullable=False),
    Column("message", LargeBinary, nullable=False),  # as it is sent, by zlib
)

# One row per mail and recipient: each is sent by itself, and goes its own way.
deliveries = Table(
    "emrnetcheck_deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mail_id", Integer, ForeignKey(outbox.c.id), nullable=False),
    Column("recipient", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try_unix_s", BigInteger, nullable=False),  # of one that is being sent: when it counts as killed
    Column("first_try_unix_s", BigInteger),
    Column("settled_unix_s", BigInteger),
    Column("reply", Text),  # the last one, as JSON
    Column("may_be_double", Boolean, nullable=False),
    UniqueConstraint("mail_id", "recipient", name="emrnetcheck_deliveries_once"),
    Index("emrnetcheck_deliveries_by_state", "state", "next_try_unix_s"),
)

claims = Table(
    "emrnetcheck_claims",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("site", Text, primary_key=True),
    Column("due_unix_s", BigInteger, primary_key=True),
    Column("claimed_unix_s", BigInteger, nullable=False),
    Column("finished_unix_s", BigInteger),
    Column("outcome", String(20)),
    Column("run_id", String(100)),
)

alerts = Table(
    "emrnetcheck_alerts",
    metadata,
    Column("site", Text, primary_key=True),
    Column("state", Text, nullable=False),  # as JSON: what is in it, only `alerting` knows
    Column("revision", Integer, nullable=False),
    Column("changed_unix_s", BigInteger, nullable=False),
)
