"""The words everything else is said in: failures, severities, findings, checks, reports. Imports nothing of ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar


class FailureKind(StrEnum):
    """The closed vocabulary of what can go wrong with a measurement. Made in one place: net.failures.classify."""

    TIMEOUT = "timeout"
    REFUSED = "refused"  # a reset or an ICMP port unreachable: the host is there, nothing listens
    RESET = "reset"  # the connection stood, then was cut
    HOST_UNREACHABLE = "host_unreachable"  # ICMP host unreachable or prohibited, or nobody answered ARP
    NETWORK_UNREACHABLE = "network_unreachable"
    NO_ROUTE = "no_route"  # this computer has no way to send there at all
    PERMISSION = "permission"
    NAME_NOT_FOUND = "name_not_found"  # NXDOMAIN
    NAME_NO_ADDRESS = "name_no_address"  # NOERROR without an answer (NODATA)
    NAME_SERVER_FAILED = "name_server_failed"  # SERVFAIL
    NAME_SERVER_REFUSED = "name_server_refused"
    NAME_TIMEOUT = "name_timeout"
    TLS_UNTRUSTED = "tls_untrusted"
    TLS_NAME_MISMATCH = "tls_name_mismatch"
    TLS_EXPIRED = "tls_expired"
    TLS_PROTOCOL = "tls_protocol"
    TLS_CERTIFICATE_WANTED = "tls_certificate_wanted"  # the server wants one of the visitor's own
    PLAIN_HTTP = "plain_http"  # HTTP without TLS, where TLS was to be
    NOT_TLS = "not_tls"  # something that speaks neither TLS nor HTTP
    HTTP_STATUS = "http_status"
    MALFORMED = "malformed"  # the answer does not follow the protocol
    TOO_LARGE = "too_large"
    REJECTED = "rejected"  # the receiver said that it does not take what was sent
    EARLY_ANSWER = "early_answer"  # the receiver answered before it had the data: nothing is confirmed
    STALLED = "stalled"  # data stopped flowing
    NO_SERVER = "no_server"  # none of the servers that may be asked could be used
    NOT_CONFIGURED = "not_configured"
    NO_CONSENT = "no_consent"
    RATE_LIMITED = "rate_limited"  # a service was asked more often than it wants
    UNSUPPORTED = "unsupported"  # not possible on this system or in this version
    OFFLINE = "offline"  # asked not to leave the office
    LEFT_OUT = "left_out"  # not part of a run in this mode
    OUT_OF_TIME = "out_of_time"  # the deadline of the probe or the budget of the run
    INTERRUPTED = "interrupted"  # Ctrl-C
    LOCAL_RESOURCE = "local_resource"  # files, memory, ports of this computer
    INTERNAL = "internal"  # a bug of ours
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Failure:
    """A measurement that could not be made, as a value.

    operation: what was tried, e.g. "connect". target: with whom, e.g. "192.168.1.1:80".
    detail: short free text without control characters, at most 200 characters.
    """

    kind: FailureKind
    operation: str = ""
    target: str = ""
    detail: str = ""

    def in_words(self) -> str:
        """One clause for people: "no answer in time (connect 192.168.1.1:80)"."""
        what = " ".join(part for part in (self.operation, self.target) if part)
        words = FAILURE_WORDS[self.kind]
        if self.detail:
            words = f"{words}: {self.detail}"
        return f"{words} ({what})" if what else words


FAILURE_WORDS: Mapping[FailureKind, str] = {
    FailureKind.TIMEOUT: "no answer in time",
    FailureKind.REFUSED: "refused: nothing listens there",
    FailureKind.RESET: "the connection was cut",
    FailureKind.HOST_UNREACHABLE: "the host cannot be reached",
    FailureKind.NETWORK_UNREACHABLE: "the network cannot be reached",
    FailureKind.NO_ROUTE: "this computer has no network connection to there",
    FailureKind.PERMISSION: "this needs a privilege that the program does not have",
    FailureKind.NAME_NOT_FOUND: "the name does not exist",
    FailureKind.NAME_NO_ADDRESS: "the name has no address",
    FailureKind.NAME_SERVER_FAILED: "the name server failed",
    FailureKind.NAME_SERVER_REFUSED: "the name server refused to answer",
    FailureKind.NAME_TIMEOUT: "the name server did not answer in time",
    FailureKind.TLS_UNTRUSTED: "the certificate is not trusted",
    FailureKind.TLS_NAME_MISMATCH: "the certificate is for another name",
    FailureKind.TLS_EXPIRED: "the certificate has expired",
    FailureKind.TLS_PROTOCOL: "TLS could not be agreed on",
    FailureKind.TLS_CERTIFICATE_WANTED: "it asks for a client certificate",
    FailureKind.PLAIN_HTTP: "it speaks HTTP without TLS",
    FailureKind.NOT_TLS: "what answers there speaks no TLS",
    FailureKind.HTTP_STATUS: "the server answered with an error",
    FailureKind.MALFORMED: "the answer makes no sense",
    FailureKind.TOO_LARGE: "the answer is too large",
    FailureKind.REJECTED: "the server refused the data",
    FailureKind.EARLY_ANSWER: "the server answered before it had the data",
    FailureKind.STALLED: "the transfer stopped",
    FailureKind.NO_SERVER: "no server could be used",
    FailureKind.NOT_CONFIGURED: "not told in the settings",
    FailureKind.NO_CONSENT: "not asked, because consent was not given",
    FailureKind.RATE_LIMITED: "asked more often than the service allows",
    FailureKind.UNSUPPORTED: "not possible here",
    FailureKind.OFFLINE: "not asked, because the run is offline",
    FailureKind.LEFT_OUT: "left out of a quick run",
    FailureKind.OUT_OF_TIME: "the time for it ran out",
    FailureKind.INTERRUPTED: "interrupted",
    FailureKind.LOCAL_RESOURCE: "this computer ran short of something",
    FailureKind.INTERNAL: "an error in this program",
    FailureKind.OTHER: "failed",
}


class Severity(StrEnum):
    """How much one finding matters."""

    OK = "ok"
    NOTICE = "notice"
    WARN = "warn"
    UNKNOWN = "unknown"
    FAIL = "fail"


class Status(StrEnum):
    """The outcome of one check."""

    PASS = "pass"
    NOTICE = "notice"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


class Contact(StrEnum):
    """Who can mend it."""

    ISP = "isp"
    ROUTER = "router"
    DNS_PROVIDER = "dns_provider"
    EMR_HOST = "emr_host"
    LAN = "lan"
    IT_HELPER = "it_helper"


class Verdict(StrEnum):
    """The answer of a whole run."""

    READY = "ready"
    READY_WITH_WARNINGS = "ready_with_warnings"
    NOT_READY = "not_ready"
    INCONCLUSIVE = "inconclusive"


class Mode(StrEnum):
    """How long a run may take and how sure it wants to be."""

    QUICK = "quick"
    STANDARD = "standard"
    THOROUGH = "thorough"


class Access(StrEnum):
    """How people outside the office reach the EMR."""

    DIRECT = "direct"
    VPN = "vpn"
    TUNNEL = "tunnel"
    LAN_ONLY = "lan_only"


Fact = str | int | float | bool | None | tuple[str, ...]
Facts = Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Code:
    """What a finding code means. `summary` and `advice` are templates filled with the finding's facts."""

    severity: Severity
    summary: str
    advice: str = ""
    contact: Contact | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a judge says: a code, its facts, what was expected and what was found."""

    code: str
    facts: Facts = field(default_factory=dict)
    expected: str | None = None
    actual: str | None = None


CaseT = TypeVar("CaseT")
LimitsT = TypeVar("LimitsT")


@dataclass(frozen=True, slots=True)
class Check(Generic[CaseT, LimitsT]):
    """One question and how it is judged.

    needs: names of the evidence without which the question cannot be answered. uses: evidence looked at if there.
    follows: which findings are only consequences. Key: a code of this check, or "*" for the whole check; value: codes
    of other checks. If one of those was found, this check (or this finding) is skipped and names the other check.
    lives_on: id of an earlier check with whose answer this one begins: skipped, for the same reason, when that is.
    unmeasured: the code to use when the needed evidence failed in a special way; else it is "<id>.unmeasured".
    needed_for: the ways of access for which the question matters at all.
    """

    id: str
    title: str
    needs: tuple[str, ...]
    limits: LimitsT
    codes: Mapping[str, Code]
    judge: Callable[[CaseT, LimitsT], list[Finding]]
    required: bool = False
    uses: tuple[str, ...] = ()
    follows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lives_on: str | None = None
    unmeasured: Mapping[FailureKind, str] = field(default_factory=dict)
    needed_for: frozenset[Access] = frozenset(Access)


@dataclass(frozen=True, slots=True)
class ReportFinding:
    """A finding with its sentence: severity, summary and advice looked up by code."""

    code: str
    severity: Severity
    summary: str
    advice: str
    expected: str | None
    actual: str | None
    facts: Facts


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The outcome of one check in one run."""

    id: str
    title: str
    status: Status
    required: bool
    skipped_because: str | None
    findings: tuple[ReportFinding, ...]
    duration_s: float


