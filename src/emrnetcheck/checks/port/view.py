"""What is known of the port, brought into the form that the decision needs. No opinion yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.port import HowShut, OutsideCertificate, OutsideTry, Port, Spoken
from emrnetcheck.evidence.wan import PortMapping
from emrnetcheck.model import Access, Fact, FailureKind

ACCESS_WORDS = {
    Access.DIRECT: "direct access",
    Access.VPN: "VPN",
    Access.TUNNEL: "a tunnel",
    Access.LAN_ONLY: "the office network",
}
_SPEAKS_ELSE = (FailureKind.PLAIN_HTTP, FailureKind.NOT_TLS)


@dataclass(frozen=True)
class View:
    """One clinic's port. here: the services that answered and tried this office by IPv4."""

    case: Case

    @cached_property
    def seen(self) -> Port:
        return need(self.case.seen.port)

    @cached_property
    def direct(self) -> bool:
        return self.case.site.access is Access.DIRECT

    @cached_property
    def public(self) -> str | None:
        return self.case.seen.address.public_v4 if self.case.seen.address is not None else None

    @cached_property
    def server(self) -> str | None:
        return self.case.site.lan_address or (self.seen.lan.address if self.seen.lan is not None else None)

    @cached_property
    def facts(self) -> dict[str, Fact]:
        """What the sentences of most codes need."""
        return {
            "port": self.seen.port,
            "where": self.server or "this computer",
            "access": ACCESS_WORDS[self.case.site.access],
            "name": self.case.site.hostname or "the office's address",
            "path": self.case.site.path,
            "reach": self.case.site.hostname or self.public or "THE-OFFICE'S-INTERNET-ADDRESS",
        }

    @cached_property
    def answered(self) -> tuple[OutsideTry, ...]:
        """Services that said open or shut, of whatever address."""
        return tuple(attempt for attempt in self.seen.outside if attempt.reachable is not None)

    @cached_property
    def elsewhere(self) -> tuple[OutsideTry, ...]:
        """Those that tried somebody else's address."""
        public = self.public
        return tuple(
            attempt
            for attempt in self.answered
            if attempt.address and public and attempt.address != public and attempt not in self.by_ipv6
        )

    @cached_property
    def by_ipv6(self) -> tuple[OutsideTry, ...]:
        """Those that tried this office's IPv6 address: that says nothing of IPv4, which most people come by."""
        own = self.case.seen.address.public_v6 if self.case.seen.address is not None else None
        by_v4 = tuple(attempt for attempt in self.answered if attempt.address is not None and attempt.address == own)
        return (*by_v4, *(attempt for attempt in self.seen.outside_v6 if attempt.reachable is not None))

    @cached_property
    def here(self) -> tuple[OutsideTry, ...]:
        return tuple(each for each in self.answered if each not in self.elsewhere and each not in self.by_ipv6)

    @cached_property
    def through(self) -> tuple[OutsideTry, ...]:
        return tuple(attempt for attempt in self.here if attempt.reachable)

    @cached_property
    def not_through(self) -> tuple[OutsideTry, ...]:
        return tuple(attempt for attempt in self.here if not attempt.reachable)

    @cached_property
    def how_shut(self) -> HowShut | None:
        """What those saw that did not get through; None where they differ or cannot tell."""
        told = {attempt.how_shut for attempt in self.not_through}
        return told.pop() if len(told) == 1 else None

    @cached_property
    def certificates(self) -> tuple[OutsideCertificate, ...]:
        """What those were shown that got through."""
        return tuple(attempt.certificate for attempt in self.through if attempt.certificate is not None)

    @cached_property
    def same_outside(self) -> bool | None:
        """Whether one of them is the server's own. None: nothing to compare."""
        lan = self.seen.spoken_lan
        if lan is None or not _known(lan):
            return None
        if not self.certificates:
            return False if lan.fingerprints and self.without_tls else None
        return any(certificate.fingerprint_sha256 in lan.fingerprints for certificate in self.certificates)

    @cached_property
    def without_tls(self) -> bool:
        """Whether one of those that got through was answered in something else than TLS."""
        failures = (attempt.certificate_failure for attempt in self.through)
        return any(failure is not None and failure.kind in _SPEAKS_ELSE for failure in failures)

    @cached_property
    def same_as_hairpin(self) -> bool:
        """Whether what answers outside is what answers at the public address from inside, and not the server."""
        there = self.seen.spoken_hairpin
        if there is None or self.same_hairpin is not False:
            return False
        return any(certificate.fingerprint_sha256 in there.fingerprints for certificate in self.certificates)

    @cached_property
    def vouched(self) -> bool:
        """Whether anything but a service's word tells that the port leads to the server."""
        arrivals = self.seen.arrivals
        behind_router = arrivals is not None and arrivals.behind_router > 0
        return bool(self.let_in or behind_router or self.same_hairpin or self.mapped_right)

    @cached_property
    def same_hairpin(self) -> bool | None:
        """Whether the server answers at the office's public address, asked from inside. None: not known.

        Only at the public address: a name that leads to a proxy service shows the proxy's certificate, rightly.
        """
        tried, here, there = self.seen.hairpin, self.seen.spoken_lan, self.seen.spoken_hairpin
        if tried is None or tried.address != self.public or here is None or there is None:
            return None
        if not _known(here) or not _known(there) or not (here.fingerprints or there.fingerprints):
            return None
        return bool(set(here.fingerprints) & set(there.fingerprints))

    @cached_property
    def mapping(self) -> PortMapping | None:
        """Where a program had the router send the port, if that is in force."""
        router = self.case.seen.address.router if self.case.seen.address is not None else None
        mapping = router.mapping if router is not None else None
        return mapping if mapping is not None and mapping.enabled is not False else None

    @cached_property
    def mapped_right(self) -> bool | None:
        """None: no mapping is known, or the server's address is not."""
        if self.mapping is None or self.server is None:
            return None
        return self.mapping.internal_client == self.server and self.mapping.internal_port in (None, self.seen.port)

    @cached_property
    def mapped_to(self) -> str:
        if self.mapping is None:
            return ""
        port = self.mapping.internal_port
        return self.mapping.internal_client + (f":{port}" if port not in (None, self.seen.port) else "")

    @cached_property
    def came_in(self) -> bool:
        """Somebody outside had a whole conversation with this computer: no service can make that up."""
        return self.seen.arrivals is not None and self.seen.arrivals.finished > 0

    @cached_property
    def kept_out(self) -> bool:
        """Connections of somebody outside arrived at this computer, and it accepted none of them."""
        return self.seen.arrivals is not None and self.seen.arrivals.kept_out > 0

    @cached_property
    def let_in(self) -> bool:
        """This computer said yes to somebody outside."""
        return self.seen.arrivals is not None and self.seen.arrivals.accepted > 0


def _known(spoken: Spoken) -> bool:
    return bool(spoken.fingerprints) or (spoken.failure is not None and spoken.failure.kind in _SPEAKS_ELSE)


def services(attempts: Iterable[OutsideTry]) -> str:
    return ", ".join(attempt.service for attempt in attempts)


def places(attempts: Iterable[OutsideTry]) -> list[str]:
    """The places from which a service that got through did not get through."""
    return [probe.where for attempt in attempts for probe in attempt.probes if probe.reachable is False]
