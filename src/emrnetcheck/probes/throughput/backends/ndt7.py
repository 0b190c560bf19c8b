"""How is an ndt7 server (M-Lab's, or one's own) used? The figure is the server's own count: TCPInfo.BytesReceived."""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from emrnetcheck import __version__
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import http, ndt7, tcp
from emrnetcheck.net.failures import clean
from emrnetcheck.net.stream import Endpoint
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.throughput.address import parse_base
from emrnetcheck.probes.throughput.course import Hooks
from emrnetcheck.probes.throughput.plan import MBPS_BYTES_PER_S, Load, LoadPlan, Sample
from emrnetcheck.probes.throughput.target import Target

_WORD = "ndt7"
_PATH = "/ndt/v7/upload"
_CLIENT = f"client_name=emrnetcheck&client_version={__version__}"
_AGENT = f"emrnetcheck/{__version__}"
_LOCATE_HOST = "locate.measurementlab.net"
_LOCATE_TIMEOUT_S = 6.0
_MOST_SERVERS = 2
_M_LAB_DOMAINS = (".measurement-lab.org", ".measurementlab.net")
_QUERY = re.compile(r"[A-Za-z0-9._~=&%:+/\-]{0,4096}")
# measurementlab.net/aup and /privacy
PUBLISHED = "this office's Internet address, which M-Lab publishes for good with the test's result, and random data"
_CAP_SHARE = 0.98  # one message of 64 KiB may be ahead of the pace
_AT_THE_CAP = 0.9
_MORE_THAN_SENT = 1.05  # BytesReceived has the framing of TLS and WebSocket too
_HANDSHAKE_BYTES = 20_000
_CLOCKS_DIFFER_S = 1.0
_CONNECTS_MOST = 150
_CONNECT_TIMEOUT_S = 0.9


class Ndt7:
    """The word "ndt7" (M-Lab's nearest server), ndt7+ws://HOST[:PORT] and ndt7+wss://HOST[:PORT]"""

    name = _WORD

    def accepts(self, server: str) -> bool:
        return server == _WORD or server.startswith((f"{_WORD}+ws:", f"{_WORD}+wss:"))

    def find(self, server: str, context: Context) -> tuple[Target, ...] | Failure:
        if server == _WORD:
            return _nearest(context)
        target = _target(server.removeprefix(f"{_WORD}+"))
        if target is None or target.path not in ("", "/") or target.query:
            detail = clean(f"{server} is not {_WORD}+ws://HOST[:PORT] or {_WORD}+wss://HOST[:PORT]")
            return Failure(FailureKind.NOT_CONFIGURED, "upload", clean(server), detail)
        return (Target(target.host, target.port, target.tls, _PATH, "", None, target.scheme, target.told),)

    def measure(self, target: Target, endpoint: Endpoint, plan: LoadPlan, hooks: Hooks) -> Load | Failure:
        """One stream until hooks.decide is content, or the server ends it (after 10 s, by the specification). The data
        cap is kept by a pace, the cap over the time: a line faster than that shows as "at least"."""
        where = [(endpoint.address, endpoint.port)]
        hooks.progress("delay before the load", plan.idle_s, None)
        n_idle = max(1, round(plan.idle_s / plan.idle_delay_every_s))
        idle = tcp.connect_series(
            where,
            count=n_idle,
            interval_s=plan.idle_delay_every_s,
            timeout_s=_CONNECT_TIMEOUT_S,
            stopping=lambda: hooks.stopped() is not None,
        )
        cap_mbps = plan.cap_bytes * _CAP_SHARE / (plan.ramp_s + plan.count_s) / MBPS_BYTES_PER_S
        query = "&".join(part for part in (target.query, _CLIENT) if part)
        request = ndt7.Request(
            endpoint=endpoint,
            url=f"{target.url}?{query}",
            shown_url=target.url,
            agent=_AGENT,
            bytes_per_s=cap_mbps * MBPS_BYTES_PER_S,
            connect_timeout_s=plan.connect_timeout_s,
            stall_s=plan.stall_s,
        )
        course = _Course(plan, hooks, where)
        try:
            sent = ndt7.upload(request, course.take, hooks.stopped)
        finally:
            loaded_ms = course.close()
            hooks.traffic(course.sent_bytes, 0)
        if isinstance(sent, Failure):
            return sent
        if course.wrong:
            return Failure(FailureKind.MALFORMED, "upload", target.url, course.wrong)
        if sum(sample.counted for sample in course.samples) < 2:  # noqa: PLR2004 - a rate needs two moments
            return Failure(FailureKind.RESET, "upload", target.url, "it ended before it had reported enough")
        first, last = course.samples[0], course.samples[-1]
        mbps = ((last.acked_bytes or 0) - (first.acked_bytes or 0)) / (last.at_s - first.at_s) / MBPS_BYTES_PER_S
        at_the_cap = mbps >= _AT_THE_CAP * cap_mbps
        return Load(
            samples=tuple(course.samples),
            posts=(),
            sent_bytes=sent,
            idle_ms=_known(idle),
            loaded_ms=loaded_ms,
            cpu_share=course.cpu_share,
            wall_ahead_s=time.time() - time.monotonic() - course.first_late_s,
            streams=1,
            stopped_by_cap=at_the_cap,
            limited=f"upload.max_mb allows no more than {cap_mbps:.1f} Mbps" if at_the_cap else None,
        )


