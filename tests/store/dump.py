"""What is a history of the newest schema, as SQL? For tests/store/schemas, once for each schema that is released.

python -m tests.store.dump > tests/store/schemas/NNNN.sql
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from emrnetcheck.model.claims import Work
from emrnetcheck.model.mail import Outcome, Reply
from emrnetcheck.store.alerts import AlertStates
from emrnetcheck.store.claims import Claims
from emrnetcheck.store.history import History
from emrnetcheck.store.outbox import Outbox
from tests.reports.samples import NOT_READY, READY
from tests.store.conftest import BEGAN, mail, save

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "history.sqlite"
        with History.opened(file, write=True) as history:
            save(history, READY)
            save(history, replace(NOT_READY, id="20261125T063000Z-a1b2", started_at=BEGAN))
            Outbox(history, mail(1).site).compose(mail(1))
            first, _ = Outbox(history, mail(1).site).due(BEGAN)
            Outbox(history, mail(1).site).claim(first.id, BEGAN)
            Outbox(history, mail(1).site).settle(first.id, Reply(Outcome.DEFERRED, 451, "later", "to"), BEGAN)
            Claims(history).claim(Work.REPORT, mail(1).site, BEGAN, BEGAN)
            AlertStates(history).save(mail(1).site, '{"open": []}', 0, BEGAN)
        plain = sqlite3.connect(file)
        sys.stdout.writelines(f"{line}\n" for line in plain.iterdump())
        plain.close()
