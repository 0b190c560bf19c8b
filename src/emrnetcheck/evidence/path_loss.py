"""Is anything lost on the way, and behind which router does it begin?"""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence.path import Entry, Trace, entry_between, steps
from emrnetcheck.evidence.series import Series, loss_lower_ratio, loss_upper_ratio

_OF_MANY = 0.995
"""Each router of the way is looked at, three times: at 95 % one of them would lose less by chance too often."""
_LITTLE = 0.125
"""For sure more than this share of what the end loses: then it loses by the same, and only a little less by chance."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What was lost on the way to the end, of all probes that count; lower_ratio: so much is lost at least, at 95 %
    confidence. begins: None where no router answers well enough to tell. to: the address of an end that lost it."""

    sent: int
    lost: int
    lower_ratio: float
    begins: Entry | None
    to: str


def lost_on_the_way(trace: Trace | None, witnesses: tuple[Series, ...] = ()) -> Loss | None:
    """What got lost up to the very end of a trace; None where no end answered at all, or nothing was lost.

    A router that answers late or seldom loses nothing by that: only what is missing at the end is lost. witnesses:
    other hosts asked at the same time over the same line; they count as well where the end is silent or there is no
    trace. The way loses no more than the end that lost least: those that lost more than chance allows beside it
    (many limit how often they answer) are left out.
    """
    ends = [end for end in ((trace.end,) if trace is not None else ()) + witnesses if 0 <= end.lost < end.sent]
    ends.sort(key=lambda end: end.lost / end.sent)  # stable: the target first among equals
    while len(ends) > 1 and any(has_less(end.sent, end.lost, _ratio(ends)) for end in ends):
        ends.pop()
    sent, lost = sum(end.sent for end in ends), sum(end.lost for end in ends)
    if not lost:
        return None
    lower = 1.0 - (loss_upper_ratio(sent, sent - lost) or 1.0)
    to = trace.address if trace is not None and trace.end in ends else ends[0].address
    return Loss(sent, lost, lower, _begins(trace, lost / sent) if trace is not None else None, to)


def _ratio(ends: list[Series]) -> float:
    return sum(end.lost for end in ends) / sum(end.sent for end in ends)


def has_less(sent: int, lost: int, ratio: float, confidence: float = 0.95) -> bool:
    """Whether so few are missing here that the loss is not yet there: with this confidence less than the ratio."""
    upper = loss_upper_ratio(sent, lost, confidence)
    return upper is not None and upper < ratio


def _is_whole(sent: int, lost: int, ratio: float) -> bool:
    """Whether nothing to speak of is missing here: less than at the end, and not half of it either."""
    return has_less(sent, lost, ratio, _OF_MANY) and (loss_lower_ratio(sent, lost) or 0.0) <= _LITTLE * ratio


def _counts(*series: Series | None) -> list[tuple[int, int]]:
    """(sent, lost) of each and of all together: a router may answer badly in one way, and few of both show little."""
    each = [(one.sent, one.lost) for one in series if one is not None]
    return [*each, (sum(sent for sent, _ in each), sum(lost for _, lost in each))]


def _begins(trace: Trace, ratio: float) -> Entry | None:
    """Behind the last router up to which nothing is missing; what its own neighbour does not answer tells nothing."""
    series = {hop.address: (hop.probed, hop.asked) for hop in trace.hops if hop.address is not None and not hop.end}
    seen = steps(trace)
    clean = [
        number
        for number, step in enumerate(seen)
        if not step.end and any(_is_whole(sent, lost, ratio) for sent, lost in _counts(*series.get(step.address, ())))
    ]
    if clean and clean[-1] + 1 < len(seen):
        return entry_between(seen[clean[-1]], seen[clean[-1] + 1])
    first = seen[0] if seen else None
    if clean or first is None or first.end:  # clean up to the last that answers: it begins somewhere behind
        return None
    # Only by echo requests: to packets that die there, many routers answer seldom.
    asked = series[first.address][1]
    inside = first.inside and asked is not None and 0 < asked.lost < asked.sent
    return entry_between(None, first) if inside else None
