"""Which part is named, by the evidence of a whole run from elsewhere or from the office."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from emrnetcheck.checks.segment import CHECK
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.emr import PageGet, Redirect
from emrnetcheck.evidence.names import AddressTry
from emrnetcheck.evidence.pages import Pages
from emrnetcheck.evidence.way import Holder
from emrnetcheck.model import Contact, Failure, FailureKind, Segment
from emrnetcheck.profiles import FOREIGN, PageKind
from tests.checks.builders import DOWNLOAD, OLD, PUBLIC, SERVER, TIMEOUT, Row, codes_of, judged, row
from tests.checks.client_builders import (
    CLIENT_LINK,
    CLINIC,
    HALF_DEAD,
    HERE_PEER,
    HERE_ROUTER,
    HOLE,
    ISP,
    NOT_FOUND,
    NOWHERE,
    SPACED,
    STALE,
    WITNESS,
    bulk,
    elsewhere,
    fetched,
    get,
    half_dead,
    last_routers,
    limited,
    lookups,
    office,
    pages,
    path,
    said,
    series,
    trace,
    way,
)

WIFI = replace(CLIENT_LINK, medium="wifi")
NO_LINK = replace(CLIENT_LINK, interface=None, address=None, gateway=None)
BY_VPN = replace(CLIENT_LINK, vpn=True, interface="tun0", medium="unknown", speed_mbps=None, duplex=None)
V6_LINK, SIX = replace(NO_LINK, is_up=False, ipv6=True), "2600:1f18::10"
NO_PORT = PageGet(None, None, None, None, None, 0, Failure(FailureKind.TIMEOUT, "connect", f"{PUBLIC}:9443"))
NO_PAGES = pages(None, fresh=(NO_PORT,), failure=NO_PORT.failure)
SLOW = get(9000.0)
CUT = get(total_ms=None, failure=Failure(FailureKind.MALFORMED, "HTTP", detail="cut short"))
LARGE = get(total_ms=None, failure=Failure(FailureKind.TOO_LARGE, "HTTP", detail="more than 1 byte"))
NO_TLS = Failure(FailureKind.TLS_PROTOCOL, "TLS handshake", f"{PUBLIC}:8443", "the answer is no TLS")
ROUND = Redirect(302, "https", "emr.example.org", 8443, "/oscar/", False)
AWAY = Redirect(302, "https", "login.example.net", 443, "/", False)
ON = Redirect(302, "https", "emr.example.org", 9443, "/oscar/", True)
FEW = replace(DOWNLOAD, goodput_mbps=1.0)

KEPT = "192.168.2.10"
TAKEN_HOME = lookups(
    KEPT,
    answers=(said(HERE_ROUTER, PUBLIC, kind="own"), said(WITNESS, PUBLIC)),
    tried=(AddressTry(KEPT, 8443, False, TIMEOUT), AddressTry(PUBLIC, 8443, True, None)),
)


def portal(pages: Pages | None = None, **changes: Any) -> Case:
    """The router's own address is what it gives for the name, and nobody on the Internet answers."""
    silent = series(WITNESS, None, sent=160)
    legs = {"isp": None, "outside": silent, "server": series(HERE_ROUTER, 0.4, sent=300), "inside": True, **changes}
    here = way(emr_address=HERE_ROUTER, public_v4=None, **legs)
    names = lookups(HERE_ROUTER, answers=(said(HERE_ROUTER, HERE_ROUTER, kind="own"),))
    return elsewhere(lookups=names, way=here, pages=pages, download=None, path=None)


def behind(added_ms: float = 0.0, **changes: Any) -> dict[str, Any]:
    """Router and all behind it, so many ms later, and otherwise changed."""
    return {
        "router": series(HERE_ROUTER, 0.4 + added_ms, **changes),
        "isp": series(ISP, 10.0 + added_ms, **changes),
        "outside": series(WITNESS, 20.0 + added_ms, **changes),
        "server": series(PUBLIC, 40.0 + added_ms, **changes),
    }


def router(**changes: Any) -> Case:
    return elsewhere(way=way(router=series(HERE_ROUTER, 0.4, **changes), isp=None, outside=None, server=None))


def line(p50_ms: float, **changes: Any) -> Case:
    isp, outside = series(ISP, p50_ms, **changes), series(WITNESS, p50_ms, **changes)
    return elsewhere(way=way(isp=isp, outside=outside, server=series(PUBLIC, p50_ms + 301.0, **changes)))


def server(p50_ms: float | None, **changes: Any) -> Case:
    return elsewhere(way=way(server=series(PUBLIC, p50_ms, sent=160, **changes)))


def refused_after(p50_ms: float, **legs: Any) -> Case:
    """Each connection to the EMR is refused, so late; no page comes."""
    return elsewhere(way=way(server=series(PUBLIC, p50_ms, sent=80), refused=80, **legs), pages=NO_PAGES)


def lossy(*routers: int) -> Case:
    """The EMR's computer loses 16 of 160, and these of its last routers as many of 200."""
    return elsewhere(way=way(server=series(PUBLIC, 40.0, sent=160, lost=16)), last_routers=last_routers(*routers))


def short_queue(*, p50_ms: float, **changes: Any) -> Case:
    """Pages at 1 Mbps, 21 ms away when nothing comes, and this far meanwhile."""
    idle, loaded = series(PUBLIC, 21.0, sent=80), series(PUBLIC, p50_ms, sent=77, **changes)
    return elsewhere(way=way(server=idle), pages=pages(bulk=bulk(4.8, loaded=loaded)))


