"""What two reports say together: each pair in both orders."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from emrnetcheck.evidence import ClinicReport, Seen
from emrnetcheck.evidence.pages import Pages
from emrnetcheck.evidence.way import Holder
from emrnetcheck.model import Access
from emrnetcheck.placing import Sure
from emrnetcheck.placing.belonging import Doubt
from emrnetcheck.placing.comparing import NotComparableError, compare
from emrnetcheck.placing.places import Place
from emrnetcheck.reports import compare as page
from emrnetcheck.reports import terminal_lines
from tests.checks import builders as b
from tests.checks.client_builders import (
    CLIENT_LINK,
    HALF_DEAD,
    HERE_ROUTER,
    INSIDE_SEEN,
    ISP,
    NOWHERE,
    STALE,
    WITNESS,
    bulk,
    lookups,
    pages,
    said,
    series,
    way,
)
from tests.placing.reports import at_the_clinic, from_a_third_place, from_elsewhere, report

WIFI = replace(CLIENT_LINK, medium="wifi")
ALL_LATE = way(series(HERE_ROUTER, 60.0), series(ISP, 70.0), series(WITNESS, 80.0), series(b.PUBLIC, 100.0))
LINE = way(isp=series(ISP, 900.0), outside=series(WITNESS, 900.0), server=series(b.PUBLIC, 950.0))
FAR = way(server=series(b.PUBLIC, 900.0))
LOSES = way(server=series(b.PUBLIC, 40.0, lost=40))
DEAD = way(server=series(b.PUBLIC, None))
REFUSED = way(refused=80)
OFFICE_REFUSED = way(
    server=series(b.PUBLIC, 0.3, sent=400, method="tcp:8443"), inside=True, public_v4=b.PUBLIC, refused=400
)
REFUSED_INSIDE = from_elsewhere(INSIDE_SEEN, way=OFFICE_REFUSED, pages=None)
NO_HAIRPIN = at_the_clinic(port=replace(b.HEALTHY.port, hairpin=b.tried(False, b.PUBLIC)))  # type: ignore[type-var]  # of the healthy clinic, which has one
FILLS = pages(bulk=bulk(4.8, loaded=series(b.PUBLIC, 500.0)))  # 1 Mbps
SLOW_SERVER = pages(3000.0)
FINE = from_elsewhere()
CLINIC_FINE = at_the_clinic()
SLOW_UPLOAD = at_the_clinic(upload=b.upload(1.2))
NOTHING_COMES = from_elsewhere(way=DEAD, pages=None)
REFUSED_AT_ONCE = from_elsewhere(way=way(server=series(b.PUBLIC, 2.0, sent=80), refused=80), pages=None)
SHUT = at_the_clinic(port=b.port(b.outside(False), **b.DOWN))

NOT_FORWARDED = at_the_clinic(port=b.port(b.outside(False)))
VPN, NEW, OFFICE_V6 = "10.8.0.10", "93.184.216.77", "2a0e:5c00:10:1::"


def over_vpn(first_byte_ms: float = 60.0, **legs: Any) -> ClinicReport:
    """The name leads to the VPN's address, and the clinic's certificate is there."""
    names = lookups(VPN, answers=(said("10.8.0.1", VPN, kind="own"),))
    there = pages(first_byte_ms, address=VPN)
    return from_elsewhere(lookups=names, way=replace(way(**legs), emr_address=VPN), pages=there)


def led_to(address: str, hours_later: float = 0.0, pages: Pages | None = None, **legs: Any) -> ClinicReport:
    """Everybody finds another address than the clinic's; it answers slowly."""
    names = lookups(address, answers=(said(WITNESS, address),))
    there = replace(way(server=series(address, 900.0), **legs), emr_address=address)
    return from_elsewhere(lookups=names, way=there, pages=pages, hours_later=hours_later)


def by_v6(address: str, elsewhere: str = "") -> ClinicReport:
    """This computer is led to an IPv6 address, which answers slowly; others are told `elsewhere`, or the same."""
    names = lookups(address, answers=(said(WITNESS, elsewhere or address),))
    return from_elsewhere(
        lookups=names, way=replace(way(server=series(address, 900.0)), emr_address=address), pages=None
    )


