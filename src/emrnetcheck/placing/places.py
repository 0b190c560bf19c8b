"""Where a fault is, seen from above two reports; and where each of them has it by itself."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from emrnetcheck.evidence import ClinicReport
from emrnetcheck.model import Cause, Segment, Verdict
from emrnetcheck.placing.belonging import bad_codes, is_inside
from emrnetcheck.placing.losses import reached_by_router
from emrnetcheck.placing.states import Sure

PORT_CHECK = "port."
TOO_OPEN = "port.exposed"
MISLED = "the name led to another address than the clinic's"


class Place(StrEnum):
    """Where the fault is, seen from above both."""

    NOWHERE = "nowhere"
    CLINIC_UPLINK = "clinic_uplink"
    CLINIC_ROUTER = "clinic_router"
    CLINIC_NETWORK = "clinic_network"
    CLINIC_COMPUTER = "clinic_computer"  # one there that is not the server: nobody else waits for its cable
    CLINIC_DOOR = "clinic_door"  # its port is not reached from outside
    CLINIC_HAIRPIN = "clinic_hairpin"  # its router does not lead back inside; nobody outside notices
    CLINIC_UNREACHED = "clinic_unreached"  # nobody comes in, and nobody knows what keeps him out
    CLINIC_SIDE = "clinic_side"  # there, and no more is known
    SERVER = "server"
    SERVER_UNREACHED = "server_unreached"  # in its own network, too, nobody gets a connection: that is no load
    NAME = "name"
    PATH = "path"
    REMOTE_COMPUTER = "remote_computer"
    REMOTE_WIFI = "remote_wifi"
    REMOTE_NETWORK = "remote_network"
    REMOTE_ROUTER = "remote_router"
    REMOTE_LINE = "remote_line"
    REMOTE_DOOR = "remote_door"  # nothing comes out of there to the EMR's port, and others come in
    UNCLEAR = "unclear"


FOR_ALL = (
    Place.CLINIC_NETWORK, Place.CLINIC_ROUTER, Place.CLINIC_UPLINK, Place.CLINIC_SIDE, Place.CLINIC_UNREACHED,
    Place.SERVER_UNREACHED, Place.SERVER,
)  # fmt: skip
"""What everybody waits for who uses the EMR, at least from outside."""

_REMOTE: Mapping[Segment, Place] = {
    Segment.COMPUTER: Place.REMOTE_COMPUTER,
    Segment.LAN: Place.REMOTE_NETWORK,
    Segment.ROUTER: Place.REMOTE_ROUTER,
    Segment.LINE: Place.REMOTE_LINE,
    Segment.PATH: Place.PATH,
    Segment.NAME: Place.NAME,
    Segment.FAR: Place.CLINIC_SIDE,
    Segment.SERVER: Place.SERVER,
}
_AT_CLINIC: Mapping[Segment, Place] = {
    Segment.COMPUTER: Place.CLINIC_NETWORK,  # the server's own connection
    Segment.LAN: Place.CLINIC_NETWORK,
    Segment.ROUTER: Place.CLINIC_ROUTER,
    Segment.LINE: Place.CLINIC_UPLINK,
    Segment.PATH: Place.PATH,
    Segment.NAME: Place.NAME,
    Segment.SERVER: Place.SERVER,
}
_ONE_NEIGHBOUR = ("switch.slow", "switch.loss", "switch.jitter")  # while others there were quick
_ALL_BAD = ("switch.all_", "link.")
_NOT_SLOW = (PORT_CHECK, "tls.")
_SLOW_SERVER = (
    "emr.slow", "emr.slow_parts", "emr.not_answering", "emr.error", "emr.empty", "emr.starting",
    "emr.behind_proxy_down", "emr.unfinished",
)  # fmt: skip
_NO_SERVER = (
    "emr.not_answering", "port.not_listening", "port.loopback_only", "port.host_firewall", "port.hung",
    "port.bound_elsewhere", "port.host_silent",
)  # fmt: skip
_SLOW_FOR_SURE = (
    *_SLOW_SERVER, *_ONE_NEIGHBOUR, "emr.slow_parts_network", "switch.storm", "switch.duplicate_own",
    "switch.all_slow", "switch.all_loss", "switch.all_heavy_loss", "switch.all_jitter",
    "switch.emr_slow", "switch.emr_loss", "switch.emr_heavy_loss", "path.slow_inside", "path.loss_inside",
    "router.slow", "router.loss", "router.heavy_loss", "router.jitter", "router.unreachable", "router.wifi",
    "router.wifi_bad", "router.duplicate", "link.half_duplex", "link.slow_speed", "link.many_errors",
    "link.late_collisions", "link.lost", "path.slow_line", "path.loss_line", "path.mtu_black_hole",
    "upload.below_minimum", "upload.burst_then_drop", "upload.unstable", "upload.stalled", "bufferbloat.severe",
)  # fmt: skip


def is_remote(place: Place) -> bool:
    return place.value.startswith("remote")


def own_place(report: ClinicReport) -> Place:
    """Where a report of client alone has the fault."""
    if report.segment is None:
        return Place.NOWHERE if report.verdict in (Verdict.READY, Verdict.READY_WITH_WARNINGS) else Place.UNCLEAR
    return _place_of(report, report.segment)


def own_also(report: ClinicReport) -> tuple[Place, ...]:
    """Where a report of client has further faults."""
    known = {segment.value: segment for segment in Segment}
    return tuple(_place_of(report, known[each]) for each in _told(report, "also") if each in known)


def _place_of(report: ClinicReport, segment: Segment) -> Place:
    if "segment.kept_in" in client_codes(report) and segment is Segment.LAN:
        return Place.REMOTE_DOOR
    if is_inside(report) and segment is Segment.COMPUTER:
        return Place.CLINIC_COMPUTER
    if segment is Segment.SERVER and "server_tcp" in because(report) and is_kept_out(report):
        return Place.SERVER_UNREACHED
    if is_inside(report) and segment in _AT_CLINIC:
        return _AT_CLINIC[segment]
    link = report.evidence.link
    if segment is Segment.COMPUTER and link is not None and link.medium == "wifi":
        return Place.REMOTE_WIFI
    return _REMOTE[segment]


def sure_of(report: ClinicReport) -> Sure:
    for check in report.checks:
        for finding in check.findings if check.id == "segment" else ():
            return Sure.CERTAIN if finding.facts.get("sure") == Sure.CERTAIN.value else Sure.LIKELY
    return Sure.LIKELY


def client_codes(report: ClinicReport) -> tuple[str, ...]:
    return tuple(f.code for check in report.checks for f in check.findings if check.id == "segment")


def because(report: ClinicReport) -> tuple[str, ...]:
    """The bad legs that the client's answer rests on."""
    return _told(report, "because")