def near(p50_ms: float = 0.3, **changes: Any) -> Case:
    return office(way=way(server=series(PUBLIC, p50_ms, **{"sent": 300, **changes}), inside=True))


def limited_and(**changes: Any) -> Case:
    """The EMR's computer here does not answer 290 of 400 connections; pages were asked for eight seconds more."""
    asked = pages(**{"spaced": SPACED, **changes})
    return office(way=way(server=series(PUBLIC, 0.3, sent=400, lost=290), inside=True), pages=asked)


def stuck(**changes: Any) -> Case:
    return elsewhere(pages=pages(None, by_small_packets=get(), **changes))


TABLE = [
    row("all well from elsewhere", elsewhere(), "segment.none"),
    row("all well from the office", office(), "segment.none"),
    row("all well, on Wi-Fi", elsewhere(link=WIFI), "segment.none"),
    row("nothing else was measured", elsewhere(lookups=None, pages=None, download=None, path=None), "segment.unclear"),
    row("no page was asked for", elsewhere(pages=None), "segment.unclear"),
    row("its port did not open for a page", elsewhere(pages=pages(None, fresh=(NO_PORT,), failure=NO_PORT.failure)),
        "segment.unclear"),
    row("nothing answers that could tell", elsewhere(way=way(None, None, None, None)), "segment.unclear"),
    # this computer
    row("no connection", elsewhere(link=NO_LINK, way=way(None, None, None, None), pages=None), "segment.computer"),
    row("the cable is out, and the address stays", elsewhere(link=replace(CLIENT_LINK, is_up=False), way=way(
        series(HERE_ROUTER, None), None, series(WITNESS, None), None, emr_address=None), lookups=NOT_FOUND,
        pages=None), "segment.computer"),
    row("the system says down, and all answer", elsewhere(link=replace(CLIENT_LINK, is_up=False)), "segment.none"),
    row("no way to the Internet, and the EMR is here", office(link=NO_LINK, way=way(None, None, None, inside=True,
        server=series(PUBLIC, 0.3, sent=300))), "segment.none"),
    row("no IPv4, and the EMR answers", elsewhere(link=replace(CLIENT_LINK, address=None), way=way(None, None, None)),
        "segment.none"),
    row("no IPv4, and nobody could be asked by IPv6", elsewhere(link=V6_LINK, way=way(None, None, None, None,
        emr_address=None), lookups=NOT_FOUND, pages=None), "segment.name"),
    row("IPv6 alone, and the EMR has IPv4 alone", elsewhere(link=V6_LINK, way=way(None, None, None,
        series(PUBLIC, None)), pages=None), "segment.computer"),
    row("IPv6 alone, and the EMR answers", elsewhere(link=V6_LINK, way=way(None, None, None, series(SIX, 40.0, sent=80),
        emr_address=SIX), lookups=lookups(SIX, answers=())), "segment.none"),
    row("a router of 9 ms below a VPN, which may be by Wi-Fi", elsewhere(link=BY_VPN, way=way(
        series(HERE_ROUTER, 9.0), None)), "segment.none"),
    row("the same by cable", elsewhere(way=way(series(HERE_ROUTER, 9.0), None)), "segment.lan"),
    row("a router of 31 ms below a VPN", elsewhere(link=BY_VPN, way=way(series(HERE_ROUTER, 31.0), None,
        series(WITNESS, 51.0), series(PUBLIC, 71.0))), "segment.computer"),
    row("half duplex", elsewhere(link=replace(CLIENT_LINK, duplex="half")), "segment.computer"),
    row("10 Mbps", elsewhere(link=replace(CLIENT_LINK, speed_mbps=10)), "segment.computer"),
    row("11 Mbps", elsewhere(link=replace(CLIENT_LINK, speed_mbps=11)), "segment.none"),
    row("100 Mbps", elsewhere(link=replace(CLIENT_LINK, speed_mbps=100)), "segment.none"),
    row("10 Mbps of a radio", elsewhere(link=replace(WIFI, speed_mbps=10)), "segment.none"),
    row("Wi-Fi is slow, median 30 ms", elsewhere(link=WIFI, way=way(**behind(29.6))), "segment.none"),
    row("Wi-Fi is slow, median 30.1 ms", elsewhere(link=WIFI, way=way(**behind(29.7))), "segment.computer"),
    row("Wi-Fi, limit 31", elsewhere(limited("segment", wifi_ms=31), link=WIFI, way=way(**behind(29.7))),
        "segment.none"),
    row("Wi-Fi jitter 30 ms", elsewhere(link=WIFI, way=way(**behind(jitter_ms=30.0))), "segment.none"),
    row("Wi-Fi jitter 31 ms", elsewhere(link=WIFI, way=way(**behind(jitter_ms=31.0))), "segment.computer"),
    row("Wi-Fi loses 7 of 800", elsewhere(link=WIFI, way=way(series(HERE_ROUTER, 3.0, sent=800, lost=7))),
        "segment.none"),
    row("Wi-Fi loses 9 of 800", elsewhere(link=WIFI, way=way(series(HERE_ROUTER, 3.0, sent=800, lost=9),
        isp=None, outside=None, server=None)), "segment.computer"),
    row("Wi-Fi, limit 0.01", elsewhere(limited("segment", wifi_loss_ratio=0.01), link=WIFI, way=way(
        series(HERE_ROUTER, 3.0, sent=800, lost=9))), "segment.none"),
    row("Wi-Fi is late again and again", elsewhere(link=WIFI, way=way(**behind(3.6, jitter_ms=27.0, p95_ms=150.0,
        max_ms=300.0))), "segment.computer"),
    row("all is late through a VPN", elsewhere(link=replace(CLIENT_LINK, vpn=True), way=way(None, None,
        series(WITNESS, 400.0), series(PUBLIC, 400.0))), "segment.computer"),
    # its network
    row("router and all behind it 6 ms", elsewhere(way=way(**behind(5.6))), "segment.none"),
    row("router and all behind it 6.1 ms", elsewhere(way=way(**behind(5.7))), "segment.lan"),
    row("and a peer too", elsewhere(way=way(**behind(5.7), peer=series(HERE_PEER, 6.1))), "segment.lan"),
    row("6.1 ms, limit 7", elsewhere(limited("segment", wired_ms=7), way=way(**behind(5.7))), "segment.none"),
    row("jitter 6 ms", elsewhere(way=way(**behind(jitter_ms=6.0))), "segment.none"),
    row("jitter 6.1 ms", elsewhere(way=way(**behind(jitter_ms=6.1))), "segment.lan"),
    row("1 of 400 lost", elsewhere(way=way(**behind(lost=1))), "segment.none"),
    row("2 of 400 lost", elsewhere(way=way(series(HERE_ROUTER, 0.4, lost=2))), "segment.none"),
    row("3 of 400 lost", router(lost=3), "segment.lan"),
    row("3 of 400 lost, limit 0.01", elsewhere(limited("segment", near_loss_ratio=0.01),
        way=way(series(HERE_ROUTER, 0.4, lost=3))), "segment.none"),
    row("4 of 800 lost", elsewhere(way=way(series(HERE_ROUTER, 0.4, sent=800, lost=4))), "segment.none"),
    row("5 of 800 lost", router(sent=800, lost=5), "segment.lan"),
    row("one stall of 1.3 s", elsewhere(way=way(**behind(jitter_ms=6.6, p95_ms=900.0, max_ms=1300.0))), "segment.none"),
    row("two stalls of 1.3 s", elsewhere(way=way(**behind(jitter_ms=13.2, p95_ms=900.0, max_ms=1300.0))),
        "segment.lan"),
    row("late again and again, 95 % within 30 ms", elsewhere(way=way(**behind(jitter_ms=5.5, p95_ms=30.0,
        max_ms=80.0))), "segment.none"),
    row("late again and again, 95 % within 31 ms", elsewhere(way=way(**behind(jitter_ms=5.5, p95_ms=31.0,
        max_ms=80.0))), "segment.lan"),
    row("a neighbour's address is two computers'", elsewhere(way=way(peer=series(HERE_PEER, 0.4), holders=(
        Holder(HERE_PEER, ("a", "b")),))), "segment.none"),
    row("it is, and the EMR in the office refuses at times", office(way=way(server=series(PUBLIC, 0.3, sent=400),
        refused=200, inside=True, peer=series(HERE_PEER, 0.4), holders=(Holder(HERE_PEER, ("a", "b")),))),
        "segment.lan"),
    row("it is, and the EMR in the office refuses always", office(way=way(server=series(PUBLIC, 0.3, sent=400),
        refused=400, inside=True, peer=series(HERE_PEER, 0.4), holders=(Holder(HERE_PEER, ("a", "b")),))),
        "segment.server"),
    row("two have the router's address", elsewhere(way=way(holders=(Holder(HERE_ROUTER, ("a", "b")),))),
        "segment.lan"),
    # its router
    row("router slow, a peer quick, the line slow",
        elsewhere(way=way(**behind(250.0), peer=series(HERE_PEER, 0.3))), "segment.router"),
    row("router dead, nothing behind it", elsewhere(way=way(series(HERE_ROUTER, None), series(ISP, None),
        series(WITNESS, None), series(PUBLIC, None))), "segment.router"),
    row("router dead, all goes through it", elsewhere(way=way(series(HERE_ROUTER, None))), "segment.none"),
    row("router answers ping late, and connections at once",
        elsewhere(way=way(series(HERE_ROUTER, 60.0), router_by_tcp=series(HERE_ROUTER, 0.5, sent=30))),
        "segment.none"),
    row("router does not answer half of the pings, and all of 30 connections", elsewhere(way=way(
        series(HERE_ROUTER, 0.4, lost=200), router_by_tcp=series(HERE_ROUTER, 0.5, sent=30))), "segment.none"),
    row("all lose a tenth, and the router 1 of 30 connections", elsewhere(way=way(
        series(HERE_ROUTER, 0.2, lost=46), series(ISP, 20.0, sent=160, lost=17),
        series(WITNESS, 20.0, sent=160, lost=12), series(PUBLIC, 20.0, sent=80, lost=10),
        router_by_tcp=series(HERE_ROUTER, 0.2, sent=30, lost=1))), "segment.lan"),
    row("router answers late, and others answer before it", elsewhere(way=way(series(HERE_ROUTER, 60.0))),
        "segment.none"),
    # its line
    row("first router of the provider's and others 120 ms", line(120.0), "segment.far"),
    row("others 200 ms", line(200.0), "segment.far"),
    row("others 201 ms", line(201.0), "segment.line"),
    row("others 201 ms, limits 210", elsewhere(limited("segment", outside_ms=210, isp_ms=210),
        way=way(isp=series(ISP, 201.0), outside=series(WITNESS, 201.0), server=series(PUBLIC, 205.0))),
        "segment.none"),
    row("line loses 8 of 160", line(20.0, sent=160, lost=8), "segment.line"),
    row("line loses 3 of 160", line(20.0, sent=160, lost=3), "segment.far"),
    row("nobody on the Internet answers", elsewhere(way=way(isp=None, outside=series(WITNESS, None),
        server=series(PUBLIC, None))), "segment.line"),
    row("pages 1 Mbps, and 1 Mbps from elsewhere", elsewhere(pages=pages(bulk=bulk(4.8)), download=FEW),
        "segment.line"),
    # beyond it
    row("the provider's first router is quick, others are slow", elsewhere(way=way(outside=series(WITNESS, 201.0),
        server=series(PUBLIC, 401.0))), "segment.path"),
    row("a stretch of 100 ms on the way", elsewhere(way=way(server=series(PUBLIC, 320.0)),
        path=path(trace(0.4, 10.0, 110.0, end=series(PUBLIC, 150.0)))), "segment.far"),
    row("a stretch of 101 ms on the way", elsewhere(way=way(server=series(PUBLIC, 320.0)),
        path=path(trace(0.4, 10.0, 111.0, end=series(PUBLIC, 150.0)))), "segment.path"),
    row("the last router before the EMR loses as the EMR does", lossy(0, 18), "segment.path"),
    row("the last router before the EMR loses 6 of 200", lossy(0, 6), "segment.path"),
    row("the last router before the EMR loses 5 of 200", lossy(0, 5), "segment.far"),
    row("the last router loses as this place's Wi-Fi does", elsewhere(link=WIFI, way=way(series(HERE_ROUTER, 4.2,
        lost=10), None, series(WITNESS, 4.4, sent=160, lost=5), series(PUBLIC, 24.6, sent=160, lost=12)),
        last_routers=last_routers(7, 8)), "segment.computer"),
    row("and by chance the router did not", elsewhere(way=way(None, None, series(WITNESS, 4.4, sent=160, lost=4),
        series(PUBLIC, 24.6, sent=160, lost=12)), last_routers=last_routers(7, 8)), "segment.line"),
    row("one before the last router loses", lossy(18, 0), "segment.far"),
    row("the last router answers half of all", lossy(0, 100), "segment.far"),
    row("no router is lossy", lossy(0, 0), "segment.far"),
    row("the last router loses, and the EMR does not", elsewhere(last_routers=last_routers(18)), "segment.none"),
    row("large packets vanish, and pages do not come", elsewhere(pages=pages(None), path=path(mtu=HOLE)),
        "segment.path"),
    row("large packets vanish, and pages come", elsewhere(path=path(mtu=HOLE)), "segment.none"),
    row("it comes in small packets only", stuck(), "segment.path"),
    # the name
    row("the name is slow, 300 ms", elsewhere(lookups=lookups(ms=300.0)), "segment.none"),
    row("the name is slow, 301 ms", elsewhere(lookups=lookups(ms=301.0)), "segment.name"),
    row("the name is slow, limit 310", elsewhere(limited("segment", name_ms=310), lookups=lookups(ms=301.0)),
        "segment.none"),
    row("the name is fetched anew in 300 ms", elsewhere(lookups=fetched(300.0, 300.0)), "segment.none"),
    row("the name is fetched anew in 301 ms", elsewhere(lookups=fetched(301.0, 301.0)), "segment.name"),
    row("the name is fetched anew in 301 ms, at the office", office(lookups=fetched(301.0, 301.0)), "segment.name"),
    row("and its line is slow, which the name is asked over", office(lookups=fetched(900.0, 900.0), way=way(
        isp=series(ISP, 900.0), outside=series(WITNESS, 900.0), server=series(PUBLIC, 0.3, sent=300), inside=True)),
        "segment.line"),
    row("the office's line is slow, and the name is kept in the office", office(way=way(isp=series(ISP, 900.0),
        outside=series(WITNESS, 900.0), server=series(PUBLIC, 0.3, sent=300), inside=True)), "segment.none"),
    row("the name is found at times", elsewhere(lookups=lookups(system_failure=TIMEOUT)), "segment.name"),
    row("the name leads to an old address", elsewhere(lookups=STALE), "segment.name"),
    row("the name is not found", elsewhere(lookups=NOT_FOUND), "segment.name"),
    row("the name exists nowhere", elsewhere(lookups=NOWHERE), "segment.name_missing"),
    row("the name exists nowhere, and the line is cut", elsewhere(lookups=NOWHERE, way=way(isp=series(ISP, None),
        outside=series(WITNESS, None), server=None, emr_address=None), pages=None), "segment.line"),
    row("one public name server alone denies the name", elsewhere(lookups=replace(NOWHERE,
        answers=NOWHERE.answers[:2])), "segment.name"),
    row("two deny the name, and one gives an address", elsewhere(lookups=replace(NOWHERE,
        answers=(*NOWHERE.answers, said("149.112.112.112", PUBLIC)))), "segment.name"),
    row("an old address where somebody answers, by the clinic's report",
        elsewhere(lookups=replace(STALE, tried=()), clinic=CLINIC), "segment.name"),
    row("two addresses, both answer", elsewhere(lookups=lookups(
        "93.184.216.35", answers=(said("192.168.2.1", "93.184.216.35", kind="own"), said(WITNESS, PUBLIC)))),
        "segment.none"),
    row("two addresses, and one does not answer", elsewhere(lookups=HALF_DEAD), "segment.name_dead_address"),
    row("two addresses, neither answers", elsewhere(lookups=replace(HALF_DEAD, tried=tuple(
        replace(each, open=False, failure=TIMEOUT) for each in HALF_DEAD.tried))), "segment.none"),
    row("two addresses, one is dead, and the EMR is slow", elsewhere(lookups=HALF_DEAD, pages=pages(3000.0)),
        "segment.server"),
    row("two addresses, one is dead, and the line is cut", elsewhere(lookups=HALF_DEAD, way=way(isp=series(ISP, None),
        outside=series(WITNESS, None), server=None), pages=None), "segment.line"),
    row("in the office, and the router does not lead back to the public one", office(lookups=half_dead(PUBLIC, SERVER),
        way=way(server=series(SERVER, 0.3, sent=300), inside=True, public_v4=PUBLIC, emr_address=SERVER)),
        "segment.none"),
    row("the same from another network of the office", elsewhere(lookups=half_dead(PUBLIC, SERVER),
        way=way(server=series(SERVER, 0.3, sent=300), public_v4=PUBLIC, emr_address=SERVER)), "segment.none"),
    row("the same by a VPN that does not tell its own address", elsewhere(lookups=half_dead(PUBLIC, SERVER),
        way=way(server=series(SERVER, 35.0, sent=300), public_v4=None, emr_address=SERVER)), "segment.none"),
    row("in the office, the line of before, and the router leads back", office(lookups=HALF_DEAD),
        "segment.name_dead_address"),
    row("two lines of the office, and the router does not lead back to its own", elsewhere(
        lookups=half_dead(OLD, PUBLIC), way=way(public_v4=OLD)), "segment.none"),
    row("two addresses, and one is of the office network", elsewhere(lookups=half_dead(SERVER, PUBLIC)),
        "segment.name_office_address"),
    row("in the office, its own address is dead", office(lookups=half_dead(SERVER, PUBLIC)),
        "segment.name_office_address"),
    row("another certificate than the clinic's, at another address", elsewhere(lookups=lookups(OLD),
        pages=pages(fingerprint_sha256="cd" * 32, trusted=False), clinic=CLINIC), "segment.name"),
    # the clinic
    row("the EMR's computer 300 ms", server(300.0), "segment.none"),
    row("the EMR's computer 301 ms", server(301.0), "segment.far"),
    row("the EMR's computer, jitter 51 ms", server(40.0, jitter_ms=51.0), "segment.far"),
    row("the EMR's computer loses 8 of 160", server(40.0, lost=8), "segment.far"),
    row("the EMR's computer is silent", server(None), "segment.far"),
    row("the EMR's computer refuses", elsewhere(way=way(refused=80)), "segment.far"),
    row("refused from as far as the EMR, and no page", refused_after(40.0), "segment.far"),
    row("refused before the provider's first router answers", refused_after(4.9), "segment.kept_in"),
    row("refused about as soon as it answers", refused_after(5.1), "segment.far"),
    row("refused soon, and that router is near", refused_after(0.4, isp=series(ISP, 3.0)), "segment.far"),
    row("refused soon, and the Internet is near", refused_after(4.9, outside=series(WITNESS, 7.0)), "segment.far"),
    row("refused soon, and nobody knows that router", refused_after(0.4, isp=None), "segment.far"),
    row("refused soon, and the EMR may be here", refused_after(4.9, inside=None), "segment.far"),
    row("refused soon at times, and pages come", elsewhere(way=way(server=series(PUBLIC, 4.9, sent=80), refused=80)),
        "segment.far"),
    row("one connection of 80 is refused", elsewhere(way=way(refused=1)), "segment.none"),
    row("2 connections of 80 are refused", elsewhere(way=way(refused=2)), "segment.none"),
    row("3 connections of 80 are refused", elsewhere(way=way(refused=3)), "segment.far"),
    row("pages 1 Mbps, and the way fills", elsewhere(pages=pages(bulk=bulk(4.8, loaded=series(PUBLIC, 400.0)))),
        "segment.far"),
    row("pages take 4.0 s", elsewhere(pages=pages(bulk=bulk(4.0))), "segment.none"),
    row("pages take 4.1 s", elsewhere(pages=pages(bulk=bulk(4.1, loaded=series(PUBLIC, 400.0)))), "segment.far"),
    row("much comes in 4.1 s", elsewhere(pages=pages(bulk=bulk(4.1, 1_100_000))), "segment.none"),
    # the server
    row("the first byte after 1 s of its own", elsewhere(pages=pages(1040.0)), "segment.none"),
    row("the first byte after 1.001 s of its own", elsewhere(pages=pages(1041.0)), "segment.server"),
    row("one answer of eleven after 9 s", elsewhere(pages=pages(kept=(SLOW, *(get(),) * 5))), "segment.none"),
    row("two of eleven after 9 s", elsewhere(pages=pages(kept=(SLOW, SLOW, *(get(),) * 4))), "segment.none"),
    row("three of eleven after 9 s", elsewhere(pages=pages(kept=(SLOW, SLOW, SLOW, *(get(),) * 3))),
        "segment.server"),
    row("three pages of twelve take 5 s to come", elsewhere(pages=pages(kept=(*(get(60.0, 5000.0),) * 3,
        *(get(),) * 3))), "segment.server"),
    row("two pages of twelve take 5 s to come", elsewhere(pages=pages(kept=(*(get(60.0, 5000.0),) * 2,
        *(get(),) * 4))), "segment.none"),
    row("the first byte, limit 1.1 s", elsewhere(limited("segment", answer_ms=1100), pages=pages(1041.0)),
        "segment.none"),
    row("no page comes", elsewhere(pages=pages(None)), "segment.server"),
    row("one page of six does not come", elsewhere(pages=pages(fresh=(get(), get(), get(None)))), "segment.server"),
    row("each page is cut off", elsewhere(pages=pages(fresh=(CUT,), kept=(), bulk=None, failure=CUT.failure)),
        "segment.server"),
    row("one page of two is cut off", elsewhere(pages=pages(fresh=(get(), CUT))), "segment.server"),
    row("no page was read to its end", elsewhere(pages=pages(fresh=(LARGE,), kept=(), bulk=None)),
        "segment.server_no_page"),
    row("it sends on to itself", elsewhere(pages=pages(status=302, redirects=(ROUND,))), "segment.server_no_page"),
    row("it sends on elsewhere", elsewhere(pages=pages(status=302, redirects=(AWAY,))), "segment.none"),
    row("it speaks no TLS", elsewhere(pages=pages(None, failure=NO_TLS, fresh=(get(None, failure=NO_TLS),))),
        "segment.server_no_page"),
    row("it sends on to a port that does not open", elsewhere(pages=pages(None, port=9443, fresh=(NO_PORT,),
        redirects=(ON,), failure=NO_PORT.failure)), "segment.server"),
    row("an error comes", elsewhere(pages=pages(status=500)), "segment.server"),
    row("a page with a database's error comes", elsewhere(pages=pages(kind=PageKind.ERROR_PAGE)), "segment.server"),
    *(row(f"a {kind.value} comes", elsewhere(pages=pages(kind=kind)), "segment.other_page") for kind in FOREIGN),
    row("the router's page comes in the office", office(way=way(inside=True, server=series(PUBLIC, 0.3, sent=300)),
        pages=pages(20.0, kind=PageKind.ROUTER)), "segment.other_page"),
    row("the router's page comes late", elsewhere(pages=pages(3000.0, kind=PageKind.ROUTER)), "segment.other_page"),
    # the router answers for the name itself: a log-in first, or its line is down
    row("a portal refuses", portal(refused=300), "segment.line_portal"),
    row("a portal is silent", portal(server=series(HERE_ROUTER, None, sent=300)), "segment.line_portal"),
    row("a portal shows a page", portal(pages=pages(20.0, address=HERE_ROUTER, trusted=False)), "segment.line_portal"),
    row("the EMR is on the router, and the line is down", portal(pages=pages(20.0, address=HERE_ROUTER)),
        "segment.none"),
    row("the EMR is on the router", portal(outside=series(WITNESS, 20.0, sent=160), refused=300),
        "segment.server_refuses"),
    # an address of the office's network, kept where another network has the same numbers
    row("a hosts file that was taken home", elsewhere(lookups=TAKEN_HOME, pages=pages(None, address=KEPT),
        way=way(server=series(KEPT, None, sent=300), inside=True, emr_address=KEPT)), "segment.name"),
    row("in the office the EMR is down", elsewhere(lookups=replace(TAKEN_HOME, tried=tuple(
        replace(each, open=False, failure=TIMEOUT) for each in TAKEN_HOME.tried)), pages=pages(None, address=KEPT),
        way=way(server=series(KEPT, None, sent=300), inside=True, emr_address=KEPT)), "segment.server"),
    row("the page comes slowly by itself", elsewhere(pages=pages(60.0, 4100.0)), "segment.server"),
    row("pages 1 Mbps, and the way stays quick", elsewhere(pages=pages(bulk=bulk(4.8))), "segment.server"),
    row("pages 1 Mbps, and a queue of 19 ms fills", short_queue(p50_ms=39.7, p95_ms=150.7), "segment.far"),
    row("pages 1 Mbps, and it fills at times", short_queue(p50_ms=21.4, p95_ms=150.7), "segment.far"),
    row("pages 1 Mbps, and half as late again", short_queue(p50_ms=31.6, p95_ms=35.0), "segment.far"),
    row("pages 1 Mbps, and a little later", short_queue(p50_ms=31.4, p95_ms=71.0), "segment.server"),
    row("pages 1 Mbps, and one probe is lost meanwhile", short_queue(p50_ms=21.0, lost=1), "segment.far"),
    # from the office
    row("office: its server 6.1 ms", near(6.1), "segment.lan"),
    row("office: its server 6 ms", near(6.0), "segment.none"),
    row("office: its server loses 6 of 300", near(lost=6), "segment.lan"),
    row("office: 290 of 400 connections are lost, and no page waits", limited_and(), "segment.none"),
    row("office: 290 of 400 are lost, and the pages all came within a second", limited_and(spaced=()), "segment.lan"),
    row("office: 100 of 400 are lost, which eight pages may miss by chance", near(sent=400, lost=100), "segment.lan"),
    row("office: 290 of 400 are lost, and one page waits", limited_and(fresh=(*(get(),) * 5, get(connect_ms=1040.0))),
        "segment.lan"),
    row("office: 290 of 400 are lost, and one page does not come", limited_and(fresh=(*(get(),) * 5, CUT)),
        "segment.lan"),
    row("office: 290 of 400 are lost, and no page was asked for", office(way=way(server=series(PUBLIC, 0.3, sent=400,
        lost=290), inside=True), pages=None), "segment.lan"),
    row("50 of 160 connections are lost, and no page waits", elsewhere(way=way(server=series(PUBLIC, 40.0, sent=160,
        lost=50)), pages=pages(spaced=SPACED)), "segment.none"),
    row("50 of 160 are lost, and the pages all came within a second", server(40.0, lost=50), "segment.far"),
    row("50 of 160 are lost, and pages on one connection wait", elsewhere(way=way(server=series(PUBLIC, 40.0, sent=160,
        lost=50)), pages=pages(kept=(get(260.0),) * 6)), "segment.far"),
    row("office: its server refuses at times", office(way=way(inside=True, refused=40,
        server=series(PUBLIC, 0.3, sent=300))), "segment.server"),
    row("office: its server refuses always, and no page comes", office(way=way(inside=True, refused=300,
        server=series(SERVER, 0.3, sent=300), emr_address=SERVER), pages=None), "segment.server_refuses"),
    row("office: its public address refuses always", office(way=way(inside=True, refused=300,
        server=series(PUBLIC, 0.3, sent=300)), pages=None), "segment.server_or_router"),
    row("office: its public address refuses what is not lost", office(way=way(inside=True, refused=290,
        server=series(PUBLIC, 0.3, sent=300, lost=10)), pages=None), "segment.server_or_router"),
    row("office: its server refuses all but one", office(way=way(inside=True, refused=299,
        server=series(PUBLIC, 0.3, sent=300)), pages=None), "segment.server"),
    row("office: its server refuses always, and pages come", office(way=way(inside=True, refused=300,
        server=series(PUBLIC, 0.3, sent=300))), "segment.server"),
    row("office: its server is off", office(way=way(inside=True, server=series(SERVER, None), emr_address=SERVER),
        pages=None), "segment.server"),
    row("office: its public address is silent", office(way=way(inside=True, server=series(PUBLIC, None)), pages=None),
        "segment.server_or_router"),
    row("office: the line is slow", office(way=way(isp=series(ISP, 900.0), outside=series(WITNESS, 900.0),
        server=series(PUBLIC, 0.3, sent=300), inside=True)), "segment.none"),
    row("office: pages slow, the way fills", office(pages=pages(8.0, bulk=bulk(4.8, loaded=series(PUBLIC, 200.0)))),
        "segment.lan"),
    row("office: pages slow, the way quick", office(pages=pages(8.0, bulk=bulk(4.8, loaded=series(PUBLIC, 0.5)))),
        "segment.server"),
]  # fmt: skip


