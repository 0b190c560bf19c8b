"""What a computer sees that uses the EMR from another clinic: all is well, and changed in one place per test."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from emrnetcheck.evidence import Case, Seen
from emrnetcheck.evidence.address import Hop
from emrnetcheck.evidence.bulk import Asset, Bulk
from emrnetcheck.evidence.clinic import ClinicSays
from emrnetcheck.evidence.emr import PageGet
from emrnetcheck.evidence.last_routers import LastRouters
from emrnetcheck.evidence.link import CardCounters
from emrnetcheck.evidence.lookups import LookupAnswer, Lookups
from emrnetcheck.evidence.names import AddressTry
from emrnetcheck.evidence.pages import Pages
from emrnetcheck.evidence.path import Mtu, Path, SizeTried, Trace, TraceHop
from emrnetcheck.evidence.series import Series
from emrnetcheck.evidence.way import Holder, Way, WayTarget
from emrnetcheck.evidence.wear import Wear
from emrnetcheck.model import Failure, FailureKind, Site
from tests.checks.builders import DOWNLOAD, LINK, NAME, OLD, PUBLIC, TIMEOUT

HERE, HERE_ROUTER, HERE_PEER, ISP, WITNESS = "192.168.2.20", "192.168.2.1", "192.168.2.30", "62.4.30.1", "1.1.1.1"
HERE_PUBLIC = "62.4.30.40"
CLIENT_SITE = Site(name=NAME, hostname=NAME, path="/oscar/", port=8443)


def series(address: str, p50_ms: float | None, *, sent: int = 400, lost: int = 0, **changes: Any) -> Series:
    """Round trips that hardly vary; p50_ms None: no answer at all."""
    if p50_ms is None:
        return Series(address, sent, sent, None, None, None, None, None, "none", TIMEOUT)
    base = Series(address, sent, lost, p50_ms, p50_ms + 0.2, p50_ms + 0.5, p50_ms + 2.0, 0.1, "icmp")
    return replace(base, **changes)


ROUTER_SERIES = series(HERE_ROUTER, 0.4)
ISP_SERIES = series(ISP, 10.0, sent=160)
WITNESS_SERIES = series(WITNESS, 20.0, sent=160)
SERVER_SERIES = series(PUBLIC, 40.0, sent=80, method="tcp:8443")


def way(
    router: Series | None = ROUTER_SERIES,
    isp: Series | None = ISP_SERIES,
    outside: Series | None = WITNESS_SERIES,
    server: Series | None = SERVER_SERIES,
    peer: Series | None = None,
    refused: int = 0,
    **changes: Any,
) -> Way:
    """Each leg with one host; None: there is none on it."""
    legs = (("router", router), ("peer", peer), ("isp", isp), ("outside", outside), ("server", server))
    targets = tuple(
        WayTarget(leg, found, refused if leg == "server" else 0) for leg, found in legs if found is not None
    )
    base = Way(
        targets=targets,
        emr_address=PUBLIC,
        emr_port=8443,
        inside=False,
        public_v4=HERE_PUBLIC,
        hops=(Hop(1, HERE_ROUTER, 0.4), Hop(2, ISP, 10.0)),
        holders=(Holder(HERE_ROUTER, ("00:14:bf:01:02:03",)),),
    )
    return replace(base, **changes)


def said(server: str, *addresses: str, kind: str = "public", **changes: Any) -> LookupAnswer:
    return replace(LookupAnswer(server, kind, 3, 3, 12.0, addresses, None), **changes)


def mute(server: str, kind: str = "own") -> LookupAnswer:
    return LookupAnswer(server, kind, 2, 0, None, (), Failure(FailureKind.NAME_TIMEOUT, "ask", server))


def lookups(*system: str, ms: float = 20.0, **changes: Any) -> Lookups:
    """The name as this computer and everybody else sees it; by default all say the clinic's address."""
    base = Lookups(
        hostname=NAME,
        answers=(said(HERE_ROUTER, PUBLIC, kind="own"), said(WITNESS, PUBLIC)),
        system=system or (PUBLIC,),
        system_ms=(ms, ms, ms),
        system_failure=None,
    )
    return replace(base, **changes)


def fetched(*anew_ms: float) -> Lookups:
    """The name is found at once, and what this computer's own server has not kept takes it so long."""
    return lookups(answers=(said(HERE_ROUTER, PUBLIC, kind="own", anew_ms=anew_ms), said(WITNESS, PUBLIC)))


NOT_FOUND = lookups(system_ms=(), system_failure=Failure(FailureKind.NAME_NOT_FOUND, "look up", NAME))
NOT_FOUND = replace(NOT_FOUND, system=(), answers=(said(HERE_ROUTER, kind="own"), said(WITNESS, PUBLIC)))
NO_SUCH_NAME = Failure(FailureKind.NAME_NOT_FOUND, "look up", NAME)
NOWHERE = replace(
    NOT_FOUND,
    answers=tuple(
        said(server, kind=kind, failure=NO_SUCH_NAME)
        for server, kind in ((HERE_ROUTER, "own"), (WITNESS, "public"), ("9.9.9.9", "public"))
    ),
)
STALE = lookups(
    OLD,
    answers=(said(HERE_ROUTER, OLD, kind="own"), said(WITNESS, PUBLIC)),
    tried=(AddressTry(OLD, 8443, False, TIMEOUT), AddressTry(PUBLIC, 8443, True, None)),
)