@dataclass(frozen=True, slots=True)
class Cause:
    """One broken thing: what it is, what to do, who can mend it, and which checks it explains."""

    code: str
    summary: str
    advice: str
    contact: Contact | None
    explains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Traffic:
    """Bytes of payload that this run put on the line, as far as the probes count them."""

    sent_bytes: int
    received_bytes: int


@dataclass(frozen=True, slots=True)
class ThirdParty:
    """Somebody outside the office who was contacted, and what they learned by it."""

    who: str
    told: str


@dataclass(frozen=True, slots=True)
class Tool:
    """Which program made the report."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Environment:
    """Where the run was made, as far as it matters for trusting it."""

    system: str
    python: str
    privileged: bool
    proxy: bool


EvidenceT = TypeVar("EvidenceT")


@dataclass(frozen=True, slots=True)
class Report(Generic[EvidenceT]):
    """One whole run, exactly as it is written as JSON (DESIGN section 6)."""

    id: str
    schema: str
    site: str
    vantage: str
    mode: Mode
    started_at: datetime
    duration_s: float
    tool: Tool
    environment: Environment
    verdict: Verdict
    headline: str
    causes: tuple[Cause, ...]
    checks: tuple[CheckResult, ...]
    evidence: EvidenceT
    unmeasured: Mapping[str, Failure]
    traffic: Traffic
    third_parties: tuple[ThirdParty, ...]
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class Site:
    """What the settings say about the clinic and about how to measure it. Units in the names.

    lan_address None: this computer is the server. emr_declared: the settings say something about the EMR at all.
    responder_token: where the token is kept ("env:NAME" or "file:PATH"), never the token itself.
    """

    name: str = "this clinic"
    hostname: str | None = None
    access: Access = Access.DIRECT
    port: int = 8443
    path: str = "/oscar/"
    profile: str = "oscar"
    lan_address: str | None = None
    addressing: str = "dynamic"
    users: int = 4
    emr_declared: bool = False
    minimum_mbps: float = 3.0
    recommended_mbps: float = 5.0
    upload_servers: tuple[str, ...] = ("cloudflare", "speedtest")
    max_mb: float = 60.0
    peers: tuple[str, ...] = ()
    resolvers: tuple[str, ...] = ("1.1.1.1", "8.8.8.8", "9.9.9.9", "208.67.222.222")
    address_services: tuple[str, ...] = (
        "https://ipv4.icanhazip.com",
        "https://checkip.amazonaws.com",
        "https://api.ipify.org",
    )
    address_services_v6: tuple[str, ...] = ("https://ipv6.icanhazip.com", "https://api6.ipify.org")
    whoami: tuple[str, ...] = ("myip.opendns.com@resolver1.opendns.com", "o-o.myaddr.l.google.com@ns1.google.com")
    stun: tuple[str, ...] = ("stun.cloudflare.com:3478", "stun.l.google.com:19302")
    wan_address: str | None = None
    dns_over_https: tuple[str, ...] = ("https://cloudflare-dns.com/dns-query", "https://dns.google/dns-query")
    no_dns_addresses: tuple[str, ...] = ("192.0.2.53", "198.51.100.53")
    outside_services: tuple[str, ...] = ("globalping",)
    outside_consent: bool = False
    responder_token: str | None = None
    limits: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Started:
    """A probe began."""

    probe: str
    title: str
    deadline_s: float


@dataclass(frozen=True, slots=True)
class Progressed:
    """A probe tells how far it is."""

    probe: str
    text: str
    seconds_left: float | None
    live_mbps: float | None


@dataclass(frozen=True, slots=True)
class Ended:
    """A probe gave its evidence, or a failure."""

    probe: str
    title: str
    failure: Failure | None
    duration_s: float


Event = Started | Progressed | Ended
