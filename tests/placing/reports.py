"""Reports as the runner makes them, out of evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

from emrnetcheck.checks import ALL, CLIENT
from emrnetcheck.diagnosis import causes_of, headline_of, meanings_of, segment_of, verdict_of
from emrnetcheck.evidence import Case, ClinicReport, Seen
from emrnetcheck.judging import judge_all
from emrnetcheck.model import Environment, Mode, Report, Site, Tool, Traffic
from tests.checks.builders import HEALTHY, SITE
from tests.checks.client_builders import CLIENT_LINK, CLIENT_SEEN, CLIENT_SITE

_NUMBERS = count()
NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
THIRD_LINK = replace(CLIENT_LINK, address="192.168.3.20", gateway="192.168.3.1")


def report(seen: Seen, *, vantage: str, site: Site, hours_later: float = 0.0) -> ClinicReport:
    """What would be written of this evidence."""
    checks = CLIENT if vantage == "client" else ALL
    results = judge_all(checks, Case(site, seen), {}, {}, strict=True)
    causes = causes_of(results, meanings_of(checks))
    verdict = verdict_of(results)
    return Report(
        id=f"20261126T120000Z-{next(_NUMBERS):06x}",
        schema="emrnetcheck/report/1",
        site=site.name,
        vantage=vantage,
        mode=Mode.STANDARD,
        started_at=NOON + timedelta(hours=hours_later),
        duration_s=20.0,
        tool=Tool("emrnetcheck", "0.1.0"),
        environment=Environment("Linux 6.1", "3.11.2", privileged=False, proxy=False),
        verdict=verdict,
        headline=headline_of(verdict, causes, vantage, results),
        causes=causes,
        checks=results,
        evidence=seen,
        unmeasured={},
        traffic=Traffic(1000, 2000),
        third_parties=(),
        segment=segment_of(results, causes, vantage),
    )


def from_elsewhere(seen: Seen = CLIENT_SEEN, hours_later: float = 0.0, **changes: object) -> ClinicReport:
    """A report of client."""
    return report(replace(seen, **changes), vantage="client", site=CLIENT_SITE, hours_later=hours_later)  # type: ignore[arg-type]


def at_the_clinic(seen: Seen = HEALTHY, hours_later: float = 0.0, **changes: object) -> ClinicReport:
    """A report of run."""
    return report(replace(seen, **changes), vantage="host", site=SITE, hours_later=hours_later)  # type: ignore[arg-type]


def from_a_third_place(seen: Seen = CLIENT_SEEN, hours_later: float = 0.0, **changes: object) -> ClinicReport:
    """A report of client, of another computer at another place than `from_elsewhere`."""
    here: Seen = replace(seen, **changes)  # type: ignore[arg-type]
    assert here.way is not None
    moved = replace(here, link=THIRD_LINK, way=replace(here.way, public_v4="62.4.31.77"))
    return report(moved, vantage="client", site=CLIENT_SITE, hours_later=hours_later)