def half_dead(dead: str, opened: str) -> Lookups:
    """A name of two addresses, by whomever it is asked."""
    both = (dead, opened)
    tried = (AddressTry(dead, 8443, False, TIMEOUT), AddressTry(opened, 8443, True, None))
    return lookups(*both, answers=(said(HERE_ROUTER, *both, kind="own"), said(WITNESS, *both)), tried=tried)


HALF_DEAD = half_dead(OLD, PUBLIC)


def get(first_byte_ms: float | None = 60.0, rest_ms: float = 20.0, **changes: Any) -> PageGet:
    """One page over TLS; first_byte_ms None: nothing came."""
    if first_byte_ms is None:
        return PageGet(None, 40.0, 60.0, None, None, 0, Failure(FailureKind.TIMEOUT, "GET", f"{PUBLIC}:8443"))
    return replace(PageGet(200, 40.0, 60.0, first_byte_ms, first_byte_ms + rest_ms, 12_000), **changes)


def spaced(first_byte_ms: float) -> tuple[PageGet, ...]:
    """Two seconds of the pages that are asked for where much was lost."""
    return (get(first_byte_ms), *(get(first_byte_ms, connect_ms=None, tls_ms=None) for _ in range(3)))


SPACED = spaced(60.0) * 4
"""All of them, quick."""


def bulk(seconds: float = 0.6, body_bytes: int = 600_000, **changes: Any) -> Bulk:
    """The page's assets; by default 8 Mbps, and the way stays quick."""
    loaded = series(PUBLIC, 55.0, sent=60, method="tcp:8443")
    assets = (Asset("/oscar/style.css", 200, body_bytes, seconds * 1000.0),)
    return replace(Bulk(assets, 1, seconds, body_bytes, False, loaded), **changes)


def pages(first_byte_ms: float | None = 60.0, rest_ms: float = 20.0, **changes: Any) -> Pages:
    """The log-in page, six times on new connections and six times on one."""
    one = get(first_byte_ms, rest_ms)
    whole = first_byte_ms is not None
    base = Pages(
        address=PUBLIC,
        port=8443,
        host=NAME,
        path="/oscar/",
        scheme="https",
        status=200 if whole else None,
        fresh=(one,) * (6 if whole else 1),
        kept=(replace(one, connect_ms=None, tls_ms=None),) * (6 if whole else 0),
        title="OSCAR",
        body_bytes=12_000 if whole else 0,
        fingerprint_sha256="ab" * 32,
        trusted=True,
        assets_named=1 if whole else 0,
        bulk=bulk() if whole else None,
        failure=one.failure,
    )
    return replace(base, **changes)


def hop(ttl: int, address: str, p50_ms: float, *, end: bool = False) -> TraceHop:
    return TraceHop(ttl, address, (), series(address, p50_ms, sent=10), None, end)


def trace(*medians_ms: float, end: Series = SERVER_SERIES, **changes: Any) -> Trace:
    """The router, the provider and so on at these distances, then the EMR."""
    addresses = (HERE_ROUTER, ISP, "62.115.1.1", "62.115.2.1")
    hops = tuple(hop(ttl, addresses[ttl - 1], ms) for ttl, ms in enumerate(medians_ms, start=1))
    return replace(Trace(NAME, "emr", PUBLIC, hops, end, "udp_errors", 10), **changes)


FULL_SIZE = Mtu(NAME, "emr", PUBLIC, (SizeTried(1500, 1, 1),), "icmp")
HOLE = Mtu(NAME, "emr", PUBLIC, (SizeTried(1500, 7, 0), SizeTried(1400, 5, 5), SizeTried(84, 5, 5)), "icmp", 1500)


def path(*traces: Trace, mtu: Mtu = FULL_SIZE) -> Path:
    return Path(traces or (trace(0.4, 10.0, 25.0),), (mtu,))


def last_routers(*lost: int) -> LastRouters:
    """Of 200 probes each; the one next to the EMR at the end."""
    return LastRouters(tuple(series(f"62.115.{n}.1", 30.0, sent=200, lost=each) for n, each in enumerate(lost)))


LAST_ROUTERS = last_routers(0, 0)
CLINIC = ClinicSays(
    "20261126T010203Z-abcdef", "Elm Street Clinic", "2026-11-26T01:02:03+00:00", 600.0, NAME, PUBLIC, ("ab" * 32,), 9.4
)
CLIENT_LINK = replace(LINK, address=HERE, gateway=HERE_ROUTER)
CLIENT_SEEN = Seen(
    link=CLIENT_LINK,
    lookups=lookups(),
    way=way(),
    path=path(),
    pages=pages(),
    download=DOWNLOAD,
    wear=Wear("eth0", HERE, 20.0, CardCounters(receive_errors=0, transmit_errors=0)),
)
"""All is well, seen from elsewhere."""
INSIDE_SEEN = replace(
    CLIENT_SEEN,
    way=way(server=series(PUBLIC, 0.3, sent=300, method="tcp:8443"), inside=True, public_v4=PUBLIC),
    path=None,
    pages=pages(8.0, 2.0),
)
"""All is well, seen from the office itself."""


def elsewhere(site: Site = CLIENT_SITE, **seen: Any) -> Case:
    """All is well but for what is given; None: not measured."""
    return Case(site, replace(CLIENT_SEEN, **seen))


def office(site: Site = CLIENT_SITE, **seen: Any) -> Case:
    """The same from the office."""
    return Case(site, replace(INSIDE_SEEN, **seen))


def limited(check: str, **limits: float) -> Site:
    """Settings that change limits of one check."""
    return replace(CLIENT_SITE, limits={check: limits})
