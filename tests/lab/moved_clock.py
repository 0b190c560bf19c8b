"""The program by a clock that is ahead: `python -m tests.lab.moved_clock SECONDS WORD...`, as `emrnetcheck WORD...`.

Only what asks for the date is moved: when something is due, when a run was made and a mail was written. What is
measured is timed by this computer's own clock, as is what the kernel tells of it. A second look that is bad is made
once more after a second.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import Any

from emrnetcheck import __main__, runner
from emrnetcheck.cli.email import asking
from emrnetcheck.cli.schedule import looking, running, wiring
from emrnetcheck.model.mail import Envelope

_ASK = (runner, running, wiring)
_written_now = asking.envelope_of


def move(ahead: timedelta) -> None:
    """From now on."""

    class Moved(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # one as all others are
            return datetime.now(tz) + ahead

    def written_then(*who: Any, **how: Any) -> Envelope:
        envelope = _written_now(*who, **how)
        return replace(envelope, now=envelope.now + ahead)

    asking.envelope_of = written_then
    for module in _ASK:
        if vars(module).get("datetime") is not datetime:
            raise RuntimeError(f"{module.__name__} asks for the date in another way by now")
        vars(module)["datetime"] = Moved


if __name__ == "__main__":
    move(timedelta(seconds=float(sys.argv[1])))
    looking.ONCE_MORE_AFTER_S = 1.0
    __main__.main(sys.argv[2:])