ALL_SAY_NEW = b.names(resolvers=tuple(b.answer(server, NEW) for server in b.RESOLVERS))
OPEN_BESIDE_TUNNEL = report(
    replace(b.HEALTHY, names=ALL_SAY_NEW), vantage="host", site=replace(b.SITE, access=Access.TUNNEL)
)
NOT_LOOKED_AT = at_the_clinic(port=b.port())
CLINIC_V6 = at_the_clinic(
    address=replace(b.address(), public_v6=f"{OFFICE_V6}dead:beef"),  # its address of today, not the name's
    names=b.names(
        resolvers=tuple(b.answer(server, b.PUBLIC, addresses_v6=(f"{OFFICE_V6}10",)) for server in b.RESOLVERS)
    ),
)
PC_LOSES = way(
    series(HERE_ROUTER, 0.1, lost=31),
    series(ISP, 20.5, sent=160, lost=10),
    series(WITNESS, 20.4, sent=160, lost=11),
    series(b.PUBLIC, 0.1, lost=19),
    inside=True,
    public_v4=b.PUBLIC,
)
ONE_PC_LOSES = b.lan(b.target(sent=600), b.target("peer", b.PEER, sent=600, lost=44))
ROUTER_LOSES = at_the_clinic(
    lan=b.lan(
        b.target(sent=600, lost=44),
        b.target("peer", b.PEER, sent=600),
        router_by_tcp=b.office_series(sent=300, lost=22, method="tcp:80"),
    ),
    upload=None,  # what got out quickly would show that only the answers of the router are lost
    download=None,
    path=None,
)
ALL_LOSE = at_the_clinic(
    lan=b.lan(b.target(sent=600, lost=40), b.target("peer", b.PEER, sent=600, lost=40)), upload=None
)
ALL_LOSE_TO_A_PC = at_the_clinic(
    lan=b.lan(b.target(sent=600, lost=39), b.target("emr_host", b.SERVER, sent=600, lost=42)), upload=None
)
LATE_ROUTER = at_the_clinic(
    lan=b.lan(
        b.target(p50_ms=10.0, p95_ms=16.0, jitter_ms=4.0),
        b.target("peer", b.PEER),
        router_by_tcp=b.office_series(p50_ms=10.0, p95_ms=16.0, jitter_ms=4.0, method="tcp:80"),
    ),
    upload=None,
    download=None,
    path=None,
    address=replace(b.address(), hops=()),
)
OWN_PC = from_elsewhere(INSIDE_SEEN, way=PC_LOSES)
ON_WIFI = replace(
    INSIDE_SEEN,
    link=WIFI,
    way=way(series(HERE_ROUTER, 80.0, sent=30, lost=5), server=series(b.PUBLIC, 80.0), inside=True, public_v4=b.PUBLIC),
    pages=pages(90.0),
)
PC_ON_WIFI = from_elsewhere(ON_WIFI, pages=pages(3080.0))
SLOW_PROGRAM = b.emr(gets=(b.page_get(3002.0),) * 4)
WIFI_TO_SLOW_SERVER = from_elsewhere(link=WIFI, way=ALL_LATE, pages=pages(3100.0))
SHORT_QUEUE = pages(bulk=bulk(7.66, loaded=series(b.PUBLIC, 45.0, sent=77)))  # 0.6 Mbps, and the way stays quick
BOTH_LATE = way(
    series(HERE_ROUTER, 68.0), series(ISP, 69.0), outside=series(WITNESS, 69.0), server=series(b.PUBLIC, 709.0)
)
BOTH_LOSE = way(isp=series(ISP, 10.0, sent=160, lost=9), outside=series(WITNESS, 20.0, sent=160, lost=9),
                server=series(b.PUBLIC, 40.0, sent=80, lost=9))  # fmt: skip
