"""emrnetcheck report: what is kept, in any format, for whoever has to read it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emrnetcheck import __version__
from emrnetcheck.cli.delivering import deliver, formats_of, put_file, targets_of
from emrnetcheck.cli.history.asking import SinceOption, SiteOption, ending, here, opened, report_of, since_of
from emrnetcheck.cli.options import Writing, with_writing
from emrnetcheck.cli.report_week import week
from emrnetcheck.cli.run import refuse, settings
from emrnetcheck.cli.sharing import share, share_pack

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from emrnetcheck.evidence import ClinicReport
    from emrnetcheck.model import Site
    from emrnetcheck.reports.isp import Terms
    from emrnetcheck.store.asked import Wanted
    from emrnetcheck.store.history import History

_ISP, _WEEK = "isp", "week"
_SINCE = timedelta(days=14)


@with_writing
def report(
    run_id: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="The run's id, the beginning of one, latest (the default); or: week."),
    ] = None,
    reader: Annotated[
        str | None,
        typer.Option("--for", metavar="isp", help="A letter and tables for the internet provider, of many runs."),
    ] = None,
    since: SinceOption = None,
    sold_mbps: Annotated[
        float | None,
        typer.Option("--sold-mbps", metavar="MBPS", help="With --for isp: the upload that the contract names."),
    ] = None,
    site: SiteOption = None,
    redacted: Annotated[
        bool, typer.Option("--share", help="A copy without names and addresses, for strangers; or none at all.")
    ] = False,
    *,
    how: Writing,
) -> None:
    """Write a stored run, the week, or the evidence for the internet provider. It measures nothing."""
    with ending():
        if reader is not None:
            _refuse_for_provider(reader, run_id, sold_mbps, how)
            _for_provider(since, sold_mbps, site, how, redacted=redacted)
            return
        if since is not None or sold_mbps is not None:
            refuse("--since and --sold-mbps go with --for isp.")
        if run_id == _WEEK:
            week(how, site=site, redacted=redacted)
            return
        if site is not None:
            refuse("--site goes with --for isp and with week; one run is chosen by its ID.")
        _one(run_id, how, redacted=redacted)


def _one(run_id: str | None, how: Writing, *, redacted: bool) -> None:
    chosen = formats_of(how.formats or ["text"], how.output)
    clinic = settings(how.config)
    with opened(clinic) as history:
        stored = report_of(history.document(run_id or "latest"))
    if redacted:
        share(stored, clinic, chosen, how.output, verbose=how.verbose)
    else:
        deliver(stored, targets_of(chosen, how.output), plain=how.plain, verbose=how.verbose)


def _refuse_for_provider(reader: str, run_id: str | None, sold_mbps: float | None, how: Writing) -> None:
    from emrnetcheck.reports.wording import clean

    if reader != _ISP:
        refuse(f"--for {clean(reader)[:60]} is not known here: choose isp.")
    if run_id is not None:
        refuse("--for isp is made of many runs: leave the ID out, and choose the time with --since.")
    if how.formats or how.plain or how.verbose:
        refuse("--for isp writes files of its own: leave out --format, --plain and --verbose.")
    if sold_mbps is not None and not 0 < sold_mbps <= 100_000:  # noqa: PLR2004 (NaN fails too)
        refuse("--sold-mbps is a rate in Mbps, such as 10.")


def _for_provider(
    since: str | None, sold_mbps: float | None, site: str | None, how: Writing, *, redacted: bool
) -> None:
    from emrnetcheck.reports.isp import Terms, looks_of, pack
    from emrnetcheck.store.asked import Wanted

    if how.output is None:
        refuse("--for isp writes several files: say with --output into which folder.")
    clinic, now = settings(how.config), datetime.now(UTC)
    needed_mbps = _needed_mbps(clinic)
    terms = Terms(
        site=site or clinic.name,
        since=since_of(since, now) or now - _SINCE,
        until=now,
        needed_mbps=needed_mbps,
        recommended_mbps=max(clinic.recommended_mbps, needed_mbps),
        sold_mbps=sold_mbps,
        zone=UTC if redacted else here(),
        made_by=f"emrnetcheck {__version__}",
    )
    with opened(clinic) as history:
        wanted = Wanted(site=terms.site, vantage="host", since=terms.since)
        _refuse_nothing(history, wanted, terms)
        looks = looks_of(_readable(history, wanted))
    if redacted:
        share_pack(looks, terms, clinic, how.output)
    else:
        _write(pack(looks, terms), how.output)


def _needed_mbps(clinic: Site) -> float:
    """What page one asks the line for: the minimum, or what all the people planned need where that is more."""
    from emrnetcheck.evidence.upload import GOODPUT_PER_LINE_RATE
    from emrnetcheck.workloads import line_rate_for

    for_all = line_rate_for(clinic, GOODPUT_PER_LINE_RATE)
    return clinic.minimum_mbps if for_all <= clinic.recommended_mbps else for_all


def _refuse_nothing(history: History, wanted: Wanted, terms: Terms) -> None:
    """StoreError where no run is like that, with the sites that there are."""
    from emrnetcheck.store import StoreError
    from emrnetcheck.store.asked import Wanted

    if history.runs(wanted, most=1):
        return
    others = sorted({each.site for each in history.figures(Wanted(vantage="host", since=terms.since))})
    there = f" There are runs of {', '.join(others)}: choose one with --site." if others else ""
    raise StoreError(f"No run of {terms.site} is kept since {terms.since:%Y-%m-%d}: no evidence.{there}")


def _readable(history: History, wanted: Wanted) -> Iterator[ClinicReport]:
    """One that this version cannot read is said, and costs no other."""
    from emrnetcheck.reports.wording import clean
    from emrnetcheck.store import StoreError

    for document in history.documents(wanted):
        try:
            yield report_of(document)
        except StoreError as error:
            typer.echo(f"Note: left out: {clean(str(error))}", err=True)


def _write(files: Mapping[str, str], folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            put_file(folder / name, text)
    except OSError as error:
        refuse(f"--output {folder} cannot be written: {error.strerror}. Choose another folder.")
    typer.echo(f"Written to {folder}: {', '.join(files)}.")
    typer.echo("Read letter.txt before you send it: it names this clinic and its address on the Internet.")
