"""PURE: on which lines is the upload verdict tried? One thing is varied at a time; it is not every mix of them."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.model import Mode
from tests.lab.wire import WireSettings

PARTS = ("rates", "rtt", "loss", "queue", "bursts", "noisy", "gigabit")
"""In this order. gigabit has no wire, and so no cases here: see bench_gigabit."""

GOODPUT_PER_WIRE_RATE = 1448 / 1514
"""The wire counts 14 bytes of Ethernet header, 20 of IP and 32 of TCP with 1448 of payload."""

MB = 1_000_000
_RATES_MBPS = (0.8, 2.5, 2.8, 3.0, 3.3, 4.5, 5.0, 8.0, 20.0, 50.0, 100.0)
_RTTS_MS = (5.0, 80.0)  # 20 ms: part rates
_LOSSES = (0.005, 0.02)  # 0: part rates
_QUEUES_KB = (32, 128, 512)
_SLOW_AND_FAST_MBPS = (2.5, 20.0)
_QUEUED_MBPS = (5.0, 20.0)
_BURSTS = ((2, 20.0), (4, 20.0), (8, 20.0), (16, 20.0), (8, 10.0), (8, 50.0))
"""(MB, peak Mbps)"""
_SETTLED_MBPS = 2.5
_NOISY_MBPS = (2.5, 3.3, 8.0, 20.0)
_NOISY_SEEDS = (1, 2)
_WANDER = 0.3
_USUAL_RTT_MS = 20.0
_USUAL_QUEUE_MS = 100.0
_LEAST_QUEUE_BYTES = 64_000


@dataclass(frozen=True, slots=True)
class Case:
    """One line, and in which modes it is measured.

    settled_mbps: goodput that is known from how the line is made, where no window of some seconds shows it (it bursts,
    or wanders); verdicts are held against it. None: against what the sink received meanwhile.
    """

    part: str
    name: str
    line: WireSettings
    modes: tuple[Mode, ...] = (Mode.STANDARD,)
    settled_mbps: float | None = None
    seed: int = 1
    beside: bool = True
    """Whether speedtest-cli and iperf3 measure it too."""


def cases(part: str) -> list[Case]:
    """Those of one part."""
    match part:
        case "rates":
            return [Case(part, f"{rate:g} Mbps", _line(rate)) for rate in _RATES_MBPS]
        case "rtt":
            return [
                Case(part, f"{rate:g} Mbps, {rtt:g} ms", _line(rate, rtt_ms=rtt))
                for rate in _SLOW_AND_FAST_MBPS
                for rtt in _RTTS_MS
            ]
        case "loss":
            return [
                Case(part, f"{rate:g} Mbps, {loss:.1%} lost", _line(rate, loss_ratio=loss))
                for rate in _SLOW_AND_FAST_MBPS
                for loss in _LOSSES
            ]
        case "queue":
            return [
                Case(part, f"{rate:g} Mbps, queue {queue} kB", _line(rate, queue_bytes=queue * 1000))
                for rate in _QUEUED_MBPS
                for queue in _QUEUES_KB
            ]
        case "bursts":
            return [_burst(megabytes, peak_mbps) for megabytes, peak_mbps in _BURSTS]
        case "noisy":
            return [_noisy(rate, seed) for rate in _NOISY_MBPS for seed in _NOISY_SEEDS]
    return []


def _burst(megabytes: int, peak_mbps: float) -> Case:
    usual = peak_mbps == _BURSTS[0][1]
    return Case(
        "bursts",
        f"{peak_mbps:g} Mbps for {megabytes} MB, then {_SETTLED_MBPS:g}",
        _line(_SETTLED_MBPS, burst_bytes=megabytes * MB, peak_mbps=peak_mbps),
        modes=(Mode.QUICK, Mode.STANDARD, Mode.THOROUGH) if usual else (Mode.STANDARD,),
        settled_mbps=_SETTLED_MBPS * GOODPUT_PER_WIRE_RATE,
    )


def _noisy(rate_mbps: float, seed: int) -> Case:
    return Case(
        "noisy",
        f"{rate_mbps:g} Mbps, wanders {_WANDER:.0%}, seed {seed}",
        _line(rate_mbps, wander_ratio=_WANDER),
        settled_mbps=rate_mbps * GOODPUT_PER_WIRE_RATE,
        seed=seed,
        beside=seed == _NOISY_SEEDS[0],
    )


def _line(
    rate_mbps: float,
    *,
    rtt_ms: float = _USUAL_RTT_MS,
    queue_bytes: int | None = None,
    loss_ratio: float = 0.0,
    burst_bytes: int = 0,
    peak_mbps: float = 0.0,
    wander_ratio: float = 0.0,
) -> WireSettings:
    usual_bytes = int(max(_LEAST_QUEUE_BYTES, rate_mbps * 125 * _USUAL_QUEUE_MS))
    return WireSettings(
        rate_mbps=rate_mbps,
        peak_mbps=peak_mbps,
        burst_bytes=burst_bytes,
        queue_bytes=queue_bytes or usual_bytes,
        delay_ms=rtt_ms / 2,
        loss_ratio=loss_ratio,
        wander_ratio=wander_ratio,
    )
