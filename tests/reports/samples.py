"""Hand-built reports, one per kind of answer: what the golden files are made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from emrnetcheck.evidence import ClinicReport, Seen
from emrnetcheck.evidence.download import Download
from emrnetcheck.evidence.exposure import Exposure, Listener
from emrnetcheck.evidence.lan import Lan, LanTarget
from emrnetcheck.evidence.link import Link
from emrnetcheck.evidence.port import OutsideTry, Port, PortTry
from emrnetcheck.evidence.second_opinion import SecondOpinion
from emrnetcheck.evidence.upload import ServerTry, Upload
from emrnetcheck.model import (
    Cause,
    CheckResult,
    Contact,
    Environment,
    Fact,
    Failure,
    FailureKind,
    Mode,
    Report,
    ReportFinding,
    Severity,
    Status,
    ThirdParty,
    Tool,
    Traffic,
    Urgency,
    Verdict,
)

HOSTILE = "\x1b[31m[bold red]Elm\x07[/] St\nClinic\u202e \x9b2J \ud800 [link=http://x]y[/link] :smile: \x00"

LINK = Link("eth0", "192.168.1.10", "192.168.1.1", "wired", 1000, "full", False, True, 0, 0)
LAN = Lan(
    (
        LanTarget("192.168.1.1", "gateway", 50, 0, 0.6, 0.9, 1.4, 0.1, "icmp", p99_ms=1.4),
        LanTarget("192.168.1.20", "peer", 50, 1, 0.4, 0.5, 0.8, 0.1, "tcp:445", p99_ms=0.8),
    ),
    "neighbour table",
)
UPLOAD = Upload(
    goodput_mbps=9.53,
    line_rate_mbps=10.1,
    lower_mbps=9.41,
    upper_mbps=9.66,
    confidence=0.95,
    settled=True,
    seconds=10.2,
    sent_bytes=12_480_000,
    method="tcp_info",
    back_end="cloudflare",
    server="upload.example.org",
    address="192.0.2.7",
    idle_rtt_ms=18.2,
    loaded_rtt_ms=44.0,
    slot_s=0.25,
    ramp_s=1.5,
    samples=(1.0, 3.5, 7.25, 8.9, 9.3, 9.5, *(9.35, 9.6, 9.45, 9.72, 9.5, 9.55) * 7),
    streams=4,
    confirmed_goodput_mbps=9.5,
    window_start_unix_s=1_795_551_601.25,
    window_end_unix_s=1_795_551_610.0,
    tester_limited=None,
    skipped_servers=(
        ServerTry("speedtest", "speed.example.net", Failure(FailureKind.TIMEOUT, "connect", "speed.example.net:8080")),
    ),
    idle_rtt_p95_ms=19.9,
    loaded_rtt_p95_ms=61.5,
    idle_probes=16,
    loaded_probes=80,
    loaded_seconds=8.0,
    rpm=1363.6,
    other_sent_mbps=0.04,
    other_received_mbps=0.11,
    other_during_mbps=None,
    congestion="cubic",
)


def upload_of(goodput_mbps: float) -> Upload:
    """The same course at another rate."""
    share = goodput_mbps / 9.53
    return replace(
        UPLOAD,
        goodput_mbps=goodput_mbps,
        line_rate_mbps=round(goodput_mbps / 0.94, 2),
        lower_mbps=round(9.41 * share, 2),
        upper_mbps=round(9.66 * share, 2),
        sent_bytes=round(UPLOAD.sent_bytes * share),
        samples=tuple(round(each * share, 2) for each in UPLOAD.samples),
        confirmed_goodput_mbps=goodput_mbps,
    )


OPINION = SecondOpinion(5.13, 10.9, 7_340_032, "http://speed.example.net:8080/upload.php", 8_100_000, capped=True)
DOWNLOAD = Download(
    goodput_mbps=47.1,
    line_rate_mbps=50.0,
    lower_mbps=46.2,
    upper_mbps=48.0,
    confidence=0.99,
    settled=True,
    seconds=2.6,
    received_bytes=25_000_000,
    method="received",
    back_end="cloudflare",
    server="https://upload.example.org/__down",
    address="192.0.2.7:443",
    idle_rtt_ms=18.4,
    loaded_rtt_ms=52.0,
    idle_rtt_p95_ms=20.1,
    loaded_rtt_p95_ms=63.9,
    idle_probes=16,
    loaded_probes=26,
    loaded_seconds=2.6,
    rpm=1153.8,
    slot_s=0.25,
    ramp_s=1.7,
    samples=(12.0, 30.0, 42.0, 45.0, 46.0, 46.4, 46.8, *(46.5, 47.2, 47.6) * 3),
    streams=4,
    window_start_unix_s=1_795_551_615.0,
    window_end_unix_s=1_795_551_617.6,
    tester_limited=None,
    skipped_servers=(),
    other_received_mbps=0.02,
    other_during_mbps=0.31,
)
PORT = Port(
    port=8443,
    is_emr_host=True,
    listening=True,
    bind=("0.0.0.0",),
    loopback=PortTry("127.0.0.1", 8443, True, 0.1, None),
    lan=PortTry("192.168.1.10", 8443, True, 0.2, None),
    hairpin=PortTry("203.0.113.7", 8443, False, None, Failure(FailureKind.TIMEOUT, "connect", "203.0.113.7:8443")),
    outside=(OutsideTry("globalping", "203.0.113.7", 8443, True, None),),
)
EXPOSURE = Exposure(
    ports=(3306, 3389, 22),
    address="203.0.113.7",
    held_back=None,
    control_port=61213,
    tries=(
        OutsideTry("globalping", "203.0.113.7", 3306, False, None),
        OutsideTry("globalping", None, 3389, None, Failure(FailureKind.TIMEOUT, "ask", "api.globalping.io")),
        OutsideTry("globalping", "203.0.113.7", 22, True, None),
        OutsideTry("globalping", "203.0.113.7", 61213, False, None),
    ),
    is_emr_host=True,
    listeners=(Listener(22, ("0.0.0.0", "::"), ("sshd",)),),
    seconds=21.3,
)


def finding(
    code: str,
    severity: Severity,
    summary: str,
    advice: str = "",
    *,
    expected: str | None = None,
    actual: str | None = None,
    facts: dict[str, Fact] | None = None,
) -> ReportFinding:
    """A finding as the runner makes it."""
    return ReportFinding(code, severity, summary, advice, expected, actual, facts or {})


def check(id_: str, title: str, status: Status, *findings: ReportFinding, because: str | None = None) -> CheckResult:
    """A check's result; the required ones of DESIGN section 6 are required here too."""
    required = id_ in {"router", "address", "dns", "ddns", "upload", "port"}
    return CheckResult(id_, title, status, required, because, findings, 0.5)


