"""How is a due run made once, and is in the history before anything follows from it?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from emrnetcheck.model.claims import Ended, Work
from emrnetcheck.store import StoreError
from emrnetcheck.store.alerts import AlertStates
from emrnetcheck.store.claims import Claims
from emrnetcheck.store.history import History
from emrnetcheck.unattended.parts import Measured, Parts


def measured(parts: Parts, history: History, kind: Work, due_at: datetime, *, begins: Callable[[], None]) -> bool:
    """False: somebody else took it on. Killed in the middle it is not made again: the next one is not far.

    begins: called once it is taken on.
    """
    claims = Claims(history)
    if not claims.claim(kind, parts.site, due_at, parts.now()):
        return False
    begins()
    state, _ = AlertStates(history).load(parts.site)
    try:
        made = parts.measure(kind, state)
    except BaseException as error:
        ended = Ended.FAILED if isinstance(error, Exception) else Ended.STOPPED
        claims.finish(kind, parts.site, due_at, ended, parts.now())
        raise
    _keep(parts, history, kind, due_at, made)
    return True


def _keep(parts: Parts, history: History, kind: Work, due_at: datetime, made: Measured) -> None:
    try:
        # Together: a run that is in the history, and of which the alarms are not told, would be passed over.
        with history.together():
            if made.doubted is not None:
                history.save(made.doubted.run, made.doubted.report, made.doubted.settings)
            history.save(made.run, made.report, made.settings)
            Claims(history).finish(kind, parts.site, due_at, Ended.KEPT, parts.now(), run_id=made.run.id)
    except StoreError as error:
        raise StoreError(f"{error} This run is {parts.aside(made)}.") from error