LATE_LINE = b.path(
    b.trace(b.hop(1, b.ROUTER, 0.5), b.hop(2, b.ISP, 641.0), end=b.series(b.RESOLVER, 642.0)), witnesses=()
)
SLOW_PARTS = b.emr(assets_named=5, bulk=bulk(15.0, loaded=series(b.SERVER, 1.0, sent=40)))  # 40 kB/s in the office, too
QUICK_PARTS = b.emr(assets_named=5, bulk=bulk(0.1, loaded=series(b.SERVER, 1.0, sent=40)))
EXPIRED = b.tls(days_left=-1.0, days_old=91.0)
PAIRS = [
    ("a PC's own cable in the office, by both ends", at_the_clinic(lan=ONE_PC_LOSES), OWN_PC, Place.CLINIC_COMPUTER,
     Sure.LIKELY),
    ("a PC's own cable, and the clinic's report has not seen it", CLINIC_FINE, OWN_PC, Place.CLINIC_COMPUTER,
     Sure.LIKELY),
    ("a PC's own cable, and all is well from elsewhere", OWN_PC, from_a_third_place(), Place.CLINIC_COMPUTER,
     Sure.LIKELY),
    ("the router loses to both in the office", ROUTER_LOSES, OWN_PC, Place.CLINIC_ROUTER,
     Sure.CERTAIN),
    ("in the office, seen from two computers", OWN_PC, from_a_third_place(way=FAR), Place.CLINIC_NETWORK, Sure.LIKELY),
    ("a PC of the office that loses is not on the way of others", at_the_clinic(lan=ONE_PC_LOSES),
     from_elsewhere(way=FAR), Place.PATH, Sure.LIKELY),
    ("one PC of the office loses, and all is well from elsewhere", at_the_clinic(lan=ONE_PC_LOSES), FINE,
     Place.CLINIC_COMPUTER, Sure.LIKELY),
    ("all is bad from one PC of the office, and who comes in from outside loses nothing", ALL_LOSE_TO_A_PC, FINE,
     Place.CLINIC_COMPUTER, Sure.LIKELY),
    ("all is bad to the server in the office", ALL_LOSE, FINE, Place.CLINIC_NETWORK, Sure.LIKELY),
    ("a PC's own cable, and who comes in finds the server slow", OWN_PC, from_a_third_place(pages=SLOW_SERVER),
     Place.SERVER, Sure.LIKELY),
    ("hung, in the office and from elsewhere", from_elsewhere(INSIDE_SEEN, way=way(
        server=series(b.PUBLIC, None), inside=True, public_v4=b.PUBLIC), pages=None),
     from_a_third_place(way=DEAD, pages=None), Place.SERVER_UNREACHED, Sure.LIKELY),
    ("refused in the office, and all is well at the clinic", CLINIC_FINE, REFUSED_INSIDE, Place.SERVER_UNREACHED,
     Sure.LIKELY),
    ("refused in the office, where the EMR does not run", SHUT, REFUSED_INSIDE, Place.SERVER_UNREACHED, Sure.CERTAIN),
    ("refused in the office by the router, which does not forward", NOT_FORWARDED, REFUSED_INSIDE, Place.CLINIC_DOOR,
     Sure.LIKELY),
    ("refused by the server's own address, and the router does not forward", NOT_FORWARDED, from_elsewhere(
     INSIDE_SEEN, way=replace(OFFICE_REFUSED, emr_address=b.SERVER), pages=None), Place.SERVER_UNREACHED, Sure.LIKELY),
    ("refused in the office, and never connected elsewhere", REFUSED_INSIDE, from_a_third_place(way=DEAD, pages=None),
     Place.SERVER_UNREACHED, Sure.LIKELY),
    ("refused in the office, and all is well elsewhere", REFUSED_INSIDE, from_a_third_place(), Place.CLINIC_HAIRPIN,
     Sure.LIKELY),
    ("refused by the server's own address, and all is well elsewhere", from_elsewhere(INSIDE_SEEN, way=replace(
     OFFICE_REFUSED, targets=tuple(replace(t, series=replace(t.series, address=b.SERVER)) if t.leg == "server" else t
     for t in OFFICE_REFUSED.targets), emr_address=b.SERVER), pages=None), from_a_third_place(), Place.SERVER_UNREACHED,
     Sure.CERTAIN),
    ("refused in the office, whose router does not lead back", NO_HAIRPIN, REFUSED_INSIDE, Place.CLINIC_HAIRPIN,
     Sure.CERTAIN),
    ("refused in the office, and the server is slow elsewhere", REFUSED_INSIDE, from_a_third_place(pages=SLOW_SERVER),
     Place.SERVER_UNREACHED, Sure.LIKELY),
    ("two that never connected", from_elsewhere(way=DEAD, pages=None), from_a_third_place(way=DEAD, pages=None),
     Place.CLINIC_UNREACHED, Sure.CERTAIN),
    ("one never connected, one was refused", from_elsewhere(way=DEAD, pages=None), from_a_third_place(way=REFUSED,
     pages=None), Place.CLINIC_UNREACHED, Sure.CERTAIN),
    ("one never connected, one does late", from_elsewhere(way=DEAD, pages=None), from_a_third_place(way=FAR),
     Place.CLINIC_SIDE, Sure.LIKELY),
    ("one never connected, one measured nothing", from_elsewhere(way=DEAD, pages=None), from_elsewhere(Seen()),
     Place.CLINIC_UNREACHED, Sure.LIKELY),
    ("one never connected, over a bad line", from_elsewhere(way=DEAD, pages=None), from_a_third_place(way=way(
     isp=series(ISP, 900.0), outside=series(WITNESS, 900.0), server=series(b.PUBLIC, None)), pages=None),
     Place.CLINIC_UNREACHED, Sure.LIKELY),
    ("a late router does not make a program give out little", LATE_ROUTER, from_elsewhere(pages=SHORT_QUEUE),
     Place.SERVER, Sure.LIKELY),
    ("a loss elsewhere, and the clinic's cable", ALL_LOSE, from_elsewhere(way=BOTH_LOSE),
     Place.REMOTE_LINE, Sure.CERTAIN),
    ("Wi-Fi in the office", CLINIC_FINE, from_elsewhere(ON_WIFI), Place.CLINIC_COMPUTER, Sure.LIKELY),
    ("Wi-Fi in the office, and the server is far slower", at_the_clinic(emr=SLOW_PROGRAM), PC_ON_WIFI, Place.SERVER,
     Sure.CERTAIN),
    ("Wi-Fi elsewhere, and the server is far slower", at_the_clinic(emr=SLOW_PROGRAM), WIFI_TO_SLOW_SERVER,
     Place.SERVER, Sure.CERTAIN),
    ("uplink with a short queue", at_the_clinic(upload=b.upload(0.95)), from_elsewhere(pages=SHORT_QUEUE),
     Place.CLINIC_UPLINK, Sure.CERTAIN),
    ("a program that gives out little", at_the_clinic(emr=SLOW_PARTS), from_elsewhere(pages=SHORT_QUEUE), Place.SERVER,
     Sure.CERTAIN),
    ("a program that gives out much in the office", at_the_clinic(emr=QUICK_PARTS), from_elsewhere(pages=SHORT_QUEUE),
     Place.PATH, Sure.LIKELY),
    ("a certificate makes nothing slow", at_the_clinic(tls=EXPIRED), from_elsewhere(way=FAR), Place.CLINIC_SIDE,
     Sure.LIKELY),
    ("the clinic's line is far slower than the Wi-Fi elsewhere", at_the_clinic(path=LATE_LINE),
     from_elsewhere(link=WIFI, way=BOTH_LATE), Place.CLINIC_UPLINK, Sure.CERTAIN),
    ("a slow program loses no connections", at_the_clinic(emr=SLOW_PROGRAM), from_elsewhere(way=LOSES), Place.PATH,
     Sure.LIKELY),
    ("a slow program makes no connection late", at_the_clinic(emr=SLOW_PROGRAM), from_elsewhere(way=FAR), Place.PATH,
     Sure.LIKELY),
    ("a slow program, and who never connected", at_the_clinic(emr=SLOW_PROGRAM), from_elsewhere(way=DEAD),
     Place.CLINIC_UNREACHED, Sure.LIKELY),
    ("a program that does not answer, and who never connected", at_the_clinic(emr=b.emr(None, failure=b.TIMEOUT)),
     from_elsewhere(way=DEAD), Place.SERVER_UNREACHED, Sure.LIKELY),
    ("a small upload, and who never connected", SLOW_UPLOAD, from_elsewhere(way=DEAD), Place.CLINIC_UNREACHED,
     Sure.LIKELY),
    ("a small upload, and who is refused", SLOW_UPLOAD, from_elsewhere(way=REFUSED, pages=None),
     Place.CLINIC_UNREACHED, Sure.LIKELY),
    ("a small upload may lose", SLOW_UPLOAD, from_elsewhere(way=LOSES), Place.CLINIC_UPLINK, Sure.LIKELY),
    ("the port is open to others, and who never connected", CLINIC_FINE, NOTHING_COMES, Place.REMOTE_DOOR, Sure.LIKELY),
    ("the same, and the clinic's upload is small", SLOW_UPLOAD, NOTHING_COMES, Place.REMOTE_DOOR, Sure.LIKELY),
    ("the same, and its program is slow", at_the_clinic(emr=SLOW_PROGRAM), NOTHING_COMES, Place.CLINIC_UNREACHED,
     Sure.LIKELY),
    ("the same, and its router loses", ROUTER_LOSES, NOTHING_COMES, Place.CLINIC_UNREACHED, Sure.LIKELY),
    ("the same, and a page came", CLINIC_FINE, from_elsewhere(way=DEAD), Place.CLINIC_UNREACHED, Sure.LIKELY),
    ("the same, two hours later", CLINIC_FINE, from_elsewhere(way=DEAD, pages=None, hours_later=2.0),
     Place.CLINIC_UNREACHED, Sure.LIKELY),
    ("nobody looked at the port, and who never connected", NOT_LOOKED_AT, NOTHING_COMES, Place.CLINIC_UNREACHED,
     Sure.LIKELY),
    ("another port is open, and who never connected", CLINIC_FINE, from_elsewhere(way=replace(DEAD, emr_port=9443),
     pages=None), Place.CLINIC_UNREACHED, Sure.LIKELY),
    ("the port is open, and who is refused at once", CLINIC_FINE, REFUSED_AT_ONCE, Place.REMOTE_DOOR, Sure.LIKELY),
    ("the port is open, and who is refused from as far as the clinic", CLINIC_FINE,
     from_elsewhere(way=REFUSED, pages=None), Place.CLINIC_UNREACHED, Sure.LIKELY),
    ("one came in, and one never connected", from_a_third_place(), NOTHING_COMES, Place.REMOTE_DOOR, Sure.LIKELY),
    ("one came in, and one is refused at once", from_a_third_place(), REFUSED_AT_ONCE, Place.REMOTE_DOOR, Sure.LIKELY),
    ("one came in to a slow program, and one never connected", from_a_third_place(pages=SLOW_SERVER), NOTHING_COMES,
     Place.SERVER, Sure.LIKELY),
    ("one came in by a VPN, and one never connected", over_vpn(server=series(VPN, 40.0)),
     from_a_third_place(way=DEAD, pages=None), Place.CLINIC_UNREACHED, Sure.LIKELY),
    ("one came in two hours later", from_a_third_place(hours_later=2.0), NOTHING_COMES, Place.CLINIC_UNREACHED,
     Sure.LIKELY),
    ("all is well in the office, and who never connected", from_elsewhere(INSIDE_SEEN), from_a_third_place(way=DEAD),
     Place.CLINIC_UNREACHED, Sure.LIKELY),
    ("the port is shut, and who connects late", SHUT, from_elsewhere(way=FAR), Place.CLINIC_SIDE, Sure.LIKELY),
    ("the port is shut, and who is refused", SHUT, from_elsewhere(way=REFUSED, pages=None), Place.CLINIC_DOOR,
     Sure.CERTAIN),
    ("the clinic's router loses", ROUTER_LOSES, from_elsewhere(way=LOSES), Place.CLINIC_ROUTER, Sure.CERTAIN),
    ("the clinic's router loses, and makes nothing late", ROUTER_LOSES, from_elsewhere(way=FAR), Place.CLINIC_ROUTER,
     Sure.LIKELY),
    ("a router that is 10 ms late does not lose", LATE_ROUTER, from_elsewhere(way=LOSES), Place.CLINIC_ROUTER,
     Sure.LIKELY),
    ("one PC by the server loses all", ALL_LOSE_TO_A_PC, from_elsewhere(way=LOSES), Place.CLINIC_NETWORK, Sure.LIKELY),
    ("all in the office lose", ALL_LOSE, from_elsewhere(way=LOSES), Place.CLINIC_NETWORK, Sure.CERTAIN),
    ("the clinic's line is as late as what comes", at_the_clinic(path=LATE_LINE), from_elsewhere(way=FAR),
     Place.CLINIC_UPLINK, Sure.CERTAIN),
    ("the clinic's line is far less late than what comes", at_the_clinic(path=LATE_LINE), from_elsewhere(way=way(
     server=series(b.PUBLIC, 2000.0))), Place.CLINIC_UPLINK, Sure.LIKELY),
    ("a slow program fills no line", at_the_clinic(emr=SLOW_PROGRAM), from_elsewhere(pages=FILLS), Place.PATH,
     Sure.LIKELY),
    ("nothing at both", CLINIC_FINE, FINE, Place.NOWHERE, Sure.CERTAIN),
    ("Wi-Fi elsewhere", CLINIC_FINE, from_elsewhere(link=WIFI, way=ALL_LATE), Place.REMOTE_WIFI, Sure.LIKELY),
    ("cable elsewhere", CLINIC_FINE, from_elsewhere(way=ALL_LATE), Place.REMOTE_NETWORK, Sure.LIKELY),
    ("half duplex elsewhere", CLINIC_FINE, from_elsewhere(link=replace(CLIENT_LINK, duplex="half")),
     Place.REMOTE_COMPUTER, Sure.LIKELY),
    ("line elsewhere", CLINIC_FINE, from_elsewhere(way=LINE), Place.REMOTE_LINE, Sure.CERTAIN),
    ("resolver elsewhere", CLINIC_FINE, from_elsewhere(lookups=STALE), Place.NAME, Sure.CERTAIN),
    ("the name leads to somebody else", CLINIC_FINE, from_elsewhere(lookups=lookups(b.OLD), way=replace(
        way(server=series(b.OLD, None)), emr_address=b.OLD), pages=None), Place.NAME, Sure.CERTAIN),
    ("server", CLINIC_FINE, from_elsewhere(pages=SLOW_SERVER), Place.SERVER, Sure.CERTAIN),
    ("uplink, by its upload", SLOW_UPLOAD, from_elsewhere(pages=FILLS), Place.CLINIC_UPLINK, Sure.CERTAIN),
    ("an upload through a VPN is not the clinic's", at_the_clinic(upload=b.upload(1.2), link=b.TUNNEL),
     from_elsewhere(pages=FILLS), Place.CLINIC_SIDE, Sure.LIKELY),
    ("slow pages, and the upload is fine", CLINIC_FINE, from_elsewhere(pages=FILLS), Place.PATH, Sure.LIKELY),
    ("uplink, by its own report", SLOW_UPLOAD, from_elsewhere(way=FAR), Place.CLINIC_UPLINK, Sure.LIKELY),
    ("the clinic found nothing", CLINIC_FINE, from_elsewhere(way=FAR), Place.PATH, Sure.LIKELY),
    ("the port is shut", SHUT, from_elsewhere(way=DEAD, pages=None), Place.CLINIC_DOOR, Sure.CERTAIN),
    ("two from elsewhere see the same", from_elsewhere(way=FAR), from_a_third_place(way=FAR), Place.CLINIC_SIDE,
     Sure.CERTAIN),
    ("only one from elsewhere sees it", FINE, from_a_third_place(way=FAR), Place.PATH, Sure.LIKELY),
    ("one in the office sees nothing", from_elsewhere(INSIDE_SEEN), from_elsewhere(way=FAR), Place.CLINIC_UPLINK,
     Sure.LIKELY),
    ("one from elsewhere has a bad line", FINE, from_a_third_place(way=LINE), Place.REMOTE_LINE, Sure.CERTAIN),
    ("two from elsewhere, nothing", FINE, from_a_third_place(), Place.NOWHERE, Sure.LIKELY),
    ("the clinic measured nothing, and all comes quickly from there", at_the_clinic(Seen()), FINE, Place.NOWHERE,
     Sure.LIKELY),
    ("nobody outside looked at the port, and who came in is content", NOT_LOOKED_AT, FINE, Place.NOWHERE, Sure.LIKELY),
    ("nobody outside looked at the port, nor does the office", NOT_LOOKED_AT, from_elsewhere(INSIDE_SEEN),
     Place.UNCLEAR, Sure.CANNOT_TELL),
    ("by IPv6, to another of the clinic's addresses", CLINIC_V6, by_v6(f"{OFFICE_V6}77"), Place.PATH, Sure.LIKELY),
    ("by IPv6, to somebody else", CLINIC_V6, by_v6("2001:db8:ffff::10"), Place.NAME, Sure.LIKELY),
    ("by IPv6, to somebody else, while others are led to the clinic", CLINIC_V6,
     by_v6("2001:db8:ffff::10", f"{OFFICE_V6}10"), Place.NAME, Sure.CERTAIN),
    ("by IPv6, which the clinic's report does not tell", CLINIC_FINE, by_v6("2001:db8:ffff::10"), Place.PATH,
     Sure.LIKELY),
    ("nothing was measured anywhere", at_the_clinic(Seen()), from_elsewhere(Seen()), Place.UNCLEAR, Sure.CANNOT_TELL),
    ("the clinic's upload is slow, and elsewhere all is well", SLOW_UPLOAD, FINE, Place.CLINIC_UPLINK, Sure.LIKELY),
    ("the port is shut, but not for who came in", SHUT, FINE, Place.UNCLEAR, Sure.CANNOT_TELL),
    ("the port is shut, and the office sees nothing of it", SHUT, from_elsewhere(INSIDE_SEEN), Place.CLINIC_DOOR,
     Sure.LIKELY),
    ("over a VPN, the server is slow", CLINIC_FINE, over_vpn(server=series(VPN, 40.0), first_byte_ms=3000.0),
     Place.SERVER, Sure.CERTAIN),
    ("over a VPN, the own line is slow", CLINIC_FINE, over_vpn(isp=series(ISP, 900.0), outside=series(WITNESS, 900.0),
     server=series(VPN, 950.0)), Place.REMOTE_LINE, Sure.CERTAIN),
    ("the name leads to somebody else, by everybody", CLINIC_FINE, led_to(NEW, hours_later=1.0), Place.NAME,
     Sure.LIKELY),
    ("the name leads to a tunnel, as the clinic's own report has it", OPEN_BESIDE_TUNNEL, led_to(NEW),
     Place.CLINIC_SIDE, Sure.LIKELY),
    ("a port that is open without need makes nothing slow", OPEN_BESIDE_TUNNEL, FINE, Place.UNCLEAR,
     Sure.CANNOT_TELL),
    ("the name is old for everybody, as the clinic's own report says", at_the_clinic(names=ALL_SAY_NEW), led_to(NEW),
     Place.NAME, Sure.CERTAIN),
    ("the own line is slow, whoever the name leads to", CLINIC_FINE, led_to(NEW, isp=series(ISP, 900.0),
     outside=series(WITNESS, 900.0)), Place.REMOTE_LINE, Sure.CERTAIN),
    ("at another address, with the clinic's certificate", CLINIC_FINE, led_to(NEW, pages=pages(address=NEW)),
     Place.PATH, Sure.LIKELY),
    ("one is misled, the other sees the clinic's side", from_elsewhere(lookups=STALE), from_a_third_place(way=FAR),
     Place.CLINIC_SIDE, Sure.LIKELY),
    ("the office's own cable", from_elsewhere(INSIDE_SEEN, way=way(server=series(b.PUBLIC, 40.0), inside=True)),
     from_a_third_place(way=FAR), Place.CLINIC_NETWORK, Sure.LIKELY),
]  # fmt: skip


