"""Does what is large come, and how fast: what belongs to the EMR's page, and packets of full size? At a modest pace."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from emrnetcheck.evidence.path import Mtu, black_hole, largest_passed_bytes
from emrnetcheck.evidence.watch import Sample
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.net.lookup import Lookup
from emrnetcheck.net.page import Page
from emrnetcheck.net.page_session import PageSession, Server
from emrnetcheck.placing import Leg
from emrnetcheck.probes.context import Context, Ledger
from emrnetcheck.probes.path_mtu import confirmed, mtu_to

MOST_BYTES = 600_000
_FOR_S = 10.0
_STALLED_S = 8.0
_CONNECT_LIMIT_S = 4.0
_AGAIN_LIMIT_S = 4.0
_SIZES_LIMIT_S = 20.0
_FULL_PACKET_BYTES = 1200
_MANY_PACKETS_BYTES = 20_000  # so much comes in packets of full size, or not at all
_SMALL_SEGMENT_BYTES = 1000  # below what any line takes, tunnels and all (RFC 8200 demands packets of 1280)


@dataclass(slots=True)
class LargeAsker:
    """One look at a time, in a thread of its own. began_s, ended_s: when the last load of the way began and ended."""

    site: Site
    ledger: Ledger
    began_s: float = float("inf")
    ended_s: float = float("inf")
    _stopping: threading.Event = field(default_factory=threading.Event)

    def was_loading(self, from_s: float, to_s: float) -> bool:
        """Whether the way was loaded by this at some moment of that time."""
        return from_s <= self.ended_s and to_s >= self.began_s

    def look(
        self, server: Server | None, paths: Sequence[str], cookies: tuple[str, ...], *, inside: bool
    ) -> tuple[Sample, ...]:
        """What came of it: of the page's parts, and of packets of full size. paths: what belongs to the page.

        inside: the EMR is in this office, so the packets go to somebody outside; so they do where there is no EMR.
        """
        found: tuple[Sample, ...] = ()
        if server is not None and paths:
            found = self._parts(server, paths, cookies)
            told = any(each.leg == Leg.PATH for each in found)
            if told or (not inside and any((each.body_bytes or 0) >= _MANY_PACKETS_BYTES for each in found)):
                return found if told else (*found, Sample(Leg.PATH, found[0].at_s, 0.0))
        return (*found, *self._sizes(None if inside else server))

    def close(self) -> None:
        """Whoever is on the way need not go on."""
        self._stopping.set()

    # What belongs to the page

    def _parts(self, server: Server, paths: Sequence[str], cookies: tuple[str, ...]) -> tuple[Sample, ...]:
        self.ended_s, self.began_s = float("inf"), time.monotonic()
        try:
            return self._fetched(server, paths, cookies)
        finally:
            self.ended_s = time.monotonic()

    def _fetched(self, server: Server, paths: Sequence[str], cookies: tuple[str, ...]) -> tuple[Sample, ...]:
        at_s, body_bytes, cut = time.monotonic(), 0, False
        with _Kept(server) as kept:
            for path in paths:
                left_s = at_s + _FOR_S - time.monotonic()
                cut = cut or left_s <= 0
                if body_bytes >= MOST_BYTES or left_s <= 0 or self._stopping.is_set():
                    break
                page = kept.get(path, min(left_s, _STALLED_S), cookies, MOST_BYTES - body_bytes)
                if page is None:
                    return ()  # no connection: the round trips tell that
                came, why = (page.body_bytes, page.ended) if isinstance(page, Page) else (0, page)
                body_bytes += came
                cut = cut or (why is not None and why.kind is FailureKind.TIMEOUT)
                self.ledger.count(received_bytes=came)
                if body_bytes < _FULL_PACKET_BYTES and why is not None and why.kind is FailureKind.TIMEOUT:
                    return self._stuck(server, path, cookies, at_s)
        seconds = time.monotonic() - at_s
        return (Sample(Leg.SERVER_BULK, at_s, seconds * 1000.0, body_bytes=body_bytes, cut=cut),) if body_bytes else ()

    def _stuck(self, server: Server, path: str, cookies: tuple[str, ...], at_s: float) -> tuple[Sample, ...]:
        """Nothing came at all. Packets of full size may vanish on the way where small ones pass: then it comes in small
        ones, and once more not in those of full size."""
        waited_ms = (time.monotonic() - at_s) * 1000.0
        first = Sample(Leg.SERVER_BULK, at_s, waited_ms, body_bytes=0, cut=True)
        if not self._comes(server, path, cookies, _SMALL_SEGMENT_BYTES):
            return (first,)
        again_s = time.monotonic()
        if self._comes(server, path, cookies, None):
            return (first,)
        again = Sample(Leg.SERVER_BULK, again_s, (time.monotonic() - again_s) * 1000.0, body_bytes=0, cut=True)
        return (first, again, Sample(Leg.PATH, again_s, 0.0, fault="size"))

    def _comes(self, server: Server, path: str, cookies: tuple[str, ...], segment_bytes: int | None) -> bool:
        session = PageSession.open(server, timeout_s=_CONNECT_LIMIT_S, segment_bytes=segment_bytes)
        if isinstance(session, Failure):
            return False
        with session:
            page = session.get(path, timeout_s=_AGAIN_LIMIT_S, cookies=cookies, body_max_bytes=MOST_BYTES)
        if not isinstance(page, Page):
            return False
        self.ledger.count(sent_bytes=page.request_bytes, received_bytes=page.head_bytes + page.body_bytes)
        return page.body_bytes > 0

    # Packets of full size

    def _sizes(self, server: Server | None) -> tuple[Sample, ...]:
        """Towards the EMR, else to who is asked outside; nothing where nobody there answers a ping."""
        context = Context(
            Mode.STANDARD,
            time.monotonic() + _SIZES_LIMIT_S,
            self._stopping,
            Lookup(self.site.resolvers),
            self.ledger,
            lambda *_: None,
        )
        at_s = time.monotonic()
        witnesses = [each for each in self.site.resolvers if ":" not in each]
        if server is not None:
            mtus = [] if ":" in server.address else [mtu_to(server.address, context, ports=(server.port,))]
        else:
            mtus = [mtu_to(each, context) for each in witnesses[:1]]
        seen = [each for each in mtus if isinstance(each, Mtu) and largest_passed_bytes(each) is not None]
        if server is None:
            seen += confirmed(seen, witnesses[1:], context)
        if not seen or self._stopping.is_set():
            return ()
        return (Sample(Leg.PATH, at_s, 0.0, fault="size" if all(map(_is_hole, seen)) else ""),)


class _Kept:
    """One connection, for as long as the server keeps it; then another."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._session: PageSession | None = None

    def __enter__(self) -> _Kept:
        return self

    def __exit__(self, *_: object) -> None:
        if self._session is not None:
            self._session.close()

    def get(self, path: str, timeout_s: float, cookies: tuple[str, ...], body_max_bytes: int) -> Page | Failure | None:
        """None: nobody takes a connection. A server may end one that it seemed to keep: then it is asked by another."""
        used = self._session is not None and self._session.is_open
        page = self._get(path, timeout_s, cookies, body_max_bytes)
        if used and isinstance(page, Failure) and page.kind is FailureKind.RESET:
            page = self._get(path, timeout_s, cookies, body_max_bytes)
        return page

    def _get(self, path: str, timeout_s: float, cookies: tuple[str, ...], body_max_bytes: int) -> Page | Failure | None:
        if self._session is None or not self._session.is_open:
            self.__exit__()
            opened = PageSession.open(self._server, timeout_s=_CONNECT_LIMIT_S)
            if isinstance(opened, Failure):
                return None
            self._session = opened
        return self._session.get(path, timeout_s=timeout_s, cookies=cookies, body_max_bytes=body_max_bytes)


def _is_hole(mtu: Mtu) -> bool:
    """Whether packets as large as TCP's to that host vanish."""
    hole = black_hole(mtu)
    return hole is not None and (mtu.tcp_packet_bytes is None or mtu.tcp_packet_bytes >= hole.least_lost_bytes)
