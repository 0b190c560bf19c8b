"""What was seen of the EMR's port, from here, on the LAN, and from outside."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from emrnetcheck.model import Failure


@dataclass(frozen=True, slots=True)
class PortTry:
    """One attempt to connect. open None: could not be tried (failure says why)."""

    address: str
    port: int
    open: bool | None
    rtt_ms: float | None
    failure: Failure | None


class HowShut(StrEnum):
    """What somebody outside saw of a port that is not open; only where the service tells it apart."""

    REFUSED = "refused"
    """A reset: the packet got to something that says no."""
    SILENT = "silent"
    """No answer at all in the time that was waited."""


@dataclass(frozen=True, slots=True)
class OutsideProbe:
    """One place outside from which a service tried. where: its network and place, as the service names them."""

    where: str
    reachable: bool | None
    how_shut: HowShut | None = None
    rtt_ms: float | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class OutsideCertificate:
    """The certificate that answered outside. fingerprint_sha256: 64 lower-case hex digits, no colons.

    trusted: by the service's own list of authorities, for the name it asked for. None: it did not tell.
    expires_at: ISO 8601, UTC, as it said.
    """

    fingerprint_sha256: str
    trusted: bool | None = None
    error: str = ""
    expires_at: str | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OutsideTry:
    """What a service outside said about the port.

    address: the address that the service dialled, as it says. reachable None: it gave no answer that counts
    (failure says why). how_shut None: the service cannot tell refused from silent. probes: the places it tried from,
    where it has several. certificate: what answered there, where it was asked for and told. certificate_failure: why
    there is none, where what answered there was seen to speak something else than TLS.
    """

    service: str
    address: str | None
    port: int
    reachable: bool | None
    failure: Failure | None
    how_shut: HowShut | None = None
    probes: tuple[OutsideProbe, ...] = ()
    certificate: OutsideCertificate | None = None
    seconds: float | None = None
    certificate_failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Connections to the port that were seen to arrive at this computer, below its firewall, during the outside test.

    outside: those from addresses on the Internet, the office's own not among them; other people's count too. Of
    them, accepted: this computer answered yes (SYN-ACK). refused: it sent a reset or an ICMP error. finished: accepted,
    and the other end ended it, so it had the answer. unheard: accepted, but not finished, and the beginning was sent
    again, so that somebody did not hear the other. sources: how many different addresses they came from; kept_out: how
    many of those had no connection accepted.
    behind_router: those from the router's inside address that no attempt of our own explains; somebody outside may be
    behind them. whole: nothing that came was missed. failure: why nothing could be watched.
    method: by which it was watched: "packet_socket" or "scapy"; None: it was not.
    """

    outside: int = 0
    accepted: int = 0
    refused: int = 0
    finished: int = 0
    unheard: int = 0
    sources: int = 0
    kept_out: int = 0
    behind_router: int = 0
    whole: bool = False
    failure: Failure | None = None
    method: str | None = None


@dataclass(frozen=True, slots=True)
class Spoken:
    """What answers on a port when it is spoken to in TLS.

    fingerprints: SHA-256 of the certificates that it shows, asked by the EMR's name and without a name: 64 lower-case
    hex digits each. failure: why there is none; PLAIN_HTTP and NOT_TLS tell what speaks there instead.
    """

    fingerprints: tuple[str, ...] = ()
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Port:
    """The EMR's port.

    is_emr_host: this computer is the server. listening: a listener exists on this computer (None where this is not
    the server or the table cannot be read). bind: the addresses that the listeners are bound to.
    loopback: connecting to 127.0.0.1 on the server. lan: connecting to the server's LAN address.
    bound: where both failed, connecting to the address that a listener is bound to.
    hairpin: connecting to the public name or address from inside; proves nothing about outside.
    syn_seen: whether a connection from outside arrived at this computer during the outside test; None where that is
    not known, `arrivals` tells more. spoken_lan, spoken_hairpin: what answers there; None: not looked at.
    outside_v6: the same services by IPv6, about the server's own IPv6 address; asked only where the EMR's name has it.
    fingerprint_lan: of the certificate that the server shows in the office; fingerprint_outside: the one shown outside.
    """

    port: int
    is_emr_host: bool
    listening: bool | None
    bind: tuple[str, ...]
    loopback: PortTry | None
    lan: PortTry | None
    hairpin: PortTry | None
    outside: tuple[OutsideTry, ...]
    syn_seen: bool | None = None
    fingerprint_lan: str | None = None
    fingerprint_outside: str | None = None
    arrivals: Arrivals | None = None
    spoken_lan: Spoken | None = None
    spoken_hairpin: Spoken | None = None
    bound: PortTry | None = None
    outside_v6: tuple[OutsideTry, ...] = ()