@pytest.mark.parametrize(("what", "first", "second", "place", "sure"), PAIRS, ids=[pair[0] for pair in PAIRS])
def test_the_place_whatever_the_order(
    what: str, first: ClinicReport, second: ClinicReport, place: Place, sure: Sure
) -> None:
    for one, other in ((first, second), (second, first)):
        found = compare(one, other)
        assert (found.place, found.sure) == (place, sure)
        assert found.doubts == ()


def test_which_of_the_two_is_elsewhere_is_told() -> None:
    remote = from_elsewhere(way=LINE)
    assert compare(CLINIC_FINE, remote).remote == 1
    assert compare(remote, CLINIC_FINE).remote == 0
    assert compare(CLINIC_FINE, from_elsewhere(pages=SLOW_SERVER)).remote is None


@pytest.mark.parametrize(("hours", "doubts"), [(24.0, ()), (24.1, (Doubt.APART,)), (-24.1, (Doubt.APART,))])
def test_a_day_between_them_makes_it_less_sure(hours: float, doubts: tuple[Doubt, ...]) -> None:
    found = compare(CLINIC_FINE, from_elsewhere(way=LINE, hours_later=hours))
    assert found.doubts == doubts
    assert found.sure is (Sure.LIKELY if doubts else Sure.CERTAIN)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (FINE, FINE, "the same report"),
        (FINE, from_elsewhere(way=FAR, hours_later=2), "by one computer"),
        (from_elsewhere(way=way(public_v4=None)), FINE, "by one computer"),
        (CLINIC_FINE, CLINIC_FINE, "the same report"),
        (CLINIC_FINE, at_the_clinic(), "run with one of client"),
    ],
)
def test_what_is_no_second_view_is_refused(first: ClinicReport, second: ClinicReport, said: str) -> None:
    for one, other in ((first, second), (second, first)):
        with pytest.raises(NotComparableError, match=said):
            compare(one, other)