@pytest.mark.parametrize("given", TABLE, ids=lambda given: given.what)
def test_the_evidence_gives_exactly_these_codes(given: Row) -> None:
    assert codes_of(CHECK, given.case) == given.codes


def test_what_does_not_answer_is_not_called_slow() -> None:
    (found,) = judged(CHECK, elsewhere(pages=pages(None)))
    assert "is what fails (certain)" in CHECK.codes[found.code].summary.format_map(found.facts)


KEEPS_IN = [
    ("silent", elsewhere(way=way(server=series(PUBLIC, None)), pages=NO_PAGES), "likely", True),
    ("silent, beside the clinic's report", elsewhere(way=way(server=series(PUBLIC, None)), pages=NO_PAGES,
     clinic=CLINIC), "likely", True),
    ("refused sooner than the Internet answers", refused_after(12.0), "likely", True),
    ("refused from beyond the Internet's nearest", refused_after(40.0), "likely", False),
    ("silent at times, and pages come", elsewhere(way=way(server=series(PUBLIC, None))), "certain", False),
    ("it only loses", server(40.0, lost=80), "certain", False),
    ("in the office", office(way=way(inside=True, server=series(SERVER, None), emr_address=SERVER), pages=None),
     "likely", False),
]  # fmt: skip


@pytest.mark.parametrize(("what", "case", "sure", "told"), KEEPS_IN, ids=[each[0] for each in KEEPS_IN])
def test_a_clinic_that_seems_shut_may_be_this_places_own_firewall(what: str, case: Case, sure: str, told: bool) -> None:
    (found,) = judged(CHECK, case)
    assert found.facts["sure"] == sure
    assert ("lets nothing out on port 8443: try it from a phone's hotspot" in str(found.facts["reasons"])) is told


