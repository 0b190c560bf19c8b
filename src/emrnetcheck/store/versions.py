"""Which schemas has the history had? Without SQLAlchemy, for what has to be quick."""

from __future__ import annotations

VERSION_TABLE = "emrnetcheck_version"
REVISIONS = ("0001", "0002", "0003", "0004")
"""Every schema that there ever was, oldest first; the last is what `tables` describes."""
NEWEST = REVISIONS[-1]