@pytest.mark.parametrize("address", ["no address", "300.1.2.3", "::1::", "1.2.3.4/8"])
def test_what_is_no_address_says_nothing(address: str) -> None:
    there = replace(way(server=series(address, 900.0)), emr_address=address)
    found = compare(CLINIC_FINE, from_elsewhere(lookups=None, way=there, pages=None))
    assert (found.place, found.doubts) == (Place.PATH, ())


def test_two_places_with_the_same_numbers_are_two() -> None:
    other_router = Holder(HERE_ROUTER, ("00:14:bf:99:99:99",))
    for there in (way(public_v4="62.4.31.77"), way(public_v4=None, holders=(other_router,))):
        assert compare(FINE, from_elsewhere(way=there)).place is Place.NOWHERE


def test_an_address_that_changed_between_the_two_is_a_doubt() -> None:
    found = compare(CLINIC_FINE, led_to(NEW, hours_later=10))
    assert (found.place, found.sure, found.doubts) == (Place.PATH, Sure.LIKELY, (Doubt.MOVED,))


@pytest.mark.parametrize("other", [CLINIC_FINE, from_a_third_place()])
def test_another_emr_by_its_address_alone_is_another(other: ClinicReport) -> None:
    there = replace(way(server=series(NEW, 900.0)), emr_address=NEW)
    shown = pages(address=NEW, host=NEW, fingerprint_sha256="cd" * 32, trusted=False)
    for there_pages in (shown, None):
        found = compare(other, from_elsewhere(lookups=None, way=there, pages=there_pages))
        assert (found.place, found.doubts) == (Place.UNCLEAR, (Doubt.DIFFERENT,))