def test_a_firewall_of_this_place_is_named_and_likely() -> None:
    (found,) = judged(CHECK, refused_after(2.0))
    code = CHECK.codes[found.code]
    said_ = f"{code.summary} {code.advice}".format_map(found.facts)
    assert "lets nothing out on port 8443 (likely)" in said_
    assert "hotspot" in said_
    assert (code.segment, code.contact, found.facts["does"]) == (Segment.LAN, Contact.LAN, "fails")


@pytest.mark.parametrize(("names", "told"), [
    (lookups(), True),
    (fetched(30.0, 30.0), True),
    (replace(fetched(30.0, 30.0), answers=fetched(30.0, 30.0).answers[:1]), True),
    (replace(lookups(), answers=lookups().answers[:1]), False),
    (None, False),
])  # fmt: skip
def test_a_line_over_which_names_are_found_may_let_a_proxy_through(names: Any, told: bool) -> None:
    cut = way(isp=None, outside=series(WITNESS, None), server=series(PUBLIC, None), public_v4=None)
    (found,) = judged(CHECK, elsewhere(way=cut, lookups=names, pages=NO_PAGES, download=None))
    assert (found.code, found.facts["sure"]) == ("segment.line", "likely")
    assert ("through a proxy" in str(found.facts["reasons"])) is told


