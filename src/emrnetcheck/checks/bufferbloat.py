"""How much longer do answers take while the line is busy, sending or receiving?"""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.download import Download
from emrnetcheck.evidence.upload import Upload
from emrnetcheck.model import Access, Check, Code, Contact, Fact, Finding, Severity


@dataclass(frozen=True, slots=True)
class Limits:
    """high_ms, severe_ms: where the grades D and F of the DSLReports ladder begin (dslreports.com/faq/17930: mean
    increase; here the median's). The same ladder is LibreQoS's. At 200 ms more for each of the several round trips of
    a page, working from outside drags by a second and more.
    least_seconds: shorter, the queue may not have filled. least_probes: fewer, and a few slow ones are the median
    (throughput.md 4.3)."""

    high_ms: float = 200.0
    severe_ms: float = 400.0
    least_seconds: float = 2.0
    least_probes: int = 10


# dslreports.com/faq/17930: the grade for an increase below so many ms; F above them all.
_LADDER = ((5.0, "A+"), (30.0, "A"), (60.0, "B"), (200.0, "C"), (400.0, "D"))

_SMART_QUEUE = (
    "Ask whoever looks after the router to turn on smart queues (SQM; some call it QoS), with {direction} limited to "
    "{limit_mbps:.1f} Mbps."
)
_SHARE_FOR_SMART_QUEUE = 0.95  # the queue must form in the router: OpenWrt's SQM guide says 80 to 95 % of the line

CODES = {
    "bufferbloat.ok": Code(
        Severity.OK,
        "While the line is busy {doing}, answers take {increase_ms:.0f} ms longer (grade {grade}).",
    ),
    "bufferbloat.high": Code(
        Severity.WARN,
        "While the line is busy {doing}, answers take {increase_ms:.0f} ms longer (grade {grade}).",
        _SMART_QUEUE,
        Contact.ROUTER,
        "One big transfer, such as a backup, makes the EMR slow for everybody outside, and calls break up.",
    ),
    "bufferbloat.severe": Code(
        Severity.WARN,
        "While the line is busy {doing}, everything else nearly stops: answers take {increase_s:.1f} s longer "
        "(grade {grade}).",
        _SMART_QUEUE,
        Contact.ROUTER,
        "During every big transfer, such as a backup, the EMR is close to unusable for everybody outside.",
    ),
    "bufferbloat.unmeasured": Code(
        Severity.UNKNOWN,
        "How long answers take while the line is busy is not known: {why}.",
        "See what is said about the upload speed, or run the check again with --thorough.",
        Contact.IT_HELPER,
    ),
}


@dataclass(frozen=True, slots=True)
class _Way:
    """One direction: its delays, or why they are not judged."""

    direction: str
    seen: Upload | Download
    unjudged: str | None

    @property
    def increase_ms(self) -> float:
        return max(0.0, (self.seen.loaded_rtt_ms or 0.0) - (self.seen.idle_rtt_ms or 0.0))


def judge(case: Case, limits: Limits) -> list[Finding]:
    """bufferbloat.* : median delay while the line is full, less the median before; of both directions the worse.

    Where only one could be judged, a high delay in it is said; that all is well is said only if the upload could.
    """
    upload = need(case.seen.upload)
    ways = [_Way("upload", upload, _unjudged(upload, limits))]
    if case.seen.download is not None:
        ways.append(_Way("download", case.seen.download, _unjudged(case.seen.download, limits)))
    worst = max((way for way in ways if way.unjudged is None), key=lambda way: way.increase_ms, default=None)
    of_upload = ways[0].unjudged
    if worst is None or (of_upload is not None and worst.increase_ms < limits.high_ms):
        return [Finding("bufferbloat.unmeasured", {"why": of_upload or ""})]
    code = "bufferbloat.ok"
    if worst.increase_ms >= limits.high_ms:
        code = "bufferbloat.severe" if worst.increase_ms >= limits.severe_ms else "bufferbloat.high"
    actual = "; ".join(_actual(way) for way in ways)
    return [Finding(code, _facts(worst, ways), f"less than {limits.high_ms:.0f} ms more", actual)]


def _unjudged(seen: Upload | Download, limits: Limits) -> str | None:
    if seen.idle_rtt_ms is None or seen.loaded_rtt_ms is None or seen.goodput_mbps is None:
        return "delays were not measured"
    if seen.tester_limited is not None:
        return "the test itself was the limit, and did not fill the line"
    if (seen.loaded_seconds or 0.0) < limits.least_seconds or (seen.loaded_probes or 0) < limits.least_probes:
        return "the line was not full for long enough to judge"
    return None


def _facts(worst: _Way, ways: list[_Way]) -> dict[str, Fact]:
    seen, increase_ms = worst.seen, worst.increase_ms
    line_rate_mbps = seen.goodput_mbps if seen.line_rate_mbps is None else seen.line_rate_mbps
    facts: dict[str, Fact] = {
        "direction": worst.direction,
        "doing": "sending" if worst.direction == "upload" else "receiving",
        "increase_ms": increase_ms,
        "increase_s": increase_ms / 1000,
        "grade": next((grade for below_ms, grade in _LADDER if increase_ms < below_ms), "F"),
        "idle_ms": seen.idle_rtt_ms,
        "loaded_ms": seen.loaded_rtt_ms,
        "loaded_p95_ms": seen.loaded_rtt_p95_ms,
        "rpm": seen.rpm,
        "limit_mbps": (line_rate_mbps or 0.0) * _SHARE_FOR_SMART_QUEUE,
    }
    for way in ways:
        facts[f"{way.direction}_increase_ms"] = way.increase_ms if way.unjudged is None else None
    return facts


def _actual(way: _Way) -> str:
    if way.unjudged is not None:
        return f"{way.direction}: not judged, {way.unjudged}"
    seen = way.seen
    text = f"{way.direction}: {way.increase_ms:.0f} ms more, {seen.idle_rtt_ms:.0f} to {seen.loaded_rtt_ms:.0f} ms"
    return text if seen.loaded_rtt_p95_ms is None else f"{text} (5 % above {seen.loaded_rtt_p95_ms:.0f} ms)"


CHECK: Check[Case, Limits] = Check(
    id="bufferbloat",
    title="Delay while the line is busy",
    needs=("upload",),
    uses=("download",),
    limits=Limits(),
    codes=CODES,
    judge=judge,
    lives_on="upload",
    follows={
        "*": (
            "upload.unmeasured",
            "upload.tester_limited",
            "upload.line_busy",
            # The line has to be replaced, and its queue with it.
            "upload.below_minimum",
        )
    },
    needed_for=frozenset({Access.DIRECT, Access.VPN, Access.TUNNEL}),
)