def test_the_fault_of_the_second_is_told_too() -> None:
    pair = (from_elsewhere(lookups=STALE), from_a_third_place(way=FAR))
    assert compare(*pair).also == compare(*pair[::-1]).also == (Place.NAME,)
    lines = terminal_lines.laid_out(page.compare_page(compare(*pair), pair), width=80)
    assert "Also: The EMR's name leads to a wrong address" in " ".join(lines.split())
    lines_of_both = compare(from_elsewhere(way=LINE), from_a_third_place(way=LINE))
    assert (lines_of_both.place, lines_of_both.also) == (Place.REMOTE_LINE, (Place.REMOTE_LINE,))


ALSO = [
    ("Wi-Fi elsewhere and a slow server", at_the_clinic(emr=SLOW_PROGRAM), WIFI_TO_SLOW_SERVER, Place.REMOTE_WIFI),
    ("a late cable in the office and a slow server", CLINIC_FINE, from_elsewhere(INSIDE_SEEN, way=way(
        series(HERE_ROUTER, 20.0), series(ISP, 30.0), series(WITNESS, 40.0), series(b.PUBLIC, 20.0), inside=True,
        public_v4=b.PUBLIC), pages=pages(3022.0)), Place.CLINIC_COMPUTER),
    ("Wi-Fi in the office and a slow server", at_the_clinic(emr=SLOW_PROGRAM), PC_ON_WIFI, Place.CLINIC_COMPUTER),
    ("Wi-Fi elsewhere and the clinic's line", at_the_clinic(path=LATE_LINE), from_elsewhere(link=WIFI, way=BOTH_LATE),
     Place.REMOTE_WIFI),
    ("a lossy line elsewhere and the clinic's upload", SLOW_UPLOAD, from_elsewhere(way=BOTH_LOSE), Place.CLINIC_UPLINK),
    ("the clinic's upload and its slow server", at_the_clinic(upload=b.upload(1.2), emr=SLOW_PROGRAM),
     from_elsewhere(pages=SLOW_SERVER), Place.CLINIC_UPLINK),
    ("a bad line elsewhere, and nobody comes in", SHUT, from_elsewhere(way=way(isp=series(ISP, 900.0),
     outside=series(WITNESS, 900.0), server=series(b.PUBLIC, None)), pages=None), Place.CLINIC_DOOR),
]  # fmt: skip