def test_a_name_with_a_dead_address_fails() -> None:
    (found,) = judged(CHECK, elsewhere(lookups=HALF_DEAD))
    assert found.facts["does"] == "fails"


@pytest.mark.parametrize(("download", "told"), [(None, True), (DOWNLOAD, False)])
def test_the_own_line_is_named_where_nothing_was_loaded_from_elsewhere(download: Any, told: bool) -> None:
    for loaded in (series(PUBLIC, 55.0), series(PUBLIC, 400.0)):
        (found,) = judged(CHECK, elsewhere(pages=pages(bulk=bulk(4.8, loaded=loaded)), download=download))
        assert ("own line" in str(found.facts["why"])) is told
        assert download is not None or found.facts["sure"] == "likely"


def test_a_name_that_exists_nowhere_is_no_fault_of_the_router() -> None:
    (found,) = judged(CHECK, elsewhere(lookups=NOWHERE))
    code = CHECK.codes[found.code]
    assert (code.segment, code.contact) == (Segment.NAME, Contact.DNS_PROVIDER)
    assert "typed" in code.advice
    assert "router" not in code.advice
    assert "fails" in str(found.facts["does"])


def test_nothing_is_certain_where_many_connections_were_lost() -> None:
    (found,) = judged(CHECK, limited_and())
    assert (found.code, found.facts["sure"]) == ("segment.none", "likely")


