"""What may stay of each field that holds text? A field that is not listed here lets nothing be shared."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class NotShareable(Exception):
    """The report cannot be made fit for strangers. The message names the place, never what stands there."""


class Kind(Enum):
    """What a text is, and so what becomes of it."""

    WORD = "a word of ours, or of a protocol: stays if it is listed in `words`, else it is left out"
    TEXT = "a sentence of ours with other things in it: our words and numbers stay, the rest is replaced"
    PLACE = "an address, a name, a URL, with or without a port: a pseudonym for each address and name"
    PLACES = "several of them in one text"
    SITE = "the clinic's name"
    MAC = "a hardware address"
    FINGERPRINT = "a certificate's"
    PATH = "the path of a page: stays if it is one that everybody has"
    FILE = "a file or list on this computer: stays if every computer has it"
    INTERFACE = "the name of a network card: stays if the system gave it"
    MAKER = "who made a device: stays if it is a well-known maker"
    ISSUER = "who signed a certificate: stays if it is a well-known authority"
    MOMENT = "a day and a time"
    SYSTEM = "the operating system with its version"
    IDENTITY = "an id of a report"
    CODE = "the code of a finding or the id of a check"
    PAST_CODE = "the same of any run that is kept: left out where an older version found it"
    DETAIL = "why something failed: stays if the program says it itself, else it is left out"
    FOREIGN = "free text of somebody else: left out"


_OF: Mapping[Kind, str] = {
    Kind.WORD: """
        Report.schema Report.vantage Tool.name Tool.version Environment.python
        Link.medium Link.duplex Link.band Link.method Link.radio_method LanTarget.role LanTarget.method Lan.peers_from
        Series.method Address.wan_source AddressSource.method Address.outside_reached Address.proxies WanAnswer.method
        WanAnswer.service WanAnswer.state SecondBox.answered NameAnswer.rcode Client.program Client.address_from
        Client.protocol ClientName.result OutsideCertificate.error Arrivals.method Tls.protocol Tls.cipher
        Tls.old_version Certificate.key_type Certificate.signature_hash Emr.scheme Redirect.scheme Listener.programs
        Upload.method Upload.back_end ServerTry.back_end Upload.congestion Upload.decision_minimum
        Upload.decision_recommended Download.method Download.back_end Wear.method Trace.role Trace.method Mtu.role
        Mtu.method LookupAnswer.kind WayTarget.leg Pages.scheme PastRun.vantage Look.connection
    """,
    Kind.TEXT: """
        Report.headline Cause.summary Cause.advice Cause.say CheckResult.title CheckResult.skipped_because
        ReportFinding.summary ReportFinding.advice ReportFinding.expected ReportFinding.actual ReportFinding.facts
        Failure.operation Failure.target ThirdParty.told LanWay.tester_limited Upload.tester_limited
        SecondServer.tester_limited Download.tester_limited AddressSource.resolved_by Names.hosts_lines
        Latest.headline PastRun.headline Problem.summary Problem.title Passed.title Terms.made_by
    """,
    Kind.PLACE: """
        Link.address Link.gateway LanTarget.address Lan.gateways Series.address LanLoad.server LanLoad.address
        Address.public_v4 Address.public_v6 Address.wan_v4 Address.local_v4 AddressSource.address Hop.address
        Address.local_v6 Wan.gateway WanAnswer.address UpnpDevice.location PortMapping.internal_client SecondBox.address
        SecondBox.address_outside ResolverHealth.server Dns.invented_by Dns.intercepted_at Names.hostname Names.zone
        NameAnswer.server NameAnswer.server_name NameAnswer.addresses NameAnswer.addresses_v6 NameAnswer.cname
        NameAnswer.name_servers Names.system Delegation.parent Delegation.asked Delegation.name_servers Alias.name
        Alias.zone Names.intercepted_at AddressTry.address Reverse.address Reverse.names Reverse.server Client.server
        ClientName.name ClientName.address Port.bind PortTry.address OutsideTry.service OutsideTry.address
        OutsideCertificate.names Tls.address Tls.server_name Certificate.names Certificate.common_name Emr.address
        Emr.host Redirect.host Exposure.address Listener.bind Upload.server Upload.address ServerTry.server
        SecondServer.server Download.server Download.address SecondOpinion.server Wear.address Trace.towards
        Trace.address TraceHop.address TraceHop.others Mtu.towards Mtu.address SizeTried.told_by Mtu.lost_after
        Mtu.lost_before Lookups.hostname LookupAnswer.server LookupAnswer.addresses Lookups.system Way.emr_address
        Way.public_v4 Holder.address Pages.address Pages.host ClinicSays.hostname ClinicSays.public_v4
        PastRun.public_v4 Look.public_v4
    """,
    Kind.PLACES: "AddressSource.service Delegation.glue ThirdParty.who",
    Kind.SITE: "Report.site ClinicSays.site Week.site PastRun.site Terms.site",
    Kind.MAC: "LanTarget.mac LanTarget.holders Lan.own_holders Path.router_holders Holder.macs",
    Kind.FINGERPRINT: """
        OutsideCertificate.fingerprint_sha256 Port.fingerprint_lan Port.fingerprint_outside Spoken.fingerprints
        Tls.fingerprint_sha256 Pages.fingerprint_sha256 ClinicSays.fingerprints
    """,
    Kind.PATH: "Emr.path Redirect.path Asset.path Pages.path",
    Kind.FILE: "DdnsClient.looked_at",
    Kind.INTERFACE: "Link.interface Link.card Wear.interface",
    Kind.MAKER: "LanTarget.maker UpnpDevice.manufacturer",
    Kind.ISSUER: "Certificate.issuer",
    Kind.MOMENT: """
        OutsideCertificate.expires_at Tls.clock Certificate.not_before Certificate.not_after ClinicSays.made_at
    """,
    Kind.SYSTEM: "Environment.system",
    Kind.IDENTITY: "Report.id ClinicSays.report_id Latest.id PastRun.id Look.id",
    Kind.CODE: """
        Cause.code Cause.explains Cause.signs CheckResult.id ReportFinding.code Problem.code Problem.check Passed.id
        Look.codes
    """,
    Kind.PAST_CODE: "PastRun.codes",
    Kind.DETAIL: "Failure.detail",
    Kind.FOREIGN: """
        Acknowledged.why UpnpDevice.friendly_name UpnpDevice.model PortMapping.description OutsideProbe.where
        Emr.content_type Emr.server Emr.title Pages.title
    """,
}

KINDS: Mapping[str, Kind] = {field: kind for kind, listed in _OF.items() for field in listed.split()}
"""By "Class.field"."""

KEYED_BY_CHECK = frozenset({"PastRun.statuses", "Seven.troubles"})
"""Mappings by the ids of checks: what an older version had beside ours is left out."""
HEADLINES = frozenset({"Report.headline", "Latest.headline", "PastRun.headline"})


def kind_of(field: str) -> Kind:
    """What the texts of this field are; NotShareable for one that nobody listed."""
    kind = KINDS.get(field)
    if kind is None:
        raise NotShareable(f"nobody has said yet what may be shown of the field {field}")
    return kind
