"""How much longer do answers take while the line is busy, sending or receiving?"""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.download import Download
from emrnetcheck.evidence.upload import NEAR_ENOUGH, Upload, against, least_goodput_mbps
from emrnetcheck.model import Access, Check, Code, Contact, Fact, Finding, Segment, Severity
from emrnetcheck.model.limits import limit
from emrnetcheck.office.cable import OWN_CONNECTION


@dataclass(frozen=True, slots=True)
class Limits:
    """How much longer may answers take while the line is full?"""

    high_ms: float = limit(
        200.0,
        "The median answer takes by more than this longer under load: a warning.",
        "DSLReports' grade D begins here (dslreports.com/faq/17930); LibreQoS uses the same ladder",
    )
    severe_ms: float = limit(
        400.0,
        "The median answer takes by more than this longer under load: a severe warning.",
        "DSLReports' grade F begins here (dslreports.com/faq/17930)",
    )
    least_seconds: float = limit(
        2.0,
        "A shorter load says nothing: the queue may not have filled.",
        "rule of thumb, from measurements with queues of known size",
    )
    least_probes: int = limit(
        10, "With fewer answers a few slow ones are the median: nothing is said.", "rule of thumb", unit="probes"
    )


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
        say="While the line is busy, answers take {increase_ms:.0f} ms longer. Please turn on smart queues (SQM), "
        "with {direction} limited to {limit_mbps:.1f} Mbps.",
    ),
    "bufferbloat.severe": Code(
        Severity.WARN,
        "While the line is busy {doing}, everything else nearly stops: answers take {increase_s:.1f} s longer "
        "(grade {grade}).",
        _SMART_QUEUE,
        Contact.ROUTER,
        "During every big transfer, such as a backup, the EMR is close to unusable for everybody outside.",
        say="While the line is busy, answers take {increase_s:.1f} s longer. Please turn on smart queues (SQM), with "
        "{direction} limited to {limit_mbps:.1f} Mbps.",
    ),
    # The line has to be replaced, and its queue with it.
    "bufferbloat.slow_line": Code(
        Severity.NOTICE,
        "While the line is busy {doing}, answers take {increase_s:.1f} s longer (grade {grade}). The upload is too low "
        "as it is.",
        "Mend the upload first, then run the check again.",
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
        if against(upload, least_goodput_mbps(case.site), NEAR_ENOUGH) == "fail":
            code = "bufferbloat.slow_line"
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
    segment=Segment.LINE,
    lives_on="upload",
    follows={
        "*": (
            "upload.unmeasured",
            "upload.stalled",
            "upload.tester_limited",
            "upload.line_busy",
            "upload.slow_over_wifi",
        ),
        "bufferbloat.high": OWN_CONNECTION,
        "bufferbloat.severe": OWN_CONNECTION,
    },
    needed_for=frozenset({Access.DIRECT, Access.VPN, Access.TUNNEL}),
)
