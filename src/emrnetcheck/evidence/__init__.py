"""Frozen facts, one dataclass per kind. `Seen` holds what one run saw; `Case` is what a check judges."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TypeVar

from emrnetcheck.evidence.address import Address
from emrnetcheck.evidence.clinic import ClinicSays
from emrnetcheck.evidence.ddns_client import DdnsClient
from emrnetcheck.evidence.dns import Dns
from emrnetcheck.evidence.download import Download
from emrnetcheck.evidence.emr import Emr
from emrnetcheck.evidence.exposure import Exposure
from emrnetcheck.evidence.lan import Lan
from emrnetcheck.evidence.lan_load import LanLoad
from emrnetcheck.evidence.last_routers import LastRouters
from emrnetcheck.evidence.link import Link
from emrnetcheck.evidence.lookups import Lookups
from emrnetcheck.evidence.names import Names
from emrnetcheck.evidence.pages import Pages
from emrnetcheck.evidence.path import Path
from emrnetcheck.evidence.port import Port
from emrnetcheck.evidence.second_opinion import SecondOpinion
from emrnetcheck.evidence.tls import Tls
from emrnetcheck.evidence.upload import Upload
from emrnetcheck.evidence.way import Way
from emrnetcheck.evidence.wear import Wear
from emrnetcheck.model import Report, Site

Evidence = (
    Link
    | Lan
    | LanLoad
    | Address
    | Dns
    | Names
    | DdnsClient
    | Port
    | Tls
    | Emr
    | Exposure
    | Upload
    | Download
    | SecondOpinion
    | Wear
    | Path
    | Lookups
    | Way
    | LastRouters
    | Pages
    | ClinicSays
)


@dataclass(frozen=True, slots=True)
class Seen:
    """All evidence of one run; None: not measured (Report.unmeasured says why)."""

    link: Link | None = None
    lan: Lan | None = None
    lan_load: LanLoad | None = None
    address: Address | None = None
    dns: Dns | None = None
    names: Names | None = None
    ddns_client: DdnsClient | None = None
    port: Port | None = None
    tls: Tls | None = None
    emr: Emr | None = None
    exposure: Exposure | None = None
    upload: Upload | None = None
    download: Download | None = None
    second_opinion: SecondOpinion | None = None
    wear: Wear | None = None
    path: Path | None = None
    lookups: Lookups | None = None
    way: Way | None = None
    last_routers: LastRouters | None = None
    pages: Pages | None = None
    clinic: ClinicSays | None = None


EVIDENCE_NAMES: tuple[str, ...] = tuple(f.name for f in fields(Seen))


@dataclass(frozen=True, slots=True)
class Case:
    """What a judge gets: the clinic's settings and what was seen."""

    site: Site
    seen: Seen = field(default_factory=Seen)


ClinicReport = Report[Seen]

T = TypeVar("T")


def need(evidence: T | None) -> T:
    """The evidence a check declared in `needs`: the runner does not judge without it, so None here is a bug."""
    if evidence is None:
        raise LookupError("a check was judged without the evidence it needs")
    return evidence
