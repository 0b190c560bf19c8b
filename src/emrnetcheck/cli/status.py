"""emrnetcheck status: the last stored verdict, at once. It never measures."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emrnetcheck.cli.history.asking import (
    VANTAGES,
    FormOption,
    SiteOption,
    age_of,
    chosen,
    command,
    ending,
    here,
    kept_settings,
    show_lines,
)
from emrnetcheck.cli.keeping import place
from emrnetcheck.cli.options import ConfigOption, PlainOption, StrictOption
from emrnetcheck.cli.run import refuse
from emrnetcheck.exit_status import ExitStatus, exit_status_of
from emrnetcheck.model import Severity
from emrnetcheck.reports.pending import NOTHING, Pending, pending_data, pending_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emrnetcheck.model.past import PastRun

SCHEMA = "emrnetcheck/status/1"
_CLOCKS_DIFFER = timedelta(minutes=10)
_LOOKED_AT = 200  # of the newest runs, for the names of other sites
_NAMED = 3


def status(
    max_age: Annotated[
        str, typer.Option("--max-age", metavar="TIME", help="An older verdict is worth nothing: 12h, 8d or 2w.")
    ] = "8d",
    site: SiteOption = None,
    vantage: Annotated[
        str, typer.Option("--vantage", metavar="host|client", help="What `run`, or what `client` found.")
    ] = "host",
    strict: StrictOption = False,
    form: FormOption = "text",
    plain: PlainOption = False,
    config: ConfigOption = None,
) -> None:
    """Tell the last stored verdict at once, without measuring, with the exit status of that run.

    An alarm that is open makes ready not ready (1): something broke since.

    Only a run that asked the whole question counts. None, or none within --max-age: could not tell (3).
    """
    chosen(form, ("text", "json"), "--format")
    chosen(vantage, VANTAGES, "--vantage")
    oldest = _age(max_age)
    with ending():
        from emrnetcheck.store import NothingStoredError
        from emrnetcheck.store.asked import Wanted
        from emrnetcheck.store.reading import kept_runs

        now = datetime.now(UTC)
        try:
            clinic = kept_settings(config)
            # A shared database has other clinics in it. What `client` found has the name of the EMR's host.
            name = site or (clinic.name if vantage == "host" else None)
            where = place(clinic)
            found = kept_runs(where, Wanted(site=name, vantage=vantage, whole=True), most=1)
            # Those of another name: the settings may have been changed, or were not found.
            newest = [] if found or name is None else _of_any_site(where, vantage)
            others = list(dict.fromkeys(run.site for run in newest))
            pending = _pending(where, clinic.name if site is None else site, now) if vantage == "host" else NOTHING
        except NothingStoredError:
            name, found, others, pending = None, [], [], NOTHING
        run = found[0] if found else None
        age = None if run is None else now - run.started_at
        # From the future: the clock was wrong then or is now, so nobody knows how old it is.
        stale = age is None or not -_CLOCKS_DIFFER <= age <= oldest
        if form == "json":
            sys.stdout.write(_as_json(run, age, pending, stale=stale))
        else:
            if run is None and name is not None and others:
                _tell_of_others(name, others, plain=plain)
            else:
                _tell(run, age, stale=stale, max_age=max_age, plain=plain)
            show_lines(pending_lines(pending, zone=here(), command=command()), plain=plain)
        if run is None or stale:
            raise typer.Exit(ExitStatus.COULD_NOT_TELL)
        ended = exit_status_of(run.verdict, strict=strict, interrupted=False)
        raise typer.Exit(
            ExitStatus.NOT_READY if ended is ExitStatus.READY and _broken(pending, strict=strict) else ended
        )


def _broken(pending: Pending, *, strict: bool) -> bool:
    """Whether an alarm is open that counts. What a look found since the last whole run is no verdict, and no less
    broken."""
    found = () if pending.alarms is None else pending.alarms.open
    return any(each.severity is Severity.FAIL or (strict and each.severity is Severity.WARN) for each in found)


def _pending(where: Path | str, site: str, now: datetime) -> Pending:
    from emrnetcheck.alerting import from_json, standing
    from emrnetcheck.store.unsent import alarm_state, unsent

    mails = unsent(where, site, now)
    try:
        return Pending(mails, standing(from_json(alarm_state(where, site)), now))
    except ValueError:
        return Pending(mails, None)


def _of_any_site(where: Path | str, vantage: str) -> list[PastRun]:
    from emrnetcheck.store.asked import Wanted
    from emrnetcheck.store.reading import kept_runs

    wanted = Wanted(vantage=vantage, whole=True)
    return kept_runs(where, wanted, most=_LOOKED_AT, left_out=lambda _: None)  # only names are asked for here


def _age(text: str) -> timedelta:
    try:
        return age_of(text)
    except ValueError:
        refuse("--max-age is no time that is understood here: write 12h, 8d or 2w.")


def _tell(run: PastRun | None, age: timedelta | None, *, stale: bool, max_age: str, plain: bool) -> None:
    from emrnetcheck.reports.history import status_page

    show_lines(status_page(run, age, stale=stale, max_age=max_age, zone=here()), plain=plain)


def _tell_of_others(name: str, others: Sequence[str], *, plain: bool) -> None:
    from emrnetcheck.reports.line import Line

    more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
    named = ", ".join(f'"{each}"' for each in others[:_NAMED])
    there = f"There are runs of {named}{more}: --site NAME asks for one."
    lines = [Line(f'COULD NOT TELL: no whole run of "{name}" is kept.', style="unsure"), Line(there)]
    show_lines(lines, plain=plain)


def _as_json(run: PastRun | None, age: timedelta | None, pending: Pending, *, stale: bool) -> str:
    from emrnetcheck.reports.history import as_data

    made = {
        "schema": SCHEMA,
        "stale": stale,
        "age_s": None if age is None else round(age.total_seconds()),
        "run": None if run is None else as_data(run),
        **pending_data(pending),
    }
    return json.dumps(made, indent=2, allow_nan=False) + "\n"
