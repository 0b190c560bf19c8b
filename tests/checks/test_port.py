"""What is said of the EMR's port (netfacts.md 3.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from emrnetcheck.checks.port import CHECK
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.port import Arrivals, HowShut, OutsideCertificate, OutsideProbe, OutsideTry, Port
from emrnetcheck.evidence.wan import PortMapping, Wan
from emrnetcheck.model import Access, Contact, Failure, FailureKind, Site
from tests.checks import builders
from tests.checks.builders import (
    DOWN,
    NAME,
    OLD,
    PEER,
    PUBLIC,
    ROUTER,
    SERVER,
    SITE,
    Row,
    address,
    case,
    codes_of,
    judged,
    limits,
    names,
    outside,
    row,
    source,
    spoken,
    tried,
)

VPN = replace(SITE, access=Access.VPN)
LAN_ONLY = replace(SITE, access=Access.LAN_ONLY)
TUNNEL = replace(SITE, access=Access.TUNNEL)
NO = outside(None, kind=FailureKind.NO_CONSENT)
MINE, OTHERS = "ab" * 32, "cd" * 32
SAID_ONLY = outside(True)
YES = outside(True, certificate=OutsideCertificate(MINE))
SHUT = outside(False)
PUBLIC_V6 = "2a00:1:2::10"


def seen(port_: Port, site: Site = SITE) -> Case:
    return case(site, port=port_)


def port(*tries: OutsideTry, **changes: Any) -> Port:
    """The server as seen from itself, with its certificate known."""
    return builders.port(*tries, **{"spoken_lan": spoken(MINE)} | changes)


def remote(kind: FailureKind | None, out: OutsideTry = YES) -> Port:
    """The server, seen from another computer of the office."""
    lan = tried(True) if kind is None else tried(False, kind=kind)
    return port(out, is_emr_host=False, listening=None, bind=(), loopback=None, lan=lan)


NARROW = "port.narrowly_bound"
AWAY = tried(False, "127.0.0.1", kind=FailureKind.REFUSED)
CAME_IN = Arrivals(outside=1, accepted=1, finished=1, sources=1, whole=True)


def bound(*addresses: str, out: OutsideTry = SAID_ONLY, **changes: Any) -> Port:
    """The server listens at these addresses alone, and not at the one that the office uses."""
    return port(out, bind=addresses, **{"lan": tried(False, kind=FailureKind.REFUSED)} | changes)


TABLE = [
    row("all well", seen(port(YES)), "port.open"),
    row("nothing listens", seen(port(SHUT, **DOWN)), "port.not_listening"),
    row("nothing in the table, the office gets in", seen(port(YES, listening=False, bind=())), "port.open"),
    row("nothing in the table, nothing was tried", seen(port(YES, **DOWN | {"lan": None})), "port.open"),
    row("nothing here, a service got in", seen(port(YES, **DOWN)), "port.only_outside"),
    row("nothing here, a service got in, nothing came", seen(port(YES, syn_seen=False, **DOWN)), "port.not_listening"),
    row("nothing here, somebody came in", seen(port(SHUT, arrivals=CAME_IN, **DOWN)), "port.only_outside"),
    row("nothing here, VPN, a service got in", seen(port(YES, **DOWN), VPN), "port.exposed"),
    row("IPv4 loopback", seen(bound("127.0.0.1")), "port.loopback_only"),
    row("IPv6 loopback", seen(bound("::1", "127.0.0.2")), "port.loopback_only"),
    row("mapped loopback", seen(bound("::ffff:127.0.0.1")), "port.loopback_only"),
    row("loopback, by VPN", seen(bound("127.0.0.1", out=SHUT), VPN), "port.loopback_only"),
    row("loopback, office only", seen(bound("127.0.0.1", out=SHUT), LAN_ONLY), "port.loopback_only"),
    row("loopback, not in the table", seen(bound(), SITE), "port.loopback_only"),
    row("loopback, by tunnel", seen(bound("127.0.0.1", out=SHUT), TUNNEL), "port.not_applicable", NARROW),
    row("loopback, by tunnel, open", seen(bound("127.0.0.1"), TUNNEL), "port.exposed", NARROW),
    row("loopback, by tunnel, hung", seen(bound("127.0.0.1", loopback=tried(False)), TUNNEL), "port.hung"),
    row("one other address", seen(bound("10.8.0.1", loopback=AWAY)), "port.bound_elsewhere"),
    row("one other address, dropped", seen(bound("10.8.0.1", loopback=AWAY, lan=tried(False))), "port.bound_elsewhere"),
    row("one other address, somebody came in", seen(bound("10.8.0.1", arrivals=CAME_IN)), "port.open", NARROW),
    row("one other address, office only", seen(bound("10.8.0.1", loopback=AWAY), LAN_ONLY), "port.bound_elsewhere"),
    row("the VPN's address, by VPN", seen(bound("10.8.0.1", out=SHUT), VPN), "port.not_applicable", NARROW),
    row(
        "the VPN's address, by VPN, hung",
        seen(bound("10.8.0.1", out=SHUT, loopback=AWAY, bound=tried(False)), VPN),
        "port.hung",
    ),
    row("IPv6 alone", seen(bound("::", loopback=AWAY)), "port.bound_elsewhere"),
    row("IPv6 and IPv4", seen(bound("::")), "port.host_firewall"),
    row("the office's address, refused", seen(bound(SERVER, loopback=AWAY)), "port.host_firewall"),
    row("takes no connections", seen(port(YES, lan=tried(False), loopback=tried(False))), "port.hung"),
    row("takes no connections, LAN unknown", seen(port(YES, lan=None, loopback=tried(False))), "port.hung"),
    row("loopback alone was silent", seen(port(YES, loopback=tried(False))), "port.open"),
    row("loopback and all", seen(port(YES, bind=("127.0.0.1", "::"))), "port.open"),
    row("bind not readable", seen(port(YES, listening=None, bind=())), "port.open"),
    row("firewall drops", seen(port(YES, lan=tried(False))), "port.host_firewall"),
    row("firewall refuses", seen(port(YES, lan=tried(False, kind=FailureKind.REFUSED))), "port.host_firewall"),
    row(
        "firewall, seen by loopback alone",
        seen(port(YES, listening=None, bind=(), lan=tried(False))),
        "port.host_firewall",
    ),
    row("from another computer, open", seen(remote(None)), "port.open"),
    row("from another computer, refused", seen(remote(FailureKind.REFUSED)), "port.not_listening"),
    row("from another computer, silent", seen(remote(FailureKind.TIMEOUT)), "port.host_silent"),
    row("from another computer, no ARP", seen(remote(FailureKind.HOST_UNREACHABLE)), "port.host_silent"),
    row("LAN address could not be tried", seen(port(YES, lan=tried(None))), "port.open"),
    row("not forwarded", seen(port(SHUT)), "port.shut_outside"),
    row("not forwarded, hairpin fails too", seen(port(SHUT, hairpin=tried(False, PUBLIC))), "port.shut_outside"),
    row("not forwarded, from another computer", seen(remote(None, SHUT)), "port.not_forwarded"),
    row("no consent", seen(port(NO)), "port.unverified"),
    row("nobody asked", seen(port()), "port.unverified"),
    row("hairpin works is no proof", seen(port(hairpin=tried(True, PUBLIC))), "port.unverified"),
    row("one answer, limit 1", seen(port(YES, NO)), "port.open"),
    row("one answer, limit 2", seen(port(YES, NO), limits("port", outside_answers=2)), "port.unverified"),
    row("two answers, limit 2", seen(port(YES, YES), limits("port", outside_answers=2)), "port.open"),
    row("no hairpin", seen(port(YES, hairpin=tried(False, PUBLIC))), "port.open", "port.no_hairpin"),
    row("the name leads elsewhere", seen(port(YES, hairpin=tried(False, OLD))), "port.open"),
    row("hairpin not tried", seen(port(YES, hairpin=tried(None, PUBLIC))), "port.open"),
    row("hairpin unknown", seen(port(YES, hairpin=None)), "port.open"),
    row("another place dialled, open", seen(port(outside(True, dialled=OLD))), "port.other_address"),
    row("another place dialled, shut", seen(port(outside(False, dialled=OLD))), "port.other_address"),
    row("one dialled elsewhere, the other got in", seen(port(YES, outside(False, dialled=OLD))), "port.open"),
    row("one dialled elsewhere, the other did not", seen(port(SHUT, outside(True, dialled=OLD))), "port.shut_outside"),
    row("address not told by the service", seen(port(replace(YES, address=None))), "port.open"),
    row("public address not known", case(port=port(replace(YES, address=OLD)), address=None), "port.open"),
    row("VPN, shut", seen(port(SHUT), VPN), "port.not_applicable"),
    row("VPN, open", seen(port(YES), VPN), "port.exposed"),
    row("office only, open", seen(port(YES), LAN_ONLY), "port.exposed"),
    row("office only, shut", seen(port(SHUT), LAN_ONLY), "port.not_applicable"),
    row("office only, EMR down", seen(port(SHUT, **DOWN), LAN_ONLY), "port.not_listening"),
    row("VPN, not tested", seen(port(NO), VPN), "port.not_tested"),
    row("tunnel, shut", seen(port(SHUT), TUNNEL), "port.not_applicable"),
    row("tunnel, open", seen(port(YES), TUNNEL), "port.exposed"),
    row("VPN, EMR down", seen(port(SHUT, **DOWN), VPN), "port.not_listening"),
]


CERTIFIED = {"spoken_lan": spoken(MINE), "fingerprint_lan": MINE}


def shown(fingerprint: str, *names: str, service: str = "globalping") -> OutsideTry:
    """A service that got through and saw this certificate."""
    return outside(True, service, certificate=OutsideCertificate(fingerprint, names=names))


def came(outside_: int = 1, **changes: Any) -> dict[str, Any]:
    """What arrived at the server, as changes for port(); by default nothing was answered."""
    seen_ = Arrivals(outside=outside_, sources=min(1, outside_), whole=True)
    return {"arrivals": replace(seen_, **changes), "syn_seen": True if outside_ else None}


NOTHING_CAME = {"arrivals": Arrivals(whole=True), "syn_seen": False}
LET_IN = came(accepted=1, finished=1)
DENIED = {"arrivals": Arrivals(failure=Failure(FailureKind.PERMISSION, "watch", "port 8443"))}
PAGE = {"spoken_hairpin": spoken(kind=FailureKind.PLAIN_HTTP)}
OTHER_THERE = {"spoken_hairpin": spoken(OTHERS)}
SAME_THERE = {"spoken_hairpin": spoken(MINE)}
PLAIN = spoken(kind=FailureKind.PLAIN_HTTP)
OLD_SERVER = shown(OTHERS, NAME)
PROXY = outside(True, certificate=OutsideCertificate(OTHERS, trusted=True, names=(NAME,)))
BY_ADDRESS = outside(
    True, certificate=OutsideCertificate(OTHERS, trusted=False, error="ERR_TLS_CERT_ALTNAME_INVALID", names=(NAME,))
)
EXPIRED_ONE = outside(
    True, certificate=OutsideCertificate(OTHERS, trusted=False, error="CERT_HAS_EXPIRED", names=(NAME,))
)
UNENCRYPTED = outside(True, certificate_failure=Failure(FailureKind.NOT_TLS, "TLS handshake"))
MUTE = outside(True, certificate_failure=Failure(FailureKind.TIMEOUT, "TLS handshake"))
REFUSED_THERE = outside(False, how_shut=HowShut.REFUSED)
SILENT_THERE = outside(False, how_shut=HowShut.SILENT)


def mapped(client: str = SERVER, *tries: OutsideTry, enabled: bool | None = True, to: int | None = 8443) -> Case:
    """The router says by UPnP that it sends the port to this client."""
    said = Wan(ROUTER, mapping=PortMapping(8443, client, to, enabled, "OSCAR", 0))
    return case(port=port(*(tries or (SHUT,)), hairpin=tried(False, PUBLIC)), address=address(router=said))


def by_ipv6(reachable: bool | None, *by_v4: OutsideTry, published: str = PUBLIC_V6, site: Site = SITE) -> Case:
    """One service by IPv6, beside what was said by IPv4; None: it has no IPv6."""
    kind = FailureKind.NAME_NO_ADDRESS if reachable is None else None
    by_v6 = outside(reachable, dialled=None if reachable is None else PUBLIC_V6, kind=kind)
    name = names(source(PUBLIC, addresses_v6=(published,)))
    # The witnesses may see another address of this computer: a temporary one (RFC 8981).
    return case(site, port=port(*by_v4, outside_v6=(by_v6,)), address=address(public_v6="2a00:1:2::77"), names=name)


TABLE += [
    # Did the packet arrive?
    row("arrives, is dropped", seen(port(SHUT, **came())), "port.host_firewall_outside"),
    row("arrives, is refused", seen(port(REFUSED_THERE, **came(refused=1))), "port.host_firewall_outside"),
    row(
        "arrives, hairpin is the EMR",
        seen(port(SHUT, **came(), **CERTIFIED, **SAME_THERE)),
        "port.host_firewall_outside",
    ),
    row("arrives, is accepted, is not heard", seen(port(SHUT, **came(accepted=1, unheard=1))), "port.answer_lost"),
    row("somebody else is connected", seen(port(SHUT, **came(accepted=1))), "port.forwarded_but_shut"),
    row(
        "somebody else is connected, the testers are dropped",
        seen(port(SHUT, **came(4, accepted=1, sources=4, kept_out=3))),
        "port.host_firewall_outside",
    ),
    row(
        "somebody else came in, the testers are dropped",
        seen(port(SHUT, **came(4, accepted=1, finished=1, sources=4, kept_out=3))),
        "port.host_firewall_outside",
    ),
    row(
        "VPN, somebody came in, others not",
        seen(port(SHUT, **came(2, accepted=1, finished=1, kept_out=1)), VPN),
        "port.exposed",
    ),
    row(
        "said to be open, nothing arrives, inside sees the EMR",
        seen(port(SAID_ONLY, **CERTIFIED, **SAME_THERE, **NOTHING_CAME)),
        "port.open_unproven",
    ),
    row("said to be shut, but somebody came in", seen(port(SHUT, **LET_IN)), "port.open", "port.outside_disagree"),
    row("never arrives", seen(port(SHUT, **NOTHING_CAME)), "port.not_forwarded"),
    row("may not look", seen(port(SHUT, **DENIED)), "port.shut_outside"),
    row("may not look, open", seen(port(SAID_ONLY, **DENIED)), "port.open_unproven"),
    row("said to be open, nothing arrives", seen(port(SAID_ONLY, **NOTHING_CAME)), "port.open_unproven"),
    row("said to be open, arrives, is dropped", seen(port(SAID_ONLY, **came())), "port.open_unproven"),
    row("said to be open, some came behind the router", seen(port(SAID_ONLY, **came(0, behind_router=1))), "port.open"),
    row(
        "said to be open, some may have been missed",
        seen(port(SAID_ONLY, **came(0, whole=False))),
        "port.open_unproven",
    ),
    row("open, arrives, is accepted", seen(port(SAID_ONLY, **came(accepted=1))), "port.open"),
    # Services that contradict each other
    row("one of two got through", seen(port(SAID_ONLY, SHUT)), "port.services_disagree"),
    row("one of two, nothing arrives", seen(port(SAID_ONLY, SHUT, **NOTHING_CAME)), "port.services_disagree"),
    row("one of two, arrives and is dropped", seen(port(SAID_ONLY, SHUT, **came())), "port.services_disagree"),
    row("one of two, somebody came in", seen(port(SAID_ONLY, SHUT, **LET_IN)), "port.open", "port.outside_disagree"),
    row(
        "one of two, and saw the EMR", seen(port(shown(MINE), SHUT, **CERTIFIED)), "port.open", "port.outside_disagree"
    ),
    row("one of two, and saw another", seen(port(shown(OTHERS), SHUT, **CERTIFIED)), "port.services_disagree"),
    row(
        "open from some places",
        seen(port(replace(YES, probes=(OutsideProbe("Bell, CA", True), OutsideProbe("Cox, US", False))))),
        "port.open",
        "port.outside_disagree",
    ),
    row(
        "open from all places that answered",
        seen(port(replace(YES, probes=(OutsideProbe("Bell, CA", True), OutsideProbe("Cox, US", None))))),
        "port.open",
    ),
    row("VPN, open for one", seen(port(SHUT, SAID_ONLY), VPN), "port.services_disagree"),
    row("VPN, open for one, somebody came in", seen(port(SHUT, YES, **LET_IN), VPN), "port.exposed"),
    row("VPN, said to be shut, somebody came in", seen(port(SHUT, **LET_IN), VPN), "port.exposed"),
    row("VPN, said to be open, nothing arrives", seen(port(SAID_ONLY, **NOTHING_CAME), VPN), "port.exposed"),
    row("VPN, the EMR seen from outside", seen(port(shown(MINE), **CERTIFIED, **NOTHING_CAME), VPN), "port.exposed"),
    row("VPN, something else seen from outside", seen(port(shown(OTHERS), **CERTIFIED), VPN), "port.exposed"),
    # Does the EMR answer, or something else?
    row("outside sees the EMR", seen(port(shown(MINE), **CERTIFIED, **NOTHING_CAME)), "port.open"),
    row("outside sees another", seen(port(shown(OTHERS), **CERTIFIED)), "port.wrong_service"),
    row(
        "outside sees another, for another name",
        seen(port(shown(OTHERS, "router.lan"), **CERTIFIED)),
        "port.wrong_service",
    ),
    row("two see, one of them the EMR", seen(port(shown(OTHERS), shown(MINE), **CERTIFIED)), "port.open"),
    row("for the same name, no more known", seen(port(shown(OTHERS, NAME), **CERTIFIED)), "port.open_unproven"),
    row("so, with a star", seen(port(shown(OTHERS, "*.Example.org."), **CERTIFIED)), "port.open_unproven"),
    row("for the same name, somebody came in", seen(port(OLD_SERVER, **LET_IN)), "port.open"),
    row("for the same name, inside sees the EMR", seen(port(OLD_SERVER, **SAME_THERE)), "port.open"),
    row("for the same name, mapped to the server", mapped(SERVER, OLD_SERVER), "port.open", "port.no_hairpin"),
    row("for the same name, nothing arrives", seen(port(OLD_SERVER, **NOTHING_CAME)), "port.wrong_service"),
    row("for the same name and in order, nothing arrives", seen(port(PROXY, **NOTHING_CAME)), "port.open_unproven"),
    row("for the same name, asked by address", seen(port(BY_ADDRESS, **NOTHING_CAME)), "port.open_unproven"),
    row("for the same name, expired, nothing arrives", seen(port(EXPIRED_ONE, **NOTHING_CAME)), "port.wrong_service"),
    row("for the same name, inside sees it too", seen(port(OLD_SERVER, **OTHER_THERE)), "port.wrong_service"),
    row("for the same name, inside sees a page", seen(port(OLD_SERVER, **PAGE)), "port.open_unproven"),
    row("for the same name, mapped elsewhere", mapped(PEER, OLD_SERVER), "port.wrong_service"),
    # Nothing tells who it is
    row("said to be open, no more known", seen(port(SAID_ONLY)), "port.open_unproven"),
    row("so, no hairpin", seen(port(SAID_ONLY, hairpin=tried(False, PUBLIC))), "port.open_unproven"),
    row("so, mapped to the server", mapped(SERVER, SAID_ONLY), "port.open", "port.no_hairpin"),
    row("no TLS outside", seen(port(UNENCRYPTED)), "port.wrong_service"),
    row("no TLS outside, by one of two", seen(port(UNENCRYPTED, YES)), "port.open"),
    row("no TLS outside, somebody came in", seen(port(UNENCRYPTED, **LET_IN)), "port.open"),
    row("no TLS outside nor inside", seen(port(UNENCRYPTED, spoken_lan=PLAIN)), "port.open_unproven"),
    row("no answer to TLS outside", seen(port(MUTE)), "port.open_unproven"),
    row("VPN, said to be open, no more known", seen(port(SAID_ONLY), VPN), "port.exposed"),
    row("office only, another certificate", seen(port(OLD_SERVER, **NOTHING_CAME), LAN_ONLY), "port.exposed"),
    row("VPN, no TLS outside", seen(port(UNENCRYPTED), VPN), "port.exposed"),
    row("tunnel, mapped elsewhere", replace(mapped(PEER, SAID_ONLY), site=TUNNEL), "port.exposed"),
    row("a star for the level above", seen(port(shown(OTHERS, "*.org"), **CERTIFIED)), "port.wrong_service"),
    row(
        "the server speaks no TLS",
        seen(port(shown(OTHERS), spoken_lan=spoken(kind=FailureKind.PLAIN_HTTP))),
        "port.wrong_service",
    ),
    row(
        "the server's TLS not seen",
        seen(port(shown(OTHERS), spoken_lan=spoken(kind=FailureKind.TIMEOUT))),
        "port.open_unproven",
    ),
    row("the server has two certificates", seen(port(shown(OTHERS), spoken_lan=spoken(MINE, OTHERS))), "port.open"),
    row(
        "outside sees the EMR, inside a page",
        seen(port(shown(MINE), **CERTIFIED, **PAGE)),
        "port.open",
        "port.hairpin_differs",
    ),
    row(
        "inside sees another, somebody came in",
        seen(port(SAID_ONLY, **CERTIFIED, **OTHER_THERE, **LET_IN)),
        "port.open",
        "port.hairpin_differs",
    ),
    row(
        "inside sees another, nothing arrives",
        seen(port(SAID_ONLY, **CERTIFIED, **OTHER_THERE, **NOTHING_CAME)),
        "port.wrong_service",
    ),
    row(
        "inside sees a page, nothing arrives",
        seen(port(SAID_ONLY, **CERTIFIED, **PAGE, **NOTHING_CAME)),
        "port.wrong_service",
    ),
    row("inside sees another, no more known", seen(port(SAID_ONLY, **CERTIFIED, **OTHER_THERE)), "port.open_unproven"),
    row("inside sees the EMR, no more known", seen(port(SAID_ONLY, **CERTIFIED, **SAME_THERE)), "port.open"),
    row(
        "inside sees another where the name leads elsewhere",
        seen(port(SAID_ONLY, hairpin=tried(True, OLD), **CERTIFIED, **OTHER_THERE)),
        "port.open_unproven",
    ),
    row(
        "both speak plain HTTP",
        seen(port(SAID_ONLY, spoken_lan=spoken(kind=FailureKind.PLAIN_HTTP), **PAGE)),
        "port.open_unproven",
    ),
    # Nobody gets in: where does it end?
    row("refused outside", seen(port(REFUSED_THERE)), "port.shut_outside"),
    row("silent outside", seen(port(SILENT_THERE)), "port.shut_outside"),
    row("refused for one, silent for another", seen(port(REFUSED_THERE, SILENT_THERE)), "port.shut_outside"),
    row(
        "silent outside, inside sees the EMR",
        seen(port(SILENT_THERE, **CERTIFIED, **SAME_THERE)),
        "port.forwarded_but_shut",
    ),
    row("silent outside, inside sees a page", seen(port(SILENT_THERE, **CERTIFIED, **PAGE)), "port.shut_outside"),
    row(
        "inside sees the EMR, nothing arrives",
        seen(port(SILENT_THERE, **CERTIFIED, **SAME_THERE, **NOTHING_CAME)),
        "port.blocked_upstream",
    ),
    row(
        "inside sees the EMR, the router's address not known",
        case(port=port(SHUT, **CERTIFIED, **SAME_THERE), address=address(wan_v4=None)),
        "port.forwarded_but_shut",
    ),
    row("mapped to the server", mapped(), "port.forwarded_but_shut"),
    row("mapped to the server, port not told", mapped(to=None), "port.forwarded_but_shut"),
    row("mapped to another port", mapped(to=443), "port.wrong_target"),
    row("mapped to an old address", mapped(PEER), "port.wrong_target"),
    row("mapped to an old address, but off", mapped(PEER, enabled=False), "port.shut_outside"),
    row("mapped to an old address, open", mapped(PEER, SAID_ONLY), "port.open_unproven"),
    row("VPN, shut, inside sees the EMR", seen(port(SHUT, **CERTIFIED, **SAME_THERE), VPN), "port.not_applicable"),
    # IPv6 beside IPv4
    row("shut by IPv6, open by IPv4", by_ipv6(False, YES), "port.open", "port.shut_by_ipv6"),
    row("shut by IPv6, the name has none", by_ipv6(False, YES, published="2a00::9"), "port.open"),
    row("open by IPv6, open by IPv4", by_ipv6(True, YES), "port.open"),
    row("open by IPv6, shut by IPv4", by_ipv6(True, SHUT), "port.shut_outside"),
    row("open by IPv6, IPv4 not tried", by_ipv6(True), "port.unverified"),
    row("shut by IPv6, shut by IPv4", by_ipv6(False, SHUT), "port.shut_outside", "port.shut_by_ipv6"),
    row("the service has no IPv6", by_ipv6(None, YES), "port.open"),
    row("the service has no IPv6, shut by IPv4", by_ipv6(None, SHUT), "port.shut_outside"),
    row("VPN, shut by both", by_ipv6(False, SHUT, site=VPN), "port.not_applicable"),
    row("VPN, open by IPv6", by_ipv6(True, SHUT, site=VPN), "port.exposed_by_ipv6"),
    row("VPN, open by both", by_ipv6(True, YES, site=VPN), "port.exposed", "port.exposed_by_ipv6"),
    row("VPN, open by IPv6, IPv4 not tried", by_ipv6(True, site=VPN), "port.not_tested", "port.exposed_by_ipv6"),
    row("VPN, the service has no IPv6", by_ipv6(None, SHUT, site=VPN), "port.not_applicable"),
]


def said(case_: Case) -> dict[str, str]:
    """The advice of each finding, with its facts in it."""
    return {each.code: CHECK.codes[each.code].advice.format_map(each.facts) for each in judged(CHECK, case_)}


@pytest.mark.parametrize(
    ("port_", "advice"),
    [
        (port(SHUT, **DENIED), "with sudo"),
        (port(SHUT), "and the server's own firewall has to let it in"),
        (remote(None, SHUT), "Run on the server itself"),
        (remote(None, SHUT), "look at the server's firewall"),
        (remote(None, REFUSED_THERE), "another computer or another port"),
    ],
)
def test_who_could_not_see_what_arrives_is_told_how_to(port_: Port, advice: str) -> None:
    (told,) = said(seen(port_)).values()
    assert advice in told


@pytest.mark.parametrize(
    ("seen_", "sentence"),
    [
        (port(SHUT, **DOWN), "the EMR is not running there."),
        (remote(FailureKind.REFUSED), "the EMR is not running there, or does not let other computers in."),
        (remote(FailureKind.TIMEOUT), "does not answer at all on port 8443."),
        (remote(FailureKind.HOST_UNREACHABLE), "cannot be reached, or its firewall forbids it, on port 8443."),
    ],
)
def test_what_another_computer_cannot_tell_apart_is_not_told_apart(seen_: Port, sentence: str) -> None:
    (finding,) = judged(CHECK, seen(seen_))
    assert CHECK.codes[finding.code].summary.format_map(finding.facts).endswith(sentence)


def test_who_saw_that_nothing_arrives_is_not_sent_to_the_server() -> None:
    advice = said(seen(port(SHUT, **NOTHING_CAME)))["port.not_forwarded"]
    assert "firewall" not in advice
    assert "sudo" not in advice


def test_a_firewall_that_lets_the_office_in_alone_is_not_put_on_the_provider() -> None:
    hidden = seen(port(SHUT, **DENIED, **CERTIFIED, **SAME_THERE))
    assert said(hidden)["port.forwarded_but_shut"].startswith("First look at the server's own firewall")
    assert CHECK.codes["port.forwarded_but_shut"].contact is Contact.EMR_HOST
    watched = said(seen(port(SHUT, **NOTHING_CAME, **CERTIFIED, **SAME_THERE)))["port.blocked_upstream"]
    assert "firewall" not in watched


def test_a_second_router_is_thought_of_where_the_own_ones_address_is_not_known() -> None:
    seen_ = port(SHUT, **NOTHING_CAME, **CERTIFIED, **SAME_THERE)
    assert PUBLIC in said(case(port=seen_, address=address(wan_v4=None)))["port.blocked_upstream"]
    assert PUBLIC not in said(seen(seen_))["port.blocked_upstream"]


@pytest.mark.parametrize(("site", "where"), [(SITE, NAME), (replace(SITE, hostname=None), PUBLIC)])
def test_the_telephone_is_told_where_to_go_and_what_it_means(site: Site, where: str) -> None:
    advice = said(seen(port(NO), site))["port.unverified"]
    assert f"https://{where}:8443/" in advice
    assert "mobile data" in advice
    assert "means shut" in advice


def test_that_a_vpn_is_safer_is_said_with_the_pass_and_once() -> None:
    advice = said(seen(port(YES, YES)))
    assert list(advice) == ["port.open"]
    assert "VPN" in advice["port.open"]


def test_who_cannot_tell_who_answers_is_told_how_to_find_out() -> None:
    advice = said(seen(port(SAID_ONLY, **DENIED)))["port.open_unproven"]
    assert all(way in advice for way in ("telephone", "with sudo", 'services = ["globalping"]'))
    by_globalping = said(seen(port(replace(SAID_ONLY, service="globalping"), **DENIED)))["port.open_unproven"]
    assert "Globalping" not in by_globalping


@pytest.mark.parametrize(("site", "nothing"), [(SITE, False), (VPN, True), (TUNNEL, True), (LAN_ONLY, True)])
def test_where_the_port_is_to_be_shut_the_telephone_must_see_nothing(site: Site, nothing: bool) -> None:
    advice = said(seen(port(SAID_ONLY, SHUT), site))["port.services_disagree"]
    assert ("It has to see nothing." in advice) is nothing


def test_the_reason_for_no_test_is_told_once() -> None:
    (finding,) = judged(CHECK, seen(port(NO, NO)))
    assert str(finding.facts["why"]).count("consent") == 1


@pytest.mark.parametrize("row_", TABLE, ids=lambda row_: row_.what)
def test_port_says_exactly_this(row_: Row) -> None:
    assert codes_of(CHECK, row_.case) == row_.codes


@pytest.mark.parametrize(
    ("service", "kind", "way"),
    [
        ("globalping", FailureKind.NO_CONSENT, "emrnetcheck setup asks for your consent"),
        ("echoip+https://echo.example.org", FailureKind.NO_CONSENT, "emrnetcheck setup asks for your consent"),
        ("echoip+https://echo.example.org", FailureKind.TIMEOUT, "again later"),
    ],
)
def test_the_other_way_to_find_out_is_one_that_helps(service: str, kind: FailureKind, way: str) -> None:
    untold = port(OutsideTry(service, None, 8443, None, Failure(kind)))
    (finding,) = CHECK.judge(seen(untold), CHECK.limits)
    assert finding.code == "port.unverified"
    assert way in str(finding.facts["another_way"])