@dataclass(slots=True)
class _Course:
    """Reports become samples; the connect times are taken beside the counted part."""

    plan: LoadPlan
    hooks: Hooks
    where: list[tuple[str, int]]
    samples: list[Sample] = field(default_factory=list)
    sent_bytes: int = 0
    wrong: str = ""
    cpu_share: float = 0.0
    first_late_s: float = 0.0
    """How much later than the quickest report the first one was read: the library reads none while it sends."""
    _first: ndt7.ServerCount | None = None
    _cpu_before: tuple[float, float] | None = None
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _loaded_ms: tuple[float, ...] = ()

    def take(self, count: ndt7.ServerCount) -> bool:
        """One report; True when nothing more is needed."""
        self.sent_bytes = count.sent_bytes
        first = self._first = self._first or count
        since_s = count.elapsed_s - first.elapsed_s
        self.first_late_s = max(self.first_late_s, since_s - (count.at_s - first.at_s))
        if count.n_bytes > count.sent_bytes * _MORE_THAN_SENT + _HANDSHAKE_BYTES + self.plan.largest_body_bytes // 16:
            self.wrong = "the server says that it received more than was sent"
        elif abs(since_s - (count.at_s - first.at_s)) > _CLOCKS_DIFFER_S + since_s / 10:
            self.wrong = "its clock does not agree with this computer's"
        if self.wrong:
            return True
        at_s = first.at_s + since_s
        if self.samples and at_s <= self.samples[-1].at_s:
            return False
        counted = count.elapsed_s >= self.plan.ramp_s
        if counted and self._cpu_before is None:
            self._cpu_before = (time.process_time(), time.monotonic())
            self._thread = threading.Thread(target=self._connect_now_and_again, daemon=True)
            self._thread.start()
        self.samples.append(Sample(at_s, count.n_bytes, 0, counted=counted, paced=False))
        left_s = max(0.0, self.plan.ramp_s + self.plan.count_s - count.elapsed_s)
        self.hooks.progress("uploading" if counted else "getting up to speed", left_s, self._live_mbps())
        return counted and self.hooks.decide(self.samples)

    def close(self) -> tuple[float, ...]:
        """The connect times under load."""
        if self._cpu_before is not None:
            took_s = time.monotonic() - self._cpu_before[1]
            self.cpu_share = (time.process_time() - self._cpu_before[0]) / max(took_s, 1e-3)
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        return self._loaded_ms

    def _live_mbps(self) -> float | None:
        a, b = self.samples[max(0, len(self.samples) - 5)], self.samples[-1]
        if b.at_s <= a.at_s:
            return None
        return ((b.acked_bytes or 0) - (a.acked_bytes or 0)) / (b.at_s - a.at_s) / MBPS_BYTES_PER_S

    def _connect_now_and_again(self) -> None:
        series = tcp.connect_series(
            self.where,
            count=_CONNECTS_MOST,
            interval_s=self.plan.loaded_delay_every_s,
            timeout_s=_CONNECT_TIMEOUT_S,
            stopping=self._ended.is_set,
        )
        self._loaded_ms = _known(series)


def _known(series: tuple[tcp.KnockSeries, ...]) -> tuple[float, ...]:
    return tuple(rtt_ms for each in series for rtt_ms in each.rtts_ms if rtt_ms is not None)


def _target(url: str) -> Target | None:
    """The parts of a ws or wss address."""
    plain, _, query = url.partition("?")
    scheme = plain.partition(":")[0]
    base = parse_base(f"http{plain.removeprefix('ws')}") if scheme in ("ws", "wss") else None
    if base is None or not _QUERY.fullmatch(query):
        return None
    told = PUBLISHED if base.host.endswith(_M_LAB_DOMAINS) else ""
    return Target(base.host, base.port, base.tls, base.path, query, None, scheme, told)


def _nearest(context: Context) -> tuple[Target, ...] | Failure:
    """M-Lab's Locate service, version 2."""
    found = context.lookup.resolve(_LOCATE_HOST)
    if isinstance(found, Failure):
        return found
    context.ledger.told(_LOCATE_HOST, PUBLISHED)
    context.progress("looking for the nearest M-Lab server", None, None)
    path = f"/v2/nearest/ndt/ndt7?{_CLIENT}"
    timeout_s = min(_LOCATE_TIMEOUT_S, context.remaining_s() / 2)
    answer = http.get(found.addresses[0], 443, _LOCATE_HOST, path, tls=True, timeout_s=timeout_s)
    if isinstance(answer, Failure):
        busy = answer.kind is FailureKind.HTTP_STATUS and answer.detail.startswith("429")
        detail = "HTTP 429: too many tests from here, try again later" if busy else answer.detail
        return Failure(answer.kind, "locate", _LOCATE_HOST, detail)
    return located(answer.response.body)


def located(body: bytes) -> tuple[Target, ...] | Failure:
    """The servers of a Locate answer, nearest first; their access tokens stay in `query`, which no report shows."""
    try:
        said: Any = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    results = said.get("results") if isinstance(said, dict) else None
    targets = []
    for entry in results if isinstance(results, list) else []:
        urls = entry.get("urls") if isinstance(entry, dict) else None
        url = urls.get(f"wss://{_PATH}") if isinstance(urls, dict) else None
        target = _target(url) if isinstance(url, str) else None
        if target is not None and target.tls:
            targets.append(Target(target.host, target.port, True, target.path, target.query, None, "wss", PUBLISHED))
    if not targets:
        return Failure(FailureKind.MALFORMED, "locate", _LOCATE_HOST, "it names no server")
    return tuple(targets[:_MOST_SERVERS])