@pytest.mark.parametrize(("what", "host", "client", "also"), ALSO, ids=[each[0] for each in ALSO])
def test_a_second_fault_is_told_too(what: str, host: ClinicReport, client: ClinicReport, also: Place) -> None:
    for pair in ((host, client), (client, host)):
        assert compare(*pair).also == (also,)


def test_a_slow_program_or_upload_is_told_beside_what_it_does_not_explain() -> None:
    for way_ in (LOSES, FAR, DEAD):
        assert compare(at_the_clinic(emr=SLOW_PROGRAM), from_elsewhere(way=way_)).also == (Place.SERVER,)
    pair = (SLOW_UPLOAD, from_elsewhere(way=DEAD))
    assert compare(*pair).also == (Place.CLINIC_UPLINK,)
    text = " ".join(terminal_lines.laid_out(page.compare_page(compare(*pair), pair), width=80).split())
    assert "The EMR was not reached" in text
    assert "more upload" not in text


def test_who_gets_no_connection_is_not_told_of_load() -> None:
    never = (from_elsewhere(way=DEAD, pages=None), from_a_third_place(way=DEAD, pages=None))
    hung = (at_the_clinic(emr=b.emr(None, failure=b.TIMEOUT)), REFUSED_INSIDE)
    for pair in ((CLINIC_FINE, REFUSED_INSIDE), (SHUT, REFUSED_INSIDE), hung, never):
        text = " ".join(terminal_lines.laid_out(page.compare_page(compare(*pair), pair), width=80).split())
        assert "slow" not in text.partition("WHAT EACH REPORT SAYS")[0]
        assert "processor" not in text
        assert compare(*pair).also == ()


def told(*pair: ClinicReport) -> str:
    """The page of two reports, as one line."""
    both = (pair[0], pair[1])
    return " ".join(terminal_lines.laid_out(page.compare_page(compare(*both), both), width=80).split())


def test_who_keeps_the_port_in_is_told_what_to_let_out() -> None:
    for host in (CLINIC_FINE, from_a_third_place()):
        text = told(host, NOTHING_COMES)
        assert "The network elsewhere, or its firewall, lets nothing out to the EMR (likely)." in text
        assert "hotspot" in text
        assert "let port 8443 out" in text
        assert "open from outside" not in text
    assert compare(SHUT, REFUSED_AT_ONCE).also == (Place.CLINIC_DOOR,)