LINK_OK = check(
    "link",
    "This computer's own connection",
    Status.PASS,
    finding("link.ok", Severity.OK, "This computer is connected by cable at 1000 Mbps."),
)
ROUTER_OK = check(
    "router",
    "Router",
    Status.PASS,
    finding(
        "router.ok",
        Severity.OK,
        "The router answers in 0.6 ms, and nothing was lost.",
        facts={"address": "192.168.1.1", "sent": 50, "lost": 0, "p50_ms": 0.6, "whole": 1.0, "wifi": False},
    ),
)
SWITCH_OK = check(
    "switch",
    "Office network (switch)",
    Status.PASS,
    finding("switch.ok", Severity.OK, "The office network is quick: 192.168.1.20 answers in 0.4 ms."),
)
ADDRESS_OK = check(
    "address",
    "Internet and public address",
    Status.PASS,
    finding("address.ok", Severity.OK, "The Internet is there; this office's address is 203.0.113.7."),
)
DNS_OK = check(
    "dns",
    "Name look-up",
    Status.PASS,
    finding("dns.ok", Severity.OK, "Names are looked up quickly (12 ms by 192.168.1.1)."),
)
DDNS_OK = check(
    "ddns",
    "The EMR's name",
    Status.PASS,
    finding("ddns.ok", Severity.OK, "emr.example.org leads to this office everywhere."),
)
UPLOAD_OK = check(
    "upload",
    "Upload",
    Status.PASS,
    finding(
        "upload.ok",
        Severity.OK,
        "The upload carries 9.5 Mbps, about a 10 Mbps line (5 is enough).",
        expected="at least 4.7 Mbps",
        actual="9.53 Mbps",
        facts={"goodput_mbps": 9.53, "servers": ("upload.example.org",)},
    ),
)
DOWNLOAD_OK = check(
    "download",
    "Download speed",
    Status.PASS,
    finding("download.ok", Severity.OK, "Download is 47.1 Mbps; 5 is enough for a small office."),
)
PORT_OK = check(
    "port",
    "The EMR from outside",
    Status.PASS,
    finding("port.open", Severity.OK, "Port 8443 answers from outside."),
)
CAPACITY_OK = check(
    "capacity",
    "Users",
    Status.PASS,
    finding("capacity.ok", Severity.OK, "The upload carries about 9 people at once; you plan for 4."),
)
FINE = (LINK_OK, ROUTER_OK, SWITCH_OK, ADDRESS_OK, DNS_OK, DDNS_OK, UPLOAD_OK, PORT_OK, CAPACITY_OK)

