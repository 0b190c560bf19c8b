"""Where are past runs kept, and how are they found again? Everything about the database, and nothing but that.

SQLAlchemy and alembic are slow to import, so they are imported on use, with `store.history`.
"""

from __future__ import annotations

from emrnetcheck.store.faults import DamagedRunError, NoSuchRunError, NothingStoredError, StoreError

__all__ = ["DamagedRunError", "NoSuchRunError", "NothingStoredError", "StoreError"]