@pytest.mark.parametrize(("names", "sentence"), [
    (HALF_DEAD, "an address at which nobody answers, beside one at which the EMR does (certain)"),
    (NOWHERE, "name does not exist, for nobody (certain)"),
])  # fmt: skip
def test_what_is_wrong_with_the_name_is_said_as_the_client_says_it(names: Any, sentence: str) -> None:
    nothing: dict[str, Any] = {} if names is HALF_DEAD else {"way": way(server=None, emr_address=None), "pages": None}
    client = from_elsewhere(lookups=names, **nothing)
    for other in (CLINIC_FINE, from_a_third_place(lookups=names, **nothing)):
        text = told(other, client)
        assert sentence in text
        assert "DDNS" in text
        assert "router elsewhere" not in text
        made = json.loads(page.render_json(compare(other, client), (other, client)))
        assert (made["place"], made["contact"]) == ("name", "dns_provider")
    text = told(client, from_a_third_place(way=FAR))
    assert sentence.removesuffix(" (certain)") in text.partition("Also: ")[2]


def test_where_more_is_wrong_with_the_name_the_words_are_general() -> None:
    misled = from_elsewhere(lookups=HALF_DEAD, way=replace(way(server=series(NEW, 40.0)), emr_address=NEW))
    half_dead = from_elsewhere(lookups=HALF_DEAD)
    for pair in ((half_dead, from_a_third_place(lookups=STALE)), (CLINIC_FINE, misled)):
        assert "Restart the router elsewhere" in told(*pair)


def test_what_the_clinic_found_is_not_called_nothing() -> None:
    assert "the clinic itself found nothing wrong" in compare(CLINIC_FINE, from_elsewhere(way=FAR)).why
    why = compare(at_the_clinic(emr=SLOW_PROGRAM), from_elsewhere(way=FAR)).why
    assert "what the clinic itself found explains none of it" in why


def test_what_one_does_not_wait_for_is_no_second_fault() -> None:
    small = at_the_clinic(emr=b.emr(gets=(b.page_get(3002.0),) * 4), tls=EXPIRED)
    found = compare(small, from_elsewhere(way=LINE))
    assert (found.place, found.also) == (Place.REMOTE_LINE, (Place.SERVER,))
    assert compare(at_the_clinic(tls=EXPIRED), from_elsewhere(way=LINE)).also == ()
    assert compare(CLINIC_FINE, from_elsewhere(way=LINE)).also == ()
    assert compare(SHUT, from_elsewhere(way=LINE)).also == ()


def test_a_cable_of_a_pc_in_the_office_is_not_the_servers() -> None:
    pair = (at_the_clinic(lan=ONE_PC_LOSES), OWN_PC)
    text = " ".join(terminal_lines.laid_out(page.compare_page(compare(*pair), pair), width=80).split())
    assert "One computer's connection in the clinic" in text
    assert "for the EMR server" not in text
    assert "Made by a user in the clinic" in text
    assert "elsewhere" not in text


def test_what_was_interrupted_is_told_and_not_built_upon() -> None:
    nothing = replace(from_elsewhere(Seen()), interrupted=True)
    for pair in ((at_the_clinic(path=LATE_LINE), nothing), (nothing, at_the_clinic(path=LATE_LINE))):
        found = compare(*pair)
        assert (found.place, found.sure, found.doubts) == (Place.UNCLEAR, Sure.CANNOT_TELL, (Doubt.INTERRUPTED,))
        text = " ".join(terminal_lines.laid_out(page.compare_page(found, pair), width=80).split())
        assert f"{'AB'[pair.index(nothing)]} was interrupted before all was measured." in text
    broken_off = replace(from_elsewhere(way=LINE), interrupted=True)
    assert compare(CLINIC_FINE, broken_off).sure is Sure.LIKELY
    both = (replace(CLINIC_FINE, interrupted=True), broken_off)
    assert "A and B were interrupted" in terminal_lines.laid_out(page.compare_page(compare(*both), both), width=80)


def test_two_emrs_say_nothing_together() -> None:
    other = from_elsewhere(way=LINE, lookups=replace(lookups(), hostname="other.example.org"))
    found = compare(CLINIC_FINE, other)
    assert (found.place, found.doubts) == (Place.UNCLEAR, (Doubt.DIFFERENT,))


@pytest.mark.parametrize("place", Place)
def test_each_place_has_words_and_advice(place: Place) -> None:
    assert page.PLACE_WORDS[place].endswith(".")
    advice, contact = page.ADVICE[place]
    assert advice.endswith(".")
    assert contact is not None or place is Place.NOWHERE


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_page_fits(width: int) -> None:
    pair = (SLOW_UPLOAD, from_elsewhere(pages=FILLS, hours_later=60))
    lines = terminal_lines.laid_out(page.compare_page(compare(*pair), pair), width=width)
    assert all(len(line) <= width for line in lines.splitlines())
    assert "is what is slow" in " ".join(lines.split())
    assert "made 2 days apart" in " ".join(lines.split()) or "made 60 hours apart" in " ".join(lines.split())


def test_the_json_is_whole() -> None:
    pair = (SLOW_UPLOAD, from_elsewhere(pages=FILLS))
    made = json.loads(page.render_json(compare(*pair), pair))
    assert made["schema"] == "emrnetcheck/compare/1"
    assert (made["place"], made["sure"], made["contact"]) == ("clinic_uplink", "certain", "isp")
    assert [each["vantage"] for each in made["reports"]] == ["host", "client"]