def test_each_segment_has_its_code() -> None:
    for segment in Segment:
        assert CHECK.codes[f"segment.{segment.value}"].segment is segment


def test_the_sentence_says_why_and_how_sure() -> None:
    (found,) = judged(CHECK, elsewhere(pages=pages(3040.0)))
    said_ = CHECK.codes[found.code].summary.format_map(found.facts)
    assert said_ == (
        "The EMR's own computer or program is what is slow (certain). The EMR's program takes 3.0 s to answer."
    )
    assert found.facts["normal"]


@pytest.mark.parametrize(("inside", "sure"), [(False, "certain"), (None, "likely"), (True, "likely")])
def test_a_dead_address_is_certain_from_outside_alone(inside: bool | None, sure: str) -> None:
    quick = way(server=series(PUBLIC, 0.3, sent=300), inside=inside)
    (found,) = judged(CHECK, elsewhere(lookups=half_dead(SERVER, PUBLIC), way=quick))
    assert (found.code, found.facts["sure"]) == ("segment.name_office_address", sure)


def test_where_nothing_listens_nobody_is_sent_to_the_database() -> None:
    seen = way(inside=True, refused=300, server=series(SERVER, 0.3, sent=300), emr_port=9, emr_address=SERVER)
    (found,) = judged(CHECK, office(way=seen, pages=None))
    code = CHECK.codes[found.code]
    told = f"{code.summary} {code.advice} {code.say}".format_map(found.facts)
    assert "refuses every connection on port 9 (certain)" in told
    assert "Start the EMR's program" in told
    assert not any(word in told for word in ("memory", "database", "slow"))
    assert (code.contact, found.facts["does"]) == (Contact.EMR_HOST, "fails")


