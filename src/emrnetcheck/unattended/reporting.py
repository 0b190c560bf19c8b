"""How does the mail of a week get into the outbox once?"""

from __future__ import annotations

from datetime import datetime

from emrnetcheck.model.claims import Ended, Work
from emrnetcheck.store.claims import Claims
from emrnetcheck.store.history import History
from emrnetcheck.store.outbox import Outbox
from emrnetcheck.unattended.parts import Done, Parts


def reported(parts: Parts, history: History, due_at: datetime, done: Done) -> bool:
    """False: somebody else did it meanwhile. A kill before the end leaves it due; after it, it is in the outbox."""
    # Before it is claimed, and outside the transaction: pictures take seconds.
    mail = parts.weekly(history, due_at, parts.now())
    claims = Claims(history)
    with history.together():
        if not claims.claim(Work.REPORT, parts.site, due_at, parts.now()):
            return False
        composed = mail is not None and Outbox(history, parts.site).compose(mail)
        claims.finish(Work.REPORT, parts.site, due_at, Ended.DONE, parts.now())
    if composed and mail is not None:
        done.composed.append(mail.key)
    return True
