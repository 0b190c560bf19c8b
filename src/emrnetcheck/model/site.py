"""What the settings say about the clinic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from emrnetcheck.model.alerts import USUAL, Rule
from emrnetcheck.model.mail_settings import MailSettings
from emrnetcheck.model.report import Acknowledged
from emrnetcheck.model.schedule import Schedule
from emrnetcheck.model.words import Access


@dataclass(frozen=True, slots=True)
class Site:
    """What the settings say about the clinic and about how to measure it. Units in the names.

    lan_address None: this computer is the server. emr_declared: the settings say something about the EMR at all.
    scheme: "https", or "http" where somebody gave `client` such an address.
    lan_responder: a responder on a second PC in the office. responder_token, lan_responder_token: where the token is
    kept ("env:NAME" or "file:PATH"), never the token itself; lan_responder_token None: it has the same.
    history_url None: a file in the user's data folder. mail None: no mail is sent. accepted: findings that somebody
    accepted, by code, also those whose time is over.
    """

    name: str = "this clinic"
    hostname: str | None = None
    access: Access = Access.DIRECT
    port: int = 8443
    path: str = "/oscar/"
    scheme: str = "https"
    profile: str = "oscar"
    lan_address: str | None = None
    addressing: str = "dynamic"
    users: int = 4
    workload: str = "records"
    emr_declared: bool = False
    minimum_mbps: float = 3.0
    recommended_mbps: float = 5.0
    upload_servers: tuple[str, ...] = ("cloudflare", "speedtest")
    max_mb: float = 60.0
    peers: tuple[str, ...] = ()
    lan_responder: str | None = None
    lan_responder_token: str | None = None
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
    path_towards: tuple[str, ...] = ()
    outside_services: tuple[str, ...] = ("globalping",)
    outside_consent: bool = False
    responder_token: str | None = None
    history_url: str | None = None
    history_keep_days: int = 800
    alerts: Rule = USUAL
    mail: MailSettings | None = None
    schedule: Schedule = field(default_factory=Schedule)
    limits: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    accepted: Mapping[str, Acknowledged] = field(default_factory=dict)

    def accepted_on(self, day: date) -> dict[str, Acknowledged]:
        """What is accepted on this day."""
        return {code: each for code, each in self.accepted.items() if each.holds_on(day)}
