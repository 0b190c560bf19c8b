"""Does the EMR's log-in page come, how fast, and is it the EMR's? Only looked at: never a log-in, never a POST."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.emr import Emr, PageGet, Redirect
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.net import routes
from emrnetcheck.net.failures import clean
from emrnetcheck.net.page import Page, get_untrusted
from emrnetcheck.net.page_session import Server
from emrnetcheck.net.stoppable import Cut, until_stopped
from emrnetcheck.probes.context import Context, Probe
from emrnetcheck.probes.emr_page import Look, look_at, place_of
from emrnetcheck.probes.page_assets import load_assets, own_assets
from emrnetcheck.profiles import PROFILES

WARM_GETS = 3
_REDIRECTS_MAX = 5
# A page that Tomcat has to compile first takes seconds once: over five on a busy machine, seen in the lab.
# The first byte has ten of them whatever the mode; a handshake and redirects before it have the others.
_PATIENCE_S = 12.0
_AGAIN_UNTIL_S = 4.0
_END_S = 1.0  # kept for the end, of what is left until the deadline
_PLAIN_WAIT_S = 2.0
# Quick servers need a tenth of it; longer than anybody waits for a page (checks), so that slow ones are known.
_PARTS_FOR_S = 5.0
_PARTS_UNTIL_S = 8.0  # later there is no time left for them, and the page is slow by itself
_LISTEN_S = 1.0
# What TLS ends with at a server that speaks plain HTTP; some of those just wait for more.
_MAY_BE_PLAIN = (FailureKind.TLS_PROTOCOL, FailureKind.RESET, FailureKind.TIMEOUT)
_BAD_REQUEST = 400


def measure(site: Site, seen: Seen, context: Context) -> Emr | Failure:
    """NOT_CONFIGURED where the settings say nothing about the EMR: which page of which computer is not known then."""
    if not site.emr_declared:
        return Failure(FailureKind.NOT_CONFIGURED, "the EMR's page", detail="[emr] lan_address")
    address = _where(site, seen)
    if address is None:
        return Failure(FailureKind.NO_ROUTE, "GET", "the EMR's page")
    context.progress(f"opening {site.path}", None, None)
    with Cut() as cut:
        visit = _Visit(site, address, min(_PATIENCE_S, context.remaining_s()), cut, context)
        return until_stopped(visit.whole, lambda: context.stopped("GET"), cut)


def _where(site: Site, seen: Seen) -> str | None:
    """Its address in the office; on the server itself, where that is shut, the one that its port is open at."""
    usual = site.lan_address or _own_address(seen)
    if seen.port is None or not seen.port.is_emr_host:
        return usual
    tried = (seen.port.lan, seen.port.loopback, seen.port.bound)
    return next((attempt.address for attempt in tried if attempt is not None and attempt.open), usual)


def _own_address(seen: Seen) -> str | None:
    if seen.link is not None and seen.link.address is not None:
        return seen.link.address
    source = routes.source_address()
    return source if isinstance(source, str) else None


@dataclass(slots=True)
class _Visit:
    """One look at the EMR: the way to the page, the page again until it is known how fast it is, what belongs to it."""

    site: Site
    address: str
    patience_s: float
    cut: Cut
    context: Context
    started_s: float = field(default_factory=time.monotonic)
    tls: bool = True
    tls_failure: Failure | None = None
    path: str = ""
    cookies: tuple[str, ...] = ()
    redirects: list[Redirect] = field(default_factory=list)
    sent_on: list[PageGet] = field(default_factory=list)
    sent_on_paths: list[str] = field(default_factory=list)

    def whole(self) -> Emr:
        self.path = self.site.path
        page = self._first()
        while isinstance(page, Page) and (next_path := self._sent_on(page)) is not None:
            self.sent_on.append(_one(page))
            self.sent_on_paths.append(self.path)
            self.path, self.cookies = next_path, _merged(self.cookies, page.cookies)
            page = self._get(self._left_s())
        seen = self._evidence(page)
        if isinstance(page, Page) and 200 <= page.status < 300 and page.ended is None:  # noqa: PLR2004 - RFC 9110 15.3
            again = replace(seen, gets=(*seen.gets, *self._again()), sent_on=(*seen.sent_on, *self._sent_on_again()))
            return self._with_parts(again, page)
        return seen

    def _with_parts(self, seen: Emr, page: Page) -> Emr:
        """What the page loads from its own server; of a page that is not the EMR's nothing more is asked for."""
        profile = PROFILES.get(self.site.profile)
        if profile is not None and profile.kind not in (None, seen.kind):
            return seen
        names = (self._host(), self.address)
        paths = own_assets(page.start, scheme=self._scheme(), names=names, port=self.site.port, path=self.path)
        seen = replace(seen, assets_named=len(paths))
        if not paths or self._elapsed_s() > _PARTS_UNTIL_S or self.context.stopping():
            return seen
        server = Server(self.address, self.site.port, self._host(), tls=self.tls)
        cookies = _merged(self.cookies, page.cookies)
        bulk = load_assets(server, paths, cookies, self.context, self.cut, for_s=_PARTS_FOR_S)
        return replace(seen, bulk=bulk)

    def _elapsed_s(self) -> float:
        return time.monotonic() - self.started_s

    def _left_s(self) -> float:
        return max(0.1, self.patience_s - self._elapsed_s())

    def _host(self) -> str:
        return self.site.hostname or self.address

    def _get(self, timeout_s: float) -> Page | Failure:
        page = self._ask(timeout_s)
        if not (self.tls and isinstance(page, Failure) and (page.kind, page.operation) == (FailureKind.RESET, "GET")):
            return page
        # The reason may have been lost with the connection: this time it is listened for.
        again = self._ask(self._left_s(), listen_s=_LISTEN_S)
        return again if isinstance(again, Failure) and again.kind is FailureKind.TLS_CERTIFICATE_WANTED else page

    def _ask(self, timeout_s: float, *, listen_s: float = 0.0, path: str | None = None) -> Page | Failure:
        return get_untrusted(
            self.address,
            self.site.port,
            self._host(),
            path or self.path,
            tls=self.tls,
            timeout_s=timeout_s,
            cookies=self.cookies,
            listen_s=listen_s,
            cut=self.cut,
        )

    def _first(self) -> Page | Failure:
        """By TLS; where that is not spoken, in plain, if that is answered."""
        page = self._get(self._left_s())
        if isinstance(page, Page) or page.operation != "TLS handshake" or page.kind not in _MAY_BE_PLAIN:
            return page
        self.tls = False
        plain = self._get(min(_PLAIN_WAIT_S, self._left_s()))
        # A TLS server that is spoken to in plain says so with this status: then TLS failed for another reason.
        if isinstance(plain, Page) and plain.status != _BAD_REQUEST:
            self.tls_failure = page
            return plain
        self.tls = True
        return page

    def _sent_on(self, page: Page) -> str | None:
        """The path to go on with; None where this page is the last."""
        location = page.headers.get("location", "")
        if not (300 <= page.status < 400 and location):  # noqa: PLR2004 - RFC 9110 15.4
            return None
        names = (self._host(), self.address)
        place = place_of(location, scheme=self._scheme(), names=names, port=self.site.port, path=self.path)
        followed = place.next_path is not None and len(self.redirects) < _REDIRECTS_MAX
        self.redirects.append(Redirect(page.status, place.scheme, place.host, place.port, place.path, followed))
        return place.next_path if followed else None

    def _scheme(self) -> str:
        return "https" if self.tls else "http"

    def _again(self) -> list[PageGet]:
        """The same page a few times more, as long as that is quick."""
        gets: list[PageGet] = []
        for _ in range(WARM_GETS):
            begun_s = self._elapsed_s()
            page = self._get(self._left_s())
            gets.append(_one(page))
            took_s = self._elapsed_s() - begun_s
            if isinstance(page, Failure) or self._elapsed_s() + took_s > _AGAIN_UNTIL_S:
                break
        return gets

    def _sent_on_again(self) -> list[PageGet]:
        """What sent on, once more each: one that is late once may have had work to do that is done once."""
        again: list[PageGet] = []
        for path in self.sent_on_paths:
            left_s = min(_PATIENCE_S, self.context.remaining_s() - _END_S)
            if left_s <= 0.0:
                break
            again.append(_one(self._ask(left_s, path=path)))
        return again

    def _evidence(self, page: Page | Failure) -> Emr:
        base = Emr(
            address=self.address,
            port=self.site.port,
            host=self._host(),
            path=self.site.path,
            scheme=self._scheme(),
            status=None,
            gets=(_one(page),),
            redirects=tuple(self.redirects),
            sent_on=tuple(self.sent_on),
            tls_failure=self.tls_failure,
            waited_s=round(self._elapsed_s(), 3),
        )
        if isinstance(page, Failure):
            return replace(base, failure=_with_patience(page, base.waited_s))
        look: Look = look_at(page.start, page.headers.get("www-authenticate", ""))
        return replace(
            base,
            status=page.status,
            content_type=clean(page.headers.get("content-type", "")),
            server=clean(page.headers.get("server", "")),
            title=look.title,
            kind=look.kind,
            asks_password=look.asks_password,
            asks_by_http=bool(page.headers.get("www-authenticate")),
            body_bytes=page.body_bytes,
            whole=page.ended is None,
            failure=page.ended,
        )


def _with_patience(failure: Failure, waited_s: float) -> Failure:
    """For how long it was waited belongs to an answer that does not come."""
    if failure.kind is not FailureKind.TIMEOUT:
        return failure
    return replace(failure, detail=f"waited for {waited_s:.0f} s")


def _one(page: Page | Failure) -> PageGet:
    if isinstance(page, Failure):
        return PageGet(None, None, None, None, None, 0, page)
    return PageGet(
        page.status, page.connect_ms, page.tls_ms, page.first_byte_ms, page.total_ms, page.body_bytes, page.ended
    )


def _merged(kept: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    """Cookies by name, the new one of a name instead of the old."""
    by_name = {cookie.partition("=")[0]: cookie for cookie in (*kept, *new)}
    return tuple(by_name.values())


PROBE = Probe(
    name="emr",
    title="The EMR's log-in page",
    measure=measure,
    deadline_s=dict.fromkeys(Mode, 19.0),
    after=("link", "port"),
)