READY: ClinicReport = Report(
    id="20261124T202000Z-7f3a",
    schema="emrnetcheck/report/1",
    site="Elm Street Clinic",
    vantage="host",
    mode=Mode.STANDARD,
    started_at=datetime(2026, 11, 24, 20, 20, tzinfo=UTC),
    duration_s=24.4,
    tool=Tool("emrnetcheck", "0.1.0"),
    environment=Environment("Linux 6.12", "3.11.7", privileged=False, proxy=False),
    verdict=Verdict.READY,
    headline="This network can host the EMR for 4 people outside the office.",
    causes=(),
    checks=(*FINE, DOWNLOAD_OK),
    evidence=Seen(link=LINK, lan=LAN, port=PORT, exposure=EXPOSURE, upload=UPLOAD, download=DOWNLOAD),
    unmeasured={},
    traffic=Traffic(13_100_000, 1_200_000),
    third_parties=(
        ThirdParty("upload.example.org", "this office's address; 12 MB of random data"),
        ThirdParty("globalping", "this office's address and the EMR's port"),
    ),
)

SLOW = finding(
    "upload.below_minimum",
    Severity.FAIL,
    "The upload carries only 2.4 Mbps, about a 2.5 Mbps line. At least 3 Mbps are needed",
    "Order a line with at least 5 Mbps of upload. The upload is the smaller of the two numbers on your bill.",
    expected="at least 2.82 Mbps",
    actual="2.40 Mbps",
    facts={"goodput_mbps": 2.4, "line_rate_mbps": 2.4 / 0.94, "minimum_mbps": 3.0, "recommended_mbps": 5.0},
)
STALE = finding(
    "ddns.stale",
    Severity.FAIL,
    "The name emr.example.org leads to 198.51.100.20, but this office's address is now 203.0.113.7.",
    "Sign in to your name service and look at when it last heard from your office. The simplest cure is its own "
    "update program on the EMR server; the router's built-in one works too, if it knows your service.",
    expected="203.0.113.7",
    actual="198.51.100.20",
)
CLOSED = finding(
    "port.not_forwarded",
    Severity.FAIL,
    "Port 8443 cannot be reached from outside: the router does not pass it on to the EMR server.",
    "In the router, forward TCP port 8443 to 192.168.1.10, port 8443.",
    expected="reachable from outside",
    actual="no answer",
)


SPOKEN: dict[str, tuple[str, Urgency | None]] = {
    SLOW.code: ("I need at least 5 Mbps of upload. Today I get about 2.5 Mbps. What can you offer?", Urgency.THIS_WEEK),
    STALE.code: (
        "The name emr.example.org leads to 198.51.100.20. Our address is 203.0.113.7 now. Which update came last?",
        Urgency.TODAY,
    ),
    CLOSED.code: (
        "Please forward TCP port 8443 to 192.168.1.10, and reserve that address for the server.",
        Urgency.TODAY,
    ),
    "port.unverified": ("", Urgency.THIS_WEEK),
    "upload.marginal": ("I need at least 5 Mbps of upload. Today I get about 4 Mbps.", Urgency.SOON),
}


def _cause(found: ReportFinding, contact: Contact | None, *explains: str) -> Cause:
    say, when = SPOKEN.get(found.code, ("", None))
    return Cause(found.code, found.summary, found.advice, contact, explains, say=say, when=when)


NOT_READY = replace(
    READY,
    evidence=replace(READY.evidence, upload=upload_of(2.4)),
    verdict=Verdict.NOT_READY,
    headline="Three things have to be mended first.",
    causes=(
        _cause(SLOW, Contact.ISP, "upload", "capacity"),
        _cause(STALE, Contact.DNS_PROVIDER, "ddns"),
        _cause(CLOSED, Contact.ROUTER, "port"),
    ),
    checks=(
        *FINE[:5],
        check("ddns", "The EMR's name", Status.FAIL, STALE),
        check("upload", "Upload", Status.FAIL, SLOW),
        check("port", "The EMR from outside", Status.FAIL, CLOSED),
        check("capacity", "Users", Status.SKIPPED, because="upload"),
    ),
)

NO_CONSENT = finding(
    "port.unverified",
    Severity.UNKNOWN,
    "Whether port 8443 can be reached from outside is not known: nobody outside was asked.",
    "Set consent = true under [outside] in the settings: an outside service is then told your address and tries.",
    expected="an answer from outside",
    actual="not asked",
)
INCONCLUSIVE = replace(
    READY,
    verdict=Verdict.INCONCLUSIVE,
    headline="One thing that has to be known could not be found out.",
    causes=(_cause(NO_CONSENT, Contact.IT_HELPER, "port"),),
    checks=(
        *FINE[:2],
        check(
            "switch",
            "Office network (switch)",
            Status.UNKNOWN,
            finding(
                "switch.silent",
                Severity.UNKNOWN,
                "192.168.1.20 on the office network did not answer, so the switch could not be judged by it.",
                "Switch that computer on, or name another one in the settings ([lan] peers).",
            ),
        ),
        *FINE[3:7],
        check("download", "Download speed", Status.SKIPPED, because="quick"),
        check("port", "The EMR from outside", Status.UNKNOWN, NO_CONSENT),
        CAPACITY_OK,
    ),
    evidence=Seen(link=LINK, lan=LAN, port=PORT, upload=UPLOAD),
    unmeasured={
        "switch": Failure(FailureKind.TIMEOUT, "ping", "192.168.1.20"),
        "download": Failure(FailureKind.LEFT_OUT),
    },
    third_parties=(),
)

