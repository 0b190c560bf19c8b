"""How fast do the EMR's pages come to this computer, as to a browser? Only looked at: never a log-in, never a POST."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.bulk import Bulk
from emrnetcheck.evidence.emr import PageGet, Redirect
from emrnetcheck.evidence.pages import Pages
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.net import tls
from emrnetcheck.net.page import Page
from emrnetcheck.net.page_session import PageSession, Server
from emrnetcheck.net.stoppable import Cut, until_stopped
from emrnetcheck.probes.context import Context, Probe
from emrnetcheck.probes.emr_page import look_at, onward
from emrnetcheck.probes.lookups import is_address
from emrnetcheck.probes.page_assets import load_assets, own_assets
from emrnetcheck.probes.page_spaced import ask_spaced, is_doubtful

FRESH_GETS = 6
KEPT_GETS = 6
_REDIRECTS_MAX = 5
# A page that Tomcat has to compile first takes seconds once; a browser waits far longer, but nobody else would.
_PATIENCE_S = 15.0
_FRESH_UNTIL_S = 9.0
_KEPT_FOR_S = 4.0
_SENT_ON_UNTIL_S = 25.0
_TRUST_TIMEOUT_S = 5.0
_SMALL_TIMEOUT_S = 8.0
_AGAIN_TIMEOUT_S = 4.0
_FULL_PACKET_BYTES = 1200
_SMALL_SEGMENT_BYTES = 1000  # below what any line takes, tunnels and all (RFC 8200 demands packets of 1280)


def measure(site: Site, seen: Seen, context: Context) -> Pages | Failure:
    """A failure of the page is evidence; a Failure only where it is not known whom to ask."""
    address = seen.way.emr_address if seen.way is not None else _literal(site)
    if address is None:
        looked_up = seen.lookups.system_failure if seen.lookups is not None else None
        return looked_up or Failure(FailureKind.NAME_NOT_FOUND, "GET", site.hostname or "", "its address is not known")
    host = (site.hostname or address).strip("[]")
    context.progress(f"opening {site.path}", None, None)
    with Cut() as cut:
        server = Server(address, site.port, host, tls=site.scheme == "https")
        visit = _Visit(server, site.path, cut, context, doubtful=is_doubtful(seen))
        return until_stopped(visit.whole, lambda: context.stopped("GET"), cut)


def _literal(site: Site) -> str | None:
    return site.hostname.strip("[]") if site.hostname is not None and is_address(site.hostname) else None


@dataclass(slots=True)
class _Visit:
    """One visit: the way to the page, the page again and again, then what belongs to it.

    doubtful: much was lost before, so pages are asked for some seconds longer."""

    server: Server
    path: str
    cut: Cut
    context: Context
    doubtful: bool
    started_s: float = field(default_factory=time.monotonic)
    cookies: tuple[str, ...] = ()
    redirects: list[Redirect] = field(default_factory=list)
    sent_on: list[PageGet] = field(default_factory=list)
    asked: list[tuple[Server, str]] = field(default_factory=list)
    fingerprint: str | None = None

    def whole(self) -> Pages:
        asked_path = self.path
        page = self._fresh()
        while isinstance(page, Page) and self._sent_on(page):
            page = self._fresh()
        base = Pages(
            address=self.server.address,
            port=self.server.port,
            host=self.server.host,
            path=asked_path,
            scheme="https" if self.server.tls else "http",
            status=page.status if isinstance(page, Page) else None,
            fresh=(_one(page),),
            redirects=tuple(self.redirects),
            sent_on=tuple(self.sent_on),
            fingerprint_sha256=self.fingerprint,
        )
        if isinstance(page, Failure):
            again = self._by_small_packets(self.path) if _hangs(page) else None
            return self._trusted(replace(base, failure=page, by_small_packets=again))
        look = look_at(page.start, page.headers.get("www-authenticate", ""))
        seen = replace(
            base,
            title=look.title,
            kind=look.kind,
            asks_password=look.asks_password,
            body_bytes=page.body_bytes,
            failure=page.ended,
        )
        return self._trusted(self._repeated(seen, page))

    def _elapsed_s(self) -> float:
        return time.monotonic() - self.started_s

    def _open(self) -> PageSession | Failure:
        return PageSession.open(self.server, timeout_s=_PATIENCE_S, cut=self.cut)

    def _get(self, session: PageSession) -> Page | Failure:
        return self._counted(session.get(self.path, timeout_s=_PATIENCE_S, cookies=self.cookies))

    def _fresh(self) -> Page | Failure:
        """The page on a connection of its own."""
        session = self._open()
        if isinstance(session, Failure):
            return session
        with session:
            self.fingerprint = session.fingerprint_sha256() or self.fingerprint
            return self._get(session)

    def _sent_on_again(self) -> tuple[PageGet, ...]:
        """What sent on, once more each: one that is late once may have had work to do that is done once."""
        again: list[PageGet] = []
        for server, path in self.asked:
            if self._elapsed_s() > _SENT_ON_UNTIL_S:
                break
            again.append(self._once_more(server, path, _PATIENCE_S, None))
        return tuple(again)

    def _counted(self, page: Page | Failure) -> Page | Failure:
        if isinstance(page, Page):
            self.context.ledger.count(sent_bytes=page.request_bytes, received_bytes=page.head_bytes + page.body_bytes)
        return page

    def _sent_on(self, page: Page) -> bool:
        """Whether the page sends on to the same host; then the next one to ask for is that."""
        location = page.headers.get("location", "")
        if not (300 <= page.status < 400 and location):  # noqa: PLR2004 - RFC 9110 15.4
            return False
        scheme = "https" if self.server.tls else "http"
        names = (self.server.host, self.server.address)
        place = onward(location, scheme=scheme, names=names, port=self.server.port, path=self.path)
        followed = place.next_path is not None and len(self.redirects) < _REDIRECTS_MAX
        self.redirects.append(Redirect(page.status, place.scheme, place.host, place.port, place.path, followed))
        if not followed or place.next_path is None or place.port is None:
            return False
        self.sent_on.append(_one(page))
        self.asked.append((self.server, self.path))
        self.path = place.next_path
        self.server = replace(self.server, port=place.port, tls=place.scheme == "https")
        self._keep_cookies(page)
        return True

    def _keep_cookies(self, page: Page) -> None:
        """So that each request does not begin a session of its own on the server."""
        by_name = {cookie.partition("=")[0]: cookie for cookie in (*self.cookies, *page.cookies)}
        self.cookies = tuple(by_name.values())

    def _repeated(self, seen: Pages, page: Page) -> Pages:
        self._keep_cookies(page)
        fresh = [*seen.fresh]
        while len(fresh) < FRESH_GETS and self._elapsed_s() < _FRESH_UNTIL_S:
            self.context.progress(f"opening the page, {len(fresh) + 1} of {FRESH_GETS}", None, None)
            again = self._fresh()
            fresh.append(_one(again))
            if isinstance(again, Failure):
                break
        kept, kept_failure = self._kept()
        usual_ms = min((get.first_byte_ms for get in (*kept, *fresh) if get.first_byte_ms is not None), default=0.0)
        spaced = ask_spaced(self._open, self._get, _one, usual_ms, self.context) if self.doubtful else ()
        sent_on = (*seen.sent_on, *self._sent_on_again())
        named = own_assets(
            page.start,
            scheme="https" if self.server.tls else "http",
            names=(self.server.host, self.server.address),
            port=self.server.port,
            path=self.path,
        )
        bulk = load_assets(self.server, named, self.cookies, self.context, self.cut) if named else None
        stuck = _stuck_asset(bulk) if bulk is not None else None
        return replace(
            seen,
            by_small_packets=self._by_small_packets(stuck) if stuck is not None else None,
            fresh=tuple(fresh),
            kept=tuple(kept),
            spaced=spaced,
            sent_on=sent_on,
            kept_failure=kept_failure,
            assets_named=len(named),
            bulk=bulk,
        )

    def _by_small_packets(self, path: str) -> PageGet | None:
        """What did not come, once more: packets of full size may vanish on the way where small ones pass.

        None where it comes now in packets of full size too: then it was late, and nothing vanishes.
        """
        small = self._once_more(self.server, path, _SMALL_TIMEOUT_S, _SMALL_SEGMENT_BYTES)
        if small.total_ms is None:
            return small
        again = self._once_more(self.server, path, _AGAIN_TIMEOUT_S, None)
        return small if again.first_byte_ms is None else None

    def _once_more(self, server: Server, path: str, timeout_s: float, segment_bytes: int | None) -> PageGet:
        session = PageSession.open(server, timeout_s=timeout_s, cut=self.cut, segment_bytes=segment_bytes)
        if isinstance(session, Failure):
            return _one(session)
        with session:
            return _one(self._counted(session.get(path, timeout_s=timeout_s, cookies=self.cookies)))

    def _kept(self) -> tuple[list[PageGet], Failure | None]:
        """The page again and again on one connection; its first answer is left out, since it is as on a new one."""
        session = self._open()
        if isinstance(session, Failure):
            return [], session
        gets: list[PageGet] = []
        ends_s = self._elapsed_s() + _KEPT_FOR_S
        with session:
            first = self._get(session)
            if isinstance(first, Failure):
                return [], first
            if not session.is_open:
                return [], Failure(
                    FailureKind.UNSUPPORTED, "GET", self.server.text(), "the server ends each connection"
                )
            while len(gets) < KEPT_GETS and self._elapsed_s() < ends_s:
                page = self._get(session)
                if isinstance(page, Failure):
                    return gets, page
                gets.append(replace(_one(page), connect_ms=None, tls_ms=None))
                if not session.is_open:
                    break
        return gets, None

    def _trusted(self, seen: Pages) -> Pages:
        """Whether a browser would be content: told, and not what is asked here."""
        if not self.server.tls or self.fingerprint is None:
            return seen
        timeout_s = min(_TRUST_TIMEOUT_S, self.context.remaining_s())
        why = tls.trust(self.server.address, self.server.port, server_name=self.server.host, timeout_s=timeout_s)
        if why is None:
            return replace(seen, trusted=True)
        untrusted = why.kind.value.startswith("tls_")
        return replace(seen, trusted=False if untrusted else None, trust_failure=why)


def _stuck_asset(bulk: Bulk) -> str | None:
    """One of which nothing came at all, while no other came in packets of full size: a slow line brings something."""
    if bulk.body_bytes > _FULL_PACKET_BYTES * len(bulk.assets):
        return None
    return next((each.path for each in bulk.assets if each.status is None and _hangs(each.failure)), None)


def _hangs(failure: Failure | None) -> bool:
    """Whether it was waited for in vain, though the connection stood."""
    return failure is not None and failure.kind is FailureKind.TIMEOUT and failure.operation != "connect"


def _one(page: Page | Failure) -> PageGet:
    if isinstance(page, Failure):
        return PageGet(None, None, None, None, None, 0, page)
    return PageGet(
        page.status, page.connect_ms, page.tls_ms, page.first_byte_ms, page.total_ms, page.body_bytes, page.ended
    )


PROBE = Probe(
    name="pages",
    title="The EMR's pages",
    measure=measure,
    deadline_s=dict.fromkeys(Mode, 60.0),
    alone=True,
    after=("way",),
)
