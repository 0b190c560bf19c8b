"""What of past runs concerns the internet provider, and which runs say nothing about its line?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum

from emrnetcheck.evidence import ClinicReport
from emrnetcheck.evidence.series import Series
from emrnetcheck.evidence.upload import GOODPUT_PER_LINE_RATE, NEAR_ENOUGH, SecondServer, Upload, against
from emrnetcheck.model import Severity, Status
from emrnetcheck.model.past import THROUGH_A_TUNNEL


class LeftOut(StrEnum):
    """Why a run says nothing that the provider has to answer for."""

    VPN = "a VPN or a proxy was in between"
    WIFI = "this computer was on Wi-Fi"
    OFFICE = "the office's own network was at fault"
    OFFICE_UNSURE = "nothing on the Internet answered, and it is not known whether our router did"
    BUSY = "something else on this computer used the line"
    TESTER = "the test itself was the limit, not the line"
    NONE = "it was not measured"


@dataclass(frozen=True, slots=True)
class Terms:
    """For whom, about which time, and what the line is held against, as providers sell it. sold_mbps None: not told."""

    site: str
    since: datetime
    until: datetime
    needed_mbps: float
    recommended_mbps: float
    sold_mbps: float | None = None
    zone: tzinfo = UTC
    made_by: str = "emrnetcheck"


@dataclass(frozen=True, slots=True)
class Look:
    """One run, without what is no business of the provider's.

    left_out: of the whole run; None: it counts. upload_left_out: of its upload test too; None: that counts.
    ends: hosts on the Internet that were asked again and again, idle. internet: whether anything on it answered; None:
    not asked. codes: of those findings that are about the line. looked_inside: at the router, and so at our own
    network; of a run that counts it was in order. tested_at: when the part of the upload test that counts began.
    """

    id: str
    started_at: datetime
    left_out: LeftOut | None
    upload_left_out: LeftOut | None
    upload: Upload | None
    connection: str
    ends: tuple[Series, ...]
    internet: bool | None
    public_v4: str | None
    codes: frozenset[str]
    port: int | None
    looked_inside: bool
    tested_at: datetime


SHARED_ADDRESS = frozenset({"address.cgnat", "address.isp_private", "address.behind_ipv6"})
LOSS_PLACES = {
    "path.loss_line": "on our line",
    "path.loss": "beyond our line",
    "path.loss_somewhere": "at a place that could not be seen",
}
BLOCKED, BLACK_HOLE, SLOW_LINE = "port.blocked_upstream", "path.mtu_black_hole", "path.slow_line"
_OF_THE_LINE = SHARED_ADDRESS | LOSS_PLACES.keys() | {BLOCKED, BLACK_HOLE, SLOW_LINE}

_OUTSIDE = "outside"  # Trace.role: a public host; another office of the clinic is no business of the provider's
_BUSY = frozenset({"upload.line_busy", "upload.line_shared"})
_INSIDE = frozenset({"path.slow_inside", "path.loss_inside", "router.as_all"})
_ROUTER, _ROUTER_ANSWERS = "router", "router.ok"
_OWN_CHECKS = ("link", "router", "switch")
_BAD = (Severity.WARN, Severity.FAIL)
_CLOCK_S = 60.0  # a clock may be put right meanwhile by so much
_TOLD = frozenset({Status.PASS, Status.NOTICE, Status.WARN, Status.FAIL})


def looks_of(reports: Iterable[ClinicReport]) -> tuple[Look, ...]:
    """What is kept of each; the reports themselves may be many, are read once and are not kept."""
    return tuple(_look(report) for report in reports)


def counted(looks: Sequence[Look]) -> list[tuple[Look, Upload]]:
    """The runs whose upload test counts, with it."""
    return [(look, look.upload) for look in looks if look.upload is not None and look.upload_left_out is None]


def second_of(upload: Upload) -> SecondServer | None:
    """The same line's test with another server, where it gave a figure."""
    second = upload.second
    return second if second is not None and second.goodput_mbps is not None else None


def held_against(upload: Upload, line_mbps: float) -> str:
    """Whether the line reaches this rate, as one that providers sell: "pass", "fail", "borderline" (not certain)."""
    return against(upload, line_mbps * GOODPUT_PER_LINE_RATE, NEAR_ENOUGH)


def _look(report: ClinicReport) -> Look:
    seen, codes = report.evidence, {finding.code for check in report.checks for finding in check.findings}
    left_out = _left_out(report, codes)
    upload, address, path = seen.upload, seen.address, seen.path
    ends: list[Series] = []
    if path is not None:
        ends = [trace.end for trace in path.traces if trace.role == _OUTSIDE] + list(path.witnesses)
    return Look(
        id=report.id,
        started_at=report.started_at,
        left_out=left_out,
        upload_left_out=left_out or _upload_left_out(upload),
        upload=upload if upload is not None and upload.goodput_mbps is not None else None,
        connection={"wired": "cable", "wifi": "Wi-Fi"}.get(seen.link.medium if seen.link else "", "not known"),
        ends=tuple(end for end in ends if end.sent),
        internet=bool(address.outside_reached) if address is not None else None,
        public_v4=address.public_v4 if address is not None and left_out is not LeftOut.VPN else None,
        codes=frozenset(codes & _OF_THE_LINE),
        port=seen.port.port if seen.port is not None else None,
        looked_inside=any(check.id == _ROUTER and check.status in _TOLD for check in report.checks),
        tested_at=_tested_at(report),
    )


def _left_out(report: ClinicReport, codes: set[str]) -> LeftOut | None:
    """The first that holds: a run is counted once."""
    link = report.evidence.link
    if codes & THROUGH_A_TUNNEL or (link is not None and link.vpn):
        return LeftOut.VPN
    if link is not None and link.medium == "wifi":
        return LeftOut.WIFI
    own = (finding for check in report.checks if check.id in _OWN_CHECKS for finding in check.findings)
    if codes & _INSIDE or any(finding.severity in _BAD for finding in own):
        return LeftOut.OFFICE
    address = report.evidence.address
    if address is not None and not address.outside_reached and _ROUTER_ANSWERS not in codes:
        return LeftOut.OFFICE_UNSURE
    return LeftOut.BUSY if codes & _BUSY else None


def _tested_at(report: ClinicReport) -> datetime:
    """The run's own time where the test's is outside the run: the clock was set meanwhile."""
    upload = report.evidence.upload
    began_s = upload.window_start_unix_s if upload is not None else None
    if began_s is None or not 0 <= began_s - report.started_at.timestamp() <= report.duration_s + _CLOCK_S:
        return report.started_at
    return datetime.fromtimestamp(began_s, UTC)


def _upload_left_out(upload: Upload | None) -> LeftOut | None:
    if upload is None or upload.goodput_mbps is None:
        return LeftOut.NONE
    return LeftOut.TESTER if upload.tester_limited else None
