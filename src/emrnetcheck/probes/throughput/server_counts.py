"""PURE: what did a server count, as samples of a load? Strict: what cannot be so is refused."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from emrnetcheck.probes.throughput.plan import Sample

# iperf_locale.c, report_sum_bw_format and its kin; unit_snprintf writes bytes in steps of 1024.
_TEXT_INTERVAL = re.compile(
    r"^\[SUM\] +(\d{1,5}\.\d\d)-(\d{1,5}\.\d\d) +sec +(\d{1,7}(?:\.\d+)?) ([KMGT]?)Bytes +[\d.]+ [KMGT]?bits/sec *$",
    re.M,
)
_UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}
_SHORT_S = 0.5
_MORE_THAN_SENT = 1.001
_MOST_LATE_S = 30.0
_MOST = 2.0**60


@dataclass(frozen=True, slots=True)
class Counted:
    """Bytes that the server had by then, seconds after its start."""

    at_s: float
    n_bytes: int


@dataclass(frozen=True, slots=True)
class Iperf3Report:
    """counts: from 0 on to the end; only these two where the server told no intervals. sent_bytes: written by us.
    resent_segments: of full length at most; None where its system does not tell (Linux does)."""

    counts: tuple[Counted, ...]
    sent_bytes: int
    resent_segments: int | None = None


def iperf3_report(said: object, seconds: int) -> Iperf3Report | str:
    """The received side of iperf3's JSON; a clause saying what is wrong with it.

    The server's intervals say how much came during the ramp; that is taken off the sum over all (end.sum_received:
    the bytes that the server counted, over the seconds that it counted). A server that runs without -J tells its
    intervals as text of three digits: half a percent of the ramp's bytes is a tenth of one of the rest.
    """
    received, sent = _sum(said, "sum_received"), _sum(said, "sum_sent")
    if received is None or sent is None:
        return "it has no sum of what was received"
    if received.n_bytes > sent.n_bytes * _MORE_THAN_SENT:
        return "the server says that it received more than was sent"
    if received.n_bytes == 0:
        return "the server received nothing"
    if not seconds / 2 <= received.at_s <= seconds + _MOST_LATE_S:
        return "the server counted for another time than was asked"
    counts = [Counted(0.0, 0)]
    for at_s, n_bytes in _intervals(said):
        total = counts[-1].n_bytes + round(n_bytes)
        if at_s <= counts[-1].at_s or at_s > received.at_s - _SHORT_S or total > received.n_bytes:
            break
        counts.append(Counted(at_s, total))
    resent = _number(_get(said, "end", "sum_sent", "retransmits"))
    return Iperf3Report((*counts, received), sent.n_bytes, None if resent is None else int(resent))


def iperf3_sent_bytes(said: object) -> int | None:
    """What it had written when it ended, however that came; None where it does not say: after an error it does not."""
    sent = _number(_get(said, "end", "sum_sent", "bytes"))
    return None if sent is None else int(sent)


def _sum(said: object, name: str) -> Counted | None:
    found = _get(said, "end", name)
    at_s, n_bytes = _number(_get(found, "seconds")), _number(_get(found, "bytes"))
    if at_s is None or n_bytes is None or at_s <= 0:
        return None
    return Counted(at_s, int(n_bytes))


def _intervals(said: object) -> list[tuple[float, float]]:
    """(end, bytes) of the server's own intervals, as JSON or as text."""
    listed = _get(said, "server_output_json", "intervals")
    if isinstance(listed, list):
        read = [(_number(_get(each, "sum", "end")), _number(_get(each, "sum", "bytes"))) for each in listed]
        return [(end_s, n_bytes) for end_s, n_bytes in read if end_s is not None and n_bytes is not None]
    text = _get(said, "server_output_text")
    if not isinstance(text, str):
        return []
    return [(float(end), float(size) * _UNITS[unit]) for _, end, size, unit in _TEXT_INTERVAL.findall(text)]


def _get(value: object, *names: str) -> object:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _number(value: object) -> float | None:
    """A finite number that is not negative."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value < _MOST and math.isfinite(value) else None


def samples(counts: Sequence[Counted], start_s: float, ramp_s: float) -> tuple[Sample, ...]:
    """As samples at times of time.monotonic(); the first that counts is the first at or after the ramp's end.

    Where all counts lie in the ramp but the last, everything counts: better a little low than nothing.
    """
    last = len(counts) - 1
    first = next((number for number, count in enumerate(counts) if count.at_s >= ramp_s - 1e-3), last)
    first = 0 if first == last else first
    return tuple(
        Sample(start_s + count.at_s, count.n_bytes, 0, counted=number >= first, paced=False)
        for number, count in enumerate(counts)
    )
