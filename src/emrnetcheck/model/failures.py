"""What can go wrong with a measurement, as a value and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


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
    NOT_NEEDED = "not_needed"
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


NO_SUCH_NAME = (FailureKind.NAME_NOT_FOUND, FailureKind.NAME_NO_ADDRESS)
"""A name server has answered: there is no such name, or it has no address of the kind that was asked for."""


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
    FailureKind.NOT_NEEDED: "not needed",
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
