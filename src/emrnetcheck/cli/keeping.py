"""How does a finished run get into the history, without costing the report anything?"""

from __future__ import annotations

import errno
import json
import os
import traceback
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from emrnetcheck.cli.data_folder import data_folder

if TYPE_CHECKING:
    from emrnetcheck.evidence import ClinicReport
    from emrnetcheck.model import Site
    from emrnetcheck.store.history import History

FILE_NAME = "history.sqlite"
_WAITING = "waiting"
_LOOKED_AT = 1000  # of the newest runs: with a look every quarter of an hour, more than a week
_NO_ROOM = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
# The schedule holds an address that is a secret, and judges nothing.
_SECRETS = ("responder_token", "lan_responder_token", "history_url", "schedule", "mail")


def place(site: Site) -> Path | str:
    """Where the history is: a URL of the settings, else one file in the user's data folder."""
    return site.history_url or data_folder() / FILE_NAME


def keep(report: ClinicReport, site: Site) -> None:
    """Save the report. What goes wrong is a note on standard error: the run, its report and its status stand."""
    from emrnetcheck.reports.json import render
    from emrnetcheck.store import StoreError

    try:
        text, settings = render(report), settings_text(site)
        try:
            _save(report, text, settings, site)
        except StoreError as error:
            _note(f"{error} This run is {set_aside(report.id, text, settings)}.")
    except Exception as error:  # noqa: BLE001 - a bug here must not cost the report, which is printed already
        if os.environ.get("EMRNETCHECK_DEBUG"):
            traceback.print_exc()
        _note(f"This run is not in the history, by an error of emrnetcheck itself ({type(error).__name__}).")


def settings_text(site: Site) -> str:
    """The clinic's settings as they are kept beside a report: all but secrets, where those are, and who gets mail."""
    from emrnetcheck.reports.json import plain_data

    return json.dumps({name: value for name, value in plain_data(site).items() if name not in _SECRETS})


def _save(report: ClinicReport, text: str, settings: str, site: Site) -> None:
    from emrnetcheck.store.extract import past_run
    from emrnetcheck.store.saving import has_older, saved_in_file

    where, run = place(site), past_run(report)
    before = datetime.now(UTC) - timedelta(days=site.history_keep_days)
    saved = isinstance(where, Path) and saved_in_file(where, run, text, settings)
    if saved and isinstance(where, Path) and not _waiting() and not has_older(where, before):
        return  # the usual case, in which SQLAlchemy need not be loaded
    from emrnetcheck.store import StoreError
    from emrnetcheck.store.history import History

    with History.opened(where, write=True) as history:
        history.save(run, text, settings)
        try:
            tidy(history, before)
        except StoreError as error:
            _note(str(error))  # of older runs: this one is kept


def tidy(history: History, before: datetime) -> None:
    """Take in the runs that were set aside, and forget what is older, unless a wrong clock may be all that is old."""
    from emrnetcheck.store.aging import believed

    _take_in(history)
    now = datetime.now(UTC)
    history.prune(before - (now - believed(now, history.begun(most=_LOOKED_AT))))


def _waiting() -> list[Path]:
    return sorted((data_folder() / _WAITING).glob("*.json"))


def _take_in(history: History) -> None:
    """The runs that were set aside while the history could not be used."""
    from emrnetcheck.reports.json import NotAReportError, parse
    from emrnetcheck.store.extract import past_run

    for file in _waiting():
        try:
            kept = json.loads(file.read_text(encoding="utf-8"))
            report, text, settings = parse(kept["report"]), kept["report"], kept["settings"]
        except (OSError, ValueError, TypeError, KeyError, NotAReportError):
            continue  # not ours, or cut off: it stays where it is, for somebody to look at
        history.save(past_run(report), text, settings)
        file.unlink(missing_ok=True)


def set_aside(id_: str, text: str, settings: str) -> str:
    """Kept in a file of its own until the history can be used again; how that went, in words."""
    folder = data_folder() / _WAITING
    beside = folder / f".{id_}.new"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            json.dump({"report": text, "settings": settings}, out)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(folder / f"{id_}.json")
    except OSError as error:
        with suppress(OSError):  # nothing half written, and no folder for nothing
            beside.unlink(missing_ok=True)
            folder.rmdir()
        room = ", and free room on that disk before the next run" if error.errno in _NO_ROOM else ""
        return f"not kept anywhere but in what was printed ({folder}: {error.strerror}): save that now{room}"
    return f"set aside in {folder}, and goes into the history with the next one that can be saved"


def _note(sentence: str) -> None:
    from emrnetcheck.reports.wording import clean

    typer.echo(f"Note: {clean(sentence)}", err=True)