def test_at_the_own_public_address_it_may_be_the_router_as_well() -> None:
    seen = way(inside=True, refused=300, server=series(PUBLIC, 0.3, sent=300), emr_port=9)
    (found,) = judged(CHECK, office(way=seen, pages=None))
    code = CHECK.codes[found.code]
    told = f"{code.summary} {code.advice}".format_map(found.facts)
    assert "on port 9 (likely)" in told
    assert all(word in told for word in ("hairpin", "address in this office", "emrnetcheck run"))


@pytest.mark.parametrize("seen", [{"status": 404}, {"status": 302, "redirects": (AWAY,)}])
def test_without_the_page_nobody_is_certain_that_nothing_is_slow(seen: dict[str, Any]) -> None:
    (found,) = judged(CHECK, elsewhere(pages=pages(**seen)))
    assert (found.code, found.facts["sure"]) == ("segment.none", "likely")


def test_why_no_page_comes_is_said() -> None:
    (found,) = judged(CHECK, elsewhere(pages=pages(status=302, redirects=(ROUND,) * 6)))
    assert found.facts["no_page"] == "it sends on to itself again and again, 6 times"
    assert (found.facts["sure"], found.facts["does"]) == ("certain", "fails")


def test_a_slow_program_is_told_behind_a_late_cable() -> None:
    (found,) = judged(CHECK, elsewhere(way=way(**behind(20.0)), pages=pages(3060.0)))
    assert found.code == "segment.server"
    assert (found.facts["also"], found.facts["also_because"]) == (("lan",), ("router",))