def is_kept_out(client: ClinicReport) -> bool:
    """Whether none of its connections to the EMR was accepted."""
    way = client.evidence.way
    asked = [each for each in way.targets if each.leg == "server"] if way is not None else []
    return bool(asked) and all(
        each.series.p50_ms is None or each.refused >= each.series.sent - each.series.lost for each in asked
    )


def asks_by_router(client: ClinicReport) -> bool:
    """Whether one in the office asks at the office's public address, so that the router has to lead back."""
    way = client.evidence.way
    return is_inside(client) and way is not None and way.emr_address is not None and reached_by_router(way.emr_address)


def has_bad_router(report: ClinicReport) -> bool:
    """Whether the router is bad from there, and not only its answers."""
    return "router" in _told(report, "bad") and "router" not in _told(report, "excused")


def good_legs(report: ClinicReport) -> tuple[str, ...]:
    return _told(report, "normal")


def _told(report: ClinicReport, fact: str) -> tuple[str, ...]:
    for check in report.checks:
        for finding in check.findings if check.id == "segment" else ():
            legs = finding.facts.get(fact)
            return tuple(str(each) for each in legs) if isinstance(legs, (list, tuple)) else ()
    return ()


def _place_of_cause(cause: Cause) -> Place | None:
    """None: it makes nothing slow, such as a port that is shut, or open without need, or a certificate."""
    if cause.code.startswith(_NOT_SLOW) or cause.segment is None:
        return None
    return Place.CLINIC_COMPUTER if cause.code in _ONE_NEIGHBOUR else _AT_CLINIC.get(cause.segment)


def clinic_places(host: ClinicReport, *, for_sure: bool = False) -> tuple[Place, ...]:
    """Where the clinic's own report has something bad: what concerns one computer of it last.

    for_sure: only by what somebody waits for, whatever a client says.
    """
    bad = bad_codes(host)
    causes = [each for each in host.causes if each.code in bad and (not for_sure or each.code in _SLOW_FOR_SURE)]
    found = [place for place in map(_place_of_cause, causes) if place is not None]
    return tuple(sorted(dict.fromkeys(found), key=lambda place: place is Place.CLINIC_COMPUTER))


def codes_of(host: ClinicReport, place: Place) -> tuple[str, ...]:
    """By which codes the clinic's own report has it there."""
    bad = bad_codes(host)
    return tuple(each.code for each in host.causes if each.code in bad and _place_of_cause(each) is place)


def emr_door(client: ClinicReport) -> tuple[str | None, int] | None:
    """The address and the port at which this client asked for the EMR."""
    way = client.evidence.way
    return (way.emr_address, way.emr_port) if way is not None and way.emr_address is not None else None


def open_doors(host: ClinicReport) -> frozenset[tuple[str | None, int]]:
    """Where somebody outside got in to the EMR, by the clinic's own report."""
    port, address = host.evidence.port, host.evidence.address
    if port is None or not any(f.code == "port.open" for check in host.checks for f in check.findings):
        return frozenset()
    own = address.public_v4 if address is not None else None
    return frozenset((each.address or own, each.port) for each in port.outside if each.reachable)


def came_in_well(client: ClinicReport) -> bool:
    """Whether its connections went through the clinic's router and over the server's cable, and lost nothing."""
    return not is_inside(client) and "server_tcp" in good_legs(client)


def is_of_one_computer(host: ClinicReport) -> bool:
    """Whether the clinic's report was made on another computer than the server, and all was bad from there."""
    lan = host.evidence.lan
    beside = lan is not None and any(target.role == "emr_host" for target in lan.targets)
    return beside and all(code.startswith(_ALL_BAD) for code in codes_of(host, Place.CLINIC_NETWORK))


def shut_doors(host: ClinicReport) -> tuple[str, ...]:
    return tuple(code for code in bad_codes(host) if code.startswith(PORT_CHECK) and code != TOO_OPEN)


def no_server_codes(host: ClinicReport) -> tuple[str, ...]:
    """By which codes the clinic's own report has it that the EMR takes no connections, even in the office."""
    return tuple(code for code in bad_codes(host) if code in _NO_SERVER)


def without_hairpin(host: ClinicReport) -> tuple[str, ...]:
    """By which codes the EMR's port is open from outside, and its public address does not lead back inside."""
    return tuple(f.code for check in host.checks for f in check.findings if f.code == "port.no_hairpin")


def slow_server_codes(host: ClinicReport) -> tuple[str, ...]:
    return tuple(code for code in bad_codes(host) if code in _SLOW_SERVER)


def sees_router_well(host: ClinicReport) -> bool:
    return any(f.code == "router.ok" for check in host.checks for f in check.findings)
