"""Did the mails get through that scheduled runs wrote? By what the outbox knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emrnetcheck.cli.history.asking import command

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

_GIVEN_UP = (
    '{count} given up in the last {days} days, so not everybody has heard. To {recipient}: {why}. See "{command}".'
)
_WAITS = 'Mail waits to be sent since {since} ({count} in all). Why: "{command}".'


def undelivered(where: Path | str, site: str, now: datetime, told: Callable[[datetime], str]) -> list[str]:
    """A sentence for what was given up, and one for what waits for long. told: how a moment is written. StoreError as
    the history."""
    from emrnetcheck.store import NothingStoredError
    from emrnetcheck.store.unsent import TOLD_FOR, unsent
    from emrnetcheck.unattended.course import STUCK_AFTER

    try:
        mails = unsent(where, site, now)
    except NothingStoredError:
        return []
    outbox = f"{command()} email outbox"
    found = []
    if mails.failed:
        count = "1 mail was" if mails.failed == 1 else f"{mails.failed} mails were"
        recipient, why = next(iter(mails.why.items()))
        days = TOLD_FOR.days
        found.append(_GIVEN_UP.format(count=count, days=days, recipient=recipient, why=why.rstrip("."), command=outbox))
    if mails.since is not None and now - mails.since >= STUCK_AFTER:
        found.append(_WAITS.format(since=told(mails.since), count=mails.waiting, command=outbox))
    return found
