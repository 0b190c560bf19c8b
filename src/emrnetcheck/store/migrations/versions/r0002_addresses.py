"""Schema 2: the public address and what came of each check stand beside a run, so that a week need not open reports.

Its lists come in order from an index, which they did not: with many runs, most of their time was sorting.

Those of older runs are read out of their reports. A report that cannot be read leaves them empty: not known.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_INDEXES = {
    "emrnetcheck_runs_by_time": ["started_unix_s", "id"],
    "emrnetcheck_runs_by_site": ["site", "started_unix_s", "id"],
}
_AT_ONCE = 500
_MOST_BYTES = 100_000_000
_LONGEST_ADDRESS = 45
_ONE = r"[a-z0-9_]+=(pass|notice|warn|fail|unknown|skipped)"
_STATUSES = re.compile(f"({_ONE}( {_ONE})*)?")
_REPORTS = "SELECT run_id, report FROM emrnetcheck_documents WHERE run_id > :last ORDER BY run_id LIMIT :most"
_FILL = "UPDATE emrnetcheck_runs SET public_v4 = :public_v4, statuses = :statuses WHERE id = :run_id"


def upgrade() -> None:
    """From schema 1."""
    op.add_column("emrnetcheck_runs", sa.Column("public_v4", sa.String(45)))
    op.add_column("emrnetcheck_runs", sa.Column("statuses", sa.Text, nullable=False, server_default=""))
    for name, columns in _INDEXES.items():
        op.drop_index(name, "emrnetcheck_runs")
        op.create_index(name, "emrnetcheck_runs", columns)
    connection, last = op.get_bind(), ""
    # Some at a time, each asked for by its key: all reports at once may be more than there is memory for.
    while rows := connection.execute(sa.text(_REPORTS), {"last": last, "most": _AT_ONCE}).all():
        connection.execute(sa.text(_FILL), [{"run_id": row.run_id, **_read(bytes(row.report))} for row in rows])
        last = rows[-1].run_id


def _read(content: bytes) -> Mapping[str, str | None]:
    try:
        report = json.loads(zlib.decompressobj().decompress(content, _MOST_BYTES))
        statuses = " ".join(f"{check['id']}={check['status']}" for check in report["checks"])
        if not _STATUSES.fullmatch(statuses):
            raise ValueError(statuses)
        public_v4 = ((report["evidence"] or {}).get("address") or {}).get("public_v4")
    except (ValueError, zlib.error, KeyError, TypeError, AttributeError, RecursionError):
        return {"public_v4": None, "statuses": ""}
    return {"public_v4": _address(public_v4), "statuses": statuses}


def _address(value: Any) -> str | None:  # noqa: ANN401 (whatever the kept report has there)
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST_ADDRESS and value.isascii() else None
