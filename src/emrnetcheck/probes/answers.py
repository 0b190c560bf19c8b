"""Is it as somebody has just said? One quick look at a name, at the EMR's server, or at other computers."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from emrnetcheck.evidence import Seen
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net import icmp, neighbours, tcp
from emrnetcheck.net.lookup import Lookup, Resolved
from emrnetcheck.net.page import Page, get_untrusted
from emrnetcheck.probes.emr_page import look_at, place_of
from emrnetcheck.probes.lan import TCP_PORTS
from emrnetcheck.probes.port_inside import LAN_TIMEOUT_S, LOOPBACK, Inside, look_inside, try_port
from emrnetcheck.profiles import PageKind

__all__ = ["LOOPBACK", "Inside", "PageSeen", "first_open", "page_at", "server_at", "where_name_leads", "who_is_there"]

_PAGE_S = 3.0
_REDIRECTS_MAX = 4
_PINGS, _PING_EVERY_S, _PING_TIMEOUT_S = 3, 0.1, 0.7
_KNOCK_S, _AT_ONCE_MAX = 0.5, 20
_REDIRECTED = range(300, 400)


@dataclass(frozen=True, slots=True)
class PageSeen:
    """What answered in the end, redirects followed on the same server. tls: by HTTPS, else without encryption.

    elsewhere: it sends on to another server or port."""

    status: int
    kind: PageKind
    tls: bool
    elsewhere: bool = False


def where_name_leads(name: str) -> Resolved | Failure:
    """By this computer's own way of looking names up, and nobody else's; by IPv6 where it has no IPv4 address."""
    lookup = Lookup(())
    found = lookup.resolve(name)
    if isinstance(found, Failure) and found.kind is FailureKind.NAME_NO_ADDRESS:
        return lookup.resolve(name, version=6)
    return found


def server_at(lan_address: str | None, port: int, hostname: str | None) -> Inside:
    """Whether the port answers there (None: on this computer), and what is spoken there."""
    return look_inside(Site(lan_address=lan_address, port=port, hostname=hostname), Seen())


def first_open(addresses: Sequence[str], port: int) -> str | None:
    """The first of them that takes a connection."""
    return next((each for each in addresses if try_port(each, port, LAN_TIMEOUT_S).open), None)


def page_at(address: str, port: int, hostname: str | None, path: str) -> PageSeen | Failure:
    """The page at the path: by TLS, or else without."""
    seen = _page(address, port, hostname or address, path, tls=True)
    if isinstance(seen, Failure) and seen.operation == "TLS handshake":
        plain = _page(address, port, hostname or address, path, tls=False)
        return seen if isinstance(plain, Failure) else plain
    return seen


def _page(address: str, port: int, host: str, path: str, *, tls: bool) -> PageSeen | Failure:
    cookies: tuple[str, ...] = ()
    names = (host, address)
    for _ in range(_REDIRECTS_MAX):
        page = get_untrusted(address, port, host, path, tls=tls, timeout_s=_PAGE_S, cookies=cookies)
        if isinstance(page, Failure):
            return page
        location = page.headers.get("location")
        if page.status not in _REDIRECTED or location is None:
            return _seen(page, tls=tls)
        onward = place_of(location, scheme="https" if tls else "http", names=names, port=port, path=path)
        if onward.next_path is None:
            return PageSeen(page.status, PageKind.OTHER, tls, elsewhere=True)
        path, cookies = onward.next_path, page.cookies or cookies
    return Failure(FailureKind.MALFORMED, "GET", path, "it sends on and on")


def _seen(page: Page, *, tls: bool) -> PageSeen:
    return PageSeen(page.status, look_at(page.start, page.headers.get("www-authenticate", "")).kind, tls)


def who_is_there(addresses: Sequence[str]) -> frozenset[str]:
    """Those that answer a ping or a connection, or that the office network itself knows to be there."""
    series = icmp.echo_series(addresses, count=_PINGS, interval_s=_PING_EVERY_S, timeout_s=_PING_TIMEOUT_S)
    told = () if isinstance(series, Failure) else series
    there = {each.address for each in told if any(rtt is not None for rtt in each.rtts_ms)}
    knocks = [(address, port) for address in addresses if address not in there for port in TCP_PORTS]
    with ThreadPoolExecutor(_AT_ONCE_MAX) as crew:
        there |= {address for address in crew.map(_answering, knocks) if address is not None}
    table = neighbours.neighbours()
    known = {entry.address for entry in table} if isinstance(table, tuple) else set()
    return frozenset(there | (known & set(addresses)))


def _answering(knock: tuple[str, int]) -> str | None:
    """The address, where it answers at the port; a refusal is an answer, too."""
    address, port = knock
    return None if isinstance(tcp.connect(address, port, _KNOCK_S), Failure) else address
