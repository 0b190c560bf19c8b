"""How do an ndt7 server's reports become samples of a load, and what is measured beside them?"""

from __future__ import annotations

import statistics
import threading
import time
from dataclasses import dataclass, field

from emrnetcheck.net import ndt7
from emrnetcheck.net.stream import Endpoint
from emrnetcheck.probes.throughput import beside
from emrnetcheck.probes.throughput.course import Hooks
from emrnetcheck.probes.throughput.delays import Delayed
from emrnetcheck.probes.throughput.meter import Meter
from emrnetcheck.probes.throughput.plan import MBPS_BYTES_PER_S, Load, LoadPlan, Others, Sample

_AT_THE_CAP = 0.9
_MORE_THAN_SENT = 1.05  # BytesReceived has the framing of TLS and WebSocket too
_HANDSHAKE_BYTES = 20_000
_MESSAGE_BYTES = 1 << 16  # the one that is being sent
_CLOCKS_DIFFER_S = 1.0
_LIVE_REPORTS = 5


@dataclass(slots=True)
class Ndt7Course:
    """Takes one report after the other. wrong: what cannot be so in them, if anything."""

    plan: LoadPlan
    hooks: Hooks
    endpoint: Endpoint
    meter: Meter
    idle_ms: tuple[float, ...]
    idle_others: Others | None
    samples: list[Sample] = field(default_factory=list)
    wrong: str = ""
    _first: ndt7.ServerCount | None = None
    _first_late_s: float = 0.0
    """How much later than the quickest report the first one was read: the library reads none while it sends."""
    _began: tuple[float, float] = (0.0, 0.0)
    """time.process_time() and time.monotonic() when counting began."""
    _took: tuple[float, float] = (0.0, 0.0)
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _loaded: Delayed | None = None
    _full: tuple[beside.Mark, beside.Mark] | None = None
    """At the first report that counted, and at the last."""

    def take(self, count: ndt7.ServerCount) -> bool:
        """One report; True when nothing more is needed."""
        first = self._first = self._first or count
        since_s = count.elapsed_s - first.elapsed_s
        self._first_late_s = max(self._first_late_s, since_s - (count.at_s - first.at_s))
        if count.n_bytes > count.sent_bytes * _MORE_THAN_SENT + _HANDSHAKE_BYTES + _MESSAGE_BYTES:
            self.wrong = "the server says that it received more than was sent"
        elif abs(since_s - (count.at_s - first.at_s)) > _CLOCKS_DIFFER_S + since_s / 10:
            self.wrong = "its clock does not agree with this computer's"
        if self.wrong:
            return True
        at_s = first.at_s + since_s
        if self.samples and at_s <= self.samples[-1].at_s:
            return False
        ramp_s = self.plan.ramp_for_s(statistics.median(self.idle_ms) if self.idle_ms else 0.0)
        counted = count.elapsed_s >= ramp_s
        self.samples.append(Sample(at_s, count.n_bytes, 0, counted=counted, paced=False))
        if counted and self._thread is None:
            self._begin()
        if counted:
            mark = self._mark(count)
            self._full = (self._full[0] if self._full else mark, mark)
        left_s = max(0.0, ramp_s + self.plan.count_s - count.elapsed_s)
        self.hooks.progress("uploading" if counted else "getting up to speed", left_s, self._live_mbps())
        return counted and self.hooks.decide(self.samples, ())

    def close(self) -> None:
        """Nothing is measured any more."""
        self._ended.set()
        if self._thread is not None:
            self._took = (time.process_time() - self._began[0], time.monotonic() - self._began[1])
            self._thread.join()

    def load(self, ended: ndt7.Ended, cap_mbps: float) -> Load:
        """All of it, once closed. cap_mbps: the pace that the data cap allowed."""
        first, last = self.samples[0], self.samples[-1]
        at_the_cap = _mbps(first, last) >= _AT_THE_CAP * cap_mbps
        cpu_s, loaded_s = self._took
        return Load(
            samples=tuple(self.samples),
            posts=(),
            sent_bytes=ended.sent_bytes,
            idle_ms=self.idle_ms,
            loaded_ms=self._loaded.samples_ms if self._loaded else (),
            cpu_share=cpu_s / max(loaded_s, 1e-3),
            wall_ahead_s=time.time() - time.monotonic() - self._first_late_s,
            streams=1,
            stopped_by_cap=at_the_cap,
            loaded_s=loaded_s,
            idle_others=self.idle_others,
            loaded_others=beside.others_between(*self._full) if self._full else None,
            limited=f"upload.max_mb allows no more than {cap_mbps:.1f} Mbps" if at_the_cap else None,
            by_server=True,
            window_limited=ended.window_limited,
        )

    def _begin(self) -> None:
        self._began = (time.process_time(), time.monotonic())
        loaded = self._loaded = Delayed(self.endpoint, beside.probe_every_s(self.plan, self.samples))
        self._thread = threading.Thread(target=loaded.watch, args=(self._ended.is_set,), daemon=True)
        self._thread.start()

    def _mark(self, count: ndt7.ServerCount) -> beside.Mark:
        known = count.frame_bytes is not None and self.plan.use_tcp_info
        own_bytes = (count.frame_bytes if known else None) or int(count.sent_bytes * beside.FRAME_PER_PAYLOAD)
        return self.meter.mark(own_bytes, 0, self._loaded.started if self._loaded else 0, own_known=known)

    def _live_mbps(self) -> float | None:
        a, b = self.samples[max(0, len(self.samples) - _LIVE_REPORTS)], self.samples[-1]
        return _mbps(a, b) if b.at_s > a.at_s else None


def _mbps(a: Sample, b: Sample) -> float:
    return ((b.acked_bytes or 0) - (a.acked_bytes or 0)) / (b.at_s - a.at_s) / MBPS_BYTES_PER_S