MARGINAL = finding(
    "upload.marginal",
    Severity.WARN,
    "The upload carries 3.8 Mbps, about a 4 Mbps line: enough, but with little to spare.",
    "Ask your provider for a line with at least 5 Mbps of upload.",
    facts={"goodput_mbps": 3.8, "line_rate_mbps": 3.8 / 0.94, "minimum_mbps": 3.0, "recommended_mbps": 5.0},
)
SAID = finding(
    "upload.second_opinion",
    Severity.NOTICE,
    "speedtest-cli says 5.1 Mbps. It counts what was handed to the socket, not what arrived; not used for the verdict.",
    actual="5.13 Mbps by its own count",
)
SLOW_DOWN = finding(
    "download.slow",
    Severity.NOTICE,
    "Download is only 3.1 Mbps (a line of about 3.3 Mbps): the office's own Internet will feel slow.",
    'Ask your internet provider: "Is 3.3 Mbps of download what I pay for?"',
)
WARNINGS = replace(
    READY,
    evidence=replace(
        READY.evidence,
        upload=upload_of(3.8),
        download=replace(
            DOWNLOAD,
            goodput_mbps=3.1,
            lower_mbps=None,
            upper_mbps=None,
            burst_mbps=9.0,
            burst_seconds=2.5,
            tester_limited="this computer used 91% of a processor core",
            skipped_servers=UPLOAD.skipped_servers,
        ),
        second_opinion=OPINION,
    ),
    verdict=Verdict.READY_WITH_WARNINGS,
    headline="This network can host the EMR, but it has little to spare.",
    causes=(_cause(MARGINAL, Contact.ISP, "upload"),),
    checks=(
        check(
            "link",
            "This computer's own connection",
            Status.NOTICE,
            finding(
                "link.wifi",
                Severity.NOTICE,
                "This computer is on Wi-Fi (wlan0), so what was measured here includes the Wi-Fi.",
                "For a verdict that you rely on, connect this computer with a cable and run the check again.",
            ),
        ),
        *FINE[1:6],
        check("upload", "Upload", Status.WARN, MARGINAL, SAID),
        check("download", "Download speed", Status.NOTICE, SLOW_DOWN),
        PORT_OK,
        check(
            "capacity",
            "Users",
            Status.WARN,
            finding("capacity.short", Severity.WARN, "The upload carries about 3 people at once; you plan for 4."),
        ),
    ),
)

INTERRUPTED = replace(
    INCONCLUSIVE,
    headline="The check was stopped before it knew enough.",
    interrupted=True,
    causes=(),
    duration_s=3.1,
    checks=(
        LINK_OK,
        ROUTER_OK,
        check(
            "upload",
            "Upload",
            Status.UNKNOWN,
            finding("upload.unmeasured", Severity.UNKNOWN, "The upload could not be measured: interrupted."),
        ),
        check("port", "The EMR from outside", Status.SKIPPED, because="interrupted"),
    ),
    evidence=Seen(link=LINK),
    unmeasured={"upload": Failure(FailureKind.INTERRUPTED, "upload")},
    traffic=Traffic(340_000, 80),
)

HOSTILE_FINDING = finding(
    "ddns.stale",
    Severity.FAIL,
    f"The name {HOSTILE} leads elsewhere: " + "x" * 200 + " 診療所のネットワーク" * 12,
    f"Do [blink]nothing[/blink] {HOSTILE}",
    expected=HOSTILE,
    actual="[/]",
)
HOSTILE_REPORT = replace(
    READY,
    site=HOSTILE,
    verdict=Verdict.NOT_READY,
    headline=f"{HOSTILE} é “quoted” — dash…",
    causes=(_cause(HOSTILE_FINDING, None, "ddns", HOSTILE),),
    checks=(check("ddns", f"[red]{HOSTILE}", Status.FAIL, HOSTILE_FINDING),),
    unmeasured={"port": Failure(FailureKind.OTHER, HOSTILE, "[/b]", HOSTILE)},
    third_parties=(ThirdParty(HOSTILE, "[bold]"),),
)

SAMPLES: dict[str, ClinicReport] = {
    "ready": READY,
    "not_ready": NOT_READY,
    "inconclusive": INCONCLUSIVE,
    "warnings": WARNINGS,
    "interrupted": INTERRUPTED,
    "hostile": HOSTILE_REPORT,
}
