"""emrnetcheck client URL: which part of the way from this computer to the EMR is slow?"""

from __future__ import annotations

import ipaddress
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emrnetcheck.cli.delivering import deliver, formats_of, targets_of
from emrnetcheck.cli.emr_url import UrlError, parse_url
from emrnetcheck.cli.keeping import keep
from emrnetcheck.cli.options import (
    ConfigOption,
    FormatsOption,
    NoSaveOption,
    OutputOption,
    PlainOption,
    QuietOption,
    StrictOption,
    VerboseOption,
)
from emrnetcheck.cli.run import bug, refuse, settings
from emrnetcheck.exit_status import exit_status_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emrnetcheck.evidence import ClinicReport
    from emrnetcheck.evidence.clinic import ClinicSays
    from emrnetcheck.model import Site

VANTAGE = "client"
_OTHER_LINE = (
    "that report was made through a VPN or a proxy, so the address and the upload in it are not used. "
    "Switch that off at the clinic and run it again."
)


def client(
    url: Annotated[str, typer.Argument(metavar="URL", help="The EMR's address, as the browser shows it.")],
    clinic: Annotated[
        Path | None, typer.Option("--clinic", metavar="FILE", help="The clinic's own report (run --format json).")
    ] = None,
    config: ConfigOption = None,
    no_download: Annotated[
        bool, typer.Option("--no-download", help="Load nothing from a third party for comparison.")
    ] = False,
    formats: FormatsOption = None,
    output: OutputOption = None,
    no_save: NoSaveOption = False,
    strict: StrictOption = False,
    plain: PlainOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Say which part of the way to the EMR is slow: run it where the EMR is used. Needs no settings."""
    site = _site(url, settings(config))
    targets = targets_of(formats_of(formats or ["text"], output), output)
    try:
        said = _clinic(clinic, site) if clinic is not None else None
        report = _measure(site, said, download=not no_download, quiet=quiet, plain=plain)
        try:
            deliver(report, targets, plain=plain, verbose=verbose)
        finally:
            # After the report, which must not wait for it; and also where the report could not be written.
            if not no_save:
                keep(report, site)
    except typer.Exit:
        raise
    except Exception:  # noqa: BLE001 - the last line: a bug must end in one sentence and status 70
        bug()
    raise typer.Exit(exit_status_of(report.verdict, strict=strict, interrupted=report.interrupted))


def _site(url: str, known: Site) -> Site:
    """The settings' third parties, and the EMR of the address: what they say of the clinic is not of this place."""
    from emrnetcheck.model import Site

    try:
        asked = parse_url(url)
    except UrlError as error:
        refuse(str(error))
    return Site(
        name=asked.host,
        hostname=asked.host,
        port=asked.port,
        path=asked.path,
        scheme=asked.scheme,
        upload_servers=known.upload_servers,
        max_mb=known.max_mb,
        resolvers=known.resolvers,
        stun=known.stun,
        responder_token=known.responder_token,
        history_url=known.history_url,
        history_keep_days=known.history_keep_days,
        limits=limits_of(known),
    )


def limits_of(known: Site) -> dict[str, Mapping[str, float]]:
    """What is set for the answer holds for each part as well, so that the two cannot contradict each other."""
    from emrnetcheck.checks import CLIENT, segment

    shared = known.limits.get(segment.CHECK.id, {})
    same_kind = [check.id for check in CLIENT if type(check.limits) is type(segment.CHECK.limits)]
    return {**known.limits, **{name: {**shared, **known.limits.get(name, {})} for name in same_kind}}


def _clinic(file: Path, site: Site) -> ClinicSays:
    from emrnetcheck.cli.report_file import clinic_says, read_report
    from emrnetcheck.reports.json import NotAReportError
    from emrnetcheck.reports.wording import clean

    try:
        report = read_report(file)
    except NotAReportError as error:
        refuse(clean(f"--clinic {file}: {error}"))
    if report.vantage == VANTAGE:
        refuse(f"--clinic {file}: that report was made by client, not by run at the clinic.")
    said = clinic_says(report, datetime.now(UTC))
    asked = site.hostname or ""
    if said.hostname is not None and not _is_address(asked) and said.hostname.rstrip(".").lower() != asked:
        refuse(clean(f"--clinic {file}: that report is about {said.hostname}, not about {asked}."))
    if said.by_tunnel:
        typer.echo(clean(f"Note: --clinic {file}: {_OTHER_LINE}"), err=True)
    return said


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _measure(site: Site, said: ClinicSays | None, *, download: bool, quiet: bool, plain: bool) -> ClinicReport:
    from emrnetcheck import runner
    from emrnetcheck.checks import CLIENT
    from emrnetcheck.evidence import Seen
    from emrnetcheck.probes import CLIENT as PROBES
    from emrnetcheck.reports.progress import display

    probes = [probe for probe in PROBES if download or probe.name != "download"]
    options = runner.Options(vantage=VANTAGE)
    with display(sys.stderr, quiet=quiet, plain=plain, environ=os.environ) as show:
        return runner.run(site, options, probes=probes, checks=CLIENT, tell=show, known=Seen(clinic=said))
