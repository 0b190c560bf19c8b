"""emrnetcheck schedule run: do what is due. The host's own scheduler starts it, some times in an hour."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from emrnetcheck.cli.data_folder import data_folder
from emrnetcheck.cli.history.asking import ending
from emrnetcheck.cli.options import ConfigOption
from emrnetcheck.exit_status import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emrnetcheck.net.lock import Held
    from emrnetcheck.unattended import Trouble

_LONGEST_RUN_H = 2.0


def run(config: ConfigOption = None) -> None:
    """Do what is due: measure, raise alarms, write the report, send what waits. Silent where there is nothing to do.

    `schedule install` has it started; by hand it does the same. 0: all that was due is done, whatever the verdict is;
    1: mail could not be sent; 3: the history could not be used.
    """
    with ending():
        from emrnetcheck.cli.renamed import go_on_under_its_name
        from emrnetcheck.cli.run import settings
        from emrnetcheck.cli.schedule.planning import host_id_of
        from emrnetcheck.cli.schedule.record import RecordError, read_record
        from emrnetcheck.cli.schedule.wiring import parts_of
        from emrnetcheck.unattended import attend

        site = settings(config)
        try:
            record = read_record(data_folder())
        except RecordError as error:  # the work is done all the same: `schedule status` tells of it too
            tell(str(error))
            record = None
        held = _alone(data_folder())
        if held is None:
            return
        with held:
            go_on_under_its_name(site, config, tell)
            installed_at = None if record is None else record.installed_at
            parts = parts_of(site, host_id_of(record), installed_at, tell, waits=not _by_hand())
            done = attend(parts)
        for trouble in done.troubles:
            tell(trouble.in_words().rstrip(".") + ".")
        raise typer.Exit(status_of(done.troubles))


def status_of(troubles: Iterable[Trouble]) -> ExitStatus:
    """The worst of them decides."""
    found = list(troubles)
    if any(each.bug for each in found):
        return ExitStatus.INTERNAL_ERROR
    if any(not each.of_mail for each in found):
        return ExitStatus.COULD_NOT_TELL
    return ExitStatus.NOT_READY if found else ExitStatus.READY


def tell(sentence: str) -> None:
    """For a log, or for who started it by hand."""
    from emrnetcheck.reports.wording import clean

    typer.echo(clean(sentence))


def _by_hand() -> bool:
    """Somebody sits there, and sees for himself whether the network is there yet."""
    return sys.stdin is not None and sys.stdin.isatty()


def _alone(folder: Path) -> Held | None:
    """The lock that keeps scheduled runs apart; None: one is at work already."""
    from emrnetcheck.model import Failure
    from emrnetcheck.net.lock import FILE_NAME, Holder, take

    now = datetime.now(UTC)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        tell(f"The data folder {folder} cannot be made: {error.strerror}.")
        raise typer.Exit(ExitStatus.COULD_NOT_TELL) from None
    found = take(folder / FILE_NAME, now)
    if isinstance(found, Failure):
        # Two at once could spoil each other's figures, so none is better.
        tell(f"No run can be kept apart from another: {found.in_words()}.")
        raise typer.Exit(ExitStatus.COULD_NOT_TELL)
    if not isinstance(found, Holder):
        return found
    since = found.since
    if since is not None and (now - since).total_seconds() > _LONGEST_RUN_H * 3600:
        process = f" (process {found.pid})" if found.pid is not None else ""
        tell(f"A run that began {since.astimezone():%Y-%m-%d %H:%M} is still at work{process}: look whether it hangs.")
        raise typer.Exit(ExitStatus.COULD_NOT_TELL)
    return None
