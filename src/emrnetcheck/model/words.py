"""The closed vocabularies: how much something matters, where it is, who can mend it, how a run is made."""

from __future__ import annotations

from enum import StrEnum


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


class Urgency(StrEnum):
    """How soon something has to be done."""

    TODAY = "today"  # patient data is open to others, or nobody can work
    THIS_WEEK = "this_week"
    SOON = "soon"


class Segment(StrEnum):
    """Where on the way a fault is, seen from the computer that measured."""

    COMPUTER = "computer"  # this computer's own connection: its network card, its cable or Wi-Fi, its VPN
    LAN = "lan"  # the network of this place: switch and cables, up to the router or the server
    ROUTER = "router"
    LINE = "line"  # the Internet line of this place
    PATH = "path"  # beyond this place's line: the provider's network and the Internet
    NAME = "name"
    FAR = "far"  # the clinic's side, seen from elsewhere: its line, its router, its network
    SERVER = "server"  # the EMR's computer and program


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
