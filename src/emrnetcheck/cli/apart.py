"""Does a run that somebody started by hand keep apart from the scheduled ones? Two at once load the line together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from emrnetcheck.cli.data_folder import data_folder


@contextmanager
def apart(tell: Callable[[str], None]) -> Iterator[None]:
    """A scheduled run that comes meanwhile leaves its work to the next start. One that is at work is told of: who
    asks for a run now gets one.

    Where nothing was ever scheduled, nothing is written. That it cannot be kept apart costs no run.
    """
    from emrnetcheck.net.lock import FILE_NAME, Held, Holder, take

    file = data_folder() / FILE_NAME
    try:
        found = take(file, datetime.now(UTC)) if file.exists() else None
    except OSError:
        found = None
    if isinstance(found, Holder):
        since = "" if found.since is None else f" since {found.since.astimezone():%H:%M}"
        tell(f"Note: another run is at work{since}. Both load the line, so figures may be too low: run it again later.")
    try:
        yield
    finally:
        if isinstance(found, Held):
            found.release()
