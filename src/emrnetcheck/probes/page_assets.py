"""What belongs to a page (styles, programs, pictures), and how fast does it come when all is asked for at once?"""

from __future__ import annotations

import html
import queue
import re
import threading
import time
from dataclasses import dataclass, field

from emrnetcheck.evidence.bulk import Asset, Bulk
from emrnetcheck.evidence.series import Series
from emrnetcheck.model import Failure
from emrnetcheck.net import tcp
from emrnetcheck.net.failures import clean
from emrnetcheck.net.page_session import PageSession, Server
from emrnetcheck.net.stoppable import Cut
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.emr_page import onward
from emrnetcheck.probes.series import series_of
from emrnetcheck.probes.together import together

ASSETS_MAX = 20
TOTAL_MAX_BYTES = 5_000_000
CONNECTIONS = 4  # browsers make up to six to one host; more than a few, and a small server is what is measured
FOR_S = 10.0
_LOADED_EVERY_S = 0.1
_LOADED_TIMEOUT_S = 3.0
_TAG = re.compile(rb"<(?:link|script|img)\b([^<>]{0,4000})>", re.IGNORECASE)
_WHERE = re.compile(rb"""(?:^|\s)(?:href|src)\s*=\s*(?:"([^"]{1,2000})"|'([^']{1,2000})'|([^\s"'>]{1,2000}))""", re.I)
_LINK_KINDS = re.compile(rb"rel\s*=\s*[\"']?[^\"'>]{0,200}(?:stylesheet|icon|preload)", re.IGNORECASE)


def own_assets(start: bytes, *, scheme: str, names: tuple[str, ...], port: int, path: str) -> tuple[str, ...]:
    """The paths of what the page loads from its own server, in the order of the page, each once; the first few."""
    found: dict[str, None] = {}
    for tag in _TAG.finditer(start):
        attributes = tag.group(1)
        if tag.group(0)[1:5].lower() == b"link" and not _LINK_KINDS.search(attributes):
            continue
        where = _WHERE.search(attributes)
        if where is None:
            continue
        value = next(part for part in where.groups() if part is not None)
        location = html.unescape(value.decode("utf-8", errors="replace"))
        place = onward(location, scheme=scheme, names=names, port=port, path=path)
        if place.next_path is not None and (place.scheme, place.port) == (scheme, port):
            found[place.next_path] = None
        if len(found) >= ASSETS_MAX:
            break
    return tuple(found)


@dataclass(slots=True)
class _Load:
    """What the connections of one load have in common."""

    server: Server
    cookies: tuple[str, ...]
    cut: Cut
    context: Context
    todo: queue.SimpleQueue[str]
    ends_s: float
    for_s: float
    done: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    assets: dict[str, Asset] = field(default_factory=dict)
    bytes: int = 0
    cut_short: bool = False
    last_s: float = 0.0

    def work(self) -> None:
        """One connection: asset after asset; a new connection where the server does not keep it."""
        session: PageSession | None = None
        try:
            while (path := self._next()) is not None:
                if session is None or not session.is_open:
                    if session is not None:
                        session.close()
                    opened = PageSession.open(self.server, timeout_s=self._left_s(), cut=self.cut)
                    if isinstance(opened, Failure):
                        self._put(Asset(clean(path), None, 0, None, opened))
                        return
                    session = opened
                self._fetch(session, path)
        finally:
            if session is not None:
                session.close()

    def _left_s(self) -> float:
        return max(0.1, self.ends_s - time.monotonic())

    def _next(self) -> str | None:
        if time.monotonic() >= self.ends_s or self.bytes >= TOTAL_MAX_BYTES or self.context.stopping():
            self.cut_short = self.cut_short or not self.todo.empty()
            return None
        try:
            return self.todo.get_nowait()
        except queue.Empty:
            return None

    def _fetch(self, session: PageSession, path: str) -> None:
        room = max(1, TOTAL_MAX_BYTES - self.bytes)
        page = session.get(path, timeout_s=self._left_s(), cookies=self.cookies, body_max_bytes=room)
        if isinstance(page, Failure):
            self._put(Asset(clean(path), None, 0, None, page))
        else:
            self.context.ledger.count(sent_bytes=page.request_bytes, received_bytes=page.head_bytes + page.body_bytes)
            self._put(Asset(clean(path), page.status, page.body_bytes, page.total_ms, page.ended))

    def _put(self, asset: Asset) -> None:
        with self.lock:
            self.assets[asset.path] = asset
            self.bytes += asset.body_bytes
            self.cut_short = self.cut_short or asset.failure is not None
            self.last_s = time.monotonic()

    def beside(self) -> Series | None:
        """The round trip to the server while the assets come."""
        knocks = tcp.connect_series(
            [(self.server.address, self.server.port)],
            count=int(self.for_s / _LOADED_EVERY_S),
            interval_s=_LOADED_EVERY_S,
            timeout_s=_LOADED_TIMEOUT_S,
            stopping=self.done.is_set,
        )[0]
        return series_of(self.server.address, knocks.rtts_ms, f"tcp:{knocks.port}", knocks.failure, "connect")


def load_assets(
    server: Server,
    paths: tuple[str, ...],
    cookies: tuple[str, ...],
    context: Context,
    cut: Cut,
    *,
    for_s: float = FOR_S,
) -> Bulk:
    """All of them, on a few connections side by side; at most 5 MB, and at most `for_s` seconds. No redirect is gone
    after."""
    for_s = min(for_s, context.remaining_s())
    context.progress("loading what belongs to the page", for_s, None)
    todo: queue.SimpleQueue[str] = queue.SimpleQueue()
    for path in paths:
        todo.put(path)
    started_s = time.monotonic()
    load = _Load(server, cookies, cut, context, todo, started_s + for_s, for_s)
    series: list[Series | None] = []
    watcher = threading.Thread(target=lambda: series.append(load.beside()), daemon=True)
    watcher.start()
    connections = min(CONNECTIONS, len(paths))
    together([load.work] * connections, context, limit_s=for_s + 1.0)
    load.done.set()
    watcher.join(timeout=_LOADED_TIMEOUT_S + 1.0)
    context.ledger.probed(each for each in series if each is not None)
    with load.lock:
        assets = tuple(load.assets[path] for path in map(clean, paths) if path in load.assets)
        return Bulk(
            assets=assets,
            connections=connections,
            seconds=max(0.0, load.last_s - started_s) if assets else 0.0,
            body_bytes=load.bytes,
            cut_short=load.cut_short or len(assets) < len(paths),
            loaded=series[0] if series else None,
        )
