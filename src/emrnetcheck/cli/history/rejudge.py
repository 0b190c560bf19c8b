"""emrnetcheck history rejudge ID: what would today's limits say of what was seen then?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import typer

from emrnetcheck.cli.delivering import deliver, formats_of, targets_of
from emrnetcheck.cli.history.asking import IdArgument, ending, opened, report_of
from emrnetcheck.cli.options import StrictOption, Writing, with_writing
from emrnetcheck.cli.run import settings
from emrnetcheck.exit_status import exit_status_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from emrnetcheck.evidence import Case
    from emrnetcheck.model import Check, Site
    from emrnetcheck.store.history import Document


@with_writing
def rejudge(run_id: IdArgument = "latest", strict: StrictOption = False, *, how: Writing) -> None:
    """Judge a stored run's evidence with today's limits. What is stored stays as it is."""
    with ending():
        from emrnetcheck.reports.changes import answer, changes
        from emrnetcheck.runner.answer import NOT_THEN, judged_again

        chosen = formats_of(how.formats or ["text"], how.output)
        today = settings(how.config)
        with opened(today) as history:
            document = history.document(run_id)
        stored = report_of(document)
        site, checks = _as_then(document, today, stored.vantage)
        accepted = today.accepted_on(datetime.now().astimezone().date()) if stored.vantage != "client" else {}
        report = judged_again(stored, site, checks, accepted)
        deliver(report, targets_of(chosen, how.output), plain=how.plain, verbose=how.verbose)
        _tell(answer(stored), answer(report), len(changes(stored, report).checks))
        _tell_younger([check.title for check in report.checks if check.skipped_because == NOT_THEN])
        raise typer.Exit(exit_status_of(report.verdict, strict=strict, interrupted=report.interrupted))


def _as_then(document: Document, today: Site, vantage: str) -> tuple[Site, Sequence[Check[Case, Any]]]:
    """The clinic as it was when the evidence was taken, with the limits and the need of today; and whose checks."""
    from pydantic import TypeAdapter, ValidationError

    from emrnetcheck.checks import ALL, CLIENT
    from emrnetcheck.cli.client import VANTAGE, limits_of
    from emrnetcheck.model import Site
    from emrnetcheck.store import StoreError

    try:
        then = TypeAdapter(Site).validate_json(document.settings)
    except ValidationError as error:
        raise StoreError(f"The settings kept with the run {document.run.id[:60]} cannot be read.") from error
    if vantage == VANTAGE:
        return replace(then, limits=limits_of(today)), CLIENT
    site = replace(
        then,
        limits=today.limits,
        minimum_mbps=today.minimum_mbps,
        recommended_mbps=today.recommended_mbps,
        users=today.users,
        workload=today.workload,
    )
    return site, ALL


def _tell(was: str, now: str, changed: int) -> None:
    if was == now and not changed:
        typer.echo("Today's limits say the same as those of then.", err=True)
        return
    typer.echo(f"It was: {was}. By today's limits: {now}.", err=True)


def _tell_younger(titles: Sequence[str]) -> None:
    if titles:
        were = f"Checks that did not exist then: {', '.join(titles)}"
        typer.echo(f"{were}. Nothing was measured for them, and no limit changes that.", err=True)
