"""One look at the EMR's page, and what belongs to it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from emrnetcheck.evidence.emr import server_part_ms
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.page import Page, get_untrusted
from emrnetcheck.probes.context import Ledger
from emrnetcheck.probes.emr_page import place_of
from emrnetcheck.probes.page_assets import own_assets
from emrnetcheck.probes.watching.target import Target

PAGE_LIMIT_S = 5.0
_REDIRECTS_MAX = 5
_COOKIES_MAX, _COOKIE_MAX_CHARS = 20, 1000
_PAGE_MAX_BYTES = 200_000
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class PageLook:
    """wait_ms: from the request to the first byte, less the round trip, and what TLS took beyond its two; of a page
    that others send on to, the longest of these. None without one; status: None likewise. rest_ms: from the first byte
    until the page was whole. cut: until it was no longer waited for. goes_round: the server still sends on to itself,
    after more times than a browser needs.
    """

    at_s: float
    wait_ms: float | None
    status: int | None
    failure: Failure | None
    rest_ms: float | None = None
    cut: bool = False
    goes_round: bool = False

    @property
    def is_error(self) -> bool:
        """The server says that it is broken."""
        return self.status is not None and self.status >= _SERVER_ERROR


@dataclass(slots=True)
class PageAsker:
    """The EMR's page, by a new connection each time. Cookies are sent back: else each look would begin a session."""

    target: Target
    ledger: Ledger
    _path: str = ""
    _waited_ms: float = 0.0
    _start: bytes = b""
    _goes_round: bool = False
    _kept: tuple[str, ...] = ()
    _cookies: dict[str, str] = field(default_factory=dict)

    def look(self, address: str) -> PageLook:
        """One look, as a browser would: by the redirects inside the server to the page that people see."""
        at_s, self._waited_ms, self._goes_round = time.monotonic(), 0.0, False
        page = self._get(address, self.target.path)
        if isinstance(page, Page):
            page = self._follow(address, page)
        if isinstance(page, Failure):
            return PageLook(at_s, None, None, page)
        self._start = page.start
        cut = page.ended is not None and page.ended.kind is FailureKind.TIMEOUT
        rest_ms = page.total_ms - page.first_byte_ms if page.total_ms is not None else None
        if cut:
            rest_ms = PAGE_LIMIT_S * 1000.0 - page.connect_ms - (page.tls_ms or 0.0) - page.first_byte_ms
        return PageLook(at_s, self._waited_ms, page.status, None, rest_ms, cut, self._goes_round)

    def _follow(self, address: str, page: Page) -> Page | Failure:
        path, names = self.target.path, (self.target.host or address, address)
        scheme = "https" if self.target.tls else "http"
        for followed in range(_REDIRECTS_MAX + 1):
            location = page.headers.get("location", "")
            if not (300 <= page.status < 400 and location):  # noqa: PLR2004 - RFC 9110 15.4
                break
            place = place_of(location, scheme=scheme, names=names, port=self.target.port, path=path)
            if place.next_path is None:
                break
            if followed == _REDIRECTS_MAX:
                self._goes_round = True
                break
            path = place.next_path
            found = self._get(address, path)
            if isinstance(found, Failure):
                return found
            page = found
        self._path = path
        return page

    def _get(self, address: str, path: str) -> Page | Failure:
        page = get_untrusted(
            address,
            self.target.port,
            self.target.host or address,
            path,
            tls=self.target.tls,
            timeout_s=PAGE_LIMIT_S,
            cookies=self._kept,
            body_max_bytes=_PAGE_MAX_BYTES,
        )
        if isinstance(page, Page):
            self._waited_ms = max(
                self._waited_ms, server_part_ms(page.first_byte_ms, page.tls_ms, page.connect_ms, page.connect_ms)
            )
            self._keep(page.cookies)
            self.ledger.count(sent_bytes=page.request_bytes, received_bytes=page.head_bytes + page.body_bytes)
        return page

    def _keep(self, cookies: Sequence[str]) -> None:
        for cookie in cookies:
            name = cookie.partition("=")[0]
            if len(cookie) <= _COOKIE_MAX_CHARS and (len(self._cookies) < _COOKIES_MAX or name in self._cookies):
                self._cookies[name] = cookie
        self._kept = tuple(self._cookies.values())

    def belongings(self, address: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What belongs to the page (paths), as it was at the last look, and the cookies. For any thread."""
        paths = own_assets(
            self._start,
            scheme="https" if self.target.tls else "http",
            names=(self.target.host or address, address),
            port=self.target.port,
            path=self._path or self.target.path,
        )
        return paths, self._kept

    @property
    def has_seen(self) -> bool:
        """Whether a page ever came, so that it is known what belongs to it."""
        return bool(self._start)