def test_a_router_that_loses_beside_a_neighbour_that_does_not_is_the_routers_own_fault() -> None:
    seen = way(
        router=series(HERE_ROUTER, 0.1, lost=25),
        peer=series(HERE_PEER, 0.1),
        isp=series(ISP, 20.5, sent=160, lost=13),
        outside=series(WITNESS, 20.4, sent=160, lost=8),
        server=series(PUBLIC, 0.1, lost=43),
        inside=True,
        router_by_tcp=series(HERE_ROUTER, 0.1, sent=30, lost=1),
    )
    assert codes_of(CHECK, office(way=seen)) == ("segment.router",)


@pytest.mark.parametrize(("outside", "sure"), [(0, "certain"), (1, "likely")])
def test_a_loss_that_may_begin_here_is_not_certainly_the_providers(outside: int, sure: str) -> None:
    seen = way(outside=series(WITNESS, 20.0, sent=160, lost=outside), server=series(PUBLIC, 40.0, sent=160, lost=9))
    (found,) = judged(CHECK, elsewhere(way=seen, last_routers=last_routers(9)))
    assert (found.code, found.facts["sure"]) == ("segment.path", sure)


@pytest.mark.parametrize("kind", FOREIGN)
def test_how_another_page_comes_tells_nothing_of_the_emrs(kind: PageKind) -> None:
    (found,) = judged(CHECK, elsewhere(pages=pages(kind=kind)))
    assert not {"server_answer", "server_bulk"} & set(cast("tuple[str, ...]", found.facts["normal"]))
