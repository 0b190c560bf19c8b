"""How is an ndt7 server (M-Lab's, or one's own) used? The figure is the server's own count: TCPInfo.BytesReceived."""

from __future__ import annotations

import json
import re
import time
from typing import Any

from emrnetcheck import __version__
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import http, ndt7
from emrnetcheck.net.failures import clean
from emrnetcheck.net.ndt7_connection import Request
from emrnetcheck.net.stoppable import Cut, until_stopped
from emrnetcheck.net.stream import Endpoint
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.throughput.address import parse_base
from emrnetcheck.probes.throughput.beside import others_between
from emrnetcheck.probes.throughput.course import Hooks
from emrnetcheck.probes.throughput.delays import Delayed
from emrnetcheck.probes.throughput.meter import Meter
from emrnetcheck.probes.throughput.ndt7_course import Ndt7Course
from emrnetcheck.probes.throughput.plan import MBPS_BYTES_PER_S, Load, LoadPlan
from emrnetcheck.probes.throughput.target import Target

_WORD = "ndt7"
_PATH = "/ndt/v7/upload"
_CLIENT = f"client_name=emrnetcheck&client_version={__version__}"
_AGENT = f"emrnetcheck/{__version__}"
_LOCATE_HOST = "locate.measurementlab.net"
_LOCATE_PORT = 443
_LOCATE_TIMEOUT_S = 6.0
_MOST_SERVERS = 2
_M_LAB_DOMAINS = (".measurement-lab.org", ".measurementlab.net")
_QUERY = re.compile(r"[A-Za-z0-9._~=&%:+/\-]{0,4096}")
# measurementlab.net/aup and /privacy
PUBLISHED = "this office's Internet address, which M-Lab publishes for good with the test's result, and random data"
_CAP_SHARE = 0.98  # one message of 64 KiB may be ahead of the pace
_SERVER_ENDS_S = 10.0


class Ndt7:
    """The word "ndt7" (M-Lab's nearest server), ndt7+ws://HOST[:PORT] and ndt7+wss://HOST[:PORT]"""

    name = _WORD
    looks_meanwhile = True

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
        hooks.progress("delay before the load", plan.idle_s, None)
        idle = Delayed(endpoint, plan.idle_delay_every_s)
        meter = Meter(endpoint.address)
        idle_from = meter.mark(0, 0, 0)
        ends_s = time.monotonic() + plan.idle_s
        idle.watch(lambda: time.monotonic() >= ends_s or hooks.stopped() is not None)
        idle_others = others_between(idle_from, meter.mark(0, 0, idle.started))
        longest_s = min(plan.ramp_s + plan.count_s, _SERVER_ENDS_S)
        cap_mbps = plan.cap_bytes * _CAP_SHARE / longest_s / MBPS_BYTES_PER_S
        query = "&".join(part for part in (target.query, _CLIENT) if part)
        request = Request(
            endpoint=endpoint,
            url=f"{target.url}?{query}",
            shown_url=target.url,
            agent=_AGENT,
            bytes_per_s=cap_mbps * MBPS_BYTES_PER_S,
            most_bytes=plan.cap_bytes,
            connect_timeout_s=plan.connect_timeout_s,
            stall_s=plan.stall_s,
        )
        course = Ndt7Course(plan, hooks, endpoint, meter, idle.samples_ms, idle_others)
        try:
            ended = ndt7.upload(request, course.take, hooks.stopped)
        finally:
            course.close()
        hooks.traffic(ended.sent_bytes, 0)
        if ended.failure is not None:
            return ended.failure
        if course.wrong:
            return Failure(FailureKind.MALFORMED, "upload", target.url, course.wrong)
        counted = [sample.acked_bytes for sample in course.samples if sample.counted]
        if len(counted) < 2:  # noqa: PLR2004 - a rate needs two moments
            return Failure(FailureKind.RESET, "upload", target.url, "it ended before it had reported enough")
        if counted[0] == counted[-1]:
            return Failure(FailureKind.STALLED, "upload", target.url, "its count did not rise")
        return course.load(ended, cap_mbps)


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

    def stopped() -> Failure | None:
        return context.stopped("locate")

    found = until_stopped(lambda: context.lookup.resolve(_LOCATE_HOST), stopped)
    if isinstance(found, Failure):
        return found
    context.ledger.told(_LOCATE_HOST, PUBLISHED)
    context.progress("looking for the nearest M-Lab server", None, None)
    address, path = found.addresses[0], f"/v2/nearest/ndt/ndt7?{_CLIENT}"
    timeout_s = min(_LOCATE_TIMEOUT_S, context.remaining_s() / 2)
    with Cut() as cut:
        answer = until_stopped(
            lambda: http.get(address, _LOCATE_PORT, _LOCATE_HOST, path, tls=True, timeout_s=timeout_s, cut=cut),
            stopped,
            cut,
        )
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
