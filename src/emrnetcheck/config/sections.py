"""Which keys has each section of the settings file, and what are they where nobody sets them?"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from emrnetcheck.config.mail_values import HeloName, MailAddress, MailHost, PasswordSource, Unsubscribe
from emrnetcheck.config.values import (
    PORT_MAX,
    Confirm,
    DatabaseUrl,
    HostAndPort,
    Hostname,
    HostOrAddress,
    HttpsUrl,
    IpAddress,
    Ipv4,
    Ipv4OrEmpty,
    LanResponder,
    Limit,
    Line,
    Mbps,
    NameAtServer,
    OpeningHours,
    OutsideService,
    PingUrl,
    SecretSource,
    ServerAddress,
    Times,
    UploadServer,
    Url,
)
from emrnetcheck.model import Site
from emrnetcheck.model.alerts import USUAL
from emrnetcheck.model.schedule import Schedule


class _Section(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True, frozen=True)


class SiteSection(_Section):
    """[site]"""

    name: Line = "this clinic"


class EmrSection(_Section):
    """[emr]: what is hosted, and how people reach it. port, path: left out, they are the profile's."""

    hostname: Hostname | None = None
    profile: Literal["oscar", "openemr", "openmrs", "custom"] = "oscar"
    access: Literal["direct", "vpn", "tunnel", "lan_only"] = "direct"
    port: int = Field(default=8443, ge=1, le=PORT_MAX)
    path: Annotated[str, Field(pattern=r"^/\S*$")] = "/oscar/"
    lan_address: ServerAddress | None = None
    addressing: Literal["dynamic", "static"] = "dynamic"
    users: int = Field(default=4, ge=1, le=10_000)
    workload: Literal["text", "records", "documents", "video", "hd_video"] = "records"


class UploadSection(_Section):
    """[upload]: the thresholds as line rates, and whom to measure against; nobody: nothing is measured."""

    minimum_mbps: Mbps = 3.0
    recommended_mbps: Mbps = 5.0
    servers: list[UploadServer] = ["cloudflare", "speedtest"]
    max_mb: float = Field(default=60, ge=1, le=10_000)


class LanSection(_Section):
    """[lan]: other computers of the office. responder: of a second PC that takes a load; token: else [outside]'s."""

    peers: list[IpAddress] = []
    responder: LanResponder | None = None
    responder_token: SecretSource = ""


class InternetSection(_Section):
    """[internet]"""

    resolvers: list[IpAddress] = Field(default=list(Site().resolvers), min_length=1)
    address_services: list[Url] = Field(default=list(Site().address_services), min_length=2)
    address_services_v6: list[Url] = list(Site().address_services_v6)
    stun: list[HostAndPort] = list(Site().stun)
    whoami: list[NameAtServer] = list(Site().whoami)
    wan_address: Ipv4OrEmpty = ""
    dns_over_https: list[HttpsUrl] = list(Site().dns_over_https)
    no_dns_addresses: list[Ipv4] = list(Site().no_dns_addresses)


class PathSection(_Section):
    """[path]: second sites, to which the way is measured too."""

    towards: list[HostOrAddress] = Field(default=[], max_length=4)


class OutsideSection(_Section):
    """[outside]: who may try the port from outside."""

    services: list[OutsideService] = ["globalping"]
    consent: bool = False
    responder_token: SecretSource = ""


class AlertsSection(_Section):
    """[alerts]: what is worth a mail at once. Whether looking may load the line says [schedule] load_tests."""

    confirm: Confirm = f"{USUAL.bad} of {USUAL.of}"
    level: Literal["fail", "warn", "off"] = "fail"
    per_day: int = Field(default=USUAL.per_day, ge=1, le=24)


class HistorySection(_Section):
    """[history]: where past runs are kept, and for how long. url left empty: a file in the user's data folder."""

    url: DatabaseUrl = ""
    keep_days: int = Field(default=Site().history_keep_days, ge=1, le=36_500)


class EmailSection(_Section):
    """[email]: over which server mails go, and to whom. port left out: the usual one of its security."""

    host: MailHost | None = None
    port: int = Field(default=587, ge=1, le=PORT_MAX)
    security: Literal["tls", "starttls", "none"] = "starttls"
    username: Line | None = None
    auth: Literal["password", "xoauth2"] = "password"
    password_source: PasswordSource = "keyring"
    sender: MailAddress | None = None
    to: list[MailAddress] = Field(default=[], max_length=20)
    helo: HeloName | None = None
    ca_file: Line | None = None
    unsubscribe: Unsubscribe = ""
    show_addresses: bool = False
    attach_report: bool = False


class ScheduleSection(_Section):
    """[schedule]: what `emrnetcheck schedule` gets done by itself. Times are those of this computer's clock."""

    check: Times = list(Schedule().check)
    look: Times = list(Schedule().look)
    report: Times = list(Schedule().report)
    clinic_hours: OpeningHours = list(Schedule().clinic_hours)
    load_tests: Literal["outside_clinic_hours", "always", "never"] = "outside_clinic_hours"
    spread_minutes: int = Field(default=Schedule().spread_minutes, ge=0, le=240)
    ping_url: PingUrl = ""


class Settings(_Section):
    """The whole settings file."""

    site: SiteSection = SiteSection()
    emr: EmrSection = EmrSection()
    upload: UploadSection = UploadSection()
    lan: LanSection = LanSection()
    internet: InternetSection = InternetSection()
    path: PathSection = PathSection()
    outside: OutsideSection = OutsideSection()
    alerts: AlertsSection = AlertsSection()
    history: HistorySection = HistorySection()
    email: EmailSection = EmailSection()
    schedule: ScheduleSection = ScheduleSection()
    limits: dict[str, dict[str, Limit]] = {}
